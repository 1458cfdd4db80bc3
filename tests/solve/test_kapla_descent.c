/* Does the solver `kapla` place every factor and write every directive as the research code does?  Its runs give the pair of
 * loop orders they chose; under that pair all else must come out equal, without any price.                        */
#include "kapla_layers.h"

#include <stdio.h>

typedef struct fixture { hd_arena *arena; const hd_node *runs; } fixture;
static fixture fix;

static int set_up(void **state)
{
    (void)state;
    fix.arena = hd_arena_new(NULL, 0);
    fix.runs = kapla_runs(fix.arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    hd_arena_free(fix.arena);
    return 0;
}

static int differences;

static void compare(const hd_node *run, const char *what, int dim, int64_t want, int64_t have)
{
    if (want == have) return;
    differences++;
    print_error("%s/%s %s %s %s: want %lld have %lld\n", hd_node_get(run, "net")->text, hd_node_get(run, "layer")->text,
                hd_node_get(run, "hw")->text, what, dim < 0 ? "" : kapla_dim_names[dim], (long long)want, (long long)have);
}

static void compare_factors(const hd_node *run, const char *what, const hd_node *map, const int64_t have[HD_KAPLA_DIMS])
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++) compare(run, what, d, kapla_get(map, kapla_dim_names[d], 1), have[d]);
}

static void compare_move(const hd_node *run, const char *what, const hd_node *want, const hd_kapla_move *have, bool stack)
{
    compare(run, what, -1, (want->items - stack) / 2, have->parts);
    for (int i = 0; i + 1 < want->items; i += 2) {
        int64_t step = 0;
        int dim = kapla_dim(want->item[i]);
        for (int p = 0; p < have->parts; p++)
            if (have->part[p].dim == dim) step = have->part[p].step;
        compare(run, what, dim, kapla_int(want->item[i + 1]), step);
    }
    if (stack) compare(run, what, -1, kapla_int(want->item[want->items - 1]), have->copies);
}

static void compare_block(const hd_node *run, const char *level, const hd_kapla_block *have)
{
    static const char *const tensors[] = {"tensor_w", "tensor_i", "tensor_o"};
    const hd_node *block = hd_node_get(hd_node_get(run, "dataflow"), level);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        const hd_node *map = hd_node_get(block, tensors[t]);
        for (int i = 0; map && i < map->items; i++)
            compare(run, tensors[t], kapla_dim(map->key[i]), kapla_int(map->item[i]), have->tensor[kapla_dim(map->key[i])]);
    }
    const hd_node *stack = hd_node_get(block, "stack"), *update = hd_node_get(block, "update");
    compare(run, "stacks", -1, stack->items, have->stacks);
    compare(run, "updates", -1, update->items, have->updates);
    for (int i = 0; i < stack->items && i < have->stacks; i++)
        compare_move(run, level, stack->item[i], &have->stack[i], true);
    for (int i = 0; i < update->items && i < have->updates; i++)
        compare_move(run, level, update->item[i], &have->update[i], false);
}

static void check_run(const hd_node *run)
{
    const hd_node *vars = hd_node_get(hd_node_get(run, "kapla"), "sched_vars");
    const hd_node *orders = hd_node_get(vars, "bl_ords_gbuf_regf");
    hd_kapla_template t;
    hd_kapla_fill f;
    hd_kapla_scheme scheme;
    hd_kapla_room room = kapla_room(run);
    int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS];
    for (int b = 0; b < HD_KAPLA_UNITS; b++)
        for (int l = 0; l < HD_KAPLA_LOOPS; l++) order[b][l] = (int)kapla_int(orders->item[b]->item[l]);
    assert_true(kapla_template(run, &t));
    if (!hd_kapla_descend(&t, &room, &(hd_kapla_demand){0}, (const int (*)[HD_KAPLA_LOOPS])order, false, &f)) {
        compare(run, "found", -1, 1, 0);
        return;
    }
    for (int axis = 0; axis < HD_AXES; axis++) {
        compare_factors(run, "elements", hd_node_get(vars, "regf_stack_repl")->item[axis], f.copies[HD_KAPLA_ELEMENT][axis]);
        compare_factors(run, "nodes", hd_node_get(vars, "gbuf_stack_repl")->item[axis], f.copies[HD_KAPLA_NODE][axis]);
    }
    compare_factors(run, "registers", hd_node_get(vars, "regf_tensor_repl"), f.growth[HD_KAPLA_ELEMENT]);
    compare_factors(run, "buffers", hd_node_get(vars, "gbuf_tensor_repl"), f.growth[HD_KAPLA_NODE]);
    compare_factors(run, "outermost", hd_node_get(vars, "gbuf_iter"), f.rest);
    hd_kapla_write(&f, &scheme);
    compare_block(run, "GBUF", &scheme.gbuf);
    compare_block(run, "REGF", &scheme.regf);
}

static void test_recorded_directives(void **state)
{
    int n = 0;
    (void)state;
    differences = 0;
    for (int i = 0; i < fix.runs->items; i++) {
        if (!kapla_is(fix.runs->item[i], "method", "solver")) continue;
        check_run(fix.runs->item[i]);
        n++;
    }
    assert_int_equal(differences, 0);
    assert_int_equal(n, 40);
}

/* 6.1: the width that lets the blocks of rows be spread over nodes. */
static void test_width_is_adjusted(void **state)
{
    hd_kapla_layer conv1 = {.type = HD_KAPLA_CONV, .batch = 64, .nifm = 3, .nofm = 48, .hifm = 227, .wifm = 227, .hofm = 55,
                            .wofm = 55, .hfil = 11, .wfil = 11, .htrd = 4, .wtrd = 4, .nreg = 1, .ntrd = 1};
    hd_kapla_room room = {{{16, 16}, {8, 8}}, {0.99 * 16384, 0.99 * 32}, true};
    hd_kapla_template t;
    (void)state;
    assert_true(hd_kapla_row_stationary(&conv1, &room, &t));
    assert_int_equal(t.used[HD_X], 7);
    assert_int_equal(t.used[HD_Y], 6);
    assert_int_equal(t.loops[HD_KAPLA_YO], 8);
    assert_int_equal(t.updates, 3); /* one slides, folds of rows, folds of taps */
    assert_int_equal(t.update[1].part[1].step, 7);
    assert_int_equal(t.update[2].part[0].step, 6);
    assert_false(hd_kapla_systolic(&(hd_kapla_layer){.type = HD_KAPLA_CONV_BACK}, &room, &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_directives), cmocka_unit_test(test_width_is_adjusted)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
