/* How does a refusal read, for errors, tables and comparisons alike? */
#include "report/refusal.h"

#include <stdio.h>
#include <string.h>

/* Tensors that share the words of a level: the model lists them after a colon, or the largest stands for them. */
static void pool_text(const hd_problem *p, const hd_refusal *why, char out[HD_REFUSAL_TEXT])
{
    const char *level = p->arch->level[why->level].name, *parts = strstr(why->why, ": ");
    long long need = (long long)why->need, have = (long long)why->have;
    if (parts && strstr(parts, " + "))
        snprintf(out, HD_REFUSAL_TEXT, "level %s: %s, together %lld words, and it has %lld (%lld missing)", level, parts + 2,
                 need, have, need - have);
    else if (parts)
        snprintf(out, HD_REFUSAL_TEXT, "level %s: %s words, and it has %lld (%lld missing)", level, parts + 2, have, need - have);
    else if (why->role >= 0)
        snprintf(out, HD_REFUSAL_TEXT,
                 "level %s: all it keeps, role %s the largest, needs %lld words and it has %lld (%lld missing)", level,
                 hd_tensor_name(p->op, (hd_role)why->role), need, have, need - have);
    else
        snprintf(out, HD_REFUSAL_TEXT, "level %s: all it keeps needs %lld words and it has %lld (%lld missing)", level, need,
                 have, need - have);
}

void hd_refusal_text(const hd_problem *p, const hd_refusal *why, char out[HD_REFUSAL_TEXT])
{
    if (why->kind != HD_REFUSE_CAPACITY || why->level < 0) {
        snprintf(out, HD_REFUSAL_TEXT, "%s", why->why[0] ? why->why : "no reason is known");
    } else if (!p->arch->level[why->level].per_role || why->role < 0) {
        pool_text(p, why, out);
    } else {
        snprintf(out, HD_REFUSAL_TEXT, "level %s, role %s needs %lld words and has %lld (%lld missing)",
                 p->arch->level[why->level].name, hd_tensor_name(p->op, (hd_role)why->role), (long long)why->need,
                 (long long)why->have, (long long)(why->need - why->have));
    }
}

void hd_missing_text(const hd_problem *p, const hd_incumbent *best, char out[HD_REFUSAL_TEXT])
{
    static const char *const ends[] = {
        [HD_OUTCOME_NONE] = "not searched",
        [HD_OUTCOME_INFEASIBLE] = "nothing in the space is legal",
        [HD_OUTCOME_IMPROVED] = "the search ended before one was found",
        [HD_OUTCOME_EXHAUSTED] = "the budget ended before one was found",
        [HD_OUTCOME_INTERRUPTED] = "interrupted before one was found",
        [HD_OUTCOME_OPTIMAL] = "nothing in the space is legal",
    };
    static const char *const unsearched[] = {
        [HD_OUTCOME_EXHAUSTED] = "not searched: the time was out",
        [HD_OUTCOME_INTERRUPTED] = "not searched: interrupted",
    };
    hd_outcome how = best->outcome;
    bool out_of_time = how == HD_OUTCOME_EXHAUSTED || how == HD_OUTCOME_INTERRUPTED;
    if (best->nearest.why[0] || (best->nearest.kind == HD_REFUSE_CAPACITY && best->nearest.level >= 0))
        hd_refusal_text(p, &best->nearest, out);
    else
        snprintf(out, HD_REFUSAL_TEXT, "%s", out_of_time && best->evaluations == 0 ? unsearched[how] : ends[how]);
}
