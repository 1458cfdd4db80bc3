/* What all native prices of one problem have in common, worked out once: plain data that borrows the problem. */
#ifndef HD_COST_NATIVE_READY_H
#define HD_COST_NATIVE_READY_H

#include "dataflow/scheme.h"

/* The fan-out axis into a level as a bit. */
#define NEST_STACK(level, axis) (1u << (HD_AXES * (level) + (axis)))

enum { NATIVE_WINDOWS = 3 }; /* of one role on the straight road */

/* A rank that is not plain, in doubles; of one dim: that dim again, times 0. */
typedef struct nest_window { int dim[HD_MAX_TERMS]; double coef[HD_MAX_TERMS]; } nest_window;

/* The same in whole numbers, and how many words the rank has. */
typedef struct nest_reach { int dim[HD_MAX_TERMS]; int64_t coef[HD_MAX_TERMS], extent; } nest_reach;

/* The factors of a role's words: its ranks, and the dims it lacks that turn. */
typedef struct nest_role {
    hd_role role;
    int home;
    unsigned dims, absent;         /* bit sets of dims: of its ranks; those of more than one index that it lacks */
    unsigned general;              /* dims of ranks that are not plain */
    bool open;                     /* no rank is clipped */
    int ranks;
    struct { const hd_rank *rank; int dim; bool open; } of[HD_MAX_RANKS]; /* dim -1: not plain; open: no box is clipped */
    int plains, plain[HD_MAX_RANKS]; /* dims of plain ranks, those of more than one index */
    int generals, number[HD_MAX_RANKS]; /* ranks that are not plain: how many, which */
    int general_of[HD_MAX_DIMS];   /* of their dims: place in `number` */
    nest_window window[NATIVE_WINDOWS]; /* the first of them */
    nest_reach reach[HD_MAX_RANKS]; /* all of them */
    int64_t words, whole;          /* of the plain ranks, multiplied; of the tile that holds every dim whole */
    int64_t points;                /* points of the operator whose word of the role is no padding */
    int64_t touched;               /* distinct words of the role that some point has */
    bool held_at_mac;              /* it is in the operand register of the units that do the work */
    unsigned delivered;            /* levels inside of its home whose deliveries have a price, as bits */
    unsigned crossed;              /* levels that are meshes on its way, as bits */
    unsigned wires;                /* of a ready problem: fan-outs that deliver it to many (of O: that add), as NEST_STACK bits */
} nest_role;

/* Columns (or rows) where ports stand, each once. */
typedef struct ready_ports { int n, at[HD_MAX_PORTS]; } ready_ports;

/* What moving an element of a role costs at a level and in the network into it: words of the level in one, energies of a word. */
typedef struct native_pj { double words, read, fill, update, delivery, hop; } native_pj;

/* Bits that the ports of one instance pass in a cycle; 0 = as many as there are. */
typedef struct native_rate { double shared, read, write; } native_rate;

/* What a level has room for, in its words: for all tiles together and for those of one role, no more than INT64_MAX. */
typedef struct native_room {
    int64_t capacity, most[HD_ROLES];
    unsigned odd;                  /* roles whose elements are no words of its size, as HD_ROLE_BIT bits */
    bool twice;                    /* tiles that come from outside take twice their words, unless buffers are whole */
    unsigned inside;               /* roles that live further out, as HD_ROLE_BIT bits */
    int64_t living;                /* words of the tensors that live here */
    bool too_small;                /* for one of them alone */
} native_room;

