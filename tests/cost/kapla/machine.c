/* See machine.h. */
#include "cost/kapla/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

enum { DRAM, GBUF, REGF, MAC, LEVELS };

static void fill_level(hd_level *level, const char *name, double pj)
{
    hd_arch_default_level(level);
    snprintf(level->name, sizeof level->name, "%s", name);
    for (int r = 0; r < HD_ROLES; r++) level->read_pj[r] = level->update_pj[r] = level->fill_pj[r] = pj;
}

static void set_mesh(hd_level *level, const hd_kapla_chip *c, bool share)
{
    hd_mesh *m = &level->mesh;
    m->hop_pj = c->hop_pj;
    m->share = share;
    for (m->ports = 0; m->ports < 4; m->ports++) {
        m->port[m->ports][HD_X] = m->ports & 1 ? (int)c->nodes[HD_X] - 1 : 0;
        m->port[m->ports][HD_Y] = m->ports & 2 ? (int)c->nodes[HD_Y] - 1 : 0;
    }
}

void machine_of(const hd_kapla_chip *c, bool share, hd_arch *out)
{
    hd_error err = {0};
    *out = (hd_arch){.levels = LEVELS, .vector_at = MAC, .mac_pj = c->op_pj, .vector_pj = c->op_pj, .clock_mhz = 500,
                     .static_pj_per_cycle = c->static_pj};
    snprintf(out->name, sizeof out->name, "machine");
    fill_level(&out->level[DRAM], "DRAM", c->access_pj[HD_KAPLA_DRAM]);
    fill_level(&out->level[GBUF], "GBUF", c->access_pj[HD_KAPLA_GBUF]);
    fill_level(&out->level[REGF], "REGF", c->access_pj[HD_KAPLA_REGF]);
    fill_level(&out->level[MAC], "MAC", 0);
    out->level[DRAM].shared_bw = c->dram_bw;
    out->level[GBUF].shared_bw = 3 * c->bus_bw;
    out->level[GBUF].bounded = out->level[REGF].bounded = true;
    out->level[GBUF].capacity = c->gbuf_words;
    out->level[REGF].capacity = c->regf_words;
    for (int axis = 0; axis < HD_AXES; axis++) {
        out->level[GBUF].fan[axis] = c->nodes[axis];
        out->level[REGF].fan[axis] = c->array[axis];
        for (int l = GBUF; l <= REGF; l++) out->level[l].multicast[axis] = 15u, out->level[l].reduce[axis] = true;
    }
    for (int r = 0; r < HD_ROLES; r++) out->level[REGF].delivery_pj[r] = c->access_pj[HD_KAPLA_ITCN];
    if (c->nodes[HD_X] * c->nodes[HD_Y] > 1) set_mesh(&out->level[GBUF], c, share);
    assert_int_equal(hd_arch_check(out, &err), HD_OK);
}
