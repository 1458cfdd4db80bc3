/* Does the search over the 36 pairs of loop orders end where the research code's did, at the same cost? */
#include <math.h>

#include "kapla_layers.h"

static hd_kapla_chip chip_of(const hd_node *run)
{
    hd_kapla_chip c = {.nodes = {16, 16}, .array = {8, 8}, .gbuf_words = 16384, .regf_words = 32, .op_pj = 0.9984, .hop_pj = 9.76,
                       .static_pj = 1272.8688055044508, .dram_bw = 25.6, .bus_bw = 8,
                       .access_pj = {401.89027539954336, 2.832545, 1.6416, 0.0940885},
                       .memory = {.size = {2, 2}, .step = {15, 15}}};
    if (!run || kapla_is(run, "hw", "multi_node")) return c;
    return (hd_kapla_chip){.nodes = {1, 1}, .array = {16, 16}, .gbuf_words = 131072, .regf_words = 256, .op_pj = 0.9984,
                           .hop_pj = 9.76, .static_pj = 541.0220055044509, .dram_bw = 6.4, .bus_bw = 16,
                           .access_pj = {401.89027539954336, 7.4837, 3.2832, 0.2507285}, .memory = {.size = {2, 2}}};
}

static int check_run(const hd_node *run)
{
    hd_kapla_chip chip = chip_of(run);
    hd_kapla_problem p = {.layer = kapla_layer(run), .systolic = kapla_is(run, "mapping", "systolic"), .chip = &chip};
    hd_kapla_layout source = hd_kapla_off_chip(&chip, &p.layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(&chip, &source);
    const hd_node *muxed = hd_node_get(run, "force_time_mux"), *vars = hd_node_get(hd_node_get(run, "kapla"), "sched_vars");
    const hd_node *orders = hd_node_get(vars, "bl_ords_gbuf_regf");
    hd_kapla_scheme best;
    hd_kapla_cost cost;
    int wrong = 0;
    place.pins_weights = !(muxed && hd_node_is(muxed, "true"));
    p.place = &place;
    assert_true(hd_kapla_search(&p, &best, &cost));
    for (int b = 0; b < HD_KAPLA_UNITS; b++)
        for (int l = 0; l < HD_KAPLA_LOOPS; l++) wrong += best.order[b][l] != kapla_int(orders->item[b]->item[l]);
    double recorded = kapla_double(hd_node_get(run, "total_cost")) * 1e12;
    wrong += fabs(cost.energy_pj - recorded) > 1e-6 * recorded;
    if (wrong)
        print_error("%s/%s %s: %.9g, recorded %.9g; orders %d%d%d %d%d%d\n", hd_node_get(run, "net")->text,
                    hd_node_get(run, "layer")->text, hd_node_get(run, "hw")->text, cost.energy_pj, recorded, best.order[0][0],
                    best.order[0][1], best.order[0][2], best.order[1][0], best.order[1][1], best.order[1][2]);
    return wrong != 0;
}

static void test_recorded_choices(void **state)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena);
    int n = 0, wrong = 0;
    (void)state;
    for (int i = 0; i < runs->items; i++) {
        if (!kapla_is(runs->item[i], "method", "solver")) continue;
        wrong += check_run(runs->item[i]);
        n++;
    }
    assert_int_equal(wrong, 0);
    assert_int_equal(n, 40);
    hd_arena_free(arena);
}

