/* What would the machine really move?  Every step of the nest: outputs that leave are drained, inner levels
 * first; then new words are fetched, outer levels first; then every arithmetic instance that exists works on
 * one point. Rules and words: docs/cost-model.md.  Cost: steps x instances, plus one unit per word moved. */
#include "verify/replay.h"

#include <string.h>

#include "verify/run.h"


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
        bool row = (role == HD_I || role == HD_I2) && op->tensor[role].used && op->row_dims;
        r->twice[role] = row && !holds_rows(r, (hd_role)role) ? 2 : 1;
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
    return r->worked ? hd_network_build(r, err) : hd_fail_memory(err);
}

/* ---- moving words ---- */

/* Is this the first time in this transfer that the word passes level `level` for its group? */
static hd_status first_pass(run *r, const hd_held *held, int level, const hd_move *move, bool outward,
                            bool *fresh, hd_error *err) {
    int64_t store = hd_machine_above(r->m, level, held->level, move->unit), order;
    if (level == held->source) store = hd_network_store(r, level, held->role, store);
    int64_t group = hd_machine_group_under(r->m, store, level, held->level, move->unit, held->role, outward);
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

/* The instance of the source that serves a unit. */
static int64_t store_above(const run *r, const hd_held *held, const hd_move *move) {
    int64_t above = hd_machine_above(r->m, held->source, held->level, move->unit);
    return hd_network_store(r, held->source, held->role, above);
}

/* New words of an input: one read per group and word, one fill per instance and word. */
static hd_status fetch(run *r, hd_held *held, hd_error *err) {
    hd_distinct_clear(&r->passed);
    hd_network_begin(r);
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        bool fresh;
        HD_TRY(pass(r, held, move, false, err));
        hd_network_deal(r, held, move, 0);
        HD_TRY(hd_network_travel(r, held, move, false, err));
        if (!held->arithmetic) r->count[held->level][held->role][move->unit].fills++;
        HD_TRY(first_pass(r, held, held->source, move, false, &fresh, err));
        int64_t source = store_above(r, held, move);
        r->count[held->source][held->role][source].reads += fresh;
        hd_network_use(r, held->source, held->role, fresh);
    }
    return HD_OK;
}

/* Output words newly taken: one instance gets the old partial where there is one, others start at zero. */
static hd_status load(run *r, hd_held *held, hd_error *err) {
    hd_held *outer = r->held[held->source][HD_O];
    hd_distinct_clear(&r->met);
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        int64_t source = store_above(r, held, move), order;
        bool fresh;
        HD_TRY(hd_distinct_add(&r->met, source * held->words + move->word, &order, &fresh, err));
        bool old = fresh && (*hd_held_mark(outer, source, move->word) & HD_EXISTS);
        hd_network_deal(r, held, move, old ? 0 : 1);
        if (!old) continue;
        hd_network_load(r, held, move);
        hd_network_use(r, held->source, HD_O, 1);
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
    hd_network_begin(r);
    for (int64_t i = 0; i < r->moves.count; i++) {
        const hd_move *move = &r->moves.move[i];
        int64_t order, store = store_above(r, held, move);
        int64_t group = hd_machine_group_under(r->m, store, held->source, held->level, move->unit, HD_O, true);
        bool fresh;
        HD_TRY(pass(r, held, move, true, err));
        HD_TRY(hd_network_travel(r, held, move, true, err));
        if (!held->arithmetic) r->count[held->level][HD_O][move->unit].reads++;
        HD_TRY(hd_distinct_add(&r->met, group * held->words + move->word, &order, &fresh, err));
        hd_move *arrival = &r->merged.move[order];
        if (fresh) {
            *arrival = (hd_move){store, move->word, false};
            r->merged.count++;
            hd_network_use(r, held->source, HD_O, 1);
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

/* ---- the whole run ---- */

/* What is read twice so far; what comes after is not. */
static void settle_twice(run *r, hd_role role) {
    for (int level = 0; level <= r->arithmetic; level++) {
        for (int64_t unit = 0; r->count[level][role] && unit < r->m->level[level].units; unit++) {
            r->count[level][role][unit].reads *= r->twice[role];
            r->count[level][role][unit].fills *= r->twice[role];
        }
        r->out->deliveries[level][role] *= r->twice[role];
        r->out->hops[level][role] *= r->twice[role];
    }
    r->twice[role] = 1;
}

/* The extra input of a fused residual sum comes from its home, once. */
static hd_status residual(run *r, hd_error *err) {
    if (r->p->op->extra_reads == 0) return HD_OK;
    settle_twice(r, HD_I2);
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
            r->out->hops[level][role] *= r->twice[role];
        }
}

static hd_status execute(run *r, hd_error *err) {
    moment before;
    for (int from = 1; from > 0; from = hd_machine_tick(r->m)) {
        hd_machine_place(r->m, from);
        r->out->steps++;
        if (!anybody(r)) continue;
        HD_TRY(leave(r, from, false, err));
        HD_TRY(enter(r, from, err));
        work(r);
        hd_network_watch(r);
        if (r->out->steps == 1) r->out->fill_cycles = hd_time_since(r, NULL) + hd_time_of_routes(r, false);
    }
    HD_TRY(residual(r, err));
    HD_TRY(hd_time_snapshot(r, &before, err));
    HD_TRY(leave(r, 1, true, err));
    r->out->drain_cycles = hd_time_since(r, &before) + hd_time_of_routes(r, true);
    sum_up(r);
    hd_time_finish(r);
    return HD_OK;
}

/* One run from the start. */
static hd_status run_once(run *r, int64_t max_steps, hd_error *err) {
    r->arena = hd_arena_new(NULL, 0);
    if (!r->arena) return hd_fail_memory(err);
    memset(r->out, 0, sizeof *r->out);
    hd_status status = build(r, max_steps, err);
    if (status == HD_OK) status = execute(r, err);
    if (status == HD_OK) hd_network_share(r);
    hd_arena_free(r->arena);
    return status;
}

/* With full copies first: that tells the time, and who may share.  Then, where somebody does, again for the counts. */
hd_status hd_replay_scheme(const hd_problem *p, const hd_scheme *s, int64_t max_steps, hd_replay *out,
                           hd_error *err) {
    bool anybody_shares = false;
    run full = {.p = p, .s = s, .out = out};
    HD_TRY(run_once(&full, max_steps, err));
    hd_replay plain = *out;
    run again = {.p = p, .s = s, .out = out};
    memcpy(again.shared, full.shared, sizeof again.shared);
    for (int level = 0; level < HD_MAX_LEVELS; level++)
        for (int role = 0; role < HD_ROLES; role++) anybody_shares |= again.shared[level][role];
    if (!anybody_shares) return HD_OK;
    HD_TRY(run_once(&again, max_steps, err));
    memcpy(out->level_cycles, plain.level_cycles, sizeof out->level_cycles);
    out->fill_cycles = plain.fill_cycles;
    out->drain_cycles = plain.drain_cycles;
    out->latency_cycles = plain.latency_cycles;
    memcpy(out->shared, full.shared, sizeof out->shared);
    return HD_OK;
}
