/* Recorded schemes of KAPLA's research code as schemes of ours: legal, and priced the same under compat. */
#include <math.h>

#include "cost/kapla/golden.h"
#include "cost/kapla/machine.h"
#include "dataflow/kapla_convert.h"
#include "kapla_layers.h"
#include "workload/kinds.h"

/* The operator that the layer is. */
static void operator_of(const hd_kapla_layer *l, hd_operator *out)
{
    hd_conv_shape shape = {.axes = 2, .n = l->batch, .groups = 1, .k = l->nofm, .c = l->nifm, .out = {l->hofm, l->wofm},
                           .kernel = {l->hfil, l->wfil}, .stride = {l->htrd, l->wtrd}, .dilation = {1, 1}};
    if (l->type == HD_KAPLA_DW) shape.groups = l->nofm, shape.k = shape.c = 1;
    assert_int_equal((l->type == HD_KAPLA_LOCAL ? hd_kind_pool : hd_kind_conv)(&shape, out, NULL), HD_OK);
}

static void test_layers(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena);
    for (int i = 0; i < runs->items; i++) {
        hd_kapla_layer layer = kapla_layer(runs->item[i]), read;
        hd_operator op;
        hd_kapla_dims dims;
        operator_of(&layer, &op);
        assert_true(hd_kapla_layer_of(&op, &read, &dims, NULL));
        assert_int_equal(read.type, layer.type);
        assert_memory_equal(&read.batch, &layer.batch, sizeof layer - offsetof(hd_kapla_layer, batch));
    }
    hd_arena_free(arena);
}

/* Rows in the registers count twice there (kapla-measured.md, item 4): no scheme of ours does. */
static bool counts_once(const hd_kapla_scheme *form) { return form->regf.tensor[HD_KAPLA_YO] == 1; }

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
        const double compat[] = {1, 0, 0};
        hd_kapla_chip chip = golden_chip(runs->item[i]);
        hd_kapla_scheme form = golden_scheme(runs->item[i], partitions->item[i]);
        hd_operator op;
        hd_arch arch;
        if (form.systolic || !kapla_is(runs->item[i], "method", "solver") || !counts_once(&form)) continue;
        operator_of(&form.layer, &op);
        machine_of(&chip, true, &arch);
        hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla, .settings = compat};
        check_compat(&p, &chip, &form);
        same++;
    }
    print_message("%d schemes priced the same after a round trip\n", same);
    assert_true(same >= 30);
    hd_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layers), cmocka_unit_test(test_round_trip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
