/* The parts of the optimal solver: what they share while one operator is solved.
 *
 * Where every tile divides the one outside, every count of the native model is a product over the dims: a search node
 * is a vector of such products, a child multiplies it by the row of one option.  docs/optimal.md has the arguments. */
#ifndef HD_SOLVE_OPTIMAL_H
#define HD_SOLVE_OPTIMAL_H

#include <math.h>

#include "cost/native/nest.h"
#include "solve/draft.h"

enum {
    OPT_MAX_KINDS = 2 * HD_MAX_LEVELS + 8,
    OPT_MAX_GROUPS = HD_ROLES * HD_MAX_LEVELS,
    OPT_MAX_ROW = 384,
    OPT_MAX_CLASSES = HD_MAX_DIMS,
    OPT_MAX_OPTIONS = 1 << 18,
    OPT_MAX_TERMS = 3 * HD_MAX_LEVELS,
    OPT_MAX_FACTORS = 4 * HD_MAX_LEVELS,
    OPT_MAX_KINDRED = 4,              /* sets of dims that the same roles lack, on a mesh */
    OPT_MAX_PARTS = HD_AXES * OPT_MAX_KINDRED,
    OPT_MOST_PART = 256,              /* copies of a part: a byte of a key (optimal_split.c) */
};
/* Nothing stays while loops turn: see opt_group. */
enum { OPT_MOVES };

/* One chain of spans of a dim, and what follows from it. */
typedef struct opt_chain {
    int64_t span[HD_MAX_SLOTS];
    int64_t box[HD_MAX_LEVELS], loop[HD_MAX_LEVELS], copies[HD_MAX_LEVELS][HD_AXES]; /* of full pieces */
    int even;                         /* first level with a smaller last piece; HD_MAX_LEVELS = none */
} opt_chain;

/* Energy beyond that of whole counts: pj x (count of `kind` - less) x factor x (at most `clusters` of the instances in use); all
 * of them never fall as their products rise.  Factors: opt.factor, -1 = one. */
typedef struct opt_term { int kind, factor, used; double pj, less, clusters; } opt_term;
/* Copies of `dims` in the fan-outs into the levels up to `level`, multiplied, or one over that. */
typedef struct opt_factor { int level; unsigned dims; bool inverse; } opt_factor;

/* Words of one role into one level that keeps it (or into the arithmetic units), each unit by itself and merged over
 * some wires: kind k merges merge[k] and costs pj[k] a word.  Every kind is there in several variants:
 * 0, MOVES: the innermost loop changes a plain rank of the role: nothing is ever held;
 * 1 .. depths: loops of that many levels with loops, from `at` outwards, bring nothing where the role lacks their dim, and
 * sliding ranks overlap fully;
 * depths + 1 + q: the innermost loop slides the role's q-th general rank, which overlaps alone; in halves (opt_rules) two
 * for each term t of each rank, with i = q * HD_MAX_TERMS + t: depths + 1 + 2 i: what is new each time, and depths + 2 + 2 i:
 * what may stay each time, for all that other ranks bring at least once; the count is the sum of both;
 * where the model has phases and time matters, the last variant is the first step alone;
 * `linked`, where the group has it: neighbours pass on whatever they can. */
typedef struct opt_group {
    int role;
    int level, at;                    /* link; level whose loops are the innermost ones, 0 = no loops */
    bool fixed;                       /* nothing is held between steps: MOVES only */
    bool anew;                        /* the same, but neighbours may pass it on: MOVES or linked */
    int linked;                       /* its variant; 0 = none (-1 before the row is laid out: one is wanted) */
    int depths, slides;               /* variants 1 .. depths; those of slides after them */
    int kinds, variants, first;       /* value of kind k, variant v: row[first + k * variants + v] */
    unsigned merge[OPT_MAX_KINDS];
    unsigned apart[OPT_MAX_KINDS];    /* stacks of these that merge only where the role lacks their dim */
    int per[OPT_MAX_KINDS];           /* counted for one instance of this level; 0 = over all */
    double pj[OPT_MAX_KINDS];
    int priced;                       /* kinds that cost anything: where their variants start, from `first` on */
    struct opt_price { int at; double pj; } price[OPT_MAX_KINDS];
    uint64_t halved;                  /* variants that are the first half of a slide */
    int terms;
    opt_term term[OPT_MAX_TERMS];
} opt_group;

