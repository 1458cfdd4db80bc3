/* Does a network get the backward layers that it needs, each reading what it must, and no others? */
#include "workload/backward.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/heddle/network_yaml.h"
#include "workload/kinds.h"

static hd_network *read(const char *head, const char *lines) {
    char text[4096];
    hd_error err;
    hd_network *net = NULL;
    int n = snprintf(text, sizeof text, "heddle: network/1\nname: t\n%soperators:\n%s", head, lines);
    assert_true(n > 0 && (size_t)n < sizeof text);
    if (hd_network_read(text, strlen(text), "t.yaml", &net, &err) != HD_OK) fail_msg("%d: %s", err.line, err.message);
    return net;
}

/* Give the element-wise layers their functions: "NAME=Function ..." */
static void rename_functions(hd_network *net, const char *functions) {
    for (int l = 0; l < net->layers; l++) {
        char key[64];
        snprintf(key, sizeof key, "%s=", net->layer[l].name);
        const char *at = strstr(functions, key);
        if (!at) continue;
        at += strlen(key);
        net->layer[l].op_name = hd_arena_textn(net->arena, at, strcspn(at, " "));
    }
}

static void roles(const hd_layer *layer, int k, char *out, size_t size) {
    size_t used = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (layer->input_roles[k] & HD_ROLE_BIT(r))
            used += (size_t)snprintf(out + used, size - used, "%s", hd_role_name((hd_role)r));
}

/* The layers behind the first `forward`: "name: op_name(words of O) < input.ROLE input.ROLE" line by line. */
static void assert_layers(const hd_network *net, int forward, const char *expected) {
    char text[4096] = "";
    size_t used = 0;
    for (int l = forward; l < net->layers; l++) {
        const hd_layer *layer = &net->layer[l];
        used += (size_t)snprintf(text + used, sizeof text - used, "%s: %s(%lld) <", layer->name, layer->op_name,
                                 (long long)hd_tensor_words(&layer->op, HD_O));
        for (int k = 0; k < layer->inputs; k++) {
            char role[16] = "";
            roles(layer, k, role, sizeof role);
            assert_true(layer->input[k] < l);
            used += (size_t)snprintf(text + used, sizeof text - used, " %s.%s",
                                     layer->input[k] >= 0 ? net->layer[layer->input[k]].name : "given", role);
        }
        used += (size_t)snprintf(text + used, sizeof text - used, "\n");
    }
    assert_string_equal(text, expected);
}

static void check(const char *head, const char *lines, const char *functions, hd_training training, const char *expected) {
    hd_error err;
    hd_network *net = read(head, lines);
    int forward = net->layers;
    rename_functions(net, functions);
    if (hd_network_train(net, &training, &err) != HD_OK) fail_msg("%s", err.message);
    assert_layers(net, forward, expected);
    hd_network_free(net);
}

static const hd_training PLAIN = {.optimizer = HD_OPTIMIZER_NONE};

static void a_chain_needs_no_gradient_of_its_input(void **state) {
    (void)state;
    check("chain: true\n", "- {name: c, op: \"conv(K=4,C=3,PQ=8,RS=3,pad=1)\"}\n- {name: r, op: \"eltwise(A=256)\"}\n"
          "- {name: p, op: \"pool(K=4,PQ=4,RS=2,stride=2)\"}\n- {name: f, op: \"fc(K=10,C=4,RS=4)\"}\n", "r=Relu p=MaxPool",
          PLAIN,
          "f.grad_input: fc_back_activation(64) < given.I\n"
          "f.grad_weight: fc_back_weight(640) < given.W p.I\n"
          "p.grad_input: MaxPool_back_activation(256) < f.grad_input.I r.I2\n"
          "r.grad_input: Relu_back_activation(256) < p.grad_input.I r.I2\n"
          "c.grad_weight: conv_back_weight(108) < r.grad_input.W given.I\n");
}

static void residuals_are_summed_when_the_second_comes(void **state) {
    (void)state;
    check("", "- {name: a, op: \"conv(K=4,C=4,PQ=8)\"}\n- {name: b, op: \"conv(K=4,C=4,PQ=8)\", inputs: [a]}\n"
          "- {name: s, op: \"eltwise(A=256,inputs=2)\", inputs: [a, b]}\n- {name: f, op: \"fc(K=10,C=4,RS=8)\", inputs: [s]}\n",
          "s=Add", PLAIN,
          "f.grad_input: fc_back_activation(256) < given.I\n"
          "f.grad_weight: fc_back_weight(2560) < given.W s.I\n"
          "b.grad_input: conv_back_activation(256) < f.grad_input.I\n"
          "a.grad_sum: Add(256) < f.grad_input.I b.grad_input.I2\n"
          "b.grad_weight: conv_back_weight(16) < f.grad_input.W a.I\n"
          "a.grad_weight: conv_back_weight(16) < a.grad_sum.W given.I\n");
}

