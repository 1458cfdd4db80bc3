/* Broken files: N seeded mutations of the test graphs end in an error with a message or in a network whose
 * operators are all valid, never in a crash, a leak or a hang.  Argument: N (standard 2000).             */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/random.h"
#include "formats/onnx/onnx.h"
#include "graphs.h"

enum { MOST_GRAPHS = 64, SECONDS_EACH = 5 };

static long mutations = 2000;

/* Numbers that parsers trip over: varint limits, sign bits, zero. */
static const unsigned char nasty[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xfe, 0x08, 0x0a, 0x12, 0x2a, 0x3a};

static void mutate(unsigned char *bytes, size_t *n, hd_random *r)
{
    for (int64_t edits = 1 + hd_random_below(r, 4); edits > 0 && *n > 2; edits--) {
        size_t at = (size_t)hd_random_below(r, (int64_t)*n);
        size_t length = 1 + (size_t)hd_random_below(r, 16), other = (size_t)hd_random_below(r, (int64_t)*n);
        if (length > *n - at) length = *n - at;
        if (length > *n - other) length = *n - other;
        switch (hd_random_below(r, 6)) {
        case 0: bytes[at] ^= (unsigned char)(1 << hd_random_below(r, 8)); break;
        case 1: bytes[at] = nasty[hd_random_below(r, (int64_t)sizeof nasty)]; break;
        case 2: bytes[at] = (unsigned char)hd_random_below(r, 256); break;
        case 3: memmove(bytes + at, bytes + other, length); break;
        case 4:
            memmove(bytes + at, bytes + at + length, *n - at - length);
            *n -= length;
            break;
        default:
            if (hd_random_below(r, 8) == 0) *n = at; /* cut short */
            break;
        }
    }
}

static void check_result(hd_status status, hd_network *net, const hd_error *why)
{
    hd_error err = {0};
    if (status != HD_OK) {
        assert_null(net);
        assert_int_equal(why->code, status);
        assert_int_not_equal(status, HD_ERR_INTERNAL);
        assert_true(why->message[0] != '\0');
        return;
    }
    assert_int_equal(hd_network_fuse(net, &err), HD_OK);
    for (int i = 0; i < net->layers; i++) {
        assert_int_equal(hd_operator_check(&net->layer[i].op, &err), HD_OK);
        for (int k = 0; k < net->layer[i].inputs; k++) assert_true(net->layer[i].input[k] < i);
    }
}

static void mutated_files_end_well(void **state)
{
    (void)state;
    static graph_case cases[MOST_GRAPHS];
    int count = graphs_list(cases, MOST_GRAPHS);
    long read = 0;
    for (long i = 0; i < mutations; i++) {
        size_t n;
        hd_error err = {0};
        hd_network *net = NULL;
        hd_random r;
        hd_random_seed(&r, 20260821, (uint64_t)i);
        unsigned char *bytes = graphs_bytes(cases[hd_random_below(&r, count)].file, &n);
        mutate(bytes, &n, &r);
        unsigned char *exact = malloc(n ? n : 1); /* of exact size, so that reading behind it is seen */
        assert_non_null(exact);
        memcpy(exact, bytes, n);
        const hd_onnx_options options = {.batch = i % 3 == 0 ? 1 + hd_random_below(&r, 9) : 0};
        clock_t start = clock();
        hd_status status = hd_onnx_read(exact, n, "mutated.onnx", &options, &net, &err);
        assert_true((clock() - start) / CLOCKS_PER_SEC < SECONDS_EACH);
        check_result(status, net, &err);
        read += status == HD_OK;
        hd_network_free(net);
        free(exact);
        free(bytes);
    }
    print_message("%ld mutations, %ld still readable\n", mutations, read);
}

int main(int argc, char **argv)
{
    if (argc > 1) mutations = strtol(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(mutated_files_end_well)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
