/* Do attributes in all their spellings become the right numbers of a level? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "told.h"

#define CHIP(outer, inner, mac)                                                                              \
    "architecture:\n  subtree:\n  - name: system\n    local:\n    - {name: DRAM, class: DRAM, attributes: "  \
    "{" outer "}}\n    - {name: L, class: SRAM, attributes: {" inner                                         \
    "}}\n    - {name: MAC, class: intmac, attributes: {" mac "}}\n"

static const hd_level *level(const char *text, int l) {
    return &told_by(text)->arch.level[l];
}

static void words_and_capacities(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int bits, block, cluster;
        long long capacity; /* -1 = unlimited */
    } rows[] = {
        {CHIP("", "", ""), 16, 1, 1, -1},
        {CHIP("", "entries: 100", ""), 16, 1, 1, 100},
        {CHIP("", "entries: 0", ""), 16, 1, 1, 0},
        {CHIP("", "depth: 100, block-size: 4", ""), 16, 4, 1, 400},
        {CHIP("", "memory_depth: 100, n_words: 2, word_width: 8", ""), 8, 2, 1, 200},
        {CHIP("", "depth: 10, width: 64", ""), 16, 4, 1, 40},
        {CHIP("", "depth: 10, memory_width: 64, datawidth: 8", ""), 8, 8, 1, 80},
        {CHIP("", "depth: 10, width: 64, cluster-size: 2", ""), 16, 2, 2, 20},
        {CHIP("", "depth: 10, width: 64, block_size: 2", ""), 16, 2, 2, 20},
        {CHIP("", "depth: 10, width: 64, block-size: 2, cluster_size: 2, word-bits: 16", ""), 16, 2, 2, 20},
        {CHIP("", "sizeKB: 32", ""), 16, 1, 1, 16384},
        {CHIP("", "sizeKB: 0.5, word-bits: 8", ""), 8, 1, 1, 512},
        {CHIP("", "entries: 2 * depth, depth: 7", ""), 16, 1, 1, 14},
        {CHIP("", "entries: null, width:, depth: 7", ""), 16, 1, 1, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const hd_level *l = level(rows[i].text, 1);
        if (l->word_bits != rows[i].bits || l->timeloop.block_size != rows[i].block ||
            l->timeloop.cluster_size != rows[i].cluster ||
            (l->bounded ? l->capacity : -1) != rows[i].capacity)
            fail_msg("%s: bits %d block %d cluster %d capacity %lld", rows[i].text, l->word_bits,
                     (int)l->timeloop.block_size, (int)l->timeloop.cluster_size,
                     l->bounded ? (long long)l->capacity : -1);
    }
    told_end();
}

static void bandwidths_and_buffering(void **state) {
    (void)state;
    const hd_level *l = level(CHIP("", "bandwidth: 8, read_bandwidth: 3", ""), 1);
    assert_true(l->read_bw == 3 && l->write_bw == 4 && l->shared_bw == 0);
    l = level(CHIP("", "shared_bandwidth: 5, write_bandwidth: 4", ""), 1);
    assert_true(l->read_bw == 0 && l->write_bw == 4 && l->shared_bw == 5);
    l = level(CHIP("", "shared-bandwidth: 0.5, multiple-buffering: 1.5, min-utilization: 0.25", ""), 1);
    assert_true(l->shared_bw == 0.5 && !l->double_buffer && l->timeloop.multiple_buffering == 1.5);
    assert_true(l->timeloop.min_utilization == 0.25);
    assert_true(level(CHIP("", "multiple_buffering: 2", ""), 1)->double_buffer);
    told_end();
}

static void close_to(double found, double expected) {
    if (fabs(found - expected) > 1e-12 * fabs(expected))
        fail_msg("found %.15g, expected %.15g", found, expected);
}

/* The built-in numbers: 1 pJ per 16 bits at half a KB, 6 at 100 KB, a line between and beyond; DRAM 200. */
static void energies_said_or_built_in(void **state) {
    (void)state;
    close_to(level(CHIP("", "sizeKB: 0.5", ""), 1)->read_pj[0], 1);
    close_to(level(CHIP("", "sizeKB: 100, block-size: 4", ""), 1)->update_pj[2], 6);
    close_to(level(CHIP("", "sizeKB: 100, word-bits: 32", ""), 1)->fill_pj[1], 12);
    close_to(level(CHIP("", "entries: 1, word-bits: 8, cluster-size: 512", ""), 1)->fill_pj[1], 0.5);
    close_to(level(CHIP("", "sizeKB: 100, vector-access-energy: 12, block-size: 4", ""), 1)->fill_pj[1], 3);
    close_to(level(CHIP("word-bits: 8", "", ""), 0)->read_pj[0], 100);
    close_to(level(CHIP("", "technology: DRAM", ""), 1)->read_pj[0], 200);
    assert_true(level(CHIP("vector-access-energy: 0", "", ""), 0)->read_pj[0] == 0);
    close_to(told_by(CHIP("", "", "datawidth: 8"))->arch.mac_pj, 0.25);
    close_to(told_by(CHIP("", "", "word-bits: 32, energy: 0.7"))->arch.mac_pj, 0.7);
    told_end();
}

