/* heddle: dataflow schedules for neural networks on accelerators.
 *
 * The whole public surface.  No globals, no exit, no printing: a program embeds heddle through a
 * context, and every failure comes back as a status with a message in an hd_error.
 * Ownership: `hd_*_new/read/solve` results returned through `out` belong to the caller and die with
 * the matching `_free`; `const` pointers returned by getters are borrowed from their parent.       */
#ifndef HEDDLE_H
#define HEDDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HD_VERSION "0.1.0"
#define HD_API __attribute__((visibility("default")))

/* Whether a call worked.  What a search found is an hd_outcome, never a status. */
typedef enum hd_status {
    HD_OK = 0,
    HD_ERR_USAGE,    /* wrong use: an argument or option that cannot be */
    HD_ERR_INPUT,    /* bad input file or text; position in the error */
    HD_ERR_IO,       /* file cannot be read or written */
    HD_ERR_MEMORY,   /* allocation failed */
    HD_ERR_INTERNAL  /* a broken invariant: please report */
} hd_status;

/* What a search found. */
typedef enum hd_outcome {
    HD_OUTCOME_NONE = 0,     /* nothing searched yet */
    HD_OUTCOME_INFEASIBLE,   /* no legal scheme exists in the space (proved) */
    HD_OUTCOME_IMPROVED,     /* a heuristic ended by its own rule */
    HD_OUTCOME_EXHAUSTED,    /* the budget ran out */
    HD_OUTCOME_INTERRUPTED,  /* the caller asked to stop */
    HD_OUTCOME_OPTIMAL       /* the best of the stated space (proved) */
} hd_outcome;

/* Message with position; `line`/`column` are 1-based, 0 where they mean nothing. */
typedef struct hd_error {
    hd_status code;
    int line, column;
    char file[256];
    char message[768]; /* what was found, what was expected, what to do */
} hd_error;

/* Replaceable memory: `reallocate(user, p, n)` behaves as realloc, n = 0 frees.  NULL = malloc. */
typedef struct hd_allocator {
    void *(*reallocate)(void *user, void *p, size_t n);
    void *user;
} hd_allocator;

/* ---- objects: opaque, each made by one function and freed by one ---- */
typedef struct hd_context hd_context;   /* allocator, threads, log, cancel */
typedef struct hd_arch hd_arch;         /* a chip; immutable, shared freely by threads */
typedef struct hd_network hd_network;   /* layers in topological order */
typedef struct hd_operator hd_operator; /* one loop nest */
typedef struct hd_problem hd_problem;   /* one operator on one chip */
typedef struct hd_scheme hd_scheme;     /* the dataflow of one operator on one chip */
typedef struct hd_solution hd_solution; /* what a solver found for a problem */
typedef struct hd_answer hd_answer;     /* a whole network scheduled or priced on one chip */
typedef struct hd_study hd_study;       /* many searches and what they show together */
typedef struct hd_foreign hd_foreign;   /* files of a neighbouring tool: chip, operator, mapping, constraints */

/* ---- context ---- */
/* Structs with a `size` are stamped by the caller (sizeof) so that they may grow; zero means the standard. */
typedef struct hd_context_options {
    size_t size;
    hd_allocator allocator;
    int threads;                                                               /* 0 = 1 */
    void (*log)(void *user, const char *message);                              /* warnings */
    bool (*cancel)(void *user);                                                /* true = stop, keep the best so far */
    void (*progress)(void *user, int done, int total, const char *layer);
    void *user;
} hd_context_options;

HD_API hd_status hd_context_new(const hd_context_options *options, hd_context **out, hd_error *err);
HD_API void hd_context_free(hd_context *context); /* NULL is fine, here and in every _free */
HD_API void hd_string_free(hd_context *context, char *text); /* texts returned through `out` */

