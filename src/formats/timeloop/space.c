/* Which space do Timeloop's constraints leave?  The draft of constraints.c in heddle's words.
 *
 * Timeloop's level k speaks of its own loops: the updates and stacks of heddle's level k+1.  Its space has a
 * rule of its own: a block's dims stand in one order of which the first `split` lie on X and the others on Y,
 * so a dim lies on one axis.    */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

static hd_status settle_limits(const tl_block_draft *b, const hd_operator *op, hd_limit out[HD_MAX_DIMS],
                               hd_error *err) {
    for (int d = 0; d < op->dims; d++) {
        bool one = b->ones >> d & 1u;
        int64_t least = b->least[d] ? b->least[d] : hd_count_min(b->default_least, op->dim[d].extent);
        if (b->exact[d] > 0)
            out[d] = (hd_limit){b->exact[d], b->exact[d]};
        else
            out[d] = (hd_limit){least, b->most[d] ? b->most[d] : b->default_most};
        if (!one) continue;
        if (out[d].least > 1)
            return hd_node_fail(b->at, err, "%s may not loop here and must at least %lld times",
                                op->dim[d].name, (long long)out[d].least);
        out[d] = (hd_limit){1, 1};
    }
    return HD_OK;
}

static void settle_order(const tl_block_draft *b, int level, hd_constraints *out) {
    out->inner[level] = b->order.inner;
    out->outer[level] = b->order.outer;
    memcpy(out->inner_dim[level], b->order.inner_dim, sizeof b->order.inner_dim);
    memcpy(out->outer_dim[level], b->order.outer_dim, sizeof b->order.outer_dim);
}

/* Messages call a block by its target and type and say where the file speaks of it. */
static void name_block(const tl_block_draft *b, const char *target, const char *type, char out[128],
                       const char **said) {
    const char *file = b->at && b->at->file ? b->at->file : "constraints", *folder = strrchr(file, '/');
    if (b->at)
        snprintf(out, 128, "%.40s:%d:%d: %.40s %s", folder ? folder + 1 : file, b->at->line, b->at->column, target,
                 type);
    else
        snprintf(out, 128, "%.40s %s", target, type);
    *said = out;
}

static void name_blocks(const tl_draft *draft, int level, hd_timeloop *out) {
    const char *target = out->arch.level[level - 1].name, **said = out->constraints.said[level];
    name_block(&draft->temporal[level - 1], target, "temporal", out->said[level][HD_SAID_LOOPS], &said[HD_SAID_LOOPS]);
    name_block(&draft->spatial[level - 1], target, "spatial", out->said[level][HD_SAID_COPIES],
               &said[HD_SAID_COPIES]);
}

/* ---- which dims on which axis ---- */

/* Place of each dim in the block's order: listed ones have a place of their own, the free ones between share
 * one. */
static void rank_dims(const tl_order *order, int dims, unsigned char out[HD_MAX_DIMS]) {
    for (int d = 0; d < dims; d++) out[d] = (unsigned char)order->inner;
    for (int i = 0; i < order->inner; i++) out[order->inner_dim[i]] = (unsigned char)i;
    for (int i = 0; i < order->outer; i++) out[order->outer_dim[i]] = (unsigned char)(order->inner + 1 + i);
}

static int bits(unsigned set) {
    return __builtin_popcount(set);
}

static unsigned listed(const unsigned char *dim, int count) {
    unsigned set = 0;
    for (int i = 0; i < count; i++) set |= 1u << dim[i];
    return set;
}

/* The first `split` dims of the order on X.  Where the split falls among the free dims, only so many of these
 * on X. */
