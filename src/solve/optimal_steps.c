/* Parts and steps of a proof: see optimal_steps.h. */
#include "solve/optimal_steps.h"

#include <string.h>

static void *get(hd_proof *proof, size_t count, size_t size)
{
    proof->entries += (int64_t)count;
    void *memory = proof->entries > HD_PROOF_ENTRIES ? NULL : hd_arena_alloc(proof->arena, count + 1, size);
    if (memory) return memory;
    proof->stepwise = false;
    proof->first = proof->last = NULL;
    return NULL;
}

static hd_proof_part *add_part(hd_proof *proof, const unsigned *keep, unsigned mask)
{
    hd_proof_part *part = proof->stepwise ? get(proof, 1, sizeof *part) : NULL;
    if (!part) return NULL;
    memcpy(part->keep, keep, sizeof part->keep);
    part->loops = mask;
    if (proof->last) proof->last->next = part;
    else proof->first = part;
    return proof->last = part;
}

static hd_proof_step *add_step(hd_proof *proof, hd_argument why, int depth, double bound, int64_t prices)
{
    hd_proof_part *part = proof->last;
    hd_proof_step *step = get(proof, 1, sizeof *step);
    if (!step) return NULL;
    *step = (hd_proof_step){.argument = why, .depth = depth, .bound = bound, .prices = prices};
    if (part->last) part->last->next = step;
    else part->first = step;
    return part->last = step;
}

void opt_steps_whole(const opt *o, hd_proof *proof, const unsigned *keep, unsigned mask, hd_argument why, double bound)
{
    (void)o;
    if (add_part(proof, keep, mask)) add_step(proof, why, 0, bound, 0);
}

void opt_steps_add(const opt *o, hd_proof *proof, hd_argument why, int depth, double bound, int64_t prices,
                   const opt_left *left)
{
    hd_proof_step *step = proof->stepwise ? add_step(proof, why, depth, bound, prices) : NULL;
    hd_proof_set *set = step ? get(proof, (size_t)o->blocks, sizeof *set) : NULL;
    for (int b = 0; set && b < o->blocks; b++) {
        set[b].n = left[b].n;
        set[b].option = get(proof, (size_t)left[b].n, sizeof *set[b].option);
        if (!set[b].option) return;
        for (int i = 0; i < left[b].n; i++)
            set[b].option[i] = *(const int *)((const char *)left[b].option + (size_t)i * left[b].stride);
    }
    if (set) step->set = set;
}

/* ---- which choices of chains an option stands for ---- */

typedef struct lister {
    const opt *o;
    const opt_block *block;
    int option;
    bool merged;
    int chain[HD_MAX_DIMS];
    int64_t members, *span; /* span NULL: only counted */
} lister;

static int chain_of(const lister *s, int i)
{
    return s->block->chain[(size_t)s->option * (size_t)s->block->dims + (size_t)i];
}

static bool is_masked(const opt *o, const opt_chain *c)
{
    for (int l = 1; l <= o->last; l++)
        if (!(o->mask >> l & 1u) && c->loop[l] > 1) return false;
    return true;
}

/* Are the products of loops and copies the option's own, at every level? */
static bool has_products(const lister *s)
{
    const opt *o = s->o;
    for (int l = 1; l <= o->mac; l++) {
        int64_t mine[1 + HD_AXES] = {1, 1, 1}, its[1 + HD_AXES] = {1, 1, 1};
        for (int i = 0; i < s->block->dims; i++) {
            const opt_chain *a = &o->chain[s->block->dim[i]][s->chain[i]], *b = &o->chain[s->block->dim[i]][chain_of(s, i)];
            mine[0] *= a->loop[l], its[0] *= b->loop[l];
            for (int axis = 0; axis < HD_AXES; axis++) mine[1 + axis] *= a->copies[l][axis], its[1 + axis] *= b->copies[l][axis];
        }
        if (memcmp(mine, its, sizeof mine) != 0) return false;
    }
    return true;
}

static void take_member(lister *s)
{
    for (int i = 0; s->span && i < s->block->dims; i++) {
        int d = s->block->dim[i], slots = s->o->form->slots[d];
        memcpy(s->span, s->o->chain[d][s->chain[i]].span, (size_t)slots * sizeof *s->span);
        s->span += slots;
    }
    s->members++;
}

static void list_members(lister *s, int i)
{
    if (i == s->block->dims) {
        if (!s->merged || has_products(s)) take_member(s);
        return;
    }
    int d = s->block->dim[i], from = s->merged ? 0 : chain_of(s, i), to = s->merged ? s->o->chains[d] - 1 : from;
    for (s->chain[i] = from; s->chain[i] <= to; s->chain[i]++)
        if (is_masked(s->o, &s->o->chain[d][s->chain[i]])) list_members(s, i + 1);
}

static bool add_members(const opt *o, hd_proof *proof, const opt_block *b, int option, hd_proof_block *out)
{
    lister s = {.o = o, .block = b, .option = option, .merged = b->weight != NULL};
    list_members(&s, 0);
    if (b->weight && s.members != b->weight[option]) proof->stepwise = false; /* told apart by more than products */
    if (!proof->stepwise) return false;
    out->members[option] = s.members;
    out->span[option] = s.span = get(proof, (size_t)s.members * (size_t)out->slots, sizeof *s.span);
    s.members = 0;
    if (s.span) list_members(&s, 0);
    return proof->stepwise;
}

void opt_steps_open(const opt *o, hd_proof *proof)
{
    hd_proof_part *part = add_part(proof, o->keep, o->mask);
    if (!part) return;
    part->blocks = o->blocks;
    for (int b = 0; b < o->blocks && proof->stepwise; b++) {
        const opt_block *from = &o->block[b];
        hd_proof_block *to = &part->block[b];
        to->dims = from->dims;
        memcpy(to->dim, from->dim, sizeof to->dim);
        to->options = from->options;
        for (int i = 0; i < from->dims; i++) to->slots += o->form->slots[from->dim[i]];
        to->members = get(proof, (size_t)from->options, sizeof *to->members);
        to->span = to->members ? get(proof, (size_t)from->options, sizeof *to->span) : NULL;
        for (int i = 0; to->span && i < from->options; i++)
            if (!add_members(o, proof, from, i, to)) return;
    }
}