/* Words over a port: of the whole run, of the first step, of the last leaving. */
typedef enum opt_phase { OPT_RUN, OPT_FILL, OPT_DRAIN, OPT_PHASES } opt_phase;
typedef struct opt_flow {
    opt_phase phase;
    int level, group, kind;
    bool write;
    double bits, less;                /* words: (count - less) x factor (as in opt_term) */
    int factor, at;                   /* in a row: the variants of the kind, or the first step alone */
    int count;                        /* number of what it counts in the run: see opt_counted */
} opt_flow;
/* A count that flows in the run share: its kind's variants stand in a row from `at` on. */
typedef struct opt_counted { int group, kind, at; } opt_counted;
enum { OPT_MAX_FLOWS = 6 * OPT_MAX_GROUPS };

typedef struct opt_range opt_range;
typedef struct opt_tree { int ranges; opt_range *range; } opt_tree; /* optimal_tree.h; none: no ranges */

/* Dims that general ranks tie together (or one dim), and their options; rows have opt.row doubles. */
typedef struct opt_block {
    int dims, dim[HD_MAX_DIMS];
    int options;
    int *chain;                       /* [option][dim of the block] */
    double *row;
    int64_t *weight;                  /* choices of chains that each option stands for; NULL = one each */
    uint16_t *loops, *wraps;          /* [option][level]: dims that loop there; that come back to words still held */
    int *twin, *next_twin, *twins;    /* [option]: the first of those it stands for; [twin]: the next; their chains */
    int herds, *herd;                 /* options with the same copies on every axis, but for a mesh that is dealt out */
    opt_tree tree;
} opt_block;

/* `sharers`: nodes that may hold it together, at most; its words in a row are those of one of them.  0 = none. */
typedef struct opt_tile { int level, role; double bits, word_bits, times, sharers; } opt_tile;
/* Copies of these dims along the axis; HD_AXES: along both. */
typedef struct opt_fan { int level, axis; double units; unsigned dims; } opt_fan;

static inline bool opt_is_axis(const opt_fan *f) { return f->axis < HD_AXES && f->dims == ~0u; }

/* How the copies on a mesh are dealt out to kindred dims (optimal_split.c), which roles' tiles nodes hold together, and the links
 * of the mesh that a word of each role then travels. */
typedef struct opt_split {
    bool any;                         /* none in particular: what is decided further in than the mesh costs no more than this */
    int copies[OPT_MAX_PARTS];        /* of each part: see opt.parts */
    unsigned together;
    struct opt_links {
        double members;               /* nodes of a group */
        double tree, inside;          /* links of a tree over one, from a port, from within */
        double loader, node;          /* to the node that loads old partial sums, to any node */
        bool pools;                   /* can the nodes of a group hold one tile? */
    } role[HD_ROLES];
} opt_split;

/* Dims that as innermost loops do the same to every group: -1 leaves the role alone, 0 changes it, q + 1 slides rank q. */
typedef struct opt_class { unsigned dims; signed char how[OPT_MAX_GROUPS]; bool slides; } opt_class;

/* A partial choice: products, dims that loop for certain, that may, and those of them that come back to words still held. */
typedef struct opt_node {
    double row[OPT_MAX_ROW];
    uint16_t loops[HD_MAX_LEVELS], may_loop[HD_MAX_LEVELS], may_wrap[HD_MAX_LEVELS];
} opt_node;

/* Which energy counts: all, or what is decided further in than opt.cut, also with static energy over the steps. */
typedef enum opt_inside { OPT_ALL, OPT_INSIDE, OPT_INSIDE_AND_STEPS } opt_inside;
/* What is known of each group: its variant, -1 = none yet; its counts of each kind at least, NULL = those of the variant. */
typedef struct opt_ways { int variant[OPT_MAX_GROUPS]; const double *count[OPT_MAX_GROUPS]; } opt_ways;

