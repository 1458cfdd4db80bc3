/* What dataflow does a Timeloop mapping describe?
 *
 * Its level k (0 = outermost) owns a temporal block and, inside it, a spatial block.  In directives: the
 * temporal loops are the updates of heddle's level k+1, the spatial factors its stacks, inside those updates;
 * the box of a level is the product of all factors inside it, at most the box outside (a residual is then the
 * ragged last piece).                          */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "formats/timeloop/parts.h"

/* One temporal or spatial block: factors by dim, all dims in order, innermost first. */
typedef struct block {
    const hd_node *directive; /* NULL: not mentioned, all factors 1 */
    const hd_node *factors;   /* where wrong numbers are reported */
    int64_t bound[HD_MAX_DIMS], residual[HD_MAX_DIMS];
    unsigned char order[HD_MAX_DIMS];
    int split; /* spatial: so many dims of `order` lie on X, the others on Y */
} block;

typedef struct blocks {
    block temporal[HD_MAX_LEVELS], spatial[HD_MAX_LEVELS];
    unsigned said[HD_MAX_LEVELS], bypass[HD_MAX_LEVELS]; /* roles of bypass directives */
} blocks;

/* ---- directives ---- */

/* The dims as listed, then the others in the order of the problem. */
static void complete_order(const tl_order *given, int dims, unsigned char out[HD_MAX_DIMS]) {
    unsigned seen = 0;
    int n = 0;
    for (; n < given->inner; n++) seen |= 1u << (out[n] = given->inner_dim[n]);
    for (int d = 0; d < dims; d++)
        if (!(seen >> d & 1u)) out[n++] = (unsigned char)d;
}

static hd_status read_block(const hd_node *directive, const hd_operator *op, block *out, hd_error *err) {
    const hd_node *factors = hd_tl_get(directive, "factors"), *order = hd_tl_get(directive, "permutation");
    tl_factors list = {0};
    tl_order given = {0};
    if (out->directive)
        return hd_node_fail(directive, err, "a second directive for the same block of this level");
    out->directive = directive;
    out->factors = factors ? factors : directive;
    if (factors) HD_TRY(hd_tl_read_factors(factors, op, &list, err));
    for (int i = 0; i < list.count; i++) {
        const tl_factor *f = &list.factor[i];
        int64_t whole = op->dim[f->dim].extent;
        if (f->relation != TL_EQUAL)
            return hd_node_fail(factors, err,
                                "a mapping fixes its factors, '<=' and '>=' belong to constraints");
        out->bound[f->dim] = f->bound ? f->bound : whole;
        out->residual[f->dim] = f->bound ? f->residual : whole;
    }
    if (order) HD_TRY(hd_tl_read_permutation(order, op, &given, err));
    if (given.split) return hd_node_fail(order, err, "a mapping lists its loops, '_' belongs to constraints");
    complete_order(&given, op->dims, out->order);
    return HD_OK;
}

static hd_status read_temporal(const hd_node *directive, int level, hd_timeloop *out, blocks *b,
                               hd_error *err) {
    static const char *const keys[] = {
        "target",           "type",        "factors", "permutation", "no_temporal_reuse", "no_reuse",
        "rmw_first_update", "no_coalesce", NULL};
    HD_TRY(hd_tl_check_keys(directive, keys, err));
    HD_TRY(read_block(directive, &out->op, &b->temporal[level], err));
    return hd_tl_read_flags(directive, false, level, &out->op, &out->arch, err);
}

static hd_status read_spatial(const hd_node *directive, int level, hd_timeloop *out, blocks *b,
                              hd_error *err) {
    static const char *const keys[] = {"target",           "type",     "factors",
                                       "permutation",      "split",    "no_multicast_no_reduction",
                                       "no_link_transfer", "no_reuse", NULL};
    const hd_level *inner = &out->arch.level[level + 1];
    const hd_node *split = hd_tl_get(directive, "split");
    int64_t on_x = out->op.dims; /* all, where no split is given */
    HD_TRY(hd_tl_check_keys(directive, keys, err));
    if (inner->fan[HD_X] * inner->fan[HD_Y] == 1)
        return hd_node_fail(
            directive, err,
            "%s has no fan-out: there is one %s per instance, a spatial directive has nothing to spread over",
            out->arch.level[level].name, inner->name);
    HD_TRY(read_block(directive, &out->op, &b->spatial[level], err));
    if (split) HD_TRY(hd_tl_int(split, "split", NULL, 0, HD_COUNT_EXACT, &on_x, err));
    b->spatial[level].split = (int)hd_count_min(on_x, out->op.dims);
    return hd_tl_read_flags(directive, true, level, &out->op, &out->arch, err);
}

