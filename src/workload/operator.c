/* Is this a perfect loop nest over tensors, how big is it, and is it the same as another?
 *
 * The border proves once that the volume of the nest and the padded volume of every tensor stay below
 * 2^53, so that all counts inside are exact and no product inside overflows.  Equality and hash look at
 * one canonical sequence of integers, so they can never disagree.                                   */
#include "workload/operator.h"

#define XXH_INLINE_ALL
#include <assert.h>
#include <string.h>
#include <xxhash.h>

#include "base/count.h"

enum { ENCODING_HEAD = 8, ENCODING_RANK = 3 + 2 * HD_MAX_TERMS };
enum { ENCODING_MAX = ENCODING_HEAD + 2 * HD_MAX_DIMS + HD_ROLES * (3 + HD_MAX_RANKS * ENCODING_RANK) };

static const char *const ROLE_NAME[HD_ROLES] = {[HD_W] = "W", [HD_I] = "I", [HD_O] = "O", [HD_I2] = "I2"};
static const char *const KIND_NAME[HD_KINDS] = {
    [HD_CONV] = "conv",       [HD_CONV_TRANSPOSE] = "conv_transpose",
    [HD_MATMUL] = "matmul",   [HD_POOL] = "pool",
    [HD_ELTWISE] = "eltwise", [HD_REDUCE_SUM] = "reduce_sum",
    [HD_SOFTMAX] = "softmax", [HD_NORM] = "norm",
};
static const char *const MAKES_NAME[HD_MAKES] = {[HD_MAKES_OUTPUT] = "output", [HD_MAKES_INPUT_GRADIENT] = "input_gradient",
                                                 [HD_MAKES_WEIGHT_GRADIENT] = "weight_gradient"};
/* Kinds whose windows slide: only they have ranks of two terms. */
static const bool KIND_SLIDES[HD_KINDS] = {[HD_CONV] = true, [HD_CONV_TRANSPOSE] = true, [HD_POOL] = true};

const char *hd_tensor_name(const hd_operator *op, hd_role role)
{
    return op->tensor[role].name[0] ? op->tensor[role].name : hd_role_name(role);
}

const char *hd_role_name(hd_role role) { return (unsigned)role < HD_ROLES ? ROLE_NAME[role] : "?"; }

const char *hd_kind_name(hd_kind kind) { return (unsigned)kind < HD_KINDS ? KIND_NAME[kind] : "?"; }

const char *hd_makes_name(hd_makes makes) { return (unsigned)makes < HD_MAKES ? MAKES_NAME[makes] : "?"; }

int64_t hd_operator_points(const hd_operator *op) {
    int64_t points = 1;
    for (int d = 0; d < op->dims; d++) {
        bool fits = hd_count_mul(points, op->dim[d].extent, &points);
        assert(fits);
        (void)fits;
    }
    return points;
}

int64_t hd_operator_macs(const hd_operator *op) { return op->vector ? 0 : hd_operator_points(op); }

int64_t hd_operator_ops(const hd_operator *op) {
    return hd_operator_points(op) * op->ops_per_point + op->fused_ops;
}

int64_t hd_tensor_words(const hd_operator *op, hd_role role) {
    const hd_tensor *t = &op->tensor[role];
    if (!t->used) return 0;
    int64_t words = 1;
    for (int r = 0; r < t->ranks; r++) {
        bool fits = hd_count_mul(words, t->rank[r].extent, &words);
        assert(fits);
        (void)fits;
    }
    return words;
}

int hd_operator_dim(const hd_operator *op, const char *name) {
    for (int d = 0; d < op->dims; d++)
        if (strcmp(op->dim[d].name, name) == 0) return d;
    return -1;
}

unsigned hd_tensor_dims(const hd_operator *op, hd_role role) {
    const hd_tensor *t = &op->tensor[role];
    unsigned dims = 0;
    for (int r = 0; t->used && r < t->ranks; r++)
        for (int k = 0; k < t->rank[r].terms; k++) dims |= 1u << t->rank[r].term[k].dim;
    return dims;
}

/* ---- check ---- */

