/* Knobs by name, curves that fall, the law that notices where they do not, and shadow prices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "study/curve.h"
#include "study/shadow.h"
#include "study_net.h"

static void knobs_read_back(void **state)
{
    study_net w;
    hd_knob all[HD_KNOBS_MAX], again;
    hd_error err = {0};
    char name[HD_KNOB_NAME];
    (void)state;
    study_net_make(&w);
    w.arch.level[1].per_role = true;
    for (int r = 0; r < HD_ROLES; r++) w.arch.level[1].role_capacity[r] = 10 * r;
    int n = hd_knob_list(&w.arch, all);
    assert_true(n >= 6); /* DRAM's port, GLB as a whole and I O I2, the array's sides */
    for (int i = 0; i < n; i++) {
        hd_arch turned;
        double value = hd_knob_value(&w.arch, &all[i]);
        hd_knob_name(&w.arch, &all[i], name);
        assert_int_equal(hd_knob_parse(&w.arch, name, &again, &err), HD_OK);
        assert_true(again.kind == all[i].kind && again.level == all[i].level && again.part == all[i].part);
        assert_int_equal(hd_knob_turn(&w.arch, &all[i], 2 * value, &turned, &err), HD_OK);
        assert_true(hd_knob_value(&turned, &all[i]) == 2 * value);
        assert_true(turned.hash != w.arch.hash);
    }
    static const char *const wrong[] = {"GLB", "GLB.size", "GLB.capacity.W", "GLB.capacity.Z", "DRAM.capacity", "DRAM.fanout.x",
                                        "GLB.bandwidth", "nothing.capacity", "MAC.fanout"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(hd_knob_parse(&w.arch, wrong[i], &again, &err), HD_ERR_USAGE);
        assert_non_null(strstr(err.message, "GLB.capacity"));
    }
}

static hd_curve *curve(study_net *w, const char *vary, hd_curve_range range)
{
    hd_error err = {0};
    hd_knob knob;
    hd_curve *c = NULL;
    hd_plan_options o = w->options;
    o.solver = &hd_solver_exhaustive;
    o.evaluations = 0;
    assert_int_equal(hd_knob_parse(&w->arch, vary, &knob, &err), HD_OK);
    assert_int_equal(hd_curve_run(&w->net, &w->arch, &knob, &range, &o, &c, &err), HD_OK);
    return c;
}

static void more_room_never_costs_more(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    hd_curve *c = curve(&w, "GLB.capacity", (hd_curve_range){2, 128, 0});
    assert_int_equal(c->points, 7); /* 2 4 8 ... 128 */
    assert_true(c->point[6].own && !c->point[0].own);
    assert_true(c->point[0].none && !c->point[0].found); /* W, I and O need three words */
    assert_non_null(strstr(c->why, "GLB"));
    for (int i = 2; i < c->points; i++) {
        assert_true(c->point[i].proved);
        assert_true(c->point[i].cost <= c->point[i - 1].cost);
    }
    assert_true(c->point[6].cost < c->point[1].cost);
    assert_int_equal(c->odd, -1);
    hd_curve_free(c);
}

static void a_rising_curve_is_noticed(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    hd_curve *c = curve(&w, "GLB.capacity", (hd_curve_range){8, 32, 3});
    double cost = c->point[2].cost;
    c->point[2].cost = c->point[2].lower_bound = c->point[0].cost * 1.01;
    hd_curve_check(c);
    assert_true(c->odd == 0 && c->odd_above == 2);
    c->point[2].cost = c->point[2].lower_bound = cost;
    c->point[1].found = false;
    c->point[1].none = true;
    hd_curve_check(c);
    assert_true(c->odd == 0 && c->odd_above == 1);
    hd_curve_free(c);
}

/* Tries less, the more room there is: costs of its own that rise. */
static hd_status lazy_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                          hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    hd_budget few = *budget;
    (void)self, (void)values;
    few.evaluations = space->problem->arch->level[1].capacity < 20 ? 500 : 1;
    return hd_solver_random.run(&hd_solver_random, space, NULL, &few, random, arena, inc, err);
}

static const hd_solver lazy = {.name = "lazy", .run = lazy_run};

