/* Small questions about one scheme: what is kept, how large a tile is, which of two comes first. */
#include "dataflow/scheme.h"

#include <string.h>

#include "base/count.h"

int64_t hd_scheme_tile_words(const hd_problem *p, const hd_scheme *s, int level, hd_role role)
{
    const hd_tensor *t = &p->op->tensor[role];
    const int64_t *box = s->level[level].tensor;
    if (!t->used) return 0;
    int64_t words = 1;
    for (const hd_rank *r = t->rank, *end = r + t->ranks; r < end; r++) {
        int64_t hull = 1;
        for (int k = 0; k < r->terms; k++) hull += r->term[k].coef * (box[r->term[k].dim] - 1);
        words *= hd_count_min(hull, r->extent);
    }
    return words;
}

void hd_scheme_trivial(const hd_problem *p, hd_scheme *out)
{
    int last = p->arch->levels - 1;
    memset(out, 0, sizeof *out);
    out->levels = p->arch->levels;
    for (int d = 0; d < p->op->dims; d++) {
        for (int l = 0; l < last; l++) out->level[l].tensor[d] = l == 0 ? p->op->dim[d].extent : 1;
        out->level[last].tensor[d] = 1;
        int at = last == 0 ? 0 : 1;
        if (p->op->dim[d].extent > 1) {
            hd_scheme_level *l = &out->level[at];
            l->update[l->updates++] = (hd_update){d, 1};
        }
    }
    for (int r = 0; r < HD_ROLES; r++)
        if (p->op->tensor[r].used) out->level[p->home[r]].keep |= HD_ROLE_BIT(r);
}

static int order(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

static int compare_level(const hd_scheme_level *a, const hd_scheme_level *b)
{
    int c;
    if ((c = order(a->keep, b->keep)) || (c = order(a->stacks, b->stacks)) || (c = order(a->updates, b->updates))) return c;
    for (int d = 0; d < HD_MAX_DIMS; d++)
        if ((c = order(a->tensor[d], b->tensor[d]))) return c;
    for (int i = 0; i < a->stacks; i++) {
        const hd_stack *x = &a->stack[i], *y = &b->stack[i];
        if ((c = order(x->dim, y->dim)) || (c = order(x->axis, y->axis)) || (c = order(x->shift, y->shift)) ||
            (c = order(x->copies, y->copies)))
            return c;
    }
    for (int i = 0; i < a->updates; i++)
        if ((c = order(a->update[i].dim, b->update[i].dim)) || (c = order(a->update[i].step, b->update[i].step))) return c;
    return 0;
}

int hd_scheme_compare(const hd_scheme *a, const hd_scheme *b)
{
    int c = order(a->levels, b->levels);
    for (int l = 0; !c && l < a->levels; l++) c = compare_level(&a->level[l], &b->level[l]);
    return c;
}

bool hd_scheme_equal(const hd_scheme *a, const hd_scheme *b) { return hd_scheme_compare(a, b) == 0; }
