/* Inputs of the graph: what do the user's batch and dimensions make of their shapes?
 *
 * Every dimension must have a number in the end; one that has none is the user's to give, by its symbolic
 * name or, if the file gives it no name, as INPUT.INDEX.                                            */
#include "formats/onnx/graph.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"

static const Onnx__TensorShapeProto *shape_of(const Onnx__ValueInfoProto *info)
{
    return info->type && info->type->tensor_type ? info->type->tensor_type->shape : NULL;
}

static bool named(const Onnx__TensorShapeProto__Dimension *d)
{
    return d->dim_param && *d->dim_param;
}

/* The name by which the user binds dimension i of an input. */
static const char *dim_name(const Onnx__ValueInfoProto *info, size_t i, char *text, size_t room)
{
    const Onnx__TensorShapeProto__Dimension *d = shape_of(info)->dim[i];
    if (named(d)) return d->dim_param;
    snprintf(text, room, "%s.%zu", info->name ? info->name : "", i);
    return text;
}

static const hd_onnx_dim *find_dim(const hd_onnx_options *options, const char *name)
{
    for (int i = 0; i < options->dims; i++)
        if (strcmp(options->dim[i].name, name) == 0) return &options->dim[i];
    return NULL;
}

static hd_status bind_dim(const hd_onnx_graph *g, const Onnx__ValueInfoProto *info, size_t i, int64_t *out,
                          hd_error *err)
{
    char text[300];
    const Onnx__TensorShapeProto__Dimension *d = shape_of(info)->dim[i];
    const char *name = dim_name(info, i, text, sizeof text);
    const hd_onnx_dim *given = find_dim(g->options, name);
    if (d->has_dim_value && d->dim_value > 0) *out = d->dim_value;
    else if (given) *out = given->value;
    else if (i == 0 && g->options->batch > 0) *out = 1;
    else if (d->has_dim_value && d->dim_value == 0 && !named(d)) *out = 0;
    else if (d->has_dim_value && d->dim_value < -1)
        return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "dimension %zu of input '%s' is %lld; expected 1 to 2^53, or bind it "
                          "with --dim %s=NUMBER", i, info->name, (long long)d->dim_value, name);
    else
        return hd_fail_at(err, HD_ERR_USAGE, g->file, 0, 0,
                          "dimension %zu of input '%s' is symbolic (%s): bind it with --dim %s=NUMBER%s", i,
                              info->name, name,
                          name, i == 0 ? " or --batch NUMBER" : "");
    return HD_OK;
}

/* Does an input's first dimension count samples?  Not if it is fixed and other than that of the first input: then the
 * input is a table, or weights that are fed.                                                                      */
static bool counts_samples(const hd_onnx_graph *g, const Onnx__TensorShapeProto__Dimension *d)
{
    return g->file_batch == 0 || !d->has_dim_value || d->dim_value < 1 || d->dim_value == g->file_batch;
}

static hd_status bind_input(hd_onnx_graph *g, const Onnx__ValueInfoProto *info, hd_onnx_value *v, hd_error *err)
{
    const Onnx__TensorShapeProto *shape = shape_of(info);
    int64_t words = 1;
    if (!shape) return HD_OK;
    if (shape->n_dim > HD_ONNX_RANK)
        return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "input '%s' has %zu dimensions; at most %d", info->name,
                          shape->n_dim, HD_ONNX_RANK);
    for (size_t i = 0; i < shape->n_dim; i++) {
        HD_TRY(bind_dim(g, info, i, &v->dim[i], err));
        if (i == 0 && g->options->batch > 0 && counts_samples(g, shape->dim[i])) v->dim[i] = g->options->batch;
        if (!hd_count_mul(words, hd_count_max(v->dim[i], 1), &words) || words >= HD_COUNT_EXACT)
            return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "input '%s' has more than 2^53 elements",
                              info->name);
    }
    v->rank = (int)shape->n_dim;
    return HD_OK;
}

/* Does some input have the dimension that the user names? */
static bool exists(const hd_onnx_graph *g, const char *wanted)
{
    char text[300];
    for (size_t k = 0; k < g->proto->n_input; k++) {
        const Onnx__ValueInfoProto *info = g->proto->input[k];
        size_t count = shape_of(info) ? shape_of(info)->n_dim : 0;
        for (size_t i = 0; i < count; i++)
            if (strcmp(dim_name(info, i, text, sizeof text), wanted) == 0) return true;
    }
    return false;
}

static hd_status check_options(const hd_onnx_graph *g, hd_error *err)
{
    const hd_onnx_options *o = g->options;
    if (o->batch < 0 || o->batch > 1 << 30)
        return hd_fail(err, HD_ERR_USAGE, "--batch %lld; expected 1 to 2^30", (long long)o->batch);
    for (int i = 0; i < o->dims; i++) {
        if (o->dim[i].value < 1 || o->dim[i].value > INT64_C(1) << 40)
            return hd_fail(err, HD_ERR_USAGE, "--dim %s=%lld; expected 1 to 2^40", o->dim[i].name,
                           (long long)o->dim[i].value);
        if (!exists(g, o->dim[i].name))
            return hd_fail_at(err, HD_ERR_USAGE, g->file, 0, 0, "--dim %s: no input has a dimension of that name",
                              o->dim[i].name);
    }
    return HD_OK;
}

/* What --batch leaves as it is, said once. */
static hd_status tell_kept(hd_onnx_graph *g, int kept, const char *one, hd_error *err)
{
    const hd_onnx_node n = {.name = one, .op = "input"};
    if (kept == 0) return HD_OK;
    return hd_onnx_warn(g, &n, err, "--batch leaves the first dimension of this and %d more inputs as it is, since it is not the "
                        "%lld of the first input", kept - 1, (long long)g->file_batch);
}

hd_status hd_onnx_bind(hd_onnx_graph *g, hd_error *err)
{
    bool first = true;
    int kept = 0;
    const char *one = NULL;
    HD_TRY(check_options(g, err));
    for (size_t i = 0; i < g->proto->n_input; i++) {
        const Onnx__ValueInfoProto *info = g->proto->input[i];
        hd_onnx_value *v;
        if (!info->name) continue;
        HD_TRY(hd_onnx_value_of(g, info->name, &v, err));
        if (v->constant) continue; /* old models list their weights among the inputs */
        HD_TRY(bind_input(g, info, v, err));
        static const int network_input[1] = {-1};
        v->source = network_input;
        v->sources = 1;
        if (info->type && info->type->tensor_type) v->type = info->type->tensor_type->elem_type;
        if (v->rank < 1) continue;
        if (g->options->batch > 0 && !counts_samples(g, shape_of(info)->dim[0]) && kept++ == 0) one = info->name;
        if (!first) continue;
        const Onnx__TensorShapeProto__Dimension *d = shape_of(info)->dim[0];
        g->file_batch = d->has_dim_value ? d->dim_value : 0;
        g->net->batch = v->dim[0];
        first = false;
    }
    return tell_kept(g, kept, one, err);
}
