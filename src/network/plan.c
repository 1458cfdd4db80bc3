/* What does a whole network cost?  Every distinct operator is solved once, in parallel, into its own slot; the
 * network is the sum of its layers in their order, so no answer depends on the number of threads.  Solvers that can
 * start from what like operators found do so, in waves: the first of a kind, the second, the next two, four, ..; at last each has
 * a glance at the places of all the others.  Where time is limited those that ran out of it share what is left instead.   */
#include "network/plan.h"

#include <fnmatch.h>
#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/threads.h"
#include "cost/kapla/kapla.h"
#include "network/layouts.h"
#include "network/leads.h"
#include "network/memo.h"
#include "network/patience.h"
#include "network/total.h"

typedef struct job {
    hd_plan *plan;
    int *first;             /* layers to solve: the first of each class of equal ones */
    int *pin;               /* per layer: the pin that holds for it, or -1 */
    int count;
    int *wave, *turn;       /* per class: when it is solved; the classes whose turn it is */
    double *patience;       /* per class: of starts of the solver, against its own number */
    hd_scheme *answer;      /* per class whose wave is over, or NULL: nobody looks back */
    bool glance;            /* all waves are over */
    bool again;             /* likewise: those that ran out of time */
    atomic_int done;
    hd_budget clock;        /* runs from the start of the plan */
} job;

int hd_plan_pin(const hd_plan_options *o, const hd_layer *layer)
{
    for (int i = 0; i < o->pins; i++)
        if (fnmatch(o->pin[i].layers, layer->name, 0) == 0 ||
            (layer->op_name && fnmatch(o->pin[i].layers, layer->op_name, 0) == 0))
            return i;
    return -1;
}

static bool equal_layers(const hd_plan *plan, int a, int b)
{
    const hd_problem *p = &plan->layer[a].problem, *q = &plan->layer[b].problem;
    const hd_constraints *const *limits = plan->options.limits;
    if (limits && limits[a] != limits[b]) return false;
    return memcmp(p->home, q->home, sizeof p->home) == 0 && p->makes == q->makes && p->arch->hash == q->arch->hash &&
           hd_operator_equal(p->op, q->op);
}

/* Each layer looks for the first equal one before it; where inputs lie apart, none is equal. */
static hd_status find_equal(hd_plan *plan, job *j, hd_error *err)
{
    const hd_network *net = plan->network;
    bool apart = hd_plan_has_layouts(&plan->options);
    uint64_t *hash = hd_arena_alloc(plan->arena, (size_t)net->layers + 1, sizeof *hash);
    if (!hash) return hd_fail_memory(err);
    for (int i = 0; i < net->layers; i++) {
        hd_plan_layer *layer = &plan->layer[i];
        hash[i] = hd_operator_hash(&net->layer[i].op);
        j->pin[i] = hd_plan_pin(&plan->options, &net->layer[i]);
        for (int k = 0; !apart && !layer->fused && layer->same_as < 0 && k < j->count; k++) {
            int f = j->first[k];
            if (hash[f] == hash[i] && j->pin[f] == j->pin[i] && equal_layers(plan, f, i)) layer->same_as = f;
        }
        if (!layer->fused && layer->same_as < 0) j->first[j->count++] = i;
    }
    return HD_OK;
}

/* What remains of the time for the whole network, shared among the operators still to solve. */
static double share(const job *j)
{
    const hd_plan_options *o = &j->plan->options;
    if (o->seconds <= 0) return 0;
    int64_t waiting = hd_count_max(1, j->count - atomic_load(&j->done));
    double left = o->seconds - hd_budget_elapsed(&j->clock);
    double threads = (double)hd_count_min(o->threads, waiting);
    return left > 0 ? left * threads / (double)waiting : 1e-9;
}

static bool is_over(const job *j)
{
    const hd_plan_options *o = &j->plan->options;
    return o->seconds > 0 && hd_budget_elapsed(&j->clock) >= o->seconds;
}

bool hd_plan_looks_back(const hd_plan_options *o)
{
    hd_problem p = {.model = o->model, .settings = o->settings};
    if (o->solver && o->solver->traits & HD_SOLVER_LOOKS_BACK) return true;
    return o->model == &hd_model_kapla && hd_kapla_is_compat(&p); /* it has costs of its own for gradients, and layers */
}

hd_problem hd_plan_problem(const hd_plan_options *o, const hd_layer *layer, const hd_arch *arch)
{
    return (hd_problem){.op = &layer->op, .arch = arch, .model = o->model, .settings = o->settings,
                        .makes = hd_plan_looks_back(o) ? layer->makes : HD_MAKES_OUTPUT};
}

