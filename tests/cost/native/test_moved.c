/* Words that move into tiles, at first, at last and over the whole run, against units that step through time one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "draw.h"

enum { DIMS = 3, POINTS = 400, UNITS = 256, WORDS = 4096 };

/* The box of one unit: an interval per rank. */
typedef struct tile { bool any; int64_t lo[HD_MAX_RANKS], hi[HD_MAX_RANKS]; } tile;

typedef struct machine {
    const drawn *w;
    const nest_view *view;
    const hd_tensor *tensor;
    int64_t index[HD_MAX_DIMS][HD_MAX_DIGITS];
    int digits[HD_MAX_DIMS], units;
    tile held[UNITS];
    bool worked[UNITS];            /* in the step just made */
    int64_t moved, first, every_step, last, last_step;
} machine;

/* The next indices of all stacks (or of all loops, the innermost in time first); false after the last. */
static bool next_unit(machine *m)
{
    for (int d = 0; d < m->w->op.dims; d++) {
        unsigned stacks = 0;
        for (int i = 0; i < m->digits[d]; i++) stacks |= m->w->n.dim[d].digit[i].time < 0 ? 1u << i : 0;
        if (brute_next(&m->w->n.dim[d], stacks, m->index[d])) return true;
    }
    return false;
}

static bool next_step(machine *m)
{
    for (int time = m->w->n.loops_to[m->view->event] - 1; time >= 0; time--)
        for (int d = 0; d < m->w->op.dims; d++)
            for (int i = 0; i < m->digits[d]; i++) {
                if (m->w->n.dim[d].digit[i].time != time) continue;
                if (++m->index[d][i] < m->w->n.dim[d].digit[i].count) return true;
                m->index[d][i] = 0;
            }
    return false;
}

/* The unit's box at this step; false if it is idle. */
static bool box_of(const machine *m, tile *t)
{
    const hd_operator *op = &m->w->op;
    int64_t lo[HD_MAX_DIMS], hi[HD_MAX_DIMS];
    for (int d = 0; d < op->dims; d++)
        if (!brute_piece(&m->w->n.dim[d], m->digits[d], op->dim[d].extent, m->index[d], &lo[d], &hi[d])) return false;
    t->any = true;
    for (int r = 0; r < m->tensor->ranks; r++) {
        const hd_rank *rank = &m->tensor->rank[r];
        t->lo[r] = rank->offset;
        t->hi[r] = rank->offset + 1;
        for (int k = 0; k < rank->terms; k++) {
            t->lo[r] += rank->term[k].coef * lo[rank->term[k].dim];
            t->hi[r] += rank->term[k].coef * (hi[rank->term[k].dim] - 1);
        }
        t->lo[r] = hd_count_max(t->lo[r], 0);
        t->hi[r] = hd_count_min(t->hi[r], rank->extent);
    }
    return true;
}

/* Units that differ only in merged stacks are one group. */
static int64_t group_of(const machine *m)
{
    int64_t group = 0;
    for (int d = 0; d < m->w->op.dims; d++)
        for (int i = 0; i < m->digits[d]; i++) {
            const nest_digit *g = &m->w->n.dim[d].digit[i];
            if (g->time < 0) group = group * g->count + (g->stack & m->view->merge ? 0 : m->index[d][i]);
        }
    return group;
}

/* Words of `now` that `old` lacks and that the group has not yet counted, here. */
static int64_t enter(const machine *m, const tile *now, const tile *old, int64_t group, bool (*counted)[WORDS])
{
    int64_t words = 0, at[HD_MAX_RANKS];
    int ranks = m->tensor->ranks;
    for (int r = 0; r < ranks; r++) {
        if (now->lo[r] >= now->hi[r]) return 0;
        at[r] = now->lo[r];
    }
    for (int r = 0; r >= 0;) {
        int64_t word = 0;
        bool held = old && old->any;
        for (int k = 0; k < ranks; k++) {
            word = word * m->tensor->rank[k].extent + at[k];
            held = held && old->lo[k] <= at[k] && at[k] < old->hi[k];
        }
        assert_true(word < WORDS && group < UNITS);
        words += !held && !counted[group][word];
        if (!held) counted[group][word] = true;
        for (r = ranks - 1; r >= 0 && ++at[r] == now->hi[r]; r--) at[r] = now->lo[r];
    }
    return words;
}

/* One step of all units; returns whether anybody worked. */
static bool make_step(machine *m, bool first)
{
    static bool entered[UNITS][WORDS], asked[UNITS][WORDS];
    bool any = false;
    int unit = 0;
    memset(entered, 0, sizeof entered);
    memset(asked, 0, sizeof asked);
    for (int u = 0; u < m->units; u++) m->worked[u] = false;
    do {
        tile t = {.any = false};
        m->worked[unit] = box_of(m, &t);
        if (m->worked[unit]) {
            int64_t words = enter(m, &t, &m->held[unit], group_of(m), entered);
            m->moved += words;
            m->first += first ? words : 0;
            m->every_step += enter(m, &t, NULL, group_of(m), asked);
            m->held[unit] = t;
            any = true;
        }
        unit++;
    } while (next_unit(m));
    return any;
}