/* What is decided further in than a mesh costs at least (opt_inner_least), once it is known. */
typedef struct opt_inner { bool known; double pj, all_pj; } opt_inner;

/* What the innermost loops that a level may have do to the groups it turns, by their numbers in opt.turn. */
enum { OPT_MAX_TURNS = 2 * OPT_MAX_CLASSES, OPT_MEMO = 64 };
typedef struct opt_turns {
    int n;                            /* loops that differ */
    uint64_t variants[OPT_MAX_GROUPS]; /* that a group may have: a bit each */
    unsigned char under[OPT_MAX_GROUPS][OPT_MAX_TURNS]; /* under each loop */
} opt_turns;
typedef struct opt_memo { uint64_t key[OPT_MEMO]; opt_turns turns[OPT_MEMO]; } opt_memo; /* key 0: none */

typedef struct opt_ledger opt_ledger;
struct opt;
/* What a model counts, and how: the rest of the search is the same for all. */
typedef struct opt_rules {
    const hd_model *model;
    bool phases;                      /* waits for first and last tiles */
    bool halves;                      /* slides are counted in two halves */
    bool alike_axes;                  /* copies along X or Y are all one where the wires are the same */
    bool comes_back;                  /* a slide that goes back to its start may find words still held */
    /* Roles' dims, stacks, last; false where the counts of this space are no products. */
    bool (*begin)(struct opt *o);
    bool (*takes)(const struct opt *o, const opt_chain *c);  /* are such chains served at all? */
    /* The counts under o->keep. */
    void (*find_groups)(struct opt *o);
    /* What takes room: o->tile from number 0 on, o->at_home, o->pool, o->room. */
    void (*find_tiles)(struct opt *o);
    double (*tile_words)(const struct opt *o, const opt_chain *const *of, const opt_tile *t);
    /* The factor of the role's q-th general rank in a count; `of`: chains of its dims. */
    double (*window)(const struct opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int variant);
    /* Does the loop of `dim` at the level need the wrapping variants (opt_class)? */
    bool (*wraps)(const struct opt *o, const opt_chain *const *of, int dim, int level);
    /* No scheme below the node takes fewer cycles; `ways` NULL: the least of what may be. */
    double (*cycles)(const struct opt *o, const opt_node *n, const opt_ways *ways);
} opt_rules;
extern const opt_rules opt_native, opt_timeloop, opt_kapla;

