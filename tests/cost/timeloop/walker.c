/* What would Timeloop do, step by step?  Parents one after the other, all evaluated iterations, all instances, boxes
 * compared pair by pair; existence by coordinates, not by residuals. */
#include "walker.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_LOOPS = 40, MAX_STACKS = 8, MAX_UNITS = 81, MAX_WORK = 30000 };

typedef struct box { bool any; int64_t low[HD_MAX_RANKS], high[HD_MAX_RANKS]; } box;
typedef struct memory { bool visited, turned_free; box tile, delta; int64_t direction[HD_MAX_RANKS]; } memory;
typedef struct loop { int block, dim; int64_t step, bound; } loop;
typedef struct stack { int dim, axis; int64_t shift, copies; } stack;

typedef struct walk {
    const hd_problem *p;
    const hd_scheme *s;
    int mac, role, block;        /* deltas of level block + 1 */
    loop loops[MAX_LOOPS];       /* outermost first, of all blocks */
    int count, stacks[HD_MAX_LEVELS];
    stack stack_of[HD_MAX_LEVELS][MAX_STACKS]; /* X first */
    bool imperfect, links;
    int64_t units;
    int64_t parent[HD_MAX_LEVELS][MAX_STACKS]; /* indices of the blocks outside */
    int64_t low[HD_MAX_DIMS];    /* by the loops and the parent's stacks */
    memory memory[MAX_UNITS];
    /* totals over all parents */
    double words, accesses, hops, linked, linked_hops, transfers;
    int64_t work;                /* so far, for one block */
} walk;

/* ---- boxes ---- */

static int ranks(const walk *w) { return w->p->op->tensor[w->role].ranks; }

static box project(const walk *w, const int64_t *low, const int64_t *high)
{
    const hd_tensor *t = &w->p->op->tensor[w->role];
    box b = {.any = true};
    for (int r = 0; r < t->ranks; r++) {
        b.low[r] = 0;
        b.high[r] = 1;
        for (int k = 0; k < t->rank[r].terms; k++) {
            b.low[r] += t->rank[r].term[k].coef * low[t->rank[r].term[k].dim];
            b.high[r] += t->rank[r].term[k].coef * (high[t->rank[r].term[k].dim] - 1);
        }
    }
    return b;
}

static double volume(const walk *w, const box *b)
{
    double v = b->any ? 1 : 0;
    for (int r = 0; b->any && r < ranks(w); r++) v *= (double)(b->high[r] - b->low[r]);
    return v;
}

static bool equal(const walk *w, const box *a, const box *b)
{
    if (!a->any || !b->any) return false;
    for (int r = 0; r < ranks(w); r++)
        if (a->low[r] != b->low[r] || a->high[r] != b->high[r]) return false;
    return true;
}

/* Rules 1 to 3: what of `now` is not in `then`. */
static box minus(const walk *w, const box *now, const box *then)
{
    int unequal = 0, r = -1;
    box b = *now;
    for (int k = 0; k < ranks(w); k++)
        if (now->low[k] != then->low[k] || now->high[k] != then->high[k]) unequal++, r = k;
    if (unequal == 0) b.any = false;
    if (unequal != 1) return b;
    int64_t low = now->low[r], high = now->high[r], from = then->low[r], to = then->high[r];
    if (to <= low || from >= high) return b;
    if (from <= low && to >= high) b.any = false;
    else if (from <= low) b.low[r] = to;
    else if (to >= high) b.high[r] = from;
    return b;
}

/* Rule 4. */
static box receive(const walk *w, memory *m, const box *now)
{
    int64_t by[HD_MAX_RANKS] = {0};
    bool anew = w->block + 1 == w->mac ||
                (w->p->arch->level[w->block + 1].timeloop.no_reuse & HD_ROLE_BIT(w->role)), other = false;
    box got = *now;
    for (int r = 0; r < ranks(w); r++) by[r] = now->low[r] - m->tile.low[r];
    for (int r = 0; r < ranks(w); r++) other |= by[r] != m->direction[r];
    if (!m->visited || anew || (!m->turned_free && other)) m->turned_free = true;
    else {
        got = minus(w, now, &m->tile);
        m->turned_free = false;
        memcpy(m->direction, by, sizeof by);
    }
    m->visited = true;
    m->tile = *now;
    return got;
}

/* ---- one step of one parent ---- */

static void unit_index(const walk *w, int64_t unit, int64_t index[MAX_STACKS])
{
    for (int i = 0; i < w->stacks[w->block]; i++) {
        index[i] = unit % w->stack_of[w->block][i].copies;
        unit /= w->stack_of[w->block][i].copies;
    }
}

