/* Time: work of the busiest unit, words of the busiest instance over each port, first tiles in, last out. */
#include <string.h>

#include "base/count.h"
#include "cost/native/alike.h"
#include "cost/native/native.h"

static inline double longer(double cycles, int64_t bits, double rate)
{
    double more = rate > 0 ? (double)bits / rate : 0;
    return more > cycles ? more : cycles;
}

int64_t hd_native_cycles_of(const native_rate *rate, int64_t reads, int64_t writes)
{
    double longest = longer(longer(longer(0, reads + writes, rate->shared), reads, rate->read), writes, rate->write);
    int64_t whole = (int64_t)longest;
    return whole + ((double)whole < longest);
}

int64_t hd_native_port_cycles(const native_ready *ready, int level, const hd_access moved[HD_ROLES])
{
    int64_t reads = 0, writes = 0;
    for (int r = 0; r < HD_ROLES; r++) {
        reads += moved[r].reads * ready->port_bits[level][r];
        writes += (moved[r].fills + moved[r].updates) * ready->port_bits[level][r];
    }
    return hd_native_cycles_of(&ready->rate[level], reads, writes);
}

static inline int link_at(const chain *c, int level)
{
    for (int i = 0; i < c->links; i++)
        if (c->link[i].level == level) return i;
    return -1;
}

/* Of the only instance while the first tiles come in: nothing leaves. */
static inline int64_t first_cycles(const nest *n, const chain *c, int level)
{
    int64_t reads = 0, writes = 0;
    for (const chain *end = c + n->ready->roles; c < end; c++) {
        int i = c->role == HD_O ? -1 : link_at(c, level);
        if (i < 0) continue;
        int64_t bits = n->ready->port_bits[level][c->role] * (c->twice ? 2 : 1);
        reads += bits * hd_link_edge(n, c, i + 1, c->link[i + 1].between & c->factors->wires);
        if (i > 0) writes += bits * hd_link_edge(n, c, i, 0);
    }
    return hd_native_cycles_of(&n->ready->rate[level], reads, writes);
}

/* The same while the last results leave: nothing comes, but what all groups of units but one add to. */
static inline int64_t last_cycles(const nest *n, const chain *c, int level)
{
    while (c->role != HD_O) c++; /* every operator has one */
    int i = link_at(c, level);
    if (i < 0) return 0;
    unsigned between = c->link[i + 1].between;
    int64_t bits = n->ready->port_bits[level][HD_O], updates = hd_link_edge(n, c, i + 1, between & c->factors->wires), reads = 0;
    if (between & ~c->factors->wires) reads = updates - hd_link_edge(n, c, i + 1, between);
    if (i > 0) reads += hd_link_edge(n, c, i, 0);
    return hd_native_cycles_of(&n->ready->rate[level], reads * bits, updates * bits);
}

/* Of one instance among several. */
static int64_t instance_cycles(const nest *n, const chain *c, int level, part which, const int64_t (*at)[HD_MAX_DIGITS])
{
    int64_t reads = 0, writes = 0;
    for (int k = 0; k < n->ready->roles; k++) {
        if (which == (c[k].role == HD_O ? PART_FIRST : PART_LAST)) continue; /* moves nothing */
        int i = link_at(&c[k], level);
        if (i < 0) continue;
        hd_access moved;
        int64_t bits = n->ready->port_bits[level][c[k].role];
        hd_link_access(n, &c[k], i, which, at, &moved);
        reads += moved.reads * bits;
        writes += (moved.fills + moved.updates) * bits;
    }
    return hd_native_cycles_of(&n->ready->rate[level], reads, writes);
}

/* Dims of ranks that slide or are padded: there the first instance need not be the busiest. */
static unsigned uneven_dims(const hd_operator *op)
{
    unsigned dims = 0;
    for (int r = 0; r < HD_ROLES; r++)
        for (int k = 0; op->tensor[r].used && k < op->tensor[r].ranks; k++) {
            const hd_rank *rank = &op->tensor[r].rank[k];
            bool even = rank->terms == 1 && rank->offset == 0 && op->dim[rank->term[0].dim].extent <= rank->extent;
            for (int t = 0; t < rank->terms && !even; t++) dims |= 1u << rank->term[t].dim;
        }
    return dims;
}

/* Stand along a dim where no border is near; false where one is near everybody. */
static bool stand_inside(const nest *n, int dim, int level, int64_t (*at)[HD_MAX_DIGITS])
{
    const alike same = {n, 1, level, (const int64_t (*)[HD_MAX_DIGITS])at, ~0u};
    for (int k = 0; k < n->dim[dim].digits; k++) {
        const nest_digit *g = &n->dim[dim].digit[k];
        if (g->time >= 0 || g->level > level) continue;
        int64_t inner = hd_alike_inner(&same, dim, k);
        at[dim][k] = hd_count_max(inner, 0);
        if (inner >= 0) return true;
    }
    return false;
}

/* Where every shift divides, the words of units along a dim are the same, but for what borders cut off: nobody is busier than
 * who stands inside.  Left are the dims without such a place, and those whose index says who loads old partial sums, or
 * along which outputs slide. */
