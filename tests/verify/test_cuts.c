/* The mixed radix of a dimension as directives give it, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tiny.h"
#include "verify/cuts.h"

enum { N = 2 };

static void outermost_first_with_counts(void **state) {
    (void)state;
    tiny t;
    hd_cuts cuts;
    tiny_ragged(&t);
    assert_int_equal(hd_cuts_of(&t.problem, &t.scheme, N, &cuts, NULL), HD_OK);
    assert_int_equal(cuts.count, 2);
    assert_false(cuts.cut[0].space);
    assert_int_equal(cuts.cut[0].shift, 2);
    assert_int_equal(cuts.cut[0].count, 2);
    assert_true(cuts.cut[1].space);
    assert_int_equal(cuts.cut[1].count, 2);
}

static void refuses(tiny *t, const char *what) {
    hd_cuts cuts;
    hd_error err = {0};
    if (hd_cuts_of(&t->problem, &t->scheme, N, &cuts, &err) != HD_ERR_USAGE) fail_msg("accepted: %s", what);
    assert_true(err.message[0] != '\0');
}

static void refuses_what_does_not_chain(void **state) {
    (void)state;
    tiny t;
    tiny_ragged(&t);
    t.scheme.level[2].stack[0].copies = 3;
    refuses(&t, "copies that overlap");
    tiny_ragged(&t);
    t.scheme.level[2].stack[0].shift = 0;
    refuses(&t, "a shift of 0");
    tiny_ragged(&t);
    t.scheme.level[1].tensor[N] = 2;
    refuses(&t, "a box without a loop");
    tiny_ragged(&t);
    t.scheme.level[0].tensor[N] = 4;
    refuses(&t, "an outermost level beyond the operator");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outermost_first_with_counts),
        cmocka_unit_test(refuses_what_does_not_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
