/* A few layers make most of what a network costs: their searches are longer, those of the many small ones shorter, by the share
 * of the network that a layer and its equals have at least. */
#include "network/patience.h"

#include <math.h>

/* Against a mean layer's: a small one still gets some, of a large one most is found soon. */
static const double LEAST = 0.25, MOST = 2;

/* What a layer adds to the objective at least; products do not add up, their roots nearly. */
static double weight(const hd_plan *plan, int i)
{
    double bound = plan->layer[i].best.lower_bound;
    if (!isfinite(bound)) return 0; /* the model does not serve it */
    return plan->options.objective == HD_EDP ? sqrt(bound) : bound;
}

void hd_find_patience(const hd_plan *plan, const int *first, int count, double *out)
{
    double all = 0;
    for (int k = 0; k < count; k++) {
        double equals = 0;
        for (int i = first[k]; i < plan->layers; i++)
            if (!plan->layer[i].fused && (i == first[k] || plan->layer[i].same_as == first[k]))
                equals += (double)plan->network->layer[i].repeats;
        all += out[k] = equals * weight(plan, first[k]);
    }
    for (int k = 0; k < count; k++) out[k] = all > 0 ? fmax(LEAST, fmin(MOST, out[k] / all * count)) : 1;
}
