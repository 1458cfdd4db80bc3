/* Is there room for the tiles that a segment asks for? */
#include "network/stage_room.h"

#include "base/count.h"
#include "cost/native/ready.h"

enum { MESH = 1, MOST_LEAVES = 20000 };

typedef struct room {
    const hd_problem *p;
    const hd_level *buffer;
    unsigned kept;                      /* roles that must be there */
    int64_t tile[HD_MAX_DIMS], copies[HD_MAX_DIMS]; /* of one node; nodes along the dim */
    int64_t left[HD_AXES], leaves;
} room;

/* Coordinates that one node holds of a rank at least; padding may cut some off, of each of `parts` parts. */
static int64_t least_hull(const room *r, const hd_rank *rank, int64_t parts)
{
    int64_t hull = 1, all = 1;
    for (int t = 0; t < rank->terms; t++) {
        hull += rank->term[t].coef * (r->tile[rank->term[t].dim] - 1);
        all += rank->term[t].coef * (r->p->op->dim[rank->term[t].dim].extent - 1);
    }
    return hd_count_max(1, hull - parts * hd_count_max(0, all - rank->extent));
}

/* Words of one node, where nodes with equal tiles hold a part each, if its tiles are cut into so many parts yet. */
static int64_t node_words(const room *r, hd_role role, int64_t parts)
{
    const hd_tensor *tensor = &r->p->op->tensor[role];
    unsigned own = hd_tensor_dims(r->p->op, role);
    int64_t elements = 1, members = parts;
    for (int k = 0; k < tensor->ranks; k++) elements *= least_hull(r, &tensor->rank[k], parts);
    for (int d = 0; r->buffer->mesh.share && d < r->p->op->dims; d++)
        if (!(own >> d & 1u)) members *= r->copies[d];
    int64_t bits = hd_count_ceil_div(elements, members) * hd_native_bits(r->p, MESH, role);
    return hd_count_ceil_div(bits, r->buffer->word_bits) * (r->buffer->double_buffer ? 2 : 1);
}

/* Do the tiles fit, if the nodes left cut them into that many parts at best? */
static bool fits(const room *r, int64_t parts)
{
    int64_t need = 0;
    for (int role = 0; role < HD_ROLES; role++)
        if (r->kept >> role & 1u) need += node_words(r, (hd_role)role, parts);
    return need <= r->buffer->capacity;
}

/* Some way to lay the dims from `dim` on out over the nodes, one axis after the other, most copies first; also where there
 * are too many ways to look at. */
static bool lay_out(room *r, int dim, int axis)
{
    if (dim == r->p->op->dims) return fits(r, 1) || ++r->leaves >= MOST_LEAVES;
    if (axis == HD_X && !fits(r, r->left[HD_X] * r->left[HD_Y])) return false;
    const int64_t left = r->left[axis], tile = r->tile[dim], copies = r->copies[dim];
    bool found = false;
    for (int64_t c = hd_count_min(left, tile); c >= 1 && !found; c--) {
        if (tile % c != 0) continue;
        r->left[axis] = left / c;
        r->tile[dim] = tile / c;
        r->copies[dim] = copies * c;
        found = lay_out(r, axis == HD_X ? dim : dim + 1, axis == HD_X ? HD_Y : HD_X);
    }
    r->left[axis] = left;
    r->tile[dim] = tile;
    r->copies[dim] = copies;
    return found;
}

/* What one group touches of a dim at least: all of it where no loop of the mesh turns it, but its share of the batch. */
static int64_t least_extent(const hd_problem *p, const hd_constraints *limits, int d)
{
    const hd_limit *loop = &limits->loop[MESH][d];
    return loop->most > 0 ? hd_count_ceil_div(p->op->dim[d].extent, loop->most) : 1;
}

bool hd_stage_may_fit(const hd_plan_options *options, const hd_problem *p, unsigned handed, const hd_constraints *limits)
{
    const hd_level *buffer = &p->arch->level[MESH];
    hd_space space;
    room r = {.p = p, .buffer = buffer};
    hd_plan_space(options, p, NULL, &space);
    /* other models have room rules of their own, ragged tiles other copies, and a tensor's own limit no pool */
    if (!hd_space_is_native(&space) || space.ragged || !buffer->bounded || buffer->per_role) return true;
    for (int role = 0; role < HD_ROLES; role++)
        if (p->op->tensor[role].used && ((space.bypass ? handed : buffer->keeps) >> role & 1u)) r.kept |= HD_ROLE_BIT(role);
    for (int d = 0; d < p->op->dims; d++) {
        r.tile[d] = least_extent(p, limits, d);
        r.copies[d] = 1;
    }
    for (int axis = 0; axis < HD_AXES; axis++) r.left[axis] = buffer->fan[axis];
    return lay_out(&r, 0, HD_X);
}
