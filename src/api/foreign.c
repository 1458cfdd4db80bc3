/* A neighbour's files as one problem: price the mapping they hold, search under their constraints, or convert them.
 *
 * A foreign problem becomes a network of one layer, so that answers, tables and JSON are those of any network. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "formats/timeloop/timeloop.h"

struct hd_foreign {
    hd_arena *arena;
    hd_timeloop *timeloop;
    hd_network *network; /* of the one operator; NULL without one */
    char files[200];     /* their names, for messages */
};

static hd_status check_format(const char *format, hd_error *err)
{
    if (strcmp(format, "timeloop") == 0) return HD_OK;
    return hd_fail(err, HD_ERR_USAGE, "no foreign format '%s'; there is: timeloop", format);
}

/* ---- opening ---- */

static hd_status new_foreign(hd_context *context, const char *format, int count, hd_foreign **out, hd_error *err)
{
    void *memory;
    HD_TRY(check_format(format, err));
    if (count < 1) return hd_fail(err, HD_ERR_USAGE, "no files of %s are given", format);
    HD_TRY(hd_context_alloc(context, sizeof(hd_foreign), &memory, err));
    *out = memory;
    (*out)->arena = hd_arena_new(hd_context_memory(context), 0);
    if ((*out)->arena) return HD_OK;
    hd_context_release(context, memory);
    return hd_fail_memory(err);
}

static hd_status load(const hd_context *context, const char *const *paths, int count, hd_arena *arena,
                      const hd_timeloop_text **out, hd_error *err)
{
    hd_timeloop_text *text = hd_arena_alloc(arena, (size_t)count, sizeof *text);
    if (!text) return hd_fail_memory(err);
    for (int i = 0; i < count; i++) {
        char *bytes = NULL;
        HD_TRY(hd_context_read(context, paths[i], &bytes, &text[i].length, err));
        text[i].text = hd_arena_textn(arena, bytes, text[i].length);
        text[i].name = hd_arena_text(arena, paths[i]);
        hd_context_release(context, bytes);
        if (!text[i].text || !text[i].name) return hd_fail_memory(err);
    }
    *out = text;
    return HD_OK;
}

static hd_status copy(const hd_named_text *given, int count, hd_arena *arena, const hd_timeloop_text **out, hd_error *err)
{
    hd_timeloop_text *text = hd_arena_alloc(arena, (size_t)count, sizeof *text);
    if (!text) return hd_fail_memory(err);
    for (int i = 0; i < count; i++)
        text[i] = (hd_timeloop_text){given[i].name ? given[i].name : "text", given[i].text, given[i].length};
    *out = text;
    return HD_OK;
}

static hd_status understand(const hd_timeloop_text *text, int count, hd_foreign *out, hd_error *err)
{
    HD_TRY(hd_timeloop_read(text, count, out->arena, &out->timeloop, err));
    const hd_timeloop *t = out->timeloop;
    if (!t->has_op) return HD_OK;
    const char *name = t->name[0] ? t->name : "problem";
    return hd_network_of_operator(&t->op, name, hd_kind_name(t->op.kind), &out->network, err);
}

/* "arch.yaml, problem.yaml": as many as there is room for. */
static void name_files(const hd_timeloop_text *text, int count, char out[200])
{
    size_t used = 0;
    for (int i = 0; i < count && used + 60 < 200; i++) {
        const char *folder = strrchr(text[i].name, '/');
        used += (size_t)snprintf(out + used, 200 - used, "%s%.40s", i ? ", " : "", folder ? folder + 1 : text[i].name);
        if (i + 1 < count && used + 60 >= 200) snprintf(out + used, 200 - used, ", ...");
    }
}

/* What was passed over is told, what cannot be read ends it. */
static hd_status finish_opening(hd_context *context, hd_status status, const hd_timeloop_text *text, int count,
                                hd_foreign *foreign, hd_foreign **out, hd_error *err)
{
    if (status == HD_OK) status = understand(text, count, foreign, err);
    if (status != HD_OK) {
        hd_foreign_free(context, foreign);
        return status;
    }
    name_files(text, count, foreign->files);
    for (const hd_timeloop_warning *w = foreign->timeloop->warnings; w; w = w->next) hd_context_log(context, w->text);
    *out = foreign;
    return HD_OK;
}

