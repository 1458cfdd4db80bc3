/* How like are two operators? */
#include "network/leads.h"

#include <math.h>
#include <string.h>

static bool same_ranks(const hd_tensor *a, const hd_tensor *b)
{
    if (a->used != b->used || a->ranks != b->ranks) return false;
    for (int r = 0; a->used && r < a->ranks; r++) {
        if (a->rank[r].terms != b->rank[r].terms) return false;
        for (int t = 0; t < a->rank[r].terms; t++)
            if (a->rank[r].term[t].dim != b->rank[r].term[t].dim) return false;
    }
    return true;
}

bool hd_have_same_loops(const hd_operator *a, const hd_operator *b)
{
    if (a->dims != b->dims || a->vector != b->vector) return false;
    for (int r = 0; r < HD_ROLES; r++)
        if (!same_ranks(&a->tensor[r], &b->tensor[r])) return false;
    return true;
}

bool hd_are_alike(const hd_problem *a, const hd_problem *b)
{
    return a->arch->hash == b->arch->hash && memcmp(a->home, b->home, sizeof a->home) == 0 && hd_have_same_loops(a->op, b->op);
}

static double distance(const hd_operator *a, const hd_operator *b)
{
    double sum = 0;
    for (int d = 0; d < a->dims; d++) sum += fabs(log2((double)a->dim[d].extent / (double)b->dim[d].extent));
    return sum;
}

void hd_leads_offer(hd_leads *leads, const hd_operator *op, const hd_operator *other, const hd_scheme *found)
{
    double far = distance(op, other);
    int at = leads->count;
    while (at > 0 && far < leads->distance[at - 1]) at--;
    if (at == HD_LEADS) return;
    if (leads->count < HD_LEADS) leads->count++;
    for (int i = leads->count - 1; i > at; i--) {
        leads->lead[i] = leads->lead[i - 1];
        leads->distance[i] = leads->distance[i - 1];
    }
    leads->lead[at] = (hd_lead){other, found};
    leads->distance[at] = far;
}
