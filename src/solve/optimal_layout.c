/* Links that words travel under a split: at least, whatever the order of the stacks; then those of one layout. */
#include "solve/optimal_split.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "cost/native/native.h"

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
static void join_ways(struct opt_links *out, const opt_way way[HD_AXES], double columns, bool alike)
{
    out->inside = way[HD_X].span + columns * way[HD_Y].span;
    out->tree = alike ? way[HD_X].group + columns * way[HD_Y].group : out->inside;
    out->node = alike ? way[HD_X].node + way[HD_Y].node : 0;
    out->loader = way[HD_X].loader + way[HD_Y].loader;
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

static struct opt_links links_of(opt_splits *all, const opt_dealing *dealing, int role)
{
    const opt *o = all->o;
    opt_way way[HD_AXES];
    int64_t lacked[HD_AXES] = {1, 1}, own = 1;
    bool alike = true;
    struct opt_links out = {.pools = opt_may_share(o, o->mesh, role)};
    for (int axis = 0; axis < HD_AXES; axis++) {
        own = 1;
        for (int k = 0; k < o->kindred; k++) {
            int copies = dealing->copies[k][axis];
            if (o->absent[role] & o->kin[k]) lacked[axis] *= copies;
            else own *= copies;
            alike &= copies == 1 || !(all->padded[role] & o->kin[k]);
        }
        way[axis] = *way_of(all, role, axis, lacked[axis], own);
        bool wired = is_wired(o, role, axis);
        if (!wired && lacked[axis] > 1) out.pools = false;
        if (!wired) lacked[axis] = 1;
    }
    out.members = (double)(lacked[HD_X] * lacked[HD_Y]);
    out.pools &= out.members > 1;
    join_ways(&out, way, (double)lacked[HD_X], alike);
    return out;
}

/* Members and whether they can hold one tile are the same under all dealings: these are many only where wires are alike. */
void opt_least_links(opt_splits *all, const opt_dealing *dealing, opt_split *split)
{
    for (int r = 0; r < HD_ROLES; r++) {
        if (!all->o->p->op->tensor[r].used) continue;
        struct opt_links own = links_of(all, dealing, r), *least = &split->role[r];
        if (least->members > 0) {
            own.tree = fmin(own.tree, least->tree);
            own.inside = fmin(own.inside, least->inside);
            own.loader = fmin(own.loader, least->loader);
            own.node = fmin(own.node, least->node);
        }
        *least = own;
    }
}

typedef struct dealer { const opt *o; const int *copies; opt_dealing at, *out; int n; } dealer;

static void deal(dealer *s, int k, int64_t x, int64_t y)
{
    const int64_t *fan = s->o->p->arch->level[s->o->mesh].fan;
    if (x > fan[HD_X] || y > fan[HD_Y]) return;
    if (k == s->o->kindred) {
        if (s->n < OPT_MOST_DEALINGS) s->out[s->n] = s->at;
        s->n++;
        return;
    }
    for (int own = 1; own <= s->copies[k]; own++) {
        if (s->copies[k] % own != 0) continue;
        s->at.copies[k][HD_X] = own;
        s->at.copies[k][HD_Y] = s->copies[k] / own;
        deal(s, k + 1, x * own, y * (s->copies[k] / own));
    }
}

int opt_list_dealings(const opt *o, const int copies[OPT_MAX_PARTS], opt_dealing out[OPT_MOST_DEALINGS])
{
    dealer s = {.o = o, .copies = copies, .out = out};
    if (opt_is_folded(o, o->mesh)) {
        deal(&s, 0, 1, 1);
        assert(s.n <= OPT_MOST_DEALINGS);
        return s.n;
    }
    for (int k = 0; k < o->kindred; k++)
        for (int axis = 0; axis < HD_AXES; axis++) out->copies[k][axis] = copies[k * HD_AXES + axis];
    return 1;
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
    join_ways(&out->role[role], way, columns, alike);
}

/* Are the chosen chains dealt out in a way that may lead to something better? */
static bool is_open(const opt *o)
{
    opt_dealing own;
    for (int k = 0; k < o->kindred; k++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            own.copies[k][axis] = 1;
            for (int b = 0; b < o->blocks; b++)
                for (int i = 0; i < o->block[b].dims; i++)
                    if (o->kin[k] >> o->block[b].dim[i] & 1u)
                        own.copies[k][axis] *= (int)opt_chosen_chain(o, b, i)->copies[o->mesh][axis];
        }
    int i = 0, size = o->kindred * (int)sizeof own.copies[0];
    while (i < o->splits->dealings && memcmp(&own, &o->splits->dealing[i], (size_t)size) != 0) i++;
    return i < o->splits->dealings;
}

bool opt_split_refine(opt *o, const opt_node *leaf, opt_split *exact)
{
    hd_scheme scheme;
    int64_t members[HD_ROLES];
    unsigned together = 0;
    for (int i = 0; i < o->parts; i++)
        if (leaf->row[o->parted + i] != o->split->copies[i]) return false;
    if (!is_open(o)) return false;
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
