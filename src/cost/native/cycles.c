/* Time: work of the busiest unit, words of the busiest instance over each port, first tiles in, last out. */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "cost/native/native.h"

int hd_native_bits(const hd_problem *p, int level, hd_role role)
{
    bool partial = role == HD_O && p->op->partial_bits > 0 && level > p->home[HD_O];
    return partial ? p->op->partial_bits : p->op->tensor[role].bits;
}

typedef struct ports { int64_t read_bits, write_bits; } ports;

static int64_t cycles_at(int64_t bits, double words_per_cycle, int word_bits)
{
    if (words_per_cycle <= 0 || bits == 0) return 0;
    return (int64_t)ceil((double)bits / (words_per_cycle * word_bits));
}

static int64_t port_cycles(const hd_level *l, ports p)
{
    int64_t shared = cycles_at(p.read_bits + p.write_bits, l->shared_bw, l->word_bits);
    int64_t own = hd_count_max(cycles_at(p.read_bits, l->read_bw, l->word_bits),
                               cycles_at(p.write_bits, l->write_bw, l->word_bits));
    return hd_count_max(shared, own);
}

static int link_at(const chain *c, int level)
{
    for (int i = 0; i < c->links; i++)
        if (c->level[i] == level) return i;
    return -1;
}

static ports level_ports(const nest *n, const nest_chains *c, int level, part which, const int64_t (*at)[HD_MAX_DIGITS],
                         const hd_breakdown *totals)
{
    ports sum = {0, 0};
    for (int r = 0; r < HD_ROLES; r++) {
        int i = c->used[r] ? link_at(&c->of[r], level) : -1;
        if (i < 0) continue;
        hd_access a = !at && which == PART_ALL ? totals->access[level][r] : hd_link_access(n, &c->of[r], i, which, at);
        int64_t bits = hd_native_bits(n->p, level, (hd_role)r);
        sum.read_bits += a.reads * bits;
        sum.write_bits += (a.fills + a.updates) * bits;
    }
    if (level == 0 && which == PART_ALL && n->p->op->extra_reads > 0 && !c->used[HD_I2])
        sum.read_bits += n->p->op->extra_reads * n->p->op->tensor[HD_O].bits;
    return sum;
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

/* Step the stack indices of the uneven dims at levels <= level; false after the last. */
static bool next_instance(const nest *n, unsigned dims, int level, int64_t (*at)[HD_MAX_DIGITS])
{
    for (int d = 0; d < n->p->op->dims; d++)
        for (int k = 0; k < n->dim[d].digits; k++) {
            const nest_digit *g = &n->dim[d].digit[k];
            if (!(dims >> d & 1u) || g->time >= 0 || g->level > level) continue;
            if (++at[d][k] < g->count) return true;
            at[d][k] = 0;
        }
    return false;
}

static int64_t level_cycles(const nest *n, const nest_chains *c, int level, part which, const hd_breakdown *totals)
{
    const hd_level *l = &n->p->arch->level[level];
    if (l->shared_bw <= 0 && l->read_bw <= 0 && l->write_bw <= 0) return 0;
    if (!n->split[level]) return port_cycles(l, level_ports(n, c, level, which, NULL, totals));
    int64_t at[HD_MAX_DIMS][HD_MAX_DIGITS], most = 0;
    /* at the end an idle unit of a ragged dim may hold more than the first one */
    unsigned uneven = uneven_dims(n->p->op) | (which == PART_LAST ? hd_nest_ragged(n) : 0);
    memset(at, 0, sizeof at);
    do {
        const int64_t (*here)[HD_MAX_DIGITS] = (const int64_t (*)[HD_MAX_DIGITS])at;
        most = hd_count_max(most, port_cycles(l, level_ports(n, c, level, which, here, totals)));
    } while (next_instance(n, uneven, level, at));
    return most;
}

static int64_t work_cycles(const nest *n)
{
    const hd_operator *op = n->p->op;
    const hd_arch *a = n->p->arch;
    int64_t ops = hd_operator_ops(op);
    int64_t vector = a->vector_per_cycle > 0 ? (int64_t)ceil((double)ops / a->vector_per_cycle) : 0;
    if (!op->vector) return hd_count_max(hd_nest_steps(n), vector);
    return a->vector_per_cycle > 0 ? vector : hd_nest_steps(n);
}

void hd_native_cycles(const nest *n, const nest_chains *c, hd_breakdown *out)
{
    int64_t overlapped, serial = 0;
    out->compute_cycles = overlapped = work_cycles(n);
    out->bound_by = -1;
    out->fill_cycles = out->drain_cycles = 0;
    int64_t longest = overlapped;
    for (int l = 0; l < n->mac; l++) {
        int64_t cycles = out->level_cycles[l] = level_cycles(n, c, l, PART_ALL, out);
        bool overlaps = l == 0 || n->p->arch->level[l].double_buffer;
        if (overlaps)
            overlapped = hd_count_max(overlapped, cycles);
        else
            serial += cycles;
        if (cycles > longest) longest = cycles, out->bound_by = l;
        out->fill_cycles += level_cycles(n, c, l, PART_FIRST, out);
        out->drain_cycles += level_cycles(n, c, l, PART_LAST, out);
    }
    out->level_cycles[n->mac] = 0;
    out->latency_cycles = out->fill_cycles + overlapped + serial + out->drain_cycles;
}
