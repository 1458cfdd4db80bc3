/* Which segments may be chosen? */
#include "network/candidates.h"

#include <math.h>

const hd_option hd_pipeline_options[] = {
    [HD_PIPELINE_STAGES] = {"stages", "most stages side by side in a segment; 1 = none", HD_STAGES_MOST, 1, HD_STAGES_MOST},
    [HD_PIPELINE_HOMES] = {"homes", "segments with what is handed on at home in the nodes' buffers are looked at", 1, 0, 1},
    [HD_PIPELINE_GROUPS] = {"groups", "granularities looked at per run of layers, from the fewest groups on; one less at home", 3,
                            1, 64},
    {NULL, NULL, 0, 0, 0},
};

/* Of a limit of time, for the list. */
static const double LISTING = 0.1;

/* Vertices as stages side by side; in turn on one region, handing whole tensors on; in turn, what they hand on at home. */
typedef enum together { SIDE_BY_SIDE, IN_TURN, AT_HOME } together;

/* Granularities looked at per run of layers: schemes at home are many, and finer groups pay less there. */
static double most_groups(const hd_candidates *x, together how)
{
    return how == AT_HOME ? fmax(1, x->option[HD_PIPELINE_GROUPS] - 1) : x->option[HD_PIPELINE_GROUPS];
}

static hd_status add_problem(hd_candidates *x, const hd_problem *p, int layer, const hd_constraints *limits, hd_solved **out,
                             hd_bound *bound, hd_error *err)
{
    int pin = hd_plan_pin(x->quest.options, &x->net->layer[layer]);
    HD_TRY(hd_memo_entry(&x->quest.memo, x->quest.options, p, pin, limits, out, err));
    x->quest.options->model->bound(p, bound);
    return HD_OK;
}

static hd_candidate *new_candidate(hd_candidates *x, int first, int last)
{
    size_t n = (size_t)(last - first) + 1;
    hd_candidate *list = hd_arena_grow(x->quest.arena, x->list, sizeof *list, x->count, &x->room, 256);
    if (!list) return NULL;
    x->list = list;
    hd_candidate *c = &x->list[x->count];
    *c = (hd_candidate){.first = first, .last = last};
    c->solved = hd_arena_alloc(x->quest.arena, n, sizeof *c->solved);
    c->bound = hd_arena_alloc(x->quest.arena, n, sizeof *c->bound);
    c->kept = hd_arena_alloc(x->quest.arena, n, sizeof *c->kept);
    c->sums = hd_arena_alloc(x->quest.arena, 1, sizeof *c->sums);
    if (!c->solved || !c->bound || !c->kept || !c->sums) return NULL;
    x->count++;
    return c;
}

static hd_status add_alone(hd_candidates *x, int k, hd_error *err)
{
    hd_problem p = hd_plan_problem(x->quest.options, &x->net->layer[x->layer[k]], x->arch);
    hd_candidate *c = new_candidate(x, k, k);
    if (!c) return hd_fail_memory(err);
    x->alone[k] = x->count - 1;
    return add_problem(x, &p, x->layer[k], NULL, &c->solved[0], &c->bound[0], err);
}

/* What comes from the outermost memory for every group is known before any search. */
static void raise_bound(const hd_staging *s, int i, hd_bound *bound)
{
    hd_sum again = hd_stages_least_again(s, i, NULL);
    bound->energy_pj += again.energy_pj * (1 - 1e-12);
    bound->latency_cycles = fmax(bound->latency_cycles, again.cycles);
    bound->edp = bound->energy_pj * bound->latency_cycles;
}

static hd_status add_staged(hd_candidates *x, int first, int last, hd_staging *s, hd_error *err)
{
    hd_candidate *c = new_candidate(x, first, last);
    if (!c) return hd_fail_memory(err);
    c->staging = s;
    for (int i = 0; i < s->layers; i++) {
        HD_TRY(add_problem(x, &s->of[i].problem, s->of[i].layer, s->of[i].limits, &c->solved[i], &c->bound[i], err));
        c->solved[i]->at_home |= s->at_home;
        if (!x->quest.options->bypass && x->quest.options->pins == 0) raise_bound(s, i, &c->bound[i]);
    }
    return HD_OK;
}

/* The vertices from that of `first` to that of `last`; from `*fewest` groups on, as many granularities as may fit.
 * `*fewest` becomes the first that does. */
