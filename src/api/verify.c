/* Does the price of a layer's scheme agree with the slow machine, count by count?
 *
 * Small layers are replayed whole.  A large one is replayed scaled down in full, and in seeded windows of its outer
 * iterations with real extents; each part is priced by the same model and compared.                              */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "cost/kapla/kapla.h"
#include "formats/heddle/schedule_yaml.h"
#include "verify/replay.h"
#include "verify/sample.h"

enum { WHOLE_POINTS = 300000, PART_POINTS = 60000, LEAST_POINTS = 200, WINDOWS = 2, CASE_POINTS = 8 };

/* A layer made small: the scaled copy, or a window of its outer iterations. */
typedef struct small_case { char name[48]; hd_operator op; hd_problem problem; hd_scheme scheme; } small_case;

/* One number judged: note the first that differs. */
static void compare(hd_verdict *v, const char *part, const char *what, const char *level, const char *role,
                    int64_t priced, int64_t replayed)
{
    v->compared++;
    if (priced == replayed || !v->agrees) return;
    v->agrees = false;
    snprintf(v->difference, sizeof v->difference, "%s: %s%s%s%s%s: priced %lld, replayed %lld", part, what,
             *level ? " of " : "", level, *role ? " " : "", role, (long long)priced, (long long)replayed);
}

static void compare_level(hd_verdict *v, const char *part, const hd_problem *p, int l, const hd_breakdown *price,
                          const hd_replay *replay)
{
    const char *level = p->arch->level[l].name;
    for (int r = 0; r < HD_ROLES; r++) {
        const char *role = hd_role_name((hd_role)r);
        const hd_access *a = &price->access[l][r];
        const hd_replay_access *b = &replay->access[l][r];
        compare(v, part, "reads", level, role, a->reads, b->reads);
        compare(v, part, "fills", level, role, a->fills, b->fills);
        compare(v, part, "updates", level, role, a->updates, b->updates);
        if (p->arch->level[l].delivery_pj[r] > 0) /* the model counts deliveries only where they cost */
            compare(v, part, "deliveries", level, role, price->deliveries[l][r], replay->deliveries[l][r]);
        compare(v, part, "hops", level, role, price->hops[l][r], replay->hops[l][r]);
    }
}

/* Cycles are the machine's own under native; other accounts add them up from its counts by rules of theirs. */
static void compare_times(hd_verdict *v, const char *part, const hd_arch *arch, const hd_breakdown *price,
                          const hd_replay *replay)
{
    for (int l = 0; l < arch->levels; l++)
        compare(v, part, "cycles", arch->level[l].name, "", price->level_cycles[l], replay->level_cycles[l]);
    compare(v, part, "fill cycles", "", "", price->fill_cycles, replay->fill_cycles);
    compare(v, part, "drain cycles", "", "", price->drain_cycles, replay->drain_cycles);
    compare(v, part, "latency cycles", "", "", price->latency_cycles, replay->latency_cycles);
}

/* The chip as the model has it: some set nothing aside for words on their way. */
static const hd_arch *machine_of(const hd_model *model, const hd_arch *arch, hd_arch *copy)
{
    if (!model->whole_buffers) return arch;
    *copy = *arch;
    for (int l = 0; l < copy->levels; l++) copy->level[l].double_buffer = false;
    return copy;
}

static hd_status judge(const hd_model *model, const hd_problem *p, const hd_scheme *s, const char *part,
                       hd_verdict *v, hd_error *err)
{
    hd_replay replay;
    hd_breakdown price;
    hd_arch copy;
    hd_problem machine = *p;
    machine.arch = machine_of(model, p->arch, &copy);
    HD_TRY(hd_replay_scheme(&machine, s, (int64_t)1 << 24, &replay, err));
    model->price(p, s, &price);
    v->replayed += replay.computes;
    for (int l = 0; l < p->arch->levels; l++) compare_level(v, part, p, l, &price, &replay);
    compare(v, part, "computes", "", "", price.computes, replay.computes);
    compare(v, part, "compute cycles", "", "", price.compute_cycles, replay.compute_cycles);
    if (!model->whole_buffers) compare_times(v, part, p->arch, &price, &replay);
    return HD_OK;
}

/* The scaled copy (window < 0) or a window, of at most so many points. */
static hd_status make_part(const hd_problem *p, const hd_scheme *s, int64_t points, uint64_t seed, int window, small_case *out,
                           hd_error *err)
{
    snprintf(out->name, sizeof out->name, "scaled down");
    if (window < 0) return hd_sample_scale(p, s, points, &out->op, &out->problem, &out->scheme, err);
    snprintf(out->name, sizeof out->name, "window of seed %llu", (unsigned long long)seed + (unsigned)window);
    return hd_sample_window(p, s, points, seed + (uint64_t)window, &out->op, &out->problem, &out->scheme, err);
}

/* A window cuts loops short: what the model serves whole it may refuse in part, as results that then slide over gaps. */
static hd_status judge_if_served(const hd_model *model, const small_case *x, bool *served, hd_verdict *v, hd_error *err)
{
    hd_refusal why;
    *served = model->fits(&x->problem, &x->scheme, &why);
    if (*served) return judge(model, &x->problem, &x->scheme, x->name, v, err);
    return hd_fail(err, HD_ERR_USAGE, "%s: %s", x->name, why.why);
}

/* Wide arrays hold too many words for explicit sets even at few points; then the part shrinks until it can be replayed.  One that
 * the model does not serve is left out. */
