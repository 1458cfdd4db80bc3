/* What has been solved? */
#include "network/memo.h"

#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "network/leads.h"

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

/* But for limits, which are equal by what they say. */
static uint64_t key_of(const hd_problem *p, int pin)
{
    const uint64_t spread = 0x9e3779b97f4a7c15u;
    return (p->arch->hash * spread + (uint64_t)(pin + 1)) * spread + (uint64_t)p->makes;
}

hd_solved *hd_memo_find(const hd_memo *memo, const hd_problem *problem, int pin, const hd_constraints *limits)
{
    const uint64_t key = key_of(problem, pin);
    for (int i = 0; i < memo->count; i++)
        if (memo->key[i] == key && is_same(memo->item[i], problem, pin, limits)) return memo->item[i];
    return NULL;
}

hd_status hd_memo_entry(hd_memo *memo, const hd_plan_options *options, const hd_problem *problem, int pin,
                        const hd_constraints *limits, hd_solved **out, hd_error *err)
{
    *out = hd_memo_find(memo, problem, pin, limits);
    if (*out) return HD_OK;
    hd_solved **item = hd_arena_grow(memo->arena, memo->item, sizeof *item, memo->count, &memo->room, 64);
    if (item) memo->item = item;
    uint64_t *key = hd_arena_grow(memo->arena, memo->key, sizeof *key, memo->count, &memo->keys_room, 64);
    hd_solved *s = item && key ? hd_arena_alloc(memo->arena, 1, sizeof *s) : NULL;
    if (!s) return hd_fail_memory(err);
    memo->key = key;
    key[memo->count] = key_of(problem, pin);
    *s = (hd_solved){.problem = *problem, .pin = pin, .limits = limits, .space_log10 = NAN, .stake = INFINITY,
                     .stream = hd_operator_hash(problem->op) ^ problem->arch->hash};
    hd_incumbent_init(&s->best, options->model, &s->problem, options->objective);
    memo->item[memo->count++] = *out = s;
    return HD_OK;
}

/* Evaluations of short searches, those of a rough one for each doubling of the nodes: more of them can be used in more ways. */
static const double GLANCE[2] = {100, 120}, ROUGH[2] = {40, 68}, LAST = 1.5; /* [at home] */
static const double STARTS[2][HD_EFFORTS] = {{[HD_EFFORT_GLANCE] = 1, [HD_EFFORT_ROUGH] = 2},
                                             {[HD_EFFORT_GLANCE] = 1, [HD_EFFORT_ROUGH] = 3}};
/* Starts in vain that end a whole search after a firm one, as a share of the solver's own: there is a good answer already; fewer
 * where less than WORTH is at stake, and where less than SMALL is, from that answer alone. */
static const double PATIENCE = 0.35, WORTH = 0.3, SMALL = 0.1;

/* Where a search starts, and of what: what the others find meanwhile is not looked at. */
typedef struct beginning { hd_leads leads; hd_scheme scheme[HD_LEADS]; } beginning;

typedef struct batch {
    hd_solved *const *item;
    beginning *from;        /* per item */
    const hd_plan_options *options;
    hd_effort effort;
    double seconds;
} batch;

static void lower(const hd_solver *solver, const char *name, double most, double *values)
{
    int at = hd_option_find(solver->options, name);
    if (at >= 0) values[at] = fmin(values[at], most);
}

/* Evaluations of a short search; 0 = it is none.  For energy x latency a rough one is the last before the chain is chosen. */
static double short_work(const hd_plan_options *o, const hd_solved *s, hd_effort effort)
{
    const int64_t *fan = s->problem.arch->level[1].fan;
    double doublings = fmax(1, log2((double)(fan[HD_X] * fan[HD_Y]))), longer = o->objective == HD_EDP ? LAST : 1;
    if (effort == HD_EFFORT_GLANCE) return GLANCE[s->at_home];
    return effort == HD_EFFORT_ROUGH ? ceil(ROUGH[s->at_home] * doublings * longer) : 0;
}

/* The options' values for the effort; returns that which it comes to.  Short searches are for solvers with such an option, and
 * firm ones need an answer and leads. */
