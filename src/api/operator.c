/* Operators built in memory: dimensions, ranks and tensors as a compiler has them. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "workload/kinds.h"

static hd_status find_kind(const char *name, hd_kind *out, hd_error *err)
{
    *out = HD_MATMUL;
    if (!name) return HD_OK;
    for (int k = 0; k < HD_KINDS; k++) {
        if (strcmp(hd_kind_name((hd_kind)k), name) != 0) continue;
        *out = (hd_kind)k;
        return HD_OK;
    }
    return hd_fail(err, HD_ERR_USAGE, "no kind of operator '%s'", name);
}

static hd_status add_term(const hd_operator *op, const hd_rank_spec *spec, int which, hd_rank *rank, hd_error *err)
{
    int dim = hd_operator_dim(op, spec->dim[which]);
    if (dim < 0) return hd_fail(err, HD_ERR_USAGE, "a rank names dimension '%s', which is not declared",
                                spec->dim[which]);
    int64_t coef = spec->coef[which] == 0 ? 1 : spec->coef[which];
    rank->term[rank->terms].dim = dim;
    rank->term[rank->terms].coef = coef;
    rank->terms++;
    return HD_OK;
}

static hd_status add_rank(const hd_operator *op, const hd_rank_spec *spec, hd_rank *rank, hd_error *err)
{
    rank->offset = spec->offset;
    for (int t = 0; t < 2; t++)
        if (spec->dim[t]) HD_TRY(add_term(op, spec, t, rank, err));
    int64_t reach = rank->offset + 1;
    for (int t = 0; t < rank->terms; t++) {
        int64_t extent = op->dim[rank->term[t].dim].extent, span;
        if (__builtin_mul_overflow(extent - 1, rank->term[t].coef, &span) || __builtin_add_overflow(reach, span, &reach))
            return hd_fail(err, HD_ERR_USAGE, "a rank's extent does not fit in 64 bits");
    }
    rank->extent = spec->extent > 0 ? spec->extent : reach;
    return HD_OK;
}

static hd_status add_tensor(const hd_tensor_spec *spec, hd_operator *op, hd_error *err)
{
    int role = 0;
    while (role < HD_ROLES && (!spec->role || strcmp(hd_role_name((hd_role)role), spec->role) != 0)) role++;
    if (role == HD_ROLES)
        return hd_fail(err, HD_ERR_USAGE, "no role '%s'; there is: W I O I2", spec->role ? spec->role : "(null)");
    hd_tensor *tensor = &op->tensor[role];
    if (tensor->used) return hd_fail(err, HD_ERR_USAGE, "role %s is given twice", spec->role);
    if (spec->ranks < 0 || spec->ranks > HD_MAX_RANKS)
        return hd_fail(err, HD_ERR_USAGE, "%s has %d ranks, at most %d", spec->role, spec->ranks, (int)HD_MAX_RANKS);
    tensor->used = true;
    tensor->bits = spec->bits > 0 ? spec->bits : 16;
    tensor->ranks = spec->ranks;
    for (int r = 0; r < spec->ranks; r++) HD_TRY(add_rank(op, &spec->rank[r], &tensor->rank[r], err));
    return HD_OK;
}

static hd_status build(const hd_operator_spec *spec, hd_operator *op, hd_error *err)
{
    HD_TRY(find_kind(spec->kind, &op->kind, err));
    if (spec->dims < 1 || spec->dims > HD_MAX_DIMS)
        return hd_fail(err, HD_ERR_USAGE, "%d dimensions, from 1 to %d are served", spec->dims, (int)HD_MAX_DIMS);
    for (int d = 0; d < spec->dims; d++) {
        const char *name = spec->dim[d].name;
        if (!name || !*name || strlen(name) >= sizeof op->dim[d].name)
            return hd_fail(err, HD_ERR_USAGE, "dimension %d: a name of 1 to 7 letters expected", d);
        if (hd_operator_dim(op, name) >= 0) return hd_fail(err, HD_ERR_USAGE, "dimension %s is given twice", name);
        memcpy(op->dim[d].name, name, strlen(name) + 1);
        op->dim[d].extent = spec->dim[d].extent;
        op->dims = d + 1;
    }
    for (int t = 0; t < spec->tensors; t++) HD_TRY(add_tensor(&spec->tensor[t], op, err));
    op->partial_bits = spec->partial_bits;
    op->vector = op->kind == HD_POOL || op->kind == HD_ELTWISE || op->kind == HD_REDUCE_SUM;
    op->ops_per_point = op->vector ? 1 : 0;
    if (op->kind == HD_SOFTMAX || op->kind == HD_NORM)
        return hd_fail(err, HD_ERR_USAGE, "row-wise operators are made by hd_operator_parse");
    return hd_operator_check(op, err);
}

static hd_status give(hd_context *context, const hd_operator *op, hd_operator **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof *op, &memory, err));
    *out = memory;
    **out = *op;
    return HD_OK;
}

HD_API hd_status hd_operator_new(hd_context *context, const hd_operator_spec *spec, hd_operator **out, hd_error *err)
{
    hd_operator_spec own;
    hd_stamp_copy(&own, sizeof own, spec, spec->size);
    hd_operator op = {0};
    HD_TRY(build(&own, &op, err));
    return give(context, &op, out, err);
}

HD_API hd_status hd_operator_parse(hd_context *context, const char *text, hd_operator **out, hd_error *err)
{
    hd_operator op = {0};
    HD_TRY(hd_kind_parse(text, &op, err));
    return give(context, &op, out, err);
}

HD_API void hd_operator_free(hd_context *context, hd_operator *op) { hd_context_release(context, op); }
