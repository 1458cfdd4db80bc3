/* Small random problems that use more of the machine than small.h's: two sliding axes with padding, strides and dilation,
 * groups and batches, pooling, row-wise kinds, shared weights; fan-outs at two levels, wires per role, deliveries,
 * bandwidths, wide partial sums, capacities per role, homes inside, operand registers.                    */
#ifndef HD_TESTS_SOLVE_RICH_H
#define HD_TESTS_SOLVE_RICH_H

#include "small.h"

static inline void rich_conv(hd_random *r, hd_operator *out, hd_error *err)
{
    static const int64_t extent[] = {1, 1, 2, 2, 3, 4, 6};
    hd_conv_shape s = {.axes = 1 + (int)hd_random_below(r, 2), .n = 1 + hd_random_below(r, 2)};
    s.groups = 1 + hd_random_below(r, 2);
    s.k = pick(r, extent, 7);
    s.c = pick(r, extent, 7);
    for (int a = 0; a < 3; a++) {
        s.out[a] = a < s.axes ? pick(r, extent, 7) : 1;
        s.kernel[a] = a < s.axes ? 1 + hd_random_below(r, 3) : 1;
        s.stride[a] = 1 + hd_random_below(r, 3);
        s.dilation[a] = 1 + hd_random_below(r, 2);
        s.pad_low[a] = hd_random_below(r, 2) ? hd_random_below(r, s.kernel[a]) : 0;
        int64_t all = (s.out[a] - 1) * s.stride[a] + (s.kernel[a] - 1) * s.dilation[a] + 1;
        if (s.pad_low[a] > 0) s.in[a] = all - s.pad_low[a] - hd_random_below(r, 2);
        if (s.in[a] < 1) s.in[a] = s.pad_low[a] = 0;
    }
    hd_status status = hd_random_below(r, 4) ? hd_kind_conv(&s, out, err) : hd_kind_pool(&s, out, err);
    if (status != HD_OK) { /* padding that the kind does not take */
        for (int a = 0; a < 3; a++) s.in[a] = s.pad_low[a] = 0;
        if (hd_kind_conv(&s, out, err) != HD_OK) abort();
    }
}

static inline void rich_operator(hd_random *r, hd_operator *out)
{
    static const int64_t extent[] = {2, 2, 3, 4, 6, 8};
    hd_error err = {0};
    int64_t a = pick(r, extent, 6), b = pick(r, extent, 6), c = pick(r, extent, 6);
    switch (hd_random_below(r, 6)) {
    case 0: hd_kind_matmul(1 + hd_random_below(r, 3), a, b, c, hd_random_below(r, 2), out, &err); break;
    case 1: hd_kind_rowwise(hd_random_below(r, 2) ? HD_SOFTMAX : HD_NORM, a, b, 3, out, &err); break;
    case 2: hd_kind_eltwise(2, (int64_t[]){a, b}, true, (unsigned)hd_random_below(r, 3), 1, out, &err); break;
    default: rich_conv(r, out, &err);
    }
    if (hd_random_below(r, 3) == 0) out->partial_bits = 32;
    if (hd_random_below(r, 5) == 0) out->extra_reads = 7;
}

static inline void rich_level(hd_random *r, hd_level *l, bool outermost, bool mac)
{
    for (int role = 0; role < HD_ROLES; role++) {
        if (!mac) l->read_pj[role] += (double)hd_random_below(r, 5);
        if (!mac) l->update_pj[role] += (double)hd_random_below(r, 5);
        if (!outermost && hd_random_below(r, 3) == 0) l->delivery_pj[role] = (double)(1 + hd_random_below(r, 3));
    }
    if (!mac && hd_random_below(r, 3) == 0) l->shared_bw = (double)(1 + hd_random_below(r, 4)) / 2;
    if (!mac && hd_random_below(r, 3) == 0) l->write_bw = (double)(1 + hd_random_below(r, 4));
    if (outermost) return;
    for (int axis = 0; axis < HD_AXES; axis++) {
        if (hd_random_below(r, 3) == 0) l->fan[axis] = 1 + hd_random_below(r, 4);
        l->multicast[axis] = (unsigned)hd_random_below(r, 16);
        l->reduce[axis] = hd_random_below(r, 2);
    }
    if (mac || hd_random_below(r, 3)) return;
    l->per_role = l->bounded = true;
    for (int role = 0; role < HD_ROLES; role++) l->role_capacity[role] = 1 + hd_random_below(r, 24);
    if (hd_random_below(r, 3) == 0) l->keeps = 1 + (unsigned)hd_random_below(r, 15);
}

