/* Which rules make counts differ?  With every rule off the counts are the native machine's; a rule that is named changes the
 * count where it is named, one that explains the row alone is named alone, and no difference goes without a name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "cost/timeloop/timeloop.h"
#include "draw.h"

static const char LINKS[] = "link transfers";

static int64_t of(const hd_access *a, int kind)
{
    return kind == HD_COUNT_READS ? a->reads : kind == HD_COUNT_FILLS ? a->fills : a->updates;
}

static bool slides(const hd_tensor *t)
{
    for (int r = 0; r < t->ranks; r++)
        if (t->rank[r].terms > 1) return true;
    return false;
}

/* Tensors without borders, steps no longer than windows. */
static bool is_plain(hd_operator *op)
{
    for (int t = 0; t < HD_ROLES; t++)
        for (int r = 0; op->tensor[t].used && r < op->tensor[t].ranks; r++) {
            hd_rank *k = &op->tensor[t].rank[r];
            int64_t reach = 1;
            for (int i = 0; i < k->terms; i++) reach += k->term[i].coef * (op->dim[k->term[i].dim].extent - 1);
            if (k->terms == 1 && k->term[0].coef > 1) return false;
            for (int i = 0; i < k->terms && k->terms == 2; i++)
                if (k->term[i].coef > 1 + k->term[1 - i].coef * (op->dim[k->term[1 - i].dim].extent - 1)) return false;
            k->offset = 0;
            k->extent = reach;
        }
    return true;
}

static void without_rules_it_is_the_native_machine(void **state)
{
    (void)state;
    int wrong = 0, compared = 0;
    for (int i = 0; i < 1600; i++) {
        hd_random random;
        draw_case c;
        tl_price t;
        hd_breakdown native;
        hd_random_seed(&random, 17, (uint64_t)i);
        draw_any(&random, &(draw_wish){.bypass = i % 2, .flags = i % 4 > 1, .slide = i % 3 > 0, .loops = 10, .stacks = 5}, &c);
        if (!is_plain(&c.op) || slides(&c.op.tensor[HD_O])) continue;
        hd_model_native.price(&c.problem, &c.scheme, &native);
        for (int r = 0; r < HD_ROLES; r++) {
            if (!c.op.tensor[r].used) continue;
            hd_tl_count_without(&t, &c.problem, &c.scheme, (hd_role)r, ~0u);
            for (int l = t.role[r].home; l < c.arch.levels - 1; l++) {
                const double own[] = {t.role[r].reads[l], t.role[r].fills[l], t.role[r].updates[l]};
                for (int k = 0; k < 3 && t.role[r].kept[l]; k++) {
                    compared++;
                    if (llround(own[k]) == of(&native.access[l][r], k)) continue;
                    if (wrong++ < 10)
                        print_error("case %d: level %d %s count %d: native %lld, without rules %g\n", i, l,
                                    hd_role_name((hd_role)r), k, (long long)of(&native.access[l][r], k), own[k]);
                }
            }
        }
    }
    print_message("%d counts compared, %d differ\n", compared, wrong);
    assert_int_equal(wrong, 0);
    assert_true(compared > 10000);
}

typedef struct tally { int differ, unnamed, links, useless, crowded; } tally;

static void check_row(const draw_case *c, const hd_breakdown price[3], int l, int r, int k, tally *sum)
{
    char why[256];
    int64_t native = of(&price[0].access[l][r], k), with = of(&price[1].access[l][r], k);
    int64_t unlinked = of(&price[2].access[l][r], k);
    hd_model_timeloop.why(&c->problem, &c->scheme, l, (hd_role)r, (hd_count_kind)k, why);
    if (native == with) {
        assert_string_equal(why, "");
        return;
    }
    sum->differ++;
    sum->unnamed += why[0] == '\0';
    bool named = strstr(why, LINKS) != NULL;
    sum->links += named;
    sum->useless += named && with == unlinked;
    if (unlinked == native && (!named || strchr(why, ';'))) {
        sum->crowded++;
        print_error("links alone explain level %d %s count %d: '%s'\n", l, hd_role_name((hd_role)r), k, why);
    }
}

static void rules_that_matter_are_named(void **state)
{
    (void)state;
    tally sum = {0};
    for (int i = 0; i < 600; i++) {
        hd_random random;
        draw_case c;
        hd_breakdown price[3];
        hd_random_seed(&random, 23, (uint64_t)i);
        draw_any(&random, &(draw_wish){.imperfect = i % 3 == 0, .bypass = i % 2, .flags = i % 4 > 1, .slide = i % 5 > 0,
                                       .loops = 8, .stacks = 4}, &c);
        if (!hd_model_native.fits(&c.problem, &c.scheme, NULL)) continue;
        c.settings[0] = c.settings[1] = 1;
        c.settings[2] = 0;
        hd_model_native.price(&c.problem, &c.scheme, &price[0]);
        hd_model_timeloop.price(&c.problem, &c.scheme, &price[1]);
        c.settings[0] = 0;
        hd_model_timeloop.price(&c.problem, &c.scheme, &price[2]);
        c.settings[0] = 1;
        for (int l = 0; l < c.arch.levels - 1; l++)
            for (int r = 0; r < HD_ROLES; r++)
                for (int k = 0; k < 3; k++) check_row(&c, price, l, r, k, &sum);
    }
    print_message("%d rows differ, %d without a name; links named in %d, in %d of them without effect\n", sum.differ, sum.unnamed,
                  sum.links, sum.useless);
    assert_true(sum.differ > 1000 && sum.links > 50);
    assert_int_equal(sum.useless, 0);
    assert_int_equal(sum.crowded, 0);
    assert_int_equal(sum.unnamed, 0);
}

/* Every energy and number of cycles that differs has a cause, every one that does not has none. */
static void terms_have_causes(void **state)
{
    (void)state;
    int named = 0;
    for (int i = 0; i < 300; i++) {
        hd_random random;
        draw_case c;
        hd_breakdown native, price;
        char why[256];
        hd_random_seed(&random, 29, (uint64_t)i);
        draw_any(&random, &(draw_wish){.imperfect = i % 3 == 0, .bypass = i % 2, .flags = true, .slide = true,
                                       .loops = 8, .stacks = 4}, &c);
        if (!hd_model_native.fits(&c.problem, &c.scheme, NULL)) continue;
        hd_model_native.price(&c.problem, &c.scheme, &native);
        hd_model_timeloop.price(&c.problem, &c.scheme, &price);
        const struct { hd_price_term term; double a, b; } rows[] = {
            {HD_TERM_COMPUTES, (double)native.computes, (double)price.computes},
            {HD_TERM_WORK_CYCLES, (double)native.compute_cycles, (double)price.compute_cycles},
            {HD_TERM_LATENCY, (double)native.latency_cycles, (double)price.latency_cycles},
            {HD_TERM_ENERGY, native.energy_pj, price.energy_pj},
        };
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            hd_model_timeloop.why_term(&c.problem, &c.scheme, rows[k].term, 0, &native, why);
            bool differs = fabs(rows[k].a - rows[k].b) > 1e-9 * fabs(rows[k].a);
            if (differs != (why[0] != '\0')) fail_msg("case %d term %zu: %g and %g: '%s'", i, k, rows[k].a, rows[k].b, why);
            named += differs;
        }
    }
    assert_true(named > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_it_is_the_native_machine),
        cmocka_unit_test(rules_that_matter_are_named),
        cmocka_unit_test(terms_have_causes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
