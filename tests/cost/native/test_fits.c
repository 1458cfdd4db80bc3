/* Schemes at the edge of what has a closed form: refused by name beyond it, priced like the replay up to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cost/native/native.h"
#include "draw.h"
#include "verify/replay.h"

/* O[A] += I[A] on `copies` units that hold one point each, a loop around them; ranks may be bent afterwards. */
static void stacked(drawn *w, int64_t copies, int64_t extent)
{
    memset(w, 0, sizeof *w);
    w->arch.levels = w->scheme.levels = 3;
    w->arch.vector_at = 2;
    for (int l = 0; l < 3; l++) {
        hd_arch_default_level(&w->arch.level[l]);
        snprintf(w->arch.level[l].name, sizeof w->arch.level[l].name, "L%d", l);
        w->scheme.level[l].tensor[0] = l == 0 ? extent : 1;
        w->scheme.level[l].keep = l < 2 ? HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O) : 0;
    }
    w->arch.level[1].fan[HD_X] = copies;
    w->scheme.level[1].stack[0] = (hd_stack){0, HD_X, 1, copies};
    w->scheme.level[1].update[0] = (hd_update){0, copies};
    w->scheme.level[1].stacks = w->scheme.level[1].updates = 1;
    w->op = (hd_operator){.kind = HD_CONV, .dims = 1, .dim = {{"A", extent}}};
    for (int r = HD_I; r <= HD_O; r++)
        w->op.tensor[r] = (hd_tensor){.used = true, .bits = 16, .ranks = 1, .rank = {{1, {{0, 1}}, 0, extent}}};
    w->problem = (hd_problem){.op = &w->op, .arch = &w->arch};
}

static bool fits_ready(const drawn *w)
{
    native_ready ready;
    hd_native_ready(&ready, &w->problem);
    return hd_native_fits_ready(&ready, &w->scheme);
}

static void assert_refused(const drawn *w, hd_role role, const char *why)
{
    hd_refusal refusal;
    assert_true(hd_scheme_is_legal(&w->problem, &w->scheme, &refusal));
    assert_false(hd_model_native.fits(&w->problem, &w->scheme, &refusal));
    assert_false(fits_ready(w));
    assert_int_equal(refusal.kind, HD_REFUSE_MODEL);
    assert_int_equal(refusal.role, role);
    assert_non_null(strstr(refusal.why, why));
}

static void assert_like_the_replay(const drawn *w)
{
    static hd_replay replay;
    hd_breakdown price;
    hd_error err = {0};
    assert_true(hd_model_native.fits(&w->problem, &w->scheme, NULL) && fits_ready(w));
    hd_model_native.price(&w->problem, &w->scheme, &price);
    assert_int_equal(hd_replay_scheme(&w->problem, &w->scheme, 10000, &replay, &err), HD_OK);
    for (int l = 0; l < 3; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            assert_int_equal(price.access[l][r].reads, replay.access[l][r].reads);
            assert_int_equal(price.access[l][r].fills, replay.access[l][r].fills);
            assert_int_equal(price.access[l][r].updates, replay.access[l][r].updates);
        }
}

/* One dim alone can stride and be padded, too. */
static void outputs_of_one_dim_that_stride_or_are_clipped(void **state)
{
    drawn w;
    (void)state;
    stacked(&w, 4, 10);
    assert_like_the_replay(&w);
    hd_rank *rank = &w.op.tensor[HD_O].rank[0];
    rank->extent = 9; /* the last result is none */
    assert_refused(&w, HD_O, "stacks on the dims of a sliding output only where its units move as one");
    w.scheme.level[1].stacks = 0;
    w.scheme.level[1].update[0].step = 1;
    assert_like_the_replay(&w);
    rank->extent = 19;
    rank->term[0].coef = 2; /* a held tile of two points would have a gap */
    assert_refused(&w, HD_O, "gapless");
    w.scheme.level[1].keep = HD_ROLE_BIT(HD_I);
    assert_like_the_replay(&w);
}

/* O[A + B] += I[A], B looped over inside of A or outside of it: units along A hold one word of O each, B moves all of them. */
static void sliding(drawn *w, int64_t extent, int64_t window, bool inside)
{
    stacked(w, 4, extent);
    hd_scheme_level *l = &w->scheme.level[1];
    w->op.dims = 2;
    w->op.dim[1] = (hd_dim){"B", window};
    w->scheme.level[0].tensor[1] = window;
    l->tensor[1] = w->scheme.level[2].tensor[1] = 1;
    l->update[1] = l->update[0];
    l->update[inside ? 0 : 1] = (hd_update){1, 1};
    l->updates = 2;
    w->arch.level[1].reduce[HD_X] = true;
    w->op.tensor[HD_O].rank[0] = (hd_rank){2, {{0, 1}, {1, 1}}, 0, extent + window - 1};
}

static void units_along_a_sliding_output(void **state)
{
    drawn w;
    (void)state;
    for (int inside = 0; inside < 2; inside++) {
        sliding(&w, 12, 3, inside);
        assert_like_the_replay(&w);
        w.arch.level[1].reduce[HD_X] = false;
        assert_like_the_replay(&w);
        w.arch.level[1].shared_bw = 1; /* who of those that add to a word loads it? */
        assert_refused(&w, HD_O, "move as one");
        sliding(&w, 10, 3, inside); /* two units are idle in the last round, and hold a word that others take */
        assert_refused(&w, HD_O, "move as one");
        sliding(&w, 12, 3, inside);
        w.op.tensor[HD_O].rank[0].extent--;
        assert_refused(&w, HD_O, "move as one");
        sliding(&w, 12, 3, inside);
        w.scheme.level[1].tensor[1] = 3; /* neighbours hold words in common, and change some of them */
        w.scheme.level[1].update[inside ? 0 : 1] = w.scheme.level[1].update[inside ? 1 : 0];
        w.scheme.level[1].updates = 1;
        w.scheme.level[2].update[0] = (hd_update){1, 1};
        w.scheme.level[2].updates = 1;
        assert_refused(&w, HD_O, "move as one");
    }
}

static void units_along_a_padded_dim(void **state)
{
    drawn w;
    (void)state;
    for (int64_t copies = HD_NATIVE_MAX_UNITS; copies <= HD_NATIVE_MAX_UNITS + 1; copies++) {
        stacked(&w, copies, 2 * copies - 3);
        w.op.tensor[HD_I].rank[0].offset = -2;
        w.arch.level[1].multicast[HD_X] = HD_ROLE_BIT(HD_I);
        if (copies > HD_NATIVE_MAX_UNITS)
            assert_refused(&w, HD_I, "at most 1024 copies");
        else
            assert_like_the_replay(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(outputs_of_one_dim_that_stride_or_are_clipped),
                                       cmocka_unit_test(units_along_a_sliding_output),
                                       cmocka_unit_test(units_along_a_padded_dim)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
