/* What has been solved? */
#include "network/memo.h"

#include <math.h>
#include <string.h>

#include "base/threads.h"

static bool are_equal(const hd_constraints *a, const hd_constraints *b)
{
    return a == b || (a && b && memcmp(a, b, sizeof *a) == 0);
}

static bool is_same(const hd_solved *s, const hd_problem *p, int pin, const hd_constraints *limits)
{
    return s->pin == pin && s->problem.arch->hash == p->arch->hash && s->problem.makes == p->makes &&
           memcmp(s->problem.home, p->home, sizeof p->home) == 0 && are_equal(s->limits, limits) &&
           (s->problem.op == p->op || hd_operator_equal(s->problem.op, p->op));
}

hd_solved *hd_memo_find(const hd_memo *memo, const hd_problem *problem, int pin, const hd_constraints *limits)
{
    for (int i = 0; i < memo->count; i++)
        if (is_same(memo->item[i], problem, pin, limits)) return memo->item[i];
    return NULL;
}

hd_status hd_memo_entry(hd_memo *memo, const hd_plan_options *options, const hd_problem *problem, int pin,
                        const hd_constraints *limits, hd_solved **out, hd_error *err)
{
    *out = hd_memo_find(memo, problem, pin, limits);
    if (*out) return HD_OK;
    hd_solved **item = hd_arena_grow(memo->arena, memo->item, sizeof *item, memo->count, &memo->room, 64);
    hd_solved *s = item ? hd_arena_alloc(memo->arena, 1, sizeof *s) : NULL;
    if (!s) return hd_fail_memory(err);
    memo->item = item;
    *s = (hd_solved){.problem = *problem, .pin = pin, .limits = limits, .space_log10 = NAN,
                     .stream = hd_operator_hash(problem->op) ^ problem->arch->hash};
    hd_incumbent_init(&s->best, options->model, &s->problem, options->objective);
    memo->item[memo->count++] = *out = s;
    return HD_OK;
}

/* Evaluations and starts of short searches. */
static const struct { double work, starts; } SHORT[2][HD_EFFORTS] = {
    {[HD_EFFORT_GLANCE] = {120, 1}, [HD_EFFORT_ROUGH] = {400, 2}}, {[HD_EFFORT_GLANCE] = {200, 1}, [HD_EFFORT_ROUGH] = {800, 3}}};

typedef struct batch {
    hd_solved *const *item;
    const hd_plan_options *options;
    hd_effort effort;
    double seconds;
} batch;

/* The options' values with less work, where the solver has such an option and it is larger. */
static bool shorten(const hd_plan_options *o, bool at_home, hd_effort effort, double values[HD_OPTIONS_MOST])
{
    int work = hd_option_find(o->solver->options, "work"), starts = hd_option_find(o->solver->options, "starts");
    hd_option_values(o->solver->options, o->option_values, values);
    if (effort == HD_EFFORT_WHOLE || o->evaluations > 0 || work < 0 || values[work] <= SHORT[at_home][effort].work) return false;
    values[work] = SHORT[at_home][effort].work;
    if (starts >= 0) values[starts] = fmin(values[starts], SHORT[at_home][effort].starts);
    return true;
}

static hd_status solve_in(const batch *b, hd_solved *s, hd_arena *arena, hd_effort *effort, hd_error *err)
{
    const hd_plan_options *o = b->options;
    hd_budget budget = {.evaluations = o->evaluations, .seconds = b->seconds, .cancel = o->cancel, .user = o->user};
    hd_random random;
    hd_space space;
    double values[HD_OPTIONS_MOST];
    if (s->best.unserved) return HD_OK; /* the model has said why */
    *effort = shorten(o, s->at_home, b->effort, values) ? b->effort : HD_EFFORT_WHOLE;
    hd_plan_space(o, &s->problem, s->pin >= 0 ? &o->pin[s->pin] : NULL, &space);
    if (s->limits) space.constraints = s->limits;
    hd_random_seed(&random, o->seed, s->stream);
    hd_budget_start(&budget);
    HD_TRY(o->solver->run(o->solver, &space, values, &budget, &random, arena, &s->best, err));
    s->space_log10 = hd_space_log10(&space);
    s->seconds += hd_budget_elapsed(&budget);
    s->best.space = NULL;
    return HD_OK;
}

static hd_status solve_one(void *user, int64_t index, int worker, hd_error *err)
{
    const batch *b = user;
    hd_solved *s = b->item[index];
    (void)worker;
    if (s->effort >= b->effort) return HD_OK;
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_effort effort = HD_EFFORT_WHOLE;
    hd_status status = solve_in(b, s, arena, &effort, err);
    hd_arena_free(arena);
    if (status == HD_OK) s->effort = s->best.found ? effort : HD_EFFORT_WHOLE;
    return status;
}

/* Is a legal scheme of one a legal scheme of the other, but for limits? */
static bool is_alike(const hd_solved *s, const hd_solved *t)
{
    const hd_arch *a = s->problem.arch, *b = t->problem.arch;
    if (a->levels != b->levels || s->pin != t->pin || s->problem.makes != t->problem.makes) return false;
    if (s->problem.op != t->problem.op && !hd_operator_equal(s->problem.op, t->problem.op)) return false;
    for (int l = 0; l < a->levels; l++)
        if (memcmp(a->level[l].fan, b->level[l].fan, sizeof a->level[l].fan) != 0) return false;
    return memcmp(s->problem.home, t->problem.home, sizeof s->problem.home) == 0;
}

/* Does what one found show how good the other may be?  Not where other roles come from other nodes: a scheme that reads its input
 * from the outermost memory may be twice as slow as what a layer finds whose input is handed on. */
static bool tells(const hd_solved *s, const hd_solved *t)
{
    return are_equal(s->limits, t->limits) && s->problem.arch->level[0].elsewhere == t->problem.arch->level[0].elsewhere;
}

/* Regions that lie elsewhere, or have other room, have like answers, which do for a glance; and a layer alone or in other
 * segments has some that keep to the limits here, to start from. */
static void borrow(const hd_memo *memo, const hd_plan_options *o, hd_solved *s)
{
    hd_budget free_of_charge = {0};
    hd_space space;
    bool answered = false;
    if (s->best.unserved) return;
    hd_plan_space(o, &s->problem, s->pin >= 0 ? &o->pin[s->pin] : NULL, &space);
    space.constraints = s->limits;
    for (int i = 0; i < memo->count; i++) {
        const hd_solved *t = memo->item[i];
        if (t == s || !t->best.found || !is_alike(s, t)) continue;
        if (!are_equal(s->limits, t->limits) && !hd_constraints_hold(&space, &t->best.scheme, NULL)) continue;
        double cost = hd_incumbent_offer(&s->best, &free_of_charge, &t->best.scheme);
        answered |= tells(s, t) && isfinite(cost);
    }
    if (answered && s->effort == HD_EFFORT_NONE) s->effort = HD_EFFORT_GLANCE;
}

hd_status hd_memo_solve(const hd_memo *memo, hd_solved *const *item, int count, const hd_plan_options *options, hd_effort effort,
                        double seconds, hd_error *err)
{
    batch b = {.item = item, .options = options, .effort = effort, .seconds = seconds};
    for (int i = 0; i < count; i++)
        if (item[i]->limits) borrow(memo, options, item[i]); /* layers alone find the same with segments as without */
    return hd_parallel_for(options->threads, count, solve_one, &b, err);
}
