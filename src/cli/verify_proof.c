/* `heddle verify PROOF`: recount what `heddle solve --solver optimal --proof` wrote. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

typedef struct tally { const cli_values *values; FILE *json; int proofs, wrong, held; bool table; } tally;

/* Only what was recounted to the end holds. */
static bool holds(const hd_proof_verdict *v) { return v->holds && !v->unchecked[0]; }

static void json_line(tally *t, const hd_proof_verdict *v)
{
    char layer[600], difference[600], unchecked[600];
    if (!t->json) return;
    cli_json_string(v->layer, layer, sizeof layer);
    cli_json_string(v->difference, difference, sizeof difference);
    cli_json_string(v->unchecked, unchecked, sizeof unchecked);
    fprintf(t->json, "%s\n    {\"name\": %s, \"holds\": %s, \"whole\": %s, \"proved\": %s, ", t->proofs ? "," : "", layer,
            holds(v) ? "true" : v->holds ? "null" : "false", v->whole ? "true" : "false", v->proved ? "true" : "false");
    fprintf(t->json, "\"space_log10\": %.6g, \"prices\": %lld, \"difference\": %s, \"not_checked\": %s}", v->space_log10,
            (long long)v->prices, v->holds ? "null" : difference, v->unchecked[0] ? unchecked : "null");
}

static void visit(void *user, const hd_proof_verdict *v)
{
    tally *t = user;
    if (t->values->layer && strcmp(t->values->layer, v->layer) != 0) return;
    json_line(t, v);
    t->proofs++;
    t->wrong += !v->holds;
    t->held += holds(v);
    if (!t->table && (v->holds || t->json)) return;
    printf("%-28.28s %-7s %s, space 10^%.1f, %s", v->layer, holds(v) ? "holds" : v->holds ? "in part" : "WRONG",
           v->proved ? "proved" : "not proved", v->space_log10,
           v->whole ? "every scheme recounted" : "sizes, sums and the best scheme recounted");
    printf("%s%s%s%s\n", v->unchecked[0] && v->holds ? "; not checked: " : "", v->holds ? v->unchecked : "",
           v->holds ? "" : ": ", v->difference);
}

static int report(tally *t)
{
    int part = t->proofs - t->wrong - t->held;
    if (t->json)
        fprintf(t->json, "\n  ],\n  \"proofs\": %d, \"hold\": %d, \"in_part\": %d, \"wrong\": %d\n}\n", t->proofs, t->held, part,
                t->wrong);
    if (t->table)
        printf("\n%d proofs: %d hold, %d checked in part with nothing wrong found, %d wrong\n", t->proofs, t->held, part,
               t->wrong);
    if (t->proofs > 0) return t->wrong ? CLI_NO : CLI_OK;
    const char *layer = t->values->layer;
    fprintf(stderr, "heddle verify: no proof%s%s\n", layer ? " of layer " : "", layer ? layer : "");
    return CLI_USAGE;
}

int cli_verify_proof(const cli_values *values)
{
    hd_error err = {0};
    hd_context *context = NULL;
    bool standard = values->json && strcmp(values->json, "-") == 0;
    tally t = {.values = values, .table = !values->quiet && !standard};
    hd_status status = cli_context(values, &context, &err);
    if (status == HD_OK) status = cli_json_open(values, &t.json, &err);
    if (t.json) fprintf(t.json, "{\n  \"heddle\": \"verify/1\",\n  \"layers\": [");
    if (status == HD_OK) status = hd_verify_proof(context, values->argument[0], visit, &t, &err);
    int code = status == HD_OK ? report(&t) : cli_fail(&err);
    if (cli_json_close(values, t.json, &err) != HD_OK) code = cli_fail(&err);
    hd_context_free(context);
    return code;
}
