/* Does a budget stop a search when it should, and stay out once it is out? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <time.h>

#include "solve/solver.h"

static bool wish(void *user) { return *(bool *)user; }

static void evaluations_end_it(void **state)
{
    hd_budget b = {.evaluations = 3};
    (void)state;
    hd_budget_start(&b);
    assert_false(hd_budget_out(&b));
    b.used = 3;
    assert_true(hd_budget_out(&b));
    assert_false(b.interrupted);
}

static void nothing_given_never_ends(void **state)
{
    hd_budget b = {0};
    (void)state;
    hd_budget_start(&b);
    for (int i = 0; i < 1000; i++, b.used++) assert_false(hd_budget_out(&b));
}

static void seconds_end_it_for_good(void **state)
{
    hd_budget b = {.seconds = 1e-9};
    (void)state;
    hd_budget_start(&b);
    for (int i = 0; i < 200; i++) assert_true(hd_budget_out(&b));
    assert_true(hd_budget_elapsed(&b) >= 0);
}

static void a_wish_interrupts(void **state)
{
    bool stop = false;
    hd_budget b = {.cancel = wish, .user = &stop};
    (void)state;
    hd_budget_start(&b);
    assert_false(hd_budget_out(&b));
    stop = true;
    int polls = 0;
    while (!hd_budget_out(&b)) assert_true(++polls < 1000);
    assert_true(b.interrupted);
}

/* Polls that take long are each asked: a wish is heard at once, after a few of them at most where they were short before. */
static void slow_polls_are_heard_soon(void **state)
{
    bool stop = false;
    hd_budget b = {.cancel = wish, .user = &stop};
    const struct timespec pause = {0, 3000000};
    (void)state;
    hd_budget_start(&b);
    for (int i = 0; i < 100000; i++) assert_false(hd_budget_out(&b)); /* short ones: asked rarely */
    for (int i = 0; i < 70; i++) {
        nanosleep(&pause, NULL);
        assert_false(hd_budget_out(&b));
    }
    stop = true;
    int more = 0;
    while (!hd_budget_out(&b)) {
        nanosleep(&pause, NULL);
        more++;
    }
    assert_in_range(more, 0, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluations_end_it),
        cmocka_unit_test(nothing_given_never_ends),
        cmocka_unit_test(seconds_end_it_for_good),
        cmocka_unit_test(a_wish_interrupts),
        cmocka_unit_test(slow_polls_are_heard_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
