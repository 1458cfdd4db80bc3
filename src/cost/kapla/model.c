/* The model `kapla`: KAPLA's machine and accounts (Li & Gao 2023; docs/kapla.md).
 *
 * As it comes, counts are exact: those of the native machine, real work instead of padding, and KAPLA's accounts of them:
 * eight costs, static energy, three times of which the longest is the layer's.  With `compat` a scheme is taken to KAPLA's
 * own form and priced by the research code's rules, defects and all.                                                */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "cost/kapla/model.h"

typedef enum kapla_option { COMPAT, BY_CHANNELS, PINNED, RECALL } kapla_option;

static const hd_option options[] = {
    {"compat", "as the research code counts: padding is work, its slips included (1), or exact (0)", 0, 0, 1},
    {"input_channels", "compat: inputs lie in memory split by channels (1), or by batch (0)", 0, 0, 1},
    {"pinned", "compat: weights that nothing replaces are on chip already (1), or fetched (0)", 0, 0, 1},
    {"recall", "compat: hops remembered by which needs and groups of nodes there are: never (0), in networks (1), always (2)", 1,
     0, 2},
    {NULL, NULL, 0, 0, 0},
};

static bool is_set(const hd_problem *p, kapla_option option) { return hd_model_setting(&hd_model_kapla, p, (int)option) != 0; }

bool hd_kapla_is_compat(const hd_problem *p) { return is_set(p, COMPAT); }

bool hd_kapla_recalls(const hd_problem *p, bool in_network)
{
    return is_set(p, COMPAT) && hd_model_setting(&hd_model_kapla, p, RECALL) > (in_network ? 0.5 : 1.5);
}

hd_kapla_place hd_kapla_compat_place(const hd_problem *p, const hd_kapla_chip *chip, const hd_kapla_layer *layer,
                                     hd_kapla_layout *source)
{
    *source = p->input_at ? *p->input_at : hd_kapla_off_chip(chip, layer, is_set(p, BY_CHANNELS));
    hd_kapla_place place = hd_kapla_whole_mesh(chip, source);
    place.pins_weights = is_set(p, PINNED);
    place.tries = p->tries;
    return place;
}

static bool serves(const hd_problem *p, hd_refusal *out)
{
    hd_kapla_chip chip;
    hd_kapla_layer layer;
    hd_kapla_dims dims;
    if (!hd_kapla_chip_of(p->arch, &chip, out)) return false;
    if (p->op->vector && p->arch->vector_at != p->arch->levels - 1)
        return hd_refuse_model(out, p->arch->vector_at,
                               "kapla runs local layers on its array, this chip has units of its own (not vector: {at: %s})",
                               p->arch->level[p->arch->levels - 1].name);
    for (int r = 0; r < HD_ROLES; r++)
        if (p->op->tensor[r].used && p->op->tensor[r].bits != p->arch->level[0].word_bits)
            return hd_refuse_model(out, 0, "kapla's elements are words");
    return !is_set(p, COMPAT) || hd_kapla_layer_of(p->op, p->makes, &layer, &dims, out);
}

static bool compat_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    hd_kapla_chip chip;
    hd_kapla_scheme form;
    int64_t words[2];
    if (!hd_kapla_chip_of(p->arch, &chip, out) || !hd_kapla_from_scheme(p, s, &form, out)) return false;
    if (hd_kapla_fits(&chip, 0, &form, words)) return true;
    int level = (double)words[0] < 0.99 * (double)chip.gbuf_words ? 2 : 1;
    if (out) {
        *out = (hd_refusal){HD_REFUSE_CAPACITY, level, -1, -1, words[level - 1], p->arch->level[level].capacity, ""};
        snprintf(out->why, sizeof out->why, "blocks must take less than 99 %% of %s", p->arch->level[level].name);
    }
    return false;
}

static bool fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    if (is_set(p, COMPAT) ? !compat_fits(p, s, out) : !hd_kapla_exact_fits(p, s, out)) return false;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}

static bool fits_ready(const native_ready *ready, const hd_scheme *s)
{
    return is_set(ready->p, COMPAT) ? compat_fits(ready->p, s, NULL) : hd_kapla_exact_fits_ready(ready, s);
}