static box unit_tile(const walk *w, int64_t unit)
{
    int64_t index[MAX_STACKS], low[HD_MAX_DIMS], high[HD_MAX_DIMS];
    box none = {.any = false};
    memcpy(low, w->low, sizeof low);
    unit_index(w, unit, index);
    for (int i = 0; i < w->stacks[w->block]; i++)
        low[w->stack_of[w->block][i].dim] += index[i] * w->stack_of[w->block][i].shift;
    for (int d = 0; d < w->p->op->dims; d++) {
        int64_t extent = w->p->op->dim[d].extent;
        if (low[d] >= extent) return none;
        high[d] = low[d] + w->s->level[w->block + 1].tensor[d];
        if (high[d] > extent) high[d] = extent;
    }
    return project(w, low, high);
}

/* May one access serve both units, as far as the wires go? */
static bool wired(const walk *w, int64_t a, int64_t b)
{
    const hd_level *l = &w->p->arch->level[w->block + 1];
    int64_t x[MAX_STACKS], y[MAX_STACKS];
    unit_index(w, a, x);
    unit_index(w, b, y);
    for (int i = 0; i < w->stacks[w->block]; i++) {
        int axis = w->stack_of[w->block][i].axis;
        bool merges = w->role == HD_O ? l->reduce[axis] : (l->multicast[axis] >> w->role & 1u) != 0;
        if (!merges && x[i] != y[i]) return false;
    }
    return true;
}

static bool adjacent(const walk *w, int64_t a, int64_t b)
{
    const hd_level *l = &w->p->arch->level[w->block + 1];
    int64_t width = l->fan[HD_X], height = l->fan[HD_Y], dx = llabs(a % width - b % width), dy = llabs(a / width - b / width);
    if (w->p->settings[2] != 0) {
        if (dx == width - 1 && width > 1) dx = 1;
        if (dy == height - 1 && height > 1) dy = 1;
    }
    return dx + dy == 1;
}

static double tree(const walk *w, const bool *member)
{
    const hd_level *l = &w->p->arch->level[w->block + 1];
    double middle = (double)(l->fan[HD_Y] - 1) / 2, hops = 0;
    int64_t far = 0;
    for (int64_t u = 0; u < w->units; u++)
        if (member[u] && u % l->fan[HD_X] > far) far = u % l->fan[HD_X];
    for (int64_t x = 0; x <= far; x++) {
        double up = 0, down = 0;
        for (int64_t u = x; u < w->units; u += l->fan[HD_X]) {
            double y = (double)(u / l->fan[HD_X]) - middle;
            if (member[u] && y > up) up = y;
            if (member[u] && -y > down) down = -y;
        }
        hops += up + down;
    }
    return w->units > 1 ? hops + (double)far : 0;
}

static void serve(walk *w, const box *delta, bool *waiting, double times, double *accesses, double *hops)
{
    bool group[MAX_UNITS];
    for (int64_t u = 0; u < w->units; u++) {
        if (!waiting[u]) continue;
        for (int64_t v = 0; v < w->units; v++) {
            group[v] = waiting[v] && equal(w, &delta[u], &delta[v]) && wired(w, u, v);
            if (group[v] && v != u) waiting[v] = false;
        }
        waiting[u] = false;
        *accesses += times * volume(w, &delta[u]);
        *hops += times * volume(w, &delta[u]) * tree(w, group);
    }
}

static void step(walk *w, double times)
{
    box delta[MAX_UNITS], before[MAX_UNITS];
    bool waiting[MAX_UNITS], any = false;
    for (int64_t u = 0; u < w->units; u++) {
        box now = unit_tile(w, u);
        before[u] = w->memory[u].delta;
        delta[u].any = false;
        if (now.any) delta[u] = receive(w, &w->memory[u], &now);
        any |= now.any;
    }
    for (int64_t u = 0; any && u < w->units; u++) {
        w->memory[u].delta = delta[u];
        w->words += times * volume(w, &delta[u]);
        waiting[u] = delta[u].any;
    }
    if (any) serve(w, delta, waiting, times, &w->accesses, &w->hops);
    for (int64_t u = 0; any && u < w->units; u++) {
        waiting[u] = delta[u].any;
        for (int64_t v = 0; w->links && waiting[u] && v < w->units; v++)
            if (adjacent(w, u, v) && equal(w, &delta[u], &before[v])) waiting[u] = false;
        if (delta[u].any && !waiting[u]) w->transfers += times * volume(w, &delta[u]);
    }
    if (any) serve(w, delta, waiting, times, &w->linked, &w->linked_hops);
}

