/* Parts of KAPLA's evaluator by hand: who shares a block and how far it travels, elements that hold the same words, trees. */
#include "base/random.h"
#include "cost/kapla/form.h"
#include "cost/kapla/golden.h"
#include "kapla_layers.h"

/* AlexNet conv3_a (kapla.md 2.7): nodes (N 2) (N 4) (C 8) (C 4), elements (rows 7) (taps 3) (C 2). */
static hd_kapla_scheme conv3_a(void)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena), *partitions = golden_partitions(arena);
    hd_kapla_scheme s = {.systolic = true};
    for (int i = 0; i < runs->items && s.systolic; i++)
        if (kapla_is(runs->item[i], "layer", "conv3_a") && kapla_is(runs->item[i], "hw", "multi_node"))
            s = golden_scheme(runs->item[i], partitions->item[i]);
    hd_arena_free(arena);
    assert_false(s.systolic);
    return s;
}

static void test_sharing(void **state)
{
    (void)state;
    hd_kapla_scheme s = conv3_a();
    hd_kapla_region mesh = {.size = {16, 16}, .step = {1, 1}};
    kapla_sharing w, i, o;
    hd_kapla_share(&s, 0, HD_KAPLA_W, &mesh, &w);
    hd_kapla_share(&s, 0, HD_KAPLA_I, &mesh, &i);
    hd_kapla_share(&s, 0, HD_KAPLA_O, &mesh, &o);
    assert_int_equal(w.nodes, 8);
    assert_int_equal(i.nodes, 1);
    assert_int_equal(o.nodes, 32);
    assert_true(w.rotation == (4 + 7) * 7. / 8);             /* 2 along h, 4 along w, neighbours next to each other */
    assert_true(o.rotation == 3 * (3 * 10 + 31) * 31. / 32); /* 8 along h, 4 along w, (2 + 4) / 2 apart */
    hd_kapla_share(&s, HD_KAPLA_FIX_ROTATION, HD_KAPLA_O, &mesh, &o);
    assert_true(o.rotation == 3 * (10 + 31));
}

static void test_distinct_blocks(void **state)
{
    (void)state;
    hd_kapla_scheme s = conv3_a();
    assert_int_equal(hd_kapla_distinct(&s, 0, HD_KAPLA_W), 6);  /* 3 rows of taps, 2 ranges of C */
    assert_int_equal(hd_kapla_distinct(&s, 0, HD_KAPLA_I), 18); /* 9 rows, 2 ranges */
    assert_int_equal(hd_kapla_distinct(&s, 0, HD_KAPLA_O), 7);
}

/* Stacks by chance against the set of values that they reach. */
static int64_t distinct_by_trying(const hd_kapla_scheme *s, int tensor)
{
    enum { VALUES = 4096 };
    static int64_t seen[VALUES][HD_KAPLA_DIMS];
    int64_t all = 1, found = 0;
    for (int i = 0; i < s->regf.stacks; i++) all *= s->regf.stack[i].copies;
    assert_true(all <= VALUES);
    for (int64_t k = 0; k < all; k++) {
        int64_t value[HD_KAPLA_DIMS] = {0}, rest = k;
        bool fresh = true;
        for (int i = 0; i < s->regf.stacks; i++) {
            const hd_kapla_move *m = &s->regf.stack[i];
            for (int p = 0; p < m->parts; p++)
                if (hd_kapla_sees(tensor, m->part[p].dim)) value[m->part[p].dim] += rest % m->copies * m->part[p].step;
            rest /= m->copies;
        }
        for (int64_t i = 0; i < found && fresh; i++) fresh = memcmp(seen[i], value, sizeof value) != 0;
        if (fresh) memcpy(seen[found++], value, sizeof value);
    }
    return found;
}

static void test_distinct_by_chance(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 4000; seed++) {
        hd_random r;
        hd_kapla_scheme s = {.layer = {.type = HD_KAPLA_CONV}};
        hd_random_seed(&r, 5, seed);
        s.regf.stacks = 1 + (int)hd_random_below(&r, 4);
        for (int i = 0; i < s.regf.stacks; i++) {
            hd_kapla_move *m = &s.regf.stack[i];
            m->copies = 1 + hd_random_below(&r, 6);
            m->parts = 1 + (int)hd_random_below(&r, 2);
            int first = (int)hd_random_below(&r, HD_KAPLA_S);
            for (int p = 0; p < m->parts; p++) {
                m->part[p].dim = first + p;
                m->part[p].step = 1 + hd_random_below(&r, 5);
            }
        }
        for (int t = 0; t < HD_KAPLA_TENSORS; t++)
            assert_int_equal(hd_kapla_distinct(&s, 0, t), distinct_by_trying(&s, t));
    }
}

static void test_trees(void **state)
{
    (void)state;
    kapla_point row[16], square[16], corner[4] = {{{0, 0}}, {{15, 0}}, {{0, 15}}, {{15, 15}}};
    for (int i = 0; i < 16; i++) row[i] = (kapla_point){{i, 3}}, square[i] = (kapla_point){{i % 4, i / 4}};
    assert_int_equal(hd_kapla_tree(row, 16, NULL, 0), 15);
    assert_int_equal(hd_kapla_tree(row, 16, corner, 4), 3 + 15); /* from one corner, along the row */
    assert_int_equal(hd_kapla_tree(square, 16, NULL, 0), 15);
    assert_int_equal(hd_kapla_tree(square, 16, corner, 4), 15); /* one of them is a corner */
    assert_int_equal(hd_kapla_tree(row, 1, corner, 4), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sharing), cmocka_unit_test(test_distinct_blocks),
                                       cmocka_unit_test(test_distinct_by_chance), cmocka_unit_test(test_trees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
