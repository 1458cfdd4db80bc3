/* Do operator lists become networks? */
#include "formats/heddle/network_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void alexnet_has_its_macs(void **state) {
    (void)state;
    char path[512];
    hd_error err;
    hd_network *net;
    const char *zoo = getenv("HEDDLE_ZOO");
    snprintf(path, sizeof path, "%s/nets/alexnet.yaml", zoo ? zoo : "zoo");
    if (hd_network_read_file(path, &net, &err) != HD_OK) fail_msg("%d: %s", err.line, err.message);
    int64_t macs = 0;
    for (int l = 0; l < net->layers; l++) macs += net->layer[l].macs * net->layer[l].repeats;
    assert_true(macs == 724406816);
    assert_int_equal(net->layers, 11);
    assert_int_equal(net->layer[2].input[0], 1);
    assert_int_equal(net->layer[0].input[0], -1);
    hd_network_free(net);
}

/* Operators in full: what no kind can say comes back, tensors' names included. */
static void written_networks_come_back(void **state) {
    (void)state;
    static const char net[] =
        "heddle: network/1\nname: \"any nest\"\nbatch: 3\noperators:\n"
        "- name: a\n  operator: {kind: conv, dims: [[X, 3], [Y, 5], [Z, 4]], tensors: {W: {name: \"Coef\", bits: 8, "
        "ranks: [[3, 0, [X, 1]], [4, 0, [Z, 1]]]}, O: {name: \"Out\", bits: 16, ranks: [[8, 0, [X, 2], [Z, 1]], "
        "[5, 0, [Y, 1]]]}}}\n- {name: b, op: \"matmul(M=2,N=3,K=4)\", inputs: [a], repeats: 2}\n";
    hd_error err;
    hd_network *first, *back;
    hd_text text, again;
    hd_text_init(&text, NULL, 0);
    hd_text_init(&again, NULL, 0);
    if (hd_network_read(net, sizeof net - 1, "n.yaml", &first, &err) != HD_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    hd_network_write(first, &text);
    if (hd_network_read(text.data, text.length, "w.yaml", &back, &err) != HD_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    hd_network_write(back, &again);
    assert_string_equal(text.data, again.data);
    assert_true(first->hash == back->hash);
    assert_string_equal(back->layer[0].op.tensor[HD_O].name, "Out");
    assert_int_equal(back->layer[0].macs, 60);
    assert_int_equal(back->layer[1].repeats, 2);
    assert_int_equal(back->layer[1].input[0], 0);
    hd_network_free(first);
    hd_network_free(back);
    hd_text_free(&text);
    hd_text_free(&again);
}

static void mistakes_have_places(void **state) {
    (void)state;
    static const struct {
        const char *line;
        const char *part;
    } cases[] = {
        {"- {name: a, op: \"conv(N=1,Z=2)\"}", "Z"},
        {"- {name: a}", "either op"},
        {"- {name: a, kind: matmul, dims: {M: two}}", "whole number"},
        {"- {name: a, op: \"matmul(M=2)\", inputs: [b]}", "listed before"},
        {"- {name: a, op: \"matmul(M=2)\", repeats: 0}", "1 to"},
        {"- {name: x, op: \"matmul(M=2)\"}", "already the name"},
        {"- {op: \"matmul(M=2)\"}", "'name' is missing"},
        {"- {name: a, operator: {kind: matmul, dims: []}}", "1 to"},
        {"- {name: a, operator: {kind: matmul}, kind: conv}", "or operator"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        hd_error err;
        hd_network *net;
        snprintf(text, sizeof text,
                 "heddle: network/1\nname: t\noperators:\n- {name: x, op: \"matmul(M=2)\"}\n%s\n",
                 cases[i].line);
        assert_int_equal(hd_network_read(text, strlen(text), "n.yaml", &net, &err), HD_ERR_INPUT);
        assert_int_equal(err.line, 5);
        assert_non_null(strstr(err.message, cases[i].part));
    }
}

/* Between two layers any view may stand; where none leads from one shape to the other, both are told. */
static void layers_must_meet(void **state) {
    (void)state;
    static const struct { const char *a, *b, *part; } cases[] = {
        {"conv(K=8,PQ=4)", "conv(K=8,C=4,PQ=4)", "'b' reads 1 x 1 x 4 x 4 x 4 as I, 'a' leaves 1 x 1 x 8 x 4 x 4;"},
        {"conv(K=8,PQ=4)", "conv(C=8,PQ=8)", "'a' leaves 1 x 1 x 8 x 4 x 4;"},
        {"conv(K=8,PQ=16)", "conv(C=8,PQ=4,RS=3,stride=2)", "'b' reads 1 x 1 x 8 x 9 x 9"},
        {"conv(K=8,PQ=4)", "fc(K=8,C=8)", "leaves"},
        {"matmul(M=2,N=5)", "matmul(M=2,K=6)", "'b' reads 1 x 2 x 6 as I, 'a' leaves 1 x 2 x 5; expected as many words"},
        {"matmul(M=2,N=5)", "softmax(N=2,M=6)", "'b' reads 2 x 6 as I"},
        {"conv(K=8,PQ=4)", "conv(C=8,PQ=4)", NULL},
        {"conv(K=8,PQ=4)", "conv(C=8,PQ=4,RS=3)", NULL},                     /* padded */
        {"conv(K=8,PQ=16)", "pool(K=8,PQ=7,RS=3,stride=2)", NULL},            /* the last row is not read */
        {"conv(K=8,PQ=4)", "matmul(M=1,N=3,K=128)", NULL},                    /* flattened */
        {"conv(K=8,PQ=4)", "fc(K=3,C=8,RS=4)", NULL},
        {"matmul(M=2,N=12)", "matmul(B=2,M=2,N=5,K=2)", NULL},                /* heads of one third */
        {"conv_transpose(K=8,PQ=4,RS=2,stride=2)", "conv(C=8,PQ=8)", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        hd_error err;
        hd_network *net;
        snprintf(text, sizeof text, "heddle: network/1\nname: t\noperators:\n- {name: a, op: \"%s\"}\n"
                 "- {name: b, op: \"%s\", inputs: [a]}\n", cases[i].a, cases[i].b);
        hd_status status = hd_network_read(text, strlen(text), "n.yaml", &net, &err);
        if (status == HD_OK) hd_network_free(net);
        if (status != (cases[i].part ? HD_ERR_INPUT : HD_OK)) fail_msg("%s, then %s", cases[i].a, cases[i].b);
        if (cases[i].part && (err.line != 5 || !strstr(err.message, cases[i].part))) fail_msg("%s", err.message);
    }
}

/* Reads a list of operators; its batch, or 0 if it is refused. */
static int64_t batch_of(const char *operators, hd_error *err) {
    char text[1024];
    hd_network *net;
    snprintf(text, sizeof text, "heddle: network/1\nname: t\n%s", operators);
    if (hd_network_read(text, strlen(text), "n.yaml", &net, err) != HD_OK) return 0;
    int64_t batch = net->batch;
    hd_network_free(net);
    return batch;
}

/* A layer may read some of the channels, if others read the rest of them. */
static void channels_may_be_split(void **state) {
    static const char split[] = "operators:\n- {name: a, op: \"conv(K=12,PQ=4)\"}\n"
                                "- {name: b, op: \"conv(K=8,C=%d,PQ=4)\", inputs: [a]}\n"
                                "- {name: c, op: \"depthwise(C=%d,PQ=2,RS=2,stride=2)\", inputs: [a]}\n"
                                "- {name: d, op: \"conv(C=12,PQ=4)\", inputs: [a]}\n";
    static const int part[][2] = {{8, 4}, {5, 7}, {8, 8}, {6, 4}, {8, 12}};
    (void)state;
    for (int i = 0; i < 5; i++) {
        char text[512];
        hd_error err;
        snprintf(text, sizeof text, split, part[i][0], part[i][1]);
        int64_t batch = batch_of(text, &err);
        assert_int_equal(batch, i < 2);
        if (i >= 2 && (err.line != 5 || !strstr(err.message, "all its channels together"))) fail_msg("%s", err.message);
    }
}

static void samples_are_those_of_the_operators(void **state) {
    static const struct { int64_t batch; const char *text; } cases[] = {
        {8, "operators:\n- {name: a, op: \"conv(N=8,K=2)\"}\n- {name: b, op: \"matmul(M=8,N=3,K=2)\", inputs: [a]}\n"},
        {2, "batch: 2\noperators:\n- {name: a, op: \"conv(N=8,K=2)\"}\n"},
        {1, "operators:\n- {name: a, op: \"conv(N=8,K=2)\"}\n- {name: b, op: \"pool(N=4,K=2)\"}\n"},
        {1, "operators:\n- {name: a, op: \"matmul(M=8,N=2)\"}\n"},
    };
    hd_error err;
    (void)state;
    for (int i = 0; i < 4; i++) assert_int_equal(batch_of(cases[i].text, &err), cases[i].batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(alexnet_has_its_macs),
                                       cmocka_unit_test(written_networks_come_back),
                                       cmocka_unit_test(mistakes_have_places), cmocka_unit_test(layers_must_meet),
                                       cmocka_unit_test(channels_may_be_split),
                                       cmocka_unit_test(samples_are_those_of_the_operators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
