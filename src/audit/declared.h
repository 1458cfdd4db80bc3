/* Is the space that a proof declares the one that the schedule's words mean on its chip, and as large as the proof says?
 * Counted dim by dim, so for spaces of any size. */
#ifndef HD_AUDIT_DECLARED_H
#define HD_AUDIT_DECLARED_H

#include "audit/recount.h"

/* False, and the first difference noted, where not; what cannot be told is added to `out->unchecked`. */
bool hd_declared_holds(const hd_claim *claim, hd_recount *out);

#endif
