/* Buffer sharing: nodes with equal blocks keep a part each and pass the parts round (kapla.md 2.5). */
#include "base/count.h"
#include "cost/kapla/form.h"

/* Where the stacks come to lie: whole along one side, then along the side that is used less. */
static void sides(const hd_kapla_scheme *s, const hd_kapla_region *region, int side[HD_KAPLA_MOVES])
{
    int64_t used[HD_AXES] = {1, 1};
    int now = region->size[HD_X] > region->size[HD_Y] ? HD_X : HD_Y;
    for (int i = 0; i < s->gbuf.stacks; i++) {
        side[i] = now;
        used[now] *= s->gbuf.stack[i].copies;
        now = used[HD_X] * region->size[HD_Y] < used[HD_Y] * region->size[HD_X] ? HD_X : HD_Y;
    }
}

/* One run of stacks that do not move the tensor; those that do, before it, set the neighbours apart. */
void hd_kapla_share(const hd_kapla_scheme *s, unsigned fixes, int tensor, const hd_kapla_region *region, kapla_sharing *out)
{
    int side[HD_KAPLA_MOVES];
    int64_t shared[HD_AXES] = {1, 1}, apart[HD_AXES] = {1, 1};
    bool begun = false;
    sides(s, region, side);
    for (int i = 0; i < s->gbuf.stacks; i++) {
        const hd_kapla_move *m = &s->gbuf.stack[i];
        bool moves = hd_kapla_moves_tensor(s, fixes, tensor, m);
        if (moves && begun) break;
        if (moves) apart[side[i]] *= m->copies;
        else shared[side[i]] *= m->copies, begun = true;
    }
    out->nodes = hd_kapla_is_local(s->layer.type) && tensor == HD_KAPLA_W ? 1 : shared[HD_X] * shared[HD_Y];
    double neighbour = (double)(apart[HD_X] + apart[HD_Y]) / 2, nodes = (double)out->nodes;
    double back = (double)(shared[HD_X] - 1 + shared[HD_Y] - 1); /* from the last to the first */
    if (fixes & HD_KAPLA_FIX_ROTATION) out->rotation = neighbour * (back + nodes - 1);
    else out->rotation = neighbour * (neighbour * back + nodes - 1) * (nodes - 1) / nodes;
}

/* Rounds that the loops outside a tensor's own would ask for. */
static void count_rounds(const hd_kapla_scheme *s, unsigned fixes, const kapla_counts *n, int64_t rounds[HD_KAPLA_TENSORS])
{
    bool touched[HD_KAPLA_TENSORS] = {false};
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        rounds[t] = 1;
        for (int i = 0; i < s->gbuf.updates; i++)
            if (!hd_kapla_moves_tensor(s, fixes, t, &s->gbuf.update[i])) rounds[t] *= n->gbuf[i];
    }
    for (int i = s->regf.updates - 1; i >= s->base_updates; i--) {
        if (n->regf[i] <= 1) continue;
        for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
            touched[t] |= hd_kapla_moves_tensor(s, fixes, t, &s->regf.update[i]);
            if (!touched[t]) rounds[t] *= n->regf[i];
        }
    }
}

static bool moves_within(const hd_kapla_scheme *s, unsigned fixes, const kapla_counts *n, int tensor)
{
    for (int i = 0; i < s->regf.updates; i++)
        if (n->regf[i] > 1 && hd_kapla_moves_tensor(s, fixes, tensor, &s->regf.update[i])) return true;
    return false;
}

/* Words used once per fill are streamed.  The research code halves the fills of O, as those of what is read and written back, in
 * weight gradients too, where dW is that. */
static bool is_streamed(const hd_kapla_scheme *s, unsigned fixes, int tensor, int64_t rounds, int64_t fetches)
{
    bool halved = tensor == HD_KAPLA_O && hd_kapla_partial_tensor(s, fixes) != HD_KAPLA_O && !(fixes & HD_KAPLA_FIX_ROTATION);
    return rounds == (halved ? (fetches + 1) / 2 : fetches);
}

static double usable(int64_t words, unsigned fixes)
{
    return fixes & HD_KAPLA_FIX_CAPACITY ? (double)words : HD_KAPLA_USABLE * (double)words;
}

/* The research code asks for less than its capacity, a correct one for no more. */
static bool fits_in(int64_t words, int64_t capacity, unsigned fixes)
{
    if (fixes & HD_KAPLA_FIX_CAPACITY) return words <= capacity;
    return (double)words < usable(capacity, fixes);
}

static int64_t shared_words(const hd_kapla_scheme *s, unsigned fixes, const int64_t nodes[HD_KAPLA_TENSORS])
{
    int64_t words = 0;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++)
        words += hd_count_ceil_div(hd_kapla_held(s, fixes, t, &s->gbuf), nodes[t]);
    return words;
}

void hd_kapla_rotate(const hd_kapla_chip *chip, const hd_kapla_scheme *s, unsigned fixes, const kapla_counts *n,
                     const kapla_sharing share[HD_KAPLA_TENSORS], const int64_t fetches[HD_KAPLA_TENSORS],
                     int64_t rounds[HD_KAPLA_TENSORS])
{
    int64_t nodes[HD_KAPLA_TENSORS];
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) nodes[t] = share[t].nodes;
    count_rounds(s, fixes, n, rounds);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        int64_t kept = nodes[t];
        nodes[t] = 1; /* a full copy where there is room */
        bool whole = fits_in(shared_words(s, fixes, nodes), chip->gbuf_words, fixes);
        if (!whole) nodes[t] = kept;
        if (whole || is_streamed(s, fixes, t, rounds[t], fetches[t]) || !moves_within(s, fixes, n, t)) rounds[t] = 0;
    }
}

bool hd_kapla_fits(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_scheme *s, int64_t words[2])
{
    hd_kapla_region mesh = {.size = {chip->nodes[HD_X], chip->nodes[HD_Y]}};
    int64_t nodes[HD_KAPLA_TENSORS], own = 0;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) {
        kapla_sharing share;
        hd_kapla_share(s, fixes, t, &mesh, &share);
        nodes[t] = share.nodes;
        own += hd_kapla_held(s, fixes, t, &s->regf);
    }
    int64_t buffer = shared_words(s, fixes, nodes);
    if (words) words[0] = buffer, words[1] = own;
    return fits_in(buffer, chip->gbuf_words, fixes) && fits_in(own, chip->regf_words, fixes);
}
