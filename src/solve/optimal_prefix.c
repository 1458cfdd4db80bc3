/* What the loops of a level cost at least, once the innermost ones are placed and all of the levels further out are.
 *
 * Seen from a role, loops of dims that it lacks bring nothing until the first loop that it has.  Where that one turns a plain
 * rank, its whole tile is new from there on.  Where it slides, what is new each time comes each time; what may stay then comes
 * once for all that turns a plain rank further out, loops of dims that the role lacks in between again for nothing. */
#include <math.h>

#include "solve/optimal.h"

typedef struct walk {
    const opt *o;
    const opt_group *group;
    opt_order *order;
    unsigned changes;                 /* dims that change plain ranks */
    double passed, passed_slide;      /* iterations that bring nothing so far; up to the first slide */
    int slide;                        /* its number, -1 = none yet */
    bool cut;                         /* the whole tile is new from here on */
} walk;

/* Loops of the level in places 0 .. n - 1. */
static void pass(walk *w, int level, int n)
{
    const opt *o = w->o;
    for (int i = 0; i < n && !w->cut; i++) {
        int d = o->draft.order[level][i];
        if (!(w->order->node->loops[level] >> d & 1u)) continue;
        if (o->absent[w->group->role] >> d & 1u) w->passed *= w->order->loop[level][d];
        else if (w->changes >> d & 1u) w->cut = true;
        else if (w->slide < 0) {
            w->slide = opt_slide_number(o, w->group->role, d);
            w->passed_slide = w->passed;
        }
    }
}

/* All iterations of loops that the role lacks, as far as any of them may bring nothing. */
static double all_passed(const walk *w)
{
    double all = 1;
    for (int l = w->group->at; l >= 1; l--)
        for (int d = 0; d < w->o->form->dims; d++)
            if (w->o->absent[w->group->role] >> d & 1u) all *= w->order->loop[l][d];
    return all;
}

/* `known`: all loops are placed. */
static double cost_of(const walk *w, bool known)
{
    const opt_group *g = w->group;
    double pj = 0, all = all_passed(w);
    for (int k = 0; k < g->kinds; k++) {
        const double *v = w->order->node->row + g->first + k * g->variants, *slide = v + g->depths + 1 + 2 * w->slide;
        double count = v[g->depths]; /* no less */
        if (w->slide >= 0) count = fmax(count, slide[0] / w->passed_slide + slide[1] * (known || w->cut ? all / w->passed : 1));
        else if (w->cut) count = v[OPT_MOVES] / w->passed;
        w->order->count[g - w->o->group][k] = count;
        pj += g->pj[k] * count;
    }
    return pj;
}

double opt_prefix_pj(const opt *o, opt_order *order, int level, int placed)
{
    double pj = 0;
    unsigned seen = 0;
    for (int i = 0; i < placed; i++) seen |= 1u << o->draft.order[level][i];
    bool known = !(order->node->loops[level] & ~seen);
    for (int i = 0; i < o->turned[level]; i++) {
        const opt_group *g = &o->group[o->turn[level][i]];
        walk w = {.o = o, .group = g, .order = order, .changes = o->plain[g->role], .passed = 1, .slide = -1};
        pass(&w, level, placed);
        for (int l = level - 1; known && !w.cut && l >= 1; l--) pass(&w, l, o->form->dims);
        pj += cost_of(&w, known);
    }
    return pj;
}
