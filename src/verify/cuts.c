/* Which digits does a dimension have?  Sorts the directives of each level by shift and checks that they
 * chain: box of the level outside >= shifts, outermost first >= the level's own box = the innermost shift. */
#include "verify/cuts.h"

/* Among equal shifts a digit that counts more than once stands outside those that count once. */
static int tie(const hd_cut *d) {
    if (!d->space) return 1;
    return d->count > 1 ? 2 : 0;
}

static bool outside(const hd_cut *a, const hd_cut *b) {
    if (a->shift != b->shift) return a->shift > b->shift;
    if (tie(a) != tie(b)) return tie(a) > tie(b);
    return a->slot > b->slot;
}

static hd_status insert(hd_cuts *out, int first, hd_cut cut, hd_error *err) {
    if (out->count == HD_MAX_CUTS)
        return hd_fail(err, HD_ERR_USAGE, "a dimension has more than %d loops and stacks", (int)HD_MAX_CUTS);
    int at = out->count++;
    for (; at > first && outside(&cut, &out->cut[at - 1]); at--) out->cut[at] = out->cut[at - 1];
    out->cut[at] = cut;
    return HD_OK;
}

static hd_status collect(const hd_scheme_level *l, int level, int dim, hd_cuts *out, hd_error *err) {
    int first = out->count;
    for (int i = 0; i < l->stacks; i++) {
        if (l->stack[i].dim != dim) continue;
        hd_cut cut = {.level = level,
                      .slot = i,
                      .space = true,
                      .shift = l->stack[i].shift,
                      .count = l->stack[i].copies};
        HD_TRY(insert(out, first, cut, err));
    }
    for (int i = 0; i < l->updates; i++) {
        if (l->update[i].dim != dim) continue;
        hd_cut cut = {.level = level, .slot = i, .space = false, .shift = l->update[i].step, .count = 0};
        HD_TRY(insert(out, first, cut, err));
    }
    return HD_OK;
}

hd_status hd_cuts_of(const hd_problem *p, const hd_scheme *s, int dim, hd_cuts *out, hd_error *err) {
    const char *name = p->op->dim[dim].name;
    out->count = 0;
    if (s->level[0].tensor[dim] != p->op->dim[dim].extent)
        return hd_fail(err, HD_ERR_USAGE, "the outermost level does not hold all of %s", name);
    for (int level = 1; level < s->levels; level++) {
        int64_t span = s->level[level - 1].tensor[dim];
        int first = out->count;
        HD_TRY(collect(&s->level[level], level, dim, out, err));
        for (int i = first; i < out->count; i++) {
            hd_cut *d = &out->cut[i];
            if (d->shift < 1)
                return hd_fail(err, HD_ERR_USAGE, "level %d: a shift of %s is below 1", level, name);
            int64_t count = span / d->shift + (span % d->shift != 0);
            if (d->space && d->count != count)
                return hd_fail(err, HD_ERR_USAGE, "level %d: %lld copies of %s where %lld are needed", level,
                               (long long)d->count, name, (long long)count);
            d->count = count;
            span = d->shift;
        }
        if (span != s->level[level].tensor[dim])
            return hd_fail(err, HD_ERR_USAGE, "level %d: box of %s is %lld, its loops leave %lld", level,
                           name, (long long)s->level[level].tensor[dim], (long long)span);
    }
    if (s->level[s->levels - 1].tensor[dim] != 1)
        return hd_fail(err, HD_ERR_USAGE, "the arithmetic level holds more than one point of %s", name);
    return HD_OK;
}
