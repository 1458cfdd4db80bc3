/* Reading an ONNX file: from bytes on disk to a network.
 *
 * The file is mapped, stripped of its weights (strip.c), unpacked by protobuf-c into an arena with a limit that
 * follows from the stripped size, and walked (walk.c).  Nothing of the file outlives the call but the network. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/onnx/graph.h"
#include "formats/onnx/strip.h"

enum { NEWEST_OPSET = 21, OLDEST_OPSET = 7 };

/* Structures of an unpacked or walked model per byte of it, and a floor for small ones. */
static size_t memory_limit(size_t bytes)
{
    const size_t floor = (size_t)64 << 20, most = (size_t)4 << 30;
    return bytes > (most - floor) / 256 ? most : floor + bytes * 256;
}

static void *unpack_alloc(void *arena, size_t size)
{
    return hd_arena_alloc(arena, 1, size ? size : 1);
}

static void unpack_free(void *arena, void *p)
{
    (void)arena, (void)p; /* dies with the arena */
}

static hd_status check_model(const Onnx__ModelProto *model, hd_onnx_graph *g, hd_error *err)
{
    if (!model->graph || model->graph->n_node == 0)
        return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "byte 0: no graph with nodes; expected an ONNX model");
    g->proto = model->graph;
    g->opset = NEWEST_OPSET;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];
        bool standard = !set->domain || !*set->domain || strcmp(set->domain, "ai.onnx") == 0;
        if (standard && set->has_version) g->opset = set->version;
    }
    if (g->opset >= OLDEST_OPSET) return HD_OK;
    return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "opset %lld; expected %d or newer (convert the model)",
                      (long long)g->opset, OLDEST_OPSET);
}

/* The file's name without folders and ending, else the graph's own name. */
static hd_status name_network(hd_onnx_graph *g, hd_error *err)
{
    const char *name = g->file ? g->file : g->proto->name ? g->proto->name : "network";
    const char *slash = strrchr(name, '/'), *dot;
    if (slash) name = slash + 1;
    dot = strrchr(name, '.');
    g->net->name = hd_arena_textn(g->net->arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
    return g->net->name ? HD_OK : hd_fail_memory(err);
}

static hd_status new_network(hd_onnx_graph *g, size_t limit, hd_error *err)
{
    hd_arena *arena = hd_arena_new(NULL, limit);
    if (!arena) return hd_fail_memory(err);
    g->net = hd_arena_alloc(arena, 1, sizeof *g->net);
    if (!g->net) {
        hd_arena_free(arena);
        return hd_fail_memory(err);
    }
    g->net->arena = arena;
    g->net->batch = 1;
    return HD_OK;
}

static hd_status unpack(hd_onnx_graph *g, const unsigned char *bytes, size_t n, hd_error *err)
{
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, g->scratch};
    const Onnx__ModelProto *model = onnx__model_proto__unpack(&allocator, n, bytes);
    if (!model)
        return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0,
                          "byte 0: not a readable ONNX model (broken protobuf, or more than its size can explain)");
    HD_TRY(check_model(model, g, err));
    HD_TRY(name_network(g, err));
    return hd_onnx_walk(g, err);
}

hd_status hd_onnx_load(const void *bytes, size_t n, const char *file, const hd_onnx_options *options,
                       hd_onnx_graph *g,
                       hd_error *err)
{
    static const hd_onnx_options standard = {0};
    unsigned char *stripped = NULL;
    size_t left = 0;
    *g = (hd_onnx_graph){.file = file, .options = options ? options : &standard};
    HD_TRY(hd_onnx_strip(bytes, n, file, &stripped, &left, err));
    size_t limit = memory_limit(left);
    g->scratch = hd_arena_new(NULL, limit);
    hd_status status = g->scratch ? new_network(g, limit, err) : hd_fail_memory(err);
    if (status == HD_OK) status = unpack(g, stripped, left, err);
    free(stripped);
    if (status != HD_OK) hd_onnx_drop(g);
    return status;
}

void hd_onnx_drop(hd_onnx_graph *g)
{
    hd_arena_free(g->scratch);
    hd_network_free(g->net);
    g->scratch = NULL;
    g->net = NULL;
}

hd_status hd_onnx_read(const void *bytes, size_t n, const char *file, const hd_onnx_options *options,
                       hd_network **out,
                       hd_error *err)
{
    hd_onnx_graph g;
    *out = NULL;
    HD_TRY(hd_onnx_load(bytes, n, file, options, &g, err));
    if (g.net->layers == 0) {
        hd_onnx_drop(&g);
        return hd_fail_at(err, HD_ERR_INPUT, file, 0, 0,
                          "nothing is computed here: all nodes are views, constants, or of tensors without elements");
    }
    *out = g.net;
    g.net = NULL;
    hd_network_seal(*out);
    hd_onnx_drop(&g);
    return HD_OK;
}

static hd_status unreadable(const char *path, hd_error *err)
{
    return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot read: %s", strerror(errno));
}

hd_status hd_onnx_read_file(const char *path, const hd_onnx_options *options, hd_network **out, hd_error *err)
{
    struct stat info;
    *out = NULL;
    int file = open(path, O_RDONLY);
    if (file < 0) return unreadable(path, err);
    if (fstat(file, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
        close(file);
        return hd_fail_at(err, HD_ERR_INPUT, path, 0, 0,
                          "byte 0: not a regular file with contents; expected an ONNX model");
    }
    size_t n = (size_t)info.st_size;
    void *bytes = mmap(NULL, n, PROT_READ, MAP_PRIVATE, file, 0);
    hd_status status = bytes == MAP_FAILED ? unreadable(path, err) : hd_onnx_read(bytes, n, path, options, out,
                                                                                  err);
    if (bytes != MAP_FAILED) munmap(bytes, n);
    close(file);
    return status;
}
