/* One number of a chip that can be turned: LEVEL.capacity[.ROLE], LEVEL.bandwidth[.read|.write|.shared], LEVEL.fanout.x|.y */
#ifndef HD_STUDY_KNOB_H
#define HD_STUDY_KNOB_H

#include "arch/arch.h"
#include "cost/model.h"

typedef enum hd_knob_kind { HD_KNOB_CAPACITY, HD_KNOB_BANDWIDTH, HD_KNOB_FANOUT } hd_knob_kind;

/* `part`: a role, a port (read, write, shared) or an axis; -1 = all of them, turned in proportion. */
typedef struct hd_knob { hd_knob_kind kind; int level, part; } hd_knob;

enum { HD_KNOB_NAME = 96, HD_KNOBS_MAX = HD_MAX_LEVELS * 12 };

/* The message of a miss lists what the chip has. */
hd_status hd_knob_parse(const hd_arch *arch, const char *text, hd_knob *out, hd_error *err);
void hd_knob_name(const hd_arch *arch, const hd_knob *knob, char out[HD_KNOB_NAME]);
/* Words, words per cycle, or copies; of all parts: their sum. */
double hd_knob_value(const hd_arch *arch, const hd_knob *knob);
/* The chip with another value of 1 or more (bandwidths: above 0); words and copies are rounded down, to 1 at least. */
hd_status hd_knob_turn(const hd_arch *from, const hd_knob *knob, double value, hd_arch *out, hd_error *err);
/* Every knob of the chip, level by level: whole ones, then their parts where they differ. */
int hd_knob_list(const hd_arch *arch, hd_knob out[HD_KNOBS_MAX]);
/* Is every scheme of a chip still as good on the chip with more of this? */
bool hd_knob_only_helps(const hd_arch *arch, const hd_knob *knob, const hd_model *model);
/* Do two chips differ in such numbers alone, and has `more` at least as much of each? */
bool hd_knob_offers(const hd_arch *more, const hd_arch *less, const hd_model *model);

#endif
