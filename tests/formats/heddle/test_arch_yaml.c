/* Do chip files mean what DESIGN says, come back unharmed, and fail with a place? */
#include "formats/heddle/arch_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ZOO[] = {"eyeriss", "tpu-v1", "gemmini", "simba-like", "kapla-edge", "kapla-16x16", "kapla-4x4"};

static void read_zoo(const char *name, hd_arch *arch) {
    char path[512];
    hd_error err;
    const char *zoo = getenv("HEDDLE_ZOO");
    snprintf(path, sizeof path, "%s/arch/%s.yaml", zoo ? zoo : "zoo", name);
    hd_status status = hd_arch_read_file(path, arch, &err);
    if (status != HD_OK) fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
}

static void the_example_reads(void **state) {
    (void)state;
    hd_arch a;
    read_zoo("eyeriss", &a);
    assert_int_equal(a.levels, 4);
    assert_int_equal(a.vector_at, 1);
    assert_int_equal(a.template_, HD_ROW_STATIONARY);
    const hd_level *glb = &a.level[1], *rf = &a.level[2];
    assert_true(glb->bounded && !glb->per_role && glb->capacity == 55296 && glb->double_buffer);
    assert_int_equal(glb->keeps, 2 | 4 | 8); /* I, O, and I2 as I */
    assert_true(rf->per_role && rf->role_capacity[0] == 192 && rf->role_capacity[3] == 12);
    assert_true(rf->fan[HD_X] == 14 && rf->fan[HD_Y] == 12);
    assert_true(rf->multicast[HD_X] == 15 && !rf->reduce[HD_X] && rf->reduce[HD_Y]);
    assert_true(rf->read_pj[0] == 1.1 && rf->fill_pj[1] == 0.4 && rf->update_pj[2] == 0.5 &&
                rf->read_pj[3] == 0.4);
    assert_true(rf->delivery_pj[1] == 2);
    assert_true(a.level[0].read_bw == 2 && a.level[0].write_bw == 2 && !a.level[0].bounded);
}

static void every_chip_comes_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ZOO / sizeof *ZOO; i++) {
        hd_arch a, b;
        hd_error err;
        hd_text text, again;
        hd_text_init(&text, NULL, 0);
        hd_text_init(&again, NULL, 0);
        read_zoo(ZOO[i], &a);
        snprintf(a.level[1].allowed[HD_X], sizeof a.level[1].allowed[HD_X], " K C ");
        a.level[1].limited[HD_X] = a.level[1].limited[HD_Y] = true;
        snprintf(a.level[1].allowed[HD_Y], sizeof a.level[1].allowed[HD_Y], " ");
        a.level[1].keeps = 1 | 2; /* I without I2 */
        a.level[1].timeloop = (hd_timeloop_level){.block_size = 4, .cluster_size = 2, .multiple_buffering = 1.5,
                                                  .min_utilization = 0.1, .no_reuse = 2, .no_links = 1 | 8, .hop_pj = 0.3,
                                                  .router_pj = 1e-9, .ingress_pj = 7, .network_fill_cycles = 3,
                                                  .network_drain_cycles = 1};
        assert_int_equal(hd_arch_check(&a, &err), HD_OK);
        hd_arch_write(&a, 0, &text);
        hd_status status = hd_arch_read(text.data, text.length, ZOO[i], &b, &err);
        if (status != HD_OK) fail_msg("%s:%d:%d: %s", err.file, err.line, err.column, err.message);
        assert_true(a.hash == b.hash);
        assert_non_null(strstr(text.data, "timeloop: {block_size: 4, "));
        hd_arch_write(&b, 0, &again);
        assert_string_equal(text.data, again.data);
        hd_text_free(&text);
        hd_text_free(&again);
    }
}

