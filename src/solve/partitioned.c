/* Partitions and mappings: see partitioned.h. */
#include "solve/partitioned.h"

#include "base/count.h"

static int64_t ceil_div(int64_t a, int64_t b) { return hd_count_ceil_div(a, b); }

int hd_cut_dim(int cut)
{
    static const int dim[HD_CUTS] = {[HD_CUT_C] = HD_KAPLA_C, [HD_CUT_K] = HD_KAPLA_K, [HD_CUT_N] = HD_KAPLA_N,
                                     [HD_CUT_Y] = HD_KAPLA_YO};
    return dim[cut];
}

/* ---- one node's part ---- */

static void find_part(hd_partitioned *p, const hd_kapla_partition *at)
{
    int64_t parts[HD_KAPLA_SPLITS];
    hd_kapla_layer *l = &p->part;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) parts[k] = at->parts[k][HD_X] * at->parts[k][HD_Y];
    *l = p->layer;
    l->batch = ceil_div(l->batch, parts[HD_KAPLA_BATP]);
    l->nofm = ceil_div(l->nofm, parts[HD_KAPLA_OUTP]);
    l->nifm = hd_kapla_is_channelwise(l->type) ? l->nofm * l->ntrd : ceil_div(l->nifm, parts[HD_KAPLA_INPP]);
    l->hofm = ceil_div(l->hofm, at->parts[HD_KAPLA_OFMP][HD_Y]);
    l->wofm = ceil_div(l->wofm, at->parts[HD_KAPLA_OFMP][HD_X]);
    l->hifm = (l->hofm - 1) * l->htrd + l->hfil;
    l->wifm = (l->wofm - 1) * l->wtrd + l->wfil;
}

static void add_stack(hd_kapla_block *block, int dim, int axis, int64_t copies)
{
    if (copies > 1 && block->stacks < HD_KAPLA_MOVES)
        block->stack[block->stacks++] =
            (hd_kapla_move){.parts = 1, .part = {{dim, 1}}, .copies = copies, .on_h = axis == HD_Y};
}

/* The nodes as they nest, outermost first: rows of the map on Y, its columns on X. */
static void place_nodes(hd_partitioned *p, const hd_kapla_partition *at)
{
    static const int dim[HD_KAPLA_SPLITS][HD_AXES] = {
        [HD_KAPLA_OUTP] = {HD_KAPLA_K, HD_KAPLA_K}, [HD_KAPLA_OFMP] = {[HD_X] = HD_KAPLA_XO, [HD_Y] = HD_KAPLA_YO},
        [HD_KAPLA_BATP] = {HD_KAPLA_N, HD_KAPLA_N}, [HD_KAPLA_INPP] = {HD_KAPLA_C, HD_KAPLA_C}};
    p->form.gbuf.stacks = 0;
    for (int i = 0; i < HD_KAPLA_SPLITS; i++)
        for (int axis = 0; axis < HD_AXES; axis++)
            add_stack(&p->form.gbuf, dim[at->order[i]][axis], axis, at->parts[at->order[i]][axis]);
}

/* ---- mappings ---- */

static int64_t extent_of(const hd_partitioned *p, int cut)
{
    const int64_t extent[HD_CUTS] = {p->part.nifm, p->part.nofm, p->part.batch, p->part.hofm};
    return cut == HD_CUT_C && hd_kapla_is_channelwise(p->part.type) ? 1 : extent[cut];
}

/* Extents of a pass and what is left to cut; the number of passes. */
static int64_t find_passes(hd_partitioned *p, const hd_repeats *r)
{
    int64_t passes = 1;
    for (int c = 0; c < HD_CUTS; c++) {
        int64_t all = extent_of(p, c), unit = r->copies[HD_X][c] * r->copies[HD_Y][c];
        if (c == HD_CUT_Y) unit = p->rules->rows ? p->width.used : all;
        p->unit[c] = hd_count_min(unit, all);
        p->count[c] = ceil_div(all, p->unit[c]);
        if (c != HD_CUT_Y) passes *= p->count[c];
    }
    return passes;
}

/* Next to each other on their own side; what does not fit there lies, in equal pieces, on the other. */
static void lay_out(hd_partitioned *p, int dim, int axis, int64_t used)
{
    int64_t pieces = ceil_div(used, p->chip.array[axis]);
    add_stack(&p->form.regf, dim, axis, ceil_div(used, pieces));
    add_stack(&p->form.regf, dim, axis == HD_X ? HD_Y : HD_X, pieces);
}

static void map_array(hd_partitioned *p, const hd_repeats *r)
{
    p->form.regf.stacks = 0;
    lay_out(p, HD_KAPLA_YO, HD_X, p->width.used);
    lay_out(p, HD_KAPLA_S, HD_Y, p->height.used);
    for (int c = 0; c < HD_CUT_Y; c++)
        for (int axis = 0; axis < HD_AXES; axis++) add_stack(&p->form.regf, hd_cut_dim(c), axis, r->copies[axis][c]);
}

