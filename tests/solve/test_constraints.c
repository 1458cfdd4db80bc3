/* Are constraints honoured?  The constrained space is exactly the part of the free one that meets them, every solver stays
 * in it and finds something where there is something, and what cannot be met is named.                     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "small.h"
#include "solve/draft.h"

/* ---- a model that takes every scheme and notes those that meet the constraints of `wanted` ---- */
enum { MOST_SEEN = 1 << 17 };
typedef struct sight { int n, all; bool arrange; uint64_t hash[MOST_SEEN]; const hd_space *wanted; } sight;
static sight seen;

static uint64_t mix(uint64_t h, int64_t v) { return (h ^ (uint64_t)v) * 1099511628211u; }

/* Field by field: padding bytes say nothing. */
static uint64_t hash_of(const hd_scheme *s)
{
    uint64_t h = 1469598103934665603u;
    for (int l = 0; l < s->levels; l++) {
        const hd_scheme_level *level = &s->level[l];
        h = mix(mix(mix(h, level->keep), level->stacks), level->updates);
        for (int d = 0; d < HD_MAX_DIMS; d++) h = mix(h, level->tensor[d]);
        for (int i = 0; i < level->stacks; i++) {
            const hd_stack *x = &level->stack[i];
            h = mix(mix(mix(mix(h, x->dim), x->axis), x->shift), x->copies);
        }
        for (int i = 0; i < level->updates; i++) h = mix(mix(h, level->update[i].dim), level->update[i].step);
        h ^= h >> 29;
    }
    return h;
}

