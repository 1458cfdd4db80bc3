/* Every distinct operator is solved by the judge and then by every method, in the same space under the same model.
 * No answer may lie below the bound of another: where one does, a proof or a price is wrong, and the run stops.    */
#include "study/overhead.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/threads.h"

/* CPU seconds of the calling thread: a contest runs in one. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- one contest ---- */

static bool cancelled(const hd_plan_options *o) { return o->cancel && o->cancel(o->user); }

/* Methods with schemes of their own may find one that the space does not have. */
static bool is_outside(const hd_plan_options *o, const hd_plan_layer *layer)
{
    hd_space space;
    if (!layer->best.found) return false;
    hd_plan_space(o, &layer->problem, NULL, &space);
    return !hd_space_has(&space, &layer->best.scheme);
}

static hd_status search(const hd_overheads *x, const hd_contest *c, const hd_plan_options *o, hd_run *out, hd_plan **plan,
                        hd_error *err)
{
    double started = cpu_seconds();
    HD_TRY(hd_plan_solve(&c->net, x->pair[c->pair].arch, o, plan, err));
    const hd_incumbent *best = &(*plan)->layer[0].best;
    *out = (hd_run){.found = best->found, .outcome = best->outcome, .cost = best->cost, .lower_bound = best->lower_bound,
                    .seconds = cpu_seconds() - started, .energy_pj = best->price.energy_pj,
                    .cycles = (double)best->price.latency_cycles, .evaluations = best->evaluations,
                    .outside = is_outside(o, &(*plan)->layer[0])};
    return HD_OK;
}

/* One visit of a contest: may the store answer (not when what it said must be seen again), and did it? */
typedef struct visit { bool ask, answered; } visit;

/* From the store, or searched and stored; what a cancel cut short is not stored. */
static hd_status recall_or_search(const hd_overheads *x, const hd_contest *c, const hd_plan_options *o, const char *question,
                                  visit *v, hd_run *out, hd_plan **plan, hd_error *err)
{
    if (v->ask && hd_store_find(x->options.store, question, out)) {
        v->answered = true;
        return HD_OK;
    }
    HD_TRY(search(x, c, o, out, plan, err));
    return cancelled(o) ? HD_OK : hd_store_add(x->options.store, question, out, err);
}

/* What a run may take: prices, CPU seconds (each 0 = as the options say). */
typedef struct effort { int64_t evaluations; double seconds; } effort;

static hd_status run_method(const hd_overheads *x, const hd_contest *c, const hd_method *m, effort most, visit *v, hd_run *out,
                            hd_plan **plan, hd_error *err)
{
    hd_plan_options o = x->options.plan;
    hd_text question;
    o.solver = m->solver;
    o.option_values = m->values;
    o.evaluations = most.evaluations;
    o.cpu = true; /* what the clock of a busy machine says is no measure of work */
    if (most.seconds > 0) o.seconds = o.seconds > 0 ? fmin(o.seconds, most.seconds) : most.seconds;
    o.threads = 1;
    o.progress = NULL;
    if (!x->options.store) return search(x, c, &o, out, plan, err);
    hd_text_init(&question, NULL, 0);
    hd_store_question(&c->layer.op, x->pair[c->pair].arch, &o, &question);
    if (hd_plan_looks_back(&o) && c->layer.makes != HD_MAKES_OUTPUT)
        hd_text_format(&question, "; makes %d", (int)c->layer.makes);
    hd_status status = hd_text_check(&question, err);
    if (status == HD_OK) status = recall_or_search(x, c, &o, question.data, v, out, plan, err);
    hd_text_free(&question);
    return status;
}

/* Does `found` contradict what `claim` proves, which is of the space alone?  Proofs round in the 13th digit; that there is no
 * scheme can only be said by a method that looks at all (the published `kapla` may merely have had its candidates refused). */
static bool contradicts(const hd_run *found, const hd_method *claimer, const hd_run *claim)
{
    if (!found->found || found->outside) return false;
    if (claim->outcome == HD_OUTCOME_INFEASIBLE) return (claimer->solver->traits & HD_SOLVER_EXACT) != 0;
    return found->cost < claim->lower_bound * (1 - 1e-12);
}

static void describe(const hd_overheads *x, hd_contest *c, const hd_method *finder, const hd_run *found,
                     const hd_method *claimer, const hd_run *claim)
{
    const hd_pair *pair = &x->pair[c->pair];
    char least[64];
    snprintf(least, sizeof least, "at least %.17g", claim->lower_bound);
    snprintf(c->what, sizeof c->what,
             "layer '%s' of %s on %s: %s found a scheme of %s %.17g, and %s says that there is %s: a bug of heddle, "
             "please report it", c->net.layer->name, pair->net->name, pair->arch->name, finder->solver->name,
             hd_objective_name(x->options.plan.objective), found->cost, claimer->solver->name,
             claim->outcome == HD_OUTCOME_INFEASIBLE ? "none" : least);
}

