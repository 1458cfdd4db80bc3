/* One scheme under several models, term by term. */
#ifndef HD_REPORT_COMPARE_H
#define HD_REPORT_COMPARE_H

#include "base/text.h"
#include "cost/model.h"

/* A model with the problem as its settings make it. */
enum { HD_COMPARE_MAX = 4 };
typedef struct hd_judge { const hd_model *model; hd_problem problem; } hd_judge;

/* Every count that is not zero: level, tensor, kind, one column per model, and for each that differs from the first the
 * rules that make it differ; then cycles and energies.  A model that refuses the scheme says why and has no column.
 * The scheme is legal.  False where all refuse. */
bool hd_compare_models(const hd_judge *judge, int count, const hd_scheme *s, hd_text *text);

#endif
