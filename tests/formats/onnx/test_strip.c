/* The weight stripper: large payloads go, small ones stay, broken lengths are told with their byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/onnx/strip.h"
#include "formats/onnx/onnx.pb-c.h"

enum { WORDS_KEPT = 512, WORDS_DROPPED = 513 };

/* A model of one int64 tensor with `words` words of raw data; returns its bytes. */
static unsigned char *model_with_tensor(size_t words, size_t *n)
{
    Onnx__ModelProto file;
    Onnx__GraphProto graph;
    Onnx__TensorProto tensor, *tensors[1] = {&tensor};
    static unsigned char zeros[8 * WORDS_DROPPED];
    onnx__model_proto__init(&file);
    onnx__graph_proto__init(&graph);
    onnx__tensor_proto__init(&tensor);
    char name[] = "w";
    tensor.name = name;
    tensor.has_raw_data = 1;
    tensor.raw_data = (ProtobufCBinaryData){8 * words, zeros};
    graph.n_initializer = 1;
    graph.initializer = tensors;
    file.graph = &graph;
    *n = onnx__model_proto__get_packed_size(&file);
    unsigned char *bytes = malloc(*n);
    assert_non_null(bytes);
    onnx__model_proto__pack(&file, bytes);
    return bytes;
}

static size_t raw_bytes_left(size_t words)
{
    size_t n, left, raw;
    hd_error err = {0};
    unsigned char *bytes = model_with_tensor(words, &n), *out;
    assert_int_equal(hd_onnx_strip(bytes, n, "x", &out, &left, &err), HD_OK);
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, left, out);
    assert_non_null(model);
    assert_string_equal(model->graph->initializer[0]->name, "w");
    raw = model->graph->initializer[0]->raw_data.len;
    onnx__model_proto__free_unpacked(model, NULL);
    free(out);
    free(bytes);
    return raw;
}

static void payloads_above_the_limit_go(void **state)
{
    (void)state;
    assert_int_equal(raw_bytes_left(WORDS_KEPT), 8 * WORDS_KEPT);
    assert_int_equal(raw_bytes_left(WORDS_DROPPED), 0);
}

static void broken_lengths_name_their_byte(void **state)
{
    (void)state;
    const unsigned char too_long[] = {0x08, 0x07, 0x3a, 0x7f, 0x00}, group[] = {0x08, 0x07, 0x0b};
    unsigned char *out;
    size_t left;
    hd_error err = {0};
    assert_int_equal(hd_onnx_strip(too_long, sizeof too_long, "x", &out, &left, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "byte 4: length beyond the end"));
    err = (hd_error){0};
    assert_int_equal(hd_onnx_strip(group, sizeof group, "x", &out, &left, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "byte 3: unknown wire type"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payloads_above_the_limit_go),
        cmocka_unit_test(broken_lengths_name_their_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
