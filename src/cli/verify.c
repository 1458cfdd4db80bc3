/* `heddle verify`: replay a schedule step by step and compare it with its price, count by count. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"layer", CLI_TEXT, "L", NULL, CLI_FIELD(layer), 0, "one layer, by name or by its number in the table"},
    {"out", CLI_TEXT, "DIR", ".", CLI_FIELD(out), 0, "where the smallest failing case of a layer that differs is written"},
    CLI_TIMELOOP,
    CLI_COMMON,
};

typedef struct tally {
    int only; /* the layer asked for, or -1 */
    int listed, layers, distinct, differ, whole, refused;
    int64_t replayed, points;
    hd_verdict *verdict; /* per layer: equal ones are replayed once */
    FILE *json;
    bool table;
} tally;

static void json_line(tally *t, const char *name, const hd_verdict *v, const char *same_as)
{
    char quoted[600], difference[600], same[600] = "null";
    if (!t->json) return;
    cli_json_string(name, quoted, sizeof quoted);
    cli_json_string(v->difference, difference, sizeof difference);
    if (same_as) cli_json_string(same_as, same, sizeof same);
    fprintf(t->json, "%s\n    {\"name\": %s, \"same_as\": %s, \"agrees\": %s, \"whole\": %s, \"replayed\": %lld, "
            "\"points\": %lld, \"compared\": %d, \"difference\": %s, \"refused\": null}",
            t->listed++ ? "," : "", quoted, same, v->agrees ? "true" : "false", v->whole ? "true" : "false",
            (long long)v->replayed, (long long)v->points, v->compared, v->agrees ? "null" : difference);
}

/* A layer that the machine cannot run, or whose price is none of the machine's: nothing to compare. */
static void refuse(tally *t, const char *name, const char *why)
{
    char quoted[600], reason[600];
    t->refused++;
    if (t->table) printf("%-28.28s not judged\n", name);
    if (!t->json) return;
    cli_json_string(name, quoted, sizeof quoted);
    cli_json_string(why, reason, sizeof reason);
    fprintf(t->json, "%s\n    {\"name\": %s, \"same_as\": null, \"agrees\": null, \"whole\": null, \"replayed\": 0, "
            "\"points\": null, \"compared\": 0, \"difference\": null, \"refused\": %s}", t->listed++ ? "," : "", quoted, reason);
}

/* The smallest failing case of a layer as a schedule of its own, which `verify` can be given again. */
static void write_case(hd_context *context, const hd_answer *answer, int layer, const cli_values *values)
{
    hd_error err = {0};
    char path[1024], *text = NULL;
    snprintf(path, sizeof path, "%.900s/differs-%d.yaml", values->out, layer + 1);
    hd_status status = hd_verify_case(context, answer, layer, (uint64_t)values->seed, &text, &err);
    if (status == HD_OK) status = cli_write(path, text, &err);
    if (status == HD_OK) fprintf(stderr, "heddle verify: the smallest failing case stands in %s\n", path);
    else cli_fail(&err);
    hd_string_free(context, text);
}

static void table_line(const tally *t, const cli_values *values, const char *name, const hd_verdict *v, const char *same_as)
{
    if (!t->table && (v->agrees || values->json)) return;
    printf("%-28.28s %s  ", name, v->agrees ? "agrees" : "DIFFERS");
    if (same_as) printf("as %s, which it equals\n", same_as);
    else printf("%d counts, %lld of %lld points replayed%s%s%s\n", v->compared, (long long)v->replayed, (long long)v->points,
                v->whole ? ", whole" : ", scaled and in windows", v->agrees ? "" : ": ", v->difference);
}

/* Why a layer cannot be judged, in `why`; false where it can. */
static bool is_refused(const hd_answer *answer, int layer, hd_error *why)
{
    return hd_verify_serves(answer, why) != HD_OK || !hd_answer_layer_found(answer, layer, why);
}

static hd_status verify_one(hd_context *context, const hd_answer *answer, int layer, const cli_values *values, tally *t,
                            hd_error *err)
{
    hd_verdict *v = &t->verdict[layer];
    hd_error why = {0};
    const char *name = hd_answer_layer_name(answer, layer);
    int first = t->only < 0 ? hd_answer_same_as(answer, layer) : -1;
    if (hd_answer_problem(answer, layer) && is_refused(answer, layer, &why)) {
        refuse(t, name, why.message);
        return HD_OK;
    }
    v->size = sizeof *v;
    hd_status status = first >= 0 ? HD_OK : hd_verify_layer(context, answer, layer, (uint64_t)values->seed, v, err);
    if (status != HD_OK) return status;
    if (first >= 0) *v = t->verdict[first];
    const char *same_as = first >= 0 ? hd_answer_layer_name(answer, first) : NULL;
    json_line(t, name, v, same_as);
    table_line(t, values, name, v, same_as);
    t->layers++;
    t->differ += !v->agrees;
    if (same_as) return HD_OK;
    t->distinct++;
    t->whole += v->whole;
    t->replayed += v->replayed;
    t->points += v->points;
    if (!v->agrees) write_case(context, answer, layer, values);
    return HD_OK;
}

