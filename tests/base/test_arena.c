/* Do arenas zero, align, rewind, keep their limit, and survive every failing allocation? */
#include "base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

typedef struct failing {
    int calls_left, live;
} failing;

static void *fail_later(void *user, void *p, size_t size) {
    failing *f = user;
    if (size == 0) {
        f->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (f->calls_left-- <= 0) return NULL;
    f->live += p == NULL;
    return realloc(p, size);
}

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    for (int round = 0; round < 2; round++) {
        hd_mark start = hd_arena_mark(arena);
        for (size_t size = 0; size < 3000; size += 37) {
            unsigned char *p = hd_arena_alloc(arena, size, 3);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t i = 0; i < 3 * size; i++) assert_int_equal(p[i], 0);
            p = hd_arena_room(arena, size, 3);
            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            memset(p, 0xff, 3 * size);
        }
        hd_arena_rewind(arena, start);
    }
    hd_arena_free(arena);
    hd_arena_free(NULL);
}

static void lists_grow_by_doubling(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    int *list = NULL, room = 0, copies = 0;
    for (int i = 0; i < 1000; i++) {
        int *grown = hd_arena_grow(arena, list, sizeof *list, i, &room, 3);
        assert_non_null(grown);
        copies += grown != list;
        list = grown;
        list[i] = i;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(list[i], i);
    assert_int_equal(room, 3 << 9);
    assert_int_equal(copies, 10);
    hd_arena_free(arena);
    arena = hd_arena_new(NULL, 4096);
    room = 0;
    list = hd_arena_grow(arena, NULL, sizeof *list, 0, &room, 64);
    assert_non_null(list);
    assert_null(hd_arena_grow(arena, list, 1 << 20, 64, &room, 64));
    assert_int_equal(room, 64);
    hd_arena_free(arena);
}

static void rewinding_gives_the_same_place(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    char *kept = hd_arena_text(arena, "kept");
    hd_mark mark = hd_arena_mark(arena);
    void *first = hd_arena_alloc(arena, 1, 100);
    size_t taken = hd_arena_taken(arena);
    assert_non_null(hd_arena_alloc(arena, 1000, 1000));
    assert_true(hd_arena_taken(arena) >= taken + 1000 * 1000);
    hd_arena_rewind(arena, mark);
    assert_int_equal(hd_arena_taken(arena), taken);
    assert_ptr_equal(hd_arena_alloc(arena, 1, 100), first);
    assert_string_equal(kept, "kept");
    hd_arena_free(arena);
}

static void limit_holds(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 10000);
    hd_mark start = hd_arena_mark(arena);
    assert_null(hd_arena_alloc(arena, 1, 10001));
    for (int round = 0; round < 3; round++) {
        int pieces = 0;
        while (hd_arena_alloc(arena, 1, 96)) pieces++;
        assert_in_range(pieces, 80, 10000 / 96);
        hd_arena_rewind(arena, start);
    }
    assert_null(hd_arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(hd_arena_alloc(arena, SIZE_MAX, 1));
    hd_arena_free(arena);
}

static void texts_are_copied(void **state) {
    (void)state;
    hd_arena *arena = hd_arena_new(NULL, 0);
    assert_string_equal(hd_arena_text(arena, ""), "");
    assert_string_equal(hd_arena_textn(arena, "conv1_pad", 5), "conv1");
    assert_string_equal(hd_arena_format(arena, "%s/%d", "layer", 12), "layer/12");
    hd_arena_free(arena);
}

static void every_failure_is_survived(void **state) {
    (void)state;
    for (int allowed = 0; allowed < 12; allowed++) {
        failing f = {.calls_left = allowed};
        hd_allocator allocator = {.reallocate = fail_later, .user = &f};
        hd_arena *arena = hd_arena_new(&allocator, 0);
        assert_int_equal(arena != NULL, allowed > 0);
        for (int i = 0; arena && i < 20; i++) hd_arena_alloc(arena, 1, 5000);
        hd_arena_free(arena);
        assert_int_equal(f.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(lists_grow_by_doubling), cmocka_unit_test(rewinding_gives_the_same_place),
        cmocka_unit_test(limit_holds),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(every_failure_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
