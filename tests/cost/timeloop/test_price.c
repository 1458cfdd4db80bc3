/* The model's contract: no memory asked for, bounds below every price, reasons where it differs from the native machine,
 * refusals that say what Timeloop cannot express. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"
#include "cost/requests.h"
#include "workload/kinds.h"

static const hd_model *const model = &hd_model_timeloop;

static void draw_number(int i, draw_case *c)
{
    hd_random random;
    hd_random_seed(&random, 5, (uint64_t)i);
    draw_wish wish = {.imperfect = i % 2, .bypass = true, .flags = i % 3 == 0, .slide = i % 4 > 1, .loops = 8, .stacks = 4};
    draw_any(&random, &wish, c);
}

static void bounds_hold(void **state)
{
    bool hooked = count_requests();
    (void)state;
    for (int i = 0; i < 500; i++) {
        draw_case c;
        hd_breakdown b;
        hd_bound least;
        draw_number(i, &c);
        c.arch.level[0].timeloop.hop_pj = c.arch.level[c.arch.levels - 1].timeloop.router_pj = i % 5 ? 0 : 1;
        requests = 0;
        model->price(&c.problem, &c.scheme, &b);
        assert_int_equal(requests, 0);
        model->bound(&c.problem, &least);
        assert_true(least.energy_pj <= b.energy_pj);
        assert_true(least.latency_cycles <= (double)b.latency_cycles);
        assert_true(least.edp <= b.edp);
    }
    if (!hooked) print_message("no sanitizer: allocations not counted\n");
}

static void energies_sum_up(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        draw_case c;
        hd_breakdown b;
        draw_number(i, &c);
        model->price(&c.problem, &c.scheme, &b);
        double sum = b.mac_pj + b.vector_pj + b.static_pj;
        for (int l = 0; l < c.arch.levels; l++)
            for (int r = 0; r < HD_ROLES; r++) sum += b.level_pj[l][r] + b.network_pj[l][r];
        assert_true(fabs(sum - b.energy_pj) <= 1e-9 * b.energy_pj);
    }
}

static void differences_have_reasons(void **state)
{
    int differ = 0;
    (void)state;
    for (int i = 0; i < 400; i++) {
        draw_case c;
        hd_breakdown ours, native;
        draw_number(i, &c);
        if (!hd_model_native.fits(&c.problem, &c.scheme, NULL)) continue;
        model->price(&c.problem, &c.scheme, &ours);
        hd_model_native.price(&c.problem, &c.scheme, &native);
        for (int l = 0; l < c.arch.levels - 1; l++)
            for (int r = 0; r < HD_ROLES; r++) {
                const hd_access *a = &ours.access[l][r], *b = &native.access[l][r];
                const bool differs[] = {a->reads != b->reads, a->fills != b->fills, a->updates != b->updates};
                for (int k = 0; k < 3; k++) {
                    char why[256];
                    if (!differs[k]) continue;
                    differ++;
                    model->why(&c.problem, &c.scheme, l, (hd_role)r, (hd_count_kind)k, why);
                    if (!why[0]) fail_msg("case %d level %d role %d count %d: no reason", i, l, r, k);
                }
            }
    }
    assert_true(differ > 100);
}

/* ---- what Timeloop cannot say ---- */

typedef struct square { hd_operator op; hd_arch arch; hd_problem problem; hd_scheme s; } square;

