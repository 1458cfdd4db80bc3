/* How many vector operations does an output of an element-wise or row-wise operator take?
 *
 * The unit is one add, multiply, compare or select.  Estimates, said once: exp, log and the like
 * count 4 (a short polynomial), a division or root 2, tanh and erf 6; composed functions add up their parts.
 * What is not listed counts 1 (add, mul, max, relu, compare, quantise shifts, a step of a window).            */
#include "workload/vector_ops.h"

#include <stddef.h>
#include <string.h>

static const struct entry { const char *name; int64_t ops; } table[] = {
    {"Div", 2},            {"Reciprocal", 2},      {"Sqrt", 2},            {"Mod", 2},
    {"Exp", 4},            {"Log", 4},             {"Sin", 4},             {"Cos", 4},
    {"Tan", 6},            {"Tanh", 6},            {"Erf", 6},             {"Pow", 8},
    {"Sigmoid", 4},        {"Swish", 5},           {"Silu", 5},            {"QuickGelu", 5},
    {"Gelu", 8},           {"FastGelu", 8},        {"BiasGelu", 9},        {"Mish", 11},
    {"Softplus", 5},       {"Softsign", 3},        {"Elu", 6},             {"Celu", 7},
    {"Selu", 7},           {"HardSigmoid", 4},     {"HardSwish", 5},       {"LeakyRelu", 2},
    {"PRelu", 2},          {"ThresholdedRelu", 2}, {"Clip", 2},            {"ReluGrad", 1},
    {"BatchNormalization", 2}, {"QuantizeLinear", 3}, {"DequantizeLinear", 2}, {"LRN", 2},
    {"Softmax", 8},        {"LogSoftmax", 8},      {"Hardmax", 2},
    {"LayerNormalization", 8}, {"GroupNormalization", 8}, {"InstanceNormalization", 8},
    {"MeanVarianceNormalization", 8}, {"RMSNormalization", 6}, {"SimplifiedLayerNormalization", 6},
    {"SkipLayerNormalization", 9}, {"SkipSimplifiedLayerNormalization", 7}, {"LpNormalization", 6},
};

int64_t hd_vector_ops(const char *op_name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, op_name) == 0) return table[i].ops;
    return 1;
}
