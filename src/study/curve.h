/* Best cost and lower bound of a network against one number of the chip. */
#ifndef HD_STUDY_CURVE_H
#define HD_STUDY_CURVE_H

#include "base/text.h"
#include "network/plan.h"
#include "report/refusal.h"
#include "study/knob.h"

typedef struct hd_curve_point {
    double value;              /* of the knob */
    bool own;                  /* the chip's own */
    bool done, found, proved, none; /* none: proved that no schedule exists */
    double cost, lower_bound, seconds;
    int64_t evaluations;
} hd_curve_point;

typedef struct hd_curve_range { double from, to; int steps; } hd_curve_range; /* zeros: a quarter to four times, doubling */

typedef struct hd_curve {
    hd_arena *arena;
    const hd_network *net;
    const hd_arch *arch;
    hd_plan_options options;
    hd_knob knob;
    char name[HD_KNOB_NAME];
    int points;
    hd_curve_point *point;     /* ascending values */
    int solved;                /* points so far */
    int64_t searched, spared;  /* distinct layers of all points: solved, and settled by what other points found */
    int odd, odd_above;        /* two points that contradict each other, -1 = none */
    double seconds;
    char why[HD_REFUSAL_TEXT + 160]; /* of the last point without a schedule: what is missing */
} hd_curve;

enum { HD_CURVE_MAX = 1000 };

/* Where more only helps, points share what they know: bounds go to smaller values, costs to larger ones.
 * `options.seconds` is per point, CPU time with one thread.  Network and chip are borrowed.  HD_OK also where points
 * contradict each other. */
hd_status hd_curve_run(const hd_network *net, const hd_arch *arch, const hd_knob *knob, const hd_curve_range *range,
                       const hd_plan_options *options, hd_curve **out, hd_error *err);
void hd_curve_free(hd_curve *curve); /* NULL is fine */
/* A schedule for less means one for more, so no bound may lie above the cost of a smaller point; sets `odd`. */
void hd_curve_check(hd_curve *curve);

void hd_curve_table(const hd_curve *curve, hd_text *text);
void hd_curve_json(const hd_curve *curve, bool reproducible, const char *version, hd_text *text);

#endif