/* The scheme with its stacks in the order of axes that is asked: a search without constraints has one order only. */
static void arrange(const hd_constraints *c, hd_scheme *s)
{
    for (int l = 1; l < s->levels; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            for (int k = 0; k + 1 < s->level[l].stacks; k++) {
                hd_stack *a = &s->level[l].stack[k], *b = a + 1, moved = *a;
                if (c->axis_rank[l][a->dim] <= c->axis_rank[l][b->dim]) continue;
                *a = *b;
                *b = moved;
            }
}

static bool takes_all(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    (void)p, (void)s;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}

static void note(const hd_problem *p, const hd_scheme *s, hd_breakdown *out)
{
    (void)p;
    hd_scheme arranged = *s;
    memset(out, 0, sizeof *out);
    out->energy_pj = out->edp = 1;
    seen.all++;
    if (seen.arrange) arrange(seen.wanted->constraints, &arranged);
    if (!hd_constraints_hold(seen.wanted, &arranged, NULL)) return;
    assert_true(seen.n < MOST_SEEN);
    seen.hash[seen.n++] = hash_of(&arranged);
}

static const hd_model recorder = {.name = "recorder", .fits = takes_all, .price = note};

static int by_hash(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static int distinct(void)
{
    int m = 0;
    qsort(seen.hash, (size_t)seen.n, sizeof *seen.hash, by_hash);
    for (int i = 0; i < seen.n; i++)
        if (m == 0 || seen.hash[i] != seen.hash[m - 1]) seen.hash[m++] = seen.hash[i];
    return m;
}

/* ---- random constraints ---- */
static hd_limit draw_limit(hd_random *r, int64_t extent)
{
    int64_t n = 1 + hd_random_below(r, extent);
    switch (hd_random_below(r, 8)) {
    case 0: case 1: case 2: return (hd_limit){1, 1};
    case 3: return (hd_limit){n, n};
    case 4: return (hd_limit){0, n};
    case 5: return (hd_limit){n, 0};
    default: return (hd_limit){0, 0};
    }
}

static void draw_order(hd_random *r, hd_constraints *c, int level, int dims)
{
    unsigned char list[HD_MAX_DIMS];
    for (int d = 0; d < dims; d++) list[d] = (unsigned char)d;
    for (int i = dims - 1; i > 0; i--) {
        int j = (int)hd_random_below(r, i + 1);
        unsigned char t = list[i];
        list[i] = list[j];
        list[j] = t;
    }
    c->inner[level] = (int)hd_random_below(r, dims + 1);
    c->outer[level] = (int)hd_random_below(r, dims - c->inner[level] + 1);
    memcpy(c->inner_dim[level], list, sizeof list);
    memcpy(c->outer_dim[level], list + c->inner[level], (size_t)c->outer[level]);
}

/* Which dims first on X: an order with ties, or so many dims on an axis. */
static void draw_axes(hd_random *r, hd_constraints *c, int level, int dims)
{
    int64_t ranks = 1 + hd_random_below(r, dims);
    for (int d = 0; d < dims; d++) c->axis_rank[level][d] = (unsigned char)hd_random_below(r, ranks);
    c->axis_open[level] = (unsigned)hd_random_below(r, 1 << dims);
    if (hd_random_below(r, 2) == 0) return;
    int64_t axis = hd_random_below(r, HD_AXES);
    c->axis_dims[level][axis] = (unsigned char)(1 + hd_random_below(r, 2));
}

static void draw_constraints(hd_random *r, const small_case *c, hd_constraints *out)
{
    memset(out, 0, sizeof *out);
    int64_t tame = 1 + hd_random_below(r, 3);
    for (int l = 0; l < c->arch.levels - 1; l++) {
        unsigned keep = (unsigned)hd_random_below(r, 16), pass = (unsigned)hd_random_below(r, 16) & ~keep;
        if (l == 0 || hd_random_below(r, 3) > 0) continue;
        out->must_keep[l] = keep & c->arch.level[l].keeps;
        out->must_bypass[l] = pass;
    }
    for (int l = 1; l < c->arch.levels; l++) {
        for (int d = 0; d < c->op.dims; d++) {
            if (hd_random_below(r, 3) >= tame) out->loop[l][d] = draw_limit(r, c->op.dim[d].extent);
            if (hd_random_below(r, 3) >= tame) out->copies[l][d] = draw_limit(r, c->op.dim[d].extent);
        }
        out->one_axis[l] = hd_random_below(r, 2);
        if (l < c->arch.levels - 1 && hd_random_below(r, 2)) draw_order(r, out, l, c->op.dims);
        if (hd_random_below(r, 2)) draw_axes(r, out, l, c->op.dims);
    }
    if (hd_random_below(r, 4) == 0) out->least_utilization = (double)hd_random_below(r, 10) / 10;
}

typedef struct tied { small_case c; hd_space space; hd_constraints constraints; hd_random random; } tied;

static void tied_case(uint64_t seed, uint64_t i, double most_digits, tied *out)
{
    for (uint64_t k = 0;; k++) {
        small_problem(seed, i * 1000 + k, &out->c);
        hd_space_init(&out->space, &out->c.problem, HD_SPACE_FREE, out->c.ragged, out->c.bypass);
        if (hd_space_log10(&out->space) < most_digits) break;
    }
    hd_random_seed(&out->random, seed, i);
    draw_constraints(&out->random, &out->c, &out->constraints);
    out->space.constraints = &out->constraints;
}

static void run(const hd_solver *solver, const hd_model *model, const hd_space *space, int64_t evaluations, hd_incumbent *out)
{
    hd_error err = {0};
    hd_random random;
    hd_budget budget = {.evaluations = evaluations};
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_incumbent_init(out, model, space->problem, HD_ENERGY);
    hd_budget_start(&budget);
    hd_random_seed(&random, 1, 0);
    hd_status status = solver->run(solver, space, NULL, &budget, &random, arena, out, &err);
    if (status != HD_OK) print_message("%s: %s\n", solver->name, err.message);
    assert_int_equal(status, HD_OK);
    assert_true(evaluations == 0 || budget.used <= evaluations);
    hd_arena_free(arena);
}

static void the_space_is_exactly_what_they_leave(void **state)
{
    int met = 0, none = 0;
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        tied t;
        hd_incumbent found;
        hd_space open;
        tied_case(31, i, 3.3, &t);
        if (!t.c.bypass) memset(t.constraints.must_bypass, 0, sizeof t.constraints.must_bypass); /* nothing passes there */
        seen.wanted = &t.space;
        seen.n = seen.all = 0;
        open = t.space;
        open.constraints = NULL;
        seen.arrange = true;
        run(&hd_solver_exhaustive, &recorder, &open, 0, &found);
        int wanted = distinct();
        static uint64_t list[MOST_SEEN];
        memcpy(list, seen.hash, sizeof *list * (size_t)wanted);
        seen.n = seen.all = 0;
        seen.arrange = false;
        run(&hd_solver_exhaustive, &recorder, &t.space, 0, &found);
        assert_int_equal(seen.all, seen.n); /* nothing else is ever offered */
        int got = distinct();
        if (!t.c.ragged && got != wanted) print_message("case %d: %d of %d schemes\n", (int)i, got, wanted);
        if (!t.c.ragged) assert_int_equal(got, wanted);
        for (int a = 0, b = 0; a < wanted; a++) {
            while (b < got && seen.hash[b] < list[a]) b++;
            assert_true(b < got && seen.hash[b] == list[a]);
        }
        assert_int_equal(found.found, got > 0);
        if (got == 0) assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
        met += got > 0;
        none += got == 0;
    }
    print_message("constraints: %d spaces with schemes, %d without\n", met, none);
    assert_true(met > 50 && none > 20);
}

static void every_solver_stays_inside_and_finds_something(void **state)
{
    static const hd_solver *const solver[] = {&hd_solver_random, &hd_solver_descend};
    int met = 0, none = 0, best_of[2] = {0, 0};
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        tied t;
        hd_incumbent best, found;
        tied_case(32, i, 3.0, &t);
        run(&hd_solver_exhaustive, &hd_model_native, &t.space, 0, &best);
        if (!best.found) {
            assert_int_equal(best.outcome, HD_OUTCOME_INFEASIBLE);
            assert_true(best.nearest.kind != HD_LEGAL && best.nearest.why[0]);
        }
        for (int s = 0; s < 2; s++) {
            hd_refusal why = {0};
            run(solver[s], &hd_model_native, &t.space, s == 0 ? 300 : 1500, &found);
            if (found.found != best.found) print_message("case %d: %s\n", (int)i, solver[s]->name);
            assert_int_equal(found.found, best.found);
            if (!found.found) assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
            if (!found.found) continue;
            if (!hd_constraints_hold(&t.space, &found.scheme, &why)) print_message("case %d: %s\n", (int)i, why.why);
            assert_true(hd_constraints_hold(&t.space, &found.scheme, NULL));
            assert_true(hd_scheme_is_legal(&t.c.problem, &found.scheme, NULL));
            assert_true(found.cost >= best.cost);
            best_of[s] += found.cost <= best.cost * 1.05;
        }
        met += best.found;
        none += !best.found;
    }
    print_message("solvers: %d spaces, near the best: random %d, descend %d; nothing in %d\n", met, best_of[0], best_of[1], none);
    assert_true(met > 40 && none > 15);
    assert_true(best_of[1] >= met * 95 / 100);
}

