/* Which numbers does the model itself report of a scheme?
 *
 * Facts come in the model's own order; each object asks for all of them again and writes those that are its own. */
#include "report/model_json.h"

typedef struct filter {
    hd_json *json; /* NULL: only count */
    bool network;
    int level, role;
    int found;
} filter;

static void write_fact(void *user, const hd_fact *fact)
{
    filter *f = user;
    if (fact->level != f->level || fact->role != f->role || (fact->level >= 0 && fact->network != f->network)) return;
    f->found++;
    if (f->json) hd_json_double(f->json, fact->name, fact->value);
}

static void see_any(void *user, const hd_fact *fact)
{
    filter *f = user;
    if (fact->level >= 0 && fact->network == f->network && (f->level < 0 || fact->level == f->level)) f->found++;
}

typedef struct source { hd_json *json; const hd_model *model; const hd_problem *p; const hd_scheme *s; } source;

static int write_own(const source *x, bool network, int level, int role, bool write)
{
    filter f = {write ? x->json : NULL, network, level, role, 0};
    x->model->facts(x->p, x->s, write_fact, &f);
    return f.found;
}

static bool has_any(const source *x, bool network, int level)
{
    filter f = {.network = network, .level = level};
    x->model->facts(x->p, x->s, see_any, &f);
    return f.found > 0;
}

static void write_level(const source *x, bool network, int level)
{
    hd_json_open(x->json, x->p->arch->level[level].name, '{');
    write_own(x, network, level, -1, true);
    for (int r = 0; r < HD_ROLES; r++) {
        if (write_own(x, network, level, r, false) == 0) continue;
        hd_json_open_flat(x->json, hd_tensor_name(x->p->op, (hd_role)r), '{');
        write_own(x, network, level, r, true);
        hd_json_close(x->json, '}');
    }
    hd_json_close(x->json, '}');
}

static void write_levels(const source *x, const char *key, bool network)
{
    hd_json_open(x->json, key, '{');
    for (int l = 0; l < x->p->arch->levels; l++)
        if (has_any(x, network, l)) write_level(x, network, l);
    hd_json_close(x->json, '}');
}

void hd_model_json(hd_json *json, const hd_model *model, const hd_problem *p, const hd_scheme *s)
{
    source x = {json, model, p, s};
    hd_json_open(json, "model", '{');
    if (model->facts) {
        write_own(&x, false, -1, -1, true);
        write_levels(&x, "levels", false);
        write_levels(&x, "networks", true);
    }
    hd_json_close(json, '}');
}
