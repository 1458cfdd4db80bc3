/* How is a proof written?  Sums in one line each; steps, where they are few, as products of option numbers. */
#include <math.h>

#include "formats/heddle/proof_yaml.h"
#include "formats/heddle/quote.h"
#include "formats/heddle/roles.h"

static void write_bound(hd_text *text, double bound)
{
    if (isfinite(bound)) hd_text_double(text, bound);
    else hd_text_append(text, "null");
}

static void write_size(hd_text *text, const hd_wide *size)
{
    char digits[HD_WIDE_DIGITS];
    hd_wide_print(size, digits);
    hd_text_format(text, "size: \"%s\", log10: ", digits);
    write_bound(text, hd_wide_log10(size));
}

static void write_numbers(hd_text *text, const int64_t *number, int n)
{
    for (int i = 0; i < n; i++) hd_text_format(text, "%s%lld", i > 0 ? ", " : "", (long long)number[i]);
}

static void write_dims(const hd_operator *op, unsigned dims, hd_text *text)
{
    const char *between = "";
    hd_text_append(text, "[");
    for (int d = 0; d < op->dims; d++) {
        if (!(dims >> d & 1u)) continue;
        hd_text_append(text, between);
        hd_quote(text, op->dim[d].name);
        between = ", ";
    }
    hd_text_append(text, "]");
}

static void write_levels(const hd_problem *p, const hd_proof *proof, hd_text *text)
{
    hd_text_append(text, "  levels:\n");
    for (int l = 0; l < proof->levels; l++) {
        hd_text_append(text, "  - {level: ");
        hd_quote(text, p->arch->level[l].name);
        hd_text_append(text, ", keep: ");
        hd_roles_write(text, proof->keep_most[l]);
        hd_text_append(text, ", may_drop: ");
        hd_roles_write(text, proof->keep_free[l]);
        hd_text_append(text, ", x: ");
        write_dims(p->op, proof->unroll[l][HD_X], text);
        hd_text_append(text, ", y: ");
        write_dims(p->op, proof->unroll[l][HD_Y], text);
        hd_text_append(text, "}\n");
    }
}

static void write_sums(const hd_proof *proof, hd_text *text)
{
    hd_text_append(text, proof->counted ? "  discarded:\n" : "  discarded: []\n");
    for (int a = 0; proof->counted && a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) {
            const hd_proof_sum *sum = &proof->sum[a][d];
            if (hd_wide_is_zero(&sum->size)) continue;
            hd_text_format(text, "  - {argument: %s, depth: %d, ", hd_argument_name((hd_argument)a), d);
            write_size(text, &sum->size);
            hd_text_format(text, ", times: %lld, bound: ", (long long)sum->times);
            write_bound(text, sum->bound);
            hd_text_append(text, "}\n");
        }
}

/* ---- steps ---- */

static void write_block(const hd_operator *op, const hd_proof_block *b, hd_text *text)
{
    hd_text_append(text, "    - {dims: [");
    for (int i = 0; i < b->dims; i++) {
        if (i > 0) hd_text_append(text, ", ");
        hd_quote(text, op->dim[b->dim[i]].name);
    }
    hd_text_format(text, "], slots: %d, options: [", b->slots);
    for (int o = 0; o < b->options; o++) {
        hd_text_append(text, o > 0 ? ", [" : "[");
        for (int64_t m = 0; m < b->members[o]; m++) {
            hd_text_append(text, m > 0 ? ", [" : "[");
            write_numbers(text, b->span[o] + m * b->slots, b->slots);
            hd_text_append(text, "]");
        }
        hd_text_append(text, "]");
    }
    hd_text_append(text, "]}\n");
}

static void write_step(const hd_proof_part *part, const hd_proof_step *step, hd_text *text)
{
    hd_text_format(text, "    - [%s, %d, ", hd_argument_name(step->argument), step->depth);
    write_bound(text, step->bound);
    hd_text_format(text, ", %lld, [", (long long)step->prices);
    for (int b = 0; step->set && b < part->blocks; b++) {
        hd_text_append(text, b > 0 ? ", [" : "[");
        for (int i = 0; i < step->set[b].n; i++) hd_text_format(text, "%s%d", i > 0 ? ", " : "", step->set[b].option[i]);
        hd_text_append(text, "]");
    }
    hd_text_append(text, "]]\n");
}

