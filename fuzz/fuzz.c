/* What every fuzz target promises about refusals, and how many there were. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t accepted, refused;

void fuzz_expect(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

bool fuzz_read_well(hd_status status, const hd_error *err, const char *file) {
    if (status == HD_OK) {
        accepted++;
        return true;
    }
    refused++;
    fuzz_expect(err->code == status, "the error's code is not the status");
    fuzz_expect(status != HD_ERR_INTERNAL, err->message);
    fuzz_expect(err->message[0] != '\0', "an error without a message");
    fuzz_expect(!file || status != HD_ERR_INPUT || strcmp(err->file, file) == 0,
                "an error that does not name its file");
    return false;
}

int64_t fuzz_accepted(void) {
    return accepted;
}

int64_t fuzz_refused(void) {
    return refused;
}
