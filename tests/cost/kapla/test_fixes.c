/* Every defect of the research code's model that its own form can be corrected of, on the recorded runs: which runs it
 * changes, and the numbers that are known. docs/kapla.md shows the table that this prints. */
#include <math.h>

#include "cost/kapla/golden.h"
#include "kapla_layers.h"

static const struct { unsigned fix; const char *name; } fixes[] = {
    {HD_KAPLA_FIX_FILTER, "filter"},     {HD_KAPLA_FIX_PARTIAL, "partial"},   {HD_KAPLA_FIX_ROTATION, "rotation"},
    {HD_KAPLA_FIX_MEMORY_HOPS, "memory hops"}, {HD_KAPLA_FIX_BANDWIDTH, "bandwidth"}, {HD_KAPLA_FIX_CAPACITY, "capacity"},
    {HD_KAPLA_FIX_STATIC, "static"},     {HD_KAPLA_FIX_REGION, "region"},     {HD_KAPLA_FIX_SKEW, "skew"},
    {HD_KAPLA_FIX_REUSE, "reuse"},       {HD_KAPLA_FIX_RETURN, "return"},     {HD_KAPLA_FIX_GRADIENT, "gradient"},
    {HD_KAPLA_FIX_SLIDE, "slide"},       {HD_KAPLA_FIX_ALL, "all"},
};
enum { FIXES = sizeof fixes / sizeof *fixes };

static void evaluate(const hd_node *run, const hd_node *partition, unsigned set, hd_kapla_cost *out)
{
    hd_kapla_chip chip = golden_chip(run);
    hd_kapla_scheme s = golden_scheme(run, partition);
    hd_kapla_layout source = hd_kapla_off_chip(&chip, &s.layer, false);
    hd_kapla_place place = hd_kapla_whole_mesh(&chip, &source);
    hd_kapla_evaluate(&chip, set, &s, &place, out);
}

/* Runs in which energy or time change, and by how much at most. */
typedef struct effect { int runs; double energy[2], cycles[2]; } effect;

static void note(effect *e, const hd_kapla_cost *before, const hd_kapla_cost *after)
{
    double energy = after->energy_pj / before->energy_pj, cycles = (double)after->cycles / (double)before->cycles;
    e->runs += energy != 1 || cycles != 1;
    e->energy[0] = fmin(e->energy[0], energy);
    e->energy[1] = fmax(e->energy[1], energy);
    e->cycles[0] = fmin(e->cycles[0], cycles);
    e->cycles[1] = fmax(e->cycles[1], cycles);
}

static void test_table(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena), *partitions = golden_partitions(arena);
    effect total[FIXES];
    for (int f = 0; f < FIXES; f++) {
        total[f] = (effect){0, {1, 1}, {1, 1}};
        for (int i = 0; i < runs->items; i++) {
            hd_kapla_cost before, after;
            evaluate(runs->item[i], partitions->item[i], 0, &before);
            evaluate(runs->item[i], partitions->item[i], fixes[f].fix, &after);
            note(&total[f], &before, &after);
        }
        print_message("%-12s %2d runs, energy x %.4f .. %.4f, time x %.4f .. %.4f\n", fixes[f].name, total[f].runs,
                      total[f].energy[0], total[f].energy[1], total[f].cycles[0], total[f].cycles[1]);
    }
    assert_true(total[0].energy[0] < 0.2);  /* the depthwise layers of one node */
    assert_true(total[0].energy[1] == 1);
    assert_true(total[4].cycles[0] < 0.94); /* 6 words a cycle instead of 6.4 */
    assert_int_equal(total[6].runs, runs->items);
    hd_arena_free(arena);
}

/* kapla-measured.md, item 3: dep_conv7 on one node reads 2,359,296 filter words instead of 4,608. */
static void test_depthwise_filters(void **state)
{
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    const hd_node *runs = kapla_runs(arena), *partitions = golden_partitions(arena);
    int seen = 0;
    for (int i = 0; i < runs->items; i++) {
        hd_kapla_cost c;
        const hd_node *run = runs->item[i];
        if (!kapla_is(run, "layer", "dep_conv7") || !kapla_is(run, "hw", "single_node")) continue;
        evaluate(run, partitions->item[i], 0, &c);
        assert_true(c.access[HD_KAPLA_DRAM][HD_KAPLA_W] == 2359296);
        evaluate(run, partitions->item[i], HD_KAPLA_FIX_FILTER, &c);
        assert_true(c.access[HD_KAPLA_DRAM][HD_KAPLA_W] == 4608);
        seen++;
    }
    assert_true(seen > 0);
    hd_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_depthwise_filters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