/* ---- what cannot be met ---- */
typedef struct fixture { hd_operator op; hd_arch arch; hd_problem problem; hd_space space; hd_constraints c; } fixture;

static void make(fixture *f, const char *text)
{
    hd_error err = {0};
    memset(f, 0, sizeof *f);
    assert_int_equal(hd_kind_parse(text, &f->op, &err), HD_OK);
    small_array(&f->arch, false);
    f->problem = (hd_problem){.op = &f->op, .arch = &f->arch};
    hd_space_init(&f->space, &f->problem, HD_SPACE_FREE, false, true);
    f->space.constraints = &f->c;
}

static void assert_refused(fixture *f, int level, const char *dim, const char *part)
{
    static const hd_solver *const all[] = {&hd_solver_exhaustive, &hd_solver_random, &hd_solver_descend};
    for (int s = 0; s < 3; s++) {
        hd_incumbent found;
        run(all[s], &hd_model_native, &f->space, 0, &found);
        if (found.found) print_message("%s found a scheme in spite of '%s'\n", all[s]->name, part);
        assert_false(found.found);
        assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
        assert_int_equal(found.nearest.kind, HD_REFUSE_CONSTRAINT);
        if (!strstr(found.nearest.why, part)) print_message("%s\n", found.nearest.why);
        assert_non_null(strstr(found.nearest.why, part));
        assert_int_equal(found.nearest.level, level);
        if (dim) assert_int_equal(found.nearest.dim, hd_operator_dim(&f->op, dim));
    }
}

