/* Digits are drawn first, dim by dim; extents, boxes, arrays and homes follow from them, so that nearly every draw is a
 * legal mapping that Timeloop can express. */
#include "draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "workload/kinds.h"

static int64_t upto(hd_random *r, int n) { return 1 + hd_random_below(r, n); }
static bool chance(hd_random *r, int one_in) { return hd_random_below(r, one_in) == 0; }

/* Extents are set later: here only which dims there are, and how ranks are made of them. */
static void draw_operator(hd_random *r, const draw_wish *w, hd_operator *out)
{
    hd_error err = {0};
    int64_t kernel = w->slide ? 3 : 1;
    hd_conv_shape shape = {.axes = chance(r, 3) ? 1 : 2, .n = 2, .groups = chance(r, 4) ? 2 : 1, .k = 2, .c = 2, .out = {2, 2, 2},
                           .kernel = {kernel, kernel, kernel}, .stride = {1, 1, 1}, .dilation = {1, 1, 1}};
    if (shape.groups > 1) shape.k = shape.c = 4;
    for (int i = 0; i < 2 && w->slide; i++) {
        shape.stride[i] = upto(r, 3);
        shape.dilation[i] = upto(r, 2);
    }
    hd_status status;
    if (chance(r, 3)) status = hd_kind_matmul(chance(r, 2) ? 2 : 1, 2, 2, 2, chance(r, 2), out, &err);
    else if (w->slide && chance(r, 6)) status = hd_kind_conv_transpose(&shape, out, &err);
    else status = hd_kind_conv(&shape, out, &err);
    if (status != HD_OK) fail_msg("%s", err.message);
}

static void draw_arch(hd_random *r, const draw_wish *w, hd_arch *a)
{
    memset(a, 0, sizeof *a);
    a->clock_mhz = a->mac_pj = 1;
    a->levels = 2 + (int)upto(r, 3);
    a->vector_at = a->levels - 1;
    for (int l = 0; l < a->levels; l++) {
        hd_level *level = &a->level[l];
        hd_arch_default_level(level);
        snprintf(level->name, sizeof level->name, l == a->levels - 1 ? "MAC" : "L%d", l);
        for (int axis = 0; axis < HD_AXES; axis++) {
            level->multicast[axis] = w->flags && chance(r, 6) ? (unsigned)hd_random_below(r, 16) : 0xf;
            level->reduce[axis] = !w->flags || !chance(r, 8);
        }
        for (int k = 0; k < HD_ARCH_ROLES; k++) level->read_pj[k] = level->fill_pj[k] = level->update_pj[k] = (double)upto(r, 9);
        if (l == a->levels - 1) continue;
        level->timeloop.block_size = chance(r, 3) ? upto(r, 4) : 1;
        if (chance(r, 3)) level->read_bw = level->write_bw = (double)upto(r, 4);
        if (w->flags && chance(r, 8)) level->timeloop.no_links = (unsigned)hd_random_below(r, 16);
        if (w->flags && chance(r, 10)) level->timeloop.no_reuse = (unsigned)hd_random_below(r, 16);
    }
}

typedef struct digit { int level; bool stack; int axis; int64_t count; } digit;

static bool slides(const hd_operator *op, int dim)
{
    for (int r = 0; r < HD_ROLES; r++)
        for (int k = 0; op->tensor[r].used && k < op->tensor[r].ranks; k++)
            for (int i = 0; i < op->tensor[r].rank[k].terms; i++)
                if (op->tensor[r].rank[k].terms > 1 && op->tensor[r].rank[k].term[i].dim == dim) return true;
    return false;
}

/* Factors of one dim, innermost first: at each level at most one stack inside at most one loop. */
static int draw_digits(hd_random *r, const draw_wish *w, draw_case *c, int dim, digit out[])
{
    int n = 0;
    if (c->narrow && !slides(&c->op, dim) && !chance(r, 3)) return 0; /* leave the loops to windows and what they slide over */
    for (int l = c->arch.levels - 1; l >= 1; l--) {
        if (chance(r, 4) && c->scheme.level[l].stacks < 3 && c->stacks < w->stacks) {
            out[n++] = (digit){l, true, chance(r, 2), 1 + upto(r, 2)};
            c->stacks++;
        }
        if (chance(r, 2) && c->loops < w->loops) {
            out[n++] = (digit){l, false, 0, 1 + upto(r, chance(r, 3) ? 5 : 2)};
            c->loops++;
        }
    }
    return n;
}

