/* Which problem is a layer when some tensors stay in the buffer? */
#include "network/homes_steps.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"

enum { ROOM_PARTS = 64 };

/* Words of the buffer that elements of so many bits take. */
static int64_t words_of(const hd_homes *h, int64_t elements, int bits)
{
    return hd_count_ceil_div(elements * bits, h->arch->level[h->level].word_bits);
}

static int64_t value_words(const hd_homes *h, int value)
{
    return words_of(h, h->value[value].words, h->net->layer[value].op.tensor[HD_O].bits);
}

static int live_at(const hd_homes_after *after, int value)
{
    for (int i = 0; i < after->live; i++)
        if (after->value[i] == value) return i;
    return -1;
}

unsigned hd_homes_next(const hd_homes *h, int k, unsigned state, int stays)
{
    const hd_homes_after *before = &h->after[k], *after = &h->after[k + 1];
    unsigned next = 0;
    for (int i = 0; i < before->live; i++) {
        int at = state >> i & 1u ? live_at(after, before->value[i]) : -1;
        if (at >= 0) next |= 1u << at;
    }
    int own = stays ? live_at(after, h->layer[k]) : -1;
    return own >= 0 ? next | 1u << own : next;
}

/* ---- which values may stay ---- */

/* May the buffer keep what a layer reads as these roles?  The extra input of fused work is an input as any other. */
static bool may_be_read(const hd_homes *h, int reader, unsigned roles)
{
    const hd_operator *op = &h->net->layer[reader].op;
    unsigned keeps = h->arch->level[h->level].keeps;
    if (roles == 0 || h->net->layer[reader].repeats > 1) return false;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!(roles >> r & 1u)) continue;
        bool extra = r == HD_I2 && !op->tensor[r].used && op->extra_reads > 0;
        if (!extra && !(op->tensor[r].used && (keeps >> r & 1u))) return false;
    }
    return true;
}

static void find_values(hd_homes *h)
{
    int last = h->arch->levels - 2;
    for (int i = 0; i < h->net->layers; i++) {
        const hd_layer *l = &h->net->layer[i];
        bool reached = !l->op.vector || h->level <= h->arch->vector_at || h->arch->vector_at > last;
        h->may_stay[i] = l->fused_into < 0 && l->repeats <= 1 && !h->value[i].leaves && h->value[i].last_read >= 0 && reached &&
                         value_words(h, i) < h->arch->level[h->level].capacity;
    }
    for (int i = 0; i < h->net->layers; i++)
        for (int k = 0; k < h->value[i].reads; k++) {
            const hd_read *read = &h->value[i].read[k];
            bool reached = !h->net->layer[i].op.vector || h->level <= h->arch->vector_at || h->arch->vector_at > last;
            if (read->value >= 0 && (!reached || !may_be_read(h, i, read->roles))) h->may_stay[read->value] = false;
        }
}

/* Values alive after step k; the largest go where there are too many. */
static void find_live(hd_homes *h)
{
    for (int k = 0; k < h->steps; k++) {
        hd_homes_after *after = &h->after[k + 1];
        for (int j = 0; j <= k; j++) {
            int v = h->layer[j], largest = v;
            if (!h->may_stay[v] || h->value[v].last_read <= h->layer[k]) continue;
            if (after->live < HD_HOMES_LIVE) {
                after->value[after->live++] = v;
                continue;
            }
            for (int i = 0; i < after->live; i++)
                if (h->value[after->value[i]].words > h->value[largest].words) largest = after->value[i];
            h->may_stay[largest] = false;
            h->passed_over++;
            memset(&h->after[1], 0, (size_t)h->steps * sizeof *h->after); /* once more without it */
            k = -1;
            break;
        }
    }
}

/* ---- the problem of a step ---- */

/* Roles that are read in the buffer; false where a role would be read partly there. */
static bool homes_of(const hd_homes *h, int k, unsigned state, unsigned *roles)
{
    const hd_value *v = &h->value[h->layer[k]];
    unsigned outside = 0;
    *roles = 0;
    for (int i = 0; i < v->reads; i++) {
        int at = v->read[i].value >= 0 ? live_at(&h->after[k], v->read[i].value) : -1;
        if (at >= 0 && (state >> at & 1u)) *roles |= v->read[i].roles;
        else outside |= v->read[i].roles;
    }
    return (*roles & outside) == 0;
}

/* Words of the buffer that the layer itself does not count among its tensors at home.  In steps of a 64th of the buffer, so
 * that layers that differ in little else are one problem; the schedule itself has the exact rest. */
static int64_t words_taken(const hd_homes *h, int k, unsigned state, int stays, const hd_problem *p)
{
    int64_t all = stays ? value_words(h, h->layer[k]) : 0;
    for (int i = 0; i < h->after[k].live; i++)
        if (state >> i & 1u) all += value_words(h, h->after[k].value[i]);
    for (int r = 0; r < HD_ROLES; r++)
        if (p->home[r] == h->level && p->op->tensor[r].used)
            all -= words_of(h, hd_tensor_words(p->op, (hd_role)r), p->op->tensor[r].bits);
    int64_t unit = hd_count_max(1, h->arch->level[h->level].capacity / ROOM_PARTS);
    return hd_count_ceil_div(hd_count_max(all, 0), unit) * unit;
}

