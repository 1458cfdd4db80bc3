/* Segments on a mesh: the search finds what searching everything finds; a schedule's segments cost what the search said; stages
 * overlap as a pipeline does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/region.h"
#include "base/random.h"
#include "network/inter_layer.h"
#include "network/pipeline.h"
#include "network/product.h"
#include "network/segments.h"
#include "network/stages.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { MOST = 4 };

static int networks = 18; /* or as the first argument says */

typedef struct fixture {
    hd_network net;
    hd_layer layer[MOST];
    int input[MOST];
    char name[MOST][16];
    hd_arch arch;
    double values[8];
    hd_plan_options options;
} fixture;

static void make_chip(fixture *f, int64_t buffer)
{
    small_three(&f->arch, 3, buffer);
    small_mesh(&f->arch.level[1], 4, 2, (hd_mesh){.ports = 2, .port = {{0, 0}, {3, 1}}});
    f->arch.level[0].shared_bw = 2;
    f->arch.static_pj_per_cycle = 5;
    assert_int_equal(hd_arch_check(&f->arch, NULL), HD_OK);
}

static void make(hd_random *random, hd_objective objective, fixture *f)
{
    int64_t width = 2 + (int64_t)hd_random_below(random, 3);
    memset(f, 0, sizeof *f);
    make_chip(f, 16 + (int64_t)hd_random_below(random, 60));
    f->net = (hd_network){.name = "random", .batch = 4, .layer = f->layer, .layers = 2 + (int)hd_random_below(random, MOST - 1)};
    for (int i = 0; i < f->net.layers; i++) {
        hd_layer *l = &f->layer[i];
        int64_t next = 2 + (int64_t)hd_random_below(random, 3);
        *l = (hd_layer){.name = f->name[i], .op_name = "MatMul", .inputs = 1, .fused_into = -1, .repeats = 1};
        l->input = &f->input[i];
        f->input[i] = i - 1;
        snprintf(f->name[i], sizeof f->name[i], "l%d", i);
        assert_int_equal(hd_kind_matmul(1, 4, next, width, false, &l->op, NULL), HD_OK);
        l->leaves = hd_random_below(random, 6) == 0;
        width = next;
    }
    hd_network_seal(&f->net);
    f->values[0] = 200; /* small: this many, and few fresh starts, find the best */
    for (int i = 1; hd_solver_descend.options[i].name; i++) f->values[i] = hd_solver_descend.options[i].standard;
    f->values[hd_option_find(hd_solver_descend.options, "restarts")] = 8;
    f->options = (hd_plan_options){.solver = &hd_solver_descend, .option_values = f->values, .model = &hd_model_native,
                                   .seed = 1, .threads = 1, .objective = objective};
}

static double cost_of(const hd_plan *plan)
{
    hd_objective o = plan->options.objective;
    return o == HD_ENERGY ? plan->energy_pj : o == HD_LATENCY ? (double)plan->latency_cycles : plan->edp;
}

/* Every layer in one segment; what the schedule costs when its segments are priced anew. */
static void check_segments(const fixture *f, const hd_plan *plan)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_scheme *scheme = hd_arena_alloc(arena, MOST, sizeof *scheme);
    hd_plan_options o = f->options;
    hd_plan *again;
    int seen = 0;
    for (int i = 0; i < plan->segments; i++)
        for (int k = 0; k < plan->segment[i].stages; k++) seen += plan->segment[i].stage[k].layers;
    assert_int_equal(seen, f->net.layers);
    double sum = 0;
    for (int i = 0; i < plan->segments; i++) sum += plan->segment[i].idle_pj + plan->segment[i].refetch_pj;
    for (int i = 0; i < f->net.layers; i++) sum += plan->layer[i].best.price.energy_pj;
    assert_true(fabs(sum - plan->energy_pj) <= 1e-9 * sum); /* every part of the total has its line */
    for (int i = 0; i < f->net.layers; i++) scheme[i] = plan->layer[i].best.scheme;
    assert_int_equal(hd_segments_place(&f->net, &f->arch, plan->segment, plan->segments, arena, &o, NULL), HD_OK);
    assert_int_equal(hd_plan_price(&f->net, &f->arch, scheme, &o, &again, NULL), HD_OK);
    assert_int_equal(hd_segments_price(again, plan->segment, plan->segments, arena, NULL), HD_OK);
    assert_true(again->energy_pj == plan->energy_pj);
    assert_int_equal(again->latency_cycles, plan->latency_cycles);
    hd_plan_free(again);
    hd_arena_free(arena);
}

