/* Do operators come back from Timeloop's problem format, and is what it lacks refused? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"

/* conv, C 4, M 8, P 6, R 3, stride 2, dilation 3. */
static hd_operator sliding(void) {
    hd_operator op = {.kind = HD_CONV, .dims = 4, .dim = {{"C", 4}, {"M", 8}, {"P", 6}, {"R", 3}}};
    op.tensor[HD_W] = (hd_tensor){.used = true, .ranks = 3, .bits = 16, .name = "Weights"};
    op.tensor[HD_I] = (hd_tensor){.used = true, .ranks = 2, .bits = 16, .name = "in\"puts"};
    op.tensor[HD_O] = (hd_tensor){.used = true, .ranks = 2, .bits = 16};
    op.tensor[HD_W].rank[0] = (hd_rank){1, {{0, 1}}, 0, 4};
    op.tensor[HD_W].rank[1] = (hd_rank){1, {{1, 1}}, 0, 8};
    op.tensor[HD_W].rank[2] = (hd_rank){1, {{3, 1}}, 0, 3};
    op.tensor[HD_I].rank[0] = (hd_rank){1, {{0, 1}}, 0, 4};
    op.tensor[HD_I].rank[1] = (hd_rank){2, {{3, 3}, {2, 2}}, 0, 17};
    op.tensor[HD_O].rank[0] = (hd_rank){1, {{1, 1}}, 0, 8};
    op.tensor[HD_O].rank[1] = (hd_rank){1, {{2, 1}}, 0, 6};
    return op;
}

static void write_or_fail(const hd_operator *op, hd_text *text) {
    hd_error err;
    hd_text_init(text, NULL, 0);
    if (hd_operator_check(op, &err) != HD_OK || hd_timeloop_write_problem(op, "layer 1", text, &err) != HD_OK)
        fail_msg("%s", err.message);
}

static hd_timeloop *read_text(const hd_text *text, hd_arena *arena) {
    hd_timeloop_text one = {"written", text->data, text->length};
    return corpus_read(&one, 1, arena);
}

static void operators_come_back(void **state) {
    (void)state;
    hd_operator op = sliding();
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_text text;
    write_or_fail(&op, &text);
    const hd_timeloop *tl = read_text(&text, arena);
    assert_true(hd_operator_equal(&tl->op, &op));
    assert_string_equal(tl->op.tensor[HD_I].name, "in\"puts");
    assert_string_equal(hd_tensor_name(&tl->op, HD_O), "O");
    assert_string_equal(tl->name, "layer 1");
    assert_null(strchr(text.data, '#'));
    hd_text_free(&text);
    hd_arena_free(arena);
}

/* Padding and fused work are not Timeloop's: a comment says so, the rest comes back. */
static void losses_are_named(void **state) {
    (void)state;
    hd_operator op = sliding(), bare = op;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_text text;
    op.tensor[HD_I].rank[1].offset = -2;
    op.tensor[HD_I].rank[1].extent = 13;
    op.fused_ops = 48;
    write_or_fail(&op, &text);
    assert_non_null(strstr(text.data, "# padding is not said here"));
    assert_non_null(strstr(text.data, "# work fused into this operator is not said here"));
    assert_true(hd_operator_equal(&read_text(&text, arena)->op, &bare));
    hd_text_free(&text);
    hd_arena_free(arena);
}

static void refuse(const hd_operator *op, const char *part) {
    hd_text text;
    hd_error err;
    hd_text_init(&text, NULL, 0);
    assert_int_equal(hd_timeloop_write_problem(op, "", &text, &err), HD_ERR_USAGE);
    if (!strstr(err.message, part)) fail_msg("found: %s; expected: %s", err.message, part);
    hd_text_free(&text);
}

static void what_the_format_lacks_is_refused(void **state) {
    (void)state;
    hd_operator op = sliding();
    op.tensor[HD_W].bits = 8;
    refuse(&op, "tensors of different bits");
    op = sliding();
    op.partial_bits = 32;
    refuse(&op, "tensors of different bits");
    op = sliding();
    op.vector = true;
    refuse(&op, "vector operators");
    op = sliding();
    memcpy(op.dim[0].name, "CI", 3);
    refuse(&op, "longer than one letter");
    op = sliding();
    op.tensor[HD_O].used = false;
    refuse(&op, "without output");
    op = sliding();
    op.tensor[HD_O].rank[1].terms = 0;
    refuse(&op, "depends on no dimension");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_come_back),
        cmocka_unit_test(losses_are_named),
        cmocka_unit_test(what_the_format_lacks_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
