/* Which rule makes a count differ from the native machine?  Each rule is looked for where the count comes from: the network
 * below the level for reads and updates, the one above it for fills, and those that bypassed levels pass up.     */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

typedef struct question {
    const tl_price *t;
    const hd_scheme *s;
    int level;
    hd_role role;
    hd_count_kind count;
    int first, last;           /* blocks that the count comes from */
    tl_view v;
} question;

static bool by_imperfect(const question *q) { return !q->t->nest.perfect; }

static bool slides(const question *q)
{
    for (int r = 0; r < q->t->nest.p->op->tensor[q->role].ranks; r++)
        if (q->t->nest.p->op->tensor[q->role].rank[r].terms > 1) return true;
    return false;
}

static bool by_elision(const question *q)
{
    return q->role == HD_O && q->count != HD_COUNT_UPDATES && !hd_tl_setting(q->t->nest.p, TL_FIRST_READ_ELISION);
}

static bool by_partition(const question *q)
{
    return q->role == HD_O && q->count != HD_COUNT_UPDATES && slides(q) && hd_tl_setting(q->t->nest.p, TL_FIRST_READ_ELISION);
}

static bool by_drain(const question *q)
{
    return q->role == HD_O && q->count == HD_COUNT_READS && q->level > q->t->role[q->role].home;
}

/* A reduction dim is unrolled at or outside the level. */
static bool by_reload(const question *q)
{
    const tl_counts *c = &q->t->role[q->role];
    if (q->role != HD_O || q->count == HD_COUNT_UPDATES) return false;
    for (int k = c->home; k < q->level; k++)
        for (int i = 0; i < q->t->nest.block[k].factors; i++)
            if (q->v.rank[q->t->nest.block[k].factor[i].dim] < 0) return true;
    return false;
}

static bool by_links(const question *q)
{
    for (int k = q->level > 0 ? q->level - 1 : 0; k <= q->last; k++)
        if (k >= q->t->role[q->role].home && q->t->role[q->role].flow[k].transfers > 0) return true;
    return false;
}

static bool by_promotion(const question *q) { return q->last > q->first && (slides(q) || by_links(q)); }

/* Some tile reaches past the tensor, or holds words that nobody touches. */
static bool by_boxes(const question *q)
{
    const hd_operator *op = q->t->nest.p->op;
    const hd_tensor *t = &op->tensor[q->role];
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *k = &t->rank[r];
        int64_t reach = 1, least = 0;
        for (int i = 0; i < k->terms; i++) {
            reach += k->term[i].coef * (op->dim[k->term[i].dim].extent - 1);
            if (least == 0 || k->term[i].coef < least) least = k->term[i].coef;
        }
        if (k->offset != 0 || reach > k->extent || least > 1) return true;
        for (int i = 0; i < k->terms; i++) /* a stride past the window */
            if (k->terms > 1 && k->term[i].coef > op->dim[k->term[1 - i].dim].extent) return true;
    }
    return false;
}

/* Neighbours' tiles overlap without being equal. */
static bool by_whole_deltas(const question *q)
{
    const tl_nest *n = &q->t->nest;
    int64_t size[HD_MAX_RANKS];
    if (q->count == HD_COUNT_FILLS) return false;
    for (int k = q->first; k <= q->last; k++) {
        hd_tl_box(n, &q->v, k + 1, size);
        for (int i = 0; i < n->block[k].factors; i++) {
            const tl_factor *f = &n->block[k].factor[i];
            int r = q->v.rank[f->dim];
            if (r >= 0 && q->v.coef[f->dim] * f->shift < size[r]) return true;
        }
    }
    return false;
}

/* An overlap with the tile before that no step of the innermost loop makes. */
static bool by_reset(const question *q)
{
    const tl_nest *n = &q->t->nest;
    for (int k = q->first; k <= q->last && slides(q); k++)
        if (n->end[k] > 1) return true;
    return false;
}

static bool by_no_reuse(const question *q)
{
    for (int k = q->first; k <= q->last; k++)
        if (q->t->nest.p->arch->level[k + 1].timeloop.no_reuse & HD_ROLE_BIT(q->role)) return true;
    return false;
}

/* A register between two steps at the arithmetic units is not one of Timeloop's. */
static bool by_register(const question *q)
{
    const tl_nest *n = &q->t->nest;
    return q->last == n->mac - 1 && (n->p->arch->level[n->mac].operand_register & HD_ROLE_BIT(q->role));
}

/* Shown in this order, as many as there is room for. */
static const struct rule {
    bool (*applies)(const question *);
    const char *text;
} RULES[] = {
    {by_imperfect, "imperfect factors: iterations 0, 1, n-2, n-1 stand for all, idle lanes count as computing"},
    {by_links, "link transfers: neighbours pass on deltas of the step before, each at one more read and fill"},
    {by_drain, "the read that drains a tile of partial sums is not counted"},
    {by_elision, "first-read elision is off: first touches of partial sums are read and filled, too"},
    {by_reload, "partial sums that come back are loaded into every instance that adds to them"},
    {by_promotion, "bypass promotion: a bypassed level's accesses scale those of the network outside"},
    {by_boxes, "bounding boxes: not clipped to the tensor, gaps inside count"},
    {by_whole_deltas, "whole-delta multicast: overlapping halos of neighbours are sent to each"},
    {by_reset, "reset rule: only the innermost loop's strip is reused, any other step brings the whole tile"},
    {by_partition, "first-read elision takes a share of the tensor, not the words really first touched"},
    {by_register, "operand registers do not exist, every operand is read at every step"},
    {by_no_reuse, "no_reuse: whole tiles at every step"},
};

void hd_tl_why(const hd_problem *p, const hd_scheme *s, int level, hd_role role, hd_count_kind count, char out[256])
{
    tl_price t;
    question q = {.t = &t, .s = s, .level = level, .role = role, .count = count};
    size_t used = 0;
    out[0] = 0;
    if (!p->op->tensor[role].used || level >= p->arch->levels - 1) return;
    hd_tl_count(&t, p, s, false);
    const tl_counts *c = &t.role[role];
    if (level < c->home || !c->kept[level]) return;
    hd_tl_view(p->op, role, &q.v);
    q.first = q.last = level;
    if (count == HD_COUNT_FILLS) q.first = q.last = level > 0 ? level - 1 : 0;
    else
        while (q.last + 1 < t.nest.mac && !c->kept[q.last + 1]) q.last++;
    for (size_t i = 0; i < sizeof RULES / sizeof *RULES; i++) {
        if (!RULES[i].applies(&q)) continue;
        int n = snprintf(out + used, 256 - used, "%s%s", used ? "; " : "", RULES[i].text);
        if (n < 0 || (size_t)n >= 256 - used) {
            out[used] = 0; /* whole rules only */
            return;
        }
        used += (size_t)n;
    }
}
