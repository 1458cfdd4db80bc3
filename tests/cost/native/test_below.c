/* Prices below a limit: one that ends early is above it, any other is the price in full. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "roads.h"

enum { DRAWS = 40 };

typedef struct tally { int early, full, hopless; } tally; /* hopless: of the early ones, those on the straight road of meshes */

static bool is_kept_inside(const hd_problem *p, const hd_scheme *s, hd_role role)
{
    bool kept = false;
    for (int l = p->home[role] + 1; l < s->levels - 1; l++) kept |= hd_scheme_keeps(p, s, l, role);
    return kept;
}

static void assert_floors(const hd_pricer *pricer, const hd_scheme *s, const hd_breakdown *b)
{
    const hd_problem *p = pricer->problem;
    for (int r = 0; r < HD_ROLES; r++) {
        double pj = 0;
        for (int l = 0; l <= pricer->ready.mac; l++) pj += b->level_pj[l][r] + b->network_pj[l][r];
        assert_true(pricer->ready.floor_pj[r] <= pj);
        double inside = pj - b->level_pj[p->home[r]][r] * (1 - 1e-9);
        assert_true(!is_kept_inside(p, s, (hd_role)r) || pricer->ready.inner_pj[r] <= inside);
    }
}

static bool ends_before_hops(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit)
{
    hd_breakdown out;
    bool above = false;
    return ready->mesh >= 0 && hd_native_even_mesh(ready, s, objective, limit, &out, &above) && above;
}

static void ask(hd_random *r, const hd_problem *p, const hd_scheme *s, void *user)
{
    tally *t = user;
    hd_pricer pricer;
    hd_breakdown price, below;
    hd_pricer_init(&pricer, &hd_model_native, p);
    hd_pricer_price(&pricer, s, &price);
    assert_floors(&pricer, s, &price);
    for (int o = 0; o < HD_OBJECTIVES; o++) {
        static const double parts[] = {0, 0.5, 0.9, 1, 1.1};
        double cost = hd_price_objective(&price, (hd_objective)o);
        double limit = cost * parts[hd_random_below(r, sizeof parts / sizeof *parts)];
        if (!hd_pricer_price_below(&pricer, s, (hd_objective)o, limit, &below)) {
            assert_true(cost > limit);
            t->early++;
            t->hopless += ends_before_hops(&pricer.ready, s, (hd_objective)o, limit);
            continue;
        }
        assert_same_counts(&price, &below, s->levels);
        assert_true(below.energy_pj == price.energy_pj && below.edp == price.edp);
        t->full += cost <= limit;
    }
}

static void ask_schemes(hd_random *r, const hd_problem *p, void *user)
{
    draw_schemes(r, p, false, DRAWS, ask, user);
    draw_schemes(r, p, true, DRAWS, ask, user);
}

/* Some chips have a mesh whose nodes share tiles: only where nobody does can a price end early. */
static void alter(hd_random *r, hd_arch *chip, hd_operator *op)
{
    hd_level *l = &chip->level[1];
    (void)op;
    if (hd_random_below(r, 3)) return;
    l->fan[HD_X] = l->fan[HD_Y] = 3;
    l->mesh = (hd_mesh){.ports = 1, .hop_pj = 1, .share = true};
    for (int k = 2; k < chip->levels; k++) chip->level[k].fan[HD_X] = chip->level[k].fan[HD_Y] = 1;
    l->bounded = true;
    l->capacity = 60;
}

static void early_ends_are_above(void **state)
{
    tally t = {0, 0, 0};
    (void)state;
    draw_problems(12, 12, alter, ask_schemes, &t);
    assert_true(t.early > 500 && t.full > 500 && t.hopless > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(early_ends_are_above)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
