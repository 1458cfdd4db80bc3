/* How many prices per second?  Legal decoded schemes of a 7-dim convolution on a 3-level machine, half of them ragged,
 * all counts and cycles; decoding and capacity are outside the clock.                                     */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chip.h"
#include "solve/draft.h"
#include "workload/kinds.h"

enum { SCHEMES = 2000 };

/* Draw from the space and shrink until it fits, half from divisors, half from ragged sizes. */
static hd_status draw(const hd_problem *p, bool ragged, uint64_t seed, hd_scheme *out, int count, hd_error *err)
{
    hd_space space;
    hd_form *form = malloc(sizeof *form);
    hd_random random;
    hd_space_init(&space, p, HD_SPACE_FREE, ragged, false);
    hd_random_seed(&random, seed, ragged);
    hd_status status = form ? hd_form_init(form, &space, err) : hd_fail_memory(err);
    for (int n = 0; status == HD_OK && n < count;) {
        hd_draft draft;
        hd_draft_sample(form, &random, &draft);
        while (hd_draft_decode(form, &draft, &out[n]) && !hd_model_native.fits(p, &out[n], NULL) &&
               hd_draft_shrink(form, &random, &draft)) continue;
        if (hd_scheme_is_legal(p, &out[n], NULL) && hd_model_native.fits(p, &out[n], NULL)) n++;
    }
    free(form);
    return status;
}

static hd_status run(double seconds, hd_error *err)
{
    hd_arch chip;
    hd_operator op;
    hd_scheme *scheme = malloc(SCHEMES * sizeof *scheme);
    hd_breakdown price;
    double sum = 0, used = 0;
    int64_t prices = 0;
    HD_TRY(bench_chip(&chip, err));
    HD_TRY(hd_kind_parse("conv(N=4,K=96,C=48,P=27,Q=27,R=5,S=5)", &op, err));
    hd_problem p = {.op = &op, .arch = &chip};
    if (!scheme) return hd_fail_memory(err);
    hd_status status = draw(&p, false, 1, scheme, SCHEMES / 2, err);
    if (status == HD_OK) status = draw(&p, true, 1, scheme + SCHEMES / 2, SCHEMES / 2, err);
    clock_t start = clock();
    while (status == HD_OK && used < seconds) {
        for (int i = 0; i < SCHEMES; i++) {
            hd_model_native.price(&p, &scheme[i], &price);
            sum += price.energy_pj;
        }
        prices += SCHEMES;
        used = (double)(clock() - start) / CLOCKS_PER_SEC;
    }
    free(scheme);
    if (prices > 0) printf("%.0f prices per CPU second (%lld in %.2f s, mean %.6g pJ)\n", (double)prices / used,
                           (long long)prices, used, sum / (double)prices);
    return status;
}

int main(int argc, char **argv)
{
    hd_error err = {0};
    hd_status status = run(argc > 1 ? strtod(argv[1], NULL) : 1.0, &err);
    if (status != HD_OK) fprintf(stderr, "%s\n", err.message);
    return status == HD_OK ? 0 : 1;
}
