/* Which loops, blocks and base directives does one pass on the array of elements leave?  Row-stationary (reference 6.1) and
 * systolic (6.4), in the form of KAPLA's solver: the layer is not yet cut into nodes.                                 */
#include "base/count.h"
#include "solve/kapla.h"

static int64_t ceil_div(int64_t a, int64_t b) { return hd_count_ceil_div(a, b); }

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static hd_kapla_move two(int dim_a, int64_t step_a, int dim_b, int64_t step_b, int64_t copies, bool on_h)
{
    return (hd_kapla_move){.parts = 2, .part = {{dim_a, step_a}, {dim_b, step_b}}, .copies = copies, .on_h = on_h};
}

static hd_kapla_move one(int dim, int64_t step) { return (hd_kapla_move){.parts = 1, .part = {{dim, step}}}; }

/* Extents of a start block: every dim of the template 1. */
static void start_block(const hd_kapla_layer *layer, bool systolic, int64_t tensor[HD_KAPLA_DIMS])
{
    hd_kapla_extents(layer, systolic, tensor);
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (tensor[d] > 0) tensor[d] = 1;
}

/* A loop for every channel, sample; one of each pair of channel dims stands for both in a channelwise layer. */
static void start_loops(const hd_kapla_layer *layer, int64_t loops[HD_KAPLA_DIMS])
{
    bool both = !hd_kapla_is_channelwise(layer->type), back = hd_kapla_is_back(layer->type);
    for (int d = 0; d < HD_KAPLA_DIMS; d++) loops[d] = 1;
    loops[HD_KAPLA_N] = layer->batch;
    if (both || back) loops[HD_KAPLA_C] = layer->nifm;
    if (both || !back) loops[HD_KAPLA_K] = layer->nofm;
}

hd_kapla_side hd_kapla_lay(int64_t wanted, int64_t units)
{
    hd_kapla_side s = {.folds = wanted > units ? ceil_div(wanted, units) : 1, .copies = wanted > units ? 1 : units / wanted};
    s.used = ceil_div(wanted, s.folds);
    return s;
}

/* Blocks of rows that no side of the mesh could share out: somewhat narrower ones, if those can (6.1). */
static int64_t adjust_width(const hd_kapla_room *room, int64_t rows, int64_t width)
{
    const int64_t *nodes = room->units[HD_KAPLA_NODE];
    int64_t blocks = ceil_div(rows, width);
    if (blocks == 1 || gcd(blocks, nodes[HD_Y]) > 1 || gcd(blocks, nodes[HD_X]) > 1) return width;
    for (int64_t w = width - 1; 100 * w > 85 * width; w--) {
        blocks = ceil_div(rows, w);
        if (gcd(blocks, nodes[HD_Y]) > 1 || gcd(blocks, nodes[HD_X]) > 1) return w;
    }
    return width;
}

/* The base directives of the row-stationary template. */
static void write_rows(hd_kapla_template *t, int64_t fold_w, int64_t fold_h)
{
    const hd_kapla_layer *l = &t->layer;
    bool back = hd_kapla_is_back(l->type);
    int64_t w = t->used[HD_X], h = t->used[HD_Y];
    int x = back ? HD_KAPLA_XO : HD_KAPLA_XI, slid_x = back ? HD_KAPLA_XI : HD_KAPLA_XO; /* strided side, loop's side */
    int y = back ? HD_KAPLA_YO : HD_KAPLA_YI, slid_y = back ? HD_KAPLA_YI : HD_KAPLA_YO;
    t->stack[t->stacks++] = two(y, l->htrd, slid_y, 1, w, false);
    t->stack[t->stacks++] = two(HD_KAPLA_S, 1, y, 1, h, true);
    if (back) t->stack[0] = two(slid_y, 1, y, l->htrd, w, false);
    t->update[t->updates++] = back ? two(slid_x, 1, x, l->wtrd, 0, false) : two(x, l->wtrd, slid_x, 1, 0, false);
    if (fold_w > 1)
        t->update[t->updates++] = back ? two(slid_y, w, y, l->htrd * w, 0, false) : two(y, l->htrd * w, slid_y, w, 0, false);
    if (fold_h > 1) t->update[t->updates++] = two(HD_KAPLA_S, h, y, h, 0, false);
}

