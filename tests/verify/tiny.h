/* One small product on one small chip, counted by hand in the tests of this folder. */
#ifndef HD_TESTS_VERIFY_TINY_H
#define HD_TESTS_VERIFY_TINY_H

#include "dataflow/scheme.h"

/* M=2 N=3 K=4 on DRAM - BUF - MAC: BUF holds one row of M, the MACs go through K inside N. */
typedef struct tiny {
    hd_operator op;
    hd_arch arch;
    hd_problem problem;
    hd_scheme scheme;
} tiny;

void tiny_product(tiny *out);
/* Two MACs side by side on N: its last piece leaves one of them idle. */
void tiny_ragged(tiny *out);

#endif
