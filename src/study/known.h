/* Answers on chips that differ in single numbers: what do those with more and with less say about one between? */
#ifndef HD_STUDY_KNOWN_H
#define HD_STUDY_KNOWN_H

#include "network/plan.h"

typedef struct hd_finding hd_finding;

typedef struct hd_known {
    hd_arena *arena;
    const hd_network *net;       /* borrowed, as what the options borrow */
    hd_plan_options options;     /* of every search */
    hd_finding **of;             /* per layer of the network, the newest first; equal layers stand under their first */
    int64_t searched, spared;    /* distinct layers that were solved; that needed no search */
} hd_known;

hd_status hd_known_new(const hd_network *net, const hd_plan_options *options, hd_known **out, hd_error *err);
/* Remember what a plan of this network found on its chip. */
hd_status hd_known_note(hd_known *known, const hd_plan *plan, hd_error *err);
/* As hd_plan_solve with the options, but a layer is searched only where nothing known settles it: a chip that offers at least
 * as much gives a lower bound, and a scheme found anywhere that is as cheap here is then the best.  Remembered, too; `chip`
 * must outlive the plan.  With one thread the options' seconds are those that it works. */
hd_status hd_known_solve(hd_known *known, const hd_arch *chip, hd_plan **out, hd_error *err);
void hd_known_free(hd_known *known); /* NULL is fine */

#endif
