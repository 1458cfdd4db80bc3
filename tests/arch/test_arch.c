/* Is every number of a chip checked, and does the hash see what prices see and nothing else? */
#include "arch/arch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static hd_arch chip(void) {
    static const char *const NAMES[] = {"DRAM", "GLB", "RF", "MAC"};
    hd_arch a = {
        .name = "small", .clock_mhz = 200, .mac_pj = 1, .vector_at = 1, .vector_per_cycle = 4, .levels = 4};
    for (int l = 0; l < a.levels; l++) {
        hd_arch_default_level(&a.level[l]);
        snprintf(a.level[l].name, sizeof a.level[l].name, "%s", NAMES[l]);
    }
    a.level[1].bounded = true;
    a.level[1].capacity = 1000;
    a.level[2].bounded = a.level[2].per_role = true;
    a.level[2].fan[HD_X] = 14;
    a.level[2].fan[HD_Y] = 12;
    a.level[2].limited[HD_X] = true;
    snprintf(a.level[2].allowed[HD_X], sizeof a.level[2].allowed[HD_X], "%s", " P K2 ");
    a.level[3].fan[HD_X] = 2;
    return a;
}

static void questions(void **state) {
    (void)state;
    hd_arch a = chip();
    assert_int_equal(hd_arch_check(&a, NULL), HD_OK);
    assert_int_equal(hd_arch_instances(&a, 0), 1);
    assert_int_equal(hd_arch_instances(&a, 2), 168);
    assert_int_equal(hd_arch_instances(&a, 3), 336);
    assert_int_equal(hd_arch_level(&a, "RF"), 2);
    assert_int_equal(hd_arch_level(&a, "rf"), -1);
    assert_true(hd_arch_may_unroll(&a, 2, HD_X, "P"));
    assert_true(hd_arch_may_unroll(&a, 2, HD_X, "K2"));
    assert_false(hd_arch_may_unroll(&a, 2, HD_X, "K"));
    assert_false(hd_arch_may_unroll(&a, 2, HD_X, "2"));
    assert_false(hd_arch_may_unroll(&a, 2, HD_X, ""));
    assert_true(hd_arch_may_unroll(&a, 2, HD_Y, "C"));
    assert_string_equal(hd_template_name(HD_ROW_STATIONARY), "row-stationary");
    assert_int_equal(a.level[3].keeps, 0);
    assert_int_equal(a.level[2].keeps, 15);
    assert_int_equal(a.level[2].word_bits, 16);
}

static void one_level(hd_arch *a) { a->levels = 1; }
static void many_levels(hd_arch *a) { a->levels = HD_MAX_LEVELS + 1; }
static void vector_nowhere(hd_arch *a) { a->vector_at = 4; }
static void negative_mac(hd_arch *a) { a->mac_pj = -1; }
static void nan_clock(hd_arch *a) { a->clock_mhz = NAN; }
static void no_name(hd_arch *a) { a->level[1].name[0] = '\0'; }
static void long_name(hd_arch *a) { memset(a->level[1].name, 'x', sizeof a->level[1].name); }
static void same_name(hd_arch *a) { snprintf(a->level[2].name, sizeof a->level[2].name, "%s", "GLB"); }
static void no_bits(hd_arch *a) { a->level[1].word_bits = 0; }
static void negative_capacity(hd_arch *a) { a->level[1].capacity = -1; }
static void negative_role(hd_arch *a) { a->level[2].role_capacity[1] = -1; }
static void unknown_role(hd_arch *a) { a->level[1].keeps = 16; }
static void infinite_energy(hd_arch *a) { a->level[1].update_pj[3] = INFINITY; }
static void negative_bandwidth(hd_arch *a) { a->level[1].shared_bw = -2; }
static void outer_fan(hd_arch *a) { a->level[0].fan[HD_Y] = 2; }
static void zero_fan(hd_arch *a) { a->level[1].fan[HD_X] = 0; }
static void huge_fan(hd_arch *a) { a->level[1].fan[HD_X] = a->level[2].fan[HD_X] = (int64_t)1 << 40; }
static void open_wires(hd_arch *a) { snprintf(a->level[2].allowed[HD_X], sizeof a->level[2].allowed[HD_X], "%s", "P K"); }
static void mac_capacity(hd_arch *a) { a->level[3].bounded = true; }
static void early_register(hd_arch *a) { a->level[2].operand_register = 1; }
static void no_buffers(hd_arch *a) { a->level[1].timeloop.multiple_buffering = 0.5; }
static void too_full(hd_arch *a) { a->level[1].timeloop.min_utilization = 2; }
static void negative_hop(hd_arch *a) { a->level[2].timeloop.hop_pj = -1; }
static void negative_block(hd_arch *a) { a->level[2].timeloop.block_size = -1; }
static void unknown_links(hd_arch *a) { a->level[2].timeloop.no_links = 16; }
static void bad_template(hd_arch *a) { a->template_ = (hd_template)9; }

