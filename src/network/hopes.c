/* What may a segment cost?
 *
 * Proved: the model's bounds.  They are far below what layers cost, alone and in segments alike, so they hardly tell one
 * segment from another.  Expected: a scheme of a layer in a segment, set on the chip without segments, is one of this layer alone
 * that reads what was handed on from the outermost memory; so it costs at least what the layer alone was found to cost,
 * less what the outermost memory and the way from its ports took for what is handed on, and more where every group fetches the
 * same words again.  This holds as far as the search of the layer alone found its optimum, and trees of hops are no longer than
 * their longest branch: MISSED stands for both.  */
#include "network/hopes.h"

#include <assert.h>
#include <math.h>

#include "base/count.h"

/* Of what a layer alone was found to cost above the model's bound: a layer that comes near that had little to miss. */
static const double MISSED = 0.03;
/* What is at home may be read again, and partial sums come back; more than so often pays in none of the cases looked at. */
static const double PASSES = 2;
/* What the whole search may still find below shorter ones: where tensors are whole in the tiles, and where they are at home, as
 * there are many more schemes of that. */
static const double GAIN[2][HD_EFFORTS] = {{[HD_EFFORT_GLANCE] = 0.15, [HD_EFFORT_ROUGH] = 0.02},
                                           {[HD_EFFORT_GLANCE] = 0.40, [HD_EFFORT_ROUGH] = 0.04}};

/* Links from where a role's words come (go) to the nearest port of the outermost memory. */
static double links_saved(const hd_mesh *mesh, int role)
{
    double nearest = INFINITY;
    int gate = -1;
    for (int i = 0; i < mesh->ports; i++)
        if (mesh->port_roles[i] >> role & 1u) gate = i;
    for (int i = 0; gate >= 0 && i < mesh->ports; i++)
        if (mesh->port_roles[i] == 0)
            nearest = fmin(nearest, fabs((double)(mesh->port[i][HD_X] - mesh->port[gate][HD_X])) +
                                        fabs((double)(mesh->port[i][HD_Y] - mesh->port[gate][HD_Y])));
    return isfinite(nearest) ? nearest : 0;
}

static double saved_words(const hd_operator *op, int role)
{
    return (double)(role == HD_I2 && !op->tensor[role].used ? op->extra_reads : hd_tensor_words(op, (hd_role)role));
}

/* Energy that the words handed on would cost if they went through the outermost memory; `cycles`: its time for them. */
static double most_saved(const hd_candidates *x, const hd_staged *of, double *cycles)
{
    const hd_operator *op = of->problem.op;
    const hd_level *home = &x->arch->level[0], *near = &of->problem.arch->level[0], *mesh = &of->problem.arch->level[1];
    double saved = 0;
    *cycles = 0;
    for (int r = 0; r < HD_ROLES; r++) {
        if (!(of->handed >> r & 1u)) continue;
        double bits = saved_words(op, r) * op->tensor[op->tensor[r].used ? r : HD_O].bits, bw = home->shared_bw;
        const double *before = r == HD_O ? home->update_pj : home->read_pj, *now = r == HD_O ? near->update_pj : near->read_pj;
        saved += bits / home->word_bits * fmax(0, before[r] - now[r]);
        saved += bits / mesh->word_bits * mesh->mesh.hop_pj * links_saved(&mesh->mesh, r);
        if (bw == 0) bw = r == HD_O ? home->write_bw : home->read_bw;
        if (bw > 0) *cycles += bits / (bw * home->word_bits);
    }
    return saved;
}

/* The part of what a layer alone was found to cost that stays, wherever it runs. */
static double certain(double found, double bound) { return found - MISSED * (found - bound); }

/* A layer of a segment that was not searched yet, by what it costs alone. */
static hd_sum expected(const hd_candidates *x, const hd_candidate *c, int i)
{
    hd_sum s = {c->bound[i].energy_pj, c->bound[i].latency_cycles};
    const hd_candidate *apart = &x->list[x->alone[c->first + i]];
    const hd_breakdown *price = &apart->solved[0]->best.price;
    double relief, still = c->solved[i]->problem.arch->static_pj_per_cycle;
    if (!c->staging || !apart->solved[0]->effort || !apart->solved[0]->best.found) return s;
    bool at_home = c->staging->at_home;
    double saved = most_saved(x, &c->staging->of[i], &relief) * (at_home ? PASSES : 1);
    double moving = certain(price->energy_pj, apart->bound[0].energy_pj) - price->static_pj;
    double again = hd_stages_least_again(c->staging, i, price).energy_pj;
    if (x->quest.options->objective == HD_LATENCY && at_home) return s; /* more passes take no more of its time */
    double cycles = certain((double)price->latency_cycles, apart->bound[0].latency_cycles);
    if (x->quest.options->objective == HD_LATENCY) s.cycles = fmax(s.cycles, cycles - 2 * ceil(relief)); /* also as fill */
    else s.energy_pj = fmax(s.energy_pj, moving - saved + again + still * s.cycles);
    return s;
}

static hd_sum expected_once(const hd_candidates *x, const hd_candidate *c, int i)
{
    if (!c->kept[i].hoped) {
        c->kept[i].expected = expected(x, c, i);
        c->kept[i].hoped = x->list[x->alone[c->first + i]].solved[0]->effort == HD_EFFORT_WHOLE; /* it changes no more */
    }
    return c->kept[i].expected;
}

