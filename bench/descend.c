/* How fast and how good is the default solver on the layers of ResNet-50?  Prints one line per distinct operator.
 * Arguments: evaluations in one space, then any of ragged, free, bypass.                                  */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chip.h"
#include "solve/solver.h"
#include "workload/kinds.h"

static const char *const layer[] = {
    "conv(N=1,K=64,C=3,P=112,Q=112,R=7,S=7,stride=2)",   "conv(N=1,K=64,C=64,P=56,Q=56,R=1,S=1)",
    "conv(N=1,K=64,C=64,P=56,Q=56,R=3,S=3)",             "conv(N=1,K=256,C=64,P=56,Q=56,R=1,S=1)",
    "conv(N=1,K=64,C=256,P=56,Q=56,R=1,S=1)",            "conv(N=1,K=128,C=256,P=56,Q=56,R=1,S=1)",
    "conv(N=1,K=128,C=128,P=28,Q=28,R=3,S=3,stride=2)",  "conv(N=1,K=512,C=128,P=28,Q=28,R=1,S=1)",
    "conv(N=1,K=512,C=256,P=28,Q=28,R=1,S=1,stride=2)",  "conv(N=1,K=128,C=512,P=28,Q=28,R=1,S=1)",
    "conv(N=1,K=128,C=128,P=28,Q=28,R=3,S=3)",           "conv(N=1,K=256,C=512,P=28,Q=28,R=1,S=1)",
    "conv(N=1,K=256,C=256,P=14,Q=14,R=3,S=3,stride=2)",  "conv(N=1,K=1024,C=256,P=14,Q=14,R=1,S=1)",
    "conv(N=1,K=1024,C=512,P=14,Q=14,R=1,S=1,stride=2)", "conv(N=1,K=256,C=1024,P=14,Q=14,R=1,S=1)",
    "conv(N=1,K=256,C=256,P=14,Q=14,R=3,S=3)",           "conv(N=1,K=512,C=1024,P=14,Q=14,R=1,S=1)",
    "conv(N=1,K=512,C=512,P=7,Q=7,R=3,S=3,stride=2)",    "conv(N=1,K=2048,C=512,P=7,Q=7,R=1,S=1)",
    "conv(N=1,K=2048,C=1024,P=7,Q=7,R=1,S=1,stride=2)",  "conv(N=1,K=512,C=2048,P=7,Q=7,R=1,S=1)",
    "conv(N=1,K=512,C=512,P=7,Q=7,R=3,S=3)",             "matmul(M=1,N=1000,K=2048)",
    "pool(N=1,K=64,P=56,Q=56,R=3,S=3,stride=2)",
};

static double cpu(void) { return (double)clock() / CLOCKS_PER_SEC; }

typedef struct wish { int64_t work; hd_space_kind kind; bool ragged, bypass; } wish;

static hd_status solve(const hd_problem *p, const wish *w, hd_incumbent *out, hd_error *err)
{
    const double options[] = {(double)w->work, 9, 30, 0, 0};
    hd_space space;
    hd_random random;
    hd_budget budget = {0};
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return hd_fail_memory(err);
    hd_space_init(&space, p, w->kind, w->ragged, w->bypass);
    hd_incumbent_init(out, &hd_model_native, p, HD_ENERGY);
    hd_random_seed(&random, 1, 0);
    hd_budget_start(&budget);
    hd_status status = hd_solver_descend.run(&hd_solver_descend, &space, options, &budget, &random, arena, out, err);
    hd_arena_free(arena);
    return status;
}

static hd_status run(const wish *w, hd_error *err)
{
    hd_arch chip;
    double start = cpu(), energy = 0;
    int64_t evaluations = 0, cycles = 0;
    HD_TRY(bench_chip(&chip, err));
    for (size_t i = 0; i < sizeof layer / sizeof *layer; i++) {
        hd_operator op;
        hd_incumbent found;
        HD_TRY(hd_kind_parse(layer[i], &op, err));
        hd_problem p = {.op = &op, .arch = &chip};
        double before = cpu();
        HD_TRY(solve(&p, w, &found, err));
        double units = (double)hd_arch_instances(&chip, 3) * (double)found.price.latency_cycles;
        printf("%-50s %12.5g pJ  gap %5.1f %%  use %5.1f %%  %7lld prices  %.3f s\n", layer[i], found.cost,
               100 * (1 - found.lower_bound / found.cost), 100 * (double)hd_operator_points(&op) / units,
               (long long)found.evaluations, cpu() - before);
        energy += found.price.energy_pj;
        cycles += found.price.latency_cycles;
        evaluations += found.evaluations;
    }
    double seconds = cpu() - start;
    printf("all: %.6g pJ, %lld cycles, %lld prices in %.2f CPU s, %.0f per s\n", energy, (long long)cycles,
           (long long)evaluations, seconds, (double)evaluations / seconds);
    return HD_OK;
}

int main(int argc, char **argv)
{
    hd_error err = {0};
    wish w = {.work = argc > 1 ? strtoll(argv[1], NULL, 10) : 20000, .kind = HD_SPACE_TEMPLATE};
    for (int i = 2; i < argc; i++) {
        w.ragged = w.ragged || strcmp(argv[i], "ragged") == 0;
        w.bypass = w.bypass || strcmp(argv[i], "bypass") == 0;
        if (strcmp(argv[i], "free") == 0) w.kind = HD_SPACE_FREE;
    }
    hd_status status = run(&w, &err);
    if (status != HD_OK) fprintf(stderr, "%s\n", err.message);
    return status == HD_OK ? 0 : 1;
}
