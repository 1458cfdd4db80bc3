/* Levels of the tests' own chips. */
#ifndef TESTS_SMALL_LEVEL_H
#define TESTS_SMALL_LEVEL_H

#include <stdio.h>

#include "arch/arch.h"

/* Every access to it costs `pj`; it holds `words`, 0 = unlimited, each `twice` or once. */
static inline void small_level(hd_level *level, const char *name, double pj, int64_t words, bool twice)
{
    hd_arch_default_level(level);
    snprintf(level->name, sizeof level->name, "%s", name);
    for (int role = 0; role < HD_ARCH_ROLES; role++) level->read_pj[role] = level->fill_pj[role] = level->update_pj[role] = pj;
    level->bounded = words > 0;
    level->capacity = words;
    level->double_buffer = twice;
}

#endif
