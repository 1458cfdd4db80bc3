/* Do constraints become the space they leave, and are contradictions refused where they stand? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "inputs.h"

/* A 4 x 2 array of RFs, dims C 4, M 8, P 6, R 3: heddle's level 2 is the RF, its loops and copies are GLB's
 * blocks. */
enum { C, M, P, R, DIMS };
enum { GLB = 1, RF = 2, MAC = 3 };
#define BITS(...) bits((const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static unsigned bits(const int *dim, size_t count) {
    unsigned set = 0;
    for (size_t i = 0; i < count; i++) set |= 1u << dim[i];
    return set;
}

typedef struct input {
    hd_arena *arena;
    hd_timeloop *tl;
    const hd_constraints *c;
} input;

static input read_targets(const char *targets) {
    input in = {hd_arena_new(NULL, 0), NULL, NULL};
    hd_timeloop_text texts[] = {{"both.yaml", INPUT_PROBLEM INPUT_ARCH, strlen(INPUT_PROBLEM INPUT_ARCH)},
                                {"c.yaml", targets, strlen(targets)}};
    in.tl = corpus_read(texts, 2, in.arena);
    assert_true(in.tl->has_constraints);
    in.c = &in.tl->constraints;
    return in;
}

static void refuse(const char *targets, int line, int column, const char *part) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_timeloop *tl;
    hd_error err;
    hd_timeloop_text texts[] = {{"both.yaml", INPUT_PROBLEM INPUT_ARCH, strlen(INPUT_PROBLEM INPUT_ARCH)},
                                {"c.yaml", targets, strlen(targets)}};
    assert_int_equal(hd_timeloop_read(texts, 2, arena, &tl, &err), HD_ERR_INPUT);
    if (err.line != line || err.column != column || !strstr(err.message, part))
        fail_msg("found %d:%d %s; expected %d:%d %s", err.line, err.column, err.message, line, column, part);
    assert_string_equal(err.file, "c.yaml");
    hd_arena_free(arena);
}

static void expect_limit(hd_limit found, int least, int most) {
    assert_int_equal(found.least, least);
    assert_int_equal(found.most, most);
}

static void without_constraints_all_is_free(void **state) {
    (void)state;
    input in = read_targets("variables: {}\n");
    for (int l = 1; l <= MAC; l++)
        for (int d = 0; d < DIMS; d++) {
            expect_limit(in.c->loop[l][d], 0, 0);
            expect_limit(in.c->copies[l][d], 0, 0);
        }
    assert_true(in.c->one_axis[RF]); /* Timeloop cannot say otherwise */
    assert_int_equal(in.tl->unroll[RF][HD_X], BITS(C, M, P, R));
    assert_int_equal(in.tl->unroll[RF][HD_Y], BITS(C, M, P, R));
    assert_int_equal(in.tl->unroll[GLB][HD_X] | in.tl->unroll[MAC][HD_X], 0);
    assert_int_equal(in.c->must_keep[0], HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O));
    assert_int_equal(in.c->must_keep[1] | in.c->must_bypass[1] | in.c->must_keep[2] | in.c->must_bypass[2],
                     0);
    assert_false(in.tl->ragged);
    hd_arena_free(in.arena);
}

static void factors_become_limits(void **state) {
    (void)state;
    input in = read_targets(
        "architecture_constraints:\n  targets:\n"
        "  - {target: GLB, type: temporal, factors: C=2 M<=4 M>=2 R=0 P=7, permutation: RC_PM}\n"
        "  - {target: GLB, type: spatial, factors: C=4 R=1}\n"
        "  - {target: RF, type: temporal, default_max_factor: 2, default_min_factor: 5, factors: P=3}\n"
        "mapspace_constraints:\n  targets:\n"
        "  - {target: DRAM, type: temporal, factors: [C=1, R=1], permutation: [M, C]}\n"
        "  - {target: innermost, type: utilization, min: 0.25}\n");
    expect_limit(in.c->loop[RF][C], 2, 2);
    expect_limit(in.c->loop[RF][M], 2, 4);
    expect_limit(in.c->loop[RF][R], 3, 3);
    expect_limit(in.c->loop[RF][P], 0, 0); /* 7 > 6: ignored, as Timeloop does */
    expect_limit(in.c->copies[RF][C], 4, 4);
    expect_limit(in.c->copies[RF][R], 1, 1);
    expect_limit(in.c->copies[RF][M], 0, 0);
    expect_limit(in.c->loop[MAC][P], 3, 3);
    expect_limit(in.c->loop[MAC][R], 3, 2); /* at least 5 of 3 is 3: a contradiction for the search to name */
    expect_limit(in.c->loop[GLB][C], 1, 1);
    assert_true(in.c->inner[RF] == 2 && in.c->inner_dim[RF][0] == R && in.c->inner_dim[RF][1] == C);
    assert_true(in.c->outer[RF] == 2 && in.c->outer_dim[RF][0] == P && in.c->outer_dim[RF][1] == M);
    assert_true(in.c->inner[GLB] == 2 && in.c->inner_dim[GLB][0] == M && in.c->outer[GLB] == 0);
    assert_int_equal(in.tl->unroll[RF][HD_X], BITS(C, M, P)); /* R is fixed to 1 */
    assert_true(in.c->least_utilization == 0.25);
    hd_arena_free(in.arena);
}

