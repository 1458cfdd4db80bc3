/* Do the bounds of the optimal solver hold?  Random tiles under random keep sets, in random orders: the model's price is
 * never less than the bound of the tiles, no order is better than the best of those that are offered, and that one costs
 * what the bound says more often than not.                                                             */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "rich.h"
#include "solve/optimal.h"

static hd_form form;
static opt o;
static int checked, tight;

static void shuffle(hd_random *r, unsigned char *list, int n)
{
    for (int i = n - 1; i > 0; i--) {
        int j = (int)hd_random_below(r, i + 1);
        unsigned char t = list[i];
        list[i] = list[j];
        list[j] = t;
    }
}

/* One option of each block at random; false where they do not fit. */
static bool draw_tiles(hd_random *r, opt_node *node)
{
    *node = (opt_node){.loops = {0}};
    for (int i = 0; i < o.row; i++) node->row[i] = 1;
    for (int b = 0; b < o.blocks; b++) {
        if (o.block[b].options == 0) return false;
        o.chosen[b] = (int)hd_random_below(r, o.block[b].options);
        opt_take(&o, node, &o.block[b], o.chosen[b], node);
    }
    for (int l = 1; l <= o.last; l++)
        if ((o.mask >> l & 1u) && !node->loops[l]) return false;
    return opt_fits(&o, node->row);
}

static double price(hd_random *r)
{
    hd_scheme scheme;
    hd_breakdown got;
    for (int l = 1; l < form.levels; l++)
        if (form.ordered[l]) shuffle(r, o.draft.order[l], form.dims);
    if (!hd_draft_decode(&form, &o.draft, &scheme) || !hd_model_native.fits(o.p, &scheme, NULL)) return INFINITY;
    hd_model_native.price(o.p, &scheme, &got);
    return hd_price_objective(&got, o.inc->objective);
}

static void check_tiles(hd_random *r, uint64_t i)
{
    enum { ORDERS = 24 };
    opt_node node;
    int inner[HD_MAX_LEVELS];
    double least = INFINITY;
    if (!draw_tiles(r, &node)) return;
    hd_incumbent_init(o.inc, &hd_model_native, o.p, o.inc->objective);
    double joint = opt_joint_bound(&o, &node, inner), apart = opt_bound(&o, &node, INFINITY);
    opt_choose_tiles(&o);
    if (!hd_draft_fans_hold(&form, &o.draft)) return;
    for (int k = 0; k < ORDERS; k++) least = fmin(least, price(r));
    if (least < joint * (1 - 1e-12) || least < apart * (1 - 1e-12) || (!o.ragged && joint < apart * (1 - 1e-12)))
        fail_msg("case %llu: price %.17g, bound of the tiles %.17g, apart %.17g", (unsigned long long)i, least, joint, apart);
    opt_offer_orders(&o, &node);
    if (isfinite(least) && !(o.inc->cost <= least * (1 + 1e-12)))
        fail_msg("case %llu: an order costs %.17g, the best one offered %.17g", (unsigned long long)i, least, o.inc->cost);
    checked++;
    tight += least <= joint * (1 + 1e-12);
}

/* Tiles of a problem under one keep set. */
static void check_problem(small_case *c, bool ragged, uint64_t i)
{
    hd_space space;
    hd_random r;
    hd_incumbent inc;
    hd_budget budget = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    unsigned keep[HD_MAX_LEVELS] = {0};
    hd_random_seed(&r, 18, i);
    hd_space_init(&space, &c->problem, HD_SPACE_FREE, ragged, true);
    hd_incumbent_init(&inc, &hd_model_native, &c->problem, c->objective);
    assert_int_equal(hd_form_init(&form, &space, NULL), HD_OK);
    if (opt_begin(&o, &form, &budget, &inc, arena)) {
        for (int l = 0; l < form.levels; l++)
            keep[l] = form.keep_most[l] & ~(form.keep_free[l] & (unsigned)hd_random_below(&r, 16));
        if (opt_enter(&o, keep, (unsigned)hd_random_below(&r, 1 << o.last) << 1))
            for (int k = 0; k < 24; k++) check_tiles(&r, i);
    }
    hd_arena_free(arena);
}

/* One of so many bounds is met at least. */
static void expect_tight(int least_checked, int of)
{
    assert_true(checked > least_checked);
    assert_true(tight > checked / of);
    print_message("%d tiles, %d bounds met by one of the orders tried\n", checked, tight);
    checked = tight = 0;
}

static void prices_stay_above(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1200; i++) {
        small_case c;
        rich_problem(17, i, &c);
        check_problem(&c, false, i);
    }
    expect_tight(4000, 2);
}

/* Extents of which hardly anything divides: last pieces alone, units that idle. */
static void prices_of_ragged_tiles_stay_above(void **state)
{
    static const int64_t extent[] = {1, 3, 5, 7, 10, 11, 13};
    (void)state;
    for (uint64_t i = 0; i < 1500; i++) {
        small_case c;
        hd_random r;
        hd_error err = {0};
        hd_conv_shape s = {.axes = 1, .n = 1, .groups = 1, .out = {1, 1, 1}, .kernel = {1, 1, 1}, .stride = {1, 1, 1},
                           .dilation = {1, 1, 1}};
        rich_problem(19, i, &c);
        hd_random_seed(&r, 20, i);
        s.k = pick(&r, extent, 7);
        s.c = pick(&r, extent, 7);
        s.out[0] = pick(&r, extent, 7);
        s.kernel[0] = 1 + hd_random_below(&r, 3);
        s.stride[0] = 1 + hd_random_below(&r, 2);
        hd_status status = hd_random_below(&r, 3) ? hd_kind_matmul(1, s.k, s.c, s.out[0], false, &c.op, &err)
                                                  : hd_kind_conv(&s, &c.op, &err);
        assert_int_equal(status, HD_OK);
        check_problem(&c, true, i);
    }
    expect_tight(2000, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prices_stay_above),
                                       cmocka_unit_test(prices_of_ragged_tiles_stay_above)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
