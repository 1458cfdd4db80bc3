/* The baseline: schemes drawn by chance from the space, made smaller until they fit. */
#include "solve/draft.h"

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    hd_draft draft;
    hd_scheme scheme;
    int64_t samples = (int64_t)(option_values ? option_values[0] : self->options[0].standard);
    if (!form) return hd_fail_memory(err);
    HD_TRY(hd_form_init(form, space, err));
    bool possible = hd_offer_least(form, budget, incumbent);
    for (int64_t i = 0; possible && !form->verbatim && i < samples && !hd_budget_out(budget); i++) {
        hd_draft_sample(form, random, &draft);
        if (hd_draft_make_fit(form, random, incumbent, &draft, &scheme)) hd_incumbent_offer(incumbent, budget, &scheme);
        else budget->used++;
    }
    hd_incumbent_close(incumbent, budget, !possible || form->verbatim);
    return HD_OK;
}

static const hd_option options[] = {
    {"samples", "schemes drawn", 10000, 1, 1e12},
    {NULL, NULL, 0, 0, 0},
};

const hd_solver hd_solver_random = {
    .name = "random",
    .title = "random sampling",
    .paper = "the baseline R of KAPLA (Li and Gao 2023)",
    .traits = HD_SOLVER_RANDOMISED | HD_SOLVER_ANYTIME,
    .options = options,
    .run = run,
};
