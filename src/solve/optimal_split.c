/* Meshes: which dims' copies lie on the nodes is chosen first.
 *
 * Dims that the same roles lack are kindred: how many nodes want the same words of a role, and how many different ones
 * there are along either axis, only their products say.  A split gives every set of kindred dims its copies along X and Y, and
 * says which roles' tiles the nodes hold together (one way, if that follows from room).  Under it the links that a word
 * travels are known but for the order of the stacks, of which the shortest counts (optimal_links.c), so hops are a price per
 * word, and all else is a search as on a chip without a mesh.  Splits come by their bounds.                      */
#include "solve/optimal_split.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static unsigned lacking(const opt *o, int dim)
{
    unsigned roles = 0;
    for (int r = 0; r < HD_ROLES; r++)
        if (o->p->op->tensor[r].used && (o->absent[r] >> dim & 1u)) roles |= HD_ROLE_BIT(r);
    return roles;
}

/* False where there are too many sets. */
static bool find_kindred(opt *o, int level)
{
    unsigned of[OPT_MAX_KINDRED];
    o->kindred = 0;
    for (int d = 0; d < o->form->dims; d++) {
        unsigned roles = lacking(o, d);
        int k = 0;
        if (o->form->at[d][level][HD_X] < 0 && o->form->at[d][level][HD_Y] < 0) continue;
        while (k < o->kindred && of[k] != roles) k++;
        if (k == OPT_MAX_KINDRED) return false;
        if (k == o->kindred) o->kin[o->kindred++] = 0;
        of[k] = roles;
        o->kin[k] |= 1u << d;
    }
    return true;
}

int opt_find_mesh(opt *o)
{
    int level = 0;
    for (int l = 1; l < o->mac; l++) {
        const hd_level *al = &o->p->arch->level[l];
        if (al->mesh.ports == 0) continue;
        if (level > 0 || al->fan[HD_X] > OPT_MOST_LAID || al->fan[HD_Y] > OPT_MOST_LAID) return 0;
        level = l;
    }
    for (int r = 0, at[HD_MAX_PORTS]; level > 0 && r < HD_ROLES; r++)
        if (o->p->op->tensor[r].used && opt_ports(&o->p->arch->level[level].mesh, r, HD_X, at) == 0) return 0;
    bool found = level > 0 && !o->ragged && find_kindred(o, level);
    if (!found) o->kindred = 0;
    return found ? level : 0;
}

/* ---- which splits there are ---- */

