/* Do mappings become the schemes they describe, are wrong ones refused where they stand, and do they come
 * back? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "dataflow/scheme.h"
#include "inputs.h"

#define INPUT INPUT_PROBLEM INPUT_ARCH

typedef struct input {
    hd_arena *arena;
    hd_timeloop *tl;
} input;

static input read_mapping(const char *mapping) {
    input in = {hd_arena_new(NULL, 0), NULL};
    hd_timeloop_text texts[] = {{"both.yaml", INPUT, strlen(INPUT)},
                                {"mapping.yaml", mapping, strlen(mapping)}};
    in.tl = corpus_read(texts, 2, in.arena);
    assert_true(in.tl->has_mapping);
    return in;
}

static void refuse(const char *mapping, int line, int column, const char *part) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_timeloop *tl;
    hd_error err;
    hd_timeloop_text texts[] = {{"both.yaml", INPUT, strlen(INPUT)},
                                {"mapping.yaml", mapping, strlen(mapping)}};
    assert_int_equal(hd_timeloop_read(texts, 2, arena, &tl, &err), HD_ERR_INPUT);
    if (err.line != line || err.column != column || !strstr(err.message, part))
        fail_msg("found %d:%d %s; expected %d:%d %s", err.line, err.column, err.message, line, column, part);
    assert_string_equal(err.file, "mapping.yaml");
    hd_arena_free(arena);
}

static void expect_box(const hd_timeloop *tl, int level, int c, int m, int p, int r) {
    const int64_t *box = tl->mapping.level[level].tensor;
    const int expected[] = {c, m, p, r};
    for (int d = 0; d < 4; d++) assert_int_equal(box[d], expected[d]);
}

static void expect_update(const hd_timeloop *tl, int level, int at, const char *dim, int step) {
    const hd_update *u = &tl->mapping.level[level].update[at];
    assert_string_equal(tl->op.dim[u->dim].name, dim);
    assert_int_equal(u->step, step);
}

static void expect_stack(const hd_timeloop *tl, int level, int at, const char *dim, int shift, int copies,
                         int axis) {
    const hd_stack *s = &tl->mapping.level[level].stack[at];
    assert_string_equal(tl->op.dim[s->dim].name, dim);
    assert_int_equal(s->shift, shift);
    assert_int_equal(s->copies, copies);
    assert_int_equal(s->axis, axis);
}

static void blocks_become_directives(void **state) {
    (void)state;
    input in = read_mapping("mapping:\n"
                            "- {target: DRAM, type: temporal, factors: C=2 P=2, permutation: PC}\n"
                            "- {target: GLB, type: temporal, factors: P=3, permutation: P}\n"
                            "- {target: GLB, type: spatial, factors: M=4 C=2, permutation: MPC, split: 2}\n"
                            "- {target: RF, type: temporal, factors: R=0 M2, permutation: RM}\n"
                            "- {target: GLB, type: bypass, bypass: [Weights], keep: [Inputs, Outputs]}\n");
    const hd_scheme *s = &in.tl->mapping;
    hd_refusal why;
    assert_int_equal(s->levels, 4);
    expect_box(in.tl, 0, 4, 8, 6, 3);
    expect_box(in.tl, 1, 2, 8, 3, 3);
    expect_box(in.tl, 2, 1, 2, 1, 3);
    expect_box(in.tl, 3, 1, 1, 1, 1);
    assert_true(s->level[1].updates == 2 && s->level[1].stacks == 0);
    expect_update(in.tl, 1, 0, "P", 3);
    expect_update(in.tl, 1, 1, "C", 2);
    assert_true(s->level[2].updates == 1 && s->level[2].stacks == 2);
    expect_stack(in.tl, 2, 0, "M", 2, 4, HD_X);
    expect_stack(in.tl, 2, 1, "C", 1, 2, HD_Y);
    assert_true(s->level[3].updates == 2 && s->level[3].stacks == 0);
    expect_update(in.tl, 3, 0, "R", 1);
    expect_update(in.tl, 3, 1, "M", 1);
    assert_int_equal(s->level[1].keep, HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O)); /* Weights are W, Inputs I */
    assert_int_equal(s->level[2].keep, HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O));
    assert_int_equal(s->level[3].keep, 0);
    assert_true(hd_scheme_is_legal(&in.tl->problem, s, &why));
    hd_arena_free(in.arena);
}

