/* Random operators on random machines with random schemes, all legal by construction, all tiny.
 * A case is drawn as a recipe (digits and switches) and then built, so that a failing one can be shrunk. */
#ifndef HD_TESTS_ORACLE_CASES_H
#define HD_TESTS_ORACLE_CASES_H

#include <stdio.h>

#include "base/random.h"
#include "dataflow/scheme.h"

enum { ORACLE_DIGITS = 16, ORACLE_NAMES = 8 };

/* One loop or stack.  Its shift is the span of the digits inside; the last of `count` pieces is `cut`
 * shorter. */
typedef struct oracle_digit {
    char dim;
    int level, axis; /* axis -1 = a loop in time */
    int64_t count, cut;
    int order; /* loops of one level are listed by this */
} oracle_digit;

typedef struct oracle_recipe {
    hd_kind kind;
    int axes;                                            /* convolutions: 1 or 2 spatial axes */
    bool batched;                                        /* matmul: W has B */
    int in_step; /* transposed convolution: units along sliding outputs stand at levels from this one on; 0 = none */
    unsigned broadcast;                                  /* eltwise: dims that I2 lacks */
    int64_t stride[2], dilation[2], pad[2], short_by[2]; /* short_by: coordinates missing at the high end */
    int digits;
    oracle_digit digit[ORACLE_DIGITS]; /* per dim and level innermost first */
    unsigned keep[HD_MAX_LEVELS];
    int home[HD_ROLES], bits[HD_ROLES], partial_bits;
    int64_t ops_per_point, extra_reads, fused_ops, spare[HD_MAX_LEVELS];
    int tight[HD_MAX_LEVELS]; /* meshes: capacity in percent of what full copies take, or as much more as is needed */
    hd_arch arch; /* fan-outs are filled in by the build, which puts ports inside and keeps what a mesh may have */
} oracle_recipe;

typedef struct oracle_case {
    oracle_recipe recipe;
    hd_operator op;
    hd_problem problem; /* points into this case: do not copy */
    hd_scheme scheme;
} oracle_case;

void oracle_recipe_draw(hd_random *random, oracle_recipe *out);
/* Operator, chip and scheme of the recipe; false where it has become nonsense (after shrinking). */
bool oracle_case_build(const oracle_recipe *recipe, oracle_case *out);
void oracle_case_print(FILE *to, const oracle_case *c);

#endif
