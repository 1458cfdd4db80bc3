/* The eight costs and three times of a dataflow in KAPLA's form (kapla.md 5.1, 5.2). */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "cost/kapla/form.h"

typedef struct evaluation {
    const hd_kapla_chip *chip;
    unsigned fixes;
    const hd_kapla_scheme *s;
    const hd_kapla_place *place;
    kapla_counts n;
    hd_kapla_cost *out;
} evaluation;

/* Read, modified and written: all sweeps but the first read what the one before wrote. */
static int64_t both_ways(const evaluation *e, int tensor, int64_t sweeps)
{
    return tensor == hd_kapla_partial_tensor(e->s, e->fixes) && sweeps > 0 ? 2 * sweeps - 1 : sweeps;
}

/* Weights that nothing replaces stay where an earlier batch left them (2.6). */
static bool stays(const evaluation *e, int tensor)
{
    if (tensor != HD_KAPLA_W || !e->place->pins_weights || e->s->layer.type == HD_KAPLA_CONV_WEIGHT) return false;
    for (int i = 0; i < e->s->gbuf.updates; i++)
        if (e->n.gbuf[i] > 1 && hd_kapla_moves_tensor(e->s, e->fixes, tensor, &e->s->gbuf.update[i])) return false;
    return true;
}

/* Fills of the buffers from DRAM or a remote buffer, and what passing shared blocks round takes. */
static void buffer_level(evaluation *e)
{
    kapla_sharing share[HD_KAPLA_TENSORS];
    int64_t rounds[HD_KAPLA_TENSORS], volume[HD_KAPLA_TENSORS];
    hd_kapla_cost *out = e->out;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        hd_kapla_share(e->s, e->fixes, t, &e->place->region, &share[t]);
        volume[t] = hd_kapla_volume(e->s, e->fixes, t, &e->s->gbuf, e->n.gbuf);
        out->fetches[t] = stays(e, t) ? 0 : hd_kapla_repeats(e->s, e->fixes, t, &e->s->gbuf, e->n.gbuf);
        out->sharers[t] = share[t].nodes;
        double words = (double)(volume[t] * both_ways(e, t, out->fetches[t])) * (double)e->n.nodes / (double)share[t].nodes;
        bool remote = (t == HD_KAPLA_I && e->place->source_on_chip) || (t == HD_KAPLA_O && e->place->destination_on_chip);
        (remote ? out->remote : out->access[HD_KAPLA_DRAM])[t] = words;
    }
    hd_kapla_rotate(e->chip, e->s, e->fixes, &e->n, share, out->fetches, rounds);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        double sharers = (double)share[t].nodes;
        out->node_hops[t] = (double)volume[t] * (double)rounds[t] * share[t].rotation / sharers * (sharers - 1) *
                            (double)e->n.nodes / sharers;
    }
}

/* Elements of an array that the buffer itself serves; the rest has equal words or gets them from a neighbour. */
static double served(const evaluation *e, int tensor)
{
    if (!e->s->systolic || e->s->regf.updates == 0) return (double)hd_kapla_distinct(e->s, e->fixes, tensor);
    return (double)hd_kapla_edge(e->s, e->fixes, tensor, &e->s->regf.update[0]);
}

/* How often an element takes its share of the tensor in, or gives results up, and how often old results come back. */
typedef struct passes { double once, back; } passes;

/* The research code: all loops of the buffer repeat what those of the registers do, unless nothing moves at all. */
static passes pass_by_all(const evaluation *e, int tensor)
{
    const hd_kapla_scheme *s = e->s;
    bool moves = false;
    for (int i = 0; i < s->gbuf.updates; i++)
        moves |= e->n.gbuf[i] > 1 && hd_kapla_moves_tensor(s, e->fixes, tensor, &s->gbuf.update[i]);
    for (int i = 0; i < s->regf.updates; i++)
        moves |= e->n.regf[i] > 1 && hd_kapla_moves_tensor(s, e->fixes, tensor, &s->regf.update[i]);
    int64_t sweeps = hd_kapla_repeats(s, e->fixes, tensor, &s->regf, e->n.regf) * (moves ? e->n.gbuf_all : 1);
    return (passes){(double)sweeps, (double)(both_ways(e, tensor, sweeps) - sweeps)};
}

/* Both levels' loops as one nest: a loop that does not move the tensor repeats what moves inside of it, block by block of the
 * buffer.  The first sweep over a block reads nothing; of those after the block was away, what one node of a group got back. */
static passes pass_by_nest(const evaluation *e, int tensor)
{
    const hd_kapla_scheme *s = e->s;
    int64_t sweeps = hd_kapla_repeats(s, e->fixes, tensor, &s->regf, e->n.regf), blocks = 1, visits = e->out->fetches[tensor];
    bool moved = false;
    for (int i = 0; i < s->regf.updates; i++)
        moved |= e->n.regf[i] > 1 && hd_kapla_moves_tensor(s, e->fixes, tensor, &s->regf.update[i]);
    for (int i = 0; i < s->gbuf.updates; i++) {
        if (e->n.gbuf[i] <= 1) continue;
        if (hd_kapla_moves_tensor(s, e->fixes, tensor, &s->gbuf.update[i])) moved = true, blocks *= e->n.gbuf[i];
        else if (moved) sweeps *= e->n.gbuf[i];
    }
    double back = (double)(both_ways(e, tensor, sweeps) - sweeps);
    if (back > 0 && e->fixes & HD_KAPLA_FIX_RETURN)
        back = (double)(sweeps - visits) + (double)(visits - 1) / (double)e->out->sharers[tensor];
    return (passes){(double)sweeps * (double)blocks, back * (double)blocks};
}

