/* Templates are tables for the innermost fan-out: the dimension that names the dataflow, then those that may replicate it
 * over units left idle (KAPLA section 6.1). */
#include "dataflow/template.h"

#include <string.h>

typedef struct row { const char *first, *then; } row; /* dim names with a space at both ends */

/* [template][kind of nest: windowed, product][axis] */
static const row table[4][2][HD_AXES] = {
    [HD_ROW_STATIONARY] = {{[HD_X] = {" P ", " K C N G "}, [HD_Y] = {" R ", " K C N G "}},
                           {[HD_X] = {" M ", " N K B "}, [HD_Y] = {" R ", ""}}},
    [HD_WEIGHT_STATIONARY] = {{[HD_X] = {" K ", ""}, [HD_Y] = {" C ", " R S T U "}},
                              {[HD_X] = {" N ", ""}, [HD_Y] = {" K ", ""}}},
    [HD_OUTPUT_STATIONARY] = {{[HD_X] = {" P ", " K N G "}, [HD_Y] = {" Q ", " K N G "}},
                              {[HD_X] = {" M ", " B "}, [HD_Y] = {" N ", " B "}}},
};

static bool named(const char *list, const char *name)
{
    char word[16];
    size_t n = strlen(name);
    if (n + 3 > sizeof word) return false;
    word[0] = ' ';
    memcpy(word + 1, name, n);
    memcpy(word + 1 + n, " ", 2);
    return strstr(list, word) != NULL;
}

static unsigned dims_named(const hd_operator *op, const char *list)
{
    unsigned set = 0;
    for (int d = 0; d < op->dims; d++)
        if (op->dim[d].extent > 1 && named(list, op->dim[d].name)) set |= 1u << d;
    return set;
}

unsigned hd_template_dims(hd_template t, const hd_operator *op, int axis, unsigned wires)
{
    if (t == HD_FREE || op->vector) return wires;
    const row *r = &table[t][op->kind == HD_MATMUL][axis];
    unsigned first = dims_named(op, r->first) & wires;
    return first ? first | (dims_named(op, r->then) & wires) : wires;
}
