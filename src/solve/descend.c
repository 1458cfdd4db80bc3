/* The default solver: KAPLA's bottom-up cost descending, generalised (Li and Gao 2023; reference section 7.6).
 * For several choices of what stays put at each level it fills units and tiles from the inside out and refines the best
 * of what it found.  Local optima are many and lie far apart, so fresh starts follow until several in a row bring nothing:
 * the best of a few random schemes, or a neighbour's neighbour of the best, climbs by random neighbours, and where it comes near
 * the best it is refined.
 * Where like operators were solved before, their answers, made to fit, take the place of growing and of most fresh starts.
 * A space that holds smaller ones (fewer dims on the wires, no bypass, divisors only) is searched after each of them,
 * from their answers: a larger space never ends worse.                                                 */
#include <math.h>

#include "base/count.h"
#include "solve/optimal.h"
#include "solve/walk.h"

enum { OPTION_WORK, OPTION_STARTS, OPTION_RESTARTS, OPTION_EXACT, OPTION_WINDOWS, OPTIONS, MOST_STARTS = 64 };

static const hd_option options[] = {
    [OPTION_WORK] = {"work", "evaluations at most for an operator in one space, where no number is given", 20000, 1, 1e12},
    [OPTION_STARTS] = {"starts", "combinations of stationary tensors that are grown", 3, 1, MOST_STARTS},
    [OPTION_RESTARTS] = {"restarts", "starts in a row that may fail; fewer on small meshes and where others lead", 48, 0, 1e9},
    [OPTION_EXACT] = {"exact", "bounds for an exact search first, if no number of prices is given", 1000000, 0, 1e12},
    [OPTION_WINDOWS] = {"windows", "gap up to which it is tried where windows overlap; above 0.35 it always is", 0.06, 0, 1},
    {NULL, NULL, 0, 0, 0},
};

/* Loops that the role does not see go innermost: its tile stays. */
static void make_stationary(const hd_form *form, hd_draft *draft, int level, hd_role role)
{
    unsigned sees = hd_tensor_dims(form->space->problem->op, role);
    for (int d = form->dims - 1; d >= 0; d--)
        if (!(sees >> d & 1u)) hd_draft_reorder(form, draft, level, d, true);
}

/* Start number `index`: one role per ordered level, written as a number to the base of roles. */
static void choose_orders(const hd_form *form, hd_draft *draft, int64_t index)
{
    hd_role role[HD_ROLES];
    int roles = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (form->space->problem->op->tensor[r].used) role[roles++] = (hd_role)r;
    for (int l = 1; roles > 0 && l < form->levels; l++) {
        if (!form->ordered[l]) continue;
        make_stationary(form, draft, l, role[index % roles]);
        index /= roles;
    }
}

static int64_t order_choices(const hd_form *form)
{
    int64_t n = 1, roles = 0;
    for (int r = 0; r < HD_ROLES; r++) roles += form->space->problem->op->tensor[r].used;
    for (int l = 1; l < form->levels; l++)
        if (form->ordered[l] && n < MOST_STARTS * MOST_STARTS) n *= hd_count_max(1, roles);
    return n;
}

/* In a space with bypasses every other start drops some of the roles that may go. */
static void choose_keeps(const hd_walk *w, hd_draft *draft, int64_t index)
{
    for (int l = 0; index % 2 == 1 && l < w->form->levels; l++)
        draft->keep[l] &= ~(w->form->keep_free[l] & (unsigned)hd_random_next(w->random));
}

static bool may_bypass(const hd_form *form)
{
    for (int l = 0; l < form->levels; l++)
        if (form->keep_free[l]) return true;
    return false;
}