static void write_part(const hd_problem *p, const hd_proof *proof, const hd_proof_part *part, hd_text *text)
{
    hd_text_append(text, "  - keep: [");
    for (int l = 0; l < proof->levels; l++) {
        if (l > 0) hd_text_append(text, ", ");
        hd_roles_write(text, part->keep[l]);
    }
    hd_text_append(text, "]\n    loops: [");
    for (int l = 0, n = 0; l < proof->levels; l++) {
        if (!(part->loops >> l & 1u)) continue;
        if (n++ > 0) hd_text_append(text, ", ");
        hd_quote(text, p->arch->level[l].name);
    }
    hd_text_append(text, part->blocks > 0 ? "]\n    blocks:\n" : "]\n    blocks: []\n");
    for (int b = 0; b < part->blocks; b++) write_block(p->op, &part->block[b], text);
    hd_text_append(text, part->first ? "    steps:\n" : "    steps: []\n");
    for (const hd_proof_step *step = part->first; step; step = step->next) write_step(part, step, text);
}

static void write_space(const hd_problem *p, const hd_proof *proof, hd_text *text)
{
    char orders[HD_WIDE_DIGITS];
    hd_wide_print(&proof->orders, orders);
    hd_text_format(text, "  space: {counted: %s, plain: %s, sizes: %s, ", proof->counted ? "true" : "false",
                   proof->plain ? "true" : "false", proof->ragged ? "ragged" : "divisors");
    write_size(text, &proof->size);
    hd_text_format(text, ", orders: \"%s\", seen: ", orders);
    hd_quote(text, p->arch->level[proof->seen].name);
    hd_text_format(text, ", steps: %s}\n", proof->stepwise ? "true" : "false");
}

static void write_proof(const hd_plan *plan, int index, hd_text *text)
{
    const hd_plan_layer *layer = &plan->layer[index];
    const hd_proof *proof = layer->proof;
    bool proved = layer->best.outcome == HD_OUTCOME_OPTIMAL || layer->best.outcome == HD_OUTCOME_INFEASIBLE;
    hd_text_append(text, "- layer: ");
    hd_quote(text, plan->network->layer[index].name);
    hd_text_format(text, "\n  found: %s\n  proved: %s\n  cost: ", layer->best.found ? "true" : "false",
                   proved ? "true" : "false");
    write_bound(text, layer->best.cost);
    hd_text_append(text, "\n  lower_bound: ");
    write_bound(text, layer->best.lower_bound);
    hd_text_append(text, "\n");
    write_space(&layer->problem, proof, text);
    write_levels(&layer->problem, proof, text);
    write_sums(proof, text);
    hd_text_append(text, proof->stepwise && proof->first ? "  parts:\n" : "  parts: []\n");
    for (const hd_proof_part *part = proof->stepwise ? proof->first : NULL; part; part = part->next)
        write_part(&layer->problem, proof, part, text);
}

hd_status hd_proofs_write(const hd_plan *plan, hd_text *text, hd_error *err)
{
    hd_schedule *schedule = NULL;
    bool any = false;
    HD_TRY(hd_schedule_of_plan(plan, &schedule, err));
    hd_status status = hd_schedule_write_as(schedule, "proof/1", text, err);
    hd_schedule_free(schedule);
    if (status != HD_OK) return status;
    for (int l = 0; l < plan->network->layers; l++) any = any || (plan->layer[l].proof && plan->layer[l].proof->levels > 0);
    hd_text_append(text, any ? "proofs:\n" : "proofs: []\n");
    for (int l = 0; l < plan->network->layers; l++)
        if (plan->layer[l].proof && plan->layer[l].proof->levels > 0) write_proof(plan, l, text);
    return hd_text_check(text, err);
}
