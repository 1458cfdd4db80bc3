/* Groups of nodes by runs of alike ones: the words of a run are counted once.  See groups.h. */
#include "cost/native/groups.h"

#include <string.h>

#include "cost/native/alike.h"

/* The digit of the nest that a stack became; -1 where it counts one. */
static int digit_of(const nest *n, const hd_stack *s, int level)
{
    const nest_dim *nd = &n->dim[s->dim];
    for (int k = 0; k < nd->digits; k++)
        if (nd->digit[k].level == level && nd->digit[k].time < 0 && nd->digit[k].shift == s->shift) return k;
    return -1;
}

/* By dim, outer digits first. */
static void insert(group_digit *list, int *n, group_digit d)
{
    int k = (*n)++;
    for (; k > 0 && (list[k - 1].dim > d.dim || (list[k - 1].dim == d.dim && list[k - 1].digit > d.digit)); k--)
        list[k] = list[k - 1];
    list[k] = d;
}

void hd_groups_of(const nest *n, const chain *c, int level, groups *g)
{
    const hd_scheme_level *l = &n->s->level[level];
    unsigned wired = hd_wired_stacks(n, c, level - 1, level);
    int64_t weight[HD_AXES] = {1, 1};
    g->n = n;
    g->c = c;
    g->role = 0;
    while (n->ready->role[g->role].role != c->role) g->role++;
    g->level = level;
    g->link = 1;
    while (c->link[g->link].level < level) g->link++;
    g->shape = (node_grid){{0, 0}, {0, 0}, 1};
    g->members = 1;
    g->digits = g->inner = 0;
    memset(g->at, 0, sizeof g->at);
    for (int i = 0; i < l->stacks; i++) {
        const hd_stack *s = &l->stack[i];
        int digit = s->copies > 1 ? digit_of(n, s, level) : -1;
        if (digit < 0) continue;
        bool absent = !(c->factors->dims >> s->dim & 1u);
        group_digit d = {s->dim, digit, s->axis, absent, s->copies, weight[s->axis]};
        weight[s->axis] *= s->copies;
        if (!absent || !(wired & NEST_STACK(level, s->axis))) {
            insert(g->digit, &g->digits, d);
            continue;
        }
        g->member[g->inner++] = d;
        g->members *= d.count;
        g->shape.span[d.axis] += (d.count - 1) * d.weight;
        if (d.axis == HD_X) g->shape.columns *= d.count;
    }
}

/* ---- runs ---- */

static void walk(groups *g, int k, hd_groups_visit *visit, void *user)
{
    const alike same = {g->n, g->level, g->level, (const int64_t (*)[HD_MAX_DIGITS])g->at, 1u << g->role};
    if (k == g->digits) {
        visit(g, user);
        return;
    }
    const group_digit *d = &g->digit[k];
    bool apart = d->absent && g->c->role == HD_O; /* old partials go to index 0 */
    for (int64_t from = 0, to; from < d->count; from = to) {
        to = apart && from == 0 ? 1 : hd_alike_end(&same, d->dim, d->digit, from);
        g->start[k] = g->at[d->dim][d->digit] = from;
        g->run[k] = to - from;
        walk(g, k + 1, visit, user);
    }
    g->at[d->dim][d->digit] = 0;
}

void hd_groups_walk(groups *g, hd_groups_visit *visit, void *user) { walk(g, 0, visit, user); }

bool hd_groups_next(const groups *g, int64_t index[HD_MAX_STACKS])
{
    for (int k = 0; k < g->digits; k++) {
        if (++index[k] < g->run[k]) return true;
        index[k] = 0;
    }
    return false;
}

node_grid hd_groups_place(const groups *g, const int64_t index[HD_MAX_STACKS])
{
    node_grid place = g->shape;
    for (int k = 0; k < g->digits; k++) place.low[g->digit[k].axis] += (g->start[k] + index[k]) * g->digit[k].weight;
    return place;
}