/* M: 2 x 3,2 x 2 = ((2-1)*3 + 2-1)*2 + 1 + 1 = 10 would be; here ((2-1)*3 + 0)*2 + 1 + 1 = 8. */
static void residuals_become_ragged_tiles(void **state) {
    (void)state;
    input in = read_mapping("mapping:\n"
                            "- {target: DRAM, type: temporal, factors: 'M=2 C=4'}\n"
                            "- {target: GLB, type: temporal, factors: 'M=3,1 P=2'}\n"
                            "- {target: GLB, type: spatial, factors: 'P=4,2'}\n"
                            "- {target: RF, type: temporal, factors: 'M=2 R=3'}\n");
    hd_refusal why;
    expect_box(in.tl, 1, 1, 6, 6, 3);
    expect_box(in.tl, 2, 1, 2, 1, 3);
    expect_update(in.tl, 1, 0, "C", 1);
    expect_update(in.tl, 1, 1, "M", 6);
    expect_update(in.tl, 2, 0, "M", 2);
    expect_update(in.tl, 2, 1, "P", 4);
    expect_stack(in.tl, 2, 0, "P", 1, 4, HD_X); /* no split: all on X */
    if (!hd_scheme_is_legal(&in.tl->problem, &in.tl->mapping, &why)) fail_msg("%s", why.why);
    hd_arena_free(in.arena);
}

static void homes_follow_bypass(void **state) {
    (void)state;
    input in = read_mapping("mapping:\n"
                            "- {target: DRAM, type: temporal, factors: C4 M8 P6 R3}\n"
                            "- {target: DRAM, type: datatype, bypass: [Outputs, Weights]}\n"
                            "- {target: GLB, type: dataspace, bypass: Weights}\n");
    assert_int_equal(in.tl->problem.home[HD_W], 2);
    assert_int_equal(in.tl->problem.home[HD_I], 0);
    assert_int_equal(in.tl->problem.home[HD_O], 1);
    hd_arena_free(in.arena);
}

static void flags_reach_the_chip(void **state) {
    (void)state;
    static const char plain[] = "mapping:\n- {target: DRAM, type: temporal, factors: C4 M8 P6 R3}\n";
    input in = read_mapping("mapping:\n"
                            "- {target: DRAM, type: temporal, factors: C4 M8 P6 R3}\n"
                            "- {target: GLB, type: temporal, no_temporal_reuse: [Inputs]}\n"
                            "- {target: GLB, type: spatial, no-multicast-no-reduction: [Weights, Outputs], "
                            "no_link_transfer: ['*']}\n");
    input other = read_mapping(plain);
    const hd_level *rf = &in.tl->arch.level[2];
    assert_false(rf->multicast[HD_X] & HD_ROLE_BIT(HD_W));
    assert_true(rf->multicast[HD_X] & HD_ROLE_BIT(HD_I));
    assert_false(rf->reduce[HD_X] || rf->reduce[HD_Y]);
    assert_int_equal(rf->timeloop.no_links, HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O));
    assert_int_equal(in.tl->arch.level[1].timeloop.no_reuse, HD_ROLE_BIT(HD_I));
    assert_true(in.tl->arch.hash != other.tl->arch.hash);
    hd_arena_free(in.arena);
    hd_arena_free(other.arena);
}

#define MAPPING_FITS "- {target: RF, type: temporal, factors: C4 M8 P6 R3}\n"

