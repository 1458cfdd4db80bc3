/* Which cases does the oracle try?  Digits are drawn first, extents follow from them, so every scheme is
 * legal by construction; extents stay tiny (POINTS), so that the replay of a case takes a fraction of a
 * millisecond.  */
#include "oracle_cases.h"

#include <string.h>

#include "base/count.h"
#include "cost/model.h"
#include "workload/kinds.h"

enum { POINTS = 260, STEPS = 700, UNITS = 48 };

static int64_t below(hd_random *r, int64_t n) {
    return hd_random_below(r, n);
}
static bool chance(hd_random *r, int percent) {
    return below(r, 100) < percent;
}

/* How often each kind is drawn, and its dimensions; a letter that stands twice is drawn twice as often. */
typedef struct kind_row {
    hd_kind kind;
    int weight;
    const char *dims;
} kind_row;
static const kind_row KINDS[] = {
    {HD_CONV, 52, "NGGKCPPQRRS"}, {HD_CONV_TRANSPOSE, 14, "NGKCPPQRRS"},
    {HD_MATMUL, 12, "BMNKK"},     {HD_POOL, 7, "NKPPQRRS"},
    {HD_ELTWISE, 4, "ABD"},       {HD_REDUCE_SUM, 3, "EN"},
    {HD_SOFTMAX, 4, "NM"},        {HD_NORM, 4, "NM"},
};

static const kind_row *row_of(hd_kind kind) {
    const kind_row *row = KINDS;
    while (row->kind != kind) row++;
    return row;
}

static bool is_window(hd_kind kind) {
    return kind == HD_CONV || kind == HD_CONV_TRANSPOSE || kind == HD_POOL;
}

static bool is_vector(hd_kind kind) {
    return kind != HD_CONV && kind != HD_CONV_TRANSPOSE && kind != HD_MATMUL;
}

/* ---- recipe ---- */

static hd_kind draw_kind(hd_random *r) {
    int64_t at = below(r, 100);
    const kind_row *row = KINDS;
    for (; at >= row->weight; row++) at -= row->weight;
    return row->kind;
}

static void draw_level(hd_random *r, hd_level *l, int level, int levels) {
    static const int BITS[] = {8, 16, 16, 32};
    hd_arch_default_level(l);
    if (level == levels - 1)
        snprintf(l->name, sizeof l->name, "MAC");
    else
        snprintf(l->name, sizeof l->name, "L%d", level);
    l->word_bits = BITS[below(r, 4)];
    l->double_buffer = chance(r, 50);
    for (int axis = 0; axis < HD_AXES; axis++) {
        static const unsigned SETS[] = {
            0, 0xF, 0xF, HD_ROLE_BIT(HD_W), HD_ROLE_BIT(HD_I), HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I)};
        l->multicast[axis] = SETS[below(r, 6)];
        l->reduce[axis] = chance(r, 45);
    }
    for (int role = 0; role < HD_ROLES; role++) {
        l->read_pj[role] = l->fill_pj[role] = (double)below(r, 9);
        l->update_pj[role] = (double)below(r, 9);
        l->delivery_pj[role] = (double)(1 + below(r, 3));
    }
    if (chance(r, 30))
        l->shared_bw = (double)(1 + below(r, 8)) / 2;
    if (chance(r, 50)) { /* ports of their own, also beside a shared one */
        l->read_bw = (double)below(r, 8) / 2;
        l->write_bw = (double)below(r, 8) / 2;
    }
    if (level == levels - 1 && chance(r, 50)) l->operand_register = (unsigned)below(r, 16);
}

/* Ports anywhere: the build knows how large the mesh has become. */
static void draw_mesh(hd_random *r, hd_level *l) {
    hd_mesh *m = &l->mesh;
    m->ports = 1 + (int)below(r, 4);
    for (int i = 0; i < m->ports; i++)
        for (int axis = 0; axis < HD_AXES; axis++) m->port[i][axis] = (int)below(r, 60);
    m->hop_pj = (double)below(r, 4);
    m->hop_cycles = chance(r, 50) ? 1 + below(r, 3) : 0;
    m->link_bw = chance(r, 40) ? (double)(1 + below(r, 6)) / 2 : 0;
    m->share = chance(r, 75);
    if (chance(r, 65)) l->multicast[HD_X] = l->multicast[HD_Y] = 0xF;
    if (chance(r, 65)) l->reduce[HD_X] = l->reduce[HD_Y] = true;
}