static void finds_the_best_chain(void **state)
{
    (void)state;
    int together = 0, pruned = 0;
    hd_random random;
    hd_random_seed(&random, 5, 0);
    for (int n = 0; n < networks; n++) {
        fixture f;
        hd_plan *plan[2];
        make(&random, (hd_objective)(n % HD_OBJECTIVES), &f);
        for (int prune = 0; prune < 2; prune++) {
            assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, prune == 1, &plan[prune], NULL), HD_OK);
            assert_true(plan[prune]->failed < 0);
            assert_true(plan[prune]->lower_bound <= cost_of(plan[prune]) * (1 + 1e-12));
            check_segments(&f, plan[prune]);
        }
        assert_true(fabs(cost_of(plan[0]) - cost_of(plan[1])) <= 0.001 * cost_of(plan[0])); /* LEAST_GAIN of the search */
        assert_true(plan[1]->searched <= plan[0]->searched);
        together += plan[1]->segments < f.net.layers;
        pruned += plan[1]->searched < plan[0]->searched;
        for (int prune = 0; prune < 2; prune++) hd_plan_free(plan[prune]);
    }
    assert_true(together > networks / 3);
    assert_true(pruned > 0);
}

/* What is found for layers alone, by random numbers or by what like layers lend, is what a plan without segments finds. */
static void apart_is_no_segments(void **state)
{
    (void)state;
    hd_random random;
    int answered = 0;
    hd_random_seed(&random, 6, 0);
    for (int n = 0; n < 8; n++) {
        fixture f;
        hd_plan *plan, *none;
        make(&random, HD_ENERGY, &f);
        if (n % 2 == 0) f.options.solver = &hd_solver_random;
        f.options.evaluations = n % 2 == 0 ? 5 : 0; /* few: other numbers, other answers */
        assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &none, NULL), HD_OK);
        assert_int_equal(hd_pipeline_solve(&f.net, &f.arch, &f.options, true, &plan, NULL), HD_OK);
        if (none->failed < 0) assert_true(fabs(plan->apart_pj - cost_of(none)) <= 1e-12 * cost_of(none));
        if (none->failed < 0) assert_true(plan->failed < 0 && cost_of(plan) <= cost_of(none) * (1 + 1e-12));
        answered += none->failed < 0;
        hd_plan_free(plan);
        hd_plan_free(none);
    }
    assert_true(answered > 0);
}

/* A short answer is kept, and a whole search goes on from it. */
static void rough_answers_are_searched_again(void **state)
{
    (void)state;
    hd_random random;
    fixture f;
    hd_random_seed(&random, 3, 0);
    make(&random, HD_ENERGY, &f);
    hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
    hd_problem p = {.op = &f.layer[0].op, .arch = &f.arch, .model = f.options.model};
    hd_solved *s;
    assert_int_equal(hd_memo_entry(&memo, &f.options, &p, -1, NULL, &s, NULL), HD_OK);
    f.values[0] = 1000; /* more than any short search */
    assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_GLANCE, 0, NULL), HD_OK);
    int64_t evaluations = s->best.evaluations;
    double cost = s->best.cost;
    assert_true(s->effort == HD_EFFORT_GLANCE && s->best.found && evaluations < 130);
    assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_GLANCE, 0, NULL), HD_OK); /* done: not again */
    assert_true(s->effort == HD_EFFORT_GLANCE && s->best.evaluations == evaluations);
    assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
    assert_true(s->effort == HD_EFFORT_WHOLE && s->best.evaluations > evaluations && s->best.cost <= cost);
    hd_arena_free(memo.arena);
}

/* What another place on the mesh found does for a glance, unless other tensors are handed on there: the hopes of a segment rest
 * on it. */