/* What all units hold, merged in groups; or those alone that have worked in this step. */
static int64_t held_words(machine *m, bool workers_only)
{
    static bool counted[UNITS][WORDS];
    int64_t words = 0;
    int unit = 0;
    memset(counted, 0, sizeof counted);
    do {
        if (m->held[unit].any && (m->worked[unit] || !workers_only))
            words += enter(m, &m->held[unit], NULL, group_of(m), counted);
        unit++;
    } while (next_unit(m));
    return words;
}

static void run(machine *m)
{
    bool first = true;
    do {
        if (make_step(m, first)) m->last_step = held_words(m, true);
        first = false;
    } while (next_step(m));
    m->last = held_words(m, false);
}

/* A tensor of some of the dims: plain ranks, and maybe one that slides over the first two or is strided. */
static void draw_tensor(hd_random *r, hd_operator *op, hd_tensor *t)
{
    int dim = 0, kind = (int)hd_random_below(r, 4);
    *t = (hd_tensor){.used = true};
    if (kind == 0) {
        hd_rank *rank = &t->rank[t->ranks++];
        *rank = (hd_rank){.terms = 2, .term = {{0, 1 + hd_random_below(r, 2)}, {1, 1}}, .offset = -hd_random_below(r, 2)};
        rank->extent = rank->term[0].coef * (op->dim[0].extent - 1) + op->dim[1].extent - hd_random_below(r, 2);
        rank->extent = hd_count_max(1, rank->extent);
        dim = 2;
    }
    for (; dim < op->dims; dim++) {
        if (hd_random_below(r, 3) == 0) continue;
        hd_rank *rank = &t->rank[t->ranks++];
        *rank = (hd_rank){.terms = 1, .term = {{dim, 1}}, .extent = op->dim[dim].extent};
        if (kind == 1 && dim == 0) {
            rank->term[0].coef = 2;
            rank->extent = 2 * op->dim[dim].extent - 1;
        }
    }
}

static int64_t units_of(const drawn *w, int level)
{
    int64_t units = 1;
    for (int d = 0; d < w->op.dims; d++)
        for (int i = 0; i < w->n.dim[d].digits && w->n.dim[d].digit[i].level <= level; i++)
            if (w->n.dim[d].digit[i].time < 0) units *= w->n.dim[d].digit[i].count;
    return units;
}

/* Last words are served where no dim of a sliding, strided or clipped rank has a stack. */
static bool last_is_served(const drawn *w, const hd_tensor *t)
{
    for (int r = 0; r < t->ranks; r++)
        for (int k = 0; k < t->rank[r].terms && !hd_rank_is_plain(&w->op, &t->rank[r]); k++)
            if (w->n.dim[t->rank[r].term[k].dim].stacks) return false;
    return true;
}

/* Two views in one walk are what they are each by itself. */
static void assert_twice(const drawn *w, const nest_role *role, const nest_view *v, int64_t moved)
{
    nest_view both[2] = {*v, *v};
    int64_t words[2];
    both[0].merge = 0;
    hd_moved_twice(&w->n, role, both, words);
    assert_int_equal(words[0], hd_moved(&w->n, role, &both[0], NULL));
    assert_int_equal(words[1], moved);
}

static void assert_run(const drawn *w, const hd_tensor *t, const nest_view *v)
{
    static machine m;
    nest_role role;
    m = (machine){.w = w, .view = v, .tensor = t, .units = (int)units_of(w, v->event)};
    for (int d = 0; d < w->op.dims; d++) m.digits[d] = brute_digits_to(&w->n.dim[d], v->event);
    run(&m);
    hd_nest_role(&w->problem, HD_I, &role);
    assert_int_equal(hd_moved(&w->n, &role, v, NULL), m.moved);
    assert_twice(w, &role, v, m.moved);
    assert_int_equal(hd_moved_first(&w->n, &role, v), m.first);
    assert_int_equal(hd_moved_every_step(&w->n, &role, v), m.every_step);
    if (!last_is_served(w, t)) return;
    assert_int_equal(hd_moved_last(&w->n, &role, v), m.last);
    assert_int_equal(hd_moved_last_step(&w->n, &role, v), m.last_step);
}

static void words_like_step_by_step(void **state)
{
    hd_random r;
    drawn w;
    int cases = 0;
    (void)state;
    hd_random_seed(&r, 10, 0);
    while (cases < 400) {
        draw_nest(&r, DIMS, hd_random_below(&r, 4) > 0, &w);
        nest_view v = {.event = 1 + (int)hd_random_below(&r, w.n.mac), .fixed = -1, .merge = (unsigned)hd_random_next(&r)};
        v.box = v.event;
        if (hd_operator_points(&w.op) > POINTS || units_of(&w, v.event) > UNITS) continue;
        draw_tensor(&r, &w.op, &w.op.tensor[HD_I]);
        assert_run(&w, &w.op.tensor[HD_I], &v);
        cases++;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_like_step_by_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
