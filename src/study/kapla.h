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

typedef struct hd_kapla_run { const hd_setting *setting; hd_overheads *of; } hd_kapla_run;
typedef struct hd_kapla_bench { int runs; hd_kapla_run *run; } hd_kapla_bench;

/* A network under one method: sums over its layers, each as often as it occurs. */
typedef struct hd_standing {
    double cost, energy_pj, cycles, seconds;
    int64_t evaluations;
    int missing;                 /* operators without a schedule by this method */
} hd_standing;
/* method -1 = the judge of the run. */
void hd_kapla_standing(const hd_overheads *x, int pair, int method, hd_standing *out);
/* The least cost that anybody found, operator by operator; a lower bound; are all operators proved? */
void hd_kapla_best(const hd_overheads *x, int pair, double *cost, double *lower_bound, bool *proved);

void hd_kapla_table(const hd_kapla_bench *b, hd_text *text);
void hd_kapla_json(const hd_kapla_bench *b, bool reproducible, const char *version, hd_text *text);
void hd_kapla_csv(const hd_kapla_bench *b, bool reproducible, hd_text *text);

#endif