static void points_share_what_they_know(void **state)
{
    study_net w;
    hd_error err = {0};
    hd_curve *c = NULL;
    hd_knob knob = {HD_KNOB_CAPACITY, 1, -1};
    hd_curve_range range = {8, 128, 9};
    int shared = 0;
    (void)state;
    study_net_make(&w);
    w.options.solver = &lazy;
    assert_int_equal(hd_curve_run(&w.net, &w.arch, &knob, &range, &w.options, &c, &err), HD_OK);
    for (int i = 1; i < c->points; i++) {
        hd_arch chip;
        hd_plan *plan = NULL;
        assert_true(c->point[i].found && c->point[i].cost <= c->point[i - 1].cost);
        assert_true(c->point[i].lower_bound <= c->point[i - 1].lower_bound);
        assert_int_equal(hd_knob_turn(&w.arch, &knob, c->point[i].value, &chip, &err), HD_OK);
        assert_int_equal(hd_plan_solve(&w.net, &chip, &w.options, &plan, &err), HD_OK);
        assert_true(c->point[i].cost <= plan->energy_pj && c->point[i].lower_bound >= plan->lower_bound);
        shared += c->point[i].cost < plan->energy_pj;
        hd_plan_free(plan);
    }
    assert_true(shared > 0);
    hd_curve_free(c);
}

/* Nodes with room for full copies do not share: more room can cost more, and no point settles another. */
static void room_of_nodes_that_share_may_cost_more(void **state)
{
    study_net w;
    hd_error err = {0};
    hd_knob knob = {HD_KNOB_CAPACITY, 1, -1};
    int rises = 0;
    (void)state;
    study_net_make(&w);
    w.arch.level[1].fan[HD_X] = 4;
    w.arch.level[1].multicast[HD_X] = 0xf;
    w.arch.level[1].mesh = (hd_mesh){.ports = 1, .hop_pj = 0.25, .share = true};
    w.arch.level[2].fan[HD_X] = 1;
    w.arch.static_pj_per_cycle = 100;
    assert_int_equal(hd_arch_check(&w.arch, &err), HD_OK);
    hd_curve *c = curve(&w, "GLB.capacity", (hd_curve_range){8, 256, 0});
    assert_int_equal(c->odd, -1);
    for (int i = 0; i < c->points; i++) {
        hd_arch chip;
        hd_plan *plan = NULL;
        assert_int_equal(hd_knob_turn(&w.arch, &knob, c->point[i].value, &chip, &err), HD_OK);
        assert_int_equal(hd_plan_solve(&w.net, &chip, &c->options, &plan, &err), HD_OK);
        assert_true(c->point[i].proved && c->point[i].cost == plan->energy_pj);
        rises += i > 0 && c->point[i].cost > c->point[i - 1].cost;
        hd_plan_free(plan);
    }
    assert_true(rises > 0);
    hd_curve_free(c);
}

/* A side that leaves a port outside is refused by its value. */
static void points_are_chips(void **state)
{
    study_net w;
    hd_error err = {0};
    hd_knob knob = {HD_KNOB_FANOUT, 1, HD_X};
    hd_curve_range range = {0};
    hd_curve *c = NULL;
    (void)state;
    study_net_make(&w);
    w.arch.level[1].fan[HD_X] = 4;
    w.arch.level[1].mesh = (hd_mesh){.ports = 1, .port = {{3, 0}}};
    w.options.solver = &hd_solver_descend;
    assert_int_equal(hd_arch_check(&w.arch, &err), HD_OK);
    assert_int_equal(hd_curve_run(&w.net, &w.arch, &knob, &range, &w.options, &c, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "GLB.fanout.x = 1 is no chip: level GLB: port [3, 0]"));
}

static void ranges_are_checked(void **state)
{
    static const hd_curve_range wrong[] = {{4, 2, 0}, {0, 1, 0}, {1, 2, -1}, {1, 2, HD_CURVE_MAX + 1}};
    study_net w;
    hd_error err = {0};
    hd_curve *c = NULL;
    hd_knob knob = {HD_KNOB_CAPACITY, 1, -1};
    (void)state;
    study_net_make(&w);
    w.options.solver = &hd_solver_descend;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(hd_curve_run(&w.net, &w.arch, &knob, &wrong[i], &w.options, &c, &err), HD_ERR_USAGE);
}

