/* The mixed radix of one dimension: every stack and update of every level as digits of its position.
 *
 * DESIGN section 2, "Legality": sorted from innermost to outermost, each digit's span above is the next
 * digit's shift (the box of the level outside for the last digit of a level), its count the ceiling of
 * span / shift.  Counts of one are dropped: such a digit is always zero.                            */
#ifndef HD_DATAFLOW_RADIX_H
#define HD_DATAFLOW_RADIX_H

#include "dataflow/scheme.h"

enum { HD_MAX_DIGITS = 32 };

typedef struct hd_digit {
    int level;
    int loop;           /* index into the level's updates, or -1 for a stack */
    int stack;          /* index into the level's stacks, or -1 for an update */
    int64_t shift, count;
} hd_digit;

typedef struct hd_radix {
    int digits;                     /* with a count above one */
    hd_digit digit[HD_MAX_DIGITS];  /* outermost first */
} hd_radix;

/* Build the radix of `dim`; false (and a reason) when the directives break the rules. */
bool hd_radix_build(const hd_problem *p, const hd_scheme *s, int dim, hd_radix *out, hd_refusal *why);
/* Does every digit of `dim` at levels 1 .. last divide the span above it?  Of legal schemes, without building the radix. */
bool hd_radix_is_even(const hd_scheme *s, int dim, int last);

#endif
