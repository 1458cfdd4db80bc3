/* What do Timeloop's constraint sections and the in-place constraints of v0.4 say?
 *
 * A target speaks of one level's temporal block, its spatial block, or what it keeps.  Everything said is
 * gathered in a draft first, because defaults and splits mean something only when all sections are known
 * (space.c).  Sugar of v0.4 is lowered here.  What heddle's constraints cannot say is refused. */
#include "base/count.h"
#include "formats/timeloop/parts.h"

typedef struct reader {
    hd_timeloop *tl;
    tl_draft *draft;
} reader;

/* ---- factors of one block ---- */

static hd_status fail_twice(const hd_node *at, const hd_operator *op, int dim, hd_error *err) {
    return hd_node_fail(at, err, "the factor of %s at this block is said twice, keep one", op->dim[dim].name);
}

/* A fixed factor larger than the dim is ignored, as Timeloop does (with a warning there). */
static hd_status note_factor(const hd_node *at, hd_timeloop *tl, const tl_factor *f, tl_block_draft *b,
                             hd_error *err) {
    const hd_operator *op = &tl->op;
    int d = f->dim;
    int64_t extent = op->dim[d].extent, *place = f->relation == TL_AT_MOST ? &b->most[d] : &b->least[d];
    if (f->relation == TL_EQUAL) place = &b->exact[d];
    if (b->exact[d] != 0 || *place != 0 || (f->relation == TL_EQUAL && (b->least[d] || b->most[d])))
        return fail_twice(at, op, d, err);
    if (f->residual != f->bound)
        return hd_node_fail(at, err, "a constraint fixes a factor, not its residual");
    *place = f->relation == TL_EQUAL && f->bound == 0 ? extent : f->bound;
    if (f->relation != TL_EQUAL || f->bound <= extent) return HD_OK;
    *place = -1;
    hd_tl_warn(tl, at, "the factor %s=%lld is larger than the dimension (%lld): ignored, as Timeloop does", op->dim[d].name,
               (long long)f->bound, (long long)extent);
    return HD_OK;
}

static hd_status read_factors(const hd_node *node, hd_timeloop *tl, bool only, tl_block_draft *b, hd_error *err) {
    const hd_operator *op = &tl->op;
    tl_factors list;
    unsigned named = 0;
    HD_TRY(hd_tl_read_factors(node, op, &list, err));
    for (int i = 0; i < list.count; i++) {
        HD_TRY(note_factor(node, tl, &list.factor[i], b, err));
        named |= 1u << list.factor[i].dim;
    }
    if (only) b->ones |= ~named & ((1u << op->dims) - 1u);
    return HD_OK;
}

static hd_status read_default(const hd_node *node, const char *what, int64_t *out, hd_error *err) {
    if (*out) return hd_node_fail(node, err, "%s at this block is said twice, keep one", what);
    return hd_tl_int(node, what, NULL, 1, HD_COUNT_EXACT - 1, out, err);
}

/* Dims that occur in any of the tensors. */
static unsigned dims_of(const hd_operator *op, unsigned roles) {
    unsigned dims = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (roles & HD_ROLE_BIT(r)) dims |= hd_tensor_dims(op, (hd_role)r);
    return dims;
}

/* [[C]]: as much of C as a divisor of it allows under `capacity`.  Several dims share a capacity in ways that
 * no limit says. */
static hd_status read_maximize(const hd_node *block, hd_timeloop *tl, int64_t capacity, tl_block_draft *b,
                               hd_error *err) {
    const hd_operator *op = &tl->op;
    const hd_node *groups = hd_tl_get(block, "maximize_dims"), *said = hd_tl_get(block, "maximize_dims_capacity");
    if (!groups || hd_node_is_null(groups)) return HD_OK;
    HD_TRY(hd_node_expect(groups, HD_NODE_LIST, "maximize_dims", err));
    if (said) HD_TRY(hd_tl_int(said, "maximize_dims_capacity", NULL, 1, HD_COUNT_EXACT - 1, &capacity, err));
    for (int i = 0; i < groups->items; i++) {
        tl_order group;
        HD_TRY(hd_tl_read_permutation(groups->item[i], op, &group, err));
        if (group.inner == 0 && !group.split) continue;
        if (group.inner != 1 || group.split || capacity == 0 || groups->items > 1)
            return hd_node_fail(groups->item[i], err,
                                "maximize_dims is understood for one dimension under a known capacity, "
                                "write the factors instead");
        int d = group.inner_dim[0];
        int64_t most = hd_count_min(capacity, op->dim[d].extent);
        while (op->dim[d].extent % most != 0) most--;
        HD_TRY(note_factor(groups->item[i], tl, &(tl_factor){d, TL_EQUAL, most, most}, b, err));
    }
    return HD_OK;
}