static hd_status judge_part(const hd_model *model, const hd_problem *p, const hd_scheme *s, uint64_t seed, int window,
                            hd_verdict *v, hd_error *err)
{
    hd_status status = HD_ERR_USAGE;
    bool served = true;
    for (int64_t points = PART_POINTS; status == HD_ERR_USAGE && points >= LEAST_POINTS; points /= 4) {
        small_case x;
        status = make_part(p, s, points, seed, window, &x, err);
        if (status == HD_OK) status = judge_if_served(model, &x, &served, v, err);
    }
    return served ? status : HD_OK;
}

static hd_status judge_parts(const hd_model *model, const hd_problem *p, const hd_scheme *s, uint64_t seed,
                             hd_verdict *v, hd_error *err)
{
    for (int window = -1; window < WINDOWS; window++) HD_TRY(judge_part(model, p, s, seed, window, v, err));
    return v->replayed > 0 ? HD_OK : HD_ERR_USAGE; /* why stands in `err`: none is served */
}

/* The machine that is replayed is the native model's meaning; kapla, where it is exact, counts the same one with whole
 * buffers.  No other model can be judged by it. */
HD_API hd_status hd_verify_serves(const hd_answer *answer, hd_error *err)
{
    const hd_plan_options *o = &answer->options;
    const hd_problem p = {.model = o->model, .settings = o->settings};
    if (strcmp(o->model->name, hd_model_native.name) == 0) return HD_OK;
    if (o->model != &hd_model_kapla)
        return hd_fail(err, HD_ERR_USAGE, "the replay is of the machine that the model native describes: price the schedule "
                       "by native, not by %s, to verify it", o->model->name);
    if (!hd_kapla_is_compat(&p)) return HD_OK;
    return hd_fail(err, HD_ERR_USAGE, "under kapla.compat the schedule costs what KAPLA's research code says, which no machine "
                   "does step by step: nothing can be replayed; --set kapla.compat=false judges its schemes by exact counts");
}

static hd_status find_scheme(const hd_answer *answer, int layer, const hd_scheme **out, hd_error *err)
{
    *out = hd_answer_scheme(answer, layer);
    if (!*out) return hd_fail(err, HD_ERR_USAGE, "the layer has no scheme of its own");
    return hd_verify_serves(answer, err);
}

HD_API hd_status hd_verify_layer(hd_context *context, const hd_answer *answer, int layer, uint64_t seed,
                                 hd_verdict *out, hd_error *err)
{
    (void)context;
    const hd_scheme *s;
    HD_TRY(find_scheme(answer, layer, &s, err));
    const hd_problem *p = hd_answer_problem(answer, layer);
    const hd_model *model = answer->options.model;
    hd_verdict v = {.agrees = true, .points = hd_operator_points(p->op)};
    v.whole = v.points <= WHOLE_POINTS;
    hd_error refused = {0};
    hd_status status = v.whole ? judge(model, p, s, "whole", &v, &refused) : HD_ERR_USAGE;
    if (status == HD_ERR_USAGE) { /* too large to replay as it is */
        v.whole = false;
        status = judge_parts(model, p, s, seed, &v, &refused);
    }
    if (status != HD_OK) return hd_fail(err, refused.code, "%s", refused.message);
    hd_stamp_give(out, &v, sizeof v);
    return HD_OK;
}

/* ---- the smallest failing case ---- */

/* Does the part replay, and differ? */
static bool differs(const hd_model *model, const small_case *x)
{
    hd_verdict v = {.agrees = true};
    if (!model->fits(&x->problem, &x->scheme, NULL)) return false;
    return judge(model, &x->problem, &x->scheme, x->name, &v, NULL) == HD_OK && !v.agrees;
}

/* From few points to many, scaled before windows; at last the layer itself. */
static bool find_case(const hd_model *model, const hd_problem *p, const hd_scheme *s, uint64_t seed, small_case *out)
{
    int64_t whole = hd_operator_points(p->op);
    for (int64_t points = CASE_POINTS; points <= PART_POINTS && points < whole; points *= 2)
        for (int window = -1; window < WINDOWS; window++)
            if (make_part(p, s, points, seed, window, out, NULL) == HD_OK && differs(model, out)) return true;
    *out = (small_case){.name = "whole", .op = *p->op, .problem = *p, .scheme = *s};
    out->problem.op = &out->op;
    return whole <= WHOLE_POINTS && differs(model, out);
}

static hd_status write_case(const hd_answer *answer, const small_case *x, hd_text *text, hd_error *err)
{
    hd_network *net = NULL;
    hd_schedule_layer layer = {.scheduled = true, .same_as = -1, .scheme = x->scheme};
    memcpy(layer.home, x->problem.home, sizeof layer.home);
    HD_TRY(hd_network_of_operator(&x->op, x->name, hd_kind_name(x->op.kind), &net, err));
    hd_schedule schedule = {.arch = *x->problem.arch, .network = net, .layer = &layer,
                            .objective = hd_objective_name(answer->options.objective), .solver = "", .space = "",
                            .model = answer->options.model->name};
    hd_status status = hd_schedule_write(&schedule, text, err);
    hd_network_free(net);
    return status;
}

HD_API hd_status hd_verify_case(hd_context *context, const hd_answer *answer, int layer, uint64_t seed, char **out,
                                hd_error *err)
{
    const hd_scheme *s;
    small_case *x;
    void *memory;
    HD_TRY(find_scheme(answer, layer, &s, err));
    HD_TRY(hd_context_alloc(context, sizeof *x, &memory, err));
    x = memory;
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = HD_OK;
    if (!find_case(answer->options.model, hd_answer_problem(answer, layer), s, seed, x))
        status = hd_fail(err, HD_ERR_USAGE, "no part of the layer differs");
    if (status == HD_OK) status = write_case(answer, x, &text, err);
    hd_context_release(context, x);
    if (status == HD_OK) return hd_text_give(&text, out, err);
    hd_text_free(&text);
    return status;
}
