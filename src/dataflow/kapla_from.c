/* Our schemes in KAPLA's form. */
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "dataflow/kapla_convert.h"

enum { GBUF = 1, REGF = 2, MAC = 3 };

typedef struct reading {
    const hd_problem *p;
    const hd_scheme *s;
    hd_kapla_dims dims;
    int64_t span[HD_MAX_LEVELS][HD_MAX_DIMS];              /* blocks as the counts of directives make them, not clipped */
    int64_t update[HD_MAX_LEVELS][HD_MAX_UPDATES], stack[HD_MAX_LEVELS][HD_MAX_STACKS]; /* shifts likewise */
    hd_kapla_scheme *out;
    hd_refusal *why;
} reading;

static bool refuse(const reading *r, int level, int dim, const char *text)
{
    if (r->why) {
        *r->why = (hd_refusal){.kind = HD_REFUSE_MODEL, .level = level, .role = -1, .dim = dim};
        snprintf(r->why->why, sizeof r->why->why, "kapla: %s (%s%sat %s)", text, dim < 0 ? "" : r->p->op->dim[dim].name,
                 dim < 0 ? "" : " ", r->p->arch->level[level].name);
    }
    return false;
}

/* One level of one dim: its directives from the innermost out, each shift what all inside it cover. */
static void grow_level(reading *r, int level, int dim)
{
    const hd_scheme_level *l = &r->s->level[level];
    int64_t span = r->span[level][dim], box = l->tensor[dim], outer = r->s->level[level - 1].tensor[dim];
    for (int64_t below = box; below < outer;) { /* `below`: what the clipped directives cover so far */
        int update = -1, stack = -1;
        int64_t above = outer;
        for (int i = 0; i < l->updates; i++)
            if (l->update[i].dim == dim && l->update[i].step == below) update = i;
        for (int i = 0; i < l->stacks; i++)
            if (l->stack[i].dim == dim && l->stack[i].shift == below) stack = i;
        for (int i = 0; i < l->updates; i++)
            if (l->update[i].dim == dim && l->update[i].step > below) above = hd_count_min(above, l->update[i].step);
        for (int i = 0; i < l->stacks; i++)
            if (l->stack[i].dim == dim && l->stack[i].shift > below) above = hd_count_min(above, l->stack[i].shift);
        if (update >= 0) r->update[level][update] = span;
        if (stack >= 0) r->stack[level][stack] = span;
        span *= hd_count_ceil_div(above, below);
        below = above;
    }
    r->span[level - 1][dim] = span;
}

static void grow(reading *r)
{
    memset(r->update, 0, sizeof r->update);
    memset(r->stack, 0, sizeof r->stack);
    for (int d = 0; d < r->p->op->dims; d++) {
        r->span[MAC][d] = 1;
        for (int l = MAC; l >= GBUF; l--) grow_level(r, l, d);
        if (d == r->dims.dim[HD_KAPLA_S]) r->span[GBUF][d] = r->p->op->dim[d].extent; /* folds pad the array alone */
    }
}

/* The part of a KAPLA dim that follows a dim of ours: 0 parts if KAPLA has none for it. */
static hd_kapla_move move_of(const reading *r, int dim, int64_t step)
{
    const hd_kapla_layer *l = &r->out->layer;
    bool back = hd_kapla_is_back(l->type), one = hd_kapla_is_channelwise(l->type);
    int rows = back ? HD_KAPLA_YI : HD_KAPLA_YO, columns = back ? HD_KAPLA_XI : HD_KAPLA_XO;
    int far_rows = back ? HD_KAPLA_YO : HD_KAPLA_YI, far_columns = back ? HD_KAPLA_XO : HD_KAPLA_XI;
    const int *of = r->dims.dim;
    if (one && dim == of[back ? HD_KAPLA_C : HD_KAPLA_K])
        return (hd_kapla_move){.parts = 2, .part = {{HD_KAPLA_C, back ? step : step * l->ntrd},
                                                    {HD_KAPLA_K, back ? step * l->ntrd : step}}};
    if (dim == of[HD_KAPLA_N]) return (hd_kapla_move){.parts = 1, .part = {{HD_KAPLA_N, step}}};
    if (dim == of[HD_KAPLA_C]) return (hd_kapla_move){.parts = 1, .part = {{HD_KAPLA_C, step}}};
    if (dim == of[HD_KAPLA_K]) return (hd_kapla_move){.parts = 1, .part = {{HD_KAPLA_K, step}}};
    if (dim == of[rows]) return (hd_kapla_move){.parts = 2, .part = {{far_rows, step * l->htrd}, {rows, step}}};
    if (dim == of[columns]) return (hd_kapla_move){.parts = 2, .part = {{far_columns, step * l->wtrd}, {columns, step}}};
    if (dim == of[HD_KAPLA_S]) return (hd_kapla_move){.parts = 2, .part = {{HD_KAPLA_S, step}, {far_rows, step}}};
    return (hd_kapla_move){.parts = 0};
}

