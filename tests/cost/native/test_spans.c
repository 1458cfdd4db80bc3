/* Unions of intervals against a table of coordinates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "cost/native/spans.h"

enum { REACH = 40 };

static bool in(span s, int64_t x) { return s.lo <= x && x < s.hi; }

static span draw(hd_random *r)
{
    int64_t lo = hd_random_below(r, REACH) - REACH / 2;
    return (span){lo, lo + hd_random_below(r, 12)};
}

/* Adds units with rising or mixed starts, empty boxes too. */
static void unions_like_a_table(void **state)
{
    static span_set set;
    hd_random r;
    (void)state;
    hd_random_seed(&r, 2, 0);
    for (int i = 0; i < 3000; i++) {
        bool covered[2 * REACH] = {false}, needed[2 * REACH] = {false}, rising = hd_random_below(&r, 2);
        int64_t words[2] = {0, 0}, floor = -REACH;
        hd_spans_clear(&set);
        for (int64_t units = hd_random_below(&r, 8); units > 0; units--) {
            span now = draw(&r), old = draw(&r);
            if (rising && now.lo < floor) continue;
            floor = now.lo;
            if (hd_random_below(&r, 4) == 0) old = (span){now.lo + 1, now.hi};
            if (hd_random_below(&r, 4) == 0) old = (span){now.lo - 1, now.hi - 1};
            hd_spans_add(&set, now, old);
            for (int64_t x = -REACH; x < REACH; x++) {
                covered[x + REACH] |= in(now, x);
                needed[x + REACH] |= in(now, x) && !in(old, x);
            }
        }
        for (int x = 0; x < 2 * REACH; x++) words[0] += covered[x], words[1] += needed[x];
        assert_int_equal(hd_spans_covered(&set), words[0]);
        assert_int_equal(hd_spans_needed(&set), words[1]);
        assert_int_equal(hd_spans_covered(&set), words[0]); /* sorting has changed nothing */
    }
}

/* [0,4) was [1,3): words 0 and 3 are new.  [2,6) was [2,6): nothing is.  Together 0..5. */
static void two_units_by_hand(void **state)
{
    static span_set set;
    (void)state;
    hd_spans_clear(&set);
    hd_spans_add(&set, (span){2, 6}, (span){2, 6});
    hd_spans_add(&set, (span){0, 4}, (span){1, 3});
    assert_int_equal(hd_spans_covered(&set), 6);
    assert_int_equal(hd_spans_needed(&set), 2);
}

/* As many units as there is room for, each needing words on both sides of its old box. */
static void a_full_set(void **state)
{
    static span_set set;
    (void)state;
    hd_spans_clear(&set);
    for (int64_t i = HD_MAX_SPANS; i > 0; i--) hd_spans_add(&set, (span){4 * i, 4 * i + 3}, (span){4 * i + 1, 4 * i + 2});
    assert_int_equal(hd_spans_covered(&set), 3 * HD_MAX_SPANS);
    assert_int_equal(hd_spans_needed(&set), 2 * HD_MAX_SPANS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(unions_like_a_table), cmocka_unit_test(two_units_by_hand),
                                       cmocka_unit_test(a_full_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
