/* Which layers run together on the mesh? */
#include "network/pipeline.h"

#include <math.h>
#include <string.h>

#include "base/count.h"
#include "network/hopes.h"
#include "network/total.h"

/* Segments are compared by short searches (their layers have few loops left to choose), the chosen ones searched whole. */
enum { ROUGH_WORK = 500 };
/* What a chain must promise to be worth a search. */
static const double LEAST_GAIN = 0.001;

/* The best chain up to a layer, or one of the Pareto set of energy and latency. */
typedef struct label { hd_sum sum; const struct label *from; const hd_candidate *by; } label;
typedef struct front { int count, room; const label **label; } front;

typedef struct pipeline {
    hd_candidates all;
    const hd_plan_options *options;
    bool prune;
    hd_arena *arena;
    hd_budget clock;
    hd_hope hope;
    hd_sum *rest;                /* rest[k]: the least that layers k .. cost, by this hope */
    int wanted;
    hd_solved **want;
    int64_t searches;
    front *front;                /* front[k]: chains over the layers before k */
    bool found;
    hd_sum best, apart;
    const hd_candidate **chain;  /* the best one, by its last layer */
} pipeline;

static double worth(const pipeline *x, hd_sum s) { return hd_sum_worth(x->options->objective, s); }

static hd_status prepare(pipeline *x, hd_error *err)
{
    size_t n = (size_t)x->all.net->layers + 2;
    HD_TRY(hd_candidates_list(&x->all, err));
    x->rest = hd_arena_alloc(x->arena, n, sizeof *x->rest);
    x->front = hd_arena_alloc(x->arena, n, sizeof *x->front);
    x->chain = hd_arena_alloc(x->arena, n, sizeof *x->chain);
    x->want = hd_arena_alloc(x->arena, (size_t)x->all.memo.count + 1, sizeof *x->want);
    return x->rest && x->front && x->chain && x->want ? HD_OK : hd_fail_memory(err);
}

/* The least that all layers from k on cost, by this hope. */
static void find_rests(pipeline *x, hd_hope hope)
{
    x->hope = hope;
    x->rest[x->all.layers] = (hd_sum){0, 0};
    for (int k = 0; k < x->all.layers; k++) x->rest[k] = (hd_sum){INFINITY, INFINITY};
    for (int i = x->all.count - 1; i >= 0; i--) { /* listed by their first layers */
        const hd_candidate *c = &x->all.list[i];
        hd_sum s = hd_sum_add(hd_candidate_sum(&x->all, c, hope), x->rest[c->last + 1]), *rest = &x->rest[c->first];
        rest->energy_pj = fmin(rest->energy_pj, s.energy_pj);
        rest->cycles = fmin(rest->cycles, s.cycles);
    }
}

/* ---- searching ---- */

static bool time_is_out(const pipeline *x)
{
    const hd_plan_options *o = x->options;
    return (o->seconds > 0 && hd_budget_elapsed(&x->clock) >= o->seconds) || (o->cancel && o->cancel(o->user));
}

static void want(pipeline *x, hd_solved *s)
{
    for (int k = 0; k < x->wanted; k++)
        if (x->want[k] == s) return;
    x->want[x->wanted++] = s;
}

/* All that was not searched, or only roughly. */
static void want_all(pipeline *x, const hd_candidate *c)
{
    for (int i = 0; i <= c->last - c->first; i++)
        if (!c->solved[i]->done || c->solved[i]->rough) want(x, c->solved[i]);
}

/* Of what was not searched (`rough`: only roughly), the layer of most work: if it disappoints, the others need no search. */
static void want_one(pipeline *x, const hd_candidate *c, bool rough)
{
    double most = -1;
    hd_solved *of = NULL;
    for (int i = 0; i <= c->last - c->first; i++) {
        double least = worth(x, (hd_sum){c->bound[i].energy_pj, c->bound[i].latency_cycles});
        if ((rough ? c->solved[i]->done && !c->solved[i]->rough : c->solved[i]->done) || least <= most) continue;
        most = least;
        of = c->solved[i];
    }
    if (of) want(x, of);
}

static int count_done(const pipeline *x)
{
    int done = 0;
    for (int i = 0; i < x->all.memo.count; i++) done += x->all.memo.item[i]->done;
    return done;
}

/* `work`: see hd_memo_solve. */
static hd_status search_wanted(pipeline *x, int64_t work, hd_error *err)
{
    int count = x->wanted;
    double each = 0;
    x->wanted = 0;
    x->searches += count;
    if (x->options->seconds > 0) {
        double left = x->options->seconds - hd_budget_elapsed(&x->clock);
        each = fmax(1e-9, 0.5 * left * (double)hd_count_min(x->options->threads, hd_count_max(count, 1)) / fmax(count, 1));
    }
    HD_TRY(hd_memo_solve(x->want, count, x->options, work, each, err));
    if (x->options->progress) x->options->progress(x->options->user, count_done(x), x->all.memo.count, "");
    return HD_OK;
}

