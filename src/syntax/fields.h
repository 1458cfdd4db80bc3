/* The keys of a map as a table: one row per key gives its reader, its place and its part of the error text.
 */
#ifndef HD_SYNTAX_FIELDS_H
#define HD_SYNTAX_FIELDS_H

#include "syntax/tree.h"

/* Reads `value` into `target`, the same target for all rows of a table. */
typedef hd_status (*hd_field_read)(const hd_node *value, void *target, hd_error *err);

typedef struct hd_field {
    const char *key; /* NULL ends the table */
    bool required;
    hd_field_read read; /* NULL: the key is known and passed over */
} hd_field;

/* Check that `map` is a map with known keys only, then read in the order of the table (not of the file).
 * `what` names the map in messages ("level"). */
hd_status hd_fields_read(const hd_node *map, const char *what, const hd_field *fields, void *target,
                         hd_error *err);

#endif
