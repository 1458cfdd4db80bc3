/* See ready.h. */
#include "cost/native/ready.h"

#include <math.h>
#include <string.h>

#include "base/count.h"

int hd_native_bits(const hd_problem *p, int level, hd_role role)
{
    if (!p->op->tensor[role].used) role = HD_O; /* the residual that fused work adds has words like those of O */
    else if (role == HD_O && p->op->partial_bits > 0 && level > p->home[HD_O]) return p->op->partial_bits;
    return p->op->tensor[role].bits;
}

static void set_level(native_ready *ready, int level)
{
    const hd_level *l = &ready->p->arch->level[level];
    ready->instances[level] = (level > 0 ? ready->instances[level - 1] : 1) * l->fan[HD_X] * l->fan[HD_Y];
    if (l->mesh.ports > 0) ready->meshed = true;
    if (l->mesh.ports > 0 && l->mesh.share) ready->shares = true;
    if (l->shared_bw > 0 || l->read_bw > 0 || l->write_bw > 0) ready->limited |= 1u << level;
    ready->rate[level] = (native_rate){l->shared_bw * l->word_bits, l->read_bw * l->word_bits, l->write_bw * l->word_bits};
    for (int r = 0; r < HD_ROLES; r++) {
        ready->bits[level][r] = hd_native_bits(ready->p, level, (hd_role)r);
        if (level > 0 && (l->delivery_pj[r] > 0 || l->mesh.hop_pj > 0)) ready->paid |= 1u << level;
        ready->port_bits[level][r] = l->elsewhere >> r & 1u ? 0 : ready->bits[level][r];
        ready->pj[level][r] = (native_pj){(double)ready->bits[level][r] / l->word_bits, l->read_pj[r], l->fill_pj[r],
                                          l->update_pj[r], l->delivery_pj[r], l->mesh.hop_pj};
    }
    for (int axis = 0; axis < HD_AXES && level > 0; axis++) {
        unsigned bit = NEST_STACK(level, axis);
        if (l->reduce[axis]) ready->reduce |= bit;
        for (int r = 0; r < HD_ROLES; r++)
            if (l->multicast[axis] & HD_ROLE_BIT(r)) ready->multicast[r] |= bit;
    }
}

/* Is every rank of the role plain, or an open window?  Even gaps counted as words, all that its price adds up
 * must stay whole in doubles: per level the bits that all roles read, fill or update. */
static bool is_even(const native_ready *ready, const nest_role *role)
{
    double most = (double)ready->points * 2 * HD_ROLES;
    for (int k = 0; k < role->ranks; k++) {
        const hd_rank *rank = role->of[k].rank;
        double gaps = 0;
        if (role->of[k].dim >= 0) continue;
        if (rank->terms == 0 || !hd_rank_is_open(ready->p->op, rank)) return false;
        for (int t = 0; t < rank->terms; t++) gaps += (double)rank->term[t].coef;
        most *= gaps;
    }
    for (int l = 0; l <= ready->mac; l++)
        if (most * (double)ready->bits[l][role->role] >= (double)HD_COUNT_EXACT) return false;
    return role->generals <= NATIVE_WINDOWS;
}

static void add_port(ready_ports *ports, int at)
{
    for (int i = 0; i < ports->n; i++)
        if (ports->at[i] == at) return;
    ports->at[ports->n++] = at;
}

/* Do the ports that serve the role stand at every crossing of their columns and rows, each once? */
static bool ports_are_grid(const hd_mesh *mesh, int role, ready_ports port[HD_AXES])
{
    int serving = 0;
    for (int i = 0; i < mesh->ports; i++) {
        if (!hd_mesh_serves(mesh, i, role)) continue;
        for (int k = 0; k < i; k++)
            if (hd_mesh_serves(mesh, k, role) && !memcmp(mesh->port[k], mesh->port[i], sizeof mesh->port[i])) return false;
        serving++;
        for (int axis = 0; axis < HD_AXES; axis++) add_port(&port[axis], mesh->port[i][axis]);
    }
    return serving > 0 && serving == port[HD_X].n * port[HD_Y].n;
}

/* The level that is the only mesh, if it is a simple one; else -1. */
static int find_mesh(native_ready *out)
{
    int found = -1;
    for (int l = 0; out->meshed && l < out->p->arch->levels; l++) {
        const hd_mesh *mesh = &out->p->arch->level[l].mesh;
        if (mesh->ports == 0) continue;
        if (found >= 0 || mesh->link_bw > 0 || mesh->hop_cycles > 0) return -1;
        found = l;
        for (int r = 0; r < HD_ROLES; r++)
            if (out->p->op->tensor[r].used && !ports_are_grid(mesh, r, out->port[r])) return -1;
    }
    return found;
}

static void set_order(native_ready *ready)
{
    int n = 0;
    for (int general = 0; general < 2; general++)
        for (int k = 0; k < ready->roles; k++)
            if ((ready->role[k].generals > 0) == general) ready->order[n++] = k;
}

void hd_native_ready(native_ready *out, const hd_problem *p)
{
    const hd_operator *op = p->op;
    const hd_arch *a = p->arch;
    int64_t ops = hd_operator_ops(op);
    *out = (native_ready){.p = p, .mac = a->levels - 1, .points = hd_operator_points(op)};
    out->vector_cycles = a->vector_per_cycle > 0 ? (int64_t)ceil((double)ops / a->vector_per_cycle) : 0;
    out->mac_pj = (double)hd_operator_macs(op) * a->mac_pj;
    out->vector_pj = (double)ops * a->vector_pj;
    for (int d = 0; d < op->dims; d++) out->extent[d] = (double)op->dim[d].extent;
    for (int l = 0; l < a->levels; l++) set_level(out, l);
    out->mesh = find_mesh(out);
    if (op->extra_reads > 0) out->moving |= HD_ROLE_BIT(HD_I2);
    out->even = !op->row_dims && !a->level[out->mac].operand_register;
    out->straight = out->even;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!op->tensor[r].used) continue;
        nest_role *role = &out->role[out->roles++];
        hd_nest_role(p, (hd_role)r, role);
        out->moving |= HD_ROLE_BIT(r);
        role->wires = r == HD_O ? out->reduce : out->multicast[r];
        out->even &= is_even(out, role);
        out->straight &= out->even && (r != HD_O || role->generals == 0);
        for (int d = 0; d < op->dims; d++) out->having[d] |= (role->dims >> d & 1u) << (out->roles - 1);
    }
    set_order(out);
    hd_native_set_rooms(out);
}