HD_API hd_status hd_foreign_open(hd_context *context, const char *format, const char *const *paths, int count,
                                 hd_foreign **out, hd_error *err)
{
    hd_foreign *foreign = NULL;
    const hd_timeloop_text *text = NULL;
    HD_TRY(new_foreign(context, format, count, &foreign, err));
    hd_status status = load(context, paths, count, foreign->arena, &text, err);
    return finish_opening(context, status, text, count, foreign, out, err);
}

HD_API hd_status hd_foreign_parse(hd_context *context, const char *format, const hd_named_text *texts, int count,
                                  hd_foreign **out, hd_error *err)
{
    hd_foreign *foreign = NULL;
    const hd_timeloop_text *text = NULL;
    HD_TRY(new_foreign(context, format, count, &foreign, err));
    hd_status status = copy(texts, count, foreign->arena, &text, err);
    return finish_opening(context, status, text, count, foreign, out, err);
}

HD_API void hd_foreign_free(hd_context *context, hd_foreign *foreign)
{
    if (!foreign) return;
    hd_network_free(foreign->network);
    hd_arena_free(foreign->arena);
    hd_context_release(context, foreign);
}

static bool limits_level(const hd_timeloop *t, int level)
{
    const hd_constraints *c = &t->constraints;
    unsigned keep = c->must_keep[level];
    for (int r = 0; r < HD_ROLES; r++) /* the home keeps its tensor anyway */
        if (t->home[r] == level) keep &= ~HD_ROLE_BIT(r);
    bool any = c->inner[level] > 0 || c->outer[level] > 0 || keep != 0 || c->must_bypass[level] != 0;
    for (int d = 0; d < t->op.dims; d++) {
        const hd_limit *loop = &c->loop[level][d], *copies = &c->copies[level][d];
        any = any || loop->least > 0 || loop->most > 0 || copies->least > 0 || copies->most > 0;
    }
    return any;
}

/* Timeloop's mapspace always has rules (one loop per dimension and level ...); is there one that the files asked for? */
static bool is_constrained(const hd_timeloop *t)
{
    bool any = t->has_constraints && t->constraints.least_utilization > 0;
    for (int l = 0; t->has_constraints && l < t->arch.levels; l++) any = any || limits_level(t, l);
    return any;
}

