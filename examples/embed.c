/* heddle inside a program: price and solve one matrix product, no file, no global state. */
#include <stdio.h>

#include "heddle/heddle.h"

static const char chip[] =
    "heddle: arch/1\nname: tiny\nclock_mhz: 500\nmac: {energy_pj: 1.0, src: example}\nlevels:\n"
    "- {name: DRAM, word_bits: 16, energy_pj: {read: 200, write: 200}, bandwidth: {shared: 4}}\n"
    "- {name: GLB, word_bits: 16, capacity: {words: 16384}, double_buffer: true, energy_pj: {read: 6, write: 6}}\n"
    "- {name: RF, word_bits: 16, capacity: {words: 256}, energy_pj: {read: 1, write: 1},\n"
    "   fanout: {x: 8, y: 8, multicast: true, reduce: true}}\n"
    "- {name: MAC}\n";

int main(void)
{
    hd_error err = {0};
    hd_context *context = NULL;
    hd_arch *arch = NULL;
    hd_operator *product = NULL;
    hd_problem *problem = NULL;
    hd_solution *solution = NULL;
    hd_scheme *plain = NULL;
    hd_cost before = {.size = sizeof before}, after = {.size = sizeof after};
    hd_dim_spec dims[] = {{"M", 128}, {"N", 256}, {"K", 64}};
    hd_rank_spec w[] = {{.dim = {"K"}}, {.dim = {"N"}}}, i[] = {{.dim = {"M"}}, {.dim = {"K"}}},
                 o[] = {{.dim = {"M"}}, {.dim = {"N"}}};
    hd_tensor_spec tensors[] = {{"W", 16, 2, w}, {"I", 16, 2, i}, {"O", 16, 2, o}};
    hd_operator_spec spec = {.size = sizeof spec, .dims = 3, .dim = dims, .tensors = 3, .tensor = tensors};
    hd_solve_options options = {.size = sizeof options, .objective = "edp", .seed = 1};

    bool good = hd_context_new(NULL, &context, &err) == HD_OK &&
                hd_arch_parse(context, chip, sizeof chip - 1, &arch, &err) == HD_OK &&
                hd_operator_new(context, &spec, &product, &err) == HD_OK &&
                hd_problem_new(context, product, arch, &problem, &err) == HD_OK &&
                hd_scheme_new(context, problem, &plain, &err) == HD_OK &&
                hd_price(problem, plain, &before, &err) == HD_OK &&
                hd_solve(context, problem, &options, &solution, &err) == HD_OK &&
                hd_solution_cost(solution, &after, &err) == HD_OK;
    if (good) printf("untiled: %.4g pJ, %lld cycles; solved: %.4g pJ, %lld cycles (EDP bound %.4g)\n",
                     before.energy_pj, (long long)before.latency_cycles, after.energy_pj,
                     (long long)after.latency_cycles, hd_solution_bound(solution));
    else fprintf(stderr, "%s\n", err.message);
    if (good && !(after.edp < before.edp)) good = false;
    hd_solution_free(context, solution);
    hd_scheme_free(context, plain);
    hd_problem_free(context, problem);
    hd_operator_free(context, product);
    hd_arch_free(context, arch);
    hd_context_free(context);
    return good ? 0 : 1;
}