static const struct {
    void (*change)(hd_arch *);
    const char *says;
} BREAK[] = {
    {one_level, "1 levels"},
    {many_levels, "levels"},
    {vector_nowhere, "vector"},
    {negative_mac, "mac energy_pj"},
    {nan_clock, "clock_mhz"},
    {no_name, "level 1"},
    {long_name, "level 1"},
    {same_name, "GLB occurs twice"},
    {no_bits, "GLB: word_bits"},
    {negative_capacity, "GLB: capacity"},
    {negative_role, "RF: capacity"},
    {unknown_role, "GLB: keeps"},
    {infinite_energy, "GLB: energy_pj update"},
    {negative_bandwidth, "GLB: bandwidth shared"},
    {outer_fan, "DRAM: fanout y"},
    {zero_fan, "GLB: fanout x"},
    {huge_fan, "RF: fanout"},
    {open_wires, "RF: spatial x"},
    {mac_capacity, "MAC: the last level"},
    {early_register, "RF: operand_register"},
    {no_buffers, "GLB: timeloop multiple_buffering"},
    {too_full, "GLB: timeloop"},
    {negative_hop, "RF: timeloop hop_energy_pj"},
    {negative_block, "RF: a timeloop count"},
    {unknown_links, "RF: timeloop no_reuse or no_links"},
    {bad_template, "template"},
};

static void every_bad_number_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BREAK / sizeof *BREAK; i++) {
        hd_arch a = chip();
        hd_error err = {0};
        BREAK[i].change(&a);
        assert_int_equal(hd_arch_check(&a, &err), HD_ERR_USAGE);
        if (!strstr(err.message, BREAK[i].says)) fail_msg("'%s' lacks '%s'", err.message, BREAK[i].says);
    }
}

static uint64_t hash_of(hd_arch a) {
    assert_int_equal(hd_arch_check(&a, NULL), HD_OK);
    return a.hash;
}

static void hash_sees_prices(void **state) {
    (void)state;
    uint64_t hash = hash_of(chip());
    hd_arch a = chip();
    snprintf(a.name, sizeof a.name, "%s", "other");
    a.clock_mhz = 1;
    a.static_pj_per_cycle = -0.0;
    a.level[1].role_capacity[0] = 77; /* a shared pool does not look at it */
    snprintf(a.level[2].allowed[HD_Y], sizeof a.level[2].allowed[HD_Y], "%s", " C ");
    assert_true(hash_of(a) == hash);
    a = chip();
    a.level[1].capacity++;
    assert_true(hash_of(a) != hash);
    a = chip();
    a.level[2].reduce[HD_Y] = true;
    assert_true(hash_of(a) != hash);
    a = chip();
    a.level[1].update_pj[3] = 1;
    assert_true(hash_of(a) != hash);
    a = chip();
    a.level[3].operand_register = 1;
    assert_true(hash_of(a) != hash);
}

