/* A node of the search: what is chosen, and of every block still open the options that may yet lead to something better. */
#ifndef HD_SOLVE_OPTIMAL_FRAME_H
#define HD_SOLVE_OPTIMAL_FRAME_H

#include "solve/optimal.h"

typedef struct opt_child { double bound; int option; } opt_child;

/* The options left of a block, and what they have in common. */
typedef struct opt_domain {
    int block, n;
    opt_child *child;
    double *least;                    /* of each product */
    double most[OPT_MAX_PARTS];       /* of copies that a split prescribes */
    uint16_t may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS];
} opt_domain;

typedef struct opt_frame {
    opt_node node;
    double limit;                     /* under which its options were looked through; 0 = not yet */
    bool through;                     /* as often as helps */
    unsigned stale;                   /* domains beside which something has changed since */
    int domains;
    opt_domain domain[HD_MAX_DIMS];
} opt_frame;

/* All options of all blocks that go with o->split; NULL where memory is out, as below. */
opt_frame *opt_frame_root(opt *o);
/* Of a keep set and mask: what its root costs at least, and what is left of it then; search it from there on, or from a root to
 * be made where that is NULL. */
double opt_root_bound(opt *o, opt_frame **root);
void opt_search_from(opt *o, opt_frame *root);
/* Find again what the options left have in common; true where that has changed. */
bool opt_summarise(const opt *o, opt_domain *d);
/* The node with every open block but `but` (-1: none) at its least. */
void opt_complete(const opt *o, const opt_frame *f, int but, opt_node *out);
/* For a proof: what was dropped of domain `i` goes with all that the other domains hold. */
void opt_settle(opt *o, const opt_frame *f, int i);
/* The frame with one option of domain `i` chosen; the domains of the others are copies. */
opt_frame *opt_choose(opt *o, const opt_frame *f, int i, int option);

/* A domain in two: options whose product in `column` is less than `at`, and the others; no scheme of the halves costs less
 * than `bound`. */
typedef struct opt_cut { int domain, column; double at, bound[2]; } opt_cut;
/* The cut after which the cheaper half costs most; `domain` = -1 where none is worth it. */
opt_cut opt_find_cut(opt *o, const opt_frame *f);
/* The frame with one half. */
opt_frame *opt_take_half(opt *o, const opt_frame *f, const opt_cut *cut, int half);
/* The frame with one herd of domain `i` (opt_find_herds). */
opt_frame *opt_take_herd(opt *o, const opt_frame *f, int i, int herd);
/* The most copies that the node and every open block but `but` make, as far as a split prescribes them. */
void opt_most_copies(const opt *o, const opt_frame *f, int but, double out[OPT_MAX_PARTS]);
/* Is the option in it? */
bool opt_in_half(const opt *o, const opt_frame *f, const opt_cut *cut, int option, int half);

#endif
