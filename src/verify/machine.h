/* The machine in motion: all instances of all levels, which piece of each dimension each has at the current
 * step, and the one loop nest that all of them follow in lock-step (docs/cost-model.md, "Loops, tiles,
 * existence").  */
#ifndef HD_VERIFY_MACHINE_H
#define HD_VERIFY_MACHINE_H

#include "base/arena.h"
#include "verify/cuts.h"

/* The part of the loop nest that an instance has now: [lo, lo + length) of every dimension. */
typedef struct hd_unit {
    bool exists;
    int64_t lo[HD_MAX_DIMS], length[HD_MAX_DIMS];
} hd_unit;

typedef struct hd_machine_level {
    int64_t copies, units;        /* per instance of the level outside; in all */
    int64_t below[HD_MAX_STACKS]; /* copies of the stacks listed before */
    int64_t index[HD_MAX_UPDATES], count[HD_MAX_UPDATES];
    int first[HD_MAX_DIMS], last[HD_MAX_DIMS]; /* this level's digits of each dimension: first <= i < last */
    hd_unit *unit;
} hd_machine_level;

typedef struct hd_machine {
    const hd_problem *problem;
    const hd_scheme *scheme;
    int64_t steps; /* of the whole nest */
    hd_cuts cuts[HD_MAX_DIMS];
    hd_machine_level level[HD_MAX_LEVELS];
} hd_machine;

/* All loops at their start.  Refuses more than `max_steps` steps or instances. */
hd_status hd_machine_build(hd_arena *arena, const hd_problem *p, const hd_scheme *s, int64_t max_steps,
                           hd_machine **out, hd_error *err);
/* Move the nest one step on.  Returns the outermost level whose loops moved; 0 = the nest is over. */
int hd_machine_tick(hd_machine *m);
/* Work out the pieces of the instances of levels `from` and inside. */
void hd_machine_place(hd_machine *m, int from);
/* The instance of level `outer` above instance `unit` of level `inner`. */
int64_t hd_machine_above(const hd_machine *m, int outer, int inner, int64_t unit);
/* Index of instance `unit` of a level along stack number `slot` of that level. */
int64_t hd_machine_index(const hd_machine *m, int level, int64_t unit, int slot);
/* Number of the group of instance `unit` of level `inner`, among the groups under level `outer`: instances
 * that differ only along axes which share the role (multicast, or with `outward` reduction) have one. */
int64_t hd_machine_group(const hd_machine *m, int outer, int inner, int64_t unit, hd_role role, bool outward);
/* The same where all that lies under the instances of `outer` that count as number `store` belongs together. */
int64_t hd_machine_group_under(const hd_machine *m, int64_t store, int outer, int inner, int64_t unit, hd_role role,
                               bool outward);

#endif
