/* Layers that take turns on a mesh: what waits in the buffers while each runs, told by walking through the turns; what is handed
 * on is written and read word for word, and replayed; a chain with tensors at home costs, priced anew, what the search said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/region.h"
#include "base/count.h"
#include "base/random.h"
#include "network/pipeline.h"
#include "network/segments.h"
#include "network/stages.h"
#include "small_level.h"
#include "verify/replay.h"
#include "workload/kinds.h"

enum { MOST = 7, BATCH = 4, WIDTH = 3, ROOM = 4000 };

typedef struct fixture {
    hd_network net;
    hd_layer layer[MOST];
    int input[MOST][2];
    char name[MOST][16];
    hd_arch arch;
    hd_plan_options options;
} fixture;

static void make_chip(fixture *f, int64_t room)
{
    small_three(&f->arch, 3, room);
    small_mesh(&f->arch.level[1], 3, 2, (hd_mesh){.ports = 1, .port = {{0, 0}}});
    f->arch.level[0].shared_bw = 2;
    f->arch.static_pj_per_cycle = 1;
    assert_int_equal(hd_arch_check(&f->arch, NULL), HD_OK);
}

/* Products of a result before, or sums of two of them; some leave the network. */
static void make(hd_random *random, int64_t room, fixture *f)
{
    memset(f, 0, sizeof *f);
    make_chip(f, room);
    f->net = (hd_network){.name = "random", .batch = BATCH, .layer = f->layer};
    f->net.layers = 3 + (int)hd_random_below(random, MOST - 2);
    for (int i = 0; i < f->net.layers; i++) {
        hd_layer *l = &f->layer[i];
        bool sum = i > 1 && hd_random_below(random, 3) == 0;
        *l = (hd_layer){.name = f->name[i], .op_name = sum ? "Sum" : "MatMul", .inputs = sum ? 2 : 1, .input = f->input[i],
                       .fused_into = -1, .repeats = 1};
        f->input[i][0] = i - 1;
        f->input[i][1] = i > 1 ? (int)hd_random_below(random, i - 1) : -1;
        if (!sum && i > 1 && hd_random_below(random, 3) == 0) f->input[i][0] = f->input[i][1];
        snprintf(f->name[i], sizeof f->name[i], "l%d", i);
        if (sum) assert_int_equal(hd_kind_reduce_maps(2, BATCH, WIDTH, 1, 1, &l->op, NULL), HD_OK);
        else assert_int_equal(hd_kind_matmul(1, BATCH, WIDTH, WIDTH, false, &l->op, NULL), HD_OK);
        l->leaves = hd_random_below(random, 8) == 0;
    }
    hd_network_seal(&f->net);
    f->options = (hd_plan_options){.solver = &hd_solver_descend, .model = &hd_model_native, .seed = 1, .threads = 1};
}

/* ---- what waits ---- */

static bool reads(const fixture *f, int reader, int value)
{
    for (int k = 0; k < f->layer[reader].inputs; k++)
        if (f->input[reader][k] == value) return true;
    return false;
}

/* All that the layer reads is made on the chip, one turn after another. */
static bool reads_inside(const fixture *f, int reader, int first, int last, const bool *kept)
{
    for (int k = 0; k < f->layer[reader].inputs; k++) {
        int from = f->input[reader][k];
        if (from < first || from > last || !kept[from]) return false;
    }
    return true;
}

/* Values that layers first .. last may keep among them: at home, only what nobody outside needs. */
static void find_kept(const fixture *f, int first, int last, bool at_home, bool *kept)
{
    for (int v = 0; v < f->net.layers; v++) kept[v] = v >= first && v <= last;
    for (bool again = at_home; again;) {
        again = false;
        for (int v = first; v <= last; v++) {
            bool all = !f->layer[v].leaves;
            for (int r = 0; r < f->net.layers; r++)
                if (reads(f, r, v)) all = all && r >= first && r <= last && reads_inside(f, r, first, last, kept);
            again |= kept[v] && !all;
            kept[v] = kept[v] && all;
        }
    }
}

/* Words of other layers' results on each node in the turn of layer i, and of its own where results have homes. */
static int64_t waiting(const fixture *f, int first, int last, int64_t groups, bool at_home, const bool *kept, int i)
{
    int64_t words = 0;
    for (int v = first; v <= last; v++) {
        bool lives = false;
        for (int r = v + 1; r <= last; r++)
            if (reads(f, r, v) && kept[v] && reads_inside(f, r, first, last, kept)) lives = lives || r >= i;
        if (lives && (v < i || (at_home && v == i))) words += hd_count_ceil_div(BATCH * WIDTH, groups * 6);
    }
    return words;
}

