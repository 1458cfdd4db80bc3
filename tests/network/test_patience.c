/* Is a layer searched as long as it is worth in its network: it and its equals, against a mean one, within limits? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "network/patience.h"

enum { LAYERS = 6, COUNT = 4 };

/* Layers 1 and 3 are equal, 4 is fused into 3. */
typedef struct fixture {
    hd_network net;
    hd_layer layer[LAYERS];
    hd_plan_layer solved[LAYERS];
    hd_plan plan;
} fixture;

static void make(fixture *f, const double bound[LAYERS])
{
    *f = (fixture){.net = {.layers = LAYERS, .layer = f->layer},
                   .plan = {.network = &f->net, .layers = LAYERS, .layer = f->solved, .options = {.objective = HD_ENERGY}}};
    for (int i = 0; i < LAYERS; i++) {
        f->layer[i].repeats = 1;
        f->solved[i].same_as = i == 3 ? 1 : -1;
        f->solved[i].fused = i == 4;
        f->solved[i].best.lower_bound = bound[i];
    }
}

static void expect(const fixture *f, double a, double b, double c, double d)
{
    static const int first[COUNT] = {0, 1, 2, 5};
    const double want[COUNT] = {a, b, c, d};
    double got[COUNT];
    hd_find_patience(&f->plan, first, COUNT, got);
    for (int k = 0; k < COUNT; k++)
        if (fabs(got[k] - want[k]) > 1e-12) fail_msg("class %d: %g, not %g", k, got[k], want[k]);
}

static void shares_are_of_a_layer_and_its_equals(void **state)
{
    fixture f;
    (void)state;
    make(&f, (double[]){30, 20, 40, 20, 1000, 50}); /* of 160, 40 in the mean */
    expect(&f, 0.75, 1, 1, 1.25);
    f.layer[0].repeats = 2; /* of 190 */
    expect(&f, 60 / 47.5, 40 / 47.5, 40 / 47.5, 50 / 47.5);
}

static void small_and_large_ones_meet_limits(void **state)
{
    fixture f;
    (void)state;
    make(&f, (double[]){1, 1, 1, 1, 1, 96});
    expect(&f, 0.25, 0.25, 0.25, 2);
    make(&f, (double[]){INFINITY, 1, 2, 1, 1, 4}); /* the model does not serve the first */
    expect(&f, 0.25, 1, 1, 2);
    make(&f, (double[]){0, 0, 0, 0, 0, 0});
    expect(&f, 1, 1, 1, 1);
}

static void products_count_by_their_roots(void **state)
{
    fixture f;
    (void)state;
    make(&f, (double[]){900, 400, 1600, 400, 1, 2500});
    f.plan.options.objective = HD_EDP;
    expect(&f, 0.75, 1, 1, 1.25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares_are_of_a_layer_and_its_equals),
                                       cmocka_unit_test(small_and_large_ones_meet_limits),
                                       cmocka_unit_test(products_count_by_their_roots)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
