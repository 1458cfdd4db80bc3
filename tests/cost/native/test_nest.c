/* The nest of a scheme, its pieces and the sums over them, against the mixed radix and every index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"

/* Loops in time: outermost level first, within a level the listed order is innermost first.  A step as large as the box
 * outside makes no loop. */
static int time_of(const hd_scheme *s, int level, int update)
{
    int time = 0;
    for (int l = 1; l <= level; l++)
        for (int i = l < level ? 0 : update + 1; i < s->level[l].updates; i++)
            time += s->level[l].update[i].step < s->level[l - 1].tensor[s->level[l].update[i].dim];
    return time;
}

static void assert_digits(const drawn *w, int dim)
{
    const nest_dim *nd = &w->n.dim[dim];
    hd_radix radix;
    unsigned stacks = 0;
    int latest = -1;
    bool in_order = true;
    assert_true(hd_radix_build(&w->problem, &w->scheme, dim, &radix, NULL));
    assert_int_equal(nd->digits, radix.digits);
    for (int i = 0; i < radix.digits; i++) {
        const hd_digit *want = &radix.digit[i];
        const nest_digit *g = &nd->digit[i];
        assert_true(g->shift == want->shift && g->count == want->count && g->level == want->level);
        if (want->stack >= 0) {
            assert_int_equal(g->time, -1);
            assert_int_equal(g->stack, NEST_STACK(g->level, w->scheme.level[g->level].stack[want->stack].axis));
            stacks |= g->stack;
            assert_true(w->n.split[g->level] >> dim & 1u);
            continue;
        }
        assert_int_equal(g->stack, 0);
        assert_int_equal(g->time, time_of(&w->scheme, want->level, want->loop));
        assert_true(w->n.loop[g->time].dim == dim && w->n.loop[g->time].count == want->count);
        in_order &= g->time > latest;
        latest = g->time;
    }
    assert_int_equal(nd->stacks, stacks);
    assert_int_equal(nd->in_order, in_order);
    for (int l = 1; l <= w->n.mac; l++)
        assert_int_equal(w->n.split[l] >> dim & 1u, (stacks & (NEST_STACK(l + 1, 0) - 1)) != 0);
}

static void assert_stacks(const drawn *w)
{
    unsigned stacks = 0;
    for (int d = 0; d < w->op.dims; d++) stacks |= w->n.dim[d].stacks;
    assert_int_equal(w->n.stacks, stacks);
}

static bool all_divide(const nest_dim *nd, int64_t extent, int level)
{
    for (int i = 0; i < nd->digits && nd->digit[i].level <= level; extent = nd->digit[i++].shift)
        if (extent % nd->digit[i].shift) return false;
    return true;
}

/* Pieces at a level: all indices; and where the stacks of that level inside of all its loops stand at 0. */
static void assert_pieces(const drawn *w, int dim, int level)
{
    const nest_dim *nd = &w->n.dim[dim];
    int64_t index[HD_MAX_DIGITS] = {0}, extent = w->op.dim[dim].extent, pieces = 0, groups = 0, lo, hi;
    int digits = brute_digits_to(nd, level), inside = digits;
    unsigned trailing = 0, bits = 0;
    while (inside > 0 && nd->digit[inside - 1].level == level && nd->digit[inside - 1].time < 0)
        bits |= nd->digit[--inside].stack;
    for (int i = 0; i < inside; i++) bits &= ~nd->digit[i].stack; /* two on one axis share a bit */
    for (int i = inside; i < digits; i++) trailing |= nd->digit[i].stack & bits ? 1u << i : 0;
    do {
        bool first = true;
        if (!brute_piece(nd, digits, extent, index, &lo, &hi)) continue;
        for (int i = inside; i < digits; i++) first &= !(trailing >> i & 1u) || index[i] == 0;
        pieces++;
        groups += first;
    } while (brute_next(nd, (1u << digits) - 1, index));
    assert_int_equal(w->n.pieces[level][dim], pieces);
    unsigned here = nd->stacks & (NEST_STACK(level + 1, 0) - NEST_STACK(level, 0));
    if (here && bits == here) assert_int_equal(hd_nest_groups(nd, here), groups);
    assert_int_equal(nd->even_to >= level, all_divide(nd, extent, level));
}