/* Grow every start and stand on the best; false where none fits. */
static bool grow_starts(hd_walk *w, const hd_draft *first, int64_t starts)
{
    hd_walk next = *w;
    int64_t ways = may_bypass(w->form) ? 2 : 1, all = order_choices(w->form) * ways;
    bool found = false;
    starts = hd_count_min(starts * ways, all);
    for (int64_t s = 0; s < starts && !hd_walk_over(w); s++) {
        hd_draft draft = *first;
        choose_orders(w->form, &draft, s * all / starts / ways);
        if (ways > 1) choose_keeps(w, &draft, s);
        if (!hd_walk_stand(&next, &draft)) continue;
        hd_walk_grow(&next);
        if (!found || next.cost < w->cost) *w = next;
        found = true;
    }
    return found;
}

/* From the better of the two. */
static void keep_better(hd_walk *w, const hd_walk *other)
{
    if (!w->form || other->cost < w->cost || (other->cost == w->cost && other->tie < w->tie)) *w = *other;
}

/* The cheapest of a few samples that use the units well, made to fit; false where none could be. */
static bool draw(hd_walk *w)
{
    enum { DRAWS = 10 };
    hd_walk next = *w;
    hd_scheme scheme;
    bool found = false;
    for (int i = 0; i < DRAWS && !hd_walk_over(w); i++) {
        hd_draft draft;
        hd_draft_sample(w->form, w->random, &draft);
        hd_draft_fill(w->form, w->random, &draft);
        if (!hd_draft_make_fit(w->form, w->random, w->inc, &draft, &scheme) || !hd_walk_stand(&next, &draft)) continue;
        if (!found || next.cost < w->cost) *w = next;
        found = true;
    }
    return found;
}

/* One fresh start: a climb from a good sample or, every other time, from beside the best, and a refinement where that comes
 * near; true where it found something cheaper. */
static bool start_afresh(hd_walk *w, int64_t number)
{
    const double near = 1.05;
    hd_walk next = *w;
    if (number % 2 ? !hd_walk_kick(&next) : !draw(&next)) return false;
    hd_walk_climb(&next);
    if (next.cost == w->cost && next.tie == w->tie) return false; /* where we were, most likely */
    if (next.cost <= near * w->cost) hd_walk_refine(&next);
    bool cheaper = next.cost < w->cost;
    if (cheaper || (next.cost == w->cost && next.tie <= w->tie)) *w = next;
    return cheaper;
}

/* What may still be gained at best, as the share of the cost that no bound forbids, against a share worth full patience. */
static double promise(const hd_walk *w)
{
    const double worth = 0.1;
    return fmin(1, (w->cost - w->inc->lower_bound) / (worth * w->cost));
}

enum { STALE = 8 }; /* fresh starts in a row with little that was not priced before: the space is all but seen */

/* Fresh starts until several in a row bring nothing; small spaces get more patience, until nothing new is left to price. */
static void restart(hd_walk *w, int64_t restarts)
{
    enum { MODEST = 1000, PATIENCE = 4 };
    int64_t start = w->budget->used, used = start, stale = 0, most_stale = hd_count_min(restarts, STALE), number = 0;
    for (int64_t failed = 0; !hd_walk_over(w) && stale <= most_stale; stale++) {
        int64_t most = w->budget->used - start < MODEST ? PATIENCE * restarts : restarts;
        if (failed >= most || (double)failed >= ceil((double)most * promise(w))) break;
        if (w->budget->used > used) stale = 0;
        used = w->budget->used;
        failed = start_afresh(w, number++) ? 0 : failed + 1;
    }
}

/* Evaluations that were given and are left: the same, and mere samples once that finds little that is new. */
static void spend_the_rest(hd_walk *w, int64_t restarts)
{
    enum { FEW = 16, MISSES = 200 };
    int64_t poor = 0, misses = 0, number = 0;
    while (poor <= hd_count_min(restarts, STALE) && !hd_walk_over(w)) {
        int64_t used = w->budget->used, polls = w->budget->polls;
        start_afresh(w, number++);
        poor = (w->budget->used - used) * FEW <= w->budget->polls - polls ? poor + 1 : 0;
    }
    while (misses < MISSES && !hd_walk_over(w)) {
        int64_t used = w->budget->used;
        hd_draft draft;
        hd_scheme scheme;
        hd_draft_sample(w->form, w->random, &draft);
        if (hd_draft_make_fit(w->form, w->random, w->inc, &draft, &scheme) && hd_walk_stand_if_better(w, &draft))
            hd_walk_refine(w);
        misses = w->budget->used > used ? 0 : misses + 1;
    }
}