static void shadow_prices_are_differences(void **state)
{
    study_net w;
    hd_error err = {0};
    hd_plan *plan = NULL;
    hd_shadow *s = NULL;
    hd_text text;
    (void)state;
    study_net_make(&w);
    w.options.solver = &hd_solver_exhaustive;
    w.options.evaluations = 0;
    assert_int_equal(hd_plan_solve(&w.net, &w.narrow, &w.options, &plan, &err), HD_OK);
    assert_int_equal(hd_shadow_run(plan, &s, &err), HD_OK);
    assert_int_equal(s->steps, 4); /* DRAM's port, GLB, two sides of the array */
    hd_curve *c = curve(&w, "GLB.capacity", (hd_curve_range){24, 48, 0});
    for (int i = 0; i < s->steps; i++) {
        assert_true(s->step[i].done && s->step[i].found && s->step[i].proved);
        assert_true(s->step[i].cost <= s->cost);
        if (s->step[i].knob.kind == HD_KNOB_CAPACITY)
            assert_true(s->step[i].cost == c->point[1].cost && s->cost == c->point[0].cost);
    }
    hd_text_init(&text, NULL, 0);
    hd_shadow_table(s, &text);
    hd_shadow_json(s, "0", &text);
    assert_non_null(strstr(text.data, "\"shadow/1\""));
    hd_text_free(&text);
    hd_curve_free(c);
    hd_shadow_free(s);
    hd_plan_free(plan);
}

/* What neighbours settle is what a search of its own finds; all objectives, every number of the chip. */
static void neighbours_settle_what_a_search_finds(void **state)
{
    int64_t spared = 0;
    (void)state;
    for (int objective = 0; objective < HD_OBJECTIVES; objective++) {
        study_net w;
        hd_knob knob[HD_KNOBS_MAX];
        char name[HD_KNOB_NAME];
        study_net_make(&w);
        w.options.objective = (hd_objective)objective;
        int knobs = hd_knob_list(&w.narrow, knob);
        w.arch = w.narrow;
        for (int k = 0; k < knobs; k++) {
            hd_knob_name(&w.arch, &knob[k], name);
            hd_curve *c = curve(&w, name, (hd_curve_range){0, 0, 4});
            for (int i = 0; i < c->points; i++) {
                hd_error err = {0};
                hd_arch chip;
                hd_plan *plan = NULL;
                hd_plan_options o = c->options;
                assert_int_equal(hd_knob_turn(&w.arch, &knob[k], c->point[i].value, &chip, &err), HD_OK);
                assert_int_equal(hd_plan_solve(&w.net, &chip, &o, &plan, &err), HD_OK);
                const double cost[HD_OBJECTIVES] = {plan->energy_pj, (double)plan->latency_cycles, plan->edp};
                assert_true(c->point[i].found == (plan->failed < 0));
                if (c->point[i].found && (plan->proved || objective != HD_EDP)) assert_true(c->point[i].cost == cost[objective]);
                hd_plan_free(plan);
            }
            assert_int_equal(c->searched + c->spared, 2 * c->points); /* two of the three layers are equal */
            spared += c->spared;
            hd_curve_free(c);
        }
    }
    assert_true(spared > 10);
}

/* Only more of numbers that help, and nothing else. */
static void chips_are_compared(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    hd_arch more = w.arch, other = w.arch;
    more.level[1].capacity *= 2;
    more.level[0].read_bw *= 3;
    other.level[1].capacity *= 2;
    other.mac_pj = 7;
    assert_int_equal(hd_arch_check(&more, NULL), HD_OK);
    assert_int_equal(hd_arch_check(&other, NULL), HD_OK);
    assert_true(hd_knob_offers(&more, &w.arch, &hd_model_native) && hd_knob_offers(&w.arch, &w.arch, &hd_model_native));
    assert_false(hd_knob_offers(&w.arch, &more, &hd_model_native));
    assert_false(hd_knob_offers(&other, &w.arch, &hd_model_native));
    more = w.arch;
    more.level[2].fan[HD_X] *= 2;
    assert_int_equal(hd_arch_check(&more, NULL), HD_OK);
    assert_true(hd_knob_offers(&more, &w.arch, &hd_model_native));
    assert_false(hd_knob_offers(&more, &w.arch, &hd_model_timeloop)); /* its paths grow longer */
    more.level[1].capacity /= 2;
    assert_int_equal(hd_arch_check(&more, NULL), HD_OK);
    assert_false(hd_knob_offers(&more, &w.arch, &hd_model_native));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knobs_read_back),           cmocka_unit_test(more_room_never_costs_more),
        cmocka_unit_test(a_rising_curve_is_noticed), cmocka_unit_test(ranges_are_checked),
        cmocka_unit_test(shadow_prices_are_differences), cmocka_unit_test(points_share_what_they_know),
        cmocka_unit_test(neighbours_settle_what_a_search_finds), cmocka_unit_test(chips_are_compared),
        cmocka_unit_test(room_of_nodes_that_share_may_cost_more), cmocka_unit_test(points_are_chips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