/* Y[M,N] += ..., 12 x 4 x 4 on DRAM, BUF, 4 x 4 MACs; BUF holds everything. */
static void draw_square(square *q)
{
    hd_error err = {0};
    memset(q, 0, sizeof *q);
    assert_int_equal(hd_kind_parse("matmul(M=12,N=4,K=4)", &q->op, &err), HD_OK);
    q->arch.levels = 3;
    q->arch.clock_mhz = q->arch.mac_pj = 1;
    q->arch.vector_at = 2;
    for (int l = 0; l < 3; l++) hd_arch_default_level(&q->arch.level[l]);
    for (int l = 0; l < 3; l++) snprintf(q->arch.level[l].name, sizeof q->arch.level[l].name, l < 2 ? "L%d" : "MAC", l);
    q->arch.level[2].fan[HD_X] = q->arch.level[2].fan[HD_Y] = 4;
    assert_int_equal(hd_arch_check(&q->arch, &err), HD_OK);
    q->problem = (hd_problem){.op = &q->op, .arch = &q->arch};
    hd_scheme_trivial(&q->problem, &q->s);
    for (int d = 0; d < q->op.dims; d++) q->s.level[1].tensor[d] = q->op.dim[d].extent;
    q->s.level[2] = (hd_scheme_level){.updates = 0};
    for (int d = 0; d < q->op.dims; d++) q->s.level[2].tensor[d] = 1;
    q->s.level[1].updates = 0;
    q->s.level[1].keep = q->s.level[0].keep;
    for (int d = 0; d < q->op.dims; d++)
        if (q->op.dim[d].extent > 1) q->s.level[2].update[q->s.level[2].updates++] = (hd_update){d, 1};
}

static void refused(const square *q, hd_refusal_kind kind, const char *part)
{
    hd_refusal why;
    if (!hd_scheme_is_legal(&q->problem, &q->s, &why)) fail_msg("not even legal: %s", why.why);
    assert_false(model->fits(&q->problem, &q->s, &why));
    if (why.kind != kind || !strstr(why.why, part)) fail_msg("refused for another reason: %s", why.why);
}

static hd_update *loop_of(square *q, int level, int dim)
{
    for (int i = 0; i < q->s.level[level].updates; i++)
        if (q->s.level[level].update[i].dim == dim) return &q->s.level[level].update[i];
    return NULL;
}

static void refusals_say_why(void **state)
{
    square q;
    (void)state;
    draw_square(&q);
    int m = hd_operator_dim(&q.op, "M");
    hd_refusal why;
    assert_true(hd_scheme_is_legal(&q.problem, &q.s, &why));
    assert_true(model->fits(&q.problem, &q.s, &why));
    /* a cyclic distribution: the stack outside the loop */
    q.s.level[2].stack[0] = (hd_stack){m, HD_X, 3, 4};
    q.s.level[2].stacks = 1;
    refused(&q, HD_REFUSE_MODEL, "a stack outside an update");
    /* pieces of 5, 5, 2 in pieces of 2: only the last of all may be uneven */
    draw_square(&q);
    q.s.level[1].tensor[m] = 5;
    q.s.level[1].update[0] = (hd_update){m, 5};
    q.s.level[1].updates = 1;
    q.s.level[2].stack[0] = (hd_stack){m, HD_X, 1, 2};
    q.s.level[2].stacks = 1;
    loop_of(&q, 2, m)->step = 2;
    refused(&q, HD_REFUSE_MODEL, "does not divide");
    /* the same dim twice */
    draw_square(&q);
    q.s.level[2].update[q.s.level[2].updates++] = (hd_update){m, 4};
    refused(&q, HD_REFUSE_MODEL, "two loops of one dim");
    /* capacity and utilisation */
    draw_square(&q);
    q.arch.level[1].bounded = true;
    q.arch.level[1].capacity = 100;
    refused(&q, HD_REFUSE_CAPACITY, "mapped tile size exceeds buffer capacity");
    q.arch.level[1].capacity = 1000;
    q.arch.level[1].timeloop.min_utilization = 0.5;
    refused(&q, HD_REFUSE_UTILIZATION, "min-utilization");
    /* vector work */
    assert_int_equal(hd_kind_parse("softmax(N=4,M=4)", &q.op, &(hd_error){0}), HD_OK);
    assert_false(model->serves(&q.problem, &why));
    assert_non_null(strstr(why.why, "multiply-accumulate"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bounds_hold), cmocka_unit_test(energies_sum_up),
                                       cmocka_unit_test(differences_have_reasons), cmocka_unit_test(refusals_say_why)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
