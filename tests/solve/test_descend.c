/* Is the default solver close to the optimum, on problems small enough to know it? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "small.h"

enum { PROBLEMS = 200 };

static void at_most_a_tenth_above_the_optimum(void **state)
{
    double sum = 0, worst = 1;
    int solved = 0, none = 0;
    (void)state;
    for (uint64_t i = 0; solved + none < PROBLEMS; i++) {
        small_case c;
        hd_incumbent best, found;
        small_problem(1, i, &c);
        if (small_log10(&c) > 4.3) continue;
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &best), HD_OK);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 1, 0, &found), HD_OK);
        assert_int_equal(best.found, found.found);
        if (!best.found) {
            assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
            none++;
            continue;
        }
        assert_int_equal(best.outcome, HD_OUTCOME_OPTIMAL);
        assert_true(hd_scheme_is_legal(&c.problem, &found.scheme, NULL));
        assert_true(found.cost >= best.cost);
        double ratio = best.cost > 0 ? found.cost / best.cost : 1;
        if (ratio > 1.1)
            print_message("case %d: %.4f above the optimum after %lld of %lld\n", (int)i, ratio - 1,
                          (long long)found.evaluations, (long long)best.evaluations);
        worst = fmax(worst, ratio);
        sum += ratio;
        solved++;
    }
    print_message("descend: %d problems, mean %.5f, worst %.5f, %d fit nothing\n", solved, sum / solved, worst, none);
    assert_true(solved > PROBLEMS / 2);
    assert_true(worst <= 1.10);
    assert_true(sum / solved <= 1.03);
}

static void same_seed_same_answer(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        small_case c;
        hd_incumbent a, b;
        small_problem(2, i, &c);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 7, 500, &a), HD_OK);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 7, 500, &b), HD_OK);
        assert_int_equal(a.found, b.found);
        assert_int_equal(a.evaluations, b.evaluations);
        if (a.found) assert_true(hd_scheme_equal(&a.scheme, &b.scheme));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_a_tenth_above_the_optimum),
        cmocka_unit_test(same_seed_same_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
