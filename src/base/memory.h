/* The one place where heddle asks for memory: the caller's allocator, or malloc. */
#ifndef HD_BASE_MEMORY_H
#define HD_BASE_MEMORY_H

#include "heddle/heddle.h"

/* As realloc; `size` 0 frees and returns NULL.  `allocator` NULL = malloc. */
void *hd_reallocate(const hd_allocator *allocator, void *p, size_t size);

#endif
