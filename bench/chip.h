/* The chip of the benchmarks: three levels in the shape of Eyeriss, DESIGN's example. */
#ifndef HD_BENCH_CHIP_H
#define HD_BENCH_CHIP_H

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"

static inline void bench_level(hd_level *level, const char *name, double pj, int64_t words)
{
    hd_arch_default_level(level);
    snprintf(level->name, sizeof level->name, "%s", name);
    for (int r = 0; r < HD_ARCH_ROLES; r++) level->read_pj[r] = level->fill_pj[r] = level->update_pj[r] = pj;
    level->bounded = words > 0;
    level->capacity = words;
}

static inline hd_status bench_chip(hd_arch *out, hd_error *err)
{
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "bench");
    out->clock_mhz = 200;
    out->mac_pj = 1;
    out->levels = 4;
    out->vector_at = 1;
    out->vector_per_cycle = 14;
    out->template_ = HD_ROW_STATIONARY;
    bench_level(&out->level[0], "DRAM", 200, 0);
    bench_level(&out->level[1], "GLB", 6, 55296);
    bench_level(&out->level[2], "RF", 1, 0);
    bench_level(&out->level[3], "MAC", 0, 0);
    out->level[0].read_bw = out->level[0].write_bw = 2;
    out->level[1].double_buffer = true;
    out->level[1].keeps = 0xe; /* W passes by */
    hd_level *rf = &out->level[2];
    const int64_t words[HD_ARCH_ROLES] = {192, 12, 16, 12};
    rf->bounded = rf->per_role = true;
    memcpy(rf->role_capacity, words, sizeof words);
    rf->fan[HD_X] = 14;
    rf->fan[HD_Y] = 12;
    rf->multicast[HD_X] = rf->multicast[HD_Y] = 0xf;
    rf->reduce[HD_Y] = true;
    for (int r = 0; r < HD_ARCH_ROLES; r++) rf->delivery_pj[r] = 2;
    return hd_arch_check(out, err);
}

/* DRAM, a buffer of 256 KiB and 16 x 16 units with 512-word register files: nothing narrows the mappings. */
static inline hd_status bench_square(hd_arch *out, hd_error *err)
{
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "square");
    out->clock_mhz = 1000;
    out->mac_pj = 1;
    out->levels = 4;
    out->vector_at = 3;
    bench_level(&out->level[0], "DRAM", 200, 0);
    bench_level(&out->level[1], "GLB", 10, 131072);
    bench_level(&out->level[2], "RF", 1.2, 512);
    bench_level(&out->level[3], "MAC", 0, 0);
    out->level[0].read_bw = out->level[0].write_bw = 16;
    out->level[1].read_bw = out->level[1].write_bw = 64;
    for (int a = 0; a < HD_AXES; a++) {
        out->level[2].fan[a] = 16;
        out->level[2].multicast[a] = 0xf;
        out->level[2].reduce[a] = true;
    }
    return hd_arch_check(out, err);
}

#endif
