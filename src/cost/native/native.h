/* The parts of the native model that price.c puts together. */
#ifndef HD_COST_NATIVE_NATIVE_H
#define HD_COST_NATIVE_NATIVE_H

#include "cost/native/traffic.h"

/* Zero in every row of the levels that the chip has. */
void hd_native_clear(hd_breakdown *out, int levels);
/* Cycles of one instance's ports for so many bits, and for what it moves. */
int64_t hd_native_cycles_of(const native_rate *rate, int64_t reads, int64_t writes);
int64_t hd_native_port_cycles(const native_ready *ready, int level, const hd_access moved[HD_ROLES]);
/* Work and latency from the steps of the busiest unit and the cycles of levels, fill and drain in `out`. */
void hd_native_latency(const native_ready *ready, int64_t steps, hd_breakdown *out);
/* All cycles into `out` (whose counts are already there), of the chains of all roles. */
void hd_native_cycles(const nest *n, const chain *c, hd_breakdown *out);
/* Counts with their energy lines, instances in use and cycles where every shift divides and nothing is out of the ordinary
 * (even.c); false, with `out` in disorder, elsewhere. */
bool hd_native_even(const native_ready *ready, const hd_scheme *s, hd_breakdown *out);
/* The same for whoever has no use for a price above the limit.  `above`: what is counted and the least of all else exceed it, and
 * `out` is in disorder. */
bool hd_native_even_below(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out,
                          bool *above);
/* HD_LANES alike schemes at once on the straight road (batch.c), and the price of one of them: see hd_model. */
bool hd_native_batch(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out);
/* The same of alike schemes of a problem on the straight road, so many at a time as vectors of the machine have doubles
 * (batch_lanes.c); the ways that this machine can go, the widest first, NULL past the last. */
typedef bool native_batch_way(const native_ready *ready, const hd_scheme *const s[HD_LANES], hd_batch *out);
native_batch_way hd_native_batch_2, hd_native_batch_4, hd_native_batch_8;
native_batch_way *hd_native_batch_way(int i);
void hd_native_lane(const native_ready *ready, const hd_batch *b, int lane, hd_breakdown *out);
/* The same on a chip with a mesh (even_mesh.h), without energies.  `above`: what is counted and the least of all
 * else exceed the limit, and `out` is in disorder. */
bool hd_native_even_mesh(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit, hd_breakdown *out,
                         bool *above);
/* One by one, all schemes that fit. */
void hd_native_general(const native_ready *ready, const hd_scheme *s, hd_breakdown *out);
/* The same; false, with `out` in disorder, as soon as what is counted and the least of all else exceed the limit. */
bool hd_native_general_below(const native_ready *ready, const hd_scheme *s, hd_objective objective, double limit,
                             hd_breakdown *out);
/* Energy and time that no more counting makes less: more than the limit, beyond all rounding? */
static inline bool hd_native_exceeds(double pj, int64_t cycles, hd_objective objective, double limit)
{
    const double least[HD_OBJECTIVES] = {pj, (double)cycles, pj * (double)cycles};
    return least[objective] * (1 - 1e-9) > limit;
}
/* Cycles of the arithmetic units (or of the vector units at work), from the steps of the busiest one. */
int64_t hd_native_work_cycles(const native_ready *ready, int64_t steps);
/* What the counts of one role so far cost. */
double hd_native_role_energy(const native_ready *ready, const hd_breakdown *out, hd_role role);
/* Elements of each role's tile at a level, of a tensor at home there all; -1 where it is not kept. */
void hd_native_tiles(const hd_problem *p, const hd_scheme *s, int level, int64_t elements[HD_ROLES]);
/* Words (at the level's word size) that one unit has to have room for, where so many hold these elements of a role together. */
int64_t hd_native_room(const hd_problem *p, int level, hd_role role, int64_t elements, int64_t members, bool whole);
/* Units that hold one tile of each role together at a level (1: each its own); false where nobody shares. */
bool hd_native_shares(const hd_problem *p, const hd_scheme *s, int level, bool whole, int64_t members[HD_ROLES]);
/* The same with the words that this takes of each unit, whether they fit or not; 0 for roles that are not kept. */
void hd_native_rooms(const hd_problem *p, const hd_scheme *s, int level, bool whole, const int64_t elements[HD_ROLES],
                     int64_t members[HD_ROLES], int64_t words[HD_ROLES]);
/* Has the level nodes that may hold a tile together? */
static inline bool hd_level_shares(const hd_level *l) { return l->mesh.ports > 0 && l->mesh.share && l->bounded; }
/* Do the units that differ along the stacks of a dim at a level always exist together? */
bool hd_native_together(const hd_problem *p, const hd_scheme *s, int dim, int level);
/* Do the tiles that a bounded level keeps fit it, nothing shared (room.c)? */
bool hd_native_fit_in_full(const native_ready *ready, const hd_scheme *s, int level);
/* Do they fit the nodes of a mesh that share, which they do not in full?  `members`: see hd_native_shares; `even`: whoever asks
 * knows that every shift divides. */
bool hd_native_fit_together(const native_ready *ready, const hd_scheme *s, int level, bool even, int64_t members[HD_ROLES]);
/* Hops into `out`, and the counts of roles that are shared. */
void hd_native_mesh(const nest *n, chain *c, hd_breakdown *out);
/* Cycles of the busiest port of the mesh into a level; links of the longest route inwards, or outwards. */
int64_t hd_native_link_cycles(const nest *n, const chain *c, int level, part which);
int64_t hd_native_route(const nest *n, const chain *c, int level, bool outward);
/* The chain of a role, and its counts with their energy lines into `out`; those of hops are still to come. */
void hd_native_count_role(const nest *n, const nest_role *role, chain *c, hd_breakdown *out);
/* The same of a chain that is there, once it is known where units hold tiles together. */
void hd_native_recount_role(const nest *n, chain *c, hd_breakdown *out);
/* What counts cost: they become doubles here, in energy lines, and nowhere else. */
static inline double hd_access_pj(const native_pj *pj, const hd_access *c)
{
    return pj->words * ((double)c->reads * pj->read + (double)c->fills * pj->fill + (double)c->updates * pj->update);
}
static inline double hd_network_pj(const native_pj *pj, int64_t deliveries, int64_t hops)
{
    return pj->words * ((double)deliveries * pj->delivery + (double)hops * pj->hop);
}
/* All energy lines of levels and networks into `out` (counts are already there). */
void hd_native_energies(const native_ready *ready, hd_breakdown *out);
/* The other lines and the sum (these lines and cycles are already there). */
void hd_native_energy(const native_ready *ready, hd_breakdown *out);
/* Does an idle unit keep partial sums through a change of the tile outside?  `level`: where. */
bool hd_native_holds_through(const nest *n, int *level);
/* Capacity, and schemes whose counts have no closed form here (sliding outputs, very wide halos). */
bool hd_native_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out);
/* The same of a ready problem, without a reason. */
bool hd_native_fits_ready(const native_ready *ready, const hd_scheme *s);
/* The same, or in whole buffers. */
bool hd_native_fits_in(const hd_problem *p, const hd_scheme *s, bool whole, hd_refusal *out);
/* Dims of sliding outputs along which units at the level may be priced at all (as long as they move as one). */
unsigned hd_native_shared_outputs(const hd_problem *p, int level);
/* Lower bounds over all schemes. */
void hd_native_bound(const hd_problem *p, hd_bound *out);

#endif
