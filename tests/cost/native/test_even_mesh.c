/* The straight road of meshes gives the numbers of the general one, for schemes as solvers make them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "roads.h"
#include "workload/kinds.h"

/* One level becomes a mesh whose ports are a grid; nodes share where they may, and then room is short.  Sliding outputs can be
 * stacked inside of it, where no level has a bandwidth. */
static void draw_mesh(hd_random *r, hd_arch *a, hd_operator *op)
{
    int at_level = 1 + (int)hd_random_below(r, a->levels - 2);
    hd_level *level = &a->level[at_level];
    int64_t ports[HD_AXES], at[HD_AXES];
    (void)op;
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
    if (hd_random_below(r, 2)) return;
    for (int l = at_level + 1; l < a->levels; l++) a->level[l].read_bw = a->level[l].write_bw = a->level[l].shared_bw = 0;
}

/* Schemes with nodes that share; with units that add to each other's words along a sliding output; both. */
typedef struct seen { int shared, slide, both; } seen;

/* Who shares, of a problem that is ready, with these wires into the mesh. */
static void assert_same_members(const hd_problem *p, const hd_scheme *s, int mesh, unsigned multicast, bool reduce)
{
    hd_arch chip = *p->arch;
    hd_problem wired = *p;
    native_ready ready;
    int64_t members[HD_ROLES], again[HD_ROLES];
    wired.arch = &chip;
    chip.level[mesh].multicast[HD_X] = multicast;
    chip.level[mesh].reduce[HD_Y] = reduce;
    hd_native_ready(&ready, &wired);
    hd_native_shares(&wired, s, mesh, false, members);
    if (hd_native_fit_in_full(&ready, s, mesh)) return;
    hd_native_fit_together(&ready, s, mesh, false, again);
    for (int k = 0; k < HD_ROLES; k++) assert_true(!chip.level[mesh].mesh.share || members[k] == again[k]);
}

static void look(hd_random *r, const hd_problem *p, const hd_scheme *s, void *user)
{
    seen *count = user;
    native_ready ready;
    int64_t members[HD_ROLES];
    bool slide = false;
    (void)r;
    hd_native_ready(&ready, p);
    for (unsigned wires = 0; wires < 1u << HD_ROLES; wires++)
        assert_same_members(p, s, ready.mesh, wires, wires & HD_ROLE_BIT(HD_W));
    bool share = hd_native_shares(p, s, ready.mesh, false, members);
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            for (int k = 0; k < ready.roles; k++)
                slide |= ready.role[k].role == HD_O && (ready.role[k].general >> s->level[l].stack[i].dim & 1u);
    count->shared += share;
    count->slide += slide;
    count->both += share && slide;
}

static bool mesh_road(const native_ready *ready, const hd_scheme *s, hd_breakdown *out)
{
    bool above;
    if (!hd_native_even_mesh(ready, s, HD_ENERGY, INFINITY, out, &above)) return false;
    assert_false(above);
    return true;
}

static void same_numbers_on_both_roads(void **state)
{
    seen count = {0, 0, 0};
    (void)state;
    assert_true(compare_roads(mesh_road, 40, draw_mesh, look, &count) > 1000);
    assert_true(count.shared > 50 && count.slide > 500 && count.both > 5);
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
