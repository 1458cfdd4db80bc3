/* Does what a layer reads come out of the layers that feed it? */
#include "workload/feed.h"

#include <stdio.h>
#include <string.h>

#include "workload/values.h"

/* What the layers that feed one role leave together. */
typedef struct feed {
    const hd_network *net;
    const hd_layer *layer;
    hd_role role;
    int feeders, last;      /* layers, and the last of them */
    bool from_outside;      /* one of the inputs is not a layer's */
    int64_t words, channels; /* sums; channels 0 where a feeder has none */
    int64_t first_words;    /* of the first alone */
} feed;

static bool is_window(const hd_operator *op)
{
    return op->kind == HD_CONV || op->kind == HD_CONV_TRANSPOSE || op->kind == HD_POOL;
}

static int64_t extent_or(const hd_operator *op, const char *dim, int64_t otherwise)
{
    int d = hd_operator_dim(op, dim);
    return d >= 0 ? op->dim[d].extent : otherwise;
}

/* Channels of the maps that an operator leaves; 0 where what it leaves are no maps. */
static int64_t channels_left(const hd_operator *op)
{
    if (op->kind == HD_MATMUL) return extent_or(op, "N", 0);
    if (op->kind == HD_REDUCE_SUM) return extent_or(op, "K", 1);
    return is_window(op) ? extent_or(op, "G", 1) * extent_or(op, "K", 1) : 0;
}

static int64_t channels_read(const hd_operator *op)
{
    if (op->kind == HD_POOL) return extent_or(op, "K", 1);
    return extent_or(op, "G", 1) * extent_or(op, "C", 1);
}

/* Several maps that one window reads lie side by side. */
static unsigned roles_of(const hd_layer *layer, int input)
{
    unsigned roles = hd_layer_roles(layer, input);
    return roles == 0 && layer->op.kind == HD_POOL ? HD_ROLE_BIT(HD_I) : roles;
}

static feed feed_of(const hd_network *net, const hd_layer *layer, hd_role role)
{
    feed f = {.net = net, .layer = layer, .role = role, .last = -1};
    bool maps = true;
    for (int k = 0; k < layer->inputs; k++) {
        if (roles_of(layer, k) != HD_ROLE_BIT(role)) continue;
        if (layer->input[k] < 0) {
            f.from_outside = true;
            continue;
        }
        const hd_operator *from = &net->layer[layer->input[k]].op;
        f.last = layer->input[k];
        if (f.feeders++ == 0) f.first_words = hd_tensor_words(from, HD_O);
        f.words += hd_tensor_words(from, HD_O);
        f.channels += channels_left(from);
        maps &= channels_left(from) > 0;
    }
    if (!maps) f.channels = 0;
    return f;
}

/* Rows or columns of `have` cut to what windows reach, or padded by a window at most on both sides. */
static bool edges_fit(const hd_operator *op, const hd_operator *from, int axis)
{
    static const char *const OUT[] = {"P", "Q", "T"}, *const KERNEL[] = {"R", "S", "U"};
    const hd_tensor *in = &op->tensor[HD_I];
    int64_t have = extent_or(from, OUT[axis], 1), window = 1, stride = 1, wanted = 1;
    int p = hd_operator_dim(op, OUT[axis]), r = hd_operator_dim(op, KERNEL[axis]);
    if (from->kind == HD_CONV_TRANSPOSE) return true; /* it leaves more than P */
    for (int k = 0; k < in->ranks; k++) {
        const hd_rank *rank = &in->rank[k];
        if (rank->term[0].dim != p && rank->term[0].dim != r) continue;
        wanted *= rank->extent; /* P and R are two ranks where windows do not touch */
        if (rank->terms < 2) continue;
        stride = rank->term[0].coef;
        window = (op->dim[r].extent - 1) * rank->term[1].coef + 1;
    }
    if (p >= 0 && r >= 0 && stride == 1 && window == 1) /* parted: what windows skip between them is not told */
        return have >= wanted && (op->dim[p].extent > 1 || have < 2 * wanted);
    return wanted <= have + 2 * (window - 1) && wanted + stride > have;
}

