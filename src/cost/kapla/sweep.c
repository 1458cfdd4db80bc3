/* Iterations, volumes and repeats of one level's updates (kapla.md 2.4). */
#include "base/count.h"
#include "cost/kapla/form.h"

static int64_t at_least_one(int64_t n) { return n > 1 ? n : 1; }

/* What one unit of the level must finish: the block outside, cut by the splits. */
static void work_of(const hd_kapla_scheme *s, const hd_kapla_block *block, const int64_t *outside, int64_t *work)
{
    for (int d = 0; d < HD_KAPLA_DIMS; d++) work[d] = hd_count_ceil_div(outside[d], at_least_one(block->split[d]));
    hd_kapla_follow(&s->layer, s->systolic, work);
}

static int64_t iterations(const hd_kapla_move *u, const int64_t *work, const int64_t *tensor)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < u->parts; i++) {
        int d = u->part[i].dim;
        int64_t step = u->part[i].step, n = 1;
        if (work[d] >= tensor[d])
            n += hd_count_ceil_div(hd_count_max(work[d] - hd_count_max(tensor[d], step), 0), step);
        least = hd_count_min(least, n);
    }
    return least;
}

static int64_t count_level(const hd_kapla_block *b, const int64_t *work, int64_t *out)
{
    int64_t all = 1;
    for (int i = 0; i < b->updates; i++) all *= out[i] = iterations(&b->update[i], work, b->tensor);
    return all;
}

static int64_t units(const hd_kapla_block *b)
{
    int64_t n = 1;
    for (int i = 0; i < b->stacks; i++) n *= b->stack[i].copies;
    return n;
}

/* Passes in an element's block: its growth along the loops' own dims, and filter rows (one in KAPLA's templates). */
static int64_t growth(const hd_kapla_scheme *s)
{
    bool back = hd_kapla_is_back(s->layer.type), one = hd_kapla_is_channelwise(s->layer.type);
    const int64_t *t = s->regf.tensor;
    int64_t n = t[HD_KAPLA_N] * t[back ? HD_KAPLA_C : HD_KAPLA_K];
    if (!one) n *= t[back ? HD_KAPLA_K : HD_KAPLA_C];
    if (s->systolic) return n * t[HD_KAPLA_XY] * t[HD_KAPLA_F];
    return n * t[HD_KAPLA_S] * t[back ? HD_KAPLA_YI : HD_KAPLA_YO] * t[back ? HD_KAPLA_XI : HD_KAPLA_XO];
}

void hd_kapla_count(const hd_kapla_scheme *s, kapla_counts *out)
{
    int64_t whole[HD_KAPLA_DIMS], work[HD_KAPLA_DIMS];
    hd_kapla_extents(&s->layer, s->systolic, whole);
    work_of(s, &s->gbuf, whole, work);
    out->gbuf_all = count_level(&s->gbuf, work, out->gbuf);
    work_of(s, &s->regf, s->gbuf.tensor, work);
    out->regf_all = count_level(&s->regf, work, out->regf);
    out->nodes = units(&s->gbuf);
    out->elements = units(&s->regf);
    out->growth = growth(s);
}

bool hd_kapla_has(const hd_kapla_scheme *s, unsigned fixes, int tensor, int dim)
{
    bool depthwise = hd_kapla_is_channelwise(s->layer.type) && !hd_kapla_is_local(s->layer.type);
    if (tensor == HD_KAPLA_W && dim == HD_KAPLA_C && depthwise && fixes & HD_KAPLA_FIX_FILTER) return false;
    return hd_kapla_sees(tensor, dim);
}

bool hd_kapla_moves_tensor(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_move *move)
{
    for (int i = 0; i < move->parts; i++)
        if (hd_kapla_has(s, fixes, tensor, move->part[i].dim)) return true;
    return false;
}

int hd_kapla_partial_tensor(const hd_kapla_scheme *s, unsigned fixes)
{
    bool filter = s->layer.type == HD_KAPLA_CONV_WEIGHT ||
                  (s->layer.type == HD_KAPLA_DW_WEIGHT && fixes & HD_KAPLA_FIX_PARTIAL);
    return filter ? HD_KAPLA_W : HD_KAPLA_O;
}

/* Columns of outputs going back with weights: the research code's template for the array has lost the stride. */
static int64_t step_of(const hd_kapla_scheme *s, unsigned fixes, const hd_kapla_block *b, int dim, int64_t step)
{
    bool weighs = hd_kapla_is_back(s->layer.type) && !hd_kapla_is_local(s->layer.type);
    bool lost = weighs && b == &s->regf && dim == HD_KAPLA_XO && !(fixes & HD_KAPLA_FIX_SLIDE);
    return lost ? step / s->layer.wtrd : step;
}

/* Elements of one dim over the sweep: the first update on it brings the block and then its new part each time, further
 * updates repeat that. */
static int64_t swept(const hd_kapla_scheme *s, unsigned fixes, const hd_kapla_block *b, const int64_t *n, int dim)
{
    int64_t held = b->tensor[dim], sum = held;
    bool first = true;
    for (int i = 0; i < b->updates; i++)
        for (int k = 0; k < b->update[i].parts; k++) {
            if (b->update[i].part[k].dim != dim) continue;
            int64_t step = hd_count_min(step_of(s, fixes, b, dim, b->update[i].part[k].step), held);
            sum = first ? held + step * (n[i] - 1) : sum * n[i];
            first = false;
        }
    return sum;
}

int64_t hd_kapla_volume(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block,
                        const int64_t *n)
{
    int64_t words = 1;
    if (tensor == HD_KAPLA_W && hd_kapla_is_local(s->layer.type)) return 0;
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (block->tensor[d] > 0 && hd_kapla_has(s, fixes, tensor, d)) words *= swept(s, fixes, block, n, d);
    return words;
}

int64_t hd_kapla_repeats(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block,
                         const int64_t *n)
{
    int64_t repeats = 1;
    bool moved = false;
    for (int i = 0; i < block->updates; i++) {
        if (n[i] <= 1) continue;
        if (hd_kapla_moves_tensor(s, fixes, tensor, &block->update[i])) moved = true;
        else if (moved) repeats *= n[i];
    }
    return repeats;
}

int64_t hd_kapla_held(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_block *block)
{
    int64_t words = 1;
    if (tensor == HD_KAPLA_W && hd_kapla_is_local(s->layer.type)) return 0;
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (block->tensor[d] > 0 && hd_kapla_has(s, fixes, tensor, d)) words *= block->tensor[d];
    return words;
}