static void wrong_mappings_are_refused(void **state) {
    (void)state;
    refuse("mapping:\n- {target: DRAM, type: temporal, factors: C=2 M=8 P=6 R=3}\n", 2, 43,
           "the factors of C make 2 (DRAM 2), its extent is 4");
    refuse("mapping:\n- {target: DRAM, type: temporal, factors: M=8 P=6 R=3}\n", 2, 1,
           "the factors of C make 1 (none above 1), its extent is 4");
    refuse("mapping:\n- {target: DRAM, type: temporal, factors: C=4 M=8 P=2 R=3}\n"
           "- {target: GLB, type: temporal, factors: 'P=4,3'}\n",
           3, 43, "the factors of P make 7 (DRAM 2 x GLB 4,3), its extent is 6");
    refuse("mapping:\n- {target: DRAM, type: temporal, factors: 'C=4 M=10,8 P=6 R=3'}\n", 2, 44,
           "the outermost factor of M is 10 but its only run has 8 steps, write 8");
    refuse("mapping:\n- {target: DRAM, type: temporal, factors: C=9007199254740000 M=8 P=6 R=3}\n"
           "- {target: GLB, type: temporal, factors: C=9007199254740000}\n",
           3, 42, "make far more than its extent 4");
    refuse("mapping:\n- {target: L2, type: temporal, factors: C=4}\n", 2, 12,
           "found 'L2', expected a storage level of the architecture: DRAM GLB RF");
    refuse("mapping:\n- {target: MAC, type: temporal, factors: C=4}\n", 2, 12, "MAC is the arithmetic level");
    refuse("mapping:\n- {target: DRAM, type: spatial, factors: C=4}\n", 2, 3,
           "DRAM has no fan-out: there is one GLB");
    refuse("mapping:\n- {target: GLB, type: skew}\n", 2, 3, "skewed spatial indices");
    refuse("mapping:\n- {target: GLB, type: tempral}\n", 2, 23, "found 'tempral', expected temporal");
    refuse("mapping:\n- {target: GLB}\n", 2, 3, "found no type");
    refuse("mapping:\n- {type: temporal}\n", 2, 3, "found no target");
    refuse("mapping:\n- {target: GLB, type: temporal, factor: C4}\n", 2, 33, "found the key 'factor'");
    refuse("mapping:\n- {target: GLB, type: temporal, factors: C<=4}\n", 2, 42,
           "a mapping fixes its factors");
    refuse("mapping:\n- {target: GLB, type: temporal, permutation: C_M}\n", 2, 46,
           "'_' belongs to constraints");
    refuse("mapping:\n- {target: GLB, type: spatial, factors: C4, split: -1}\n", 2, 52, "split");
    refuse("mapping:\n- {target: GLB, type: temporal}\n- {target: GLB, type: temporal}\n", 3, 3,
           "a second directive");
    refuse("mapping:\n" MAPPING_FITS "- {target: GLB, type: bypass, keep: [Weights], bypass: [Weights]}\n", 3,
           3, "both kept and bypassed");
    refuse("mapping:\n" MAPPING_FITS "- {target: GLB, type: bypass, keep: [Weigths]}\n", 3, 38,
           "found 'Weigths', expected a data-space");
    refuse(
        "mapping:\n" MAPPING_FITS "- {target: GLB, type: bypass, bypass: [Inputs]}\n"
        "- {target: RF, type: bypass, bypass: [Inputs]}\n- {target: DRAM, type: bypass, bypass: [Inputs]}\n",
        2, 1, "Inputs is bypassed at every level");
    refuse("mapping:\n" MAPPING_FITS "- {target: RF, type: temporal, no_coalesce: [Inputs]}\n", 3, 3,
           "a second directive");
    refuse("mapping:\n- {target: RF, type: temporal, factors: C4 M8 P6 R3, rmw_first_update: [Outputs]}\n", 2,
           72, "belongs to releases after 3.0");
    refuse("mapping: {target: RF}\n", 1, 10, "expected a list");
}

/* The tool's best mapping of its Eyeriss, said for the v0.4 form: fan-outs lie under dummies that keep
 * nothing. */
