/* The straight road of meshes gives the numbers of the general one, for schemes as solvers make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw_chip.h"
#include "solve/draft.h"
#include "workload/kinds.h"

enum { CHIPS = 40, DRAWS = 60 };

static const char *const OPERATORS[] = {
    "conv(N=2,K=12,C=6,P=12,Q=10,R=5,S=3)", "conv(N=1,K=8,C=6,P=12,Q=12,R=3,S=3,stride=2)",
    "conv(N=1,G=3,K=4,C=4,P=8,Q=6,R=3,S=3,dilation=2)", "conv(N=2,K=4,C=4,P=9,Q=1,R=1,S=1,stride=3)",
    "matmul(M=12,N=18,K=20)",
};

/* One level becomes a mesh whose ports are a grid; nodes share where they may, and then room is short. */
static void draw_mesh(hd_random *r, hd_arch *a)
{
    int at_level = 1 + (int)hd_random_below(r, a->levels - 2);
    hd_level *level = &a->level[at_level];
    int64_t ports[HD_AXES], at[HD_AXES];
    for (int axis = 0; axis < HD_AXES; axis++) {
        ports[axis] = 1 + (level->fan[axis] > 1 && hd_random_below(r, 2));
        at[axis] = hd_random_below(r, level->fan[axis] - ports[axis] + 1);
    }
    for (int64_t i = 0; i < ports[HD_X] * ports[HD_Y]; i++) {
        int *port = level->mesh.port[level->mesh.ports++];
        port[HD_X] = (int)(at[HD_X] + i % ports[HD_X]);
        port[HD_Y] = (int)(at[HD_Y] + i / ports[HD_X]);
    }
    level->mesh.hop_pj = 1;
    level->mesh.share = true;
    for (int l = 1; l < at_level; l++) level->mesh.share &= a->level[l].fan[HD_X] * a->level[l].fan[HD_Y] == 1;
    level->bounded = level->mesh.share;
    level->capacity = 8 << hd_random_below(r, 9);
    for (int axis = 0; axis < HD_AXES && level->mesh.share; axis++) level->multicast[axis] = 15, level->reduce[axis] = true;
}

#define ASSERT_ROWS(field, levels) assert_memory_equal(a->field, b->field, (size_t)(levels) * sizeof a->field[0])

static void assert_same(const hd_breakdown *a, const hd_breakdown *b, int levels)
{
    ASSERT_ROWS(access, levels);
    ASSERT_ROWS(deliveries, levels);
    ASSERT_ROWS(hops, levels);
    ASSERT_ROWS(tile_words, levels);
    ASSERT_ROWS(instances_used, levels);
    ASSERT_ROWS(level_cycles, levels);
    assert_int_equal(a->compute_cycles, b->compute_cycles);
    assert_int_equal(a->fill_cycles, b->fill_cycles);
    assert_int_equal(a->drain_cycles, b->drain_cycles);
    assert_int_equal(a->latency_cycles, b->latency_cycles);
    assert_int_equal(a->bound_by, b->bound_by);
}

/* How many of the schemes drawn from one space take the straight road; how many of these have nodes that share. */
static int compare(hd_random *r, const hd_problem *p, bool ragged, hd_form *form, int *shared)
{
    hd_error err = {0};
    hd_space space;
    hd_scheme s;
    native_ready ready;
    int even = 0;
    hd_native_ready(&ready, p);
    hd_space_init(&space, p, HD_SPACE_FREE, ragged, true);
    assert_int_equal(hd_form_init(form, &space, &err), HD_OK);
    for (int i = 0; i < DRAWS; i++) {
        hd_draft draft;
        hd_breakdown quick, general;
        hd_draft_sample(form, r, &draft);
        if (!hd_draft_decode(form, &draft, &s) || !hd_scheme_is_legal(p, &s, NULL) || !hd_native_fits(p, &s, NULL)) continue;
        if (!hd_native_even_mesh(&ready, &s, &quick)) continue;
        hd_native_general(&ready, &s, &general);
        assert_same(&quick, &general, s.levels);
        even++;
        int64_t members[HD_ROLES];
        *shared += hd_native_shares(p, &s, ready.mesh, false, members);
    }
    return even;
}

static void same_numbers_on_both_roads(void **state)
{
    hd_form *form = malloc(sizeof *form);
    hd_random r;
    int even = 0, shared = 0;
    (void)state;
    assert_non_null(form);
    hd_random_seed(&r, 8, 0);
    for (int c = 0; c < CHIPS; c++)
        for (size_t o = 0; o < sizeof OPERATORS / sizeof *OPERATORS; o++) {
            hd_error err = {0};
            hd_arch chip;
            hd_operator op;
            draw_chip(&r, &chip);
            draw_mesh(&r, &chip);
            assert_int_equal(hd_arch_check(&chip, &err), HD_OK);
            assert_int_equal(hd_kind_parse(OPERATORS[o], &op, &err), HD_OK);
            hd_problem p = {.op = &op, .arch = &chip};
            for (int role = 0; role < HD_ROLES; role++)
                p.home[role] = hd_random_below(&r, 4) ? 0 : (int)hd_random_below(&r, chip.levels - 1);
            even += compare(&r, &p, false, form, &shared) + compare(&r, &p, true, form, &shared);
        }
    free(form);
    assert_true(even > 1000 && shared > 50);
}

/* Limits of links, delays and ports that are no grid have to go the other way. */
static void other_meshes_are_refused(void **state)
{
    hd_arch chip;
    hd_operator op;
    hd_random r;
    hd_error err = {0};
    native_ready ready;
    (void)state;
    hd_random_seed(&r, 9, 0);
    draw_chip(&r, &chip);
    hd_problem p = {.op = &op, .arch = &chip};
    assert_int_equal(hd_kind_parse("matmul(M=6,N=4,K=4)", &op, &err), HD_OK);
    hd_native_ready(&ready, &p);
    assert_int_equal(ready.mesh, -1);
    hd_mesh *mesh = &chip.level[1].mesh;
    chip.level[1].fan[HD_X] = chip.level[1].fan[HD_Y] = 4;
    *mesh = (hd_mesh){.ports = 2, .port = {{0, 0}, {0, 3}}, .hop_pj = 1};
    hd_native_ready(&ready, &p);
    assert_int_equal(ready.mesh, 1);
    mesh->link_bw = 1;
    hd_native_ready(&ready, &p);
    assert_int_equal(ready.mesh, -1);
    mesh->link_bw = 0, mesh->hop_cycles = 1;
    hd_native_ready(&ready, &p);
    assert_int_equal(ready.mesh, -1);
    mesh->hop_cycles = 0, mesh->port[1][HD_X] = 3; /* a diagonal */
    hd_native_ready(&ready, &p);
    assert_int_equal(ready.mesh, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_numbers_on_both_roads), cmocka_unit_test(other_meshes_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
