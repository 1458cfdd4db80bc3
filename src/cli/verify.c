/* `heddle verify`: replay a schedule step by step and compare it with its price, count by count. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const cli_option options[] = {
    {"layer", CLI_TEXT, "L", NULL, CLI_FIELD(layer), 0, "one layer, by name or by its number in the table"},
    {"out", CLI_TEXT, "DIR", ".", CLI_FIELD(out), 0, "where the smallest failing case of a layer that differs is written"},
    CLI_TIMELOOP,
    CLI_COMMON,
};

typedef struct tally { int layers, differ, whole; int64_t replayed, points; FILE *json; } tally;

static void json_line(tally *t, const char *name, const hd_verdict *v)
{
    char quoted[600], difference[600];
    if (!t->json) return;
    cli_json_string(name, quoted, sizeof quoted);
    cli_json_string(v->difference, difference, sizeof difference);
    fprintf(t->json, "%s\n    {\"name\": %s, \"agrees\": %s, \"whole\": %s, \"replayed\": %lld, \"points\": %lld, "
            "\"compared\": %d, \"difference\": %s}", t->layers ? "," : "", quoted, v->agrees ? "true" : "false",
            v->whole ? "true" : "false", (long long)v->replayed, (long long)v->points, v->compared,
            v->agrees ? "null" : difference);
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

static hd_status verify_one(hd_context *context, const hd_answer *answer, int layer, const cli_values *values, tally *t,
                            hd_error *err)
{
    hd_verdict v = {.size = sizeof v};
    hd_status status = hd_verify_layer(context, answer, layer, (uint64_t)values->seed, &v, err);
    if (status != HD_OK) return status;
    const char *name = hd_answer_layer_name(answer, layer);
    json_line(t, name, &v);
    t->layers++;
    t->differ += !v.agrees;
    t->whole += v.whole;
    t->replayed += v.replayed;
    t->points += v.points;
    bool table = !values->quiet && !(values->json && strcmp(values->json, "-") == 0);
    if (table || (!v.agrees && !values->json))
        printf("%-28.28s %s  %d counts, %lld of %lld points replayed%s%s%s\n", name, v.agrees ? "agrees" : "DIFFERS",
               v.compared, (long long)v.replayed, (long long)v.points, v.whole ? ", whole" : ", scaled and in windows",
               v.agrees ? "" : ": ", v.difference);
    if (!v.agrees) write_case(context, answer, layer, values);
    return HD_OK;
}

static hd_status verify_all(hd_context *context, const hd_answer *answer, const cli_values *values, tally *t,
                            hd_error *err)
{
    int only = values->layer ? hd_answer_find(answer, values->layer) : -1;
    if (values->layer && only < 0) {
        err->code = HD_ERR_USAGE;
        snprintf(err->message, sizeof err->message, "no layer '%.100s': a name or a number of the table expected",
                 values->layer);
        return HD_ERR_USAGE;
    }
    hd_status status = HD_OK;
    for (int i = 0; i < hd_answer_layers(answer) && status == HD_OK && !cli_interrupted(); i++)
        if (only < 0 ? hd_answer_scheme(answer, i) != NULL : i == only)
            status = verify_one(context, answer, i, values, t, err);
    return status;
}

static int verify(hd_context *context, const hd_answer *answer, const cli_values *values, hd_error *err)
{
    tally t = {0};
    bool standard = values->json && strcmp(values->json, "-") == 0;
    if (values->json) t.json = standard ? stdout : fopen(values->json, "wb");
    if (values->json && !t.json) {
        fprintf(stderr, "%s: cannot be written\n", values->json);
        return CLI_USAGE;
    }
    if (t.json) fprintf(t.json, "{\n  \"heddle\": \"verify/1\",\n  \"layers\": [");
    hd_status status = verify_all(context, answer, values, &t, err);
    if (t.json) fprintf(t.json, "\n  ],\n  \"replayed\": %lld, \"points\": %lld, \"differ\": %d\n}\n",
                        (long long)t.replayed, (long long)t.points, t.differ);
    if (t.json && !standard) fclose(t.json);
    if (status != HD_OK) return cli_fail(err);
    if (!values->quiet && !standard)
        printf("\n%d layers, %d replayed whole, %lld of %lld points replayed; %d differ\n", t.layers, t.whole,
               (long long)t.replayed, (long long)t.points, t.differ);
    return t.differ ? CLI_NO : CLI_OK;
}

static int run(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    cli_input input = {0};
    if (values->timeloop.count == 0 && hd_is_proof(values->argument[0])) return cli_verify_proof(values);
    hd_solve_options solve = cli_solve_options(values);
    solve.model = "native"; /* the machine that is replayed is its meaning */
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = cli_price(context, values, &solve, &input, &err);
    int code = status == HD_OK ? verify(context, input.answer, values, &err) : cli_fail(&err);
    if (code == CLI_OK && !hd_answer_complete(input.answer, &err)) { /* a layer without a price verifies nothing */
        cli_fail(&err);
        code = CLI_NO;
    }
    cli_input_free(context, &input);
    hd_context_free(context);
    return code;
}

const cli_command cli_verify = {
    "verify", "heddle verify SCHEDULE | PROOF | --timeloop FILES... [--layer L]",
    "replay a schedule step by step and compare count by count with its native price; recount a proof", 1, 1, options, run,
};
