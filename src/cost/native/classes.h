/* States of one dim that look alike: units at the same places, now and before. */
#ifndef HD_COST_NATIVE_CLASSES_H
#define HD_COST_NATIVE_CLASSES_H

#include "cost/native/nest.h"

enum { HD_MAX_CLASSES = 24, HD_MAX_CLASS_UNITS = 64 };

/* One merged unit of a state: its new and its old piece, from the state's own origin. */
typedef struct class_unit { int64_t lo, hi, old_lo, old_hi; } class_unit;

typedef struct classes {
    int n, units;
    struct { int64_t states; int first, units; } of[HD_MAX_CLASSES];
    class_unit unit[HD_MAX_CLASS_UNITS];
} classes;

/* The classes of a dim at a cut, `own` as in hd_slide_sums; false where they are too many. */
bool hd_classes_of(const nest *n, int dim, const nest_view *view, int cut, int own, classes *out);

#endif
