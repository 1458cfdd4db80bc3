/* Laws of the optimum on small exhausted spaces: more of anything never costs more, no bound passes a cost, loops of
 * one iteration are free to move.                                                                      */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "small.h"

enum { CASES = 40 };

typedef void (*gift)(hd_arch *arch);

static void more_capacity(hd_arch *a)
{
    for (int l = 1; l < a->levels - 1; l++) a->level[l].capacity += a->level[l].capacity / 2 + 1;
}

static void more_bandwidth(hd_arch *a)
{
    for (int l = 0; l < a->levels - 1; l++) a->level[l].read_bw *= 2;
}

static void unlimited_bandwidth(hd_arch *a)
{
    for (int l = 0; l < a->levels - 1; l++) a->level[l].read_bw = 0;
}

static void multicast_everywhere(hd_arch *a)
{
    for (int l = 1; l < a->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) a->level[l].multicast[axis] = 0xf;
}

static void more_units(hd_arch *a)
{
    for (int l = 1; l < a->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++)
            if (a->level[l].fan[axis] > 1) a->level[l].fan[axis]++;
}

/* The optimum of a chip with the gift is at most that of the chip without. */
static void never_costs_more(gift give)
{
    int seen = 0;
    for (uint64_t i = 0; seen < CASES; i++) {
        small_case c;
        hd_incumbent plain, gifted;
        small_problem(11, i, &c);
        c.arch.static_pj_per_cycle = 0; /* idle units and overlap are judged by cycles alone */
        if (small_log10(&c) > 3.3) continue;
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &plain), HD_OK);
        give(&c.arch);
        assert_int_equal(small_solve(&hd_solver_exhaustive, &c, 1, 0, &gifted), HD_OK);
        if (!plain.found) continue;
        assert_true(gifted.found);
        if (gifted.cost > plain.cost * (1 + 1e-12))
            print_message("case %d: %.9g without, %.9g with\n", (int)i, plain.cost, gifted.cost);
        assert_true(gifted.cost <= plain.cost * (1 + 1e-12));
        seen++;
    }
}

static void capacity(void **state) { (void)state; never_costs_more(more_capacity); }
static void bandwidth(void **state) { (void)state; never_costs_more(more_bandwidth); }
static void no_bandwidth_limit(void **state) { (void)state; never_costs_more(unlimited_bandwidth); }
static void multicast(void **state) { (void)state; never_costs_more(multicast_everywhere); }
static void units(void **state) { (void)state; never_costs_more(more_units); }

static hd_bound bound_of(const small_case *c)
{
    hd_bound b;
    hd_model_native.bound(&c->problem, &b);
    return b;
}

static void no_sample_passes_the_bound(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        small_case c;
        hd_space space;
        hd_random random;
        hd_scheme scheme;
        hd_breakdown price;
        small_problem(12, i, &c);
        hd_bound bound = bound_of(&c);
        hd_random_seed(&random, 12, i);
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, true, true);
        for (int k = 0; k < 30; k++) {
            hd_space_sample(&space, &random, &scheme);
            if (!hd_model_native.fits(&c.problem, &scheme, NULL)) continue;
            hd_model_native.price(&c.problem, &scheme, &price);
            assert_true(bound.energy_pj <= price.energy_pj);
            assert_true(bound.latency_cycles <= (double)price.latency_cycles);
            assert_true(bound.edp <= price.edp);
        }
    }
}

static void loops_of_one_iteration_are_free_to_move(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        small_case c;
        hd_space space;
        hd_random random;
        hd_scheme scheme;
        hd_breakdown before, after;
        small_problem(13, i, &c);
        hd_random_seed(&random, 13, i);
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, true, true);
        hd_space_sample(&space, &random, &scheme);
        if (!hd_model_native.fits(&c.problem, &scheme, NULL)) continue;
        hd_model_native.price(&c.problem, &scheme, &before);
        int l = 1 + (int)hd_random_below(&random, scheme.levels - 1), d = (int)hd_random_below(&random, c.op.dims);
        hd_scheme_level *level = &scheme.level[l];
        bool has = level->updates == HD_MAX_UPDATES;
        for (int k = 0; k < level->updates; k++) has = has || level->update[k].dim == d;
        for (int k = 0; k < level->stacks; k++) has = has || level->stack[k].dim == d;
        if (has || level->tensor[d] != scheme.level[l - 1].tensor[d]) continue;
        int at = (int)hd_random_below(&random, level->updates + 1);
        memmove(level->update + at + 1, level->update + at, (size_t)(level->updates++ - at) * sizeof *level->update);
        level->update[at] = (hd_update){d, level->tensor[d]};
        assert_true(hd_scheme_is_legal(&c.problem, &scheme, NULL));
        hd_model_native.price(&c.problem, &scheme, &after);
        assert_memory_equal(&before, &after, sizeof before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacity),
        cmocka_unit_test(bandwidth),
        cmocka_unit_test(no_bandwidth_limit),
        cmocka_unit_test(multicast),
        cmocka_unit_test(units),
        cmocka_unit_test(no_sample_passes_the_bound),
        cmocka_unit_test(loops_of_one_iteration_are_free_to_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
