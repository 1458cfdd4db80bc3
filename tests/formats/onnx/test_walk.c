/* Shape rules, folding and layers on small models, one idea each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

static hd_onnx_graph load(model *m, const hd_onnx_options *options)
{
    hd_onnx_graph g;
    hd_error err = {0};
    if (model_load(m, options, &g, &err) != HD_OK) fail_msg("%s", err.message);
    return g;
}

static void expect_shape(const hd_onnx_graph *g, const char *name, const char *shape)
{
    char text[256] = "";
    const hd_onnx_value *v = hd_onnx_map_get(&g->values, name);
    assert_non_null(v);
    assert_true(v->rank >= 0);
    for (int i = 0; i < v->rank; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", i ? "," : "", (long long)v->dim[i]);
    assert_string_equal(text, shape);
}

static void expect_refused(model *m, const hd_onnx_options *options, hd_status code, const char *word)
{
    hd_onnx_graph g;
    hd_error err = {0};
    assert_int_equal(model_load(m, options, &g, &err), code);
    if (!strstr(err.message, word)) fail_msg("'%s' lacks '%s'", err.message, word);
}

/* What exporters write for x.view(x.size(0), -1, heads, 64): nothing but the product is left. */
static void shape_computations_fold(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "x", "batch,seq,256");
    model_constant(&m, "zero", "=0");
    model_constant(&m, "axes", "0");
    model_constant(&m, "tail", "-1,64");
    model_weight(&m, "w", "256,512");
    model_node(&m, "MatMul", "x w", "y", "");
    model_node(&m, "Shape", "y", "s", "");
    model_node(&m, "Gather", "s zero", "n", "axis=0");
    model_node(&m, "Unsqueeze", "n axes", "n1", "");
    model_constant(&m, "one", "=1");
    model_node(&m, "Gather", "s one", "q", "axis=0");
    model_node(&m, "Mul", "q one", "q0", "");
    model_node(&m, "Cast", "q0", "qf", "to=1");
    model_node(&m, "Floor", "qf", "qg", "");
    model_node(&m, "Cast", "qg", "qi", "to=7");
    model_node(&m, "Unsqueeze", "qi axes", "q1", "");
    model_node(&m, "Concat", "n1 q1 tail", "target", "axis=0");
    model_node(&m, "Reshape", "y target", "z", "");
    const hd_onnx_dim dims[] = {{"batch", 2}, {"seq", 7}};
    hd_onnx_graph g = load(&m, &(hd_onnx_options){.dims = 2, .dim = dims});
    expect_shape(&g, "z", "2,7,8,64");
    assert_int_equal(g.net->layers, 1);
    assert_int_equal(g.net->layer[0].macs, 2 * 7 * 256 * 512);
    hd_onnx_drop(&g);
}

static void slices_expands_ranges(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "x", "4,8,20");
    model_node(&m, "Shape", "x", "s", "");
    model_constant(&m, "from", "-2");
    model_constant(&m, "to", "9223372036854775807");
    model_node(&m, "Slice", "s from to", "last", "");
    model_node(&m, "ConstantOfShape", "last", "zeros", "");
    model_constant(&m, "start", "=0");
    model_constant(&m, "limit", "=7");
    model_constant(&m, "delta", "=2");
    model_node(&m, "Range", "start limit delta", "r", "");
    model_node(&m, "ReduceProd", "last", "p", "keepdims=0");
    model_constant(&m, "back", "-1");
    model_constant(&m, "far", "-9223372036854775807");
    model_constant(&m, "axis", "2");
    model_node(&m, "Slice", "x back far axis from", "even", "");
    hd_onnx_graph g = load(&m, NULL);
    expect_shape(&g, "zeros", "8,20");
    expect_shape(&g, "r", "4");
    expect_shape(&g, "even", "4,8,10");
    const hd_onnx_value *p = hd_onnx_map_get(&g.values, "p");
    assert_non_null(p->data);
    assert_int_equal(p->data[0].i, 160);
    assert_int_equal(g.net->layers, 0);
    hd_onnx_drop(&g);
}