/* The best segment from layer k on, by the hope of `rest`; NULL where there is none. */
static const hd_candidate *next_segment(const pipeline *x, int k)
{
    const hd_candidate *best = NULL;
    double least = INFINITY;
    for (int i = x->all.alone[k]; i < x->all.count && x->all.list[i].first == k; i++) {
        const hd_candidate *c = &x->all.list[i];
        double w = worth(x, hd_sum_add(hd_candidate_sum(&x->all, c, x->hope), x->rest[c->last + 1]));
        if (w < least) least = w, best = c;
    }
    return best;
}

/* The best chain by the hope of `rest`; false where there is none. */
static bool best_chain(const pipeline *x, const hd_candidate **chain, hd_sum *sum)
{
    const hd_candidate *c;
    *sum = (hd_sum){0, 0};
    memset(chain, 0, ((size_t)x->all.layers + 1) * sizeof *chain);
    for (int k = 0; k < x->all.layers; k = c->last + 1) {
        c = next_segment(x, k);
        if (!c) return false;
        chain[c->last] = c;
        *sum = hd_sum_add(*sum, hd_candidate_sum(&x->all, c, x->hope));
    }
    return true;
}

static void keep_chain(pipeline *x, const hd_candidate **chain, hd_sum sum)
{
    x->found = true;
    x->best = sum;
    memcpy(x->chain, chain, ((size_t)x->all.layers + 1) * sizeof *chain);
}

/* Every layer alone: what every other answer is measured by. */
static hd_status apart(pipeline *x, const hd_candidate **chain, hd_error *err)
{
    hd_sum sum = {0, 0};
    for (int k = 0; k < x->all.layers; k++) want_all(x, chain[k] = &x->all.list[x->all.alone[k]]);
    HD_TRY(search_wanted(x, 0, err));
    for (int k = 0; k < x->all.layers; k++) sum = hd_sum_add(sum, hd_candidate_sum(&x->all, chain[k], HD_HOPE_KNOWN));
    if (sum.energy_pj == INFINITY) return HD_OK;
    keep_chain(x, chain, sum);
    x->apart = sum;
    return HD_OK;
}

/* Search the best chain of known prices whole; true where nothing of it was left to search. */
static hd_status settle(pipeline *x, const hd_candidate **chain, bool *settled, hd_error *err)
{
    hd_sum sum;
    find_rests(x, HD_HOPE_KNOWN);
    *settled = true;
    if (!best_chain(x, chain, &sum)) return HD_OK;
    for (int k = 0; k < x->all.layers; k++)
        if (chain[k]) want_all(x, chain[k]);
    *settled = x->wanted == 0;
    if (*settled && (!x->found || worth(x, sum) < worth(x, x->best))) keep_chain(x, chain, sum);
    return *settled ? HD_OK : search_wanted(x, 0, err);
}

/* One layer of each segment of a chain: first what was not searched, then what was so roughly. */
static hd_status search_chain(pipeline *x, const hd_candidate **chain, hd_error *err)
{
    for (int rough = 0; rough < 2 && x->wanted == 0; rough++) {
        for (int k = 0; k < x->all.layers; k++)
            if (chain[k]) want_one(x, chain[k], rough);
        if (x->wanted > 0) return search_wanted(x, rough ? 0 : ROUGH_WORK, err);
    }
    return HD_OK;
}

/* The most hopeful chain is searched, which takes some hope away, and again, until no chain promises more than the best of
 * known prices; that one is searched whole.  For sums, no chain is better if hopes hold. */
static hd_status hopeful_chains(pipeline *x, const hd_candidate **chain, hd_error *err)
{
    for (bool settled = false; !settled && !time_is_out(x);) {
        hd_sum sum;
        int64_t before = x->searches;
        find_rests(x, HD_HOPE_KNOWN);
        double known = worth(x, x->rest[0]);
        find_rests(x, HD_HOPE_EXPECTED);
        if (best_chain(x, chain, &sum) && worth(x, sum) < known * (1 - LEAST_GAIN)) HD_TRY(search_chain(x, chain, err));
        if (x->searches == before) HD_TRY(settle(x, chain, &settled, err));
    }
    return HD_OK;
}

/* ---- all chains: for products, and where every segment is to be searched ---- */