static void the_network_below_belongs_to_the_inner_level(void **state) {
    (void)state;
    const hd_arch *a =
        &told_by(
             CHIP(
                 "energy-per-hop: 0.25, router-energy: 0.1, energy-per-ingress: 0.5, network_fill_latency: 3",
                 "wire-energy: 0.01, tile-width: 2, network-word-bits: 32, network_drain_latency: 4, "
                 "word-bits: 8",
                 ""))
             ->arch;
    assert_true(a->level[0].timeloop.hop_pj == 0);
    assert_true(a->level[1].timeloop.hop_pj == 0.25 && a->level[1].timeloop.router_pj == 0.1);
    assert_true(a->level[1].timeloop.ingress_pj == 0.5 && a->level[1].timeloop.network_fill_cycles == 3);
    close_to(a->level[2].timeloop.hop_pj, 0.01 * 32 * 2);
    assert_true(a->level[2].timeloop.network_drain_cycles == 4 &&
                a->level[1].timeloop.network_drain_cycles == 0);
    told_end();
}

static void meshes_follow_from_what_is_said(void **state) {
    (void)state;
    static const struct {
        const char *name, *attributes;
        int x, y;
    } rows[] = {{"L[0..11]", "meshX: 4", 4, 3},
                {"L[0..11]", "meshY: 4", 3, 4},
                {"L[0..11]", "", 12, 1},
                {"L[0..11]", "meshX: 4, meshY: 3", 4, 3},
                {"L", "instances: 12, meshX: 6", 6, 2},
                {"L[0..11]", "instances: 12", 12, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(
            text, sizeof text,
            "architecture: {subtree: [{name: s, local: [{name: D, class: DRAM}, {name: '%s', class: SRAM, "
            "attributes: {%s}}, {name: 'M[0..143]', class: mac, attributes: {meshX: 12}}]}]}",
            rows[i].name, rows[i].attributes);
        const hd_level *l = level(text, 1);
        assert_true(l[0].fan[HD_X] == rows[i].x && l[0].fan[HD_Y] == rows[i].y);
        assert_true(l[1].fan[HD_X] == 12 / rows[i].x && l[1].fan[HD_Y] == 12 / rows[i].y);
    }
    told_end();
}

static void wrong_attributes_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int line, column;
        const char *part;
    } rows[] = {
        {CHIP("", "word-bits: 0", ""), 6, 54, "expected 1 to"},
        {CHIP("", "word-bits: wide", ""), 6, 54, "no attribute or variable 'wide'"},
        {CHIP("", "width: 63", ""), 6, 50, "width is 63 bits"},
        {CHIP("", "width: 64, block-size: 3", ""), 6, 50, "width is 64 bits"},
        {CHIP("", "width: 64, block-size: 2, cluster-size: 4", ""), 6, 50, "width is 64 bits"},
        {CHIP("", "entries: -1", ""), 6, 52, "entries"},
        {CHIP("", "entries: 1.5", ""), 6, 52, "whole number"},
        {CHIP("", "sizeKB: 1e99", ""), 6, 51, "sizeKB"},
        {CHIP("", "read_bandwidth: -1", ""), 6, 59, "read_bandwidth"},
        {CHIP("", "multiple-buffering: 0.5", ""), 6, 63, "multiple-buffering"},
        {CHIP("", "min-utilization: 2", ""), 6, 60, "min-utilization"},
        {CHIP("", "vector-access-energy: [1]", ""), 6, 65, "found a list"},
        {CHIP("", "addr-gen-energy: 1", ""), 6, 60, "address generation"},
        {CHIP("", "network_read: net", ""), 6, 57, "explicit network"},
        {CHIP("", "meshX: 3", ""), 6, 7, "do not fill a mesh"},
        {CHIP("", "instances: 4, meshX: 3", ""), 6, 7, "do not fill a mesh"},
        {CHIP("instances: 4", "", ""), 5, 7, "only one instance"},
        {CHIP("", "instances: 4", ""), 7, 7, "expected a multiple"},
        {CHIP("", "", "energy: -1"), 7, 55, "energy"},
        {CHIP("", "", "datawidth: 9999999"), 7, 58, "word-bits"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        told_refused(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_capacities),
        cmocka_unit_test(bandwidths_and_buffering),
        cmocka_unit_test(energies_said_or_built_in),
        cmocka_unit_test(the_network_below_belongs_to_the_inner_level),
        cmocka_unit_test(meshes_follow_from_what_is_said),
        cmocka_unit_test(wrong_attributes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
