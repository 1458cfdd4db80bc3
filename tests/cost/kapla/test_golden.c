/* Every number that KAPLA's research code recorded of its own model (tests/data/kapla) comes out of ours in compat mode. */
#include <math.h>
#include <stdio.h>

#include "cost/kapla/golden.h"
#include "kapla_layers.h"

typedef struct tally { int runs, numbers; const char *layer; } tally;

static void check(tally *t, const char *what, double ours, double recorded)
{
    t->numbers++;
    if (fabs(ours - recorded) > 1e-6 * fmax(fabs(recorded), 1e-300))
        fail_msg("run %d, %s: %s is %.17g, recorded %.17g", t->runs, t->layer, what, ours, recorded);
}

static void check_counts(tally *t, const hd_node *run, const hd_kapla_cost *c)
{
    const hd_node *rows = hd_node_get(hd_node_get(run, "kapla"), "accesses_dram_gbuf_itcn_regf_x_fil_ifm_ofm");
    const hd_node *hops = hd_node_get(hd_node_get(run, "kapla"), "noc_hops");
    const hd_node *stale = hd_node_get(run, "accesses_stale");
    for (int k = 0; k < HD_KAPLA_TENSORS; k++) {
        check(t, "word-hops", c->memory_hops[k] + c->node_hops[k], kapla_double(hops->item[k]));
        for (int l = 0; l < HD_KAPLA_LEVELS && !(stale && hd_node_is(stale, "true")); l++)
            check(t, "accesses", c->access[l][k], kapla_double(rows->item[l]->item[k]));
    }
}

static void check_cost(tally *t, const hd_node *run, const hd_kapla_cost *c)
{
    const hd_node *cost = hd_node_get(hd_node_get(run, "kapla"), "cost");
    const hd_node *times = hd_node_get(hd_node_get(run, "kapla"), "layer_time_proc_dram_bus");
    const struct { const char *name; double ours; } term[] = {
        {"dram_cost", c->dram_pj},        {"sram_cost", c->gbuf_pj},          {"itcn_cost", c->itcn_pj},
        {"regf_cost", c->regf_pj},        {"remote_sram_cost", c->remote_pj}, {"node_hop_cost", c->node_hop_pj},
        {"mem_hop_cost", c->memory_hop_pj}, {"op_cost", c->op_pj}};
    for (size_t i = 0; i < sizeof term / sizeof *term; i++)
        check(t, term[i].name, term[i].ours * 1e-12, kapla_double(hd_node_get(cost, term[i].name)));
    check(t, "total cost", c->energy_pj * 1e-12, kapla_double(hd_node_get(run, "total_cost")));
    check(t, "proc", (double)c->proc_cycles, kapla_double(times->item[0]));
    check(t, "dram", (double)c->dram_cycles, kapla_double(times->item[1]));
    check(t, "bus", (double)c->bus_cycles, kapla_double(times->item[2]));
    check(t, "total time", (double)c->cycles, kapla_double(hd_node_get(run, "total_time")));
}

static void check_run(tally *t, const hd_node *run, const hd_node *partition)
{
    hd_kapla_chip chip = golden_chip(run);
    hd_kapla_scheme s = golden_scheme(run, partition);
    hd_kapla_layout source = hd_kapla_off_chip(&chip, &s.layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(&chip, &source);
    hd_kapla_cost c;
    const hd_node *muxed = hd_node_get(run, "force_time_mux");
    place.pins_weights = !(muxed && hd_node_is(muxed, "true"));
    t->layer = hd_node_get(run, "layer")->text;
    assert_true(hd_node_is(hd_node_get(partition, "layer"), t->layer));
    assert_true(hd_kapla_fits(&chip, 0, &s, NULL));
    hd_kapla_evaluate(&chip, 0, &s, &place, &c);
    check_counts(t, run, &c);
    check_cost(t, run, &c);
    for (int k = 0; k < HD_KAPLA_TENSORS; k++)
        check(t, "unit hops", (double)c.unit_hops[k], kapla_double(hd_node_get(partition, "unit_hops")->item[k]));
    t->runs++;
}

static void test_recorded_runs(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    tally t = {0, 0, ""};
    const hd_node *runs = kapla_runs(arena), *partitions = golden_partitions(arena);
    assert_int_equal(runs->items, partitions->items);
    for (int i = 0; i < runs->items; i++) check_run(&t, runs->item[i], partitions->item[i]);
    print_message("%d recorded runs, %d numbers compared\n", t.runs, t.numbers);
    hd_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_runs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
