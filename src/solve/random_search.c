/* The baseline: schemes drawn by chance from the space, made smaller until they fit. */
#include "solve/draft.h"

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    enum { MISSES = 2000 }; /* draws in a row that cannot be made to fit */
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    hd_draft draft;
    hd_scheme scheme;
    int64_t samples = (int64_t)(option_values ? option_values[0] : self->options[0].standard), misses = 0;
    if (!form) return hd_fail_memory(err);
    if (budget->evaluations > 0) samples = budget->evaluations;
    incumbent->space = space;
    HD_TRY(hd_form_init(form, space, err));
    hd_start start = hd_offer_least(form, budget, incumbent, &draft);
    bool goes_on = start != HD_START_NONE && !form->verbatim && !form->unknown;
    while (goes_on && misses < MISSES && budget->used < samples && !hd_budget_out(budget)) {
        bool fits = hd_draft_draw(form, random, incumbent, &draft, &scheme);
        if (fits) hd_incumbent_offer(incumbent, budget, &scheme);
        misses = fits ? 0 : misses + 1;
    }
    hd_incumbent_close(incumbent, budget, start == HD_START_NONE || form->verbatim);
    return HD_OK;
}

static const hd_option options[] = {
    {"samples", "schemes priced where no number of evaluations is given", 10000, 1, 1e12},
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