static hd_status add_run(hd_candidates *x, int first, int last, together how, int64_t *fewest, hd_error *err)
{
    int stage[HD_SEGMENT_LAYERS], layers = last - first + 1, found = 0;
    for (int i = 0; i < layers; i++) stage[i] = how == SIDE_BY_SIDE ? x->vertex[first + i] - x->vertex[first] : 0;
    for (int64_t groups = *fewest; groups <= x->net->batch && found < most_groups(x, how); groups++) {
        const hd_staging_form form = {groups, how == AT_HOME, NULL};
        const hd_mark before = hd_arena_mark(x->quest.arena);
        hd_staging *s;
        if (x->net->batch % groups != 0) continue;
        HD_TRY(hd_stages_build(x->net, x->value, x->arch, x->quest.options, x->layer + first, stage, layers, &form,
                               x->quest.arena, &s, err));
        if (!s) hd_arena_rewind(x->quest.arena, before); /* the chips of those that fit alone are many already */
        if (!s) continue;
        HD_TRY(add_staged(x, first, last, s, err));
        if (found++ == 0) *fewest = groups;
    }
    return HD_OK;
}

/* Values that are read behind each layer, counted. */
static void count_crossing(const hd_candidates *x, int *crossing)
{
    for (int k = 0; k < x->layers; k++) {
        crossing[k] = 0;
        for (int i = 0; i <= k; i++) crossing[k] += x->value[x->layer[i]].last_read > x->layer[k];
    }
}

/* Where no more tensors go on than anywhere near: the borders of long runs. */
static bool is_narrow(const hd_candidates *x, const int *crossing, int k)
{
    enum { NEAR = 4 };
    for (int i = k - NEAR; i <= k + NEAR; i++)
        if (i >= 0 && i + 1 < x->layers && crossing[i] < crossing[k]) return false;
    return true;
}

static hd_status add_runs(hd_candidates *x, const int *crossing, int first, hd_error *err)
{
    int64_t in_turn = 1, at_home = 1; /* groups: a longer run in turn fits with no fewer */
    if (first > 0 && x->vertex[first - 1] == x->vertex[first]) return HD_OK; /* inside a vertex */
    bool narrow = first == 0 || is_narrow(x, crossing, first - 1);
    for (int last = first + 1; last < x->layers && last - first < HD_SEGMENT_LAYERS; last++) {
        int vertices = x->vertex[last] - x->vertex[first] + 1;
        bool whole = last + 1 == x->layers || x->vertex[last + 1] != x->vertex[last];
        bool is_long = vertices > HD_STAGES_MOST;
        if (!whole || (is_long && !(narrow && is_narrow(x, crossing, last)))) continue;
        int64_t side_by_side = 1;
        bool beside = vertices > 1 && vertices <= x->option[HD_PIPELINE_STAGES];
        if (beside) HD_TRY(add_run(x, first, last, SIDE_BY_SIDE, &side_by_side, err));
        HD_TRY(add_run(x, first, last, IN_TURN, &in_turn, err));
        if (x->option[HD_PIPELINE_HOMES] > 0) HD_TRY(add_run(x, first, last, AT_HOME, &at_home, err));
    }
    return HD_OK;
}

hd_status hd_candidates_list(hd_candidates *x, hd_error *err)
{
    size_t n = (size_t)x->net->layers + 2;
    x->layer = hd_arena_alloc(x->quest.arena, n, sizeof *x->layer);
    x->vertex = hd_arena_alloc(x->quest.arena, n, sizeof *x->vertex);
    x->alone = hd_arena_alloc(x->quest.arena, n, sizeof *x->alone);
    if (!x->layer || !x->vertex || !x->alone) return hd_fail_memory(err);
    hd_option_values(hd_pipeline_options, x->quest.options->pipeline, x->option);
    HD_TRY(hd_network_values(x->net, x->quest.arena, &x->value, err));
    for (int i = 0; i < x->net->layers; i++)
        if (x->net->layer[i].fused_into < 0) x->layer[x->layers++] = i;
    hd_stages_vertices(x->net, x->value, x->layer, x->layers, x->vertex);
    int *crossing = hd_arena_alloc(x->quest.arena, n, sizeof *crossing);
    if (!crossing) return hd_fail_memory(err);
    count_crossing(x, crossing);
    for (int k = 0; k < x->layers; k++) {
        HD_TRY(add_alone(x, k, err));
        x->cut_short |= hd_quest_past(&x->quest, LISTING);
        if (!x->cut_short) HD_TRY(add_runs(x, crossing, k, err));
    }
    return HD_OK;
}
