/* Does JSON become the same tree as YAML? */
#include "syntax/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void values_come_through(void **state) {
    (void)state;
    static const char text[] = "{\"b\": [1, 2.5, \"t\", true, null], \"a\": {\"c\": -9007199254740993}}";
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_node *root;
    hd_error err;
    assert_int_equal(hd_json_read(text, sizeof text - 1, "t.json", arena, &root, &err), HD_OK);
    assert_string_equal(root->key[0]->text, "b");
    const hd_node *list = hd_node_get(root, "b");
    assert_int_equal(list->items, 5);
    assert_true(hd_node_is(list->item[1], "2.5"));
    assert_true(list->item[2]->quoted);
    assert_true(hd_node_is_null(list->item[4]));
    int64_t c;
    assert_int_equal(hd_node_int(hd_node_get(hd_node_get(root, "a"), "c"), "c", INT64_MIN, 0, &c, &err),
                     HD_OK);
    assert_true(c == -9007199254740993);
    hd_arena_free(arena);
}

static void broken_texts_have_places(void **state) {
    (void)state;
    static const char *const texts[] = {"", "{\"a\": 1,}", "{\"a\": 1, \"a\": 2}", "[1] [2]"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        hd_arena *arena = hd_arena_new(NULL, 0);
        hd_node *root;
        hd_error err;
        assert_int_equal(hd_json_read(texts[i], strlen(texts[i]), "t.json", arena, &root, &err),
                         HD_ERR_INPUT);
        assert_int_equal(err.line, 1);
        hd_arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_come_through),
                                       cmocka_unit_test(broken_texts_have_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
