/* Where does memory come from?  The caller's allocator where there is one, else malloc. */
#include "base/memory.h"

#include <stdlib.h>

void *hd_reallocate(const hd_allocator *allocator, void *p, size_t size) {
    if (allocator && allocator->reallocate) return allocator->reallocate(allocator->user, p, size);
    if (size > 0) return realloc(p, size);
    free(p);
    return NULL;
}
