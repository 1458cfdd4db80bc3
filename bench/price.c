/* How many prices per second?
 *   price [SECONDS] [--model NAME] [--only divisors|ragged] [--batch] [--op 'conv(...)'] [--timeloop FILE...]
 *
 * native: legal decoded schemes of a 7-dim convolution on a 3-level machine, half of them ragged (or --only one kind).
 * timeloop: the same layer on a 16 x 16 array of the same depth with perfect factors, or what Timeloop's files say,
 * drawn from their constraints.
 * --batch: eight alike schemes at a time: one of those drawn, and seven that differ from it by a factor moved from one of its
 * loops or stacks to another of the same dim.
 * All counts, cycles and energies; decoding and capacity are outside the clock.  The schemes are few enough to stay in
 * the caches, as the one that a search has just made does.                                                         */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalogue/catalogue.h"
#include "chip.h"
#include "dataflow/move.h"
#include "formats/timeloop/timeloop.h"
#include "solve/draft.h"
#include "workload/kinds.h"

enum { SCHEMES = 256, MOST_FILES = 16, MOST_DRAWS = 1000 * SCHEMES };

typedef struct bench {
    const hd_model *model;
    hd_problem problem;
    const hd_constraints *constraints; /* NULL = none */
    const hd_timeloop *files;          /* NULL: the built-in layer */
    hd_scheme *scheme;
    const char *op, *only;             /* NULL: the standard layer; both kinds */
    double seconds;
    bool batch;
} bench;

static bool is_priced(const bench *b, const hd_space *space, const hd_scheme *s)
{
    return hd_scheme_is_legal(&b->problem, s, NULL) && hd_constraints_hold(space, s, NULL) &&
           b->model->fits(&b->problem, s, NULL);
}

/* Draw from the space and shrink until it fits. */
static hd_status draw(const bench *b, bool ragged, uint64_t seed, hd_scheme *out, int count, hd_error *err)
{
    hd_space space;
    hd_form *form = malloc(sizeof *form);
    hd_random random;
    int draws = 0;
    hd_space_init_for(&space, &b->problem, b->model, HD_SPACE_FREE, ragged, false);
    if (b->files) {
        space.constraints = b->constraints;
        memcpy(space.unroll, b->files->unroll, sizeof space.unroll);
    }
    hd_random_seed(&random, seed, ragged);
    hd_status status = form ? hd_form_init(form, &space, err) : hd_fail_memory(err);
    for (int n = 0; status == HD_OK && n < count && draws < MOST_DRAWS; draws++) {
        hd_draft draft;
        hd_draft_sample(form, &random, &draft);
        while (hd_draft_decode(form, &draft, &out[n]) && !b->model->fits(&b->problem, &out[n], NULL) &&
               hd_draft_shrink(form, &random, &draft)) continue;
        if (is_priced(b, &space, &out[n])) n++;
    }
    free(form);
    if (status == HD_OK && draws == MOST_DRAWS) status = hd_fail(err, HD_ERR_USAGE, "too few drawn schemes fit");
    return status;
}

/* Prices per second in the best of slices of SLICE seconds: others who use the machine make the mean worse, never this. */
typedef struct slices {
    double from, best; /* seconds, prices per second */
    int64_t prices;    /* since `from` */
} slices;

static void slice(slices *s, double used, int64_t prices)
{
    const double SLICE = 0.05;
    s->prices += prices;
    if (used - s->from < SLICE) return;
    double now = (double)s->prices / (used - s->from);
    *s = (slices){.from = used, .best = now > s->best ? now : s->best};
}

static hd_status run(bench *b, hd_error *err)
{
    hd_pricer pricer;
    hd_breakdown price;
    slices pace = {0};
    double sum = 0, used = 0;
    int64_t prices = 0;
    bool first = b->only && strcmp(b->only, "ragged") == 0, second = b->only ? first : b->model == &hd_model_native;
    hd_status status = draw(b, first, 1, b->scheme, SCHEMES / 2, err);
    if (status == HD_OK) status = draw(b, second, 2, b->scheme + SCHEMES / 2, SCHEMES / 2, err);
    hd_pricer_init(&pricer, b->model, &b->problem);
    clock_t start = clock();
    while (status == HD_OK && used < b->seconds) {
        for (int i = 0; i < SCHEMES; i++) {
            hd_pricer_price(&pricer, &b->scheme[i], &price);
            sum += price.energy_pj;
        }
        prices += SCHEMES;
        used = (double)(clock() - start) / CLOCKS_PER_SEC;
        slice(&pace, used, SCHEMES);
    }
    if (prices > 0) printf("%s: %.0f prices per CPU second (%lld in %.2f s, best slice %.0f; mean %.6g pJ)\n", b->model->name,
                           (double)prices / used, (long long)prices, used, pace.best, sum / (double)prices);
    return status;
}

/* Seven neighbours of the first scheme, in its own directives; where none is found it stands there again. */
static void draw_family(const bench *b, hd_random *random, hd_scheme family[HD_LANES])
{
    for (int x = 1; x < HD_LANES; x++) {
        family[x] = family[0];
        for (int tries = 0; tries < 1000; tries++) {
            static const int64_t factors[] = {2, 3, 5};
            int dim = (int)hd_random_below(random, b->problem.op->dims), n = hd_scheme_directives(&family[0], dim);
            int64_t factor = factors[hd_random_below(random, 3)];
            if (n < 2) continue;
            int from = (int)hd_random_below(random, n), to = (int)hd_random_below(random, n);
            if (from == to || !hd_scheme_move_factor(&family[x], dim, from, to, factor)) continue;
            if (hd_scheme_is_legal(&b->problem, &family[x], NULL) && b->model->fits(&b->problem, &family[x], NULL)) break;
            family[x] = family[0];
        }
    }
}

