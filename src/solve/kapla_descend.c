/* One pair of loop orders, filled bottom up (reference 7.6, steps A to D): elements, registers, nodes, buffers; what is
 * left becomes the loops at the outermost level.                                                                  */
#include <string.h>

#include "base/count.h"
#include "solve/kapla.h"

const int hd_kapla_orders[HD_KAPLA_ORDERS][HD_KAPLA_LOOPS] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

enum { MIDDLE = 1, OUTERMOST = HD_KAPLA_LOOPS - 1 };

/* The dim whose loop a demand on `loop` cuts; -1 where that is another loop's. */
static int dim_of(const hd_kapla_template *b, int loop)
{
    int dim[HD_KAPLA_LOOP_DIMS];
    bool back = hd_kapla_is_back(b->layer.type);
    if (hd_kapla_is_channelwise(b->layer.type) && loop == (back ? HD_KAPLA_LOOP_K : HD_KAPLA_LOOP_C)) return -1;
    hd_kapla_loop_dims(&b->layer, b->systolic, loop, dim);
    return dim[0];
}

/* A side that stays on chip moves once: loops over the far channels inside those over the near ones would move it again. */
static bool settle_side(const int order[HD_KAPLA_LOOPS], int near, int far, int64_t top[HD_KAPLA_LOOPS])
{
    if (order[near] >= order[far] || top[near] <= 1) return true;
    if (top[far] > 1) return false;
    top[far] = 1;
    return true;
}

/* Can loops in this order meet the demand?  May fix a free loop. */
static bool order_meets(const hd_kapla_demand *demand, const int order[HD_KAPLA_LOOPS], int64_t top[HD_KAPLA_LOOPS])
{
    bool channels = top[HD_KAPLA_LOOP_C] > 1 || top[HD_KAPLA_LOOP_K] > 1;
    if (top[HD_KAPLA_LOOP_B] > 1 && channels && order[HD_KAPLA_LOOP_B] != OUTERMOST) return false;
    if (top[HD_KAPLA_LOOP_C] > 1 && order[HD_KAPLA_LOOP_C] != MIDDLE) return false;
    if (top[HD_KAPLA_LOOP_K] > 1 && order[HD_KAPLA_LOOP_K] != MIDDLE) return false;
    if (demand->source_on_chip && !settle_side(order, HD_KAPLA_LOOP_C, HD_KAPLA_LOOP_K, top)) return false;
    return !demand->destination_on_chip || settle_side(order, HD_KAPLA_LOOP_K, HD_KAPLA_LOOP_C, top);
}

static bool start(hd_kapla_fill *f, const hd_kapla_demand *demand)
{
    const hd_kapla_template *b = f->base;
    memcpy(f->rest, b->loops, sizeof f->rest);
    memcpy(f->tensor, b->tensor, sizeof f->tensor);
    memcpy(f->top, demand->top, sizeof f->top);
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        for (int level = 0; level < HD_KAPLA_UNITS; level++)
            f->growth[level][d] = f->copies[level][0][d] = f->copies[level][1][d] = 1;
    for (int l = 0; l < HD_KAPLA_LOOPS; l++) {
        int dim = dim_of(b, l);
        if (f->top[l] > 0 && dim >= 0 && f->rest[dim] < f->top[l]) return false;
    }
    if (!order_meets(demand, f->order[HD_KAPLA_NODE], f->top)) return false;
    for (int l = 0; l < HD_KAPLA_LOOPS; l++) {
        int dim = dim_of(b, l);
        if (f->top[l] > 0 && dim >= 0) f->rest[dim] = hd_count_ceil_div(f->rest[dim], f->top[l]);
    }
    return true;
}

/* The buffer's block is at least what the elements work on together. */
static void widen_buffer(hd_kapla_fill *f)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        f->tensor[HD_KAPLA_NODE][d] *= f->copies[HD_KAPLA_ELEMENT][0][d] * f->copies[HD_KAPLA_ELEMENT][1][d];
    hd_kapla_follow(&f->base->layer, f->base->systolic, f->tensor[HD_KAPLA_NODE]);
}

/* What is left goes to the outermost loops; those of the demand must be met as they are. */
static bool finish(hd_kapla_fill *f, const hd_kapla_demand *demand)
{
    const int *at = f->order[HD_KAPLA_NODE];
    for (int l = 0; l < HD_KAPLA_LOOPS; l++) {
        int dim = dim_of(f->base, l);
        if (f->top[l] > 0 && dim >= 0 && f->rest[dim] > 1) return false;
        if (f->top[l] > 0 && dim >= 0) f->rest[dim] = f->top[l];
        else f->top[l] = dim >= 0 ? f->rest[dim] : 1;
    }
    int c = at[HD_KAPLA_LOOP_C], k = at[HD_KAPLA_LOOP_K], b = at[HD_KAPLA_LOOP_B];
    if (demand->source_on_chip && f->top[HD_KAPLA_LOOP_K] > 1 && hd_count_min(b, c) < k) return false;
    return !demand->destination_on_chip || f->top[HD_KAPLA_LOOP_C] <= 1 || hd_count_min(b, k) >= c;
}

bool hd_kapla_descend(const hd_kapla_template *base, const hd_kapla_room *room, const hd_kapla_demand *demand,
                      const int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS], bool any_nodes, hd_kapla_fill *out)
{
    int64_t copies[HD_AXES] = {base->copies[HD_X], base->copies[HD_Y]}, nodes[HD_AXES];
    memcpy(nodes, room->units[HD_KAPLA_NODE], sizeof nodes);
    *out = (hd_kapla_fill){.base = base};
    memcpy(out->order, order, sizeof out->order);
    if (!start(out, demand)) return false;
    hd_kapla_fill_stack(out, HD_KAPLA_ELEMENT, copies);
    widen_buffer(out);
    if (!hd_kapla_fill_tensor(out, room, HD_KAPLA_ELEMENT)) return false;
    hd_kapla_fill_stack(out, HD_KAPLA_NODE, nodes);
    if (nodes[0] * nodes[1] > 1 && !any_nodes) return false;
    if (!hd_kapla_fill_tensor(out, room, HD_KAPLA_NODE)) return false;
    return finish(out, demand);
}
