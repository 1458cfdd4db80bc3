/* What the native model counts, for the search: roles, tiles, windows.  Counts: optimal_counts.c, cycles: optimal_time.c. */
#include <string.h>

#include "base/count.h"
#include "cost/native/native.h"
#include "solve/optimal.h"

static bool find_roles(opt *o)
{
    const hd_operator *op = o->p->op;
    for (int r = 0; r < HD_ROLES; r++) {
        const hd_tensor *t = &op->tensor[r];
        if (!t->used) continue;
        o->absent[r] = ((1u << op->dims) - 1) & ~hd_tensor_dims(op, (hd_role)r);
        for (int k = 0; k < t->ranks; k++) {
            if (hd_rank_is_plain(op, &t->rank[k])) o->plain[r] |= 1u << t->rank[k].term[0].dim;
            else if (r == HD_O) return false;
        }
        o->fresh[r] = o->plain[r];
    }
    return true;
}

static bool begin(opt *o)
{
    const hd_arch *a = o->p->arch;
    bool registers = a->level[o->mac].operand_register && (!o->p->op->vector || a->vector_at == o->mac);
    o->last = registers ? o->mac : o->mac - 1;
    if (o->p->op->vector && o->last > a->vector_at) o->last = a->vector_at;
    return find_roles(o);
}

bool opt_native_takes(const opt *o, const opt_chain *c)
{
    (void)o, (void)c;
    return true;
}

double opt_most_members(const opt *o, int level, int role)
{
    double nodes = 1, states = 1;
    if (!opt_may_share(o, level, role)) return 0;
    for (int axis = 0; axis < HD_AXES; axis++)
        if (opt_merging(o, role) & NEST_STACK(level, axis)) nodes *= (double)o->p->arch->level[level].fan[axis];
    for (int d = 0; d < o->form->dims; d++)
        if (o->absent[role] >> d & 1u) states *= (double)o->p->op->dim[d].extent;
    return nodes < states ? nodes : states;
}

/* Nodes that a tile's words are divided by, as far as the split of a mesh says ... */
static double members_at(const opt *o, int level, int role)
{
    if (level != o->mesh || !opt_may_share(o, level, role)) return 1;
    if (!o->split) return opt_most_members(o, level, role);
    return opt_holds_together(o, level, role) ? o->split->role[role].members : 1;
}

/* ... or row by row. */
static double sharers(const opt *o, int level, int role) { return level == o->mesh ? 0 : opt_most_members(o, level, role); }

void opt_native_find_tiles(opt *o)
{
    const hd_arch *a = o->p->arch;
    for (int l = 0; l < o->mac; l++) {
        const hd_level *al = &a->level[l];
        o->pool[l] = (double)al->capacity;
        for (int r = 0; al->bounded && r < HD_ROLES; r++) {
            hd_role role = (hd_role)r;
            o->room[l][r] = (double)al->role_capacity[r];
            if (!o->p->op->tensor[r].used || l < o->p->home[r]) continue;
            double bits = hd_native_bits(o->p, l, role);
            if (l == o->p->home[r])
                o->at_home[l] += (double)hd_count_ceil_div(hd_tensor_words(o->p->op, role) * (int64_t)bits, al->word_bits);
            else if (o->keep[l] & HD_ROLE_BIT(r))
                o->tile[o->tiles++] =
                    (opt_tile){l, r, bits / members_at(o, l, r), al->word_bits, al->double_buffer ? 2 : 1, sharers(o, l, r)};
        }
    }
}

/* Nodes that hold the tile together if they share it, as far as the dims of `of` say. */
static double members(const opt *o, const opt_chain *const *of, const opt_tile *t)
{
    double nodes = 1;
    for (int d = 0; t->sharers > 0 && d < o->form->dims; d++)
        for (int axis = 0; of[d] && (o->absent[t->role] >> d & 1u) && axis < HD_AXES; axis++)
            if (opt_merging(o, t->role) & NEST_STACK(t->level, axis)) nodes *= (double)of[d]->copies[t->level][axis];
    return nodes;
}

