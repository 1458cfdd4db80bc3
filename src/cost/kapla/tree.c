/* The cheapest tree over nodes of a mesh (Prim): what the research code builds word by word, as a number of links. */
#include "base/count.h"
#include "cost/kapla/form.h"

static int64_t distance(const kapla_point *a, const kapla_point *b)
{
    int64_t x = a->at[HD_X] - b->at[HD_X], y = a->at[HD_Y] - b->at[HD_Y];
    return (x < 0 ? -x : x) + (y < 0 ? -y : y);
}

int64_t hd_kapla_tree(const kapla_point *point, int points, const kapla_point *source, int sources)
{
    int64_t far[HD_KAPLA_MAX_NODES], links = 0;
    int left[HD_KAPLA_MAX_NODES], n = points;
    for (int i = 0; i < points; i++) {
        left[i] = i;
        far[i] = sources > 0 ? INT64_MAX : distance(&point[i], &point[0]);
        for (int k = 0; k < sources; k++) far[i] = hd_count_min(far[i], distance(&point[i], &source[k]));
    }
    while (n > 0) {
        int next = 0;
        for (int i = 1; i < n; i++)
            if (far[left[i]] < far[left[next]]) next = i;
        int joined = left[next];
        links += far[joined];
        left[next] = left[--n];
        for (int i = 0; i < n; i++) far[left[i]] = hd_count_min(far[left[i]], distance(&point[left[i]], &point[joined]));
    }
    return links;
}
