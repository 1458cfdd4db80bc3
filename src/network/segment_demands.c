/* See segment_demands.h.  Which demands there are; that depthwise layers count as weighted ones here, and that both sides a
 * layer holds whole must fit its region, is measured (the counts of reference section 9.3).                        */
#include "network/segment_demands.h"

#include <string.h>

#include "base/count.h"

/* One way to ask: the first weighted layer streams its output, or buffers it whole. */
typedef struct asking {
    const hd_segment_graph *graph;
    const hd_segment_form *form;
    bool first_full;
    int *input, *output, *group;    /* symbols are the positions of their leaders here */
    int full_stages;
    int64_t largest;
} asking;

static const hd_kapla_layer *shape_at(const asking *a, int at) { return &a->graph->layer[a->form->layer[at]].shape; }
static bool is_weighted(const asking *a, int at) { return !hd_kapla_is_local(shape_at(a, at)->type); }

/* Position in the form of a layer of the network, -1 = outside. */
static int position(const hd_segment_form *f, int layer)
{
    for (int i = 0; i < f->layers; i++)
        if (f->layer[i] == layer) return i;
    return -1;
}

static bool same_stage(const asking *a, int s, int at) { return at >= a->form->first[s] && at < a->form->first[s + 1]; }

/* The last source of a layer inside the form: in its own stage, or in another. */
static int source(const asking *a, int stage, int at, bool own)
{
    const hd_indices *from = &a->graph->layer[a->form->layer[at]].from;
    int found = -1;
    for (int i = 0; i < from->count; i++) {
        int p = from->at[i] < 0 ? -1 : position(a->form, from->at[i]);
        if (p >= 0 && same_stage(a, stage, p) == own) found = p;
    }
    return found;
}

/* Two groups become one. */
static void unite(asking *a, int group, int with)
{
    for (int i = 0; i < a->form->layers; i++)
        if (a->group[i] == group) {
            a->group[i] = with;
            a->output[i] = a->output[with];
        }
}

/* A weighted layer: another one before it in the stage leaves all its outputs, another stage streams or leaves all. */
static void ask_weighted(asking *a, int stage, int at, bool second)
{
    int own = source(a, stage, at, true), other = source(a, stage, at, false);
    a->group[at] = a->output[at] = at;
    if (second) {
        a->input[at] = HD_DEMAND_FULL;
        if (own >= 0) a->output[own] = a->output[a->group[own]] = HD_DEMAND_FULL;
    } else if (other >= 0) {
        bool full = a->output[other] == HD_DEMAND_FULL;
        a->input[at] = a->output[other];
        if (!full) a->output[at] = HD_DEMAND_FULL; /* alternate orders: who streams in, buffers what goes out */
    } else if (a->first_full) {
        a->output[at] = HD_DEMAND_FULL;
    }
}

/* A layer without weights follows the group it belongs to: that of its source, else of its stage.  Returns the group. */
static int ask_local(asking *a, int stage, int at, int group)
{
    int other = source(a, stage, at, false);
    if (other >= 0) {
        int with = a->group[other];
        if (group >= 0 && group != with) unite(a, group, with);
        group = with;
        a->output[at] = a->output[other];
    } else if (group >= 0) {
        a->output[at] = a->output[group];
    } else {
        group = at;
        a->output[at] = a->first_full ? HD_DEMAND_FULL : at;
    }
    a->group[at] = group;
    return group;
}

/* What is full for one is full for its group, and for who reads it. */
static void spread_full(asking *a)
{
    for (int i = 0; i < a->form->layers; i++)
        for (int k = 0; a->output[i] == HD_DEMAND_FULL && k < a->form->layers; k++)
            if (a->group[k] == a->group[i]) a->output[k] = HD_DEMAND_FULL;
    for (int i = 0; i < a->form->layers; i++)
        if (a->input[i] >= 0 && a->output[a->input[i]] == HD_DEMAND_FULL) a->input[i] = HD_DEMAND_FULL;
}

static bool equal(const hd_indices *a, const hd_indices *b)
{
    return a->count == b->count && memcmp(a->at, b->at, (size_t)a->count * sizeof *a->at) == 0;
}

/* Layers that read the same of memory read it together, whole: their outputs are asked for already. */
static void share_memory(asking *a)
{
    const hd_segment_form *f = a->form;
    for (int s = 0; s < f->stages; s++)
        for (int i = f->first[s]; i < f->first[s + 1]; i++)
            for (int k = 0; k < f->layers; k++) {
                const hd_graph_layer *one = &a->graph->layer[f->layer[i]], *other = &a->graph->layer[f->layer[k]];
                if (k == i || !is_weighted(a, i) || !is_weighted(a, k) || !equal(&one->from, &other->from)) continue;
                if (source(a, s, i, true) < 0 && source(a, s, i, false) < 0) a->input[i] = HD_DEMAND_FULL;
            }
}

