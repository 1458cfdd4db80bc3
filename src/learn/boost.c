/* How do boosted trees rank rows?  By XGBoost's C interface (Chen and Guestrin 2016), objective rank:pairwise. */
#include "learn/boost.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xgboost/c_api.h>

#include "base/text.h"

struct hd_boost { BoosterHandle handle; };

static hd_status check(int failed, hd_error *err)
{
    return failed ? hd_fail(err, HD_ERR_INTERNAL, "XGBoost: %s", XGBGetLastError()) : HD_OK;
}

static hd_status set(BoosterHandle booster, const char *name, double value, hd_error *err)
{
    char text[HD_NUMBER];
    hd_print_double(value, text);
    return check(XGBoosterSetParam(booster, name, text), err);
}

/* More threads than one spin against each other on small data. */
static hd_status set_all(BoosterHandle booster, const hd_boost_options *o, hd_error *err)
{
    char seed[HD_NUMBER];
    snprintf(seed, sizeof seed, "%" PRIu64, o->seed & INT32_MAX);
    HD_TRY(check(XGBoosterSetParam(booster, "nthread", "1"), err));
    HD_TRY(check(XGBoosterSetParam(booster, "verbosity", "0"), err));
    HD_TRY(check(XGBoosterSetParam(booster, "seed", seed), err));
    HD_TRY(check(XGBoosterSetParam(booster, "tree_method", "exact"), err));
    HD_TRY(check(XGBoosterSetParam(booster, "objective", "rank:pairwise"), err));
    HD_TRY(set(booster, "max_depth", o->depth, err));
    HD_TRY(set(booster, "eta", o->rate, err));
    HD_TRY(set(booster, "gamma", o->least_gain, err));
    return set(booster, "lambda", o->ridge, err);
}

/* The matrix holds rows and values; all rows are one group, so that any two may be compared. */
static hd_status fit(hd_boost *b, const hd_boost_options *o, DMatrixHandle matrix, int64_t rows, const float *value,
                     hd_error *err)
{
    const unsigned group = (unsigned)rows;
    HD_TRY(check(XGDMatrixSetFloatInfo(matrix, "label", value, (bst_ulong)rows), err));
    HD_TRY(check(XGDMatrixSetUIntInfo(matrix, "group", &group, 1), err));
    HD_TRY(check(XGBoosterCreate(&matrix, 1, &b->handle), err));
    HD_TRY(set_all(b->handle, o, err));
    for (int i = 0; i < o->trees; i++) HD_TRY(check(XGBoosterUpdateOneIter(b->handle, i, matrix), err));
    return HD_OK;
}

hd_status hd_boost_train(const hd_boost_options *options, const float *row, int64_t rows, int columns, const float *value,
                         hd_boost **out, hd_error *err)
{
    DMatrixHandle matrix = NULL;
    hd_boost *b = calloc(1, sizeof *b);
    if (!b) return hd_fail_memory(err);
    hd_status status = check(XGDMatrixCreateFromMat_omp(row, (bst_ulong)rows, (bst_ulong)columns, NAN, &matrix, 1), err);
    if (status == HD_OK) status = fit(b, options, matrix, rows, value, err);
    if (matrix) XGDMatrixFree(matrix);
    if (status == HD_OK) *out = b;
    else hd_boost_free(b);
    return status;
}

hd_status hd_boost_score(const hd_boost *boost, const float *row, int64_t rows, int columns, float *score, hd_error *err)
{
    static const char config[] = "{\"type\": 1, \"training\": false, \"iteration_begin\": 0, \"iteration_end\": 0, "
                                 "\"strict_shape\": false, \"cache_id\": 0, \"missing\": NaN}";
    char array[192];
    const bst_ulong *shape;
    bst_ulong dims;
    const float *result;
    snprintf(array, sizeof array, "{\"data\": [%" PRIuPTR ", true], \"shape\": [%" PRId64 ", %d], \"typestr\": \"<f4\", "
             "\"version\": 3}", (uintptr_t)row, rows, columns);
    HD_TRY(check(XGBoosterPredictFromDense(boost->handle, array, config, NULL, &shape, &dims, &result), err));
    memcpy(score, result, (size_t)rows * sizeof *score);
    return HD_OK;
}

void hd_boost_free(hd_boost *boost)
{
    if (!boost) return;
    if (boost->handle) XGBoosterFree(boost->handle);
    free(boost);
}
