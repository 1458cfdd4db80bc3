/* What is a region of a mesh, seen as a chip of its own? */
#include "arch/region.h"

int hd_arch_mesh(const hd_arch *arch)
{
    return arch->levels > 2 && arch->level[1].mesh.ports > 0 ? 1 : -1;
}

void hd_arch_region(const hd_arch *arch, int x, int y, int width, int height, hd_arch *out)
{
    int level = hd_arch_mesh(arch);
    *out = *arch;
    hd_level *l = &out->level[level];
    double share = (double)width * (double)height / ((double)l->fan[HD_X] * (double)l->fan[HD_Y]);
    l->mesh.part = true;
    l->fan[HD_X] = width;
    l->fan[HD_Y] = height;
    for (int i = 0; i < l->mesh.ports; i++) {
        l->mesh.port[i][HD_X] -= x;
        l->mesh.port[i][HD_Y] -= y;
    }
    out->static_pj_per_cycle *= share;
    out->vector_per_cycle *= share;
}

void hd_arch_forward(hd_arch *arch, int role, int x, int y)
{
    int level = hd_arch_mesh(arch);
    hd_level *memory = &arch->level[0], *buffer = &arch->level[level];
    double scale = (double)memory->word_bits / buffer->word_bits; /* energies are per word of their own level */
    memory->elsewhere |= 1u << role;
    memory->read_pj[role] = buffer->read_pj[role] * scale;
    memory->fill_pj[role] = buffer->fill_pj[role] * scale;
    memory->update_pj[role] = buffer->update_pj[role] * scale;
    buffer->mesh.gated |= 1u << role;
    buffer->mesh.port_roles[buffer->mesh.ports] = 1u << role;
    buffer->mesh.port[buffer->mesh.ports][HD_X] = x;
    buffer->mesh.port[buffer->mesh.ports++][HD_Y] = y;
}

/* Links from a node of a row to its middle one, in the mean. */
static double mean_way(int64_t nodes)
{
    int64_t middle = nodes / 2, links = middle * (middle + 1) / 2 + (nodes - 1 - middle) * (nodes - middle) / 2;
    return (double)links / (double)nodes;
}

void hd_arch_spread(hd_arch *arch, int role)
{
    hd_level *memory = &arch->level[0];
    const hd_level *mesh = &arch->level[hd_arch_mesh(arch)];
    double way = mean_way(mesh->fan[HD_X]) + mean_way(mesh->fan[HD_Y]);
    double pj = way * mesh->mesh.hop_pj * memory->word_bits / mesh->word_bits;
    hd_arch_forward(arch, role, (int)mesh->fan[HD_X] / 2, (int)mesh->fan[HD_Y] / 2);
    memory->read_pj[role] += pj;
    memory->fill_pj[role] += pj;
    memory->update_pj[role] += pj;
}
