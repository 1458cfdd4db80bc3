/* What there is: the catalogue and the zoo as one stream of items. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "base/spelling.h"
#include "catalogue/catalogue.h"
#include "network/candidates.h"
#include "study/kapla.h"

typedef struct listing {
    const char *kind;
    void (*visit)(void *user, const hd_item *item);
    void *user;
} listing;

static void list_solvers(const listing *l)
{
    for (const hd_solver *const *s = hd_catalogue_solvers; *s; s++) {
        hd_item item = {l->kind, (*s)->name, (*s)->title, (*s)->paper ? (*s)->paper : ""};
        l->visit(l->user, &item);
    }
}

static void list_models(const listing *l)
{
    for (const hd_model *const *m = hd_catalogue_models; *m; m++) {
        char options[256] = "";
        size_t used = 0;
        for (const hd_option *o = (*m)->options; o && o->name && used < sizeof options; o++)
            used += (size_t)snprintf(options + used, sizeof options - used, "%s%s.%s", used ? ", " : "options ", (*m)->name,
                                     o->name);
        hd_item item = {l->kind, (*m)->name, (*m)->title, options};
        l->visit(l->user, &item);
    }
}

static void list_formats(const listing *l)
{
    for (const hd_format *f = hd_catalogue_formats; f->name; f++) {
        hd_item item = {l->kind, f->name, f->title, f->verbs};
        l->visit(l->user, &item);
    }
}

static void list_table(const listing *l, const char *of, const hd_option *options)
{
    for (const hd_option *o = options; o && o->name; o++) {
        char name[128], range[128];
        snprintf(name, sizeof name, "%s.%s", of, o->name);
        snprintf(range, sizeof range, "%g to %g, standard %g", o->low, o->high, o->standard);
        hd_item item = {l->kind, name, o->help, range};
        l->visit(l->user, &item);
    }
}

static void list_options(const listing *l)
{
    for (const hd_solver *const *s = hd_catalogue_solvers; *s; s++) list_table(l, (*s)->name, (*s)->options);
    for (const hd_model *const *m = hd_catalogue_models; *m; m++) list_table(l, (*m)->name, (*m)->options);
    list_table(l, "pipeline", hd_pipeline_options);
}

static void list_libraries(const listing *l)
{
    for (const hd_library *x = hd_catalogue_libraries; x->name; x++) {
        char title[256];
        if (x->built_in) snprintf(title, sizeof title, "compiled in, for the solver %s", x->solver);
        else
            snprintf(title, sizeof title, "left out, and with it the solver %s: install %s and configure with -D%s=enabled",
                     x->solver, x->package, x->name);
        hd_item item = {l->kind, x->name, title, x->built_in ? "yes" : "no"};
        l->visit(l->user, &item);
    }
}

static void list_settings(const listing *l)
{
    for (const hd_setting *s = hd_kapla_settings; s->name; s++) {
        char chip[96];
        snprintf(chip, sizeof chip, "bench kapla on %s", s->arch);
        hd_item item = {l->kind, s->name, s->title, chip};
        l->visit(l->user, &item);
    }
}

static const struct { const char *kind; void (*list)(const listing *); } tables[] = {
    {"solvers", list_solvers}, {"models", list_models}, {"formats", list_formats}, {"options", list_options},
    {"settings", list_settings}, {"libraries", list_libraries},
};

/* The `about:` line near the top of a YAML file is its title; a file of another kind has it in NAME.about beside it. */
static void visit_file(void *user, const char *name, const char *path)
{
    const listing *l = user;
    char line[512] = "", about[HD_PATH];
    const char *title = "";
    size_t length = strlen(path);
    bool yaml = length > 5 && strcmp(path + length - 5, ".yaml") == 0;
    snprintf(about, sizeof about, "%.*s.about", (int)(length - strlen(strrchr(path, '.'))), path);
    FILE *file = fopen(yaml ? path : about, "r");
    for (int n = 0; file && n < 12 && fgets(line, sizeof line, file); n++) {
        if (strncmp(line, "about:", 6) != 0) continue;
        line[strcspn(line, "\n")] = '\0';
        title = line + 6 + strspn(line + 6, " \"");
        break;
    }
    if (file) fclose(file);
    hd_item item = {l->kind, name, title, path};
    l->visit(l->user, &item);
}

HD_API hd_status hd_catalogue(hd_context *context, const char *kind, void (*visit)(void *user, const hd_item *item),
                              void *user, hd_error *err)
{
    (void)context;
    listing l = {kind, visit, user};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        if (strcmp(tables[t].kind, kind) != 0) continue;
        tables[t].list(&l);
        return HD_OK;
    }
    if (strcmp(kind, "archs") == 0) return hd_zoo_each("arch", visit_file, &l, err);
    if (strcmp(kind, "nets") == 0) return hd_zoo_each("nets", visit_file, &l, err);
    return hd_fail(err, HD_ERR_USAGE, "nothing is listed as '%s'; there is: nets archs solvers models formats options "
                   "settings libraries", kind);
}

HD_API const char *hd_nearest_name(const char *word, const char *const *names, int count)
{
    hd_guess guess = hd_guess_of(word);
    for (int i = 0; i < count; i++) hd_guess_offer(&guess, names[i]);
    return guess.name;
}
