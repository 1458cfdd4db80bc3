/* KAPLA's comparison (Li & Gao 2023), again and fair: every method on every network of a setting, at one cost model, each
 * against the proved optimum or the best that any method found. */
#ifndef HD_STUDY_KAPLA_H
#define HD_STUDY_KAPLA_H

#include "study/overhead.h"

/* A chip, a batch, inference or training, and the networks that the study runs there. */
typedef struct hd_setting {
    const char *name, *title, *arch;
    int64_t batch;
    bool training;
    const char *nets;            /* names of the zoo, separated by spaces */
} hd_setting;
extern const hd_setting hd_kapla_settings[]; /* ends with a name of NULL */

/* What bounds spare the search between the layers of one network (docs/between-layers.md). */
typedef struct hd_pruning {
    bool done;                   /* false: interrupted, or some layer has no schedule */
    int considered, searched;    /* problems: layers with what may stay on chip */
    int segments;
    double cost, apart, seconds; /* of the network, and with every tensor outside; CPU */
} hd_pruning;

typedef struct hd_kapla_run {
    const hd_setting *setting;
    hd_overheads *of;
    hd_pruning *pruning;         /* one per pair; NULL = not asked for */
} hd_kapla_run;
typedef struct hd_kapla_bench { int runs; hd_kapla_run *run; } hd_kapla_bench;

/* A network under one method: sums over its layers, each as often as it occurs. */
typedef struct hd_standing {
    double cost, energy_pj, cycles, seconds;
    double best;                 /* least cost that anybody found, of the operators that the method has a schedule for */
    double cost_proved, optimum; /* the same two, of those whose optimum the judge proved */
    int64_t evaluations;
    int missing;                 /* operators without a schedule by this method */
    int proved;                  /* operators whose answer the method itself proves to be the best */
    int unfinished;              /* operators of whose space a method that goes through all of it has not seen all */
} hd_standing;
/* method -1 = the judge of the run. */
void hd_kapla_standing(const hd_overheads *x, int pair, int method, hd_standing *out);
const char *hd_kapla_method(const hd_overheads *x, int method);
/* cost / best - 1 over the operators that the method has; NAN where there are none.  And over the proved optima alone. */
double hd_standing_overhead(const hd_standing *s);
double hd_standing_over_optimum(const hd_standing *s);
/* CPU seconds of the judge for each of the method's. */
double hd_kapla_speed_up(const hd_overheads *x, int pair, const hd_standing *s);

/* The measure of a network: the least cost that anybody found, operator by operator; a lower bound; how many operators'
 * optimum the judge proved. */
typedef struct hd_measure { double best, lower_bound; int proved, done, operators; } hd_measure; /* done: not cut off */
void hd_kapla_measure(const hd_overheads *x, int pair, hd_measure *out);

/* Over the networks of a run of which the method solves some: mean and worst overhead, mean over the proved optima, speed-up
 * (geometric mean). */
typedef struct hd_kapla_mean {
    double overhead, worst, over_optimum, speed_up;
    int networks, partial;       /* partial: networks of these with operators missing */
    int with_optimum;            /* networks of over_optimum */
} hd_kapla_mean;
void hd_kapla_mean_of(const hd_overheads *x, int method, hd_kapla_mean *out);

/* The search between layers of every network, by the run's first method. */
hd_status hd_kapla_prune(const hd_overheads *x, hd_inter_layer inter, hd_arena *arena, hd_pruning **out, hd_error *err);

void hd_kapla_table(const hd_kapla_bench *b, hd_text *text);
void hd_kapla_json(const hd_kapla_bench *b, bool reproducible, const char *version, hd_text *text);
void hd_kapla_csv(const hd_kapla_bench *b, bool reproducible, hd_text *text);

#endif
