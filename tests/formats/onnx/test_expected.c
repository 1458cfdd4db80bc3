/* Every graph of tests/data/onnx against the reference: totals of MACS.tsv, and each known row of expected/
 * (shape of every tensor, views included; MACs of every product).  `?` and symbolic rows are unknown there.  */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/onnx/graph.h"
#include "graphs.h"

enum { MOST_GRAPHS = 64 };

/* The graph whose totals were taken without binding its past: its attention products were not counted. */
static const char *const unbound_graph = "generated/llama3_8b_1l_decode_dyn.onnx";
static const hd_onnx_dim past[] = {{"P", 4096}};
static const hd_onnx_options with_past = {.dims = 1, .dim = past};

static bool is_number_list(const char *text)
{
    return *text != '\0' && strspn(text, "0123456789,") == strlen(text);
}

static const hd_layer *find_layer(const hd_network *net, const char *node, const char *output)
{
    for (int i = 0; i < net->layers; i++)
        if (strcmp(net->layer[i].name, strcmp(node, "-") == 0 ? output : node) == 0) return &net->layer[i];
    return NULL;
}

static int check_shape(const hd_onnx_graph *g, const char *output, const char *shape)
{
    char text[256] = "";
    const hd_onnx_value *v = hd_onnx_map_get(&g->values, output);
    if (!v) return 1;
    for (int i = 0; i < v->rank; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", i
                                               ? "," : "", (long long)v->dim[i]);
    if (strcmp(text, shape) == 0) return 0;
    print_message("  %s: %s, expected %s\n", output, text, shape);
    return 1;
}

static int check_row(const hd_onnx_graph *g, char *line)
{
    char *field[5] = {line};
    int fields = 1, wrong = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *c = line; *c && fields < 5; c++)
        if (*c == '\t') {
            *c = '\0';
            field[fields++] = c + 1;
        }
    if (fields < 5 || strcmp(field[0], "node") == 0) return 0;
    if (is_number_list(field[3])) wrong += check_shape(g, field[2], field[3]);
    if (is_number_list(field[4])) {
        const hd_layer *l = find_layer(g->net, field[0], field[2]);
        bool same = l && l->macs == strtoll(field[4], NULL, 10);
        if (!same) print_message("  %s: %lld MACs, expected %s\n", field[2], l ? (long long)l->macs : -1, field[4]);
        wrong += !same;
    }
    return wrong;
}

static int check_rows(const hd_onnx_graph *g, const char *file)
{
    char path[512], line[1024];
    int wrong = 0;
    graphs_expected_path(file, path, sizeof path);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) wrong += check_row(g, line);
    fclose(f);
    return wrong;
}

static int check_totals(const hd_network *net, const graph_case *c)
{
    int64_t nodes = 0, macs = 0, weights = 0;
    for (int i = 0; i < net->layers; i++) {
        nodes += net->layer[i].macs > 0;
        macs += net->layer[i].macs;
        weights += net->layer[i].weight_words;
    }
    if (strcmp(c->file, unbound_graph) == 0) { /* 32 query heads x 4097 keys x 128, twice */
        nodes -= 2;
        macs -= INT64_C(2) * 32 * 4097 * 128;
    }
    if (nodes == c->nodes && macs == c->macs && weights == c->weights) return 0;
    print_message("%s: %lld nodes %lld MACs %lld weights, expected %lld %lld %lld\n", c->file, (long long)nodes,
                  (long long)macs,
                  (long long)weights, (long long)c->nodes, (long long)c->macs, (long long)c->weights);
    return 1;
}

static void graphs_are_as_expected(void **state)
{
    (void)state;
    static graph_case cases[MOST_GRAPHS];
    int count = graphs_list(cases, MOST_GRAPHS), wrong = 0;
    assert_true(count > 20);
    for (int i = 0; i < count; i++) {
        size_t n;
        hd_error err = {0};
        hd_onnx_graph g;
        unsigned char *bytes = graphs_bytes(cases[i].file, &n);
        const hd_onnx_options *options = strcmp(cases[i].file, unbound_graph) == 0 ? &with_past : NULL;
        hd_status status = hd_onnx_load(bytes, n, cases[i].file, options, &g, &err);
        free(bytes);
        if (status != HD_OK) {
            print_message("%s: %s\n", cases[i].file, err.message);
            wrong++;
            continue;
        }
        for (int k = 0; k < g.net->layers; k++) assert_int_equal(hd_operator_check(&g.net->layer[k].op, &err),
                                                                 HD_OK);
        int here = check_rows(&g, cases[i].file) + check_totals(g.net, &cases[i]);
        if (here) print_message("%s: %d differences\n", cases[i].file, here);
        wrong += here;
        hd_onnx_drop(&g);
    }
    assert_int_equal(wrong, 0);
}

