/* Is it a graph at all: does every value come from one place, has every attribute its kind of value?  And where it goes wrong
 * later: which cause on the way up is the first?                                                                      */
#include "formats/onnx/ops.h"

#include <stdio.h>
#include <string.h>

/* Kinds of attributes, numbered as in the file. */
enum { KIND_INT = 2, KIND_STRING = 3, KIND_INTS = 7 };

static const struct attribute_kind { const char *name; int kind; } KINDS[] = {
    {"auto_pad", KIND_STRING},  {"axes", KIND_INTS},           {"axis", KIND_INT},        {"blocksize", KIND_INT},
    {"ceil_mode", KIND_INT},    {"dilations", KIND_INTS},      {"equation", KIND_STRING}, {"group", KIND_INT},
    {"hidden_size", KIND_INT},  {"keepdims", KIND_INT},        {"kernel_shape", KIND_INTS}, {"output_padding", KIND_INTS},
    {"output_shape", KIND_INTS}, {"pads", KIND_INTS},          {"perm", KIND_INTS},       {"split", KIND_INTS},
    {"strides", KIND_INTS},     {"to", KIND_INT},              {"transA", KIND_INT},      {"transB", KIND_INT},
};

/* An empty list has nothing but its kind; some writers leave zeros out, too. */
static bool holds(const Onnx__AttributeProto *a, int kind)
{
    if (a->has_type && a->type == kind) return true;
    return kind == KIND_INT ? a->has_i : kind == KIND_STRING ? a->has_s : a->n_ints > 0;
}

static hd_status check_attributes(const hd_onnx_graph *g, const hd_onnx_node *n, hd_error *err)
{
    if (!hd_onnx_rules(n)) return HD_OK; /* nobody reads them */
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        const Onnx__AttributeProto *a = hd_onnx_attribute(n, KINDS[i].name);
        if (!a || holds(a, KINDS[i].kind)) continue;
        return hd_onnx_fail(g, n, err, "attribute %s: expected %s, found something else", KINDS[i].name,
                            KINDS[i].kind == KIND_INT ? "a whole number" : KINDS[i].kind == KIND_STRING
                            ? "a text" : "a list of whole numbers");
    }
    return HD_OK;
}

static hd_status note_maker(const hd_onnx_graph *g, const hd_onnx_node *n, hd_onnx_value *v, hd_error *err)
{
    if (v->maker)
        return hd_onnx_fail(g, n, err, "its output '%s' is made by node '%s' (%s), too; expected one node for each value",
                            v->name, v->maker->name, v->maker->op);
    if (v->constant || v->sources > 0)
        return hd_onnx_fail(g, n, err, "its output '%s' is %s of the graph already; expected a name of its own", v->name,
                            v->constant ? "an initializer" : "an input");
    v->maker = n;
    return HD_OK;
}

static bool comes_from_somewhere(const hd_onnx_value *v) { return v->maker || v->constant || v->sources > 0; }

static hd_status check_outputs(hd_onnx_graph *g, hd_error *err)
{
    for (size_t i = 0; i < g->proto->n_output; i++) {
        const char *name = g->proto->output[i]->name;
        hd_onnx_value *v = name ? hd_onnx_map_get(&g->values, name) : NULL;
        if (!name || (v && comes_from_somewhere(v))) continue;
        return hd_fail_at(err, HD_ERR_INPUT, g->file, 0, 0, "output '%.100s' of the graph: no node makes it", name);
    }
    return HD_OK;
}

hd_status hd_onnx_check(hd_onnx_graph *g, const hd_onnx_node *nodes, int count, hd_error *err)
{
    for (int i = 0; i < count; i++) {
        HD_TRY(check_attributes(g, &nodes[i], err));
        for (int k = 0; k < nodes[i].outputs; k++)
            if (nodes[i].out[k]) HD_TRY(note_maker(g, &nodes[i], nodes[i].out[k], err));
    }
    for (int i = 0; i < count; i++)
        for (int k = 0; k < nodes[i].inputs; k++)
            if (nodes[i].in[k] && !comes_from_somewhere(nodes[i].in[k]))
                return hd_onnx_fail(g, &nodes[i], err, "its input '%s' is made by no node, and is no input or initializer of the "
                                    "graph", nodes[i].in[k]->name);
    return check_outputs(g, err);
}

static const hd_onnx_value *unknown_operand(const hd_onnx_node *n)
{
    for (int i = 0; i < n->inputs; i++)
        if (n->in[i] && n->in[i]->rank < 0) return n->in[i];
    return NULL;
}

/* An operand whose values the shape may hang on, and that has none. */
static const hd_onnx_value *operand_without_values(const hd_onnx_node *n)
{
    for (int i = 1; i < n->inputs; i++)
        if (n->in[i] && (!n->in[i]->data || n->in[i]->real) && n->in[i]->rank <= 1) return n->in[i];
    return NULL;
}

void hd_onnx_why_unknown(const hd_onnx_value *v, char out[HD_ONNX_WHY])
{
    enum { FAR = 1 << 20 }; /* graphs have no cycles; a bound all the same */
    const hd_onnx_value *first = v, *above;
    for (int up = 0; up < FAR && first->maker && (above = unknown_operand(first->maker)); up++) first = above;
    const hd_onnx_node *n = first->maker;
    const hd_onnx_value *values = n ? operand_without_values(n) : NULL;
    if (!n)
        snprintf(out, HD_ONNX_WHY, "input '%.80s' has no shape in the file; store it there", first->name);
    else if (values)
        snprintf(out, HD_ONNX_WHY, "node '%.80s' (%.40s) needs the values of '%.80s', which %s; store the shape of '%.80s' as "
                 "value_info", n->name, n->op, values->name, values->constant
                 ? "the file does not hold whole (they are external, cut short or of another kind)" : "come at run time",
                 first->name);
    else
        snprintf(out, HD_ONNX_WHY, "the shape of '%.80s' does not follow from the operands of node '%.80s' (%.40s); store it as "
                 "value_info", first->name, n->name, n->op);
}
