/* How long did it take?  Ports of the busiest instance, links of the busiest mesh port, work of the busiest unit. */
#include <math.h>
#include <string.h>

#include "base/count.h"
#include "verify/run.h"

int64_t hd_run_bits(const run *r, int level, hd_role role) {
    const hd_operator *op = r->p->op;
    if (!op->tensor[role].used)
        return op->tensor[HD_O].bits; /* a fused residual: as the output it is added to */
    return role == HD_O && level > r->p->home[HD_O] && op->partial_bits ? op->partial_bits
                                                                        : op->tensor[role].bits;
}

static int64_t port_cycles(int64_t bits, double words_per_cycle, int word_bits) {
    return words_per_cycle > 0 ? (int64_t)ceil((double)bits / (words_per_cycle * word_bits)) : 0;
}

/* Cycles of the busiest port of the mesh into the level, for all that crossed it since `before`. */
static int64_t link_cycles(const run *r, int level, const moment *before) {
    const hd_level *chip = &r->p->arch->level[level];
    int64_t busiest = 0;
    for (int way = 0; way < 2; way++)
        for (int port = 0; port < chip->mesh.ports; port++) {
            int64_t bits = r->links[level].bits[way][port] - (before ? before->links[level].bits[way][port] : 0);
            busiest = hd_count_max(busiest, port_cycles(bits, chip->mesh.link_bw, chip->word_bits));
        }
    return busiest;
}

/* Cycles of the busiest instance of a level, for all counted so far beyond `before` (NULL = none). */
static int64_t level_cycles(const run *r, int level, const moment *before) {
    const hd_level *chip = &r->p->arch->level[level];
    int64_t busiest = link_cycles(r, level, before);
    for (int64_t unit = 0; unit < r->m->level[level].units; unit++) {
        int64_t in = 0, out = 0;
        for (int role = 0; role < HD_ROLES; role++) {
            const hd_replay_access *now = r->count[level][role];
            if (!now || (chip->elsewhere >> role & 1u)) continue;
            const hd_replay_access *then = before ? before->count[level][role] : NULL;
            hd_replay_access old = then ? then[unit] : (hd_replay_access){0};
            int64_t bits = hd_run_bits(r, level, (hd_role)role) * r->twice[role];
            out += bits * (now[unit].reads - old.reads);
            in += bits * (now[unit].fills - old.fills + now[unit].updates - old.updates);
        }
        busiest = hd_count_max(busiest, port_cycles(out, chip->read_bw, chip->word_bits));
        busiest = hd_count_max(busiest, port_cycles(in, chip->write_bw, chip->word_bits));
        busiest = hd_count_max(busiest, port_cycles(in + out, chip->shared_bw, chip->word_bits));
    }
    return busiest;
}

hd_status hd_time_snapshot(const run *r, moment *out, hd_error *err) {
    memcpy(out->links, r->links, sizeof out->links);
    for (int level = 0; level < r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            out->count[level][role] = NULL;
            if (!r->count[level][role]) continue;
            size_t units = (size_t)r->m->level[level].units;
            out->count[level][role] = hd_arena_alloc(r->arena, units, sizeof *out->count[level][role]);
            if (!out->count[level][role]) return hd_fail_memory(err);
            memcpy(out->count[level][role], r->count[level][role], units * sizeof *out->count[level][role]);
        }
    return HD_OK;
}

int64_t hd_time_since(const run *r, const moment *before) {
    int64_t sum = 0;
    for (int level = 0; level < r->arithmetic; level++) sum += level_cycles(r, level, before);
    return sum;
}

int64_t hd_time_of_routes(const run *r, bool outward) {
    int64_t sum = 0;
    for (int level = 1; level < r->arithmetic; level++) {
        int64_t longest = 0;
        for (int role = 0; role < HD_ROLES; role++) {
            const hd_trees *t = r->trees[level][role];
            for (int64_t unit = 0; t && outward == (role == HD_O) && unit < t->units; unit++)
                longest = hd_count_max(longest, t->group[unit].depth);
        }
        sum += longest * r->p->arch->level[level].mesh.hop_cycles;
    }
    return sum;
}

/* Steps of the busiest arithmetic instance, or the time of the vector unit where the chip has one. */
static int64_t compute_cycles(const run *r) {
    const hd_operator *op = r->p->op;
    double rate = r->p->arch->vector_per_cycle;
    int64_t busiest = 0, vector = rate > 0 ? (int64_t)ceil((double)hd_operator_ops(op) / rate) : 0;
    for (int64_t unit = 0; unit < r->m->level[r->arithmetic].units; unit++)
        busiest = hd_count_max(busiest, r->worked[unit]);
    if (!op->vector) return hd_count_max(busiest, vector);
    return rate > 0 ? vector : busiest;
}

/* Work and double-buffered transfers overlap; other levels wait in turn. */
void hd_time_finish(run *r) {
    hd_replay *out = r->out;
    int64_t overlapped = out->compute_cycles = compute_cycles(r), waiting = 0;
    for (int level = 0; level < r->arithmetic; level++) {
        int64_t cycles = out->level_cycles[level] = level_cycles(r, level, NULL);
        if (level == 0 || r->p->arch->level[level].double_buffer)
            overlapped = hd_count_max(overlapped, cycles);
        else
            waiting += cycles;
    }
    out->latency_cycles = out->fill_cycles + overlapped + waiting + out->drain_cycles;
}