static hd_effort choose(const hd_plan_options *o, const hd_solved *s, const hd_leads *leads, hd_effort effort, double *values)
{
    int work = hd_option_find(o->solver->options, "work");
    double most = short_work(o, s, effort);
    hd_option_values(o->solver->options, o->option_values, values);
    if (effort == HD_EFFORT_FIRM && o->evaluations == 0 && s->best.found && leads->count > 0) return effort;
    if (effort == HD_EFFORT_WHOLE && s->effort == HD_EFFORT_FIRM)
        hd_option_scale(o->solver->options, "restarts", PATIENCE * fmin(1, s->stake / WORTH), values);
    if (most == 0 || o->evaluations > 0 || work < 0 || values[work] <= most) return HD_EFFORT_WHOLE;
    lower(o->solver, "work", most, values);
    lower(o->solver, "starts", STARTS[s->at_home][effort], values);
    return effort;
}

static hd_status solve_in(const batch *b, hd_solved *s, const hd_leads *leads, hd_arena *arena, hd_effort *effort, hd_error *err)
{
    const hd_plan_options *o = b->options;
    hd_budget budget = {.evaluations = o->evaluations, .seconds = b->seconds, .cancel = o->cancel, .user = o->user};
    hd_random random;
    hd_space space;
    double values[HD_OPTIONS_MOST];
    if (s->best.unserved) return HD_OK; /* the model has said why */
    *effort = choose(o, s, leads, b->effort, values);
    hd_plan_space(o, &s->problem, s->pin >= 0 ? &o->pin[s->pin] : NULL, &space);
    if (s->limits) space.constraints = s->limits;
    if (*effort < HD_EFFORT_WHOLE || (s->effort == HD_EFFORT_FIRM && s->stake < SMALL)) {
        space.lead = leads->lead;
        space.leads = *effort == HD_EFFORT_WHOLE ? leads->count > 0 : leads->count; /* the first is its own answer */
        space.glance = *effort == HD_EFFORT_FIRM;
    }
    hd_random_seed(&random, o->seed, s->stream);
    hd_budget_start(&budget);
    HD_TRY(o->solver->run(o->solver, &space, values, &budget, &random, arena, &s->best, err));
    if (isnan(s->space_log10)) s->space_log10 = hd_space_log10(&space);
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
    hd_status status = solve_in(b, s, &b->from[index].leads, arena, &effort, err);
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

/* What was found of the problem itself, of the layer alone, and in other segments where the same is handed on. */
static void find_beginning(const hd_memo *memo, const hd_plan_options *o, const hd_solved *s, beginning *from)
{
    if (!s->limits || !(o->solver->traits & HD_SOLVER_FOLLOWS)) return;
    if (s->best.found) hd_leads_offer(&from->leads, s->problem.op, s->problem.op, &s->best.scheme);
    for (int i = 0; i < memo->count; i++) {
        const hd_solved *t = memo->item[i];
        bool likes = !t->limits || t->problem.arch->level[0].elsewhere == s->problem.arch->level[0].elsewhere;
        if (t == s || !t->best.found || !likes || s->pin != t->pin || s->problem.makes != t->problem.makes) continue;
        if (t->problem.arch->levels == s->problem.arch->levels && hd_have_same_loops(s->problem.op, t->problem.op))
            hd_leads_offer(&from->leads, s->problem.op, t->problem.op, &t->best.scheme);
    }
    for (int i = 0; i < from->leads.count; i++) {
        from->scheme[i] = *from->leads.lead[i].scheme;
        from->leads.lead[i].scheme = &from->scheme[i];
    }
}

hd_status hd_memo_solve(const hd_memo *memo, hd_solved *const *item, int count, const hd_plan_options *options, hd_effort effort,
                        double seconds, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    beginning *from = arena ? hd_arena_alloc(arena, (size_t)count + 1, sizeof *from) : NULL;
    batch b = {.item = item, .from = from, .options = options, .effort = effort, .seconds = seconds};
    for (int i = 0; from && i < count; i++) {
        if (item[i]->limits) borrow(memo, options, item[i]); /* layers alone find the same with segments as without */
        find_beginning(memo, options, item[i], &from[i]);
    }
    hd_status status = from ? hd_parallel_for(options->threads, count, solve_one, &b, err) : hd_fail_memory(err);
    hd_arena_free(arena);
    return status;
}
