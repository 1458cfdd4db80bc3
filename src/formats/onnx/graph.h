/* The graph while it is being read: values with shapes and small constants, nodes with their operands.
 * Inside of this folder only (and its tests).                                                        */
#ifndef HD_FORMATS_ONNX_GRAPH_H
#define HD_FORMATS_ONNX_GRAPH_H

#include "formats/onnx/onnx.h"
#include "formats/onnx/onnx.pb-c.h"

enum { HD_ONNX_RANK = 12, HD_ONNX_FOLDED = 1024 }; /* most dims of a tensor, most elements of a folded constant */

/* ONNX element types that folding must tell apart. */
enum { HD_ONNX_FLOAT = 1, HD_ONNX_INT32 = 6, HD_ONNX_INT64 = 7, HD_ONNX_BOOL = 9, HD_ONNX_DOUBLE = 11 };

/* An element of a folded constant; `real` values (float, double) use f. */
typedef union hd_onnx_number { int64_t i; double f; } hd_onnx_number;

typedef struct hd_onnx_value {
    const char *name;
    int rank;                    /* -1 = shape not known */
    int64_t dim[HD_ONNX_RANK];
    int type;                    /* ONNX element type, 0 = not known */
    bool constant;               /* depends on nothing that is fed at run time */
    bool real;                   /* data in .f */
    hd_onnx_number *data;        /* elements of a small constant, else NULL */
    int64_t repeat;              /* each word occurs this many times (Expand), >= 1 */
    int sources;                 /* layers that made it, through views; -1 = a network input */
    const int *source;
    const struct hd_onnx_node *maker; /* the node whose output it is; NULL = an input or initializer */
    const Onnx__ValueInfoProto *stored; /* what the file says about its shape, or NULL */
} hd_onnx_value;

typedef struct hd_onnx_map { size_t used, room; struct hd_onnx_slot *slot; } hd_onnx_map;

typedef struct hd_onnx_graph {
    const char *file;
    const hd_onnx_options *options;
    const Onnx__GraphProto *proto;
    int64_t opset;
    int64_t file_batch;          /* first dimension of the first real input as the file has it, 0 = symbolic */
    hd_arena *scratch;           /* dies after reading */
    hd_network *net;             /* its arena keeps what lives on */
    hd_onnx_map values;
    hd_onnx_map layer_names;
    int layer_room, warning_room;
} hd_onnx_graph;

typedef struct hd_onnx_node {
    const Onnx__NodeProto *proto;
    const char *name;            /* for messages and layers: node name, else first output */
    const char *op;              /* operator type */
    int inputs, outputs;
    hd_onnx_value **in, **out;   /* NULL where omitted */
} hd_onnx_node;

/* ---- names ---- */
void *hd_onnx_map_get(const hd_onnx_map *map, const char *key);
/* `key` must outlive the map. */
hd_status hd_onnx_map_put(hd_onnx_map *map, hd_arena *arena, const char *key, void *value, hd_error *err);
/* The value of that name, made on first sight. */
hd_status hd_onnx_value_of(hd_onnx_graph *g, const char *name, hd_onnx_value **out, hd_error *err);

/* ---- nodes and attributes ---- */
__attribute__((format(printf, 4, 5)))
hd_status hd_onnx_fail(const hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err, const char *format, ...);
__attribute__((format(printf, 4, 5)))
hd_status hd_onnx_warn(hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err, const char *format, ...);
const Onnx__AttributeProto *hd_onnx_attribute(const hd_onnx_node *n, const char *name);
int64_t hd_onnx_int(const hd_onnx_node *n, const char *name, int64_t standard);
/* Is the string attribute equal to `text`? */
bool hd_onnx_text_is(const hd_onnx_node *n, const char *name, const char *text);
/* Values of an integer list, NULL and 0 if absent. */
const int64_t *hd_onnx_ints(const hd_onnx_node *n, const char *name, int *count);
/* Operand `i`, NULL when absent or omitted. */
hd_onnx_value *hd_onnx_in(const hd_onnx_node *n, int i);
hd_onnx_value *hd_onnx_out(const hd_onnx_node *n, int i);
/* Shape operand `i` known? */
bool hd_onnx_known(const hd_onnx_node *n, int i);
/* Integers from operand `i` (folded, 1-D or scalar) or, if there is none, from the attribute; false if neither. */
bool hd_onnx_list(const hd_onnx_graph *g, const hd_onnx_node *n, int i, const char *attribute, const int64_t **out,
                  int *count);
