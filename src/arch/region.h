/* Part of a chip: some of the nodes of its mesh, and tensors that come from and go to nodes elsewhere on it. */
#ifndef HD_ARCH_REGION_H
#define HD_ARCH_REGION_H

#include "arch/arch.h"

/* The level that is a mesh under one instance of the outermost memory, or -1. */
int hd_arch_mesh(const hd_arch *arch);
/* The chip with only the nodes [x, x + width) x [y, y + height) of its mesh: ports stand where they stood, seen from the
 * region; static power and vector rate are the region's share.  Check the result before use. */
void hd_arch_region(const hd_arch *arch, int x, int y, int width, int height, hd_arch *out);
/* The role comes from (goes to) buffers of other nodes instead of the outermost memory: words pay what those buffers pay, use no
 * bandwidth of the outermost memory and pass the node (x, y), seen from the region.  Once per role. */
void hd_arch_forward(hd_arch *arch, int role, int x, int y);
/* The role lies spread over all nodes of this mesh: as forwarding through its middle node, and every word pays the way between
 * that and the node that has it, the mean over the nodes. */
void hd_arch_spread(hd_arch *arch, int role);

#endif
