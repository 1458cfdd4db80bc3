/* How does a refusal read, for errors, tables and comparisons alike? */
#include "report/refusal.h"

#include <stdio.h>

void hd_refusal_text(const hd_problem *p, const hd_refusal *why, char out[HD_REFUSAL_TEXT])
{
    if (why->kind != HD_REFUSE_CAPACITY || why->level < 0) {
        snprintf(out, HD_REFUSAL_TEXT, "%s", why->why[0] ? why->why : "nothing in the space is legal");
        return;
    }
    snprintf(out, HD_REFUSAL_TEXT, "level %s, role %s needs %lld words and has %lld (%lld missing)",
             p->arch->level[why->level].name, why->role >= 0 ? hd_tensor_name(p->op, (hd_role)why->role) : "all",
             (long long)why->need, (long long)why->have, (long long)(why->need - why->have));
}
