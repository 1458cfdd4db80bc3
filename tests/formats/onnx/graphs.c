/* Finding and reading the test graphs: below the folder in HEDDLE_TEST_DATA, else tests/data. */
#include "graphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void path_of(const char *file, char *out, size_t room)
{
    const char *data = getenv("HEDDLE_TEST_DATA");
    snprintf(out, room, "%s/onnx/%s", data ? data : "tests/data", file);
}

static FILE *open_data(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f) return f;
    fprintf(stderr, "cannot open %s: run from the source folder or set HEDDLE_TEST_DATA\n", path);
    exit(1);
}

int graphs_list(graph_case *out, int most)
{
    char path[512], line[512];
    int count = 0;
    path_of("MACS.tsv", path, sizeof path);
    FILE *f = open_data(path);
    while (count < most && fgets(line, sizeof line, f)) {
        long long nodes, macs, weights;
        graph_case *c = &out[count];
        if (sscanf(line, "%127s %lld %lld %lld", c->file, &nodes, &macs, &weights) != 4) continue;
        c->nodes = nodes;
        c->macs = macs;
        c->weights = weights;
        count++;
    }
    fclose(f);
    return count;
}

unsigned char *graphs_bytes(const char *file, size_t *n)
{
    char path[512];
    path_of(file, path, sizeof path);
    FILE *f = open_data(path);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    unsigned char *bytes = malloc(*n + 1);
    if (!bytes || fread(bytes, 1, *n, f) != *n) exit(1);
    fclose(f);
    return bytes;
}

void graphs_expected_path(const char *file, char *out, size_t room)
{
    char name[256], flat[160];
    const char *slash = strchr(file, '/'), *dot = strrchr(file, '.');
    snprintf(flat, sizeof flat, "%.*s__%.*s", (int)(slash - file), file, (int)(dot - slash - 1), slash + 1);
    snprintf(name, sizeof name, "expected/%s.tsv", flat);
    path_of(name, out, room);
}