static void windows(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "x", "1,6,23,23");
    model_weight(&m, "w", "8,3,3,3");
    model_weight(&m, "v", "8,4,4,4");
    model_weight(&m, "d", "2,6,5");
    model_input(&m, "line", "1,6,50");
    model_node(&m, "Conv", "x w", "same", "group=2 auto_pad=SAME_UPPER strides=2,2");
    model_node(&m, "ConvTranspose", "same v", "up", "strides=2,2 pads=1,1,1,1");
    model_node(&m, "MaxPool", "x", "small", "kernel_shape=2,2 strides=2,2 ceil_mode=1");
    model_node(&m, "AveragePool", "x", "skewed", "kernel_shape=3,3 strides=2,2 pads=0,0,1,1");
    model_node(&m, "Conv", "line d", "one", "dilations=3, pads=2,0");
    model_node(&m, "GlobalAveragePool", "x", "mean", "");
    hd_onnx_graph g = load(&m, NULL);
    expect_shape(&g, "same", "1,8,12,12");
    expect_shape(&g, "up", "1,4,24,24");
    expect_shape(&g, "small", "1,6,12,12");
    expect_shape(&g, "skewed", "1,6,11,11");
    expect_shape(&g, "one", "1,2,40");
    assert_int_equal(g.net->layer[0].macs, 12 * 12 * 8 * 3 * 9);
    assert_int_equal(g.net->layer[1].macs, 12 * 12 * 8 * 4 * 16); /* input positions */
    assert_int_equal(g.net->layer[4].macs, 40 * 2 * 6 * 5);
    assert_int_equal(g.net->layer[5].op.kind, HD_POOL);
    hd_onnx_drop(&g);
}

static void products(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "a", "2,8,10,64");
    model_input(&m, "k", "2,2,10,64");
    model_constant(&m, "axes", "2");
    model_constant(&m, "times", "2,2,4,10,64");
    model_constant(&m, "heads", "2,8,10,64");
    model_node(&m, "Unsqueeze", "k axes", "k1", "");
    model_node(&m, "Expand", "k1 times", "k2", "");
    model_node(&m, "Reshape", "k2 heads", "k3", "");
    model_node(&m, "com.microsoft:FusedMatMul", "a k3", "scores", "transB=1");
    model_node(&m, "Einsum", "a k3", "e", "equation=bhqd,bhkd->bhqk");
    model_input(&m, "q", "2,10,64");
    model_weight(&m, "w", "64,32");
    model_weight(&m, "z", "1");
    model_node(&m, "QLinearMatMul", "q z z w z z z z", "i", "");
    hd_onnx_graph g = load(&m, NULL);
    expect_shape(&g, "scores", "2,8,10,10");
    expect_shape(&g, "e", "2,8,10,10");
    expect_shape(&g, "i", "2,10,32");
    const hd_layer *grouped = &g.net->layer[0];
    assert_int_equal(grouped->macs, 16 * 10 * 10 * 64);
    assert_int_equal(hd_tensor_words(&grouped->op, HD_W), 4 * 10 * 64); /* four distinct key matrices,
        not sixteen */
    assert_int_equal(g.net->layer[1].macs, grouped->macs);
    assert_int_equal(g.net->layer[2].weight_words, 64 * 32);
    assert_int_equal(g.net->warnings, 0);
    hd_onnx_drop(&g);
}

static void vectors(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "x", "1,8,4,4");
    model_weight(&m, "c", "8");
    model_constant(&m, "scales", "1.0,1.0,2.0,2.0");
    model_node(&m, "BatchNormalization", "x c c c c", "bn", "");
    model_node(&m, "Resize", "x - scales", "big", "");
    model_node(&m, "Softmax", "x", "soft", "axis=1");
    model_node(&m, "Sum", "x bn soft", "sum", "");
    model_node(&m, "ReduceMean", "sum", "mean", "axes=2,3 keepdims=0");
    model_node(&m, "strange:Thing", "mean", "odd", "");
    hd_onnx_graph g = load(&m, NULL);
    const hd_layer *l = g.net->layer;
    expect_shape(&g, "big", "1,8,8,8");
    expect_shape(&g, "mean", "1,8");
    expect_shape(&g, "odd", "1,8");
    assert_int_equal(hd_tensor_words(&l[0].op, HD_I2), 8);
    assert_int_equal(hd_tensor_words(&l[1].op, HD_I), 128);
    assert_int_equal(hd_tensor_words(&l[1].op, HD_O), 512);
    assert_int_equal(l[3].op.kind, HD_REDUCE_SUM);
    assert_int_equal(l[3].inputs, 3);
    assert_int_equal(g.net->warnings, 1);
    hd_onnx_drop(&g);
}

