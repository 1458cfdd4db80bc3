/* Word-hops that move each tensor once: one tree per set of nodes with equal needs (kapla.md 5.3). */
#include <string.h>

#include "base/count.h"
#include "cost/kapla/form.h"

/* The nodes of a partition with what each needs of one tensor, those that need the same one after the other. */
typedef struct grouping {
    int nodes;
    struct { uint64_t key; kapla_point point; hd_kapla_range need; } node[HD_KAPLA_MAX_NODES];
} grouping;

/* Most comparisons end there. */
uint64_t hd_kapla_range_key(const hd_kapla_range *r)
{
    uint64_t key = 0;
    for (int k = 0; k < HD_KAPLA_RANKS; k++)
        key = ((key * 31 + (uint64_t)r->from[k]) * 31 + (uint64_t)r->to[k]) * 0x9e3779b97f4a7c15u;
    return key;
}

/* End of the group that begins at `from`: its members are brought together. */
static int gather(grouping *g, int from)
{
    int end = from + 1;
    for (int i = end; i < g->nodes; i++) {
        if (g->node[i].key != g->node[from].key || memcmp(&g->node[i].need, &g->node[from].need, sizeof g->node[i].need) != 0)
            continue;
        if (i > end) {
            kapla_point point = g->node[i].point; /* their needs are one */
            g->node[i] = g->node[end];
            g->node[end] = g->node[from];
            g->node[end].point = point;
        }
        end++;
    }
    return end;
}

void hd_kapla_spread_out(const hd_kapla_scheme *s, unsigned fixes, const hd_kapla_region *region, kapla_spread *out)
{
    int64_t at[HD_AXES], size[HD_AXES] = {1, 1};
    for (int k = 0; k < HD_KAPLA_SPLITS; k++)
        for (int axis = 0; axis < HD_AXES; axis++) size[axis] *= s->partition.parts[k][axis];
    out->nodes = 0;
    for (at[HD_Y] = 0; at[HD_Y] < size[HD_Y]; at[HD_Y]++)
        for (at[HD_X] = 0; at[HD_X] < size[HD_X]; at[HD_X]++) {
            hd_kapla_needs(s, fixes, at, out->need[out->nodes]);
            hd_kapla_node(region, at, out->point[out->nodes++].at);
        }
}

static void collect(const kapla_spread *all, int tensor, grouping *g)
{
    g->nodes = all->nodes;
    for (int i = 0; i < all->nodes; i++) {
        g->node[i].key = hd_kapla_range_key(&all->need[i][tensor]);
        g->node[i].point = all->point[i];
        g->node[i].need = all->need[i][tensor];
    }
}

/* Points of a group from `from` on, as the tree wants them. */
static const kapla_point *points_of(const grouping *g, int from, int end, kapla_point out[HD_KAPLA_MAX_NODES])
{
    for (int i = from; i < end; i++) out[i - from] = g->node[i].point;
    return out;
}

static int64_t links_between(const int64_t *a, const int64_t *b)
{
    int64_t x = a[HD_X] - b[HD_X], y = a[HD_Y] - b[HD_Y];
    return (x < 0 ? -x : x) + (y < 0 ? -y : y);
}

typedef struct held { hd_kapla_range range; int64_t at[HD_AXES]; } held;

/* What every node of a layout holds. */
static int parts_of(const hd_kapla_layout *layout, held out[HD_KAPLA_MAX_NODES])
{
    int n = 0;
    for (int i = 0; i < layout->pieces; i++) {
        const hd_kapla_region *r = &layout->piece[i].region;
        int64_t at[HD_AXES];
        for (at[HD_Y] = 0; at[HD_Y] < r->size[HD_Y]; at[HD_Y]++)
            for (at[HD_X] = 0; at[HD_X] < r->size[HD_X] && n < HD_KAPLA_MAX_NODES; at[HD_X]++, n++) {
                out[n].range = hd_kapla_part_of(&layout->piece[i].range, &layout->piece[i].partition, at);
                hd_kapla_node(r, at, out[n].at);
            }
    }
    return n;
}

