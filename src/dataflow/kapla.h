/* A layer and its dataflow in the words of KAPLA's research code (Li & Gao 2023): two levels (GBUF of a node of a mesh, REGF
 * of an element of its array), directives that may move two dims at once, loops over input channels, output channels
 * and batch.  Plain data; what it costs is cost/kapla, where it comes from is solve/kapla.                            */
#ifndef HD_DATAFLOW_KAPLA_H
#define HD_DATAFLOW_KAPLA_H

#include "arch/arch.h"

typedef enum hd_kapla_type {
    HD_KAPLA_CONV, HD_KAPLA_LOCAL, HD_KAPLA_DW, HD_KAPLA_CONV_BACK, HD_KAPLA_LOCAL_BACK, HD_KAPLA_CONV_WEIGHT,
    HD_KAPLA_DW_BACK, HD_KAPLA_DW_WEIGHT, HD_KAPLA_TYPES
} hd_kapla_type;

/* Dims of the directives.  Row-stationary: a PE slides along X with R, rows Y and S are spread over the array.
 * Systolic: XY = output pixels, F = filter taps. */
enum hd_kapla_dim {
    HD_KAPLA_N, HD_KAPLA_C, HD_KAPLA_K, HD_KAPLA_XI, HD_KAPLA_XO, HD_KAPLA_YI, HD_KAPLA_YO, HD_KAPLA_R, HD_KAPLA_S,
    HD_KAPLA_F, HD_KAPLA_XY, HD_KAPLA_DIMS
};
enum { HD_KAPLA_W, HD_KAPLA_I, HD_KAPLA_O, HD_KAPLA_TENSORS };      /* FIL IFM OFM */
enum { HD_KAPLA_LOOP_C, HD_KAPLA_LOOP_K, HD_KAPLA_LOOP_B, HD_KAPLA_LOOPS }; /* IFM OFM BAT */
enum { HD_KAPLA_OUTP, HD_KAPLA_OFMP, HD_KAPLA_BATP, HD_KAPLA_INPP, HD_KAPLA_SPLITS };

/* The numbers of a layer; for back types "input" is the gradient of the forward output (kapla.md 3.1). */
typedef struct hd_kapla_layer {
    hd_kapla_type type;
    int64_t batch, nifm, nofm, hifm, wifm, hofm, wofm, hfil, wfil, htrd, wtrd; /* filter or region, stride */
    int64_t nreg, ntrd;            /* channels of a local region; 1 elsewhere */
} hd_kapla_layer;

/* One directive: every dim listed moves by its step at once.  Stacks: `copies` units in space, on the w or h side of the
 * mesh or array.  Updates: one loop in time, copies 0. */
enum { HD_KAPLA_MOVES = 16, HD_KAPLA_PARTS = 3 };
typedef struct hd_kapla_move {
    int parts;
    struct { int dim; int64_t step; } part[HD_KAPLA_PARTS];
    int64_t copies;
    bool on_h;                     /* stacks: along h, else along w */
} hd_kapla_move;

typedef struct hd_kapla_block {
    int64_t tensor[HD_KAPLA_DIMS]; /* extent that one unit holds; 0 = the template has no such dim */
    int64_t split[HD_KAPLA_DIMS];  /* units among which the block outside is cut along the dim; 0 or 1 = it is not.  The rows
                                    * and taps that the row-stationary template lays on the array do not count */
    int stacks, updates;           /* innermost first */
    hd_kapla_move stack[HD_KAPLA_MOVES], update[HD_KAPLA_MOVES];
} hd_kapla_block;

/* How a layer lies on a grid of nodes: for each kind of split the parts along HD_X (w) and HD_Y (h), and the kinds in the
 * order in which they nest, outermost first. */
typedef struct hd_kapla_partition {
    int order[HD_KAPLA_SPLITS];
    int64_t parts[HD_KAPLA_SPLITS][HD_AXES];
} hd_kapla_partition;

/* Different partitions of one layer in the order in which KAPLA's solver tries them. */
enum { HD_KAPLA_TRIES = 36 };
typedef struct hd_kapla_tries { int partitions; hd_kapla_partition partition[HD_KAPLA_TRIES]; } hd_kapla_tries;

typedef struct hd_kapla_scheme {
    hd_kapla_layer layer;
    bool systolic;
    hd_kapla_block gbuf, regf;
    hd_kapla_partition partition;  /* the stacks of gbuf as coordinates on the mesh (kapla.md 5.3, 5.7) */
    int base_updates;              /* the first so many updates of regf are the template's own */
    int64_t unit_ops;              /* operations of one pass of an element: R, or the region's channels */
    int order[2][HD_KAPLA_LOOPS];  /* [gbuf, regf]: position of each loop, 0 = innermost */
    int64_t top[HD_KAPLA_LOOPS];   /* iterations of the outermost GBUF loops */
} hd_kapla_scheme;

#endif