typedef struct opt {
    const opt_rules *rules;
    const hd_form *form;
    const hd_problem *p;
    hd_budget *budget;
    hd_incumbent *inc;
    hd_arena *arena;
    int few;                          /* a block with more options left is cut in two */
    bool ragged;                      /* tiles need not divide: optimal_ragged.c */
    int mac, last;                    /* arithmetic level; innermost level whose order of loops is seen */
    unsigned absent[HD_ROLES], plain[HD_ROLES]; /* dims that the role lacks; that are ranks of their own */
    unsigned fresh[HD_ROLES];         /* dims whose loops leave nothing of a tile */
    bool linked;                      /* neighbours may pass words on: positions and other levels' orders are seen */
    unsigned stacks;                  /* NEST_STACK bits that some dim may use */
    unsigned may_loop, must_loop;     /* levels where some chain loops, where all of some dim do */
    int chains[HD_MAX_DIMS];
    opt_chain *chain[HD_MAX_DIMS];
    /* under one keep set */
    unsigned keep[HD_MAX_LEVELS];
    int groups;
    opt_group group[OPT_MAX_GROUPS];
    double base_pj, base_cycles;      /* what every scheme costs; least cycles of work */
    double most[(HD_AXES + 1) * HD_MAX_LEVELS + OPT_MAX_PARTS]; /* copies on each axis that options can make together */
    double least_steps;               /* all points over the most units that options can use together */
    bool timed, metered;              /* does time, does energy matter to the objective? */
    int flows;
    opt_flow flow[OPT_MAX_FLOWS];
    int counted;
    opt_counted count[OPT_MAX_FLOWS];
    double constant_bits[HD_MAX_LEVELS][2]; /* that every scheme moves more (or less) over a level's ports: read, write */
    bool rated;                       /* cycles do not depend on the scheme's steps */
    /* and one set of levels with loops; a row: copies on every axis, words of every tile, steps, counts */
    unsigned mask;
    int row, fans, tiles, steps, counts;
    opt_fan fan[(HD_AXES + 1) * HD_MAX_LEVELS + OPT_MAX_PARTS];
    unsigned folded;                  /* levels with alike axes (optimal_fold.c) */
    int cut;                          /* levels further in are bounded together, too (optimal_inner.c) */
    opt_inside inside;
    double inner_pj, inner_all_pj;    /* what they cost at least: OPT_INSIDE, OPT_INSIDE_AND_STEPS; 0 = not known */
    struct opt_inner *inner;          /* that of this keep set and mask, by the roles that nodes hold together */
    int mesh;                         /* level whose copies are dealt out first; 0 = none */
    const opt_split *split;           /* how; NULL = in any way, nodes sharing whatever they may, hops left out */
    struct opt_splits *splits;        /* all, while they are searched */
    int kindred, parts, parted;       /* sets of such dims; sets x axes, or sets where axes are alike; the first part's fan */
    unsigned kin[OPT_MAX_KINDRED];
    opt_tile tile[HD_ROLES * HD_MAX_LEVELS];
    double at_home[HD_MAX_LEVELS];    /* words that tensors at home take */
    double pool[HD_MAX_LEVELS], room[HD_MAX_LEVELS][HD_ROLES]; /* words that all, that each role may take there */
    int factors, factor_at;           /* they stand in the row from here on */
    opt_factor factor[OPT_MAX_FACTORS];
    int turned[HD_MAX_LEVELS], turn[HD_MAX_LEVELS][OPT_MAX_GROUPS]; /* groups that the loops of a level turn */
    int classes;
    opt_class class[OPT_MAX_CLASSES];
    int same[HD_MAX_LEVELS][OPT_MAX_CLASSES]; /* first class that does the same to all groups that the level's loops may turn */
    opt_memo *memo;                   /* what loops do to groups, as far as it was asked */
    int blocks;
    opt_block block[HD_MAX_DIMS];
    int chosen[HD_MAX_DIMS];          /* option of each block */
    hd_draft draft;                   /* the leaf; its orders are the first ones of the form */
    bool over, memory;                /* out of budget; out of memory */
    opt_ledger *ledger;               /* what is discarded, for a proof; NULL = none asked */
    double open;                      /* least bound of what was left unseen */
    int64_t nodes, leaves, rows;      /* bounded; with all tiles chosen; of products filled in */
    int64_t most_work;                /* bounds, leaves and prices (opt_is_out) after which the search is cut short; 0 = no end */
    int64_t priced;                   /* evaluations before it began */
} opt;

/* Start on a space; false where its counts are no products (or o->memory is gone). */
bool opt_begin(opt *o, const hd_form *form, hd_budget *budget, hd_incumbent *inc, hd_arena *arena);
/* Would an exact search be long for little, where `gap` of the best cost is open?  Where windows overlap, bounds stay below the
 * costs by about what they are below at first until most tiles are chosen: soon seen through where that is `little`, and worth
 * its time where it is so much that the answer itself is in doubt. */
bool opt_is_loose(const hd_operator *op, double gap, double little);
/* Search a space from the incumbent on, for `work` bounds or so: the incumbent takes what is better, and a higher lower bound.
 * `all`: nothing is left unseen.  Nothing happens where counts are no products.  HD_ERR_MEMORY alone. */
hd_status opt_search_shortly(const hd_form *form, int64_t work, hd_budget *budget, hd_incumbent *inc, hd_arena *arena, bool *all,
                             hd_error *err);
