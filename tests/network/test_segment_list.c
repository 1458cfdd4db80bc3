/* Does the network of KAPLA's pipelines come out as its research code counts it (reference section 9.3: batch 64, 16 x 16
 * nodes of 32 KB, at most five vertices)? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "formats/heddle/network_yaml.h"
#include "network/segment_demands.h"

static const hd_segment_rules rules = {true, true, 5, {16, 16}, 0.99 * 16384};

static const struct row { const char *name; int layers, vertices, runs, segments; int64_t demands; } rows[] = {
    {"mlp-s", 3, 3, 6, 9, 150},          {"mlp-m", 4, 4, 10, 16, 592},       {"mlp-l", 4, 4, 10, 16, 1243},
    {"lstm-phoneme", 10, 6, 16, 24, 458}, {"zfnet", 11, 8, 36, 56, 6262},     {"alexnet", 19, 13, 50, 65, 3393},
    {"vgg16", 21, 16, 136, 120, 13223},  {"mobilenet", 29, 28, 406, 199, 13266},
};

static hd_network *read(const char *name)
{
    char path[128];
    hd_error err = {0};
    hd_network *net = NULL;
    snprintf(path, sizeof path, "zoo/nets/kapla-%s.yaml", name);
    if (hd_network_read_file(path, &net, &err) != HD_OK) fail_msg("%s: %s", path, err.message);
    if (hd_network_rebatch(net, 64, &err) != HD_OK) fail_msg("%s: %s", path, err.message);
    return net;
}

/* The regions of a form's stages cover nodes of the mesh, none twice. */
static void check_regions(const hd_segment_form *f)
{
    hd_kapla_region region[HD_MAX_STAGES];
    bool taken[16][16] = {{false}};
    int64_t sum = 0;
    hd_stage_regions(f->nodes, f->stages, rules.mesh, region);
    for (int s = 0; s < f->stages; s++) {
        int64_t at[HD_AXES], node[HD_AXES];
        assert_int_equal(region[s].size[HD_X] * region[s].size[HD_Y], f->nodes[s]);
        sum += f->nodes[s];
        for (at[HD_Y] = 0; at[HD_Y] < region[s].size[HD_Y]; at[HD_Y]++)
            for (at[HD_X] = 0; at[HD_X] < region[s].size[HD_X]; at[HD_X]++) {
                hd_kapla_node(&region[s], at, node);
                assert_in_range(node[HD_X], 0, 15);
                assert_in_range(node[HD_Y], 0, 15);
                assert_false(taken[node[HD_Y]][node[HD_X]]);
                taken[node[HD_Y]][node[HD_X]] = true;
            }
    }
    assert_int_equal(sum, 256);
}

/* Both ends of a tensor agree in every combination. */
static void check_demands(const hd_demands *d)
{
    for (int64_t i = 0; i < d->count; i += d->count / 3 + 1)
        for (int l = 0; l < d->layers; l++) {
            hd_kapla_demand first, at;
            hd_demands_at(d, i, 0, &first);
            hd_demands_at(d, i, l, &at);
            assert_int_equal(at.top[HD_KAPLA_LOOP_B], first.top[HD_KAPLA_LOOP_B]);
            if (d->input[l] == HD_DEMAND_FULL) assert_int_equal(at.top[HD_KAPLA_LOOP_C], 1);
            if (d->output[l] == HD_DEMAND_FREE) assert_int_equal(at.top[HD_KAPLA_LOOP_K], 0);
        }
}

static void check_row(const struct row *r)
{
    hd_network *net = read(r->name);
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_error err = {0};
    hd_segment_graph graph;
    hd_runs runs;
    hd_segment_forms forms;
    int64_t demands = 0;
    assert_int_equal(net->layers, r->layers);
    assert_int_equal(hd_segment_graph_build(net, arena, &graph, &err), HD_OK);
    assert_int_equal(hd_segment_graph_runs(&graph, arena, &runs, &err), HD_OK);
    assert_int_equal(hd_segment_forms_list(&graph, &rules, arena, &forms, &err), HD_OK);
    for (int i = 0; i < forms.count; i++) {
        hd_demands *d = NULL;
        assert_int_equal(hd_segment_demands(&graph, &forms.form[i], &rules, arena, &d, &err), HD_OK);
        demands += d->count;
        check_regions(&forms.form[i]);
        check_demands(d);
    }
    print_message("%s: %d vertices, %d runs, %d segments, %lld demands\n", r->name, graph.vertices, runs.count, forms.count,
                  (long long)demands);
    assert_int_equal(graph.vertices, r->vertices);
    assert_int_equal(runs.count, r->runs);
    assert_int_equal(forms.count, r->segments);
    assert_int_equal(demands, r->demands);
    hd_arena_free(arena);
    hd_network_free(net);
}

static void test_published_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check_row(&rows[i]);
}

/* 7.5: the two towers of AlexNet come one after the other. */
static void test_order_is_depth_first(void **state)
{
    static const char *const order[] = {"conv1_a", "pool1_a", "conv2_a", "pool2_a", "conv1_b", "pool1_b", "conv2_b", "pool2_b",
                                        "conv3_a", "conv4_a", "conv5_a", "pool3_a", "conv3_b"};
    hd_network *net = read("alexnet");
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_segment_graph graph;
    size_t n = 0;
    (void)state;
    assert_int_equal(hd_segment_graph_build(net, arena, &graph, NULL), HD_OK);
    for (int v = 0; v < graph.vertices; v++)
        for (int i = 0; i < graph.vertex[v].layers.count && n < sizeof order / sizeof *order; i++)
            assert_string_equal(net->layer[graph.vertex[v].layers.at[i]].name, order[n++]);
    hd_arena_free(arena);
    hd_network_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_published_counts), cmocka_unit_test(test_order_is_depth_first)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
