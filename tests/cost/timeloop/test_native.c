/* Where do the native machine and Timeloop agree?  Perfect factors, windows of one, no link transfers: all counts, with any
 * bypass, homes, arrays and wires, but for two differences that are exact themselves: Timeloop never counts the read that
 * drains a finished or spilled tile of O; and when partial sums come back to instances that share them (a reduction
 * dim unrolled at or outside the level), the native machine reloads one of them, Timeloop all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "draw.h"

typedef struct pair { hd_breakdown native, timeloop, unelided; } pair;
static int wrong, compared, shared;

static void equal(int number, const char *what, int level, int role, int64_t native, int64_t timeloop)
{
    compared++;
    if (native == timeloop || wrong++ >= 20) return;
    print_error("case %d: %s of %s at level %d: native %lld, timeloop %lld\n", number, what, hd_role_name((hd_role)role), level,
                (long long)native, (long long)timeloop);
}

static void price_both(draw_case *c, pair *out)
{
    hd_refusal why;
    if (!hd_model_native.fits(&c->problem, &c->scheme, &why)) fail_msg("%s", why.why);
    c->settings[0] = 0;
    c->settings[1] = 0;
    hd_model_timeloop.price(&c->problem, &c->scheme, &out->unelided);
    c->settings[1] = 1;
    hd_model_timeloop.price(&c->problem, &c->scheme, &out->timeloop);
    hd_model_native.price(&c->problem, &c->scheme, &out->native);
}

/* Is a reduction dim unrolled between the home of O and the level? */
static bool is_shared(const draw_case *c, int level)
{
    for (int l = c->problem.home[HD_O] + 1; l <= level; l++)
        for (int i = 0; i < c->scheme.level[l].stacks; i++)
            if (!(hd_tensor_dims(&c->op, HD_O) >> c->scheme.level[l].stack[i].dim & 1u)) return true;
    return false;
}

static void compare(const draw_case *c, int number, const pair *p)
{
    for (int l = 0; l < c->arch.levels - 1; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            hd_access n = p->native.access[l][r], t = p->timeloop.access[l][r];
            if (!c->op.tensor[r].used) continue;
            equal(number, "updates", l, r, n.updates, t.updates);
            if (r == HD_O && l != c->problem.home[r]) {
                n.reads -= p->unelided.access[l][r].fills; /* words that leave: as many as ever arrived, first ones too */
                if (is_shared(c, l) && t.fills > 0) {
                    shared++;
                    continue;
                }
            }
            equal(number, "reads", l, r, n.reads, t.reads);
            equal(number, "fills", l, r, n.fills, t.fills);
        }
}

static void counts_agree(void **state)
{
    (void)state;
    for (int i = 0; i < 4000; i++) {
        hd_random random;
        draw_case c;
        pair p;
        hd_random_seed(&random, 3, (uint64_t)i);
        draw_any(&random, &(draw_wish){.bypass = i % 2, .flags = i % 4 > 1, .loops = 10, .stacks = 5}, &c);
        for (int l = 0; l < c.arch.levels; l++) c.arch.level[l].timeloop.no_reuse = 0; /* the native machine has no such thing */
        price_both(&c, &p);
        compare(&c, i, &p);
    }
    print_message("%d counts compared, %d tiles of shared partial sums came back\n", compared, shared);
    assert_int_equal(wrong, 0);
    assert_true(shared > 0 && compared > 20 * shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