/* Copies of every part less one, a byte each. */
static uint64_t pack(const opt *o, const double *row)
{
    uint64_t key = 0;
    for (int i = 0; i < o->parts; i++) key |= ((uint64_t)row[o->parted + i] - 1) << 8 * i;
    return key;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int each_once(uint64_t *list, int n)
{
    int m = 0;
    qsort(list, (size_t)n, sizeof *list, by_key);
    for (int i = 0; i < n; i++)
        if (i == 0 || list[i] != list[i - 1]) list[m++] = list[i];
    return m;
}

/* The ways of a block's options, and what the options of each have in common. */
static bool find_ways(opt_splits *all, int b)
{
    opt *o = all->o;
    const opt_block *block = &o->block[b];
    opt_splits_block *w = &all->block[b];
    size_t row = (size_t)o->row;
    hd_arena *arena = o->arena;
    uint64_t *key = hd_arena_alloc(arena, (size_t)block->options, sizeof *key);
    w->of = hd_arena_alloc(arena, (size_t)block->options, sizeof *w->of);
    if (!key || !w->of) return false;
    for (int i = 0; i < block->options; i++) key[i] = pack(o, block->row + (size_t)i * row);
    w->key = key;
    w->ways = each_once(key, block->options);
    w->way = hd_arena_alloc(arena, (size_t)w->ways, sizeof *w->way);
    double *least = hd_arena_alloc(arena, (size_t)w->ways * row, sizeof *least);
    if (!w->way || !least) return false;
    for (size_t i = 0; i < (size_t)w->ways * row; i++) least[i] = INFINITY;
    memset(w->way, 0, (size_t)w->ways * sizeof *w->way);
    for (int i = 0; i < block->options; i++) {
        uint64_t own = pack(o, block->row + (size_t)i * row);
        int k = w->of[i] = (int)((uint64_t *)bsearch(&own, key, (size_t)w->ways, sizeof own, by_key) - key);
        opt_common *c = &w->way[k];
        c->least = least + (size_t)k * row;
        for (size_t j = 0; j < row; j++) c->least[j] = fmin(c->least[j], block->row[(size_t)i * row + j]);
        for (int l = 0; l < HD_MAX_LEVELS; l++) {
            c->may_loop[l] |= block->loops[(size_t)i * HD_MAX_LEVELS + (size_t)l];
            c->may_wrap[l] |= block->wraps[(size_t)i * HD_MAX_LEVELS + (size_t)l];
        }
    }
    return true;
}

/* Both ways at once; false where the mesh is too small. */
static bool multiply(const opt *o, uint64_t a, uint64_t b, uint64_t *key)
{
    const int64_t *fan = o->p->arch->level[o->mesh].fan;
    bool folded = opt_is_folded(o, o->mesh);
    int64_t used[HD_AXES] = {1, 1}, most[HD_AXES] = {folded ? fan[HD_X] * fan[HD_Y] : fan[HD_X], fan[HD_Y]};
    *key = 0;
    for (int i = 0; i < o->parts; i++) {
        int copies = opt_part(a, i) * opt_part(b, i), axis = folded ? HD_X : i % HD_AXES;
        used[axis] *= copies;
        if (used[axis] > most[axis]) return false;
        *key |= ((uint64_t)copies - 1) << 8 * i;
    }
    return true;
}

/* Every product of one way per block: 0 where there are too many. */
static int list_splits(opt_splits *all)
{
    const opt *o = all->o;
    uint64_t *list = all->split;
    int n = 1;
    list[0] = pack(o, all->ones);
    for (int b = 0; b < o->blocks; b++) {
        int m = n;
        for (int w = 0; w < all->block[b].ways; w++)
            for (int i = 0; i < n; i++) {
                if (m == OPT_MOST_SPLITS) m = n + each_once(list + n, m - n);
                if (m == OPT_MOST_SPLITS) return 0;
                if (multiply(o, list[i], all->block[b].key[w], &list[m])) m++;
            }
        memmove(list, list + n, (size_t)(m - n) * sizeof *list);
        n = each_once(list, m - n);
    }
    return n;
}

/* May the other blocks fill what way `w` of block `b` leaves? */
static bool goes_with(const opt_splits *all, int b, int w, uint64_t split)
{
    for (int i = 0; i < all->o->parts; i++) {
        int all_copies = opt_part(split, i), own = opt_part(all->block[b].key[w], i);
        if (all_copies % own != 0 || !all->others[b][i][all_copies / own]) return false;
    }
    return true;
}

/* Copies that the blocks other than `b` can make together, part by part. */
static void find_others(opt_splits *all, int b)
{
    const opt *o = all->o;
    for (int i = 0; i < o->parts; i++) {
        bool *reach = all->others[b][i], before[OPT_MOST_PART + 1];
        memset(reach, 0, sizeof before);
        reach[1] = true;
        for (int c = 0; c < o->blocks; c++) {
            if (c == b) continue;
            memcpy(before, reach, sizeof before);
            memset(reach, 0, sizeof before);
            for (int w = 0; w < all->block[c].ways; w++)
                for (int have = 1, copies = opt_part(all->block[c].key[w], i); have * copies <= OPT_MOST_PART; have++)
                    reach[have * copies] |= before[have];
        }
    }
}

/* ---- their bounds ---- */

void opt_settle_split(opt *o, const opt_split *split)
{
    o->split = split;
    o->groups = o->flows = o->factors = 0;
    int row = o->row;
    o->rules->find_groups(o);
    opt_lay_out(o);
    assert(o->row == row); /* a split changes prices, not what is counted */
    (void)row;
}

/* The split under the least links of all of its dealings, which are listed. */
static void unpack(opt_splits *all, uint64_t key, opt_split *out)
{
    *out = (opt_split){.together = 0};
    for (int i = 0; i < OPT_MAX_PARTS; i++) out->copies[i] = opt_part(key, i);
    all->dealings = opt_list_dealings(all->o, out->copies, all->dealing);
    for (int i = 0; i < all->dealings; i++) opt_least_links(all, &all->dealing[i], out);
}

/* All blocks at the least of those ways that go with the split. */
static void find_least(const opt_splits *all, uint64_t key, opt_node *out)
{
    const opt *o = all->o;
    double least[OPT_MAX_ROW];
    memset(out, 0, sizeof *out);
    for (int i = 0; i < o->row; i++) out->row[i] = 1;
    for (int b = 0; b < o->blocks; b++) {
        const opt_splits_block *block = &all->block[b];
        for (int i = 0; i < o->row; i++) least[i] = INFINITY;
        for (int w = 0; w < block->ways; w++) {
            if (!goes_with(all, b, w, key)) continue;
            for (int i = 0; i < o->row; i++) least[i] = fmin(least[i], block->way[w].least[i]);
            for (int l = 0; l < HD_MAX_LEVELS; l++) {
                out->may_loop[l] |= block->way[w].may_loop[l];
                out->may_wrap[l] |= block->way[w].may_wrap[l];
            }
        }
        opt_multiply(o, out->row, least, out->row);
    }
}

typedef struct hope { double bound; uint64_t key; unsigned together; } hope;

static int by_hope(const void *a, const void *b)
{
    const hope *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return (x->together > y->together) - (x->together < y->together);
}

/* What the levels further in cost at least where these roles' tiles are held together, whatever the split. */
static void take_inner(opt_splits *all, unsigned together)
{
    opt *o = all->o;
    opt_split any = {.any = true, .together = together};
    opt_inner *inner = &o->inner[together];
    if (!inner->known) {
        for (int i = 0; i < o->parts; i++) any.copies[i] = (int)opt_most_part(o, i);
        inner->known = true;
        inner->pj = opt_inner_least(o, &any, OPT_INSIDE);
        if (o->p->arch->static_pj_per_cycle > 0 && o->inc->objective == HD_ENERGY && !o->rated)
            inner->all_pj = opt_inner_least(o, &any, OPT_INSIDE_AND_STEPS);
    }
    o->inner_pj = inner->pj;
    o->inner_all_pj = inner->all_pj;
}

/* The bound of a split, all blocks at their least. */
static double bound_links(opt_splits *all, const opt_node *node, const opt_split *split)
{
    opt *o = all->o;
    opt_settle_split(o, split);
    double bound = opt_fits(o, node->row) ? opt_bound(o, node, opt_limit(o)) : INFINITY;
    if (bound < opt_limit(o)) {
        take_inner(all, split->together);
        bound = fmax(bound, opt_bound(o, node, opt_limit(o)));
        o->inner_pj = o->inner_all_pj = 0;
    }
    o->split = NULL;
    return bound;
}

/* Dealings that may lead to something better stay, and the least of their links counts; returns the least of their bounds. */
static double keep_dealings(opt_splits *all, const opt_node *node, opt_split *split)
{
    double least = INFINITY;
    int n = 0;
    for (int i = 0; i < all->dealings; i++) {
        opt_split own = *split;
        for (int r = 0; r < HD_ROLES; r++) own.role[r].members = 0; /* nothing known yet */
        opt_least_links(all, &all->dealing[i], &own);
        double bound = bound_links(all, node, &own);
        if (bound < opt_limit(all->o)) all->dealing[n++] = all->dealing[i];
        least = fmin(least, bound);
    }
    all->dealings = n;
    for (int r = 0; r < HD_ROLES; r++) split->role[r].members = 0;
    for (int i = 0; i < n; i++) opt_least_links(all, &all->dealing[i], split);
    return least;
}

/* Every set of roles whose tiles nodes may hold together. */
static int bound_split(opt_splits *all, uint64_t key, hope *out)
{
    opt_node node;
    opt_split split;
    int n = 0;
    unsigned may = 0, together = 0;
    find_least(all, key, &node);
    unpack(all, key, &split);
    if (all->dealings == 0) return 0;
    for (int r = 0; r < HD_ROLES; r++) may |= split.role[r].pools ? HD_ROLE_BIT(r) : 0u;
    do {
        split.together = together;
        double bound = bound_links(all, &node, &split);
        if (bound < opt_limit(all->o)) out[n++] = (hope){bound, key, together};
        together = (together - may) & may;
    } while (together);
    return n;
}

bool opt_split_admits(const opt *o, int block, int option)
{
    const opt_splits *all = o->splits;
    return !o->split || goes_with(all, block, all->block[block].of[option], all->key);
}

static bool begin(opt_splits *all, opt *o)
{
    enum { WAYS = HD_ROLES * HD_AXES * (OPT_MOST_LAID + 1) * (OPT_MOST_LAID + 1) };
    memset(all, 0, sizeof *all);
    all->o = o;
    all->split = hd_arena_alloc(o->arena, OPT_MOST_SPLITS, sizeof *all->split);
    all->way = hd_arena_alloc(o->arena, WAYS, sizeof *all->way);
    if (!all->split || !all->way) return false;
    for (int i = 0; i < WAYS; i++) all->way[i].group = -1;
    for (int i = 0; i < OPT_MAX_ROW; i++) all->ones[i] = 1;
    for (int r = 0; r < HD_ROLES; r++) all->padded[r] = o->p->op->tensor[r].used ? opt_padded_dims(o, r) : 0;
    for (int b = 0; b < o->blocks; b++)
        if (!find_ways(all, b)) return false;
    for (int b = 0; b < o->blocks; b++) find_others(all, b);
    return true;
}

static void search_hope(opt_splits *all, const opt_split *split, double bound)
{
    opt *o = all->o;
    opt_settle_split(o, split);
    take_inner(all, split->together);
    opt_search_split(o, bound);
    o->split = NULL;
    o->inner_pj = o->inner_all_pj = 0;
}

static void search_hopes(opt_splits *all, const hope *list, int n)
{
    opt *o = all->o;
    for (int i = 0; i < n && list[i].bound < opt_limit(o); i++) {
        hd_mark mark = hd_arena_mark(o->arena);
        opt_node node;
        opt_split split;
        if (opt_is_out(o)) o->over = true;
        if (o->over) {
            o->open = fmin(o->open, list[i].bound);
            return; /* those after it are no less */
        }
        unpack(all, list[i].key, &split);
        split.together = list[i].together;
        all->key = list[i].key;
        find_least(all, list[i].key, &node);
        double bound = keep_dealings(all, &node, &split);
        if (bound < opt_limit(o)) search_hope(all, &split, fmax(bound, list[i].bound));
        hd_arena_rewind(o->arena, mark);
    }
}

/* Splits that may help; `*n` = -1: too many to list; NULL: memory is out.  Time ends it where not `every` one is asked for. */
static hope *list_hopes(opt *o, bool every, opt_splits **out, int *n)
{
    enum { MOST_SHARED = 1 << HD_ROLES };
    opt_splits *all = *out = hd_arena_alloc(o->arena, 1, sizeof *all);
    o->memory = all && begin(all, o);
    if (!o->memory) return NULL;
    o->splits = all;
    int splits = list_splits(all);
    hope *list = hd_arena_alloc(o->arena, (size_t)splits * MOST_SHARED + 1, sizeof *list);
    o->memory = list != NULL;
    *n = splits > 0 ? 0 : -1;
    for (int i = 0; list && i < splits && (every || !hd_budget_out(o->budget)); i++)
        *n += bound_split(all, all->split[i], list + *n);
    o->splits = NULL;
    return list;
}

double opt_splits_bound(opt *o)
{
    opt_splits *all;
    int n;
    double least = INFINITY;
    const hope *list = list_hopes(o, false, &all, &n);
    for (int i = 0; list && i < n; i++) least = fmin(least, list[i].bound);
    return list && n >= 0 ? least : 0;
}

void opt_search_splits(opt *o)
{
    opt_splits *all;
    int n;
    hope *list = list_hopes(o, true, &all, &n);
    if (!list) return;
    o->splits = all;
    if (n > 0) qsort(list, (size_t)n, sizeof *list, by_hope);
    if (n >= 0) search_hopes(all, list, n);
    else opt_search_split(o, 0);
    o->splits = NULL;
}
