/* Which tensors stay in a buffer between layers? */
#include "network/homes.h"

#include <math.h>
#include <string.h>

#include "base/count.h"
#include "network/homes_steps.h"
#include "network/residents.h"
#include "network/total.h"

int hd_homes_level(const hd_arch *arch)
{
    unsigned both = HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
    for (int l = 1; l < arch->levels - 1; l++) {
        const hd_level *level = &arch->level[l];
        if (level->bounded && !level->per_role && hd_arch_instances(arch, l) == 1 && (level->keeps & both) == both) return l;
    }
    return -1;
}

/* ---- what a path can still become ---- */

typedef hd_sum estimate(hd_objective objective, const hd_solved *solved, const hd_bound *bound);

/* What step k costs, as often as its layer runs. */
static hd_sum cost_of(const hd_homes *h, int k, const hd_homes_step *step, estimate *of)
{
    double repeats = (double)hd_count_max(h->net->layer[h->layer[k]].repeats, 1);
    return hd_sum_times(of(h->quest.options->objective, step->solved, &step->bound), repeats);
}

/* The least that all steps after the k-th can cost, from each state: backwards, each sum by itself. */
static void find_rests(hd_homes *h, estimate *of)
{
    for (int k = h->steps - 2; k >= -1; k--) {
        for (unsigned state = 0; state < hd_homes_states(h, k); state++) {
            hd_sum *rest = &hd_homes_rest(h, k)[state];
            *rest = (hd_sum){INFINITY, INFINITY};
            for (int stays = 0; stays < 2; stays++) {
                const hd_homes_step *step = hd_homes_step_at(h, k + 1, state, stays);
                if (!step->solved) continue;
                hd_sum s = hd_sum_add(cost_of(h, k + 1, step, of),
                                     hd_homes_rest(h, k + 1)[hd_homes_next(h, k + 1, state, stays)]);
                rest->energy_pj = fmin(rest->energy_pj, s.energy_pj);
                rest->cycles = fmin(rest->cycles, s.cycles);
            }
        }
    }
}

/* ---- paths ---- */

/* Where the path of least bounds goes, or the one on which nothing stays. */
static int greedy(const hd_homes *h, int k, unsigned state, bool nothing_stays)
{
    double best = INFINITY;
    int choice = 0;
    for (int stays = 0; stays < (nothing_stays ? 1 : 2); stays++) {
        const hd_homes_step *step = hd_homes_step_at(h, k, state, stays);
        if (!step->solved) continue;
        hd_sum s = hd_sum_add(cost_of(h, k, step, hd_sum_hope), hd_homes_rest(h, k)[hd_homes_next(h, k, state, stays)]);
        double w = hd_sum_worth(h->quest.options->objective, s);
        if (w < best) best = w, choice = stays;
    }
    return choice;
}

static void walk(hd_homes *h, bool nothing_stays, hd_homes_path *path)
{
    unsigned state = 0;
    for (int k = 0; k < h->steps; k++) {
        int stays = greedy(h, k, state, nothing_stays);
        path->state[k] = state;
        path->stays[k] = (unsigned char)stays;
        state = hd_homes_next(h, k, state, stays);
    }
}

static bool sum_path(const hd_homes *h, hd_homes_path *path)
{
    path->sum = (hd_sum){0, 0};
    for (int k = 0; k < h->steps; k++) {
        const hd_homes_step *step = hd_homes_step_at(h, k, path->state[k], path->stays[k]);
        if (!step->solved || !step->solved->effort || !step->solved->best.found) return false;
        path->sum = hd_sum_add(path->sum, cost_of(h, k, step, hd_sum_hope));
    }
    return true;
}

static hd_status want_path(hd_homes *h, const hd_homes_path *path, hd_error *err)
{
    for (int k = 0; k < h->steps; k++) {
        hd_homes_step *step = hd_homes_step_at(h, k, path->state[k], path->stays[k]);
        if (step->solved) HD_TRY(hd_quest_want(&h->quest, step->solved, HD_EFFORT_WHOLE, err));
    }
    return HD_OK;
}

static void offer_path(hd_homes *h, hd_homes_path *path)
{
    hd_objective o = h->quest.options->objective;
    if (!sum_path(h, path) || (h->found && hd_sum_worth(o, h->best.sum) <= hd_sum_worth(o, path->sum))) return;
    hd_homes_copy_path(h, path, &h->best);
    h->found = true;
}

/* Nothing stays: what every other answer is measured by. */
static hd_status first_path(hd_homes *h, hd_error *err)
{
    walk(h, true, &h->plain);
    HD_TRY(hd_quest_alone(&h->quest, h->net, h->arch, 0.5, err));
    offer_path(h, &h->plain);
    return HD_OK;
}

/* The most hopeful path is searched, which takes some of its hope away; and again, until a path holds what it promised.
 * For sums (energy, latency) that one is the best of all: every other path would cost at least its own hopes. */
static hd_status hopeful_paths(hd_homes *h, bool *is_best, hd_error *err)
{
    for (*is_best = false; !*is_best && !hd_quest_out(&h->quest);) {
        find_rests(h, hd_sum_hope);
        walk(h, false, &h->trial);
        HD_TRY(want_path(h, &h->trial, err));
        bool kept = h->quest.wanted == 0;
        HD_TRY(hd_quest_search(&h->quest, HD_EFFORT_WHOLE, err));
        offer_path(h, &h->trial); /* also where other paths had every step of it searched before */
        *is_best = kept && h->quest.options->objective != HD_EDP;
        if (kept) break;
    }
    return HD_OK;
}

/* ---- the search: forwards, all states of a step together ---- */

