/* What meshes add to a price: hops, shared tiles, cycles of links and routes. */
#include <math.h>

#include "base/count.h"
#include "cost/native/hops.h"
#include "cost/native/native.h"

/* The link of a chain at a level; 0 where it has none inside the home. */
static int link_at(const chain *c, int level)
{
    for (int i = 1; i < c->links; i++)
        if (c->link[i].level == level) return i;
    return 0;
}

/* Note which links of all chains share, and count those roles anew. */
static void share(const nest *n, chain *c, hd_breakdown *out)
{
    bool changed[HD_ROLES] = {false};
    for (int l = 1; l < n->mac; l++) {
        int64_t members[HD_ROLES];
        if (!hd_native_shares(n->p, n->s, l, n->ready->whole_buffers, members)) continue;
        for (int k = 0; k < n->ready->roles; k++) {
            if (members[c[k].role] == 1) continue;
            int i = link_at(&c[k], l);
            c[k].link[i].members = members[c[k].role];
            c[k].link[i].pool = NEST_STACK(l + 1, 0) - NEST_STACK(l, 0);
            changed[k] = true;
        }
    }
    for (int k = 0; k < n->ready->roles; k++)
        if (changed[k]) hd_native_recount_role(n, &c[k], out);
}

static int64_t hops(const nest *n, const chain *c, int level, const hd_access *moved)
{
    mesh_trips trips;
    int i = link_at(c, level);
    if (i > 0 && c->link[i].pool != 0) return hd_shared_hops(n, c, i, moved);
    hd_mesh_trips(n, c, level, PART_ALL, &trips);
    return c->twice ? 2 * trips.hops : trips.hops;
}

void hd_native_mesh(const nest *n, chain *c, hd_breakdown *out)
{
    share(n, c, out);
    for (int k = 0; k < n->ready->roles; k++)
        for (int l = 1; l < n->mac; l++)
            if (c[k].factors->crossed >> l & 1u) out->hops[l][c[k].role] = hops(n, &c[k], l, &out->access[l][c[k].role]);
}

int64_t hd_native_link_cycles(const nest *n, const chain *c, int level, part which)
{
    const hd_level *l = &n->p->arch->level[level];
    int64_t bits[2][HD_MAX_PORTS] = {{0}}, most = 0;
    mesh_trips trips;
    if (l->mesh.ports == 0 || l->mesh.link_bw <= 0) return 0;
    for (int k = 0; k < n->ready->roles; k++) {
        if (which == (c[k].role == HD_O ? PART_FIRST : PART_LAST) || !(c[k].factors->crossed >> level & 1u)) continue;
        int64_t each = n->ready->bits[level][c[k].role] * (c[k].twice ? 2 : 1);
        hd_mesh_trips(n, &c[k], level, which, &trips);
        for (int i = 0; i < l->mesh.ports; i++)
            for (int way = 0; way < 2; way++) bits[way][i] += each * trips.words[way][i];
    }
    for (int i = 0; i < l->mesh.ports; i++) most = hd_count_max(most, hd_count_max(bits[0][i], bits[1][i]));
    return most > 0 ? (int64_t)ceil((double)most / (l->mesh.link_bw * l->word_bits)) : 0;
}

int64_t hd_native_route(const nest *n, const chain *c, int level, bool outward)
{
    int64_t longest = 0, each = n->p->arch->level[level].mesh.hop_cycles;
    for (int k = 0; each > 0 && k < n->ready->roles; k++)
        if (outward == (c[k].role == HD_O) && (c[k].factors->crossed >> level & 1u))
            longest = hd_count_max(longest, hd_longest_route(n, &c[k], level));
    return longest * each;
}