/* Word-hops from the layout to the member of the group that is cheapest to reach; `words`: of the layout that it needs. */
static int64_t nearest(const grouping *g, int from, int end, const held *part, int parts, int64_t *words)
{
    int64_t best = INT64_MAX, overlap[HD_KAPLA_MAX_NODES];
    *words = 0;
    for (int k = 0; k < parts; k++) *words += overlap[k] = hd_kapla_overlap_words(&part[k].range, &g->node[from].need);
    for (int i = from; i < end; i++) {
        int64_t sum = 0;
        for (int k = 0; k < parts; k++)
            if (overlap[k] > 0) sum += overlap[k] * links_between(part[k].at, g->node[i].point.at);
        best = hd_count_min(best, sum);
    }
    return best;
}

static int64_t weight_hops(const hd_kapla_chip *chip, grouping *g)
{
    kapla_point memory[HD_MAX_PORTS], point[HD_KAPLA_MAX_NODES];
    int64_t hops = 0, at[HD_AXES];
    int sources = 0;
    for (at[HD_Y] = 0; at[HD_Y] < chip->memory.size[HD_Y]; at[HD_Y]++)
        for (at[HD_X] = 0; at[HD_X] < chip->memory.size[HD_X]; at[HD_X]++)
            hd_kapla_node(&chip->memory, at, memory[sources++].at);
    for (int from = 0, end; from < g->nodes; from = end) {
        end = gather(g, from);
        int64_t words = hd_kapla_range_words(&g->node[from].need);
        if (words > 0) hops += words * hd_kapla_tree(points_of(g, from, end, point), end - from, memory, sources);
    }
    return hops;
}

/* From one node of each group to the others; results go out halfway together (the research code takes the mean of both). */
static int64_t map_hops(grouping *g, const hd_kapla_layout *layout, bool results)
{
    held part[HD_KAPLA_MAX_NODES];
    kapla_point point[HD_KAPLA_MAX_NODES];
    int64_t hops = 0, words;
    int parts = parts_of(layout, part);
    for (int from = 0, end; from < g->nodes; from = end) {
        end = gather(g, from);
        int64_t single = nearest(g, from, end, part, parts, &words), all;
        if (results) words = hd_kapla_range_words(&g->node[from].need);
        all = single + (words > 0 ? words * hd_kapla_tree(points_of(g, from, end, point), end - from, NULL, 0) : 0);
        hops += results ? hd_count_ceil_div(single + all, 2) : all;
    }
    return hops;
}

hd_kapla_layout hd_kapla_output(const hd_kapla_scheme *s, const hd_kapla_place *place)
{
    const hd_kapla_layer *l = &s->layer;
    hd_kapla_layout out = {.pieces = 1};
    out.piece[0].range = (hd_kapla_range){{0}, {l->batch, l->nofm, l->hofm, l->wofm}};
    out.piece[0].region = place->destination;
    out.piece[0].partition = hd_kapla_project(&s->partition, place->destination.size);
    return out;
}

bool hd_kapla_stays(const hd_kapla_scheme *s, const hd_kapla_place *place)
{
    const hd_kapla_layout result = hd_kapla_output(s, place);
    return hd_kapla_region_equal(&place->region, &place->destination) &&
           hd_kapla_partition_equal(&result.piece[0].partition, &s->partition);
}

static int64_t tensor_hops(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                           int tensor)
{
    kapla_spread all;
    grouping g;
    if (tensor == HD_KAPLA_W ? hd_kapla_is_local(s->layer.type) : tensor == HD_KAPLA_O && hd_kapla_stays(s, place)) return 0;
    hd_kapla_layout result = hd_kapla_output(s, place);
    hd_kapla_spread_out(s, fixes, &place->region, &all);
    collect(&all, tensor, &g);
    if (tensor == HD_KAPLA_W) return weight_hops(chip, &g);
    return map_hops(&g, tensor == HD_KAPLA_I ? place->source : &result, tensor == HD_KAPLA_O);
}

void hd_kapla_hops(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                   int64_t out[HD_KAPLA_TENSORS])
{
    const hd_kapla_layer *l = &s->layer;
    const hd_kapla_partition *charged[HD_KAPLA_TENSORS];
    hd_kapla_scheme as = *s;
    out[HD_KAPLA_W] = out[HD_KAPLA_I] = out[HD_KAPLA_O] = 0;
    /* the research code finds no nodes for gradients of one pixel: fully connected layers go back for nothing */
    if (!(fixes & HD_KAPLA_FIX_GRADIENT) && hd_kapla_is_back(l->type) && l->hifm == 1 && l->wifm == 1) return;
    hd_kapla_recall(fixes, s, place, charged);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        as.partition = *charged[t];
        out[t] = tensor_hops(chip, fixes, &as, place, t);
    }
}
