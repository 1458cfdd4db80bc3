/* What the instances of one level hold of one role: explicit sets of words, and who comes and goes when a
 * loop steps. */
#ifndef HD_VERIFY_HELD_H
#define HD_VERIFY_HELD_H

#include "verify/machine.h"

typedef struct hd_box {
    int64_t any, lo[HD_MAX_RANKS], hi[HD_MAX_RANKS];
} hd_box; /* empty = all zero, any = 0 */

/* A word that comes to or leaves an instance; `loaded`: its old partial had come with it. */
typedef struct hd_move {
    int64_t unit, word;
    bool loaded;
} hd_move;
typedef struct hd_moves {
    int64_t count, room;
    hd_move *move;
} hd_moves;

enum { HD_HELD = 1, HD_EXISTS = 2, HD_LOADED = 4 };

typedef struct hd_held {
    int level, source; /* source: nearest level outside that keeps the role; -1 at the home */
    hd_role role;
    bool arithmetic;        /* one word at a time, no storage */
    bool lasting;           /* the arithmetic keeps its word between steps (operand register) */
    int64_t words;          /* of the whole tensor */
    hd_box *box;            /* per instance: the current tile */
    unsigned char *mark;    /* per instance and word (arithmetic: per instance): HD_HELD ... */
    int64_t *word;          /* arithmetic: the word of each instance, -1 = none */
    const int64_t *store;   /* per instance: the one that holds its tile; NULL = each its own */
    int64_t *list;          /* scratch: words of a tile */
    uint64_t *stamp, round; /* scratch: words of the new tile */
} hd_held;

/* Level and role are set by the caller, who also sets `source`, `arithmetic` and `lasting`. */
hd_status hd_held_build(hd_held *held, hd_arena *arena, const hd_machine *m, hd_error *err);
/* Words that leave in this step (`all`: everything leaves), in order of instance; forgets them. */
hd_status hd_held_leave(hd_held *held, hd_arena *arena, const hd_machine *m, bool all, hd_moves *out,
                        hd_error *err);
/* Words that are newly taken in this step, in order of instance; holds them. */
hd_status hd_held_enter(hd_held *held, hd_arena *arena, const hd_machine *m, hd_moves *out, hd_error *err);
/* The marks of a word in an instance. */
unsigned char *hd_held_mark(hd_held *held, int64_t unit, int64_t word);

#endif