typedef struct trial { hd_partitioned *p; int64_t fewest; } trial;

/* A mapping with more passes than one before is passed over. */
static void try_mapping(trial *t, const hd_repeats *r)
{
    int64_t passes = find_passes(t->p, r);
    if (passes > t->fewest) return;
    t->fewest = passes;
    map_array(t->p, r);
    hd_partitioned_cut(t->p);
}

/* All ways to share `left` copies of a side among what may be repeated there; then the other side.  In the published order:
 * it decides which mappings are passed over. */
static void repeat(trial *t, hd_repeats *r, int axis, int place, int64_t left)
{
    static const int order[] = {HD_CUT_N, HD_CUT_C, HD_CUT_K};
    enum { KINDS = sizeof order / sizeof *order };
    const hd_partitioned *p = t->p;
    if (place == KINDS) {
        if (left > 1) return;
        if (axis == HD_Y) repeat(t, r, HD_X, 0, p->width.copies);
        else try_mapping(t, r);
        return;
    }
    int cut = order[place];
    bool one = (cut == HD_CUT_C && hd_kapla_is_channelwise(p->part.type)) || !(p->rules->repeats[axis] >> cut & 1u);
    for (int64_t f = 1; f <= left && !p->over; f++) {
        if (left % f != 0 || (one && f > 1)) continue;
        r->copies[axis][cut] = f;
        repeat(t, r, axis, place + 1, left / f);
    }
    r->copies[axis][cut] = 1;
}

static bool try_partition(const hd_kapla_partition *at, void *user)
{
    hd_partitioned *p = user;
    hd_repeats r = {{{1, 1, 1, 1}, {1, 1, 1, 1}}};
    trial t = {p, INT64_MAX};
    find_part(p, at);
    place_nodes(p, at);
    p->width = hd_kapla_lay(p->part.hofm, p->chip.array[HD_X]);
    p->height = hd_kapla_lay(p->part.hfil, p->chip.array[HD_Y]);
    hd_kapla_unfold(&p->width, &p->height, p->part.hofm);
    if (p->rules->unfold_taps) hd_kapla_unfold(&p->height, &p->width, p->part.hfil);
    repeat(&t, &r, HD_Y, 0, p->height.copies);
    return !p->over;
}

/* ---- the search ---- */

static bool is_known(hd_partitioned *p, hd_refusal *why)
{
    hd_kapla_dims dims;
    const hd_problem *problem = &p->read;
    const char *what = NULL;
    if (!hd_kapla_chip_of(problem->arch, &p->chip, why)) return false;
    if (!hd_kapla_layer_of(problem->op, problem->makes, &p->layer, &dims, why)) return false;
    if (p->space->pin) what = "it places everything itself and takes no pins";
    else if (problem->op->vector && problem->arch->vector_at < problem->arch->levels - 1)
        what = "it runs local layers on the array, this chip has units of its own for them";
    else if (hd_kapla_is_back(p->layer.type)) what = "it has no mapping for gradients of inputs";
    return !what || hd_refuse_model(why, -1, "%s", what);
}

const hd_option hd_partitioned_options[] = {
    {"most", "schemes priced where no number of evaluations is given; what has more is left unfinished", 1e6, 1, 1e12},
    {NULL, NULL, 0, 0, 0},
};

hd_status hd_partitioned_run(const hd_solver *self, const hd_partitioned_rules *rules, const hd_space *space,
                             const double *option_values, hd_budget *budget, hd_incumbent *incumbent)
{
    hd_refusal why = {0};
    double most = option_values ? option_values[0] : hd_partitioned_options[0].standard;
    hd_partitioned p = {.rules = rules, .space = space, .budget = budget, .inc = incumbent,
                        .most = budget->evaluations > 0 ? budget->evaluations : (int64_t)most};
    p.read = *space->problem;
    p.read.makes = HD_MAKES_OUTPUT;
    incumbent->space = space;
    if (incumbent->unserved) return HD_OK;
    if (!is_known(&p, &why)) {
        hd_incumbent_decline(incumbent, self->name, &why);
        return HD_OK;
    }
    p.form.layer = p.layer;
    hd_kapla_partitions(&p.layer, p.chip.nodes, try_partition, &p);
    hd_incumbent_close(incumbent, budget, false);
    if (p.over && incumbent->outcome == HD_OUTCOME_IMPROVED) incumbent->outcome = HD_OUTCOME_EXHAUSTED;
    if (!p.over && !incumbent->found) incumbent->outcome = HD_OUTCOME_INFEASIBLE; /* none of its schemes fits */
    return HD_OK;
}