/* Slices of one tensor lie beside each other; strided readers meet in the words that both touch. */
static void parts_are_summed_only_where_they_meet(void **state) {
    (void)state;
    check("", "- {name: qkv, op: \"matmul(M=4,N=24,K=8)\"}\n- {name: s, op: \"matmul(B=2,M=4,N=4,K=4)\", inputs: [qkv, qkv]}\n"
          "- {name: f, op: \"matmul(M=4,N=8,K=8)\", inputs: [qkv]}\n", "", PLAIN,
          "f.grad_input: matmul_back_activation(32) < given.I\n"
          "f.grad_weight: matmul_back_weight(64) < given.W qkv.I\n"
          "s.grad_input: matmul_back_activation(32) < given.I qkv.W\n"
          "s.grad_input2: matmul_back_activation(32) < given.W qkv.I\n"
          "qkv.grad_weight: matmul_back_weight(192) < f.grad_input.W s.grad_input.W s.grad_input2.W given.I\n");
    check("", "- {name: a, op: \"conv(K=2,C=2,PQ=8)\"}\n- {name: b, op: \"conv(K=2,C=2,PQ=4,stride=2)\", inputs: [a]}\n"
          "- {name: c, op: \"conv(K=2,C=2,PQ=4,stride=2)\", inputs: [a]}\n", "", PLAIN,
          "c.grad_input: conv_back_activation(32) < given.I\n"
          "c.grad_weight: conv_back_weight(4) < given.W a.I\n"
          "b.grad_input: conv_back_activation(32) < given.I\n"
          "a.grad_sum: Add(32) < c.grad_input.I b.grad_input.I2\n"
          "b.grad_weight: conv_back_weight(4) < given.W a.I\n"
          "a.grad_weight: conv_back_weight(4) < a.grad_sum.W given.I\n");
}

static void joined_inputs_get_their_parts(void **state) {
    (void)state;
    check("", "- {name: a, op: \"conv(K=2,C=1,PQ=4)\"}\n- {name: b, op: \"conv(K=3,C=1,PQ=4)\"}\n"
          "- {name: c, op: \"conv(K=1,C=5,PQ=4)\", inputs: [a, b]}\n", "", PLAIN,
          "c.grad_input: conv_back_activation(80) < given.I\n"
          "c.grad_weight: conv_back_weight(5) < given.W a.I b.I\n"
          "b.grad_weight: conv_back_weight(3) < c.grad_input.W given.I\n"
          "a.grad_weight: conv_back_weight(2) < c.grad_input.W given.I\n");
}

static void both_factors_get_a_gradient(void **state) {
    (void)state;
    check("fuse: false\n", "- {name: a, op: \"fc(K=8,C=4)\"}\n- {name: b, op: \"fc(K=8,C=4)\"}\n"
          "- {name: m, op: \"reduce_prod(E=2,K=8)\", inputs: [a, b]}\n"
          "- {name: s, op: \"reduce_sum(E=2,K=8)\", inputs: [m, a]}\n", "", PLAIN,
          "m.grad_input: reduce_prod_back_activation(8) < given.I2 b.I\n"
          "a.grad_sum: reduce_sum(8) < given.I m.grad_input.I\n"
          "m.grad_input2: reduce_prod_back_activation(8) < given.I2 a.I\n"
          "b.grad_weight: fc_back_weight(32) < m.grad_input2.W given.I\n"
          "a.grad_weight: fc_back_weight(32) < a.grad_sum.W given.I\n");
}

static void steps_stop_and_updates_follow(void **state) {
    (void)state;
    check("chain: true\n", "- {name: a, op: \"matmul(M=2,N=4,K=8)\"}\n- {name: g, op: \"eltwise(A=8)\"}\n"
          "- {name: b, op: \"matmul(M=2,N=4,K=4)\"}\n", "g=Round",
          (hd_training){.optimizer = HD_OPTIMIZER_SGD},
          "b.grad_weight: matmul_back_weight(16) < given.W g.I\n"
          "b.update: sgd(16) < b.grad_weight.I\n");
    check("chain: true\n", "- {name: a, op: \"matmul(M=2,N=4,K=4)\", repeats: 3}\n", "", (hd_training){.input_gradients = true},
          "a.grad_input: matmul_back_activation(8) < given.I\n"
          "a.grad_weight: matmul_back_weight(16) < given.W given.I\n"
          "a.weight_sum: Add(16) < a.grad_weight.I\n");
}

/* A scale and shift per channel is a normalisation over the batch in training. */
static void batches_are_normalised(void **state) {
    (void)state;
    hd_error err;
    hd_network *net = read("chain: true\n", "- {name: c, op: \"conv(N=2,K=4,C=3,PQ=3)\"}\n"
                           "- {name: n, op: \"eltwise(A=2,B=4,D=9,inputs=2)\"}\n");
    const int64_t extent[] = {2, 4, 9};
    assert_int_equal(hd_kind_eltwise(3, extent, true, 1u | 4u, 2, &net->layer[1].op, &err), HD_OK);
    net->layer[1].op_name = "BatchNormalization";
    if (hd_network_train(net, &PLAIN, &err) != HD_OK) fail_msg("%s", err.message);
    assert_int_equal(net->layer[1].op.kind, HD_NORM);
    assert_true(net->layer[1].op.dim[0].extent == 4 && net->layer[1].op.dim[1].extent == 18);
    assert_layers(net, 2, "n.grad_input: BatchNormalization_back_activation(72) < given.I c.I2\n"
                          "c.grad_weight: conv_back_weight(12) < n.grad_input.W given.I\n");
    hd_network_free(net);
}

