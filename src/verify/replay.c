/* What would the machine really move?  Every step of the nest: outputs that leave are drained, inner levels
 * first; then new words are fetched, outer levels first; then every arithmetic instance that exists works on
 * one point. Rules and words: docs/cost-model.md.  Cost: steps x instances, plus one unit per word moved. */
#include "verify/replay.h"

#include <math.h>
#include <string.h>

#include "base/count.h"
#include "verify/distinct.h"
#include "verify/held.h"

typedef struct run {
    const hd_problem *p;
    const hd_scheme *s;
    hd_arena *arena;
    hd_machine *m;
    hd_replay *out;
    int arithmetic, deepest;                          /* level of the points; innermost level with storage */
    hd_held *held[HD_MAX_LEVELS][HD_ROLES];           /* NULL where the role is not kept */
    hd_replay_access *count[HD_MAX_LEVELS][HD_ROLES]; /* per instance */
    int64_t *worked;                                  /* per arithmetic instance: steps */
    int64_t twice[HD_ROLES];                          /* 2 for a row that is read twice, else 1 */
    hd_distinct passed, met;                          /* scratch of one transfer */
    hd_moves moves, merged;
} run;

/* ---- setting up ---- */

/* Does the work happen beside a storage level instead of in the MACs? */
static bool beside(const run *r) {
    return r->p->op->vector && r->p->arch->vector_at < r->s->levels - 1;
}

static bool keeps(const run *r, int level, hd_role role) {
    if (level < r->p->home[role] || level > r->deepest) return false;
    return level == r->p->home[role] || (r->s->level[level].keep & HD_ROLE_BIT(role)) != 0;
}

static bool holds_rows(const run *r, hd_role role) {
    int level = r->deepest;
    while (level > 0 && !keeps(r, level, role)) level--;
    for (int dim = 0; dim < r->p->op->dims; dim++)
        if ((r->p->op->row_dims >> dim & 1u) && r->s->level[level].tensor[dim] != r->p->op->dim[dim].extent)
            return false;
    return true;
}

static hd_status build_held(run *r, int level, hd_role role, int source, hd_error *err) {
    hd_held *held = hd_arena_alloc(r->arena, 1, sizeof *held);
    size_t units = (size_t)r->m->level[level].units;
    r->count[level][role] = hd_arena_alloc(r->arena, units, sizeof *r->count[level][role]);
    if (!held || !r->count[level][role]) return hd_fail_memory(err);
    held->level = level;
    held->source = source;
    held->role = role;
    held->arithmetic = level == r->arithmetic;
    held->lasting = held->arithmetic && !beside(r) &&
                    (r->p->arch->level[level].operand_register & HD_ROLE_BIT(role)) != 0;
    r->held[level][role] = held;
    return hd_held_build(held, r->arena, r->m, err);
}

static hd_status build(run *r, int64_t max_steps, hd_error *err) {
    const hd_operator *op = r->p->op;
    r->arithmetic = r->s->levels - 1;
    r->deepest = r->arithmetic - 1;
    if (beside(r)) r->deepest = r->p->arch->vector_at;
    HD_TRY(hd_machine_build(r->arena, r->p, r->s, max_steps, &r->m, err));
    if (r->m->level[r->arithmetic].units != r->m->level[r->deepest].units && beside(r))
        return hd_fail(err, HD_ERR_USAGE, "a stack inside the level of the vector work");
    HD_TRY(hd_distinct_init(&r->passed, r->arena, err));
    HD_TRY(hd_distinct_init(&r->met, r->arena, err));
    for (int role = 0; role < HD_ROLES; role++) {
        r->twice[role] = (role == HD_I || role == HD_I2) && op->row_dims && !holds_rows(r, (hd_role)role) ? 2 : 1;
        if (!op->tensor[role].used) continue;
        int source = -1;
        for (int level = 0; level <= r->arithmetic; level++) {
            if (level != r->arithmetic && !keeps(r, level, (hd_role)role)) continue;
            if (level == r->arithmetic && source < 0)
                return hd_fail(err, HD_ERR_USAGE, "a tensor is at home inside the level of the work");
            HD_TRY(build_held(r, level, (hd_role)role, source, err));
            source = level;
        }
    }
    r->worked = hd_arena_alloc(r->arena, (size_t)r->m->level[r->arithmetic].units, sizeof *r->worked);
    return r->worked ? HD_OK : hd_fail_memory(err);
}