/* Our roles of KAPLA's W, I, O (hd_kapla_layer_of). */
static const int *roles_of(const hd_problem *p)
{
    static const int plain[HD_KAPLA_TENSORS] = {HD_W, HD_I, HD_O}, weights[HD_KAPLA_TENSORS] = {HD_O, HD_W, HD_I};
    return is_set(p, COMPAT) && p->makes == HD_MAKES_WEIGHT_GRADIENT ? weights : plain;
}

/* What the research code says: its own counts, rounded to words, in the places of ours. */
static void show_counts(const hd_problem *p, const hd_kapla_cost *c, hd_breakdown *out)
{
    const int *role_of = roles_of(p);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int r = role_of[t];
        if (!p->op->tensor[r].used) continue;
        for (int l = 0; l < 3; l++) {
            double moved = c->access[l == 2 ? HD_KAPLA_REGF : l][t];
            int64_t updates = r == HD_O ? llround(moved / 2) : 0;
            if (r == HD_O && l == 0 && c->fetches[t] > 0) /* 2 D - 1: D written, the others read */
                updates = llround(moved * (double)c->fetches[t] / (double)(2 * c->fetches[t] - 1));
            out->access[l][r] = (hd_access){llround(moved) - updates, 0, updates};
        }
        out->deliveries[2][r] = llround(c->access[HD_KAPLA_ITCN][t]);
        out->hops[1][r] = llround(c->memory_hops[t] + c->node_hops[t]);
        for (int l = 0; l < 3; l++) out->tile_words[l][r] = 0;
    }
    out->computes = llround(c->ops);
}

static bool evaluate_compat(const hd_problem *p, const hd_scheme *s, hd_kapla_cost *out)
{
    hd_kapla_chip chip;
    hd_kapla_scheme form;
    hd_kapla_layout source;
    if (!hd_kapla_chip_of(p->arch, &chip, NULL) || !hd_kapla_from_scheme(p, s, &form, NULL)) return false;
    hd_kapla_place place = hd_kapla_compat_place(p, &chip, &form.layer, &source);
    hd_kapla_evaluate(&chip, 0, &form, &place, out);
    return true;
}

bool hd_kapla_compat_output(const hd_problem *p, const hd_scheme *s, hd_kapla_layout *out)
{
    hd_kapla_cost c;
    if (!evaluate_compat(p, s, &c)) return false;
    *out = c.output;
    return true;
}

static void quote_compat(const hd_problem *p, const hd_scheme *s, hd_kapla_cost *c, hd_breakdown *out)
{
    evaluate_compat(p, s, c);
    memset(out, 0, sizeof *out);
    show_counts(p, c, out);
    for (int l = 0; l < s->levels; l++) {
        out->instances[l] = hd_arch_instances(p->arch, l);
        out->instances_used[l] = 1;
        for (int k = 1; k <= l; k++)
            for (int i = 0; i < s->level[k].stacks; i++) out->instances_used[l] *= s->level[k].stack[i].copies;
        for (int r = 0; r < HD_ROLES && l < s->levels - 1; r++)
            if (p->op->tensor[r].used) out->tile_words[l][r] = hd_scheme_tile_words(p, s, l, (hd_role)r);
    }
}

static void quote(const native_ready *ready, const hd_scheme *s, hd_kapla_cost *c, hd_breakdown *out)
{
    if (is_set(ready->p, COMPAT)) quote_compat(ready->p, s, c, out);
    else hd_kapla_exact(ready, s, c, out);
}

static void make_ready(native_ready *out, const hd_problem *p)
{
    hd_native_ready(out, p);
    out->whole_buffers = true;
}