double opt_native_tile_words(const opt *o, const opt_chain *const *of, const opt_tile *t)
{
    const hd_tensor *tensor = &o->p->op->tensor[t->role];
    double words = 1;
    for (int r = 0; r < tensor->ranks; r++) {
        const hd_rank *rank = &tensor->rank[r];
        int64_t hull = 1;
        if (!of[rank->term[0].dim]) continue;
        for (int k = 0; k < rank->terms; k++) hull += rank->term[k].coef * (of[rank->term[k].dim]->box[t->level] - 1);
        words *= (double)hd_count_min(hull, rank->extent);
    }
    return words / members(o, of, t);
}

/* Do all tiles of the rank's dims divide, down to the level? */
static bool is_even(const hd_rank *rank, const opt_chain *const *of, int level)
{
    for (int t = 0; t < rank->terms; t++)
        if (of[rank->term[t].dim] && of[rank->term[t].dim]->even <= level) return false;
    return true;
}

/* Where the i-th dim of the general ranks (its rank: i / HD_MAX_TERMS) is the first to turn: one half of the slide. */
static double slide(const opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int i, bool left)
{
    const hd_rank *rank = opt_general(o, g->role, q);
    int t = i % HD_MAX_TERMS;
    if (q != i / HD_MAX_TERMS) return opt_window(o, rank, of, g->level, merge, left ? OPT_ALL_STEPS : OPT_EACH_STEP);
    if (o->ragged) return left ? 0 : opt_window(o, rank, of, g->level, merge, OPT_ALL_STEPS);
    if (t >= rank->terms) return 0;
    return (left ? opt_slide_left : opt_slide)(o, rank, of, g->level, merge, rank->term[t].dim);
}

double opt_native_window(const opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int variant)
{
    bool all = variant > 0 && variant <= g->depths;
    int half = variant - g->depths - 1;
    opt_span steps = opt_is_first_step(o, g, variant) ? OPT_FIRST_STEP : all ? OPT_ALL_STEPS : OPT_EACH_STEP;
    const hd_rank *rank = opt_general(o, g->role, q);
    if (!is_even(rank, of, g->level)) /* no less comes than what is touched */
        return steps == OPT_FIRST_STEP ? 0 : (double)hd_rank_touched(o->p->op, rank);
    if (half >= 0 && half < g->slides) return slide(o, g, q, of, merge, half / 2, half % 2);
    return opt_window(o, rank, of, g->level, merge, steps);
}

/* Does the loop, coming back to its start, find words of its last tile?  Asked of the groups further inside as well: what stays
 * there may go on to this level.  Where tiles divide, slides count these. */
bool opt_native_wraps(const opt *o, const opt_chain *const *of, int dim, int level)
{
    if (!o->ragged) return false;
    int k = o->form->at[dim][level][HD_SLOT_UPDATE];
    for (int g = 0; g < o->groups; g++) {
        const opt_group *group = &o->group[g];
        for (int q = 0; group->at >= level && opt_general(o, group->role, q); q++) {
            const hd_rank *rank = opt_general(o, group->role, q);
            int64_t hull = 1, coef = 0;
            for (int t = 0; t < rank->terms; t++) {
                if (rank->term[t].dim == dim) coef = rank->term[t].coef;
                if (of[rank->term[t].dim]) hull += rank->term[t].coef * (of[rank->term[t].dim]->box[group->level] - 1);
            }
            if (coef > 0 && !is_even(rank, of, group->level)) return true; /* where one piece is alone it never leaves */
            if (coef > 0 && hull > coef * of[dim]->span[k] * (of[dim]->loop[level] - 1)) return true;
        }
    }
    return false;
}

const opt_rules opt_native = {
    .model = &hd_model_native,
    .phases = true,
    .halves = true,
    .alike_axes = true,
    .comes_back = true,
    .begin = begin,
    .takes = opt_native_takes,
    .find_groups = opt_native_groups,
    .find_tiles = opt_native_find_tiles,
    .tile_words = opt_native_tile_words,
    .window = opt_native_window,
    .wraps = opt_native_wraps,
    .cycles = opt_native_cycles,
};