/* ---- chips ---- */
/* `source`: a name of the zoo or a file in our YAML. */
HD_API hd_status hd_arch_open(hd_context *context, const char *source, hd_arch **out, hd_error *err);
HD_API hd_status hd_arch_parse(hd_context *context, const char *text, size_t length, hd_arch **out, hd_error *err);
HD_API void hd_arch_free(hd_context *context, hd_arch *arch);
HD_API const char *hd_arch_name(const hd_arch *arch);
HD_API int hd_arch_levels(const hd_arch *arch);
HD_API const char *hd_arch_level_name(const hd_arch *arch, int level);
HD_API hd_status hd_arch_text(hd_context *context, const hd_arch *arch, char **out, hd_error *err); /* our YAML */
HD_API hd_status hd_arch_json(hd_context *context, const hd_arch *arch, char **out, hd_error *err);
/* The text of a chip's file as it stands, with its sources and remarks. */
HD_API hd_status hd_arch_source(hd_context *context, const char *source, char **out, hd_error *err);

/* ---- networks ---- */
typedef struct hd_dim_value { const char *name; int64_t value; } hd_dim_value;
typedef struct hd_network_options {
    size_t size;
    int64_t batch;                 /* first dimension of every graph input; 0 = as in the file */
    int dims;
    const hd_dim_value *dim;       /* symbolic dimensions bound */
    bool no_fuse;                  /* element-wise work stays in layers of its own */
    int bits[4], partial_bits;     /* per element of W I O I2 and of partial sums; 0 = as they are */
    bool training;                 /* then the backward layers; a gradient has the bits of its tensor */
    bool input_gradients;          /* of training: also the gradients of the network's inputs */
    const char *optimizer;         /* of training: "none" (or NULL), "sgd" */
} hd_network_options;

/* `source`: an .onnx or .yaml file, a name of the zoo, or an operator like 'matmul(M=512,N=768,K=3072)'. */
HD_API hd_status hd_network_open(hd_context *context, const char *source, const hd_network_options *options,
                                 hd_network **out, hd_error *err);
/* From memory; `format` is "onnx" or "yaml". */
HD_API hd_status hd_network_parse(hd_context *context, const char *format, const void *bytes, size_t length,
                                  const hd_network_options *options, hd_network **out, hd_error *err);
HD_API void hd_network_free(hd_network *network);
HD_API const char *hd_network_name(const hd_network *network);
HD_API int hd_network_layers(const hd_network *network);
HD_API const char *hd_network_layer_name(const hd_network *network, int layer);
HD_API int64_t hd_network_macs(const hd_network *network);
HD_API hd_status hd_network_json(hd_context *context, const hd_network *network, char **out, hd_error *err);
HD_API hd_status hd_network_table(hd_context *context, const hd_network *network, char **out, hd_error *err);

/* ---- operators built in memory ---- */
typedef struct hd_dim_spec { const char *name; int64_t extent; } hd_dim_spec;
/* coordinate = offset + sum of coef x dim; dim[1] may be NULL; extent 0 = what the dims reach */
typedef struct hd_rank_spec { const char *dim[2]; int64_t coef[2], offset, extent; } hd_rank_spec;
typedef struct hd_tensor_spec { const char *role; int bits, ranks; const hd_rank_spec *rank; } hd_tensor_spec;
typedef struct hd_operator_spec {
    size_t size;
    const char *kind;              /* "matmul" (standard) or "conv" ...: only names it */
    int dims, tensors, partial_bits;
    const hd_dim_spec *dim;
    const hd_tensor_spec *tensor;  /* roles "W" "I" "O" "I2" */
} hd_operator_spec;

HD_API hd_status hd_operator_new(hd_context *context, const hd_operator_spec *spec, hd_operator **out, hd_error *err);
HD_API hd_status hd_operator_parse(hd_context *context, const char *text, hd_operator **out, hd_error *err);
HD_API void hd_operator_free(hd_context *context, hd_operator *op);

/* ---- one operator on one chip ---- */
/* `op` and `arch` are borrowed and must outlive the problem. */
HD_API hd_status hd_problem_new(hd_context *context, const hd_operator *op, const hd_arch *arch, hd_problem **out,
                                hd_error *err);
