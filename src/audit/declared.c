/* The declaration of a space against chip, operator and words, then its size: see declared.h. */
#include "audit/declared.h"

#include <string.h>

#include "audit/enumerate.h"
#include "audit/steps.h"
#include "base/count.h"
#include "cost/kapla/kapla.h"
#include "cost/kapla/model.h"
#include "dataflow/template.h"

enum { MOST_SIZES = 256 };

static bool has_word(const hd_claim *c, const char *word) { return strstr(c->space, word) != NULL; }

/* Dims of the ranks of O that slide (docs/cost-model.md: held with whole windows, where these leave gaps not at all). */
static unsigned sliding(const hd_claim *c, bool *gaps)
{
    const hd_tensor *o = &c->problem->op->tensor[HD_O];
    unsigned set = 0;
    *gaps = false;
    if (!hd_counts_natively(c->model, c->problem)) return 0;
    for (int r = 0; o->used && r < o->ranks; r++) {
        const hd_rank *rank = &o->rank[r];
        if (rank->terms < 2) continue;
        for (int t = 0; t < rank->terms; t++) set |= 1u << rank->term[t].dim;
        *gaps |= rank->term[1].coef != 1 || rank->term[0].coef > c->problem->op->dim[rank->term[1].dim].extent;
    }
    return set;
}

/* ---- what may be kept ---- */

static bool keeps_hold(const hd_claim *c, hd_recount *out)
{
    const hd_problem *p = c->problem;
    bool gaps, kapla = c->model == &hd_model_kapla && !hd_kapla_is_compat(p);
    bool bypass = sliding(c, &gaps) != 0 || has_word(c, "bypass");
    for (int l = 0; l < p->arch->levels; l++) {
        unsigned most = 0, home = 0;
        bool stores = l < p->arch->levels - 1 && !(p->op->vector && l > p->arch->vector_at);
        for (int r = 0; r < HD_ROLES && stores; r++) {
            if (!p->op->tensor[r].used || l < p->home[r]) continue;
            if (l == p->home[r]) home |= HD_ROLE_BIT(r);
            if (r != HD_O || l <= p->home[r] || !gaps) most |= p->arch->level[l].keeps & HD_ROLE_BIT(r);
        }
        unsigned open = bypass ? most & ~home : 0;
        if (kapla) open &= hd_kapla_may_pass(p, l);
        if (c->proof->keep_most[l] != most)
            return hd_differs(out, "%s: the roles kept are not those that the chip keeps there", p->arch->level[l].name);
        if (c->proof->keep_free[l] != open)
            return hd_differs(out, "%s: the roles that may be dropped are not those of the space '%s'", p->arch->level[l].name,
                              c->space);
    }
    return true;
}

/* ---- what may unroll ---- */

static unsigned wires(const hd_claim *c, int level, int axis)
{
    const hd_problem *p = c->problem;
    unsigned set = 0;
    bool gaps;
    if (p->arch->level[level].fan[axis] <= 1 || (p->op->vector && level > p->arch->vector_at)) return 0;
    for (int d = 0; d < p->op->dims; d++) {
        bool lost = level <= p->home[HD_O] && !(hd_tensor_dims(p->op, HD_O) >> d & 1u);
        if (p->op->dim[d].extent > 1 && !lost && hd_arch_may_unroll(p->arch, level, axis, p->op->dim[d].name)) set |= 1u << d;
    }
    return set & ~sliding(c, &gaps);
}

static bool unrolls_hold(const hd_claim *c, hd_recount *out)
{
    const hd_arch *a = c->problem->arch;
    int array = 0;
    for (int l = 1; l < a->levels && has_word(c, "template"); l++)
        if (a->level[l].fan[HD_X] * a->level[l].fan[HD_Y] > 1) array = l;
    for (int l = 1; l < a->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            unsigned all = wires(c, l, axis);
            if (l == array) all = hd_template_dims(a->template_, c->problem->op, axis, all);
            if (c->proof->unroll[l][axis] == all) continue;
            return hd_differs(out, "%s: the dims that unroll on %s are not those of the chip in the space '%s'",
                              a->level[l].name, axis == HD_X ? "X" : "Y", c->space);
        }
    return true;
}