/* Element-wise layers take all their inputs in one pass; the others slide one row of taps. */
static void write_unit(hd_kapla_template *t)
{
    int64_t *regf = t->tensor[HD_KAPLA_ELEMENT];
    t->unit_ops = t->layer.wfil;
    if (!hd_kapla_is_local(t->layer.type) || t->layer.wfil > 1) return;
    bool back = hd_kapla_is_back(t->layer.type);
    int many = back ? HD_KAPLA_K : HD_KAPLA_C, one_of = back ? HD_KAPLA_C : HD_KAPLA_K;
    t->unit_ops = regf[many] = t->layer.ntrd;
    t->update[t->updates++] = two(many, t->layer.ntrd, one_of, 1, 0, false);
}

bool hd_kapla_row_stationary(const hd_kapla_layer *layer, const hd_kapla_room *room, hd_kapla_template *out)
{
    bool back = hd_kapla_is_back(layer->type);
    int64_t rows = back ? layer->hifm : layer->hofm;
    const int64_t *array = room->units[HD_KAPLA_ELEMENT];
    hd_kapla_side w = hd_kapla_lay(rows, array[HD_X]), h = hd_kapla_lay(layer->hfil, array[HD_Y]);
    if (!hd_kapla_is_local(layer->type)) w.used = adjust_width(room, rows, w.used);
    if (!hd_kapla_is_local(layer->type) && !back) w.folds = ceil_div(rows, w.used);
    *out = (hd_kapla_template){.layer = *layer, .copies = {w.copies, h.copies}, .used = {w.used, h.used}};
    start_loops(layer, out->loops);
    out->loops[back ? HD_KAPLA_YI : HD_KAPLA_YO] = ceil_div(rows, w.used);
    int64_t *gbuf = out->tensor[HD_KAPLA_NODE], *regf = out->tensor[HD_KAPLA_ELEMENT];
    start_block(layer, false, gbuf);
    start_block(layer, false, regf);
    gbuf[HD_KAPLA_R] = regf[HD_KAPLA_R] = layer->wfil;
    gbuf[HD_KAPLA_S] = layer->hfil;
    gbuf[back ? HD_KAPLA_XI : HD_KAPLA_XO] = back ? layer->wifm : layer->wofm;
    gbuf[back ? HD_KAPLA_YI : HD_KAPLA_YO] = w.used;
    write_rows(out, w.folds, h.folds);
    write_unit(out);
    hd_kapla_follow(layer, false, gbuf);
    hd_kapla_follow(layer, false, regf);
    return true;
}

void hd_kapla_unfold(hd_kapla_side *from, hd_kapla_side *onto, int64_t wanted)
{
    int64_t f = hd_count_min(onto->copies, from->folds);
    from->folds = ceil_div(from->folds, f);
    onto->copies /= f;
    from->used = ceil_div(wanted, from->folds);
}

bool hd_kapla_systolic(const hd_kapla_layer *layer, const hd_kapla_room *room, hd_kapla_template *out)
{
    if (hd_kapla_is_back(layer->type)) return false;
    int64_t pixels = layer->hofm * layer->wofm;
    const int64_t *array = room->units[HD_KAPLA_ELEMENT];
    hd_kapla_side w = hd_kapla_lay(layer->nofm, array[HD_X]), h = hd_kapla_lay(pixels, array[HD_Y]);
    hd_kapla_unfold(&w, &h, layer->nofm);
    hd_kapla_unfold(&h, &w, pixels);
    *out = (hd_kapla_template){.layer = *layer, .systolic = true, .copies = {w.copies, h.copies},
                               .used = {w.used, h.used}, .unit_ops = 1};
    start_loops(layer, out->loops);
    out->loops[HD_KAPLA_K] = ceil_div(layer->nofm, w.used);
    out->loops[HD_KAPLA_XY] = ceil_div(pixels, h.used);
    int64_t *gbuf = out->tensor[HD_KAPLA_NODE], *regf = out->tensor[HD_KAPLA_ELEMENT], whole[HD_KAPLA_DIMS];
    hd_kapla_extents(layer, true, whole);
    start_block(layer, true, gbuf);
    start_block(layer, true, regf);
    gbuf[HD_KAPLA_F] = whole[HD_KAPLA_F];
    gbuf[HD_KAPLA_XY] = h.used;
    gbuf[HD_KAPLA_K] = w.used;
    out->stack[out->stacks++] = two(HD_KAPLA_K, 1, HD_KAPLA_F, 1, w.used, false);
    out->stack[out->stacks++] = two(HD_KAPLA_XY, 1, HD_KAPLA_F, 1, h.used, true);
    out->update[out->updates++] = one(HD_KAPLA_F, 1);
    hd_kapla_follow(layer, true, gbuf);
    hd_kapla_follow(layer, true, regf);
    if (hd_kapla_is_local(layer->type)) out->unit_ops = layer->ntrd;
    return true;
}
