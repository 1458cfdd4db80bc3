/* Do drafts stay in the space whatever is done to them, and decode to what they say? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cost/native/native.h"
#include "small.h"
#include "solve/walk.h"

static bool in_space(const hd_form *form, const hd_draft *draft)
{
    for (int d = 0; d < form->dims; d++)
        if (!hd_draft_chain_holds(form, draft, d)) return false;
    return hd_draft_fans_hold(form, draft);
}

/* After a move of one dim its live slots are found again without looking at the others. */
static void assert_live_renewed(const hd_form *form, const hd_draft *from, const hd_draft *to, int dim)
{
    hd_live renewed, all;
    hd_draft_find_live(form, from, &renewed);
    hd_draft_renew_live(form, to, dim, &renewed);
    hd_draft_find_live(form, to, &all);
    assert_memory_equal(renewed.slots, all.slots, (size_t)form->dims * sizeof *all.slots);
    assert_memory_equal(renewed.loops, all.loops, (size_t)form->levels * sizeof *all.loops);
    for (int d = 0; d < form->dims; d++)
        for (int k = 0; k < form->slots[d]; k++)
            assert_int_equal(all.slots[d] >> k & 1u, hd_draft_count(form, to, d, k) > 1);
}

/* A trial knows of its draft what can be found by looking at all of it. */
static void assert_known(const hd_form *form, const hd_trial *t)
{
    hd_trace all;
    hd_trace_dims(form, &t->draft, &all);
    assert_memory_equal(t->trace.live.slots, all.live.slots, (size_t)form->dims * sizeof *all.live.slots);
    assert_memory_equal(t->trace.live.loops, all.live.loops, (size_t)form->levels * sizeof *all.live.loops);
    assert_memory_equal(t->trace.spans, all.spans, (size_t)form->dims * sizeof *all.spans);
    assert_true(t->trace.sum == all.sum);
}

/* The parts of a scheme that are anybody's. */
static void assert_same_scheme(const hd_scheme *a, const hd_scheme *b)
{
    assert_true(hd_scheme_equal(a, b));
    for (int l = 0; l < a->levels; l++) assert_memory_equal(a->level[l].tensor, b->level[l].tensor, sizeof a->level[l].tensor);
}

/* Two dims of a draft whose fan-outs hold move and come back; what is patched is what is found anew. */
static void try_two_dims(const hd_walk *w, hd_random *r, hd_scheme *patched)
{
    const hd_form *form = w->form;
    hd_scheme scheme;
    hd_trial t;
    bool moved = true;
    hd_walk_begin(w, &t);
    for (int i = 0; i < 2 && moved; i++) {
        int d = (int)hd_random_below(r, form->dims), n = form->slots[d];
        if (n < 2) continue;
        int from = (int)hd_random_below(r, n), to = (from + 1 + (int)hd_random_below(r, n - 1)) % n;
        int64_t factor[HD_MAX_FACTORS], count = hd_draft_count(form, &t.draft, d, from);
        int factors = count == 1 ? 0 : hd_draft_factors(form, count, factor, HD_MAX_FACTORS);
        if (factors > 0) moved = hd_trial_transfer(form, &t, d, from, to, factor[hd_random_below(r, factors)]);
    }
    if (moved) {
        bool hold = hd_draft_fans_hold(form, &t.draft);
        assert_known(form, &t);
        assert_int_equal(hd_draft_fans_hold_beside(form, &w->at, &t.draft, t.moved, &t.trace.live), hold);
        assert_int_equal(hd_draft_decode_live(form, &t.draft, &t.trace.live, t.moved, patched), true);
        assert_true(hd_draft_decode(form, &t.draft, &scheme));
        assert_same_scheme(patched, &scheme);
    }
    for (int d = 0; d < form->dims; d++)
        if (t.moved >> d & 1u) hd_walk_return(w, &t, d);
    assert_known(form, &t);
    assert_memory_equal(t.draft.span, w->at.span, sizeof t.draft.span);
}

/* A small problem with the form of its free space, and a draft of it. */
typedef struct drawn {
    small_case c;
    hd_space space;
    hd_form form;
    hd_random random;
    hd_draft draft;
} drawn;

static void draw(uint64_t seed, uint64_t i, drawn *d)
{
    hd_error err = {0};
    small_problem(seed, i, &d->c);
    hd_random_seed(&d->random, seed, i);
    hd_space_init(&d->space, &d->c.problem, HD_SPACE_FREE, d->c.ragged, d->c.bypass);
    assert_int_equal(hd_form_init(&d->form, &d->space, &err), HD_OK);
    hd_draft_sample(&d->form, &d->random, &d->draft);
}

static void trials_know_what_they_are(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        drawn c;
        hd_scheme scheme;
        draw(24, i, &c);
        hd_walk w = {.form = &c.form, .at = c.draft};
        hd_trace_dims(&c.form, &w.at, &w.trace);
        for (int k = 0; k < 30; k++) {
            assert_true(hd_draft_decode(&c.form, &w.at, &scheme)); /* patched from where the walk stands */
            try_two_dims(&w, &c.random, &scheme);
        }
    }
}

