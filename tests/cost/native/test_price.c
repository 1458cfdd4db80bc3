/* One price worked out by hand, and that pricing asks for no memory (counted by the sanitizer's own hooks). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cost/model.h"
#include "cost/native/grid.h"
#include "cost/requests.h"
#include "workload/kinds.h"

static void chip(hd_arch *a)
{
    hd_error err = {0};
    memset(a, 0, sizeof *a);
    a->levels = 3;
    a->clock_mhz = 1;
    a->mac_pj = 1;
    a->vector_at = 2;
    for (int l = 0; l < 3; l++) hd_arch_default_level(&a->level[l]);
    strncpy(a->level[0].name, "DRAM", sizeof a->level[0].name - 1);
    strncpy(a->level[1].name, "BUF", sizeof a->level[1].name - 1);
    strncpy(a->level[2].name, "MAC", sizeof a->level[2].name - 1);
    a->level[1].bounded = true;
    a->level[1].capacity = 64;
    for (int r = 0; r < HD_ARCH_ROLES; r++) {
        a->level[0].read_pj[r] = a->level[0].fill_pj[r] = a->level[0].update_pj[r] = 100;
        a->level[1].read_pj[r] = a->level[1].fill_pj[r] = a->level[1].update_pj[r] = 1;
    }
    assert_int_equal(hd_arch_check(a, &err), HD_OK);
}

/* O[M,N] += I[M,K] W[K,N], 4 x 4 x 4, tiles of 2 x 2 x 4 in BUF: M outside N. */
static void scheme_of(const hd_problem *p, hd_scheme *s)
{
    int m = hd_operator_dim(p->op, "M"), n = hd_operator_dim(p->op, "N"), k = hd_operator_dim(p->op, "K");
    memset(s, 0, sizeof *s);
    s->levels = 3;
    for (int d = 0; d < p->op->dims; d++)
        for (int l = 0; l < 3; l++) s->level[l].tensor[d] = l == 0 ? p->op->dim[d].extent : 1;
    s->level[0].keep = s->level[1].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
    s->level[1].tensor[m] = s->level[1].tensor[n] = 2;
    s->level[1].tensor[k] = 4;
    s->level[1].update[0] = (hd_update){n, 2};
    s->level[1].update[1] = (hd_update){m, 2};
    s->level[1].updates = 2;
    s->level[2].update[0] = (hd_update){k, 1};
    s->level[2].update[1] = (hd_update){n, 1};
    s->level[2].update[2] = (hd_update){m, 1};
    s->level[2].updates = 3;
}

static void counts_by_hand(void **state)
{
    hd_arch arch;
    hd_operator op;
    hd_scheme s;
    hd_breakdown b;
    hd_refusal why;
    hd_error err = {0};
    (void)state;
    chip(&arch);
    assert_int_equal(hd_kind_parse("matmul(M=4,N=4,K=4)", &op, &err), HD_OK);
    hd_problem p = {.op = &op, .arch = &arch};
    scheme_of(&p, &s);
    assert_true(hd_scheme_is_legal(&p, &s, &why));
    assert_true(hd_model_native.fits(&p, &s, &why));
    bool hooked = count_requests();
    requests = 0;
    hd_model_native.price(&p, &s, &b);
    assert_int_equal(requests, 0);
    if (!hooked) print_message("no sanitizer: allocations not counted\n");
    /* W: 8 words a tile, a new one at each of 4 steps; I: 8 words, kept while N steps, so 2 tiles. */
    assert_int_equal(b.access[0][HD_W].reads, 32);
    assert_int_equal(b.access[1][HD_W].fills, 32);
    assert_int_equal(b.access[0][HD_I].reads, 16);
    assert_int_equal(b.access[1][HD_I].reads, 64);
    /* O: 4 tiles of 4 words leave once each; 64 results arrive in BUF, all but the first of each word add to it. */
    assert_int_equal(b.access[0][HD_O].updates, 16);
    assert_int_equal(b.access[0][HD_O].reads, 0);
    assert_int_equal(b.access[1][HD_O].updates, 64);
    assert_int_equal(b.access[1][HD_O].reads, 48 + 16);
    assert_int_equal(b.access[1][HD_O].fills, 0);
    assert_int_equal(b.latency_cycles, 64);
    assert_true(b.energy_pj == 64 + 100.0 * (32 + 16 + 16) + (64 + 32) + (64 + 16) + (64 + 64));
}

/* 32 x 32 units whose boxes leave gaps that others fill come out of order: steps of 3 and of 40. */
static void many_units_ask_for_no_memory(void **state)
{
    grid g;
    (void)state;
    hd_grid_clear(&g);
    hd_grid_add(&g, 40, 32);
    hd_grid_add(&g, 3, 32);
    count_requests();
    requests = 0;
    int64_t words = hd_grid_words(&g, 2), brute = 0;
    assert_int_equal(requests, 0);
    for (int64_t x = 0; x < 40 * 32 + 3 * 32; x++) {
        bool hit = false;
        for (int64_t a = 0; a < 32 && !hit; a++)
            for (int64_t b = 0; b < 32 && !hit; b++) hit = x >= 40 * a + 3 * b && x < 40 * a + 3 * b + 2;
        brute += hit;
    }
    assert_int_equal(words, brute);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_by_hand), cmocka_unit_test(many_units_ask_for_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
