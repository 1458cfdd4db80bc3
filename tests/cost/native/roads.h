/* What the tests of the straight roads share: problems drawn at random, schemes of them, and whose counts are the same. */
#ifndef HD_TESTS_COST_NATIVE_ROADS_H
#define HD_TESTS_COST_NATIVE_ROADS_H

#include "draw_chip.h"

/* Random chips, each with every one of a few operators, and random homes.  `alter` (may be NULL) changes chip and operator
 * first; `visit` gets each problem. */
typedef void problem_alter(hd_random *r, hd_arch *chip, hd_operator *op);
typedef void problem_visit(hd_random *r, const hd_problem *p, void *user);
void draw_problems(uint64_t seed, int chips, problem_alter *alter, problem_visit *visit, void *user);

/* One of these: static power, vector units with or without a rate, work and reads of fused layers. */
void add_rates(hd_random *r, hd_arch *chip, hd_operator *op);

/* Instead of the operator a convolution of a few points, of any stride and dilation, on units whose wires merge along both axes:
 * steps of the two dims of its window often are the same, boxes come back, lie apart, touch and mesh. */
void make_windows_meet(hd_random *r, hd_arch *chip, hd_operator *op);

/* Schemes as solvers make them, all legal and fitting, of `draws` tries. */
typedef void scheme_visit(hd_random *r, const hd_problem *p, const hd_scheme *s, void *user);
void draw_schemes(hd_random *r, const hd_problem *p, bool ragged, int draws, scheme_visit *visit, void *user);

/* Counts and cycles in the rows of so many levels; the others mean nothing. */
void assert_same_counts(const hd_breakdown *a, const hd_breakdown *b, int levels);

/* The numbers of a straight road are those of the general one wherever it serves: returns at how many schemes. `also` (may be
 * NULL) sees each of these. */
typedef bool straight_road(const native_ready *ready, const hd_scheme *s, hd_breakdown *out);
int compare_roads(straight_road *straight, int chips, problem_alter *alter, scheme_visit *also, void *user);

#endif
