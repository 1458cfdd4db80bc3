/* What would one step more of each number of the chip save? */
#ifndef HD_STUDY_SHADOW_H
#define HD_STUDY_SHADOW_H

#include "base/text.h"
#include "network/plan.h"
#include "study/knob.h"

typedef struct hd_shadow_step {
    hd_knob knob;
    double value;              /* as the chip has it; the step is to twice as much */
    bool done, found, proved;  /* proved: both the plan's cost and this one */
    double cost, lower_bound;
} hd_shadow_step;

typedef struct hd_shadow {
    hd_arena *arena;
    const hd_plan *plan;       /* borrowed */
    double cost;               /* of the plan */
    int steps;
    hd_shadow_step *step;
    int64_t searched, spared;  /* distinct layers of all steps: solved, and settled by what is known already */
} hd_shadow;

/* Solves the plan's network again on every chip of one step, as the plan was solved.  The plan has all its layers. */
hd_status hd_shadow_run(const hd_plan *plan, hd_shadow **out, hd_error *err);
void hd_shadow_free(hd_shadow *shadow); /* NULL is fine */

void hd_shadow_table(const hd_shadow *shadow, hd_text *text);
void hd_shadow_json(const hd_shadow *shadow, const char *version, hd_text *text);

#endif
