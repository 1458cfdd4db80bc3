/* Nodes of the graph: which attributes and operands does a node have, and how are its problems told?  */
#include "formats/onnx/graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Names are the file's: control characters are shown as '?', so that they do nothing to whoever reads the message. */
static void show(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        if (*c < 0x20 || *c == 0x7f) *c = '?';
}

hd_status hd_onnx_fail(const hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err, const char *format, ...)
{
    char text[640], who[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(who, sizeof who, "node '%.100s' (%.40s)", n->name, n->op);
    show(text);
    show(who);
    if (!hd_onnx_rebatches(g)) return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "%s: %s", who, text);
    return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "%s: %s; the file fixes a batch of %lld, perhaps here, too: "
                      "export it with a symbolic batch, or leave --batch out", who, text, (long long)g->file_batch);
}

hd_status hd_onnx_warn(hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err, const char *format, ...)
{
    hd_network *net = g->net;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char **larger = hd_arena_grow(net->arena, net->warning, sizeof *larger, net->warnings, &g->warning_room, 16);
    if (!larger) return hd_fail_memory(err);
    net->warning = larger;
    char *line = hd_arena_format(net->arena, "node '%.100s': %s", n->name, text);
    if (!line) return hd_fail_memory(err);
    show(line);
    net->warning[net->warnings++] = line;
    return HD_OK;
}

const Onnx__AttributeProto *hd_onnx_attribute(const hd_onnx_node *n, const char *name)
{
    for (size_t i = 0; i < n->proto->n_attribute; i++) {
        const Onnx__AttributeProto *a = n->proto->attribute[i];
        if (a->name && strcmp(a->name, name) == 0) return a;
    }
    return NULL;
}

int64_t hd_onnx_int(const hd_onnx_node *n, const char *name, int64_t standard)
{
    const Onnx__AttributeProto *a = hd_onnx_attribute(n, name);
    return a && a->has_i ? a->i : standard;
}

bool hd_onnx_text_is(const hd_onnx_node *n, const char *name, const char *text)
{
    const Onnx__AttributeProto *a = hd_onnx_attribute(n, name);
    return a && a->has_s && a->s.len == strlen(text) && memcmp(a->s.data, text, a->s.len) == 0;
}

const int64_t *hd_onnx_ints(const hd_onnx_node *n, const char *name, int *count)
{
    const Onnx__AttributeProto *a = hd_onnx_attribute(n, name);
    *count = a ? (int)a->n_ints : 0;
    return a ? a->ints : NULL;
}

hd_onnx_value *hd_onnx_in(const hd_onnx_node *n, int i)
{
    return i < n->inputs ? n->in[i] : NULL;
}

hd_onnx_value *hd_onnx_out(const hd_onnx_node *n, int i)
{
    return i < n->outputs ? n->out[i] : NULL;
}

bool hd_onnx_known(const hd_onnx_node *n, int i)
{
    const hd_onnx_value *v = hd_onnx_in(n, i);
    return v && v->rank >= 0;
}

bool hd_onnx_list(const hd_onnx_graph *g, const hd_onnx_node *n, int i, const char *attribute, const int64_t **out,
                  int *count)
{
    const hd_onnx_value *v = hd_onnx_in(n, i);
    if (!v) {
        *out = attribute ? hd_onnx_ints(n, attribute, count) : NULL;
        return *out != NULL;
    }
    if (!v->data || v->real || v->rank > 1) return false;
    *count = (int)hd_onnx_words(v);
    int64_t *list = hd_arena_alloc(g->scratch, (size_t)*count + 1, sizeof *list);
    if (!list) return false;
    for (int k = 0; k < *count; k++) list[k] = v->data[k].i;
    *out = list;
    return true;
}

bool hd_onnx_axis(int64_t axis, int rank, int *out)
{
    if (axis < 0) axis += rank;
    *out = (int)axis;
    return axis >= 0 && axis < rank;
}
