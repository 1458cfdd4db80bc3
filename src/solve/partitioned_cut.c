/* Cuts and orders of a mapped part, from the registers outwards: see partitioned.h. */
#include <string.h>

#include "solve/partitioned.h"

enum { ALL_LOOPS = HD_KAPLA_LOOPS };

/* ---- orders ---- */

static const int cuts_of[ALL_LOOPS][2] = {[HD_KAPLA_LOOP_C] = {HD_CUT_C, -1}, [HD_KAPLA_LOOP_K] = {HD_CUT_K, -1},
                                          [HD_KAPLA_LOOP_B] = {HD_CUT_Y, HD_CUT_N}};

/* Loops of a level with more than one iteration. */
static int list_loops(const hd_partitioned *p, int level, int out[ALL_LOOPS])
{
    int n = 0;
    for (int l = 0; l < ALL_LOOPS; l++) {
        int64_t turns = 1;
        for (int i = 0; i < 2; i++)
            if (cuts_of[l][i] >= 0) turns *= p->cut[level][cuts_of[l][i]];
        if (turns > 1) out[n++] = l;
    }
    return n;
}

static void add_update(hd_kapla_block *block, int dim)
{
    block->update[block->updates++] = (hd_kapla_move){.parts = 1, .part = {{dim, 1}}};
}

/* The template's own loops innermost: a row slides, folded rows and filter rows follow. */
static void write_updates(hd_partitioned *p, int level, const int *loop, int loops)
{
    hd_kapla_block *block = level == HD_CUT_OUTSIDE ? &p->form.gbuf : &p->form.regf;
    block->updates = 0;
    if (level == HD_CUT_ARRAY) {
        add_update(block, HD_KAPLA_XO);
        if (!p->rules->rows) add_update(block, HD_KAPLA_YO);
        add_update(block, HD_KAPLA_S);
    }
    for (int i = 0; i < loops; i++)
        for (int k = 0; k < 2; k++)
            if (cuts_of[loop[i]][k] >= 0) add_update(block, hd_cut_dim(cuts_of[loop[i]][k]));
}

static void offer(hd_partitioned *p)
{
    hd_scheme scheme;
    hd_kapla_to_scheme(&p->read, &p->form, &scheme);
    if (hd_constraints_hold(p->space, &scheme, NULL)) hd_incumbent_offer(p->inc, p->budget, &scheme);
    p->over = p->over || p->budget->used >= p->most || hd_budget_out(p->budget);
}

/* The order of a level is written from the innermost loop outwards; `outer`: the innermost loop of the level before. */
static void orders(hd_partitioned *p, int level, int outer);

static void place_loop(hd_partitioned *p, int level, int *loop, int loops, int at)
{
    if (at >= loops - 1) {
        write_updates(p, level, loop, loops);
        if (level == HD_CUT_OUTSIDE) orders(p, HD_CUT_ARRAY, loops > 0 ? loop[0] : -1);
        else offer(p);
        return;
    }
    for (int i = at; i < loops && !p->over; i++) {
        int kept[ALL_LOOPS];
        memcpy(kept, loop, sizeof kept);
        for (int k = i; k > at; k--) loop[k] = loop[k - 1]; /* the others stay as they stood */
        loop[at] = kept[i];
        place_loop(p, level, loop, loops, at + 1);
        memcpy(loop, kept, sizeof kept);
    }
}

/* Few orders: one loop is brought to the innermost place, and where the innermost loop of the level before turns here, it
 * is that one. */
static void orders(hd_partitioned *p, int level, int outer)
{
    int loop[ALL_LOOPS], loops = list_loops(p, level, loop);
    bool few = p->rules->few_orders && p->part.type == HD_KAPLA_CONV, forced = false;
    if (!few || loops < 2) {
        place_loop(p, level, loop, loops, 0);
        return;
    }
    for (int i = 0; i < loops; i++) forced |= loop[i] == outer;
    for (int i = 0; i < loops && !p->over; i++) {
        int chosen[ALL_LOOPS] = {loop[i]}, n = 1;
        if (forced && loop[i] != outer) continue;
        for (int k = 0; k < loops; k++)
            if (k != i) chosen[n++] = loop[k];
        place_loop(p, level, chosen, loops, loops); /* as it stands */
    }
}

/* ---- cuts ---- */

/* The blocks of the buffer and of the registers under the cuts. */
static void write_blocks(hd_partitioned *p)
{
    int64_t *gbuf = p->form.gbuf.tensor, *regf = p->form.regf.tensor;
    for (int d = 0; d < HD_KAPLA_DIMS; d++) gbuf[d] = regf[d] = 1;
    gbuf[HD_KAPLA_XO] = p->part.wofm;
    gbuf[HD_KAPLA_R] = regf[HD_KAPLA_R] = p->part.wfil;
    gbuf[HD_KAPLA_S] = p->part.hfil;
    for (int c = 0; c < HD_CUTS; c++) {
        regf[hd_cut_dim(c)] = p->cut[HD_CUT_REGISTERS][c];
        gbuf[hd_cut_dim(c)] = p->unit[c] * p->cut[HD_CUT_REGISTERS][c] * p->cut[HD_CUT_ARRAY][c];
    }
    hd_kapla_follow(&p->part, false, gbuf);
    hd_kapla_follow(&p->part, false, regf);
}

static bool fits(hd_partitioned *p)
{
    hd_scheme scheme;
    hd_refusal why = {0};
    write_blocks(p);
    write_updates(p, HD_CUT_OUTSIDE, NULL, 0);
    write_updates(p, HD_CUT_ARRAY, NULL, 0);
    hd_kapla_to_scheme(&p->read, &p->form, &scheme);
    if (hd_scheme_is_legal(p->space->problem, &scheme, &why)) return hd_incumbent_fits(p->inc, &scheme);
    hd_incumbent_refused(p->inc, &why);
    return false;
}

/* Choose what each cut has at a level, from the registers to the buffer; the rest turns outside.  Blocks only grow with the
 * cuts that are still to come. */
static void choose(hd_partitioned *p, int level, int cut)
{
    if (level == HD_CUT_OUTSIDE) {
        for (int c = 0; c < HD_CUTS; c++)
            p->cut[level][c] = p->count[c] / p->cut[HD_CUT_ARRAY][c] / p->cut[HD_CUT_REGISTERS][c];
        write_blocks(p);
        orders(p, HD_CUT_OUTSIDE, -1);
        return;
    }
    if (cut == HD_CUTS) {
        choose(p, level - 1, 0);
        return;
    }
    int64_t left = p->count[cut] / (level == HD_CUT_ARRAY ? p->cut[HD_CUT_REGISTERS][cut] : 1);
    for (int64_t f = 1; f <= left && !p->over; f++) {
        if (left % f != 0) continue;
        p->cut[level][cut] = f;
        if (f > 1 && !fits(p)) continue;
        choose(p, level, cut + 1);
        p->over = p->over || hd_budget_out(p->budget);
    }
    p->cut[level][cut] = 1;
}

void hd_partitioned_cut(hd_partitioned *p)
{
    for (int level = 0; level < HD_CUT_LEVELS; level++)
        for (int c = 0; c < HD_CUTS; c++) p->cut[level][c] = 1;
    if (fits(p)) choose(p, HD_CUT_REGISTERS, 0);
}