static void nests_like_the_radix(void **state)
{
    hd_random r;
    drawn w;
    int ragged = 0, out_of_order = 0;
    (void)state;
    hd_random_seed(&r, 7, 0);
    for (int i = 0; i < 1000; i++) {
        draw_nest(&r, 1 + (int)hd_random_below(&r, 3), hd_random_below(&r, 2), &w);
        for (int d = 0; d < w.op.dims; d++) {
            assert_digits(&w, d);
            for (int l = 0; l <= w.n.mac; l++) assert_pieces(&w, d, l);
            ragged += w.n.dim[d].even_to < w.n.mac;
            out_of_order += !w.n.dim[d].in_order;
        }
        assert_stacks(&w);
    }
    assert_true(ragged > 300 && out_of_order > 100);
}

/* States, words and words that stay.  The view merges as brute_states does; a present dim counts every unit. */
static piece_sums brute_sums(const nest *n, int dim, const nest_view *view, int cut, bool absent)
{
    static brute_state state[DRAW_EXTENT];
    piece_sums sums = {0, 0, 0};
    nest_view v = *view;
    if (!absent) v.merge = 0;
    sums.states = brute_states(n, dim, &v, cut, -1, state);
    for (int i = 0; i < sums.states; i++) {
        const class_unit *u = &state[i].unit[0];
        sums.extents += u->hi - u->lo;
        if (u->lo == u->old_lo) sums.stay += u->hi - u->lo;
    }
    return sums;
}

/* A fixed stack's index, below its count: it may have no piece. */
static void fix_stacks(hd_random *r, const drawn *w, nest_view *v, int64_t (*at)[HD_MAX_DIGITS])
{
    v->fixed = 1 + (int)hd_random_below(r, v->event);
    for (int d = 0; d < w->op.dims; d++)
        for (int i = 0; i < w->n.dim[d].digits; i++)
            at[d][i] = w->n.dim[d].digit[i].time < 0 ? hd_random_below(r, w->n.dim[d].digit[i].count) : 0;
}

/* The old pieces start ahead of the new ones by no less than the last indices that loops have in every piece: those of the loops
 * from `cut` on.  Returns whether they say anything. */
static bool assert_lasts(const nest *n, const nest_view *view, int cut)
{
    static brute_state state[DRAW_EXTENT];
    nest_view v = *view;
    int64_t ahead = 0;
    v.merge = 0;
    v.fixed = -1;
    for (int j = cut; j < n->loops_to[v.event]; j++) {
        ahead += n->loop[j].last * n->loop[j].shift;
        assert_in_range(n->loop[j].last, 0, n->loop[j].count - 1);
    }
    int states = (int)brute_states(n, 0, &v, cut, -1, state);
    for (int i = 0; i < states; i++) assert_true(state[i].unit[0].old_lo - state[i].unit[0].lo >= ahead);
    return ahead > 0;
}

static void sums_like_all_pieces(void **state)
{
    hd_random r;
    drawn w;
    int firm = 0, ahead = 0;
    (void)state;
    hd_random_seed(&r, 8, 0);
    for (int i = 0; i < 1500; i++) {
        int64_t at[HD_MAX_DIMS][HD_MAX_DIGITS] = {{0}};
        draw_nest(&r, 1, hd_random_below(&r, 4) > 0, &w);
        nest_view v = {.event = 1 + (int)hd_random_below(&r, w.n.mac), .fixed = -1, .at = (const int64_t (*)[HD_MAX_DIGITS])at};
        v.box = v.event;
        v.merge = (unsigned)hd_random_next(&r);
        if (hd_random_below(&r, 3) == 0) fix_stacks(&r, &w, &v, at);
        for (int cut = 0; cut <= w.n.loops_to[v.event]; cut++) {
            piece_sums quick = hd_piece_sums(&w.n, 0, &v, cut, false), slow = brute_sums(&w.n, 0, &v, cut, false);
            assert_int_equal(quick.states, slow.states);
            assert_int_equal(quick.extents, slow.extents);
            assert_int_equal(quick.stay, slow.stay);
            bool turns = cut < w.n.loops_to[v.event] && w.n.loop[cut].count > 1;
            if (turns && w.n.loop[cut].last > 0) assert_int_equal(slow.stay, 0);
            firm += turns && w.n.loop[cut].last > 0;
            ahead += assert_lasts(&w.n, &v, cut);
            slow = brute_sums(&w.n, 0, &v, cut, true);
            assert_int_equal(hd_piece_sums(&w.n, 0, &v, cut, true).states, slow.states);
        }
    }
    assert_true(firm > 500 && ahead > 500);
}

