/* Are the networks kapla-* those of KAPLA's research code?  Layers, MACs and weights per sample as that code counts
 * them (Li and Gao, arXiv 2306.15676): one operation per tap of a pooling window and per summand of an element-wise layer. */
#include "formats/heddle/network_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct count { int conv, depthwise, pool, eltwise, fc; } count;

static const struct row { const char *name; int layers; count of; int64_t macs, weights; } ROW[] = {
    {"alexnet", 19, {10, 0, 6, 0, 3}, 725508992, 60954656},
    {"vgg16", 21, {13, 0, 5, 0, 3}, 15476385792, 138344128},
    {"vgg19", 24, {16, 0, 5, 0, 3}, 19638183936, 143652544},
    {"googlenet", 63, {57, 0, 5, 0, 1}, 1587096768, 6990272},
    {"resnet50", 72, {53, 0, 2, 16, 1}, 3870918656, 25502912},
    {"resnet152", 208, {155, 0, 2, 50, 1}, 11310614528, 60040384},
    {"zfnet", 11, {5, 0, 3, 0, 3}, 2479873760, 107616032},
    {"mobilenet", 29, {14, 13, 1, 0, 1}, 568790528, 4209088},
    {"mlp-s", 3, {0, 0, 0, 0, 3}, 519500, 519500},
    {"mlp-m", 4, {0, 0, 0, 0, 4}, 1411500, 1411500},
    {"mlp-l", 4, {0, 0, 0, 0, 4}, 3181000, 3181000},
    {"lstm-phoneme", 10, {0, 0, 0, 4, 6}, 170100, 168980},
    {"lstm-showtell", 9, {0, 0, 0, 5, 4}, 2101760, 2097152},
    {"lstm-gnmt", 33, {0, 0, 0, 17, 16}, 32033000, 32000000},
};
enum { ROWS = sizeof ROW / sizeof *ROW };

static hd_network *read(const char *name) {
    char path[512];
    hd_error err;
    hd_network *net = NULL;
    const char *zoo = getenv("HEDDLE_ZOO");
    snprintf(path, sizeof path, "%s/nets/kapla-%s.yaml", zoo ? zoo : "zoo", name);
    if (hd_network_read_file(path, &net, &err) != HD_OK) fail_msg("%s:%d: %s", path, err.line, err.message);
    return net;
}

static void every_row_has_its_numbers(void **state) {
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        const struct row *row = &ROW[i];
        hd_network *net = read(row->name);
        count of = {0};
        int64_t macs = 0, weights = 0;
        for (int l = 0; l < net->layers; l++) {
            const hd_layer *layer = &net->layer[l];
            bool fc = strcmp(layer->op_name, "fc") == 0, depthwise = strcmp(layer->op_name, "depthwise") == 0;
            macs += layer->macs + layer->ops;
            weights += layer->weight_words;
            of.fc += fc;
            of.depthwise += depthwise;
            of.conv += layer->op.kind == HD_CONV && !fc && !depthwise;
            of.pool += layer->op.kind == HD_POOL;
            of.eltwise += layer->op.kind == HD_REDUCE_SUM;
        }
        if (macs != row->macs || weights != row->weights)
            fail_msg("kapla-%s: %lld MACs, %lld weights", row->name, (long long)macs, (long long)weights);
        assert_int_equal(net->layers, row->layers);
        assert_memory_equal(&of, &row->of, sizeof of);
        assert_true(net->unfused);
        hd_network_free(net);
    }
}

static int64_t dim_or_1(const hd_operator *op, const char *name) {
    int d = hd_operator_dim(op, name);
    return d >= 0 ? op->dim[d].extent : 1;
}

/* Rows of the input that the windows reach: P*stride + R is the last rank but one. */
static int64_t rows_read(const hd_operator *op) {
    const hd_tensor *t = &op->tensor[HD_I];
    if (op->kind == HD_REDUCE_SUM) return dim_or_1(op, "P");
    int first = op->kind == HD_POOL ? 2 : 3; /* N K, N G C */
    return t->ranks - first == 2 ? t->rank[first].extent : t->rank[first].extent * t->rank[first + 1].extent;
}

static int64_t channels_in(const hd_operator *op) {
    int64_t summands = op->kind == HD_REDUCE_SUM ? dim_or_1(op, "E") : 1;
    return op->kind == HD_CONV ? dim_or_1(op, "G") * dim_or_1(op, "C") : summands * dim_or_1(op, "K");
}

/* KAPLA's rule: what a layer reads is joined along channels; rows fit, give or take padding. */
static void every_layer_fits_its_producers(void **state) {
    (void)state;
    for (int i = 0; i < ROWS; i++) {
        hd_network *net = read(ROW[i].name);
        for (int l = 0; l < net->layers; l++) {
            const hd_operator *op = &net->layer[l].op;
            int64_t channels = 0, rows = rows_read(op);
            bool outside = false;
            for (int k = 0; k < net->layer[l].inputs; k++) {
                int from = net->layer[l].input[k];
                outside = outside || from < 0;
                if (from < 0) continue;
                const hd_operator *before = &net->layer[from].op;
                int64_t made = dim_or_1(before, "P"), strided = rows;
                channels += dim_or_1(before, "G") * dim_or_1(before, "K");
                const hd_rank *rank = &op->tensor[HD_I].rank[op->kind == HD_POOL ? 2 : 3];
                if (op->kind != HD_REDUCE_SUM && rank->terms == 2) strided = dim_or_1(op, "P") * rank->term[0].coef;
                if (op->kind == HD_CONV && dim_or_1(op, "R") == 1 && made > rows) strided = 2 * rows; /* 1x1 of stride 2 */
                assert_true(made >= (strided < rows ? strided : rows) && made <= (strided > rows ? strided : rows));
            }
            if (!outside && channels != channels_in(op))
                fail_msg("kapla-%s, %s: %lld channels come, %lld are read", ROW[i].name, net->layer[l].name,
                         (long long)channels, (long long)channels_in(op));
        }
        hd_network_free(net);
    }
}

static void batches_scale_all_but_weights(void **state) {
    (void)state;
    hd_error err;
    for (int i = 0; i < ROWS; i++) {
        hd_network *net = read(ROW[i].name);
        int64_t macs = 0, weights = 0;
        if (hd_network_rebatch(net, 64, &err) != HD_OK) fail_msg("%s", err.message);
        for (int l = 0; l < net->layers; l++) {
            macs += net->layer[l].macs + net->layer[l].ops;
            weights += net->layer[l].weight_words;
        }
        assert_int_equal(net->batch, 64);
        assert_true(macs == 64 * ROW[i].macs && weights == ROW[i].weights);
        hd_network_free(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row_has_its_numbers),
                                       cmocka_unit_test(every_layer_fits_its_producers),
                                       cmocka_unit_test(batches_scale_all_but_weights)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