/* What only the timeloop model reads counts, too; its standards count as what they stand for. */
static void hash_sees_timeloops_attributes(void **state) {
    (void)state;
    uint64_t hash = hash_of(chip());
    hd_arch a = chip();
    a.level[1].timeloop = (hd_timeloop_level){.block_size = 1, .cluster_size = 1, .multiple_buffering = 1};
    assert_true(hash_of(a) == hash);
    const hd_timeloop_level others[] = {{.block_size = 2},         {.cluster_size = 2}, {.multiple_buffering = 2},
                                        {.min_utilization = 0.5},  {.no_reuse = 1},     {.no_links = 1},
                                        {.hop_pj = 1},             {.router_pj = 1},    {.ingress_pj = 1},
                                        {.network_fill_cycles = 1}, {.network_drain_cycles = 1}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        a = chip();
        a.level[1].timeloop = others[i];
        assert_true(hash_of(a) != hash);
        for (size_t k = 0; k < i; k++) {
            hd_arch b = chip();
            b.level[1].timeloop = others[k];
            assert_true(hash_of(a) != hash_of(b));
        }
    }
}

/* The largest chip has room in the encoding. */
static void meshes_are_checked_and_hashed(void **state) {
    (void)state;
    hd_arch plain = chip();
    assert_int_equal(hd_arch_check(&plain, NULL), HD_OK);
    hd_error err;
    for (int change = 0; change < 9; change++) {
        hd_arch a = chip();
        hd_mesh *m = &a.level[2].mesh;
        m->ports = 2;
        m->port[1][HD_X] = 13;
        if (change == 1) m->port[1][HD_Y] = 11;
        if (change == 2) m->hop_pj = 3;
        if (change == 3) m->hop_cycles = 1;
        if (change == 4) m->link_bw = 2;
        if (change == 5) m->share = true;
        if (change == 6) m->port[1][HD_X] = 14; /* outside */
        if (change == 7) m->port[1][HD_X] = 0;  /* twice */
        if (change == 8) a.level[1].fan[HD_X] = 2, m->share = true;
        assert_int_equal(hd_arch_check(&a, &err), change < 6 ? HD_OK : HD_ERR_USAGE);
        assert_true(change >= 6 || a.hash != plain.hash);
        if (change > 0 && change < 6) {
            hd_arch before = a;
            before.level[2].mesh = (hd_mesh){.ports = 2};
            before.level[2].mesh.port[1][HD_X] = 13;
            assert_int_equal(hd_arch_check(&before, &err), HD_OK);
            assert_true(a.hash != before.hash);
        }
    }
    hd_arch a = chip();
    a.level[3].mesh.ports = 1;
    assert_int_equal(hd_arch_check(&a, &err), HD_ERR_USAGE);
    assert_non_null(strstr(err.message, "only a memory"));
}

static void the_largest_chip_has_a_hash(void **state) {
    (void)state;
    hd_arch a = chip();
    a.levels = HD_MAX_LEVELS;
    a.vector_at = HD_MAX_LEVELS - 1;
    for (int l = 0; l < HD_MAX_LEVELS; l++) {
        hd_level *level = &a.level[l];
        hd_arch_default_level(level);
        memset(level->name, 'a' + l, sizeof level->name - 1);
        for (int axis = 0; axis < HD_AXES; axis++) {
            level->limited[axis] = true;
            memset(level->allowed[axis], 'K', sizeof level->allowed[axis] - 1);
            level->allowed[axis][0] = level->allowed[axis][sizeof level->allowed[axis] - 2] = ' ';
        }
    }
    assert_true(hash_of(a) != hash_of(chip()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions),
        cmocka_unit_test(every_bad_number_is_named),
        cmocka_unit_test(hash_sees_prices),
        cmocka_unit_test(hash_sees_timeloops_attributes),
        cmocka_unit_test(meshes_are_checked_and_hashed),
        cmocka_unit_test(the_largest_chip_has_a_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
