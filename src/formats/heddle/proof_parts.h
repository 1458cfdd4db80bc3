/* The steps of a proof, and the small readers that they share with the rest of it. */
#ifndef HD_FORMATS_HEDDLE_PROOF_PARTS_H
#define HD_FORMATS_HEDDLE_PROOF_PARTS_H

#include "formats/heddle/proof_yaml.h"
#include "syntax/tree.h"

/* One proof being read. */
typedef struct hd_proof_reader {
    const hd_schedule *schedule;
    const hd_operator *op;
    int layer, level;
    hd_claim *claim;
    hd_proof *proof;
} hd_proof_reader;

hd_status hd_proof_read_parts(const hd_node *list, hd_proof_reader *r, hd_error *err);

hd_status hd_proof_read_argument(const hd_node *v, hd_argument *out, hd_error *err);
hd_status hd_proof_read_bound(const hd_node *v, const char *what, double *out, hd_error *err); /* null = INFINITY */
hd_status hd_proof_read_depth(const hd_node *v, int *out, hd_error *err);
hd_status hd_proof_read_dim(const hd_node *v, const hd_operator *op, int *out, hd_error *err);
hd_status hd_proof_read_level(const hd_node *v, const hd_arch *arch, int *out, hd_error *err);

#endif
