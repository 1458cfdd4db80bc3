/* The directives of a filled candidate (reference 7.7). */
#include <string.h>

#include "base/count.h"
#include "solve/kapla.h"

/* Iterations that a unit of the level works on, per dim: the range left to it by its copies. */
static void find_work(const hd_kapla_fill *f, int level, int64_t work[HD_KAPLA_DIMS])
{
    const hd_kapla_template *b = f->base;
    if (level == HD_KAPLA_NODE) hd_kapla_extents(&b->layer, b->systolic, work);
    else memcpy(work, f->tensor[HD_KAPLA_NODE], sizeof f->tensor[HD_KAPLA_NODE]);
    if (level == HD_KAPLA_ELEMENT && b->systolic) {
        work[HD_KAPLA_K] = hd_count_ceil_div(work[HD_KAPLA_K], b->used[HD_X]);
        work[HD_KAPLA_XY] = hd_count_ceil_div(work[HD_KAPLA_XY], b->used[HD_Y]);
    }
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        work[d] = hd_count_ceil_div(work[d], f->copies[level][0][d] * f->copies[level][1][d]);
    hd_kapla_follow(&b->layer, b->systolic, work);
}

/* A directive of one loop's dim: what follows from the dim moves with it.  `rows` = step of the strided side. */
static hd_kapla_move move_of(const hd_kapla_template *b, int dim, const int64_t step[HD_KAPLA_DIMS], int64_t rows)
{
    bool back = hd_kapla_is_back(b->layer.type), pixels = dim == HD_KAPLA_YO || dim == HD_KAPLA_YI;
    hd_kapla_move m = {.parts = 1, .part = {{dim, step[dim]}}};
    if (pixels) m = (hd_kapla_move){.parts = 2, .part = {{back ? HD_KAPLA_YO : HD_KAPLA_YI, rows}, {dim, step[dim]}}};
    if ((dim == HD_KAPLA_C || dim == HD_KAPLA_K) && hd_kapla_is_channelwise(b->layer.type))
        m = (hd_kapla_move){.parts = 2, .part = {{HD_KAPLA_C, step[HD_KAPLA_C]}, {HD_KAPLA_K, step[HD_KAPLA_K]}}};
    return m;
}

static bool is_pixels(int dim)
{
    return dim == HD_KAPLA_YO || dim == HD_KAPLA_YI || dim == HD_KAPLA_XO || dim == HD_KAPLA_XI;
}

static bool base_has(const hd_kapla_template *b, int dim)
{
    for (int u = 0; u < b->updates; u++)
        for (int i = 0; i < b->update[u].parts; i++)
            if (b->update[u].part[i].dim == dim) return true;
    return false;
}

/* Is there an update of this dim?  Pixels stand only where they move; that the registers look at the growth of the
 * buffer is the research code's way. */
static bool is_updated(const hd_kapla_fill *f, int level, int dim)
{
    if (level == HD_KAPLA_ELEMENT && is_pixels(dim) && base_has(f->base, dim)) return false;
    if (!is_pixels(dim)) return true;
    return (level == HD_KAPLA_NODE ? f->rest[dim] : f->growth[HD_KAPLA_NODE][dim]) > 1;
}

static void write_updates(const hd_kapla_fill *f, int level, hd_kapla_block *out)
{
    const hd_kapla_template *b = f->base;
    bool one_channel = hd_kapla_is_channelwise(b->layer.type);
    for (int u = 0; level == HD_KAPLA_ELEMENT && u < b->updates; u++) out->update[out->updates++] = b->update[u];
    for (int at = 0; at < HD_KAPLA_LOOPS; at++) {
        int loop = 0, dim[HD_KAPLA_LOOP_DIMS];
        while (f->order[level][loop] != at) loop++;
        if (one_channel && loop == HD_KAPLA_LOOP_C) continue;
        int n = hd_kapla_loop_dims(&b->layer, b->systolic, loop, dim);
        for (int i = 0; i < n; i++) {
            if (!is_updated(f, level, dim[i])) continue;
            int64_t rows = out->tensor[dim[i]] * b->layer.htrd;
            out->update[out->updates++] = move_of(b, dim[i], out->tensor, rows);
        }
    }
}

