/* All 36 pairs of loop orders of one layer, each filled bottom up and priced by KAPLA's evaluator; the first of the cheapest
 * stays (reference 7.6).                                                                                          */
#include <math.h>
#include <string.h>

#include "solve/kapla.h"

hd_kapla_room hd_kapla_room_of(const hd_kapla_chip *chip, unsigned fixes, const hd_kapla_region *region)
{
    double usable = fixes & HD_KAPLA_FIX_CAPACITY ? 1 : HD_KAPLA_USABLE;
    hd_kapla_room room = {.words = {usable * (double)chip->gbuf_words, usable * (double)chip->regf_words}, .share = true};
    for (int axis = 0; axis < HD_AXES; axis++) {
        room.units[HD_KAPLA_NODE][axis] = region->size[axis];
        room.units[HD_KAPLA_ELEMENT][axis] = chip->array[axis];
    }
    return room;
}

bool hd_kapla_each(const hd_kapla_layer *layer, bool systolic, const hd_kapla_room *room, const hd_kapla_demand *demand,
                   hd_kapla_visit *visit, void *user)
{
    hd_kapla_template base;
    bool found = false;
    if (!(systolic ? hd_kapla_systolic : hd_kapla_row_stationary)(layer, room, &base)) return false;
    for (int i = 0; i < HD_KAPLA_PAIRS; i++) {
        int order[HD_KAPLA_UNITS][HD_KAPLA_LOOPS];
        hd_kapla_fill fill;
        hd_kapla_scheme scheme;
        memcpy(order[HD_KAPLA_NODE], hd_kapla_orders[i / HD_KAPLA_ORDERS], sizeof order[0]);
        memcpy(order[HD_KAPLA_ELEMENT], hd_kapla_orders[i % HD_KAPLA_ORDERS], sizeof order[0]);
        bool any_nodes = hd_kapla_is_local(layer->type) && !found;
        if (!hd_kapla_descend(&base, room, demand, (const int (*)[HD_KAPLA_LOOPS])order, any_nodes, &fill)) continue;
        hd_kapla_write(&fill, &scheme);
        found = true;
        if (!visit(&scheme, user)) break;
    }
    return found;
}

static bool note_try(const hd_kapla_scheme *candidate, void *user)
{
    hd_kapla_tries *tries = user;
    for (int i = 0; i < tries->partitions; i++)
        if (hd_kapla_partition_equal(&tries->partition[i], &candidate->partition)) return true;
    tries->partition[tries->partitions++] = candidate->partition;
    return true;
}

void hd_kapla_find_tries(const hd_kapla_layer *layer, bool systolic, const hd_kapla_room *room, hd_kapla_tries *out)
{
    const hd_kapla_demand none = {{0}, false, false};
    out->partitions = 0;
    hd_kapla_each(layer, systolic, room, &none, note_try, out);
}

typedef struct search {
    const hd_kapla_problem *problem;
    bool found;
    double least;
    hd_kapla_scheme *best;
    hd_kapla_cost *cost;
} search;

double hd_kapla_value(const hd_kapla_cost *c, hd_objective objective)
{
    double cycles = (double)c->proc_cycles + (double)c->dram_cycles + (double)c->bus_cycles;
    return objective == HD_ENERGY ? c->energy_pj : objective == HD_LATENCY ? cycles : c->energy_pj * cycles;
}

static bool keep_cheaper(const hd_kapla_scheme *scheme, void *user)
{
    search *s = user;
    const hd_kapla_problem *p = s->problem;
    hd_kapla_cost cost;
    hd_kapla_evaluate(p->chip, p->fixes, scheme, p->place, &cost);
    double value = hd_kapla_value(&cost, p->objective);
    if (s->found && value >= s->least) return true;
    s->found = true;
    s->least = value;
    *s->best = *scheme;
    *s->cost = cost;
    return true;
}

bool hd_kapla_search(const hd_kapla_problem *p, hd_kapla_scheme *best, hd_kapla_cost *cost)
{
    search s = {.problem = p, .best = best, .cost = cost};
    hd_kapla_room room = hd_kapla_room_of(p->chip, p->fixes, &p->place->region);
    hd_kapla_each(&p->layer, p->systolic, &room, &p->demand, keep_cheaper, &s);
    return s.found;
}
