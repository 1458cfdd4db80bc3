/* Small random nests, legal by construction, and what their states are: found by trying every index. */
#ifndef HD_TESTS_COST_NATIVE_DRAW_H
#define HD_TESTS_COST_NATIVE_DRAW_H

#include "base/random.h"
#include "cost/native/classes.h"

enum { DRAW_EXTENT = 24 };

typedef struct drawn {
    hd_arch arch;
    hd_operator op;
    hd_problem problem;
    native_ready ready;
    hd_scheme scheme;
    nest n; /* points into this: do not copy */
} drawn;

/* Two to four levels, dims of at most DRAW_EXTENT points, each in a rank of its own of O. */
void draw_nest(hd_random *random, int dims, bool ragged, drawn *out);

/* The piece of given indices of the first digits; false if it does not exist. */
bool brute_piece(const nest_dim *nd, int digits, int64_t extent, const int64_t *index, int64_t *lo, int64_t *hi);
/* The next indices of the digits whose bit is set, the others untouched; false after the last. */
bool brute_next(const nest_dim *nd, unsigned digits, int64_t *index);
int brute_digits_to(const nest_dim *nd, int level);

typedef struct brute_state { int units; class_unit unit[DRAW_EXTENT]; } brute_state;
/* Every state of the dim that has a unit, as hd_slide_sums walks them. */
int brute_states(const nest *n, int dim, const nest_view *v, int cut, int own, brute_state out[DRAW_EXTENT]);

#endif
