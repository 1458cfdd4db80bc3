/* How much of each group stays, by what the loops of its level are: which variants (opt_group) it may have. */
#include <string.h>

#include "solve/optimal.h"

static bool is_blocked(const opt *o, const opt_node *n, int role, int level) { return n->loops[level] & o->fresh[role]; }

/* Levels whose order is free have any of their loops innermost; a fixed place counts where the loop is certain. */
unsigned opt_inner_dims(const opt *o, const opt_node *n, int level)
{
    const hd_constraints *c = o->form->space->constraints;
    unsigned loops = n->loops[level] | n->may_loop[level], open = 0, dims = 0;
    int from = c ? c->inner[level] : 0, to = o->form->dims - (c ? c->outer[level] : 0);
    if (!o->form->ordered[level]) from = to = 0;
    const unsigned char *order = o->draft.order[level];
    if (from == 0 && to == o->form->dims) return loops;
    for (int i = from; i < to; i++) open |= 1u << order[i];
    for (int i = 0; i < o->form->dims; i++) {
        unsigned next = i >= from && i < to ? open : 1u << order[i];
        dims |= loops & next;
        if (n->loops[level] & next) break;
    }
    return dims;
}

/* `how`: what the innermost loop does to the group's role (opt_class); `wraps`: and comes back to words still held. */
static int variant_under(const opt *o, const opt_group *g, int how, bool wraps, bool blocked)
{
    if (how == OPT_MOVES) return OPT_MOVES;
    if (g->linked && (wraps || g->anew)) return g->linked;
    if (how > 0 && !(wraps && o->rules->comes_back)) return g->depths + (o->rules->halves ? 2 * how - 1 : how);
    return blocked ? 1 : g->depths;
}

/* What one innermost loop of the class does to the groups that the level turns. */
static void add_turn(const opt *o, const opt_node *n, int level, int class, bool wraps, opt_turns *out)
{
    for (int i = 0; i < o->turned[level]; i++) {
        int g = o->turn[level][i];
        const opt_group *group = &o->group[g];
        int variant = variant_under(o, group, o->class[class].how[g], wraps, is_blocked(o, n, group->role, level));
        out->under[i][out->n] = (unsigned char)variant;
        out->variants[i] |= (uint64_t)1 << variant;
    }
    out->n++;
}

/* A loop that comes back to words still held (and then does less) stands beside what it does if it does not. */
static void find_turns(const opt *o, const opt_node *n, int level, opt_turns *out)
{
    unsigned loops = opt_inner_dims(o, n, level), wraps = n->may_wrap[level], seen = 0;
    out->n = 0;
    for (int i = 0; i < o->turned[level]; i++) out->variants[i] = 0;
    for (int i = 0; i < o->classes; i++) {
        const opt_class *c = &o->class[i];
        unsigned turning = loops & c->dims, same = 1u << o->same[level][i];
        bool alone = turning && (!c->slides || (turning & ~wraps)), anew = turning && !(seen & same);
        if (anew) add_turn(o, n, level, i, false, out);
        if (anew && !alone) out->n--; /* a variant that counts by themselves may have */
        if (alone) seen |= same;
        if (c->slides && (turning & wraps)) add_turn(o, n, level, i, true, out);
    }
}

/* A node's loops at a level decide: nodes are many, their loops few. */
const opt_turns *opt_turns_of(const opt *o, const opt_node *n, int level)
{
    const uint64_t loops = n->loops[level], may_loop = n->may_loop[level], wraps = n->may_wrap[level];
    const uint64_t key = loops | may_loop << 16 | wraps << 32 | (uint64_t)level << 48;
    size_t slot = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) % OPT_MEMO;
    opt_turns *turns = &o->memo->turns[slot];
    if (o->memo->key[slot] != key) find_turns(o, n, level, turns);
    o->memo->key[slot] = key;
    return turns;
}

void opt_forget_turns(opt *o) { memset(o->memo->key, 0, sizeof o->memo->key); }

void opt_find_variants(const opt *o, const opt_node *n, const opt_ways *ways, uint64_t variants[OPT_MAX_GROUPS])
{
    for (int g = 0; g < o->groups; g++) variants[g] = (uint64_t)1 << (o->group[g].fixed ? OPT_MOVES : 1);
    for (int l = 1; l <= o->last; l++) {
        if (o->turned[l] == 0) continue;
        const opt_turns *turns = opt_turns_of(o, n, l);
        for (int i = 0; i < o->turned[l]; i++) variants[o->turn[l][i]] = turns->variants[i];
    }
    for (int g = 0; ways && g < o->groups; g++)
        if (ways->variant[g] >= 0) variants[g] = (uint64_t)1 << ways->variant[g];
}

static const opt_class *class_of(const opt *o, int dim)
{
    const opt_class *c = o->class;
    while (!(c->dims >> dim & 1u)) c++;
    return c;
}

/* How much of the group stays, with innermost dims known: outwards as long as no loop of a level must change the role. */
int opt_variant_given(const opt *o, const opt_node *n, int g, const int *inner)
{
    const opt_group *group = &o->group[g];
    int depth = 0;
    for (int l = group->at; l >= 1; l--) {
        if (!(o->mask >> l & 1u)) continue;
        bool blocked = is_blocked(o, n, group->role, l);
        int v = variant_under(o, group, class_of(o, inner[l])->how[g], n->may_wrap[l] >> inner[l] & 1u, blocked);
        if (v == OPT_MOVES || v > group->depths) return depth > 0 ? depth : v;
        depth++;
        if (blocked) break;
    }
    return depth;
}

void opt_joint_ways(const opt *o, const opt_node *n, int at, const int inner[HD_MAX_LEVELS], opt_ways *ways)
{
    for (int i = 0; i < o->turned[at]; i++) {
        int g = o->turn[at][i];
        ways->variant[g] = opt_variant_given(o, n, g, inner);
    }
}
