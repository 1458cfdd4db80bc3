/* Where does each joule and cycle of a layer come from?  The loop nest per level, tiles, reuse, and the limits. */
#include "report/explain.h"

#include "report/names.h"
#include "report/table.h"

typedef struct subject {
    const hd_plan *plan;
    const hd_problem *p;
    const hd_scheme *s;
    const hd_breakdown *price;
    hd_text *text;
    int width; /* of the column of tensors */
    int layer;
} subject;

static const char *dim_name(const subject *x, int dim) { return x->p->op->dim[dim].name; }

static void directives(const subject *x, int l)
{
    const hd_scheme_level *level = &x->s->level[l];
    for (int i = level->stacks - 1; i >= 0; i--)
        hd_text_format(x->text, "    parallel %s: %lld copies along %c, %lld apart\n", dim_name(x, level->stack[i].dim),
                       (long long)level->stack[i].copies, level->stack[i].axis == HD_X ? 'X' : 'Y',
                       (long long)level->stack[i].shift);
    for (int i = level->updates - 1; i >= 0; i--)
        hd_text_format(x->text, "    for %s step %lld\n", dim_name(x, level->update[i].dim),
                       (long long)level->update[i].step);
}

static void tiles(const subject *x, int l)
{
    const hd_scheme_level *level = &x->s->level[l];
    hd_text_append(x->text, "    holds");
    for (int d = 0; d < x->p->op->dims; d++)
        if (level->tensor[d] > 1)
            hd_text_format(x->text, " %s=%lld", dim_name(x, d), (long long)level->tensor[d]);
    hd_text_append(x->text, ":");
    bool any = false;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!x->p->op->tensor[r].used || !hd_scheme_keeps(x->p, x->s, l, (hd_role)r)) continue;
        hd_text_format(x->text, " %s %lld words", hd_tensor_name(x->p->op, (hd_role)r), (long long)x->price->tile_words[l][r]);
        any = true;
    }
    hd_text_append(x->text, any ? "\n" : " nothing kept\n");
}

/* Tensors that do not live in the outermost memory, because of layers before or after. */
static void homes(const subject *x)
{
    for (int r = 0; r < HD_ROLES; r++) {
        const char *name = hd_tensor_name(x->p->op, (hd_role)r), *memory = x->p->arch->level[0].name;
        if (!x->p->op->tensor[r].used) continue;
        if (x->p->home[r] > 0)
            hd_text_format(x->text, "    %s is at home in %s\n", name, x->p->arch->level[x->p->home[r]].name);
        else if (x->p->arch->level[0].elsewhere & 1u << r)
            hd_text_format(x->text, "    %s is in buffers of other nodes: the lines of %s count their words\n", name, memory);
    }
}

static void nest(const subject *x)
{
    hd_text_append(x->text, "loop nest, outermost first\n");
    for (int l = 0; l < x->s->levels; l++) {
        const hd_level *level = &x->p->arch->level[l];
        hd_text_format(x->text, "  %s (%lld of %lld used)\n", level->name, (long long)x->price->instances_used[l],
                       (long long)x->price->instances[l]);
        directives(x, l);
        if (l == 0) homes(x);
        if (l + 1 < x->s->levels) tiles(x, l);
    }
}

static void energy_line(const subject *x, const char *what, const char *role, double pj)
{
    char number[HD_NUMBER];
    if (pj == 0) return;
    hd_table_number(pj, number);
    hd_text_format(x->text, "  %-22s %-*s %9s pJ %5.1f%%\n", what, x->width, role, number, 100 * pj / x->price->energy_pj);
}

