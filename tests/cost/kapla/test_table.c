/* KAPLA's schemes under KAPLA's model, one layer on the 16 x 16 mesh at batch 64: what its research code printed of the pair
 * of loop orders that it chose (reference kapla.md 2.7, 5.8, 5.9).  The input is split by channels over the four corners,
 * filters are fetched as inside a network.
 *
 * That code remembers hops by the set of what nodes need and the set of nodes, not by which node needs what
 * (kapla-measured.md, item 8): two rows show the input hops of an earlier pair of orders with the same parts nested
 * otherwise.  `remembered` names that pair.                                                                          */
#include <math.h>

#include "cost/kapla/golden.h"
#include "kapla_layers.h"

typedef struct orders { int gbuf[HD_KAPLA_LOOPS], regf[HD_KAPLA_LOOPS]; } orders;

typedef struct row {
    const char *name;
    hd_kapla_layer layer;
    orders chosen, remembered;
    bool chosen_by_price;           /* the cheapest of all pairs; else hops remembered elsewhere decided */
    double total, dram, gbuf, itcn, regf, hops, op; /* joules */
    int64_t proc, dram_cycles, bus;
} row;

#define SQUARE(type, c, k, in, out, filter, stride) {type, 64, c, k, in, in, out, out, filter, filter, stride, stride, 1, 1}
#define NONE {{-1, 0, 0}, {0, 0, 0}}

static const row rows[] = {
    {"alex conv1_a", SQUARE(HD_KAPLA_CONV, 3, 48, 227, 55, 11, 4), {{1, 2, 0}, {0, 1, 2}}, NONE, true,
     2.3016787e-2, 7.85578e-3, 3.1902e-3, 3.52635e-3, 1.41014e-3, 3.29344e-3, 3.74086e-3, 348480, 781884, 490320},
    {"alex conv2_a", SQUARE(HD_KAPLA_CONV, 48, 128, 31, 27, 5, 1), {{1, 0, 2}, {1, 2, 0}}, {{1, 0, 2}, {0, 1, 2}}, true,
     2.1671308e-2, 3.77543e-3, 2.05246e-3, 4.35473e-3, 2.79698e-3, 1.27182e-3, 7.41989e-3, 829440, 375768, 261888},
    {"alex conv3_a", SQUARE(HD_KAPLA_CONV, 256, 192, 15, 13, 3, 1), {{1, 0, 2}, {1, 2, 0}}, {{1, 0, 2}, {1, 0, 2}}, true,
     1.621887e-2, 2.65687e-3, 1.61014e-3, 3.90062e-3, 1.93924e-3, 9.67542e-4, 5.14446e-3, 479232, 264438, 138240},
    {"alex fc2", SQUARE(HD_KAPLA_CONV, 4096, 4096, 1, 1, 1, 1), {{0, 1, 2}, {0, 1, 2}}, NONE, true,
     1.1138203e-2, 6.95331e-3, 1.90831e-4, 8.81758e-4, 4.04107e-4, 1.63618e-3, 1.07202e-3, 65536, 692061, 16384},
    {"alex pool1_a", SQUARE(HD_KAPLA_LOCAL, 48, 48, 55, 27, 3, 2), {{0, 1, 2}, {0, 1, 2}}, NONE, true,
     6.7026376e-3, 4.87176e-3, 4.07756e-5, 4.42674e-5, 5.89988e-6, 1.71907e-3, 2.08684e-5, 1944, 484885, 4950},
    {"mobile dep_conv2", SQUARE(HD_KAPLA_DW, 64, 64, 113, 56, 3, 2), {{0, 1, 2}, {1, 2, 0}}, NONE, false,
     3.5724022e-2, 2.61821e-2, 2.28962e-4, 2.52243e-4, 4.35086e-5, 8.90176e-3, 1.15421e-4, 10752, 2605899, 27120},
    {"mobile point_conv2", SQUARE(HD_KAPLA_CONV, 64, 128, 56, 56, 1, 1), {{1, 0, 2}, {1, 2, 0}}, NONE, true,
     2.5547323e-2, 1.55001e-2, 1.16114e-3, 2.02731e-3, 6.18789e-4, 4.59847e-3, 1.64154e-3, 114688, 1542718, 100352},
    {"resnet eltwise", {HD_KAPLA_LOCAL, 64, 512, 256, 56, 56, 56, 56, 1, 1, 1, 1, 2, 2}, {{0, 1, 2}, {0, 1, 2}}, NONE, true,
     7.8864458e-2, 6.19476e-2, 5.79548e-4, 3.35877e-4, 2.90057e-5, 1.58698e-2, 1.02596e-4, 6272, 6165627, 50176},
    {"alex conv3_a back-act", SQUARE(HD_KAPLA_CONV_BACK, 192, 256, 11, 13, 3, 1), NONE, NONE, true,
     1.1377775e-2, 2.02805e-3, 1.06145e-3, 2.26572e-3, 1.40648e-3, 8.8493e-4, 3.73115e-3, 405504, 201851, 101376},
    {"alex conv3_a back-weight", SQUARE(HD_KAPLA_CONV_WEIGHT, 192, 256, 11, 13, 3, 1), NONE, NONE, true,
     1.0842975e-2, 2.02805e-3, 9.12018e-4, 1.88035e-3, 1.40648e-3, 8.8493e-4, 3.73115e-3, 405504, 201851, 101376},
};