/* Must the search stop? */
bool opt_is_out(opt *o);
/* All tiles under one keep set that loop at the levels of `mask` only; false where there are none, or time is out by then. */
bool opt_enter(opt *o, const unsigned *keep, unsigned mask);
/* Search all keep sets and sets of levels with loops.  `even`: the search is one for this space; `all`: it saw everything. */
hd_status opt_search_parts(opt *o, bool *even, bool *all, hd_error *err);
/* The general ranks of a role, in their order; NULL past the last one. */
const hd_rank *opt_general(const opt *o, int role, int index);
/* Which slide of the role's general ranks is the dim's (in halves: each dim has its own)?  -1: none. */
int opt_slide_number(const opt *o, int role, int dim);
/* Chains of every dim; false where some tile does not divide, or there are too many. */
bool opt_find_chains(opt *o);
/* A group of words of the role into the level, empty. */
opt_group *opt_add_group(opt *o, int role, int level);
/* The kind of a group, added where there is none. */
int opt_kind(const opt *o, opt_group *g, unsigned merge, int per);
/* The same where of the merged stacks those of `apart` are counted once only for dims that the role lacks. */
int opt_kind_apart(const opt *o, opt_group *g, unsigned merge, unsigned apart, int per);
/* Wires that deliver the role to many (of O: that add). */
unsigned opt_merging(const opt *o, int role);
/* May nodes of the level hold one tile of the role together?  Whether they do follows from the whole scheme, so bounds take
 * whichever costs less. */
bool opt_may_share(const opt *o, int level, int role);
/* Do counts take them to hold one? */
bool opt_holds_together(const opt *o, int level, int role);
/* Most nodes that can. */
double opt_most_members(const opt *o, int level, int role);
/* Do places matter, on a mesh? */
bool opt_has_mesh(const opt *o);
/* Levels that keep the role, its home first, then the arithmetic units; returns the index of these. */
int opt_chain_of(const opt *o, int role, int *level);
/* Stacks of levels from + 1 .. to. */
unsigned opt_between(int from, int to);
/* Words of a role whose ranks are all plain. */
double opt_plain_words(const opt *o, int role);
/* Number of a factor, added where there is none; -1 where it is one. */
int opt_factor_of(opt *o, int level, unsigned dims, bool inverse);
/* Less work than fmin, fmax and ceil, which heed what is no number (and stand in a library); here nothing is. */
static inline double opt_lesser(double a, double b) { return a < b ? a : b; }
static inline double opt_greater(double a, double b) { return a > b ? a : b; }
static inline double opt_ceil(double x)
{
    if (x >= 4503599627370496.0) return x; /* 2^52: whole already */
    double whole = (double)(int64_t)x;
    return whole < x ? whole + 1 : whole;
}

/* Is the variant the first step alone? */
static inline bool opt_is_first_step(const opt *o, const opt_group *g, int variant)
{
    return o->rules->phases && o->timed && variant == g->variants - 1;
}

/* The count of a kind whose variants start at `v`. */
static inline double opt_count(const opt_group *g, const double *v, int variant)
{
    if (!(g->halved >> variant & 1u)) return v[variant];
    return opt_greater(v[variant] + v[variant + 1], v[g->depths]); /* all that must come once may say more */
}

/* The least that it is in any of these variants; 0 where there are none. */
static inline double opt_least_count(const opt_group *g, const double *v, uint64_t variants)
{
    double least = INFINITY;
    for (uint64_t left = variants; left; left &= left - 1) least = opt_lesser(opt_count(g, v, __builtin_ctzll(left)), least);
    return variants ? least : 0;
}