static hd_status read_bypass(const hd_node *directive, int level, hd_timeloop *out, blocks *b,
                             hd_error *err) {
    static const char *const keys[] = {"target", "type", "keep", "bypass", NULL};
    const hd_node *keep = hd_tl_get(directive, "keep"), *bypass = hd_tl_get(directive, "bypass");
    unsigned kept = 0, passed = 0;
    HD_TRY(hd_tl_check_keys(directive, keys, err));
    if (keep) HD_TRY(hd_tl_read_tensors(keep, "keep", &out->op, &kept, err));
    if (bypass) HD_TRY(hd_tl_read_tensors(bypass, "bypass", &out->op, &passed, err));
    if (kept & passed)
        return hd_node_fail(directive, err, "a tensor is both kept and bypassed at %s",
                            out->arch.level[level].name);
    if (kept & ~out->arch.level[level].keeps)
        return hd_node_fail(keep, err, "%s cannot keep all of these tensors", out->arch.level[level].name);
    if (b->said[level] & (kept | passed))
        return hd_node_fail(directive, err, "%s: a second directive says whether a tensor is kept",
                            out->arch.level[level].name);
    b->said[level] |= kept | passed;
    b->bypass[level] |= passed;
    return HD_OK;
}

static hd_status refuse_skew(const hd_node *directive, int level, hd_timeloop *out, blocks *b,
                             hd_error *err) {
    (void)b;
    return hd_node_fail(directive, err,
                        "%s: skewed spatial indices have no form in heddle, remove the directive",
                        out->arch.level[level].name);
}

static const struct kind {
    const char *name;
    hd_status (*read)(const hd_node *directive, int level, hd_timeloop *out, blocks *b, hd_error *err);
} KINDS[] = {
    {"temporal", read_temporal}, {"spatial", read_spatial},  {"bypass", read_bypass},
    {"datatype", read_bypass},   {"dataspace", read_bypass}, {"skew", refuse_skew},
};

static hd_status read_directive(const hd_node *directive, hd_timeloop *out, blocks *b, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    int level = 0;
    HD_TRY(hd_node_expect(directive, HD_NODE_MAP, "directive of a mapping", err));
    const hd_node *type = hd_tl_get(directive, "type");
    if (!type)
        return hd_node_fail(directive, err,
                            "found no type, expected temporal, spatial, bypass, datatype or dataspace");
    HD_TRY(hd_tl_read_target(directive, &out->arch, &level, err));
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (hd_node_is(type, KINDS[i].name)) return KINDS[i].read(directive, level, out, b, err);
    return hd_node_fail(type, err,
                        "type: found %s, expected temporal, spatial, bypass, datatype or dataspace",
                        hd_node_shown(type, shown));
}

static void start(const hd_operator *op, blocks *b) {
    static const tl_order none;
    memset(b, 0, sizeof *b);
    for (int l = 0; l < HD_MAX_LEVELS; l++)
        for (int i = 0; i < 2; i++) {
            block *at = i ? &b->spatial[l] : &b->temporal[l];
            for (int d = 0; d < HD_MAX_DIMS; d++) at->bound[d] = at->residual[d] = 1;
            complete_order(&none, op->dims, at->order);
        }
}

/* ---- do the factors of a dim make the dim? ---- */

/* " DRAM 2 x GLB 3,1 (spatial)": the factors of a dim above 1, outermost first. */
static void show_factors(const hd_timeloop *tl, const blocks *b, int dim, char *out, size_t size) {
    size_t at = 0;
    out[0] = '\0';
    for (int l = 0; l < tl->arch.levels - 1; l++)
        for (int i = 0; i < 2 && at < size; i++) {
            const block *k = i ? &b->spatial[l] : &b->temporal[l];
            if (k->bound[dim] == 1) continue;
            char residual[32] = "";
            if (k->residual[dim] != k->bound[dim])
                snprintf(residual, sizeof residual, ",%lld", (long long)k->residual[dim]);
            int length =
                snprintf(out + at, size - at, "%s %s %lld%s%s", at ? " x" : "", tl->arch.level[l].name,
                         (long long)k->bound[dim], residual, i ? " (spatial)" : "");
            at += length > 0 ? (size_t)length : size;
        }
    if (at == 0) snprintf(out, size, " none above 1");
}

/* Timeloop's walk, outer to inner; the innermost directive that names the dim is where a wrong product is
 * reported. */
