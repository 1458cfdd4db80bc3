/* The straight road of meshes: every shift divides, ranks are plain or open windows, no operand register, no row read twice, and
 * one mesh, of plain links, whose ports are a grid.  All instances are then alike, and all counts are products of
 * loop and stack counts, but for what windows hold (docs/cost-model.md, "Closed form"); the numbers are those of the
 * general parts, several times sooner.  Nest and windows are those of the other straight road (even_nest.h). */
#ifndef HD_COST_NATIVE_EVEN_MESH_H
#define HD_COST_NATIVE_EVEN_MESH_H

#include "cost/native/native.h"

/* One role along the levels that keep it; the last link is the arithmetic level, and its arrivals are points.  Of a link: */
typedef struct mesh_role {
    const nest_role *factors;
    int links, level[HD_MAX_LEVELS];
    int64_t tile[HD_MAX_LEVELS];     /* of one unit */
    int64_t arrivals[HD_MAX_LEVELS]; /* each unit by itself; at the home, words that are touched */
    int64_t asked[HD_MAX_LEVELS];    /* the same as the link outside is asked for them: wires merge what they can */
    int64_t together[HD_MAX_LEVELS]; /* of O: what all units under one unit outside ask for */
    int64_t loads[HD_MAX_LEVELS];    /* of O: words that meet an old partial sum */
    unsigned merge[HD_MAX_LEVELS];   /* wires from the link outside that merge, as NEST_STACK bits */
    unsigned spread[HD_MAX_LEVELS];  /* of those between them, merging or not: with units along a window */
    int64_t joined[HD_MAX_LEVELS];   /* units of dims that the role lacks that they join */
    int64_t folded[HD_MAX_LEVELS];   /* of O: such units on whatever wires */
    int64_t passing[HD_MAX_LEVELS];  /* of a level: words through the fan-out into it, where anybody asks */
    int shared;                      /* the link whose tile so many units hold together; 1 where each has its own */
    int64_t members;
} mesh_role;

/* Hops of a role whose counts at the mesh, so many nodes of it under one unit outside, are `moved`. */
int64_t hd_mesh_hops(const native_ready *ready, const hd_scheme *s, const mesh_role *m, int64_t nodes, const hd_access *moved);

#endif