static void room_is_what_waits(void **state)
{
    (void)state;
    hd_random random;
    int seen[2] = {0}, short_of[2] = {0};
    hd_random_seed(&random, 12, 0);
    for (int n = 0; n < 400; n++) {
        fixture f;
        make(&random, ROOM, &f);
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_value *value;
        hd_staging *s;
        int layer[MOST], stage[MOST] = {0};
        bool kept[MOST];
        int first = (int)hd_random_below(&random, f.net.layers - 1);
        int last = first + 1 + (int)hd_random_below(&random, f.net.layers - first - 1);
        for (int i = first; i <= last; i++) layer[i - first] = i;
        const hd_staging_form form = {.groups = 1 + hd_random_below(&random, 2), .at_home = hd_random_below(&random, 2) == 0};
        assert_int_equal(hd_network_values(&f.net, arena, &value, NULL), HD_OK);
        int layers = last - first + 1;
        assert_int_equal(hd_stages_build(&f.net, value, &f.arch, &f.options, layer, stage, layers, &form, arena, &s, NULL),
                         HD_OK);
        find_kept(&f, first, last, form.at_home, kept);
        for (int i = first; s && i <= last; i++) {
            int64_t taken = ROOM - s->of[i - first].problem.arch->level[1].capacity;
            bool inside = reads_inside(&f, i, first, last, kept);
            assert_int_equal(taken, waiting(&f, first, last, form.groups, form.at_home, kept, i));
            assert_int_equal((s->of[i - first].handed & HD_ROLE_BIT(HD_I)) != 0, inside);
            short_of[form.at_home] += taken > 0;
        }
        seen[form.at_home] += s != NULL;
        hd_arena_free(arena);
    }
    for (int k = 0; k < 2; k++) assert_true(seen[k] > 50 && short_of[k] > 50);
}

/* ---- what is handed on ---- */

static int stage_of(const hd_plan *plan, int layer)
{
    for (int i = 0; i < plan->segments; i++)
        for (int k = 0; k < plan->segment[i].stages; k++)
            for (int j = 0; j < plan->segment[i].stage[k].layers; j++)
                if (plan->segment[i].stage[k].layer[j] == layer) return i;
    return -1;
}

static unsigned elsewhere(const hd_plan *plan, int layer) { return plan->layer[layer].problem.arch->level[0].elsewhere; }

/* Who reads a result from the chip reads what its maker left there: all words once, or of what has a home at least once each. */
static void check_words(const fixture *f, const hd_plan *plan)
{
    for (int r = 0; r < f->net.layers; r++) {
        int64_t written = 0, read = plan->layer[r].best.price.access[0][HD_I].reads;
        bool at_home = plan->segment[stage_of(plan, r)].at_home;
        if (!(elsewhere(plan, r) & HD_ROLE_BIT(HD_I))) continue;
        for (int k = 0; k < f->layer[r].inputs; k++) {
            int from = f->input[r][k];
            assert_int_equal(stage_of(plan, from), stage_of(plan, r));
            int64_t updates = plan->layer[from].best.price.access[0][HD_O].updates, words = BATCH * WIDTH;
            if (elsewhere(plan, from) & HD_ROLE_BIT(HD_O)) assert_true(at_home ? updates >= words : updates == words);
            written += words;
        }
        if (at_home) assert_true(read >= written);
        else assert_int_equal(read, written);
    }
}

static void check_again(const fixture *f, const hd_plan *plan)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_scheme scheme[MOST];
    hd_plan_options o = f->options;
    hd_plan *again;
    for (int i = 0; i < f->net.layers; i++) scheme[i] = plan->layer[i].best.scheme;
    assert_int_equal(hd_segments_place(&f->net, &f->arch, plan->segment, plan->segments, arena, &o, NULL), HD_OK);
    assert_int_equal(hd_plan_price(&f->net, &f->arch, scheme, &o, &again, NULL), HD_OK);
    assert_int_equal(hd_segments_price(again, plan->segment, plan->segments, arena, NULL), HD_OK);
    assert_true(again->energy_pj == plan->energy_pj);
    assert_int_equal(again->latency_cycles, plan->latency_cycles);
    hd_plan_free(again);
    hd_arena_free(arena);
}

/* Every layer replayed, word by word, on the chip that its segment makes for it. */
static void check_replay(const fixture *f, const hd_plan *plan)
{
    for (int i = 0; i < f->net.layers; i++) {
        const hd_incumbent *best = &plan->layer[i].best;
        hd_replay counts;
        assert_int_equal(hd_replay_scheme(&plan->layer[i].problem, &best->scheme, 1 << 20, &counts, NULL), HD_OK);
        assert_int_equal(counts.latency_cycles, best->price.latency_cycles);
        for (int l = 0; l < f->arch.levels; l++)
            for (int r = 0; r < HD_ROLES; r++) {
                assert_int_equal(counts.access[l][r].reads, best->price.access[l][r].reads);
                assert_int_equal(counts.access[l][r].updates, best->price.access[l][r].updates);
                assert_int_equal(counts.access[l][r].fills, best->price.access[l][r].fills);
                assert_int_equal(counts.hops[l][r], best->price.hops[l][r]);
            }
    }
}

