/* Do pins find their layers and dims? */
#include "formats/heddle/pins_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"

static const char NET[] =
    "heddle: network/1\nname: t\noperators:\n- {name: c1, op: \"conv(K=4,C=3,P=5)\"}\n"
    "- {name: c2, op: \"conv(K=8,C=4,P=5)\"}\n- {name: \"f*\", op: \"matmul(M=2,N=4,K=4)\"}\n";
static const char ARCH[] =
    "heddle: arch/1\nname: x\nmac: {energy_pj: 1}\nlevels:\n- name: DRAM\n"
    "- {name: GLB, fanout: {x: 2, y: 2}}\n- name: MAC\n";

static hd_status read_pins(const char *text, hd_arena *arena, hd_pin **pins, int *count, hd_error *err) {
    hd_network *net;
    hd_arch arch;
    assert_int_equal(hd_network_read(NET, sizeof NET - 1, NULL, &net, err), HD_OK);
    assert_int_equal(hd_arch_read(ARCH, sizeof ARCH - 1, NULL, &arch, err), HD_OK);
    hd_status status = hd_pins_read(text, strlen(text), "p.yaml", net, &arch, arena, pins, count, err);
    hd_network_free(net);
    return status;
}

static void pins_are_read(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_pin *pins;
    int count;
    hd_error err;
    const char *text = "- {layers: 'c*', levels: [{level: GLB, tensor: {K: 2}, update: [[P, 1]]}]}\n"
                       "- {layers: '*', levels: [{level: GLB, keep: [I], stack: [[K, 1, 2, Y]]}]}\n";
    assert_int_equal(read_pins(text, arena, &pins, &count, &err), HD_OK);
    assert_int_equal(count, 4); /* one for both convs, then one per layer */
    assert_string_equal(pins[0].layers, "c*");
    assert_int_equal(pins[0].pinned[1], 1 | 4);
    assert_int_equal(pins[0].pinned[0], 0);
    assert_int_equal(pins[0].scheme.level[1].tensor[2], 2); /* N G K */
    assert_int_equal(pins[0].scheme.level[1].tensor[3], 1);
    assert_string_equal(pins[3].layers, "f\\*");
    assert_int_equal(pins[3].pinned[1], 2 | 8);
    assert_int_equal(pins[3].scheme.level[1].stack[0].axis, HD_Y);
    hd_arena_free(arena);
}

static void mistakes_have_places(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"- {layers: nobody, levels: []}", "no layer's name"},
        {"- {layers: 'c1', levels: [{level: L9}]}", "a level of the chip"},
        {"- {layers: 'c1', levels: [{level: GLB, tensor: {M: 1}}]}", "a dimension of this conv"},
        {"- {layers: 'c1', levels: [{level: GLB, stack: [[K, 1, 2, Z]]}]}", "axis X or Y"},
        {"- {layers: 'c1', levels: [{level: GLB}, {level: GLB}]}", "twice"},
        {"- {layers: 'c1', levels: [{level: GLB, tensor: {K: 5}}]}", "the box of K at GLB is 5, expected 1 to its extent 4"},
        {"- {layers: 'c1', levels: [{level: GLB, stack: [[K, 1, 3, Y]]}]}", "more units"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_pin *pins;
        int count;
        hd_error err;
        assert_int_equal(read_pins(cases[i].text, arena, &pins, &count, &err), HD_ERR_INPUT);
        assert_int_equal(err.line, 1);
        assert_non_null(strstr(err.message, cases[i].part));
        hd_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pins_are_read),
                                       cmocka_unit_test(mistakes_have_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
