/* How does a model of gigabytes become a few kilobytes without reading its weights?
 *
 * One walk over the protobuf wire format, guided by a table of the fields that shapes depend on.
 * Everything else is skipped; payloads of tensors are skipped when a tensor has more than
 * HD_ONNX_KEPT_BYTES of them (a shape is never that long).  Nested messages are written with a
 * length of fixed width (five bytes, legal though not minimal) that is patched when the body is known,
 * so that one pass suffices.  The table has no cycles: nesting is bounded by its depth.
 * Memory: the stripped model; the input is touched page by page and may be a mapping.              */
#include "formats/onnx/strip.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5, LENGTH_BYTES = 5 };

typedef enum message { MODEL, GRAPH, NODE, ATTRIBUTE, TENSOR, WHOLE, PAYLOAD } message;

/* Which fields of a message are kept, and what they are. */
static const struct field { message in; unsigned number; message is; } fields[] = {
    {MODEL, 1, WHOLE},      {MODEL, 7, GRAPH},      {MODEL, 8, WHOLE},
    {GRAPH, 1, NODE},       {GRAPH, 2, WHOLE},      {GRAPH, 5, TENSOR},
    {GRAPH, 11, WHOLE},     {GRAPH, 12, WHOLE},     {GRAPH, 13, WHOLE},
    {NODE, 1, WHOLE},       {NODE, 2, WHOLE},       {NODE, 3, WHOLE},
    {NODE, 4, WHOLE},       {NODE, 5, ATTRIBUTE},   {NODE, 7, WHOLE},
    {ATTRIBUTE, 1, WHOLE},  {ATTRIBUTE, 2, WHOLE},  {ATTRIBUTE, 3, WHOLE},
    {ATTRIBUTE, 4, PAYLOAD}, {ATTRIBUTE, 5, TENSOR}, {ATTRIBUTE, 7, PAYLOAD},
    {ATTRIBUTE, 8, PAYLOAD}, {ATTRIBUTE, 20, WHOLE},
    {TENSOR, 1, WHOLE},     {TENSOR, 2, WHOLE},     {TENSOR, 4, PAYLOAD},
    {TENSOR, 5, PAYLOAD},   {TENSOR, 7, PAYLOAD},   {TENSOR, 8, WHOLE},
    {TENSOR, 9, PAYLOAD},   {TENSOR, 10, PAYLOAD},  {TENSOR, 11, PAYLOAD},
    {TENSOR, 14, WHOLE},
};

static const char *const message_names[] = {"model", "graph", "node", "attribute", "tensor", "field", "data"};

typedef struct walk {
    const unsigned char *in;
    const char *file;
    unsigned char *out;
    size_t used, room;
    hd_error *err;
} walk;

static hd_status broken(const walk *w, size_t at, message in, const char *what)
{
    return hd_fail_at(w->err, HD_ERR_INPUT, w->file, 0, 0,
                      "byte %zu: %s in the %s; expected an ONNX model (protobuf)", at,
                      what, message_names[in]);
}

static hd_status reserve(walk *w, size_t more)
{
    if (w->room - w->used >= more) return HD_OK;
    size_t room = w->room * 2 + more + 4096;
    unsigned char *out = realloc(w->out, room);
    if (!out) return hd_fail_memory(w->err);
    w->out = out;
    w->room = room;
    return HD_OK;
}

static hd_status copy(walk *w, size_t from, size_t to)
{
    HD_TRY(reserve(w, to - from));
    memcpy(w->out + w->used, w->in + from, to - from);
    w->used += to - from;
    return HD_OK;
}

static hd_status varint(const walk *w, message in, size_t end, size_t *at, uint64_t *out)
{
    uint64_t value = 0;
    size_t start = *at;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (*at >= end) return broken(w, start, in, "number cut short");
        unsigned char byte = w->in[(*at)++];
        if (shift < 64) value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *out = value;
            return HD_OK;
        }
    }
    return broken(w, start, in, "number of more than ten bytes");
}

/* Step over the value of a field; `*body` is where a length-delimited value begins. */
static hd_status skip_value(const walk *w, message in, unsigned wire, size_t end, size_t *at, size_t *body)
{
    uint64_t n = 0;
    *body = *at;
    switch (wire) {
    case WIRE_VARINT: return varint(w, in, end, at, &n);
    case WIRE_64: n = 8; break;
    case WIRE_32: n = 4; break;
    case WIRE_BYTES:
        HD_TRY(varint(w, in, end, at, &n));
        *body = *at;
        break;
    default: return broken(w, *at, in, "unknown wire type");
    }
    if (n > end - *at) return broken(w, *body, in, "length beyond the end");
    *at += (size_t)n;
    return HD_OK;
}

static const struct field *find_field(message in, uint64_t number)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].in == in && fields[i].number == number) return &fields[i];
    return NULL;
}

static hd_status strip(walk *w, message kind, size_t at, size_t end);

/* Tag, length of fixed width, stripped body. */
static hd_status strip_nested(walk *w, message kind, size_t start, size_t tag_end, size_t body, size_t end)
{
    HD_TRY(copy(w, start, tag_end));
    HD_TRY(reserve(w, LENGTH_BYTES));
    size_t place = w->used;
    w->used += LENGTH_BYTES;
    HD_TRY(strip(w, kind, body, end));
    size_t length = w->used - place - LENGTH_BYTES;
    if (length >> 31) return broken(w, start, kind, "more than 2 GB of structure");
    for (int i = 0; i < LENGTH_BYTES; i++, length >>= 7)
        w->out[place + (size_t)i] = (unsigned char)((length & 0x7f) | (i + 1 < LENGTH_BYTES ? 0x80 : 0));
    return HD_OK;
}

static hd_status strip(walk *w, message kind, size_t at, size_t end)
{
    size_t payload = 0;
    while (at < end) {
        size_t start = at, body;
        uint64_t tag;
        HD_TRY(varint(w, kind, end, &at, &tag));
        size_t tag_end = at;
        unsigned wire = (unsigned)(tag & 7);
        if (tag >> 3 == 0) return broken(w, start, kind, "field number 0");
        HD_TRY(skip_value(w, kind, wire, end, &at, &body));
        const struct field *field = find_field(kind, tag >> 3);
        if (!field) continue;
        if (field->is < WHOLE) {
            if (wire != WIRE_BYTES) return broken(w, start, kind, "a number where a message belongs");
            HD_TRY(strip_nested(w, field->is, start, tag_end, body, at));
            continue;
        }
        if (field->is == PAYLOAD) {
            payload += at - body;
            if (payload > HD_ONNX_KEPT_BYTES) continue;
        }
        HD_TRY(copy(w, start, at));
    }
    return HD_OK;
}

hd_status hd_onnx_strip(const void *bytes, size_t n, const char *file, unsigned char **out, size_t *out_n,
                        hd_error *err)
{
    walk w = {.in = bytes, .file = file, .err = err};
    hd_status status = reserve(&w, 1);
    if (status == HD_OK) status = strip(&w, MODEL, 0, n);
    if (status != HD_OK) {
        free(w.out);
        return status;
    }
    *out = w.out;
    *out_n = w.used;
    return HD_OK;
}
