/* Chains by trying every span under every span: see enumerate.h. */
#include "audit/enumerate.h"

#include <string.h>

#include "base/count.h"
#include "cost/kapla/kapla.h"

enum { MOST_CHAINS = 1 << 20 };

bool hd_counts_natively(const hd_model *model, const hd_problem *p)
{
    return model == &hd_model_native || (model == &hd_model_kapla && !hd_kapla_is_compat(p));
}

/* The window of an output rank that slides stays whole there (docs/cost-model.md). */
static bool is_output_window(const hd_operator *op, int dim)
{
    const hd_tensor *o = &op->tensor[HD_O];
    for (int r = 0; o->used && r < o->ranks; r++)
        if (o->rank[r].terms > 1 && o->rank[r].term[1].dim == dim) return true;
    return false;
}

static void add_slot(hd_chains *c, int level, int kind)
{
    c->level[c->slots] = level;
    c->kind[c->slots++] = kind;
}

/* Per level a loop, then copies on Y, then on X where the declaration has them; some dims turn at the MACs alone. */
void hd_chain_slots(const hd_enumeration *e, int dim, hd_chains *c)
{
    const hd_operator *op = e->problem->op;
    const hd_arch *a = e->problem->arch;
    int last = a->levels - 1;
    bool whole = hd_counts_natively(e->model, e->problem) && is_output_window(op, dim);
    if (op->dim[dim].extent == 1) return;
    for (int l = 1; l <= last; l++) {
        bool stays = whole || (op->vector && l > a->vector_at);
        if (!stays || l == last) add_slot(c, l, HD_AXES);
        for (int axis = HD_AXES - 1; axis >= 0 && !stays; axis--)
            if (e->proof->unroll[l][axis] >> dim & 1u) add_slot(c, l, axis);
    }
}

bool hd_is_size(const hd_enumeration *e, int64_t above, int64_t span)
{
    if (above % span == 0) return true;
    return e->proof->ragged && hd_count_ceil_div(above, hd_count_ceil_div(above, span)) == span;
}

/* Rows from slot k on; counted, and written where there is room. */
static void list_rows(const hd_enumeration *e, hd_chains *c, int64_t *at, int k, int64_t above)
{
    if (c->n > MOST_CHAINS) return;
    if (k == c->slots) {
        if (c->span) memcpy(c->span + c->n * c->slots, at, (size_t)c->slots * sizeof *at);
        c->n++;
        return;
    }
    int64_t most = k == c->slots - 1 ? 1 : above;
    for (int64_t span = 1; span <= most; span++) {
        if (!hd_is_size(e, above, span)) continue;
        at[k] = span;
        list_rows(e, c, at, k + 1, span);
    }
}

static hd_status list_dim(const hd_enumeration *e, int dim, hd_arena *arena, hd_chains *c, hd_error *err)
{
    int64_t at[3 * HD_MAX_LEVELS], extent = e->problem->op->dim[dim].extent;
    hd_chain_slots(e, dim, c);
    list_rows(e, c, at, 0, extent);
    if (c->n > MOST_CHAINS) return hd_fail(err, HD_ERR_USAGE, "too many chains to list");
    c->span = hd_arena_alloc(arena, (size_t)(c->n * c->slots) + 1, sizeof *c->span);
    if (!c->span) return hd_fail_memory(err);
    c->n = 0;
    list_rows(e, c, at, 0, extent);
    return HD_OK;
}

/* n! for every level whose order can be seen. */
bool hd_count_orders(hd_enumeration *e)
{
    const hd_arch *a = e->problem->arch;
    e->orders = hd_wide_of(1);
    for (int l = 1; l < a->levels; l++) {
        int loops = 0;
        for (int d = 0; d < e->problem->op->dims; d++)
            for (int k = 0; k < e->dim[d].slots; k++) loops += e->dim[d].level[k] == l && e->dim[d].kind[k] == HD_AXES;
        bool seen = l < a->levels - 1 || (a->level[l].operand_register && !e->problem->op->vector);
        if (!seen || loops < 2) continue;
        e->ordered |= 1u << l;
        for (int i = 2; i <= loops; i++)
            if (!hd_wide_multiply(&e->orders, (uint64_t)i)) return false;
    }
    return true;
}

hd_status hd_enumerate(const hd_problem *p, const hd_model *model, const hd_proof *proof, hd_arena *arena,
                       hd_enumeration *out, hd_error *err)
{
    *out = (hd_enumeration){.problem = p, .model = model, .proof = proof};
    for (int d = 0; d < p->op->dims; d++) HD_TRY(list_dim(out, d, arena, &out->dim[d], err));
    bool fits = hd_count_orders(out);
    out->size = out->orders;
    for (int d = 0; d < p->op->dims; d++) fits = fits && hd_wide_multiply(&out->size, (uint64_t)out->dim[d].n);
    for (int l = 0; l < p->arch->levels; l++)
        fits = fits && hd_wide_multiply(&out->size, 1u << __builtin_popcount(proof->keep_free[l]));
    return fits ? HD_OK : hd_fail(err, HD_ERR_USAGE, "too many schemes to count");
}

bool hd_chain_loops(const hd_enumeration *e, int dim, int64_t row, int level)
{
    const hd_chains *c = &e->dim[dim];
    int64_t above = e->problem->op->dim[dim].extent;
    for (int k = 0; k < c->slots; k++) {
        int64_t span = c->span[row * c->slots + k];
        if (c->level[k] == level && c->kind[k] == HD_AXES && span < above) return true;
        above = span;
    }
    return false;
}

bool hd_chain_bursts(const hd_enumeration *e, int dim, int64_t row)
{
    const hd_chains *c = &e->dim[dim];
    int64_t above = e->problem->op->dim[dim].extent;
    for (int k = 0; k < c->slots; k++) {
        int64_t span = c->span[row * c->slots + k], count = hd_count_ceil_div(above, span);
        if (c->kind[k] != HD_AXES && count > e->problem->arch->level[c->level[k]].fan[c->kind[k]]) return true;
        above = span;
    }
    return false;
}