static hd_status check_dim(const hd_node *mapping, const hd_timeloop *tl, const blocks *b, int dim,
                           hd_error *err) {
    const hd_node *at = mapping;
    int64_t last = 0, extent = tl->op.dim[dim].extent;
    char shown[240];
    bool fits = true, first = true;
    for (int l = 0; l < tl->arch.levels - 1; l++)
        for (int i = 0; i < 2; i++) {
            const block *k = i ? &b->spatial[l] : &b->temporal[l];
            int64_t bound = k->bound[dim], residual = k->residual[dim];
            if (bound > 1) at = k->factors;
            if (first && bound > 1 && residual < bound)
                return hd_node_fail(
                    k->factors, err,
                    "%s: the outermost factor of %s is %lld but its only run has %lld steps, write %lld",
                    tl->arch.level[l].name, tl->op.dim[dim].name, (long long)bound, (long long)residual,
                    (long long)residual);
            first = first && bound == 1;
            fits = fits && hd_count_mul(last, bound, &last) && hd_count_add(last, residual - 1, &last) &&
                   last < HD_COUNT_EXACT;
        }
    if (fits && last + 1 == extent) return HD_OK;
    show_factors(tl, b, dim, shown, sizeof shown);
    if (!fits)
        return hd_node_fail(at, err, "the factors of %s (%s) make far more than its extent %lld",
                            tl->op.dim[dim].name, shown + 1, (long long)extent);
    return hd_node_fail(at, err, "the factors of %s make %lld (%s), its extent is %lld", tl->op.dim[dim].name,
                        (long long)last + 1, shown + 1, (long long)extent);
}

/* ---- into a scheme ---- */

/* The directives between levels `l - 1` and `l`; `box` = product of the factors inside, by dim; leaves the
 * product outside. */
static void unfold_level(const blocks *b, const hd_operator *op, int l, int64_t box[HD_MAX_DIMS],
                         hd_scheme_level *out) {
    const block *loops = &b->temporal[l - 1], *copies = &b->spatial[l - 1];
    for (int i = 0; i < op->dims; i++) {
        int d = copies->order[i];
        if (copies->bound[d] > 1)
            out->stack[out->stacks++] =
                (hd_stack){d, i < copies->split ? HD_X : HD_Y, box[d], copies->bound[d]};
    }
    for (int d = 0; d < op->dims; d++) box[d] *= copies->bound[d];
    for (int i = 0; i < op->dims; i++) {
        int d = loops->order[i];
        if (loops->bound[d] > 1) out->update[out->updates++] = (hd_update){d, box[d]};
    }
    for (int d = 0; d < op->dims; d++) box[d] *= loops->bound[d];
}

static void unfold(const blocks *b, const hd_timeloop *tl, hd_scheme *out) {
    int64_t box[HD_MAX_DIMS];
    memset(out, 0, sizeof *out);
    out->levels = tl->arch.levels;
    for (int d = 0; d < HD_MAX_DIMS; d++) box[d] = 1;
    for (int l = out->levels - 1; l >= 0; l--) {
        for (int d = 0; d < tl->op.dims; d++)
            out->level[l].tensor[d] = hd_count_min(box[d], tl->op.dim[d].extent);
        if (l > 0) unfold_level(b, &tl->op, l, box, &out->level[l]);
    }
}

/* What each level keeps; a tensor is at home in the outermost level that keeps it. */
static hd_status settle_keeps(const hd_node *mapping, const blocks *b, hd_timeloop *tl, hd_error *err) {
    for (int r = 0; r < HD_ROLES; r++) {
        int home = -1;
        for (int l = tl->arch.levels - 2; l >= 0 && tl->op.tensor[r].used; l--) {
            if (b->bypass[l] & HD_ROLE_BIT(r) || !(tl->arch.level[l].keeps & HD_ROLE_BIT(r))) continue;
            tl->mapping.level[l].keep |= HD_ROLE_BIT(r);
            home = l;
        }
        if (home < 0 && tl->op.tensor[r].used)
            return hd_node_fail(mapping, err, "%s is bypassed at every level, one must keep it",
                                hd_tensor_name(&tl->op, (hd_role)r));
        tl->problem.home[r] = home < 0 ? 0 : home;
    }
    return HD_OK;
}

hd_status hd_tl_read_mapping(const hd_node *mapping, hd_timeloop *out, hd_error *err) {
    blocks b;
    start(&out->op, &b);
    HD_TRY(hd_node_expect(mapping, HD_NODE_LIST, "mapping", err));
    for (int i = 0; i < mapping->items; i++) HD_TRY(read_directive(mapping->item[i], out, &b, err));
    for (int l = 0; l < out->arch.levels - 1; l++)
        if (!b.temporal[l].directive && out->arch.level[l].keeps) /* v0.4's dummies need none */
            hd_tl_warn(out, mapping, "mapping: no temporal directive for %s: all its factors are 1", out->arch.level[l].name);
    for (int d = 0; d < out->op.dims; d++) HD_TRY(check_dim(mapping, out, &b, d, err));
    unfold(&b, out, &out->mapping);
    HD_TRY(settle_keeps(mapping, &b, out, err));
    out->has_mapping = true;
    return hd_arch_check(&out->arch,
                         err); /* the flags of directives are attributes of the chip: hash it anew */
}
