/* How does a gradient pass through vector work?
 *
 * The nest stays; the gradient of the output stands in I, a tensor of the forward layer that the derivative needs in I2, the
 * gradient of the operand in O.  Where the operand lacks dimensions (it was broadcast), they are summed.  One table says by
 * the file's own name of the function what its derivative reads and how many operations a point takes, counted as in
 * vector_ops.c; a function that is not listed reads its input and takes one operation more than forward.      */
#include <string.h>

#include "workload/backward_operator.h"
#include "workload/vector_ops.h"

typedef enum need { STOPS, PASSES, SCALES, OTHER, INPUT, OUTPUT, QUOTIENT } need;

static const struct rule { const char *name; need reads; int64_t ops; } RULE[] = {
    /* sums and copies; straight through quantisers */
    {"Add", PASSES, 0}, {"Sub", PASSES, 0}, {"Sum", PASSES, 0}, {"QLinearAdd", PASSES, 0}, {"reduce_sum", PASSES, 0},
    {"Resize", PASSES, 0}, {"Upsample", PASSES, 0}, {"QuantizeLinear", PASSES, 0}, {"DequantizeLinear", PASSES, 0},
    {"Neg", SCALES, 1}, {"Mean", SCALES, 1}, {"ReduceSum", SCALES, 1}, {"ReduceMean", SCALES, 1},
    {"RotaryEmbedding", SCALES, 3},
    /* products */
    {"Mul", OTHER, 1}, {"QLinearMul", OTHER, 1}, {"reduce_prod", OTHER, 1}, {"Where", OTHER, 1}, {"Div", QUOTIENT, 2},
    /* functions whose derivative the output tells */
    {"Relu", OUTPUT, 1}, {"Clip", OUTPUT, 2}, {"LeakyRelu", OUTPUT, 2}, {"QLinearLeakyRelu", OUTPUT, 2}, {"Elu", OUTPUT, 3},
    {"Celu", OUTPUT, 3}, {"Selu", OUTPUT, 3}, {"HardSigmoid", OUTPUT, 2}, {"Sigmoid", OUTPUT, 3}, {"QLinearSigmoid", OUTPUT, 3},
    {"Tanh", OUTPUT, 3}, {"Exp", OUTPUT, 1}, {"Sqrt", OUTPUT, 3}, {"Reciprocal", OUTPUT, 3},
    /* functions whose derivative needs the input */
    {"Gelu", INPUT, 14}, {"FastGelu", INPUT, 14}, {"BiasGelu", INPUT, 15}, {"QuickGelu", INPUT, 8}, {"Silu", INPUT, 8},
    {"Swish", INPUT, 8}, {"Mish", INPUT, 15}, {"HardSwish", INPUT, 4}, {"Softplus", INPUT, 5}, {"Erf", INPUT, 7},
    {"Pow", INPUT, 9}, {"Log", INPUT, 2}, {"Abs", INPUT, 1}, {"Sin", INPUT, 5}, {"Cos", INPUT, 6}, {"PRelu", INPUT, 2},
    {"Min", INPUT, 2}, {"Max", INPUT, 2}, {"MaxPool", INPUT, 2}, {"GlobalMaxPool", INPUT, 2}, {"ReduceMax", INPUT, 2},
    {"ReduceMin", INPUT, 2},
    /* windows that take means */
    {"pool", SCALES, 1}, {"AveragePool", SCALES, 1}, {"GlobalAveragePool", SCALES, 1}, {"QLinearAveragePool", SCALES, 1},
    {"QLinearGlobalAveragePool", SCALES, 1},
    /* rows: the row's mean of gradient times output, then the difference; normalisations have two such means */
    {"softmax", OUTPUT, 4}, {"Softmax", OUTPUT, 4}, {"LogSoftmax", OUTPUT, 7}, {"norm", INPUT, 11},
    {"LayerNormalization", INPUT, 11}, {"GroupNormalization", INPUT, 11}, {"InstanceNormalization", INPUT, 11},
    {"BatchNormalization", INPUT, 11}, {"MeanVarianceNormalization", INPUT, 10}, {"RMSNormalization", INPUT, 8},
    {"SimplifiedLayerNormalization", INPUT, 8}, {"SkipLayerNormalization", INPUT, 12},
    {"SkipSimplifiedLayerNormalization", INPUT, 9},
    /* steps: nothing comes back */
    {"Equal", STOPS, 0}, {"Less", STOPS, 0}, {"Greater", STOPS, 0}, {"LessOrEqual", STOPS, 0}, {"GreaterOrEqual", STOPS, 0},
    {"And", STOPS, 0}, {"Or", STOPS, 0}, {"Xor", STOPS, 0}, {"Not", STOPS, 0}, {"Floor", STOPS, 0}, {"Ceil", STOPS, 0},
    {"Round", STOPS, 0}, {"Sign", STOPS, 0}, {"IsNaN", STOPS, 0}, {"IsInf", STOPS, 0}, {"ArgMax", STOPS, 0},
    {"ArgMin", STOPS, 0}, {"Hardmax", STOPS, 0}, {"BitShift", STOPS, 0}, {"BitwiseAnd", STOPS, 0}, {"BitwiseOr", STOPS, 0},
    {"BitwiseXor", STOPS, 0}, {"BitwiseNot", STOPS, 0},
};