static void likes_lend_a_glance(void **state)
{
    (void)state;
    enum { FOUND, ELSEWHERE, HANDED_MORE, PROBLEMS };
    static const hd_constraints none;
    hd_random random;
    fixture f;
    hd_random_seed(&random, 3, 0);
    make(&random, HD_LATENCY, &f);
    hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
    hd_arch chip[PROBLEMS];
    hd_solved *s[PROBLEMS];
    f.values[0] = 1000; /* more than any short search */
    for (int i = 0; i < PROBLEMS; i++) {
        hd_arch_region(&f.arch, i == ELSEWHERE ? 2 : 0, 0, 2, 2, &chip[i]);
        hd_arch_spread(&chip[i], HD_O);
        if (i == HANDED_MORE) hd_arch_spread(&chip[i], HD_I);
        assert_int_equal(hd_arch_check(&chip[i], NULL), HD_OK);
        hd_problem p = {.op = &f.layer[0].op, .arch = &chip[i], .model = f.options.model};
        assert_int_equal(hd_memo_entry(&memo, &f.options, &p, -1, &none, &s[i], NULL), HD_OK);
    }
    assert_int_equal(hd_memo_solve(&memo, &s[FOUND], 1, &f.options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
    assert_int_equal(hd_memo_solve(&memo, &s[ELSEWHERE], 2, &f.options, HD_EFFORT_GLANCE, 0, NULL), HD_OK);
    assert_true(s[ELSEWHERE]->best.found && s[HANDED_MORE]->best.found);
    assert_int_equal(s[ELSEWHERE]->best.evaluations, 1); /* the price of what was lent */
    assert_true(s[HANDED_MORE]->best.evaluations > 10);
    hd_arena_free(memo.arena);
}

/* The first layer twice: alone, whose answer is there, and under limits, yet to be searched. */
static void alone_and_limited(const fixture *f, hd_memo *memo, const hd_constraints *limits, hd_solved **alone,
                              hd_solved **limited)
{
    const hd_problem p = {.op = &f->layer[0].op, .arch = &f->arch, .model = f->options.model};
    assert_int_equal(hd_memo_entry(memo, &f->options, &p, -1, NULL, alone, NULL), HD_OK);
    assert_int_equal(hd_memo_entry(memo, &f->options, &p, -1, limits, limited, NULL), HD_OK);
    assert_int_equal(hd_memo_solve(memo, alone, 1, &f->options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
}

/* A firm search starts from what the layer alone and shorter searches found and ends no worse; a whole one goes on from it.  A
 * solver that cannot follow searches whole at once. */
static void answers_of_likes_lead(void **state)
{
    (void)state;
    const hd_constraints limits = {.loop[1][1] = {1, 1}};
    for (int follows = 0; follows < 2; follows++) {
        hd_random random;
        fixture f;
        hd_solved *alone, *s;
        hd_random_seed(&random, 3, 0);
        make(&random, HD_ENERGY, &f);
        f.values[0] = 1000;
        if (!follows) f.options.solver = &hd_solver_random, f.options.option_values = NULL, f.options.evaluations = 50;
        hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
        alone_and_limited(&f, &memo, &limits, &alone, &s);
        assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_GLANCE, 0, NULL), HD_OK);
        double glance = s->best.cost;
        int64_t before = s->best.evaluations;
        assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_FIRM, 0, NULL), HD_OK);
        assert_int_equal(s->effort, follows ? HD_EFFORT_FIRM : HD_EFFORT_WHOLE);
        assert_true(s->best.found && s->best.cost <= glance);
        if (follows) assert_true(alone->best.cost <= s->best.cost * (1 + 1e-12)); /* its scheme is one without limits */
        double firm = s->best.cost;
        int64_t took = s->best.evaluations - before;
        assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
        assert_true(s->effort == HD_EFFORT_WHOLE && s->best.cost <= firm);
        if (follows) assert_true(s->best.evaluations - before - took > took); /* the firm one is the lesser part */
        hd_arena_free(memo.arena);
    }
}