void hd_plan_space(const hd_plan_options *o, const hd_problem *problem, const hd_pin *pin, hd_space *out)
{
    hd_space_init(out, problem, o->space_given ? o->space : HD_SPACE_TEMPLATE, o->ragged, o->bypass);
    out->constraints = o->constraints;
    if (o->unroll) memcpy(out->unroll, o->unroll, sizeof out->unroll);
    if (!pin) return;
    out->pin = &pin->scheme;
    memcpy(out->pinned, pin->pinned, sizeof out->pinned);
}

enum { NOTHING_FOUND = INT_MAX }; /* as a wave */

static bool are_alike(const job *j, int a, int b)
{
    const hd_plan_layer *layer = j->plan->layer;
    const hd_constraints *const *limits = j->plan->options.limits;
    int x = j->first[a], y = j->first[b];
    if (j->pin[x] != j->pin[y] || (limits && limits[x] != limits[y])) return false;
    return hd_are_alike(&layer[x].problem, &layer[y].problem);
}

/* What earlier waves found for like operators. */
static hd_leads find_leads(const job *j, int index)
{
    const hd_plan_layer *layer = j->plan->layer;
    hd_leads leads = {0};
    for (int i = 0; j->answer && i < j->count; i++)
        if ((i != index || j->again) && j->wave[i] != NOTHING_FOUND &&
            (j->glance || j->again || j->wave[i] < j->wave[index]) && are_alike(j, i, index))
            hd_leads_offer(&leads, layer[j->first[index]].problem.op, layer[j->first[i]].problem.op, &j->answer[i]);
    return leads;
}

static hd_status solve_in(job *j, int index, hd_arena *arena, hd_error *err)
{
    hd_plan *plan = j->plan;
    const hd_plan_options *o = &plan->options;
    hd_plan_layer *layer = &plan->layer[j->first[index]];
    hd_budget budget = {.evaluations = o->evaluations, .seconds = share(j), .cpu = o->cpu, .cancel = o->cancel, .user = o->user};
    double values[HD_OPTIONS_MOST];
    hd_random random;
    hd_space space;
    int pin = j->pin[j->first[index]];
    if (layer->best.unserved) return HD_OK; /* the model has said why */
    const hd_constraints *limits = o->limits ? o->limits[j->first[index]] : NULL;
    const hd_solved *known = o->known ? hd_memo_find(o->known, &layer->problem, pin, limits) : NULL;
    if (known && known->effort && !o->proofs) {
        layer->best = known->best;
        layer->best.problem = &layer->problem;
        layer->space_log10 = known->space_log10;
        layer->seconds = known->seconds;
        return HD_OK;
    }
    hd_plan_space(o, &layer->problem, pin >= 0 ? &o->pin[pin] : NULL, &space);
    if (limits) space.constraints = limits;
    hd_leads leads = find_leads(j, index);
    space.lead = leads.lead;
    space.leads = leads.count;
    space.glance = j->glance;
    if (j->glance && (leads.count == 0 || !layer->best.found || is_over(j))) return HD_OK;
    if (o->proofs && !(layer->proof = layer->best.proof = hd_proof_new())) return hd_fail_memory(err);
    hd_random_seed(&random, o->seed, (uint64_t)index + (j->again ? (uint64_t)j->count : 0));
    hd_option_values(o->solver->options, o->option_values, values);
    if (o->evaluations == 0) hd_option_scale(o->solver->options, "restarts", j->patience[index], values);
    hd_budget_start(&budget);
    HD_TRY(o->solver->run(o->solver, &space, values, &budget, &random, arena, &layer->best, err));
    layer->space_log10 = hd_space_log10(&space);
    layer->seconds += hd_budget_elapsed(&budget);
    return HD_OK;
}

static hd_status solve_one(void *user, int64_t turn, int worker, hd_error *err)
{
    job *j = user;
    int index = j->turn[turn];
    const hd_plan_options *o = &j->plan->options;
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_status status = solve_in(j, index, arena, err);
    hd_arena_free(arena);
    if (j->glance) return status;
    int done = atomic_fetch_add(&j->done, 1) + 1;
    if (status == HD_OK && o->progress && worker == 0) /* the calling thread alone reports */
        o->progress(o->user, done, j->count, j->plan->network->layer[j->first[index]].name);
    return status;
}

/* Layers that look where the ones before left their outputs. */
static hd_status solve_in_order(job *j, hd_error *err)
{
    for (int k = 0; k < j->count; k++) {
        HD_TRY(hd_plan_find_layout(j->plan, j->first[k], err));
        j->turn[0] = k;
        HD_TRY(solve_one(j, 0, 0, err));
    }
    return HD_OK;
}

