/* Arenas: memory by phase.  Allocation moves a pointer, freeing is rewinding or dropping the arena. */
#ifndef HD_BASE_ARENA_H
#define HD_BASE_ARENA_H

#include "base/error.h"

typedef struct hd_arena hd_arena;
typedef struct hd_mark { void *block; size_t used; } hd_mark;

/* `allocator` NULL = malloc.  `limit` bytes in all, 0 = none.  NULL when the first allocation fails. */
hd_arena *hd_arena_new(const hd_allocator *allocator, size_t limit);
void hd_arena_free(hd_arena *arena); /* NULL is fine */
/* Zeroed, aligned for any type; NULL when memory or the limit is out, or the product overflows. */
void *hd_arena_alloc(hd_arena *arena, size_t count, size_t size);
/* The same with its bytes as they come: for whoever writes them before reading them. */
void *hd_arena_room(hd_arena *arena, size_t count, size_t size);
/* Room for one item of `size` bytes more than the `used` ones: `items` while *room is more than that, else a copy with twice the
 * room (`first` at the beginning), told in *room.  NULL as above; then all stays as it was. */
void *hd_arena_grow(hd_arena *arena, void *items, size_t size, int used, int *room, int first);
char *hd_arena_text(hd_arena *arena, const char *text);
char *hd_arena_textn(hd_arena *arena, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) char *hd_arena_format(hd_arena *arena, const char *format, ...);
/* Bytes of all its blocks. */
size_t hd_arena_taken(const hd_arena *arena);
hd_mark hd_arena_mark(const hd_arena *arena);
void hd_arena_rewind(hd_arena *arena, hd_mark mark);

#endif