/* ---- moving words ---- */

/* Is this the first time in this transfer that the word passes level `level` for its group? */
static hd_status first_pass(run *r, const hd_held *held, int level, const hd_move *move, bool outward,
                            bool *fresh, hd_error *err) {
    int64_t group = hd_machine_group(r->m, level, held->level, move->unit, held->role, outward), order;
    int64_t key = (group * held->words + move->word) * HD_MAX_LEVELS + level;
    return hd_distinct_add(&r->passed, key, &order, fresh, err);
}

/* Deliveries on the way, distinct within the groups below each level that the role passes through. */
static hd_status pass(run *r, const hd_held *held, const hd_move *move, bool outward, hd_error *err) {
    for (int level = held->source + 1; level < held->level; level++) {
        bool fresh;
        HD_TRY(first_pass(r, held, level, move, outward, &fresh, err));
        r->out->deliveries[level][held->role] += fresh;
    }
    r->out->deliveries[held->level][held->role]++;
    return HD_OK;
}

/* New words of an input: one read per group and word, one fill per instance and word. */
static hd_status fetch(run *r, hd_held *held, hd_error *err) {
    hd_distinct_clear(&r->passed);
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        bool fresh;
        HD_TRY(pass(r, held, move, false, err));
        if (!held->arithmetic) r->count[held->level][held->role][move->unit].fills++;
        HD_TRY(first_pass(r, held, held->source, move, false, &fresh, err));
        int64_t source = hd_machine_above(r->m, held->source, held->level, move->unit);
        r->count[held->source][held->role][source].reads += fresh;
    }
    return HD_OK;
}

/* Output words newly taken: one instance gets the old partial where there is one, others start at zero. */
static hd_status load(run *r, hd_held *held, hd_error *err) {
    hd_held *outer = r->held[held->source][HD_O];
    hd_distinct_clear(&r->met);
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        int64_t source = hd_machine_above(r->m, held->source, held->level, move->unit), order;
        bool fresh;
        HD_TRY(hd_distinct_add(&r->met, source * held->words + move->word, &order, &fresh, err));
        if (!fresh || !(*hd_held_mark(outer, source, move->word) & HD_EXISTS)) continue;
        *hd_held_mark(held, move->unit, move->word) |= HD_EXISTS | HD_LOADED;
        r->count[held->source][HD_O][source].reads++;
        if (!held->arithmetic) r->count[held->level][HD_O][move->unit].fills++;
        for (int level = held->source + 1; level <= held->level; level++) r->out->deliveries[level][HD_O]++;
    }
    return HD_OK;
}

/* Output words that leave are drained and pass outwards; `merged` gets what arrives: one move per group and
 * word, its unit the receiving instance, `loaded` if one of the senders had the old partial. */
static hd_status send(run *r, hd_held *held, hd_error *err) {
    hd_distinct_clear(&r->passed);
    hd_distinct_clear(&r->met);
    r->merged.count = 0;
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        int64_t order, group = hd_machine_group(r->m, held->source, held->level, move->unit, HD_O, true);
        bool fresh;
        HD_TRY(pass(r, held, move, true, err));
        if (!held->arithmetic) r->count[held->level][HD_O][move->unit].reads++;
        HD_TRY(hd_distinct_add(&r->met, group * held->words + move->word, &order, &fresh, err));
        hd_move *arrival = &r->merged.move[order];
        if (fresh) {
            int64_t receiver = hd_machine_above(r->m, held->source, held->level, move->unit);
            *arrival = (hd_move){receiver, move->word, false};
            r->merged.count++;
        }
        arrival->loaded = arrival->loaded || move->loaded;
    }
    return HD_OK;
}