/* ---- a space and the smaller ones in it ---- */
enum { PART_FREE = 1, PART_BYPASS = 2, PART_RAGGED = 4, PARTS = 3 };

/* What one space of the search left: where it stood best. */
typedef struct stage { hd_form *form; hd_draft best; bool found; } stage;

typedef struct descent {
    const hd_space *space;
    hd_space plain;
    unsigned parts;             /* what makes the space larger than the plain one */
    stage stage[1 << PARTS];    /* by the parts it has */
    hd_walk start;              /* every stage begins like this one */
    const hd_random *random;
    int64_t work, starts, restarts, exact;
    double windows;
    hd_arena *arena;
} descent;

static unsigned find_parts(descent *d)
{
    const hd_space *s = d->space;
    hd_space_init_for(&d->plain, s->problem, s->model, HD_SPACE_TEMPLATE, false, false);
    unsigned parts = (s->ragged ? PART_RAGGED : 0) | (s->bypass && !d->plain.bypass ? PART_BYPASS : 0);
    for (int l = 1; l < s->problem->arch->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            d->plain.unroll[l][axis] &= ~hd_space_slides(s); /* few of their schemes can be priced */
            if (s->unroll[l][axis] & ~d->plain.unroll[l][axis]) parts |= PART_FREE;
        }
    return parts;
}

static hd_space narrow(const descent *d, unsigned parts)
{
    hd_space s = *d->space;
    s.ragged = parts & PART_RAGGED;
    s.bypass = d->plain.bypass || (parts & PART_BYPASS);
    for (int l = 1; !(parts & PART_FREE) && l < s.problem->arch->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) s.unroll[l][axis] &= d->plain.unroll[l][axis];
    return s;
}

/* The answers of the spaces that lack one part of this one. */
static void start_from_smaller(const descent *d, unsigned parts, const hd_walk *fresh, hd_walk *best)
{
    for (unsigned part = 1; part < 1u << PARTS; part <<= 1) {
        const stage *from = &d->stage[parts & ~part];
        hd_walk next = *fresh;
        hd_draft draft;
        if (!(parts & part) || !from->found || !hd_draft_adopt(from->form, &from->best, fresh->form, &draft)) continue;
        if (!hd_walk_stand(&next, &draft)) continue;
        hd_walk_refine(&next);
        keep_better(best, &next);
    }
}

/* Where each lead leads; false where none does.  A glance climbs from what is not far from the answer that is there. */
static bool start_from_leads(const hd_walk *fresh, hd_walk *best)
{
    const double far = 1.2, near = 1.05;
    const hd_space *space = fresh->form->space;
    bool any = false;
    for (int i = 0; i < space->leads; i++) {
        hd_walk from = *fresh;
        double known = fresh->inc->cost;
        if (!hd_walk_follow(&from, &space->lead[i]) || (space->glance && from.cost > far * known)) continue;
        hd_walk_climb(&from);
        if (from.cost <= near * fresh->inc->cost) hd_walk_refine(&from);
        keep_better(best, &from);
        any = true;
    }
    return any;
}

/* The time was out within the first growth: a short one all the same, but none where the evaluations are out. */
static void hurry(const descent *d, unsigned parts, const hd_draft *first)
{
    enum { FEW = 1000 };
    hd_budget *budget = d->start.budget, grace = {.evaluations = FEW, .seconds = 0.02};
    hd_walk w = d->start;
    hd_draft draft = *first;
    if (budget->evaluations > 0) grace.evaluations = hd_count_min(FEW, budget->evaluations - budget->used);
    if (grace.evaluations <= 0) return;
    hd_budget_start(&grace);
    w.form = d->stage[parts].form;
    w.form_number = parts;
    w.budget = &grace;
    w.limit = grace.evaluations;
    choose_orders(w.form, &draft, 0);
    if (hd_walk_stand(&w, &draft)) hd_walk_grow(&w);
    budget->used += grace.used;
}

