/* Our chips as KAPLA's machine: DRAM > a buffer per node of a mesh > an array of register files > MAC. */
#include "cost/kapla/kapla.h"

enum { DRAM, GBUF, REGF, MAC, LEVELS };

/* One energy per word of the level, whatever the role and the direction. */
static bool has_one_energy(const hd_level *l, int roles)
{
    for (int r = 0; r < roles; r++)
        if (l->read_pj[r] != l->read_pj[0] || l->update_pj[r] != l->read_pj[0]) return false;
    return true;
}

static bool levels_are_served(const hd_arch *a, hd_refusal *why)
{
    enum { ALL = 1u << HD_W | 1u << HD_I | 1u << HD_O };
    if (a->levels != LEVELS)
        return hd_refuse_model(why, -1, "kapla knows DRAM > buffer > register file > MAC, %s has %d levels", a->name, a->levels);
    for (int l = DRAM; l < MAC; l++) {
        const hd_level *al = &a->level[l];
        if ((al->keeps & ALL) != ALL)
            return hd_refuse_model(why, l, "kapla keeps all tensors at every level, %s does not", al->name);
        if (al->per_role)
            return hd_refuse_model(why, l, "kapla shares a level's capacity among the tensors, %s does not", al->name);
        if (!has_one_energy(al, HD_ROLES - 1))
            return hd_refuse_model(why, l, "kapla knows one energy per word of %s, reads and updates of every role alike",
                                   al->name);
        if ((l == DRAM) == al->bounded)
            return hd_refuse_model(why, l, "%s must %s a capacity", al->name, l == DRAM ? "not have" : "have");
    }
    if (a->level[MAC].fan[HD_X] * a->level[MAC].fan[HD_Y] != 1 || a->level[MAC].operand_register)
        return hd_refuse_model(why, MAC, "kapla has one arithmetic unit per register file, and it reads every operand there");
    return true;
}

static bool is_port(const hd_mesh *m, int64_t x, int64_t y)
{
    for (int i = 0; i < m->ports; i++)
        if (m->port[i][HD_X] == x && m->port[i][HD_Y] == y) return true;
    return false;
}

/* The ports as a grid of even steps; false if they are none. */
static bool read_memory(const hd_mesh *m, hd_kapla_region *out)
{
    *out = (hd_kapla_region){.size = {1, 1}, .step = {1, 1}};
    for (int axis = 0; axis < HD_AXES; axis++) {
        int64_t low = INT64_MAX, next = INT64_MAX, high = 0;
        for (int i = 0; i < m->ports; i++) {
            if (m->port[i][axis] < low) low = m->port[i][axis];
            if (m->port[i][axis] > high) high = m->port[i][axis];
        }
        for (int i = 0; i < m->ports; i++)
            if (m->port[i][axis] > low && m->port[i][axis] < next) next = m->port[i][axis];
        out->origin[axis] = low;
        if (high > low) out->step[axis] = next - low, out->size[axis] = (high - low) / (next - low) + 1;
    }
    for (int64_t y = 0; y < out->size[HD_Y]; y++)
        for (int64_t x = 0; x < out->size[HD_X]; x++)
            if (!is_port(m, out->origin[HD_X] + x * out->step[HD_X], out->origin[HD_Y] + y * out->step[HD_Y])) return false;
    return hd_kapla_nodes(out) == m->ports;
}

/* The bus serves every tensor at once: a third each of what is given for all together. */
static double bus_of(const hd_level *l) { return l->shared_bw > 0 ? l->shared_bw / 3 : l->read_bw; }

void hd_kapla_rates_of(const hd_arch *a, hd_kapla_chip *out)
{
    const hd_level *dram = &a->level[DRAM], *gbuf = &a->level[GBUF], *regf = &a->level[REGF];
    *out = (hd_kapla_chip){.nodes = {gbuf->fan[HD_X], gbuf->fan[HD_Y]}, .array = {regf->fan[HD_X], regf->fan[HD_Y]},
                           .gbuf_words = gbuf->capacity, .regf_words = regf->capacity, .op_pj = a->mac_pj,
                           .hop_pj = gbuf->mesh.hop_pj, .static_pj = a->static_pj_per_cycle,
                           .dram_bw = dram->shared_bw > 0 ? dram->shared_bw : dram->read_bw, .bus_bw = bus_of(gbuf)};
    out->access_pj[HD_KAPLA_DRAM] = dram->read_pj[HD_W];
    out->access_pj[HD_KAPLA_GBUF] = gbuf->read_pj[HD_W];
    out->access_pj[HD_KAPLA_ITCN] = regf->delivery_pj[HD_W];
    out->access_pj[HD_KAPLA_REGF] = regf->read_pj[HD_W];
}

bool hd_kapla_chip_of(const hd_arch *a, hd_kapla_chip *out, hd_refusal *why)
{
    if (!levels_are_served(a, why)) return false;
    const hd_level *gbuf = &a->level[GBUF];
    hd_kapla_rates_of(a, out);
    int64_t nodes = gbuf->fan[HD_X] * gbuf->fan[HD_Y];
    if (nodes > HD_KAPLA_MAX_NODES)
        return hd_refuse_model(why, GBUF, "kapla prices at most %d nodes, %s has %lld", HD_KAPLA_MAX_NODES, a->name,
                               (long long)nodes);
    if (nodes > 1 && gbuf->mesh.ports == 0)
        return hd_refuse_model(why, GBUF, "kapla's nodes are those of a mesh, %s is a plain fan-out", gbuf->name);
    /* one node: memory sits at it, in four parts, and no hops lead there (4.2) */
    out->memory = (hd_kapla_region){.size = {2, 2}};
    if (nodes > 1 && !read_memory(&gbuf->mesh, &out->memory))
        return hd_refuse_model(why, GBUF, "kapla's memory ports form a grid of even steps, those of %s do not", gbuf->name);
    return true;
}

hd_kapla_place hd_kapla_whole_mesh(const hd_kapla_chip *chip, const hd_kapla_layout *source)
{
    hd_kapla_region mesh = {.size = {chip->nodes[HD_X], chip->nodes[HD_Y]}, .step = {1, 1}};
    return (hd_kapla_place){.region = mesh, .source = source, .destination = chip->memory};
}

hd_kapla_layout hd_kapla_off_chip(const hd_kapla_chip *chip, const hd_kapla_layer *l, bool channels)
{
    hd_kapla_layout out = {.pieces = 1};
    int by = channels ? HD_KAPLA_OUTP : HD_KAPLA_BATP;
    out.piece[0].range = (hd_kapla_range){{0}, {l->batch, l->nifm, l->hifm, l->wifm}};
    out.piece[0].region = chip->memory;
    for (int k = 0; k < HD_KAPLA_SPLITS; k++) {
        out.piece[0].partition.order[k] = k;
        for (int axis = 0; axis < HD_AXES; axis++)
            out.piece[0].partition.parts[k][axis] = k == by ? chip->memory.size[axis] : 1;
    }
    return out;
}
