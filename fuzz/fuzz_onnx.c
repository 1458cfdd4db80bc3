/* ONNX: does any file end in an error or in a network whose operators are whole? */
#include "formats/onnx/onnx.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_network *net = NULL;
    const hd_onnx_options options = {.batch = size % 3 == 0 ? (int64_t)(size % 7) + 1 : 0};
    if (!fuzz_read_well(hd_onnx_read(data, size, FUZZ_FILE, &options, &net, &err), &err, FUZZ_FILE)) return 0;
    fuzz_expect(hd_network_fuse(net, &err) == HD_OK, err.message);
    for (int l = 0; l < net->layers; l++) {
        const hd_layer *layer = &net->layer[l];
        fuzz_expect(hd_operator_check(&layer->op, &err) == HD_OK, err.message);
        for (int k = 0; k < layer->inputs; k++) fuzz_expect(layer->input[k] < l, "an input that comes later");
    }
    hd_network_free(net);
    return 0;
}