/* Where a tensor lives before and after; the standard is the outermost level. */
HD_API hd_status hd_problem_home(hd_problem *problem, const char *role, const char *level, hd_error *err);
/* What prices it: a name of hd_catalogue's "models"; the standard is "native".  Its options go back to their standards. */
HD_API hd_status hd_problem_model(hd_problem *problem, const char *model, hd_error *err);
/* One option of the problem's model, as "timeloop.link_transfers". */
HD_API hd_status hd_problem_set(hd_problem *problem, const char *option, double value, hd_error *err);
HD_API void hd_problem_free(hd_context *context, hd_problem *problem);

/* ---- schemes: one directive at a time, out and in ---- */
typedef enum hd_step_kind { HD_STEP_KEEP, HD_STEP_TENSOR, HD_STEP_STACK, HD_STEP_UPDATE } hd_step_kind;
typedef struct hd_step {
    hd_step_kind kind;
    int level;           /* index in the chip */
    const char *name;    /* KEEP: role; else dimension */
    int64_t extent;      /* TENSOR: extent held; STACK: shift; UPDATE: step */
    int64_t copies;      /* STACK */
    int axis;            /* STACK: 0 = X, 1 = Y */
} hd_step;

/* A scheme that is legal and does nothing clever: whole tensors outside, every loop at the MAC. */
HD_API hd_status hd_scheme_new(hd_context *context, const hd_problem *problem, hd_scheme **out, hd_error *err);
/* Nothing kept, no loops: to be filled by hd_scheme_add. */
HD_API void hd_scheme_clear(const hd_problem *problem, hd_scheme *scheme);
HD_API hd_status hd_scheme_add(const hd_problem *problem, hd_scheme *scheme, const hd_step *step, hd_error *err);
/* Every directive, outermost level first, innermost stack and loop first; stops when `visit` says false. */
HD_API void hd_scheme_walk(const hd_problem *problem, const hd_scheme *scheme,
                           bool (*visit)(void *user, const hd_step *step), void *user);
HD_API void hd_scheme_free(hd_context *context, hd_scheme *scheme);

/* ---- prices ---- */
enum { HD_COST_LEVELS = 12, HD_COST_ROLES = 4 };
typedef struct hd_traffic { int64_t reads, fills, updates, deliveries; double access_pj, delivery_pj; } hd_traffic;
typedef struct hd_cost {
    size_t size;
    double energy_pj, edp, mac_pj, vector_pj, static_pj;
    int64_t latency_cycles, computes, compute_cycles, fill_cycles, drain_cycles;
    int64_t level_cycles[HD_COST_LEVELS];
    int bound_by;                                        /* -1 = compute, else the level that limits */
    hd_traffic traffic[HD_COST_LEVELS][HD_COST_ROLES];   /* roles W I O I2 */
} hd_cost;

/* Price a scheme by the problem's model.  No allocation, no shared state: call it from any number of threads.
 * HD_ERR_USAGE with the reason where the scheme is not legal, does not fit, or is not one that the model serves. */
HD_API hd_status hd_price(const hd_problem *problem, const hd_scheme *scheme, hd_cost *out, hd_error *err);

/* ---- solving ---- */
typedef struct hd_solve_options {
    size_t size;
    const char *objective;         /* "energy" (standard) "latency" "edp" */
    const char *solver;            /* "descend" (standard); hd_catalogue lists them */
    const char *model;             /* NULL = "native", or what the problem, schedule or foreign file says */
    const char *space;             /* words of "template free ragged bypass", comma separated; NULL = the chip's */
    uint64_t seed;
    int64_t evaluations;           /* per distinct operator; 0 = the solver's own end */
    double seconds;                /* outer limit; 0 = none */
    const char *pin_file;
    int sets;
    const char *const *set;        /* "SOLVER.OPTION=VALUE", "MODEL.OPTION=VALUE" or "pipeline.OPTION=VALUE" */
    int presets;
    const char *const *preset;     /* the same, but passed over where the run does not use it; `set` wins */
    const char *inter_layer;       /* what stays on chip between layers: "none" (standard) "kapla" "exhaustive" */
    bool proof;                    /* keep what was discarded for hd_answer_proof; solvers that prove alone can */
} hd_solve_options;

/* HD_OK also where nothing fits: ask the outcome. */
HD_API hd_status hd_solve(hd_context *context, const hd_problem *problem, const hd_solve_options *options,
                          hd_solution **out, hd_error *err);