static bool words_hold(const hd_claim *c, hd_recount *out)
{
    if (!c->space || !*c->space) {
        hd_unchecked(out, "what may be kept and unrolled (the file does not say which space was searched)");
        return true;
    }
    if (has_word(c, "ragged") != c->proof->ragged)
        return hd_differs(out, "the sizes of tiles are not those of the space '%s'", c->space);
    if (!keeps_hold(c, out)) return false;
    if (c->model != &hd_model_timeloop) return unrolls_hold(c, out);
    hd_unchecked(out, "what may be unrolled (Timeloop's files may say that)");
    return true;
}

/* ---- how many schemes ---- */

/* Chains of a dim: ways to come down to each size, slot by slot.  False where they are too many to count. */
static bool count_chains(const hd_enumeration *e, int dim, uint64_t *out)
{
    int64_t size[MOST_SIZES], ways[MOST_SIZES] = {1}, extent = e->problem->op->dim[dim].extent;
    hd_chains slots = {0};
    int n = 0;
    hd_chain_slots(e, dim, &slots);
    for (int64_t span = extent; span > 0; span = span > 1 ? hd_count_ceil_div(extent, (extent - 1) / (span - 1) + 1) : 0) {
        if (!hd_is_size(e, extent, span)) continue;
        if (n == MOST_SIZES) return false;
        size[n++] = span;
    }
    for (int k = 0; k < slots.slots; k++) { /* from the smallest on: each is made of larger ones */
        for (int j = n - 1; j >= 0; j--) {
            int64_t sum = 0;
            for (int i = 0; i <= j; i++)
                if (hd_is_size(e, size[i], size[j]) && !hd_count_add(sum, ways[i], &sum)) return false;
            ways[j] = sum;
        }
    }
    *out = (uint64_t)ways[n - 1];
    return true;
}

static bool sizes_hold(const hd_claim *c, hd_recount *out)
{
    hd_enumeration e = {.problem = c->problem, .model = c->model, .proof = c->proof};
    char said[HD_WIDE_DIGITS], counted[HD_WIDE_DIGITS];
    bool fits = true;
    for (int d = 0; d < c->problem->op->dims; d++) hd_chain_slots(&e, d, &e.dim[d]);
    fits = hd_count_orders(&e);
    e.size = e.orders;
    for (int d = 0; d < c->problem->op->dims && fits; d++) {
        uint64_t chains;
        fits = count_chains(&e, d, &chains) && hd_wide_multiply(&e.size, chains);
    }
    for (int l = 0; l < c->problem->arch->levels; l++)
        fits = fits && hd_wide_multiply(&e.size, 1u << __builtin_popcount(c->proof->keep_free[l]));
    if (!fits) {
        hd_unchecked(out, "the size of the space (a dimension has too many tile sizes)");
        return true;
    }
    const struct { const char *what; const hd_wide *said, *counted; } count[] = {
        {"orders of loops", &c->proof->orders, &e.orders}, {"schemes", &c->proof->size, &e.size}};
    for (int i = 0; i < 2; i++) {
        hd_wide_print(count[i].said, said);
        hd_wide_print(count[i].counted, counted);
        if (hd_wide_compare(count[i].said, count[i].counted) != 0)
            return hd_differs(out, "the space has %s %s, not %s", counted, count[i].what, said);
    }
    return true;
}

bool hd_declared_holds(const hd_claim *c, hd_recount *out)
{
    if (!c->proof->counted) {
        hd_unchecked(out, "the space (it was not counted)");
        return true;
    }
    if (!c->proof->plain) {
        hd_unchecked(out, "the space and its size (pins or constraints narrow it)");
        return true;
    }
    return words_hold(c, out) && sizes_hold(c, out);
}