static void what_cannot_be_met_is_named(void **state)
{
    fixture f;
    (void)state;
    make(&f, "matmul(M=12,N=8,K=6)");
    int m = hd_operator_dim(&f.op, "M"), n = hd_operator_dim(&f.op, "N");
    f.c.copies[2][m] = (hd_limit){5, 5};
    assert_refused(&f, 2, "M", "RF: exactly 5 copies of M");
    make(&f, "matmul(M=12,N=8,K=6)");
    for (int l = 1; l < 4; l++) f.c.loop[l][m] = (hd_limit){0, 1};
    f.c.copies[2][m] = (hd_limit){0, 2};
    assert_refused(&f, 3, "M", "MAC: exactly 1 iterations of M");
    make(&f, "matmul(M=12,N=8,K=6)");
    f.c.copies[1][m] = (hd_limit){2, 0};
    assert_refused(&f, 1, "M", "GLB: at least 2 copies of M");
    make(&f, "matmul(M=12,N=8,K=6)");
    f.c.copies[2][m] = f.c.copies[2][n] = (hd_limit){4, 0};
    assert_refused(&f, 2, NULL, "RF: at least 16 copies in all, where there are 12 units");
    make(&f, "matmul(M=12,N=8,K=6)");
    int k = hd_operator_dim(&f.op, "K");
    f.c.copies[2][m] = (hd_limit){4, 4}; /* only X has room for it, and K before it would */
    f.c.copies[2][k] = (hd_limit){3, 3};
    f.c.axis_rank[2][m] = 1;
    assert_refused(&f, 2, NULL, "RF: the copies that must be there cannot lie on its axes in the order");
    f.c.said[2][HD_SAID_COPIES] = "c.yaml:3:5: GLB spatial";
    assert_refused(&f, 2, NULL, "c.yaml:3:5: GLB spatial: the copies that must");
    f.c.copies[2][m] = (hd_limit){5, 5};
    assert_refused(&f, 2, "M", "c.yaml:3:5: GLB spatial: exactly 5 copies of M");
    f.c.copies[2][m] = (hd_limit){0, 0};
    f.c.loop[2][m] = (hd_limit){5, 5};
    f.c.said[2][HD_SAID_LOOPS] = "GLB temporal";
    assert_refused(&f, 2, "M", "GLB temporal: exactly 5 iterations of M");
    make(&f, "matmul(M=2,N=2,K=2)");
    f.c.least_utilization = 0.9;
    assert_refused(&f, 3, NULL, "MAC: at least 11 of 12 units in use");
    make(&f, "matmul(M=12,N=8,K=6)");
    f.arch.level[1].keeps = HD_ROLE_BIT(HD_I);
    f.c.must_keep[1] = HD_ROLE_BIT(HD_W);
    assert_refused(&f, 1, NULL, "GLB: W must be kept");
    make(&f, "matmul(M=12,N=8,K=6)");
    f.c.must_bypass[0] = HD_ROLE_BIT(HD_O);
    assert_refused(&f, 0, NULL, "DRAM: O must pass");
}

