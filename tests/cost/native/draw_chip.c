/* See draw_chip.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "draw_chip.h"

void draw_chip(hd_random *r, hd_arch *a)
{
    hd_error err = {0};
    memset(a, 0, sizeof *a);
    memcpy(a->name, "drawn", 6);
    a->clock_mhz = 100;
    a->mac_pj = 1;
    a->levels = 3 + (int)hd_random_below(r, 3);
    a->vector_at = a->levels - 1;
    for (int l = 0; l < a->levels; l++) {
        hd_level *level = &a->level[l];
        hd_arch_default_level(level);
        level->name[0] = (char)('A' + l);
        level->double_buffer = hd_random_below(r, 2);
        for (int axis = 0; axis < HD_AXES && l > 0; axis++) {
            level->fan[axis] = 1 + hd_random_below(r, 2) * hd_random_below(r, 8);
            level->multicast[axis] = (unsigned)hd_random_below(r, 16);
            level->reduce[axis] = hd_random_below(r, 2);
        }
        for (int k = 0; k < HD_ARCH_ROLES; k++) {
            level->read_pj[k] = level->fill_pj[k] = (double)(1 + hd_random_below(r, 9));
            level->update_pj[k] = (double)hd_random_below(r, 9);
            level->delivery_pj[k] = (double)hd_random_below(r, 3);
        }
        if (hd_random_below(r, 2)) level->read_bw = (double)hd_random_below(r, 8) / 2;
        if (hd_random_below(r, 2)) level->write_bw = (double)hd_random_below(r, 8) / 2;
        if (hd_random_below(r, 3) == 0) level->shared_bw = (double)(1 + hd_random_below(r, 8)) / 2;
    }
    assert_int_equal(hd_arch_check(a, &err), HD_OK);
}