static hd_status check_dims(const hd_operator *op, hd_error *err) {
    if (op->dims < 1 || op->dims > HD_MAX_DIMS)
        return hd_fail(err, HD_ERR_USAGE, "operator has %d dimensions; expected 1 to %d", op->dims,
                       (int)HD_MAX_DIMS);
    int64_t volume = 1;
    for (int d = 0; d < op->dims; d++) {
        const hd_dim *dim = &op->dim[d];
        if (!memchr(dim->name, '\0', sizeof dim->name) || !dim->name[0])
            return hd_fail(err, HD_ERR_USAGE, "dimension %d has no name of 1 to %zu characters", d,
                           sizeof dim->name - 1);
        if (hd_operator_dim(op, dim->name) != d)
            return hd_fail(err, HD_ERR_USAGE, "dimension %s occurs twice; names must differ", dim->name);
        if (dim->extent < 1)
            return hd_fail(err, HD_ERR_USAGE, "dimension %s has extent %lld; expected 1 or more", dim->name,
                           (long long)dim->extent);
        if (!hd_count_mul(volume, dim->extent, &volume) || volume >= HD_COUNT_EXACT)
            return hd_fail(err, HD_ERR_USAGE,
                           "the loop nest has 2^53 points or more (at dimension %s); split the operator",
                           dim->name);
    }
    return HD_OK;
}

/* Extent of the rank with its padding: the hull of [0, extent) and of all coordinates reached. */
static bool padded_extent(const hd_operator *op, const hd_rank *rank, int64_t *out) {
    int64_t high = 1, reach;
    for (int k = 0; k < rank->terms; k++) {
        if (!hd_count_mul(rank->term[k].coef, op->dim[rank->term[k].dim].extent - 1, &reach)) return false;
        if (!hd_count_add(high, reach, &high)) return false;
    }
    if (!hd_count_add(high, rank->offset, &high)) return false;
    high = hd_count_max(high, rank->extent);
    int64_t low = hd_count_min(rank->offset, 0);
    return !__builtin_sub_overflow(high, low, out);
}

static hd_status check_rank(const hd_operator *op, hd_role role, int r, unsigned *seen, hd_error *err) {
    const hd_rank *rank = &op->tensor[role].rank[r];
    const char *name = hd_role_name(role);
    int most = KIND_SLIDES[op->kind] ? HD_MAX_TERMS : 1;
    if (rank->terms < 1 || rank->terms > most)
        return hd_fail(err, HD_ERR_USAGE, "rank %d of %s has %d terms; a %s takes 1 to %d", r, name,
                       rank->terms, hd_kind_name(op->kind), most);
    if (rank->extent < 1)
        return hd_fail(err, HD_ERR_USAGE, "rank %d of %s has extent %lld; expected 1 or more", r, name,
                       (long long)rank->extent);
    for (int k = 0; k < rank->terms; k++) {
        int d = rank->term[k].dim;
        if (d < 0 || d >= op->dims || rank->term[k].coef < 1)
            return hd_fail(err, HD_ERR_USAGE,
                           "rank %d of %s: term %d needs a dimension and a coefficient of 1 or more", r, name,
                           k);
        if (*seen & 1u << d)
            return hd_fail(err, HD_ERR_USAGE, "dimension %s occurs twice in %s; at most once",
                           op->dim[d].name, name);
        *seen |= 1u << d;
    }
    return HD_OK;
}

static hd_status check_tensor(const hd_operator *op, hd_role role, hd_error *err) {
    const hd_tensor *t = &op->tensor[role];
    const char *name = hd_role_name(role);
    if (t->ranks < 0 || t->ranks > HD_MAX_RANKS)
        return hd_fail(err, HD_ERR_USAGE, "%s has %d ranks; expected 0 to %d", name, t->ranks,
                       (int)HD_MAX_RANKS);
    if (t->bits < 1 || t->bits > 64)
        return hd_fail(err, HD_ERR_USAGE, "%s has %d bits per element; expected 1 to 64", name, t->bits);
    unsigned seen = 0;
    int64_t volume = 1, extent;
    for (int r = 0; r < t->ranks; r++) {
        HD_TRY(check_rank(op, role, r, &seen, err));
        if (!padded_extent(op, &t->rank[r], &extent) || !hd_count_mul(volume, extent, &volume) ||
            volume >= HD_COUNT_EXACT)
            return hd_fail(err, HD_ERR_USAGE,
                           "%s with its padding has 2^53 words or more (at rank %d); split the operator",
                           name, r);
    }
    return HD_OK;
}