static inline double opt_cycles(const opt *o, const opt_node *n, const opt_ways *ways) { return o->rules->cycles(o, n, ways); }
/* What the loops of a level may do: good until the next question.  All is forgotten once groups change. */
const opt_turns *opt_turns_of(const opt *o, const opt_node *n, int level);
void opt_forget_turns(opt *o);
/* The variant with all innermost dims known: what stays, outwards as long as no loop of a level must change the role. */
int opt_variant_given(const opt *o, const opt_node *n, int group, const int *inner);
/* Variants that each group may have: a bit each, one where it is known. */
void opt_find_variants(const opt *o, const opt_node *n, const opt_ways *ways, uint64_t variants[OPT_MAX_GROUPS]);
/* The parts of opt_native that are large, or that opt_kapla has, too. */
bool opt_native_takes(const opt *o, const opt_chain *c);
void opt_native_find_tiles(opt *o);
double opt_native_tile_words(const opt *o, const opt_chain *const *of, const opt_tile *t);
double opt_native_window(const opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int variant);
bool opt_native_wraps(const opt *o, const opt_chain *const *of, int dim, int level);
void opt_native_groups(opt *o);
void opt_native_flows(opt *o, const int first[HD_ROLES]);
double opt_native_cycles(const opt *o, const opt_node *n, const opt_ways *ways);
/* And of opt_timeloop. */
bool opt_timeloop_links(const opt *o, int level, int role); /* may neighbours forward the role's words into the level? */
double opt_timeloop_window(const opt *o, const opt_group *g, int q, const opt_chain *const *of, unsigned merge, int variant);
bool opt_timeloop_wraps(const opt *o, const opt_chain *const *of, int dim, int level);
double opt_timeloop_cycles(const opt *o, const opt_node *n, const opt_ways *ways);
/* The same for dims whose last pieces are smaller: states() and steps of a chain, at most what the model counts. */
bool opt_ragged_finish(const opt *o, int dim, opt_chain *c);
double opt_ragged_states(const opt *o, const opt_chain *c, int dim, const opt_group *g, unsigned merge, int variant);
double opt_ragged_steps(const opt *o, const opt_chain *c, int dim);
/* Under chosen options: dims whose loop at the level turns at least twice wherever it stands, so that what stands outside
 * makes no difference to roles with this rank of their own. */
unsigned opt_firm(const opt *o, const opt_node *node, int level);
/* The most copies of a part that the mesh has room for. */
int64_t opt_most_part(const opt *o, int part);
/* What is in a row under o->mask; false where that is too much. */
bool opt_lay_out(opt *o);
/* The least steps of any choice of options, from how many units they can use. */
void opt_find_work(opt *o);
/* Blocks and their options under o->mask; false where some dim has none, or time is out by then. */
bool opt_find_options(opt *o);
/* Levels both of whose axes are all one; options that differ in nothing else become one; false where memory is out. */
void opt_find_alike_axes(opt *o);
bool opt_fold(opt *o);
/* The chain of the i-th dim of a block that is chosen. */
const opt_chain *opt_chosen_chain(const opt *o, int block, int i);
/* For each way to deal the copies of the chosen options out to the axes of the mesh (one, if these are not alike) with which all
 * axes have room: the chains of it are chosen while `offer` is called. */
void opt_unfold(opt *o, const opt_node *leaf, void (*offer)(opt *o, const opt_node *leaf));
/* Are copies along either axis of the mesh all one? */
static inline bool opt_is_folded(const opt *o, int level) { return o->folded >> level & 1u; }
/* Options with the same copies into herds, when all blocks are as they stay. */
void opt_find_herds(opt *o);
/* Join blocks of plain dims that the same roles lack; options that nothing tells apart become one. */
void opt_merge_blocks(opt *o);
/* Coordinates of a general rank that tiles of `level` cover, with `merge` units joined: summed over all steps, all steps
 * joined, of the first step. */
typedef enum opt_span { OPT_EACH_STEP, OPT_ALL_STEPS, OPT_FIRST_STEP } opt_span;
double opt_window(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, opt_span span);
/* Coordinates that are new, summed over all steps, where the innermost loop of `dim` is the first to turn the rank; at best,
 * whatever the order of its other loops, and whatever turns between them. */
double opt_slide(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, int dim);
/* Coordinates of the first tile that are held then, at most, when that loop comes back to it: the least over its passes. */
double opt_slide_left(const opt *o, const hd_rank *rank, const opt_chain *const *chain, int level, unsigned merge, int dim);

