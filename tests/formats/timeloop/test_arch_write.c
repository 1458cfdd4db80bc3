/* Does a chip come back from Timeloop's format as it was, and is the rest refused with the reason? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "formats/heddle/arch_yaml.h"
#include "told.h"

enum { ALL_ROLES = 15 };

/* What a Timeloop architecture can say: everything but what constraints and mappings say. */
static uint64_t hash_of_sayable(hd_arch arch) {
    hd_error err;
    for (int l = 0; l < arch.levels; l++) {
        hd_level *level = &arch.level[l];
        level->keeps = ALL_ROLES;
        level->limited[HD_X] = level->limited[HD_Y] = false;
        level->timeloop.no_links = level->timeloop.no_reuse = 0;
        for (int a = 0; a < HD_AXES && l > 0; a++) {
            level->multicast[a] = ALL_ROLES;
            level->reduce[a] = true;
        }
    }
    if (hd_arch_check(&arch, &err) != HD_OK) fail_msg("%s", err.message);
    return arch.hash;
}

/* The same through our own chip files. */
static void comes_home(const hd_arch *arch) {
    hd_text text;
    hd_error err;
    hd_arch after;
    hd_text_init(&text, NULL, 0);
    hd_arch_write(arch, 0, &text);
    if (hd_arch_read(text.data, text.length, "chip.yaml", &after, &err) != HD_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.message);
    assert_true(arch->hash != 0 && after.hash == arch->hash);
    hd_text_free(&text);
}

static void comes_back(const hd_arch *arch) {
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 0);
    if (hd_timeloop_write_arch(arch, &text, &err) != HD_OK) fail_msg("%s", err.message);
    hd_arch before = *arch, after = told_by(text.data)->arch;
    if (hash_of_sayable(before) != hash_of_sayable(after))
        fail_msg("another chip came back from\n%s", text.data);
    assert_int_equal(before.levels, after.levels);
    for (int l = 0; l < before.levels; l++) assert_string_equal(before.level[l].name, after.level[l].name);
    hd_text_free(&text);
}

static void visit(const corpus_case *c, void *user) {
    (void)user;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_timeloop *t;
    hd_error err;
    /* the architecture alone: two cases have mappings that are refused */
    if (hd_timeloop_read(c->text, 1, arena, &t, &err) != HD_OK) fail_msg("%s: %s", c->name, err.message);
    comes_back(&t->arch);
    comes_home(&t->arch);
    hd_arena_free(arena);
}

static void the_cases_come_back(void **state) {
    (void)state;
    assert_true(corpus_each_case(visit, NULL) >= 26);
    told_end();
}

static void the_fuzz_records_come_back(void **state) {
    (void)state;
    assert_true(corpus_each_fuzz(visit, NULL) >= 200);
    told_end();
}

static void designs_with_tables_come_back(void **state) {
    (void)state;
    static const char *const files[][2] = {
        {"tests/data/timeloop/designs/eyeriss_like/eyeriss_like.yaml",
         "tests/data/timeloop/designs/eyeriss_like/ERT.yaml"},
        {"tests/data/timeloop/designs/simba_like/simba_like.yaml",
         "tests/data/timeloop/designs/simba_like/ERT.yaml"},
        {"tests/data/timeloop/designs/simple_output_stationary/simple_output_stationary.yaml",
         "tests/data/timeloop/designs/simple_output_stationary/ERT.yaml"},
    };
    const char *const v04 = "tests/data/timeloop/v04/eyeriss.yaml";
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const hd_arch arch = told_by_files(files[i], 2)->arch;
        comes_back(&arch);
        comes_home(&arch);
    }
    const hd_arch arch = told_by_files(&v04, 1)->arch;
    comes_back(&arch);
    comes_home(&arch);
    told_end();
}

static hd_arch plain(void) {
    return told_by("architecture: {subtree: [{name: s, local: [{name: D, class: DRAM}, {name: 'L[0..7]', "
                   "class: SRAM, attributes: "
                   "{entries: 10, meshX: 4}}, {name: 'M[0..7]', class: mac, attributes: {meshX: 4}}]}]}")
        ->arch;
}

static void all_attributes_come_back(void **state) {
    (void)state;
    hd_arch a = plain();
    hd_level *l = &a.level[1];
    l->timeloop = (hd_timeloop_level){.block_size = 2,
                                      .cluster_size = 4,
                                      .multiple_buffering = 1.5,
                                      .min_utilization = 0.125,
                                      .hop_pj = 0.1,
                                      .router_pj = 0.3,
                                      .ingress_pj = 0.7,
                                      .network_fill_cycles = 3,
                                      .network_drain_cycles = 5};
    l->read_bw = 0.3;
    l->write_bw = 0.7;
    a.mac_pj = 0.3;
    comes_back(&a);
    for (int r = 0; r < HD_ROLES; r++) {
        l->fill_pj[r] = 0.1;
        l->update_pj[r] = 0.2;
    }
    comes_back(&a);
    l->double_buffer = true;
    l->timeloop.multiple_buffering = 2;
    l->bounded = false;
    comes_back(&a);
    a.level[2].name[0] = '"'; /* names are quoted */
    comes_back(&a);
    told_end();
}

static void refused(const hd_arch *arch, const char *part) {
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_timeloop_write_arch(arch, &text, &err), HD_ERR_USAGE);
    if (!strstr(err.message, part)) fail_msg("found: %s; expected: %s", err.message, part);
    hd_text_free(&text);
}

static void the_rest_is_refused(void **state) {
    (void)state;
    const hd_arch good = plain();
    hd_arch a = good;
    a.static_pj_per_cycle = 1;
    refused(&a, "static energy");
    a = good, a.level[1].per_role = true;
    refused(&a, "level L: every tensor has a capacity");
    a = good, a.level[1].fill_pj[2] = 9;
    refused(&a, "energies differ by tensor");
    a = good, a.level[1].delivery_pj[0] = 1;
    refused(&a, "delivery");
    a = good, a.level[2].operand_register = 1;
    refused(&a, "operand_register");
    a = good, a.level[1].reduce[HD_X] = false;
    refused(&a, "one axis only");
    a = good, a.level[1].multicast[HD_Y] = 3;
    refused(&a, "one axis only");
    a = good, a.level[1].name[0] = '[';
    refused(&a, "a dot or a bracket");
    told_end();
}

static void what_mappings_say_is_remarked(void **state) {
    (void)state;
    hd_arch a = plain();
    hd_text text;
    hd_error err;
    a.level[1].keeps = 5;
    a.level[1].limited[HD_X] = true;
    a.level[1].multicast[HD_X] = a.level[1].multicast[HD_Y] = 6;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_timeloop_write_arch(&a, &text, &err), HD_OK);
    assert_non_null(strstr(text.data, "# keeps only [W, O]"));
    assert_non_null(strstr(text.data, "# its wires unroll certain dims only"));
    assert_non_null(strstr(text.data, "# not all tensors are multicast"));
    hd_text_free(&text);
    comes_back(&a);
    told_end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cases_come_back),           cmocka_unit_test(the_fuzz_records_come_back),
        cmocka_unit_test(designs_with_tables_come_back), cmocka_unit_test(all_attributes_come_back),
        cmocka_unit_test(the_rest_is_refused),           cmocka_unit_test(what_mappings_say_is_remarked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
