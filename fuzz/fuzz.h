/* What every fuzz target does: read bytes, and stop the program when the reader breaks its word.
 *
 * A target is one file fuzz_READER.c with LLVMFuzzerTestOneInput.  Built with -Dfuzz=true it is a libFuzzer
 * program; otherwise run_corpus.c runs it over files and seeded mutants of them, as an ordinary test. */
#ifndef HD_FUZZ_FUZZ_H
#define HD_FUZZ_FUZZ_H

#include <stdint.h>

#include "base/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name that targets give their input in messages. */
#define FUZZ_FILE "input"

/* A promise of the reader: says `what` and aborts if it does not hold. */
void fuzz_expect(bool holds, const char *what);
/* How reading ended: true for success.  A refusal says why, names `file` (unless NULL) and is no internal
 * error. */
bool fuzz_read_well(hd_status status, const hd_error *err, const char *file);
/* Inputs accepted and refused so far. */
int64_t fuzz_accepted(void);
int64_t fuzz_refused(void);

#endif
