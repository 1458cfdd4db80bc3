/* See optimal_links.h.  A group is all that differ in lacked digits alone; where the axis has no wire, a node by itself. */
#include "solve/optimal_links.h"

#include <math.h>

#include "base/count.h"

typedef struct laying {
    const int *port;
    int ports;
    const opt_digit *digit;
    int digits;
    bool wired;
    int64_t span;                     /* of a group */
} laying;

int opt_ports(const hd_mesh *mesh, int role, int axis, int *at)
{
    int n = 0;
    for (int i = 0; i < mesh->ports; i++)
        if (hd_mesh_serves(mesh, i, role)) at[n++] = mesh->port[i][axis];
    return n;
}

/* Links from the nearest port to all of [low, low + span]. */
static int64_t nearest(const laying *l, int64_t low, int64_t span)
{
    int64_t links = INT64_MAX;
    for (int i = 0; i < l->ports; i++)
        links = hd_count_min(links, hd_count_max(l->port[i], low + span) - hd_count_min(l->port[i], low));
    return links;
}

typedef enum seen { GROUPS, LOADERS, NODES } seen;

/* Summed over all indices of the digits from number `k` on that tell groups, loaders or nodes apart. */
static int64_t sum(const laying *l, seen what, int k, int64_t weight, int64_t low)
{
    int64_t links = 0;
    if (k == l->digits) return nearest(l, low, what == GROUPS ? l->span : 0);
    const opt_digit *d = &l->digit[k];
    bool one = d->lacked && (what == LOADERS || (what == GROUPS && l->wired));
    for (int64_t i = 0; i < (one ? 1 : d->copies); i++) links += sum(l, what, k + 1, weight * d->copies, low + i * weight);
    return links;
}

opt_way opt_way_of(const int *port, int ports, const opt_digit *digit, int digits, bool wired)
{
    laying l = {port, ports, digit, digits, wired, 0};
    int64_t own = 1, all = 1;
    for (int k = 0; k < digits; k++) {
        if (digit[k].lacked && wired) l.span += (digit[k].copies - 1) * all;
        if (!digit[k].lacked) own *= digit[k].copies;
        all *= digit[k].copies;
    }
    return (opt_way){(double)sum(&l, GROUPS, 0, 1, 0) / (double)(wired ? own : all),
                     (double)sum(&l, LOADERS, 0, 1, 0) / (double)own, (double)sum(&l, NODES, 0, 1, 0) / (double)all,
                     (double)l.span};
}

typedef struct trying { const int *port; int ports; bool wired; opt_digit digit[OPT_MAX_LAID]; opt_way least; } trying;

/* Every way to put copies of both kinds in turn. */
static void try_layouts(trying *t, int n, int64_t lacked, int64_t own)
{
    if (lacked * own == 1 || n == OPT_MAX_LAID) {
        opt_way way = opt_way_of(t->port, t->ports, t->digit, n, t->wired);
        t->least.group = fmin(t->least.group, way.group);
        t->least.loader = fmin(t->least.loader, way.loader);
        t->least.node = fmin(t->least.node, way.node);
        t->least.span = fmin(t->least.span, way.span);
        return;
    }
    for (int kind = 0; kind < 2; kind++) {
        int64_t left = kind ? lacked : own;
        if (n > 0 && t->digit[n - 1].lacked == (kind > 0)) continue;
        for (int64_t copies = 2; copies <= left; copies++) {
            if (left % copies != 0) continue;
            t->digit[n] = (opt_digit){copies, kind > 0};
            try_layouts(t, n + 1, kind ? lacked / copies : lacked, kind ? own : own / copies);
        }
    }
}

opt_way opt_least_way(const int *port, int ports, int64_t lacked, int64_t own, bool wired)
{
    trying t = {.port = port, .ports = ports, .wired = wired, .least = {INFINITY, INFINITY, INFINITY, INFINITY}};
    try_layouts(&t, 0, lacked, own);
    return t.least;
}
