/* Laws of the optimum on small exhausted spaces: more of anything never costs more, no bound passes a cost, loops of
 * one iteration are free to move.  Laws of every scheme: words that come into a level leave the level outside.   */
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
        hd_breakdown before = {0}, after = {0}; /* what lies past the levels is nobody's */
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

/* ---- words in = words out of the level outside ---- */
typedef struct tally { int even, spread, summed, chains, registers; } tally;

/* Copies of `level`s s + 1 .. l that one word may reach (or that may add up into one). */
static int64_t group(const small_case *c, const hd_scheme *s, int from, int to, hd_role role)
{
    int64_t copies = 1;
    for (int l = from + 1; l <= to; l++)
        for (int i = 0; i < s->level[l].stacks; i++) {
            int axis = s->level[l].stack[i].axis;
            bool joins = role == HD_O ? c->arch.level[l].reduce[axis] : (c->arch.level[l].multicast[axis] >> role & 1u) != 0;
            if (joins) copies *= s->level[l].stack[i].copies;
        }
    return copies;
}

/* One side counts per group, the other per instance: equal without groups, and never more than a group apart. */
static void assert_grouped(int64_t outside, int64_t inside, int64_t copies, int *even, int *apart)
{
    assert_true(outside <= inside);
    assert_true(inside <= outside * copies);
    *even += inside > 0 && copies == 1;
    *apart += outside < inside;
}

/* Results that level l (the MACs too) sends out, one per instance and word: deliveries are these and the words loaded. */
static int64_t sent(const hd_breakdown *b, int l) { return b->deliveries[l][HD_O] - b->access[l][HD_O].fills; }

static void outputs_come_out(const small_case *c, const hd_scheme *s, const hd_breakdown *b, const int *keeper, int n, tally *t)
{
    bool stacks = false;
    int64_t words = hd_tensor_words(&c->op, HD_O);
    for (int l = 1; l < s->levels; l++) stacks = stacks || s->level[l].stacks > 0;
    for (int i = 1; i < n; i++) {
        int outside = keeper[i - 1], l = keeper[i];
        const hd_access *out = &b->access[outside][HD_O];
        assert_grouped(out->updates, sent(b, l), group(c, s, outside, l, HD_O), &t->even, &t->summed);
        int64_t drained = i > 1 ? sent(b, outside) : 0; /* reads outside: to drain, to load, and to add what nobody had loaded */
        int64_t added = out->reads - drained - b->access[l][HD_O].fills;
        assert_true(added >= 0 && added <= out->updates);
        if (stacks) continue;
        assert_int_equal(added, 0);
        assert_int_equal(out->updates - b->access[l][HD_O].fills, words); /* all but the first visit bring the old sum */
        t->chains++;
    }
    int inner = keeper[n - 1], mac = s->levels - 1;
    bool held = c->arch.level[mac].operand_register & HD_ROLE_BIT(HD_O);
    if (stacks || c->op.vector) return;
    int64_t loads = b->access[inner][HD_O].reads - (n > 1 ? sent(b, inner) : 0);
    assert_int_equal(b->access[inner][HD_O].updates - loads, words);
    if (!held) assert_int_equal(b->access[inner][HD_O].updates, hd_operator_points(&c->op));
}

static void operands_come_in(const small_case *c, const hd_scheme *s, const hd_breakdown *b, hd_role role, const int *keeper,
                             int n, tally *t)
{
    int mac = s->levels - 1;
    for (int i = 1; i < n; i++)
        assert_grouped(b->access[keeper[i - 1]][role].reads, b->access[keeper[i]][role].fills,
                       group(c, s, keeper[i - 1], keeper[i], role), &t->even, &t->spread);
    assert_int_equal(b->access[keeper[0]][role].fills, 0); /* it was always there */
    if (c->op.vector) return;
    int64_t reads = b->access[keeper[n - 1]][role].reads, needed = b->deliveries[mac][role];
    assert_grouped(reads, needed, group(c, s, keeper[n - 1], mac, role), &t->even, &t->spread);
    assert_true(needed <= hd_operator_points(&c->op));
    bool held = c->arch.level[mac].operand_register & HD_ROLE_BIT(role);
    if (!held) assert_int_equal(needed, hd_operator_points(&c->op)); /* these operators have no padding */
    t->registers += held;
}

static void words_in_are_words_out(void **state)
{
    tally t = {0};
    (void)state;
    for (uint64_t i = 0; i < 600; i++) {
        small_case c;
        hd_space space;
        hd_random random;
        hd_scheme scheme;
        hd_breakdown price;
        small_problem(14, i, &c);
        hd_random_seed(&random, 14, i);
        for (int l = 1; l < c.arch.levels; l++)
            for (int r = 0; r < HD_ROLES; r++) c.arch.level[l].delivery_pj[r] = 1; /* have deliveries counted */
        if (c.arch.levels == 4 && hd_random_below(&random, 4) == 0) c.problem.home[hd_random_below(&random, 2)] = 1;
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, hd_random_below(&random, 2), true);
        for (int k = 0; k < 20; k++) {
            hd_space_sample(&space, &random, &scheme);
            if (!hd_model_native.fits(&c.problem, &scheme, NULL)) continue;
            hd_model_native.price(&c.problem, &scheme, &price);
            for (int r = 0; r < HD_ROLES; r++) {
                int keeper[HD_MAX_LEVELS], n = 0;
                for (int l = 0; l < scheme.levels - 1; l++)
                    if (hd_scheme_keeps(&c.problem, &scheme, l, (hd_role)r)) keeper[n++] = l;
                if (!c.op.tensor[r].used) continue;
                if (r == HD_O) outputs_come_out(&c, &scheme, &price, keeper, n, &t);
                else operands_come_in(&c, &scheme, &price, (hd_role)r, keeper, n, &t);
            }
        }
    }
    print_message("one to one %d, multicast %d, reduced %d, chains of one unit %d, registers %d\n", t.even, t.spread, t.summed,
                  t.chains, t.registers);
    assert_true(t.even > 1000 && t.spread > 500 && t.summed > 200 && t.chains > 500 && t.registers > 100);
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
        cmocka_unit_test(words_in_are_words_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
