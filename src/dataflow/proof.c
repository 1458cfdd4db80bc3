/* Sums of a proof: see proof.h. */
#include "dataflow/proof.h"

#include <math.h>

hd_proof *hd_proof_new(void)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_proof *proof = arena ? hd_arena_alloc(arena, 1, sizeof *proof) : NULL;
    if (!proof) {
        hd_arena_free(arena);
        return NULL;
    }
    proof->arena = arena;
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) proof->sum[a][d] = (hd_proof_sum){.bound = INFINITY, .log10 = NAN};
    proof->log10 = NAN;
    return proof;
}

void hd_proof_free(hd_proof *proof)
{
    if (proof) hd_arena_free(proof->arena);
}

void hd_proof_add(hd_proof *proof, hd_argument argument, int depth, const hd_wide *size, double bound)
{
    hd_proof_sum *sum = &proof->sum[argument][depth];
    if (hd_wide_is_zero(size)) return;
    hd_wide_add(&sum->size, size);
    sum->times++;
    sum->bound = fmin(sum->bound, bound);
}

hd_wide hd_proof_rest(const hd_proof *proof)
{
    hd_wide rest = proof->size;
    for (int a = 0; a < HD_ARGUMENTS; a++)
        for (int d = 0; d < HD_PROOF_DEPTHS; d++) hd_wide_subtract(&rest, &proof->sum[a][d].size);
    return rest;
}

const char *hd_argument_name(hd_argument argument)
{
    static const char *const name[HD_ARGUMENTS] = {"bound", "room", "price", "order", "merging", "unseen"};
    return name[argument];
}
