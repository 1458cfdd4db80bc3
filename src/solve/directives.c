/* The baseline S of KAPLA's study: every scheme that its search can write in directives.  All orders of the loops; all rows
 * of a node's part in one block of the buffer. */
#include "solve/partitioned.h"

enum { EACH = 1u << HD_CUT_C | 1u << HD_CUT_K | 1u << HD_CUT_N };

static const hd_partitioned_rules rules = {.unfold_taps = true, .repeats = {EACH, EACH}};

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    (void)random, (void)arena, (void)err;
    return hd_partitioned_run(self, &rules, space, option_values, budget, incumbent);
}

const hd_solver hd_solver_directives = {
    .name = "directives",
    .title = "every scheme of KAPLA's directive space",
    .paper = "the baseline S of KAPLA (Li and Gao 2023)",
    .traits = HD_SOLVER_LISTS | HD_SOLVER_ANYTIME,
    .options = hd_partitioned_options,
    .run = run,
};