/* After a firm search a whole one is the shorter, the less of the network's cost it may still gain. */
static void patience_follows_the_stake(void **state)
{
    (void)state;
    static const double STAKE[] = {INFINITY, 0.1, 0.02};
    const hd_constraints limits = {.loop[1][1] = {1, 1}};
    int64_t took[3];
    for (int k = 0; k < 3; k++) {
        hd_random random;
        fixture f;
        hd_solved *alone, *s;
        hd_random_seed(&random, 3, 0);
        make(&random, HD_ENERGY, &f);
        f.values[0] = 1000;
        f.values[hd_option_find(hd_solver_descend.options, "restarts")] = 48; /* on few nodes less is too little to tell apart */
        hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
        alone_and_limited(&f, &memo, &limits, &alone, &s);
        for (int effort = HD_EFFORT_GLANCE; effort <= HD_EFFORT_FIRM; effort++)
            assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, (hd_effort)effort, 0, NULL), HD_OK);
        took[k] = -s->best.evaluations;
        s->stake = STAKE[k];
        assert_int_equal(hd_memo_solve(&memo, &s, 1, &f.options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
        assert_int_equal(s->effort, HD_EFFORT_WHOLE);
        took[k] += s->best.evaluations;
        hd_arena_free(memo.arena);
    }
    assert_true(took[0] > took[1] && took[1] > took[2]);
}

/* One evaluation for the product, the whole search for energy. */
static hd_status hasty_for_products(const hd_network *net, const hd_arch *arch, const hd_plan_options *options, bool prune,
                                    hd_plan **out, hd_error *err)
{
    hd_plan_options o = *options;
    if (o.objective == HD_EDP) o.evaluations = 1;
    return hd_pipeline_solve(net, arch, &o, prune, out, err);
}

/* Asked for energy x latency, no answer for energy is better; and one that is takes the place with all it says. */
static void energy_beats_no_product(void **state)
{
    (void)state;
    int replaced = 0;
    hd_random random;
    hd_random_seed(&random, 8, 0);
    for (int n = 0; n < 6; n++) {
        fixture f;
        hd_plan *product, *energy, *hasty;
        make(&random, HD_EDP, &f);
        f.options.inter_layer = HD_INTER_KAPLA;
        assert_int_equal(hd_inter_layer_solve(&f.net, &f.arch, &f.options, &product, NULL), HD_OK);
        assert_int_equal(hd_product_solve(hasty_for_products, &f.net, &f.arch, &f.options, true, &hasty, NULL), HD_OK);
        f.options.objective = HD_ENERGY;
        assert_int_equal(hd_inter_layer_solve(&f.net, &f.arch, &f.options, &energy, NULL), HD_OK);
        assert_true(product->edp <= energy->edp && hasty->edp <= energy->edp);
        replaced += hasty->edp == energy->edp && hasty->energy_pj == energy->energy_pj;
        f.options.objective = HD_EDP;
        check_segments(&f, hasty);
        assert_true(hasty->options.objective == HD_EDP && hasty->lower_bound <= hasty->edp * (1 + 1e-12));
        assert_true(hasty->evaluations > energy->evaluations);
        for (int i = 0; i < f.net.layers; i++) {
            const hd_incumbent *best = &hasty->layer[i].best;
            assert_true(best->objective == HD_EDP && best->cost == best->price.edp);
            assert_true(best->lower_bound <= best->cost * (1 + 1e-12));
            assert_true(best->outcome != HD_OUTCOME_OPTIMAL || best->cost <= best->lower_bound);
        }
        hd_plan_free(product);
        hd_plan_free(energy);
        hd_plan_free(hasty);
    }
    assert_true(replaced > 0);
}