/* ---- rule 5: which iterations, how often ---- */

static void iterate(walk *w, int at, int block, double times)
{
    while (at < w->count && w->loops[at].block == block) {
        const loop *l = &w->loops[at];
        int64_t n = 0;
        while (n < l->bound && w->low[l->dim] + n * l->step < w->p->op->dim[l->dim].extent) n++;
        for (int64_t i = 0; i < n; i++) {
            double often = 1;
            if (!w->imperfect && i >= 2) break;
            if (!w->imperfect && i == 1) often = (double)(n - 1);
            if (w->imperfect && n > 3 && i == 1) often = (double)(n - 3);
            if (w->imperfect && i > 1 && i < n - 2) continue;
            w->low[l->dim] += i * l->step;
            iterate(w, at + 1, block, times * often);
            w->low[l->dim] -= i * l->step;
        }
        return;
    }
    if (block == w->block) {
        w->work += w->units * w->units + 10;
        if (w->work < MAX_WORK) step(w, times);
        return;
    }
    int64_t saved[HD_MAX_DIMS];
    memcpy(saved, w->low, sizeof saved);
    bool exists = true;
    for (int i = 0; i < w->stacks[block]; i++) {
        const stack *st = &w->stack_of[block][i];
        w->low[st->dim] += w->parent[block][i] * st->shift;
        exists &= w->low[st->dim] < w->p->op->dim[st->dim].extent;
    }
    if (exists) iterate(w, at, block + 1, times);
    memcpy(w->low, saved, sizeof saved);
}

/* Every combination of indices of the blocks outside is a parent of its own. */
static bool next_parent(walk *w)
{
    for (int b = 0; b < w->block; b++)
        for (int i = 0; i < w->stacks[b]; i++) {
            if (++w->parent[b][i] < w->stack_of[b][i].copies) return true;
            w->parent[b][i] = 0;
        }
    return false;
}

static bool walk_block(walk *w, int role, int block)
{
    w->role = role;
    w->block = block;
    w->units = 1;
    for (int i = 0; i < w->stacks[block]; i++) w->units *= w->stack_of[block][i].copies;
    assert_true(w->units <= MAX_UNITS);
    w->words = w->accesses = w->hops = w->linked = w->linked_hops = w->transfers = 0;
    w->links = w->p->settings[0] != 0 && !(w->p->arch->level[block + 1].timeloop.no_links >> role & 1u);
    memset(w->parent, 0, sizeof w->parent);
    w->work = 0;
    do {
        memset(w->memory, 0, sizeof *w->memory * (size_t)w->units);
        for (int64_t u = 0; u < w->units; u++) w->memory[u].turned_free = true;
        iterate(w, 0, 0, 1);
    } while (w->work < MAX_WORK && next_parent(w));
    return w->work < MAX_WORK;
}

/* ---- a.5, a.6 ---- */

static void read_scheme(walk *w, const hd_problem *p, const hd_scheme *s)
{
    memset(w, 0, sizeof *w);
    w->p = p;
    w->s = s;
    w->mac = s->levels - 1;
    for (int b = 0; b < w->mac; b++) {
        const hd_scheme_level *l = &s->level[b + 1];
        for (int i = l->updates - 1; i >= 0; i--) {
            int64_t step = l->update[i].step, span = s->level[b].tensor[l->update[i].dim];
            assert_true(w->count < MAX_LOOPS);
            w->loops[w->count++] = (loop){b, l->update[i].dim, step, (span + step - 1) / step};
        }
        for (int axis = 0; axis < HD_AXES; axis++)
            for (int i = 0; i < l->stacks; i++)
                if (l->stack[i].axis == axis) {
                    assert_true(w->stacks[b] < MAX_STACKS);
                    w->stack_of[b][w->stacks[b]++] = (stack){l->stack[i].dim, axis, l->stack[i].shift, l->stack[i].copies};
                }
    }
    double padded = 1, points = 1;
    for (int i = 0; i < w->count; i++) padded *= (double)w->loops[i].bound;
    for (int b = 0; b < w->mac; b++)
        for (int i = 0; i < w->stacks[b]; i++) padded *= (double)w->stack_of[b][i].copies;
    for (int d = 0; d < p->op->dims; d++) points *= (double)p->op->dim[d].extent;
    w->imperfect = padded != points;
}