/* A region of a larger mesh: ports around it, some roles with a port of their own, some that come from elsewhere. */
static void draw_region(hd_random *r, hd_arch *a, hd_mesh *m) {
    m->part = true;
    a->level[0].elsewhere = (unsigned)below(r, 16);
    m->gated = (unsigned)below(r, 16);
    for (int role = 0; role < HD_ROLES; role++) {
        if (!(m->gated >> role & 1u)) continue;
        m->port_roles[m->ports] = HD_ROLE_BIT(role);
        for (int axis = 0; axis < HD_AXES; axis++) m->port[m->ports][axis] = (int)below(r, 60);
        m->ports++;
    }
}

static void draw_chip(hd_random *r, hd_arch *a) {
    memset(a, 0, sizeof *a);
    snprintf(a->name, sizeof a->name, "drawn");
    a->levels = 2 + (int)(below(r, 8) + 1) / 2;
    if (a->levels > 5) a->levels = 5;
    a->clock_mhz = 100;
    a->mac_pj = a->vector_pj = 1;
    a->vector_at = chance(r, 40) ? a->levels - 1 : (int)below(r, a->levels);
    if (chance(r, 50)) a->vector_per_cycle = (double)(1 + below(r, 6)) / 2;
    for (int l = 0; l < a->levels; l++) draw_level(r, &a->level[l], l, a->levels);
    for (int l = 1; l < a->levels - 1; l++)
        if (chance(r, l == 1 ? 45 : 20)) draw_mesh(r, &a->level[l]);
    if (a->levels > 2 && a->level[1].mesh.ports > 0 && chance(r, 30)) draw_region(r, a, &a->level[1].mesh);
}

/* Innermost level that may have stacks. */
static int deepest_fan(const oracle_recipe *c) {
    return is_vector(c->kind) && c->arch.vector_at < c->arch.levels - 1 ? c->arch.vector_at
                                                                        : c->arch.levels - 1;
}

static void place_digit(hd_random *r, oracle_recipe *c, oracle_digit *d) {
    bool slides = c->kind == HD_CONV_TRANSPOSE && strchr("PQRS", d->dim);
    d->level = 1 + (int)below(r, c->arch.levels - 1);
    d->axis = -1;
    if (!slides && d->level <= deepest_fan(c) && chance(r, 45)) d->axis = (int)below(r, 2);
    if (slides && c->in_step > 0 && chance(r, 65)) {
        d->level = c->in_step + (int)below(r, c->arch.levels - c->in_step);
        d->axis = (int)below(r, 2);
    }
    int mesh = 1;
    while (mesh < c->arch.levels && c->arch.level[mesh].mesh.ports == 0) mesh++;
    if (!slides && mesh <= deepest_fan(c) && mesh < c->arch.levels && chance(r, 40)) {
        d->level = mesh;
        d->axis = (int)below(r, 2);
    }
    d->count = chance(r, 75) ? 2 : 3 + below(r, 2);
    d->order = (int)below(r, 1000);
}

/* Two stacks on one dimension, sliding dims under a stack: what chance alone makes too rarely. */
static void favour(hd_random *r, const oracle_recipe *c, oracle_digit *d) {
    if (c->in_step > 0 && chance(r, 70)) d->dim = "PQRS"[below(r, 4)];
    if (c->digits > 0 && chance(r, 35)) d->dim = c->digit[below(r, c->digits)].dim;
}

typedef struct sizes {
    int64_t points, steps, units;
} sizes;

/* Outer levels outside; within a level as drawn. */
static void insert_digit(oracle_recipe *c, oracle_digit d) {
    int at = c->digits++;
    for (; at > 0 && c->digit[at - 1].level < d.level; at--) c->digit[at] = c->digit[at - 1];
    c->digit[at] = d;
}

static int64_t span_of(const oracle_recipe *c, char dim) {
    int64_t span = 1;
    for (int i = 0; i < c->digits; i++)
        if (c->digit[i].dim == dim) span = c->digit[i].count * span - hd_count_min(c->digit[i].cut, span - 1);
    return span;
}