/* As shipped: hops are recalled. */
static hd_kapla_cost solve_layer(const hd_kapla_chip *chip, const hd_kapla_layer *layer, hd_objective objective,
                                 const hd_kapla_layout *source)
{
    hd_kapla_layout first = hd_kapla_off_chip(chip, layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(chip, source ? source : &first);
    hd_kapla_room room = hd_kapla_room_of(chip, 0, &place.region);
    hd_kapla_tries tries;
    hd_kapla_find_tries(layer, false, &room, &tries);
    place.tries = &tries;
    hd_kapla_problem p = {.layer = *layer, .chip = chip, .place = &place, .objective = objective};
    hd_kapla_scheme best;
    hd_kapla_cost cost;
    assert_true(hd_kapla_search(&p, &best, &cost));
    return cost;
}

/* Layers on which what the shipped code remembers changes the choice: their records are in the file as it is without. */
static void test_hops_recalled(void **state)
{
    static const struct { const char *layer; double shipped_pj; } runs[] = {{"conv3_a", 16326808215.268815},
                                                                           {"pooling13", 1811950685.5798155}};
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *all = kapla_runs(arena);
    hd_kapla_chip chip = chip_of(NULL);
    int n = 0;
    (void)state;
    for (int i = 0; i < all->items; i++)
        for (int k = 0; k < 2; k++) {
            const hd_node *run = all->item[i];
            if (!kapla_is(run, "method", "solver") || !kapla_is(run, "hw", "multi_node")) continue;
            if (!kapla_is(run, "layer", runs[k].layer)) continue;
            hd_kapla_layer layer = kapla_layer(run);
            double have = solve_layer(&chip, &layer, HD_ENERGY, NULL).energy_pj;
            double without = kapla_double(hd_node_get(run, "total_cost")) * 1e12;
            assert_true(fabs(have - runs[k].shipped_pj) <= 1e-9 * have && have > 1.006 * without);
            n++;
        }
    assert_int_equal(n, 3);
    hd_arena_free(arena);
}

/* ---- whole networks in training: every layer alone on the whole mesh ---- */

typedef struct training { hd_kapla_cost sum; double energy_pj, hops_pj, node_hops_pj; int64_t cycles; } training;

static void add(training *t, const hd_kapla_cost *c, int times)
{
    t->energy_pj += times * c->energy_pj;
    t->hops_pj += times * c->memory_hop_pj;
    t->node_hops_pj += times * c->node_hop_pj;
    t->cycles += times * c->cycles;
    t->sum.dram_pj += times * c->dram_pj;
    t->sum.gbuf_pj += times * c->gbuf_pj;
    t->sum.itcn_pj += times * c->itcn_pj;
    t->sum.regf_pj += times * c->regf_pj;
    t->sum.op_pj += times * c->op_pj;
}

static hd_kapla_cost connected(const hd_kapla_chip *chip, hd_kapla_type type, int64_t c, int64_t k,
                               const hd_kapla_layout *source)
{
    hd_kapla_layer layer = {type, 64, c, k, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    return solve_layer(chip, &layer, HD_ENERGY, source);
}

/* 5.8: the perceptron 784-1500-1000-500-10 at batch 64.  6272 word-hops of fc1's weights hang on what the shipped code
 * remembers: those of the pair 012-102, whose blocks and groups of nodes are the same, put together otherwise. */
static void test_training_of_a_perceptron(void **state)
{
    enum { LAYERS = 4 };
    static const int64_t width[LAYERS + 1] = {784, 1500, 1000, 500, 10};
    hd_kapla_chip chip = chip_of(NULL);
    hd_kapla_cost c = {0};
    training t = {0};
    (void)state;
    for (int l = 0; l < LAYERS; l++) {
        hd_kapla_layout before = c.output;
        c = connected(&chip, HD_KAPLA_CONV, width[l], width[l + 1], l ? &before : NULL);
        add(&t, &c, 1);
    }
    for (int l = LAYERS - 1; l >= 0; l--) {
        hd_kapla_layout gradient = c.output;
        hd_kapla_cost weights = connected(&chip, HD_KAPLA_CONV_WEIGHT, width[l + 1], width[l], &gradient);
        c = connected(&chip, HD_KAPLA_CONV_BACK, width[l + 1], width[l], &gradient);
        add(&t, &weights, 1);
        add(&t, &c, 1);
    }
    assert_int_equal(t.cycles, 445360);
    assert_true(fabs(t.energy_pj - 6.67293028e9) < 5);
    assert_true(fabs(t.hops_pj - 3.65470110e8) < 1);
}

/* AlexNet at batch 64, its research code's list: how often, and the numbers of a layer. */
static const struct { int times; hd_kapla_layer layer; } alexnet[] = {
    {2, {HD_KAPLA_CONV, 64, 3, 48, 227, 227, 55, 55, 11, 11, 4, 4, 1, 1}},
    {2, {HD_KAPLA_LOCAL, 64, 48, 48, 55, 55, 27, 27, 3, 3, 2, 2, 1, 1}},
    {2, {HD_KAPLA_CONV, 64, 48, 128, 31, 31, 27, 27, 5, 5, 1, 1, 1, 1}},
    {2, {HD_KAPLA_LOCAL, 64, 128, 128, 27, 27, 13, 13, 3, 3, 2, 2, 1, 1}},
    {2, {HD_KAPLA_CONV, 64, 256, 192, 15, 15, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV, 64, 192, 192, 15, 15, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV, 64, 192, 128, 15, 15, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_LOCAL, 64, 128, 128, 13, 13, 6, 6, 3, 3, 2, 2, 1, 1}},
    {1, {HD_KAPLA_CONV, 64, 256, 4096, 6, 6, 1, 1, 6, 6, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV, 64, 4096, 4096, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV, 64, 4096, 1000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV_BACK, 64, 1000, 4096, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV_WEIGHT, 64, 1000, 4096, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV_BACK, 64, 4096, 4096, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {1, {HD_KAPLA_CONV_WEIGHT, 64, 4096, 4096, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 4096, 128, 1, 1, 6, 6, 6, 6, 6, 6, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 4096, 128, 1, 1, 6, 6, 6, 6, 6, 6, 1, 1}},
    {2, {HD_KAPLA_LOCAL_BACK, 64, 128, 128, 6, 6, 13, 13, 3, 3, 2, 2, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 128, 192, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 128, 192, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 192, 192, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 192, 192, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 192, 256, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 192, 256, 11, 11, 13, 13, 3, 3, 1, 1, 1, 1}},
    {2, {HD_KAPLA_LOCAL, 64, 512, 128, 13, 13, 13, 13, 1, 1, 1, 1, 4, 4}},
    {2, {HD_KAPLA_LOCAL_BACK, 64, 128, 128, 13, 13, 27, 27, 3, 3, 2, 2, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 128, 48, 23, 23, 27, 27, 5, 5, 1, 1, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 128, 48, 23, 23, 27, 27, 5, 5, 1, 1, 1, 1}},
    {2, {HD_KAPLA_LOCAL_BACK, 64, 48, 48, 27, 27, 55, 55, 3, 3, 2, 2, 1, 1}},
    {2, {HD_KAPLA_CONV_BACK, 64, 48, 3, 54, 54, 224, 224, 11, 11, 4, 4, 1, 1}},
    {2, {HD_KAPLA_CONV_WEIGHT, 64, 48, 3, 54, 54, 224, 224, 11, 11, 4, 4, 1, 1}},
};
enum { ALEXNET = sizeof alexnet / sizeof *alexnet };

static bool is_near(double have, double want) { return fabs(have - want) <= 1e-6 * want; }

/* Recorded sums of 55 layers, for least energy and for least time.  Hops from memory hang on where the layers before leave
 * their outputs and on what the shipped code remembers: left out; those of sharing do not. */
static void test_training_of_alexnet(void **state)
{
    static const struct { hd_objective objective; int64_t cycles; double dram, gbuf, itcn, regf, op, node_hops; } want[] = {
        {HD_ENERGY, 26350329, 0.21592790295790928e12, 0.04034185096263682e12, 0.0822211517546496e12, 0.04914877917548546e12,
         0.13042283288985596e12, 0.00054401021952e12},
        {HD_LATENCY, 26279550, 0.2152167693685175e12, 0.04077351885596673e12, 0.0838228473741312e12, 0.04914877917548546e12,
         0.13042283288985596e12, 0.07581974109696e12},
    };
    hd_kapla_chip chip = chip_of(NULL);
    (void)state;
    for (int g = 0; g < 2; g++) {
        training t = {0};
        for (int i = 0; i < ALEXNET; i++) {
            hd_kapla_cost c = solve_layer(&chip, &alexnet[i].layer, want[g].objective, NULL);
            add(&t, &c, alexnet[i].times);
        }
        assert_int_equal(t.cycles, want[g].cycles);
        assert_true(is_near(t.sum.dram_pj, want[g].dram));
        assert_true(is_near(t.sum.gbuf_pj, want[g].gbuf));
        assert_true(is_near(t.sum.itcn_pj, want[g].itcn));
        assert_true(is_near(t.sum.regf_pj, want[g].regf));
        assert_true(is_near(t.sum.op_pj, want[g].op));
        assert_true(is_near(t.node_hops_pj, want[g].node_hops));
    }
}

/* With --all also the long one. */
int main(int count, char **arg)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_choices), cmocka_unit_test(test_hops_recalled),
                                       cmocka_unit_test(test_training_of_a_perceptron)};
    const struct CMUnitTest long_tests[] = {cmocka_unit_test(test_training_of_alexnet)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bool all = count > 1 && strcmp(arg[1], "--all") == 0;
    return failed + (all ? cmocka_run_group_tests(long_tests, NULL, NULL) : 0);
}
