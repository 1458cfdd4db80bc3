/* Random small operators, chips and mappings of the kind that Timeloop can express. */
#ifndef HD_TESTS_COST_TIMELOOP_DRAW_H
#define HD_TESTS_COST_TIMELOOP_DRAW_H

#include "base/random.h"
#include "cost/model.h"

typedef struct draw_wish {
    bool imperfect;       /* outermost factors may end unevenly */
    bool bypass;          /* levels may keep less than all */
    bool flags;           /* no multicast, no links, no reuse, wider arrays than the mapping needs */
    bool slide;           /* convolutions whose windows slide */
    int loops, stacks;    /* at most so many of more than one */
} draw_wish;

typedef struct draw_case {
    hd_operator op;
    hd_arch arch;
    hd_scheme scheme;
    hd_problem problem;   /* points into this case: do not copy */
    double settings[3];
    int loops, stacks;
    bool narrow;          /* few loops but those of sliding dims */
} draw_case;

/* Legal and served; the settings are random (links, elision, torus). */
void draw_any(hd_random *random, const draw_wish *wish, draw_case *out);

#endif