/* v0.4's ways to say which dims may not loop. */
static hd_status read_sugar(const hd_node *block, hd_timeloop *tl, int64_t capacity, tl_block_draft *b, hd_error *err) {
    const hd_operator *op = &tl->op;
    const hd_node *only = hd_tl_get(block, "factors_only"),
                  *none = hd_tl_get(block, "no_iteration_over_dataspaces"),
                  *must = hd_tl_get(block, "must_iterate_over_dataspaces");
    unsigned roles;
    if (only) HD_TRY(read_factors(only, tl, true, b, err));
    if (none) {
        HD_TRY(hd_tl_read_tensors(none, "no_iteration_over_dataspaces", op, &roles, err));
        b->ones |= dims_of(op, roles);
    }
    if (must) {
        HD_TRY(hd_tl_read_tensors(must, "must_iterate_over_dataspaces", op, &roles, err));
        b->ones |= ~dims_of(op, roles) & ((1u << op->dims) - 1u);
    }
    return read_maximize(block, tl, capacity, b, err);
}

static hd_status read_order(const hd_node *node, const hd_operator *op, tl_block_draft *b, hd_error *err) {
    if (b->ordered) return hd_node_fail(node, err, "the permutation of this block is said twice, keep one");
    HD_TRY(hd_tl_read_permutation(node, op, &b->order, err));
    b->ordered = b->order.inner + b->order.outer > 0;
    return HD_OK;
}

/* What temporal and spatial blocks share. */
static hd_status read_block(const hd_node *block, hd_timeloop *tl, int64_t capacity, tl_block_draft *b, hd_error *err) {
    const hd_operator *op = &tl->op;
    const hd_node *factors = hd_tl_get(block, "factors"), *order = hd_tl_get(block, "permutation"),
                  *rest = hd_tl_get(block, "remainders"), *most = hd_tl_get(block, "default_max_factor"),
                  *least = hd_tl_get(block, "default_min_factor");
    b->at = block;
    if (factors) HD_TRY(read_factors(factors, tl, false, b, err));
    if (order) HD_TRY(read_order(order, op, b, err));
    if (most) HD_TRY(read_default(most, "default_max_factor", &b->default_most, err));
    if (least) HD_TRY(read_default(least, "default_min_factor", &b->default_least, err));
    if (rest) return hd_node_fail(rest, err, "remainders have no form in heddle's constraints, remove them");
    return read_sugar(block, tl, capacity, b, err);
}

#define BLOCK_KEYS                                                                                           \
    "target", "type", "factors", "permutation", "default_max_factor", "default_min_factor", "remainders",    \
        "factors_only", "no_iteration_over_dataspaces", "must_iterate_over_dataspaces", "maximize_dims",     \
        "maximize_dims_capacity", "no_reuse"

static hd_status read_temporal(const hd_node *block, int level, const reader *r, hd_error *err) {
    static const char *const keys[] = {BLOCK_KEYS, "no_temporal_reuse", "rmw_first_update", "no_coalesce",
                                       NULL};
    HD_TRY(hd_tl_check_keys(block, keys, err));
    HD_TRY(read_block(block, r->tl, 0, &r->draft->temporal[level], err));
    return hd_tl_read_flags(block, false, level, &r->tl->op, &r->tl->arch, err);
}

static hd_status read_spatial(const hd_node *block, int level, const reader *r, hd_error *err) {
    static const char *const keys[] = {BLOCK_KEYS, "split", "no_multicast_no_reduction", "no_link_transfer",
                                       NULL};
    const hd_level *inner = &r->tl->arch.level[level + 1];
    const hd_node *split = hd_tl_get(block, "split");
    tl_block_draft *b = &r->draft->spatial[level];
    HD_TRY(hd_tl_check_keys(block, keys, err));
    HD_TRY(read_block(block, r->tl, inner->fan[HD_X] * inner->fan[HD_Y], b, err));
    if (split) {
        int64_t on_x;
        if (b->divided) return hd_node_fail(split, err, "the split of this block is said twice, keep one");
        HD_TRY(hd_tl_int(split, "split", NULL, 0, HD_COUNT_EXACT, &on_x, err));
        b->divided = (int)hd_count_min(on_x, r->tl->op.dims) + 1;
    }
    return hd_tl_read_flags(block, true, level, &r->tl->op, &r->tl->arch, err);
}

