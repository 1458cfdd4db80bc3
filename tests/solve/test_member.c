/* Is it known of every scheme whether it is one of a space's? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "small.h"

static void samples_are_members(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        small_case c;
        hd_space space, wide;
        hd_random random;
        hd_scheme scheme;
        small_problem(11, i, &c);
        hd_random_seed(&random, 11, i);
        hd_space_init(&space, &c.problem, HD_SPACE_TEMPLATE, c.ragged, c.bypass);
        hd_space_init(&wide, &c.problem, HD_SPACE_FREE, true, true);
        for (int k = 0; k < 10; k++) {
            hd_space_sample(&space, &random, &scheme);
            if (!hd_space_has(&space, &scheme)) fail_msg("case %d: a sample is none of its space's", (int)i);
            if (!hd_space_has(&wide, &scheme)) fail_msg("case %d: a sample is none of a larger space's", (int)i);
        }
    }
}

/* DRAM > 4 x 3 nodes or wires > MAC. */
static void make(small_case *c, const char *op, bool mesh)
{
    hd_error err = {0};
    memset(c, 0, sizeof *c);
    assert_int_equal(hd_kind_parse(op, &c->op, &err), HD_OK);
    small_array(&c->arch, false);
    if (mesh) c->arch.level[2].mesh = (hd_mesh){.ports = 1};
    c->problem = (hd_problem){.op = &c->op, .arch = &c->arch};
}

/* All of `dim` at the level in two copies, each of which goes through its own half in two steps, or in turns with the other. */
static void halves(hd_scheme *s, int level, int dim, bool own)
{
    hd_scheme_level *l = &s->level[level];
    l->stack[l->stacks++] = (hd_stack){dim, HD_X, own ? 2 : 1, 2};
    l->update[l->updates++] = (hd_update){dim, own ? 1 : 2};
    for (int k = level; k < s->levels; k++) s->level[k].tensor[dim] = 1;
}

static void start(const small_case *c, hd_scheme *s)
{
    hd_scheme_trivial(&c->problem, s);
    for (int l = 1; l < s->levels; l++) {
        s->level[l].keep = l < s->levels - 1 ? HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O) : 0;
        s->level[l].updates = 0;
        for (int d = 0; d < c->op.dims; d++) s->level[l].tensor[d] = c->op.dim[d].extent;
    }
}

static void ranges_of_their_own_are_none(void **state)
{
    small_case c;
    hd_space space;
    hd_scheme s;
    (void)state;
    make(&c, "matmul(M=4,N=1,K=1)", false);
    hd_space_init(&space, &c.problem, HD_SPACE_FREE, false, false);
    for (int own = 0; own < 2; own++) {
        start(&c, &s);
        halves(&s, 2, hd_operator_dim(&c.op, "M"), own);
        assert_true(hd_scheme_is_legal(&c.problem, &s, NULL));
        assert_true(hd_space_has(&space, &s) == !own);
    }
}

static void places_count_on_a_mesh_alone(void **state)
{
    (void)state;
    for (int mesh = 0; mesh < 2; mesh++)
        for (int swapped = 0; swapped < 2; swapped++) {
            small_case c;
            hd_space space;
            hd_scheme s;
            make(&c, "matmul(M=2,N=2,K=1)", mesh);
            hd_space_init(&space, &c.problem, HD_SPACE_FREE, false, false);
            start(&c, &s);
            for (int i = 0; i < 2; i++) {
                int dim = hd_operator_dim(&c.op, (i == 1) != (swapped == 1) ? "N" : "M");
                s.level[2].stack[s.level[2].stacks++] = (hd_stack){dim, HD_X, 1, 2};
                s.level[2].tensor[dim] = s.level[3].tensor[dim] = 1;
            }
            assert_true(hd_scheme_is_legal(&c.problem, &s, NULL));
            assert_true(hd_space_has(&space, &s) == !(mesh && swapped));
        }
}

static void what_is_not_allowed_is_none(void **state)
{
    small_case c;
    hd_space space;
    hd_scheme s;
    (void)state;
    make(&c, "matmul(M=4,N=6,K=1)", false);
    int n = hd_operator_dim(&c.op, "N");
    hd_space_init(&space, &c.problem, HD_SPACE_FREE, false, false);
    start(&c, &s);
    for (int l = 2; l < s.levels; l++) s.level[l].tensor[n] = 4; /* divides not */
    s.level[2].update[s.level[2].updates++] = (hd_update){n, 4};
    s.level[3].tensor[n] = 1;
    s.level[3].update[s.level[3].updates++] = (hd_update){n, 1};
    for (int d = 0; d < c.op.dims; d++)
        if (d != n && c.op.dim[d].extent > 1) {
            s.level[3].tensor[d] = 1;
            s.level[3].update[s.level[3].updates++] = (hd_update){d, 1};
        }
    assert_true(hd_scheme_is_legal(&c.problem, &s, NULL));
    assert_false(hd_space_has(&space, &s));
    s.level[1].keep &= ~HD_ROLE_BIT(HD_W);
    hd_space_init(&space, &c.problem, HD_SPACE_FREE, true, false);
    assert_false(hd_space_has(&space, &s)); /* bypass is not explored */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_members), cmocka_unit_test(ranges_of_their_own_are_none),
        cmocka_unit_test(places_count_on_a_mesh_alone), cmocka_unit_test(what_is_not_allowed_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