static hd_status keep_label(pipeline *x, front *f, const label *l, hd_error *err)
{
    hd_objective o = x->options->objective;
    int kept = 0;
    for (int i = 0; i < f->count; i++)
        if (hd_sum_dominates(o, f->label[i]->sum, l->sum)) return HD_OK;
    for (int i = 0; i < f->count; i++)
        if (!hd_sum_dominates(o, l->sum, f->label[i]->sum)) f->label[kept++] = f->label[i];
    f->count = kept;
    if (f->count == f->room) {
        int room = f->room > 0 ? 2 * f->room : 4;
        const label **list = hd_arena_alloc(x->arena, (size_t)room, sizeof *list);
        if (!list) return hd_fail_memory(err);
        if (f->count > 0) memcpy(list, f->label, (size_t)f->count * sizeof *list);
        f->label = list;
        f->room = room;
    }
    label *copy = hd_arena_alloc(x->arena, 1, sizeof *copy);
    if (!copy) return hd_fail_memory(err);
    *copy = *l;
    f->label[f->count++] = copy;
    return HD_OK;
}

/* May a chain go on with the candidate and still become the best? */
static bool is_open(const pipeline *x, const hd_candidate *c)
{
    hd_sum hope = hd_candidate_sum(&x->all, c, HD_HOPE_EXPECTED);
    if (hope.energy_pj == INFINITY) return false;
    if (!x->prune || !x->found) return true;
    for (int i = 0; i < x->front[c->first].count; i++) {
        hd_sum all = hd_sum_add(hd_sum_add(x->front[c->first].label[i]->sum, hope), x->rest[c->last + 1]);
        if (worth(x, all) < worth(x, x->best)) return true;
    }
    return false;
}

static hd_status extend(pipeline *x, const hd_candidate *c, hd_error *err)
{
    hd_sum cost = hd_candidate_sum(&x->all, c, HD_HOPE_KNOWN);
    if (cost.energy_pj == INFINITY) return HD_OK;
    for (int i = 0; i < x->front[c->first].count; i++) {
        label l = {hd_sum_add(x->front[c->first].label[i]->sum, cost), x->front[c->first].label[i], c};
        HD_TRY(keep_label(x, &x->front[c->last + 1], &l, err));
    }
    return HD_OK;
}

static void finish(pipeline *x, const hd_candidate **chain)
{
    const front *f = &x->front[x->all.layers];
    const label *best = NULL;
    for (int i = 0; i < f->count; i++)
        if (!best || worth(x, f->label[i]->sum) < worth(x, best->sum)) best = f->label[i];
    if (!best || (x->found && worth(x, best->sum) >= worth(x, x->best))) return;
    hd_sum sum = best->sum;
    memset(chain, 0, ((size_t)x->all.layers + 1) * sizeof *chain);
    for (; best->by; best = best->from) chain[best->by->last] = best->by;
    keep_chain(x, chain, sum);
}

/* The segments from one layer on that are open: where all are to be searched, whole, else roughly. */
static hd_status search_from(pipeline *x, int k, hd_error *err)
{
    for (int i = x->all.alone[k]; i < x->all.count && x->all.list[i].first == k; i++)
        if (is_open(x, &x->all.list[i])) want_all(x, &x->all.list[i]);
    return search_wanted(x, x->prune ? ROUGH_WORK : 0, err);
}

static hd_status all_chains(pipeline *x, const hd_candidate **chain, hd_error *err)
{
    const label start = {{0, 0}, NULL, NULL};
    find_rests(x, HD_HOPE_EXPECTED);
    memset(x->front, 0, ((size_t)x->all.layers + 1) * sizeof *x->front);
    HD_TRY(keep_label(x, &x->front[0], &start, err));
    for (int k = 0; k < x->all.layers; k++) {
        HD_TRY(search_from(x, k, err));
        if (time_is_out(x)) return HD_OK;
        for (int i = x->all.alone[k]; i < x->all.count && x->all.list[i].first == k; i++)
            HD_TRY(extend(x, &x->all.list[i], err));
    }
    finish(x, chain);
    return HD_OK;
}

/* Search the chosen chain whole: what was rough gets no dearer. */
static hd_status search_chosen(pipeline *x, hd_error *err)
{
    if (!x->found || time_is_out(x)) return HD_OK;
    for (int k = 0; k < x->all.layers; k++)
        if (x->chain[k]) want_all(x, x->chain[k]);
    HD_TRY(search_wanted(x, 0, err));
    x->best = (hd_sum){0, 0};
    for (int k = 0; k < x->all.layers; k++)
        if (x->chain[k]) x->best = hd_sum_add(x->best, hd_candidate_sum(&x->all, x->chain[k], HD_HOPE_KNOWN));
    return HD_OK;
}

/* ---- the plan ---- */

