/* On chips with meshes: is the optimal solver's answer the best, and does every bound hold?  Hops, trees from any ports, tiles
 * that nodes share because they do not fit otherwise.
 * test_optimal_mesh [--cases N] [--from I] [--bounds N].                                                             */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "agree.h"
#include "cost/native/native.h"

static int64_t cases = 400, from = 0, bounds = 4000;

/* Little room, cheap links, wires everywhere. */
static void sharing_pays(hd_random *r, hd_level *l)
{
    if (l->fan[HD_X] == 1) l->fan[HD_X] = 2;
    l->multicast[HD_X] = l->multicast[HD_Y] = l->keeps = 15;
    l->reduce[HD_X] = l->reduce[HD_Y] = l->mesh.share = true;
    l->mesh.hop_pj = (double)hd_random_below(r, 2) / 4;
    l->per_role = false;
    l->capacity = 3 + hd_random_below(r, 8);
}

/* Ports at all corners of the grid, each once. */
static void add_corners(hd_level *l)
{
    hd_mesh *m = &l->mesh;
    m->ports = 0;
    for (int64_t x = 0; x < l->fan[HD_X]; x += l->fan[HD_X] > 1 ? l->fan[HD_X] - 1 : 1)
        for (int64_t y = 0; y < l->fan[HD_Y]; y += l->fan[HD_Y] > 1 ? l->fan[HD_Y] - 1 : 1) {
            m->port[m->ports][HD_X] = (int)x;
            m->port[m->ports++][HD_Y] = (int)y;
        }
}

/* The same wires along both axes, which have room for several dims: all that tells them apart is how far words travel. */
static void make_axes_alike(hd_random *r, hd_level *l)
{
    l->fan[HD_X] = 2 + hd_random_below(r, 3);
    l->fan[HD_Y] = 2 + hd_random_below(r, 3);
    l->multicast[HD_Y] = l->multicast[HD_X];
    l->reduce[HD_Y] = l->reduce[HD_X];
}

/* The outermost level that can be one becomes a mesh of up to 4 x 4 nodes. */
static void add_mesh(hd_random *r, small_case *c)
{
    hd_level *l = &c->arch.level[1];
    hd_mesh *m = &l->mesh;
    hd_error err = {0};
    l->fan[HD_X] = 1 + hd_random_below(r, 3);
    l->fan[HD_Y] = 1 + hd_random_below(r, 3);
    if (hd_random_below(r, 3)) l->multicast[HD_X] = l->multicast[HD_Y] = 15;
    if (hd_random_below(r, 3)) l->reduce[HD_X] = l->reduce[HD_Y] = true;
    if (hd_random_below(r, 3) == 0) make_axes_alike(r, l);
    m->ports = 1;
    m->port[0][HD_X] = (int)hd_random_below(r, l->fan[HD_X]);
    m->port[0][HD_Y] = (int)hd_random_below(r, l->fan[HD_Y]);
    if (m->port[0][HD_X] > 0 && hd_random_below(r, 2)) m->ports = 2; /* and node [0, 0] */
    m->hop_pj = (double)hd_random_below(r, 8);
    m->hop_cycles = hd_random_below(r, 3);
    if (hd_random_below(r, 3) == 0) m->link_bw = 1;
    m->share = hd_random_below(r, 4) > 0;
    if (!l->bounded || hd_random_below(r, 2)) {
        l->bounded = true;
        l->per_role = false;
        l->capacity = 2 + hd_random_below(r, 24);
    }
    if (hd_random_below(r, 2)) sharing_pays(r, l);
    if (hd_random_below(r, 3) == 0) add_corners(l);
    if (hd_arch_check(&c->arch, &err) != HD_OK) fail_msg("%s", err.message);
}

static bool shares(const small_case *c, const hd_scheme *s)
{
    int64_t members[HD_ROLES];
    return hd_native_shares(&c->problem, s, 1, false, members);
}

static void equals_exhaustive_on_meshes(void **state)
{
    int64_t seen = 0, found = 0, shared = 0;
    (void)state;
    for (uint64_t i = (uint64_t)from; seen < cases; i++) {
        small_case c;
        hd_space space;
        hd_random r;
        hd_incumbent best;
        rich_problem(17, i, &c);
        hd_random_seed(&r, 0x3e5, i);
        if (c.arch.levels < 3 || c.problem.home[HD_O] > 0) continue;
        add_mesh(&r, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, c.ragged, c.bypass);
        if (hd_space_log10(&space) > 3.4) continue;
        compare(&space, c.objective, i);
        seen++;
        if (run(&hd_solver_exhaustive, &space, c.objective, true, &best) != HD_OK || !best.found) continue;
        found++;
        shared += shares(&c, &best.scheme);
    }
    bool standard = from == 0; /* other draws (--from) may have fewer with sharing */
    assert_true(found > (standard ? cases * 5 / 8 : cases / 2) && shared > (standard ? cases / 80 : cases / 160));
}

/* Nothing costs less than the model's own bound, with a mesh or without. */
static void no_scheme_is_below_the_bound(void **state)
{
    int64_t seen = 0;
    (void)state;
    for (uint64_t i = 0; seen < 2 * bounds; i++) {
        small_case c;
        hd_random r;
        hd_space space;
        hd_bound bound;
        rich_problem(18, i, &c);
        hd_random_seed(&r, 0x3e6, i);
        if (c.arch.levels < 3) continue;
        if (i % 2 == 0) add_mesh(&r, &c);
        hd_space_init(&space, &c.problem, HD_SPACE_FREE, true, true);
        hd_native_bound(&c.problem, &bound);
        for (int k = 0; k < 20; k++) {
            hd_scheme s;
            hd_breakdown price;
            hd_space_sample(&space, &r, &s);
            if (!hd_scheme_is_legal(&c.problem, &s, NULL) || !hd_native_fits(&c.problem, &s, NULL)) continue;
            hd_model_native.price(&c.problem, &s, &price);
            assert_true(price.energy_pj >= bound.energy_pj);
            assert_true((double)price.latency_cycles >= bound.latency_cycles);
            seen++;
        }
    }
}

int main(int count, char **arg)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_exhaustive_on_meshes),
        cmocka_unit_test(no_scheme_is_below_the_bound),
    };
    for (int i = 1; i + 1 < count; i += 2) {
        if (strcmp(arg[i], "--cases") == 0) cases = strtoll(arg[i + 1], NULL, 10);
        if (strcmp(arg[i], "--bounds") == 0) bounds = strtoll(arg[i + 1], NULL, 10);
        if (strcmp(arg[i], "--from") == 0) from = strtoll(arg[i + 1], NULL, 10);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
