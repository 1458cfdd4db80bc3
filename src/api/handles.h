/* What stands behind the opaque objects of the public header, and how its functions get memory. */
#ifndef HD_API_HANDLES_H
#define HD_API_HANDLES_H

#include "base/arena.h"
#include "base/text.h"
#include "network/plan.h"

enum { HD_PATH = 1024, HD_MAX_SETTINGS = 16 };

struct hd_context {
    hd_context_options options;
};

/* A solution of one problem. */
struct hd_solution {
    hd_problem problem; /* as it was solved: with the settings of the search */
    double settings[HD_MAX_SETTINGS];
    hd_incumbent best;
};

/* A plan with what it stands on: borrowed from the caller, or read from a schedule and owned. */
struct hd_answer {
    const hd_network *network;
    const hd_arch *arch;
    hd_network *own_network;
    hd_arch *own_arch;
    hd_arena *arena; /* pins and schemes read from files */
    hd_plan *plan;
    hd_plan_options options;
    int segments;           /* of a schedule that was read */
    const hd_segment *segment;
    const hd_scheme *given; /* hd_price_schedule and hd_foreign_price: what was to be priced, per layer; else NULL */
    const char *priced_by;  /* the model that a schedule names; NULL = none */
    int presets;            /* settings that the schedule itself brings, for any model */
    const char *const *preset;
};

/* NULL = malloc */
const hd_allocator *hd_context_memory(const hd_context *context);
/* Zeroed. */
hd_status hd_context_alloc(const hd_context *context, size_t size, void **out, hd_error *err);
void hd_context_release(const hd_context *context, void *p);
void hd_context_log(const hd_context *context, const char *message);
/* The text becomes the caller's; on failure it is freed. */
hd_status hd_text_give(hd_text *text, char **out, hd_error *err);

/* Copy the part of a size-stamped struct that the caller knows; the rest stays zero. */
void hd_stamp_copy(void *to, size_t to_size, const void *from, size_t from_size);
/* Hand a struct out: as much as the caller's `size` allows, its stamp kept. */
void hd_stamp_give(void *to, const void *from, size_t from_size);

/* Options of a search as the plan wants them; the values of solver and model live in the arena.  `problem` (may be NULL)
 * brings the standard model and its settings, `network` is what pins are read against. */
hd_status hd_options_resolve(const hd_context *context, const hd_solve_options *given, const hd_problem *problem,
                             const hd_network *network, const hd_arch *arch, hd_arena *arena, hd_plan_options *out,
                             hd_error *err);
/* Values of a model's options after `sets` texts NAME.OPTION=VALUE; those that name another known one are passed over. */
hd_status hd_settings_read(const hd_model *model, int sets, const char *const *set, double out[HD_MAX_SETTINGS],
                           hd_error *err);

/* Room for an answer; its arena is there. */
hd_status hd_answer_new(hd_context *context, hd_answer **out, hd_error *err);
/* The scheme of a layer: found, or given to be priced (valid or not); NULL where there is none. */
const hd_scheme *hd_answer_given(const hd_answer *answer, int layer);
/* A network of one layer called `name`. */
hd_status hd_network_of_operator(const hd_operator *op, const char *name, const char *op_name, hd_network **out,
                                 hd_error *err);

/* The chip that problems of the model are of (hd_model_chip): `given`, or a copy in the arena. */
hd_status hd_arch_of_model(const char *model, const hd_arch *given, hd_arena *arena, const hd_arch **out, hd_error *err);

/* Where a chip ("arch") or network ("nets") called `source` is: a file, or a name of the zoo. */
hd_status hd_zoo_find(const char *folder, const char *source, char out[HD_PATH], hd_error *err);
/* Every entry once, the first folder that has a name wins; sorted by name.  `name` without its extension. */
hd_status hd_zoo_each(const char *folder, void (*visit)(void *user, const char *name, const char *path), void *user,
                      hd_error *err);
/* One page of bytes and more: the whole file, from the context's memory, with a final '\0'. */
hd_status hd_context_read(const hd_context *context, const char *path, char **out, size_t *length, hd_error *err);

#endif
