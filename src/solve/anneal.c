/* The baseline M of KAPLA's study: boosted trees learn from prices which schemes are cheap, simulated annealing asks them
 * where to price next.  The paper's parameters; the defects of its code mended, docs/baselines.md names them. */
#include "solve/anneal.h"

#include <math.h>

#include "base/count.h"

enum { TRIALS, BATCHES, POINTS, STEPS, TREES };

static const hd_option options[] = {
    [TRIALS] = {"trials", "schemes priced where no number of evaluations is given", 1024, 1, 1e12},
    [BATCHES] = {"batches", "batches of prices; the trees are trained after each", 8, 1, 1000},
    [POINTS] = {"points", "schemes that are annealed together", 512, 1, 4096},
    [STEPS] = {"steps", "moves of each of them after a training, at most", 500, 1, 100000},
    [TREES] = {"trees", "boosted trees, of depth 3", 10, 1, 1000},
    {NULL, NULL, 0, 0, 0},
};

/* ---- memory ---- */

static hd_status alloc_trials(hd_trials *t, int64_t room, int columns, hd_arena *arena, hd_error *err)
{
    size_t n = (size_t)room;
    t->room = room;
    t->row = hd_arena_alloc(arena, n, (size_t)columns * sizeof *t->row);
    t->label = hd_arena_alloc(arena, n, sizeof *t->label);
    t->cost = hd_arena_alloc(arena, n, sizeof *t->cost);
    t->key = hd_arena_alloc(arena, n, sizeof *t->key);
    t->sorted = hd_arena_alloc(arena, n, sizeof *t->sorted);
    return t->row && t->label && t->cost && t->key && t->sorted ? HD_OK : hd_fail_memory(err);
}

static hd_status alloc(hd_anneal *a, int points, int64_t room, hd_arena *arena, hd_error *err)
{
    size_t n = (size_t)points, wishes = (size_t)a->wishes.room;
    a->point = hd_arena_alloc(arena, n, sizeof *a->point);
    a->moved = hd_arena_alloc(arena, n, sizeof *a->moved);
    a->walk = hd_arena_alloc(arena, n, sizeof *a->walk);
    a->row = hd_arena_alloc(arena, n, (size_t)a->columns * sizeof *a->row);
    a->moved_row = hd_arena_alloc(arena, n, (size_t)a->columns * sizeof *a->moved_row);
    a->score = hd_arena_alloc(arena, n, sizeof *a->score);
    a->moved_score = hd_arena_alloc(arena, n, sizeof *a->moved_score);
    a->wishes.wish = hd_arena_alloc(arena, wishes, sizeof *a->wishes.wish);
    a->wishes.draft = hd_arena_alloc(arena, wishes, sizeof *a->wishes.draft);
    if (!a->point || !a->moved || !a->walk || !a->row || !a->moved_row) return hd_fail_memory(err);
    if (!a->score || !a->moved_score || !a->wishes.wish || !a->wishes.draft) return hd_fail_memory(err);
    return alloc_trials(&a->trials, room, a->columns, arena, err);
}

/* ---- prices and what is learned from them ---- */

static void measure(hd_anneal *a, const hd_draft *draft, const hd_scheme *scheme)
{
    hd_trials *t = &a->trials;
    double cost = hd_incumbent_offer(a->inc, a->budget, scheme);
    if (!isfinite(cost)) return;
    float *row = t->row + (size_t)t->next * (size_t)a->columns;
    hd_draft_features(a->form, draft, NULL, NULL, row);
    t->key[t->next] = hd_features_key(row, a->columns);
    t->cost[t->next] = cost;
    t->next = (t->next + 1) % t->room;
    t->count = hd_count_min(t->count + 1, t->room);
}

