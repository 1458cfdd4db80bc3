/* Sums over sliding ranks, quick (window.c) and state by state (slide.c), against every state laid out word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cost/native/window.h"
#include "draw.h"

enum { REACH = 2 * 3 * DRAW_EXTENT };

/* Words that a unit of both dims reaches now or before: marks 1 where it does, 2 where it did not before. */
static void mark(const hd_rank *r, const class_unit *a, const class_unit *b, unsigned *word)
{
    int64_t ca = r->term[0].coef, cb = r->terms > 1 ? r->term[1].coef : 0;
    int64_t lo = r->offset + ca * a->lo + cb * b->lo, hi = r->offset + ca * (a->hi - 1) + cb * (b->hi - 1) + 1;
    int64_t old_lo = r->offset + ca * a->old_lo + cb * b->old_lo;
    int64_t old_hi = r->offset + ca * (a->old_hi - 1) + cb * (b->old_hi - 1) + 1;
    for (int64_t x = 0; x < r->extent; x++)
        if (lo <= x && x < hi) word[x] |= old_lo <= x && x < old_hi ? 1u : 3u;
}

static rank_sums brute_sums(const nest *n, const hd_rank *r, const nest_view *v, int cut, int own)
{
    static brute_state a[DRAW_EXTENT], b[DRAW_EXTENT];
    rank_sums sums = {0, 0};
    bool two = r->terms > 1;
    int own_dim = own >= 0 ? n->loop[own].dim : -1;
    int as = brute_states(n, r->term[0].dim, v, cut, own_dim == r->term[0].dim ? own : -1, a);
    int bs = two ? brute_states(n, r->term[1].dim, v, cut, own_dim == r->term[1].dim ? own : -1, b) : 1;
    if (!two) b[0] = (brute_state){1, {{0, 1, 0, 1}}};
    for (int i = 0; i < as; i++)
        for (int k = 0; k < bs; k++) {
            unsigned word[REACH] = {0};
            for (int x = 0; x < a[i].units; x++)
                for (int y = 0; y < b[k].units; y++) mark(r, &a[i].unit[x], &b[k].unit[y], word);
            for (int64_t x = 0; x < r->extent; x++) sums.covered += word[x] > 0, sums.stale += word[x] == 1;
        }
    return sums;
}

static void assert_slide(const nest *n, const hd_rank *r, const nest_view *v, int cut, int own)
{
    rank_sums quick = hd_slide_sums(n, r, v, cut, own), slow = brute_sums(n, r, v, cut, own);
    assert_int_equal(quick.covered, slow.covered);
    if (cut < HD_ALL_FREE) assert_int_equal(quick.stale, slow.stale);
}

/* A rank of the first `terms` dims; `reach`: all that it touches. */
static hd_rank draw_rank(hd_random *r, const drawn *w, bool padded)
{
    hd_rank rank = {.terms = w->op.dims, .extent = 1};
    for (int t = 0; t < rank.terms; t++) {
        rank.term[t].dim = t;
        rank.term[t].coef = hd_random_below(r, 2) ? 1 : 1 + hd_random_below(r, 3);
        rank.extent += rank.term[t].coef * (w->op.dim[t].extent - 1);
    }
    if (!padded) return rank;
    rank.offset = -hd_random_below(r, 4);
    rank.extent += rank.offset + hd_random_below(r, 4) - 3;
    if (rank.extent < 1) rank.extent = 1;
    return rank;
}

/* A role of that rank alone, as if it were not plain. */
static nest_role role_of(const nest *n, const hd_rank *r)
{
    bool open = hd_rank_is_open(n->p->op, r), two = r->terms > 1;
    nest_role role = {.role = HD_I, .open = open, .ranks = 1, .generals = 1};
    role.of[0].rank = r;
    role.of[0].dim = -1;
    role.of[0].open = open;
    role.reach[0] = (nest_reach){{r->term[0].dim, r->term[two].dim}, {r->term[0].coef, two ? r->term[1].coef : 0}, r->extent};
    return role;
}

static int64_t words_covered(const nest *n, const nest_role *role, const nest_view *v)
{
    return v->merge ? hd_window_covered_together(n, role, 0, v) : hd_window_covered_apart(n, role, 0, v->event);
}

/* Cuts from the inside out, as hd_moved makes them: one way to count, and two, the first of which merges nothing.  Returns how
 * many advances a look at the loops settled. */