/* The words of W that no loop of the buffer turns are fetched for every group where layers take turns; nothing else is. */
static void weights_do_not_wait(void **state)
{
    (void)state;
    int kept = 0;
    hd_random random;
    hd_random_seed(&random, 7, 0);
    for (int n = 0; n < 40; n++) {
        fixture f;
        make(&random, HD_ENERGY, &f);
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_value *value;
        const int layer[2] = {0, 1}, stage[2] = {0, 0}, apart[2] = {0, 1};
        const hd_staging_form four = {.groups = 4};
        hd_staging *s, *side;
        assert_int_equal(hd_network_values(&f.net, arena, &value, NULL), HD_OK);
        assert_int_equal(hd_stages_build(&f.net, value, &f.arch, &f.options, layer, stage, 2, &four, arena, &s, NULL), HD_OK);
        assert_int_equal(hd_stages_build(&f.net, value, &f.arch, &f.options, layer, apart, 2, &four, arena, &side, NULL),
                         HD_OK);
        hd_memo memo = {.arena = arena};
        for (int i = 0; s && i < 2; i++) {
            hd_solved *one;
            assert_int_equal(hd_memo_entry(&memo, &f.options, &s->of[i].problem, -1, s->of[i].limits, &one, NULL), HD_OK);
            assert_int_equal(hd_memo_solve(&memo, &one, 1, &f.options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
            if (!one->best.found) continue;
            const hd_scheme_level *buffer = &one->best.scheme.level[1];
            unsigned own = hd_tensor_dims(one->problem.op, HD_W);
            bool turned = false;
            for (int u = 0; u < buffer->updates; u++) turned |= own >> buffer->update[u].dim & 1u;
            hd_sum again = hd_stages_refetch(s, i, &one->best.scheme, &one->best.price);
            double words = (double)hd_tensor_words(one->problem.op, HD_W);
            double fetched = hd_stages_refetch_words(s, i, &one->best.scheme, &one->best.price);
            if (turned) assert_true(again.energy_pj == 0 && again.cycles == 0 && fetched == 0);
            else assert_true(again.energy_pj >= fetched * (200 + 3) && again.cycles >= fetched / 2 && fetched >= 3 * words);
            kept += !turned;
            if (side) assert_true(hd_stages_refetch(side, i, &one->best.scheme, &one->best.price).energy_pj == 0);
        }
        hd_arena_free(arena);
    }
    assert_true(kept > 10);
}

/* Group g of stage s starts when stage s is done with g - 1 and stage s - 1 with g. */
static double by_events(const double *stage, int stages, int64_t groups)
{
    double done[HD_STAGES_MOST] = {0};
    for (int64_t g = 0; g < groups; g++)
        for (int s = 0; s < stages; s++) done[s] = fmax(done[s], s > 0 ? done[s - 1] : 0) + stage[s] / (double)groups;
    return done[stages - 1];
}

static void stages_overlap(void **state)
{
    (void)state;
    hd_random random;
    fixture f;
    hd_random_seed(&random, 9, 0);
    make(&random, HD_ENERGY, &f);
    for (int n = 0; n < 500; n++) {
        hd_staged of[HD_STAGES_MOST];
        hd_sum layer[HD_STAGES_MOST];
        double still[HD_STAGES_MOST] = {0}, outside[HD_STAGES_MOST] = {0}, stage[HD_STAGES_MOST];
        hd_staging s = {.of = of, .groups = 1 + (int64_t)hd_random_below(&random, 9)};
        s.layers = s.stages = 1 + (int)hd_random_below(&random, HD_STAGES_MOST);
        for (int i = 0; i < s.stages; i++) {
            of[i] = (hd_staged){.layer = i, .stage = i};
            stage[i] = (double)(1 + hd_random_below(&random, 50)) * (double)s.groups;
            layer[i] = (hd_sum){10, stage[i]};
        }
        hd_sum sum = hd_stages_sum(&s, &f.arch, layer, still, outside);
        assert_true(sum.cycles == by_events(stage, s.stages, s.groups));
        assert_true(sum.energy_pj == 10 * s.stages + sum.cycles * f.arch.static_pj_per_cycle);
        outside[0] = 1e6; /* one memory serves all stages */
        assert_true(hd_stages_sum(&s, &f.arch, layer, still, outside).cycles == 1e6);
    }
}

/* A schedule that breaks its segment is refused: loops over what is handed on, regions that overlap. */
static void segments_are_checked(void **state)
{
    (void)state;
    hd_random random;
    fixture f;
    hd_error err = {0};
    hd_random_seed(&random, 2, 0);
    make(&random, HD_ENERGY, &f);
    make_chip(&f, 400);
    f.net.layers = 2;
    f.layer[0].leaves = f.layer[1].leaves = false;
    int first = 0, second = 1;
    hd_stage stage[2] = {{1, &first, {0, 0, 2, 2}}, {1, &second, {1, 0, 2, 2}}};
    hd_segment segment = {.stages = 2, .stage = stage, .batch_groups = 4};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_plan_options o = f.options;
    assert_int_equal(hd_segments_place(&f.net, &f.arch, &segment, 1, arena, &o, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "overlap"));
    stage[1].region.x = 3;
    assert_int_equal(hd_segments_place(&f.net, &f.arch, &segment, 1, arena, &o, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "no part of the mesh"));
    stage[1].region = (hd_region){2, 0, 2, 2};
    assert_int_equal(hd_segments_place(&f.net, &f.arch, &segment, 1, arena, &o, &err), HD_OK);
    hd_scheme scheme[2];
    hd_plan *plan;
    for (int i = 0; i < 2; i++) {
        hd_problem p = {.op = &f.layer[i].op, .arch = o.chip[i]};
        hd_scheme_trivial(&p, &scheme[i]);
    }
    assert_int_equal(hd_plan_price(&f.net, &f.arch, scheme, &o, &plan, &err), HD_OK);
    assert_int_equal(hd_segments_price(plan, &segment, 1, arena, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "does not keep to its segment"));
    hd_plan_free(plan);
    hd_arena_free(arena);
}

static void is_refused(const fixture *f, const hd_segment *segment, int segments, const char *why)
{
    hd_error err = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_plan_options o = f->options;
    assert_int_equal(hd_segments_place(&f->net, &f->arch, segment, segments, arena, &o, &err), why ? HD_ERR_INPUT : HD_OK);
    if (why) assert_non_null(strstr(err.message, why));
    hd_arena_free(arena);
}

/* A chain that forgets a layer, runs one twice or before what it reads, has no price: the sum would not be the network's. */
static void segments_cover_the_network(void **state)
{
    (void)state;
    hd_random random;
    fixture f;
    hd_random_seed(&random, 2, 0);
    make(&random, HD_ENERGY, &f);
    make_chip(&f, 400);
    f.net.layers = 2;
    int layer[2] = {0, 1}, twice[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    hd_stage stage[2] = {{1, &layer[0], {0, 0, 4, 2}}, {1, &layer[1], {0, 0, 4, 2}}};
    hd_segment segment[2] = {{.stages = 1, .stage = &stage[0], .batch_groups = 1},
                             {.stages = 1, .stage = &stage[1], .batch_groups = 1}};
    is_refused(&f, segment, 2, NULL);
    is_refused(&f, segment, 1, "stands in no segment");
    layer[0] = 1, layer[1] = 0;
    is_refused(&f, segment, 2, "comes later");
    segment[0].stage[0] = (hd_stage){2, layer, {0, 0, 4, 2}}; /* in turn, the second first */
    is_refused(&f, segment, 1, "written after it");
    stage[0] = (hd_stage){1, &layer[0], {0, 0, 4, 2}};
    layer[1] = 1;
    is_refused(&f, segment, 2, "already");
    layer[0] = 0;
    stage[1].region.width = 1;
    is_refused(&f, segment, 2, "all of the mesh");
    stage[0].layer = twice;
    stage[0].layers = 16;
    is_refused(&f, segment, 2, "already");
}

int main(int count, char **arg)
{
    if (count > 1) networks = (int)strtol(arg[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_best_chain),
        cmocka_unit_test(apart_is_no_segments),
        cmocka_unit_test(rough_answers_are_searched_again),
        cmocka_unit_test(likes_lend_a_glance), cmocka_unit_test(answers_of_likes_lead),
        cmocka_unit_test(patience_follows_the_stake),
        cmocka_unit_test(energy_beats_no_product),
        cmocka_unit_test(weights_do_not_wait),
        cmocka_unit_test(stages_overlap),
        cmocka_unit_test(segments_are_checked),
        cmocka_unit_test(segments_cover_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
