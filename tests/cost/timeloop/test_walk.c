/* Is the model what its rules say?  Random mappings, perfect and imperfect, against a walker that does every step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "draw.h"
#include "walker.h"

static int seen, seen_linked, seen_uneven, wrong;

static void compare(const draw_case *c, int case_number, const char *what, int level, int role, double ours, double theirs)
{
    double scale = fmax(1, fabs(theirs));
    if (fabs(ours - theirs) <= 0.5 + 1e-9 * scale) return;
    if (wrong++ < 20)
        print_error("case %d: %s of %s at %s: %.17g, walked %.17g\n", case_number, what, hd_role_name((hd_role)role),
                    c->arch.level[level].name, ours, theirs);
}

typedef struct heard { const draw_case *c; const walker_counts *w; const hd_breakdown *b; int number; double ingresses; } heard;

static void hear(void *user, const hd_fact *f)
{
    heard *h = user;
    if (!f->network || f->role < 0) return;
    double parents = (double)h->b->instances_used[f->level - 1];
    if (strcmp(f->name, "ingresses") == 0) h->ingresses = f->value;
    if (strcmp(f->name, "avg_hops") == 0 && h->ingresses > 0) /* 2A - D may vanish for O that slides */
        compare(h->c, h->number, "hops", f->level, f->role, f->value * h->ingresses * parents, h->w->hops[f->level][f->role]);
    if (strcmp(f->name, "link_transfers") != 0) return;
    seen_linked += f->value > 0;
    if (f->level < h->c->arch.levels - 1) /* not charged where the level inside keeps nothing */
        compare(h->c, h->number, "transfers", f->level, f->role, f->value * parents, h->w->transfers[f->level][f->role]);
}

static void judge(const draw_case *c, int number)
{
    walker_counts w;
    hd_breakdown b;
    if (!walker_count(&c->problem, &c->scheme, &w)) return;
    seen++;
    hd_model_timeloop.price(&c->problem, &c->scheme, &b);
    heard h = {c, &w, &b, number, 0};
    for (int l = 0; l < c->arch.levels - 1; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            double n = (double)b.instances_used[l];
            if (!c->op.tensor[r].used) continue;
            compare(c, number, "reads", l, r, (double)b.access[l][r].reads, w.reads[l][r] * n);
            compare(c, number, "fills", l, r, (double)b.access[l][r].fills, w.fills[l][r] * n);
            compare(c, number, "updates", l, r, (double)b.access[l][r].updates, w.updates[l][r] * n);
        }
    compare(c, number, "computes", 0, 0, (double)b.computes, w.computes);
    compare(c, number, "cycles", 0, 0, (double)b.compute_cycles, w.cycles);
    double units = (double)b.instances_used[c->arch.levels - 1];
    seen_uneven += w.computes != (double)hd_operator_points(&c->op) || w.cycles * units != w.computes;
    hd_model_timeloop.facts(&c->problem, &c->scheme, hear, &h);
}

static void many(const draw_wish *wish, int cases, uint64_t stream)
{
    wrong = seen = seen_linked = seen_uneven = 0;
    for (int i = 0; i < cases; i++) {
        hd_random random;
        draw_case c;
        hd_random_seed(&random, stream, (uint64_t)i);
        draw_any(&random, wish, &c);
        judge(&c, i);
    }
    print_message("%d cases, %d walked, %d linked, %d uneven, %d differ\n", cases, seen, seen_linked, seen_uneven, wrong);
    assert_int_equal(wrong, 0);
    assert_true(seen > cases / 2);
    assert_true(seen_linked > cases / 50);
    assert_true(!wish->imperfect || seen_uneven > cases / 5);
}

static int times = 1; /* or as the first argument says: a longer run */

static void perfect_mappings(void **state)
{
    (void)state;
    many(&(draw_wish){.bypass = true, .flags = true, .slide = true, .loops = 7, .stacks = 4}, 200 * times, 1);
}

static void imperfect_mappings(void **state)
{
    (void)state;
    many(&(draw_wish){.imperfect = true, .bypass = true, .flags = true, .slide = true, .loops = 5, .stacks = 3}, 100 * times, 2);
}

int main(int count, char **arg)
{
    if (count > 1) times = (int)strtol(arg[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(perfect_mappings), cmocka_unit_test(imperfect_mappings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