/* Which dims on which axis: the first `split` of the permutation lie on X. */
static void expect_axes(const char *spatial, unsigned x, unsigned y) {
    char text[512] = "mapspace:\n  template: ruby\n  targets:\n  - {target: GLB, type: spatial, ";
    memcpy(text + strlen(text), spatial, strlen(spatial) + 1);
    input in = read_targets(text);
    assert_true(in.tl->ragged);
    if (in.tl->unroll[RF][HD_X] != x || in.tl->unroll[RF][HD_Y] != y)
        fail_msg("%s: found %#x %#x, expected %#x %#x", spatial, in.tl->unroll[RF][HD_X],
                 in.tl->unroll[RF][HD_Y], x, y);
    hd_arena_free(in.arena);
}

static void splits_choose_the_axis(void **state) {
    (void)state;
    expect_axes("permutation: CMPR, split: 1}\n", BITS(C), BITS(M, P, R));
    expect_axes("permutation: CM PR, split: 3, factors: R=1}\n", BITS(C, M, P), 0);
    expect_axes("permutation: CMPR, split: 0}\n", 0, BITS(C, M, P, R));
    expect_axes("permutation: CMPR, split: 9}\n", BITS(C, M, P, R), 0);
    expect_axes("split: 4}\n", BITS(C, M, P, R), 0);
    expect_axes("permutation: CM, split: 1}\n", BITS(C), BITS(M, P, R));
    expect_axes("permutation: CM, split: 2}\n", BITS(C, M), BITS(P, R));
    expect_axes("permutation: C_M, split: 3}\n", BITS(C, P, R), BITS(M));
    expect_axes("permutation: C_M, split: 2, factors: C=1 M=1 R=1}\n", BITS(P), BITS(P));
    expect_axes("permutation: MC}\n", BITS(C, M, P, R), BITS(C, M, P, R));
    expect_axes("permutation: C_M, split: 2}\n", BITS(C, P, R), BITS(M, P, R)); /* one of P and R on X */
}

/* A fixed order with a free split, a free order with a fixed split. */
static void free_splits_keep_their_order(void **state) {
    (void)state;
    input in = read_targets("mapspace:\n  targets:\n  - {target: GLB, type: spatial, permutation: MC_R}\n");
    const unsigned char *rank = in.c->axis_rank[RF];
    assert_true(rank[M] < rank[C] && rank[C] < rank[P] && rank[P] < rank[R]);
    hd_arena_free(in.arena);
    in = read_targets(
        "mapspace:\n  targets:\n  - {target: GLB, type: spatial, permutation: RM_C, split: 3}\n");
    rank = in.c->axis_rank[RF]; /* R M P on X, in this order; C on Y */
    assert_true(rank[R] < rank[M] && rank[M] < rank[P] && rank[P] < rank[C]);
    assert_int_equal(in.c->axis_dims[RF][HD_X] | in.c->axis_dims[RF][HD_Y], 0);
    hd_arena_free(in.arena);
    in = read_targets("mapspace:\n  targets:\n  - {target: GLB, type: spatial, split: 1}\n");
    assert_int_equal(in.c->axis_dims[RF][HD_X], 1);
    assert_int_equal(in.c->axis_dims[RF][HD_Y], 3);
    assert_int_equal(in.c->axis_open[RF], BITS(C, M, P, R));
    assert_int_equal(in.c->axis_rank[RF][M] | in.c->axis_rank[RF][C], 0);
    hd_arena_free(in.arena);
    in = read_targets(
        "mapspace:\n  targets:\n  - {target: GLB, type: spatial, permutation: C_M, split: 2}\n");
    assert_int_equal(in.c->axis_dims[RF][HD_X], 1); /* of P and R; C lies before, M after the split */
    assert_int_equal(in.c->axis_dims[RF][HD_Y], 1);
    assert_int_equal(in.c->axis_open[RF], BITS(P, R));
    rank = in.c->axis_rank[RF];
    assert_true(rank[C] < rank[P] && rank[P] == rank[R] && rank[R] < rank[M]);
    hd_arena_free(in.arena);
}

