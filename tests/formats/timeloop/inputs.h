/* Small inputs that several tests of this folder share, as pieces of one YAML text. */
#ifndef HD_TESTS_FORMATS_TIMELOOP_INPUTS_H
#define HD_TESTS_FORMATS_TIMELOOP_INPUTS_H

/* C = 4, M = 8, P = 6, R = 3. */
#define INPUT_PROBLEM                                                                                        \
    "problem:\n"                                                                                             \
    "  shape:\n"                                                                                             \
    "    name: conv\n"                                                                                       \
    "    dimensions: [C, M, P, R]\n"                                                                         \
    "    data-spaces:\n"                                                                                     \
    "    - {name: Weights, projection: [[[C]], [[M]], [[R]]]}\n"                                             \
    "    - {name: Inputs, projection: [[[C]], [[R], [P]]]}\n"                                                \
    "    - {name: Outputs, projection: [[[M]], [[P]]], read-write: true}\n"                                  \
    "  instance: {C: 4, M: 8, P: 6, R: 3}\n"

/* DRAM, GLB, 4 x 2 RFs with a MAC each. */
#define INPUT_ARCH                                                                                           \
    "architecture:\n"                                                                                        \
    "  version: 0.3\n"                                                                                       \
    "  subtree:\n"                                                                                           \
    "  - name: system\n"                                                                                     \
    "    local:\n"                                                                                           \
    "    - {name: DRAM, class: DRAM, attributes: {word-bits: 16, vector-access-energy: 200}}\n"              \
    "    - {name: GLB, class: SRAM, attributes: {word-bits: 16, vector-access-energy: 6, entries: 4096}}\n"  \
    "    - {name: 'RF[0..7]', class: regfile, attributes: {word-bits: 16, vector-access-energy: 1, "         \
    "entries: 64,"                                                                                           \
    " meshX: 4}}\n"                                                                                          \
    "    - {name: 'MAC[0..7]', class: intmac, attributes: {datawidth: 16, energy: 1, meshX: 4}}\n"

#endif
