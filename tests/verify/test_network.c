/* Meshes counted by hand: which links words cross, who holds what is shared, what time that takes; price and replay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cost/model.h"
#include "verify/replay.h"
#include "workload/kinds.h"

enum { B, M, N, K };

typedef struct small {
    hd_operator op;
    hd_arch arch;
    hd_problem problem;
    hd_scheme scheme;
    hd_replay replay;
    hd_breakdown price;
} small;

/* A product on DRAM - a mesh of nodes - MACs; a node holds 1 x n x k points, M is spread over X and N over Y. */
static void lay_out(small *c, int64_t m, int64_t n, int64_t k, int64_t on_x, int64_t on_y)
{
    static const char *const NAMES[] = {"DRAM", "NODE", "MAC"};
    memset(c, 0, sizeof *c);
    assert_int_equal(hd_kind_matmul(1, m, n, k, false, &c->op, NULL), HD_OK);
    c->arch.levels = 3;
    c->arch.vector_at = 2;
    for (int l = 0; l < 3; l++) {
        hd_arch_default_level(&c->arch.level[l]);
        snprintf(c->arch.level[l].name, sizeof c->arch.level[l].name, "%s", NAMES[l]);
    }
    hd_level *mesh = &c->arch.level[1];
    mesh->fan[HD_X] = on_x;
    mesh->fan[HD_Y] = on_y;
    mesh->multicast[HD_X] = mesh->multicast[HD_Y] = 15;
    mesh->reduce[HD_X] = mesh->reduce[HD_Y] = true;
    mesh->mesh.ports = 1;
    mesh->mesh.hop_pj = 2;
    c->problem = (hd_problem){.op = &c->op, .arch = &c->arch};
    hd_scheme *s = &c->scheme;
    s->levels = 3;
    const int64_t box[3][4] = {{1, m, n, k}, {1, m / on_x, n / on_y, k}, {1, 1, 1, 1}};
    for (int l = 0; l < 3; l++) memcpy(s->level[l].tensor, box[l], sizeof box[l]);
    s->level[0].keep = s->level[1].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
    if (on_x > 1) s->level[1].stack[s->level[1].stacks++] = (hd_stack){M, HD_X, m / on_x, on_x};
    if (on_y > 1) s->level[1].stack[s->level[1].stacks++] = (hd_stack){N, HD_Y, n / on_y, on_y};
    s->level[2].update[0] = (hd_update){K, 1};
    s->level[2].update[1] = (hd_update){N, 1};
    s->level[2].update[2] = (hd_update){M, 1};
    s->level[2].updates = 3;
}

static void count(small *c)
{
    hd_error err = {0};
    if (hd_arch_check(&c->arch, &err) != HD_OK) fail_msg("%s", err.message);
    assert_true(hd_scheme_is_legal(&c->problem, &c->scheme, NULL));
    assert_true(hd_model_native.fits(&c->problem, &c->scheme, NULL));
    assert_int_equal(hd_replay_scheme(&c->problem, &c->scheme, 1000, &c->replay, &err), HD_OK);
    hd_model_native.price(&c->problem, &c->scheme, &c->price);
    for (int r = 0; r < HD_ROLES; r++) assert_int_equal(c->price.hops[1][r], c->replay.hops[1][r]);
    assert_int_equal(c->price.latency_cycles, c->replay.latency_cycles);
}

/* One word each of I per M, of W per N, of O per node: port [0, 0], nodes 2 x 2. */
static void trees(void **state)
{
    small c;
    (void)state;
    lay_out(&c, 2, 2, 1, 2, 2);
    count(&c);
    assert_int_equal(c.price.hops[1][HD_I], 1 + 2);         /* columns x = 0, x = 1 */
    assert_int_equal(c.price.hops[1][HD_W], 1 + 3);         /* row y = 1: along X first, up both columns */
    assert_int_equal(c.price.hops[1][HD_O], 0 + 1 + 1 + 2); /* every node alone */
    assert_true(c.price.network_pj[1][HD_W] == 2 * 4);
    c.arch.level[1].multicast[HD_Y] = 0; /* I to every node alone */
    count(&c);
    assert_int_equal(c.price.hops[1][HD_I], 0 + 1 + 1 + 2);
    c.arch.level[1].mesh.ports = 2; /* and another one at the far corner */
    c.arch.level[1].mesh.port[1][HD_X] = c.arch.level[1].mesh.port[1][HD_Y] = 1;
    count(&c);
    assert_int_equal(c.price.hops[1][HD_I], 0 + 1 + 1 + 0);
}

/* Four nodes in a row with 16 words of W each, 4 of I and of O: 12 words hold I, O and a quarter of W. */
static void shared_tiles(void **state)
{
    small c;
    (void)state;
    lay_out(&c, 4, 4, 4, 4, 1);
    c.arch.level[1].bounded = true;
    c.arch.level[1].capacity = 24;
    c.arch.level[1].mesh.share = true;
    count(&c);
    assert_false(c.replay.shared[1][HD_W]); /* full copies fit */
    assert_int_equal(c.price.hops[1][HD_W], 16 * 3);
    assert_int_equal(c.price.access[1][HD_W].fills, 64);
    c.arch.level[1].capacity = 12;
    count(&c);
    assert_true(c.replay.shared[1][HD_W] && !c.replay.shared[1][HD_I]);
    assert_int_equal(c.price.access[1][HD_W].fills, 16); /* one holder each */
    assert_int_equal(c.price.access[1][HD_W].reads, 16); /* all four MACs work on the same word */
    assert_int_equal(c.price.hops[1][HD_W], 4 * (0 + 1 + 2 + 3) + 16 * 3);
    assert_int_equal(c.price.hops[1][HD_I], 4 * (0 + 1 + 2 + 3));
    c.arch.level[1].capacity = 11;
    assert_false(hd_model_native.fits(&c.problem, &c.scheme, NULL));
    c.arch.level[1].capacity = 12;
    c.arch.level[1].multicast[HD_X] = HD_ROLE_BIT(HD_I); /* W cannot be passed on */
    assert_false(hd_model_native.fits(&c.problem, &c.scheme, NULL));
}

/* 4 + 4 words of I and W cross the port in all, O two of four; the first step brings all of it, the last drains O. */
static void links_take_time(void **state)
{
    small c;
    (void)state;
    lay_out(&c, 2, 2, 2, 2, 2);
    count(&c);
    int64_t before = c.price.latency_cycles;
    assert_int_equal(before, 2); /* work alone */
    c.arch.level[1].mesh.link_bw = 1;
    count(&c);
    assert_int_equal(c.price.level_cycles[1], 8);
    assert_int_equal(c.price.fill_cycles, 8);
    assert_int_equal(c.price.drain_cycles, 4);
    c.arch.level[1].mesh.hop_cycles = 3;
    count(&c);
    assert_int_equal(c.price.fill_cycles, 8 + 2 * 3);
    assert_int_equal(c.price.drain_cycles, 4 + 2 * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees),
        cmocka_unit_test(shared_tiles),
        cmocka_unit_test(links_take_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
