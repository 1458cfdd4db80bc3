/* The roles W I O I2 as words of a file.
 *
 * People write chips for W, I and O.  Unless a file says `exact: true`, an I2 that it does not name (the
 * second input of an element-wise operator, an activation too) follows I. */
#ifndef HD_FORMATS_HEDDLE_ROLES_H
#define HD_FORMATS_HEDDLE_ROLES_H

#include "base/text.h"
#include "syntax/tree.h"
#include "workload/operator.h"

/* Bits of the roles that the key of a per-role map speaks for; 0 if it is no role. */
unsigned hd_roles_of_key(const hd_node *map, const hd_node *key, bool exact);
/* A list of roles: [I, O]. */
hd_status hd_roles_read(const hd_node *list, const char *what, bool exact, unsigned *out, hd_error *err);
/* "[W, I, O, I2]" */
void hd_roles_write(hd_text *text, unsigned roles);

#endif
