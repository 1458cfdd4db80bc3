/* Which of the hard features does a case exercise?  Asked of the operator, the scheme and the run, never of
 * the draw. */
#include "base/arena.h"
#include "oracle_check.h"
#include "verify/machine.h"

static bool real(const hd_stack *s) {
    return s->copies > 1;
}

static bool ragged_twice(const oracle_case *c) {
    unsigned levels = 0;
    for (int dim = 0; dim < c->op.dims; dim++) {
        hd_cuts cuts;
        if (hd_cuts_of(&c->problem, &c->scheme, dim, &cuts, NULL) != HD_OK) return false;
        for (int i = 0; i < cuts.count; i++) {
            const hd_cut *d = &cuts.cut[i];
            bool top = i == 0 || cuts.cut[i - 1].level != d->level;
            int64_t span = top ? c->scheme.level[d->level - 1].tensor[dim] : cuts.cut[i - 1].shift;
            if (span % d->shift) levels |= 1u << d->level;
        }
    }
    return (levels & (levels - 1)) != 0;
}

/* Units along a window of the role: what they ask for, or add to, overlaps. */
static bool halo_under_stack(const oracle_case *c, hd_role role) {
    const hd_tensor *t = &c->op.tensor[role];
    for (int r = 0; r < t->ranks; r++) {
        if (t->rank[r].terms < 2) continue;
        int a = t->rank[r].term[0].dim, b = t->rank[r].term[1].dim;
        if (c->op.dim[a].extent < 2 || c->op.dim[b].extent < 2) continue;
        for (int l = 1; l < c->scheme.levels; l++)
            for (int i = 0; i < c->scheme.level[l].stacks; i++) {
                const hd_stack *s = &c->scheme.level[l].stack[i];
                if (real(s) && (s->dim == a || s->dim == b)) return true;
            }
    }
    return false;
}

/* A role passes through a level, with a fan-out on the way from its keeper outside to its keeper inside. */
static bool bypass_across_fanout(const oracle_case *c) {
    for (int role = 0; role < HD_ROLES; role++) {
        if (!c->op.tensor[role].used) continue;
        bool fan = false, bypassed = false;
        for (int l = c->problem.home[role] + 1; l < c->scheme.levels; l++) {
            for (int i = 0; i < c->scheme.level[l].stacks; i++) fan |= real(&c->scheme.level[l].stack[i]);
            bool kept = l == c->scheme.levels - 1 || (c->scheme.level[l].keep & HD_ROLE_BIT(role));
            if (kept && fan && bypassed) return true;
            bypassed = !kept;
            fan = fan && !kept;
        }
    }
    return false;
}

/* Old partial sums come back into a buffer while units add to the same words. */
static bool reload(const oracle_case *c, const hd_replay *replay) {
    for (int l = 1; l < c->scheme.levels - 1; l++)
        if (replay->access[l][HD_O].fills > 0) return true;
    return false;
}

static bool unreduced(const oracle_case *c) {
    unsigned dims = hd_tensor_dims(&c->op, HD_O);
    for (int l = c->problem.home[HD_O] + 1; l < c->scheme.levels; l++)
        for (int i = 0; i < c->scheme.level[l].stacks; i++) {
            const hd_stack *s = &c->scheme.level[l].stack[i];
            if (real(s) && !(dims >> s->dim & 1u) && !c->recipe.arch.level[l].reduce[s->axis]) return true;
        }
    return false;
}

/* Some instance works, is idle while others work, and works again. */
static bool idle_and_back(const oracle_case *c) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_machine *m = NULL;
    bool found = false;
    if (arena && hd_machine_build(arena, &c->problem, &c->scheme, 100000, &m, NULL) == HD_OK) {
        int last = c->scheme.levels - 1;
        int64_t units = m->level[last].units;
        unsigned char *state =
            hd_arena_alloc(arena, (size_t)units, 1); /* 0 fresh, 1 has worked, 2 idle since */
        for (int from = 1; state && from > 0 && !found; from = hd_machine_tick(m)) {
            bool anybody = false;
            hd_machine_place(m, from);
            for (int64_t u = 0; u < units; u++) anybody |= m->level[last].unit[u].exists;
            for (int64_t u = 0; anybody && u < units; u++) {
                bool works = m->level[last].unit[u].exists;
                found |= works && state[u] == 2;
                state[u] = works ? 1 : state[u] ? 2 : 0;
            }
        }
    }
    hd_arena_free(arena);
    return found;
}

static bool clipped(const oracle_case *c) {
    for (int role = 0; role < HD_ROLES; role++) {
        const hd_tensor *t = &c->op.tensor[role];
        for (int r = 0; t->used && r < t->ranks; r++) {
            int64_t high = t->rank[r].offset + 1;
            for (int i = 0; i < t->rank[r].terms; i++)
                high += t->rank[r].term[i].coef * (c->op.dim[t->rank[r].term[i].dim].extent - 1);
            if (t->rank[r].offset < 0 || high > t->rank[r].extent) return true;
        }
    }
    return false;
}