hd_sum hd_candidate_refetch(const hd_candidate *c, int i)
{
    const hd_solved *s = c->solved[i];
    if (!c->staging || !s->effort || !s->best.found) return (hd_sum){0, 0};
    if (c->kept[i].of != s->effort) {
        c->kept[i].refetch = hd_stages_refetch(c->staging, i, &s->best.scheme, &s->best.price);
        c->kept[i].of = s->effort;
    }
    return c->kept[i].refetch;
}

/* With what is fetched again: no less than any bound. */
static hd_sum found(const hd_candidates *x, const hd_candidate *c, int i)
{
    hd_sum again = hd_candidate_refetch(c, i);
    double power = c->solved[i]->problem.arch->static_pj_per_cycle;
    hd_sum sum = hd_sum_add(hd_sum_hope(x->quest.options->objective, c->solved[i], &c->bound[i]),
                            (hd_sum){again.energy_pj + again.cycles * power, again.cycles});
    assert(sum.energy_pj >= c->bound[i].energy_pj * (1 - 1e-9) && sum.cycles >= c->bound[i].latency_cycles);
    return sum;
}

/* What was found, less what a larger effort may still find; of that no more than what was expected before. */
static hd_sum improved(const hd_candidates *x, const hd_candidate *c, int i)
{
    const hd_solved *s = c->solved[i];
    hd_sum now = found(x, c, i);
    if (s->effort == HD_EFFORT_WHOLE) return now;
    double keeps = 1 - GAIN[c->staging && c->staging->at_home][s->effort];
    hd_sum before = expected_once(x, c, i);
    return (hd_sum){fmin(now.energy_pj, fmax(now.energy_pj * keeps, before.energy_pj)),
                    fmin(now.cycles, fmax(now.cycles * keeps, before.cycles))};
}

double hd_candidate_stake(const hd_candidates *x, const hd_candidate *c, int i, hd_sum network)
{
    hd_sum now = found(x, c, i), before = expected_once(x, c, i);
    double energy = fmax(0, now.energy_pj - before.energy_pj) / network.energy_pj;
    double cycles = fmax(0, now.cycles - before.cycles) / network.cycles;
    hd_objective o = x->quest.options->objective;
    return x->layers * (o == HD_ENERGY ? energy : o == HD_LATENCY ? cycles : energy + cycles);
}

static hd_sum layer_sum(const hd_candidates *x, const hd_candidate *c, int i, hd_hope hope)
{
    const hd_solved *s = c->solved[i];
    if (hope == HD_HOPE_PROVED) return hd_sum_least(x->quest.options->objective, s, &c->bound[i]);
    if (s->effort && hope == HD_HOPE_EXPECTED) return improved(x, c, i);
    if (s->effort) return found(x, c, i);
    return hope == HD_HOPE_KNOWN ? (hd_sum){INFINITY, INFINITY} : expected_once(x, c, i);
}

/* Cycles of the outermost memory; of what was not searched, none. */
static double outside_cycles(const hd_solved *s)
{
    return s->effort && s->best.found ? (double)s->best.price.level_cycles[0] : 0;
}

/* While a segment runs all of the chip draws static power, at least what each region's layers draw one after another: their
 * energies together are a lower bound. */
static hd_sum least_of_stages(const hd_candidates *x, const hd_candidate *c, const hd_sum *layer)
{
    const double none[HD_SEGMENT_LAYERS] = {0};
    hd_sum s = hd_stages_sum(c->staging, x->arch, layer, none, none);
    s.energy_pj = 0;
    for (int i = 0; i <= c->last - c->first; i++) s.energy_pj += layer[i].energy_pj;
    return s;
}

static hd_sum sum_of(const hd_candidates *x, const hd_candidate *c, hd_hope hope)
{
    hd_sum layer[HD_SEGMENT_LAYERS];
    double still[HD_SEGMENT_LAYERS], outside[HD_SEGMENT_LAYERS];
    for (int i = 0; i <= c->last - c->first; i++) {
        layer[i] = layer_sum(x, c, i, hope);
        if (layer[i].energy_pj == INFINITY) return layer[i];
        still[i] = layer[i].cycles * c->solved[i]->problem.arch->static_pj_per_cycle;
        outside[i] = hope == HD_HOPE_PROVED ? 0 : outside_cycles(c->solved[i]) + hd_candidate_refetch(c, i).cycles;
    }
    if (c->staging && hope == HD_HOPE_PROVED) return least_of_stages(x, c, layer);
    if (c->staging) return hd_stages_sum(c->staging, x->arch, layer, still, outside);
    double repeats = (double)hd_count_max(x->net->layer[x->layer[c->first]].repeats, 1);
    return hd_sum_times(layer[0], repeats);
}

/* More with every search of its layers, here or alone; never 0. */
static int efforts_of(const hd_candidates *x, const hd_candidate *c)
{
    int efforts = 1;
    for (int i = 0; i <= c->last - c->first; i++)
        efforts += (int)c->solved[i]->effort + (int)x->list[x->alone[c->first + i]].solved[0]->effort;
    return efforts;
}

hd_sum hd_candidate_sum(const hd_candidates *x, const hd_candidate *c, hd_hope hope)
{
    if (c->sums->efforts[hope] > 0 && c->sums->searches[hope] == x->quest.searches) return c->sums->sum[hope];
    int efforts = efforts_of(x, c);
    c->sums->searches[hope] = x->quest.searches;
    if (c->sums->efforts[hope] != efforts) {
        c->sums->sum[hope] = sum_of(x, c, hope);
        c->sums->efforts[hope] = efforts;
    }
    return c->sums->sum[hope];
}
