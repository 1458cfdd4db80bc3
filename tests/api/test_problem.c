/* The inner loop of a compiler: does a walked scheme rebuild equal, does the price not allocate, are misuses refused? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "heddle/heddle.h"

typedef struct world {
    hd_context *context;
    hd_arch *arch;
    hd_operator *op;
    hd_problem *problem;
    int calls;
} world;

static void *counted(void *user, void *p, size_t n)
{
    ((world *)user)->calls++;
    if (n > 0) return realloc(p, n);
    free(p);
    return NULL;
}

static int make(void **state)
{
    world *w = calloc(1, sizeof *w);
    hd_error err = {0};
    hd_context_options options = {.size = sizeof options, .allocator = {counted, w}};
    assert_non_null(w);
    assert_int_equal(hd_context_new(&options, &w->context, &err), HD_OK);
    assert_int_equal(hd_arch_open(w->context, "eyeriss", &w->arch, &err), HD_OK);
    assert_int_equal(hd_operator_parse(w->context, "matmul(M=32,N=24,K=16)", &w->op, &err), HD_OK);
    assert_int_equal(hd_problem_new(w->context, w->op, w->arch, &w->problem, &err), HD_OK);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    world *w = *state;
    hd_problem_free(w->context, w->problem);
    hd_operator_free(w->context, w->op);
    hd_arch_free(w->context, w->arch);
    hd_context_free(w->context);
    free(w);
    return 0;
}

typedef struct copy { world *w; hd_scheme *scheme; int steps; } copy;

static bool rebuild(void *user, const hd_step *step)
{
    copy *c = user;
    hd_error err = {0};
    c->steps++;
    return hd_scheme_add(c->w->problem, c->scheme, step, &err) == HD_OK;
}

static hd_solution *solve(world *w)
{
    hd_error err = {0};
    hd_solution *solution = NULL;
    hd_solve_options options = {.size = sizeof options, .solver = "random", .evaluations = 200, .seed = 3};
    assert_int_equal(hd_solve(w->context, w->problem, &options, &solution, &err), HD_OK);
    assert_non_null(hd_solution_scheme(solution));
    return solution;
}

static void walked_scheme_rebuilds(void **state)
{
    world *w = *state;
    hd_error err = {0};
    hd_solution *solution = solve(w);
    hd_cost first = {.size = sizeof first}, second = {.size = sizeof second};
    copy c = {.w = w};
    assert_int_equal(hd_scheme_new(w->context, w->problem, &c.scheme, &err), HD_OK);
    hd_scheme_clear(w->problem, c.scheme);
    hd_scheme_walk(w->problem, hd_solution_scheme(solution), rebuild, &c);
    assert_true(c.steps > 0);
    assert_int_equal(hd_solution_cost(solution, &first, &err), HD_OK);
    assert_int_equal(hd_price(w->problem, c.scheme, &second, &err), HD_OK);
    assert_memory_equal(&first, &second, sizeof first);
    assert_true(hd_solution_bound(solution) <= first.energy_pj * (1 + 1e-12));
    hd_scheme_free(w->context, c.scheme);
    hd_solution_free(w->context, solution);
}

static void price_does_not_allocate(void **state)
{
    world *w = *state;
    hd_error err = {0};
    hd_solution *solution = solve(w);
    hd_cost cost = {.size = sizeof cost};
    int before = w->calls;
    for (int i = 0; i < 10; i++)
        assert_int_equal(hd_price(w->problem, hd_solution_scheme(solution), &cost, &err), HD_OK);
    assert_int_equal(w->calls, before);
    hd_solution_free(w->context, solution);
}

static void lines_sum_to_the_energy(void **state)
{
    world *w = *state;
    hd_error err = {0};
    hd_solution *solution = solve(w);
    hd_cost cost = {.size = sizeof cost};
    assert_int_equal(hd_solution_cost(solution, &cost, &err), HD_OK);
    double sum = cost.mac_pj + cost.vector_pj + cost.static_pj;
    for (int l = 0; l < HD_COST_LEVELS; l++)
        for (int r = 0; r < HD_COST_ROLES; r++) sum += cost.traffic[l][r].access_pj + cost.traffic[l][r].delivery_pj;
    assert_true(sum > cost.energy_pj * (1 - 1e-9) && sum < cost.energy_pj * (1 + 1e-9));
    hd_solution_free(w->context, solution);
}

static void misuse_is_refused(void **state)
{
    world *w = *state;
    hd_error err = {0};
    hd_scheme *scheme = NULL;
    hd_cost cost = {.size = sizeof cost};
    assert_int_equal(hd_scheme_new(w->context, w->problem, &scheme, &err), HD_OK);
    hd_scheme_clear(w->problem, scheme);
    hd_step bad_level = {.kind = HD_STEP_TENSOR, .level = 99, .name = "M", .extent = 1};
    hd_step bad_name = {.kind = HD_STEP_UPDATE, .level = 1, .name = "Z", .extent = 1};
    assert_int_equal(hd_scheme_add(w->problem, scheme, &bad_level, &err), HD_ERR_USAGE);
    assert_int_equal(hd_scheme_add(w->problem, scheme, &bad_name, &err), HD_ERR_USAGE);
    assert_int_equal(hd_price(w->problem, scheme, &cost, &err), HD_ERR_USAGE);
    assert_true(strlen(err.message) > 0);
    assert_int_equal(hd_problem_home(w->problem, "W", "MAC", &err), HD_ERR_USAGE);
    assert_int_equal(hd_problem_home(w->problem, "X", "GLB", &err), HD_ERR_USAGE);
    hd_scheme_free(w->context, scheme);
}

static void note_option(void *user, const hd_item *item)
{
    char *out = user;
    if (!*out && strncmp(item->name, "timeloop.", 9) == 0) strncpy(out, item->name, 127);
}

static const char *first_option(hd_context *context, char out[128])
{
    hd_error err = {0};
    memset(out, 0, 128);
    assert_int_equal(hd_catalogue(context, "options", note_option, out, &err), HD_OK);
    return *out ? out : NULL;
}

/* The problem's own model and settings are those of hd_price, and the standards of hd_solve. */
static void problems_choose_their_model(void **state)
{
    world *w = *state;
    hd_error err = {0};
    char option[128];
    hd_solution *solution = solve(w);
    hd_cost native = {.size = sizeof native}, other = native, solved = native;
    assert_int_equal(hd_price(w->problem, hd_solution_scheme(solution), &native, &err), HD_OK);
    assert_int_equal(hd_problem_model(w->problem, "none", &err), HD_ERR_USAGE);
    assert_int_equal(hd_problem_set(w->problem, "timeloop.link_transfers", 0, &err), HD_ERR_USAGE);
    assert_int_equal(hd_problem_model(w->problem, "timeloop", &err), HD_OK);
    assert_non_null(first_option(w->context, option));
    assert_int_equal(hd_problem_set(w->problem, option, 0, &err), HD_OK);
    assert_int_equal(hd_problem_set(w->problem, option, 1e300, &err), HD_ERR_USAGE);
    assert_int_equal(hd_problem_set(w->problem, "timeloop.nothing", 0, &err), HD_ERR_USAGE);
    hd_solution_free(w->context, solution);
    hd_solve_options options = {.size = sizeof options, .solver = "random", .evaluations = 200, .seed = 3, .space = "free"};
    assert_int_equal(hd_solve(w->context, w->problem, &options, &solution, &err), HD_OK);
    assert_int_equal(hd_solution_cost(solution, &solved, &err), HD_OK);
    assert_int_equal(hd_price(w->problem, hd_solution_scheme(solution), &other, &err), HD_OK);
    assert_memory_equal(&solved, &other, sizeof solved);
    assert_int_equal(hd_problem_model(w->problem, NULL, &err), HD_OK); /* back to the standard */
    hd_solution_free(w->context, solution);
    solution = solve(w);
    assert_int_equal(hd_price(w->problem, hd_solution_scheme(solution), &other, &err), HD_OK);
    assert_memory_equal(&native, &other, sizeof native);
    hd_solution_free(w->context, solution);
}

