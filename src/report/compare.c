/* Where do two models differ about one scheme, and which rule of theirs causes it?
 *
 * Counts stand as they are; a difference is `this model - the first one`.  Rules come from hd_model.why of the model that
 * is compared, or of the first where the other knows none.                                                          */
#include "report/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/names.h"
#include "report/refusal.h"

typedef struct column { const hd_judge *judge; hd_breakdown price; } column;
typedef struct comparison {
    column column[HD_COMPARE_MAX];
    int columns;
    const hd_scheme *s;
    hd_text *text;
    int level_width, tensor_width;
} comparison;

/* Does the model price the scheme?  If not, a line says why. */
static bool accepts(const hd_judge *j, const hd_scheme *s, hd_text *text)
{
    hd_refusal why = {0};
    const char *what = "does not serve the problem";
    bool good = !j->model->serves || j->model->serves(&j->problem, &why);
    if (good) {
        what = "refuses the scheme";
        good = j->model->fits(&j->problem, s, &why);
    }
    char reason[HD_REFUSAL_TEXT];
    hd_refusal_text(&j->problem, &why, reason);
    if (!good) hd_text_format(text, "  %s %s: %s\n", j->model->name, what, reason);
    return good;
}

static int64_t count_of(const hd_breakdown *price, int level, int role, hd_count_kind kind)
{
    const hd_access *a = &price->access[level][role];
    return kind == HD_COUNT_READS ? a->reads : kind == HD_COUNT_FILLS ? a->fills : a->updates;
}

/* Why column `c` differs from the first in this count. */
static void rules(const comparison *x, int c, int level, int role, hd_count_kind kind)
{
    char why[256] = "";
    const hd_judge *order[2] = {x->column[c].judge, x->column[0].judge};
    for (int i = 0; i < 2 && !why[0]; i++)
        if (order[i]->model->why)
            order[i]->model->why(&order[i]->problem, x->s, level, (hd_role)role, kind, why);
    hd_text_format(x->text, "  %s", why[0] ? why : "no rule known");
}

static void differences(const comparison *x, int64_t first, const int64_t *value)
{
    for (int c = 1; c < x->columns; c++) {
        if (value[c] == first) hd_text_format(x->text, " %13s", "=");
        else hd_text_format(x->text, " %+13lld", (long long)(value[c] - first));
    }
}

static void count_line(const comparison *x, int level, int role, hd_count_kind kind)
{
    static const char *const names[] = {"reads", "fills", "updates"};
    int64_t value[HD_COMPARE_MAX];
    bool any = false;
    for (int c = 0; c < x->columns; c++) {
        value[c] = count_of(&x->column[c].price, level, role, kind);
        any = any || value[c] != 0;
    }
    if (!any) return;
    const hd_problem *p = &x->column[0].judge->problem;
    hd_text_format(x->text, "  %-*s %-*s %-8s", x->level_width, p->arch->level[level].name, x->tensor_width,
                   hd_tensor_name(p->op, (hd_role)role), names[kind]);
    for (int c = 0; c < x->columns; c++) hd_text_format(x->text, " %14lld", (long long)value[c]);
    differences(x, value[0], value);
    for (int c = 1; c < x->columns; c++)
        if (value[c] != value[0]) rules(x, c, level, role, kind);
    hd_text_append(x->text, "\n");
}

/* Sums in another order are no difference. */
static bool differs(double a, double b) { return fabs(a - b) > 1e-12 * fabs(a); }

/* The same for another term of the price. */
static void term_rules(const comparison *x, int c, hd_price_term term, int level)
{
    char why[256] = "";
    const column *order[2] = {&x->column[c], &x->column[0]};
    for (int i = 0; i < 2 && !why[0]; i++)
        if (order[i]->judge->model->why_term)
            order[i]->judge->model->why_term(&order[i]->judge->problem, x->s, term, level, &order[1 - i]->price, why);
    hd_text_format(x->text, "  %s", why[0] ? why : "no rule known");
}

static void total_line(const comparison *x, const char *what, hd_price_term term, int level, const double *value)
{
    hd_text_format(x->text, "  %-*s", x->level_width + x->tensor_width + 10, what);
    for (int c = 0; c < x->columns; c++) hd_text_format(x->text, " %14.9g", value[c]);
    for (int c = 1; c < x->columns; c++) {
        if (!differs(value[0], value[c])) hd_text_format(x->text, " %13s", "=");
        else hd_text_format(x->text, " %+13.6g", value[c] - value[0]);
    }
    for (int c = 1; c < x->columns; c++)
        if (differs(value[0], value[c])) term_rules(x, c, term, level);
    hd_text_append(x->text, "\n");
}

/* ---- cycles and energies: one line per term of a price ---- */

typedef double value_of(const hd_breakdown *price, int level);

static double level_energy(const hd_breakdown *price, int level)
{
    double sum = 0;
    for (int r = 0; r < HD_ROLES; r++) sum += price->level_pj[level][r];
    return sum;
}

static double network_energy(const hd_breakdown *price, int level)
{
    double sum = 0;
    for (int r = 0; r < HD_ROLES; r++) sum += price->network_pj[level][r];
    return sum;
}