static hd_status place(pipeline *x, hd_plan_options *o, hd_error *err)
{
    size_t n = (size_t)x->all.net->layers + 1;
    const hd_arch **chip = hd_arena_alloc(x->arena, n, sizeof *chip);
    const hd_constraints **limits = hd_arena_alloc(x->arena, n, sizeof *limits);
    if (!chip || !limits) return hd_fail_memory(err);
    for (int i = 0; i < x->all.net->layers; i++) chip[i] = x->all.arch;
    for (int k = 0; k < x->all.layers; k++)
        for (int i = 0; x->chain[k] && i <= x->chain[k]->last - x->chain[k]->first; i++) {
            const hd_solved *s = x->chain[k]->solved[i];
            chip[x->all.layer[x->chain[k]->first + i]] = s->problem.arch;
            limits[x->all.layer[x->chain[k]->first + i]] = s->limits;
        }
    o->chip = chip;
    o->limits = limits;
    return HD_OK;
}

static hd_status add_segments(pipeline *x, hd_plan *plan, hd_error *err)
{
    plan->segment = hd_arena_alloc(x->arena, (size_t)x->all.layers + 1, sizeof *plan->segment);
    if (!plan->segment) return hd_fail_memory(err);
    for (int k = 0; k < x->all.layers; k++) {
        const hd_candidate *c = x->chain[k];
        hd_segment *s = &plan->segment[plan->segments];
        if (!c) continue;
        hd_staging alone = {.layers = 1, .stages = 1, .groups = 1, .of = &(hd_staged){.layer = x->all.layer[k]}};
        alone.region[0] = (hd_region){0, 0, (int)x->all.arch->level[1].fan[HD_X], (int)x->all.arch->level[1].fan[HD_Y]};
        HD_TRY(hd_stages_segment(c->staging ? c->staging : &alone, x->arena, s, err));
        hd_sum sum = hd_candidate_sum(&x->all, c, HD_HOPE_EXPECTED);
        s->energy_pj = sum.energy_pj;
        for (int i = 0; i <= c->last - c->first; i++) s->refetch_pj += hd_candidate_refetch(c, i).energy_pj;
        s->latency_cycles = (int64_t)sum.cycles;
        plan->segments++;
    }
    return HD_OK;
}

static hd_status make_plan(pipeline *x, hd_plan **out, hd_error *err)
{
    hd_plan_options o = *x->options;
    o.known = &x->all.memo;
    o.seconds = 0;
    if (x->found) HD_TRY(place(x, &o, err));
    HD_TRY(hd_plan_solve(x->all.net, x->all.arch, &o, out, err));
    hd_plan *plan = *out;
    plan->options = *x->options;
    plan->kept = x->arena;
    plan->seconds = hd_budget_elapsed(&x->clock);
    if (!x->found) return HD_OK;
    HD_TRY(add_segments(x, plan, err));
    hd_plan_sum_segments(plan);
    find_rests(x, HD_HOPE_PROVED);
    hd_plan_set_bound(plan, worth(x, x->rest[0]));
    plan->apart_pj = x->apart.energy_pj;
    plan->apart_cycles = x->apart.cycles;
    plan->considered = x->all.memo.count;
    plan->searched = count_done(x);
    plan->evaluations = 0;
    for (int i = 0; i < x->all.memo.count; i++) plan->evaluations += x->all.memo.item[i]->best.evaluations;
    return HD_OK;
}

static hd_status solve_in(pipeline *x, hd_plan **out, hd_error *err)
{
    hd_budget_start(&x->clock);
    HD_TRY(prepare(x, err));
    const hd_candidate **chain = hd_arena_alloc(x->arena, (size_t)x->all.layers + 1, sizeof *chain);
    if (!chain) return hd_fail_memory(err);
    HD_TRY(apart(x, chain, err));
    if (x->prune) HD_TRY(hopeful_chains(x, chain, err));
    bool all = !x->prune || x->options->objective == HD_EDP;
    if (all && !time_is_out(x)) HD_TRY(all_chains(x, chain, err));
    HD_TRY(search_chosen(x, err));
    return make_plan(x, out, err);
}

hd_status hd_pipeline_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                            hd_plan **out, hd_error *err)
{
    if (options->constraints || options->home) return hd_plan_solve(net, arch, options, out, err);
    hd_arena *arena = hd_arena_new(NULL, 0);
    pipeline *x = arena ? hd_arena_alloc(arena, 1, sizeof *x) : NULL;
    *out = NULL;
    if (!x) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *x = (pipeline){.options = options, .prune = prune, .arena = arena};
    x->all = (hd_candidates){.net = net, .arch = arch, .options = options, .arena = arena};
    hd_status status = solve_in(x, out, err);
    if (status == HD_OK) return HD_OK;
    if (*out) hd_plan_free(*out); /* frees the arena, too */
    else hd_arena_free(arena);
    *out = NULL;
    return status;
}
