/* Which tensors of an operator does a report name, and how wide is their column? */
#include "report/names.h"

#include <string.h>

bool hd_role_shown(const hd_operator *op, hd_role role)
{
    bool named = false;
    for (int r = 0; r < HD_ROLES; r++) named = named || op->tensor[r].name[0] != '\0';
    return !named || op->tensor[role].used;
}

int hd_names_width(const hd_operator *op)
{
    size_t width = 3;
    for (int r = 0; r < HD_ROLES; r++) {
        size_t length = strlen(hd_tensor_name(op, (hd_role)r));
        if (op->tensor[r].used && length > width) width = length;
    }
    return (int)width;
}
