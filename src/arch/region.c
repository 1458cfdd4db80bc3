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