static void small_counts_give_their_factors(void **state)
{
    hd_space space = {.ragged = false};
    hd_form form = {.space = &space};
    int64_t known[HD_MAX_FACTORS], found[HD_MAX_FACTORS];
    (void)state;
    for (int ragged = 0; ragged < 2; ragged++) {
        space.ragged = ragged;
        hd_form_note_factors(&form);
        for (int64_t count = 1; count < HD_SMALL + 5; count++) {
            int n = hd_draft_factors(&form, count, known, HD_MAX_FACTORS);
            assert_int_equal(n, hd_form_find_factors(&form, count, found, HD_MAX_FACTORS));
            for (int i = 0; i < n; i++) {
                assert_int_equal(known[i], found[i]);
                assert_true(known[i] > 1 && (count % known[i] == 0 || (ragged && known[i] < 4)));
            }
        }
    }
    assert_int_equal(hd_draft_factors(&form, 22, known, 4), 4);
    assert_memory_equal(known, ((int64_t[]){2, 3, 11, 22}), 4 * sizeof *known);
}

/* Moves of factors from a draft on, then shrinking as far as it goes. */
static void move_about(const hd_problem *problem, const hd_form *form, hd_random *r, hd_draft *draft)
{
    hd_scheme scheme;
    for (int k = 0; k < 30; k++) {
        hd_draft moved = *draft;
        int d = (int)hd_random_below(r, form->dims), n = form->slots[d];
        if (n == 0) continue;
        int from = (int)hd_random_below(r, n), to = (int)hd_random_below(r, n);
        if (!hd_draft_transfer(form, &moved, d, from, to, 2) || !hd_draft_fans_hold(form, &moved)) continue;
        assert_live_renewed(form, draft, &moved, d);
        assert_true(in_space(form, &moved));
        assert_true(hd_draft_decode(form, &moved, &scheme));
        assert_true(hd_scheme_is_legal(problem, &scheme, NULL));
        *draft = moved;
    }
    while (hd_draft_shrink(form, r, draft)) assert_true(in_space(form, draft));
}

static void moves_stay_in_the_space(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        drawn c;
        draw(21, i, &c);
        assert_true(in_space(&c.form, &c.draft));
        move_about(&c.c.problem, &c.form, &c.random, &c.draft);
    }
}

static void transposed_convolutions_have_schemes(void **state)
{
    small_case c;
    hd_incumbent found;
    hd_error err = {0};
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        small_problem(22, i, &c);
        c.bypass = true;
        assert_int_equal(hd_kind_parse("conv_transpose(N=1,K=4,C=4,P=4,Q=4,R=2,S=2,stride=2)", &c.op, &err), HD_OK);
        assert_int_equal(small_solve(&hd_solver_descend, &c, 1, 500, &found), HD_OK);
        assert_true(found.found);
        assert_true(hd_scheme_is_legal(&c.problem, &found.scheme, NULL));
    }
}

/* A window of three whose units may share results, on sides of two: no loop outside takes what the units cannot. */
static void windows_wider_than_the_array_have_legal_schemes(void **state)
{
    small_case c;
    hd_incumbent found;
    hd_error err = {0};
    int shared = 0, solved = 0;
    (void)state;
    for (uint64_t i = 0; i < 40; i++) {
        small_problem(23, i, &c);
        hd_level *array = &c.arch.level[c.arch.levels - 2];
        c.bypass = true;
        c.objective = HD_LATENCY;
        for (int axis = 0; axis < HD_AXES; axis++) {
            array->fan[axis] = 2;
            array->multicast[axis] = 0xf;
            array->reduce[axis] = true;
        }
        assert_int_equal(hd_arch_check(&c.arch, &err), HD_OK);
        assert_int_equal(hd_kind_parse("conv_transpose(N=2,P=1,R=3)", &c.op, &err), HD_OK);
        if (c.arch.levels > 2) shared += hd_native_shared_outputs(&c.problem, c.arch.levels - 2) != 0;
        for (int s = 0; s < 2; s++) {
            assert_int_equal(small_solve(s ? &hd_solver_exhaustive : &hd_solver_descend, &c, 1, 500, &found), HD_OK);
            if (found.found) assert_true(hd_scheme_is_legal(&c.problem, &found.scheme, NULL));
            solved += found.found;
        }
    }
    assert_true(shared > 0 && solved > 40);
}

static void reorder_moves_one_loop(void **state)
{
    hd_draft draft = {0};
    hd_constraints fixed = {.inner = {0, 1}, .inner_dim = {{0}, {3}}, .outer = {0, 1}, .outer_dim = {{0}, {1}}};
    hd_space space = {0};
    hd_form form = {.space = &space, .dims = 4, .levels = 2};
    (void)state;
    for (int d = 0; d < 4; d++) draft.order[1][d] = (unsigned char)d;
    hd_draft_reorder(&form, &draft, 1, 2, true);
    assert_memory_equal(draft.order[1], ((unsigned char[]){2, 0, 1, 3}), 4);
    hd_draft_reorder(&form, &draft, 1, 0, false);
    assert_memory_equal(draft.order[1], ((unsigned char[]){2, 1, 3, 0}), 4);
    space.constraints = &fixed; /* 3 innermost, 1 outermost: 0 and 2 are free between them */
    hd_draft_reorder(&form, &draft, 1, 0, true);
    assert_memory_equal(draft.order[1], ((unsigned char[]){3, 0, 2, 1}), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_stay_in_the_space),
        cmocka_unit_test(trials_know_what_they_are),
        cmocka_unit_test(small_counts_give_their_factors),
        cmocka_unit_test(transposed_convolutions_have_schemes),
        cmocka_unit_test(windows_wider_than_the_array_have_legal_schemes),
        cmocka_unit_test(reorder_moves_one_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
