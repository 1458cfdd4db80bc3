/* What a rank is and touches, against every point of its dims. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "cost/native/nest.h"

enum { REACH = 100 };

typedef struct seen { int64_t points, real, touched; bool same; } seen;

/* Every point: is its coordinate inside, which are met, is each its own index? */
static seen look(const hd_operator *op, const hd_rank *r)
{
    seen s = {0, 0, 0, true};
    bool met[REACH] = {false};
    int64_t eb = r->terms > 1 ? op->dim[1].extent : 1;
    for (int64_t a = 0; a < op->dim[0].extent; a++)
        for (int64_t b = 0; b < eb; b++) {
            int64_t x = r->offset + r->term[0].coef * a + r->term[1].coef * b;
            bool inside = x >= 0 && x < r->extent;
            s.points++;
            s.real += inside;
            s.same &= inside && x == a;
            if (!inside || met[x]) continue;
            met[x] = true;
            s.touched++;
        }
    return s;
}

static void draw(hd_random *r, hd_operator *op, hd_rank *rank)
{
    *op = (hd_operator){.dims = 2};
    *rank = (hd_rank){.terms = 1 + (int)hd_random_below(r, 2), .extent = 1 + hd_random_below(r, 40)};
    for (int t = 0; t < rank->terms; t++) {
        op->dim[t].extent = 1 + hd_random_below(r, 10);
        rank->term[t].dim = t;
        rank->term[t].coef = 1 + (hd_random_below(r, 2) ? hd_random_below(r, 4) : 0);
    }
    rank->offset = hd_random_below(r, 2) ? 0 : hd_random_below(r, 9) - 6;
}

static void ranks_like_their_points(void **state)
{
    hd_random r;
    hd_operator op;
    hd_rank rank;
    int plain = 0, open = 0;
    (void)state;
    hd_random_seed(&r, 3, 0);
    for (int i = 0; i < 5000; i++) {
        draw(&r, &op, &rank);
        seen s = look(&op, &rank);
        assert_int_equal(hd_rank_real_points(&op, &rank), s.real);
        assert_int_equal(hd_rank_touched(&op, &rank), s.touched);
        assert_int_equal(hd_rank_is_open(&op, &rank), s.real == s.points);
        /* stays on the safe side where a stride or a window never acts because the extent is one */
        bool one = rank.terms > 1 || rank.term[0].coef > 1;
        assert_int_equal(hd_rank_is_plain(&op, &rank), s.same && !one);
        plain += s.same && !one;
        open += s.real == s.points;
    }
    assert_true(plain > 100 && open > 500);
}

/* Five windows of three at stride two, padded by one, of 9 words: coordinates -1..9, of 15 points -1 and 9 are padding. */
static void padded_window_by_hand(void **state)
{
    hd_operator op = {.dims = 2, .dim = {{.extent = 5}, {.extent = 3}}};
    hd_rank r = {.terms = 2, .term = {{0, 2}, {1, 1}}, .offset = -1, .extent = 9};
    (void)state;
    assert_int_equal(hd_rank_real_points(&op, &r), 13);
    assert_int_equal(hd_rank_touched(&op, &r), 9);
    r.term[1].coef = 4; /* -1 + 2a + 4b, odd words 1..15: 1 3 5 7 remain */
    assert_int_equal(hd_rank_touched(&op, &r), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_like_their_points), cmocka_unit_test(padded_window_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
