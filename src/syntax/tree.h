/* The tree every text format is read into: scalars, maps and lists with positions, in one arena.
 *
 * Nodes are immutable once read.  A YAML alias shares its node, so the tree may be a graph without
 * cycles; `size` counts the nodes below as if every alias were written out (readers keep it bounded).
 * Scalars stay text: the reader of a field says what kind of number it wants.                      */
#ifndef HD_SYNTAX_TREE_H
#define HD_SYNTAX_TREE_H

#include "base/arena.h"

typedef enum hd_node_kind { HD_NODE_SCALAR, HD_NODE_MAP, HD_NODE_LIST } hd_node_kind;

typedef struct hd_node {
    hd_node_kind kind;
    bool quoted;      /* a scalar in quotes: text, never a number, bool or null */
    int line, column; /* 1-based; 0 where the format knows none */
    const char *file; /* may be NULL */
    const char *tag;  /* "!Component", or NULL */
    const char *text; /* scalar: ends in '\0' ("" for other kinds) */
    size_t length;    /* bytes of text */
    int64_t size;     /* nodes of this tree, aliases written out */
    int items;
    struct hd_node **key;  /* maps: scalars, in the file's order, no two equal */
    struct hd_node **item; /* values of a map, members of a list */
} hd_node;

/* Limits of what a reader builds. */
enum { HD_TREE_DEPTH = 64, HD_TREE_NODES = 4000000 };

/* An error at the node's place. */
__attribute__((format(printf, 3, 4))) hd_status hd_node_fail(const hd_node *node, hd_error *err,
                                                             const char *format, ...);
/* "a map", "a list", "'12x'": what stands here, for messages.  Writes into `buffer`, returns it. */
enum { HD_NODE_SHOWN = 64 };
const char *hd_node_shown(const hd_node *node, char buffer[HD_NODE_SHOWN]);

/* Value of a key, NULL if absent or not a map. */
const hd_node *hd_node_get(const hd_node *map, const char *key);
bool hd_node_is(const hd_node *node, const char *text); /* a scalar of exactly this text */
bool hd_node_is_null(const hd_node *node);              /* empty, ~ or null, not in quotes */

/* Read a scalar; `what` names the value in messages ("word_bits"). */
hd_status hd_node_int(const hd_node *node, const char *what, int64_t low, int64_t high, int64_t *out,
                      hd_error *err);
hd_status hd_node_double(const hd_node *node, const char *what, double low, double high, double *out,
                         hd_error *err);
hd_status hd_node_bool(const hd_node *node, const char *what, bool *out, hd_error *err);
/* Unsigned 64-bit, decimal or 0x hexadecimal. */
hd_status hd_node_hash(const hd_node *node, const char *what, uint64_t *out, hd_error *err);
/* Text without '\0' inside, 1 .. size - 1 bytes (borrowed, or copied). */
hd_status hd_node_text(const hd_node *node, const char *what, const char **out, hd_error *err);
hd_status hd_node_copy(const hd_node *node, const char *what, char *out, size_t size, hd_error *err);
hd_status hd_node_expect(const hd_node *node, hd_node_kind kind, const char *what, hd_error *err);

#endif