/* A few fresh starts, then what rows of products tell of thousands of tiles at once: often everything (docs/optimal.md).  In the
 * plain space alone, so that every larger one has what this one has. */
static hd_status search_exactly(descent *d, hd_walk *best, bool *all, hd_error *err)
{
    enum { FEW = 8 };
    hd_incumbent *inc = d->start.inc;
    double bound = inc->lower_bound;
    hd_draft draft;
    if (d->exact == 0) return HD_OK;
    restart(best, hd_count_min(d->restarts, FEW));
    int64_t work = (int64_t)ceil((double)d->exact * promise(best));
    if (opt_is_loose(d->space->problem->op, 1 - bound / best->cost, d->windows)) return HD_OK;
    if (work > 0) HD_TRY(opt_search_shortly(best->form, work, d->start.budget, inc, d->arena, all, err));
    if (d->parts != 0) inc->lower_bound = bound; /* that of the smaller space */
    if (inc->cost < best->cost && hd_draft_read(best->form, &inc->scheme, &draft) && hd_walk_stand(best, &draft))
        hd_walk_refine(best);
    return HD_OK;
}

/* Fresh starts that may fail.  What is best on a mesh lies in a space that grows with its nodes: a large one asks for more, a
 * small one, whose prices take many times as long as those of one node, must do with fewer.  Fewer do, too, where others have
 * shown the way; none in the smaller spaces then, nor where these lack the units along a window of the result: what is best
 * without them is far from what is best with them. */
static int64_t patience(const descent *d, unsigned parts, bool led)
{
    static const double SHARE[2][2] = {{1, 2.0 / 3}, {1.5, 1.0 / 6}}; /* [mesh][led]; on a mesh that is large */
    static const double LARGE = 8; /* log2 of the nodes from which on it is */
    int64_t nodes = hd_arch_nodes(d->space->problem->arch);
    bool mesh = nodes > 0, narrow = mesh && hd_space_slides(d->space);
    if ((led || narrow) && parts != d->parts) return 0;
    double size = mesh ? fmin(1, log2((double)nodes) / LARGE) : 1;
    return (int64_t)ceil((double)d->restarts * SHARE[mesh][led] * (led ? size : size * size * size));
}

/* Search one space; the incumbent keeps what it finds; `all`: it saw everything. */
static hd_status descend(descent *d, unsigned parts, const hd_draft *first, bool *all, hd_error *err)
{
    enum { GROWN = 3 };
    hd_budget *budget = d->start.budget;
    bool on = parts == d->parts && budget->evaluations > 0;
    int64_t end = on ? budget->evaluations : budget->used + d->work;
    hd_random random = *d->random;
    hd_walk fresh = d->start, best = {.form = NULL};
    fresh.form = d->stage[parts].form;
    fresh.random = &random;
    fresh.limit = end;
    fresh.form_number = parts;
    start_from_smaller(d, parts, &fresh, &best);
    if (best.form) fresh.limit = budget->used + (end - budget->used) / GROWN; /* growing is the lesser part now */
    bool led = start_from_leads(&fresh, &best), grown = !led && !d->space->glance && grow_starts(&fresh, first, d->starts);
    if (!grown && !best.form && hd_budget_out(budget)) hurry(d, parts, first);
    fresh.limit = end;
    if (grown) {
        hd_walk_climb(&fresh);
        hd_walk_refine(&fresh);
        keep_better(&best, &fresh);
    }
    if (!best.form || d->space->glance) return HD_OK;
    if (parts == 0) HD_TRY(search_exactly(d, &best, all, err));
    if (!*all) restart(&best, patience(d, parts, led));
    if (on && d->start.inc->cost > d->start.inc->lower_bound) spend_the_rest(&best, d->restarts);
    d->stage[parts].best = best.at;
    d->stage[parts].found = true;
    return HD_OK;
}

