/* Pins: are they read against the layers and levels that there are, and no others? */
#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"
#include "formats/heddle/pins_yaml.h"
#include "fuzz.h"

static const char NETWORK[] = "heddle: network/1\nname: t\noperators:\n"
                              "- {name: c1, op: \"conv(N=1,K=8,C=3,P=16,Q=16,R=3,S=3)\"}\n"
                              "- {name: c2, op: \"conv(N=1,K=16,C=8,P=16,Q=16,R=3,S=3)\"}\n"
                              "- {name: \"f*\", op: \"matmul(M=2,N=4,K=4)\"}\n";
static const char CHIP[] =
    "heddle: arch/1\nname: x\nmac: {energy_pj: 1}\nlevels:\n- name: DRAM\n- name: GLB\n"
    "- {name: RF, fanout: {x: 4, y: 4}}\n- name: MAC\n";

static hd_arch arch;
static hd_network *network; /* kept: the same for every input */

static void prepare(void) {
    hd_error err = {0};
    fuzz_expect(hd_network_read(NETWORK, sizeof NETWORK - 1, "net", &network, &err) == HD_OK, err.message);
    fuzz_expect(hd_arch_read(CHIP, sizeof CHIP - 1, "chip", &arch, &err) == HD_OK, err.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_pin *pin = NULL;
    int pins = 0;
    if (!network) prepare();
    hd_arena *arena = hd_arena_new(NULL, 0);
    if (!arena) return 0;
    hd_status status =
        hd_pins_read((const char *)data, size, FUZZ_FILE, network, &arch, arena, &pin, &pins, &err);
    if (fuzz_read_well(status, &err, FUZZ_FILE))
        for (int i = 0; i < pins; i++) {
            fuzz_expect(pin[i].layers != NULL, "a pin for no layer");
            fuzz_expect(pin[i].scheme.levels == arch.levels, "a pin of another chip's levels");
        }
    hd_arena_free(arena);
    return 0;
}
