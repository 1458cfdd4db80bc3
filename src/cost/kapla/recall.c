/* A slip of the shipped research code: it remembers the word-hops of a tensor by *which* needs and *which* groups of nodes there
 * are, not by who needs what (kapla-measured, item 8).  The first partition of a layer that it tries names the hops for all later
 * ones that look alike.  docs/kapla-solver.md has the recorded runs that this decides.                               */
#include <string.h>

#include "cost/kapla/form.h"

/* The nodes of a partition by what they need: the first node of each one's group, and the needs once each. */
typedef struct likeness {
    int groups;
    int first[HD_KAPLA_MAX_NODES];
    struct { uint64_t key; hd_kapla_range need; int first; } group[HD_KAPLA_MAX_NODES];
} likeness;

static int find_group(const likeness *l, uint64_t key, const hd_kapla_range *need)
{
    for (int g = 0; g < l->groups; g++)
        if (l->group[g].key == key && memcmp(&l->group[g].need, need, sizeof *need) == 0) return g;
    return -1;
}

static void look_at(const kapla_spread *all, int tensor, likeness *out)
{
    out->groups = 0;
    for (int i = 0; i < all->nodes; i++) {
        const hd_kapla_range *need = &all->need[i][tensor];
        uint64_t key = hd_kapla_range_key(need);
        int g = find_group(out, key, need);
        if (g < 0) {
            g = out->groups++;
            out->group[g].key = key;
            out->group[g].need = *need;
            out->group[g].first = i;
        }
        out->first[i] = out->group[g].first;
    }
}

static bool on_same_nodes(const kapla_spread *a, const kapla_spread *b)
{
    return a->nodes == b->nodes && memcmp(a->point, b->point, (size_t)a->nodes * sizeof *a->point) == 0;
}

/* The same groups of the same nodes, whatever each needs, and the same needs, whoever has them. */
static bool are_alike(const likeness *a, const likeness *b, int nodes)
{
    if (a->groups != b->groups || memcmp(a->first, b->first, (size_t)nodes * sizeof *a->first) != 0) return false;
    for (int g = 0; g < a->groups; g++)
        if (find_group(b, a->group[g].key, &a->group[g].need) < 0) return false;
    return true;
}

/* Results are remembered by where they go as well, and not at all where they stay. */
static bool go_alike(const hd_kapla_scheme *a, const hd_kapla_scheme *b, const hd_kapla_place *place)
{
    const hd_kapla_layout of_a = hd_kapla_output(a, place), of_b = hd_kapla_output(b, place);
    return !hd_kapla_stays(a, place) && !hd_kapla_stays(b, place) &&
           hd_kapla_partition_equal(&of_a.piece[0].partition, &of_b.piece[0].partition);
}

void hd_kapla_recall(unsigned fixes, const hd_kapla_scheme *s, const hd_kapla_place *place,
                     const hd_kapla_partition *out[HD_KAPLA_TENSORS])
{
    kapla_spread own, other;
    likeness mine[HD_KAPLA_TENSORS], theirs;
    hd_kapla_scheme as = *s;
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) out[t] = &s->partition;
    if (!place->tries) return;
    hd_kapla_spread_out(s, fixes, &place->region, &own);
    for (int t = 0; t < HD_KAPLA_TENSORS; t++) look_at(&own, t, &mine[t]);
    for (int i = 0; i < place->tries->partitions; i++) {
        as.partition = place->tries->partition[i];
        if (hd_kapla_partition_equal(&as.partition, &s->partition)) return; /* it is the first itself */
        hd_kapla_spread_out(&as, fixes, &place->region, &other);
        for (int t = 0; t < HD_KAPLA_TENSORS && on_same_nodes(&own, &other); t++) {
            if (out[t] != &s->partition || (t == HD_KAPLA_O && !go_alike(&as, s, place))) continue;
            look_at(&other, t, &theirs);
            if (are_alike(&mine[t], &theirs, own.nodes)) out[t] = &place->tries->partition[i];
        }
    }
}
