/* One run of the slow machine: what its parts (replay.c, network.c, replay_time.c) see of it. */
#ifndef HD_VERIFY_RUN_H
#define HD_VERIFY_RUN_H

#include "verify/distinct.h"
#include "verify/held.h"
#include "verify/replay.h"
#include "verify/trees.h"

/* Who holds which word of a tile that is shared: the unit by [first unit of the group][word]; words dealt so far. */
typedef struct hd_holders {
    int64_t *unit, *dealt[2];
} hd_holders;

/* Bits that crossed each port of a mesh, inwards and outwards. */
typedef struct hd_links {
    int64_t bits[2][HD_MAX_PORTS];
} hd_links;

typedef struct run {
    const hd_problem *p;
    const hd_scheme *s;
    hd_arena *arena;
    hd_machine *m;
    hd_replay *out;
    int arithmetic, deepest;                          /* level of the points; innermost level with storage */
    hd_held *held[HD_MAX_LEVELS][HD_ROLES];           /* NULL where the role is not kept */
    hd_replay_access *count[HD_MAX_LEVELS][HD_ROLES]; /* per instance */
    int64_t *worked;                                  /* per arithmetic instance: steps */
    int64_t twice[HD_ROLES];                          /* 2 for a row that is read twice, else 1 */
    hd_distinct passed, met;                          /* scratch of one transfer */
    hd_moves moves, merged;
    /* meshes */
    hd_trees *trees[HD_MAX_LEVELS][HD_ROLES];         /* NULL where no words of the role cross a mesh into the level */
    bool shared[HD_MAX_LEVELS][HD_ROLES];             /* the members of a group hold one tile together */
    bool apart[HD_MAX_LEVELS][HD_ROLES];              /* members that could do so do not always exist together */
    hd_holders *holders[HD_MAX_LEVELS][HD_ROLES];
    hd_links links[HD_MAX_LEVELS];
    hd_distinct trips;
} run;

/* Bits of one element of the role as the level stores it. */
int64_t hd_run_bits(const run *r, int level, hd_role role);

/* ---- network.c: hops ---- */

/* Trees of all meshes that words of a role cross. */
hd_status hd_network_build(run *r, hd_error *err);
/* Note which groups do not exist as one at this step. */
void hd_network_watch(run *r);
/* The instance that stands for the store that `unit` of a level belongs to. */
int64_t hd_network_store(const run *r, int level, hd_role role, int64_t unit);
/* A new transfer begins. */
void hd_network_begin(run *r);
/* A word moves between `held` and its source: trips along the trees of the meshes between them. */
hd_status hd_network_travel(run *r, const hd_held *held, const hd_move *move, bool outward, hd_error *err);
/* An old partial goes to one unit. */
void hd_network_load(run *r, const hd_held *held, const hd_move *move);
/* A word that comes to a shared tile gets a holder: `kind` 0 from outside, 1 from nothing. */
void hd_network_deal(run *r, const hd_held *held, const hd_move *move, int kind);
/* Words of a shared tile that a level inside asks for or sends cross the tree of its members. */
void hd_network_use(run *r, int level, hd_role role, int64_t words);
/* May the role share its tiles at the level, and do the members' tiles have room in full? */
void hd_network_share(run *r);

/* ---- replay_time.c ---- */

/* The counts of all instances, and of all links, at one moment. */
typedef struct moment {
    hd_replay_access *count[HD_MAX_LEVELS][HD_ROLES];
    hd_links links[HD_MAX_LEVELS];
} moment;
hd_status hd_time_snapshot(const run *r, moment *out, hd_error *err);
/* Sum over levels of the cycles since `before`; NULL = since the start. */
int64_t hd_time_since(const run *r, const moment *before);
/* The longest routes of the roles that go inwards, or outwards, as cycles. */
int64_t hd_time_of_routes(const run *r, bool outward);
/* Cycles of levels and of work, and the latency. */
void hd_time_finish(run *r);

#endif