static void energies(const subject *x)
{
    hd_text_append(x->text, "energy\n");
    energy_line(x, "multiply-accumulate", "", x->price->mac_pj);
    energy_line(x, "vector operations", "", x->price->vector_pj);
    for (int l = 0; l < x->s->levels; l++)
        for (int r = 0; r < HD_ROLES; r++)
            energy_line(x, x->p->arch->level[l].name, hd_tensor_name(x->p->op, (hd_role)r), x->price->level_pj[l][r]);
    for (int l = 0; l < x->s->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            char name[48];
            size_t n = 0;
            for (const char *c = "network to "; *c; c++) name[n++] = *c;
            for (const char *c = x->p->arch->level[l].name; *c && n < sizeof name - 1; c++) name[n++] = *c;
            name[n] = '\0';
            energy_line(x, name, hd_tensor_name(x->p->op, (hd_role)r), x->price->network_pj[l][r]);
        }
    energy_line(x, "static", "", x->price->static_pj);
    char total[HD_NUMBER];
    hd_table_number(x->price->energy_pj, total);
    hd_text_format(x->text, "  %-22s %-*s %9s pJ\n", "total", x->width, "", total);
}

/* Accesses, and how often each word of the tensor is read on average. */
static void traffic(const subject *x)
{
    hd_text_format(x->text, "traffic (words over all instances)\n  %-10s %-*s %12s %12s %12s %10s\n", "level", x->width, "",
                   "reads", "fills", "updates", "reads/word");
    for (int l = 0; l < x->s->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            const hd_access *a = &x->price->access[l][r];
            if (a->reads == 0 && a->fills == 0 && a->updates == 0) continue;
            int64_t words = hd_tensor_words(x->p->op, (hd_role)r);
            hd_text_format(x->text, "  %-10s %-*s %12lld %12lld %12lld", x->p->arch->level[l].name, x->width,
                           hd_tensor_name(x->p->op, (hd_role)r), (long long)a->reads, (long long)a->fills, (long long)a->updates);
            if (words > 0) hd_text_format(x->text, " %10.2f", (double)a->reads / (double)words);
            hd_text_append(x->text, "\n");
        }
}

static void cycles(const subject *x)
{
    const hd_breakdown *price = x->price;
    hd_text_format(x->text, "cycles\n  %-12s %14lld%s\n", "compute", (long long)price->compute_cycles,
                   price->bound_by < 0 ? "   <- the limit" : "");
    for (int l = 0; l + 1 < x->s->levels; l++) {
        if (price->level_cycles[l] == 0) continue;
        bool overlaps = l == 0 || x->p->arch->level[l].double_buffer; /* native's rule; others overlap everything */
        bool native = x->plan->layer[x->layer].best.model == &hd_model_native;
        hd_text_format(x->text, "  %-12s %14lld%s%s\n", x->p->arch->level[l].name, (long long)price->level_cycles[l],
                       overlaps || !native ? " overlapped" : " added", price->bound_by == l ? "   <- the limit" : "");
    }
    hd_text_format(x->text, "  %-12s %14lld\n  %-12s %14lld\n  %-12s %14lld\n", "fill", (long long)price->fill_cycles,
                   "drain", (long long)price->drain_cycles, "latency", (long long)price->latency_cycles);
}

void hd_explain_layer(const hd_plan *plan, int layer, hd_text *text)
{
    const hd_incumbent *best = &plan->layer[layer].best;
    const hd_layer *net = &plan->network->layer[layer];
    subject x = {plan, &plan->layer[layer].problem, &best->scheme, &best->price, text,
                 hd_names_width(&net->op), layer};
    hd_text_format(text, "layer %s (%s) on %s, model %s\n ", net->name, net->op_name, plan->arch->name,
                   best->model->name);
    for (int d = 0; d < x.p->op->dims; d++)
        hd_text_format(text, " %s=%lld", dim_name(&x, d), (long long)x.p->op->dim[d].extent);
    hd_text_append(text, "\n");
    nest(&x);
    energies(&x);
    traffic(&x);
    cycles(&x);
    if (best->cost > 0)
        hd_text_format(text, "%s %.6g, lower bound %.6g, gap %.2f%%\n\n", hd_objective_name(plan->options.objective),
                       best->cost, best->lower_bound, 100 * (best->cost - best->lower_bound) / best->cost);
}