static void unbound_dimension_is_named(void **state)
{
    (void)state;
    size_t n;
    hd_error err = {0};
    hd_network *net;
    unsigned char *bytes = graphs_bytes(unbound_graph, &n);
    assert_int_equal(hd_onnx_read(bytes, n, "x.onnx", NULL, &net, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "--dim P="));
    free(bytes);
}

static void unknown_operator_is_named_once(void **state)
{
    (void)state;
    size_t n;
    hd_error err = {0};
    hd_network *net;
    unsigned char *bytes = graphs_bytes("stream/swiglu_32_32_32.onnx", &n);
    assert_int_equal(hd_onnx_read(bytes, n, "x.onnx", NULL, &net, &err), HD_OK);
    assert_int_equal(net->warnings, 1);
    assert_non_null(strstr(net->warning[0], "com.example.Silu"));
    assert_string_equal(net->name, "x");
    hd_network_free(net);
    free(bytes);
}

/* ViT's class token is a constant of one sample, whatever the batch. */
static void batch_reaches_every_layer(void **state)
{
    (void)state;
    const struct { const char *file; int64_t macs; } graphs[] = {{"zigzag/resnet18.onnx", 1814073344},
                                                                 {"generated/vit_b16_224.onnx", 17563828224}};
    for (size_t k = 0; k < sizeof graphs / sizeof *graphs; k++) {
        size_t n;
        hd_error err = {0};
        hd_network *net;
        const hd_onnx_options eight = {.batch = 8};
        unsigned char *bytes = graphs_bytes(graphs[k].file, &n);
        assert_int_equal(hd_onnx_read(bytes, n, "x.onnx", &eight, &net, &err), HD_OK);
        int64_t macs = 0;
        for (int i = 0; i < net->layers; i++) macs += net->layer[i].macs;
        assert_int_equal(net->batch, 8);
        assert_true(macs == 8 * graphs[k].macs);
        hd_network_free(net);
        free(bytes);
    }
}

/* Weights that are fed at run time keep their shape. */
static void batch_leaves_weights_alone(void **state)
{
    (void)state;
    size_t n;
    hd_error err = {0};
    hd_network *net;
    const hd_onnx_options three = {.batch = 3};
    unsigned char *bytes = graphs_bytes("stream/attention_head.onnx", &n);
    assert_int_equal(hd_onnx_read(bytes, n, "x.onnx", &three, &net, &err), HD_OK);
    assert_int_equal(net->batch, 3);
    assert_int_equal(net->warnings, 1);
    assert_non_null(strstr(net->warning[0], "2 more inputs"));
    hd_network_free(net);
    free(bytes);
}

static void fusion_leaves_the_products(void **state)
{
    (void)state;
    size_t n;
    hd_error err = {0};
    hd_network *net;
    unsigned char *bytes = graphs_bytes("onnx-light/light_resnet50.onnx", &n);
    assert_int_equal(hd_onnx_read(bytes, n, "x.onnx", NULL, &net, &err), HD_OK);
    assert_int_equal(hd_network_fuse(net, &err), HD_OK);
    int alone = 0;
    for (int i = 0; i < net->layers; i++) {
        alone += net->layer[i].fused_into < 0;
        if (net->layer[i].fused_into >= 0) assert_int_equal(net->layer[net->layer[i].fused_into].fused_into, -1);
    }
    assert_int_equal(alone, 57); /* 53 convolutions, 2 poolings, the product, the softmax */
    hd_network_free(net);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs_are_as_expected),         cmocka_unit_test(unbound_dimension_is_named),
        cmocka_unit_test(unknown_operator_is_named_once), cmocka_unit_test(batch_reaches_every_layer),
        cmocka_unit_test(batch_leaves_weights_alone),
        cmocka_unit_test(fusion_leaves_the_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