static struct rule rule_of(const hd_layer *layer)
{
    for (size_t i = 0; i < sizeof RULE / sizeof *RULE; i++)
        if (strcmp(RULE[i].name, layer->op_name) == 0) return RULE[i];
    if (layer->op.kind == HD_ELTWISE && layer->op.tensor[HD_I2].used && strcmp(layer->op_name, "eltwise") == 0)
        return (struct rule){"eltwise", PASSES, 0}; /* operator lists call a sum so */
    return (struct rule){"", INPUT, layer->op.ops_per_point + 1};
}

/* The role whose tensor the derivative reads, or HD_READS_NOTHING. */
static int saved_role(const hd_layer *layer, hd_role wrt, need reads)
{
    const hd_operator *op = &layer->op;
    int other = wrt == HD_I ? HD_I2 : HD_I;
    if (reads == QUOTIENT) reads = wrt == HD_I ? OTHER : OUTPUT;
    if (reads == OTHER) return op->tensor[other].used ? other : HD_READS_NOTHING;
    if (reads == INPUT) return HD_I;
    return reads == OUTPUT ? HD_O : HD_READS_NOTHING;
}

static bool lacks_dims(const hd_operator *op, hd_role role, hd_role of)
{
    return (hd_tensor_dims(op, of) & ~hd_tensor_dims(op, role)) != 0;
}

/* The product of the operands in a stack without the one asked for, times the gradient. */
static hd_status of_factor(const hd_layer *layer, hd_gradient *out, hd_error *err)
{
    hd_operator *op = &out->op;
    int e = hd_operator_dim(op, "E");
    if (e < 0 || op->dim[e].extent < 2) {
        out->form = HD_GRADIENT_PASSES;
        return HD_OK;
    }
    op->dim[e].extent--;
    for (int r = 0; r < op->tensor[HD_I].ranks; r++)
        if (op->tensor[HD_I].rank[r].term[0].dim == e) op->tensor[HD_I].rank[r].extent--;
    op->tensor[HD_I2] = layer->op.tensor[HD_O];
    out->reads[HD_I] = HD_I;
    out->reads[HD_I2] = HD_READS_GRADIENT;
    return hd_operator_check(op, err);
}

hd_status hd_backward_vector(const hd_layer *layer, hd_role wrt, bool stacked, hd_gradient *out, hd_error *err)
{
    const hd_operator *forward = &layer->op;
    struct rule rule = rule_of(layer);
    bool sums = lacks_dims(forward, wrt, HD_O);
    int saved = saved_role(layer, wrt, rule.reads);
    *out = (hd_gradient){.form = HD_GRADIENT_WORKS, .op = *forward,
                         .reads = {HD_READS_NOTHING, HD_READS_GRADIENT, HD_READS_NOTHING, saved}};
    if (stacked && rule.reads == OTHER) return of_factor(layer, out, err);
    bool same = !sums && !lacks_dims(forward, HD_O, wrt);
    if (rule.reads == STOPS || (rule.reads == PASSES && (same || stacked))) {
        out->form = rule.reads == STOPS ? HD_GRADIENT_STOPS : HD_GRADIENT_PASSES;
        return HD_OK;
    }
    hd_operator *op = &out->op;
    op->tensor[HD_I] = forward->tensor[HD_O];
    op->tensor[HD_O] = forward->tensor[wrt];
    op->tensor[HD_I2] = (hd_tensor){0};
    if (saved >= 0) op->tensor[HD_I2] = forward->tensor[saved];
    if (forward->kind == HD_ELTWISE || forward->kind == HD_REDUCE_SUM) op->kind = sums ? HD_REDUCE_SUM : HD_ELTWISE;
    op->ops_per_point = rule.ops + sums;
    if (op->ops_per_point == 0) op->ops_per_point = 1; /* a copy to every word of a broadcast */
    op->extra_reads = op->fused_ops = 0;
    return hd_operator_check(op, err);
}
