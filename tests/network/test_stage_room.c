/* What the look at the room leaves out could not be scheduled: searches find nothing there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "network/memo.h"
#include "network/stage_room.h"
#include "small_level.h"
#include "workload/kinds.h"

enum { CASES = 400 };

static void make_chip(hd_random *random, hd_arch *arch)
{
    memset(arch, 0, sizeof *arch);
    small_level(&arch->level[0], "DRAM", 200, 0, false);
    small_level(&arch->level[1], "BUF", 3, 4 + (int64_t)hd_random_below(random, 60), hd_random_below(random, 2) == 0);
    small_level(&arch->level[2], "MAC", 0, 0, false);
    hd_level *mesh = &arch->level[1];
    mesh->fan[HD_X] = 1 + (int64_t)hd_random_below(random, 4);
    mesh->fan[HD_Y] = 1 + (int64_t)hd_random_below(random, 3);
    for (int axis = 0; axis < HD_AXES; axis++) {
        mesh->multicast[axis] = 0xf;
        mesh->reduce[axis] = hd_random_below(random, 4) > 0;
    }
    mesh->mesh = (hd_mesh){.ports = 1, .port = {{0, 0}}, .hop_pj = 1, .share = hd_random_below(random, 2) == 0};
    arch->levels = 3;
    arch->vector_at = 2;
    arch->mac_pj = 1;
    assert_int_equal(hd_arch_check(arch, NULL), HD_OK);
}

static void make_operator(hd_random *random, hd_operator *op)
{
    static const char *const FORMAT[] = {"conv(N=4,K=%d,C=%d,PQ=%d,RS=%d,stride=%d)", "conv(N=4,K=%d,C=%d,PQ=%d,RS=%d,pad=%d)"};
    char text[96];
    int k = 1 + (int)hd_random_below(random, 6), c = 1 + (int)hd_random_below(random, 4), p = 2 + (int)hd_random_below(random, 3);
    snprintf(text, sizeof text, FORMAT[hd_random_below(random, 2)], k, c, p, 2 + (int)hd_random_below(random, 2), 1);
    assert_int_equal(hd_kind_parse(text, op, NULL), HD_OK);
}

/* Groups of the batch outermost, no loop of the mesh over the dims of some roles. */
static unsigned make_limits(hd_random *random, const hd_operator *op, hd_constraints *limits)
{
    unsigned handed = 1u + (unsigned)hd_random_below(random, 7);
    memset(limits, 0, sizeof *limits);
    for (int r = 0; r < HD_I2; r++)
        for (int d = 0; (handed >> r & 1u) && d < op->dims; d++)
            if (hd_tensor_dims(op, (hd_role)r) >> d & 1u) limits->loop[1][d] = (hd_limit){1, 1};
    int64_t groups = 1 << hd_random_below(random, 3);
    limits->loop[1][0] = (hd_limit){groups, groups};
    limits->outer[1] = 1; /* the batch is the first dim */
    return handed;
}

static void what_is_left_out_has_no_schedule(void **state)
{
    (void)state;
    int out = 0, in = 0;
    hd_random random;
    hd_random_seed(&random, 11, 0);
    double values[8] = {20};
    for (int i = 1; hd_solver_descend.options[i].name; i++) values[i] = hd_solver_descend.options[i].standard;
    const hd_plan_options options = {.solver = &hd_solver_descend, .option_values = values, .model = &hd_model_native,
                                     .seed = 1, .threads = 1, .space_given = true, .space = HD_SPACE_FREE};
    for (int n = 0; n < CASES; n++) {
        hd_arch arch;
        hd_operator op;
        hd_constraints limits;
        make_chip(&random, &arch);
        make_operator(&random, &op);
        unsigned handed = make_limits(&random, &op, &limits);
        hd_memo memo = {.arena = hd_arena_new(NULL, 0)};
        const hd_problem p = {.op = &op, .arch = &arch, .model = options.model};
        hd_solved *s;
        bool room = hd_stage_may_fit(&options, &p, handed, &limits);
        assert_int_equal(hd_memo_entry(&memo, &options, &p, -1, &limits, &s, NULL), HD_OK);
        assert_int_equal(hd_memo_solve(&memo, &s, 1, &options, HD_EFFORT_WHOLE, 0, NULL), HD_OK);
        if (s->best.found) assert_true(room); /* whatever fits is let in */
        out += !room;
        in += s->best.found;
        hd_arena_free(memo.arena);
    }
    assert_true(out > CASES / 10 && in > CASES / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_left_out_has_no_schedule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