static void dummies_carry_the_spatial_directives(void **state) {
    (void)state;
    static const char mapping[] =
        "mapping:\n"
        "- {target: DRAM, type: temporal, factors: Q=5 M=4 C=3, permutation: RSPCMNQ}\n"
        "- {target: shared_glb, type: temporal, factors: M=2 P=55, permutation: QRSCPNM}\n"
        "- {target: inter_PE_column_spatial, type: spatial, factors: Q=11}\n"
        "- {target: inter_PE_spatial, type: spatial, factors: S=11, split: 0}\n"
        "- {target: weights_spad, type: temporal, factors: R=11}\n"
        "- {target: psum_spad, type: temporal, factors: M=12}\n"
        "- {target: shared_glb, type: dataspace, bypass: [Weights]}\n"
        "- {target: ifmap_spad, type: dataspace, keep: [Inputs], bypass: [Weights, Outputs]}\n"
        "- {target: weights_spad, type: dataspace, keep: [Weights], bypass: [Inputs, Outputs]}\n"
        "- {target: psum_spad, type: dataspace, keep: [Outputs], bypass: [Inputs, Weights]}\n";
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_timeloop_text texts[] = {corpus_file("tests/data/timeloop/v04/eyeriss.yaml", arena),
                                corpus_file("tests/data/timeloop/problems/alexnet_c1.yaml", arena),
                                {"mapping.yaml", mapping, sizeof mapping - 1}};
    const hd_timeloop *tl = corpus_read(texts, 3, arena);
    hd_space space = {.problem = &tl->problem, .constraints = &tl->constraints};
    hd_refusal why;
    if (!hd_scheme_is_legal(&tl->problem, &tl->mapping, &why)) fail_msg("%s", why.why);
    if (!hd_constraints_hold(&space, &tl->mapping, &why)) fail_msg("%s", why.why);
    assert_int_equal(tl->mapping.level[2].keep | tl->mapping.level[3].keep, 0);
    assert_true(tl->mapping.level[3].stack[0].axis == HD_X && tl->mapping.level[4].stack[0].axis == HD_Y);
    hd_arena_free(arena);
}

/* ---- out and in again ---- */

static void comes_back(const input *in) {
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 0);
    if (hd_timeloop_write_mapping(&in->tl->problem, &in->tl->mapping, &text, &err) != HD_OK)
        fail_msg("%s", err.message);
    input again = read_mapping(text.data);
    assert_true(hd_scheme_equal(&again.tl->mapping, &in->tl->mapping));
    assert_memory_equal(again.tl->problem.home, in->tl->problem.home, sizeof in->tl->problem.home);
    assert_int_equal(again.tl->arch.hash, in->tl->arch.hash);
    hd_text_free(&text);
    hd_arena_free(again.arena);
}

static void what_was_read_comes_back(void **state) {
    (void)state;
    static const char *const mapping[] = {
        "mapping:\n- {target: DRAM, type: temporal, factors: C=2 P=2, permutation: PC}\n"
        "- {target: GLB, type: temporal, factors: P=3}\n"
        "- {target: GLB, type: spatial, factors: M=4 C=2, permutation: MPC, split: 2, "
        "no_multicast_no_reduction: [Inputs]}\n"
        "- {target: RF, type: temporal, factors: R=0 M2, permutation: RM, no_reuse: [Weights]}\n"
        "- {target: GLB, type: bypass, bypass: [Weights]}\n",
        "mapping:\n- {target: DRAM, type: temporal, factors: 'M=2 C=4'}\n"
        "- {target: GLB, type: temporal, factors: 'M=3,1 P=2'}\n"
        "- {target: GLB, type: spatial, factors: 'P=4,2', split: 9, no_link_transfer: [Inputs]}\n"
        "- {target: RF, type: temporal, factors: 'M=2 R=3'}\n- {target: DRAM, type: bypass, bypass: "
        "[Outputs]}\n",
    };
    for (size_t i = 0; i < sizeof mapping / sizeof *mapping; i++) {
        input in = read_mapping(mapping[i]);
        comes_back(&in);
        hd_arena_free(in.arena);
    }
}

static void refuse_to_write(const input *in, const char *part) {
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_timeloop_write_mapping(&in->tl->problem, &in->tl->mapping, &text, &err),
                     HD_ERR_USAGE);
    if (!strstr(err.message, part)) fail_msg("found: %s; expected: %s", err.message, part);
    hd_text_free(&text);
}

