/* Do the trees rank rows as their values do, the same way each time? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/random.h"
#include "learn/boost.h"

enum { ROWS = 300, COLUMNS = 4 };

typedef struct sample { float row[ROWS * COLUMNS], value[ROWS], score[ROWS]; } sample;

static void draw(sample *s, uint64_t seed)
{
    hd_random r;
    hd_random_seed(&r, seed, 0);
    for (int i = 0; i < ROWS; i++) {
        float *x = s->row + i * COLUMNS;
        for (int c = 0; c < COLUMNS; c++) x[c] = (float)hd_random_below(&r, 16);
        s->value[i] = 4 * x[0] + (x[1] > 7 ? 20 : 0) - x[2];
    }
}

static void learn(const sample *s, sample *ask)
{
    const hd_boost_options o = {.trees = 20, .depth = 3, .rate = 0.3, .least_gain = 1e-4, .ridge = 1, .seed = 5};
    hd_boost *boost = NULL;
    hd_error err = {0};
    assert_int_equal(hd_boost_train(&o, s->row, ROWS, COLUMNS, s->value, &boost, &err), HD_OK);
    assert_int_equal(hd_boost_score(boost, ask->row, ROWS, COLUMNS, ask->score, &err), HD_OK);
    hd_boost_free(boost);
}

static void ranks_rows_it_never_saw(void **state)
{
    (void)state;
    static sample s, ask;
    int right = 0, pairs = 0;
    draw(&s, 1);
    draw(&ask, 2);
    learn(&s, &ask);
    for (int i = 0; i < ROWS; i++)
        for (int j = 0; j < ROWS; j++) {
            if (!(ask.value[i] > ask.value[j])) continue;
            pairs++;
            right += ask.score[i] > ask.score[j];
        }
    assert_true(right > 0.85 * pairs);
}

static void same_input_same_scores(void **state)
{
    (void)state;
    static sample s, a, b;
    draw(&s, 3);
    draw(&a, 4);
    draw(&b, 4);
    learn(&s, &a);
    learn(&s, &b);
    assert_memory_equal(a.score, b.score, sizeof a.score);
}

static void equal_values_are_no_error(void **state)
{
    (void)state;
    static sample s;
    draw(&s, 6);
    for (int i = 0; i < ROWS; i++) s.value[i] = 1;
    learn(&s, &s);
    for (int i = 1; i < ROWS; i++) assert_true(s.score[i] == s.score[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_rows_it_never_saw), cmocka_unit_test(same_input_same_scores),
                                       cmocka_unit_test(equal_values_are_no_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
