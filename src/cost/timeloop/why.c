/* Which rules make a count differ from the native machine's?  Every rule is switched off and the count worked out again:
 * named are the fewest rules without which the two agree, or, where no choice of them does that, all whose absence
 * changes the count; the largest effect first.  Two rules are looked at from the other side: a native machine that counts
 * padding is one rule's work, an operator whose tensors have no gaps another's.                                          */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

enum { RULE_GAPS = 1 << 20, RULE_BORDERS = 1 << 21, LONG_LOOP = 4096 };

/* `brief` stands where the long texts do not fit. */
static const struct rule { unsigned bit; const char *text, *brief; } RULES[] = {
    {TL_RULE_UNEVEN, "imperfect factors: iterations 0, 1, n-2, n-1 stand for all, idle units count", "imperfect factors"},
    {TL_RULE_LINKS, "link transfers: neighbours pass on what they got one step before", "link transfers"},
    {TL_RULE_DRAIN, "the read that drains partial sums is not counted", "drain reads"},
    {TL_RULE_UNELIDED, "first-read elision is off: first touches are read and filled", "elision off"},
    {TL_RULE_RELOAD, "partial sums that come back are loaded into all that add to them", "reloads"},
    {TL_RULE_PROMOTION, "bypass promotion: accesses of bypassed levels scale those outside", "bypass promotion"},
    {RULE_BORDERS, "boxes are not clipped to the tensor", "clipping"},
    {RULE_GAPS, "boxes count the gaps of a stride", "gaps"},
    {TL_RULE_WHOLE, "whole-delta multicast: halos of neighbours are sent to each", "whole deltas"},
    {TL_RULE_STRIPS, "strip-only reuse: a move along two ranks brings the whole tile", "strips"},
    {TL_RULE_RESET, "reset rule: a step in another direction brings the whole tile", "reset rule"},
    {TL_RULE_WRAPS, "loops wrap from iteration 1, not from the last", "wraps"},
    {TL_RULE_REGISTER, "operand registers do not exist", "registers"},
    {TL_RULE_NO_REUSE, "no_reuse: whole tiles at every step", "no_reuse"},
};
enum { RULE_COUNT = sizeof RULES / sizeof *RULES };

typedef struct question {
    hd_problem given, solid;     /* as asked; without gaps between the words that are touched */
    hd_operator without_gaps, padded;
    const hd_scheme *s;
    int level;
    hd_role role;
    hd_count_kind count;
    unsigned possible;           /* rules that this mapping can show */
    int64_t native, native_padded;
    bool shares, promotes;       /* what no switch turns off: elision of a sliding O, imperfect promotion */
} question;

/* ---- the operator seen otherwise ---- */

static int64_t reach_of(const hd_operator *op, const hd_rank *k)
{
    int64_t reach = 1;
    for (int i = 0; i < k->terms; i++) reach += k->term[i].coef * (op->dim[k->term[i].dim].extent - 1);
    return reach;
}

/* Tensors as large as what is touched of them, the padding, too. */
static bool pad(hd_operator *op)
{
    bool any = false;
    for (int t = 0; t < HD_ROLES; t++)
        for (int r = 0; op->tensor[t].used && r < op->tensor[t].ranks; r++) {
            hd_rank *k = &op->tensor[t].rank[r];
            any |= k->offset < 0 || k->offset + reach_of(op, k) > k->extent;
            k->offset = 0;
            k->extent = hd_count_max(k->extent, reach_of(op, k));
        }
    return any;
}

/* The window's dim becomes a rank of its own where steps are longer than the window. */
static bool split_rank(const hd_operator *op, hd_tensor *t, int r)
{
    hd_rank *k = &t->rank[r];
    for (int i = 0; i < k->terms && k->terms == 2 && t->ranks < HD_MAX_RANKS; i++) {
        int64_t window = 1 + k->term[1 - i].coef * (op->dim[k->term[1 - i].dim].extent - 1);
        if (k->term[i].coef <= window) continue;
        hd_rank *own = &t->rank[t->ranks++];
        *own = (hd_rank){.terms = 1, .extent = window};
        own->term[0] = k->term[1 - i];
        k->term[0] = k->term[i];
        k->terms = 1;
        return true;
    }
    return false;
}

static bool close_gaps(hd_operator *op)
{
    bool any = false;
    for (int t = 0; t < HD_ROLES; t++)
        for (int r = 0; op->tensor[t].used && r < op->tensor[t].ranks; r++) {
            hd_rank *k = &op->tensor[t].rank[r];
            bool split = split_rank(op, &op->tensor[t], r);
            if (k->terms != 1 || (!split && k->term[0].coef == 1)) continue;
            any = true;
            k->term[0].coef = 1;
            k->offset = 0;
            k->extent = op->dim[k->term[0].dim].extent;
        }
    return any;
}

/* ---- the count under some of the rules ---- */

static int64_t native_count(const question *q, const hd_operator *op)
{
    hd_breakdown price;
    hd_problem p = q->given;
    p.op = op;
    p.model = &hd_model_native;
    p.settings = NULL;
    hd_model_native.price(&p, q->s, &price);
    const hd_access *a = &price.access[q->level][q->role];
    return q->count == HD_COUNT_READS ? a->reads : q->count == HD_COUNT_FILLS ? a->fills : a->updates;
}

/* How much more than the native machine counts, with the rules `off`. */
static int64_t excess(const question *q, unsigned off)
{
    tl_price t;
    hd_tl_count_without(&t, off & RULE_GAPS ? &q->solid : &q->given, q->s, q->role, off & (RULE_GAPS - 1u));
    const tl_counts *c = &t.role[q->role];
    double value = q->count == HD_COUNT_READS ? c->reads[q->level] : q->count == HD_COUNT_FILLS ? c->fills[q->level]
                                                                                                 : c->updates[q->level];
    return llround(value) - (off & RULE_BORDERS ? q->native_padded : q->native);
}