static int assert_window(const nest *n, const hd_rank *rank, const nest_view *v)
{
    nest_view both[] = {*v, *v};
    nest_role role = role_of(n, rank);
    window one, two;
    int parted = 0;
    both[0].merge = 0;
    for (int i = 0; i < 2; i++)
        assert_int_equal(words_covered(n, &role, &both[i]), brute_sums(n, rank, &both[i], HD_ALL_FREE, -1).covered);
    hd_window_begin(&one, n, &role, 0, v, 1);
    hd_window_begin(&two, n, &role, 0, both, 2);
    for (int j = n->loops_to[v->event] - 1; j >= 0; j--) {
        int64_t held[2];
        int t = n->loop[j].dim;
        if (n->loop[j].count == 1 || t >= rank->terms) continue;
        for (int i = 0; i < 2; i++) held[i] = brute_sums(n, rank, &both[i], j, j).stale;
        bool parts = hd_window_parts(&one, t, &n->loop[j]);
        parted += parts;
        assert_int_equal(parts ? 0 : hd_window_advance(&one, 0, t, j), held[1]);
        for (int i = 0; i < 2; i++) assert_int_equal(parts ? 0 : hd_window_advance(&two, i, t, j), held[i]);
        hd_window_restart(&one, t, j);
        hd_window_restart(&two, t, j);
        for (int i = 0; i < 2; i++) held[i] = brute_sums(n, rank, &both[i], j, -1).stale;
        assert_int_equal(hd_window_held(&one, 0, j), held[1]);
        for (int i = 0; i < 2; i++) assert_int_equal(hd_window_held(&two, i, j), held[i]);
    }
    assert_int_equal(hd_window_first(n, &role, 0, v), brute_sums(n, rank, v, 0, -1).covered);
    return parted;
}

static void draw_view(hd_random *r, const drawn *w, nest_view *v)
{
    *v = (nest_view){.event = 1 + (int)hd_random_below(r, w->n.mac), .fixed = -1};
    v->box = v->event;
    v->merge = hd_random_below(r, 3) ? w->n.stacks & (unsigned)hd_random_next(r) : 0;
    if (hd_random_below(r, 3) == 0) v->merge = w->n.stacks;
}

static void windows_like_all_states(void **state)
{
    hd_random r;
    drawn w;
    nest_view v;
    int parted[2] = {0, 0}; /* ragged, even */
    (void)state;
    hd_random_seed(&r, 5, 0);
    for (int i = 0; i < 1500; i++) {
        bool ragged = hd_random_below(&r, 3) > 0;
        draw_nest(&r, 1 + (int)hd_random_below(&r, 2), ragged, &w);
        draw_view(&r, &w, &v);
        hd_rank rank = draw_rank(&r, &w, false);
        parted[!ragged] += assert_window(&w.n, &rank, &v);
    }
    assert_true(parted[0] > 300 && parted[1] > 150);
}

static void padded_ranks_like_all_states(void **state)
{
    hd_random r;
    drawn w;
    nest_view v;
    int padded = 0;
    (void)state;
    hd_random_seed(&r, 6, 0);
    for (int i = 0; i < 800; i++) {
        draw_nest(&r, 1 + (int)hd_random_below(&r, 2), hd_random_below(&r, 2), &w);
        draw_view(&r, &w, &v);
        hd_rank rank = draw_rank(&r, &w, true);
        bool open = hd_rank_is_open(&w.op, &rank);
        padded += !open;
        if (!open) assert_window(&w.n, &rank, &v);
        assert_slide(&w.n, &rank, &v, HD_ALL_FREE, -1);
        for (int j = 0; j < w.n.loops_to[v.event]; j++) {
            assert_slide(&w.n, &rank, &v, j, -1);
            if (w.n.loop[j].count > 1) assert_slide(&w.n, &rank, &v, j, j);
        }
    }
    assert_true(padded > 300);
}

/* P = 8 in tiles of 2, R = 3 whole: boxes of 4 words at 0 2 4 6.  16 words in all states; each of 3 advances holds the last
 * two of the box before; where P restarts at 0 from 6, nothing stays.  The first box has 4 words. */
static void strips_by_hand(void **state)
{
    drawn w;
    window win;
    hd_rank rank = {.terms = 2, .term = {{0, 1}, {1, 1}}, .extent = 10};
    (void)state;
    memset(&w, 0, sizeof w);
    w.op = (hd_operator){.dims = 2, .dim = {{.extent = 8}, {.extent = 3}}};
    w.arch.levels = w.scheme.levels = 3;
    w.problem = (hd_problem){.op = &w.op, .arch = &w.arch};
    for (int l = 0; l < 3; l++)
        for (int d = 0; d < 2; d++) w.scheme.level[l].tensor[d] = l < 2 ? w.op.dim[d].extent : 1;
    w.scheme.level[1].tensor[0] = 2;
    w.scheme.level[1].update[0] = (hd_update){0, 2};
    w.scheme.level[1].updates = 1;
    hd_native_ready(&w.ready, &w.problem);
    hd_nest_build(&w.n, &w.ready, &w.scheme);
    nest_view v = {.event = 1, .box = 1, .fixed = -1};
    nest_role role = role_of(&w.n, &rank);
    assert_int_equal(words_covered(&w.n, &role, &v), 16);
    hd_window_begin(&win, &w.n, &role, 0, &v, 1);
    assert_int_equal(hd_window_advance(&win, 0, 0, 0), 6);
    hd_window_restart(&win, 0, 0);
    assert_int_equal(hd_window_held(&win, 0, 0), 0);
    assert_int_equal(hd_window_first(&w.n, &role, 0, &v), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(windows_like_all_states),
                                       cmocka_unit_test(padded_ranks_like_all_states),
                                       cmocka_unit_test(strips_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