/* Number the waves; returns how many there are. */
static int find_waves(job *j)
{
    int waves = 0;
    for (int k = 0; k < j->count; k++) {
        int before = 0;
        for (int i = 0; j->answer && i < k; i++) before += are_alike(j, i, k);
        for (j->wave[k] = 0; before > 0; before /= 2) j->wave[k]++;
        waves = waves > j->wave[k] ? waves : j->wave[k];
    }
    return waves + 1;
}

/* What the classes whose turn it was found, for others to look at. */
static void keep_answers(job *j, int n)
{
    for (int i = 0; j->answer && i < n; i++) {
        int k = j->turn[i];
        const hd_incumbent *best = &j->plan->layer[j->first[k]].best;
        if (best->found) j->answer[k] = best->scheme;
        if (!best->found) j->wave[k] = NOTHING_FOUND;
        else if (j->wave[k] == NOTHING_FOUND) j->wave[k] = 0; /* found when its turn came again */
    }
}

/* The answers of a wave stay as they are while others look at them. */
static hd_status solve_wave(job *j, int wave, hd_error *err)
{
    int n = 0;
    for (int k = 0; k < j->count; k++)
        if (j->wave[k] == wave || (j->glance && j->wave[k] != NOTHING_FOUND)) j->turn[n++] = k;
    HD_TRY(hd_parallel_for(j->plan->options.threads, n, solve_one, j, err));
    if (!j->glance) keep_answers(j, n);
    return HD_OK;
}

/* What time the others left, if it is worth a start, is for those that ran out of it: they go on from what all found. */
static hd_status solve_again(job *j, hd_error *err)
{
    const double little = 0.05;
    const hd_plan_options *o = &j->plan->options;
    int n = 0;
    if (o->seconds <= 0 || o->evaluations > 0 || o->proofs) return HD_OK;
    if (o->seconds - hd_budget_elapsed(&j->clock) < little * o->seconds) return HD_OK;
    for (int k = 0; k < j->count; k++)
        if (j->plan->layer[j->first[k]].best.outcome == HD_OUTCOME_EXHAUSTED) j->turn[n++] = k;
    atomic_store(&j->done, j->count - n); /* these wait once more */
    j->again = true;
    HD_TRY(hd_parallel_for(o->threads, n, solve_one, j, err));
    j->again = false;
    keep_answers(j, n);
    return HD_OK;
}

static hd_status solve_in_waves(job *j, hd_error *err)
{
    const hd_plan_options *o = &j->plan->options;
    if (o->solver->traits & HD_SOLVER_FOLLOWS) {
        j->answer = hd_arena_alloc(j->plan->arena, (size_t)j->count + 1, sizeof *j->answer);
        if (!j->answer) return hd_fail_memory(err);
    }
    int waves = find_waves(j);
    for (int wave = 0; wave < waves; wave++) HD_TRY(solve_wave(j, wave, err));
    HD_TRY(solve_again(j, err));
    j->glance = j->answer && o->evaluations == 0 && !is_over(j); /* else what was given is spent */
    return j->glance ? solve_wave(j, 0, err) : HD_OK;
}

static void copy_equal(hd_plan *plan)
{
    for (int i = 0; i < plan->network->layers; i++) {
        hd_plan_layer *layer = &plan->layer[i];
        if (layer->same_as < 0) continue;
        layer->best = plan->layer[layer->same_as].best;
        layer->best.problem = &layer->problem;
        layer->space_log10 = plan->layer[layer->same_as].space_log10;
    }
}

static hd_status new_plan(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, hd_plan **out,
                          hd_error *err)
{
    *out = NULL;
    if (options->threads < 1 || !options->model)
        return hd_fail(err, HD_ERR_USAGE, "a plan needs a model and at least one thread");
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_plan *plan = arena ? hd_arena_alloc(arena, 1, sizeof *plan) : NULL;
    hd_plan_layer *layer = arena ? hd_arena_alloc(arena, (size_t)net->layers + 1, sizeof *layer) : NULL;
    if (!plan || !layer) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    *plan = (hd_plan){.arena = arena, .network = net, .arch = arch, .options = *options, .layers = net->layers,
                      .layer = layer, .failed = -1};
    for (int i = 0; i < net->layers; i++) {
        layer[i].same_as = -1;
        layer[i].space_log10 = NAN; /* unknown until a space is searched */
        layer[i].fused = net->layer[i].fused_into >= 0;
        layer[i].problem = hd_plan_problem(options, &net->layer[i], options->chip ? options->chip[i] : arch);
        if (options->home) memcpy(layer[i].problem.home, options->home[i], sizeof layer[i].problem.home);
        hd_incumbent_init(&layer[i].best, options->model, &layer[i].problem, options->objective);
    }
    *out = plan;
    return HD_OK;
}