/* Every answer against every claim; the plan of the first answer that is too good stays. */
static bool compare(const hd_overheads *x, hd_contest *c, const hd_method **method, const hd_run **run, hd_plan **plan)
{
    int n = x->options.methods + 1;
    for (int a = 0; a < n; a++) {
        for (int b = 0; b < n; b++) {
            if (a == b || !contradicts(run[a], method[b], run[b])) continue;
            describe(x, c, method[a], run[a], method[b], run[b]);
            c->odd = plan[a];
            plan[a] = NULL;
            return false;
        }
    }
    return true;
}

static effort effort_of(const hd_overheads *x, const hd_contest *c, int method)
{
    const hd_method *m = &x->options.method[method];
    if (m->like == 0) return (effort){x->options.plan.evaluations, 0};
    const hd_run *like = &c->method[m->like - 1];
    return m->like_seconds ? (effort){HD_NO_END, fmax(like->seconds, 1e-9)} : (effort){like->evaluations, 0};
}

static hd_status run_all_methods(const hd_overheads *x, hd_contest *c, visit *v, hd_plan **plan, hd_error *err)
{
    const hd_overhead_options *o = &x->options;
    HD_TRY(run_method(x, c, &o->judge, (effort){0, 0}, v, &c->judge, &plan[0], err));
    for (int m = 0; m < o->methods; m++)
        HD_TRY(run_method(x, c, &o->method[m], effort_of(x, c, m), v, &c->method[m], &plan[m + 1], err));
    return HD_OK;
}

/* Nothing is believed of a contradiction that stored numbers tell of. */
static void forget(hd_contest *c, hd_plan **plan, int methods)
{
    for (int i = 0; i <= methods; i++) {
        hd_plan_free(plan[i]);
        plan[i] = NULL;
    }
    hd_plan_free(c->odd);
    c->odd = NULL;
    c->what[0] = '\0';
}

static hd_status contest_in(const hd_overheads *x, hd_contest *c, hd_arena *arena, hd_plan **plan, hd_error *err)
{
    const hd_overhead_options *o = &x->options;
    size_t n = (size_t)o->methods + 1;
    const hd_method **method = hd_arena_alloc(arena, n, sizeof *method);
    const hd_run **run = hd_arena_alloc(arena, n, sizeof *run);
    if (!method || !run) return hd_fail_memory(err);
    for (int m = -1; m < o->methods; m++) {
        method[m + 1] = m < 0 ? &o->judge : &o->method[m];
        run[m + 1] = m < 0 ? &c->judge : &c->method[m];
    }
    for (visit v = {.ask = o->store != NULL};; v = (visit){0}) {
        HD_TRY(run_all_methods(x, c, &v, plan, err));
        c->done = !cancelled(&o->plan);
        if (compare(x, c, method, run, plan)) return HD_OK;
        if (!v.answered) break;
        forget(c, plan, o->methods);
    }
    c->done = true;
    return hd_fail(err, HD_ERR_INTERNAL, "%s", c->what); /* no further contest is started */
}

static hd_status run_contest(void *user, int64_t index, int worker, hd_error *err)
{
    hd_overheads *x = user;
    hd_contest *c = &x->contest[index];
    const hd_plan_options *o = &x->options.plan;
    if (cancelled(o)) return HD_OK;
    hd_arena *arena = hd_arena_new(NULL, 0);
    size_t n = (size_t)x->options.methods + 1;
    hd_plan **plan = arena ? hd_arena_alloc(arena, n, sizeof *plan) : NULL;
    hd_status status = plan ? contest_in(x, c, arena, plan, err) : hd_fail_memory(err);
    for (size_t i = 0; plan && i < n; i++) hd_plan_free(plan[i]);
    hd_arena_free(arena);
    int done = atomic_fetch_add(&x->done, 1) + 1;
    if (status == HD_OK && o->progress && worker == 0) { /* the calling thread alone reports */
        char name[256];
        snprintf(name, sizeof name, "%s on %s: %s", c->net.name, x->pair[c->pair].arch->name, c->layer.name);
        o->progress(o->user, done, x->contests, name);
    }
    return status;
}

/* ---- which contests there are ---- */

/* Some methods, or the model, go about a gradient otherwise than about an equal product of the way forward. */
static bool looks_back(const hd_overheads *x)
{
    bool any = hd_plan_looks_back(&x->options.plan);
    for (int m = 0; m < x->options.methods; m++) any |= (x->options.method[m].solver->traits & HD_SOLVER_LOOKS_BACK) != 0;
    return any;
}

