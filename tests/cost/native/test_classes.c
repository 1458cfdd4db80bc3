/* Classes of states against a list of all states: each class as often as there are states that look like it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"

/* How often each look is still wanted: states add, classes take away. */
typedef struct tally { int n; struct { brute_state look; int64_t states; } of[2 * DRAW_EXTENT]; } tally;

static int by_place(const void *a, const void *b)
{
    int64_t x = ((const class_unit *)a)->lo, y = ((const class_unit *)b)->lo;
    return x < y ? -1 : x > y;
}

/* Seen from the first unit: where a state lies does not matter. */
static void count_look(tally *t, const class_unit *unit, int units, int64_t states)
{
    brute_state look;
    memset(&look, 0, sizeof look);
    look.units = units;
    memcpy(look.unit, unit, (size_t)units * sizeof *unit);
    qsort(look.unit, (size_t)units, sizeof *look.unit, by_place);
    int64_t origin = look.unit[0].lo;
    for (int i = 0; i < units; i++) {
        class_unit *u = &look.unit[i];
        u->lo -= origin, u->hi -= origin, u->old_lo -= origin, u->old_hi -= origin;
    }
    int k = 0;
    while (k < t->n && memcmp(&t->of[k].look, &look, sizeof look) != 0) k++;
    if (k == t->n) {
        assert_true(k < 2 * DRAW_EXTENT);
        t->of[t->n++].look = look;
        t->of[k].states = 0;
    }
    t->of[k].states += states;
}

/* Returns whether there were classes. */
static bool assert_classes(const nest *n, const nest_view *v, int cut, int own)
{
    brute_state state[DRAW_EXTENT];
    classes c;
    tally t = {.n = 0};
    int64_t units = 0;
    int states = brute_states(n, 0, v, cut, own, state);
    for (int i = 0; i < states; i++) {
        count_look(&t, state[i].unit, state[i].units, 1);
        units += state[i].units;
    }
    if (!hd_classes_of(n, 0, v, cut, own, &c)) { /* only where there may be too many */
        assert_true(states > HD_MAX_CLASSES || units > HD_MAX_CLASS_UNITS);
        return false;
    }
    assert_true(c.n <= states);
    for (int i = 0; i < c.n; i++) count_look(&t, &c.unit[c.of[i].first], c.of[i].units, -c.of[i].states);
    for (int i = 0; i < t.n; i++) assert_int_equal(t.of[i].states, 0);
    return c.n > 0;
}

static void classes_like_all_states(void **state)
{
    hd_random r;
    drawn w;
    int cases[3] = {0, 0, 0}; /* without stacks and in order, out of order or with stacks, with an advancing loop */
    (void)state;
    hd_random_seed(&r, 4, 0);
    for (int i = 0; i < 1500; i++) {
        draw_nest(&r, 1, hd_random_below(&r, 4) > 0, &w);
        nest_view v = {.event = 1 + (int)hd_random_below(&r, w.n.mac), .fixed = -1};
        v.box = v.event;
        v.merge = (unsigned)hd_random_next(&r);
        for (int cut = 0; cut <= w.n.loops_to[v.event]; cut++) {
            bool any = assert_classes(&w.n, &v, cut, -1);
            cases[!w.n.dim[0].in_order || w.n.dim[0].stacks] += any;
            if (cut < w.n.loops_to[v.event] && w.n.loop[cut].count > 1) cases[2] += assert_classes(&w.n, &v, cut, cut);
        }
    }
    for (int i = 0; i < 3; i++) assert_true(cases[i] > 500);
}

/* A dim of `extent`, a stack of `units` single points at the only level of the chip inside. */
static bool merged_units(int64_t units, classes *out)
{
    drawn w;
    memset(&w, 0, sizeof w);
    w.arch.levels = w.scheme.levels = 2;
    w.op.dims = 1;
    w.op.dim[0].extent = w.scheme.level[0].tensor[0] = 2 * units;
    w.scheme.level[1].tensor[0] = 1;
    w.scheme.level[1].stack[0] = (hd_stack){0, HD_X, 1, units};
    w.scheme.level[1].update[0] = (hd_update){0, units};
    w.scheme.level[1].stacks = w.scheme.level[1].updates = 1;
    w.problem = (hd_problem){.op = &w.op, .arch = &w.arch};
    hd_native_ready(&w.ready, &w.problem);
    hd_nest_build(&w.n, &w.ready, &w.scheme);
    nest_view v = {.event = 1, .box = 1, .fixed = -1, .merge = w.n.stacks};
    return hd_classes_of(&w.n, 0, &v, 0, 0, out);
}

/* The loop's only advance moves every unit on by the extent of all of them: one state, whose units were so far behind. */
static void as_many_units_as_there_is_room_for(void **state)
{
    classes c;
    (void)state;
    assert_true(merged_units(HD_MAX_CLASS_UNITS, &c));
    assert_int_equal(c.n, 1);
    assert_int_equal(c.of[0].states, 1);
    assert_int_equal(c.of[0].units, HD_MAX_CLASS_UNITS);
    for (int i = 0; i < HD_MAX_CLASS_UNITS; i++) assert_int_equal(c.unit[i].lo - c.unit[i].old_lo, HD_MAX_CLASS_UNITS);
    assert_false(merged_units(HD_MAX_CLASS_UNITS + 1, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(classes_like_all_states),
                                       cmocka_unit_test(as_many_units_as_there_is_room_for)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
