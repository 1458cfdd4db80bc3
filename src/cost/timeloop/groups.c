/* How many different deltas go to the instances below one parent?  Equal whole deltas are served at once, overlapping ones
 * are not (a.4).  All instances move alike, so deltas are equal where the projected positions are. */
#include "base/count.h"
#include "cost/timeloop/timeloop.h"

bool hd_tl_merges(const tl_nest *n, int block, int axis, hd_role role)
{
    const hd_level *l = &n->p->arch->level[block + 1];
    return role == HD_O ? l->reduce[axis] : (l->multicast[axis] & HD_ROLE_BIT(role)) != 0;
}

bool hd_tl_may_link(const tl_nest *n, int block, hd_role role)
{
    return n->block[block].units > 1 && !(n->off & TL_RULE_LINKS) && hd_tl_setting(n->p, TL_LINK_TRANSFERS) &&
           !(n->p->arch->level[block + 1].timeloop.no_links & HD_ROLE_BIT(role));
}

static int64_t divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* (i, j) and (i + y/g, j - x/g) meet. */
int64_t hd_tl_sums(int64_t x, int64_t a, int64_t y, int64_t b)
{
    int64_t g = divisor(x, y), i = a - y / g, j = b - x / g;
    return a * b - (i > 0 && j > 0 ? i * j : 0);
}

int64_t hd_tl_groups(const tl_nest *n, const tl_view *v, int block)
{
    const tl_block *b = &n->block[block];
    bool merges[HD_AXES] = {hd_tl_merges(n, block, HD_X, v->role), hd_tl_merges(n, block, HD_Y, v->role)};
    int64_t groups = 1;
    for (int i = 0; i < b->factors; i++) {
        const tl_factor *f = &b->factor[i], *mate = NULL;
        int rank = v->rank[f->dim];
        bool second = false;
        if (!merges[f->axis]) {
            groups *= f->copies;
            continue;
        }
        if (rank < 0) continue;
        for (int j = 0; j < b->factors; j++)
            if (j != i && v->rank[b->factor[j].dim] == rank && merges[b->factor[j].axis]) {
                mate = &b->factor[j];
                second = j < i;
            }
        if (second) continue;             /* counted with its mate */
        groups *= !mate ? f->copies
                        : hd_tl_sums(v->coef[f->dim] * f->shift, f->copies, v->coef[mate->dim] * mate->shift, mate->copies);
    }
    return groups;
}