/* Fills of the register files through the array's wires. */
static void array_level(evaluation *e)
{
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        double words = (double)hd_kapla_volume(e->s, e->fixes, t, &e->s->regf, e->n.regf) * (double)e->n.nodes;
        passes n = e->fixes & HD_KAPLA_FIX_REUSE ? pass_by_nest(e, t) : pass_by_all(e, t);
        double ports = words > 0 ? served(e, t) : 0, takers = e->s->systolic ? ports : (double)e->n.elements;
        e->out->access[HD_KAPLA_GBUF][t] = words * (n.once + n.back) * ports;
        e->out->access[HD_KAPLA_ITCN][t] = words * (n.once * takers + n.back * (e->fixes & HD_KAPLA_FIX_RETURN ? ports : takers));
    }
}

static void arithmetic(evaluation *e)
{
    hd_kapla_cost *out = e->out;
    bool local = hd_kapla_is_local(e->s->layer.type);
    out->proc_cycles = e->s->unit_ops * e->n.gbuf_all * e->n.regf_all * e->n.growth;
    out->ops = (double)out->proc_cycles * (double)e->n.elements * (double)e->n.nodes;
    out->access[HD_KAPLA_REGF][HD_KAPLA_W] = local ? 0 : out->ops;
    out->access[HD_KAPLA_REGF][HD_KAPLA_I] = out->ops;
    out->access[HD_KAPLA_REGF][HD_KAPLA_O] = 2 * out->ops;
}

static double sum(const double words[HD_KAPLA_TENSORS]) { return words[HD_KAPLA_W] + words[HD_KAPLA_I] + words[HD_KAPLA_O]; }

static void times(evaluation *e)
{
    hd_kapla_cost *out = e->out;
    const double *moved = out->access[HD_KAPLA_GBUF];
    double bandwidth = e->fixes & HD_KAPLA_FIX_BANDWIDTH ? e->chip->dram_bw : floor(e->chip->dram_bw);
    double busiest = fmax(moved[HD_KAPLA_W], fmax(moved[HD_KAPLA_I], moved[HD_KAPLA_O]));
    if (bandwidth > 0) out->dram_cycles = (int64_t)ceil(sum(out->access[HD_KAPLA_DRAM]) / bandwidth);
    if (e->chip->bus_bw > 0) out->bus_cycles = (int64_t)ceil(ceil(busiest / (double)e->n.nodes) / e->chip->bus_bw);
    out->cycles = hd_count_max(out->proc_cycles, hd_count_max(out->dram_cycles, out->bus_cycles));
}

static void energies(evaluation *e)
{
    hd_kapla_cost *out = e->out;
    const hd_kapla_chip *c = e->chip;
    /* nodes of the region without work cost as much as the others, but on their way to memory (5.1) */
    double scale = (double)hd_kapla_nodes(&e->place->region) / (double)e->n.nodes;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int64_t moves = e->fixes & HD_KAPLA_FIX_MEMORY_HOPS ? both_ways(e, t, out->fetches[t]) : out->fetches[t];
        out->memory_hops[t] = (double)out->unit_hops[t] * (double)moves;
    }
    out->dram_pj = scale * c->access_pj[HD_KAPLA_DRAM] * sum(out->access[HD_KAPLA_DRAM]);
    out->gbuf_pj = scale * c->access_pj[HD_KAPLA_GBUF] * sum(out->access[HD_KAPLA_GBUF]);
    out->itcn_pj = scale * c->access_pj[HD_KAPLA_ITCN] * sum(out->access[HD_KAPLA_ITCN]);
    out->regf_pj = scale * c->access_pj[HD_KAPLA_REGF] * sum(out->access[HD_KAPLA_REGF]);
    out->remote_pj = scale * c->access_pj[HD_KAPLA_GBUF] * sum(out->remote);
    out->node_hop_pj = scale * c->hop_pj * sum(out->node_hops);
    out->memory_hop_pj = c->hop_pj * sum(out->memory_hops);
    out->op_pj = c->op_pj * out->ops;
    out->static_pj = c->static_pj * (double)out->cycles;
    out->energy_pj = out->dram_pj + out->gbuf_pj + out->itcn_pj + out->regf_pj + out->remote_pj + out->node_hop_pj +
                     out->memory_hop_pj + out->op_pj;
    if (e->fixes & HD_KAPLA_FIX_STATIC) out->energy_pj += out->static_pj;
}

void hd_kapla_evaluate(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                       hd_kapla_cost *out)
{
    evaluation e = {chip, fixes, s, place, {.nodes = 0}, out};
    memset(out, 0, sizeof *out);
    hd_kapla_count(s, &e.n);
    buffer_level(&e);
    array_level(&e);
    arithmetic(&e);
    times(&e);
    hd_kapla_hops(chip, fixes, s, place, out->unit_hops);
    energies(&e);
    out->output = hd_kapla_output(s, place);
}