typedef struct native_ready {
    const hd_problem *p;
    int mac;                       /* index of the arithmetic level */
    int roles;
    nest_role role[HD_ROLES];      /* those that the operator has, in order */
    unsigned moving;               /* their roles, and that of fused residuals, as HD_ROLE_BIT bits */
    int number[HD_ROLES];          /* of a role: which of `role` it is */
    int order[HD_ROLES];           /* numbers of `role`: those of plain ranks first, which are soon counted */
    double floor_pj[HD_ROLES];     /* of each role: no scheme moves it for less; 0 until hd_native_floors */
    double inner_pj[HD_ROLES];     /* the same, but for what moves at its home, where a level inside keeps it */
    bool shares;                   /* nodes of a mesh may hold a tile together */
    unsigned having[HD_MAX_DIMS];  /* which of them have the dim, as bits */
    bool even;                     /* the straight road of meshes may serve (even_mesh.h): ranks are plain or a few open windows,
                                    * no operand register, no row is read twice, and no count of bits reaches 2^53 */
    bool straight;                 /* and the other one, too (even_lanes.h): O has no windows */
    bool meshed;                   /* a level is a mesh of nodes */
    bool whole_buffers;            /* no room is set aside for words under way, whatever the chip says; for a model to say */
    int mesh;                      /* the only such level, where it is simple (even_mesh.h); else -1 */
    ready_ports port[HD_ROLES][HD_AXES]; /* its ports: for a role, every column with every row */
    unsigned paid;                 /* levels with a price of the network into them, as bits */
    unsigned limited;              /* levels with a bandwidth, as bits */
    unsigned bounded;              /* levels with a capacity, as bits */
    unsigned multicast[HD_ROLES], reduce; /* wires that deliver a role to many, that add, as NEST_STACK bits */
    int64_t points;
    double extent[HD_MAX_DIMS];
    int64_t vector_cycles;         /* of the chip's vector units for all their work; 0 where they have no rate */
    int64_t instances[HD_MAX_LEVELS];
    int64_t bits[HD_MAX_LEVELS][HD_ROLES];        /* of one element */
    int64_t port_bits[HD_MAX_LEVELS][HD_ROLES];   /* the same as it passes the level's ports; 0 where it does not */
    native_rate rate[HD_MAX_LEVELS];
    native_room room[HD_MAX_LEVELS];
    native_pj pj[HD_MAX_LEVELS][HD_ROLES];
    double mac_pj, vector_pj;
} native_ready;

void hd_native_ready(native_ready *out, const hd_problem *p);
/* Fill `floor_pj` and `inner_pj`: worth it for whoever asks for many prices. */
void hd_native_floors(native_ready *ready);
/* Fill `number` and `room` (room.c). */
void hd_native_set_rooms(native_ready *ready);
/* One role alone, without its wires. */
void hd_nest_role(const hd_problem *p, hd_role role, nest_role *out);
/* Words of the role's tile in a box of these extents. */
static inline int64_t hd_nest_tile(const int64_t *box, const nest_role *role)
{
    int64_t words = 1;
    for (int i = 0; i < role->plains; i++) words *= box[role->plain[i]];
    for (int i = 0; i < role->generals; i++) {
        const nest_reach *r = &role->reach[i];
        int64_t hull = 1 + r->coef[0] * (box[r->dim[0]] - 1) + r->coef[1] * (box[r->dim[1]] - 1);
        words *= hull < r->extent ? hull : r->extent;
    }
    return words;
}

/* Bits that one element of the role takes at a level (partial sums inside the home of O may be wider). */
int hd_native_bits(const hd_problem *p, int level, hd_role role);
/* One dim, coefficient one, no padding: boxes of different states never overlap and are never clipped. */
static inline bool hd_rank_is_plain(const hd_operator *op, const hd_rank *r)
{
    return r->terms == 1 && r->term[0].coef == 1 && r->offset == 0 && op->dim[r->term[0].dim].extent <= r->extent;
}
/* Does no box of the rank reach outside the tensor? */
bool hd_rank_is_open(const hd_operator *op, const hd_rank *rank);
/* Distinct coordinates of a rank that some point of the nest touches. */
int64_t hd_rank_touched(const hd_operator *op, const hd_rank *rank);
/* Points of the rank's own dims whose coordinate is inside the tensor. */
int64_t hd_rank_real_points(const hd_operator *op, const hd_rank *rank);

#endif
