/* A batch has the numbers of single prices, for families of schemes that differ by moved factors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dataflow/move.h"
#include "roads.h"
#include "workload/kinds.h"

enum { CHIPS = 12, DRAWS = 24 };

static void assert_same(const hd_breakdown *a, const hd_breakdown *b, int levels)
{
    assert_same_counts(a, b, levels);
    assert_memory_equal(a->instances, b->instances, (size_t)levels * sizeof *a->instances);
    assert_int_equal(a->computes, b->computes);
    for (int l = 0; l < levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            assert_true(a->level_pj[l][r] == b->level_pj[l][r]);
            assert_true(a->network_pj[l][r] == b->network_pj[l][r]);
        }
    assert_true(a->mac_pj == b->mac_pj && a->vector_pj == b->vector_pj && a->static_pj == b->static_pj);
    assert_true(a->energy_pj == b->energy_pj && a->edp == b->edp);
}

/* Neighbours of the first scheme; where a try fails it stands there again.  Returns how many differ from it. */
static int draw_family(hd_random *r, const hd_problem *p, hd_scheme family[HD_LANES])
{
    int moved = 0;
    for (int x = 1; x < HD_LANES; x++) {
        family[x] = family[0];
        for (int tries = 0; tries < 50; tries++) {
            int dim = (int)hd_random_below(r, p->op->dims), n = hd_scheme_directives(&family[0], dim);
            if (n < 2 || !hd_scheme_move_factor(&family[x], dim, (int)hd_random_below(r, n), (int)hd_random_below(r, n),
                                                2 + hd_random_below(r, 2)))
                continue;
            if (!hd_scheme_is_legal(p, &family[x], NULL) || !hd_native_fits(p, &family[x], NULL)) family[x] = family[0];
        }
        moved += !hd_scheme_equal(&family[0], &family[x]);
    }
    return moved;
}

/* In lanes of this machine's every width. */
static void compare_widths(const hd_pricer *pricer, const hd_scheme *const s[HD_LANES])
{
    hd_batch batch;
    int i = 0;
    for (native_batch_way *way; (way = hd_native_batch_way(i)); i++) {
        assert_true(way(&pricer->ready, s, &batch));
        for (int x = 0; x < HD_LANES; x++) {
            hd_breakdown single, lane;
            hd_pricer_price(pricer, s[x], &single);
            hd_pricer_lane(pricer, &batch, x, &lane);
            assert_same(&single, &lane, s[x]->levels);
        }
    }
    assert_ptr_equal(hd_native_batch_way(i - 1), hd_native_batch_2);
}

/* Returns how many schemes other than the first were priced in a batch. */
static int compare(const hd_pricer *pricer, const hd_scheme family[HD_LANES], int moved)
{
    const hd_scheme *s[HD_LANES];
    hd_batch batch;
    for (int x = 0; x < HD_LANES; x++) s[x] = &family[x];
    if (!hd_pricer_batch(pricer, s, &batch)) return 0;
    compare_widths(pricer, s);
    return moved;
}

typedef struct batches { hd_scheme family[HD_LANES]; int priced; } batches;

static void compare_family(hd_random *r, const hd_problem *p, const hd_scheme *s, void *user)
{
    batches *all = user;
    hd_pricer pricer;
    hd_pricer_init(&pricer, &hd_model_native, p);
    all->family[0] = *s;
    all->priced += compare(&pricer, all->family, draw_family(r, p, all->family));
}

static void compare_families(hd_random *r, const hd_problem *p, void *user)
{
    draw_schemes(r, p, false, DRAWS, compare_family, user);
}

static void batches_are_single_prices(void **state)
{
    batches *all = malloc(sizeof *all);
    (void)state;
    assert_non_null(all);
    all->priced = 0;
    draw_problems(21, CHIPS, add_rates, compare_families, all);
    assert_true(all->priced > 1000);
    free(all);
}

/* Other directives, or shifts that do not divide: one by one. */
static void unlike_and_ragged_schemes_are_refused(void **state)
{
    hd_arch chip;
    hd_operator op;
    hd_random r;
    hd_error err = {0};
    hd_pricer pricer;
    hd_batch batch;
    hd_scheme one, other;
    (void)state;
    hd_random_seed(&r, 22, 0);
    draw_chip(&r, &chip);
    assert_int_equal(hd_kind_parse("matmul(M=6,N=4,K=4)", &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &chip};
    hd_pricer_init(&pricer, &hd_model_native, &p);
    hd_scheme_trivial(&p, &one);
    other = one;
    const hd_scheme *s[HD_LANES] = {&one, &one, &one, &one, &one, &one, &one, &other};
    assert_true(hd_pricer_batch(&pricer, s, &batch));
    other.level[1].update[0] = one.level[1].update[1];
    other.level[1].update[1] = one.level[1].update[0];
    assert_false(hd_pricer_batch(&pricer, s, &batch)); /* another order */
    other = one;
    other.level[chip.levels - 2].keep ^= HD_ROLE_BIT(HD_W);
    assert_false(hd_pricer_batch(&pricer, s, &batch)); /* another keep */
    int m = hd_operator_dim(&op, "M");
    one.level[2].update[one.level[2].updates++] = (hd_update){m, 1};
    other = one;
    assert_true(hd_pricer_batch(&pricer, s, &batch));
    for (int i = 0; i < other.level[1].updates; i++)
        if (other.level[1].update[i].dim == m) other.level[1].update[i].step = 4; /* 4 and 2 */
    other.level[1].tensor[m] = 4;
    assert_true(hd_scheme_is_legal(&p, &other, NULL));
    assert_false(hd_pricer_batch(&pricer, s, &batch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(batches_are_single_prices),
                                       cmocka_unit_test(unlike_and_ragged_schemes_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
