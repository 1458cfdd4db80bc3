/* Does memory come from the caller's allocator, and from malloc without one? */
#include "base/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

static void *counting(void *user, void *p, size_t size) {
    ++*(int *)user;
    if (size > 0) return realloc(p, size);
    free(p);
    return NULL;
}

static void caller_allocator_is_used(void **state) {
    (void)state;
    int calls = 0;
    hd_allocator allocator = {.reallocate = counting, .user = &calls};
    char *p = hd_reallocate(&allocator, NULL, 8);
    p = hd_reallocate(&allocator, p, 800);
    assert_non_null(p);
    assert_null(hd_reallocate(&allocator, p, 0));
    assert_int_equal(calls, 3);
}

static void malloc_is_the_standard(void **state) {
    (void)state;
    hd_allocator empty = {0};
    char *p = hd_reallocate(&empty, hd_reallocate(NULL, NULL, 8), 16);
    assert_non_null(p);
    assert_null(hd_reallocate(NULL, p, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caller_allocator_is_used),
        cmocka_unit_test(malloc_is_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