/* ---- what a level keeps ---- */

static hd_status note_roles(const hd_node *at, const reader *r, int level, unsigned keep, unsigned bypass,
                            hd_error *err) {
    tl_draft *d = r->draft;
    if (keep & bypass)
        return hd_node_fail(at, err, "%s: a tensor is both kept and bypassed", r->tl->arch.level[level].name);
    if ((d->keep[level] | d->bypass[level]) & (keep | bypass))
        return hd_node_fail(at, err, "%s: whether a tensor is kept is said twice, keep one",
                            r->tl->arch.level[level].name);
    d->kept_at = at;
    d->keep[level] |= keep;
    d->bypass[level] |= bypass;
    return HD_OK;
}

static unsigned all_roles(const hd_operator *op) {
    unsigned roles = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (op->tensor[r].used) roles |= HD_ROLE_BIT(r);
    return roles;
}

static hd_status read_kept(const hd_node *node, int level, const reader *r, hd_error *err) {
    static const char *const keys[] = {"target",    "type",        "keep",        "bypass",
                                       "keep_only", "bypass_only", "no_coalesce", NULL};
    enum { KEEP, BYPASS, KEEP_ONLY, BYPASS_ONLY, LISTS };
    static const char *const name[LISTS] = {"keep", "bypass", "keep_only", "bypass_only"};
    const hd_operator *op = &r->tl->op;
    unsigned roles[LISTS] = {0};
    HD_TRY(hd_tl_check_keys(node, keys, err));
    for (int i = 0; i < LISTS; i++)
        if (hd_tl_get(node, name[i]))
            HD_TRY(hd_tl_read_tensors(hd_tl_get(node, name[i]), name[i], op, &roles[i], err));
    if (hd_tl_get(node, "keep_only")) roles[BYPASS] |= all_roles(op) & ~roles[KEEP_ONLY];
    if (hd_tl_get(node, "bypass_only")) roles[KEEP] |= all_roles(op) & ~roles[BYPASS_ONLY];
    HD_TRY(hd_tl_read_flags(node, false, level, op, &r->tl->arch, err));
    return note_roles(node, r, level, roles[KEEP] | roles[KEEP_ONLY], roles[BYPASS] | roles[BYPASS_ONLY],
                      err);
}

/* ---- targets ---- */

static hd_status read_utilization(const hd_node *target, const reader *r, hd_error *err) {
    static const char *const keys[] = {"target", "type", "min", NULL};
    const hd_node *at = hd_tl_get(target, "target"), *least = hd_tl_get(target, "min");
    HD_TRY(hd_tl_check_keys(target, keys, err));
    if (at && !hd_node_is(at, "innermost"))
        return hd_node_fail(at, err, "utilization is limited at the target innermost only");
    if (!least)
        return hd_node_fail(target, err,
                            "found no min, expected the least share of the arithmetic units in use");
    if (r->draft->has_utilization)
        return hd_node_fail(target, err, "the least utilization is said twice, keep one");
    r->draft->has_utilization = true;
    return hd_tl_double(least, "min", NULL, 0, 1, &r->draft->least_utilization, err);
}

static const struct kind {
    const char *name;
    hd_status (*read)(const hd_node *target, int level, const reader *r, hd_error *err);
} KINDS[] = {{"temporal", read_temporal},
             {"spatial", read_spatial},
             {"bypass", read_kept},
             {"datatype", read_kept},
             {"dataspace", read_kept}};

