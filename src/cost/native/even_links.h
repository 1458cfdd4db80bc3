/* What crosses between two levels of the straight road that keep a role. */
#include "cost/native/even_windows.h"

/* What crosses from a level that keeps the role to the next one inwards. */
typedef struct even_link {
    int inner;
    unsigned merge, spread;        /* wires that join tiles, fan-outs with units along a window, as far as they are counted */
    lanes joined;                  /* units that they join */
    lanes folded;                  /* of O: all units whose results meet in one word */
    lanes tile, arrivals;          /* at `inner`, each unit by itself */
} even_link;

/* Words entering with the wires counted so far merging what they can. */
static bool entering(const even_nest *n, const even_role *r, const even_link *link, lanes *words)
{
    if (link->merge & link->spread) return windows_moved(n, r, link->inner, link->merge, words);
    *words = link->merge ? link->arrivals / link->joined : link->arrivals;
    return true;
}

/* One fan-out outwards: its wires join tiles, too. */
static void cross(const even_nest *n, const even_role *r, int level, even_link *link)
{
    for (int i = n->stacks_to[level - 1]; i < n->stacks_to[level]; i++) {
        const even_stack *stack = &n->stack[i];
        unsigned wired = r->role->wires & stack->bit, along = r->role->general >> stack->dim & 1u;
        link->spread |= along ? stack->bit : 0;
        link->merge |= wired;
        link->joined *= wired && !(stack->own & r->bit) ? stack->count : all(1);
    }
}

/* Of O: units from the level outside to this one whose results meet in one word. */
static lanes folded(const even_nest *n, const even_role *r, int outer, int inner)
{
    lanes units = all(1);
    for (int i = n->stacks_to[outer]; i < n->stacks_to[inner]; i++)
        units *= n->stack[i].own & r->bit ? all(1) : n->stack[i].count;
    return units;
}

/* False where too many units merge. */
static bool count_arrivals(const even_nest *n, even_role *r, int inner, even_link *link)
{
    link->inner = inner;
    link->merge = link->spread = 0;
    link->joined = link->folded = all(1);
    if (inner == n->mac) {
        link->tile = all(1);
        link->arrivals = all((double)r->role->points);
        for (int g = 0; g < r->role->generals; g++) r->length[g] = all(1);
        r->plain = all(1);
        return true;
    }
    link->tile = measure(n, r, inner);
    link->arrivals = steps_at(n, r, inner) * n->used[inner] * link->tile;
    return r->role->generals == 0 || !slides(n, r, inner) || windows_moved(n, r, inner, 0, &link->arrivals);
}
