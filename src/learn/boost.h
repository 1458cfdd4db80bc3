/* Boosted trees that learn an order: which of two rows has the larger value?  The library behind it is seen by boost.c alone. */
#ifndef HD_LEARN_BOOST_H
#define HD_LEARN_BOOST_H

#include "base/error.h"

typedef struct hd_boost hd_boost;

typedef struct hd_boost_options {
    int trees, depth;
    double rate;         /* share of each tree's answer that is added */
    double least_gain;   /* of a split */
    double ridge;        /* weight of the squared answers of leaves */
    uint64_t seed;
} hd_boost_options;

/* Learn to rank `rows` rows of `columns` numbers (none NaN) by `value`.  One thread; the same input gives the same trees.
 * rows >= 2. */
hd_status hd_boost_train(const hd_boost_options *options, const float *row, int64_t rows, int columns, const float *value,
                         hd_boost **out, hd_error *err);
/* A score per row: the larger, the larger its value is taken to be.  Scores of two trainings are not comparable. */
hd_status hd_boost_score(const hd_boost *boost, const float *row, int64_t rows, int columns, float *score, hd_error *err);
void hd_boost_free(hd_boost *boost); /* NULL is fine */

#endif
