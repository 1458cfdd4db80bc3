/* Is the optimal solver's answer the best of the space under Timeloop's model?  It must equal the exhaustive one under every
 * objective; and the bounds it cuts by must hold for tiles and orders drawn at random, in spaces that nobody exhausts.
 * With an argument: so many times as many cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "timely.h"
#include "solve/optimal.h"

static int times = 1;

static hd_status run(const hd_solver *solver, const hd_space *space, hd_objective objective, bool seed, hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = 0};
    const double values[] = {seed, small_cut(space)};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_timeloop, space->problem, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const double *options = solver == &hd_solver_optimal ? values : NULL;
    hd_status status = solver->run(solver, space, options, &budget, &random, arena, out, &err);
    hd_arena_free(arena);
    return status;
}

static void compare(const hd_space *space, hd_objective objective, uint64_t i)
{
    hd_incumbent best, found;
    hd_status wanted = run(&hd_solver_exhaustive, space, objective, true, &best);
    assert_int_equal(run(&hd_solver_optimal, space, objective, i % 4 == 0, &found), wanted);
    if (wanted != HD_OK) return;
    bool same = !best.found || fabs(found.cost - best.cost) <= 1e-12 * fabs(best.cost);
    if (best.found != found.found || !same || best.outcome != found.outcome)
        fail_msg("case %llu (%s%s%s%s): exhaustive %.17g, optimal %.17g, outcomes %d and %d", (unsigned long long)i,
                 hd_objective_name(objective), space->bypass ? ", bypass" : "", space->constraints ? ", constraints" : "",
                 space->pin ? ", pins" : "", best.cost, found.cost, (int)best.outcome, (int)found.outcome);
    assert_true(!best.found || found.lower_bound <= best.cost);
}

static void equals_exhaustive(void **state)
{
    (void)state;
    for (int i = 0, seen = 0; seen < 150 * times; i++) {
        static timely_space s;
        timely_draw(21, (uint64_t)i, false, &s);
        if (hd_space_log10(&s.rich.space) > 3.5) continue;
        compare(&s.rich.space, s.rich.c.objective, (uint64_t)i);
        seen++;
    }
}

/* ---- bounds ---- */

static hd_form form;
static opt o;
static int checked, tight;

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

/* The price under an order that the space has: loops without a fixed place shuffled. */
static double price(hd_random *r)
{
    hd_scheme scheme;
    hd_breakdown got;
    for (int l = 1; l < form.levels; l++) {
        unsigned char *list = o.draft.order[l];
        for (int i = form.dims - 1; form.ordered[l] && i > 0; i--) {
            int j = (int)hd_random_below(r, i + 1);
            unsigned char t = list[i];
            list[i] = list[j];
            list[j] = t;
        }
        hd_form_arrange(&form, l, list);
    }
    if (!hd_draft_decode(&form, &o.draft, &scheme) || !hd_model_timeloop.fits(o.p, &scheme, NULL)) return INFINITY;
    hd_model_timeloop.price(o.p, &scheme, &got);
    return hd_price_objective(&got, o.inc->objective);
}

static void check_tiles(hd_random *r, uint64_t i)
{
    enum { ORDERS = 24 };
    opt_node node;
    int inner[HD_MAX_LEVELS];
    double least = INFINITY;
    if (!draw_tiles(r, &node)) return;
    hd_incumbent_init(o.inc, &hd_model_timeloop, o.p, o.inc->objective);
    double joint = opt_joint_bound(&o, &node, inner), apart = opt_bound(&o, &node, INFINITY);
    opt_choose_tiles(&o);
    if (!hd_draft_fans_hold(&form, &o.draft)) return;
    for (int k = 0; k < ORDERS; k++) least = fmin(least, price(r));
    if (least < joint * (1 - 1e-12) || least < apart * (1 - 1e-12))
        fail_msg("case %llu: price %.17g, bound of the tiles %.17g, apart %.17g", (unsigned long long)i, least, joint, apart);
    opt_offer_orders(&o, &node);
    if (isfinite(least) && !(o.inc->cost <= least * (1 + 1e-12)))
        fail_msg("case %llu: an order costs %.17g, the best one offered %.17g", (unsigned long long)i, least, o.inc->cost);
    checked++;
    tight += least <= joint * (1 + 1e-12);
}

static void prices_stay_above(void **state)
{
    (void)state;
    for (int i = 0; i < 250 * times; i++) {
        static timely_space s;
        hd_random r;
        hd_incumbent inc;
        hd_budget budget = {0};
        hd_arena *arena = hd_arena_new(NULL, 0);
        unsigned keep[HD_MAX_LEVELS] = {0};
        timely_draw(22, (uint64_t)i, true, &s);
        hd_random_seed(&r, 23, (uint64_t)i);
        hd_incumbent_init(&inc, &hd_model_timeloop, &s.rich.c.problem, s.rich.c.objective);
        if (hd_form_init(&form, &s.rich.space, NULL) == HD_OK && form.refusal.kind == HD_LEGAL && !form.verbatim &&
            !form.unknown && opt_begin(&o, &form, &budget, &inc, arena)) {
            for (int l = 0; l < form.levels; l++)
                keep[l] = form.keep_most[l] & ~(form.keep_free[l] & (unsigned)hd_random_below(&r, 16));
            if (opt_enter(&o, keep, (unsigned)hd_random_below(&r, 1 << o.last) << 1))
                for (int k = 0; k < 24; k++) check_tiles(&r, (uint64_t)i);
        }
        hd_arena_free(arena);
    }
    assert_true(checked > 400 * times);
    assert_true(tight > checked / 3);
    print_message("%d tiles, %d bounds met by one of the orders tried\n", checked, tight);
}

int main(int count, char **arg)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(prices_stay_above), cmocka_unit_test(equals_exhaustive)};
    if (count > 1) times = (int)strtol(arg[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