/* Do the restarted loops among the first digits have index 0 alone?  The tile before is then the same. */
static bool tile_stays(const nest_dim *nd, int digits, int64_t extent, unsigned restarted, const int64_t *index)
{
    int64_t at[HD_MAX_DIGITS], lo, hi;
    memcpy(at, index, sizeof at);
    restarted &= (1u << digits) - 1;
    while (brute_next(nd, restarted, at))
        if (brute_piece(nd, digits, extent, at, &lo, &hi)) return false;
    return true;
}

/* Pieces at the box, which may lie further in than the loops that advance. */
static piece_sums brute_share(const nest *n, const nest_view *v, int cut)
{
    const nest_dim *nd = &n->dim[0];
    int64_t index[HD_MAX_DIGITS] = {0}, extent = n->p->op->dim[0].extent, lo, hi;
    int event = brute_digits_to(nd, v->event), box = brute_digits_to(nd, v->box), outer = brute_digits_to(nd, v->settle);
    unsigned restarted = 0, runs = 0;
    piece_sums sums = {0, 0, 0};
    for (int i = 0; i < box; i++) {
        const nest_digit *g = &nd->digit[i];
        if (g->time < 0 && g->level <= v->fixed)
            index[i] = v->at[0][i];
        else
            *(g->time >= cut && g->level <= v->event ? &restarted : &runs) |= 1u << i;
    }
    do {
        if (!brute_piece(nd, box, extent, index, &lo, &hi)) continue;
        sums.states++;
        sums.extents += hi - lo;
        if (tile_stays(nd, event, extent, restarted, index) && tile_stays(nd, outer, extent, restarted, index))
            sums.stay += hi - lo;
    } while (brute_next(nd, runs, index));
    return sums;
}

/* Boxes further in than the event, for a share of the units; or two tiles that both have to stay. */
static void sums_of_shares_and_of_two_tiles(void **state)
{
    hd_random r;
    drawn w;
    int fewer = 0;
    (void)state;
    hd_random_seed(&r, 11, 0);
    for (int i = 0; i < 6000; i++) {
        int64_t at[HD_MAX_DIMS][HD_MAX_DIGITS] = {{0}};
        nest_role role;
        draw_nest(&r, 1, hd_random_below(&r, 6) > 0, &w);
        hd_nest_role(&w.problem, HD_O, &role);
        nest_view v = {.event = 1 + (int)hd_random_below(&r, w.n.mac), .fixed = -1, .at = (const int64_t (*)[HD_MAX_DIGITS])at};
        v.box = v.event + (int)hd_random_below(&r, w.n.mac - v.event + 1);
        if (hd_random_below(&r, 2)) fix_stacks(&r, &w, &v, at);
        if (v.box == v.event) v.settle = (int)hd_random_below(&r, v.event);
        for (int cut = 0; cut <= w.n.loops_to[v.event]; cut++) {
            piece_sums quick = hd_piece_sums(&w.n, 0, &v, cut, false), slow = brute_share(&w.n, &v, cut);
            assert_int_equal(quick.states, slow.states);
            assert_int_equal(quick.extents, slow.extents);
            assert_int_equal(quick.stay, slow.stay);
            nest_view one = v;
            one.settle = 0;
            fewer += brute_share(&w.n, &one, cut).stay > slow.stay;
        }
        nest_view all = v;
        all.event = v.box;
        all.settle = 0;
        assert_int_equal(hd_share_words(&w.n, &role, &v), brute_share(&w.n, &all, HD_ALL_FREE).extents);
    }
    assert_true(fewer > 20);
}

