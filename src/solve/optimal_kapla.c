/* What the model `kapla` counts, for the search, exact as it comes: the native machine's counts in KAPLA's accounts
 * (cost/kapla/exact.c), so the native rules serve on a chip with those prices: a word costs where it is taken from, a result
 * where it is added to, a level takes in and gives up for nothing, and an old sum that goes to a register file is a word of the
 * buffer.  Three times, the longest of which counts: work, DRAM, and the bus for the tensor that moves most.       */
#include <math.h>

#include "cost/kapla/model.h"
#include "cost/native/native.h"
#include "solve/optimal.h"

enum { DRAM, GBUF, REGF, MAC };

static void set_prices(hd_level *l, double operand, double fill_of_result, double result)
{
    for (int r = 0; r < HD_ROLES; r++) {
        l->read_pj[r] = r == HD_O ? 0 : operand;
        l->fill_pj[r] = r == HD_O ? fill_of_result : 0;
        l->update_pj[r] = r == HD_O ? result : 0;
        l->delivery_pj[r] = 0;
    }
    l->double_buffer = false;
    l->read_bw = l->write_bw = l->shared_bw = 0;
}

static void price_chip(const hd_kapla_chip *c, hd_arch *a)
{
    set_prices(&a->level[DRAM], c->access_pj[HD_KAPLA_DRAM], 0, c->access_pj[HD_KAPLA_DRAM]);
    a->level[DRAM].read_pj[HD_O] = c->access_pj[HD_KAPLA_DRAM];
    set_prices(&a->level[GBUF], c->access_pj[HD_KAPLA_GBUF], 0, c->access_pj[HD_KAPLA_GBUF]);
    set_prices(&a->level[REGF], c->access_pj[HD_KAPLA_REGF], c->access_pj[HD_KAPLA_GBUF], 2 * c->access_pj[HD_KAPLA_REGF]);
    set_prices(&a->level[MAC], 0, 0, 0);
    for (int r = 0; r < HD_ROLES; r++) a->level[REGF].delivery_pj[r] = c->access_pj[HD_KAPLA_ITCN];
    a->level[DRAM].shared_bw = c->dram_bw;
    a->level[GBUF].shared_bw = c->bus_bw;
    a->level[GBUF].mesh.hop_pj = c->hop_pj;
    a->mac_pj = a->vector_pj = c->op_pj;
    a->static_pj_per_cycle = c->static_pj;
}

static bool begin(opt *o)
{
    hd_kapla_chip chip;
    hd_problem *p = hd_arena_alloc(o->arena, 1, sizeof *p);
    hd_arch *a = hd_arena_alloc(o->arena, 1, sizeof *a);
    const hd_operator *op = o->p->op;
    o->memory = p && a;
    if (!o->memory || hd_kapla_is_compat(o->p) || !hd_kapla_chip_of(o->p->arch, &chip, NULL)) return false;
    if (hd_kapla_may_pass(o->p, GBUF) || hd_kapla_may_pass(o->p, REGF)) return false;
    if (op->partial_bits != 0 && op->partial_bits != op->tensor[HD_O].bits) return false;
    *a = *o->p->arch;
    price_chip(&chip, a);
    *p = *o->p;
    p->arch = a;
    o->p = p;
    return opt_native.begin(o);
}

static double flow_words(const opt *o, const opt_node *n, const opt_flow *f, const opt_ways *ways, uint64_t variants)
{
    if (ways && ways->count[f->group]) return ways->count[f->group][f->kind];
    return opt_least_count(&o->group[f->group], n->row + f->at, variants);
}

static double cycles_of(double words, double words_per_cycle)
{
    return words_per_cycle > 0 ? ceil(words / words_per_cycle * (1 - 1e-11)) : 0;
}

/* Does it pass between buffer and array?  Of tiles that nodes hold together too little is known. */
static bool is_on_bus(const opt *o, const opt_flow *f)
{
    const opt_group *g = &o->group[f->group];
    bool used = f->level == GBUF && g->level > GBUF && f->write == (g->role == HD_O);
    return used && !opt_holds_together(o, GBUF, g->role);
}

static double cycles(const opt *o, const opt_node *n, const opt_ways *ways)
{
    uint64_t variants[OPT_MAX_GROUPS];
    const hd_level *level = o->p->arch->level;
    double dram = 0, bus[HD_ROLES] = {0}, most;
    opt_find_variants(o, n, ways, variants);
    for (int i = 0; i < o->flows; i++) {
        const opt_flow *f = &o->flow[i];
        int role = o->group[f->group].role;
        if (f->phase != OPT_RUN) continue;
        if (f->level == DRAM) dram += flow_words(o, n, f, ways, variants[f->group]);
        if (is_on_bus(o, f)) bus[role == HD_I2 ? HD_I : role] += flow_words(o, n, f, ways, variants[f->group]);
    }
    for (int way = 0; way < 2; way++) dram += o->constant_bits[DRAM][way] / level[DRAM].word_bits;
    most = fmax(bus[HD_W], fmax(bus[HD_I], bus[HD_O]));
    return fmax(opt_work(o, n->row), fmax(cycles_of(dram, level[DRAM].shared_bw), cycles_of(most, level[GBUF].shared_bw)));
}

const opt_rules opt_kapla = {
    .model = &hd_model_kapla,
    .halves = true,
    .alike_axes = true,
    .comes_back = true,
    .begin = begin,
    .takes = opt_native_takes,
    .find_groups = opt_native_groups,
    .find_tiles = opt_native_find_tiles,
    .tile_words = opt_native_tile_words,
    .window = opt_native_window,
    .wraps = opt_native_wraps,
    .cycles = cycles,
};