static bool is_asked(const hd_answer *answer, const tally *t, int layer)
{
    return t->only < 0 ? hd_answer_problem(answer, layer) != NULL : layer == t->only;
}

static hd_status verify_all(hd_context *context, const hd_answer *answer, const cli_values *values, tally *t,
                            hd_error *err)
{
    t->only = values->layer ? hd_answer_find(answer, values->layer) : -1;
    if (values->layer && t->only < 0) {
        err->code = HD_ERR_USAGE;
        snprintf(err->message, sizeof err->message, "no layer '%.100s': a name or a number of the table expected",
                 values->layer);
        return HD_ERR_USAGE;
    }
    hd_status status = HD_OK;
    t->verdict = calloc((size_t)hd_answer_layers(answer) + 1, sizeof *t->verdict);
    if (!t->verdict) {
        err->code = HD_ERR_MEMORY;
        snprintf(err->message, sizeof err->message, "out of memory");
        return HD_ERR_MEMORY;
    }
    for (int i = 0; i < hd_answer_layers(answer) && status == HD_OK && !cli_interrupted(); i++)
        if (is_asked(answer, t, i)) status = verify_one(context, answer, i, values, t, err);
    if (status == HD_OK && cli_interrupted()) fprintf(stderr, "heddle verify: interrupted, not all layers were judged\n");
    return status;
}

/* A layer that was not judged verifies nothing: which, and why. */
static void print_refused(const hd_answer *answer, const tally *t)
{
    const char *model = hd_answer_priced_by(answer);
    hd_error why = {0};
    fflush(stdout);
    fprintf(stderr, "heddle verify: %d of %d layers are not judged", t->refused, t->layers + t->refused);
    if (model && strcmp(model, "native") != 0) fprintf(stderr, "; the schedule was made under the model %s", model);
    fprintf(stderr, ":\n");
    if (hd_verify_serves(answer, &why) != HD_OK) {
        fprintf(stderr, "  %s\n", why.message);
        return;
    }
    for (int i = 0; i < hd_answer_layers(answer); i++)
        if (is_asked(answer, t, i) && !hd_answer_layer_found(answer, i, &why)) fprintf(stderr, "  %s\n", why.message);
}

static int verify(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    bool standard = values->json && strcmp(values->json, "-") == 0;
    tally t = {.only = -1, .table = !values->quiet && !standard};
    hd_status status = cli_json_open(values, &t.json, err);
    if (status != HD_OK) return cli_fail(err);
    if (t.json) fprintf(t.json, "{\n  \"heddle\": \"verify/1\",\n  \"layers\": [");
    status = verify_all(context, answer, values, &t, err);
    free(t.verdict);
    if (t.json) fprintf(t.json, "\n  ],\n  \"replayed\": %lld, \"points\": %lld, \"differ\": %d, \"refused\": %d\n}\n",
                        (long long)t.replayed, (long long)t.points, t.differ, t.refused);
    hd_error unwritten = {0};
    if (cli_json_close(values, t.json, &unwritten) != HD_OK && status == HD_OK) return cli_fail(&unwritten);
    if (status != HD_OK) return cli_fail(err);
    if (t.table)
        printf("\n%d layers, %d distinct, %d replayed whole, %lld of %lld points replayed; %d differ, %d not judged\n", t.layers,
               t.distinct, t.whole, (long long)t.replayed, (long long)t.points, t.differ, t.refused);
    if (t.refused) print_refused(answer, &t);
    return t.differ || t.refused || cli_interrupted() ? CLI_NO : CLI_OK;
}

/* As the schedule's own model prices it where that counts the machine that is replayed, else as native does. */
static hd_status price(hd_context *context, const cli_values *values, cli_input *input, hd_error *err)
{
    hd_solve_options solve = cli_solve_options(values);
    const char *model = NULL;
    if (values->timeloop.count == 0) {
        hd_status status = cli_price(context, values, &solve, input, err);
        if (status != HD_OK) return status;
        model = hd_answer_priced_by(input->answer);
        if (model && (strcmp(model, "native") == 0 || strcmp(model, "kapla") == 0)) return HD_OK;
        cli_input_free(context, input);
        *input = (cli_input){0};
    }
    solve.model = "native"; /* the machine that is replayed is its meaning */
    return cli_price(context, values, &solve, input, err);
}

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    cli_input input = {0};
    if (values->timeloop.count == 0 && hd_is_proof(values->argument[0])) return cli_verify_proof(values);
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = price(context, values, &input, &err);
    int code = status == HD_OK ? verify(context, input.answer, values, &err) : cli_fail(&err);
    cli_input_free(context, &input);
    hd_context_free(context);
    return code;
}

const cli_command cli_verify = {
    "verify", "heddle verify SCHEDULE | PROOF | --timeloop FILES... [--layer L]",
    "replay a schedule step by step and compare count by count with its price; recount a proof", 1, 1, options, run,
};