static void words_are_handed_on(void **state)
{
    (void)state;
    hd_random random;
    int together = 0, homes = 0;
    hd_random_seed(&random, 13, 0);
    for (int n = 0; n < 12; n++) {
        double values[8];
        fixture f;
        hd_plan *plan;
        make(&random, 4 + hd_random_below(&random, 16), &f);
        for (int i = 0; hd_solver_descend.options[i].name; i++) values[i] = hd_solver_descend.options[i].standard;
        values[hd_option_find(hd_solver_descend.options, "work")] = 200;
        values[hd_option_find(hd_solver_descend.options, "restarts")] = 8;
        f.options.option_values = values;
        assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, true, &plan, NULL), HD_OK);
        if (plan->failed < 0) {
            check_words(&f, plan);
            check_again(&f, plan);
            check_replay(&f, plan);
            for (int i = 0; i < plan->segments; i++) homes += plan->segment[i].at_home;
            together += plan->segments < f.net.layers;
        }
        hd_plan_free(plan);
    }
    assert_true(together > 3 && homes > 1);
}

/* ---- what groups fetch ---- */

/* Random schemes of one layer of a segment: each costs, with what it fetches again, at least the bound and that of every group.
 * How many, and how many had something to fetch. */
static void check_least(const fixture *f, const hd_staging *s, int i, hd_random *random, int *priced, int *fetching)
{
    enum { DRAWS = 20 };
    const hd_problem *p = &s->of[i].problem;
    const hd_sum least = hd_stages_least_again(s, i, NULL);
    hd_budget free_of_charge = {0};
    hd_space space;
    hd_bound bound;
    hd_plan_space(&f->options, p, NULL, &space);
    space.constraints = s->of[i].limits;
    f->options.model->bound(p, &bound);
    for (int n = 0; n < DRAWS; n++) {
        hd_incumbent inc;
        hd_scheme scheme;
        hd_incumbent_init(&inc, f->options.model, p, HD_ENERGY);
        hd_space_sample(&space, random, &scheme);
        if (!hd_constraints_hold(&space, &scheme, NULL)) continue;
        if (!isfinite(hd_incumbent_offer(&inc, &free_of_charge, &scheme))) continue;
        hd_sum again = hd_stages_refetch(s, i, &scheme, &inc.price);
        assert_true(inc.price.energy_pj + again.energy_pj >= bound.energy_pj + least.energy_pj * (1 - 1e-12));
        assert_true((double)inc.price.latency_cycles + again.cycles >= least.cycles);
        ++*priced;
        *fetching += least.energy_pj > 0;
    }
}

static void groups_fetch_no_less(void **state)
{
    (void)state;
    hd_random random;
    int priced[2] = {0}, fetching[2] = {0}; /* in turn, side by side */
    hd_random_seed(&random, 14, 0);
    for (int n = 0; n < 400; n++) {
        fixture f;
        int layer[MOST], stage[MOST];
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_value *value;
        hd_staging *s;
        make(&random, 4 + hd_random_below(&random, 16), &f);
        f.arch.level[1].mesh.share = hd_random_below(&random, 2);
        assert_int_equal(hd_arch_check(&f.arch, NULL), HD_OK);
        bool beside = hd_random_below(&random, 2);
        for (int i = 0; i < f.net.layers; i++) layer[i] = i, stage[i] = beside && i > 0 ? (i + 1) / 3 : 0;
        const hd_staging_form form = {.groups = hd_random_below(&random, 2) ? BATCH : 2,
                                      .at_home = !beside && hd_random_below(&random, 2)};
        assert_int_equal(hd_network_values(&f.net, arena, &value, NULL), HD_OK);
        assert_int_equal(hd_stages_build(&f.net, value, &f.arch, &f.options, layer, stage, f.net.layers, &form, arena, &s, NULL),
                         HD_OK);
        for (int i = 0; s && i < s->layers; i++) check_least(&f, s, i, &random, &priced[beside], &fetching[beside]);
        hd_arena_free(arena);
    }
    for (int k = 0; k < 2; k++) assert_true(priced[k] > 200 && fetching[k] > 100);
}

/* ---- the way to a home ---- */

static void a_home_is_spread_over_all_nodes(void **state)
{
    (void)state;
    fixture f = {.net = {.layers = 0}};
    for (int x = 1; x <= 5; x++)
        for (int y = 1; y <= 4; y++) {
            make_chip(&f, ROOM);
            f.arch.level[1].fan[HD_X] = x;
            f.arch.level[1].fan[HD_Y] = y;
            hd_arch chip = f.arch;
            double way = 0;
            for (int i = 0; i < x; i++)
                for (int k = 0; k < y; k++) way += abs(i - x / 2) + abs(k - y / 2);
            hd_arch_spread(&chip, HD_I);
            assert_true(fabs(chip.level[0].read_pj[HD_I] - (3 + way / (x * y))) <= 1e-12 * (3 + way));
            assert_true(chip.level[0].elsewhere == HD_ROLE_BIT(HD_I) && chip.level[0].read_pj[HD_W] == 200);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_is_what_waits),
        cmocka_unit_test(words_are_handed_on),
        cmocka_unit_test(groups_fetch_no_less),
        cmocka_unit_test(a_home_is_spread_over_all_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
