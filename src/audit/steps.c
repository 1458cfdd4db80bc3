/* Each step covers a product of option sets; of it, the choices that loop at the part's levels and at no others. */
#include "audit/steps.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"

typedef struct cover {
    hd_steps *s;
    const hd_proof_part *part;
    const hd_proof_step *step;
    int64_t keep;                   /* its number */
    int64_t row[HD_MAX_DIMS], covered;
} cover;

bool hd_differs(hd_recount *out, const char *format, ...)
{
    va_list args;
    if (!out->holds) return false;
    out->holds = false;
    va_start(args, format);
    vsnprintf(out->difference, sizeof out->difference, format, args);
    va_end(args);
    return false;
}

void hd_unchecked(hd_recount *out, const char *format, ...)
{
    size_t used = strlen(out->unchecked), left = sizeof out->unchecked - used;
    va_list args;
    int n = used > 0 ? snprintf(out->unchecked + used, left, "; ") : 0;
    if ((size_t)n >= left) return;
    va_start(args, format);
    vsnprintf(out->unchecked + used + n, left - (size_t)n, format, args);
    va_end(args);
}

int64_t hd_keep_index(const hd_proof *proof, const unsigned *keep)
{
    int64_t index = 0;
    for (int l = 0; l < proof->levels; l++) {
        unsigned dropped = proof->keep_most[l] & ~keep[l], bit = 1;
        if ((keep[l] & ~proof->keep_most[l]) || (dropped & ~proof->keep_free[l])) return -1;
        for (; bit <= proof->keep_free[l]; bit <<= 1)
            if (proof->keep_free[l] & bit) index = 2 * index + ((dropped & bit) != 0);
    }
    return index;
}

/* The row of a dim's chains with these spans, -1 where there is none. */
static int64_t find_row(const hd_chains *c, const int64_t *span)
{
    for (int64_t i = 0; i < c->n; i++)
        if (memcmp(c->span + i * c->slots, span, (size_t)c->slots * sizeof *span) == 0) return i;
    return -1;
}

static unsigned levels_that_turn(const cover *v)
{
    const hd_enumeration *e = v->s->space;
    unsigned set = 0;
    for (int l = 1; l <= v->s->claim->proof->seen; l++)
        for (int d = 0; d < e->problem->op->dims; d++)
            if (hd_chain_loops(e, d, v->row[d], l)) set |= 1u << l;
    return set;
}

/* Does the step's argument hold for this choice, under every order of its loops? */
static bool judge(cover *v)
{
    hd_steps *s = v->s;
    int64_t tile = 0;
    if (levels_that_turn(v) != v->part->loops) return true; /* of another part */
    for (int d = 0; d < s->space->problem->op->dims; d++) tile = tile * s->space->dim[d].n + v->row[d];
    tile += v->keep * s->tiles;
    if (s->seen[tile]) return hd_differs(s->out, "a scheme stands in two parts");
    s->seen[tile] = 1;
    v->covered++;
    double least = s->least[tile], bound = v->step->bound;
    if (v->step->argument == HD_BY_ROOM && isfinite(least))
        return hd_differs(s->out, "a scheme that fits, at %.17g, stands in a part for which there is said to be no room", least);
    if (least < bound * (1 - 1e-12))
        return hd_differs(s->out, "a scheme of cost %.17g stands in a part said to cost no less than %.17g", least, bound);
    return true;
}

/* Are the numbers of a step those of its argument?  Nothing is priced but by 'price', and no more orders than there are. */
static bool is_numbered(const cover *v)
{
    const hd_proof_step *step = v->step;
    hd_wide prices = hd_wide_of((uint64_t)step->prices);
    if (step->argument != HD_BY_PRICE && step->prices != 0)
        return hd_differs(v->s->out, "a step of '%s' is said to have %lld prices", hd_argument_name(step->argument),
                          (long long)step->prices);
    if (step->argument == HD_BY_PRICE && (step->prices == 0 || hd_wide_compare(&prices, &v->s->space->orders) > 0))
        return hd_differs(v->s->out, "a step is said to have %lld prices, which its orders do not", (long long)step->prices);
    return true;
}

static bool take_block(cover *v, int b);

/* Option `o` of block b: each of its choices of chains. */
static bool take_option(cover *v, int b, int o)
{
    const hd_proof_block *block = &v->part->block[b];
    const int64_t *span = NULL;
    if (o < 0 || o >= block->options) return hd_differs(v->s->out, "a step names an option that its block does not have");
    span = block->span[o];
    for (int64_t m = 0; m < block->members[o]; m++) {
        for (int i = 0; i < block->dims; i++) {
            const hd_chains *c = &v->s->space->dim[block->dim[i]];
            v->row[block->dim[i]] = find_row(c, span);
            if (v->row[block->dim[i]] < 0) return hd_differs(v->s->out, "an option is a chain that the space does not have");
            span += c->slots;
        }
        if (!take_block(v, b + 1)) return false;
    }
    return true;
}

static bool take_block(cover *v, int b)
{
    if (b == v->part->blocks) return judge(v);
    const hd_proof_set *set = &v->step->set[b];
    for (int i = 0; i < set->n; i++)
        if (!take_option(v, b, set->option[i])) return false;
    return true;
}