/* A layer that reads the maps of `from` alone reads fewer channels than it leaves: how many; else 0. */
static int64_t part_read(const hd_layer *reader, int from, int64_t channels)
{
    if (reader->inputs != 1 || reader->input[0] != from || !is_window(&reader->op)) return 0;
    int64_t wanted = channels_read(&reader->op);
    return wanted < channels ? wanted : 0;
}

/* Channels may be split among several layers, if these read all of them together. */
static bool is_split(const feed *f)
{
    int64_t together = 0;
    if (f->layer->inputs != 1 || part_read(f->layer, f->last, f->channels) == 0) return false;
    for (int l = 0; l < f->net->layers; l++) together += part_read(&f->net->layer[l], f->last, f->channels);
    return together == f->channels;
}

static bool maps_fit(const feed *f)
{
    const hd_operator *op = &f->layer->op, *from = &f->net->layer[f->last].op;
    if (!is_window(op) || f->channels == 0) return false;
    int64_t wanted = channels_read(op);
    if (f->from_outside ? f->channels >= wanted : f->channels != wanted && !is_split(f)) return false;
    for (int axis = 0; axis < 3 && is_window(from); axis++)
        if (!edges_fit(op, from, axis)) return false;
    return true;
}

static bool fits(const feed *f)
{
    const hd_operator *op = &f->layer->op;
    int64_t wanted = hd_tensor_words(op, f->role);
    if (f->feeders == 0 || f->words == wanted || maps_fit(f)) return true;
    if (f->from_outside && !is_window(op)) return f->words < wanted;
    if (op->kind == HD_MATMUL && f->words > wanted) /* parts of it, or the second is W of a product without a batch */
        return f->words % wanted == 0 || f->first_words == wanted;
    return (f->role != HD_I || op->kind == HD_REDUCE_SUM) && wanted % f->words == 0;
}

/* "1 x 64 x 14 x 14"; rows that windows share out among two ranks are one number. */
static void shape_of(const hd_operator *op, hd_role role, char *out, size_t size)
{
    const hd_tensor *t = &op->tensor[role];
    size_t n = 0;
    for (int r = 0; r < t->ranks && n < size; r++) {
        bool parted = is_window(op) && r + 1 < t->ranks && strchr("RSU", op->dim[t->rank[r + 1].term[0].dim].name[0]);
        int64_t extent = t->rank[r].extent * (parted ? t->rank[r + 1].extent : 1);
        n += (size_t)snprintf(out + n, size - n, "%s%lld", n > 0 ? " x " : "", (long long)extent);
        r += parted;
    }
    if (t->ranks == 0) snprintf(out, size, "1");
}

static void say(const feed *f, char why[HD_FEED_WORDS])
{
    char wanted[96], left[96], more[48] = "";
    const hd_layer *from = &f->net->layer[f->last];
    shape_of(&f->layer->op, f->role, wanted, sizeof wanted);
    shape_of(&from->op, HD_O, left, sizeof left);
    if (f->feeders > 1) snprintf(more, sizeof more, " (%d inputs leave %lld words)", f->feeders, (long long)f->words);
    snprintf(why, HD_FEED_WORDS, "'%.64s' reads %s as %s, '%.64s' leaves %s%s; expected as many words, or maps of as many "
             "channels padded or cut at their edges, or layers that read all its channels together (inputs: [null] for what "
             "comes from outside)",
             f->layer->name, wanted, hd_role_name(f->role), from->name, left, more);
}

bool hd_layer_is_fed(const hd_network *net, int index, char why[HD_FEED_WORDS])
{
    const hd_layer *layer = &net->layer[index];
    for (int role = 0; role < HD_ROLES; role++) {
        if (role == HD_O || !layer->op.tensor[role].used) continue;
        feed f = feed_of(net, layer, (hd_role)role);
        if (fits(&f)) continue;
        say(&f, why);
        return false;
    }
    return true;
}
