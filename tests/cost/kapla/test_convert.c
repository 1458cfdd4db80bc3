/* Recorded schemes of KAPLA's research code as schemes of ours: legal, and priced the same under compat. */
#include <math.h>

#include "cost/kapla/golden.h"
#include "cost/kapla/machine.h"
#include "dataflow/kapla_convert.h"
#include "kapla_layers.h"
#include "solve/kapla.h"

static void test_layers(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena);
    for (int i = 0; i < runs->items; i++) {
        hd_kapla_layer layer = kapla_layer(runs->item[i]), read;
        hd_operator op;
        hd_kapla_dims dims;
        golden_operator(&layer, &op);
        assert_true(hd_kapla_layer_of(&op, HD_MAKES_OUTPUT, &read, &dims, NULL));
        assert_int_equal(read.type, layer.type);
        assert_memory_equal(&read.batch, &layer.batch, sizeof layer - offsetof(hd_kapla_layer, batch));
    }
    hd_arena_free(arena);
}

/* More rows than the template's own were given to elements: that form's steps of them say nothing of ours. */
static bool is_widened(const hd_kapla_scheme *form) { return form->regf.split[HD_KAPLA_YO] > 1; }

static void check_compat(const hd_problem *p, const hd_kapla_chip *chip, const hd_kapla_scheme *form)
{
    hd_scheme s;
    hd_breakdown price;
    hd_kapla_cost recorded;
    hd_kapla_layout source = hd_kapla_off_chip(chip, &form->layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(chip, &source);
    hd_refusal why;
    hd_kapla_to_scheme(p, form, &s);
    if (!hd_scheme_is_legal(p, &s, &why)) fail_msg("%s", why.why);
    if (!hd_model_kapla.fits(p, &s, &why)) fail_msg("%s", why.why);
    hd_model_kapla.price(p, &s, &price);
    hd_kapla_evaluate(chip, 0, form, &place, &recorded);
    assert_true(fabs(price.energy_pj - recorded.energy_pj) <= 1e-12 * recorded.energy_pj);
    assert_int_equal(price.latency_cycles, recorded.cycles);
    assert_int_equal(price.compute_cycles, recorded.proc_cycles);
    assert_int_equal(price.computes, (int64_t)recorded.ops);
}

/* What the solver chose; searchers lay rows beyond the side of the array, which wraps there. */
static void test_round_trip(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena), *partitions = golden_partitions(arena);
    int same = 0;
    for (int i = 0; i < runs->items; i++) {
        const double compat[] = {1, 0, 0, 1};
        hd_kapla_chip chip = golden_chip(runs->item[i]);
        hd_kapla_scheme form = golden_scheme(runs->item[i], partitions->item[i]);
        hd_operator op;
        hd_arch arch;
        if (form.systolic || !kapla_is(runs->item[i], "method", "solver") || is_widened(&form)) continue;
        golden_operator(&form.layer, &op);
        machine_of(&chip, true, &arch);
        hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla, .settings = compat};
        check_compat(&p, &chip, &form);
        same++;
    }
    print_message("%d schemes priced the same after a round trip\n", same);
    assert_true(same >= 37);
    hd_arena_free(arena);
}

/* Candidates of the solver come back the same, but for those that lose copies which would have no part. */
typedef struct trial { const hd_problem *p; const hd_kapla_chip *chip; int all, same, unexplained; double form, scheme; } trial;

/* Copies in all: equal where none was left out. */
static int64_t copies_of_form(const hd_kapla_scheme *f)
{
    int64_t n = 1;
    for (int i = 0; i < f->gbuf.stacks; i++) n *= f->gbuf.stack[i].copies;
    for (int i = 0; i < f->regf.stacks; i++) n *= f->regf.stack[i].copies;
    return n;
}

static int64_t copies_of_scheme(const hd_scheme *s)
{
    int64_t n = 1;
    for (int l = 0; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++) n *= s->level[l].stack[i].copies;
    return n;
}

