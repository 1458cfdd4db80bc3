/* Small random problems under Timeloop's model: sliding windows with strides and dilation, products, two fan-outs, wires per
 * role, neighbours that forward or not, levels that reuse nothing, vectors, clusters, hops, ports, tensors at home inside, and
 * spaces with constraints or pins.                                                                       */
#ifndef HD_TESTS_SOLVE_TIMELY_H
#define HD_TESTS_SOLVE_TIMELY_H

#include "rich.h"

typedef struct timely_space { rich_space rich; double settings[3]; } timely_space;

static inline bool timely_chance(hd_random *r, int one_in) { return hd_random_below(r, one_in) == 0; }

static inline void timely_operator(hd_random *r, const int64_t *extent, int extents, hd_operator *out)
{
    hd_error err = {0};
    hd_conv_shape s = {.axes = 1 + (int)hd_random_below(r, 2), .n = 1 + (timely_chance(r, 4)), .groups = 1 + timely_chance(r, 5),
                       .k = pick(r, extent, extents), .c = pick(r, extent, extents)};
    if (s.groups > 1) s.k = s.c = 2;
    for (int a = 0; a < 3; a++) {
        s.out[a] = a < s.axes ? pick(r, extent, extents) : 1;
        s.kernel[a] = a < s.axes ? 1 + hd_random_below(r, 4) : 1;
        s.stride[a] = 1 + hd_random_below(r, 3) * timely_chance(r, 2);
        s.dilation[a] = 1 + timely_chance(r, 3);
    }
    hd_status status = HD_OK;
    if (timely_chance(r, 4))
        status = hd_kind_matmul(1 + timely_chance(r, 4), s.k, s.c, s.out[0], timely_chance(r, 2), out, &err);
    else if (timely_chance(r, 12)) status = hd_kind_conv_transpose(&s, out, &err);
    else status = hd_kind_conv(&s, out, &err);
    if (status != HD_OK) fail_msg("%s", err.message);
    if (timely_chance(r, 6)) out->extra_reads = 5;
}

static inline void timely_level(hd_random *r, hd_level *l, bool outermost, bool mac)
{
    hd_timeloop_level *t = &l->timeloop;
    for (int role = 0; role < HD_ROLES; role++) {
        l->read_pj[role] = mac ? 0 : (double)hd_random_below(r, 9);
        l->fill_pj[role] = mac ? 0 : (double)hd_random_below(r, 9);
        l->update_pj[role] = mac ? 0 : (double)hd_random_below(r, 9);
    }
    if (!mac && timely_chance(r, 3)) l->shared_bw = (double)(1 + hd_random_below(r, 4)) / 2;
    if (!mac && timely_chance(r, 3)) l->read_bw = (double)(1 + hd_random_below(r, 4)) / 4;
    if (!mac && timely_chance(r, 3)) l->write_bw = (double)(1 + hd_random_below(r, 4)) / 4;
    if (!mac && timely_chance(r, 4)) t->block_size = 1 + hd_random_below(r, 4);
    if (!mac && timely_chance(r, 4)) t->cluster_size = 1 + hd_random_below(r, 4);
    if (outermost) return;
    if (!mac && (l->bounded = !timely_chance(r, 5))) l->capacity = 3 + hd_random_below(r, 40);
    if (!mac && timely_chance(r, 6)) t->multiple_buffering = 1.5;
    if (!mac && timely_chance(r, 12)) t->min_utilization = 0.2;
    if (timely_chance(r, 8)) t->no_reuse = (unsigned)hd_random_below(r, 16);
    if (timely_chance(r, 5)) t->no_links = (unsigned)hd_random_below(r, 16);
    if (timely_chance(r, 4)) t->hop_pj = 1 + (double)hd_random_below(r, 9);
    if (timely_chance(r, 6)) t->router_pj = 1 + (double)hd_random_below(r, 9);
    if (timely_chance(r, 6)) t->ingress_pj = 2;
    if (timely_chance(r, 8)) t->network_fill_cycles = 3;
    for (int axis = 0; axis < HD_AXES; axis++) {
        if (timely_chance(r, mac ? 6 : 2)) l->fan[axis] = 2 + hd_random_below(r, 3);
        l->multicast[axis] = timely_chance(r, 4) ? (unsigned)hd_random_below(r, 16) : 0xfu;
        l->reduce[axis] = !timely_chance(r, 4);
    }
}

static inline void timely_chip(hd_random *r, hd_arch *a)
{
    static const char *const name[] = {"L0", "L1", "L2", "L3"};
    hd_error err = {0};
    memset(a, 0, sizeof *a);
    snprintf(a->name, sizeof a->name, "timely");
    a->levels = 3 + (int)hd_random_below(r, 2);
    a->clock_mhz = 1;
    a->mac_pj = 1;
    a->static_pj_per_cycle = timely_chance(r, 6);
    a->vector_at = a->levels - 1;
    for (int l = 0; l < a->levels; l++) {
        hd_arch_default_level(&a->level[l]);
        snprintf(a->level[l].name, sizeof a->level[l].name, "%s", l == a->levels - 1 ? "MAC" : name[l]);
        timely_level(r, &a->level[l], l == 0, l == a->levels - 1);
    }
    if (hd_arch_check(a, &err) != HD_OK) fail_msg("%s", err.message);
}

/* `wide`: larger extents, for spaces that nobody exhausts. */
static inline void timely_draw(uint64_t seed, uint64_t index, bool wide, timely_space *out)
{
    static const int64_t small[] = {1, 1, 2, 2, 3, 4, 6}, large[] = {1, 2, 4, 6, 8, 12, 16};
    hd_random r;
    small_case *c = &out->rich.c;
    memset(out, 0, sizeof *out);
    hd_random_seed(&r, seed, index);
    timely_operator(&r, wide ? large : small, 7, &c->op);
    timely_chip(&r, &c->arch);
    c->problem = (hd_problem){.op = &c->op, .arch = &c->arch, .settings = out->settings};
    out->settings[0] = !timely_chance(&r, 4);
    out->settings[1] = !timely_chance(&r, 5);
    out->settings[2] = timely_chance(&r, 6);
    c->objective = (hd_objective)hd_random_below(&r, HD_OBJECTIVES);
    for (int role = 0; role < HD_ROLES; role++)
        if (c->op.tensor[role].used && c->arch.levels > 3 && timely_chance(&r, 8)) c->problem.home[role] = 1;
    hd_space *space = &out->rich.space;
    hd_space_init_for(space, &c->problem, &hd_model_timeloop, HD_SPACE_FREE, false, timely_chance(&r, 2));
    if (timely_chance(&r, 3)) {
        rich_constraints(&r, c, &out->rich.limits);
        space->constraints = &out->rich.limits;
    } else if (timely_chance(&r, 6)) {
        hd_space_sample(space, &r, &out->rich.pin);
        space->pin = &out->rich.pin;
        for (int l = 1; l < c->arch.levels; l++) space->pinned[l] = (unsigned)hd_random_below(&r, 16);
    }
}

#endif
