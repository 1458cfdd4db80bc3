/* The options of the search for segments: each takes away, or adds, just the segments it speaks of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "network/candidates.h"
#include "network/pipeline.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { LAYERS = 4 };

typedef struct fixture {
    hd_network net;
    hd_layer layer[LAYERS];
    int input[LAYERS];
    hd_arch arch;
    double option[HD_OPTIONS_MOST];
    hd_plan_options options;
} fixture;

/* A chain of products on eight nodes with room for all of it. */
static void make(fixture *f)
{
    static char name[LAYERS][2] = {"a", "b", "c", "d"};
    *f = (fixture){.net = {.name = "chain", .batch = 8, .layer = f->layer, .layers = LAYERS}};
    small_level(&f->arch.level[0], "DRAM", 200, 0, false);
    small_level(&f->arch.level[1], "BUF", 3, 500, false);
    small_level(&f->arch.level[2], "MAC", 0, 0, false);
    f->arch.level[1].fan[HD_X] = 4;
    f->arch.level[1].fan[HD_Y] = 2;
    f->arch.level[1].mesh = (hd_mesh){.ports = 1, .hop_pj = 1};
    f->arch.levels = 3;
    f->arch.vector_at = 2;
    f->arch.mac_pj = 1;
    assert_int_equal(hd_arch_check(&f->arch, NULL), HD_OK);
    for (int i = 0; i < LAYERS; i++) {
        f->input[i] = i - 1;
        f->layer[i] = (hd_layer){.name = name[i], .op_name = "MatMul", .inputs = 1, .input = &f->input[i], .fused_into = -1,
                                 .repeats = 1};
        assert_int_equal(hd_kind_matmul(1, 8, 4, 4, false, &f->layer[i].op, NULL), HD_OK);
    }
    hd_network_seal(&f->net);
    hd_option_values(hd_pipeline_options, NULL, f->option);
    f->options = (hd_plan_options){.solver = &hd_solver_descend, .model = &hd_model_native, .evaluations = 50, .threads = 1,
                                   .pipeline = f->option};
}

/* Segments listed: layers alone, stages side by side, in turn with whole tensors, at home; the most stages of any; the most
 * granularities of one run. */
typedef struct listed { int alone, beside, in_turn, at_home, most_stages, most_groups; } listed;

static listed list(fixture *f)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_candidates all = {.net = &f->net, .arch = &f->arch};
    listed n = {0};
    hd_quest_start(&all.quest, &f->options, arena);
    assert_int_equal(hd_candidates_list(&all, NULL), HD_OK);
    for (int i = 0, groups = 0; i < all.count; i++) {
        const hd_staging *s = all.list[i].staging, *before = i > 0 ? all.list[i - 1].staging : NULL;
        if (!s) n.alone++;
        else if (s->at_home) n.at_home++;
        else if (s->stages > 1) n.beside++;
        else n.in_turn++;
        bool same = s && before && s->layers == before->layers && s->at_home == before->at_home && s->stages == before->stages;
        groups = same ? groups + 1 : 1;
        if (groups > n.most_groups) n.most_groups = groups;
        if (s && s->stages > n.most_stages) n.most_stages = s->stages;
    }
    hd_arena_free(arena);
    return n;
}

static void options_choose_segments(void **state)
{
    (void)state;
    fixture f;
    make(&f);
    const listed all = list(&f);
    assert_true(all.alone == LAYERS && all.beside > 0 && all.in_turn > 0 && all.at_home > 0);
    assert_true(all.most_stages == LAYERS && all.most_groups == 3);
    f.options.pipeline = NULL;
    assert_int_equal(list(&f).beside, all.beside); /* the standards */
    f.options.pipeline = f.option;
    f.option[HD_PIPELINE_STAGES] = 2;
    listed few = list(&f);
    assert_true(few.most_stages == 2 && few.beside < all.beside && few.in_turn == all.in_turn && few.at_home == all.at_home);
    f.option[HD_PIPELINE_STAGES] = 1;
    assert_int_equal(list(&f).beside, 0);
    f.option[HD_PIPELINE_HOMES] = 0;
    few = list(&f);
    assert_true(few.at_home == 0 && few.in_turn == all.in_turn);
    f.option[HD_PIPELINE_GROUPS] = 1;
    assert_int_equal(list(&f).most_groups, 1);
    f.option[HD_PIPELINE_GROUPS] = 64; /* as many as divide the batch: 1, 2, 4, 8 */
    assert_int_equal(list(&f).most_groups, 4);
}

/* Where there is hardly any time, layers alone are all that is looked at; the bound is of every segment all the same. */
static void little_time_is_for_layers_alone(void **state)
{
    (void)state;
    static const hd_objective objective[] = {HD_ENERGY, HD_LATENCY, HD_EDP};
    for (int i = 0; i < HD_OBJECTIVES; i++) {
        fixture f;
        hd_plan *plan, *hasty;
        make(&f);
        f.options.objective = objective[i];
        assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, true, &plan, NULL), HD_OK);
        f.options.seconds = 1e-9;
        const listed few = list(&f);
        assert_true(few.alone == LAYERS && few.beside == 0 && few.in_turn == 0 && few.at_home == 0);
        assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, true, &hasty, NULL), HD_OK);
        const double cost[HD_OBJECTIVES] = {plan->energy_pj, (double)plan->latency_cycles, plan->edp};
        assert_true(hasty->failed < 0 && hasty->segments == LAYERS && (i > 0 || plan->segments < LAYERS));
        assert_true(hasty->lower_bound > 0 && hasty->lower_bound <= cost[objective[i]]);
        hd_plan_free(plan);
        hd_plan_free(hasty);
    }
}

/* The plan has no segments of a form that was not looked at; more choice never costs more. */
static void plans_keep_to_options(void **state)
{
    (void)state;
    static const double stages[] = {1, 1, 5};
    double before = INFINITY;
    for (int i = 0; i < 3; i++) {
        fixture f;
        hd_plan *plan;
        make(&f);
        f.option[HD_PIPELINE_STAGES] = stages[i];
        f.option[HD_PIPELINE_HOMES] = i > 0;
        assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, false, &plan, NULL), HD_OK);
        assert_true(plan->failed < 0 && plan->lower_bound <= plan->energy_pj && plan->energy_pj <= before * (1 + 1e-3));
        before = plan->energy_pj;
        for (int k = 0; k < plan->segments; k++)
            assert_true(plan->segment[k].stages <= stages[i] && (i > 0 || !plan->segment[k].at_home));
        hd_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_choose_segments),
        cmocka_unit_test(little_time_is_for_layers_alone),
        cmocka_unit_test(plans_keep_to_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
