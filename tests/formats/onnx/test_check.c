/* Graphs that are none, and attributes of another kind: is each told by its node, with what was found? */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

/* What a case adds to an input x of 1,3,8,8 and weights w of 4,3,3,3; nodes as "OP|inputs|outputs|attributes". */
typedef struct spoiled { const char *name, *constant, *constant_name, *node[2], *says; } spoiled;

static const spoiled CASES[] = {
    {"nobody", NULL, NULL, {"Relu|nope|y|"}, "node 'y' (Relu): its input 'nope' is made by no node"},
    {"two makers", NULL, NULL, {"Relu|x|y|", "Neg|x|y|"}, "node 'y' (Neg): its output 'y' is made by node 'y' (Relu), too"},
    {"over weights", NULL, NULL, {"Relu|x|w|"}, "its output 'w' is an initializer"},
    {"over the input", NULL, NULL, {"Relu|w|x|"}, "its output 'x' is an input"},
    {"cycle", NULL, NULL, {"Add|x b|a|", "Relu|a|b|"}, "cycle"},
    {"one operand", NULL, NULL, {"Conv|x|y|"}, "node 'y' (Conv): its operand 2 is absent; expected 2 operands"},
    {"omitted", NULL, NULL, {"Conv|- w|y|"}, "its operand 1 is absent"},
    {"kind of list", NULL, NULL, {"Conv|x w|y|strides=SAME"}, "attribute strides: expected a list of whole numbers"},
    {"kind of number", NULL, NULL, {"Conv|x w|y|group=SAME"}, "attribute group: expected a whole number"},
    {"kind of text", NULL, NULL, {"Conv|x w|y|auto_pad=3"}, "attribute auto_pad: expected a text"},
    {"unknown padding", NULL, NULL, {"Conv|x w|y|auto_pad=SAME_SIDE"}, "SAME_UPPER, SAME_LOWER or VALID"},
    {"other kernel", NULL, NULL, {"Conv|x w|y|kernel_shape=5,5"}, "kernel_shape holds 5 where the weights have 3"},
    {"parts", NULL, NULL, {"Split|x|a b|axis=1 split=1,1"}, "its parts leave 1 of 3 along axis 1"},
    {"no axis", NULL, NULL, {"Concat|x x|y|"}, "it has no attribute axis"},
    {"run time", NULL, NULL, {"Reshape|x x1|z|", "MatMul|z w2|y|"}, "(Reshape) needs the values of 'x1', which come at run time"},
    {"no values", "1.0,192.0", "s", {"Reshape|x s|z|", "MatMul|z w2|y|"}, "(Reshape) needs the values of 's', which"},
};

static void add_node(model *m, const char *line)
{
    char text[128], *part[4], *at = text;
    snprintf(text, sizeof text, "%s", line);
    for (int i = 0; i < 4; i++) {
        part[i] = at;
        at = strchr(at, '|');
        if (at) *at++ = '\0';
        else at = part[i] + strlen(part[i]);
    }
    model_node(m, part[0], part[1], part[2], part[3]);
}

static void spoiled_graphs_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const spoiled *c = &CASES[i];
        model m;
        hd_onnx_graph g;
        hd_error err = {0};
        model_begin(&m, 12);
        model_input(&m, "x", "1,3,8,8");
        model_input(&m, "x1", "2");
        model_weight(&m, "w", "4,3,3,3");
        model_weight(&m, "w2", "192,5");
        if (c->constant) model_constant(&m, c->constant_name, c->constant);
        for (int k = 0; k < 2 && c->node[k]; k++) add_node(&m, c->node[k]);
        hd_status status = model_load(&m, NULL, &g, &err);
        if (status == HD_OK) fail_msg("%s: accepted", c->name);
        if (!strstr(err.message, c->says)) fail_msg("%s: %s", c->name, err.message);
    }
}

/* A terminal would obey them. */
static void names_are_shown_without_control_characters(void **state)
{
    (void)state;
    model m;
    hd_onnx_graph g;
    hd_error err = {0};
    model_begin(&m, 12);
    model_input(&m, "x", "1,3,8,8");
    model_node(&m, "Relu", "\033[31mnope", "y", "");
    assert_int_equal(model_load(&m, NULL, &g, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "'?[31mnope'"));
    assert_null(strchr(err.message, '\033'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(spoiled_graphs_are_named),
                                       cmocka_unit_test(names_are_shown_without_control_characters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
