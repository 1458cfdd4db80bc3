/* The graphs in tests/data/onnx: what is known about each, and the file as bytes. */
#ifndef HD_TESTS_ONNX_GRAPHS_H
#define HD_TESTS_ONNX_GRAPHS_H

#include <stddef.h>
#include <stdint.h>

typedef struct graph_case {
    char file[128];            /* "folder/name.onnx" */
    int64_t nodes, macs, weights;
} graph_case;

/* Rows of MACS.tsv; exits the test program if it cannot be read.  Returns their number. */
int graphs_list(graph_case *out, int most);
/* A file below tests/data/onnx; the caller frees. */
unsigned char *graphs_bytes(const char *file, size_t *n);
/* Path of expected/<folder>__<file>.tsv. */
void graphs_expected_path(const char *file, char *out, size_t room);

#endif