HD_API hd_outcome hd_solution_outcome(const hd_solution *solution);
HD_API const hd_scheme *hd_solution_scheme(const hd_solution *solution); /* borrowed; NULL = nothing fits */
HD_API double hd_solution_bound(const hd_solution *solution);            /* lower bound of the objective */
HD_API int64_t hd_solution_evaluations(const hd_solution *solution);
HD_API hd_status hd_solution_cost(const hd_solution *solution, hd_cost *out, hd_error *err);
HD_API void hd_solution_free(hd_context *context, hd_solution *solution);

/* ---- whole networks ---- */
typedef struct hd_totals {
    size_t size;
    int layers, distinct;
    int64_t macs, computes, latency_cycles, evaluations;
    double energy_pj, edp, lower_bound, gap, utilization, seconds;
    bool proved;
} hd_totals;

/* `network` and `arch` are borrowed and must outlive the answer. */
HD_API hd_status hd_solve_network(hd_context *context, const hd_network *network, const hd_arch *arch,
                                  const hd_solve_options *options, hd_answer **out, hd_error *err);
/* Price a schedule file (or a folder written by `solve --out`); nothing is searched. */
HD_API hd_status hd_price_schedule(hd_context *context, const char *path, const hd_solve_options *options,
                                   hd_answer **out, hd_error *err);
/* False where some layer has no schedule; `err` (may be NULL) then names layer, level, role and missing words. */
HD_API bool hd_answer_complete(const hd_answer *answer, hd_error *err);
/* The same for one layer, fused ones included; `err` tells why it has none. */
HD_API bool hd_answer_layer_found(const hd_answer *answer, int layer, hd_error *err);
/* The model under which a schedule file says it was made, which need not be the one that prices it here; NULL = none said. */
HD_API const char *hd_answer_priced_by(const hd_answer *answer);
HD_API void hd_answer_totals(const hd_answer *answer, hd_totals *out);
HD_API int hd_answer_layers(const hd_answer *answer);
HD_API const char *hd_answer_layer_name(const hd_answer *answer, int layer);
HD_API int hd_answer_find(const hd_answer *answer, const char *layer); /* name or 1-based number; -1 = none */
/* NULL for fused layers and where nothing fits. */
HD_API const hd_problem *hd_answer_problem(const hd_answer *answer, int layer);
HD_API const hd_scheme *hd_answer_scheme(const hd_answer *answer, int layer);
HD_API hd_status hd_answer_table(hd_context *context, const hd_answer *answer, char **out, hd_error *err);
HD_API hd_status hd_answer_explain(hd_context *context, const hd_answer *answer, int layer, char **out, hd_error *err);
/* One scheme under several models, count by count, with the rules that make them differ.  `models`: names, comma
 * separated; NULL = all that there are.  `sets` as hd_solve_options.preset.  HD_ERR_USAGE where all refuse the scheme. */
HD_API hd_status hd_answer_compare(hd_context *context, const hd_answer *answer, int layer, const char *models, int sets,
                                   const char *const *set, char **out, hd_error *err);
HD_API hd_status hd_answer_json(hd_context *context, const hd_answer *answer, bool reproducible, char **out,
                                hd_error *err);
HD_API hd_status hd_answer_schedule(hd_context *context, const hd_answer *answer, char **out, hd_error *err);
/* One layer in a neighbour's format ("timeloop"): `part` is "arch", "problem" or "mapping".  HD_ERR_USAGE with the
 * reason where that format cannot express it. */
HD_API hd_status hd_answer_text(hd_context *context, const hd_answer *answer, int layer, const char *format,
                                const char *part, char **out, hd_error *err);
HD_API int hd_answer_same_as(const hd_answer *answer, int layer); /* the first equal layer, or -1 */
HD_API void hd_answer_free(hd_context *context, hd_answer *answer);

/* ---- files of neighbouring tools ---- */
/* `format`: "timeloop".  The files are one input, in any order. */
HD_API hd_status hd_foreign_open(hd_context *context, const char *format, const char *const *paths, int count,
                                 hd_foreign **out, hd_error *err);