static void a_dim_wholly_at_one_level_is_found(void **state)
{
    static const hd_solver *const all[] = {&hd_solver_exhaustive, &hd_solver_random, &hd_solver_descend};
    (void)state;
    for (int s = 0; s < 3; s++) {
        fixture f;
        hd_incumbent found;
        make(&f, "matmul(M=12,N=8,K=6)");
        int m = hd_operator_dim(&f.op, "M"), n = hd_operator_dim(&f.op, "N"), k = hd_operator_dim(&f.op, "K");
        f.c.copies[2][m] = (hd_limit){12, 12};  /* 4 x 3 */
        f.c.loop[3][k] = (hd_limit){6, 6};      /* whole in the register file */
        f.c.loop[2][n] = (hd_limit){4, 0};
        run(all[s], &hd_model_native, &f.space, s == 0 ? 0 : 2000, &found);
        assert_true(found.found);
        assert_true(hd_constraints_hold(&f.space, &found.scheme, NULL));
        assert_int_equal(found.scheme.level[2].tensor[m], 1);
        assert_int_equal(found.scheme.level[2].tensor[k], 6);
    }
}

static void ragged_spaces_take_fixed_counts_that_do_not_divide(void **state)
{
    fixture f;
    hd_incumbent found;
    (void)state;
    make(&f, "matmul(M=13,N=8,K=6)");
    int m = hd_operator_dim(&f.op, "M");
    f.c.copies[2][m] = (hd_limit){4, 4};
    f.c.one_axis[2] = true;
    run(&hd_solver_descend, &hd_model_native, &f.space, 2000, &found);
    assert_int_equal(found.outcome, HD_OUTCOME_INFEASIBLE);
    f.space.ragged = true;
    run(&hd_solver_descend, &hd_model_native, &f.space, 2000, &found);
    assert_true(found.found);
    assert_true(hd_constraints_hold(&f.space, &found.scheme, NULL));
}

/* ---- pins beside constraints ---- */
static void pins_and_constraints_hold_together(void **state)
{
    fixture f;
    hd_incumbent found;
    hd_scheme pin = {.levels = 4};
    (void)state;
    make(&f, "matmul(M=12,N=8,K=6)");
    int m = hd_operator_dim(&f.op, "M"), k = hd_operator_dim(&f.op, "K");
    f.space.pin = &pin;
    f.space.pinned[2] = HD_PIN_STACK | HD_PIN_KEEP;
    pin.level[2].stacks = 1;
    pin.level[2].stack[0] = (hd_stack){m, HD_X, 1, 4};
    pin.level[2].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_O);
    f.c.loop[3][k] = (hd_limit){3, 3};
    f.c.loop[1][m] = (hd_limit){0, 1};
    f.c.must_keep[2] = HD_ROLE_BIT(HD_O);
    run(&hd_solver_descend, &hd_model_native, &f.space, 2000, &found);
    assert_true(found.found);
    assert_true(hd_constraints_hold(&f.space, &found.scheme, NULL));
    assert_int_equal(found.scheme.level[2].stack[0].copies, 4);
    f.c.copies[2][m] = (hd_limit){0, 3};
    assert_refused(&f, 2, "M", "RF: at most 3 copies of M, where only 4 can be");
    f.c.copies[2][m] = (hd_limit){0, 0};
    f.c.must_keep[2] = HD_ROLE_BIT(HD_I);
    assert_refused(&f, 2, NULL, "RF: I must be kept");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_space_is_exactly_what_they_leave),
        cmocka_unit_test(every_solver_stays_inside_and_finds_something),
        cmocka_unit_test(what_cannot_be_met_is_named),
        cmocka_unit_test(a_dim_wholly_at_one_level_is_found),
        cmocka_unit_test(ragged_spaces_take_fixed_counts_that_do_not_divide),
        cmocka_unit_test(pins_and_constraints_hold_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
