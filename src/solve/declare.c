/* A space in the words of a proof: what may be kept, unrolled, ordered, and how many schemes that makes. */
#include <string.h>

#include "solve/optimal_ledger.h"

/* Steps are noted, and recounted, for spaces of so many schemes at most. */
enum { STEPWISE = 2000000 };

static bool has_no_limits(const hd_space *space)
{
    return !space->pin && !space->constraints && space->all_orders;
}

void hd_form_declare(const hd_form *form, hd_proof *proof)
{
    const hd_space *space = form->space;
    proof->counted = !form->verbatim && form->refusal.kind == HD_LEGAL && hd_space_count(form, &proof->size, &proof->orders);
    proof->plain = has_no_limits(space);
    proof->ragged = space->ragged;
    proof->levels = form->levels;
    memcpy(proof->unroll, space->unroll, sizeof proof->unroll);
    memcpy(proof->keep_most, form->keep_most, sizeof proof->keep_most);
    memcpy(proof->keep_free, form->keep_free, sizeof proof->keep_free);
    hd_wide limit = hd_wide_of(STEPWISE);
    proof->stepwise = proof->counted && proof->plain && hd_wide_compare(&proof->size, &limit) <= 0;
}
