/* Which layers run together on the mesh? */
#include "network/pipeline.h"

#include <math.h>
#include <string.h>

#include "base/count.h"
#include "network/memo.h"
#include "network/stages.h"
#include "network/total.h"

enum { MOST_GROUPS = 3 };        /* granularities looked at per run of layers: the finest sets of groups that may fit */

/* A segment that may be chosen: layers first .. last, with the problems of all its layers. */
typedef struct candidate {
    int first, last;
    hd_staging *staging;         /* NULL = one layer alone on the whole mesh */
    hd_solved **solved;
    hd_bound *bound;
} candidate;

/* The best chain up to a layer, or one of the Pareto set of energy and latency. */
typedef struct label { hd_sum sum; const struct label *from; const candidate *by; } label;
typedef struct front { int count, room; const label **label; } front;

typedef struct pipeline {
    const hd_network *net;
    const hd_arch *arch;
    const hd_plan_options *options;
    bool prune;
    hd_arena *arena;
    hd_budget clock;
    hd_memo memo;
    hd_value *value;
    int layers, *layer, *vertex;
    int candidates, room;
    candidate *candidate;
    hd_sum *rest;                /* rest[k]: the least that layers k .. cost */
    int wanted;
    hd_solved **want;
    front *front;                /* front[k]: chains over the layers before k */
    bool found;
    hd_sum best, apart;
    const candidate **chain;     /* the best one, by its last layer */
} pipeline;

/* ---- candidates ---- */

static hd_status add_problem(pipeline *x, const hd_problem *p, int layer, const hd_constraints *limits, hd_solved **out,
                             hd_bound *bound, hd_error *err)
{
    int pin = hd_plan_pin(x->options, &x->net->layer[layer]);
    HD_TRY(hd_memo_entry(&x->memo, x->options, p, pin, limits, out, err));
    x->options->model->bound(p, bound);
    return HD_OK;
}

static candidate *new_candidate(pipeline *x, int first, int last)
{
    size_t n = (size_t)(last - first) + 1;
    if (x->candidates == x->room) {
        int room = x->room > 0 ? 2 * x->room : 256;
        candidate *list = hd_arena_alloc(x->arena, (size_t)room, sizeof *list);
        if (!list) return NULL;
        if (x->candidates > 0) memcpy(list, x->candidate, (size_t)x->candidates * sizeof *list);
        x->candidate = list;
        x->room = room;
    }
    candidate *c = &x->candidate[x->candidates];
    *c = (candidate){.first = first, .last = last};
    c->solved = hd_arena_alloc(x->arena, n, sizeof *c->solved);
    c->bound = hd_arena_alloc(x->arena, n, sizeof *c->bound);
    if (!c->solved || !c->bound) return NULL;
    x->candidates++;
    return c;
}

static hd_status add_alone(pipeline *x, int k, hd_error *err)
{
    hd_problem p = hd_plan_problem(x->options, &x->net->layer[x->layer[k]], x->arch);
    candidate *c = new_candidate(x, k, k);
    if (!c) return hd_fail_memory(err);
    return add_problem(x, &p, x->layer[k], NULL, &c->solved[0], &c->bound[0], err);
}

static hd_status add_staged(pipeline *x, int first, int last, hd_staging *s, hd_error *err)
{
    candidate *c = new_candidate(x, first, last);
    if (!c) return hd_fail_memory(err);
    c->staging = s;
    for (int i = 0; i < s->layers; i++)
        HD_TRY(add_problem(x, &s->of[i].problem, s->of[i].layer, s->of[i].limits, &c->solved[i], &c->bound[i], err));
    return HD_OK;
}

/* The vertices from that of `first` to that of `last` as stages, and all of them on one region in turn; from few groups on,
 * as many granularities as may fit. */
