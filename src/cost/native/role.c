/* A role's tensor as factors of its words. */
#include "base/count.h"
#include "cost/native/ready.h"

_Static_assert(HD_MAX_TERMS == 2, "both terms are written out where a reach or a window is used");

static void add_general(nest_role *role, const hd_rank *rank)
{
    nest_reach *reach = &role->reach[role->generals];
    reach->extent = rank->extent;
    for (int k = 0; k < HD_MAX_TERMS; k++) {
        reach->dim[k] = rank->term[k < rank->terms ? k : 0].dim;
        reach->coef[k] = k < rank->terms ? rank->term[k].coef : 0;
        if (role->generals >= NATIVE_WINDOWS) continue;
        role->window[role->generals].dim[k] = reach->dim[k];
        role->window[role->generals].coef[k] = (double)reach->coef[k];
    }
    role->number[role->generals++] = role->ranks;
}

static void add_rank(nest_role *role, const hd_operator *op, const hd_rank *rank)
{
    bool plain = hd_rank_is_plain(op, rank);
    bool open = role->of[role->ranks].open = hd_rank_is_open(op, rank);
    unsigned dims = 0;
    role->open &= open;
    for (int k = 0; k < rank->terms; k++) {
        dims |= 1u << rank->term[k].dim;
        if (!plain) role->general_of[rank->term[k].dim] = role->generals;
    }
    if (!plain) add_general(role, rank);
    role->of[role->ranks].rank = rank;
    role->of[role->ranks++].dim = plain ? rank->term[0].dim : -1;
    role->dims |= dims;
    if (plain && op->dim[rank->term[0].dim].extent > 1) role->plain[role->plains++] = rank->term[0].dim;
    if (plain)
        role->words *= op->dim[rank->term[0].dim].extent;
    else
        role->general |= dims, role->points *= hd_rank_real_points(op, rank), role->touched *= hd_rank_touched(op, rank);
}

void hd_nest_role(const hd_problem *p, hd_role r, nest_role *out)
{
    const hd_operator *op = p->op;
    int mac = p->arch->levels - 1;
    int64_t box[HD_MAX_DIMS];
    bool mac_works = !op->vector || p->arch->vector_at == mac;
    int last = mac_works ? mac : p->arch->vector_at; /* where deliveries end */
    *out = (nest_role){.role = r, .home = p->home[r], .open = true, .words = 1, .points = 1, .touched = 1};
    for (int k = 0; k < op->tensor[r].ranks; k++) add_rank(out, op, &op->tensor[r].rank[k]);
    out->points *= out->words;
    out->touched *= out->words;
    for (int d = 0; d < op->dims; d++) {
        box[d] = op->dim[d].extent;
        if (out->dims >> d & 1u || op->dim[d].extent == 1) continue;
        out->absent |= 1u << d;
        out->points *= op->dim[d].extent;
    }
    out->whole = hd_nest_tile(box, out);
    out->held_at_mac = mac_works && (p->arch->level[mac].operand_register & HD_ROLE_BIT(r));
    for (int l = out->home + 1; l <= last; l++)
        if (p->arch->level[l].delivery_pj[r] > 0) out->delivered |= 1u << l;
    for (int l = out->home + 1; l <= last && l < mac; l++)
        if (p->arch->level[l].mesh.ports > 0) out->crossed |= 1u << l;
}