static unsigned settle(const nest *n, unsigned dims, int level, int64_t (*at)[HD_MAX_DIGITS])
{
    const nest_role *o = n->ready->role;
    while (o->role != HD_O) o++; /* every operator has one */
    unsigned left = dims;
    for (unsigned even = dims & o->dims & ~o->general; even; even = hd_dims_after(even)) {
        int d = hd_dim_of(even);
        if (n->dim[d].even_to == n->mac && stand_inside(n, d, level, at)) left &= ~(1u << d);
    }
    return left;
}

/* Step the stack indices of the uneven dims at levels <= level, past those that are alike; false after the last. */
static bool next_instance(const nest *n, unsigned dims, int level, int64_t (*at)[HD_MAX_DIGITS])
{
    const alike same = {n, 1, level, (const int64_t (*)[HD_MAX_DIGITS])at, ~0u};
    for (; dims; dims = hd_dims_after(dims)) {
        int d = hd_dim_of(dims);
        for (int k = n->dim[d].digits - 1; k >= 0; k--) {
            const nest_digit *g = &n->dim[d].digit[k];
            if (g->time >= 0 || g->level > level) continue;
            at[d][k] = hd_alike_end(&same, d, k, at[d][k]);
            if (at[d][k] < g->count) return true;
            at[d][k] = 0;
        }
    }
    return false;
}

/* Of several instances. */
static int64_t busiest_cycles(const nest *n, const chain *c, int level, part which)
{
    int64_t at[HD_MAX_DIMS][HD_MAX_DIGITS], most = 0;
    /* at the end an idle unit of a ragged dim may hold more of O than the first one; other dims of O are plain */
    unsigned uneven = which == PART_LAST ? hd_nest_ragged(n) : uneven_dims(n->p->op);
    memset(at, 0, sizeof at);
    uneven = settle(n, uneven, level, at);
    do {
        const int64_t (*here)[HD_MAX_DIGITS] = (const int64_t (*)[HD_MAX_DIGITS])at;
        most = hd_count_max(most, instance_cycles(n, c, level, which, here));
    } while (next_instance(n, uneven, level, at));
    return most;
}

/* Of a level in all, in the first step and in the last. */
typedef struct times { int64_t run, fill, drain; } times;

static inline times port_times(const nest *n, const chain *c, int level, const hd_breakdown *totals)
{
    if (!(n->ready->limited >> level & 1u)) return (times){0, 0, 0};
    if (n->split[level])
        return (times){busiest_cycles(n, c, level, PART_ALL), busiest_cycles(n, c, level, PART_FIRST),
                       busiest_cycles(n, c, level, PART_LAST)};
    return (times){hd_native_port_cycles(n->ready, level, totals->access[level]), first_cycles(n, c, level),
                   last_cycles(n, c, level)};
}

/* Links of a mesh are ports, too, and the first and last words have a way to go. */
static NEST_RARE void cross_mesh(const nest *n, const chain *c, int level, times *t)
{
    t->run = hd_count_max(t->run, hd_native_link_cycles(n, c, level, PART_ALL));
    t->fill = hd_count_max(t->fill, hd_native_link_cycles(n, c, level, PART_FIRST)) + hd_native_route(n, c, level, false);
    t->drain = hd_count_max(t->drain, hd_native_link_cycles(n, c, level, PART_LAST)) + hd_native_route(n, c, level, true);
}

/* Levels that may take time, as bits. */
static inline unsigned timed(const native_ready *ready)
{
    return (ready->meshed ? ~0u : ready->limited) & ((1u << ready->mac) - 1);
}

int64_t hd_native_work_cycles(const native_ready *ready, int64_t steps)
{
    if (!ready->p->op->vector) return hd_count_max(steps, ready->vector_cycles);
    return ready->p->arch->vector_per_cycle > 0 ? ready->vector_cycles : steps;
}

void hd_native_latency(const native_ready *ready, int64_t steps, hd_breakdown *out)
{
    const hd_problem *p = ready->p;
    int64_t overlapped, serial = 0;
    out->compute_cycles = overlapped = hd_native_work_cycles(ready, steps);
    out->bound_by = -1;
    int64_t longest = overlapped;
    for (unsigned levels = timed(ready); levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        int64_t cycles = out->level_cycles[l];
        if (l == 0 || p->arch->level[l].double_buffer)
            overlapped = hd_count_max(overlapped, cycles);
        else
            serial += cycles;
        if (cycles > longest) longest = cycles, out->bound_by = l;
    }
    out->latency_cycles = out->fill_cycles + overlapped + serial + out->drain_cycles;
}

void hd_native_cycles(const nest *n, const chain *c, hd_breakdown *out)
{
    int64_t fill = 0, drain = 0;
    for (unsigned levels = timed(n->ready); levels; levels &= levels - 1) {
        int l = __builtin_ctz(levels);
        times t = port_times(n, c, l, out);
        if (n->ready->meshed) cross_mesh(n, c, l, &t);
        out->level_cycles[l] = t.run;
        fill += t.fill;
        drain += t.drain;
    }
    out->fill_cycles = fill;
    out->drain_cycles = drain;
    hd_native_latency(n->ready, n->steps, out);
}
