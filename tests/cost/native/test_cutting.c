/* Pieces as digits cut them: counts of each extent against a list of all pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "base/random.h"
#include "cost/native/cutting.h"

enum { EXTENT = 60 };

typedef struct list { int n; int64_t extent[EXTENT]; } list;

static list cut(const list *from, int64_t shift, bool first)
{
    list to = {.n = 0};
    for (int i = 0; i < from->n; i++)
        for (int64_t lo = 0; lo < from->extent[i] && !(first && lo > 0); lo += shift)
            to.extent[to.n++] = hd_count_min(shift, from->extent[i] - lo);
    return to;
}

static int64_t counted(const cutting *c, int64_t extent)
{
    int64_t pieces = c->extent == extent ? c->pieces : 0;
    for (int i = 0; i < c->shorts; i++)
        if (c->rest[i].extent == extent) pieces += c->rest[i].pieces;
    return pieces;
}

static void assert_same(const cutting *c, const list *pieces)
{
    int64_t words = 0, shortest = EXTENT, of[EXTENT + 1] = {0};
    for (int i = 0; i < pieces->n; i++) {
        words += pieces->extent[i];
        shortest = hd_count_min(shortest, pieces->extent[i]);
        of[pieces->extent[i]]++;
    }
    for (int64_t e = 1; e <= EXTENT; e++) assert_int_equal(counted(c, e), of[e]);
    assert_int_equal(hd_cutting_pieces(c), pieces->n);
    assert_int_equal(hd_cutting_words(c), words);
    assert_int_equal(hd_cutting_shortest(c), shortest);
}

static void cuts_like_a_list(void **state)
{
    hd_random r;
    (void)state;
    hd_random_seed(&r, 1, 0);
    for (int i = 0; i < 2000; i++) {
        list pieces = {1, {1 + hd_random_below(&r, EXTENT)}};
        cutting c;
        hd_cutting_start(&c, pieces.extent[0]);
        assert_same(&c, &pieces);
        while (c.extent > 1 && hd_random_below(&r, 6) > 0) {
            int64_t shift = 1 + hd_random_below(&r, c.extent);
            bool first = hd_random_below(&r, 3) == 0;
            if (first)
                hd_cutting_first(&c, shift);
            else
                hd_cutting_all(&c, shift);
            pieces = cut(&pieces, shift, first);
            assert_same(&c, &pieces);
        }
    }
}

/* 11 by 4: 4 4 3; each by 2: 2 2, 2 2, 2 1; index 0 of a digit of 1 in each: six pieces of 1. */
static void eleven_by_hand(void **state)
{
    cutting c;
    (void)state;
    hd_cutting_start(&c, 11);
    hd_cutting_all(&c, 4);
    assert_int_equal(c.pieces, 2);
    assert_int_equal(hd_cutting_shortest(&c), 3);
    hd_cutting_all(&c, 2);
    assert_int_equal(c.pieces, 5);
    assert_int_equal(hd_cutting_pieces(&c), 6);
    assert_int_equal(hd_cutting_words(&c), 11);
    hd_cutting_first(&c, 1);
    assert_int_equal(hd_cutting_pieces(&c), 6);
    assert_int_equal(hd_cutting_words(&c), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cuts_like_a_list), cmocka_unit_test(eleven_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
