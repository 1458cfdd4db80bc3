/* Links that words travel under a split: at least, whatever the order of the stacks; then those of one layout. */
#include "cost/native/native.h"
#include "solve/optimal_split.h"

static bool is_wired(const opt *o, int role, int axis) { return opt_merging(o, role) & NEST_STACK(o->mesh, axis); }

unsigned opt_padded_dims(const opt *o, int role)
{
    unsigned dims = 0;
    for (int q = 0; opt_general(o, role, q); q++) {
        const hd_rank *rank = opt_general(o, role, q);
        for (int t = 0; t < rank->terms && !hd_rank_is_open(o->p->op, rank); t++) dims |= 1u << rank->term[t].dim;
    }
    return dims;
}

/* From what either axis says; `alike`: every group takes as many words. */
static void join_ways(opt_split *s, int role, const opt_way way[HD_AXES], double columns, bool alike)
{
    s->role[role].inside = way[HD_X].span + columns * way[HD_Y].span;
    s->role[role].tree = alike ? way[HD_X].group + columns * way[HD_Y].group : s->role[role].inside;
    s->role[role].node = alike ? way[HD_X].node + way[HD_Y].node : 0;
    s->role[role].loader = way[HD_X].loader + way[HD_Y].loader;
}

/* Looked up, or found out. */
static const opt_way *way_of(opt_splits *all, int role, int axis, int64_t lacked, int64_t own)
{
    const hd_mesh *mesh = &all->o->p->arch->level[all->o->mesh].mesh;
    opt_way *way = &all->way[((role * HD_AXES + axis) * (OPT_MOST_LAID + 1) + lacked) * (OPT_MOST_LAID + 1) + own];
    int at[HD_MAX_PORTS];
    if (way->group < 0) *way = opt_least_way(at, opt_ports(mesh, role, axis, at), lacked, own, is_wired(all->o, role, axis));
    return way;
}

void opt_split_links(opt_splits *all, opt_split *s, int role)
{
    const opt *o = all->o;
    opt_way way[HD_AXES];
    int64_t lacked[HD_AXES] = {1, 1}, own = 1;
    bool alike = true;
    s->role[role].pools = opt_may_share(o, o->mesh, role);
    for (int axis = 0; axis < HD_AXES; axis++) {
        own = 1;
        for (int k = 0; k < o->kindred; k++) {
            int copies = s->copies[k * HD_AXES + axis];
            if (o->absent[role] & o->kin[k]) lacked[axis] *= copies;
            else own *= copies;
            alike &= copies == 1 || !(all->padded[role] & o->kin[k]);
        }
        way[axis] = *way_of(all, role, axis, lacked[axis], own);
        bool wired = is_wired(o, role, axis);
        if (!wired && lacked[axis] > 1) s->role[role].pools = false;
        if (!wired) lacked[axis] = 1;
    }
    s->role[role].members = (double)(lacked[HD_X] * lacked[HD_Y]);
    s->role[role].pools &= s->role[role].members > 1;
    join_ways(s, role, way, (double)lacked[HD_X], alike);
}

/* The stacks of the level along one axis as the role sees them; returns how many. */
static int lay_out(const opt *o, const hd_scheme_level *l, int role, int axis, opt_digit *out)
{
    int n = 0;
    for (int i = 0; i < l->stacks; i++)
        if (l->stack[i].axis == axis) out[n++] = (opt_digit){l->stack[i].copies, o->absent[role] >> l->stack[i].dim & 1u};
    return n;
}

static void refine_links(const opt *o, const hd_scheme_level *l, int role, opt_split *out)
{
    opt_way way[HD_AXES];
    double columns = 1;
    bool alike = true;
    for (int i = 0; i < l->stacks; i++) alike &= !(opt_padded_dims(o, role) >> l->stack[i].dim & 1u);
    for (int axis = 0; axis < HD_AXES; axis++) {
        opt_digit digit[HD_MAX_STACKS];
        int at[HD_MAX_PORTS], ports = opt_ports(&o->p->arch->level[o->mesh].mesh, role, axis, at);
        int n = lay_out(o, l, role, axis, digit);
        bool wired = is_wired(o, role, axis);
        for (int i = 0; axis == HD_X && wired && i < n; i++) columns *= digit[i].lacked ? (double)digit[i].copies : 1;
        way[axis] = opt_way_of(at, ports, digit, n, wired);
    }
    join_ways(out, role, way, columns, alike);
}

bool opt_split_refine(opt *o, const opt_node *leaf, opt_split *exact)
{
    hd_scheme scheme;
    int64_t members[HD_ROLES];
    unsigned together = 0;
    for (int i = 0; i < HD_AXES * o->kindred; i++)
        if (leaf->row[o->parted + i] != o->split->copies[i]) return false;
    opt_choose_tiles(o);
    if (!hd_draft_decode(o->form, &o->draft, &scheme)) return false;
    hd_native_shares(o->p, &scheme, o->mesh, false, members);
    for (int r = 0; r < HD_ROLES; r++) together |= members[r] > 1 ? HD_ROLE_BIT(r) : 0u;
    if (together != o->split->together) return false;
    *exact = *o->split;
    for (int r = 0; r < HD_ROLES; r++)
        if (o->p->op->tensor[r].used) refine_links(o, &scheme.level[o->mesh], r, exact);
    return true;
}
