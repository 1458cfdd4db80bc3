/* Which words does each instance hold, take and give up?  Tiles are enumerated word by word; what stays is
 * found by marking, never by intersecting boxes.  An instance that does not exist at a step keeps what it
 * has.           */
#include "verify/held.h"

#include <string.h>

#include "base/count.h"

enum { MARKS_MAX = 1 << 28 };

unsigned char *hd_held_mark(hd_held *held, int64_t unit, int64_t word) {
    return &held->mark[held->arithmetic ? unit : unit * held->words + word];
}

hd_status hd_held_build(hd_held *held, hd_arena *arena, const hd_machine *m, hd_error *err) {
    const hd_tensor *tensor = &m->problem->op->tensor[held->role];
    int64_t units = m->level[held->level].units, marks = units;
    held->words = 1;
    for (int r = 0; r < tensor->ranks; r++)
        if (!hd_count_mul(held->words, tensor->rank[r].extent, &held->words) || held->words > MARKS_MAX)
            return hd_fail(err, HD_ERR_USAGE, "tensor %d is too large to replay", (int)held->role);
    if (!held->arithmetic && (!hd_count_mul(units, held->words, &marks) || marks > MARKS_MAX))
        return hd_fail(err, HD_ERR_USAGE, "the tiles of level %d are too many words to replay", held->level);
    held->box = hd_arena_alloc(arena, (size_t)units, sizeof *held->box);
    held->mark = hd_arena_alloc(arena, (size_t)marks, 1);
    held->word = hd_arena_alloc(arena, (size_t)units, sizeof *held->word);
    held->list = hd_arena_alloc(arena, (size_t)held->words, sizeof *held->list);
    held->stamp = hd_arena_alloc(arena, (size_t)held->words, sizeof *held->stamp);
    if (!held->box || !held->mark || !held->word || !held->list || !held->stamp) return hd_fail_memory(err);
    for (int64_t unit = 0; unit < units; unit++) held->word[unit] = -1;
    return HD_OK;
}

/* Per rank the hull of what the piece touches, inside the tensor. */
static hd_box touched(const hd_tensor *tensor, const hd_unit *unit) {
    hd_box box = {.any = 1};
    for (int r = 0; r < tensor->ranks; r++) {
        const hd_rank *rank = &tensor->rank[r];
        int64_t lo = rank->offset, hi = rank->offset + 1;
        for (int t = 0; t < rank->terms; t++) {
            int dim = rank->term[t].dim;
            lo += rank->term[t].coef * unit->lo[dim];
            hi += rank->term[t].coef * (unit->lo[dim] + unit->length[dim] - 1);
        }
        box.lo[r] = hd_count_max(lo, 0);
        box.hi[r] = hd_count_min(hi, rank->extent);
        if (box.lo[r] >= box.hi[r]) return (hd_box){0};
    }
    return box;
}

/* The words of a box into `list`; returns how many. */
static int64_t list_words(const hd_tensor *tensor, const hd_box *box, int64_t *list) {
    int64_t at[HD_MAX_RANKS], count = 0;
    if (!box->any) return 0;
    for (int r = 0; r < tensor->ranks; r++) at[r] = box->lo[r];
    for (;;) {
        int64_t word = 0;
        for (int r = 0; r < tensor->ranks; r++) word = word * tensor->rank[r].extent + at[r];
        list[count++] = word;
        int r = tensor->ranks - 1;
        for (; r >= 0 && ++at[r] == box->hi[r]; r--) at[r] = box->lo[r];
        if (r < 0) return count;
    }
}

static hd_status push(hd_moves *moves, hd_arena *arena, hd_move move, hd_error *err) {
    if (moves->count == moves->room) {
        int64_t room = moves->room ? 2 * moves->room : 64;
        hd_move *grown = hd_arena_alloc(arena, (size_t)room, sizeof *grown);
        if (!grown) return hd_fail_memory(err);
        if (moves->count) memcpy(grown, moves->move, (size_t)moves->count * sizeof *grown);
        moves->move = grown;
        moves->room = room;
    }
    moves->move[moves->count++] = move;
    return HD_OK;
}

static bool is_store(const hd_held *held, int64_t unit) {
    return !held->store || held->store[unit] == unit;
}

