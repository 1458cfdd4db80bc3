/* Do refusals say what does not fit where, and what was never searched? */
#include "report/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "workload/kinds.h"

typedef struct world { hd_operator op; hd_arch arch; hd_problem problem; char text[HD_REFUSAL_TEXT]; } world;

static void make(world *w)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(hd_kind_parse("matmul(M=4,N=2,K=3)", &w->op, &(hd_error){0}), HD_OK);
    w->problem = (hd_problem){.op = &w->op, .arch = &w->arch};
    w->arch.levels = 3;
    memcpy(w->arch.level[1].name, "GLB", 4);
}

static void shared_words_name_all_that_share_them(void **state)
{
    (void)state;
    world w;
    make(&w);
    hd_refusal why = {HD_REFUSE_CAPACITY, 1, HD_O, -1, 384, 64, "the tile is too large: A 64 + B 64 + Z 256"};
    hd_refusal_text(&w.problem, &why, w.text);
    assert_string_equal(w.text, "level GLB: A 64 + B 64 + Z 256, together 384 words, and it has 64 (320 missing)");
    memcpy(why.why, "no list", 8);
    hd_refusal_text(&w.problem, &why, w.text);
    assert_non_null(strstr(w.text, "role O the largest, needs 384 words"));
    w.arch.level[1].per_role = true;
    hd_refusal_text(&w.problem, &why, w.text);
    assert_string_equal(w.text, "level GLB, role O needs 384 words and has 64 (320 missing)");
}

static void a_share_that_is_too_small_is_no_lack_of_words(void **state)
{
    (void)state;
    world w;
    make(&w);
    const hd_refusal why = {HD_REFUSE_UTILIZATION, 1, -1, -1, 24, 64, "level GLB: the tiles fill 24 of its 64 words"};
    hd_refusal_text(&w.problem, &why, w.text);
    assert_string_equal(w.text, why.why);
}

static void what_was_not_searched_says_so(void **state)
{
    (void)state;
    static const struct { hd_outcome outcome; int64_t evaluations; const char *text; } rows[] = {
        {HD_OUTCOME_INFEASIBLE, 7, "nothing in the space is legal"},
        {HD_OUTCOME_EXHAUSTED, 0, "not searched: the time was out"},
        {HD_OUTCOME_EXHAUSTED, 3, "the budget ended before one was found"},
        {HD_OUTCOME_INTERRUPTED, 0, "not searched: interrupted"},
        {HD_OUTCOME_NONE, 0, "not searched"},
    };
    world w;
    make(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hd_incumbent best = {.outcome = rows[i].outcome, .evaluations = rows[i].evaluations};
        hd_missing_text(&w.problem, &best, w.text);
        assert_string_equal(w.text, rows[i].text);
    }
    hd_incumbent best = {.outcome = HD_OUTCOME_EXHAUSTED,
                         .nearest = {.kind = HD_REFUSE_MODEL, .level = -1, .why = "vector work"}};
    hd_missing_text(&w.problem, &best, w.text);
    assert_string_equal(w.text, "vector work");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_words_name_all_that_share_them),
        cmocka_unit_test(a_share_that_is_too_small_is_no_lack_of_words),
        cmocka_unit_test(what_was_not_searched_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
