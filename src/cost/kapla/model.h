/* The parts of the model `kapla` that price our own schemes. */
#ifndef HD_COST_KAPLA_MODEL_H
#define HD_COST_KAPLA_MODEL_H

#include "cost/kapla/kapla.h"
#include "dataflow/kapla_convert.h"

/* Exact counts of a scheme in KAPLA's accounts; the native machine's own counts in `counts`.  `ready`: of whole buffers. */
void hd_kapla_exact(const native_ready *ready, const hd_scheme *s, hd_kapla_cost *out, hd_breakdown *counts);
/* Does it fit whole buffers (shared where the chip says so), and do all levels keep what KAPLA's do? */
bool hd_kapla_exact_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
/* The same without a reason, of a problem that is ready. */
bool hd_kapla_exact_fits_ready(const native_ready *ready, const hd_scheme *s);
/* Roles that may pass a level instead: outputs that slide are held with whole windows alone (docs/cost-model.md), where these
 * leave gaps not at all; so they and the weights, which have the window, may pass the registers. */
unsigned hd_kapla_may_pass(const hd_problem *p, int level);
/* Lower bounds over all schemes that the model serves. */
void hd_kapla_bound(const hd_problem *p, bool compat, bool pinned, hd_bound *out);

#endif