static sizes sizes_of(const oracle_recipe *c) {
    sizes s = {1, 1, 1};
    const char *dims = row_of(c->kind)->dims;
    for (int i = 0; dims[i]; i++)
        if (!strchr(dims + i + 1, dims[i])) s.points *= span_of(c, dims[i]);
    for (int i = 0; i < c->digits; i++) *(c->digit[i].axis < 0 ? &s.steps : &s.units) *= c->digit[i].count;
    return s;
}

static void draw_digits(hd_random *r, oracle_recipe *c) {
    const char *dims = row_of(c->kind)->dims;
    int tries = 4 + (int)below(r, 12);
    for (int i = 0; i < tries && c->digits < ORACLE_DIGITS; i++) {
        oracle_recipe before = *c;
        oracle_digit d = {.dim = dims[below(r, (int64_t)strlen(dims))]};
        favour(r, c, &d);
        if (c->axes == 1 && (d.dim == 'Q' || d.dim == 'S')) continue;
        place_digit(r, c, &d);
        if (chance(r, 55) && !(c->in_step > 0 && strchr("PQRS", d.dim))) d.cut = 1 + below(r, 4);
        insert_digit(c, d);
        sizes s = sizes_of(c);
        if (s.points > POINTS || s.steps > STEPS || s.units > UNITS) *c = before;
    }
}

static void draw_homes(hd_random *r, oracle_recipe *c) {
    int storage = c->arch.levels - 1;
    if (is_vector(c->kind) && c->arch.vector_at < storage) storage = c->arch.vector_at + 1;
    for (int role = 0; role < HD_ROLES; role++)
        if (chance(r, 15)) c->home[role] = (int)below(r, storage);
    for (int l = 1; l < c->arch.levels - 1; l++)
        for (int role = 0; role < HD_ROLES; role++)
            if (chance(r, 65)) c->keep[l] |= HD_ROLE_BIT(role);
}

static void draw_shape(hd_random *r, oracle_recipe *c) {
    static const int BITS[] = {4, 8, 16, 16, 16};
    c->axes = chance(r, 25) ? 1 : 2;
    for (int a = 0; a < 2; a++) {
        c->stride[a] = chance(r, 55) ? 1 : 2 + below(r, 2);
        c->dilation[a] = chance(r, 55) ? 1 : 2 + below(r, 2);
        c->pad[a] = chance(r, 60) ? 0 : 1 + below(r, 3);
        c->short_by[a] = chance(r, 60) ? 0 : below(r, 5) - 1;
    }
    c->batched = chance(r, 50);
    c->broadcast = (unsigned)below(r, 8);
    for (int role = 0; role < HD_ROLES; role++) c->bits[role] = BITS[below(r, 5)];
    c->partial_bits = chance(r, 60) ? 0 : 32;
    c->ops_per_point = 1 + below(r, 3);
    c->extra_reads = chance(r, 10) ? 1 + below(r, 20) : 0;
    c->fused_ops = chance(r, 10) ? 1 + below(r, 20) : 0;
    for (int l = 0; l < HD_MAX_LEVELS; l++) c->spare[l] = below(r, 3);
    for (int l = 0; l < HD_MAX_LEVELS; l++) c->tight[l] = 40 + (int)below(r, 60);
}

/* Everything divides, no padding, no register, no ports inside: what is priced on a road of its own
 * (cost/native/even.h) and hardly ever comes by chance. */
static void straighten(oracle_recipe *c) {
    oracle_recipe before = *c;
    for (int i = 0; i < c->digits; i++) c->digit[i].cut = 0;
    for (int a = 0; a < 2; a++) c->pad[a] = c->short_by[a] = 0;
    c->arch.level[c->arch.levels - 1].operand_register = 0;
    for (int l = 1; l < c->arch.levels; l++)
        c->arch.level[l].read_bw = c->arch.level[l].write_bw = c->arch.level[l].shared_bw = 0;
    sizes s = sizes_of(c);
    if (s.points > POINTS || s.steps > STEPS || s.units > UNITS) *c = before;
}

/* Units along a sliding output, from some level inwards: no ports and no mesh in there, nothing clipped. */
static void stand_in_step(hd_random *r, oracle_recipe *c) {
    c->in_step = 1 + (int)below(r, c->arch.levels - 1);
    for (int a = 0; a < 2; a++) c->pad[a] = c->short_by[a] = 0;
    for (int l = c->in_step; l < c->arch.levels; l++) {
        hd_level *level = &c->arch.level[l];
        level->read_bw = level->write_bw = level->shared_bw = 0;
        level->mesh.ports = 0;
    }
}

