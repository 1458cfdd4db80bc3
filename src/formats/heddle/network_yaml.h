/* Networks as our own operator lists: `heddle: network/1`. */
#ifndef HD_FORMATS_HEDDLE_NETWORK_YAML_H
#define HD_FORMATS_HEDDLE_NETWORK_YAML_H

#include "base/text.h"
#include "workload/network.h"

/*   heddle: network/1
 *   name: toy
 *   batch: 1                 # how many samples the operators below speak of (--batch scales from it)
 *   chain: true              # an operator without `inputs` reads the one before; standard: the network's input
 *   fuse: false              # its layers stay as listed; standard: element-wise work fuses into its producer
 *   operators:
 *   - {name: c1, op: "conv(N=1,K=8,C=3,P=16,Q=16,R=3,S=3)"}
 *   - {name: fc, kind: matmul, dims: {M: 1, N: 10, K: 2048}, inputs: [c1], repeats: 1}
 *   - {name: own, operator: {...}}          # any operator in full, as schedules hold it
 * `inputs` name operators listed before, or null = an input of the network; several are joined along channels, or
 * are the operands of a product of two activations, in the order I, W.
 * `file` names the text in messages, may be NULL.  Nothing is fused here.                    */
hd_status hd_network_read(const char *text, size_t length, const char *file, hd_network **out, hd_error *err);
hd_status hd_network_read_file(const char *path, hd_network **out, hd_error *err);
/* Every operator in full, so that reading gives equal ones.  For networks without fused layers. */
void hd_network_write(const hd_network *net, hd_text *text);
/* The line `inputs:` of a layer: who makes each of them, or null for a network input or constant. */
void hd_network_write_inputs(const hd_network *net, const hd_layer *layer, hd_text *text);

#endif