/* One update per arrival; a partial that none of the senders had loaded is read first. */
static void arrive(run *r, hd_held *outer) {
    for (int64_t i = 0; i < r->merged.count; i++) {
        const hd_move *move = &r->merged.move[i];
        unsigned char *mark = hd_held_mark(outer, move->unit, move->word);
        hd_replay_access *count = &r->count[outer->level][HD_O][move->unit];
        count->reads += !move->loaded && (*mark & HD_EXISTS);
        count->updates++;
        *mark |= HD_EXISTS;
    }
}

static hd_status drain(run *r, hd_held *held, hd_error *err) {
    if (r->merged.room < r->moves.count) {
        r->merged.room = r->moves.room;
        r->merged.move = hd_arena_alloc(r->arena, (size_t)r->merged.room, sizeof *r->merged.move);
        if (!r->merged.move) return hd_fail_memory(err);
    }
    HD_TRY(send(r, held, err));
    arrive(r, r->held[held->source][HD_O]);
    return HD_OK;
}

/* ---- one step ---- */

/* Everything that leaves, inner levels before outer ones; with `all`, everything. */
static hd_status leave(run *r, int from, bool all, hd_error *err) {
    for (int level = r->arithmetic; level >= from; level--)
        for (int role = 0; role < HD_ROLES; role++) {
            hd_held *held = r->held[level][role];
            if (!held || held->source < 0) continue;
            HD_TRY(hd_held_leave(held, r->arena, r->m, all, &r->moves, err));
            if (role == HD_O) HD_TRY(drain(r, held, err));
        }
    return HD_OK;
}

/* Everything that comes, outer levels before inner ones. */
static hd_status enter(run *r, int from, hd_error *err) {
    for (int level = from; level <= r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            hd_held *held = r->held[level][role];
            if (!held || held->source < 0) continue;
            HD_TRY(hd_held_enter(held, r->arena, r->m, &r->moves, err));
            HD_TRY(role == HD_O ? load(r, held, err) : fetch(r, held, err));
        }
    return HD_OK;
}

/* The points of this step; false if nobody exists. */
static bool anybody(const run *r) {
    const hd_machine_level *l = &r->m->level[r->arithmetic];
    for (int64_t unit = 0; unit < l->units; unit++)
        if (l->unit[unit].exists) return true;
    return false;
}

static void work(run *r) {
    const hd_machine_level *l = &r->m->level[r->arithmetic];
    for (int64_t unit = 0; unit < l->units; unit++) {
        r->worked[unit] += l->unit[unit].exists;
        r->out->computes += l->unit[unit].exists;
    }
}

/* ---- cycles ---- */

/* Bits of one element of the role as the level stores it. */
static int64_t bits_at(const run *r, int level, hd_role role) {
    const hd_operator *op = r->p->op;
    if (!op->tensor[role].used)
        return op->tensor[HD_O].bits; /* a fused residual: as the output it is added to */
    return role == HD_O && level > r->p->home[HD_O] && op->partial_bits ? op->partial_bits
                                                                        : op->tensor[role].bits;
}

static int64_t port_cycles(int64_t bits, double words_per_cycle, int word_bits) {
    return words_per_cycle > 0 ? (int64_t)ceil((double)bits / (words_per_cycle * word_bits)) : 0;
}

/* Cycles of the busiest instance of a level, for all counted so far beyond `before` (NULL = none). */
static int64_t level_cycles(const run *r, int level, hd_replay_access *const *before) {
    const hd_level *chip = &r->p->arch->level[level];
    int64_t busiest = 0;
    for (int64_t unit = 0; unit < r->m->level[level].units; unit++) {
        int64_t in = 0, out = 0;
        for (int role = 0; role < HD_ROLES; role++) {
            const hd_replay_access *now = r->count[level][role];
            if (!now) continue;
            hd_replay_access old = before && before[role] ? before[role][unit] : (hd_replay_access){0};
            int64_t bits = bits_at(r, level, (hd_role)role) * r->twice[role];
            out += bits * (now[unit].reads - old.reads);
            in += bits * (now[unit].fills - old.fills + now[unit].updates - old.updates);
        }
        busiest = hd_count_max(busiest, port_cycles(out, chip->read_bw, chip->word_bits));
        busiest = hd_count_max(busiest, port_cycles(in, chip->write_bw, chip->word_bits));
        busiest = hd_count_max(busiest, port_cycles(in + out, chip->shared_bw, chip->word_bits));
    }
    return busiest;
}

