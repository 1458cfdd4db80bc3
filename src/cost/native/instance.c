/* The same counts (traffic.c) in one instance of a level, or under one group of nodes of a mesh: what a port of it passes. */
#include "cost/native/traffic.h"

/* By wires: those that multicast an operand, or add results. */
typedef enum merging { MERGE_NONE, MERGE_WIRED, MERGE_ALL } merging;

/* Stacks between link i and the one outside that merge as said. */
static inline unsigned merged_stacks(const chain *c, int i, merging how)
{
    if (how == MERGE_NONE) return 0;
    return how == MERGE_WIRED ? c->link[i].between & c->factors->wires : c->link[i].between;
}

/* The view of link `i`'s tiles in one instance, the stacks up to the link outside merged as said. */
static inline nest_view view_of(const chain *c, int i, merging how, int fixed, const int64_t (*at)[HD_MAX_DIGITS])
{
    int level = c->link[i].level;
    return (nest_view){.event = level, .box = level, .fixed = fixed, .at = at, .merge = merged_stacks(c, i, how),
                       .pool = how != MERGE_NONE ? c->link[i - 1].pool : 0};
}

/* Entering words of link `i`, counted as `how` says from the link outside. */
static inline int64_t entering(const nest *n, const chain *c, int i, part which, merging how, int fixed,
                               const int64_t (*at)[HD_MAX_DIGITS])
{
    nest_view v = view_of(c, i, how, fixed, at);
    return hd_link_words(n, c, i, which, &v);
}

/* Is the instance the one of its reduction group that old partials go to? */
static bool is_loader(const nest *n, const chain *c, int i, const int64_t (*at)[HD_MAX_DIGITS])
{
    unsigned own = hd_tensor_dims(n->p->op, c->role);
    for (int d = 0; d < n->p->op->dims; d++)
        for (int k = 0; k < n->dim[d].digits && !(own >> d & 1u); k++) {
            const nest_digit *g = &n->dim[d].digit[k];
            if (g->time < 0 && g->level > c->link[i - 1].level && g->level <= c->link[i].level && at[d][k] != 0) return false;
        }
    return true;
}

/* Arrivals at link `i` of words of the share that one instance of level `box` works on. */
static int64_t share_arrivals(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    nest_view v = {.event = c->link[i].level, .box = box, .fixed = box, .at = at};
    if (i == 0) return hd_share_words(n, c->factors, &v);
    return hd_moved(n, c->factors, &v, NULL);
}

static int64_t share_loads(const nest *n, const chain *c, int i, int box, const int64_t (*at)[HD_MAX_DIGITS])
{
    if (i == 0 || !is_loader(n, c, i, at)) return 0;
    nest_view v = view_of(c, i, MERGE_ALL, box, at);
    v.box = box;
    return hd_link_words(n, c, i, PART_ALL, &v) - (share_arrivals(n, c, i - 1, box, at) - share_loads(n, c, i - 1, box, at));
}

/* The first touch of a word moves nothing: there is no first part. */
static void output_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                          hd_access *a)
{
    int level = c->link[i].level;
    a->updates = entering(n, c, i + 1, which, MERGE_WIRED, level, at);
    if (which == PART_LAST)
        a->reads = !c->link[i + 1].between ? 0 : a->updates - entering(n, c, i + 1, which, MERGE_ALL, level, at);
    else /* less what the link never loaded: each word is touched a first time, for nothing */
        a->reads = a->updates - (share_arrivals(n, c, i, level, at) - share_loads(n, c, i, level, at));
    if (i > 0) a->reads += entering(n, c, i, which, MERGE_NONE, level, at);
    if (i > 0 && which == PART_ALL) a->fills = share_loads(n, c, i, level, at);
}

/* Nothing leaves at the end: there is no last part. */
static void operand_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS],
                           hd_access *a)
{
    int level = c->link[i].level;
    a->reads = entering(n, c, i + 1, which, MERGE_WIRED, level, at);
    if (i > 0) a->fills = entering(n, c, i, which, MERGE_NONE, level, at);
    if (c->twice) a->reads *= 2, a->fills *= 2;
}

void hd_link_access(const nest *n, const chain *c, int i, part which, const int64_t (*at)[HD_MAX_DIGITS], hd_access *out)
{
    out->reads = out->fills = out->updates = 0;
    if (c->role == HD_O)
        output_access(n, c, i, which, at, out);
    else
        operand_access(n, c, i, which, at, out);
}

int64_t hd_link_trips(const nest *n, const chain *c, int i, part which, nest_view v)
{
    v.event = v.box = c->link[i].level;
    return hd_link_words(n, c, i, which, &v);
}

int64_t hd_node_loads(const nest *n, const chain *c, int i, int node, const int64_t (*at)[HD_MAX_DIGITS])
{
    int64_t loads[HD_MAX_LEVELS] = {0}, arrivals = 0;
    for (int k = 0; k <= i; k++) {
        nest_view v = {.event = c->link[k].level, .box = c->link[i].level, .fixed = -1, .at = at, .node = node};
        if (k > 0) {
            nest_view all = v;
            all.merge = c->link[k].between;
            all.pool = c->link[k - 1].pool;
            loads[k] = hd_link_words(n, c, k, PART_ALL, &all) -
                       ((c->link[k - 1].pool ? arrivals / c->link[k - 1].members : arrivals) - loads[k - 1]);
        }
        if (k < i) arrivals = k == 0 ? hd_share_words(n, c->factors, &v) : hd_moved(n, c->factors, &v, NULL);
    }
    return loads[i];
}