/* Backward work fuses backwards: into what sends it its gradient, updates into gradients, never into forward layers. */
static void fusion_keeps_the_order(void **state) {
    (void)state;
    hd_error err;
    hd_network *net = read("chain: true\n",
                           "- {name: c, op: \"conv(K=4,C=4,PQ=8,RS=3,pad=1)\"}\n- {name: r, op: \"eltwise(A=256)\"}\n"
                           "- {name: d, op: \"conv(K=4,C=4,PQ=8,RS=3,pad=1)\"}\n- {name: q, op: \"eltwise(A=256)\"}\n");
    rename_functions(net, "r=Relu q=Gelu");
    assert_int_equal(hd_network_train(net, &(hd_training){.optimizer = HD_OPTIMIZER_SGD}, &err), HD_OK);
    assert_int_equal(hd_network_fuse(net, &err), HD_OK);
    static const struct { const char *name, *into; } fused[] = {
        {"c", NULL}, {"r", "c"}, {"d", NULL}, {"q", NULL}, /* Gelu's input is needed again */
        {"q.grad_input", NULL}, {"d.grad_input", NULL}, {"d.grad_weight", NULL}, {"d.update", "d.grad_weight"},
        {"r.grad_input", "d.grad_input"}, {"c.grad_weight", NULL}, {"c.update", "c.grad_weight"},
    };
    assert_int_equal(net->layers, (int)(sizeof fused / sizeof *fused));
    for (int l = 0; l < net->layers; l++) {
        const hd_layer *layer = &net->layer[l];
        const char *into = layer->fused_into >= 0 ? net->layer[layer->fused_into].name : "";
        assert_string_equal(layer->name, fused[l].name);
        assert_string_equal(into, fused[l].into ? fused[l].into : "");
        bool last = l == 4 || l == 7 || l == 10; /* q.grad_input is read; updates are not */
        if (l > 4) assert_int_equal(layer->leaves, last);
    }
    assert_true(net->layer[5].op.extra_reads == 256 && net->layer[6].op.extra_reads == 144);
    hd_network_free(net);
}

static void what_cannot_be_trained_is_refused(void **state) {
    (void)state;
    hd_error err;
    hd_network *net = read("", "- {name: s, op: \"softmax(N=2,M=4)\"}\n");
    assert_int_equal(hd_network_train(net, &PLAIN, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "no weights"));
    hd_network_free(net);
    net = read("chain: true\n", "- {name: a, op: \"fc(K=2,C=4)\"}\n- {name: a.grad_weight, op: \"fc(K=2,C=2)\"}\n");
    assert_int_equal(hd_network_train(net, &PLAIN, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "name of a backward layer"));
    hd_network_free(net);
}

/* KAPLA's mlp_l_bp: 12 layers, 9,543,000 MACs.  Every product of a network has two gradients of its own MACs; beside them AlexNet
 * has 6 poolings and 2 sums, ResNet-50 2 and 16. */
static void networks_of_kapla(void **state) {
    (void)state;
    static const struct { const char *name; int layers; int64_t macs; } cases[] = {
        {"mlp-l", 12, 9543000}, {"alexnet", 53, 3 * INT64_C(724406816)}, {"resnet50", 198, 3 * INT64_C(3857973248)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[512];
        hd_error err;
        hd_network *net;
        int64_t macs = 0;
        const char *zoo = getenv("HEDDLE_ZOO");
        snprintf(path, sizeof path, "%s/nets/kapla-%s.yaml", zoo ? zoo : "zoo", cases[i].name);
        if (hd_network_read_file(path, &net, &err) != HD_OK) fail_msg("%s", err.message);
        if (hd_network_train(net, &(hd_training){.input_gradients = true}, &err) != HD_OK) fail_msg("%s", err.message);
        for (int l = 0; l < net->layers; l++) macs += net->layer[l].macs;
        if (net->layers != cases[i].layers || macs != cases[i].macs)
            fail_msg("kapla-%s: %d layers, %lld MACs", cases[i].name, net->layers, (long long)macs);
        hd_network_free(net);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_needs_no_gradient_of_its_input), cmocka_unit_test(residuals_are_summed_when_the_second_comes),
        cmocka_unit_test(parts_are_summed_only_where_they_meet),  cmocka_unit_test(joined_inputs_get_their_parts),
        cmocka_unit_test(both_factors_get_a_gradient),            cmocka_unit_test(steps_stop_and_updates_follow),
        cmocka_unit_test(batches_are_normalised),                 cmocka_unit_test(fusion_keeps_the_order),
        cmocka_unit_test(what_cannot_be_trained_is_refused),      cmocka_unit_test(networks_of_kapla),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
