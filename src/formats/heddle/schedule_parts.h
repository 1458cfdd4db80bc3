/* What the readers of a schedule's parts share: of this folder alone. */
#ifndef HD_FORMATS_HEDDLE_SCHEDULE_PARTS_H
#define HD_FORMATS_HEDDLE_SCHEDULE_PARTS_H

#include "formats/heddle/schedule_yaml.h"
#include "syntax/tree.h"

typedef struct hd_schedule_reader {
    hd_schedule *schedule;
    hd_network *network;
    hd_arena *scratch; /* the tree */
    int at;            /* layer being read */
    const hd_node *chip_hash, *network_hash;
    uint64_t chip_wanted, network_wanted;
} hd_schedule_reader;

/* A text that may be empty, copied. */
hd_status hd_schedule_text(hd_arena *arena, const hd_node *v, const char *what, const char **out, hd_error *err);
/* A layer by name among those before `limit`; `err` may be NULL. */
hd_status hd_schedule_find(hd_schedule_reader *r, const hd_node *v, const char *what, int limit, int *out, hd_error *err);
/* Fields of the whole; `t` is the reader.  The chip is read before the layers, these before the segments. */
hd_status hd_schedule_read_layers(const hd_node *v, void *t, hd_error *err);
hd_status hd_schedule_read_segments(const hd_node *v, void *t, hd_error *err);

#endif