/* A last layer of a stage that nobody on chip reads need not keep its outputs. */
static void drop_unread(asking *a)
{
    const hd_segment_form *f = a->form;
    for (int s = 0; s < f->stages; s++) {
        int last = f->first[s + 1] - 1;
        const hd_indices *to = &a->graph->layer[f->layer[last]].to;
        bool read = false;
        for (int i = 0; i < to->count; i++) read |= position(f, to->at[i]) >= 0;
        if (read || a->output[last] != HD_DEMAND_FULL) continue;
        for (int i = f->first[s]; i <= last; i++)
            if (a->group[i] == a->group[last]) a->output[i] = HD_DEMAND_FREE;
    }
}

static int64_t words_out(const hd_kapla_layer *l) { return l->nofm * l->hofm * l->wofm; }
static int64_t words_in(const hd_kapla_layer *l) { return l->nifm * l->hifm * l->wifm; }

/* Words of one sample that must stand in the region's buffers. */
static int64_t need_of(const asking *a, int at)
{
    const hd_kapla_layer *l = shape_at(a, at);
    bool full = a->output[at] == HD_DEMAND_FULL;
    if (!hd_kapla_is_channelwise(l->type))
        return (full ? words_out(l) : 0) + (a->input[at] == HD_DEMAND_FULL ? words_in(l) : 0);
    int64_t taps = hd_kapla_is_local(l->type) ? 0 : l->hfil * l->wfil;
    return ((words_in(l) + words_out(l)) / l->nofm + taps) * (full ? l->nofm : 1);
}

static bool fits(const asking *a, double buffer_words)
{
    for (int s = 0; s < a->form->stages; s++)
        for (int i = a->form->first[s]; i < a->form->first[s + 1]; i++)
            if ((double)need_of(a, i) > (double)a->form->nodes[s] * buffer_words) return false;
    return true;
}

static bool ask(asking *a, double buffer_words)
{
    const hd_segment_form *f = a->form;
    for (int i = 0; i < f->layers; i++) a->input[i] = HD_DEMAND_FREE;
    for (int s = 0; s < f->stages; s++) {
        int group = -1, weighted = 0;
        for (int i = f->first[s]; i < f->first[s + 1]; i++) {
            if (is_weighted(a, i)) ask_weighted(a, s, group = i, weighted++ > 0);
            else group = ask_local(a, s, i, group);
        }
    }
    spread_full(a);
    share_memory(a);
    drop_unread(a);
    a->full_stages = 0;
    a->largest = 0;
    for (int s = 0; s < f->stages; s++) {
        bool full = false;
        for (int i = f->first[s]; i < f->first[s + 1]; i++)
            if (a->output[i] == HD_DEMAND_FULL) {
                full = true;
                a->largest = hd_count_max(a->largest, words_out(shape_at(a, i)));
            }
        a->full_stages += full;
    }
    return fits(a, buffer_words);
}

/* ---- symbols ---- */

/* Dense layers that a symbol ties: as readers, and in all. */
static void count_uses(const asking *a, int symbol, int *readers, int *all)
{
    *readers = *all = 0;
    for (int i = 0; i < a->form->layers; i++) {
        if (shape_at(a, i)->type != HD_KAPLA_CONV) continue;
        *readers += a->input[i] == symbol;
        *all += (a->input[i] == symbol) + (a->output[i] == symbol);
    }
}

static void replace(asking *a, int symbol, int input, int output)
{
    for (int i = 0; i < a->form->layers; i++) {
        if (a->input[i] == symbol) a->input[i] = input;
        if (a->output[i] == symbol) a->output[i] = output;
    }
}

/* A symbol of one dense layer alone is free; the others repeat what it comes to. */
static void release(asking *a, int symbol, int *copies)
{
    int dense = -1;
    for (int i = 0; i < a->form->layers; i++)
        if (shape_at(a, i)->type == HD_KAPLA_CONV && a->output[i] == symbol) dense = i;
    for (int i = 0; i < a->form->layers; i++)
        if (a->output[i] == symbol && i != dense) copies[i] = dense;
    replace(a, symbol, HD_DEMAND_FREE, HD_DEMAND_FREE);
}

/* Divisors of `n` up to `most`, at least 1. */
static bool list_divisors(int64_t n, double most, hd_arena *arena, hd_demand_symbol *out)
{
    int count = 0;
    for (int64_t d = 1; d <= n; d++) count += n % d == 0 && (d == 1 || (double)d <= most);
    out->value = hd_arena_alloc(arena, (size_t)count, sizeof *out->value);
    out->values = 0;
    if (!out->value) return false;
    for (int64_t d = 1; d <= n && out->values < count; d++)
        if (n % d == 0) out->value[out->values++] = d;
    return true;
}

