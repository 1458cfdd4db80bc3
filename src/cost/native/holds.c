/* Partial sums that outlive the tile they belong to.
 *
 * A unit that is idle while the memory outside moves on and comes back keeps its old output tile through the
 * change: no word enters it, though the memory outside starts anew.  The closed form of loads (traffic.c) counts a
 * first touch per stay outside and would be off by these words.  Such schemes spill partial sums of ragged tiles for
 * nothing; native does not serve them.                                                                */
#include "cost/native/native.h"

/* Sum of one output dim over states in which the inner tile stays; `joint`: and the outer one with it. */
static int64_t staying(const nest *n, int dim, int outer, int inner, int cut, bool joint)
{
    nest_view v = {.event = inner, .box = inner, .settle = joint ? outer : 0, .fixed = -1};
    return hd_piece_sums(n, dim, &v, cut, false).stay;
}

static bool held_through(const nest *n, int outer, int inner, int j)
{
    const hd_tensor *t = &n->p->op->tensor[HD_O];
    bool differs = false;
    for (int r = 0; r < t->ranks; r++) {
        int dim = t->rank[r].term[0].dim;
        if (!hd_rank_is_plain(n->p->op, &t->rank[r])) continue; /* no stacks there: never idle */
        if (n->loop[j].dim == dim) return false;                /* the advancing loop changes both */
        int64_t inside = staying(n, dim, outer, inner, j, false);
        if (inside == 0) return false;
        differs |= inside != staying(n, dim, outer, inner, j, true);
    }
    return differs;
}

bool hd_native_holds_through(const nest *n, int *level)
{
    chain c;
    const nest_role *role = n->ready->role;
    while (role->role != HD_O) role++; /* every operator has one */
    hd_chain_of(n, role, &c);
    int last = role->held_at_mac ? c.links : c.links - 1;
    if (!(hd_nest_ragged(n) & n->split[n->mac] & hd_tensor_dims(n->p->op, HD_O))) return false; /* nobody is ever idle */
    for (int i = 1; i < last; i++)
        for (int inner = i + 1; inner <= last; inner++)
            for (int j = 0; j < n->loops_to[c.link[i].level]; j++)
                if (n->loop[j].count > 1 && held_through(n, c.link[i].level, c.link[inner].level, j)) {
                    *level = c.link[inner].level;
                    return true;
                }
    return false;
}
