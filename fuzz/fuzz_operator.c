/* Operators as text, "conv(K=64,C=3)": is what was read whole, and does it say its name? */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "workload/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hd_error err = {0};
    hd_operator op;
    char *text = calloc(size + 1, 1); /* read up to its '\0' */
    if (!text) return 0;
    memcpy(text, data, size);
    if (fuzz_read_well(hd_kind_parse(text, &op, &err), &err, NULL))
        fuzz_expect(hd_operator_check(&op, &err) == HD_OK, err.message);
    free(text);
    return 0;
}
