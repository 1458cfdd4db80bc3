/* Build the nest: digits of all dimensions with their place in time. */
#include "cost/native/nest.h"

#include <assert.h>

static void add_loops(nest *n, const hd_scheme_level *l, int level, int time_of[HD_MAX_UPDATES])
{
    for (int i = l->updates - 1; i >= 0; i--) { /* listed innermost first */
        assert(n->loops < HD_MAX_LOOPS);
        time_of[i] = n->loops;
        n->loop[n->loops].dim = l->update[i].dim;
        n->loop[n->loops].turns = false;
        n->loop[n->loops++].level = level;
    }
    n->loops_to[level] = n->loops;
}

void hd_nest_build(nest *n, const hd_problem *p, const hd_scheme *s)
{
    int time_of[HD_MAX_LEVELS][HD_MAX_UPDATES];
    n->p = p;
    n->s = s;
    n->mac = s->levels - 1;
    n->loops = 0;
    for (int l = 0; l < s->levels; l++) {
        add_loops(n, &s->level[l], l, time_of[l]);
        n->split[l] = l ? n->split[l - 1] : 0;
    }
    for (int d = 0; d < p->op->dims; d++) {
        hd_radix radix;
        bool legal = hd_radix_build(p, s, d, &radix, NULL);
        assert(legal);
        (void)legal;
        int64_t span = p->op->dim[d].extent;
        n->dim[d].digits = radix.digits;
        n->dim[d].even_to = n->mac;
        for (int i = 0; i < radix.digits; i++) {
            const hd_digit *from = &radix.digit[i];
            nest_digit *to = &n->dim[d].digit[i];
            if (span % from->shift && n->dim[d].even_to >= from->level) n->dim[d].even_to = from->level - 1;
            span = from->shift;
            *to = (nest_digit){from->shift, from->count, from->level, -1, 0};
            if (from->loop >= 0) {
                to->time = time_of[from->level][from->loop];
                n->loop[to->time].turns = true;
                continue;
            }
            to->axis = s->level[from->level].stack[from->stack].axis;
            for (int l = from->level; l < s->levels; l++) n->split[l] |= 1u << d;
        }
    }
}