/* Does a loop that leaves the tensor be stand outside of one that moves it?  Loops of one iteration count as well. */
static bool is_reused(const hd_kapla_block *block, int tensor)
{
    bool moved = false;
    for (int u = 0; u < block->updates; u++) {
        bool moves = false;
        for (int i = 0; i < block->update[u].parts; i++) moves |= hd_kapla_sees(tensor, block->update[u].part[i].dim);
        if (moved && !moves) return true;
        moved |= moves;
    }
    return false;
}

/* Move a loop to the front. */
static void bring_forward(int loops[HD_KAPLA_LOOPS], int loop)
{
    int at = 0;
    while (loops[at] != loop) at++;
    for (; at > 0; at--) loops[at] = loops[at - 1];
    loops[0] = loop;
}

static int count_copies(const hd_kapla_fill *f, int level, int loop)
{
    int dim[HD_KAPLA_LOOP_DIMS], count = 0;
    for (int i = hd_kapla_loop_dims(&f->base->layer, f->base->systolic, loop, dim) - 1; i >= 0; i--)
        for (int axis = 0; axis < HD_AXES; axis++) count += f->copies[level][axis][dim[i]] > 1;
    return count;
}

/* In which order the loops' stacks nest: those with more directives inside; then, for nodes, loops that leave a tensor be
 * that the registers never fetch twice. */
static void order_stacks(const hd_kapla_fill *f, int level, const hd_kapla_block *regf, int loops[HD_KAPLA_LOOPS])
{
    const hd_kapla_layer *layer = &f->base->layer;
    for (int l = 0; l < HD_KAPLA_LOOPS; l++) {
        int at = l;
        for (; at > 0 && count_copies(f, level, loops[at - 1]) < count_copies(f, level, l); at--) loops[at] = loops[at - 1];
        loops[at] = l;
    }
    if (level == HD_KAPLA_ELEMENT) return;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int other = hd_kapla_other_loop(t);
        if (!hd_kapla_loop_moves(layer, other, t) && !is_reused(regf, t)) bring_forward(loops, other);
    }
}

/* More rows on the array: the base stack of rows grows, and shifts by whole windows (as the research code writes it). */
static bool widen_base(const hd_kapla_fill *f, int dim, int64_t copies, hd_kapla_block *out)
{
    if (dim != HD_KAPLA_YO && dim != HD_KAPLA_YI) return false;
    out->stack[0].copies *= copies;
    for (int i = 0; i < out->stack[0].parts; i++)
        if (out->stack[0].part[i].dim != dim) out->stack[0].part[i].step = f->base->layer.hfil;
    return true;
}

static void write_stacks(const hd_kapla_fill *f, int level, const hd_kapla_block *regf, hd_kapla_block *out)
{
    const hd_kapla_template *b = f->base;
    int loops[HD_KAPLA_LOOPS];
    int64_t step[HD_KAPLA_DIMS];
    bool seen[HD_KAPLA_DIMS] = {false};
    for (int s = 0; level == HD_KAPLA_ELEMENT && s < b->stacks; s++) out->stack[out->stacks++] = b->stack[s];
    order_stacks(f, level, regf, loops);
    find_work(f, level, step);
    for (int l = 0; l < HD_KAPLA_LOOPS; l++) {
        int dim[HD_KAPLA_LOOP_DIMS], n = hd_kapla_loop_dims(&b->layer, b->systolic, loops[l], dim);
        for (int i = 0; i < n; i++) {
            int64_t rows = step[hd_kapla_is_back(b->layer.type) ? HD_KAPLA_YO : HD_KAPLA_YI];
            for (int axis = 0; !seen[dim[i]] && axis < HD_AXES; axis++) {
                int64_t copies = f->copies[level][axis][dim[i]];
                if (copies == 1 || (level == HD_KAPLA_ELEMENT && widen_base(f, dim[i], copies, out))) continue;
                hd_kapla_move m = move_of(b, dim[i], step, rows);
                m.copies = copies;
                m.on_h = axis == HD_Y;
                out->stack[out->stacks++] = m;
                for (int p = 0; p < m.parts; p++) step[m.part[p].dim] = m.part[p].step * copies;
                rows *= copies;
            }
            seen[dim[i]] = true;
        }
    }
}

