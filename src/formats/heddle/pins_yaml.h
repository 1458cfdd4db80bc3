/* Parts of schemes that the user fixes: `heddle: pins/1`, or the bare list. */
#ifndef HD_FORMATS_HEDDLE_PINS_YAML_H
#define HD_FORMATS_HEDDLE_PINS_YAML_H

#include "network/plan.h"

/*   heddle: pins/1
 *   pins:
 *   - layers: "conv*"                         # glob over names and op names
 *     levels:
 *     - {level: GLB, tensor: {K: 16}, stack: [[K, 1, 14, X]], update: [[K, 1]], keep: [I, O]}
 * Dims are names, so a pin is read against the layers of `net`: where its layers differ in their dims, it
 * becomes one pin per layer (with the layer's name, glob signs escaped by a backslash).  A pin for no layer
 * is an error.  All in `arena`. */
hd_status hd_pins_read(const char *text, size_t length, const char *file, const hd_network *net,
                       const hd_arch *arch, hd_arena *arena, hd_pin **out, int *count, hd_error *err);
hd_status hd_pins_read_file(const char *path, const hd_network *net, const hd_arch *arch, hd_arena *arena,
                            hd_pin **out, int *count, hd_error *err);

#endif
