/* Which roles do the nodes of a mesh share, holding one tile together (docs/cost-model.md, "Sharing")? */
#include "base/count.h"
#include "cost/native/native.h"

/* Has every index as many pieces as index 0? */
bool hd_native_together(const hd_problem *p, const hd_scheme *s, int dim, int level)
{
    hd_radix radix;
    cutting all, first;
    int64_t copies = 1;
    if (hd_radix_is_even(s, dim, level)) return true; /* all pieces are equal */
    if (!hd_radix_build(p, s, dim, &radix, NULL)) return false;
    hd_cutting_start(&all, p->op->dim[dim].extent);
    first = all;
    for (int i = 0; i < radix.digits && radix.digit[i].level <= level; i++) {
        const hd_digit *d = &radix.digit[i];
        bool stack = d->stack >= 0 && d->level == level;
        hd_cutting_all(&all, d->shift);
        if (stack)
            hd_cutting_first(&first, d->shift);
        else
            hd_cutting_all(&first, d->shift);
        if (stack) copies *= d->count;
    }
    return hd_cutting_pieces(&all) == copies * hd_cutting_pieces(&first);
}

/* Nodes with equal tiles of a role; 1 where they cannot hold one together. */
static int64_t members_of(const hd_problem *p, const hd_scheme *s, int level, hd_role role)
{
    const hd_level *chip = &p->arch->level[level];
    const hd_scheme_level *l = &s->level[level];
    unsigned own = hd_tensor_dims(p->op, role);
    int64_t members = 1;
    if (level <= p->home[role] || !hd_scheme_keeps(p, s, level, role)) return 1;
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *k = &l->stack[i];
        if (k->copies == 1 || (own >> k->dim & 1u)) continue;
        bool wired = role == HD_O ? chip->reduce[k->axis] : (chip->multicast[k->axis] & HD_ROLE_BIT(role)) != 0;
        if (!wired || !hd_native_together(p, s, k->dim, level)) return 1;
        members *= k->copies;
    }
    return members;
}

int64_t hd_native_room(const hd_problem *p, int level, hd_role role, int64_t elements, int64_t members, bool whole)
{
    const hd_level *l = &p->arch->level[level];
    if (members > 1) elements = hd_count_ceil_div(elements, members);
    int64_t bits = elements * hd_native_bits(p, level, role);
    int64_t words = bits == elements * l->word_bits ? elements : hd_count_ceil_div(bits, l->word_bits);
    return level == p->home[role] || whole || !l->double_buffer ? words : 2 * words;
}

void hd_native_tiles(const hd_problem *p, const hd_scheme *s, int level, int64_t elements[HD_ROLES])
{
    for (int r = 0; r < HD_ROLES; r++) {
        elements[r] = -1;
        if (!hd_scheme_keeps(p, s, level, (hd_role)r)) continue;
        elements[r] = level == p->home[r] ? hd_tensor_words(p->op, (hd_role)r) : hd_scheme_tile_words(p, s, level, (hd_role)r);
    }
}

/* Every kept role in full; do they all fit? */
static bool fit_in_full(const hd_problem *p, int level, bool whole, const int64_t elements[HD_ROLES], int64_t words[HD_ROLES])
{
    const hd_level *l = &p->arch->level[level];
    int64_t pool = 0;
    bool fit = true;
    for (int r = 0; r < HD_ROLES; r++) {
        words[r] = elements[r] >= 0 ? hd_native_room(p, level, (hd_role)r, elements[r], 1, whole) : 0;
        fit = fit && (!l->per_role || words[r] <= l->role_capacity[r]);
        pool += words[r];
    }
    return fit && (l->per_role || pool <= l->capacity);
}

void hd_native_rooms(const hd_problem *p, const hd_scheme *s, int level, bool whole, const int64_t elements[HD_ROLES],
                     int64_t members[HD_ROLES], int64_t words[HD_ROLES])
{
    const hd_level *l = &p->arch->level[level];
    int64_t full[HD_ROLES], pool = 0;
    for (int r = 0; r < HD_ROLES; r++) members[r] = 1;
    if (fit_in_full(p, level, whole, elements, words) || !hd_level_shares(l)) return; /* nobody has to, or none can */
    for (int r = 0; r < HD_ROLES; r++) {
        full[r] = words[r];
        if (elements[r] < 0) continue;
        members[r] = members_of(p, s, level, (hd_role)r);
        if (members[r] > 1) words[r] = hd_native_room(p, level, (hd_role)r, elements[r], members[r], whole);
        pool += words[r];
    }
    for (int r = 0; r < HD_ROLES; r++) { /* in full, if that fits */
        bool fits = l->per_role ? full[r] <= l->role_capacity[r] : pool - words[r] + full[r] <= l->capacity;
        if (members[r] == 1 || !fits) continue;
        pool += full[r] - words[r];
        words[r] = full[r];
        members[r] = 1;
    }
}

bool hd_native_shares(const hd_problem *p, const hd_scheme *s, int level, bool whole, int64_t members[HD_ROLES])
{
    int64_t elements[HD_ROLES], words[HD_ROLES];
    bool any = false;
    for (int r = 0; r < HD_ROLES; r++) members[r] = 1;
    if (!hd_level_shares(&p->arch->level[level])) return false;
    hd_native_tiles(p, s, level, elements);
    hd_native_rooms(p, s, level, whole, elements, members, words);
    for (int r = 0; r < HD_ROLES; r++) any |= members[r] > 1;
    return any;
}
