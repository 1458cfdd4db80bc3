/* Which operators are so like another that what was found for them shows where to start?  Those with the same loops under the
 * same tensors: only extents and strides differ.                                                              */
#ifndef HD_NETWORK_LEADS_H
#define HD_NETWORK_LEADS_H

#include "solve/solver.h"

/* The nearest by extents of what was offered, nearest first; all zero = none. */
enum { HD_LEADS = 3 };
typedef struct hd_leads { int count; hd_lead lead[HD_LEADS]; double distance[HD_LEADS]; } hd_leads;

bool hd_have_same_loops(const hd_operator *a, const hd_operator *b);
/* The same on the same chip, with the same tensors at home. */
bool hd_are_alike(const hd_problem *a, const hd_problem *b);
/* Take in what was found of an operator that is like `op`; both are borrowed. */
void hd_leads_offer(hd_leads *leads, const hd_operator *op, const hd_operator *other, const hd_scheme *found);

#endif
