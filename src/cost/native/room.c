/* Do tiles fit a level, and who holds them together, of a problem that is ready?  The rules are those of share.c: what they ask
 * of the chip and the operator is worked out once, and a scheme has nothing to say but its boxes, keeps and stacks. */
#include "base/count.h"
#include "cost/native/native.h"

static void set_room(native_ready *ready, int level)
{
    const hd_problem *p = ready->p;
    const hd_level *l = &p->arch->level[level];
    native_room *room = &ready->room[level];
    *room = (native_room){.capacity = l->bounded && !l->per_role ? l->capacity : INT64_MAX, .twice = l->double_buffer};
    if (l->bounded) ready->bounded |= 1u << level;
    for (int k = 0; k < ready->roles; k++) {
        hd_role r = ready->role[k].role;
        room->most[r] = l->bounded && l->per_role ? l->role_capacity[r] : INT64_MAX;
        if (ready->bits[level][r] != l->word_bits) room->odd |= HD_ROLE_BIT(r);
        if (level > p->home[r]) room->inside |= HD_ROLE_BIT(r);
        if (level != p->home[r]) continue;
        int64_t words = hd_native_room(p, level, r, hd_tensor_words(p->op, r), 1, true);
        room->living += words;
        room->too_small |= words > room->most[r];
    }
}

void hd_native_set_rooms(native_ready *ready)
{
    for (int k = 0; k < ready->roles; k++) ready->number[ready->role[k].role] = k;
    for (int l = 0; l < ready->mac; l++) set_room(ready, l);
}

/* Words of the level that so many elements of a role take. */
static inline int64_t room_of(const native_ready *ready, int level, int role, int64_t elements)
{
    const native_room *room = &ready->room[level];
    int64_t words = elements, bits = elements * ready->bits[level][role];
    if (room->odd >> role & 1u) words = hd_count_ceil_div(bits, ready->p->arch->level[level].word_bits);
    return room->twice && !ready->whole_buffers ? 2 * words : words;
}

/* The tiles that a level keeps, of tensors that live further out. */
static inline unsigned kept(const native_ready *ready, const hd_scheme *s, int level)
{
    return s->level[level].keep & ready->room[level].inside;
}

static inline int64_t tile(const native_ready *ready, const hd_scheme *s, int level, int role)
{
    return hd_nest_tile(s->level[level].tensor, &ready->role[ready->number[role]]);
}

bool hd_native_fit_in_full(const native_ready *ready, const hd_scheme *s, int level)
{
    const native_room *room = &ready->room[level];
    int64_t pool = room->living;
    if (room->too_small) return false;
    for (unsigned roles = kept(ready, s, level); roles; roles &= roles - 1) {
        int r = __builtin_ctz(roles);
        int64_t words = room_of(ready, level, r, tile(ready, s, level, r));
        pool += words;
        if (words > room->most[r] || pool > room->capacity) return false;
    }
    return pool <= room->capacity;
}

/* Dims whose units at a level always exist together, as far as anybody asked. */
typedef struct known_dims { unsigned asked, together; } known_dims;

static bool together(const native_ready *ready, const hd_scheme *s, int dim, int level, known_dims *known)
{
    unsigned bit = 1u << dim;
    if (!(known->asked & bit) && hd_native_together(ready->p, s, dim, level)) known->together |= bit;
    known->asked |= bit;
    return known->together & bit;
}

/* Nodes with equal tiles of a role; 1 where they cannot hold one together. */
static int64_t members_of(const native_ready *ready, const hd_scheme *s, int level, const nest_role *role, known_dims *known)
{
    const hd_scheme_level *l = &s->level[level];
    int64_t members = 1;
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *k = &l->stack[i];
        if (k->copies == 1 || (role->dims >> k->dim & 1u)) continue;
        if (!(role->wires & NEST_STACK(level, k->axis)) || !together(ready, s, k->dim, level, known)) return 1;
        members *= k->copies;
    }
    return members;
}

bool hd_native_fit_together(const native_ready *ready, const hd_scheme *s, int level, bool even, int64_t members[HD_ROLES])
{
    const native_room *room = &ready->room[level];
    int64_t full[HD_ROLES], words[HD_ROLES], pool = room->living;
    known_dims known = {even ? ~0u : 0, even ? ~0u : 0};
    unsigned roles = kept(ready, s, level), shared = 0;
    bool fit = !room->too_small;
    for (int r = 0; r < HD_ROLES; r++) members[r] = 1;
    for (unsigned left = roles; left; left &= left - 1) {
        int r = __builtin_ctz(left);
        int64_t elements = tile(ready, s, level, r);
        members[r] = members_of(ready, s, level, &ready->role[ready->number[r]], &known);
        full[r] = words[r] = room_of(ready, level, r, elements);
        if (members[r] > 1) words[r] = room_of(ready, level, r, hd_count_ceil_div(elements, members[r]));
        if (members[r] > 1) shared |= HD_ROLE_BIT(r);
        pool += words[r];
    }
    for (; shared; shared &= shared - 1) { /* in full, if that fits */
        int r = __builtin_ctz(shared);
        if (full[r] > room->most[r] || pool - words[r] + full[r] > room->capacity) continue;
        pool += full[r] - words[r];
        words[r] = full[r];
        members[r] = 1;
    }
    for (; roles; roles &= roles - 1) fit &= words[__builtin_ctz(roles)] <= room->most[__builtin_ctz(roles)];
    return fit && pool <= room->capacity;
}