/* The one word that arithmetic instance `unit` works on now; -1 = padding. */
static int64_t operand(hd_held *held, const hd_machine *m, int64_t unit) {
    const hd_tensor *tensor = &m->problem->op->tensor[held->role];
    hd_box box = touched(tensor, &m->level[held->level].unit[unit]);
    return list_words(tensor, &box, held->list) ? held->list[0] : -1;
}

static hd_status leave_arithmetic(hd_held *held, hd_arena *arena, const hd_machine *m, bool all,
                                  hd_moves *out, hd_error *err) {
    for (int64_t unit = 0; unit < m->level[held->level].units; unit++) {
        int64_t word = held->word[unit];
        if (word < 0) continue;
        bool exists = m->level[held->level].unit[unit].exists;
        if (!all && held->lasting && (!exists || operand(held, m, unit) == word)) continue;
        HD_TRY(push(out, arena, (hd_move){unit, word, (held->mark[unit] & HD_LOADED) != 0}, err));
        held->word[unit] = -1;
        held->mark[unit] = 0;
    }
    return HD_OK;
}

static hd_status leave_unit(hd_held *held, hd_arena *arena, const hd_tensor *tensor, int64_t unit,
                            const hd_box *next, hd_moves *out, hd_error *err) {
    held->round++;
    int64_t count = list_words(tensor, next, held->list);
    for (int64_t i = 0; i < count; i++) held->stamp[held->list[i]] = held->round;
    count = list_words(tensor, &held->box[unit], held->list);
    for (int64_t i = 0; i < count; i++) {
        int64_t word = held->list[i];
        if (held->stamp[word] == held->round) continue;
        unsigned char *mark = hd_held_mark(held, unit, word);
        HD_TRY(push(out, arena, (hd_move){unit, word, (*mark & HD_LOADED) != 0}, err));
        *mark = 0;
    }
    return HD_OK;
}

hd_status hd_held_leave(hd_held *held, hd_arena *arena, const hd_machine *m, bool all, hd_moves *out,
                        hd_error *err) {
    const hd_tensor *tensor = &m->problem->op->tensor[held->role];
    out->count = 0;
    if (held->arithmetic) return leave_arithmetic(held, arena, m, all, out, err);
    for (int64_t unit = 0; unit < m->level[held->level].units; unit++) {
        const hd_unit *now = &m->level[held->level].unit[unit];
        if ((!all && !now->exists) || !is_store(held, unit)) continue;
        hd_box next = all ? (hd_box){0} : touched(tensor, now);
        if (memcmp(&next, &held->box[unit], sizeof next) == 0) continue;
        HD_TRY(leave_unit(held, arena, tensor, unit, &next, out, err));
    }
    return HD_OK;
}

static hd_status enter_arithmetic(hd_held *held, hd_arena *arena, const hd_machine *m, hd_moves *out,
                                  hd_error *err) {
    for (int64_t unit = 0; unit < m->level[held->level].units; unit++) {
        if (!m->level[held->level].unit[unit].exists) continue;
        int64_t word = operand(held, m, unit);
        if (word < 0 || word == held->word[unit]) continue;
        held->word[unit] = word;
        HD_TRY(push(out, arena, (hd_move){unit, word, false}, err));
    }
    return HD_OK;
}

hd_status hd_held_enter(hd_held *held, hd_arena *arena, const hd_machine *m, hd_moves *out, hd_error *err) {
    const hd_tensor *tensor = &m->problem->op->tensor[held->role];
    out->count = 0;
    if (held->arithmetic) return enter_arithmetic(held, arena, m, out, err);
    for (int64_t unit = 0; unit < m->level[held->level].units; unit++) {
        const hd_unit *now = &m->level[held->level].unit[unit];
        if (!now->exists || !is_store(held, unit)) continue;
        hd_box next = touched(tensor, now);
        if (memcmp(&next, &held->box[unit], sizeof next) == 0) continue;
        held->box[unit] = next;
        int64_t count = list_words(tensor, &next, held->list);
        for (int64_t i = 0; i < count; i++) {
            unsigned char *mark = hd_held_mark(held, unit, held->list[i]);
            if (*mark & HD_HELD) continue;
            *mark = HD_HELD;
            HD_TRY(push(out, arena, (hd_move){unit, held->list[i], false}, err));
        }
    }
    return HD_OK;
}