static bool compare_candidate(const hd_kapla_scheme *form, void *user)
{
    trial *t = user;
    hd_scheme s;
    hd_breakdown price;
    hd_kapla_cost own;
    hd_kapla_layout source = hd_kapla_off_chip(t->chip, &form->layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(t->chip, &source);
    hd_refusal why;
    hd_kapla_evaluate(t->chip, 0, form, &place, &own);
    t->form = fmin(t->form, own.energy_pj);
    t->all++;
    hd_kapla_to_scheme(t->p, form, &s);
    if (!hd_scheme_is_legal(t->p, &s, &why)) fail_msg("%s", why.why);
    if (!hd_model_kapla.fits(t->p, &s, &why)) return true;
    hd_model_kapla.price(t->p, &s, &price);
    t->scheme = fmin(t->scheme, price.energy_pj);
    bool same = fabs(price.energy_pj - own.energy_pj) <= 1e-12 * own.energy_pj;
    if (!same && copies_of_form(form) == copies_of_scheme(&s)) t->unexplained++;
    t->same += same;
    return true;
}

#define LAYER(type, c, k, in, out, filter, stride) {type, 64, c, k, in, in, out, out, filter, filter, stride, stride, 1, 1}
static const hd_kapla_layer layers[] = {
    LAYER(HD_KAPLA_CONV, 3, 64, 229, 112, 7, 2),     LAYER(HD_KAPLA_CONV, 64, 256, 56, 56, 1, 1),
    LAYER(HD_KAPLA_CONV, 512, 512, 9, 7, 3, 1),      LAYER(HD_KAPLA_CONV, 1000, 500, 1, 1, 1, 1),
    LAYER(HD_KAPLA_CONV, 500, 10, 1, 1, 1, 1),       LAYER(HD_KAPLA_CONV, 96, 208, 16, 14, 3, 1),
    LAYER(HD_KAPLA_DW, 512, 512, 16, 14, 3, 1),      LAYER(HD_KAPLA_LOCAL, 128, 128, 55, 27, 3, 2),
    LAYER(HD_KAPLA_CONV_BACK, 192, 256, 11, 13, 3, 1), LAYER(HD_KAPLA_CONV_BACK, 128, 48, 27, 31, 5, 1),
    LAYER(HD_KAPLA_CONV_BACK, 10, 500, 1, 1, 1, 1),  LAYER(HD_KAPLA_DW_BACK, 64, 64, 14, 29, 3, 2),
    LAYER(HD_KAPLA_CONV_BACK, 48, 3, 54, 223, 11, 4), LAYER(HD_KAPLA_LOCAL_BACK, 128, 128, 27, 55, 3, 2),
    LAYER(HD_KAPLA_CONV_WEIGHT, 192, 256, 11, 13, 3, 1), LAYER(HD_KAPLA_CONV_WEIGHT, 48, 3, 54, 223, 11, 4),
    LAYER(HD_KAPLA_CONV_WEIGHT, 500, 1000, 1, 1, 1, 1), LAYER(HD_KAPLA_DW_WEIGHT, 64, 64, 14, 29, 3, 2),
    {HD_KAPLA_LOCAL, 2, 32, 32, 65, 65, 32, 32, 3, 3, 2, 2, 1, 1}, /* small batches: rows on both sides of the mesh */
};

static void test_candidates(void **state)
{
    (void)state;
    int all = 0, same = 0;
    const double compat[] = {1, 0, 0, 1};
    hd_kapla_chip chip = golden_cloud_chip();
    hd_arch arch;
    machine_of(&chip, true, &arch);
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        hd_operator op;
        hd_kapla_layer read;
        hd_kapla_dims dims;
        golden_operator(&layers[i], &op);
        assert_true(hd_kapla_layer_of(&op, golden_makes(&layers[i]), &read, &dims, NULL));
        assert_int_equal(read.type, layers[i].type);
        assert_memory_equal(&read.batch, &layers[i].batch, sizeof read - offsetof(hd_kapla_layer, batch));
        hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla, .settings = compat,
                        .makes = golden_makes(&layers[i])};
        trial t = {.p = &p, .chip = &chip, .form = INFINITY, .scheme = INFINITY};
        hd_kapla_region mesh = {.size = {16, 16}, .step = {1, 1}};
        hd_kapla_room room = hd_kapla_room_of(&chip, 0, &mesh);
        hd_kapla_each(&layers[i], false, &room, &(hd_kapla_demand){0}, compare_candidate, &t);
        assert_int_equal(t.unexplained, 0);
        assert_true(fabs(t.scheme - t.form) <= 1e-12 * t.form);
        all += t.all;
        same += t.same;
    }
    print_message("%d of %d candidates priced the same, the best of every layer among them\n", same, all);
    assert_true(same > all * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layers), cmocka_unit_test(test_round_trip),
                                       cmocka_unit_test(test_candidates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