static bool home_inside(const oracle_case *c) {
    for (int role = 0; role < HD_ROLES; role++)
        if (c->problem.home[role] > 0) return true;
    return false;
}

static bool two_stacks(const oracle_case *c) {
    int stacks[HD_MAX_DIMS] = {0};
    bool two = false;
    for (int l = 1; l < c->scheme.levels; l++)
        for (int i = 0; i < c->scheme.level[l].stacks; i++)
            if (real(&c->scheme.level[l].stack[i])) two |= ++stacks[c->scheme.level[l].stack[i].dim] == 2;
    return two;
}

static bool grouped(const oracle_case *c) {
    int dim = hd_operator_dim(&c->op, "G");
    return dim >= 0 && c->op.dim[dim].extent > 1;
}

/* A coefficient above 1 on a dimension that moves: of the kernel (dilation) or of the positions (stride). */
static bool spaced(const oracle_case *c, int term) {
    for (int role = 0; role < HD_ROLES; role++) {
        const hd_tensor *t = &c->op.tensor[role];
        for (int r = 0; t->used && r < t->ranks; r++)
            if (t->rank[r].terms == 2 && t->rank[r].term[term].coef > 1 &&
                c->op.dim[t->rank[r].term[term].dim].extent > 1)
                return true;
    }
    return false;
}

static bool hops(const oracle_case *c, const hd_replay *replay, int level) {
    for (int role = 0; role < HD_ROLES; role++)
        if (replay->hops[level][role] > 0) return true;
    return level > 1 && hops(c, replay, level - 1);
}

/* A tree with several nodes: a stack of a dim that a role which crosses the mesh lacks, on wires that merge it. */
static bool tree(const oracle_case *c, const hd_replay *replay) {
    for (int l = 1; l < c->scheme.levels - 1; l++)
        for (int role = 0; role < HD_ROLES; role++)
            for (int i = 0; replay->hops[l][role] > 0 && i < c->scheme.level[l].stacks; i++) {
                const hd_stack *s = &c->scheme.level[l].stack[i];
                const hd_level *chip = &c->recipe.arch.level[l];
                bool wired = role == HD_O ? chip->reduce[s->axis] : (chip->multicast[s->axis] >> role & 1u) != 0;
                if (real(s) && wired && !(hd_tensor_dims(&c->op, (hd_role)role) >> s->dim & 1u)) return true;
            }
    return false;
}

static bool shared(const oracle_case *c, const hd_replay *replay) {
    for (int l = 1; l < c->scheme.levels; l++)
        for (int role = 0; role < HD_ROLES; role++)
            if (replay->shared[l][role]) return true;
    return false;
}

/* Ports or routes of a mesh that take time. */
static bool timed(const oracle_case *c, const hd_replay *replay) {
    for (int l = 1; l < c->scheme.levels - 1; l++) {
        const hd_mesh *m = &c->recipe.arch.level[l].mesh;
        for (int role = 0; m->ports > 0 && role < HD_ROLES; role++)
            if (replay->hops[l][role] > 0 && m->link_bw > 0) return true;
    }
    return false;
}

/* A region of a mesh, with words that pass a node of their own or come from elsewhere. */
static bool region(const oracle_case *c, const hd_replay *replay) {
    const hd_mesh *m = &c->recipe.arch.level[1].mesh;
    return m->part && (m->gated || c->recipe.arch.level[0].elsewhere) && hops(c, replay, 1);
}

const char *const oracle_feature_name[ORACLE_FEATURES] = {
    "ragged at two levels",
    "sliding halo under a stack",
    "bypass across a fan-out",
    "output reload with reduction",
    "non-reducing fan-out",
    "idle units that come back",
    "clipped padding",
    "homes inside",
    "two stacks on one dimension",
    "groups",
    "dilation",
    "stride",
    "words that cross a mesh",
    "trees of several nodes",
    "tiles that nodes share",
    "limited links",
    "regions, words from elsewhere",
    "units along a sliding output",
};

unsigned oracle_features(const oracle_case *c, const hd_replay *replay) {
    const bool has[ORACLE_FEATURES] = {
        ragged_twice(c),  halo_under_stack(c, HD_I), bypass_across_fanout(c), reload(c, replay), unreduced(c),
        idle_and_back(c), clipped(c),          home_inside(c),          two_stacks(c),     grouped(c),
        spaced(c, 1),     spaced(c, 0),        hops(c, replay, c->scheme.levels - 1), tree(c, replay),
        shared(c, replay), timed(c, replay),   region(c, replay),
        halo_under_stack(c, HD_O),
    };
    unsigned set = 0;
    for (int i = 0; i < ORACLE_FEATURES; i++) set |= has[i] ? 1u << i : 0;
    return set;
}