/* The contest of the pair with an equal operator, or -1. */
static int find_equal(const hd_overheads *x, const hd_pair *pair, const hd_layer *layer)
{
    for (int i = pair->first; i < pair->first + pair->count; i++) {
        const hd_layer *other = &x->contest[i].layer;
        if (hd_operator_equal(&other->op, &layer->op) && (other->makes == layer->makes || !looks_back(x))) return i;
    }
    return -1;
}

static hd_status add_contest(hd_overheads *x, int pair, const hd_layer *layer, hd_error *err)
{
    hd_contest *c = &x->contest[x->contests++];
    c->pair = pair;
    c->layer = *layer;
    c->layer.inputs = 0;
    c->layer.fused_into = -1;
    c->net = (hd_network){.arena = x->arena, .name = x->pair[pair].net->name, .batch = x->pair[pair].net->batch, .layers = 1,
                          .layer = &c->layer};
    hd_network_seal(&c->net);
    c->method = hd_arena_alloc(x->arena, (size_t)x->options.methods + 1, sizeof *c->method);
    return c->method ? HD_OK : hd_fail_memory(err);
}

static hd_status list_pair(hd_overheads *x, int index, hd_error *err)
{
    hd_pair *pair = &x->pair[index];
    pair->first = x->contests;
    for (int l = 0; l < pair->net->layers; l++) {
        const hd_layer *layer = &pair->net->layer[l];
        if (layer->fused_into >= 0) continue;
        int same = find_equal(x, pair, layer);
        if (same < 0) {
            same = x->contests;
            pair->count++;
            HD_TRY(add_contest(x, index, layer, err));
        }
        x->contest[same].layers += layer->repeats > 0 ? layer->repeats : 1;
    }
    return HD_OK;
}

static hd_status list_all(hd_overheads *x, const hd_network *const *net, int nets, const hd_arch *const *arch, int archs,
                          hd_error *err)
{
    size_t most = 1;
    for (int n = 0; n < nets; n++) most += (size_t)net[n]->layers * (size_t)archs;
    x->pairs = nets * archs;
    x->pair = hd_arena_alloc(x->arena, (size_t)x->pairs + 1, sizeof *x->pair);
    x->contest = hd_arena_alloc(x->arena, most, sizeof *x->contest);
    if (!x->pair || !x->contest) return hd_fail_memory(err);
    for (int i = 0; i < x->pairs; i++) {
        x->pair[i] = (hd_pair){.net = net[i / archs], .arch = arch[i % archs]};
        HD_TRY(list_pair(x, i, err));
    }
    return HD_OK;
}

static hd_status run_all(hd_overheads *x, hd_error *err)
{
    hd_budget clock = {0};
    hd_budget_start(&clock);
    hd_status status = hd_parallel_for(x->options.plan.threads, x->contests, run_contest, x, err);
    x->seconds = hd_budget_elapsed(&clock);
    x->odd = -1;
    for (int i = 0; i < x->contests; i++) {
        if (x->odd < 0 && x->contest[i].odd) x->odd = i;
        x->interrupted |= !x->contest[i].done;
    }
    return x->odd >= 0 ? HD_OK : status;
}

/* The caller's list may be gone when the reports ask for it. */
static hd_status copy_methods(hd_overheads *x, hd_error *err)
{
    size_t n = (size_t)x->options.methods;
    hd_method *own = hd_arena_alloc(x->arena, n + 1, sizeof *own);
    if (!own) return hd_fail_memory(err);
    if (n > 0) memcpy(own, x->options.method, n * sizeof *own);
    x->options.method = own;
    return HD_OK;
}

hd_status hd_overheads_run(const hd_network *const *net, int nets, const hd_arch *const *arch, int archs,
                           const hd_overhead_options *options, hd_overheads **out, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_overheads *x = arena ? hd_arena_alloc(arena, 1, sizeof *x) : NULL;
    if (!x) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    x->arena = arena;
    x->options = *options;
    atomic_init(&x->done, 0);
    hd_status status = copy_methods(x, err);
    if (status == HD_OK) status = list_all(x, net, nets, arch, archs, err);
    if (status == HD_OK) status = run_all(x, err);
    if (status != HD_OK) {
        hd_overheads_free(x);
        return status;
    }
    *out = x;
    return HD_OK;
}

void hd_overheads_free(hd_overheads *x)
{
    if (!x) return;
    for (int i = 0; i < x->contests; i++) hd_plan_free(x->contest[i].odd);
    hd_arena_free(x->arena);
}
