/* Are tile sizes complete, samples legal, and the count of a space right? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "small.h"
#include "solve/draft.h"

static void sizes_are_exactly_the_useful_ones(void **state)
{
    (void)state;
    for (int ragged = 0; ragged < 2; ragged++)
        for (int64_t e = 1; e <= 600; e++) {
            hd_space space = {.ragged = ragged};
            int64_t size[HD_MAX_SIZES];
            int n = hd_space_sizes(&space, e, size, HD_MAX_SIZES), at = 0;
            for (int64_t v = 1; v <= e; v++) {
                bool useful = false;
                for (int64_t k = 1; k <= e && !useful; k++) useful = ragged ? (e + k - 1) / k == v : v * k == e;
                if (!useful) continue;
                assert_true(at < n);
                assert_int_equal(size[at++], v);
            }
            assert_int_equal(at, n);
        }
}

static void huge_extents_keep_both_ends(void **state)
{
    hd_space space = {.ragged = true};
    int64_t size[64];
    int n = hd_space_sizes(&space, 1000000007, size, 64);
    (void)state;
    assert_in_range(n, 2, 64);
    assert_int_equal(size[0], 1);
    assert_int_equal(size[n - 1], 1000000007);
    for (int i = 1; i < n; i++) assert_true(size[i - 1] < size[i]);
}

static void samples_are_legal(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        small_case c;
        hd_space space;
        hd_random random;
        hd_scheme scheme;
        hd_refusal why = {0};
        small_problem(3, i, &c);
        hd_random_seed(&random, 3, i);
        hd_space_init(&space, &c.problem, i % 2 ? HD_SPACE_FREE : HD_SPACE_TEMPLATE, c.ragged, c.bypass);
        for (int k = 0; k < 20; k++) {
            hd_space_sample(&space, &random, &scheme);
            bool legal = hd_scheme_is_legal(&c.problem, &scheme, &why);
            if (!legal) print_message("case %d: %s\n", (int)i, why.why);
            assert_true(legal);
        }
    }
}

static void divisor_chains_are_counted(void **state)
{
    hd_error err;
    small_case c;
    hd_space space;
    (void)state;
    small_problem(4, 0, &c);
    assert_int_equal(hd_kind_matmul(1, 8, 6, 1, false, &c.op, &err), HD_OK);
    memset(&c.arch, 0, sizeof c.arch);
    small_level(&c.arch.level[0], "DRAM", 1, 0, false);
    small_level(&c.arch.level[1], "RF", 1, 100, false);
    small_level(&c.arch.level[2], "MAC", 1, 0, false);
    c.arch.levels = 3;
    c.arch.vector_at = 2;
    assert_int_equal(hd_arch_check(&c.arch, &err), HD_OK);
    hd_space_init(&space, &c.problem, HD_SPACE_FREE, false, false);
    /* two slots per dim: 4 divisors of 8, 4 of 6; two loops at one level: 2 orders */
    assert_true(fabs(hd_space_log10(&space) - log10(4 * 4 * 2)) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_exactly_the_useful_ones),
        cmocka_unit_test(huge_extents_keep_both_ends),
        cmocka_unit_test(samples_are_legal),
        cmocka_unit_test(divisor_chains_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
