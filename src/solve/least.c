/* Is there a legal scheme at all?  Capacity is monotone, so the smallest tiles tell. */
#include "solve/draft.h"

/* The smallest tiles with as much kept as fits: drop roles that are free to go, level by level, where they do not. */
bool hd_draft_first(const hd_form *form, hd_incumbent *inc, hd_draft *out)
{
    hd_scheme scheme;
    hd_draft_least(form, out);
    if (hd_draft_decode(form, out, &scheme) && hd_incumbent_fits(inc, &scheme)) return true;
    for (int l = 0; l < form->levels; l++) out->keep[l] &= ~form->keep_free[l];
    if (!hd_draft_decode(form, out, &scheme) || !hd_incumbent_fits(inc, &scheme)) return false;
    for (int l = 0; l < form->levels; l++)
        for (int r = 0; r < HD_ROLES; r++) {
            if (!(form->keep_free[l] & HD_ROLE_BIT(r))) continue;
            out->keep[l] |= HD_ROLE_BIT(r);
            if (!hd_draft_decode(form, out, &scheme) || !hd_incumbent_fits(inc, &scheme)) out->keep[l] &= ~HD_ROLE_BIT(r);
        }
    return true;
}

bool hd_offer_least(const hd_form *form, hd_budget *budget, hd_incumbent *inc)
{
    hd_draft draft;
    hd_scheme scheme;
    if (form->verbatim) {
        hd_incumbent_offer(inc, budget, form->space->pin);
        return inc->found;
    }
    if (!hd_draft_first(form, inc, &draft) || !hd_draft_decode(form, &draft, &scheme)) return false;
    hd_incumbent_offer(inc, budget, &scheme);
    return inc->found;
}