static void read_tensor(const reading *r, int level, int64_t tensor[HD_KAPLA_DIMS])
{
    const hd_kapla_layer *l = &r->out->layer;
    hd_kapla_extents(l, false, tensor);
    for (int d = 0; d < HD_KAPLA_DIMS; d++)
        if (r->dims.dim[d] >= 0) tensor[d] = r->span[level][r->dims.dim[d]];
    hd_kapla_follow(l, false, tensor);
}

/* Does every copy have a range of its own?  Where a loop of its dim and level runs inside; where none does at all only rows and
 * taps on the array lie next to each other, as the template has them. */
static bool has_range(const reading *r, int level, const hd_stack *stack)
{
    const hd_scheme_level *l = &r->s->level[level];
    const int *of = r->dims.dim;
    bool loops = false;
    for (int i = 0; i < l->updates; i++) {
        if (l->update[i].dim == stack->dim && l->update[i].step < stack->shift) return true;
        loops |= l->update[i].dim == stack->dim && r->update[level][i] > 0;
    }
    bool rows = stack->dim == of[HD_KAPLA_YO] || stack->dim == of[HD_KAPLA_YI] || stack->dim == of[HD_KAPLA_S];
    return !loops && !(level == REGF && rows);
}

/* Buffers list their stacks the other way round: that code takes its own list for sharing as innermost first and for places on
 * the mesh as outermost first; ours says places. */
static bool read_stacks(reading *r, int level, hd_kapla_block *out)
{
    const hd_scheme_level *l = &r->s->level[level];
    for (int k = 0; k < l->stacks; k++) {
        int i = level == GBUF ? l->stacks - 1 - k : k;
        const hd_stack *s = &l->stack[i];
        if (s->copies <= 1) continue;
        hd_kapla_move m = move_of(r, s->dim, r->stack[level][i]);
        if (m.parts == 0) return refuse(r, level, s->dim, "this dim is not spread over units");
        if (out->stacks == HD_KAPLA_MOVES) return refuse(r, level, s->dim, "too many stacks");
        m.copies = s->copies;
        m.on_h = s->axis == HD_Y;
        bool splits = has_range(r, level, s);
        for (int part = 0; part < m.parts && splits; part++) {
            int64_t *split = &out->split[m.part[part].dim];
            *split = (*split ? *split : 1) * s->copies;
        }
        out->stack[out->stacks++] = m;
    }
    return true;
}

static bool read_updates(reading *r, int level, hd_kapla_block *out)
{
    const hd_scheme_level *l = &r->s->level[level];
    for (int i = 0; i < l->updates; i++) {
        if (r->update[level][i] == 0) continue; /* a single iteration */
        hd_kapla_move m = move_of(r, l->update[i].dim, r->update[level][i]);
        if (m.parts == 0) return refuse(r, level, l->update[i].dim, "this dim stays whole in a register file");
        if (level == GBUF && l->update[i].dim == r->dims.dim[HD_KAPLA_S])
            return refuse(r, level, l->update[i].dim, "buffers hold whole filters");
        if (out->updates == HD_KAPLA_MOVES) return refuse(r, level, l->update[i].dim, "too many updates");
        out->update[out->updates++] = m;
    }
    return true;
}

static int kind_of(const hd_kapla_layer *l, const hd_kapla_move *m)
{
    bool one = hd_kapla_is_channelwise(l->type);
    switch (m->part[m->parts - 1].dim) {
    case HD_KAPLA_N: return HD_KAPLA_BATP;
    case HD_KAPLA_K: return HD_KAPLA_OUTP;
    case HD_KAPLA_C: return one ? HD_KAPLA_OUTP : HD_KAPLA_INPP;
    default: return HD_KAPLA_OFMP;
    }
}

/* The splits of the mesh nest kind by kind.  Pixels on h count as rows, those on w as columns, whichever they are: that code's
 * solver may spread rows over w (small batches), and hops are then those of columns. */
static bool read_partition(reading *r, hd_kapla_partition *out)
{
    const hd_kapla_block *g = &r->out->gbuf;
    int kinds = 0, place[HD_KAPLA_SPLITS] = {-1, -1, -1, -1}, last[HD_AXES] = {0, 0};
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) out->parts[k][HD_X] = out->parts[k][HD_Y] = 1;
    for (int i = 0; i < g->stacks; i++) {
        int kind = kind_of(&r->out->layer, &g->stack[i]), axis = g->stack[i].on_h ? HD_Y : HD_X;
        if (place[kind] < 0) out->order[place[kind] = kinds++] = kind;
        if (place[kind] < last[axis]) return refuse(r, GBUF, -1, "one kind of split lies inside and outside of another");
        last[axis] = place[kind];
        out->parts[kind][axis] *= g->stack[i].copies;
    }
    for (int k = 0; k < HD_KAPLA_SPLITS; k++)
        if (place[k] < 0) out->order[kinds++] = k;
    return true;
}