static hd_status solve_all(hd_plan *plan, hd_error *err)
{
    size_t n = (size_t)plan->network->layers + 1;
    int *lists = hd_arena_alloc(plan->arena, 4 * n, sizeof *lists);
    double *patience = hd_arena_alloc(plan->arena, n, sizeof *patience);
    if (!lists || !patience) return hd_fail_memory(err);
    job j = {.plan = plan, .first = lists, .pin = lists + n, .wave = lists + 2 * n, .turn = lists + 3 * n, .patience = patience};
    if (!plan->options.solver) return hd_fail(err, HD_ERR_USAGE, "a plan needs a solver");
    atomic_init(&j.done, 0);
    j.clock.cpu = plan->options.cpu;
    hd_budget_start(&j.clock);
    HD_TRY(find_equal(plan, &j, err));
    hd_find_patience(plan, j.first, j.count, j.patience);
    HD_TRY(hd_plan_has_layouts(&plan->options) ? solve_in_order(&j, err) : solve_in_waves(&j, err));
    copy_equal(plan);
    hd_plan_total(plan);
    plan->seconds = hd_budget_elapsed(&j.clock);
    return HD_OK;
}

hd_status hd_plan_solve(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, hd_plan **out,
                        hd_error *err)
{
    HD_TRY(new_plan(net, arch, options, out, err));
    hd_status status = solve_all(*out, err);
    if (status != HD_OK) {
        hd_plan_free(*out);
        *out = NULL;
    }
    return status;
}

/* The first layer that is priced with an equal scheme for an equal operator, or -1. */
static int priced_before(const hd_plan *plan, const hd_scheme *schemes, int i)
{
    for (int k = 0; k < i; k++) {
        const hd_plan_layer *before = &plan->layer[k];
        if (!before->fused && before->same_as < 0 && equal_layers(plan, k, i) &&
            hd_scheme_equal(&schemes[k], &schemes[i]))
            return k;
    }
    return -1;
}

static hd_status price_all(hd_plan *plan, const hd_scheme *schemes, hd_error *err)
{
    bool apart = hd_plan_has_layouts(&plan->options);
    for (int i = 0; i < plan->network->layers; i++) {
        hd_plan_layer *layer = &plan->layer[i];
        hd_budget budget = {0};
        hd_refusal why = {0};
        if (layer->fused) continue;
        bool legal = hd_scheme_is_legal(&layer->problem, &schemes[i], &why);
        if (!legal && !plan->options.judge)
            return hd_fail(err, HD_ERR_INPUT, "layer %s: %s", plan->network->layer[i].name, why.why);
        if (!legal) layer->best.nearest = why;
        if (!legal || layer->best.unserved) continue;
        if (apart) HD_TRY(hd_plan_find_layout(plan, i, err));
        else layer->same_as = priced_before(plan, schemes, i);
        hd_budget_start(&budget);
        hd_incumbent_offer(&layer->best, &budget, &schemes[i]);
        layer->seconds = hd_budget_elapsed(&budget);
        plan->seconds += layer->seconds;
    }
    hd_plan_total(plan);
    return HD_OK;
}

hd_status hd_plan_price(const hd_network *net, const hd_arch *arch, const hd_scheme *schemes,
                        const hd_plan_options *options, hd_plan **out, hd_error *err)
{
    HD_TRY(new_plan(net, arch, options, out, err));
    hd_status status = price_all(*out, schemes, err);
    if (status != HD_OK) {
        hd_plan_free(*out);
        *out = NULL;
    }
    return status;
}

void hd_plan_space_words(const hd_plan_options *o, char out[HD_SPACE_WORDS])
{
    snprintf(out, HD_SPACE_WORDS, "%s%s%s%s", o->space == HD_SPACE_FREE ? "free" : "template",
             o->ragged ? ",ragged" : "", o->bypass ? ",bypass" : "", o->constraints ? ",constraints" : "");
}

void hd_plan_free(hd_plan *plan)
{
    if (!plan) return;
    hd_arena_free(plan->kept);
    for (int i = 0; i < plan->layers; i++) hd_proof_free(plan->layer[i].proof);
    hd_arena_free(plan->arena);
}
