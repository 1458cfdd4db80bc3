/* The splits of a mesh under one keep set and mask: see optimal_split.c. */
#ifndef HD_SOLVE_OPTIMAL_SPLIT_H
#define HD_SOLVE_OPTIMAL_SPLIT_H

#include "solve/optimal.h"
#include "solve/optimal_links.h"

enum { OPT_MOST_SPLITS = 1 << 17 };

/* What options have in common. */
typedef struct opt_common { double *least; uint16_t may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS]; } opt_common;

/* The ways in which a block's options lie on the mesh. */
typedef struct opt_splits_block {
    int ways, *of;                    /* [option] */
    uint64_t *key;                    /* copies of every part less one, a byte each; ascending */
    opt_common *way;
} opt_splits_block;

/* How copies of every set of kindred dims lie along the axes. */
typedef struct opt_dealing { int copies[OPT_MAX_KINDRED][HD_AXES]; } opt_dealing;
enum { OPT_MOST_DEALINGS = 81 };      /* of at most OPT_MOST_PART copies in all */

typedef struct opt_splits {
    opt *o;
    uint64_t *split, key;             /* all of them; the one being searched */
    int dealings;                     /* those of it that may lead to something better */
    opt_dealing dealing[OPT_MOST_DEALINGS];
    opt_way *way;                     /* those looked up so far: [role][axis][lacked][own copies] */
    unsigned padded[HD_ROLES];
    double ones[OPT_MAX_ROW];
    opt_splits_block block[HD_MAX_DIMS];
    bool others[HD_MAX_DIMS][OPT_MAX_PARTS][OPT_MOST_PART + 1]; /* can the blocks but this one make so many copies? */
} opt_splits;

static inline int opt_part(uint64_t key, int i) { return (int)(key >> 8 * i & 255u) + 1; }

/* Every way to deal the copies of a split out to the axes; one, if these are not alike. */
int opt_list_dealings(const opt *o, const int copies[OPT_MAX_PARTS], opt_dealing out[OPT_MOST_DEALINGS]);

/* Dims of the role whose copies may take different numbers of words: padding is cut off at the borders. */
unsigned opt_padded_dims(const opt *o, int role);
/* The links of every role under one dealing of the split, or, if that is less, as they are. */
void opt_least_links(opt_splits *all, const opt_dealing *dealing, opt_split *split);

#endif