/* The same from memory; `name` stands in messages, and its folder is where texts included by others are looked for. */
typedef struct hd_named_text { const char *name, *text; size_t length; } hd_named_text;
HD_API hd_status hd_foreign_parse(hd_context *context, const char *format, const hd_named_text *texts, int count,
                                  hd_foreign **out, hd_error *err);
HD_API void hd_foreign_free(hd_context *context, hd_foreign *foreign);
/* `part`: "arch" "problem" "mapping" "constraints". */
HD_API bool hd_foreign_has(const hd_foreign *foreign, const char *part);
/* Price its mapping.  The standard model is the format's own; a mapping that is not valid leaves the answer incomplete.
 * `foreign` is borrowed and must outlive the answer. */
HD_API hd_status hd_foreign_price(hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                  hd_answer **out, hd_error *err);
/* Search a mapping of its problem on its chip in the space that its constraints leave.  Standards: the format's model;
 * the first metric of its mapper that is an objective of ours, or energy; space "free,bypass", and "ragged" where its
 * mapspace asks for imperfect factors.  `foreign` is borrowed and must outlive the answer. */
HD_API hd_status hd_foreign_solve(hd_context *context, const hd_foreign *foreign, const hd_solve_options *options,
                                  hd_answer **out, hd_error *err);
/* A part as text: format "timeloop" has "arch" "problem" "mapping", format "heddle" has "arch" "network" "schedule".
 * HD_ERR_USAGE with the reason where the format cannot express it. */
HD_API hd_status hd_foreign_text(hd_context *context, const hd_foreign *foreign, const char *format, const char *part,
                                 char **out, hd_error *err);

/* ---- verification: replay one layer step by step and compare with its price ---- */
typedef struct hd_verdict {
    size_t size;
    bool agrees, whole;            /* whole: replayed in full; else scaled down and by outer iterations */
    int64_t replayed, points;      /* points of the nest executed, and points of the layer */
    int compared;                  /* counts compared */
    char difference[512];          /* the first count that differs */
} hd_verdict;
/* HD_OK where the model that priced the answer counts what the replayed machine does (native; kapla but for its compat: words,
 * not cycles); else HD_ERR_USAGE and why not. */
HD_API hd_status hd_verify_serves(const hd_answer *answer, hd_error *err);
HD_API hd_status hd_verify_layer(hd_context *context, const hd_answer *answer, int layer, uint64_t seed,
                                 hd_verdict *out, hd_error *err);
/* The smallest part of a layer whose price and replay differ, as a schedule of its own; HD_ERR_USAGE where none does. */
HD_API hd_status hd_verify_case(hd_context *context, const hd_answer *answer, int layer, uint64_t seed, char **out,
                                hd_error *err);

/* ---- proofs: what a search discarded, with its arguments (docs/optimal.md) ---- */
/* `heddle: proof/1`: the schedule and a proof per distinct operator, of an answer solved with `proof`. */
HD_API hd_status hd_answer_proof(hd_context *context, const hd_answer *answer, char **out, hd_error *err);
typedef struct hd_proof_verdict {
    size_t size;
    const char *layer;             /* borrowed while the visit lasts */
    bool holds, whole, proved;     /* holds: nothing is wrong; whole: every scheme of the space was priced again */
    double space_log10, cost, lower_bound; /* as the proof says */
    int64_t prices;                /* asked for while recounting */
    char difference[512];          /* the first thing that is not as claimed */
    char unchecked[512];           /* what was taken as the proof says; "" = nothing */
} hd_proof_verdict;
HD_API bool hd_is_proof(const char *path); /* does the file begin with that tag? */
/* Recount every proof of a file with code that no solver uses; `visit` is called in their order. */
HD_API hd_status hd_verify_proof(hd_context *context, const char *path,
                                 void (*visit)(void *user, const hd_proof_verdict *verdict), void *user, hd_error *err);