static bool has_long_loops(const tl_nest *n)
{
    for (int i = 0; i < n->loops; i++)
        if (n->loop[i].bound > LONG_LOOP) return true;
    return false;
}

static void find_possible(question *q, const tl_nest *n)
{
    for (int i = 0; i < RULE_COUNT; i++) q->possible |= RULES[i].bit;
    bool gaps = close_gaps(&q->without_gaps), padding = pad(&q->padded);
    if (!gaps) q->possible &= ~(unsigned)RULE_GAPS;
    if (!padding) q->possible &= ~(unsigned)RULE_BORDERS;
    if (n->perfect || has_long_loops(n)) q->possible &= ~(unsigned)TL_RULE_UNEVEN;
    if (!n->perfect) q->possible &= ~(unsigned)(TL_RULE_WRAPS | TL_RULE_STRIPS | TL_RULE_PROMOTION);
}

/* ---- the choice ---- */

typedef struct cause { int rule; int64_t effect; } cause;

static int larger_first(const void *a, const void *b)
{
    const cause *x = a, *y = b;
    int64_t ex = x->effect < 0 ? -x->effect : x->effect, ey = y->effect < 0 ? -y->effect : y->effect;
    return ex != ey ? (ex < ey) - (ex > ey) : x->rule - y->rule;
}

/* Rules whose absence changes the count while those of `off` are absent already, or, of these, whose presence does. */
static int find_causes(const question *q, unsigned off, cause out[RULE_COUNT])
{
    int count = 0;
    int64_t now = excess(q, off);
    for (int i = 0; i < RULE_COUNT; i++) {
        if (!(q->possible & RULES[i].bit)) continue;
        int64_t effect = now - excess(q, off ^ RULES[i].bit);
        if (effect != 0) out[count++] = (cause){i, effect};
    }
    qsort(out, (size_t)count, sizeof *out, larger_first);
    return count;
}

/* The fewest causes without which nothing is left, those with the largest effects first; their bit set, 0 = there are none. */
static unsigned fewest(const question *q, const cause *causes, int count)
{
    for (int size = 1; size <= count; size++)
        for (unsigned set = 1; set < 1u << count; set++) {
            unsigned off = 0;
            if (__builtin_popcount(set) != size) continue;
            for (int i = 0; i < count; i++)
                if (set >> i & 1u) off |= RULES[causes[i].rule].bit;
            if (excess(q, off) == 0) return set;
        }
    return 0;
}

/* All names in full, or all in brief. */
static void name_all(const cause *causes, int count, unsigned chosen, char out[256])
{
    for (int brief = 0; brief < 2; brief++) {
        size_t used = 0;
        for (int i = 0; i < count && used < 256; i++) {
            const struct rule *rule = &RULES[causes[i].rule];
            if (!(chosen >> i & 1u)) continue;
            used += (size_t)snprintf(out + used, 256 - used, "%s%s", used ? "; " : "", brief ? rule->brief : rule->text);
        }
        if (used < 256) return;
    }
}

static bool slides(const hd_operator *op, hd_role role)
{
    for (int r = 0; r < op->tensor[role].ranks; r++)
        if (op->tensor[role].rank[r].terms > 1) return true;
    return false;
}

static void add_text(char out[256], const char *text)
{
    size_t used = strlen(out);
    if (used + strlen(text) + 3 < 256) snprintf(out + used, 256 - used, "%s%s", used ? "; " : "", text);
}

static void explain(const question *q, char out[256])
{
    cause alone[RULE_COUNT], last[RULE_COUNT];
    int singles = find_causes(q, 0, alone);
    unsigned chosen = fewest(q, alone, singles);
    if (!chosen) { /* rules that hide behind each other */
        int hidden = find_causes(q, q->possible, last);
        unsigned behind = fewest(q, last, hidden);
        if (behind || singles == 0) {
            memcpy(alone, last, sizeof last);
            singles = hidden;
            chosen = behind;
        }
    }
    name_all(alone, singles, chosen ? chosen : (1u << singles) - 1u, out);
    if (!chosen && q->shares) add_text(out, "elision takes a share of O, not what is really touched first");
    if (singles == 0 && q->promotes) add_text(out, "bypass promotion: accesses of bypassed levels scale those outside");
}

void hd_tl_why(const hd_problem *p, const hd_scheme *s, int level, hd_role role, hd_count_kind count, char out[256])
{
    tl_price t;
    question q = {.given = *p, .solid = *p, .s = s, .level = level, .role = role, .count = count};
    out[0] = '\0';
    if (!p->op->tensor[role].used || level >= p->arch->levels - 1) return;
    hd_tl_count_without(&t, p, s, role, 0);
    if (level < t.role[role].home || !t.role[role].kept[level] || !hd_model_native.fits(p, s, NULL)) return;
    q.without_gaps = q.padded = *p->op;
    find_possible(&q, &t.nest);
    q.solid.op = &q.without_gaps;
    q.native = native_count(&q, p->op);
    q.native_padded = native_count(&q, &q.padded);
    q.shares = role == HD_O && count != HD_COUNT_UPDATES && slides(p->op, HD_O);
    q.promotes = !t.nest.perfect && count != HD_COUNT_FILLS && hd_tl_served(&t.nest, &t.role[role], level) > level;
    if (excess(&q, 0) != 0) explain(&q, out);
}