HD_API bool hd_foreign_has(const hd_foreign *foreign, const char *part)
{
    const hd_timeloop *t = foreign->timeloop;
    const struct { const char *part; bool has; } parts[] = {
        {"arch", t->has_arch}, {"problem", t->has_op}, {"mapping", t->has_mapping}, {"constraints", is_constrained(t)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(parts[i].part, part) == 0) return parts[i].has;
    return false;
}

static hd_status need(const hd_foreign *foreign, const char *part, hd_error *err)
{
    if (hd_foreign_has(foreign, part)) return HD_OK;
    const char *key = strcmp(part, "arch") == 0 ? "architecture" : part;
    return hd_fail(err, HD_ERR_USAGE, "the Timeloop files (%s) hold no %s: give the file with the key `%s:`, too", foreign->files,
                   key, key);
}

/* ---- pricing and solving ---- */

/* What the files say where the caller does not. */
static hd_status foreign_options(const hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                 hd_answer *answer, bool search, hd_error *err)
{
    const hd_timeloop *t = foreign->timeloop;
    hd_solve_options o;
    hd_stamp_copy(&o, sizeof o, options, options ? options->size : 0);
    o.size = sizeof o;
    if (!o.model) o.model = "timeloop"; /* the format's own */
    if (!o.objective && t->has_objective) o.objective = hd_objective_name(t->objective);
    if (!o.space) o.space = search && t->ragged ? "free,bypass,ragged" : "free,bypass";
    HD_TRY(hd_options_resolve(context, &o, NULL, foreign->network, answer->arch, answer->arena, &answer->options, err));
    answer->options.home = search ? &t->home : &t->problem.home; /* a mapping beside them leaves the space alone */
    answer->options.judge = true;
    if (!search || !t->has_constraints) return HD_OK;
    answer->options.constraints = &t->constraints;
    answer->options.unroll = t->unroll;
    return HD_OK;
}

static hd_status answer_in(const hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                           bool search, hd_answer *answer, hd_error *err)
{
    const hd_timeloop *t = foreign->timeloop;
    answer->network = foreign->network;
    answer->arch = search ? &t->open : &t->arch;
    HD_TRY(foreign_options(context, foreign, options, answer, search, err));
    if (search) return hd_plan_solve(answer->network, answer->arch, &answer->options, &answer->plan, err);
    answer->given = &t->mapping;
    answer->options.solver = NULL; /* the mapping is the user's */
    return hd_plan_price(answer->network, answer->arch, answer->given, &answer->options, &answer->plan, err);
}

static hd_status answer_foreign(hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                bool search, hd_answer **out, hd_error *err)
{
    hd_answer *answer = NULL;
    HD_TRY(need(foreign, "arch", err));
    HD_TRY(need(foreign, "problem", err));
    if (!search) HD_TRY(need(foreign, "mapping", err));
    HD_TRY(hd_answer_new(context, &answer, err));
    hd_status status = answer_in(context, foreign, options, search, answer, err);
    if (status != HD_OK) {
        hd_answer_free(context, answer);
        return status;
    }
    *out = answer;
    return HD_OK;
}

HD_API hd_status hd_foreign_price(hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                  hd_answer **out, hd_error *err)
{
    return answer_foreign(context, foreign, options, false, out, err);
}

HD_API hd_status hd_foreign_solve(hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                  hd_answer **out, hd_error *err)
{
    return answer_foreign(context, foreign, options, true, out, err);
}

/* ---- converting ---- */

static hd_status timeloop_part(const hd_problem *p, const hd_scheme *s, const char *name, const char *part, hd_text *text,
                               hd_error *err)
{
    if (strcmp(part, "arch") == 0) return hd_timeloop_write_arch(p->arch, text, err);
    if (strcmp(part, "problem") == 0) return hd_timeloop_write_problem(p->op, name, text, err);
    if (strcmp(part, "mapping") == 0) return hd_timeloop_write_mapping(p, s, text, err);
    return hd_fail(err, HD_ERR_USAGE, "timeloop has no part '%s'; there is: arch problem mapping", part);
}

/* Hand the text out, or free it. */
static hd_status finish(hd_status status, hd_text *text, char **out, hd_error *err)
{
    if (status == HD_OK) return hd_text_give(text, out, err);
    hd_text_free(text);
    return status;
}

HD_API hd_status hd_answer_text(hd_context *context, const hd_answer *answer, int layer, const char *format,
                                const char *part, char **out, hd_error *err)
{
    HD_TRY(check_format(format, err));
    const hd_problem *p = hd_answer_problem(answer, layer);
    const hd_scheme *s = hd_answer_given(answer, layer);
    if (!p) return hd_fail(err, HD_ERR_USAGE, "the layer lives in another one: it has no scheme of its own");
    if (!s && strcmp(part, "mapping") == 0) return hd_fail(err, HD_ERR_USAGE, "the layer has no scheme");
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    return finish(timeloop_part(p, s, answer->network->layer[layer].name, part, &text, err), &text, out, err);
}

static hd_status schedule_text(hd_context *context, const hd_foreign *foreign, char **out, hd_error *err)
{
    hd_answer *answer = NULL;
    HD_TRY(hd_foreign_price(context, foreign, NULL, &answer, err));
    hd_status status = HD_ERR_USAGE;
    if (hd_answer_complete(answer, err)) status = hd_answer_schedule(context, answer, out, err);
    hd_answer_free(context, answer);
    return status;
}

HD_API hd_status hd_foreign_text(hd_context *context, const hd_foreign *foreign, const char *format, const char *part,
                                 char **out, hd_error *err)
{
    const hd_timeloop *t = foreign->timeloop;
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    bool arch = strcmp(part, "arch") == 0, network = strcmp(part, "network") == 0;
    bool schedule = strcmp(part, "schedule") == 0;
    HD_TRY(need(foreign, arch ? "arch" : network ? "problem" : schedule ? "mapping" : part, err));
    if (strcmp(format, "heddle") != 0) {
        HD_TRY(check_format(format, err));
        hd_problem p = t->problem;
        p.op = &t->op;
        p.arch = &t->arch;
        return finish(timeloop_part(&p, &t->mapping, t->name, part, &text, err), &text, out, err);
    }
    if (schedule) return schedule_text(context, foreign, out, err);
    if (arch) hd_arch_write(&t->arch, 0, &text);
    else if (network) hd_network_write(foreign->network, &text);
    else return hd_fail(err, HD_ERR_USAGE, "heddle has no part '%s'; there is: arch network schedule", part);
    return finish(HD_OK, &text, out, err);
}
