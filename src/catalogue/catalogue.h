/* The one list of what heddle has: solvers, models, formats, and the libraries some of them need. */
#ifndef HD_CATALOGUE_CATALOGUE_H
#define HD_CATALOGUE_CATALOGUE_H

#include "solve/solver.h"

typedef struct hd_format { const char *name, *title, *verbs; } hd_format;

/* A library that a build may do without; `name` is also the option of configuring. */
typedef struct hd_library { const char *name, *solver, *package; bool built_in; } hd_library;

/* NULL-terminated; the first solver and model are the standards. */
extern const hd_solver *const hd_catalogue_solvers[];
extern const hd_model *const hd_catalogue_models[];
extern const hd_format hd_catalogue_formats[]; /* ends with name NULL, as the next */
extern const hd_library hd_catalogue_libraries[];

/* NULL `name` = the standard.  The message of a miss lists what there is. */
hd_status hd_catalogue_solver(const char *name, const hd_solver **out, hd_error *err);
hd_status hd_catalogue_model(const char *name, const hd_model **out, hd_error *err);
hd_status hd_catalogue_objective(const char *name, hd_objective *out, hd_error *err);

#endif
