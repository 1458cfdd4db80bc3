/* Which dimensions may unroll on which wires?  What wires, homes and the model leave, at the innermost fan-out as the
 * template narrows it. */
#include "cost/kapla/model.h"
#include "cost/native/native.h"
#include "dataflow/template.h"
#include "solve/solver.h"

unsigned hd_space_slides(const hd_space *space)
{
    const hd_tensor *o = &space->problem->op->tensor[HD_O];
    unsigned set = 0;
    for (int r = 0; o->used && r < o->ranks && hd_space_is_native(space); r++)
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

/* Native holds sliding outputs only with whole windows (docs/cost-model.md): a small inner buffer must be free to
 * let O pass, so their space always explores bypass. */
void hd_space_init_for(hd_space *space, const hd_problem *p, const hd_model *model, hd_space_kind kind, bool ragged,
                       bool bypass)
{
    int array = innermost_fanout(p->arch);
    *space = (hd_space){.problem = p, .model = model, .ragged = ragged, .all_orders = true};
    unsigned slides = hd_space_slides(space);
    space->bypass = bypass || slides;
    for (int l = 1; l < p->arch->levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++) {
            unsigned wires = wired(p, l, axis, slides & ~hd_native_shared_outputs(p, l));
            bool narrow = l == array && kind == HD_SPACE_TEMPLATE;
            space->unroll[l][axis] = narrow ? hd_template_dims(p->arch->template_, p->op, axis, wires) : wires;
        }
}

void hd_space_init(hd_space *space, const hd_problem *p, hd_space_kind kind, bool ragged, bool bypass)
{
    hd_space_init_for(space, p, NULL, kind, ragged, bypass);
}