static const hd_kapla_room room = {{{16, 16}, {8, 8}}, {0.99 * 16384, 0.99 * 32}, true};

static bool scheme_of(const hd_kapla_layer *layer, const orders *o, hd_kapla_scheme *out)
{
    int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS];
    hd_kapla_demand demand = {{0}, false, false};
    hd_kapla_template base;
    hd_kapla_fill fill;
    memcpy(order[HD_KAPLA_NODE], o->gbuf, sizeof o->gbuf);
    memcpy(order[HD_KAPLA_ELEMENT], o->regf, sizeof o->regf);
    assert_true(hd_kapla_row_stationary(layer, &room, &base));
    if (!hd_kapla_descend(&base, &room, &demand, (const int (*)[HD_KAPLA_LOOPS])order, false, &fill)) return false;
    hd_kapla_write(&fill, out);
    return true;
}

static void price(const hd_kapla_scheme *s, hd_kapla_cost *out)
{
    hd_kapla_chip chip = golden_cloud_chip();
    hd_kapla_layout source = hd_kapla_off_chip(&chip, &s->layer, true);
    hd_kapla_place place = hd_kapla_whole_mesh(&chip, &source);
    hd_kapla_evaluate(&chip, 0, s, &place, out);
}

/* The same price with the input hops of another pair of orders. */
static void misremember(const row *r, hd_kapla_cost *c)
{
    hd_kapla_scheme other;
    hd_kapla_cost first;
    assert_true(scheme_of(&r->layer, &r->remembered, &other));
    price(&other, &first);
    int64_t more = (first.unit_hops[HD_KAPLA_I] - c->unit_hops[HD_KAPLA_I]) * c->fetches[HD_KAPLA_I];
    assert_int_not_equal(more, 0); /* else there is nothing to remember */
    c->memory_hop_pj += 9.76 * (double)more;
    c->energy_pj += 9.76 * (double)more;
}

/* To the digits that were printed. */
static void check(const row *r, const char *what, double pj, double joules, double digits)
{
    if (fabs(pj * 1e-12 - joules) > joules * digits) fail_msg("%s, %s: %.9g J, printed %.9g", r->name, what, pj * 1e-12, joules);
}

static void check_row(const row *r, const hd_kapla_cost *c)
{
    check(r, "total", c->energy_pj, r->total, 5e-8);
    check(r, "DRAM", c->dram_pj, r->dram, 1e-5);
    check(r, "GBUF", c->gbuf_pj, r->gbuf, 1e-5);
    check(r, "ITCN", c->itcn_pj, r->itcn, 1e-5);
    check(r, "REGF", c->regf_pj, r->regf, 1e-5);
    check(r, "hops", c->memory_hop_pj + c->node_hop_pj, r->hops, 1e-5);
    check(r, "operations", c->op_pj, r->op, 1e-5);
    assert_int_equal(c->proc_cycles, r->proc);
    assert_int_equal(c->dram_cycles, r->dram_cycles);
    assert_int_equal(c->bus_cycles, r->bus);
}

/* The cheapest pair, first on ties. */
static orders cheapest(const hd_kapla_layer *layer)
{
    orders best = NONE;
    double least = INFINITY;
    for (int i = 0; i < 36; i++) {
        orders o;
        hd_kapla_scheme s;
        hd_kapla_cost c;
        memcpy(o.gbuf, hd_kapla_orders[i / 6], sizeof o.gbuf);
        memcpy(o.regf, hd_kapla_orders[i % 6], sizeof o.regf);
        if (!scheme_of(layer, &o, &s)) continue;
        price(&s, &c);
        if (c.energy_pj < least) least = c.energy_pj, best = o;
    }
    return best;
}

static void test_printed_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        orders best = cheapest(&r->layer), chosen = r->chosen.gbuf[0] < 0 ? best : r->chosen;
        hd_kapla_scheme s;
        hd_kapla_cost c;
        assert_true(scheme_of(&r->layer, &chosen, &s));
        if (r->chosen_by_price) assert_memory_equal(&best, &chosen, sizeof best);
        price(&s, &c);
        if (r->remembered.gbuf[0] >= 0) misremember(r, &c);
        check_row(r, &c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_printed_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
