/* Where do layers find their inputs, and leave their outputs, by the rules of KAPLA's research code (kapla.md 5.3)? */
#ifndef HD_NETWORK_LAYOUTS_H
#define HD_NETWORK_LAYOUTS_H

#include "network/plan.h"

/* Do layers look where the ones before left their outputs?  Then each is a problem of its own, and they are solved in
 * their order: KAPLA's algorithm under its model in compat, which knows every layer alone (no homes, no parts of a mesh). */
bool hd_plan_has_layouts(const hd_plan_options *options);
/* Tell layer `i` where its input lies, once the layers before are solved or priced (nothing where that is not known: then the
 * model's options say), and which hops it recalls.  HD_ERR_MEMORY. */
hd_status hd_plan_find_layout(hd_plan *plan, int i, hd_error *err);

#endif