/* The chip with so many words of the buffer gone. */
static hd_status chip_without(hd_homes *h, int64_t words, const hd_arch **out, hd_error *err)
{
    int64_t left = h->arch->level[h->level].capacity - words;
    *out = h->arch;
    if (words == 0) return HD_OK;
    for (int i = 0; i < h->chips; i++)
        if (h->chip[i]->level[h->level].capacity == left) {
            *out = h->chip[i];
            return HD_OK;
        }
    hd_arch **list = hd_arena_grow(h->quest.arena, h->chip, sizeof *list, h->chips, &h->chip_room, 64);
    if (!list) return hd_fail_memory(err);
    h->chip = list;
    hd_arch *chip = hd_arena_alloc(h->quest.arena, 1, sizeof *chip);
    if (!chip) return hd_fail_memory(err);
    *chip = *h->arch;
    chip->level[h->level].capacity = left;
    HD_TRY(hd_arch_check(chip, err));
    *out = h->chip[h->chips++] = chip;
    return HD_OK;
}

static hd_status make_step(hd_homes *h, int k, unsigned state, int stays, hd_error *err)
{
    hd_homes_step *step = hd_homes_step_at(h, k, state, stays);
    hd_problem p = hd_plan_problem(h->quest.options, &h->net->layer[h->layer[k]], NULL);
    unsigned roles;
    if (stays && live_at(&h->after[k + 1], h->layer[k]) < 0) return HD_OK;
    if (!homes_of(h, k, state, &roles)) return HD_OK;
    for (int r = 0; r < HD_ROLES; r++)
        if (roles >> r & 1u) p.home[r] = h->level;
    if (stays) p.home[HD_O] = h->level;
    int64_t taken = words_taken(h, k, state, stays, &p);
    if (taken >= h->arch->level[h->level].capacity) return HD_OK;
    HD_TRY(chip_without(h, taken, &p.arch, err));
    HD_TRY(hd_memo_entry(&h->quest.memo, h->quest.options, &p, hd_plan_pin(h->quest.options, &h->net->layer[h->layer[k]]), NULL,
                         &step->solved, err));
    h->quest.options->model->bound(&p, &step->bound);
    return HD_OK;
}

/* ---- all of it ---- */

static bool allocate(hd_homes *h)
{
    size_t n = (size_t)h->net->layers + 2;
    h->may_stay = hd_arena_alloc(h->quest.arena, n, sizeof *h->may_stay);
    h->layer = hd_arena_alloc(h->quest.arena, n, sizeof *h->layer);
    h->after = hd_arena_alloc(h->quest.arena, n, sizeof *h->after);
    h->step = hd_arena_alloc(h->quest.arena, n, sizeof *h->step);
    h->rest = hd_arena_alloc(h->quest.arena, n, sizeof *h->rest);
    hd_homes_path *path[] = {&h->plain, &h->trial, &h->best};
    bool good = h->may_stay && h->layer && h->after && h->step && h->rest;
    for (int i = 0; i < 3; i++) {
        path[i]->state = hd_arena_alloc(h->quest.arena, n, sizeof *path[i]->state);
        path[i]->stays = hd_arena_alloc(h->quest.arena, n, sizeof *path[i]->stays);
        good = good && path[i]->state && path[i]->stays;
    }
    return good;
}

static bool allocate_steps(hd_homes *h)
{
    size_t most = 1;
    for (int k = -1; k < h->steps; k++) {
        size_t states = hd_homes_states(h, k);
        h->rest[k + 1] = hd_arena_alloc(h->quest.arena, states, sizeof **h->rest);
        if (!h->rest[k + 1]) return false;
        if (k + 1 < h->steps) h->step[k + 1] = hd_arena_alloc(h->quest.arena, 2 * states, sizeof **h->step);
        if (k + 1 < h->steps && !h->step[k + 1]) return false;
        if (states > most) most = states;
    }
    for (int i = 0; i < 2; i++) h->front[i] = hd_arena_alloc(h->quest.arena, most, sizeof *h->front[i]);
    return h->front[0] && h->front[1];
}

hd_status hd_homes_prepare(hd_homes *h, hd_error *err)
{
    if (!allocate(h)) return hd_fail_memory(err);
    HD_TRY(hd_network_values(h->net, h->quest.arena, &h->value, err));
    for (int i = 0; i < h->net->layers; i++)
        if (h->net->layer[i].fused_into < 0) h->layer[h->steps++] = i;
    find_values(h);
    find_live(h);
    if (!allocate_steps(h)) return hd_fail_memory(err);
    for (int k = 0; k < h->steps; k++)
        for (unsigned state = 0; state < hd_homes_states(h, k - 1); state++)
            for (int stays = 0; stays < 2; stays++) HD_TRY(make_step(h, k, state, stays, err));
    return HD_OK;
}

void hd_homes_copy_path(const hd_homes *h, const hd_homes_path *from, hd_homes_path *to)
{
    to->sum = from->sum;
    memcpy(to->state, from->state, (size_t)h->steps * sizeof *to->state);
    memcpy(to->stays, from->stays, (size_t)h->steps * sizeof *to->stays);
}

hd_status hd_homes_place(hd_homes *h, hd_plan_options *options, hd_error *err)
{
    int (*home)[HD_ROLES] = hd_arena_alloc(h->quest.arena, (size_t)h->net->layers + 1, sizeof *home);
    const hd_arch **chip = hd_arena_alloc(h->quest.arena, (size_t)h->net->layers + 1, sizeof *chip);
    if (!home || !chip) return hd_fail_memory(err);
    for (int i = 0; i < h->net->layers; i++) chip[i] = h->arch;
    for (int k = 0; k < h->steps; k++) {
        const hd_problem *p = &hd_homes_step_at(h, k, h->best.state[k], h->best.stays[k])->solved->problem;
        memcpy(home[h->layer[k]], p->home, sizeof *home);
        chip[h->layer[k]] = p->arch;
    }
    options->home = (const int (*)[HD_ROLES])home;
    options->chip = chip;
    return HD_OK;
}