/* The wishes but the last twentieth, then draws by chance; false where those do not fit for too long. */
static bool measure_batch(hd_anneal *a, int64_t most)
{
    enum { MISSES = 2000 };
    int64_t misses = 0, wished = a->wishes.count - a->wishes.count / 20;
    int64_t end = hd_count_min(most, a->budget->used + a->batch);
    hd_scheme scheme;
    hd_draft draft;
    for (int64_t i = 0; a->budget->used < end && misses < MISSES && !hd_budget_out(a->budget); i++) {
        if (i < wished) draft = a->wishes.draft[a->wishes.wish[i].at];
        bool fits = i < wished ? hd_draft_decode(a->form, &draft, &scheme)
                               : hd_draft_draw(a->form, a->random, a->inc, &draft, &scheme);
        if (fits) measure(a, &draft, &scheme);
        misses = fits ? 0 : misses + 1;
    }
    return misses < MISSES;
}

static hd_status learn(hd_anneal *a, int trees, hd_error *err)
{
    const hd_boost_options o = {.trees = trees, .depth = 3, .rate = 0.3, .least_gain = 1e-4, .ridge = 1};
    hd_trials *t = &a->trials;
    hd_boost *boost = NULL;
    double most = 0;
    a->wishes.count = 0;
    if (t->count < 2) return HD_OK;
    for (int64_t i = 0; i < t->count; i++) most = fmax(most, t->cost[i]);
    for (int64_t i = 0; i < t->count; i++) t->label[i] = most > 0 ? (float)(t->cost[i] / most) : 0;
    HD_TRY(hd_boost_train(&o, t->row, t->count, a->columns, t->label, &boost, err));
    hd_status status = hd_anneal_wish(a, boost, err);
    hd_boost_free(boost);
    return status;
}

/* ---- the search ---- */

static void draw_points(hd_anneal *a, int wanted)
{
    enum { TRIES = 4 };
    hd_scheme scheme;
    for (int i = 0; i < TRIES * wanted && a->points < wanted && !hd_budget_out(a->budget); i++)
        a->points += hd_draft_draw(a->form, a->random, a->inc, &a->point[a->points], &scheme);
}

static hd_status search(hd_anneal *a, int64_t most, const double *value, hd_arena *arena, hd_error *err)
{
    enum { ROOM = 1 << 14, LEAST = 16 };
    int points = (int)value[POINTS];
    int64_t planned = most == HD_NO_END ? (int64_t)value[TRIALS] : most;
    a->columns = hd_draft_feature_count(a->form);
    a->steps = (int)value[STEPS];
    a->batch = hd_count_min(ROOM / 4, hd_count_max(LEAST, hd_count_ceil_div(planned, (int64_t)value[BATCHES])));
    a->wishes.room = (int)(a->batch * 100 / 128); /* the paper's plan of a batch */
    HD_TRY(alloc(a, points, hd_count_min(ROOM, most), arena, err));
    draw_points(a, points);
    while (a->points > 0 && measure_batch(a, most) && a->budget->used < most && !hd_budget_out(a->budget))
        HD_TRY(learn(a, (int)value[TREES], err));
    return HD_OK;
}

static hd_status run(const hd_solver *self, const hd_space *space, const double *option_values, hd_budget *budget,
                     hd_random *random, hd_arena *arena, hd_incumbent *incumbent, hd_error *err)
{
    double value[TREES + 1];
    for (int i = 0; i <= TREES; i++) value[i] = option_values ? option_values[i] : self->options[i].standard;
    int64_t most = budget->evaluations > 0 ? budget->evaluations : (int64_t)value[TRIALS];
    hd_form *form = hd_arena_alloc(arena, 1, sizeof *form);
    hd_draft least;
    if (!form) return hd_fail_memory(err);
    incumbent->space = space;
    HD_TRY(hd_form_init(form, space, err));
    hd_start start = hd_offer_least(form, budget, incumbent, &least);
    hd_anneal a = {.form = form, .inc = incumbent, .budget = budget, .random = random};
    if (start != HD_START_NONE && !form->verbatim && !form->unknown) HD_TRY(search(&a, most, value, arena, err));
    hd_incumbent_close(incumbent, budget, start == HD_START_NONE || form->verbatim);
    return HD_OK;
}

const hd_solver hd_solver_anneal = {
    .name = "anneal",
    .title = "annealing guided by boosted trees",
    .paper = "the baseline M of KAPLA (Li and Gao 2023)",
    .traits = HD_SOLVER_RANDOMISED | HD_SOLVER_ANYTIME,
    .options = options,
    .run = run,
};
