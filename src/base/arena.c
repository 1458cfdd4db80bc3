/* How is memory given by phase?  Blocks in a list, newest first; a pointer moves through the newest.
 *
 * Blocks double from 4 KiB to 1 MiB, larger requests get a block of their own size.  `limit` counts whole
 * blocks with their headers, so that it bounds what is really taken; near the limit a block takes what is
 * left.  Rewinding frees the blocks that are newer than the mark.                                */
#include "base/arena.h"

#include <limits.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

typedef struct block {
    struct block *older;
    size_t capacity, used; /* bytes of `data` */
    alignas(max_align_t) unsigned char data[];
} block;

struct hd_arena {
    hd_allocator allocator; /* reallocate NULL = malloc */
    size_t limit, taken; /* bytes of all blocks; limit 0 = none */
    size_t next_capacity;
    block *newest;
};

static bool round_up(size_t bytes, size_t *out) {
    size_t step = alignof(max_align_t);
    if (bytes > SIZE_MAX - step - sizeof(block)) return false;
    *out = (bytes + step - 1) / step * step;
    return true;
}

/* A new block of at least `bytes`, as large as the growth rule and the limit let it be. */
static bool add_block(hd_arena *arena, size_t bytes) {
    size_t capacity = bytes > arena->next_capacity ? bytes : arena->next_capacity;
    if (arena->limit > 0) {
        size_t left = arena->limit - arena->taken;
        if (left < sizeof(block) || left - sizeof(block) < bytes) return false;
        if (capacity > left - sizeof(block)) capacity = left - sizeof(block);
    }
    block *b = hd_reallocate(&arena->allocator, NULL, sizeof *b + capacity);
    if (!b) return false;
    b->older = arena->newest;
    b->capacity = capacity;
    b->used = 0;
    arena->newest = b;
    arena->taken += sizeof *b + capacity;
    if (arena->next_capacity < LARGEST_BLOCK) arena->next_capacity *= 2;
    return true;
}

static void drop_newest(hd_arena *arena) {
    block *b = arena->newest;
    arena->newest = b->older;
    arena->taken -= sizeof *b + b->capacity;
    hd_reallocate(&arena->allocator, b, 0);
}

hd_arena *hd_arena_new(const hd_allocator *allocator, size_t limit) {
    hd_arena *arena = hd_reallocate(allocator, NULL, sizeof *arena);
    if (!arena) return NULL;
    memset(arena, 0, sizeof *arena);
    if (allocator) arena->allocator = *allocator;
    arena->limit = limit;
    arena->next_capacity = FIRST_BLOCK;
    return arena;
}

void hd_arena_free(hd_arena *arena) {
    if (!arena) return;
    while (arena->newest) drop_newest(arena);
    hd_allocator allocator = arena->allocator;
    hd_reallocate(&allocator, arena, 0);
}

void *hd_arena_room(hd_arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || !round_up(bytes > 0 ? bytes : 1, &bytes)) return NULL;
    block *b = arena->newest;
    if (!b || b->capacity - b->used < bytes) {
        if (!add_block(arena, bytes)) return NULL;
        b = arena->newest;
    }
    void *p = b->data + b->used;
    b->used += bytes;
    return p;
}

void *hd_arena_alloc(hd_arena *arena, size_t count, size_t size) {
    void *p = hd_arena_room(arena, count, size);
    return p ? memset(p, 0, count * size) : NULL;
}

void *hd_arena_grow(hd_arena *arena, void *items, size_t size, int used, int *room, int first) {
    if (used < *room) return items;
    if (*room > INT_MAX / 2) return NULL;
    int more = *room > 0 ? 2 * *room : first;
    void *larger = hd_arena_alloc(arena, (size_t)more, size);
    if (!larger) return NULL;
    if (used > 0) memcpy(larger, items, (size_t)used * size);
    *room = more;
    return larger;
}

char *hd_arena_textn(hd_arena *arena, const char *text, size_t length) {
    if (length == SIZE_MAX) return NULL;
    char *copy = hd_arena_alloc(arena, length + 1, 1);
    if (copy && length > 0) memcpy(copy, text, length);
    return copy;
}

char *hd_arena_text(hd_arena *arena, const char *text) { return hd_arena_textn(arena, text, strlen(text)); }

char *hd_arena_format(hd_arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : hd_arena_alloc(arena, (size_t)length + 1, 1);
    if (text) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

size_t hd_arena_taken(const hd_arena *arena) { return arena->taken; }

hd_mark hd_arena_mark(const hd_arena *arena) {
    return (hd_mark){.block = arena->newest, .used = arena->newest ? arena->newest->used : 0};
}

void hd_arena_rewind(hd_arena *arena, hd_mark mark) {
    while (arena->newest && arena->newest != mark.block) drop_newest(arena);
    if (arena->newest) arena->newest->used = mark.used;
}
