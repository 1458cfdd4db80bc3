/* Tensors stored in the file: which elements does a small one hold?
 * Absent, external, stripped or half-present payloads give a shape without data, never an error.  */
#include "formats/onnx/ops.h"

#include <string.h>

enum { KIND_UINT8 = 2, KIND_INT8 = 3, KIND_UINT16 = 4, KIND_INT16 = 5, KIND_UINT32 = 12, KIND_UINT64 = 13 };

static size_t element_bytes(int type)
{
    switch (type) {
    case KIND_UINT8: case KIND_INT8: case HD_ONNX_BOOL: return 1;
    case KIND_UINT16: case KIND_INT16: return 2;
    case HD_ONNX_FLOAT: case HD_ONNX_INT32: case KIND_UINT32: return 4;
    case HD_ONNX_INT64: case HD_ONNX_DOUBLE: case KIND_UINT64: return 8;
    default: return 0; /* half floats, strings, packed nibbles: shapes never depend on them */
    }
}

/* A little-endian element of raw data. */
static hd_onnx_number raw_element(const unsigned char *at, int type)
{
    uint64_t bits = 0;
    size_t bytes = element_bytes(type);
    for (size_t k = bytes; k-- > 0;) bits = bits << 8 | at[k];
    bool negative = type == KIND_INT8 || type == KIND_INT16 || type == HD_ONNX_INT32;
    if (negative && bits >> (8 * bytes - 1)) bits |= ~UINT64_C(0) << (8 * bytes);
    hd_onnx_number out;
    memcpy(&out, &bits, sizeof out);
    if (type == HD_ONNX_FLOAT) {
        uint32_t low = (uint32_t)bits;
        float f;
        memcpy(&f, &low, sizeof f);
        out.f = (double)f;
    }
    return out;
}

/* The typed list of element i; `count` is how many the tensor has. */
static bool listed_element(const Onnx__TensorProto *t, size_t count, size_t i, hd_onnx_number *out)
{
    if (t->data_type == HD_ONNX_FLOAT && t->n_float_data == count) out->f = (double)t->float_data[i];
    else if (t->data_type == HD_ONNX_DOUBLE && t->n_double_data == count) out->f = t->double_data[i];
    else if (t->data_type == HD_ONNX_INT64 && t->n_int64_data == count) out->i = t->int64_data[i];
    else if (t->data_type >= KIND_UINT32 && t->n_uint64_data == count) memcpy(&out->i, &t->uint64_data[i],
                                                                              sizeof out->i);
    else if (t->data_type <= HD_ONNX_BOOL && t->n_int32_data == count) out->i = t->int32_data[i];
    else return false;
    return true;
}

hd_status hd_onnx_read_tensor(const hd_onnx_graph *g, const Onnx__TensorProto *t, hd_onnx_value *v, hd_error *err)
{
    size_t bytes = element_bytes(t->data_type);
    HD_TRY(hd_onnx_data(g, v, t->data_type == HD_ONNX_FLOAT || t->data_type == HD_ONNX_DOUBLE, err));
    size_t count = v->data ? (size_t)hd_onnx_words(v) : 0;
    bool raw = t->has_raw_data && t->raw_data.len == count * bytes;
    if (bytes == 0 || t->data_location == 1) v->data = NULL;
    for (size_t i = 0; v->data && i < count; i++) {
        if (raw) v->data[i] = raw_element(t->raw_data.data + i * bytes, t->data_type);
        else if (!listed_element(t, count, i, &v->data[i])) v->data = NULL;
    }
    return HD_OK;
}