/* The row of an option times `row`; what is less of both. */
void opt_multiply(const opt *o, const double *row, const double *option, double *out);
void opt_lower(const opt *o, const double *restrict row, double *restrict least);
/* Do the tiles and copies of a row fit? */
bool opt_fits(const opt *o, const double *row);
/* Dims of which one has the innermost loop of the level. */
unsigned opt_inner_dims(const opt *o, const opt_node *n, int level);
/* Nothing at or below the node costs less; no care is taken once that passes `limit`. */
double opt_bound(const opt *o, const opt_node *node, double limit);
/* The same for tiles that are all chosen, with what the orders of different levels have to do with each other, but no more
 * than opt_limit; `inner`: innermost dims per level of the least. */
double opt_joint_bound(const opt *o, const opt_node *node, int inner[HD_MAX_LEVELS]);
/* Energy that the loops of level `at` decide: at least; under these innermost dims of the levels up to it. */
double opt_level_pj(const opt *o, const opt_node *node, int at);
double opt_joint_pj(const opt *o, const opt_node *node, int at, const int inner[HD_MAX_LEVELS]);
/* The variants that these are. */
void opt_joint_ways(const opt *o, const opt_node *node, int at, const int inner[HD_MAX_LEVELS], opt_ways *ways);
/* The same where slides are counted in halves and tiles divide, for orders: the first `placed` dims of the level stand in
 * o->draft, and all of the levels further out.  `count`: what the groups that the level turns count then, at least. */
typedef struct opt_order {
    const opt_node *node;
    double loop[HD_MAX_LEVELS][HD_MAX_DIMS], count[OPT_MAX_GROUPS][OPT_MAX_KINDS];
} opt_order;
double opt_prefix_pj(const opt *o, opt_order *order, int level, int placed);
/* No scheme below the node works for fewer cycles. */
double opt_work(const opt *o, const double *row);
/* Energy of all else; what the objective makes of energy and cycles. */
double opt_fixed_pj(const opt *o, const double *row);
double opt_objective(const opt *o, double pj, double cycles);
/* A child this close to the best is not worth a look: rounding, not cost. */
double opt_limit(const opt *o);

static inline const double *opt_row_of(const opt *o, const opt_block *b, int option)
{
    return b->row + (size_t)option * (size_t)o->row;
}

static inline void opt_copy_node(const opt *o, const opt_node *from, opt_node *out)
{
    for (int i = 0; i < o->row; i++) out->row[i] = from->row[i];
    for (int l = 0; l < HD_MAX_LEVELS; l++) {
        out->loops[l] = from->loops[l];
        out->may_loop[l] = from->may_loop[l];
        out->may_wrap[l] = from->may_wrap[l];
    }
}

/* A node and one more option. */
void opt_take(const opt *o, const opt_node *from, const opt_block *block, int option, opt_node *out);
/* The chosen options' tiles into o->draft. */
void opt_choose_tiles(opt *o);
/* Search one split of a keep set and mask, among options that may go with it, nothing there below `bound`. */
void opt_search_split(opt *o, double bound);
/* The least that is decided inside of o->cut, whatever stands further out; under a split that no other one undercuts there. */
double opt_inner_least(opt *o, const opt_split *split, opt_inside what);
/* May an option go with o->split? */
bool opt_split_admits(const opt *o, int block, int option);
/* Is there a mesh whose copies can be dealt out first?  Its level, or 0; then kindred dims are found. */
int opt_find_mesh(opt *o);
/* Search all splits of a keep set and mask, the most hopeful first; nothing under any of them costs less than this, if time is
 * not out by then. */
double opt_splits_bound(opt *o);
void opt_search_splits(opt *o);
/* With all tiles chosen: do they make o->split what it is?  Then the same with the links of their layout. */
bool opt_split_refine(opt *o, const opt_node *leaf, opt_split *exact);
/* What depends on o->split, once more. */
void opt_settle_split(opt *o, const opt_split *split);
/* Offer the best orders of the chosen tiles. */
void opt_offer_orders(opt *o, const opt_node *node);

#endif
