/* Which rules make a term of the price, an energy or a number of cycles, differ from the native one?  The native sum is
 * worked out again with one of Timeloop's rules more each time; a rule is named if its step changes the number.        */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

enum { MAX_STEPS = 8 };

/* The term after each step, from the native value to Timeloop's; names[i] leads from value[i] to value[i + 1]. */
typedef struct path { int steps; const char *name[MAX_STEPS]; double value[MAX_STEPS + 1]; } path;

typedef struct question {
    const hd_problem *p;
    tl_price t;
    const hd_breakdown *other;
    hd_breakdown price;
    int level;
} question;

static void start(path *w, double value)
{
    w->steps = 0;
    w->value[0] = value;
}

static void add(path *w, const char *name, double value)
{
    w->name[w->steps++] = name;
    w->value[w->steps] = value;
}

typedef struct change { const char *name; double by; } change;

static int larger_first(const void *a, const void *b)
{
    double x = fabs(((const change *)a)->by), y = fabs(((const change *)b)->by);
    return (x < y) - (x > y);
}

static void name_steps(const path *w, char out[256])
{
    change list[MAX_STEPS];
    int count = 0;
    size_t used = 0;
    for (int i = 0; i < w->steps; i++) {
        double by = w->value[i + 1] - w->value[i];
        if (fabs(by) > 1e-12 * fmax(fabs(w->value[i]), fabs(w->value[i + 1]))) list[count++] = (change){w->name[i], by};
    }
    qsort(list, (size_t)count, sizeof *list, larger_first);
    out[0] = '\0';
    for (int i = 0; i < count && used < 256; i++)
        used += (size_t)snprintf(out + used, 256 - used, "%s%s", used ? "; " : "", list[i].name);
}

/* ---- energies ---- */

static double native_bits(const hd_problem *p, int level, int role)
{
    bool partial = role == HD_O && p->op->partial_bits > 0 && level > p->home[HD_O];
    return partial ? p->op->partial_bits : p->op->tensor[role].bits;
}

static double counts_pj(const hd_level *l, int role, double reads, double fills, double updates)
{
    return reads * l->read_pj[role] + fills * l->fill_pj[role] + updates * l->update_pj[role];
}

static double vectors(double words, int64_t block) { return block > 1 ? ceil(words / (double)block) * (double)block : words; }

/* Without the fused residual, which both models charge alike. */
static void level_energy(const question *q, path *w)
{
    const tl_nest *n = &q->t.nest;
    const hd_level *l = &q->p->arch->level[q->level];
    double native = 0, counted = 0, words = 0, rounded = 0, blocks = 0, final = 0, units = (double)n->instances[q->level];
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_access *a = &q->price.access[q->level][r];
        const tl_counts *c = &q->t.role[r];
        native += q->other->level_pj[q->level][r];
        final += q->price.level_pj[q->level][r];
        double pj = counts_pj(l, r, (double)a->reads, (double)a->fills, (double)a->updates);
        int bits = q->p->op->tensor[r].used ? (int)native_bits(q->p, q->level, r) : q->p->op->tensor[HD_O].bits;
        counted += pj * (double)bits / l->word_bits;
        words += pj;
        if (!c->used || q->level >= n->mac || q->level < c->home || !c->kept[q->level]) {
            rounded += pj;
            blocks += pj;
            continue;
        }
        int64_t each[] = {hd_tl_each(n, q->level, c->reads[q->level]), hd_tl_each(n, q->level, c->fills[q->level]),
                          hd_tl_each(n, q->level, c->updates[q->level])};
        int64_t block = l->timeloop.block_size;
        rounded += units * counts_pj(l, r, (double)each[0], (double)each[1], (double)each[2]);
        blocks += units * counts_pj(l, r, vectors((double)each[0], block), vectors((double)each[1], block),
                                    vectors((double)each[2], block));
    }
    start(w, native);
    add(w, "from the counts above", counted);
    add(w, "an element is a word whatever its bits", words);
    add(w, "averages of the instances are rounded", rounded);
    add(w, "rounded up to whole vectors", blocks);
    add(w, "instances of a cluster share an access", final);
}

static void network_energy(const question *q, path *w)
{
    double native = 0, hops = 0, routers = 0, final = 0;
    const hd_timeloop_level *l = &q->p->arch->level[q->level].timeloop;
    for (int r = 0; r < HD_ROLES; r++) {
        const tl_counts *c = &q->t.role[r];
        native += q->other->network_pj[q->level][r];
        final += q->price.network_pj[q->level][r];
        if (!c->used || q->level < 1 || q->level - 1 < c->home) continue;
        hops += (c->flow[q->level - 1].hops + c->flow[q->level - 1].transfers) * l->hop_pj;
        routers += hd_tl_ingresses(&q->t, (hd_role)r, q->level - 1) * l->ingress_pj;
    }
    start(w, native);
    add(w, "delivery energies are the native model's alone", 0);
    add(w, "hops are paid in timeloop only", fmin(hops, final));
    add(w, "ingresses are paid in timeloop only", fmin(fmin(hops, final) + routers, final));
    add(w, "routers are paid in timeloop only", final);
}

static void mac_energy(const question *q, path *w)
{
    start(w, q->other->mac_pj);
    add(w, "from the computes above", q->price.mac_pj);
}

static void vector_energy(const question *q, path *w)
{
    start(w, q->other->vector_pj);
    add(w, "vector work is priced otherwise", q->price.vector_pj);
}

