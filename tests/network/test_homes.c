/* Which tensors stay on chip: the search finds what trying every choice finds, pruned or not, and says only what holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "network/homes.h"
#include "network/residents.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { MOST = 5 };

static int networks = 24; /* or as the first argument says */

typedef struct fixture {
    hd_network net;
    hd_layer layer[MOST];
    int input[MOST][2];
    char name[MOST][16];
    hd_arch arch;
    hd_plan_options options;
} fixture;

static void make_chip(fixture *f, int64_t buffer)
{
    small_three(&f->arch, 6, buffer);
    f->arch.level[0].shared_bw = 1;
    f->arch.level[2].fan[HD_X] = 2;
    f->arch.level[2].multicast[HD_X] = 0xf;
    f->arch.static_pj_per_cycle = 3;
    assert_int_equal(hd_arch_check(&f->arch, NULL), HD_OK);
}

/* A chain of products whose outputs also go to later layers: as second operands, as extra inputs of fused sums. */
static void make_network(hd_random *random, fixture *f)
{
    int64_t m = 2 + (int64_t)hd_random_below(random, 3), width = 2 + (int64_t)hd_random_below(random, 3);
    f->net = (hd_network){.name = "random", .batch = 1, .layer = f->layer};
    f->net.layers = 2 + (int)hd_random_below(random, MOST - 1);
    for (int i = 0; i < f->net.layers; i++) {
        hd_layer *l = &f->layer[i];
        int64_t next = 2 + (int64_t)hd_random_below(random, 3);
        int other = i > 1 ? (int)hd_random_below(random, i - 1) : -1;
        *l = (hd_layer){.name = f->name[i], .op_name = "MatMul", .inputs = 1, .fused_into = -1, .repeats = 1};
        l->input = f->input[i];
        snprintf(f->name[i], sizeof f->name[i], "l%d", i);
        assert_int_equal(hd_kind_matmul(1, m, next, width, false, &l->op, NULL), HD_OK);
        f->input[i][0] = i - 1;
        if (other >= 0 && hd_random_below(random, 3) == 0) {
            static unsigned roles[2] = {HD_ROLE_BIT(HD_I), HD_ROLE_BIT(HD_I2)};
            l->input_roles = roles;
            l->inputs = 2;
            f->input[i][1] = other;
            l->op.extra_reads = hd_tensor_words(&f->layer[other].op, HD_O);
        }
        l->leaves = hd_random_below(random, 6) == 0;
        width = next;
    }
    hd_network_seal(&f->net);
}

static void make(hd_random *random, fixture *f)
{
    static const hd_objective objective[] = {HD_ENERGY, HD_ENERGY, HD_LATENCY, HD_EDP};
    memset(f, 0, sizeof *f);
    make_chip(f, 10 + (int64_t)hd_random_below(random, 60));
    make_network(random, f);
    f->options = (hd_plan_options){.solver = &hd_solver_optimal, .model = &hd_model_native, .seed = 1, .threads = 1,
                                   .objective = objective[hd_random_below(random, 4)]};
}

static double cost_of(const hd_plan *plan)
{
    hd_objective o = plan->options.objective;
    return o == HD_ENERGY ? plan->energy_pj : o == HD_LATENCY ? (double)plan->latency_cycles : plan->edp;
}

/* Homes of all layers when the values of the set stay; false where a layer would read one role from two places. */
static bool homes_of(const fixture *f, unsigned stays, int (*home)[HD_ROLES])
{
    memset(home, 0, MOST * sizeof *home);
    for (int i = 0; i < f->net.layers; i++) {
        if (stays >> i & 1u) home[i][HD_O] = 1;
        for (int k = 0; k < f->layer[i].inputs; k++)
            if (f->input[i][k] >= 0 && (stays >> f->input[i][k] & 1u)) home[i][k ? HD_I2 : HD_I] = 1;
    }
    return true;
}

/* The best of all sets.  For energy x latency each layer is the best for its own product, as in the search. */
static double by_hand(const fixture *f, const bool *may_stay)
{
    double best = INFINITY;
    for (unsigned stays = 0; stays < 1u << f->net.layers; stays++) {
        int home[MOST][HD_ROLES];
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_plan_options o = f->options;
        hd_plan *plan = NULL;
        bool allowed = homes_of(f, stays, home);
        for (int i = 0; i < f->net.layers; i++) allowed = allowed && (may_stay[i] || !(stays >> i & 1u));
        o.home = (const int (*)[HD_ROLES])home;
        if (allowed && hd_residents_chips(&f->net, &f->arch, o.home, arena, &o.chip, NULL) == HD_OK) {
            assert_int_equal(hd_plan_solve(&f->net, &f->arch, &o, &plan, NULL), HD_OK);
            if (plan->failed < 0 && cost_of(plan) < best) best = cost_of(plan);
        }
        hd_plan_free(plan);
        hd_arena_free(arena);
    }
    return best;
}

static void find_readers(const fixture *f, bool *may_stay)
{
    for (int i = 0; i < f->net.layers; i++) {
        may_stay[i] = false;
        for (int k = i + 1; k < f->net.layers; k++)
            for (int j = 0; j < f->layer[k].inputs; j++) may_stay[i] |= f->input[k][j] == i && !f->layer[i].leaves;
    }
}

