/* Small random problems for tests of searches: spaces that can be exhausted. */
#ifndef HD_TESTS_SOLVE_SMALL_H
#define HD_TESTS_SOLVE_SMALL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "solve/solver.h"
#include "workload/kinds.h"
#include "small_level.h"

typedef struct small_case {
    hd_operator op;
    hd_arch arch;
    hd_problem problem;
    hd_objective objective;
    bool bypass, ragged;
} small_case;

static inline int64_t pick(hd_random *r, const int64_t *list, int n) { return list[hd_random_below(r, n)]; }

static inline void small_operator(hd_random *r, hd_operator *out)
{
    static const int64_t extent[] = {1, 2, 2, 3, 4, 6, 8};
    hd_error err = {0};
    hd_status status;
    hd_conv_shape shape = {.axes = 2, .n = 1, .groups = 1, .k = 1, .c = 1, .out = {1, 1, 1}, .kernel = {1, 1, 1},
                           .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
    switch (hd_random_below(r, 4)) {
    case 0:
        status = hd_kind_matmul(1, pick(r, extent, 7), pick(r, extent, 7), pick(r, extent, 7), false, out, &err);
        break;
    case 1:
        status = hd_kind_eltwise(2, (int64_t[]){pick(r, extent, 7), pick(r, extent, 7)}, true, 0, 1, out, &err);
        break;
    default:
        shape.k = pick(r, extent, 7);
        shape.c = pick(r, extent, 5);
        shape.out[0] = pick(r, extent, 7);
        shape.kernel[0] = 1 + 2 * hd_random_below(r, 2);
        shape.stride[0] = 1 + hd_random_below(r, 2);
        status = hd_kind_conv(&shape, out, &err);
    }
    if (status != HD_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

/* DRAM, a buffer, 4 x 3 register files, the arithmetic. */
static inline void small_array(hd_arch *out, bool twice)
{
    hd_error err = {0};
    small_level(&out->level[0], "DRAM", 200, 0, false);
    small_level(&out->level[1], "GLB", 6, 200, twice);
    small_level(&out->level[2], "RF", 1, 24, false);
    small_level(&out->level[3], "MAC", 0, 0, false);
    out->levels = 4;
    out->vector_at = 3;
    out->level[2].fan[HD_X] = 4;
    out->level[2].fan[HD_Y] = 3;
    if (hd_arch_check(out, &err) != HD_OK) abort();
}

static inline void small_chip(hd_random *r, hd_arch *out)
{
    hd_error err = {0};
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "small");
    bool middle = hd_random_below(r, 2);
    int l = 0;
    out->clock_mhz = 100;
    out->mac_pj = 1;
    out->static_pj_per_cycle = (double)hd_random_below(r, 3);
    small_level(&out->level[l++], "DRAM", 200, 0, false);
    if (middle) small_level(&out->level[l++], "GLB", 6, 16 + hd_random_below(r, 100), hd_random_below(r, 2));
    small_level(&out->level[l++], "RF", 1, 3 + hd_random_below(r, 22), hd_random_below(r, 2));
    small_level(&out->level[l], "MAC", 0, 0, false);
    int array = 1 + (int)hd_random_below(r, l);
    for (int axis = 0; axis < HD_AXES; axis++) {
        out->level[array].fan[axis] = 1 + hd_random_below(r, 4);
        out->level[array].multicast[axis] = hd_random_below(r, 3) ? 0xfu : 0;
        out->level[array].reduce[axis] = hd_random_below(r, 2);
    }
    for (int i = 0; i < l; i++) out->level[i].read_bw = (double)hd_random_below(r, 4);
    if (hd_random_below(r, 4) == 0) out->level[l].operand_register = HD_ROLE_BIT(hd_random_below(r, 3));
    out->levels = l + 1;
    out->vector_at = hd_random_below(r, 2) ? l : l - 1;
    out->vector_pj = 1;
    out->template_ = (hd_template)hd_random_below(r, 4);
    if (hd_arch_check(out, &err) != HD_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
}

/* Case number `index`; the caller's struct must stay where it is, the problem points into it. */
static inline void small_problem(uint64_t seed, uint64_t index, small_case *out)
{
    hd_random r;
    memset(out, 0, sizeof *out);
    hd_random_seed(&r, seed, index);
    small_operator(&r, &out->op);
    small_chip(&r, &out->arch);
    out->problem = (hd_problem){.op = &out->op, .arch = &out->arch};
    out->objective = (hd_objective)hd_random_below(&r, HD_OBJECTIVES);
    out->bypass = hd_random_below(&r, 3) == 0;
    out->ragged = hd_random_below(&r, 4) == 0;
}

/* Run a solver on a case with a limit of evaluations (0 = its own end). */
/* Values of the optimal solver's option `cut`: so small that small problems are cut at all; they differ from case to case. */
static inline double small_cut(const hd_space *space)
{
    int64_t sum = 0;
    for (int d = 0; d < space->problem->op->dims; d++) sum += space->problem->op->dim[d].extent;
    return (double)(1 + 3 * (sum % 3));
}

static inline hd_status small_solve_with(const hd_solver *solver, const double *values, small_case *c, uint64_t seed,
                                         int64_t evaluations, hd_incumbent *out)
{
    hd_error err = {0};
    hd_space space;
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_space_init(&space, &c->problem, HD_SPACE_TEMPLATE, c->ragged, c->bypass);
    hd_incumbent_init(out, &hd_model_native, &c->problem, c->objective);
    hd_budget_start(&budget);
    hd_random_seed(&random, seed, 0);
    hd_status status = solver->run(solver, &space, values, &budget, &random, arena, out, &err);
    if (status != HD_OK) fprintf(stderr, "%s: %s\n", solver->name, err.message);
    hd_arena_free(arena);
    return status;
}

static inline hd_status small_solve(const hd_solver *solver, small_case *c, uint64_t seed, int64_t evaluations,
                                    hd_incumbent *out)
{
    return small_solve_with(solver, NULL, c, seed, evaluations, out);
}

static inline double small_log10(small_case *c)
{
    hd_space space;
    hd_space_init(&space, &c->problem, HD_SPACE_TEMPLATE, c->ragged, c->bypass);
    return hd_space_log10(&space);
}

#endif
