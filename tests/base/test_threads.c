/* Does every index run exactly once, and is the reported failure the same for any number of threads? */
#include "base/threads.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

enum { COUNT = 500 };

typedef struct shared {
    int64_t slot[COUNT];
    int workers, fail_from, fail_step;
} shared;

static hd_status square(void *user, int64_t index, int worker, hd_error *err) {
    shared *s = user;
    if (worker < 0 || worker >= s->workers) return hd_fail(err, HD_ERR_INTERNAL, "worker %d", worker);
    s->slot[index] += index * index + 1;
    if (s->fail_step && index >= s->fail_from && (index - s->fail_from) % s->fail_step == 0)
        return hd_fail(err, HD_ERR_USAGE, "item %d", (int)index);
    return HD_OK;
}

static void every_index_runs_once(void **state) {
    (void)state;
    for (int threads = -1; threads < 9; threads++) {
        shared s = {.workers = threads > 1 ? threads : 1};
        assert_int_equal(hd_parallel_for(threads, COUNT, square, &s, NULL), HD_OK);
        for (int64_t i = 0; i < COUNT; i++) assert_int_equal(s.slot[i], i * i + 1);
    }
}

static void nothing_to_do(void **state) {
    (void)state;
    shared s = {.workers = 1};
    assert_int_equal(hd_parallel_for(4, 0, square, &s, NULL), HD_OK);
    assert_int_equal(s.slot[0], 0);
}

static void lowest_failure_is_told(void **state) {
    (void)state;
    for (int threads = 1; threads < 9; threads++) {
        shared s = {.workers = threads, .fail_from = 100, .fail_step = 3};
        hd_error err;
        assert_int_equal(hd_parallel_for(threads, COUNT, square, &s, &err), HD_ERR_USAGE);
        assert_string_equal(err.message, "item 100");
        for (int64_t i = 0; i <= 100; i++) assert_int_equal(s.slot[i], i * i + 1);
    }
}

static void processors_are_counted(void **state) {
    (void)state;
    assert_in_range(hd_threads_available(), 1, HD_MAX_THREADS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_runs_once),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(lowest_failure_is_told),
        cmocka_unit_test(processors_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