/* ---- studies: methods against the proved optimum, costs against numbers of the chip ---- */
typedef struct hd_bench_options {
    size_t size;
    /* `solver`: whose proofs are the measure, NULL = "optimal"; `seconds` is CPU time per operator and method; `evaluations`
     * binds the methods alone; settings of all of them may be in `set`; no pins */
    const hd_solve_options *solve;
    int methods;
    const char *const *method;     /* solvers; none = "descend" and "random" */
    const char *store;             /* a file: runs in it are not done again, new ones are appended; NULL = none */
} hd_bench_options;
/* Every distinct operator of every network on every chip: the optimum, and what each method pays over it.
 * Networks and chips are borrowed.  HD_OK also where something is wrong: ask hd_study_sound. */
HD_API hd_status hd_bench_optimal(hd_context *context, const hd_network *const *networks, int network_count,
                                  const hd_arch *const *archs, int arch_count, const hd_bench_options *options,
                                  hd_study **out, hd_error *err);
/* KAPLA's comparison: every method on every network of the study's settings. */
typedef struct hd_kapla_options {
    size_t size;
    /* as hd_bench_options.solve; `inter_layer` "kapla" or "exhaustive": the search between layers as well, by the first method */
    const hd_solve_options *solve;
    int methods, settings, networks;
    const char *const *method;     /* none = "descend", "kapla", "random", "anneal" if compiled in */
    const char *const *setting;    /* names of hd_catalogue's "settings"; none = all */
    const char *const *network;    /* none = those of each setting */
    const char *store;             /* as hd_bench_options.store */
    /* what random methods get as much of as descend took, operator by operator: "evaluations" (NULL) or CPU "seconds" */
    const char *equal;
} hd_kapla_options;
HD_API hd_status hd_bench_kapla(hd_context *context, const hd_kapla_options *options, hd_study **out, hd_error *err);
typedef struct hd_curve_options {
    size_t size;
    const hd_solve_options *solve; /* `solver` NULL = "optimal"; `seconds` is per point, CPU time with one thread */
    const char *vary;              /* "LEVEL.capacity[.ROLE]" "LEVEL.bandwidth[.read|.write|.shared]" "LEVEL.fanout.x|.y" */
    double from, to;               /* 0 = a quarter of what the chip has, four times as much */
    int steps;                     /* points at equal ratios; 0 = doubling */
} hd_curve_options;
/* Best cost and lower bound against one number of the chip.  Network and chip are borrowed. */
HD_API hd_status hd_bound_curve(hd_context *context, const hd_network *network, const hd_arch *arch,
                                const hd_curve_options *options, hd_study **out, hd_error *err);
/* What twice as much of each number of the chip would save, by solving again as `answer` was; it is borrowed. */
HD_API hd_status hd_shadow_prices(hd_context *context, const hd_answer *answer, hd_study **out, hd_error *err);
/* False where an answer lies below a proved bound: an error of the library itself, `err` tells the case. */
HD_API bool hd_study_sound(const hd_study *study, hd_error *err);
/* Where hd_study_sound is false for hd_bench_optimal: the schedule that should not be. */
HD_API hd_status hd_study_case(hd_context *context, const hd_study *study, char **out, hd_error *err);
/* False where nothing at all has a schedule; `err` (may be NULL) tells why. */
HD_API bool hd_study_found(const hd_study *study, hd_error *err);
/* `form`: "table" "json", and "csv" of a bench; `reproducible` leaves out what varies from run to run. */
HD_API hd_status hd_study_text(hd_context *context, const hd_study *study, const char *form, bool reproducible, char **out,
                               hd_error *err);
HD_API void hd_study_free(hd_context *context, hd_study *study);

/* ---- what there is ---- */
typedef struct hd_item { const char *kind, *name, *title, *detail; } hd_item;
/* `kind`: "nets" "archs" "solvers" "models" "formats" "options"; "settings" of hd_bench_kapla; "libraries" that a build may
 * do without: their detail is "yes" where this one has them, else "no". */
HD_API hd_status hd_catalogue(hd_context *context, const char *kind, void (*visit)(void *user, const hd_item *item),
                              void *user, hd_error *err);
/* Which of the names was probably meant by a word that is none of them?  NULL = none is near. */
HD_API const char *hd_nearest_name(const char *word, const char *const *names, int count);

#ifdef __cplusplus
}
#endif
#endif