static void stored_shapes_fill_gaps(void **state)
{
    (void)state;
    model m;
    model_begin(&m, 13);
    model_input(&m, "x", "4,10");
    model_input(&m, "where", "4");
    model_stored(&m, "y", "4,6");
    model_node(&m, "Reshape", "x where", "y", "");
    model_node(&m, "Relu", "y", "z", "");
    hd_onnx_graph g = load(&m, &(hd_onnx_options){.batch = 5});
    expect_shape(&g, "z", "5,6");
    hd_onnx_drop(&g);
}

/* Numbers of a file that mean its batch: beside activations, in the targets of views; a batch of 2 and one of 1. */
static void batch_reaches_what_is_written_once(void **state)
{
    (void)state;
    for (int written = 1; written <= 2; written++) {
        char input[32], token[32], middle[32], last[32], wide[32];
        snprintf(input, sizeof input, "%d,6,4", written);
        snprintf(token, sizeof token, "%d,1,4", written);
        snprintf(middle, sizeof middle, "7,%d,2,2", written);
        snprintf(last, sizeof last, "-1,%d,4", written);
        snprintf(wide, sizeof wide, "%d,7,4", written);
        model m;
        model_begin(&m, 13);
        model_input(&m, "x", input);
        model_weight(&m, "token", token);
        model_node(&m, "Concat", "token x", "front", "axis=1");
        model_node(&m, "Concat", "x token", "back", "axis=1");
        model_node(&m, "Transpose", "front", "rows", "perm=1,0,2");
        model_constant(&m, "middle", middle);
        model_constant(&m, "last", last);
        model_constant(&m, "wide", wide);
        model_node(&m, "Reshape", "rows middle", "heads", "");
        model_node(&m, "Reshape", "heads last", "joined", "");
        model_node(&m, "Expand", "back wide", "same", "");
        hd_onnx_graph g = load(&m, &(hd_onnx_options){.batch = 5});
        expect_shape(&g, "front", "5,7,4");
        expect_shape(&g, "back", "5,7,4");
        expect_shape(&g, "heads", "7,5,2,2");
        expect_shape(&g, "joined", "7,5,4");
        expect_shape(&g, "same", "5,7,4");
        hd_onnx_drop(&g);
    }
}

static void mistakes_are_named(void **state)
{
    (void)state;
    model m;
    const hd_onnx_dim wrong[] = {{"Q", 3}};
    model_begin(&m, 13);
    model_input(&m, "x", "batch,?");
    model_node(&m, "Relu", "x", "y", "");
    expect_refused(&m, NULL, HD_ERR_USAGE, "--dim batch=");
    model_begin(&m, 13);
    model_input(&m, "x", "batch,?");
    model_node(&m, "Relu", "x", "y", "");
    expect_refused(&m, &(hd_onnx_options){.batch = 2}, HD_ERR_USAGE, "--dim x.1=");
    model_begin(&m, 13);
    model_input(&m, "x", "1,2");
    model_node(&m, "Relu", "x", "y", "");
    expect_refused(&m, &(hd_onnx_options){.dims = 1, .dim = wrong}, HD_ERR_USAGE, "--dim Q");
    model_begin(&m, 13);
    model_input(&m, "x", "1,2");
    model_node(&m, "Add", "x z", "y", "");
    model_node(&m, "Relu", "y", "z", "");
    expect_refused(&m, NULL, HD_ERR_INPUT, "cycle");
    model_begin(&m, 13);
    model_input(&m, "x", "3,4");
    model_weight(&m, "w", "5,6");
    model_node(&m, "MatMul", "x w", "y", "");
    expect_refused(&m, NULL, HD_ERR_INPUT, "inner dimensions");
    model_begin(&m, 6);
    model_node(&m, "Relu", "x", "y", "");
    expect_refused(&m, NULL, HD_ERR_INPUT, "opset 6");
    model_begin(&m, 13);
    model_input(&m, "x", "1,4");
    model_constant(&m, "flat", "4,");
    model_node(&m, "Reshape", "x flat", "y", "");
    expect_refused(&m, &(hd_onnx_options){.batch = 5}, HD_ERR_INPUT, "the file fixes a batch of 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_computations_fold), cmocka_unit_test(slices_expands_ranges),
        cmocka_unit_test(windows),                 cmocka_unit_test(products),
        cmocka_unit_test(vectors),                 cmocka_unit_test(stored_shapes_fill_gaps),
        cmocka_unit_test(batch_reaches_what_is_written_once),
        cmocka_unit_test(mistakes_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