static bool filter_is_whole(reading *r)
{
    static const int whole[] = {HD_KAPLA_R, HD_KAPLA_S};
    for (int i = 0; i < 2; i++) {
        int level = whole[i] == HD_KAPLA_R ? REGF : GBUF, d = r->dims.dim[whole[i]];
        if (d >= 0 && r->s->level[level].tensor[d] != r->p->op->dim[d].extent)
            return refuse(r, level, d, level == REGF ? "a register file holds whole filter rows" : "buffers hold whole filters");
    }
    int e = r->dims.region;
    if (e >= 0 && r->s->level[REGF].tensor[e] != r->p->op->dim[e].extent)
        return refuse(r, REGF, e, "a register file holds all maps of a sum");
    return true;
}

static bool keeps_all(reading *r)
{
    for (int level = GBUF; level <= REGF; level++)
        for (int role = 0; role < HD_ROLES; role++)
            if (r->p->op->tensor[role].used && (r->p->home[role] != 0 || !hd_scheme_keeps(r->p, r->s, level, (hd_role)role)))
                return refuse(r, level, -1, "all tensors come from outside and are kept at every level");
    return true;
}

static bool is_of_rows(const hd_kapla_move *m, int rows)
{
    return m->part[0].dim != HD_KAPLA_S && m->part[m->parts - 1].dim == rows;
}

static void divide_steps(hd_kapla_move *m, int64_t by)
{
    for (int i = 0; i < m->parts; i++) m->part[i].step /= by;
}

/* Several rows in a register file: KAPLA's form lays neighbouring rows on neighbouring elements all the same, and steps by
 * what the array holds, so that such rows count twice (kapla-measured, item 4). */
static bool fold_rows(reading *r)
{
    hd_kapla_block *b = &r->out->regf;
    const hd_kapla_layer *l = &r->out->layer;
    bool back = hd_kapla_is_back(l->type), stepped = false;
    int rows = back ? HD_KAPLA_YI : HD_KAPLA_YO, far = back ? HD_KAPLA_YO : HD_KAPLA_YI, first = 0;
    int64_t held = b->tensor[rows], wide = 1;
    if (held <= 1) return true;
    for (int i = 0; i < b->stacks && wide == 1; i++)
        if (is_of_rows(&b->stack[i], rows) && b->stack[i].part[1].step == held) {
            wide = b->stack[i].copies;
            divide_steps(&b->stack[i], held);
        }
    for (int i = 0; i < b->updates; i++)
        if (is_of_rows(&b->update[i], rows)) {
            divide_steps(&b->update[i], held);
            stepped = true;
        }
    if (stepped || r->out->gbuf.tensor[rows] <= wide) return true;
    if (b->updates == HD_KAPLA_MOVES) return refuse(r, REGF, -1, "too many updates");
    while (first < b->updates && (b->update[first].part[0].dim == HD_KAPLA_XI || b->update[first].part[0].dim == HD_KAPLA_XO))
        first++;
    memmove(&b->update[first + 1], &b->update[first], (size_t)(b->updates++ - first) * sizeof *b->update);
    b->update[first] = (hd_kapla_move){.parts = 2, .part = {{far, wide * l->htrd}, {rows, wide}}};
    return true;
}

static int count_base(const hd_kapla_scheme *s)
{
    int n = 0;
    for (; n < s->regf.updates; n++) {
        int dim = s->regf.update[n].part[0].dim;
        if (dim == HD_KAPLA_N || dim == HD_KAPLA_C || dim == HD_KAPLA_K) break;
    }
    return n;
}

bool hd_kapla_from_scheme(const hd_problem *p, const hd_scheme *s, hd_kapla_scheme *out, hd_refusal *why)
{
    reading r = {.p = p, .s = s, .out = out, .why = why};
    memset(out, 0, sizeof *out);
    if (!hd_kapla_layer_of(p->op, p->makes, &out->layer, &r.dims, why) || !filter_is_whole(&r) || !keeps_all(&r)) return false;
    grow(&r);
    read_tensor(&r, GBUF, out->gbuf.tensor);
    read_tensor(&r, REGF, out->regf.tensor);
    for (int level = GBUF; level <= REGF; level++) {
        hd_kapla_block *block = level == GBUF ? &out->gbuf : &out->regf;
        if (!read_stacks(&r, level, block) || !read_updates(&r, level, block)) return false;
    }
    if (!fold_rows(&r) || !read_partition(&r, &out->partition)) return false;
    out->base_updates = count_base(out);
    out->unit_ops = out->regf.tensor[HD_KAPLA_R] * (hd_kapla_is_local(out->layer.type) ? out->layer.nreg : 1);
    return true;
}