static hd_status check_work(const hd_operator *op, hd_error *err) {
    int64_t ops;
    if (op->ops_per_point < 0 || op->fused_ops < 0 || op->extra_reads < 0)
        return hd_fail(err, HD_ERR_USAGE, "operations and extra reads must be 0 or more");
    if (!op->vector && op->ops_per_point != 0)
        return hd_fail(err, HD_ERR_USAGE, "%s works on the MACs and has no vector operations of its own",
                       hd_kind_name(op->kind));
    if (!hd_count_mul(hd_operator_points(op), op->ops_per_point, &ops) ||
        !hd_count_add(ops, op->fused_ops, &ops) || ops >= HD_COUNT_EXACT || op->extra_reads >= HD_COUNT_EXACT)
        return hd_fail(err, HD_ERR_USAGE,
                       "the operator has 2^53 vector operations or extra reads or more; split it");
    if (op->row_dims >> op->dims)
        return hd_fail(err, HD_ERR_USAGE, "the row of %s names dimensions that are not there",
                       hd_kind_name(op->kind));
    if (op->partial_bits < 0 || op->partial_bits > 128)
        return hd_fail(err, HD_ERR_USAGE, "partial sums have %d bits; expected 0 (as O) to 128",
                       op->partial_bits);
    return HD_OK;
}

hd_status hd_operator_check(const hd_operator *op, hd_error *err) {
    if ((unsigned)op->kind >= HD_KINDS)
        return hd_fail(err, HD_ERR_USAGE, "unknown operator kind %d", (int)op->kind);
    HD_TRY(check_dims(op, err));
    if (!op->tensor[HD_O].used) return hd_fail(err, HD_ERR_USAGE, "the operator has no output tensor O");
    for (int role = 0; role < HD_ROLES; role++)
        if (op->tensor[role].used) HD_TRY(check_tensor(op, (hd_role)role, err));
    return check_work(op, err);
}

/* ---- canonical form ---- */

static int encode_tensor(const hd_tensor *t, int64_t *out) {
    int n = 0;
    out[n++] = t->used;
    if (!t->used) return n;
    out[n++] = t->bits;
    out[n++] = t->ranks;
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        out[n++] = rank->terms;
        out[n++] = rank->offset;
        out[n++] = rank->extent;
        for (int k = 0; k < rank->terms; k++) {
            out[n++] = rank->term[k].dim;
            out[n++] = rank->term[k].coef;
        }
    }
    return n;
}

/* All that prices see, as integers.  Names are in because templates and wires go by them. */
static int encode(const hd_operator *op, int64_t out[ENCODING_MAX]) {
    int n = 0;
    out[n++] = (int64_t)op->kind;
    out[n++] = op->vector;
    out[n++] = op->ops_per_point;
    out[n++] = op->row_dims;
    out[n++] = op->partial_bits ? op->partial_bits : op->tensor[HD_O].bits;
    out[n++] = op->extra_reads;
    out[n++] = op->fused_ops;
    out[n++] = op->dims;
    for (int d = 0; d < op->dims; d++) {
        char name[sizeof(int64_t)] = {0};
        for (size_t c = 0; c < sizeof op->dim[d].name && op->dim[d].name[c]; c++)
            name[c] = op->dim[d].name[c];
        memcpy(&out[n++], name, sizeof name);
        out[n++] = op->dim[d].extent;
    }
    for (int role = 0; role < HD_ROLES; role++) n += encode_tensor(&op->tensor[role], out + n);
    assert(n <= ENCODING_MAX);
    return n;
}

bool hd_operator_equal(const hd_operator *a, const hd_operator *b) {
    int64_t x[ENCODING_MAX], y[ENCODING_MAX];
    int n = encode(a, x);
    return encode(b, y) == n && memcmp(x, y, (size_t)n * sizeof *x) == 0;
}

uint64_t hd_operator_hash(const hd_operator *op) {
    int64_t x[ENCODING_MAX];
    int n = encode(op, x);
    return XXH64(x, (size_t)n * sizeof *x, 0);
}