void oracle_recipe_draw(hd_random *random, oracle_recipe *out) {
    memset(out, 0, sizeof *out);
    out->kind = draw_kind(random);
    draw_chip(random, &out->arch);
    draw_shape(random, out);
    if (out->kind == HD_CONV_TRANSPOSE && chance(random, 80)) stand_in_step(random, out);
    draw_digits(random, out);
    draw_homes(random, out);
    if (chance(random, 15)) straighten(out);
}

/* ---- build ---- */

static bool build_window(const oracle_recipe *c, hd_operator *op) {
    static const char OUT[] = "PQ", KERNEL[] = "RS";
    hd_conv_shape s = {.axes = c->axes,
                       .n = span_of(c, 'N'),
                       .groups = span_of(c, 'G'),
                       .k = span_of(c, 'K'),
                       .c = span_of(c, 'C')};
    for (int a = 0; a < c->axes; a++) {
        s.out[a] = span_of(c, OUT[a]);
        s.kernel[a] = span_of(c, KERNEL[a]);
        s.stride[a] = c->stride[a];
        s.dilation[a] = c->dilation[a];
        s.pad_low[a] = c->pad[a];
        int64_t span = (s.out[a] - 1) * s.stride[a] + (s.kernel[a] - 1) * s.dilation[a] + 1;
        s.in[a] = hd_count_max(1, span - s.pad_low[a] - c->short_by[a]);
    }
    if (c->kind == HD_CONV) return hd_kind_conv(&s, op, NULL) == HD_OK;
    if (c->kind == HD_POOL) return hd_kind_pool(&s, op, NULL) == HD_OK;
    return hd_kind_conv_transpose(&s, op, NULL) == HD_OK;
}

/* Not by hd_kind_eltwise, which merges dimensions. */
static bool build_eltwise(const oracle_recipe *c, hd_operator *op) {
    static const hd_role ROLES[] = {HD_I, HD_O, HD_I2};
    *op = (hd_operator){.kind = HD_ELTWISE, .dims = 3, .vector = true};
    for (int d = 0; d < 3; d++) op->dim[d] = (hd_dim){{"ABD"[d]}, span_of(c, "ABD"[d])};
    for (int i = 0; i < 3; i++) {
        hd_tensor *t = &op->tensor[ROLES[i]];
        t->used = true;
        for (int d = 0; d < 3; d++) {
            if (ROLES[i] == HD_I2 && (c->broadcast >> d & 1u)) continue;
            hd_rank *rank = &t->rank[t->ranks++];
            *rank = (hd_rank){.terms = 1, .extent = op->dim[d].extent};
            rank->term[0].dim = d;
            rank->term[0].coef = 1;
        }
    }
    return true;
}

static bool build_operator(const oracle_recipe *c, hd_operator *op) {
    bool built = false;
    if (is_window(c->kind))
        built = build_window(c, op);
    else if (c->kind == HD_ELTWISE)
        built = build_eltwise(c, op);
    else if (c->kind == HD_MATMUL)
        built = hd_kind_matmul(span_of(c, 'B'), span_of(c, 'M'), span_of(c, 'N'), span_of(c, 'K'), c->batched,
                               op, NULL) == HD_OK;
    else if (c->kind == HD_REDUCE_SUM)
        built = hd_kind_reduce_sum(span_of(c, 'E'), span_of(c, 'N'), op, NULL) == HD_OK;
    else
        built = hd_kind_rowwise(c->kind, span_of(c, 'N'), span_of(c, 'M'), 1, op, NULL) == HD_OK;
    if (op->row_dims && c->broadcast & 1u) op->tensor[HD_I2] = op->tensor[HD_I]; /* a gradient reads what the layer read */
    for (int role = 0; role < HD_ROLES; role++) op->tensor[role].bits = c->bits[role];
    op->partial_bits = c->partial_bits;
    op->ops_per_point = op->vector ? c->ops_per_point : 0;
    op->fused_ops = c->fused_ops;
    op->extra_reads = op->tensor[HD_I2].used && c->home[HD_I2] > 0 ? 0 : c->extra_reads; /* one home for both */
    return built;
}

