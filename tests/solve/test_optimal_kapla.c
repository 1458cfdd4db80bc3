/* Under the model kapla: is the optimal solver's answer the best of all, on one node and on meshes whose nodes share?
 * test_optimal_kapla [--cases N] [--from I].                                                            */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost/kapla/model.h"
#include "rich.h"

static int64_t cases = 150, from = 0;

static void set_level(hd_level *l, hd_random *r, double pj)
{
    hd_arch_default_level(l);
    for (int role = 0; role < HD_ARCH_ROLES; role++) l->read_pj[role] = l->fill_pj[role] = l->update_pj[role] = pj;
    l->multicast[HD_X] = l->multicast[HD_Y] = 15;
    l->reduce[HD_X] = l->reduce[HD_Y] = true;
    (void)r;
}

/* DRAM > a buffer or one per node > an array of registers > MAC. */
static void draw_chip(hd_random *r, hd_arch *a)
{
    hd_error err = {0};
    memset(a, 0, sizeof *a);
    snprintf(a->name, sizeof a->name, "drawn");
    a->clock_mhz = 100;
    a->levels = 4;
    a->vector_at = 3;
    a->template_ = HD_FREE;
    a->mac_pj = a->vector_pj = 1;
    a->static_pj_per_cycle = (double)hd_random_below(r, 3) * 4;
    const char *name[] = {"DRAM", "GBUF", "REGF", "MAC"};
    const double pj[] = {50, (double)(1 + hd_random_below(r, 4)), 0.5, 0};
    for (int l = 0; l < a->levels; l++) {
        set_level(&a->level[l], r, pj[l]);
        snprintf(a->level[l].name, sizeof a->level[l].name, "%s", name[l]);
    }
    if (hd_random_below(r, 2)) a->level[0].shared_bw = (double)(1 + hd_random_below(r, 4));
    if (hd_random_below(r, 2)) a->level[1].shared_bw = (double)(1 + hd_random_below(r, 6));
    for (int l = 1; l < 3; l++) {
        a->level[l].bounded = true;
        a->level[l].capacity = l == 1 ? 4 + hd_random_below(r, 30) : 3 + hd_random_below(r, 5);
        a->level[l].double_buffer = hd_random_below(r, 2);
    }
    a->level[2].fan[HD_X] = 1 + hd_random_below(r, 3);
    a->level[2].fan[HD_Y] = 1 + hd_random_below(r, 2);
    for (int role = 0; role < HD_ARCH_ROLES; role++) a->level[2].delivery_pj[role] = 0.5;
    if (hd_random_below(r, 3)) {
        hd_level *l = &a->level[1];
        l->fan[HD_X] = 1 + hd_random_below(r, 3);
        l->fan[HD_Y] = 1 + hd_random_below(r, 2);
        l->mesh.ports = 1;
        l->mesh.hop_pj = (double)hd_random_below(r, 6) / 2;
        l->mesh.share = hd_random_below(r, 3) > 0;
    }
    if (hd_arch_check(a, &err) != HD_OK) fail_msg("%s", err.message);
}

static void draw_operator(hd_random *r, hd_operator *out)
{
    static const int64_t extent[] = {1, 2, 3, 4, 6};
    hd_error err = {0};
    int64_t a = pick(r, extent, 5), b = pick(r, extent, 5), c = pick(r, extent, 5);
    hd_conv_shape s = {.axes = 1, .n = a, .groups = 1, .k = b, .c = c, .out = {1 + hd_random_below(r, 3), 1, 1},
                       .kernel = {1 + hd_random_below(r, 3), 1, 1}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
    hd_status done = hd_random_below(r, 2) ? hd_kind_matmul(1, a, b, c, false, out, &err) : hd_kind_conv(&s, out, &err);
    if (done != HD_OK) fail_msg("%s", err.message);
}

/* Returns how many schemes were priced. */
static int64_t solve(const hd_solver *solver, const hd_space *space, hd_objective objective, hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = 0};
    const double unseeded[] = {0, 12};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, &hd_model_kapla, space->problem, objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    const double *options = solver == &hd_solver_optimal ? unseeded : NULL;
    assert_int_equal(solver->run(solver, space, options, &budget, &random, arena, out, &err), HD_OK);
    hd_arena_free(arena);
    return budget.used;
}

/* Where the structure is not seen, the answer is right as well, for the price of every scheme. */
static void equals_exhaustive_under_kapla(void **state)
{
    int64_t seen = 0, found = 0, priced = 0, all = 0;
    (void)state;
    for (uint64_t i = (uint64_t)from; seen < cases; i++) {
        static hd_arch arch;
        static hd_operator op;
        hd_random r;
        hd_space space;
        hd_incumbent best, got;
        hd_random_seed(&r, 53, i);
        draw_chip(&r, &arch);
        draw_operator(&r, &op);
        hd_problem p = {.op = &op, .arch = &arch, .model = &hd_model_kapla};
        hd_objective objective = (hd_objective)hd_random_below(&r, 3);
        hd_space_init_for(&space, &p, &hd_model_kapla, HD_SPACE_TEMPLATE, false, false);
        if (hd_space_log10(&space) > 3.6) continue;
        all += solve(&hd_solver_exhaustive, &space, objective, &best);
        priced += solve(&hd_solver_optimal, &space, objective, &got);
        seen++;
        found += best.found;
        bool same = best.found == got.found && (!best.found || fabs(got.cost - best.cost) <= 1e-12 * best.cost);
        if (!same || best.outcome != got.outcome)
            fail_msg("case %llu (%s): exhaustive %.17g, optimal %.17g", (unsigned long long)i, hd_objective_name(objective),
                     best.cost, got.cost);
    }
    assert_true(found > cases / 2);
    assert_true(priced < all / 4);
}

int main(int count, char **arg)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_exhaustive_under_kapla)};
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arg[i], "--cases") == 0) cases = strtoll(arg[i + 1], NULL, 10);
        if (strcmp(arg[i], "--from") == 0) from = strtoll(arg[i + 1], NULL, 10);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