static void check_plan(const hd_plan *plan, double best)
{
    double energy = 0;
    int layers = 0;
    assert_true(plan->failed < 0);
    assert_true(cost_of(plan) <= best * (1 + 1e-12) && cost_of(plan) >= best * (1 - 1e-12));
    assert_true(plan->lower_bound <= cost_of(plan) * (1 + 1e-12));
    for (int i = 0; i < plan->segments; i++) {
        energy += plan->segment[i].energy_pj;
        layers += plan->segment[i].stage[0].layers;
    }
    assert_int_equal(layers, plan->network->layers);
    assert_true(energy <= plan->energy_pj * (1 + 1e-9) && energy >= plan->energy_pj * (1 - 1e-9));
}

static void finds_the_best_set(void **state)
{
    (void)state;
    int stayed = 0, pruned = 0;
    hd_random random;
    hd_random_seed(&random, 7, 0);
    for (int n = 0; n < networks; n++) {
        fixture f;
        bool may_stay[MOST];
        make(&random, &f);
        find_readers(&f, may_stay);
        double best = by_hand(&f, may_stay);
        hd_plan *plan[2];
        for (int prune = 0; prune < 2; prune++) {
            assert_int_equal(hd_homes_solve(&f.net, &f.arch, &f.options, prune == 1, &plan[prune], NULL), HD_OK);
            if (plan[prune]->failed < 0) check_plan(plan[prune], best);
            else assert_true(best == INFINITY);
        }
        stayed += plan[0]->segments > 0 && plan[0]->segments < f.net.layers;
        pruned += plan[1]->searched < plan[0]->searched;
        for (int prune = 0; prune < 2; prune++) hd_plan_free(plan[prune]);
    }
    assert_true(stayed > networks / 4);
    assert_true(pruned > networks / 4);
}

/* What a schedule says of homes is checked: a value is read where its producer leaves it, and others' tensors take room. */
static void homes_must_agree(void **state)
{
    (void)state;
    fixture f;
    hd_random random;
    hd_error err = {0};
    const hd_arch *const *chip;
    hd_random_seed(&random, 3, 0);
    make(&random, &f);
    make_chip(&f, 30);
    f.net.layers = 2;
    f.layer[1].inputs = 1;
    f.input[1][0] = 0;
    hd_arena *arena = hd_arena_new(NULL, 0);
    int home[MOST][HD_ROLES] = {{0}};
    home[0][HD_O] = 1;
    assert_int_equal(hd_residents_chips(&f.net, &f.arch, (const int (*)[HD_ROLES])home, arena, &chip, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "layer 'l1' reads I in DRAM, but layer 'l0' leaves it in BUF"));
    home[1][HD_I] = 1;
    assert_int_equal(hd_residents_chips(&f.net, &f.arch, (const int (*)[HD_ROLES])home, arena, &chip, &err), HD_OK);
    assert_ptr_equal(chip[0], &f.arch); /* its own output is its own affair */
    hd_arena_free(arena);
}

/* A layer that runs several times counts as often: in what is compared, in the bound, in what is reported. */
static void repeats_count(void **state)
{
    (void)state;
    fixture f;
    hd_random random;
    hd_plan *apart, *homes;
    hd_random_seed(&random, 21, 0);
    make(&random, &f);
    f.layer[1].repeats = 3;
    f.options.objective = HD_ENERGY;
    assert_int_equal(hd_plan_solve(&f.net, &f.arch, &f.options, &apart, NULL), HD_OK);
    assert_int_equal(hd_homes_solve(&f.net, &f.arch, &f.options, true, &homes, NULL), HD_OK);
    assert_true(fabs(homes->apart_pj - apart->energy_pj) <= 1e-12 * apart->energy_pj);
    assert_true(homes->energy_pj <= apart->energy_pj * (1 + 1e-12));
    hd_plan_free(apart);
    hd_plan_free(homes);
}

/* Chips without such a buffer, and threads, change nothing. */
static void threads_agree(void **state)
{
    (void)state;
    fixture f;
    hd_random random;
    hd_random_seed(&random, 11, 0);
    make(&random, &f);
    hd_plan *one, *two;
    f.options.solver = &hd_solver_descend;
    assert_int_equal(hd_homes_solve(&f.net, &f.arch, &f.options, true, &one, NULL), HD_OK);
    f.options.threads = 2;
    assert_int_equal(hd_homes_solve(&f.net, &f.arch, &f.options, true, &two, NULL), HD_OK);
    for (int i = 0; i < f.net.layers; i++)
        assert_true(hd_scheme_equal(&one->layer[i].best.scheme, &two->layer[i].best.scheme));
    assert_int_equal(one->evaluations, two->evaluations);
    hd_plan_free(one);
    hd_plan_free(two);
    f.arch.level[1].bounded = false;
    assert_int_equal(hd_homes_level(&f.arch), -1);
}

int main(int count, char **arg)
{
    if (count > 1) networks = (int)strtol(arg[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_best_set),
        cmocka_unit_test(homes_must_agree),
        cmocka_unit_test(repeats_count),
        cmocka_unit_test(threads_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
