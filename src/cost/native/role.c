/* A role's tensor as factors of its words. */
#include "cost/native/nest.h"

void hd_nest_role(const nest *n, hd_role role, nest_role *out)
{
    const hd_operator *op = n->p->op;
    const hd_tensor *t = &op->tensor[role];
    out->dims = out->general = 0;
    out->words = out->points = 1;
    out->ranks = t->ranks;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        int dim = rank->term[0].dim;
        bool plain = hd_rank_is_plain(op, rank);
        unsigned dims = 1u << dim | (rank->terms > 1 ? 1u << rank->term[1].dim : 0);
        for (int k = 0; k < rank->terms; k++) out->rank_of[rank->term[k].dim] = r;
        out->of[r].rank = rank;
        out->of[r].dim = plain ? dim : -1;
        out->dims |= dims;
        if (plain) {
            out->words *= op->dim[dim].extent;
            continue;
        }
        out->general |= dims;
        out->points *= hd_rank_real_points(op, rank);
    }
    out->points *= out->words;
    out->absent = n->turning & ~out->dims;
    for (unsigned dims = out->absent; dims; dims = hd_dims_after(dims)) {
        out->points *= op->dim[hd_dim_of(dims)].extent;
    }
}

int64_t hd_nest_tile(const nest *n, const nest_role *role, int level)
{
    const int64_t *box = n->s->level[level].tensor;
    int64_t words = 1;
    for (int i = 0; i < role->ranks; i++) {
        const hd_rank *rank = role->of[i].rank;
        int64_t hull = 1;
        if (role->of[i].dim >= 0) {
            words *= box[role->of[i].dim];
            continue;
        }
        for (int t = 0; t < rank->terms; t++) hull += rank->term[t].coef * (box[rank->term[t].dim] - 1);
        words *= hull < rank->extent ? hull : rank->extent;
    }
    return words;
}
