/* See roads.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "roads.h"
#include "solve/draft.h"
#include "workload/kinds.h"

enum { DRAWS = 60 };

static const char *const OPERATORS[] = {
    "conv(N=2,K=12,C=6,P=12,Q=10,R=5,S=3)", "conv(N=1,K=8,C=6,P=12,Q=12,R=3,S=3,stride=2)",
    "conv(N=1,G=3,K=4,C=4,P=8,Q=6,R=3,S=3,dilation=2)", "conv(N=2,K=4,C=4,P=9,Q=1,R=1,S=1,stride=3)",
    "matmul(M=12,N=18,K=20)", "conv_transpose(N=2,K=6,C=4,P=6,Q=6,R=3,S=3)",
    "conv_transpose(N=1,K=4,C=6,P=6,Q=8,R=3,S=4,stride=2)",
};

void draw_problems(uint64_t seed, int chips, problem_alter *alter, problem_visit *visit, void *user)
{
    hd_random r;
    hd_random_seed(&r, seed, 0);
    for (int c = 0; c < chips; c++)
        for (size_t o = 0; o < sizeof OPERATORS / sizeof *OPERATORS; o++) {
            hd_error err = {0};
            hd_arch chip;
            hd_operator op;
            draw_chip(&r, &chip);
            assert_int_equal(hd_kind_parse(OPERATORS[o], &op, &err), HD_OK);
            if (alter) alter(&r, &chip, &op);
            assert_int_equal(hd_arch_check(&chip, &err), HD_OK);
            hd_problem p = {.op = &op, .arch = &chip};
            for (int role = 0; role < HD_ROLES; role++)
                p.home[role] = hd_random_below(&r, 4) ? 0 : (int)hd_random_below(&r, chip.levels - 1);
            visit(&r, &p, user);
        }
}

void draw_schemes(hd_random *r, const hd_problem *p, bool ragged, int draws, scheme_visit *visit, void *user)
{
    hd_error err = {0};
    hd_space space;
    hd_scheme s;
    native_ready ready;
    hd_form *form = malloc(sizeof *form);
    assert_non_null(form);
    hd_native_ready(&ready, p);
    hd_space_init(&space, p, HD_SPACE_FREE, ragged, true);
    assert_int_equal(hd_form_init(form, &space, &err), HD_OK);
    for (int i = 0; i < draws; i++) {
        hd_draft draft;
        hd_draft_sample(form, r, &draft);
        if (!hd_draft_decode(form, &draft, &s) || !hd_scheme_is_legal(p, &s, NULL)) continue;
        bool fits = hd_native_fits(p, &s, NULL);
        assert_int_equal(hd_native_fits_ready(&ready, &s), fits);
        if (fits) visit(r, p, &s, user);
    }
    free(form);
}

#define ASSERT_ROWS(field) assert_memory_equal(a->field, b->field, (size_t)levels * sizeof a->field[0])

void assert_same_counts(const hd_breakdown *a, const hd_breakdown *b, int levels)
{
    ASSERT_ROWS(access);
    ASSERT_ROWS(deliveries);
    ASSERT_ROWS(hops);
    ASSERT_ROWS(tile_words);
    ASSERT_ROWS(instances_used);
    ASSERT_ROWS(level_cycles);
    assert_int_equal(a->compute_cycles, b->compute_cycles);
    assert_int_equal(a->fill_cycles, b->fill_cycles);
    assert_int_equal(a->drain_cycles, b->drain_cycles);
    assert_int_equal(a->latency_cycles, b->latency_cycles);
    assert_int_equal(a->bound_by, b->bound_by);
}

typedef struct roads { straight_road *straight; scheme_visit *also; void *user; int served; } roads;

static void compare(hd_random *r, const hd_problem *p, const hd_scheme *s, void *user)
{
    roads *both = user;
    native_ready ready;
    hd_breakdown quick, general;
    hd_native_ready(&ready, p);
    if (!both->straight(&ready, s, &quick)) return;
    hd_native_general(&ready, s, &general);
    assert_same_counts(&quick, &general, s->levels);
    both->served++;
    if (both->also) both->also(r, p, s, both->user);
}

static void compare_schemes(hd_random *r, const hd_problem *p, void *user)
{
    draw_schemes(r, p, false, DRAWS, compare, user);
    draw_schemes(r, p, true, DRAWS, compare, user);
}

int compare_roads(straight_road *straight, int chips, problem_alter *alter, scheme_visit *also, void *user)
{
    roads both = {straight, also, user, 0};
    draw_problems(8, chips, alter, compare_schemes, &both);
    return both.served;
}

void add_rates(hd_random *r, hd_arch *chip, hd_operator *op)
{
    chip->static_pj_per_cycle = (double)hd_random_below(r, 3);
    chip->vector_per_cycle = (double)hd_random_below(r, 3);
    if (hd_random_below(r, 3) == 0) op->extra_reads = 17;
    if (hd_random_below(r, 3) == 0) op->fused_ops = 100000;
}

void make_windows_meet(hd_random *r, hd_arch *chip, hd_operator *op)
{
    hd_error err = {0};
    char text[HD_NAME];
    int units = 2 + (int)hd_random_below(r, 3), coef[2];
    for (int k = 0; k < 2; k++) coef[k] = 1 + (int)hd_random_below(r, 3);
    if (hd_random_below(r, 2)) coef[1] = coef[0];
    snprintf(text, sizeof text, "conv(N=1,K=1,C=%d,P=%d,Q=%d,R=%d,S=1,stride=%d,dilation=%d)", 1 + (int)hd_random_below(r, 2),
             units * (1 + (int)hd_random_below(r, 3)), 1 + (int)hd_random_below(r, 2), units * (1 + (int)hd_random_below(r, 3)),
             coef[0], coef[1]);
    assert_int_equal(hd_kind_parse(text, op, &err), HD_OK);
    for (int l = 1; l < chip->levels - 1; l++) {
        chip->level[l].bounded = false;
        for (int axis = 0; axis < HD_AXES; axis++) {
            chip->level[l].fan[axis] = hd_random_below(r, 2) ? units : 1 + (int)hd_random_below(r, 2);
            chip->level[l].multicast[axis] = hd_random_below(r, 4) ? 0xf : 0;
        }
    }
}
