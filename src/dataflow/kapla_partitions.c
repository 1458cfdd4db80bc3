/* See kapla_partitions.h. */
#include "dataflow/kapla_partitions.h"

#include "base/count.h"

enum { LAST_KIND = HD_KAPLA_SPLITS - 1 };

typedef struct walk {
    const hd_kapla_layer *layer;
    const int64_t *size;
    hd_kapla_partition_visit *visit;
    void *user;
    int64_t visited;
    bool stopped;
    hd_kapla_partition at;
} walk;

static bool is_split(const walk *w, int kind) { return w->at.parts[kind][HD_X] * w->at.parts[kind][HD_Y] > 1; }

/* Does `total` fall into `parts` parts with at most a tenth of padding? */
static bool divides_about(int64_t total, int64_t parts)
{
    int64_t padded = hd_count_ceil_div(total, parts) * parts;
    return total >= parts && (10 * (padded - total) <= padded || padded - total <= 1);
}

/* Splits other than of pixels take a whole side of the region on one axis, or nothing of the other. */
static bool is_a_strip(const walk *w, int kind)
{
    int64_t x = w->at.parts[kind][HD_X], y = w->at.parts[kind][HD_Y];
    return kind == HD_KAPLA_OFMP || x == 1 || y == 1 || x == w->size[HD_X] || y == w->size[HD_Y];
}

/* Of two that are each other's mirror image the one with the smaller numbers along h stands for both. */
static bool is_mirrored(const walk *w)
{
    if (is_split(w, HD_KAPLA_OFMP)) return false;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++)
        if (w->at.parts[k][HD_X] > 1 && w->at.parts[k][HD_Y] > 1) return false;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++)
        if (w->at.parts[k][HD_Y] != w->at.parts[k][HD_X]) return w->at.parts[k][HD_Y] > w->at.parts[k][HD_X];
    return false;
}

static bool is_allowed(const walk *w)
{
    const hd_kapla_layer *l = w->layer;
    int64_t all[HD_KAPLA_SPLITS];
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) {
        all[k] = w->at.parts[k][HD_X] * w->at.parts[k][HD_Y];
        if (!is_a_strip(w, k)) return false;
    }
    if (l->batch % all[HD_KAPLA_BATP] != 0 || !divides_about(l->nofm, all[HD_KAPLA_OUTP])) return false;
    if (!divides_about(l->hofm, w->at.parts[HD_KAPLA_OFMP][HD_Y])) return false;
    if (!divides_about(l->wofm, w->at.parts[HD_KAPLA_OFMP][HD_X])) return false;
    if (hd_kapla_is_channelwise(l->type) ? all[HD_KAPLA_INPP] > 1 : !divides_about(l->nifm, all[HD_KAPLA_INPP])) return false;
    return !is_mirrored(w);
}

/* May kind `inner` nest directly in `outer`?  A batch is split outermost; a row of columns would be a grid of one kind. */
static bool may_nest(const walk *w, int outer, int inner)
{
    if (inner == HD_KAPLA_BATP) return false;
    return outer == HD_KAPLA_BATP || w->at.parts[outer][HD_X] > 1 || w->at.parts[inner][HD_Y] > 1;
}

/* Orders of the split kinds, lexicographic, behind the unsplit ones. */
static void nest(walk *w, int place, unsigned left)
{
    if (place == HD_KAPLA_SPLITS) {
        w->visited++;
        w->stopped = !w->visit(&w->at, w->user);
        return;
    }
    for (int k = 0; k < HD_KAPLA_SPLITS && !w->stopped; k++) {
        int outer = place > 0 ? w->at.order[place - 1] : -1;
        if (!(left >> k & 1u) || (outer >= 0 && is_split(w, outer) && !may_nest(w, outer, k))) continue;
        w->at.order[place] = k;
        nest(w, place + 1, left & ~(1u << k));
    }
}

static void visit_orders(walk *w)
{
    unsigned split = 0;
    int place = 0;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) {
        if (is_split(w, k)) split |= 1u << k;
        else w->at.order[place++] = k;
    }
    nest(w, place, split);
}

/* Factors of one side of the region, the first kinds slowest; then the other side. */
static void factorise(walk *w, int axis, int kind, int64_t left)
{
    if (kind == LAST_KIND) {
        w->at.parts[kind][axis] = left;
        if (axis == HD_Y) factorise(w, HD_X, 0, w->size[HD_X]);
        else if (is_allowed(w)) visit_orders(w);
        return;
    }
    for (int64_t f = 1; f <= left && !w->stopped; f++) {
        if (left % f != 0) continue;
        w->at.parts[kind][axis] = f;
        factorise(w, axis, kind + 1, left / f);
    }
}

int64_t hd_kapla_partitions(const hd_kapla_layer *layer, const int64_t size[HD_AXES], hd_kapla_partition_visit *visit,
                            void *user)
{
    walk w = {.layer = layer, .size = size, .visit = visit, .user = user};
    factorise(&w, HD_Y, 0, size[HD_Y]);
    if (w.visited > 0) return w.visited;
    int kind = layer->hofm == 1 && layer->wofm == 1 ? HD_KAPLA_OUTP : HD_KAPLA_OFMP;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) {
        w.at.order[k] = k;
        w.at.parts[k][HD_X] = k == kind ? size[HD_X] : 1;
        w.at.parts[k][HD_Y] = k == kind ? size[HD_Y] : 1;
    }
    visit(&w.at, user);
    return 1;
}
