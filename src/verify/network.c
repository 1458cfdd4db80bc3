/* Hops: every trip of every word through every mesh on its way, and who holds what where nodes share their tiles. */
#include "base/count.h"
#include "verify/run.h"

static bool crosses(const run *r, int level, hd_role role) {
    return r->p->arch->level[level].mesh.ports > 0 && r->p->op->tensor[role].used && level > r->p->home[role] &&
           level <= r->deepest;
}

static hd_status build_holders(run *r, int level, hd_role role, hd_error *err) {
    const hd_held *held = r->held[level][role];
    hd_holders *h = hd_arena_alloc(r->arena, 1, sizeof *h);
    size_t units = (size_t)r->m->level[level].units;
    if (!h) return hd_fail_memory(err);
    h->unit = hd_arena_alloc(r->arena, units * (size_t)held->words, sizeof *h->unit);
    for (int kind = 0; kind < 2; kind++) {
        h->dealt[kind] = hd_arena_alloc(r->arena, units, sizeof *h->dealt[kind]);
        if (!h->dealt[kind]) return hd_fail_memory(err);
    }
    r->holders[level][role] = h;
    return h->unit ? HD_OK : hd_fail_memory(err);
}

hd_status hd_network_build(run *r, hd_error *err) {
    HD_TRY(hd_distinct_init(&r->trips, r->arena, err));
    for (int level = 1; level < r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            if (!crosses(r, level, (hd_role)role)) continue;
            hd_trees *trees = hd_arena_alloc(r->arena, 1, sizeof *trees);
            if (!trees) return hd_fail_memory(err);
            HD_TRY(hd_trees_build(r->arena, r->m, level, (hd_role)role, trees, err));
            r->trees[level][role] = trees;
            if (!r->shared[level][role]) continue;
            HD_TRY(build_holders(r, level, (hd_role)role, err));
            r->held[level][role]->store = trees->first;
        }
    return HD_OK;
}

void hd_network_watch(run *r) {
    for (int level = 1; level < r->arithmetic; level++)
        for (int role = 0; role < HD_ROLES; role++) {
            const hd_trees *t = r->trees[level][role];
            if (!t || !r->p->arch->level[level].mesh.share) continue;
            const hd_unit *unit = r->m->level[level].unit;
            for (int64_t u = 0; u < t->units; u++)
                if (unit[u].exists != unit[t->first[u]].exists) r->apart[level][role] = true;
        }
}

/* ---- who shares ---- */

/* Words of one member: of a whole tile, or of its part. */
static int64_t room(const run *r, int level, hd_role role, int64_t members) {
    const hd_level *chip = &r->p->arch->level[level];
    int64_t elements = level == r->p->home[role] ? hd_tensor_words(r->p->op, role)
                                                 : hd_scheme_tile_words(r->p, r->s, level, role);
    int64_t bits = hd_count_ceil_div(elements, members) * hd_run_bits(r, level, role);
    int64_t words = hd_count_ceil_div(bits, chip->word_bits);
    return chip->double_buffer && level != r->p->home[role] ? 2 * words : words;
}

static bool may_share(const run *r, int level, hd_role role) {
    const hd_trees *t = r->trees[level][role];
    return t && r->held[level][role] && t->members > 1 && t->whole && !r->apart[level][role];
}

static int64_t pool(const run *r, int level) {
    int64_t words = 0;
    for (int role = 0; role < HD_ROLES; role++) {
        if (!r->held[level][role]) continue;
        words += room(r, level, (hd_role)role, r->shared[level][role] ? r->trees[level][role]->members : 1);
    }
    return words;
}

void hd_network_share(run *r) {
    for (int level = 1; level < r->arithmetic; level++) {
        const hd_level *chip = &r->p->arch->level[level];
        if (!chip->mesh.share || chip->mesh.ports == 0 || !chip->bounded) continue;
        for (int role = 0; role < HD_ROLES; role++) r->shared[level][role] = may_share(r, level, (hd_role)role);
        for (int role = 0; role < HD_ROLES; role++) {
            if (!r->shared[level][role]) continue;
            r->shared[level][role] = false; /* in full, if that fits */
            int64_t words = chip->per_role ? room(r, level, (hd_role)role, 1) : pool(r, level);
            r->shared[level][role] = words > (chip->per_role ? chip->role_capacity[role] : chip->capacity);
        }
    }
}

/* ---- trips ---- */

int64_t hd_network_store(const run *r, int level, hd_role role, int64_t unit) {
    return r->shared[level][role] ? r->trees[level][role]->first[unit] : unit;
}

void hd_network_begin(run *r) {
    hd_distinct_clear(&r->trips);
}

static void pay(run *r, int level, hd_role role, const hd_tree *tree, bool outward) {
    r->out->hops[level][role] += tree->links;
    r->links[level].bits[outward][tree->port] += hd_run_bits(r, level, role) * r->twice[role];
}

hd_status hd_network_travel(run *r, const hd_held *held, const hd_move *move, bool outward, hd_error *err) {
    for (int level = held->source + 1; level <= held->level; level++) {
        const hd_trees *t = r->trees[level][held->role];
        if (!t) continue;
        int64_t unit = hd_machine_above(r->m, level, held->level, move->unit), order;
        bool fresh;
        if (level == held->level && r->shared[level][held->role]) {
            int64_t holder = r->holders[level][held->role]->unit[move->unit * held->words + move->word];
            pay(r, level, held->role, &t->alone[holder], outward);
            continue;
        }
        int64_t group = hd_machine_group_under(r->m, t->first[unit], level, held->level, move->unit, held->role, outward);
        int64_t key = (group * held->words + move->word) * HD_MAX_LEVELS + level;
        HD_TRY(hd_distinct_add(&r->trips, key, &order, &fresh, err));
        if (fresh) pay(r, level, held->role, &t->group[unit], outward);
    }
    return HD_OK;
}

void hd_network_load(run *r, const hd_held *held, const hd_move *move) {
    for (int level = held->source + 1; level <= held->level; level++) {
        const hd_trees *t = r->trees[level][held->role];
        if (!t) continue;
        int64_t unit = hd_machine_above(r->m, level, held->level, move->unit);
        if (level == held->level && r->shared[level][held->role])
            unit = r->holders[level][held->role]->unit[move->unit * held->words + move->word];
        pay(r, level, held->role, &t->alone[unit], false);
    }
}

void hd_network_deal(run *r, const hd_held *held, const hd_move *move, int kind) {
    if (!r->shared[held->level][held->role]) return;
    const hd_trees *t = r->trees[held->level][held->role];
    hd_holders *h = r->holders[held->level][held->role];
    int64_t turn = h->dealt[kind][move->unit]++ % t->members;
    h->unit[move->unit * held->words + move->word] = hd_trees_member(t, move->unit, turn);
}

void hd_network_use(run *r, int level, hd_role role, int64_t words) {
    if (r->shared[level][role]) r->out->hops[level][role] += words * r->trees[level][role]->joined;
}