static hd_status add_run(pipeline *x, int first, int last, bool in_turn, hd_error *err)
{
    int stage[HD_STAGES_MOST * 8], layers = last - first + 1, found = 0;
    if (layers > (int)(sizeof stage / sizeof *stage)) return HD_OK;
    for (int i = 0; i < layers; i++) stage[i] = in_turn ? 0 : x->vertex[first + i] - x->vertex[first];
    for (int64_t groups = 1; groups <= x->net->batch && found < MOST_GROUPS; groups++) {
        hd_staging *s;
        if (x->net->batch % groups != 0) continue;
        HD_TRY(hd_stages_build(x->net, x->value, x->arch, x->options, x->layer + first, stage, layers, groups, NULL, x->arena,
                               &s, err));
        if (!s) continue;
        HD_TRY(add_staged(x, first, last, s, err));
        found++;
    }
    return HD_OK;
}

static hd_status add_runs(pipeline *x, int first, hd_error *err)
{
    if (first > 0 && x->vertex[first - 1] == x->vertex[first]) return HD_OK; /* inside a vertex */
    for (int last = first; last < x->layers && x->vertex[last] - x->vertex[first] < HD_STAGES_MOST; last++) {
        bool whole = last + 1 == x->layers || x->vertex[last + 1] != x->vertex[last];
        if (!whole || last == first) continue;
        if (x->vertex[last] > x->vertex[first]) HD_TRY(add_run(x, first, last, false, err));
        HD_TRY(add_run(x, first, last, true, err));
    }
    return HD_OK;
}

static hd_status prepare(pipeline *x, hd_error *err)
{
    size_t n = (size_t)x->net->layers + 2;
    x->layer = hd_arena_alloc(x->arena, n, sizeof *x->layer);
    x->vertex = hd_arena_alloc(x->arena, n, sizeof *x->vertex);
    x->rest = hd_arena_alloc(x->arena, n, sizeof *x->rest);
    x->front = hd_arena_alloc(x->arena, n, sizeof *x->front);
    x->chain = hd_arena_alloc(x->arena, n, sizeof *x->chain);
    if (!x->layer || !x->vertex || !x->rest || !x->front || !x->chain) return hd_fail_memory(err);
    HD_TRY(hd_network_values(x->net, x->arena, &x->value, err));
    for (int i = 0; i < x->net->layers; i++)
        if (x->net->layer[i].fused_into < 0) x->layer[x->layers++] = i;
    hd_stages_vertices(x->net, x->value, x->layer, x->layers, x->vertex);
    for (int k = 0; k < x->layers; k++) {
        HD_TRY(add_alone(x, k, err));
        HD_TRY(add_runs(x, k, err));
    }
    x->want = hd_arena_alloc(x->arena, (size_t)x->memo.count + 1, sizeof *x->want);
    return x->want ? HD_OK : hd_fail_memory(err);
}

/* ---- what a candidate costs, or may cost ---- */

typedef hd_sum estimate(hd_objective objective, const hd_solved *solved, const hd_bound *bound);

static bool is_done(const candidate *c)
{
    for (int i = 0; i <= c->last - c->first; i++)
        if (!c->solved[i]->done) return false;
    return true;
}

/* Cycles of the outermost memory; of what was not searched, none. */
static double outside_cycles(const hd_solved *s) { return s->done && s->best.found ? (double)s->best.price.level_cycles[0] : 0; }

/* While a segment runs all of the chip draws static power, at least what each region's layers draw one after another: their
 * energies together are a lower bound. */
static hd_sum least_of_stages(const pipeline *x, const candidate *c, const hd_sum *layer)
{
    const double none[HD_STAGES_MOST * 8] = {0};
    hd_sum s = hd_stages_sum(c->staging, x->arch, layer, none, none);
    s.energy_pj = 0;
    for (int i = 0; i <= c->last - c->first; i++) s.energy_pj += layer[i].energy_pj;
    return s;
}

