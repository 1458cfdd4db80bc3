/* Levels of the tests' own chips, and the smallest such chip. */
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

/* DRAM, a buffer of `words` at `pj` an access, one MAC, which is the vector unit, too. */
static inline void small_three(hd_arch *a, double pj, int64_t words)
{
    small_level(&a->level[0], "DRAM", 200, 0, false);
    small_level(&a->level[1], "BUF", pj, words, false);
    small_level(&a->level[2], "MAC", 0, 0, false);
    a->levels = 3;
    a->vector_at = 2;
    a->mac_pj = 1;
}

/* So many instances of the level as nodes of a mesh with these ports, at 1 pJ a hop; all is multicast and reduced on its way. */
static inline void small_mesh(hd_level *level, int64_t width, int64_t height, hd_mesh ports)
{
    level->fan[HD_X] = width;
    level->fan[HD_Y] = height;
    level->multicast[HD_X] = level->multicast[HD_Y] = 0xf;
    level->reduce[HD_X] = level->reduce[HD_Y] = true;
    level->mesh = ports;
    level->mesh.hop_pj = 1;
}

#endif
