/* Which solvers, models and formats are there?  A new one is a line here and a file of its own. */
#include "catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

const hd_solver *const hd_catalogue_solvers[] = {
    &hd_solver_descend, /* the standard */
#ifdef HD_WITH_XGBOOST
    &hd_solver_anneal,
#endif
    &hd_solver_directives,
    &hd_solver_exhaustive,
    &hd_solver_kapla,
    &hd_solver_nn_dataflow,
    &hd_solver_optimal,
    &hd_solver_random,
    NULL,
};

const hd_library hd_catalogue_libraries[] = {
#ifdef HD_WITH_XGBOOST
    {"xgboost", "anneal", "libxgboost-dev", true},
#else
    {"xgboost", "anneal", "libxgboost-dev", false},
#endif
    {NULL, NULL, NULL, false},
};

const hd_model *const hd_catalogue_models[] = {
    &hd_model_native, /* the standard */
    &hd_model_timeloop,
    &hd_model_kapla,
    NULL,
};

const hd_format hd_catalogue_formats[] = {
    {"onnx", "ONNX models, opset 7 to 21, weights not loaded", "read network"},
    {"network/1", "our YAML: a list of operators", "read network"},
    {"arch/1", "our YAML: a chip", "read chip"},
    {"schedule/1", "our YAML: chip, operators and schemes", "read write schedule"},
    {"pins", "our YAML: parts of schemes fixed by the user", "read pins"},
    {"timeloop", "Timeloop's architectures, problems, mappings, constraints, energy and area tables (YAML)",
     "read chip network schedule space, write chip network schedule"},
    {"result/1", "JSON of solve and eval", "write result"},
    {NULL, NULL, NULL},
};

enum { NAMES = 256 };

/* Append ` name` while there is room. */
static void append(char list[NAMES], const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, NAMES - used, " %s", name);
}

hd_status hd_catalogue_solver(const char *name, const hd_solver **out, hd_error *err)
{
    char names[NAMES] = "", hint[HD_HINT];
    hd_guess meant = hd_guess_of(name ? name : "");
    for (const hd_solver *const *s = hd_catalogue_solvers; *s; s++) {
        if (!name || strcmp((*s)->name, name) == 0) {
            *out = *s;
            return HD_OK;
        }
        append(names, (*s)->name);
        hd_guess_offer(&meant, (*s)->name);
    }
    for (const hd_library *l = hd_catalogue_libraries; l->name; l++)
        if (strcmp(l->solver, name) == 0)
            return hd_fail(err, HD_ERR_USAGE, "this build has no solver '%s': install the package %s and configure with "
                           "-D%s=enabled; there is:%s", name, l->package, l->name, names);
    return hd_fail(err, HD_ERR_USAGE, "no solver '%s'%s; there is:%s", name, hd_guess_hint(&meant, hint), names);
}

hd_status hd_catalogue_model(const char *name, const hd_model **out, hd_error *err)
{
    char names[NAMES] = "", hint[HD_HINT];
    hd_guess meant = hd_guess_of(name ? name : "");
    for (const hd_model *const *m = hd_catalogue_models; *m; m++) {
        if (!name || strcmp((*m)->name, name) == 0) {
            *out = *m;
            return HD_OK;
        }
        append(names, (*m)->name);
        hd_guess_offer(&meant, (*m)->name);
    }
    return hd_fail(err, HD_ERR_USAGE, "no model '%s'%s; this version has:%s", name, hd_guess_hint(&meant, hint), names);
}

hd_status hd_catalogue_objective(const char *name, hd_objective *out, hd_error *err)
{
    char names[NAMES] = "", hint[HD_HINT];
    hd_guess meant = hd_guess_of(name ? name : "");
    for (int o = 0; o < HD_OBJECTIVES; o++) {
        if (!name || strcmp(hd_objective_name((hd_objective)o), name) == 0) {
            *out = (hd_objective)o;
            return HD_OK;
        }
        append(names, hd_objective_name((hd_objective)o));
        hd_guess_offer(&meant, hd_objective_name((hd_objective)o));
    }
    return hd_fail(err, HD_ERR_USAGE, "no objective '%s'%s; there is:%s", name, hd_guess_hint(&meant, hint), names);
}