/* Leaders become numbers of symbols; parts of an output stay above a twentieth of one buffer. */
static hd_status number_symbols(asking *a, const hd_segment_rules *rules, hd_arena *arena, hd_demands *d, hd_error *err)
{
    const int64_t batch = a->form->layers > 1 ? shape_at(a, 0)->batch : 0;
    const int shift = a->form->layers; /* numbers stand apart from leaders while both are there */
    if (batch == 0) return HD_OK;
    if (!list_divisors(batch, (double)batch, arena, &d->symbol[d->symbols++])) return hd_fail_memory(err);
    for (int leader = 0; leader < a->form->layers; leader++) {
        int readers, all;
        const hd_kapla_layer *l = shape_at(a, leader);
        double words = (double)(l->batch * words_out(l)) / (0.05 * rules->buffer_words);
        count_uses(a, leader, &readers, &all);
        if (readers == 0 && all <= 1) {
            release(a, leader, d->copies);
            continue;
        }
        replace(a, leader, shift + d->symbols, shift + d->symbols);
        if (!list_divisors(l->nofm, words, arena, &d->symbol[d->symbols++])) return hd_fail_memory(err);
    }
    for (int i = 0; i < a->form->layers; i++) {
        if (a->input[i] >= shift) a->input[i] -= shift;
        if (a->output[i] >= shift) a->output[i] -= shift;
    }
    for (int s = 0; s < d->symbols; s++) d->count *= d->symbol[s].values;
    return HD_OK;
}

/* ---- both ways ---- */

static bool is_better(const asking *a, const asking *b)
{
    return a->full_stages != b->full_stages ? a->full_stages < b->full_stages : a->largest < b->largest;
}

static bool prepare(asking *a, hd_arena *arena)
{
    size_t n = (size_t)a->form->layers;
    a->input = hd_arena_alloc(arena, n, sizeof *a->input);
    a->output = hd_arena_alloc(arena, n, sizeof *a->output);
    a->group = hd_arena_alloc(arena, n, sizeof *a->group);
    return a->input && a->output && a->group;
}

hd_status hd_segment_demands(const hd_segment_graph *graph, const hd_segment_form *form, const hd_segment_rules *rules,
                             hd_arena *arena, hd_demands **out, hd_error *err)
{
    asking way[2] = {{graph, form, false, NULL, NULL, NULL, 0, 0}, {graph, form, true, NULL, NULL, NULL, 0, 0}};
    size_t n = (size_t)form->layers;
    hd_demands *d = hd_arena_alloc(arena, 1, sizeof *d);
    *out = NULL;
    if (!d || !prepare(&way[0], arena) || !prepare(&way[1], arena)) return hd_fail_memory(err);
    *d = (hd_demands){.layers = form->layers, .count = 1, .copies = hd_arena_alloc(arena, n, sizeof *d->copies),
                      .symbol = hd_arena_alloc(arena, n + 1, sizeof *d->symbol)};
    if (!d->copies || !d->symbol) return hd_fail_memory(err);
    for (int i = 0; i < form->layers; i++) d->copies[i] = -1;
    bool streams = ask(&way[0], rules->buffer_words), full = ask(&way[1], rules->buffer_words);
    asking *best = streams && !(full && is_better(&way[1], &way[0])) ? &way[0] : &way[1];
    if (form->layers == 1) best = &way[0];
    else if (!streams && !full) return HD_OK;
    if (form->layers == 1) best->output[0] = HD_DEMAND_FREE;
    HD_TRY(number_symbols(best, rules, arena, d, err));
    d->input = best->input;
    d->output = best->output;
    *out = d;
    return HD_OK;
}

static int64_t value_of(const hd_demands *d, const int *choice, int demand)
{
    return demand == HD_DEMAND_FREE ? 0 : demand == HD_DEMAND_FULL ? 1 : d->symbol[demand].value[choice[demand]];
}

void hd_demands_at(const hd_demands *d, int64_t index, int layer, hd_kapla_demand *out)
{
    int choice[HD_MAX_STAGES + 1] = {0};
    for (int s = d->symbols - 1; s >= 0; s--) {
        choice[s] = (int)(index % d->symbol[s].values);
        index /= d->symbol[s].values;
    }
    *out = (hd_kapla_demand){{value_of(d, choice, d->input[layer]), value_of(d, choice, d->output[layer]), 0}, false, false};
    if (d->symbols > 0) out->top[HD_KAPLA_LOOP_B] = d->symbol[0].value[choice[0]];
}
