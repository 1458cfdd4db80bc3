/* KAPLA's comparison: what is a row worth where a method has no schedule, finds one outside the space, or is given time? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "study/kapla.h"
#include "study_net.h"
#include "syntax/json.h"

static hd_status nothing_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                             hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)space, (void)values, (void)budget, (void)random, (void)arena, (void)err;
    inc->outcome = HD_OUTCOME_INFEASIBLE;
    return HD_OK;
}

/* Convolutions alone, and at half of what they cost: with a scheme of the space a contradiction, with one outside none. */
static hd_status bargain(const hd_space *space, hd_budget *budget, hd_random *random, hd_arena *arena, hd_incumbent *inc,
                         hd_error *err, bool outside)
{
    if (space->problem->op->kind == HD_MATMUL) return nothing_run(NULL, space, NULL, budget, random, arena, inc, err);
    HD_TRY(hd_solver_descend.run(&hd_solver_descend, space, NULL, budget, random, arena, inc, err));
    inc->cost *= 0.5;
    inc->lower_bound = 0;
    inc->outcome = HD_OUTCOME_IMPROVED;
    if (outside) hd_scheme_trivial(space->problem, &inc->scheme); /* everything passes, and bypass is not explored */
    return HD_OK;
}

static hd_status outside_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                             hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)values;
    return bargain(space, budget, random, arena, inc, err, true);
}

static hd_status inside_run(const hd_solver *self, const hd_space *space, const double *values, hd_budget *budget,
                            hd_random *random, hd_arena *arena, hd_incumbent *inc, hd_error *err)
{
    (void)self, (void)values;
    return bargain(space, budget, random, arena, inc, err, false);
}

static const hd_solver outside = {.name = "outside", .run = outside_run}, inside = {.name = "inside", .run = inside_run},
                       nothing = {.name = "nothing", .run = nothing_run};

static hd_overheads *bench(study_net *w, const hd_method *method, int methods)
{
    hd_error err = {0};
    hd_overheads *x = NULL;
    const hd_network *net = &w->net;
    const hd_arch *chip = &w->arch;
    hd_overhead_options o = {.plan = w->options, .judge = {.solver = &hd_solver_exhaustive}, .methods = methods,
                             .method = method};
    assert_int_equal(hd_overheads_run(&net, 1, &chip, 1, &o, &x, &err), HD_OK);
    assert_non_null(x);
    return x;
}

static void rows_count_what_they_have(void **state)
{
    study_net w;
    hd_standing s, judge;
    hd_measure m;
    const hd_method method[] = {{.solver = &outside}, {.solver = &nothing}};
    (void)state;
    study_net_make(&w);
    hd_overheads *x = bench(&w, method, 2);
    assert_int_equal(x->odd, -1);
    hd_kapla_standing(x, 0, -1, &judge);
    hd_kapla_standing(x, 0, 0, &s);
    hd_kapla_measure(x, 0, &m);
    assert_int_equal(s.missing, 1); /* the product */
    assert_int_equal(judge.proved, 2);
    assert_int_equal(m.proved, 2);
    assert_true(fabs(hd_standing_overhead(&s)) < 1e-12);              /* it has the best there is ... */
    assert_true(fabs(hd_standing_over_optimum(&s) + 0.5) < 1e-12);    /* ... at half the optimum of the space */
    assert_true(hd_standing_overhead(&judge) > 0);
    assert_true(hd_standing_over_optimum(&judge) == 0);
    assert_true(m.best < judge.cost && m.lower_bound > m.best);
    hd_kapla_standing(x, 0, 1, &s);
    assert_int_equal(s.missing, 2);
    assert_true(isnan(hd_standing_overhead(&s)));
    hd_overheads_free(x);
}

static void inside_the_space_it_is_a_contradiction(void **state)
{
    study_net w;
    const hd_method method[] = {{.solver = &inside}};
    (void)state;
    study_net_make(&w);
    hd_overheads *x = bench(&w, method, 1);
    assert_true(x->odd >= 0);
    hd_overheads_free(x);
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) n++;
    return n;
}

static void files_are_well_formed(void **state)
{
    study_net w;
    const hd_method method[] = {{.solver = &outside}, {.solver = &nothing}};
    hd_pruning pruning[1] = {{.done = true, .considered = 8, .searched = 2, .segments = 1, .cost = 3, .apart = 4}};
    hd_error err = {0};
    hd_node *tree = NULL;
    hd_text json, csv, table;
    hd_arena *arena = hd_arena_new(NULL, 0);
    (void)state;
    study_net_make(&w);
    hd_kapla_run run = {.setting = &hd_kapla_settings[0], .of = bench(&w, method, 2), .pruning = pruning};
    hd_kapla_bench b = {1, &run};
    hd_text_init(&json, NULL, 0);
    hd_text_init(&csv, NULL, 0);
    hd_text_init(&table, NULL, 0);
    hd_kapla_json(&b, true, "0", &json);
    hd_kapla_csv(&b, true, &csv);
    hd_kapla_table(&b, &table);
    assert_int_equal(hd_json_read(json.data, json.length, "json", arena, &tree, &err), HD_OK);
    assert_int_equal(count(csv.data, "\n"), 4);
    assert_int_equal(count(csv.data, ","), 4 * 14);
    assert_null(strstr(json.data, "seconds"));
    assert_non_null(strstr(table.data, "bounds spare 75.0%"));
    assert_non_null(strstr(table.data, "1 without"));
    hd_text_free(&json);
    hd_text_free(&csv);
    hd_text_free(&table);
    hd_arena_free(arena);
    hd_overheads_free(run.of);
}

static void effort_can_be_prices_or_seconds(void **state)
{
    study_net w;
    (void)state;
    study_net_make(&w);
    w.options.evaluations = 0;
    for (int seconds = 0; seconds < 2; seconds++) {
        const hd_method method[] = {{.solver = &hd_solver_descend},
                                    {.solver = &hd_solver_random, .like = 1, .like_seconds = seconds == 1}};
        hd_overheads *x = bench(&w, method, 2);
        for (int i = 0; i < x->contests; i++) {
            const hd_run *first = &x->contest[i].method[0], *second = &x->contest[i].method[1];
            assert_true(second->found && x->contest[i].done);
            if (!seconds) assert_int_equal(second->evaluations, first->evaluations);
            else assert_true(second->seconds < 3 * first->seconds + 0.1);
        }
        hd_overheads_free(x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_count_what_they_have), cmocka_unit_test(inside_the_space_it_is_a_contradiction),
        cmocka_unit_test(files_are_well_formed), cmocka_unit_test(effort_can_be_prices_or_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
