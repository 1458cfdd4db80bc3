/* A chip: memory levels, outermost first, ending in the arithmetic level MAC without storage.
 * Immutable after hd_arch_check; freely shared by threads.  DESIGN section 2.
 * Role indices are those of workload (W I O I2) but this folder does not see workload: plain 0..3.  */
#ifndef HD_ARCH_ARCH_H
#define HD_ARCH_ARCH_H

#include "base/error.h"

enum { HD_MAX_LEVELS = 12, HD_ARCH_ROLES = 4, HD_AXES = 2 };
enum { HD_X = 0, HD_Y = 1 };
enum { HD_MAX_PORTS = 32 };

typedef enum hd_template { HD_FREE, HD_ROW_STATIONARY, HD_WEIGHT_STATIONARY, HD_OUTPUT_STATIONARY } hd_template;

/* What only the timeloop model reads (`timeloop:` in chip files); zeros are Timeloop's standards. */
typedef struct hd_timeloop_level {
    int64_t block_size;            /* words per vector access; the energies of the level stay per word */
    int64_t cluster_size;          /* instances that share one vector access */
    double multiple_buffering;     /* the capacity is divided by it */
    double min_utilization;        /* least share of the capacity in use */
    unsigned no_reuse;             /* roles whose tile is fetched anew at every step of the level's loops */
    /* the network of the fan-out into this level */
    unsigned no_links;             /* roles that neighbours do not forward */
    double hop_pj, router_pj, ingress_pj;             /* per word and hop, router touched, access */
    int64_t network_fill_cycles, network_drain_cycles;
} hd_timeloop_level;

/* The instances of a level as nodes of a 2-D mesh (`mesh:` instead of `fanout:`); node (x, y), 0 <= x < fan[HD_X].
 * Words of the level outside enter and leave at its ports and pay every link of an X-then-Y tree. */
typedef struct hd_mesh {
    int ports;                     /* 0 = no mesh, plain wires */
    int port[HD_MAX_PORTS][HD_AXES];
    double hop_pj;                 /* per word and link */
    int64_t hop_cycles;
    double link_bw;                /* words per cycle and link; 0 = unlimited */
    bool share;                    /* nodes with equal tiles hold a part each and pass it round */
    /* set for regions only (region.h): ports may lie outside it; roles that have ports of their own, and whose port it is */
    bool part;
    unsigned gated, port_roles[HD_MAX_PORTS];
} hd_mesh;

typedef struct hd_level {
    char name[64];
    int word_bits;
    bool bounded;                              /* has a capacity at all */
    bool per_role;                             /* role_capacity instead of the shared pool */
    int64_t capacity;                          /* words of the shared pool */
    int64_t role_capacity[HD_ARCH_ROLES];      /* words per role */
    unsigned keeps;                            /* bit set of roles it may keep */
    bool double_buffer;                        /* kept tiles occupy twice their words; transfers overlap */
    double read_pj[HD_ARCH_ROLES], fill_pj[HD_ARCH_ROLES], update_pj[HD_ARCH_ROLES]; /* per word */
    double read_bw, write_bw, shared_bw;       /* words per cycle per instance; 0 = unlimited; all that are given hold */
    /* copies of this level per instance of the level outside */
    int64_t fan[HD_AXES];                      /* 1 x 1 when there is no fanout */
    unsigned multicast[HD_AXES];               /* roles that a wire along the axis delivers to many at once */
    bool reduce[HD_AXES];                      /* partial sums are added along the axis */
    double delivery_pj[HD_ARCH_ROLES];         /* per word and receiving (O: also sending) instance */
    bool limited[HD_AXES];                     /* `spatial:` given: only these dims may unroll on the axis */
    char allowed[HD_AXES][96];                 /* space separated dim names, with a space at both ends */
    unsigned elsewhere;                        /* outermost level of a region (region.h): roles that use no bandwidth of it */
    unsigned operand_register;                 /* MAC level: roles whose word is reused without a new read */
    hd_mesh mesh;
    hd_timeloop_level timeloop;
} hd_level;

typedef struct hd_arch {
    char name[64];
    double clock_mhz, mac_pj, static_pj_per_cycle;
    int vector_at;                             /* level whose tiles vector work reads; levels - 1 = the MACs */
    double vector_per_cycle;                   /* operations per cycle, whole chip; 0 = one per MAC unit */
    double vector_pj;                          /* per operation */
    hd_template template_;
    int levels;                                /* >= 2; the last one is MAC */
    hd_level level[HD_MAX_LEVELS];
    uint64_t hash;                             /* content hash of all that prices see */
} hd_arch;

/* Check invariants and compute the hash.  Messages name the level and the field. */
hd_status hd_arch_check(hd_arch *arch, hd_error *err);
/* Parts of it, for readers that know where each part stands: one level, those outside it having passed; one port of it. */
hd_status hd_arch_check_level(const hd_arch *arch, int level, hd_error *err);
hd_status hd_arch_check_port(const hd_level *level, int port, hd_error *err);
/* Instances of a level on the whole chip (product of fan-outs). */
int64_t hd_arch_instances(const hd_arch *arch, int level);
/* Nodes of all its meshes, multiplied; 0 where there is none. */
int64_t hd_arch_nodes(const hd_arch *arch);
/* Do words of the role use this port of the mesh? */
static inline bool hd_mesh_serves(const hd_mesh *mesh, int port, int role)
{
    return mesh->gated >> role & 1u ? mesh->port_roles[port] >> role & 1u : mesh->port_roles[port] == 0;
}
/* May dim `name` unroll along `axis` of the fan-out into `level`? (wires, not templates) */
bool hd_arch_may_unroll(const hd_arch *arch, int level, int axis, const char *name);
int hd_arch_level(const hd_arch *arch, const char *name); /* -1 if absent */
const char *hd_template_name(hd_template t); /* "free" "row-stationary" "weight-stationary" "output-stationary" */
void hd_arch_default_level(hd_level *level); /* word_bits 16, keeps all, fan 1x1, unlimited */

#endif