/* Lists the loops of a level by their order, stacks as drawn; fan-outs have room for them and a bit more. */
static bool add_digit(oracle_case *c, const oracle_digit *d, int dim, int64_t shift,
                      int order[HD_MAX_LEVELS][HD_MAX_UPDATES]) {
    hd_scheme_level *l = &c->scheme.level[d->level];
    hd_level *chip = &c->recipe.arch.level[d->level];
    if (d->axis >= 0) {
        if (l->stacks == HD_MAX_STACKS) return false;
        l->stack[l->stacks++] = (hd_stack){dim, d->axis, shift, d->count};
        chip->fan[d->axis] *= d->count;
        return true;
    }
    if (l->updates == HD_MAX_UPDATES) return false;
    int at = l->updates++;
    for (; at > 0 && order[d->level][at - 1] > d->order; at--) {
        l->update[at] = l->update[at - 1];
        order[d->level][at] = order[d->level][at - 1];
    }
    l->update[at] = (hd_update){dim, shift};
    order[d->level][at] = d->order;
    return true;
}

static bool build_scheme(oracle_case *c) {
    int order[HD_MAX_LEVELS][HD_MAX_UPDATES] = {{0}};
    hd_scheme *s = &c->scheme;
    s->levels = c->recipe.arch.levels;
    for (int dim = 0; dim < c->op.dims; dim++) {
        int64_t span = 1;
        int level = s->levels - 1;
        for (int i = 0; i < c->recipe.digits; i++) {
            const oracle_digit *d = &c->recipe.digit[i];
            if (d->dim != c->op.dim[dim].name[0]) continue;
            for (; level >= d->level; level--) s->level[level].tensor[dim] = span;
            if (!add_digit(c, d, dim, span, order)) return false;
            span = d->count * span - hd_count_min(d->cut, span - 1);
        }
        for (; level >= 0; level--) s->level[level].tensor[dim] = span;
        if (span != c->op.dim[dim].extent) return false;
    }
    return true;
}

static bool is_stacked(const oracle_case *c, const hd_rank *rank, int levels) {
    for (int l = 1; l <= levels; l++)
        for (int i = 0; i < c->scheme.level[l].stacks; i++) {
            int dim = c->scheme.level[l].stack[i].dim;
            if (dim == rank->term[0].dim || dim == rank->term[1].dim) return true;
        }
    return false;
}

/* The native model serves held sliding outputs only with whole, gapless windows, or one coordinate to each unit
 * along them: else O passes. */
static bool may_hold_output(const oracle_case *c, int level) {
    const hd_tensor *t = &c->op.tensor[HD_O];
    for (int r = 0; r < t->ranks; r++) {
        const hd_rank *rank = &t->rank[r];
        if (rank->terms < 2) continue;
        int window = rank->term[1].dim;
        int64_t extent = c->op.dim[window].extent;
        if (is_stacked(c, rank, level)) {
            if (c->scheme.level[level].tensor[window] * c->scheme.level[level].tensor[rank->term[0].dim] > 1) return false;
            continue;
        }
        if (c->scheme.level[level].tensor[window] != extent || rank->term[1].coef != 1 ||
            rank->term[0].coef > extent)
            return false;
    }
    return true;
}

/* Homes that the rules forbid go outwards; what no level may keep is dropped. */
static void build_homes(oracle_case *c) {
    const hd_scheme *s = &c->scheme;
    int deepest = c->recipe.arch.levels - 2;
    if (c->op.vector && c->recipe.arch.vector_at < deepest) deepest = c->recipe.arch.vector_at;
    for (int role = 0; role < HD_ROLES; role++)
        c->problem.home[role] =
            c->op.tensor[role].used ? (int)hd_count_min(c->recipe.home[role], deepest) : 0;
    for (int l = 1; l <= c->problem.home[HD_O]; l++)
        for (int i = 0; i < s->level[l].stacks; i++)
            if (!(hd_tensor_dims(&c->op, HD_O) >> s->level[l].stack[i].dim & 1u))
                c->problem.home[HD_O] = l - 1;
    for (int r = 0; r < c->op.tensor[HD_O].ranks; r++) /* units along a sliding output stand inside of its home */
        while (c->op.tensor[HD_O].rank[r].terms == 2 && is_stacked(c, &c->op.tensor[HD_O].rank[r], c->problem.home[HD_O]))
            c->problem.home[HD_O]--;
    for (int l = 0; l <= deepest; l++)
        for (int role = 0; role < HD_ROLES; role++) {
            int home = c->problem.home[role];
            bool kept = l == home || (l > home && (c->recipe.keep[l] & HD_ROLE_BIT(role)));
            if (role == HD_O && l > home && !may_hold_output(c, l)) kept = false;
            if (c->op.tensor[role].used && kept) c->scheme.level[l].keep |= HD_ROLE_BIT(role);
        }
}