/* Axis in 0 .. rank-1 from a possibly negative one; false when outside. */
bool hd_onnx_axis(int64_t axis, int rank, int *out);

/* ---- values ---- */
/* Words of a tensor of known shape. */
int64_t hd_onnx_words(const hd_onnx_value *v);
int64_t hd_onnx_span(const int64_t *dim, int from, int to); /* product of dim[from .. to-1] */
/* Give output `i` its shape; refuses negative dimensions, ranks and volumes that are too large. */
hd_status hd_onnx_shape(const hd_onnx_graph *g, const hd_onnx_node *n, int i, int rank, const int64_t *dim,
                        hd_error *err);
/* Room for the elements of a constant of known shape; NULL in `v->data` when it has too many. */
hd_status hd_onnx_data(const hd_onnx_graph *g, hd_onnx_value *v, bool real, hd_error *err);
/* Shape of operands broadcast together; false when they do not fit. */
bool hd_onnx_broadcast(const hd_onnx_value *const *values, int count, int *rank, int64_t *dim);
/* Read dimensions of a tensor type into `v`; false when some are not bound. */
bool hd_onnx_stored_shape(const hd_onnx_graph *g, const Onnx__ValueInfoProto *info, int *rank, int64_t *dim);

/* ---- well-formedness ---- */
/* Every value has one maker (noted), every operand comes from somewhere, attributes that are read have their kind. */
hd_status hd_onnx_check(hd_onnx_graph *g, const hd_onnx_node *nodes, int count, hd_error *err);
/* Why is the shape of a value not known: what is the first cause on the way up, and what to do? */
enum { HD_ONNX_WHY = 480 };
void hd_onnx_why_unknown(const hd_onnx_value *v, char out[HD_ONNX_WHY]);

/* ---- --batch on a file of a fixed batch ---- */
/* Is the user's batch another than the one that the file fixes? */
bool hd_onnx_rebatches(const hd_onnx_graph *g);
/* Where `written` has the file's batch and `given` the user's, the user's is meant. */
void hd_onnx_rebatch_beside(const hd_onnx_graph *g, const int64_t *given, int rank, int64_t *written);
/* The same for the `target` of a reshape of `x`: of `dim`, what it means so far, one is put right.  `hole` is -1 or the
 * dimension that takes the rest. */
void hd_onnx_rebatch_target(const hd_onnx_graph *g, const hd_onnx_value *x, const int64_t *target, int hole, int rank,
                            int64_t *dim);

/* ---- the walk ---- */
/* Values of inputs and initialisers, then every node in topological order: shapes, constants, layers. */
hd_status hd_onnx_walk(hd_onnx_graph *g, hd_error *err);
/* Give the graph's inputs their shapes, with the user's batch and dimensions. */
hd_status hd_onnx_bind(hd_onnx_graph *g, hd_error *err);
/* Order of the nodes in which producers stand before consumers; file order where it can be. */
hd_status hd_onnx_order(hd_onnx_graph *g, hd_onnx_node *nodes, int count, int *order, hd_error *err);
/* Append the layer of a node whose shapes are known; `*layer` is its index. */
struct hd_onnx_built;
hd_status hd_onnx_add_layer(hd_onnx_graph *g, const hd_onnx_node *n, const struct hd_onnx_built *built, int *layer,
                            hd_error *err);
/* Read stripped bytes; the graph keeps its values (for tests) while its scratch lives. */
hd_status hd_onnx_load(const void *bytes, size_t n, const char *file, const hd_onnx_options *options,
                       hd_onnx_graph *g,
                       hd_error *err);
void hd_onnx_drop(hd_onnx_graph *g);

#endif