/* The counts of all instances as they are now. */
static hd_status snapshot(run *r, hd_replay_access *out[HD_MAX_LEVELS][HD_ROLES], hd_error *err) {
    for (int level = 0; level < r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            out[level][role] = NULL;
            if (!r->count[level][role]) continue;
            size_t units = (size_t)r->m->level[level].units;
            out[level][role] = hd_arena_alloc(r->arena, units, sizeof *out[level][role]);
            if (!out[level][role]) return hd_fail_memory(err);
            memcpy(out[level][role], r->count[level][role], units * sizeof *out[level][role]);
        }
    return HD_OK;
}

/* Sum over levels of the cycles since `before`. */
static int64_t all_cycles(const run *r, hd_replay_access *before[HD_MAX_LEVELS][HD_ROLES]) {
    int64_t sum = 0;
    for (int level = 0; level < r->arithmetic; level++)
        sum += level_cycles(r, level, before ? before[level] : NULL);
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
static void finish_cycles(run *r) {
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

/* ---- the whole run ---- */

/* The extra input of a fused residual sum comes from its home. */
static hd_status residual(run *r, hd_error *err) {
    if (r->p->op->extra_reads == 0) return HD_OK;
    hd_replay_access **at = &r->count[r->p->home[HD_I2]][HD_I2];
    if (!*at) *at = hd_arena_alloc(r->arena, 1, sizeof **at);
    if (!*at) return hd_fail_memory(err);
    (*at)[0].reads += r->p->op->extra_reads;
    return HD_OK;
}

static void sum_up(run *r) {
    for (int level = 0; level <= r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            hd_replay_access *sum = &r->out->access[level][role];
            for (int64_t unit = 0; r->count[level][role] && unit < r->m->level[level].units; unit++) {
                const hd_replay_access *one = &r->count[level][role][unit];
                sum->reads += one->reads * r->twice[role];
                sum->fills += one->fills * r->twice[role];
                sum->updates += one->updates;
            }
            r->out->deliveries[level][role] *= beside(r) && level > r->deepest ? 0 : r->twice[role];
        }
}

static hd_status execute(run *r, hd_error *err) {
    hd_replay_access *before[HD_MAX_LEVELS][HD_ROLES];
    for (int from = 1; from > 0; from = hd_machine_tick(r->m)) {
        hd_machine_place(r->m, from);
        r->out->steps++;
        if (!anybody(r)) continue;
        HD_TRY(leave(r, from, false, err));
        HD_TRY(enter(r, from, err));
        work(r);
        if (r->out->steps == 1) r->out->fill_cycles = all_cycles(r, NULL);
    }
    HD_TRY(residual(r, err));
    HD_TRY(snapshot(r, before, err));
    HD_TRY(leave(r, 1, true, err));
    r->out->drain_cycles = all_cycles(r, before);
    sum_up(r);
    finish_cycles(r);
    return HD_OK;
}

hd_status hd_replay_scheme(const hd_problem *p, const hd_scheme *s, int64_t max_steps, hd_replay *out,
                           hd_error *err) {
    run r = {.p = p, .s = s, .out = out, .arena = hd_arena_new(NULL, 0)};
    if (!r.arena) return hd_fail_memory(err);
    memset(out, 0, sizeof *out);
    hd_status status = build(&r, max_steps, err);
    if (status == HD_OK) status = execute(&r, err);
    hd_arena_free(r.arena);
    return status;
}