static inline void rich_problem(uint64_t seed, uint64_t index, small_case *out)
{
    hd_random r;
    hd_error err = {0};
    small_problem(seed, index, out);
    hd_random_seed(&r, seed ^ 0x5eed, index);
    if (hd_random_below(&r, 4)) rich_operator(&r, &out->op);
    hd_arch *a = &out->arch;
    for (int l = 0; l < a->levels; l++) rich_level(&r, &a->level[l], l == 0, l == a->levels - 1);
    a->template_ = HD_FREE;
    if (hd_random_below(&r, 3) == 0) a->level[a->levels - 1].operand_register = (unsigned)hd_random_below(&r, 8);
    if (hd_random_below(&r, 3) == 0) a->vector_per_cycle = 2;
    if (hd_arch_check(a, &err) != HD_OK || hd_operator_check(&out->op, &err) != HD_OK) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    for (int role = 0; role < HD_ROLES; role++)
        if (out->op.tensor[role].used && a->levels > 3 && hd_random_below(&r, 8) == 0 && (a->level[1].keeps & HD_ROLE_BIT(role)))
            out->problem.home[role] = 1;
}

/* ---- spaces with constraints and pins ---- */
typedef struct rich_space { small_case c; hd_constraints limits; hd_scheme pin; hd_space space; } rich_space;

static inline hd_limit rich_limit(hd_random *r, int64_t extent)
{
    int64_t n = 1 + hd_random_below(r, extent);
    const hd_limit drawn[] = {{1, 1}, {n, n}, {0, n}, {n, 0}};
    return hd_random_below(r, 3) ? (hd_limit){0, 0} : drawn[hd_random_below(r, 4)];
}

static inline void rich_constraints(hd_random *r, const small_case *c, hd_constraints *out)
{
    int dims = c->op.dims, levels = c->arch.levels;
    memset(out, 0, sizeof *out);
    for (int l = 1; l < levels; l++) {
        for (int d = 0; d < dims; d++) {
            out->loop[l][d] = rich_limit(r, c->op.dim[d].extent);
            out->copies[l][d] = rich_limit(r, c->op.dim[d].extent);
            if (hd_random_below(r, 4) == 0) out->axis_rank[l][d] = (unsigned char)hd_random_below(r, 3);
        }
        out->one_axis[l] = hd_random_below(r, 4) == 0;
        if (hd_random_below(r, 4) == 0) out->axis_dims[l][hd_random_below(r, HD_AXES)] = 1;
        if (hd_random_below(r, 3) == 0) out->inner_dim[l][out->inner[l]++] = (unsigned char)(dims - 1);
        if (hd_random_below(r, 3) == 0) out->outer_dim[l][out->outer[l]++] = 0;
        if (dims == 1) out->outer[l] = 0;
        if (hd_random_below(r, 6) == 0) out->must_keep[l] = 1u << hd_random_below(r, 3);
        if (hd_random_below(r, 6) == 0) out->must_bypass[l] = (1u << hd_random_below(r, 3)) & ~out->must_keep[l];
    }
    if (hd_random_below(r, 4) == 0) out->least_utilization = 0.25 * (double)(1 + hd_random_below(r, 3));
}

/* Constraints or pins (parts of a scheme of the space) at random. */
static inline void rich_draw_space(uint64_t seed, uint64_t index, rich_space *out)
{
    hd_random r;
    rich_problem(seed, index, &out->c);
    hd_random_seed(&r, seed ^ 0x9a5, index);
    hd_space_init(&out->space, &out->c.problem, HD_SPACE_TEMPLATE, out->c.ragged, out->c.bypass);
    if (hd_random_below(&r, 2)) {
        rich_constraints(&r, &out->c, &out->limits);
        out->space.constraints = &out->limits;
        return;
    }
    hd_space_sample(&out->space, &r, &out->pin);
    out->space.pin = &out->pin;
    for (int l = 1; l < out->c.arch.levels; l++) out->space.pinned[l] = (unsigned)hd_random_below(&r, 16);
}

#endif