/* Among how many units the range outside is cut; the systolic array itself cuts outputs and pixels. */
static void write_splits(const hd_kapla_fill *f, hd_kapla_scheme *out)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++) {
        out->gbuf.split[d] = f->copies[HD_KAPLA_NODE][HD_X][d] * f->copies[HD_KAPLA_NODE][HD_Y][d];
        out->regf.split[d] = f->copies[HD_KAPLA_ELEMENT][HD_X][d] * f->copies[HD_KAPLA_ELEMENT][HD_Y][d];
    }
    if (!f->base->systolic) return;
    out->regf.split[HD_KAPLA_K] *= f->base->used[HD_X];
    out->regf.split[HD_KAPLA_XY] *= f->base->used[HD_Y];
}

/* Which split of the layer is a stack of this dim?  Where channels in and out are one, they are output channels. */
static int split_of(const hd_kapla_layer *layer, int dim)
{
    if (dim == HD_KAPLA_N) return HD_KAPLA_BATP;
    if (dim != HD_KAPLA_C && dim != HD_KAPLA_K) return HD_KAPLA_OFMP;
    return dim == HD_KAPLA_K || hd_kapla_is_channelwise(layer->type) ? HD_KAPLA_OUTP : HD_KAPLA_INPP;
}

/* The stacks of the nodes as a partition: kinds in the order in which they stand (as the research code takes them). */
static void write_partition(const hd_kapla_fill *f, const hd_kapla_block *gbuf, hd_kapla_partition *out)
{
    int kinds = 0;
    bool seen[HD_KAPLA_SPLITS] = {false};
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) out->parts[k][HD_X] = out->parts[k][HD_Y] = 1;
    for (int s = 0; s < gbuf->stacks; s++) {
        int kind = split_of(&f->base->layer, gbuf->stack[s].part[gbuf->stack[s].parts - 1].dim);
        out->parts[kind][gbuf->stack[s].on_h ? HD_Y : HD_X] *= gbuf->stack[s].copies;
        if (!seen[kind]) out->order[kinds++] = kind;
        seen[kind] = true;
    }
    for (int k = 0; k < HD_KAPLA_SPLITS; k++)
        if (!seen[k]) out->order[kinds++] = k;
}

void hd_kapla_write(const hd_kapla_fill *f, hd_kapla_scheme *out)
{
    *out = (hd_kapla_scheme){.layer = f->base->layer, .systolic = f->base->systolic, .base_updates = f->base->updates,
                             .unit_ops = f->base->unit_ops};
    memcpy(out->order, f->order, sizeof out->order);
    memcpy(out->top, f->top, sizeof out->top);
    memcpy(out->gbuf.tensor, f->tensor[HD_KAPLA_NODE], sizeof out->gbuf.tensor);
    memcpy(out->regf.tensor, f->tensor[HD_KAPLA_ELEMENT], sizeof out->regf.tensor);
    write_splits(f, out);
    write_updates(f, HD_KAPLA_ELEMENT, &out->regf);
    write_updates(f, HD_KAPLA_NODE, &out->gbuf);
    write_stacks(f, HD_KAPLA_ELEMENT, &out->regf, &out->regf);
    write_stacks(f, HD_KAPLA_NODE, &out->regf, &out->gbuf);
    write_partition(f, &out->gbuf, &out->partition);
}