/* One space of those that the searched one holds; `all`: nothing is left to see in it. */
static hd_status run_stage(descent *d, unsigned parts, hd_arena *arena, bool *all, hd_error *err)
{
    bool last = parts == d->parts;
    hd_incumbent *inc = d->start.inc;
    hd_space *space = hd_arena_alloc(arena, 1, sizeof *space);
    hd_form *form = hd_arena_room(arena, 1, sizeof *form); /* large, and most of it for limits */
    hd_draft first;
    if (!space || !form) return hd_fail_memory(err);
    *space = narrow(d, parts);
    d->stage[parts].form = form;
    hd_status status = hd_form_init(form, space, last ? err : NULL);
    if (status != HD_OK) return last ? status : HD_OK; /* pins that only the larger space can meet */
    bool out = hd_budget_out(d->start.budget);
    if ((form->verbatim && !last) || (inc->found && out)) return HD_OK;
    if (last && !inc->found) inc->nearest = inc->unserved ? inc->nearest : (hd_refusal){0};
    hd_start start = HD_START_FOUND;
    if (!d->space->glance) start = hd_offer_least(form, d->start.budget, inc, &first); /* at once, whatever the budget */
    bool seen = form->verbatim || (start == HD_START_NONE && !inc->found);
    if (start == HD_START_FOUND && !form->verbatim) HD_TRY(descend(d, parts, &first, &seen, err));
    *all = seen && last;
    return HD_OK;
}

/* In an order in which the smaller spaces come first; the last is the space itself. */
static hd_status run_stages(descent *d, hd_arena *arena, hd_error *err)
{
    bool all = false;
    for (unsigned parts = d->space->glance ? d->parts : 0; parts <= d->parts; parts++)
        if (!(parts & ~d->parts) && (parts == d->parts || !hd_budget_out(d->start.budget)))
            HD_TRY(run_stage(d, parts, arena, &all, err));
    hd_incumbent_close(d->start.inc, d->start.budget, all);
    return HD_OK;
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    enum { GLANCE = 500 }; /* prices, or so */
    double value[OPTIONS];
    descent *d = hd_arena_alloc(arena, 1, sizeof *d);
    if (!d) return hd_fail_memory(err);
    for (int i = 0; i < OPTIONS; i++) value[i] = option_values ? option_values[i] : self->options[i].standard;
    *d = (descent){.space = space, .random = random, .work = (int64_t)value[OPTION_WORK],
                   .starts = (int64_t)value[OPTION_STARTS],
                   .restarts = (int64_t)value[OPTION_RESTARTS],
                   .windows = value[OPTION_WINDOWS],
                   .arena = arena,
                   .start = {.budget = budget, .inc = incumbent}};
    d->parts = find_parts(d);
    if (budget->evaluations == 0 && hd_arch_nodes(space->problem->arch) == 0) d->exact = (int64_t)value[OPTION_EXACT];
    if (budget->evaluations > 0) /* a share for every stage */
        d->work = hd_count_min(d->work, hd_count_max(1, budget->evaluations >> __builtin_popcount(d->parts)));
    int64_t ahead = budget->evaluations > 0 ? budget->evaluations : space->glance ? GLANCE : d->work;
    if (!hd_walk_remember(&d->start, arena, ahead)) return hd_fail_memory(err);
    incumbent->space = space;
    return run_stages(d, arena, err);
}

const hd_solver hd_solver_descend = {
    .name = "descend",
    .title = "bottom-up cost descending with local refinement",
    .paper = "after Li and Gao, KAPLA, 2023",
    .traits = HD_SOLVER_RANDOMISED | HD_SOLVER_ANYTIME | HD_SOLVER_FOLLOWS,
    .options = options,
    .run = run,
};