/* Does the step's product name each option of its blocks once? */
static bool names_each_once(const cover *v)
{
    unsigned char *mark = v->s->mark;
    for (int b = 0; b < v->part->blocks; b++) {
        const hd_proof_set *set = &v->step->set[b];
        int options = v->part->block[b].options, n = 0;
        bool holds = options <= v->s->tiles;
        for (; n < set->n && holds; n++) {
            int o = set->option[n];
            holds = o >= 0 && o < options && !mark[o];
            if (holds) mark[o] = 1;
        }
        memset(mark, 0, (size_t)hd_count_min(options, v->s->tiles));
        if (!holds) return hd_differs(v->s->out, "a step names an option that its block does not have, or one twice");
    }
    return true;
}

/* The number of a choice of chains of a block's dims; -1: not of the space. */
static int64_t choice_of(const hd_steps *s, const hd_proof_block *b, const int64_t *span)
{
    int64_t choice = 0;
    for (int i = 0; i < b->dims; i++) {
        const hd_chains *c = &s->space->dim[b->dim[i]];
        int64_t row = find_row(c, span);
        if (row < 0) return -1;
        choice = choice * c->n + row;
        span += c->slots;
    }
    return choice;
}

/* Are a block's choices of chains all of the space, each there once? */
static bool options_hold(const hd_steps *s, const hd_proof_block *b)
{
    int64_t choices = 1;
    for (int i = 0; i < b->dims; i++) choices *= s->space->dim[b->dim[i]].n;
    memset(s->mark, 0, (size_t)choices);
    for (int o = 0; o < b->options; o++)
        for (int64_t m = 0; m < b->members[o]; m++) {
            int64_t choice = choice_of(s, b, b->span[o] + m * b->slots);
            if (choice < 0) return hd_differs(s->out, "an option is a chain that the space does not have");
            if (s->mark[choice]) return hd_differs(s->out, "a block has the same choice of tiles twice");
            s->mark[choice] = 1;
        }
    memset(s->mark, 0, (size_t)choices);
    return true;
}

/* A part that was never opened: all choices of all dims, but those with more copies of one dim than there are units. */
static bool take_dim(cover *v, int d)
{
    if (d == v->s->space->problem->op->dims) return judge(v);
    for (v->row[d] = 0; v->row[d] < v->s->space->dim[d].n; v->row[d]++)
        if (!hd_chain_bursts(v->s->space, d, v->row[d]) && !take_dim(v, d + 1)) return false;
    return true;
}

static void add(hd_steps *s, hd_argument argument, const hd_proof_step *step, const hd_wide *size)
{
    hd_proof_sum *sum = &s->sum[argument][step->depth];
    if (hd_wide_is_zero(size)) return;
    hd_wide_add(&sum->size, size);
    sum->times++;
    sum->bound = fmin(sum->bound, step->bound);
}

/* Under priced tiles: so many orders by price, the other orders of one choice, all orders of the choices merged with it. */
static bool add_sizes(cover *v)
{
    hd_wide size = v->s->space->orders, priced = hd_wide_of((uint64_t)v->step->prices), one = size;
    if (v->covered == 0) return hd_differs(v->s->out, "a step holds no scheme");
    if (!hd_wide_multiply(&size, (uint64_t)v->covered)) return hd_differs(v->s->out, "a part is too large to count");
    if (v->step->argument == HD_BY_PRICE) {
        hd_wide_subtract(&size, &one);
        add(v->s, HD_BY_MERGING, v->step, &size);
        hd_wide_subtract(&one, &priced);
        add(v->s, HD_BY_ORDER, v->step, &one);
        size = priced;
    }
    add(v->s, v->step->argument, v->step, &size);
    return true;
}

/* Is every dim in one block, with chains of its length? */
static bool is_shaped(const hd_steps *s, const hd_proof_part *part)
{
    const hd_enumeration *e = s->space;
    unsigned dims = 0, twice = 0;
    for (int b = 0; b < part->blocks; b++) {
        int slots = 0;
        for (int i = 0; i < part->block[b].dims; i++) {
            int d = part->block[b].dim[i];
            twice |= dims & 1u << d;
            dims |= 1u << d;
            slots += e->dim[d].slots;
        }
        if (slots != part->block[b].slots) return false;
    }
    return part->blocks == 0 || (!twice && dims == (1u << e->problem->op->dims) - 1);
}

bool hd_recount_steps(hd_steps *s)
{
    const hd_proof *proof = s->claim->proof;
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) s->sum[a][d] = (hd_proof_sum){.bound = INFINITY};
    for (const hd_proof_part *part = proof->first; part; part = part->next) {
        if (!is_shaped(s, part)) return hd_differs(s->out, "the blocks of a part are not the dims of the operator");
        for (int b = 0; b < part->blocks; b++)
            if (!options_hold(s, &part->block[b])) return false;
        for (const hd_proof_step *step = part->first; step; step = step->next) {
            cover v = {.s = s, .part = part, .step = step, .keep = hd_keep_index(proof, part->keep)};
            if (v.keep < 0) return hd_differs(s->out, "a part has a keep set that the space does not have");
            if (!is_numbered(&v) || (step->set && !names_each_once(&v))) return false;
            if (!(step->set ? take_block(&v, 0) : take_dim(&v, 0)) || !add_sizes(&v)) return false;
        }
    }
    return true;
}
