/* Runs of KAPLA's research code (tests/data/kapla/layers.json): layers, chips and schemes in our words. */
#ifndef TESTS_KAPLA_LAYERS_H
#define TESTS_KAPLA_LAYERS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "dataflow/kapla_layer.h"
#include "solve/kapla.h"
#include "syntax/file.h"
#include "syntax/json.h"

static const char *const kapla_dim_names[HD_KAPLA_DIMS] = {"N", "C", "K", "Xi", "Xo", "Yi", "Yo", "R", "S", "F", "XY"};

/* The list of runs; everything lives in the arena. */
static inline const hd_node *kapla_runs(hd_arena *arena)
{
    hd_error err = {0};
    char *text = NULL;
    size_t length = 0;
    hd_node *tree = NULL;
    assert_int_equal(hd_file_read("tests/data/kapla/layers.json", arena, &text, &length, &err), HD_OK);
    assert_int_equal(hd_json_read(text, length, "layers.json", arena, &tree, &err), HD_OK);
    const hd_node *runs = hd_node_get(tree, "runs");
    assert_non_null(runs);
    return runs;
}

static inline bool kapla_is(const hd_node *run, const char *key, const char *value)
{
    const hd_node *n = hd_node_get(run, key);
    return n && hd_node_is(n, value);
}

static inline double kapla_double(const hd_node *n)
{
    double v = 0;
    assert_non_null(n);
    assert_int_equal(hd_node_double(n, "number", -1e300, 1e300, &v, NULL), HD_OK);
    return v;
}

static inline int64_t kapla_int(const hd_node *n) { return (int64_t)kapla_double(n); }

static inline int64_t kapla_get(const hd_node *map, const char *key, int64_t otherwise)
{
    const hd_node *n = hd_node_get(map, key);
    return n ? kapla_int(n) : otherwise;
}

static inline int kapla_dim(const hd_node *name)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (hd_node_is(name, kapla_dim_names[d])) return d;
    fail_msg("unknown dim %s", name->text);
    return -1;
}

static inline hd_kapla_layer kapla_layer(const hd_node *run)
{
    const hd_node *d = hd_node_get(run, "layer_dims");
    bool local = kapla_is(d, "type", "PoolingLayer") || kapla_is(d, "type", "EltwiseLayer");
    hd_kapla_layer l = {.type = local ? HD_KAPLA_LOCAL : HD_KAPLA_CONV, .batch = kapla_int(hd_node_get(run, "batch")),
                        .nreg = 1, .ntrd = 1};
    if (kapla_is(d, "type", "DepthwiseConvolutionLayer")) l.type = HD_KAPLA_DW;
    l.nifm = kapla_get(d, "nifm", 0);
    l.nofm = kapla_get(d, "nofm", 0);
    l.hifm = kapla_get(d, "hifm", 0);
    l.wifm = kapla_get(d, "wifm", 0);
    l.hofm = kapla_get(d, "hofm", 0);
    l.wofm = kapla_get(d, "wofm", 0);
    l.hfil = kapla_get(d, local ? "hreg" : "hfil", 1);
    l.wfil = kapla_get(d, local ? "wreg" : "wfil", 1);
    l.htrd = kapla_get(d, "htrd", 1);
    l.wtrd = kapla_get(d, "wtrd", 1);
    if (local) l.nreg = l.ntrd = l.nifm / l.nofm;
    return l;
}

/* The two chips of these runs; the research code uses 0.99 of every buffer. */
static inline hd_kapla_room kapla_room(const hd_node *run)
{
    if (kapla_is(run, "hw", "multi_node"))
        return (hd_kapla_room){{{16, 16}, {8, 8}}, {0.99 * 16384, 0.99 * 32}, true};
    assert_true(kapla_is(run, "hw", "single_node"));
    return (hd_kapla_room){{{1, 1}, {16, 16}}, {0.99 * 131072, 0.99 * 256}, true};
}

static inline bool kapla_template(const hd_node *run, hd_kapla_template *out)
{
    hd_kapla_layer layer = kapla_layer(run);
    hd_kapla_room room = kapla_room(run);
    return kapla_is(run, "mapping", "systolic") ? hd_kapla_systolic(&layer, &room, out)
                                                : hd_kapla_row_stationary(&layer, &room, out);
}

/* The layer as an operator of the command. */
static inline void kapla_write_operator(const hd_kapla_layer *l, char *out, size_t size)
{
    char dims[128];
    snprintf(dims, sizeof dims, "N=%lld,P=%lld,Q=%lld,R=%lld,S=%lld,stride=%lld", (long long)l->batch, (long long)l->hofm,
             (long long)l->wofm, (long long)l->hfil, (long long)l->wfil, (long long)l->htrd);
    if (l->type == HD_KAPLA_CONV)
        snprintf(out, size, "conv(K=%lld,C=%lld,%s)", (long long)l->nofm, (long long)l->nifm, dims);
    else
        snprintf(out, size, l->type == HD_KAPLA_DW ? "depthwise(G=%lld,%s)" : "pool(K=%lld,%s)", (long long)l->nofm, dims);
}

#endif