/* Lines of the price: a role's share of a cost is its share of what the cost counts. */
static void draw_lines(const int *role_of, const hd_kapla_cost *c, hd_breakdown *out)
{
    const double total[HD_KAPLA_LEVELS] = {c->dram_pj, c->gbuf_pj, c->itcn_pj, c->regf_pj};
    double hops = 0;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) hops += c->memory_hops[t] + c->node_hops[t];
    memset(out->level_pj, 0, sizeof out->level_pj);
    memset(out->network_pj, 0, sizeof out->network_pj);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int r = role_of[t];
        for (int k = 0; k < HD_KAPLA_LEVELS; k++) {
            double all = c->access[k][HD_KAPLA_W] + c->access[k][HD_KAPLA_I] + c->access[k][HD_KAPLA_O];
            double *line = k == HD_KAPLA_ITCN ? &out->network_pj[2][r] : &out->level_pj[k == HD_KAPLA_REGF ? 2 : k][r];
            if (all > 0) *line = total[k] * c->access[k][t] / all;
        }
        if (hops > 0) out->network_pj[1][r] = (c->memory_hop_pj + c->node_hop_pj) * (c->memory_hops[t] + c->node_hops[t]) / hops;
    }
}

static void price_ready(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    const hd_problem *p = ready->p;
    hd_kapla_cost c;
    quote(ready, s, &c, out);
    draw_lines(roles_of(p), &c, out);
    for (int l = 0; l < s->levels; l++) out->level_cycles[l] = 0;
    out->compute_cycles = c.proc_cycles;
    out->level_cycles[0] = c.dram_cycles;
    out->level_cycles[1] = c.bus_cycles;
    out->fill_cycles = out->drain_cycles = 0;
    out->latency_cycles = c.cycles;
    out->bound_by = c.cycles == c.proc_cycles ? -1 : c.cycles == c.dram_cycles ? 0 : 1;
    out->mac_pj = p->op->vector ? 0 : c.op_pj;
    out->vector_pj = p->op->vector ? c.op_pj : 0;
    out->static_pj = is_set(p, COMPAT) ? 0 : c.static_pj;
    out->energy_pj = out->mac_pj + out->vector_pj;
    for (int l = 0; l < s->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) out->energy_pj += out->level_pj[l][r];
    for (int l = 0; l < s->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) out->energy_pj += out->network_pj[l][r];
    out->energy_pj += out->static_pj;
    out->edp = out->energy_pj * (double)out->latency_cycles;
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    native_ready ready;
    make_ready(&ready, p);
    price_ready(&ready, s, out);
}

/* KAPLA's own names, joules and cycles. */
static void facts(const hd_problem *p, const hd_scheme *s, hd_fact_sink *sink, void *user)
{
    hd_kapla_cost c;
    hd_breakdown b;
    native_ready ready;
    make_ready(&ready, p);
    quote(&ready, s, &c, &b);
    const hd_fact own[] = {
        {-1, -1, false, "dram_cost", c.dram_pj * 1e-12},         {-1, -1, false, "sram_cost", c.gbuf_pj * 1e-12},
        {-1, -1, false, "itcn_cost", c.itcn_pj * 1e-12},         {-1, -1, false, "regf_cost", c.regf_pj * 1e-12},
        {-1, -1, false, "remote_sram_cost", c.remote_pj * 1e-12}, {-1, -1, false, "node_hop_cost", c.node_hop_pj * 1e-12},
        {-1, -1, false, "mem_hop_cost", c.memory_hop_pj * 1e-12}, {-1, -1, false, "op_cost", c.op_pj * 1e-12},
        {-1, -1, false, "static_cost", is_set(p, COMPAT) ? 0 : c.static_pj * 1e-12},
        {-1, -1, false, "total_cost", c.energy_pj * 1e-12},
        {-1, -1, false, "proc_time", (double)c.proc_cycles},     {-1, -1, false, "dram_time", (double)c.dram_cycles},
        {-1, -1, false, "bus_time", (double)c.bus_cycles},       {-1, -1, false, "total_time", (double)c.cycles},
        {-1, -1, false, "ops", c.ops},
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) sink(user, &own[i]);
}

static void bound(const hd_problem *p, hd_bound *out) { hd_kapla_bound(p, is_set(p, COMPAT), is_set(p, PINNED), out); }

const hd_model hd_model_kapla = {
    .name = "kapla",
    .title = "KAPLA's machine and costs, exact; with compat=1 as its research code counts them",
    .options = options,
    .serves = serves,
    .fits = fits,
    .fits_ready = fits_ready,
    .whole_buffers = true,
    .vector_on_macs = true, /* local layers run on the array */
    .price = price,
    .price_ready = price_ready,
    .bound = bound,
    .facts = facts,
};