static void what_the_format_lacks_is_refused(void **state) {
    (void)state;
    input in = read_mapping("mapping:\n- {target: DRAM, type: temporal, factors: C4 P6 R3}\n"
                            "- {target: GLB, type: temporal, factors: M4}\n"
                            "- {target: GLB, type: spatial, factors: M2, split: 0}\n");
    hd_scheme *s = &in.tl->mapping, good = *s;
    int m = hd_operator_dim(&in.tl->op, "M"), p = hd_operator_dim(&in.tl->op, "P");
    s->level[2].stacks = 2; /* M on both axes */
    s->level[2].updates = 0;
    s->level[2].stack[0] = (hd_stack){m, HD_X, 1, 4};
    s->level[2].stack[1] = (hd_stack){m, HD_Y, 4, 2};
    refuse_to_write(
        &in, "RF, dim M: Timeloop's mapping format cannot express two stacks of one dimension at a level");
    s->level[2].stacks = s->level[2].updates = 1; /* the loop inside the stack: cyclic distribution */
    s->level[2].stack[0] = (hd_stack){m, HD_X, 2, 4};
    s->level[2].update[0] = (hd_update){m, 1};
    refuse_to_write(
        &in, "RF, dim M: Timeloop's mapping format cannot express a stack outside a loop of the same level");
    *s = good; /* a tile of 4 rows cut into 3 and 1 */
    for (int l = 1; l < 3; l++) s->level[l].tensor[p] = l == 1 ? 4 : 3;
    s->level[3].update[s->level[3].updates++] = (hd_update){p, 1};
    s->level[2].update[s->level[2].updates++] = (hd_update){p, 3};
    for (int i = 0; i < s->level[1].updates; i++)
        if (s->level[1].update[i].dim == p) s->level[1].update[i].step = 4;
    refuse_to_write(&in, "a box that is not the product of the factors inside it");
    *s = good;
    s->level[1].tensor[m] = 4;
    refuse_to_write(&in, "the scheme is not legal");
    hd_arena_free(in.arena);
}

/* Wires that share along X only: one flag says it where the scheme wants no other, none where it wants only
 * X. */
static void wires_of_one_axis(void **state) {
    (void)state;
    static const struct {
        const char *spatial, *part;
    } row[] = {
        {"factors: P2 M2, permutation: PM, split: 1", NULL}, /* P and R overlap along X, M repeats along Y */
        {"factors: P2 M2, permutation: MP, split: 2", "split: 2}"},
        {"factors: P2 M2, split: 0, permutation: PM", "split: 0, no_multicast_no_reduction: [\"Inputs\"]"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char text[256];
        hd_text out;
        hd_error err;
        snprintf(text, sizeof text,
                 "mapping:\n- {target: DRAM, type: temporal, factors: C4 P3 R3 M4}\n- {target: GLB, type: "
                 "spatial, %s}\n",
                 row[i].spatial);
        input in = read_mapping(text);
        in.tl->arch.level[2].fan[HD_X] = in.tl->arch.level[2].fan[HD_Y] = 4;
        in.tl->arch.level[2].multicast[HD_Y] &= ~(HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_I2)); /* no I2 is there to share */
        hd_text_init(&out, NULL, 0);
        hd_status status = hd_timeloop_write_mapping(&in.tl->problem, &in.tl->mapping, &out, &err);
        if (!row[i].part) assert_non_null(strstr(err.message, "RF: Inputs is shared along one axis only"));
        assert_int_equal(status, row[i].part ? HD_OK : HD_ERR_USAGE);
        if (row[i].part && !strstr(out.data, row[i].part)) fail_msg("%s\nlacks %s", out.data, row[i].part);
        hd_text_free(&out);
        hd_arena_free(in.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_become_directives),   cmocka_unit_test(residuals_become_ragged_tiles),
        cmocka_unit_test(homes_follow_bypass),        cmocka_unit_test(flags_reach_the_chip),
        cmocka_unit_test(wrong_mappings_are_refused), cmocka_unit_test(dummies_carry_the_spatial_directives),
        cmocka_unit_test(what_was_read_comes_back),   cmocka_unit_test(what_the_format_lacks_is_refused),
        cmocka_unit_test(wires_of_one_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
