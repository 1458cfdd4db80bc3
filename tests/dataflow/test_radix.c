/* Whether all digits of a dim divide what they cut is told without the radix; it has to be what the radix says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/random.h"
#include "dataflow/radix.h"
#include "workload/kinds.h"

enum { LEVELS = 4 };

static int64_t draw(hd_random *random, int64_t most) { return 1 + hd_random_below(random, most); }

/* A level's digits in any order: a stack on each axis and a loop, some of them missing, shifts that often divide. */
static void draw_level(hd_random *random, int64_t outer, hd_scheme_level *l)
{
    int64_t span = outer, parts = draw(random, 3);
    l->stacks = l->updates = 0;
    for (int64_t i = 0; i < parts; i++) {
        int64_t shift = hd_random_below(random, 4) == 0 ? draw(random, span) : span / draw(random, 4);
        if (shift < 1) shift = 1;
        int64_t copies = (span + shift - 1) / shift;
        if (copies == 1) continue;
        if (i == 1) l->update[l->updates++] = (hd_update){0, shift};
        else l->stack[l->stacks++] = (hd_stack){0, (int)i / 2, shift, copies};
        span = shift;
    }
    l->tensor[0] = span;
}

static bool divides(const hd_radix *radix, int64_t extent, int last)
{
    int64_t span = extent;
    for (int i = 0; i < radix->digits && radix->digit[i].level <= last; span = radix->digit[i++].shift)
        if (radix->digit[i].count * radix->digit[i].shift != span) return false;
    return true;
}

static void even_is_what_the_radix_says(void **state)
{
    hd_random random;
    hd_operator op;
    hd_arch chip = {.levels = LEVELS};
    int even[2] = {0};
    (void)state;
    hd_random_seed(&random, 11, 0);
    for (int n = 0; n < 20000; n++) {
        int64_t extent = draw(&random, 60);
        assert_int_equal(hd_kind_matmul(1, extent, 1, 1, false, &op, NULL), HD_OK);
        hd_problem p = {.op = &op, .arch = &chip};
        hd_scheme s = {.levels = LEVELS};
        hd_radix radix;
        int m = hd_operator_dim(&op, "M");
        s.level[0].tensor[m] = extent;
        for (int l = 1; l < LEVELS; l++) {
            hd_scheme_level drawn = {.keep = 0};
            draw_level(&random, s.level[l - 1].tensor[m], &drawn);
            s.level[l] = drawn;
            s.level[l].tensor[0] = 0;
            s.level[l].tensor[m] = drawn.tensor[0];
            for (int i = 0; i < drawn.stacks; i++) s.level[l].stack[i].dim = m;
            for (int i = 0; i < drawn.updates; i++) s.level[l].update[i].dim = m;
        }
        assert_true(hd_radix_build(&p, &s, m, &radix, NULL));
        for (int last = 1; last < LEVELS; last++) {
            bool found = hd_radix_is_even(&s, m, last);
            assert_int_equal(found, divides(&radix, extent, last));
            even[found]++;
        }
    }
    assert_true(even[0] > 1000 && even[1] > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(even_is_what_the_radix_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
