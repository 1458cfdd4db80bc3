/* Schedules as text: `heddle: schedule/1`, self-contained: chip, operators and schemes stand whole in it. */
#ifndef HD_FORMATS_HEDDLE_SCHEDULE_YAML_H
#define HD_FORMATS_HEDDLE_SCHEDULE_YAML_H

#include "base/text.h"
#include "network/plan.h"

typedef struct hd_schedule_layer {
    bool scheduled; /* false: fused into another layer, or no scheme was found */
    int same_as;    /* the first equal layer, or -1 */
    int home[HD_ROLES];
    hd_scheme scheme; /* as it stands there: whoever prices it asks whether it is legal */
    int line[HD_MAX_LEVELS], column[HD_MAX_LEVELS]; /* of its levels in a file that was read */
} hd_schedule_layer;

typedef struct hd_schedule {
    hd_arena *arena; /* owns layer and the texts */
    hd_arch arch;
    hd_network *network; /* owned after reading, borrowed after hd_schedule_of_plan */
    bool network_owned;
    hd_schedule_layer *layer;                       /* one per network layer */
    int segments;                                   /* stages on a mesh; 0 = every layer alone */
    hd_segment *segment;
    const char *objective, *solver, *model, *space; /* how it was found; "" where unknown */
    bool together;              /* it was searched what stays on chip together, where segments follow from homes */
    const char *file;           /* of a schedule that was read, with the place of what stands above; line 0 where it is absent */
    int line, column;
    uint64_t seed;
    int settings;               /* options that differ from their standards, "timeloop.link_transfers=0" */
    const char **setting;
} hd_schedule;

hd_status hd_schedule_read(const char *text, size_t length, const char *file, hd_schedule **out,
                           hd_error *err);
hd_status hd_schedule_read_file(const char *path, hd_schedule **out, hd_error *err);
/* What a plan found; the plan must outlive it. */
hd_status hd_schedule_of_plan(const hd_plan *plan, hd_schedule **out, hd_error *err);
/* Reading what was written and writing it again gives the same bytes. */
hd_status hd_schedule_write(const hd_schedule *schedule, hd_text *text, hd_error *err);
/* The same for a file of another kind that goes on after the schedule (proof_yaml.h). */
hd_status hd_schedule_write_as(const hd_schedule *schedule, const char *tag, hd_text *text, hd_error *err);
void hd_schedule_free(hd_schedule *schedule); /* NULL is fine */

#endif
