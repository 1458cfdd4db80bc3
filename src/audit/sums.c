/* What can be said of a proof without looking at its space: the parts make the whole, none speaks against the answer, and
 * each argument has the sums that it can have.  Below chosen blocks (depth > 0) a priced leaf is so many orders by price and
 * the others by order, and other choices are merged with it: neither stands without a price at its depth.          */
#include <math.h>

#include "audit/recount.h"
#include "audit/steps.h"

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

static bool is_log10(const hd_wide *size, double log10)
{
    return isnan(log10) || hd_wide_is_zero(size) || fabs(hd_wide_log10(size) - log10) <= 1e-9 * fmax(1, fabs(log10));
}

static bool answer_holds(const hd_claim *c, hd_recount *out)
{
    hd_wide rest = hd_proof_rest(c->proof);
    if (c->proof->counted && !hd_wide_is_zero(&rest)) return hd_differs(out, "the parts do not add up to the space");
    if (c->proof->counted && !is_log10(&c->proof->size, c->proof->log10))
        return hd_differs(out, "the space is 10^%.9g schemes, not 10^%.9g", hd_wide_log10(&c->proof->size), c->proof->log10);
    if (c->found && c->lower_bound > c->cost * (1 + 1e-12))
        return hd_differs(out, "the lower bound %.17g lies above the cost %.17g", c->lower_bound, c->cost);
    if (c->found && c->proved && !near(c->lower_bound, c->cost))
        return hd_differs(out, "said to be proved, but the lower bound is %.17g, the cost %.17g", c->lower_bound, c->cost);
    return true;
}

/* A sum of one argument against the answer. */
static bool sum_holds(const hd_claim *c, hd_argument a, const hd_proof_sum *sum, hd_recount *out)
{
    hd_wide least = hd_wide_of((uint64_t)sum->times);
    if (!is_log10(&sum->size, sum->log10))
        return hd_differs(out, "a part discarded by '%s' has 10^%.9g schemes, not 10^%.9g", hd_argument_name(a),
                          hd_wide_log10(&sum->size), sum->log10);
    if (hd_wide_compare(&sum->size, &least) < 0)
        return hd_differs(out, "%lld parts discarded by '%s' have fewer schemes", (long long)sum->times, hd_argument_name(a));
    if (a == HD_UNSEEN && c->proved) return hd_differs(out, "said to be proved, but a part was left unseen");
    if (a == HD_BY_ROOM && isfinite(sum->bound))
        return hd_differs(out, "there is said to be no room in a part that may cost %.17g", sum->bound);
    if (sum->bound < c->lower_bound * (1 - 1e-12) || (c->proved && !c->found && isfinite(sum->bound)))
        return hd_differs(out, "a part discarded by '%s' may cost %.17g, below the lower bound %.17g", hd_argument_name(a),
                          sum->bound, c->lower_bound);
    return true;
}

/* Leaves priced at a depth: their orders are priced or of the others, no more and no fewer. */
static bool leaves_hold(const hd_proof *proof, int d, hd_recount *out)
{
    const hd_proof_sum *price = &proof->sum[HD_BY_PRICE][d], *order = &proof->sum[HD_BY_ORDER][d];
    const hd_proof_sum *merged = &proof->sum[HD_BY_MERGING][d];
    hd_wide all = proof->orders, told = price->size;
    hd_wide_add(&told, &order->size);
    if (order->times > price->times || merged->times > price->times)
        return hd_differs(out, "at depth %d more parts stand by 'order' or 'merging' than by 'price'", d);
    if (d == 0 || hd_wide_is_zero(&told)) return true;
    if (!hd_wide_multiply(&all, (uint64_t)price->times) || hd_wide_compare(&all, &told) != 0)
        return hd_differs(out, "at depth %d the sums of 'price' and 'order' are not all orders of %lld choices of tiles", d,
                          (long long)price->times);
    return true;
}

bool hd_sums_hold(const hd_claim *c, hd_recount *out)
{
    double least = INFINITY;
    if (!answer_holds(c, out)) return false;
    for (int d = 0; d < HD_PROOF_DEPTHS && c->proof->counted; d++) {
        for (int a = 0; a < HD_ARGUMENTS; a++) {
            const hd_proof_sum *sum = &c->proof->sum[a][d];
            if (hd_wide_is_zero(&sum->size)) continue;
            if (!sum_holds(c, (hd_argument)a, sum, out)) return false;
            least = fmin(least, sum->bound);
        }
        if (!leaves_hold(c->proof, d, out)) return false;
    }
    if (c->proof->counted && c->found && least > c->cost * (1 + 1e-12))
        return hd_differs(out, "every part is said to cost %.17g or more: none can have the best scheme, at %.17g", least,
                          c->cost);
    return true;
}