static void static_energy(const question *q, path *w)
{
    start(w, q->other->static_pj);
    add(w, "from the cycles above", q->price.static_pj);
}

static void all_energy(const question *q, path *w)
{
    double levels = 0, networks = 0;
    for (int l = 0; l < q->p->arch->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            levels += q->price.level_pj[l][r] - q->other->level_pj[l][r];
            networks += q->price.network_pj[l][r] - q->other->network_pj[l][r];
        }
    start(w, q->other->energy_pj);
    add(w, "from the levels above", w->value[0] + levels);
    add(w, "from the networks above", w->value[1] + networks);
    add(w, "from the MACs above", w->value[2] + q->price.mac_pj - q->other->mac_pj);
    add(w, "from the vector work above", w->value[3] + q->price.vector_pj - q->other->vector_pj);
    add(w, "from the energy at rest above", q->price.energy_pj);
}

/* ---- cycles ---- */

static void computes(const question *q, path *w)
{
    start(w, (double)q->other->computes);
    add(w, "imperfect factors: idle units count as computing", (double)q->price.computes);
}

static void work_cycles(const question *q, path *w)
{
    start(w, (double)q->other->compute_cycles);
    add(w, "imperfect factors: every loop counts with its full bound", (double)q->price.compute_cycles);
}

/* Cycles of the busiest port of an instance that moves so many bits. */
static double port_cycles(const hd_level *l, double read_bits, double write_bits)
{
    double word = l->word_bits, cycles = 0;
    if (l->read_bw > 0) cycles = fmax(cycles, ceil(read_bits / (l->read_bw * word)));
    if (l->write_bw > 0) cycles = fmax(cycles, ceil(write_bits / (l->write_bw * word)));
    if (l->shared_bw > 0) cycles = fmax(cycles, ceil((read_bits + write_bits) / (l->shared_bw * word)));
    return cycles;
}

/* Words of all instances, spread evenly; in elements' own bits or as whole words. */
static double mean_cycles(const question *q, const hd_breakdown *price, bool words)
{
    const hd_level *l = &q->p->arch->level[q->level];
    double reads = 0, writes = 0, units = (double)q->t.nest.instances[q->level];
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_access *a = &price->access[q->level][r];
        double bits = q->p->op->tensor[r].used ? native_bits(q->p, q->level, r) : q->p->op->tensor[HD_O].bits;
        if (words) bits = l->word_bits;
        reads += (double)a->reads * bits / units;
        writes += (double)(a->fills + a->updates) * bits / units;
    }
    return port_cycles(l, reads, writes);
}

static void level_cycles(const question *q, path *w)
{
    double final = (double)q->price.level_cycles[q->level], native = (double)q->other->level_cycles[q->level];
    double even = mean_cycles(q, q->other, false), own = mean_cycles(q, &q->price, false);
    double words = mean_cycles(q, &q->price, true);
    start(w, native);
    add(w, "the average instance, not the busiest", even);
    add(w, "from the counts above", own);
    add(w, "an element is a word whatever its bits", words);
    add(w, final > words ? "a level takes the cycles of work at least" : "averages of the instances are rounded", final);
}

static void fill_cycles(const question *q, path *w)
{
    start(w, (double)q->other->fill_cycles);
    add(w, "the first tiles are not waited for", 0);
    add(w, "network_fill_latency", (double)q->price.fill_cycles);
}

static void drain_cycles(const question *q, path *w)
{
    start(w, (double)q->other->drain_cycles);
    add(w, "the last tile is not waited for", 0);
    add(w, "network_drain_latency", (double)q->price.drain_cycles);
}

static double longest(const question *q, const hd_breakdown *price)
{
    int64_t most = price->compute_cycles;
    for (int l = 0; l < q->t.nest.mac; l++) most = hd_count_max(most, price->level_cycles[l]);
    return (double)most;
}

static void latency(const question *q, path *w)
{
    const hd_breakdown *n = q->other, *t = &q->price;
    double native = (double)n->latency_cycles, ends = (double)(n->fill_cycles + n->drain_cycles);
    double own_ends = (double)(t->fill_cycles + t->drain_cycles);
    start(w, native);
    add(w, "from fill and drain above", native - ends + own_ends);
    add(w, "levels without a double buffer overlap with the work, too", longest(q, n) + own_ends);
    add(w, "from the cycles above", (double)t->latency_cycles);
}

void hd_tl_why_term(const hd_problem *p, const hd_scheme *s, hd_price_term term, int level, const hd_breakdown *other,
                    char out[256])
{
    static void (*const paths[])(const question *, path *) = {
        [HD_TERM_COMPUTES] = computes, [HD_TERM_WORK_CYCLES] = work_cycles, [HD_TERM_LEVEL_CYCLES] = level_cycles,
        [HD_TERM_FILL_CYCLES] = fill_cycles, [HD_TERM_DRAIN_CYCLES] = drain_cycles, [HD_TERM_LATENCY] = latency,
        [HD_TERM_MAC_ENERGY] = mac_energy, [HD_TERM_VECTOR_ENERGY] = vector_energy,
        [HD_TERM_LEVEL_ENERGY] = level_energy, [HD_TERM_NETWORK_ENERGY] = network_energy,
        [HD_TERM_STATIC_ENERGY] = static_energy, [HD_TERM_ENERGY] = all_energy,
    };
    question q = {.p = p, .other = other, .level = level};
    path w;
    hd_model_timeloop.price(p, s, &q.price);
    hd_tl_count(&q.t, p, s, true);
    paths[term](&q, &w);
    name_steps(&w, out);
}