static hd_status read_target(const hd_node *target, const reader *r, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    int level = 0;
    HD_TRY(hd_node_expect(target, HD_NODE_MAP, "target of constraints", err));
    const hd_node *type = hd_tl_get(target, "type");
    if (!type)
        return hd_node_fail(target, err,
                            "found no type, expected temporal, spatial, bypass, datatype or utilization");
    if (hd_node_is(type, "utilization") || hd_node_is(type, "parallelism"))
        return read_utilization(target, r, err);
    if (hd_node_is(type, "max_overbooked_proportion"))
        return hd_node_fail(
            type, err, "max_overbooked_proportion speaks of sparse tensors, which heddle does not model");
    HD_TRY(hd_tl_read_target(target, &r->tl->arch, &level, err));
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
        if (hd_node_is(type, KINDS[i].name)) return KINDS[i].read(target, level, r, err);
    return hd_node_fail(type, err,
                        "type: found %s, expected temporal, spatial, bypass, datatype or utilization",
                        hd_node_shown(type, shown));
}

static hd_status read_template(const hd_node *node, bool *ragged, hd_error *err) {
    char shown[HD_NODE_SHOWN];
    if (hd_node_is(node, "uber") || hd_node_is(node, "ruby")) {
        *ragged = hd_node_is(node, "ruby");
        return HD_OK;
    }
    return hd_node_fail(
        node, err, "template: found %s, expected uber (perfect factors) or ruby (factors with residuals)",
        hd_node_shown(node, shown));
}

hd_status hd_tl_read_constraints(const hd_node *section, hd_timeloop *out, tl_draft *draft, hd_error *err) {
    static const char *const keys[] = {"version", "template", "targets", NULL};
    reader r = {out, draft};
    const hd_node *targets = section;
    if (hd_node_is_null(section)) return HD_OK;
    if (section->kind == HD_NODE_MAP) {
        HD_TRY(hd_tl_check_keys(section, keys, err));
        const hd_node *template_ = hd_tl_get(section, "template");
        if (template_) HD_TRY(read_template(template_, &out->ragged, err));
        targets = hd_tl_get(section, "targets");
        if (!targets || hd_node_is_null(targets)) return HD_OK;
    }
    HD_TRY(hd_node_expect(targets, HD_NODE_LIST, "targets", err));
    for (int i = 0; i < targets->items; i++) HD_TRY(read_target(targets->item[i], &r, err));
    return HD_OK;
}

/* ---- in place, v0.4 ---- */

/* A dummy holds nothing and loops over nothing; the fan-out of the node after it is its spatial block. */
static hd_status read_dummy(const tl_component *c, const reader *r, hd_error *err) {
    const hd_node *spatial = c->constraints ? hd_tl_get(c->constraints, "spatial") : NULL;
    r->draft->temporal[c->level].at = c->at;
    r->draft->temporal[c->level].ones = (1u << r->tl->op.dims) - 1u;
    HD_TRY(note_roles(c->at, r, c->level, 0, all_roles(&r->tl->op), err));
    return spatial && !hd_node_is_null(spatial) ? read_spatial(spatial, c->level, r, err) : HD_OK;
}

static hd_status read_component(const tl_component *c, const reader *r, hd_error *err) {
    static const char *const keys[] = {"temporal", "spatial", "dataspace", NULL};
    const hd_node *temporal = NULL, *kept = NULL;
    if (c->constraints) {
        HD_TRY(hd_node_expect(c->constraints, HD_NODE_MAP, "constraints", err));
        HD_TRY(hd_tl_check_keys(c->constraints, keys, err));
        temporal = hd_tl_get(c->constraints, "temporal");
        kept = hd_tl_get(c->constraints, "dataspace");
    }
    if (temporal && !hd_node_is_null(temporal)) HD_TRY(read_temporal(temporal, c->level, r, err));
    if (kept && !hd_node_is_null(kept)) HD_TRY(read_kept(kept, c->level, r, err));
    unsigned said = r->draft->keep[c->level] | r->draft->bypass[c->level];
    return c->parallel ? note_roles(c->at, r, c->level, 0, all_roles(&r->tl->op) & ~said, err) : HD_OK;
}

hd_status hd_tl_read_v04_constraints(const tl_chain *chain, hd_timeloop *out, tl_draft *draft, hd_error *err) {
    reader r = {out, draft};
    for (int i = 0; i < chain->components; i++) {
        const tl_component *c = &chain->component[i];
        if (c->kind != TL_STORAGE || c->level < 0) continue;
        HD_TRY(c->dummy ? read_dummy(c, &r, err) : read_component(c, &r, err));
    }
    return HD_OK;
}
