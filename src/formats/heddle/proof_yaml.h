/* Proofs as text: `heddle: proof/1` is a schedule with a list of proofs behind it (docs/optimal.md). */
#ifndef HD_FORMATS_HEDDLE_PROOF_YAML_H
#define HD_FORMATS_HEDDLE_PROOF_YAML_H

#include "audit/recount.h"
#include "formats/heddle/schedule_yaml.h"

/* What is claimed of some layers of a schedule. */
typedef struct hd_proof_file {
    hd_arena *arena;
    hd_schedule *schedule;
    int claims;
    int *layer;                       /* of each claim */
    hd_problem *problem;              /* without model and settings: these are the schedule's */
    hd_claim *claim;
} hd_proof_file;

/* The proofs of a plan that was solved with `proofs`. */
hd_status hd_proofs_write(const hd_plan *plan, hd_text *text, hd_error *err);
hd_status hd_proofs_read_file(const char *path, hd_proof_file **out, hd_error *err);
void hd_proofs_free(hd_proof_file *file); /* NULL is fine */
/* Does the file say that it is one? */
bool hd_proofs_are_in(const char *path);

#endif
