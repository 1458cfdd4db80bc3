/* Networks as operator lists: do the operators keep their invariants, before and after fusion, with more samples, in
 * training? */
#include "formats/heddle/network_yaml.h"
#include "fuzz.h"
#include "workload/backward.h"

static void check(const hd_network *net) {
    hd_error err = {0};
    for (int l = 0; l < net->layers; l++) {
        const hd_layer *layer = &net->layer[l];
        fuzz_expect(hd_operator_check(&layer->op, &err) == HD_OK, err.message);
        for (int k = 0; k < layer->inputs; k++) fuzz_expect(layer->input[k] < l, "an input that comes later");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_network *net = NULL;
    hd_status status = hd_network_read((const char *)data, size, FUZZ_FILE, &net, &err);
    if (!fuzz_read_well(status, &err, FUZZ_FILE)) return 0;
    check(net);
    if (hd_network_rebatch(net, 3 * net->batch, &err) == HD_OK) check(net);
    if (hd_network_train(net, &(hd_training){HD_OPTIMIZER_SGD, size % 2 == 0}, &err) == HD_OK) check(net);
    fuzz_expect(hd_network_fuse(net, &err) == HD_OK, err.message);
    check(net);
    hd_network_free(net);
    return 0;
}