static void bypass_is_free_where_not_said(void **state) {
    (void)state;
    input in = read_targets("architecture_constraints:\n"
                            "  - {target: GLB, type: bypass, keep: [Inputs], bypass: [Weights]}\n"
                            "  - {target: RF, type: datatype, bypass: '*'}\n"
                            "  - {target: DRAM, type: dataspace, bypass: [Inputs]}\n");
    assert_int_equal(in.c->must_keep[1], HD_ROLE_BIT(HD_I));
    assert_int_equal(in.c->must_bypass[1], HD_ROLE_BIT(HD_W));
    assert_int_equal(in.c->must_bypass[2], HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O));
    assert_int_equal(in.c->must_keep[0], HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_O));
    assert_int_equal(in.tl->problem.home[HD_I], 1);
    assert_int_equal(in.tl->problem.home[HD_O], 0);
    hd_arena_free(in.arena);
    in = read_targets("constraints:\n  targets:\n"
                      "  - {target: GLB, type: bypass, keep_only: [Inputs]}\n"
                      "  - {target: RF, type: bypass, bypass_only: [Inputs]}\n");
    assert_int_equal(in.c->must_keep[1], HD_ROLE_BIT(HD_I));
    assert_int_equal(in.c->must_bypass[1], HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_O));
    assert_int_equal(in.c->must_bypass[2], HD_ROLE_BIT(HD_I));
    assert_int_equal(in.c->must_keep[2], HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_O));
    hd_arena_free(in.arena);
}

/* A mapping beside them says where it keeps things, not where a search may. */
static void a_mapping_leaves_the_space_alone(void **state) {
    (void)state;
    static const char mapping[] =
        "mapping:\n"
        "- {target: DRAM, type: temporal, factors: C=4 M=8 P=6 R=3, permutation: CMPR}\n"
        "- {target: GLB, type: temporal, factors: C=1 M=1 P=1 R=1, permutation: CMPR}\n"
        "- {target: GLB, type: spatial, factors: C=1 M=1 P=1 R=1, permutation: CMPR, "
        "no_link_transfer: [Inputs]}\n"
        "- {target: RF, type: temporal, factors: C=1 M=1 P=1 R=1, permutation: CMPR}\n"
        "- {target: DRAM, type: bypass, keep: [Weights, Outputs], bypass: [Inputs]}\n"
        "- {target: GLB, type: bypass, keep: [Inputs], bypass: [Weights, Outputs]}\n";
    input alone = read_targets("variables: {}\n"), beside = read_targets(mapping);
    assert_true(beside.tl->has_mapping);
    assert_int_equal(beside.tl->problem.home[HD_I], 1);
    assert_int_equal(beside.tl->home[HD_I], 0);
    assert_memory_equal(beside.tl->home, alone.tl->home, sizeof alone.tl->home);
    assert_memory_equal(beside.c->must_keep, alone.c->must_keep, sizeof alone.c->must_keep);
    assert_memory_equal(beside.c->must_bypass, alone.c->must_bypass, sizeof alone.c->must_bypass);
    assert_true(beside.tl->open.hash == alone.tl->open.hash && beside.tl->arch.hash != alone.tl->arch.hash);
    assert_memory_equal(beside.tl->unroll, alone.tl->unroll, sizeof alone.tl->unroll);
    hd_arena_free(alone.arena);
    hd_arena_free(beside.arena);
}

static void blocks_are_named_as_the_file_does(void **state) {
    (void)state;
    input in = read_targets("mapspace:\n  targets:\n  - {target: GLB, type: spatial, factors: C=2}\n");
    assert_string_equal(in.c->said[RF][HD_SAID_COPIES], "c.yaml:3:5: GLB spatial");
    assert_string_equal(in.c->said[RF][HD_SAID_LOOPS], "GLB temporal");
    assert_string_equal(in.c->said[MAC][HD_SAID_LOOPS], "RF temporal");
    hd_arena_free(in.arena);
}

static void sugar_is_lowered(void **state) {
    (void)state;
    input in = read_targets("constraints:\n  targets:\n"
                            "  - {target: DRAM, type: temporal, factors_only: [C=2]}\n"
                            "  - {target: GLB, type: temporal, no_iteration_over_dataspaces: [Outputs]}\n"
                            "  - {target: GLB, type: spatial, maximize_dims: [[P]]}\n"
                            "  - {target: RF, type: temporal, must_iterate_over_dataspaces: [Outputs]}\n");
    expect_limit(in.c->loop[GLB][C], 2, 2);
    expect_limit(in.c->loop[GLB][M], 1, 1);
    expect_limit(in.c->loop[RF][M], 1, 1);
    expect_limit(in.c->loop[RF][P], 1, 1);
    expect_limit(in.c->loop[RF][C], 0, 0);
    expect_limit(in.c->copies[RF][P], 6, 6); /* the largest divisor of 6 under a fan-out of 8 */
    expect_limit(in.c->loop[MAC][C], 1, 1);
    expect_limit(in.c->loop[MAC][P], 0, 0);
    hd_arena_free(in.arena);
}