/* Points of the arithmetic unit of index 0 everywhere, its iterations enumerated one by one. */
static double first_unit(const walk *w)
{
    double points = 1;
    for (int d = 0; d < w->p->op->dims; d++) {
        int64_t index[MAX_LOOPS] = {0}, found = 0;
        for (bool more = true; more;) {
            int64_t low = 0;
            for (int i = 0; i < w->count; i++)
                if (w->loops[i].dim == d) low += index[i] * w->loops[i].step;
            found += low < w->p->op->dim[d].extent;
            int i = 0;
            for (; i < w->count; i++) {
                if (w->loops[i].dim != d) continue;
                if (++index[i] < w->loops[i].bound) break;
                index[i] = 0;
            }
            more = i < w->count;
        }
        points *= (double)found;
    }
    return points;
}

static double tensor_words(const walk *w)
{
    int64_t low[HD_MAX_DIMS] = {0}, high[HD_MAX_DIMS];
    for (int d = 0; d < w->p->op->dims; d++) high[d] = w->p->op->dim[d].extent;
    box b = project(w, low, high);
    return volume(w, &b);
}

/* Words of the tensor per instance of the level, docs/timeloop.md "partition". */
static double partition(const walk *w, int level)
{
    double words = tensor_words(w);
    for (int b = 0; b < level; b++) {
        int64_t low[HD_MAX_DIMS] = {0}, high[HD_MAX_DIMS];
        memcpy(high, w->s->level[b + 1].tensor, sizeof high);
        box alone = project(w, low, high);
        for (int i = 0; i < w->stacks[b]; i++)
            high[w->stack_of[b][i].dim] += w->stack_of[b][i].shift * (w->stack_of[b][i].copies - 1);
        box together = project(w, low, high);
        words *= volume(w, &alone) / volume(w, &together);
    }
    return words;
}

typedef struct network { double accesses, words, peers, hops; } network;

static bool walk_role(walk *w, int role, walker_counts *out)
{
    network net[HD_MAX_LEVELS];
    double instances[HD_MAX_LEVELS] = {1}, from_below[HD_MAX_LEVELS];
    int home = w->p->home[role];
    for (int b = 0; b < w->mac; b++) {
        instances[b + 1] = instances[b];
        for (int i = 0; i < w->stacks[b]; i++) instances[b + 1] *= (double)w->stack_of[b][i].copies;
        if (b < home) continue;
        if (!walk_block(w, role, b)) return false;
        bool linked = w->links && w->linked < w->accesses;
        net[b] = linked ? (network){w->linked, w->words - w->transfers, w->transfers, w->linked_hops}
                        : (network){w->accesses, w->words, 0, w->hops};
        from_below[b] = net[b].accesses;
        if (b == w->mac - 1) from_below[b] *= out->computes / w->words;
        out->hops[b + 1][role] = net[b].hops;
    }
    for (int k = w->mac - 1; k > home; k--)
        if (!hd_scheme_keeps(w->p, w->s, k, (hd_role)role)) {
            from_below[k - 1] = net[k - 1].accesses * from_below[k] / net[k - 1].words;
            net[k - 1].peers = 0;
        }
    for (int k = home; k < w->mac; k++) {
        if (!hd_scheme_keeps(w->p, w->s, k, (hd_role)role)) continue;
        double peer = k > home ? net[k - 1].peers / instances[k - 1] / instances[k] : 0;
        double first = role == HD_O && w->p->settings[1] != 0 ? partition(w, k) : 0;
        out->reads[k][role] = fmax(0, from_below[k] / instances[k] + peer - first);
        out->fills[k][role] = k > home ? fmax(0, net[k - 1].words / instances[k] + peer - first) : 0;
        out->updates[k][role] = role == HD_O ? from_below[k] / instances[k] : 0;
        out->transfers[k][role] = k > home ? net[k - 1].peers : 0;
    }
    return true;
}

bool walker_count(const hd_problem *p, const hd_scheme *s, walker_counts *out)
{
    walk w;
    double units = 1;
    memset(out, 0, sizeof *out);
    read_scheme(&w, p, s);
    for (int b = 0; b < w.mac; b++)
        for (int i = 0; i < w.stacks[b]; i++) units *= (double)w.stack_of[b][i].copies;
    out->cycles = 1;
    for (int i = 0; i < w.count; i++) out->cycles *= (double)w.loops[i].bound;
    out->computes = first_unit(&w) * units;
    for (int r = 0; r < HD_ROLES; r++) {
        w.role = r;
        if (p->op->tensor[r].used && !walk_role(&w, r, out)) return false;
    }
    return true;
}
