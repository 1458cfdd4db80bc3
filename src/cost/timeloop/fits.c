/* What Timeloop's model prices, and whose tiles fit (a.2). */
#include <math.h>
#include <stdio.h>

#include "base/count.h"
#include "cost/timeloop/timeloop.h"

bool hd_tl_serves(const hd_problem *p, hd_refusal *out)
{
    const hd_operator *op = p->op;
    if (op->vector)
        return hd_refuse_model(out, -1, "timeloop prices multiply-accumulate operators, %s is vector work",
                               hd_kind_name(op->kind));
    if (op->row_dims)
        return hd_refuse_model(out, -1, "timeloop has no operator that reads its rows twice");
    if (!op->tensor[HD_O].used)
        return hd_refuse_model(out, -1, "timeloop needs a read-write tensor");
    for (int l = 0; l < p->arch->levels; l++)
        if (p->arch->level[l].mesh.ports > 0)
            return hd_refuse_model(out, l, "timeloop knows no meshes of nodes; %s is one", p->arch->level[l].name);
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}

int64_t hd_tl_capacity(const hd_level *l, int role)
{
    int64_t words = l->per_role && role >= 0 ? l->role_capacity[role] : l->capacity;
    double buffers = l->timeloop.multiple_buffering;
    if (buffers <= 0) buffers = l->double_buffer ? 2 : 1;
    return buffers == 1 ? words : (int64_t)floor((double)words / buffers);
}

static int64_t capacity_of(const hd_level *l)
{
    int64_t all = 0;
    if (!l->per_role) return hd_tl_capacity(l, -1);
    for (int r = 0; r < HD_ROLES; r++) all += hd_tl_capacity(l, r);
    return all;
}

/* "Weights 64 + Inputs 8 + Outputs 32 words": what the level keeps. */
static void list_parts(const tl_nest *n, const tl_view *view, int level, char out[160])
{
    size_t used = 0;
    int64_t size[HD_MAX_RANKS];
    out[0] = '\0';
    for (int r = 0; r < HD_ROLES; r++) {
        if (!hd_scheme_keeps(n->p, n->s, level, (hd_role)r) || used >= 160) continue;
        used += (size_t)snprintf(out + used, 160 - used, "%s%.24s %lld", used ? " + " : "", hd_tensor_name(n->p->op, (hd_role)r),
                                 (long long)hd_tl_box(n, &view[r], level, size));
    }
}

static bool level_fits(const tl_nest *n, const tl_view *view, int level, hd_refusal *out)
{
    const hd_level *l = &n->p->arch->level[level];
    int64_t pool = 0, largest = -1, size[HD_MAX_RANKS], have = capacity_of(l);
    char parts[160];
    int largest_role = -1;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!hd_scheme_keeps(n->p, n->s, level, (hd_role)r)) continue;
        int64_t words = hd_tl_box(n, &view[r], level, size);
        if (l->per_role && words > hd_tl_capacity(l, r))
            return hd_refuse(out, HD_REFUSE_CAPACITY, level, r, -1, words, hd_tl_capacity(l, r),
                             "mapped tile size exceeds buffer capacity");
        if (words > largest) largest = words, largest_role = r;
        pool += words;
    }
    if (!l->per_role && pool > have) {
        list_parts(n, view, level, parts);
        return hd_refuse(out, HD_REFUSE_CAPACITY, level, largest_role, -1, pool, have,
                         "mapped tile size exceeds buffer capacity: %s", parts);
    }
    if (l->timeloop.min_utilization > 0 && (double)pool < l->timeloop.min_utilization * (double)have)
        return hd_refuse(out, HD_REFUSE_UTILIZATION, level, -1, -1, pool, have,
                         "level %s: the tiles fill %lld of its %lld words, less than its min-utilization of %g", l->name,
                         (long long)pool, (long long)have, l->timeloop.min_utilization);
    return true;
}

/* Boxes are not clipped: padded volumes must stay countable, too. */
static bool is_countable(const tl_nest *n, hd_refusal *out)
{
    double volume = 1;
    for (int i = 0; i < n->loops; i++) volume *= (double)n->loop[i].bound;
    volume *= (double)n->instances[n->mac];
    if (volume < (double)HD_COUNT_EXACT) return true;
    return hd_refuse(out, HD_REFUSE_MODEL, -1, -1, -1, HD_COUNT_EXACT, INT64_MAX,
                     "the padded operation space has more than 2^53 points");
}

bool hd_tl_fits(const hd_problem *p, const hd_scheme *s, hd_refusal *out)
{
    tl_nest n;
    tl_view view[HD_ROLES];
    if (!hd_tl_nest_build(&n, p, s, out) || !is_countable(&n, out)) return false;
    for (int r = 0; r < HD_ROLES; r++)
        if (p->op->tensor[r].used) hd_tl_view(p->op, (hd_role)r, &view[r]);
    for (int l = 0; l < n.mac; l++)
        if (p->arch->level[l].bounded && !level_fits(&n, view, l, out)) return false;
    if (!n.perfect && !hd_tl_uneven_fits(&n, out)) return false;
    if (out) *out = (hd_refusal){HD_LEGAL, -1, -1, -1, 0, 0, ""};
    return true;
}