/* Extents of M and N that level 1 holds. */
static bool see_tensor(void *user, const hd_step *step)
{
    int64_t *held = user;
    if (step->kind != HD_STEP_TENSOR || step->level != 1) return true;
    if (strcmp(step->name, "M") == 0) held[0] = step->extent;
    if (strcmp(step->name, "N") == 0) held[1] = step->extent;
    return true;
}

/* A pin holds for a single problem, too: its operator is a layer called by its kind. */
static void pins_hold_for_one_problem(void **state)
{
    world *w = *state;
    hd_error err = {0};
    hd_solution *solution = NULL;
    static const char text[] = "heddle: pins/1\npins:\n- {layers: matmul, levels: [{level: GLB, tensor: {M: 8, N: 4, K: 16}}]}\n";
    const char *path = "test_problem_pins.yaml";
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    hd_solve_options options = {.size = sizeof options, .evaluations = 300, .pin_file = path};
    assert_int_equal(hd_solve(w->context, w->problem, &options, &solution, &err), HD_OK);
    remove(path);
    int64_t held[2] = {0, 0};
    assert_non_null(hd_solution_scheme(solution));
    hd_scheme_walk(w->problem, hd_solution_scheme(solution), see_tensor, held);
    assert_int_equal(held[0], 8);
    assert_int_equal(held[1], 4);
    hd_solution_free(w->context, solution);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(walked_scheme_rebuilds, make, drop),
        cmocka_unit_test_setup_teardown(price_does_not_allocate, make, drop),
        cmocka_unit_test_setup_teardown(lines_sum_to_the_energy, make, drop),
        cmocka_unit_test_setup_teardown(misuse_is_refused, make, drop),
        cmocka_unit_test_setup_teardown(problems_choose_their_model, make, drop),
        cmocka_unit_test_setup_teardown(pins_hold_for_one_problem, make, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