/* Every second word of a strided tensor is touched. */
static void share_of_a_strided_rank(void **state)
{
    hd_random r;
    drawn w;
    nest_role role;
    (void)state;
    hd_random_seed(&r, 12, 0);
    draw_nest(&r, 1, true, &w);
    hd_rank *rank = &w.op.tensor[HD_O].rank[0];
    rank->term[0].coef = 2;
    rank->extent = 2 * w.op.dim[0].extent;
    hd_nest_role(&w.problem, HD_O, &role);
    nest_view v = {.event = 1, .box = 1, .fixed = -1};
    assert_int_equal(hd_share_words(&w.n, &role, &v), w.op.dim[0].extent);
}

/* Unit 0 of every stack works the most; an instance is used if it ever has a piece. */
static void steps_and_used_units(void **state)
{
    hd_random r;
    drawn w;
    (void)state;
    hd_random_seed(&r, 9, 0);
    for (int i = 0; i < 1000; i++) {
        int64_t steps = 1, want[HD_MAX_LEVELS], lo, hi;
        draw_nest(&r, 1 + (int)hd_random_below(&r, 2), hd_random_below(&r, 2), &w);
        for (int l = 0; l <= w.n.mac; l++) want[l] = 1;
        for (int d = 0; d < w.op.dims; d++) {
            const nest_dim *nd = &w.n.dim[d];
            int64_t index[HD_MAX_DIGITS] = {0}, mine = 0;
            unsigned loops = 0;
            for (int k = 0; k < nd->digits; k++) loops |= nd->digit[k].time >= 0 ? 1u << k : 0;
            do mine += brute_piece(nd, nd->digits, w.op.dim[d].extent, index, &lo, &hi);
            while (brute_next(nd, loops, index));
            steps *= mine;
            for (int l = 1; l <= w.n.mac; l++) {
                int64_t units = 0;
                int digits = brute_digits_to(nd, l);
                do units += brute_piece(nd, digits, w.op.dim[d].extent, index, &lo, &hi);
                while (brute_next(nd, ~loops & ((1u << digits) - 1), index));
                want[l] *= units;
            }
        }
        assert_int_equal(w.n.steps, steps);
        for (int l = 0; l <= w.n.mac; l++) assert_int_equal(w.n.used[l], want[l]);
    }
}

/* Each level lists the dim five times with the shift of its box, as a legal scheme may: one digit counts, the others have one
 * index only, and there is room (55 directives, HD_MAX_DIGITS is 32). */
static void directives_that_count_one(void **state)
{
    drawn w;
    (void)state;
    memset(&w, 0, sizeof w);
    w.op = (hd_operator){.dims = 1, .dim = {{"A", 1 << (HD_MAX_LEVELS - 1)}}};
    w.arch.levels = w.scheme.levels = HD_MAX_LEVELS;
    w.problem = (hd_problem){.op = &w.op, .arch = &w.arch};
    for (int l = 0; l < HD_MAX_LEVELS; l++) {
        hd_arch_default_level(&w.arch.level[l]);
        w.scheme.level[l].tensor[0] = 1 << (HD_MAX_LEVELS - 1 - l);
        for (int k = 0; l > 0 && k < 5; k++)
            w.scheme.level[l].update[w.scheme.level[l].updates++] = (hd_update){0, w.scheme.level[l].tensor[0]};
    }
    assert_true(hd_scheme_is_legal(&w.problem, &w.scheme, NULL));
    hd_native_ready(&w.ready, &w.problem);
    hd_nest_build(&w.n, &w.ready, &w.scheme);
    assert_int_equal(w.n.dim[0].digits, HD_MAX_LEVELS - 1);
    assert_int_equal(w.n.loops, 5 * (HD_MAX_LEVELS - 1));
    assert_digits(&w, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nests_like_the_radix), cmocka_unit_test(sums_like_all_pieces),
                                       cmocka_unit_test(sums_of_shares_and_of_two_tiles),
                                       cmocka_unit_test(share_of_a_strided_rank),
                                       cmocka_unit_test(steps_and_used_units), cmocka_unit_test(directives_that_count_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
