/* Builds messages of the schema subset and packs them: the reader sees bytes as from a file. */
#include "model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void *own(model *m, size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p || m->count == (int)(sizeof m->owned / sizeof *m->owned)) abort();
    return m->owned[m->count++] = p;
}

static char *text_n(model *m, const char *text, size_t n)
{
    char *copy = own(m, n + 1);
    memcpy(copy, text, n);
    return copy;
}

/* Words between separators; returns their number. */
static size_t split(model *m, const char *text, char separator, char **out)
{
    size_t n = 0;
    while (*text) {
        const char *end = strchr(text, separator);
        size_t length = end ? (size_t)(end - text) : strlen(text);
        if (length > 0) out[n++] = text_n(m, text, length);
        text += length + (end != NULL);
    }
    return n;
}

void model_begin(model *m, int64_t opset)
{
    memset(m, 0, sizeof *m);
    onnx__graph_proto__init(&m->graph);
    m->graph.node = m->node;
    m->graph.initializer = m->constant;
    m->graph.input = m->input;
    m->graph.value_info = m->stored;
    m->opset = opset;
}

static Onnx__ValueInfoProto *info(model *m, const char *name, const char *shape)
{
    char *word[16];
    size_t n = split(m, shape, ',', word);
    Onnx__ValueInfoProto *v = own(m, sizeof *v);
    onnx__value_info_proto__init(v);
    v->name = text_n(m, name, strlen(name));
    onnx__type_proto__init(v->type = own(m, sizeof *v->type));
    onnx__type_proto__tensor__init(v->type->tensor_type = own(m, sizeof *v->type->tensor_type));
    Onnx__TensorShapeProto *s = v->type->tensor_type->shape = own(m, sizeof *s);
    onnx__tensor_shape_proto__init(s);
    s->dim = own(m, n * sizeof *s->dim);
    for (s->n_dim = 0; s->n_dim < n; s->n_dim++) {
        Onnx__TensorShapeProto__Dimension *d = s->dim[s->n_dim] = own(m, sizeof *d);
        onnx__tensor_shape_proto__dimension__init(d);
        d->has_dim_value = isdigit((unsigned char)*word[s->n_dim]) != 0;
        if (d->has_dim_value) d->dim_value = strtoll(word[s->n_dim], NULL, 10);
        else if (*word[s->n_dim] != '?') d->dim_param = word[s->n_dim];
    }
    return v;
}

void model_input(model *m, const char *name, const char *shape)
{
    m->input[m->graph.n_input++] = info(m, name, shape);
}

void model_stored(model *m, const char *name, const char *shape)
{
    m->stored[m->graph.n_value_info++] = info(m, name, shape);
}

static int64_t *numbers(model *m, const char *list, size_t *n)
{
    char *word[64];
    *n = split(m, list, ',', word);
    int64_t *out = own(m, *n * sizeof *out);
    for (size_t i = 0; i < *n; i++) out[i] = strtoll(word[i], NULL, 10);
    return out;
}

static Onnx__TensorProto *tensor(model *m, const char *name, int type)
{
    Onnx__TensorProto *t = own(m, sizeof *t);
    onnx__tensor_proto__init(t);
    t->name = text_n(m, name, strlen(name));
    t->has_data_type = 1;
    t->data_type = type;
    m->constant[m->graph.n_initializer++] = t;
    return t;
}

void model_weight(model *m, const char *name, const char *shape)
{
    Onnx__TensorProto *t = tensor(m, name, HD_ONNX_FLOAT);
    t->dims = numbers(m, shape, &t->n_dims);
}

void model_constant(model *m, const char *name, const char *list)
{
    bool real = strchr(list, '.') != NULL, scalar = *list == '=';
    Onnx__TensorProto *t = tensor(m, name, real ? HD_ONNX_FLOAT : HD_ONNX_INT64);
    char *word[64];
    size_t n = split(m, list + scalar, ',', word);
    t->dims = own(m, sizeof *t->dims);
    t->dims[0] = (int64_t)n;
    t->n_dims = !scalar;
    if (!real) {
        t->int64_data = numbers(m, list + scalar, &t->n_int64_data);
        return;
    }
    t->float_data = own(m, n * sizeof *t->float_data);
    for (t->n_float_data = 0; t->n_float_data < n; t->n_float_data++)
        t->float_data[t->n_float_data] = strtof(word[t->n_float_data], NULL);
}

static Onnx__AttributeProto *attribute(model *m, const char *text)
{
    Onnx__AttributeProto *a = own(m, sizeof *a);
    const char *value = strchr(text, '=') + 1;
    onnx__attribute_proto__init(a);
    a->name = text_n(m, text, (size_t)(value - text) - 1);
    if (strchr(value, ',') && !isalpha((unsigned char)*value)) {
        a->ints = numbers(m, value, &a->n_ints);
    } else if (isalpha((unsigned char)*value)) {
        a->has_s = 1;
        a->s.data = (uint8_t *)text_n(m, value, strlen(value));
        a->s.len = strlen(value);
    } else {
        a->has_i = 1;
        a->i = strtoll(value, NULL, 10);
    }
    return a;
}

void model_node(model *m, const char *op, const char *inputs, const char *outputs, const char *attributes)
{
    char *word[16];
    Onnx__NodeProto *n = own(m, sizeof *n);
    const char *colon = strchr(op, ':');
    onnx__node_proto__init(n);
    if (colon) n->domain = text_n(m, op, (size_t)(colon - op));
    n->op_type = text_n(m, colon ? colon + 1 : op, strlen(colon ? colon + 1 : op));
    n->n_input = split(m, inputs, ' ', word);
    n->input = own(m, n->n_input * sizeof *n->input);
    for (size_t i = 0; i < n->n_input; i++) n->input[i] = strcmp(word[i], "-") ? word[i] : text_n(m, "", 0);
    n->n_output = split(m, outputs, ' ', word);
    n->output = own(m, n->n_output * sizeof *n->output);
    for (size_t i = 0; i < n->n_output; i++) n->output[i] = word[i];
    n->n_attribute = split(m, attributes, ' ', word);
    n->attribute = own(m, n->n_attribute * sizeof *n->attribute);
    for (size_t i = 0; i < n->n_attribute; i++) n->attribute[i] = attribute(m, word[i]);
    m->node[m->graph.n_node++] = n;
}

hd_status model_load(model *m, const hd_onnx_options *options, hd_onnx_graph *g, hd_error *err)
{
    Onnx__ModelProto file;
    Onnx__OperatorSetIdProto set, *sets[1] = {&set};
    onnx__model_proto__init(&file);
    onnx__operator_set_id_proto__init(&set);
    set.has_version = 1;
    set.version = m->opset;
    file.n_opset_import = 1;
    file.opset_import = sets;
    file.graph = &m->graph;
    size_t n = onnx__model_proto__get_packed_size(&file);
    unsigned char *bytes = own(m, n);
    onnx__model_proto__pack(&file, bytes);
    hd_status status = hd_onnx_load(bytes, n, "test.onnx", options, g, err);
    while (m->count > 0) free(m->owned[--m->count]);
    return status;
}