static void divide(const tl_block_draft *b, int dims, int level, unsigned unroll[HD_AXES],
                   hd_constraints *out) {
    const tl_order *o = &b->order;
    int split = b->divided - 1, open = dims - o->inner - o->outer;
    int inner_x = (int)hd_count_min(split, o->inner), open_x = (int)hd_count_min(split - inner_x, open);
    int outer_x = split - inner_x - open_x;
    unsigned all = (1u << dims) - 1u,
             middle = all & ~listed(o->inner_dim, o->inner) & ~listed(o->outer_dim, o->outer);
    unsigned x = listed(o->inner_dim, inner_x) | listed(o->outer_dim, outer_x);
    unroll[HD_X] &= x | (open_x > 0 ? middle : 0);
    unroll[HD_Y] &= (all & ~x & ~middle) | (open_x < open ? middle : 0);
    const unsigned most[HD_AXES] = {(unsigned)open_x, (unsigned)(open - open_x)};
    for (int axis = 0; axis < HD_AXES; axis++)
        if (bits(unroll[axis] & middle) > (int)most[axis]) out->axis_dims[level][axis] = (unsigned char)most[axis];
    out->axis_open[level] = middle;
}

static void settle_axes(const tl_block_draft *b, const hd_timeloop *tl, int level, unsigned unroll[HD_AXES],
                        hd_constraints *out) {
    const hd_level *fan = &tl->arch.level[level];
    int dims = tl->op.dims;
    unsigned may = 0;
    for (int d = 0; d < dims; d++)
        if (tl->op.dim[d].extent > 1 && out->copies[level][d].most != 1) may |= 1u << d;
    for (int axis = 0; axis < HD_AXES; axis++) unroll[axis] = fan->fan[axis] > 1 ? may : 0;
    out->one_axis[level] = true;
    if (b->ordered && bits(may) > 1) rank_dims(&b->order, dims, out->axis_rank[level]);
    if (b->divided) divide(b, dims, level, unroll, out);
}

/* ---- what is kept ---- */

/* A tensor that may not stay in the outermost levels lives in the first that may hold it. */
static hd_status settle_home(const tl_draft *draft, int role, hd_timeloop *tl, hd_error *err) {
    int level = 0;
    while (level < tl->arch.levels - 1 && (draft->bypass[level] & HD_ROLE_BIT(role))) level++;
    if (level == tl->arch.levels - 1)
        return hd_node_fail(draft->kept_at, err, "%s is bypassed at every level, one must keep it",
                            hd_tensor_name(&tl->op, (hd_role)role));
    tl->home[role] = tl->problem.home[role] = level;
    return HD_OK;
}

static hd_status settle_keeps(const tl_draft *draft, hd_timeloop *tl, hd_constraints *out, hd_error *err) {
    for (int l = 0; l < tl->arch.levels - 1; l++) {
        out->must_keep[l] = draft->keep[l];
        out->must_bypass[l] = draft->bypass[l];
    }
    for (int r = 0; r < HD_ROLES; r++) {
        if (!tl->op.tensor[r].used) continue;
        HD_TRY(settle_home(draft, r, tl, err));
        out->must_keep[tl->home[r]] |= HD_ROLE_BIT(r);
    }
    return HD_OK;
}

hd_status hd_tl_finish_constraints(const tl_draft *draft, hd_timeloop *out, hd_error *err) {
    hd_constraints *c = &out->constraints;
    memset(c, 0, sizeof *c);
    for (int l = 1; l < out->arch.levels; l++) {
        HD_TRY(settle_limits(&draft->temporal[l - 1], &out->op, c->loop[l], err));
        HD_TRY(settle_limits(&draft->spatial[l - 1], &out->op, c->copies[l], err));
        settle_order(&draft->temporal[l - 1], l, c);
        name_blocks(draft, l, out);
        settle_axes(&draft->spatial[l - 1], out, l, out->unroll[l], c);
    }
    HD_TRY(settle_keeps(draft, out, c, err));
    c->least_utilization = draft->least_utilization;
    out->has_constraints = true;
    return hd_arch_check(&out->arch, err); /* flags of targets are attributes of the chip: hash it anew */
}
