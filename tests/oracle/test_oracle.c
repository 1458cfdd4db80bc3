/* The oracle: random operators, machines and schemes; the native price must equal the replay in every count.
 *   test_oracle [--cases N] [--seed S] [--laws] [--go-on]   --laws: replay and its conservation laws only, no
 * price;
 *                                                   --go-on: do not stop at the first difference
 * Prints the first difference in full, made as small as it goes, and which features the cases covered. */
#include <stdlib.h>
#include <string.h>

#include "oracle_check.h"
#include "verify/sample.h"

enum { LEAST_PERCENT = 5, MOST_PERCENT_NOT_SERVED = 2, SAMPLE_EVERY = 8, SAMPLE_POINTS = 40 };

typedef struct tally {
    int64_t cases, same, not_served, samples, steps, points, feature[ORACLE_FEATURES];
} tally;

static void print_failure(const oracle_recipe *recipe, bool laws_only, const char *title) {
    oracle_case c;
    hd_replay replay;
    hd_breakdown price;
    char why[512];
    if (!oracle_case_build(recipe, &c)) return;
    oracle_judge(&c, laws_only, &replay, &price, why);
    printf("---- %s: %s\n", title, why);
    oracle_case_print(stdout, &c);
    oracle_print_counts(stdout, &c, &price, &replay);
}

/* The two small stand-ins of a case must be legal and agree as well. */
static bool try_samples(const oracle_case *c, uint64_t seed, bool laws_only, tally *t) {
    for (int kind = 0; kind < 2; kind++) {
        oracle_case small = *c;
        hd_replay replay;
        hd_breakdown price;
        hd_error err = {0};
        char why[512];
        hd_status status = kind == 0 ? hd_sample_scale(&c->problem, &c->scheme, SAMPLE_POINTS, &small.op,
                                                       &small.problem, &small.scheme, &err)
                                     : hd_sample_window(&c->problem, &c->scheme, SAMPLE_POINTS, seed,
                                                        &small.op, &small.problem, &small.scheme, &err);
        small.problem.arch = &small.recipe.arch;
        oracle_verdict verdict = ORACLE_ILLEGAL;
        if (status == HD_OK) verdict = oracle_judge(&small, laws_only, &replay, &price, why);
        t->samples += verdict == ORACLE_SAME;
        bool small_enough = hd_operator_points(&small.op) <= SAMPLE_POINTS;
        if ((verdict == ORACLE_SAME || verdict == ORACLE_NOT_SERVED) && small_enough) continue;
        printf("---- %s: %s%s\n", kind == 0 ? "scaled down" : "window", err.message,
               status == HD_OK ? why : "");
        oracle_case_print(stdout, c);
        oracle_case_print(stdout, &small);
        if (status == HD_OK) oracle_print_counts(stdout, &small, &price, &replay);
        return false;
    }
    return true;
}

/* One case; false if it fails, told in full. */
static bool try_case(uint64_t seed, int64_t number, bool laws_only, tally *t) {
    hd_random random;
    oracle_recipe recipe;
    oracle_case c;
    hd_replay replay;
    hd_breakdown price;
    char why[512];
    hd_random_seed(&random, seed, (uint64_t)number);
    oracle_recipe_draw(&random, &recipe);
    if (!oracle_case_build(&recipe, &c)) {
        printf("case %lld of seed %llu cannot be built\n", (long long)number, (unsigned long long)seed);
        return false;
    }
    oracle_verdict verdict = oracle_judge(&c, laws_only, &replay, &price, why);
    if (verdict == ORACLE_SAME) {
        unsigned features = oracle_features(&c, &replay);
        for (int f = 0; f < ORACLE_FEATURES; f++) t->feature[f] += features >> f & 1u;
        t->steps += replay.steps;
        t->points += replay.computes;
        t->same++;
        return number % SAMPLE_EVERY != 0 || try_samples(&c, (uint64_t)number, laws_only, t);
    }
    if (verdict == ORACLE_NOT_SERVED) {
        t->not_served++;
        return true;
    }
    printf("case %lld of seed %llu\n", (long long)number, (unsigned long long)seed);
    print_failure(&recipe, laws_only, "as drawn");
    if (verdict != ORACLE_DIFFERS && verdict != ORACLE_LAW) return false;
    oracle_shrink(&recipe, laws_only);
    print_failure(&recipe, laws_only, "made small");
    return false;
}

static bool report(const tally *t) {
    bool covered = t->not_served * 100 <= t->cases * MOST_PERCENT_NOT_SERVED;
    printf("%lld cases, %lld equal in every count, %lld refused by the model; %lld stand-ins equal; %lld "
           "steps and %lld "
           "points replayed\n",
           (long long)t->cases, (long long)t->same, (long long)t->not_served, (long long)t->samples,
           (long long)t->steps, (long long)t->points);
    for (int f = 0; f < ORACLE_FEATURES; f++) {
        bool enough = t->feature[f] * 100 >= t->cases * LEAST_PERCENT;
        covered = covered && enough;
        printf("  %-32s %8lld  %5.1f %%%s\n", oracle_feature_name[f], (long long)t->feature[f],
               100.0 * (double)t->feature[f] / (double)(t->cases ? t->cases : 1), enough ? "" : "   too few");
    }
    return covered;
}

int main(int argc, char **argv) {
    int64_t cases = 20000;
    uint64_t seed = 1;
    bool laws_only = false, go_on = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--cases") == 0 && i + 1 < argc)
            cases = strtoll(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--laws") == 0)
            laws_only = true;
        else if (strcmp(argv[i], "--go-on") == 0)
            go_on = true;
        else {
            fprintf(stderr, "usage: test_oracle [--cases N] [--seed S] [--laws] [--go-on]\n");
            return 2;
        }
    }
    tally t = {.cases = cases};
    bool all_same = true;
    for (int64_t i = 0; i < cases && (all_same || go_on); i++)
        all_same = try_case(seed, i, laws_only, &t) && all_same;
    bool covered = all_same && report(&t);
    if (!all_same) printf("%lld of %lld cases equal\n", (long long)t.same, (long long)t.cases);
    return all_same && covered ? 0 : 1;
}