static hd_sum sum_of(const pipeline *x, const candidate *c, estimate *of)
{
    hd_sum layer[HD_STAGES_MOST * 8];
    double still[HD_STAGES_MOST * 8], outside[HD_STAGES_MOST * 8];
    for (int i = 0; i <= c->last - c->first; i++) {
        layer[i] = of(x->options->objective, c->solved[i], &c->bound[i]);
        if (layer[i].energy_pj == INFINITY) return layer[i];
        still[i] = layer[i].cycles * c->solved[i]->problem.arch->static_pj_per_cycle;
        outside[i] = of == hd_sum_least ? 0 : outside_cycles(c->solved[i]);
    }
    if (c->staging && of == hd_sum_least) return least_of_stages(x, c, layer);
    if (c->staging) return hd_stages_sum(c->staging, x->arch, layer, still, outside);
    double repeats = (double)hd_count_max(x->net->layer[x->layer[c->first]].repeats, 1);
    return hd_sum_times(layer[0], repeats);
}

/* The least that all layers from k on can cost. */
static void find_rests(pipeline *x, estimate *of)
{
    x->rest[x->layers] = (hd_sum){0, 0};
    for (int k = 0; k < x->layers; k++) x->rest[k] = (hd_sum){INFINITY, INFINITY};
    for (int i = x->candidates - 1; i >= 0; i--) { /* listed by their first layers */
        const candidate *c = &x->candidate[i];
        hd_sum s = hd_sum_add(sum_of(x, c, of), x->rest[c->last + 1]), *rest = &x->rest[c->first];
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

static void want(pipeline *x, const candidate *c)
{
    for (int i = 0; i <= c->last - c->first; i++) {
        bool again = c->solved[i]->done;
        for (int k = 0; k < x->wanted && !again; k++) again = x->want[k] == c->solved[i];
        if (!again) x->want[x->wanted++] = c->solved[i];
    }
}

static hd_status search_wanted(pipeline *x, hd_error *err)
{
    int count = x->wanted;
    double each = 0;
    x->wanted = 0;
    if (x->options->seconds > 0) {
        double left = x->options->seconds - hd_budget_elapsed(&x->clock);
        each = fmax(1e-9, 0.5 * left * (double)hd_count_min(x->options->threads, hd_count_max(count, 1)) / fmax(count, 1));
    }
    return hd_memo_solve(x->want, count, x->options, each, err);
}

static int count_done(const pipeline *x)
{
    int done = 0;
    for (int i = 0; i < x->memo.count; i++) done += x->memo.item[i]->done;
    return done;
}

/* The chain of greatest hope, by first layers; NULL where none is left. */
static const candidate *hopeful(const pipeline *x, int k, bool alone)
{
    const candidate *best = NULL;
    double least = INFINITY;
    for (int i = 0; i < x->candidates; i++) {
        const candidate *c = &x->candidate[i];
        if (c->first != k || (alone && (c->staging || c->last != k))) continue;
        double w = hd_sum_worth(x->options->objective, hd_sum_add(sum_of(x, c, hd_sum_hope), x->rest[c->last + 1]));
        if (w < least) least = w, best = c;
    }
    return best;
}

/* Want what a chain lacks; where it lacks nothing, it may be the best. */
static void look_at_chain(pipeline *x, bool alone)
{
    hd_sum sum = {0, 0};
    const candidate *list[2];
    x->wanted = 0;
    for (int k = 0; k < x->layers; k = list[0]->last + 1) {
        list[0] = hopeful(x, k, alone);
        if (!list[0]) return;
        want(x, list[0]);
        sum = hd_sum_add(sum, sum_of(x, list[0], hd_sum_hope));
    }
    if (x->wanted > 0 || (x->found && hd_sum_worth(x->options->objective, sum) >= hd_sum_worth(x->options->objective, x->best)))
        return;
    x->found = true;
    x->best = sum;
    for (int k = 0; k < x->layers; k = list[0]->last + 1) {
        list[0] = hopeful(x, k, alone);
        x->chain[list[0]->last] = list[0];
        for (int i = k; i < list[0]->last; i++) x->chain[i] = NULL;
    }
}

/* Every layer alone: what every other answer is measured by. */
static hd_status apart(pipeline *x, hd_error *err)
{
    find_rests(x, hd_sum_hope);
    look_at_chain(x, true);
    HD_TRY(search_wanted(x, err));
    find_rests(x, hd_sum_hope);
    look_at_chain(x, true);
    if (x->found) x->apart = x->best;
    return HD_OK;
}

/* The most hopeful chain is searched, and again, until one holds what it promised: of sums, the best (homes.c). */
static hd_status hopeful_chains(pipeline *x, bool *is_best, hd_error *err)
{
    for (*is_best = false; !time_is_out(x);) {
        find_rests(x, hd_sum_hope);
        look_at_chain(x, false);
        if (x->wanted == 0) {
            *is_best = x->options->objective != HD_EDP;
            return HD_OK;
        }
        HD_TRY(search_wanted(x, err));
        if (x->options->progress) x->options->progress(x->options->user, count_done(x), x->memo.count, "");
    }
    x->wanted = 0;
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
static bool is_open(const pipeline *x, const candidate *c)
{
    hd_sum hope = sum_of(x, c, hd_sum_hope);
    if (hope.energy_pj == INFINITY) return false;
    if (!x->prune || !x->found) return true;
    for (int i = 0; i < x->front[c->first].count; i++) {
        hd_sum all = hd_sum_add(hd_sum_add(x->front[c->first].label[i]->sum, hope), x->rest[c->last + 1]);
        if (hd_sum_worth(x->options->objective, all) < hd_sum_worth(x->options->objective, x->best)) return true;
    }
    return false;
}

static hd_status extend(pipeline *x, const candidate *c, hd_error *err)
{
    hd_sum cost = sum_of(x, c, hd_sum_hope);
    if (cost.energy_pj == INFINITY) return HD_OK;
    for (int i = 0; i < x->front[c->first].count; i++) {
        label l = {hd_sum_add(x->front[c->first].label[i]->sum, cost), x->front[c->first].label[i], c};
        HD_TRY(keep_label(x, &x->front[c->last + 1], &l, err));
    }
    return HD_OK;
}

static void finish(pipeline *x)
{
    const front *f = &x->front[x->layers];
    const label *best = NULL;
    for (int i = 0; i < f->count; i++)
        if (!best || hd_sum_worth(x->options->objective, f->label[i]->sum) < hd_sum_worth(x->options->objective, best->sum))
            best = f->label[i];
    if (!best || (x->found && hd_sum_worth(x->options->objective, best->sum) >= hd_sum_worth(x->options->objective, x->best)))
        return;
    x->found = true;
    x->best = best->sum;
    memset(x->chain, 0, ((size_t)x->layers + 1) * sizeof *x->chain);
    for (; best->by; best = best->from) x->chain[best->by->last] = best->by;
}

static hd_status all_chains(pipeline *x, hd_error *err)
{
    const label start = {{0, 0}, NULL, NULL};
    find_rests(x, hd_sum_hope);
    HD_TRY(keep_label(x, &x->front[0], &start, err));
    for (int k = 0, next = 0; k < x->layers; k++) {
        int first = next;
        for (; next < x->candidates && x->candidate[next].first == k; next++)
            if (is_open(x, &x->candidate[next])) want(x, &x->candidate[next]);
        HD_TRY(search_wanted(x, err));
        if (time_is_out(x)) return HD_OK;
        for (int i = first; i < next; i++)
            if (is_done(&x->candidate[i])) HD_TRY(extend(x, &x->candidate[i], err));
        if (x->options->progress) x->options->progress(x->options->user, k + 1, x->layers, x->net->layer[x->layer[k]].name);
    }
    finish(x);
    return HD_OK;
}

/* ---- the plan ---- */

static hd_status place(pipeline *x, hd_plan_options *o, hd_error *err)
{
    size_t n = (size_t)x->net->layers + 1;
    const hd_arch **chip = hd_arena_alloc(x->arena, n, sizeof *chip);
    const hd_constraints **limits = hd_arena_alloc(x->arena, n, sizeof *limits);
    if (!chip || !limits) return hd_fail_memory(err);
    for (int i = 0; i < x->net->layers; i++) chip[i] = x->arch;
    for (int k = 0; k < x->layers; k++)
        for (int i = 0; x->chain[k] && i <= x->chain[k]->last - x->chain[k]->first; i++) {
            const hd_solved *s = x->chain[k]->solved[i];
            chip[x->layer[x->chain[k]->first + i]] = s->problem.arch;
            limits[x->layer[x->chain[k]->first + i]] = s->limits;
        }
    o->chip = chip;
    o->limits = limits;
    return HD_OK;
}

static hd_status add_segments(pipeline *x, hd_plan *plan, hd_error *err)
{
    plan->segment = hd_arena_alloc(x->arena, (size_t)x->layers + 1, sizeof *plan->segment);
    if (!plan->segment) return hd_fail_memory(err);
    for (int k = 0; k < x->layers; k++) {
        const candidate *c = x->chain[k];
        hd_segment *s = &plan->segment[plan->segments];
        if (!c) continue;
        hd_staging alone = {.layers = 1, .stages = 1, .groups = 1, .of = &(hd_staged){.layer = x->layer[k]}};
        alone.region[0] = (hd_region){0, 0, (int)x->arch->level[1].fan[HD_X], (int)x->arch->level[1].fan[HD_Y]};
        HD_TRY(hd_stages_segment(c->staging ? c->staging : &alone, x->arena, s, err));
        hd_sum sum = sum_of(x, c, hd_sum_hope);
        s->energy_pj = sum.energy_pj;
        s->latency_cycles = (int64_t)sum.cycles;
        plan->segments++;
    }
    return HD_OK;
}

static hd_status make_plan(pipeline *x, hd_plan **out, hd_error *err)
{
    hd_plan_options o = *x->options;
    o.known = &x->memo;
    o.seconds = 0;
    if (x->found) HD_TRY(place(x, &o, err));
    HD_TRY(hd_plan_solve(x->net, x->arch, &o, out, err));
    hd_plan *plan = *out;
    plan->options = *x->options;
    plan->kept = x->arena;
    plan->seconds = hd_budget_elapsed(&x->clock);
    if (!x->found) return HD_OK;
    HD_TRY(add_segments(x, plan, err));
    hd_plan_sum_segments(plan);
    find_rests(x, hd_sum_least);
    hd_plan_set_bound(plan, hd_sum_worth(o.objective, x->rest[0]));
    plan->apart_pj = x->apart.energy_pj;
    plan->apart_cycles = x->apart.cycles;
    plan->considered = x->memo.count;
    plan->searched = count_done(x);
    plan->evaluations = 0;
    for (int i = 0; i < x->memo.count; i++) plan->evaluations += x->memo.item[i]->best.evaluations;
    return HD_OK;
}

static hd_status solve_in(pipeline *x, hd_plan **out, hd_error *err)
{
    bool is_best = false;
    hd_budget_start(&x->clock);
    HD_TRY(prepare(x, err));
    HD_TRY(apart(x, err));
    if (x->prune) HD_TRY(hopeful_chains(x, &is_best, err));
    if (!is_best && !time_is_out(x)) HD_TRY(all_chains(x, err));
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
    *x = (pipeline){.net = net, .arch = arch, .options = options, .prune = prune, .arena = arena, .memo = {.arena = arena}};
    hd_status status = solve_in(x, out, err);
    if (status == HD_OK) return HD_OK;
    if (*out) hd_plan_free(*out); /* frees the arena, too */
    else hd_arena_free(arena);
    *out = NULL;
    return status;
}