/* May this step still lead to a network better than the best known? */
static bool is_open(const hd_homes *h, const hd_label *from, const hd_homes_step *step, int k, unsigned next)
{
    if (!step->solved || (step->solved->effort && !step->solved->best.found)) return false;
    if (!h->prune || !h->found) return true;
    hd_sum cost = cost_of(h, k, step, hd_sum_hope);
    hd_sum all = hd_sum_add(hd_sum_add(from->sum, cost), hd_homes_rest(h, k)[next]);
    return hd_sum_worth(h->quest.options->objective, all) < hd_sum_worth(h->quest.options->objective, h->best.sum);
}

typedef hd_status visitor(hd_homes *h, const hd_label *from, int k, unsigned state, int stays, hd_error *err);

static hd_status want_step(hd_homes *h, const hd_label *from, int k, unsigned state, int stays, hd_error *err)
{
    (void)from;
    return hd_quest_want(&h->quest, hd_homes_step_at(h, k, state, stays)->solved, HD_EFFORT_WHOLE, err);
}

static hd_status take_step(hd_homes *h, const hd_label *from, int k, unsigned state, int stays, hd_error *err)
{
    const hd_homes_step *step = hd_homes_step_at(h, k, state, stays);
    const hd_label label = {hd_sum_add(from->sum, cost_of(h, k, step, hd_sum_hope)), from, step};
    hd_front *front = &h->front[(k + 1) % 2][hd_homes_next(h, k, state, stays)];
    return hd_front_add(front, h->quest.options->objective, &label, h->quest.arena, err);
}

static hd_status visit_open(hd_homes *h, int k, visitor *visit, hd_error *err)
{
    for (unsigned state = 0; state < hd_homes_states(h, k - 1); state++)
        for (int i = 0; i < h->front[k % 2][state].count; i++)
            for (int stays = 0; stays < 2; stays++) {
                const hd_label *from = h->front[k % 2][state].label[i];
                unsigned next = hd_homes_next(h, k, state, stays);
                if (is_open(h, from, hd_homes_step_at(h, k, state, stays), k, next))
                    HD_TRY(visit(h, from, k, state, stays, err));
            }
    return HD_OK;
}

/* The best label at the end becomes the best path. */
static void finish(hd_homes *h)
{
    hd_objective o = h->quest.options->objective;
    const hd_label *best = hd_front_best(&h->front[h->steps % 2][0], o);
    if (!best || (h->found && !hd_sum_better(o, best->sum, h->best.sum))) return;
    h->found = true;
    h->best.sum = best->sum;
    for (int k = h->steps - 1; k >= 0; k--, best = best->from) {
        ptrdiff_t step = (const hd_homes_step *)best->by - h->step[k]; /* see hd_homes_step_at */
        h->best.state[k] = (unsigned)step / 2;
        h->best.stays[k] = (unsigned)step % 2;
    }
}

static hd_status search(hd_homes *h, hd_error *err)
{
    const hd_label start = {{0, 0}, NULL, NULL};
    bool is_best = false;
    HD_TRY(first_path(h, err));
    if (h->prune) HD_TRY(hopeful_paths(h, &is_best, err));
    if (is_best || hd_quest_out(&h->quest)) return HD_OK;
    find_rests(h, hd_sum_hope);
    HD_TRY(hd_front_add(&h->front[0][0], h->quest.options->objective, &start, h->quest.arena, err));
    for (int k = 0; k < h->steps; k++) {
        HD_TRY(visit_open(h, k, want_step, err));
        HD_TRY(hd_quest_search(&h->quest, HD_EFFORT_WHOLE, err));
        if (hd_quest_out(&h->quest)) return HD_OK;
        for (unsigned state = 0; state < hd_homes_states(h, k); state++) h->front[(k + 1) % 2][state].count = 0;
        HD_TRY(visit_open(h, k, take_step, err));
    }
    finish(h);
    return HD_OK;
}

/* ---- the plan ---- */

static hd_status make_plan(hd_homes *h, hd_plan **out, hd_error *err)
{
    hd_plan_options placed = *h->quest.options;
    if (h->found) HD_TRY(hd_homes_place(h, &placed, err));
    HD_TRY(hd_quest_plan(&h->quest, h->net, h->arch, &placed, out, err));
    if (!h->found) return HD_OK;
    find_rests(h, hd_sum_least);
    hd_plan_set_bound(*out, hd_sum_worth(placed.objective, hd_homes_rest(h, -1)[0]));
    hd_quest_report(&h->quest, h->plain.sum, *out);
    (*out)->passed_over = h->passed_over;
    return hd_residents_segments(*out, h->quest.arena, err);
}

static hd_status solve_in(hd_homes *h, hd_plan **out, hd_error *err)
{
    HD_TRY(hd_homes_prepare(h, err));
    find_rests(h, hd_sum_least);
    HD_TRY(search(h, err));
    return make_plan(h, out, err);
}

hd_status hd_homes_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                         hd_plan **out, hd_error *err)
{
    int level = hd_homes_level(arch);
    if (level < 0 || options->home || options->constraints) return hd_plan_solve(net, arch, options, out, err);
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_homes *h = arena ? hd_arena_alloc(arena, 1, sizeof *h) : NULL;
    if (!h) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *h = (hd_homes){.net = net, .arch = arch, .prune = prune, .level = level};
    hd_quest_start(&h->quest, options, arena);
    *out = NULL;
    hd_status status = solve_in(h, out, err);
    if (status == HD_OK) return HD_OK;
    if (*out) hd_plan_free(*out); /* frees the arena, too */
    else hd_arena_free(arena);
    *out = NULL;
    return status;
}
