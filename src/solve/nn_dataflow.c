/* The baseline B of KAPLA's study: the exhaustive search of nn_dataflow (Gao et al. 2017), whose loops are blocked after
 * every partition and mapping; of the orders of dense layers it looks at those that its own counts tell apart. */
#include "solve/partitioned.h"

static const hd_partitioned_rules rules = {
    .rows = true,
    .few_orders = true,
    .repeats = {[HD_X] = 1u << HD_CUT_K, [HD_Y] = 1u << HD_CUT_C | 1u << HD_CUT_K},
};

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    (void)random, (void)arena, (void)err;
    return hd_partitioned_run(self, &rules, space, option_values, budget, incumbent);
}

const hd_solver hd_solver_nn_dataflow = {
    .name = "nn_dataflow",
    .title = "nn_dataflow's exhaustive search: partitions, row-stationary mappings, three-level blockings",
    .paper = "the baseline B of KAPLA (Li and Gao 2023)",
    .traits = HD_SOLVER_LISTS | HD_SOLVER_ANYTIME,
    .options = hd_partitioned_options,
    .run = run,
};