static bool price_family(const hd_pricer *pricer, const hd_scheme *family, double *sum)
{
    const hd_scheme *s[HD_LANES];
    hd_batch batch;
    for (int x = 0; x < HD_LANES; x++) s[x] = &family[x];
    if (!hd_pricer_batch(pricer, s, &batch)) return false;
    for (int x = 0; x < HD_LANES; x++) *sum += batch.energy_pj[x];
    return true;
}

/* Families first, then their prices; the sum is compared with that of single prices. */
static hd_status run_batches(bench *b, hd_error *err)
{
    enum { FAMILIES = SCHEMES / HD_LANES };
    hd_pricer pricer;
    hd_random random;
    slices pace = {0};
    double sum = 0, single = 0, used = 0;
    int64_t rounds = 0;
    bool served = true;
    HD_TRY(draw(b, false, 1, b->scheme, FAMILIES, err));
    hd_random_seed(&random, 3, 0);
    for (int i = FAMILIES - 1; i >= 0; i--) {
        b->scheme[i * HD_LANES] = b->scheme[i];
        draw_family(b, &random, &b->scheme[i * HD_LANES]);
    }
    hd_pricer_init(&pricer, b->model, &b->problem);
    for (int i = 0; i < FAMILIES * HD_LANES; i++) {
        hd_breakdown price;
        hd_pricer_price(&pricer, &b->scheme[i], &price);
        single += price.energy_pj;
    }
    clock_t start = clock();
    for (; served && used < b->seconds; rounds++) {
        sum = 0;
        for (int i = 0; i < FAMILIES; i++) served &= price_family(&pricer, &b->scheme[i * HD_LANES], &sum);
        used = (double)(clock() - start) / CLOCKS_PER_SEC;
        slice(&pace, used, FAMILIES * HD_LANES);
    }
    if (!served || sum != single) return hd_fail(err, HD_ERR_INTERNAL, "a batch is refused or differs from its single prices");
    printf("%s in batches of %d: %.0f prices per CPU second (best slice %.0f)\n", b->model->name, (int)HD_LANES,
           (double)(rounds * FAMILIES * HD_LANES) / used, pace.best);
    return HD_OK;
}

static hd_status run_built_in(bench *b, hd_error *err)
{
    hd_arch chip;
    hd_operator op;
    HD_TRY(b->model == &hd_model_native ? bench_chip(&chip, err) : bench_square(&chip, err));
    HD_TRY(hd_kind_parse(b->op ? b->op : "conv(N=4,K=96,C=48,P=27,Q=27,R=5,S=5)", &op, err));
    b->problem.op = &op;
    b->problem.arch = &chip;
    return b->batch ? run_batches(b, err) : run(b, err);
}

static hd_status read_file(const char *path, hd_arena *arena, hd_timeloop_text *out, hd_error *err)
{
    enum { MOST = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *text = hd_arena_alloc(arena, 1, MOST);
    if (!file || !text) {
        if (file) fclose(file);
        return hd_fail(err, HD_ERR_USAGE, "%s cannot be read", path);
    }
    *out = (hd_timeloop_text){path, text, fread(text, 1, MOST, file)};
    fclose(file);
    return HD_OK;
}

static hd_status run_files(bench *b, char **paths, int count, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_timeloop_text text[MOST_FILES];
    hd_timeloop *files = NULL;
    hd_status status = arena ? HD_OK : hd_fail_memory(err);
    for (int i = 0; status == HD_OK && i < count && i < MOST_FILES; i++) status = read_file(paths[i], arena, &text[i], err);
    if (status == HD_OK) status = hd_timeloop_read(text, count < MOST_FILES ? count : MOST_FILES, arena, &files, err);
    if (status == HD_OK) {
        b->problem = files->problem;
        b->constraints = files->has_constraints ? &files->constraints : NULL;
        b->files = files;
        status = run(b, err);
    }
    hd_arena_free(arena);
    return status;
}

int main(int argc, char **argv)
{
    hd_error err = {0};
    bench b = {.model = &hd_model_native, .seconds = 1, .scheme = malloc(SCHEMES * sizeof(hd_scheme))};
    int files = 0;
    hd_status status = b.scheme ? HD_OK : hd_fail_memory(&err);
    for (int i = 1; status == HD_OK && i < argc && !files; i++) {
        if (strcmp(argv[i], "--timeloop") == 0) files = i + 1;
        else if (strcmp(argv[i], "--model") == 0 && i + 1 < argc) status = hd_catalogue_model(argv[++i], &b.model, &err);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) b.only = argv[++i];
        else if (strcmp(argv[i], "--batch") == 0) b.batch = true;
        else if (strcmp(argv[i], "--op") == 0 && i + 1 < argc) b.op = argv[++i];
        else b.seconds = strtod(argv[i], NULL);
    }
    if (b.only && strcmp(b.only, "divisors") != 0 && strcmp(b.only, "ragged") != 0)
        status = hd_fail(&err, HD_ERR_USAGE, "--only: found '%s', expected divisors or ragged", b.only);
    if (status == HD_OK) status = files ? run_files(&b, argv + files, argc - files, &err) : run_built_in(&b, &err);
    free(b.scheme);
    if (status != HD_OK) fprintf(stderr, "%s\n", err.message);
    return status == HD_OK ? 0 : 1;
}
