/* What a dataflow in KAPLA's own form costs, by the rules of its research code or with its defects corrected one by one.
 *
 * Li & Gao 2023; docs/kapla.md has the rules and their table.  Pure functions without allocation; solvers of KAPLA's
 * family price their candidates here before they become schemes of ours.                                          */
#ifndef HD_COST_KAPLA_KAPLA_H
#define HD_COST_KAPLA_KAPLA_H

#include "cost/model.h"
#include "dataflow/kapla_layer.h"
#include "dataflow/kapla_region.h"

enum { HD_KAPLA_MAX_NODES = 1024 }; /* of a region */
enum { HD_KAPLA_DRAM, HD_KAPLA_GBUF, HD_KAPLA_ITCN, HD_KAPLA_REGF, HD_KAPLA_LEVELS };

/* The machine: one level of nodes, one of array elements. */
typedef struct hd_kapla_chip {
    int64_t nodes[HD_AXES], array[HD_AXES];
    hd_kapla_region memory;               /* the nodes where off-chip tensors enter and leave */
    int64_t gbuf_words, regf_words;       /* of one unit */
    double access_pj[HD_KAPLA_LEVELS];    /* per word: DRAM, GBUF, array interconnect, register file */
    double op_pj, hop_pj, static_pj;      /* per operation, word and link, cycle of the whole chip */
    double dram_bw, bus_bw;               /* words per cycle, the bus per tensor; 0 = unlimited */
} hd_kapla_chip;

/* Corrections of the research code's model, a bit each; 0 repeats it.  docs/kapla.md says what each is worth. */
typedef enum hd_kapla_fix {
    HD_KAPLA_FIX_FILTER = 1,      /* a depthwise filter has one channel dim, not two */
    HD_KAPLA_FIX_PARTIAL = 2,     /* dW of a depthwise layer is what is read, modified and written */
    HD_KAPLA_FIX_ROTATION = 4,    /* rotation hops: the share left at home taken off once, distance not squared */
    HD_KAPLA_FIX_MEMORY_HOPS = 8, /* a partial sum travels 2 D - 1 times, not D */
    HD_KAPLA_FIX_BANDWIDTH = 16,  /* DRAM words per cycle are not rounded down */
    HD_KAPLA_FIX_CAPACITY = 32,   /* whole buffers, no hundredth held back */
    HD_KAPLA_FIX_STATIC = 64,     /* static energy counts */
    HD_KAPLA_FIX_REGION = 128,    /* hops of inputs: channels of local layers and rows of back layers as they are read */
    HD_KAPLA_FIX_SKEW = 256,      /* systolic: a word that all elements share is still read once */
    HD_KAPLA_FIX_REUSE = 512,     /* registers: what no loop replaces stays, the first pass over a block of sums reads nothing */
    HD_KAPLA_FIX_RETURN = 1024,   /* an old partial sum goes back to one node and one element of those that add to it */
    HD_KAPLA_FIX_GRADIENT = 2048, /* the gradients of a fully connected layer travel like any other tensor */
    HD_KAPLA_FIX_SLIDE = 4096,    /* going back with weights, outputs slide by the stride, not by one column */
    HD_KAPLA_FIX_ALL = 8191
} hd_kapla_fix;

/* Where a layer runs and its feature maps are. */
typedef struct hd_kapla_place {
    hd_kapla_region region;               /* its own nodes */
    const hd_kapla_layout *source;        /* where the input lies */
    hd_kapla_region destination;          /* where the output goes */
    bool source_on_chip, destination_on_chip; /* in buffers, not in DRAM */
    bool pins_weights;                    /* weights that are never replaced stay from before and are not fetched */
    const hd_kapla_tries *tries;          /* hops are recalled of the first of these that looks alike (recall.c); NULL = never */
} hd_kapla_place;

typedef struct hd_kapla_cost {
    double access[HD_KAPLA_LEVELS][HD_KAPLA_TENSORS]; /* words */
    double remote[HD_KAPLA_TENSORS];      /* words of other nodes' buffers that take the place of DRAM words */
    double node_hops[HD_KAPLA_TENSORS];   /* word-hops of sharing */
    int64_t unit_hops[HD_KAPLA_TENSORS];  /* word-hops that move the tensor once */
    double memory_hops[HD_KAPLA_TENSORS]; /* as often as it is moved */
    int64_t fetches[HD_KAPLA_TENSORS];    /* sweeps of the tensor through the buffers */
    int64_t sharers[HD_KAPLA_TENSORS];    /* nodes that hold a block together */
    double ops;
    int64_t proc_cycles, dram_cycles, bus_cycles, cycles;
    double dram_pj, gbuf_pj, itcn_pj, regf_pj, remote_pj, node_hop_pj, memory_hop_pj, op_pj, static_pj;
    double energy_pj;                     /* the eight terms, in this order, and static energy if it counts */
    hd_kapla_layout output;               /* where the output lies afterwards */
} hd_kapla_cost;

/* The chip in KAPLA's words: DRAM > buffers (a mesh or one) > an array of register files > MAC; else false and why. */
bool hd_kapla_chip_of(const hd_arch *arch, hd_kapla_chip *out, hd_refusal *why);
/* The same of a chip that is known to be one, but for where its memory lies: sizes, energies, words a cycle. */
void hd_kapla_rates_of(const hd_arch *arch, hd_kapla_chip *out);
/* Does a problem ask for the research code's own counts (option compat)?  They leave a hundredth of every buffer. */
#define HD_KAPLA_USABLE 0.99
bool hd_kapla_is_compat(const hd_problem *p);
/* Does compat recall hops (option recall)? */
bool hd_kapla_recalls(const hd_problem *p, bool in_network);
/* Where compat has a layer and its input, by the problem (input_at) or its options; `source` is filled, the place points to
 * it. */
hd_kapla_place hd_kapla_compat_place(const hd_problem *p, const hd_kapla_chip *chip, const hd_kapla_layer *layer,
                                     hd_kapla_layout *source);
/* Where a scheme leaves its output under compat; false where it has no form there. */
bool hd_kapla_compat_output(const hd_problem *p, const hd_scheme *s, hd_kapla_layout *out);
/* The whole mesh, and where off-chip tensors lie (batch split over the memory nodes; by channels if `channels`). */
hd_kapla_place hd_kapla_whole_mesh(const hd_kapla_chip *chip, const hd_kapla_layout *source);
hd_kapla_layout hd_kapla_off_chip(const hd_kapla_chip *chip, const hd_kapla_layer *layer, bool channels);

/* Do the blocks fit (kapla.md 2.3)?  `words`: what they take, [0] of a node's buffer, [1] of a register file; may be NULL. */
bool hd_kapla_fits(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, int64_t words[2]);
/* All of it.  The scheme is well formed (hd_kapla_layer.h) and fits. */
void hd_kapla_evaluate(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                       hd_kapla_cost *out);

#endif