/* Extra reads come from one memory. */
static void build_extra_home(oracle_case *c) {
    int deepest = c->recipe.arch.levels - 2;
    if (c->op.vector && c->recipe.arch.vector_at < deepest) deepest = c->recipe.arch.vector_at;
    if (c->op.extra_reads == 0 || c->op.tensor[HD_I2].used) return;
    for (int l = 1; l <= deepest && l <= c->recipe.home[HD_I2]; l++)
        if (hd_arch_instances(&c->recipe.arch, l) == 1) c->problem.home[HD_I2] = l;
}

/* Ports inside the mesh, each once; what needs a single mesh only where there is one. */
static void build_mesh(oracle_case *c, int level) {
    hd_level *l = &c->recipe.arch.level[level];
    hd_mesh *m = &l->mesh;
    int ports = 0;
    for (int i = 0; m->part && i < m->ports; i++)
        for (int axis = 0; axis < HD_AXES; axis++) m->port[i][axis] = m->port[i][axis] % ((int)l->fan[axis] + 6) - 3;
    for (int i = 0; !m->part && i < m->ports; i++) {
        int at[HD_AXES] = {m->port[i][HD_X] % (int)l->fan[HD_X], m->port[i][HD_Y] % (int)l->fan[HD_Y]};
        bool again = false;
        for (int k = 0; k < ports; k++) again |= at[HD_X] == m->port[k][HD_X] && at[HD_Y] == m->port[k][HD_Y];
        if (again) continue;
        m->port[ports][HD_X] = at[HD_X];
        m->port[ports++][HD_Y] = at[HD_Y];
    }
    if (!m->part) m->ports = ports;
    if (hd_arch_instances(&c->recipe.arch, level - 1) == 1) return;
    m->share = false;
    m->link_bw = 0;
}

/* A capacity that full copies fill to the drawn part, larger where not even parts of tiles fit. */
static void build_capacity(oracle_case *c, int level) {
    hd_level *l = &c->recipe.arch.level[level];
    int64_t words = 1;
    hd_refusal refusal;
    for (int role = 0; role < HD_ROLES; role++)
        if (c->scheme.level[level].keep & HD_ROLE_BIT(role))
            words += hd_scheme_tile_words(&c->problem, &c->scheme, level, (hd_role)role);
    l->bounded = true;
    l->capacity = words * c->recipe.tight[level] / 100;
    while (!hd_model_native.fits(&c->problem, &c->scheme, &refusal) && refusal.kind == HD_REFUSE_CAPACITY)
        l->capacity += 1 + l->capacity / 8;
}

bool oracle_case_build(const oracle_recipe *recipe, oracle_case *out) {
    memset(out, 0, sizeof *out);
    out->recipe = *recipe;
    out->problem.op = &out->op;
    out->problem.arch = &out->recipe.arch;
    for (int l = 0; l < recipe->arch.levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) out->recipe.arch.level[l].fan[axis] = 1;
    if (!build_operator(recipe, &out->op) || !build_scheme(out)) return false;
    build_homes(out);
    for (int l = 1; l < recipe->arch.levels; l++)
        if (recipe->spare[l] == 1) out->recipe.arch.level[l].fan[HD_X] += 1;
    build_extra_home(out);
    for (int l = 1; l < recipe->arch.levels - 1; l++)
        if (recipe->arch.level[l].mesh.ports > 0) build_mesh(out, l);
    for (int l = 1; l < recipe->arch.levels - 1; l++)
        if (out->recipe.arch.level[l].mesh.share) build_capacity(out, l);
    return hd_arch_check(&out->recipe.arch, NULL) == HD_OK;
}