static void draw_dim(hd_random *r, const draw_wish *w, draw_case *c, int dim)
{
    digit d[2 * HD_MAX_LEVELS];
    int n = draw_digits(r, w, c, dim, d);
    int64_t span[2 * HD_MAX_LEVELS + 1] = {1}, extent;
    for (int i = 0; i < n; i++) span[i + 1] = span[i] * d[i].count;
    extent = span[n];
    if (w->imperfect && n > 0 && chance(r, 2)) extent -= hd_random_below(r, (span[n - 1]));
    c->op.dim[dim].extent = extent;
    for (int l = 0; l < c->arch.levels; l++) {
        int64_t inside = 1;
        for (int i = 0; i < n; i++)
            if (d[i].level > l) inside = span[i + 1];
        c->scheme.level[l].tensor[dim] = inside < extent ? inside : extent;
    }
    for (int i = 0; i < n; i++) {
        hd_scheme_level *l = &c->scheme.level[d[i].level];
        if (d[i].stack) l->stack[l->stacks++] = (hd_stack){dim, d[i].axis, span[i], d[i].count};
        else l->update[l->updates++] = (hd_update){dim, span[i]};
    }
}

static void shuffle(hd_random *r, hd_scheme_level *l)
{
    for (int i = l->updates - 1; i > 0; i--) {
        int j = (int)hd_random_below(r, i + 1);
        hd_update u = l->update[i];
        l->update[i] = l->update[j];
        l->update[j] = u;
    }
}

static void size_arrays(hd_random *r, const draw_wish *w, draw_case *c)
{
    for (int l = 1; l < c->arch.levels; l++) {
        int64_t *fan = c->arch.level[l].fan;
        fan[HD_X] = fan[HD_Y] = 1;
        for (int i = 0; i < c->scheme.level[l].stacks; i++)
            fan[c->scheme.level[l].stack[i].axis] *= c->scheme.level[l].stack[i].copies;
        for (int a = 0; a < HD_AXES; a++)
            if (w->flags && chance(r, 3)) fan[a] += upto(r, 3);
    }
}

static void keep(hd_random *r, const draw_wish *w, draw_case *c)
{
    for (int role = 0; role < HD_ROLES; role++) {
        int home = w->bypass && chance(r, 8) && c->arch.levels > 3 ? 1 : 0;
        c->problem.home[role] = 0;
        if (!c->op.tensor[role].used) continue;
        for (int l = 1; l <= home && role == HD_O; l++) /* partial sums must meet inside their home */
            for (int i = 0; i < c->scheme.level[l].stacks; i++)
                if (!(hd_tensor_dims(&c->op, HD_O) >> c->scheme.level[l].stack[i].dim & 1u)) home = 0;
        c->problem.home[role] = home;
        for (int l = home; l < c->arch.levels - 1; l++)
            if (l == home || !w->bypass || !chance(r, 4)) c->scheme.level[l].keep |= HD_ROLE_BIT(role);
    }
}

static void set_extents(hd_operator *op)
{
    for (int r = 0; r < HD_ROLES; r++)
        for (int k = 0; op->tensor[r].used && k < op->tensor[r].ranks; k++) {
            hd_rank *rank = &op->tensor[r].rank[k];
            rank->offset = 0;
            rank->extent = 1;
            for (int i = 0; i < rank->terms; i++) rank->extent += rank->term[i].coef * (op->dim[rank->term[i].dim].extent - 1);
        }
}

static bool draw_once(hd_random *r, const draw_wish *w, draw_case *c)
{
    hd_error err = {0};
    memset(c, 0, sizeof *c);
    draw_operator(r, w, &c->op);
    draw_arch(r, w, &c->arch);
    c->problem = (hd_problem){.op = &c->op, .arch = &c->arch, .settings = c->settings};
    c->settings[0] = !chance(r, 3);
    c->settings[1] = !chance(r, 5);
    c->settings[2] = chance(r, 6);
    c->scheme.levels = c->arch.levels;
    c->narrow = w->slide && chance(r, 2);
    for (int d = 0; d < c->op.dims; d++) draw_dim(r, w, c, d);
    for (int l = 1; l < c->arch.levels; l++) shuffle(r, &c->scheme.level[l]);
    set_extents(&c->op);
    size_arrays(r, w, c);
    keep(r, w, c);
    if (hd_operator_check(&c->op, &err) != HD_OK || hd_arch_check(&c->arch, &err) != HD_OK) fail_msg("%s", err.message);
    return hd_scheme_is_legal(&c->problem, &c->scheme, NULL) && hd_model_timeloop.fits(&c->problem, &c->scheme, NULL);
}

void draw_any(hd_random *random, const draw_wish *wish, draw_case *out)
{
    hd_refusal why;
    for (int tries = 0; tries < 100; tries++)
        if (draw_once(random, wish, out)) return;
    if (!hd_scheme_is_legal(&out->problem, &out->scheme, &why) || !hd_model_timeloop.fits(&out->problem, &out->scheme, &why))
        fail_msg("no case in 100 draws: %s", why.why);
}