static void mistakes_have_places(void **state) {
    (void)state;
    static const char head[] = "heddle: arch/1\nname: x\nmac: {energy_pj: 1}\nlevels:\n- name: DRAM\n";
    static const char tail[] = "- name: MAC\n";
    static const struct {
        const char *line;
        int column;
        const char *part;
    } cases[] = {
        {"  colour: red\n", 3, "unknown key 'colour'"},
        {"  word_bits: wide\n", 14, "expected a whole number"},
        {"  capacity: {words: 1, bytes: 2}\n", 13, "either words or bytes"},
        {"  capacity: {Z: {words: 1}}\n", 14, "unknown key 'Z'"},
        {"  mesh: {x: 2, y: 2}\n", 9, "ports"},
        {"  mesh: {x: 2, y: 2, ports: []}\n", 29, "expected 1 to 32"},
        {"  mesh: {x: 2, y: 2, ports: [[0]]}\n", 30, "coordinates"},
        {"  mesh: {x: 2, y: 2, ports: [[0, -1]]}\n", 34, "expected 0 to"},
        {"  mesh: {x: 2, y: 2, ports: [[0, 0], [2, 0]]}\n", 38, "outside the mesh of 2 x 2"},
        {"  mesh: {x: 2, y: 2, ports: [[0, 1], [0, 1]]}\n", 38, "occurs twice"},
        {"  keeps: [I, Q]\n", 14, "expected a role"},
        {"  energy_pj: {read: -1}\n", 21, "expected 0 to"},
        {"  fanout: {multicast: [z]}\n", 24, "an axis"},
        {"  double_buffer: maybe\n", 18, "true or false"},
        {"  bandwidth: 3\n", 14, "expected a map"},
        {"  timeloop: {block-size: 3}\n", 14, "unknown key 'block-size'"},
        {"  timeloop: {block_size: 0}\n", 26, "expected 1 to"},
        {"  timeloop: {min_utilization: 2}\n", 31, "expected 0 to 1"},
        {"  timeloop: {no_reuse: W}\n", 24, "expected a list"},
        {"  timeloop: 3\n", 13, "expected a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        hd_arch arch;
        hd_error err;
        snprintf(text, sizeof text, "%s%s%s", head, cases[i].line, tail);
        assert_int_equal(hd_arch_read(text, strlen(text), "x.yaml", &arch, &err), HD_ERR_INPUT);
        assert_int_equal(err.line, 6);
        assert_int_equal(err.column, cases[i].column);
        assert_non_null(strstr(err.message, cases[i].part));
    }
}

static void neighbours_are_passed_over(void **state) {
    (void)state;
    static const char text[] =
        "heddle: arch/1\nname: x\nsrc: y\nmac: {energy_pj: 1, src: z}\ntimeloop: {a: 1}\nlevels:\n"
        "- {name: DRAM, maestro: {deep: [1]}}\n- {name: MAC, fanout: {x: 4, multicast: {I: true, W: "
        "[x]}}}\n";
    hd_arch arch;
    hd_error err;
    assert_int_equal(hd_arch_read(text, sizeof text - 1, NULL, &arch, &err), HD_OK);
    assert_int_equal(arch.level[1].multicast[HD_X], 1 | 2 | 8);
    assert_int_equal(arch.level[1].multicast[HD_Y], 2 | 8);
    assert_int_equal(arch.vector_at, 1);
}

/* A chip of another tool keeps the name of its arithmetic; only what heddle wrote (`exact`) may say so. */
static void foreign_arithmetic_keeps_its_name(void **state) {
    (void)state;
    static const char people[] = "heddle: arch/1\nname: x\nmac: {energy_pj: 1}\nlevels: [{name: M}, {name: LMAC}]\n";
    static const char exact[] = "heddle: arch/1\nexact: true\nname: x\nmac: {energy_pj: 1}\nlevels: [{name: M}, {name: LMAC}]\n";
    hd_arch arch;
    hd_error err;
    assert_int_equal(hd_arch_read(people, sizeof people - 1, NULL, &arch, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "expected MAC"));
    assert_int_equal(hd_arch_read(exact, sizeof exact - 1, NULL, &arch, &err), HD_OK);
    assert_string_equal(arch.level[1].name, "LMAC");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_reads),
        cmocka_unit_test(foreign_arithmetic_keeps_its_name),
        cmocka_unit_test(every_chip_comes_back),
        cmocka_unit_test(mistakes_have_places),
        cmocka_unit_test(neighbours_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
