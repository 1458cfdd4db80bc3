/* Which scheme is kept, and which misfit is remembered? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "small.h"

/* A model whose prices the test writes: energy = first box of level 1, cycles = second. */
static bool fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    int64_t need = s->level[1].tensor[0];
    (void)p;
    if (need <= 10) return true;
    if (out) *out = (hd_refusal){HD_REFUSE_CAPACITY, 1, HD_W, -1, need, 10, "too large"};
    return false;
}

static void price(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    (void)p;
    memset(out, 0, sizeof *out);
    out->energy_pj = (double)s->level[1].tensor[0];
    out->latency_cycles = s->level[1].tensor[1];
    out->edp = out->energy_pj * (double)out->latency_cycles;
}

static void bound(const hd_problem *p, hd_bound *out)
{
    (void)p;
    *out = (hd_bound){2, 3, 6};
}

static const hd_model toy = {.name = "toy", .fits = fits, .price = price, .bound = bound};

static double offer(hd_incumbent *inc, hd_budget *b, int64_t energy, int64_t cycles)
{
    hd_scheme s;
    memset(&s, 0, sizeof s);
    s.levels = 2;
    s.level[1].tensor[0] = energy;
    s.level[1].tensor[1] = cycles;
    return hd_incumbent_offer(inc, b, &s);
}

static void the_cheapest_stays_and_ties_go_to_edp(void **state)
{
    hd_incumbent inc;
    hd_budget b = {0};
    (void)state;
    hd_incumbent_init(&inc, &toy, NULL, HD_ENERGY);
    assert_true(inc.lower_bound == 2);
    assert_true(offer(&inc, &b, 7, 5) == 7);
    assert_true(offer(&inc, &b, 9, 1) == 9);
    assert_true(inc.cost == 7);
    offer(&inc, &b, 7, 4);
    assert_int_equal(inc.price.latency_cycles, 4);
    offer(&inc, &b, 7, 6);
    assert_int_equal(inc.price.latency_cycles, 4);
    assert_int_equal(inc.evaluations, 4);
    assert_int_equal(b.used, 4);
}

static void the_smallest_misfit_is_remembered(void **state)
{
    hd_incumbent inc;
    hd_budget b = {0};
    (void)state;
    hd_incumbent_init(&inc, &toy, NULL, HD_LATENCY);
    assert_true(isinf(offer(&inc, &b, 20, 1)));
    assert_true(isinf(offer(&inc, &b, 13, 1)));
    assert_true(isinf(offer(&inc, &b, 15, 1)));
    assert_int_equal(inc.nearest.need, 13);
    assert_int_equal(inc.nearest.have, 10);
    assert_false(inc.found);
}

static void outcomes_say_how_it_ended(void **state)
{
    hd_incumbent inc;
    hd_budget b = {.evaluations = 1};
    (void)state;
    hd_incumbent_init(&inc, &toy, NULL, HD_EDP);
    hd_incumbent_close(&inc, &b, true);
    assert_int_equal(inc.outcome, HD_OUTCOME_INFEASIBLE);
    hd_incumbent_close(&inc, &b, false);
    assert_int_equal(inc.outcome, HD_OUTCOME_EXHAUSTED); /* nothing found, nothing proved */
    offer(&inc, &b, 5, 5);
    hd_incumbent_close(&inc, &b, false);
    assert_int_equal(inc.outcome, HD_OUTCOME_EXHAUSTED);
    b.interrupted = true;
    hd_incumbent_close(&inc, &b, false);
    assert_int_equal(inc.outcome, HD_OUTCOME_INTERRUPTED);
    hd_incumbent_close(&inc, &b, true);
    assert_int_equal(inc.outcome, HD_OUTCOME_OPTIMAL);
    assert_true(inc.lower_bound == inc.cost);
}

static bool serves_nothing(const hd_problem *p, hd_refusal *out)
{
    (void)p;
    *out = (hd_refusal){HD_REFUSE_MODEL, -1, -1, -1, 0, 0, "no such work"};
    return false;
}

static void what_the_model_does_not_serve_is_infeasible(void **state)
{
    static const hd_solver *const solver[] = {&hd_solver_exhaustive, &hd_solver_random, &hd_solver_descend};
    (void)state;
    for (int s = 0; s < 3; s++) {
        hd_model idle = hd_model_native;
        small_case c;
        hd_incumbent inc;
        hd_space space;
        hd_random random;
        hd_error err;
        hd_budget budget = {0};
        hd_arena *arena = hd_arena_new(NULL, 0);
        idle.serves = serves_nothing;
        small_problem(8, 0, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, false, false);
        hd_incumbent_init(&inc, &idle, &c.problem, HD_ENERGY);
        hd_budget_start(&budget);
        hd_random_seed(&random, 1, 0);
        assert_int_equal(solver[s]->run(solver[s], &space, NULL, &budget, &random, arena, &inc, &err), HD_OK);
        assert_false(inc.found);
        assert_int_equal(inc.outcome, HD_OUTCOME_INFEASIBLE);
        assert_string_equal(inc.nearest.why, "no such work");
        hd_arena_free(arena);
    }
}

/* Who declines is named; a model that serves the problem is not spoken of. */
static void a_solver_that_declines_is_named(void **state)
{
    hd_incumbent inc;
    const hd_refusal model = {.kind = HD_REFUSE_MODEL, .level = -1, .role = -1, .dim = -1, .why = "no such machine"};
    const hd_refusal pins = {.kind = HD_REFUSE_CONSTRAINT, .level = -1, .role = -1, .dim = -1, .why = "no pins"};
    (void)state;
    memset(&inc, 0, sizeof inc);
    hd_incumbent_decline(&inc, "directives", &model);
    assert_true(inc.unserved && inc.outcome == HD_OUTCOME_INFEASIBLE);
    assert_int_equal(inc.nearest.kind, HD_REFUSE_SOLVER);
    assert_string_equal(inc.nearest.why, "the solver directives cannot be used: no such machine");
    hd_incumbent_decline(&inc, "kapla", &pins);
    assert_int_equal(inc.nearest.kind, HD_REFUSE_CONSTRAINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheapest_stays_and_ties_go_to_edp),
        cmocka_unit_test(the_smallest_misfit_is_remembered),
        cmocka_unit_test(outcomes_say_how_it_ended),
        cmocka_unit_test(what_the_model_does_not_serve_is_infeasible),
        cmocka_unit_test(a_solver_that_declines_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
