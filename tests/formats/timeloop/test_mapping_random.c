/* Random factors with residuals: does each become a digit of its own count, and does the mapping come back
 * unharmed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "corpus.h"
#include "dataflow/radix.h"

enum { DIMS = 3, BLOCKS = 6, CASES = 400 };
static const char *const LEVEL[] = {"DRAM", "GLB", "RF"};

/* Outermost first: temporal and spatial block of DRAM, GLB, RF. */
typedef struct nest {
    int bound[DIMS][BLOCKS], residual[DIMS][BLOCKS];
    int64_t extent[DIMS];
} nest;

/* The first factor above 1 ends nowhere but in itself; v = v * bound + residual - 1. */
static void draw(hd_random *random, nest *n) {
    for (int d = 0; d < DIMS; d++) {
        int64_t last = 0;
        for (int b = 0; b < BLOCKS; b++) {
            n->bound[d][b] = hd_random_below(random, 2) ? 1 : 1 + (int)hd_random_below(random, 4);
            bool ends = last == 0 || hd_random_below(random, 2) == 0;
            n->residual[d][b] = ends ? n->bound[d][b] : 1 + (int)hd_random_below(random, n->bound[d][b]);
            last = last * n->bound[d][b] + n->residual[d][b] - 1;
        }
        n->extent[d] = last + 1;
    }
}

static void write_input(const nest *n, hd_text *out) {
    hd_text_append(out, "architecture:\n  version: 0.3\n  subtree:\n  - name: s\n    local:\n"
                        "    - {name: DRAM, class: DRAM}\n"
                        "    - {name: 'GLB[0..63]', class: SRAM, attributes: {meshX: 64}}\n"
                        "    - {name: 'RF[0..4095]', class: regfile, attributes: {meshX: 4096}}\n"
                        "    - {name: 'MAC[0..262143]', class: intmac, attributes: {meshX: 262144}}\n"
                        "problem:\n  shape:\n    name: gemm\n    dimensions: [A, B, C]\n    data-spaces:\n"
                        "    - {name: X, projection: [A, B]}\n    - {name: Y, projection: [B, C]}\n"
                        "    - {name: Z, projection: [A, C], read-write: true}\n");
    hd_text_format(out, "  instance: {A: %lld, B: %lld, C: %lld}\nmapping:\n", (long long)n->extent[0],
                   (long long)n->extent[1], (long long)n->extent[2]);
    for (int b = 0; b < BLOCKS; b++) {
        hd_text_format(out, "- {target: %s, type: %s, factors: '", LEVEL[b / 2],
                       b % 2 ? "spatial" : "temporal");
        for (int d = 0; d < DIMS; d++) {
            hd_text_format(out, "%c=%d", "ABC"[d], n -> bound[d][b]);
            if (n->residual[d][b] != n->bound[d][b]) hd_text_format(out, ",%d", n->residual[d][b]);
            hd_text_append(out, " ");
        }
        hd_text_append(out, "'}\n");
    }
}

static void check_digits(const hd_timeloop *tl, const nest *n) {
    for (int d = 0; d < DIMS; d++) {
        hd_radix radix;
        hd_refusal why;
        int at = 0;
        if (!hd_radix_build(&tl->problem, &tl->mapping, d, &radix, &why)) fail_msg("%s", why.why);
        for (int b = 0; b < BLOCKS; b++) {
            if (n->bound[d][b] == 1) continue;
            assert_true(at < radix.digits);
            const hd_digit *digit = &radix.digit[at++];
            assert_int_equal(digit->level, b / 2 + 1);
            assert_int_equal(digit->stack >= 0, b % 2);
            assert_int_equal(digit->count, n->bound[d][b]);
        }
        assert_int_equal(at, radix.digits);
    }
}

static void check_return(const hd_timeloop *tl, const hd_text *input, hd_arena *arena) {
    hd_text text;
    hd_error err;
    const char *mapping = strstr(input->data, "mapping:");
    hd_text_init(&text, NULL, 0);
    hd_text_appendn(&text, input->data, (size_t)(mapping - input->data));
    if (hd_timeloop_write_mapping(&tl->problem, &tl->mapping, &text, &err) != HD_OK)
        fail_msg("%s", err.message);
    hd_timeloop_text one = {"written", text.data, text.length};
    assert_true(hd_scheme_equal(&corpus_read(&one, 1, arena)->mapping, &tl->mapping));
    hd_text_free(&text);
}

static void factors_are_digits(void **state) {
    (void)state;
    hd_random random;
    hd_random_seed(&random, 7, 1);
    int ragged = 0;
    for (int i = 0; i < CASES; i++) {
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_text text;
        nest n;
        hd_refusal why;
        draw(&random, &n);
        hd_text_init(&text, NULL, 0);
        write_input(&n, &text);
        hd_timeloop_text one = {"drawn", text.data, text.length};
        const hd_timeloop *tl = corpus_read(&one, 1, arena);
        if (!hd_scheme_is_legal(&tl->problem, &tl->mapping, &why)) fail_msg("%s\n%s", why.why, text.data);
        check_digits(tl, &n);
        check_return(tl, &text, arena);
        for (int d = 0; d < DIMS; d++) ragged += memcmp(n.bound[d], n.residual[d], sizeof n.bound[d]) != 0;
        hd_text_free(&text);
        hd_arena_free(arena);
    }
    assert_true(ragged > CASES / 2); /* of CASES x DIMS */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(factors_are_digits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