static double level_cycles(const hd_breakdown *price, int level) { return (double)price->level_cycles[level]; }
static double computes(const hd_breakdown *price, int level) { return (void)level, (double)price->computes; }
static double work_cycles(const hd_breakdown *price, int level) { return (void)level, (double)price->compute_cycles; }
static double fill_cycles(const hd_breakdown *price, int level) { return (void)level, (double)price->fill_cycles; }
static double drain_cycles(const hd_breakdown *price, int level) { return (void)level, (double)price->drain_cycles; }
static double latency(const hd_breakdown *price, int level) { return (void)level, (double)price->latency_cycles; }
static double mac_energy(const hd_breakdown *price, int level) { return (void)level, price->mac_pj; }
static double vector_energy(const hd_breakdown *price, int level) { return (void)level, price->vector_pj; }
static double static_energy(const hd_breakdown *price, int level) { return (void)level, price->static_pj; }
static double all_energy(const hd_breakdown *price, int level) { return (void)level, price->energy_pj; }

static const struct { const char *what; bool each_level; value_of *value; } terms[] = { /* by hd_price_term */
    [HD_TERM_COMPUTES] = {"computes", false, computes},
    [HD_TERM_WORK_CYCLES] = {"cycles of work", false, work_cycles},
    [HD_TERM_LEVEL_CYCLES] = {"cycles of %s", true, level_cycles},
    [HD_TERM_FILL_CYCLES] = {"cycles of the first fill", false, fill_cycles},
    [HD_TERM_DRAIN_CYCLES] = {"cycles of the last drain", false, drain_cycles},
    [HD_TERM_LATENCY] = {"cycles in all", false, latency},
    [HD_TERM_MAC_ENERGY] = {"energy of MACs, pJ", false, mac_energy},
    [HD_TERM_VECTOR_ENERGY] = {"energy of vector work, pJ", false, vector_energy},
    [HD_TERM_LEVEL_ENERGY] = {"energy of %s, pJ", true, level_energy},
    [HD_TERM_NETWORK_ENERGY] = {"energy of network to %s, pJ", true, network_energy},
    [HD_TERM_STATIC_ENERGY] = {"energy at rest, pJ", false, static_energy},
    [HD_TERM_ENERGY] = {"energy in all, pJ", false, all_energy},
};

/* "energy of GLB, pJ": the level's name in place of the mark. */
static void term_name(const char *what, const char *level, char out[96])
{
    const char *mark = strstr(what, "%s");
    if (mark) snprintf(out, 96, "%.*s%s%s", (int)(mark - what), what, level, mark + 2);
    else snprintf(out, 96, "%s", what);
}

static void totals(const comparison *x)
{
    const hd_arch *arch = x->column[0].judge->problem.arch;
    for (size_t t = 0; t < sizeof terms / sizeof *terms; t++) {
        for (int l = 0; l < (terms[t].each_level ? arch->levels : 1); l++) {
            double value[HD_COMPARE_MAX];
            bool any = false;
            char name[96];
            for (int c = 0; c < x->columns; c++) {
                value[c] = terms[t].value(&x->column[c].price, l);
                any = any || value[c] != 0;
            }
            term_name(terms[t].what, arch->level[l].name, name);
            if (any) total_line(x, name, (hd_price_term)t, l, value);
        }
    }
}

static void heading(const comparison *x)
{
    hd_text_format(x->text, "  %-*s %-*s %-8s", x->level_width, "level", x->tensor_width, "", "count");
    for (int c = 0; c < x->columns; c++) hd_text_format(x->text, " %14s", x->column[c].judge->model->name);
    for (int c = 1; c < x->columns; c++) hd_text_format(x->text, " %13s", "difference");
    hd_text_append(x->text, x->columns > 1 ? "  rule\n" : "\n");
}

bool hd_compare_models(const hd_judge *judge, int count, const hd_scheme *s, hd_text *text)
{
    comparison x = {.s = s, .text = text, .level_width = 5};
    const hd_problem *p = &judge[0].problem;
    for (int j = 0; j < count && j < HD_COMPARE_MAX; j++) {
        if (!accepts(&judge[j], s, text)) continue;
        column *c = &x.column[x.columns++];
        c->judge = &judge[j];
        judge[j].model->price(&judge[j].problem, s, &c->price);
    }
    if (x.columns == 0) return false;
    hd_text_append(text, "models compared (counts are words over all instances)\n");
    x.tensor_width = hd_names_width(p->op);
    for (int l = 0; l < p->arch->levels; l++) {
        int length = (int)strlen(p->arch->level[l].name);
        if (length > x.level_width) x.level_width = length;
    }
    heading(&x);
    for (int l = 0; l < p->arch->levels; l++)
        for (int r = 0; r < HD_ROLES; r++)
            for (int k = HD_COUNT_READS; k <= HD_COUNT_UPDATES; k++) count_line(&x, l, r, (hd_count_kind)k);
    totals(&x);
    hd_text_append(text, "\n");
    return true;
}