#define TARGETS "mapspace:\n  targets:\n  - "

static void wrong_constraints_are_refused(void **state) {
    (void)state;
    refuse(TARGETS
           "{target: GLB, type: temporal, factors: C=2}\n  - {target: GLB, type: temporal, factors: C=2}\n",
           4, 44, "the factor of C at this block is said twice");
    refuse(TARGETS
           "{target: GLB, type: temporal, factors: C=9}\n  - {target: GLB, type: temporal, factors: C=2}\n",
           4, 44, "said twice");
    refuse(
        TARGETS
        "{target: GLB, type: temporal, permutation: CM}\n  - {target: GLB, type: temporal, permutation: C}\n",
        4, 48, "the permutation of this block is said twice");
    refuse(TARGETS "{target: GLB, type: spatial, split: 1}\n  - {target: GLB, type: spatial, split: 1}\n", 4,
           41, "the split of this block is said twice");
    refuse(TARGETS
           "{target: GLB, type: bypass, keep: [Inputs]}\n  - {target: GLB, type: bypass, bypass: [Inputs]}\n",
           4, 5, "GLB: whether a tensor is kept is said twice");
    refuse(TARGETS "{target: GLB, type: bypass, keep: [Inputs], bypass: [Inputs]}\n", 3, 5,
           "both kept and bypassed");
    refuse(TARGETS "{target: GLB, type: temporal, factors: 'M=4,2'}\n", 3, 45,
           "fixes a factor, not its residual");
    refuse(TARGETS "{target: GLB, type: temporal, remainders: 2}\n", 3, 47, "remainders have no form");
    refuse(TARGETS "{target: GLB, type: temporal, factors_only: C=2, factors: M=2, "
                   "no_iteration_over_dataspaces: [Outputs]}\n",
           3, 5, "M may not loop here and must at least 2 times");
    refuse(TARGETS "{target: GLB, type: temporal, maximize_dims: [[P]]}\n", 3, 51, "under a known capacity");
    refuse(TARGETS "{target: GLB, type: spatial, maximize_dims: [[P, M]]}\n", 3, 50, "for one dimension");
    refuse(TARGETS "{target: GLB, type: max_overbooked_proportion, proportion: 0.1}\n", 3, 25,
           "sparse tensors");
    refuse(TARGETS "{target: GLB, type: utilization, min: 0.1}\n", 3, 14, "at the target innermost only");
    refuse(TARGETS "{target: innermost, type: parallelism}\n", 3, 5, "found no min");
    refuse(TARGETS "{target: innermost, type: parallelism, min: 2}\n", 3, 49, "expected 0 to 1");
    refuse(TARGETS "{target: GLB, type: order}\n", 3, 25, "found 'order'");
    refuse(TARGETS "{target: GLB}\n", 3, 5, "found no type");
    refuse(TARGETS "{target: L3, type: temporal}\n", 3, 14, "found 'L3', expected a storage level");
    refuse(TARGETS "{target: GLB, type: temporal, split: 1}\n", 3, 35, "found the key 'split'");
    refuse(TARGETS "GLB\n", 3, 5, "expected a map");
    refuse("mapspace:\n  template: triangle\n", 2, 13, "found 'triangle', expected uber");
    refuse("mapspace:\n  target: []\n", 2, 3, "found the key 'target'");
    refuse(
        TARGETS
        "{target: DRAM, type: bypass, bypass: [Inputs]}\n  - {target: GLB, type: bypass, bypass: [Inputs]}\n"
        "  - {target: RF, type: bypass, bypass: [Inputs]}\n",
        5, 5, "Inputs is bypassed at every level");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_constraints_all_is_free), cmocka_unit_test(factors_become_limits),
        cmocka_unit_test(splits_choose_the_axis),          cmocka_unit_test(free_splits_keep_their_order),
        cmocka_unit_test(bypass_is_free_where_not_said),   cmocka_unit_test(sugar_is_lowered),
        cmocka_unit_test(wrong_constraints_are_refused),   cmocka_unit_test(a_mapping_leaves_the_space_alone),
        cmocka_unit_test(blocks_are_named_as_the_file_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
