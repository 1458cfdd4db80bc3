/* Which dimensions may unroll on which wires?  Templates are tables for the innermost fan-out: the dimension that
 * names the dataflow, then those that may replicate it over units left idle (KAPLA section 6.1).        */
#include <string.h>

#include "cost/kapla/model.h"
#include "solve/solver.h"

typedef struct row { const char *first, *then; } row; /* dim names with a space at both ends */

/* [template][kind of nest: windowed, product][axis] */
static const row table[4][2][HD_AXES] = {
    [HD_ROW_STATIONARY] = {{[HD_X] = {" P ", " K C N G "}, [HD_Y] = {" R ", " K C N G "}},
                           {[HD_X] = {" M ", " N K B "}, [HD_Y] = {" R ", ""}}},
    [HD_WEIGHT_STATIONARY] = {{[HD_X] = {" K ", ""}, [HD_Y] = {" C ", " R S T U "}},
                              {[HD_X] = {" N ", ""}, [HD_Y] = {" K ", ""}}},
    [HD_OUTPUT_STATIONARY] = {{[HD_X] = {" P ", " K N G "}, [HD_Y] = {" Q ", " K N G "}},
                              {[HD_X] = {" M ", " B "}, [HD_Y] = {" N ", " B "}}},
};

static bool named(const char *list, const char *name)
{
    char word[16];
    size_t n = strlen(name);
    if (n + 3 > sizeof word) return false;
    word[0] = ' ';
    memcpy(word + 1, name, n);
    memcpy(word + 1 + n, " ", 2);
    return strstr(list, word) != NULL;
}

static unsigned dims_named(const hd_operator *op, const char *list)
{
    unsigned set = 0;
    for (int d = 0; d < op->dims; d++)
        if (op->dim[d].extent > 1 && named(list, op->dim[d].name)) set |= 1u << d;
    return set;
}

/* Dims of output ranks with two terms: native seldom serves units that share output words in part. */
static unsigned sliding_outputs(const hd_operator *op)
{
    const hd_tensor *o = &op->tensor[HD_O];
    unsigned set = 0;
    for (int r = 0; o->used && r < o->ranks; r++)
        for (int t = 0; o->rank[r].terms > 1 && t < o->rank[r].terms; t++) set |= 1u << o->rank[r].term[t].dim;
    return set;
}

/* What the wires, the home of O and the kind of work leave open; `slides`: dims that the model never unrolls. */
static unsigned wired(const hd_problem *p, int level, int axis, unsigned slides)
{
    const hd_operator *op = p->op;
    unsigned set = 0;
    if (p->arch->level[level].fan[axis] <= 1 || (op->vector && level > p->arch->vector_at)) return 0;
    for (int d = 0; d < op->dims; d++) {
        bool lost = level <= p->home[HD_O] && !(hd_tensor_dims(op, HD_O) >> d & 1u);
        if (op->dim[d].extent > 1 && !lost && !(slides >> d & 1u) &&
            hd_arch_may_unroll(p->arch, level, axis, op->dim[d].name))
            set |= 1u << d;
    }
    return set;
}

static int innermost_fanout(const hd_arch *arch)
{
    int found = -1;
    for (int l = 1; l < arch->levels; l++)
        if (arch->level[l].fan[HD_X] * arch->level[l].fan[HD_Y] > 1) found = l;
    return found;
}

bool hd_space_is_native(const hd_space *space)
{
    const hd_model *model = space->model ? space->model : space->problem->model;
    return !model || model == &hd_model_native || hd_space_is_kapla(space);
}

bool hd_space_is_kapla(const hd_space *space)
{
    const hd_model *model = space->model ? space->model : space->problem->model;
    return model == &hd_model_kapla && !hd_kapla_is_compat(space->problem);
}

/* Native holds sliding outputs of this space only with whole windows (docs/cost-model.md): a small inner buffer must be free to
 * let O pass, so their space always explores bypass. */
void hd_space_init_for(hd_space *space, const hd_problem *p, const hd_model *model, hd_space_kind kind, bool ragged,
                       bool bypass)
{
    hd_template t = p->arch->template_;
    bool product = p->op->kind == HD_MATMUL;
    int array = innermost_fanout(p->arch);
    *space = (hd_space){.problem = p, .model = model, .ragged = ragged, .all_orders = true};
    unsigned slides = hd_space_is_native(space) ? sliding_outputs(p->op) : 0;
    space->bypass = bypass || slides;
    for (int l = 1; l < p->arch->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            unsigned wires = wired(p, l, axis, slides);
            const row *r = &table[t][product][axis];
            space->unroll[l][axis] = wires;
            if (l != array || kind != HD_SPACE_TEMPLATE || t == HD_FREE || p->op->vector) continue;
            unsigned first = dims_named(p->op, r->first) & wires;
            if (first) space->unroll[l][axis] = first | (dims_named(p->op, r->then) & wires);
        }
}

void hd_space_init(hd_space *space, const hd_problem *p, hd_space_kind kind, bool ragged, bool bypass)
{
    hd_space_init_for(space, p, NULL, kind, ragged, bypass);
}
