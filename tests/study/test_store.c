/* Does a comparison that goes on from a file give what one run gives, are damaged lines passed over, and is a stored
 * contradiction looked at again before it is believed? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "study/overhead.h"
#include "study_net.h"

typedef struct place { char path[64]; } place;

static int make_place(void **state)
{
    static place p;
    snprintf(p.path, sizeof p.path, "/tmp/heddle-store-XXXXXX");
    int file = mkstemp(p.path);
    *state = &p;
    return file < 0 || close(file) != 0;
}

static int drop_place(void **state) { return unlink(((place *)*state)->path); }

static hd_store *open_store(const char *path)
{
    hd_store *s = NULL;
    hd_error err = {0};
    assert_int_equal(hd_store_open(path, &s, &err), HD_OK);
    return s;
}

static hd_run sample(double cost)
{
    return (hd_run){true, HD_OUTCOME_IMPROVED, cost, 1.0 / 3, 0.25, cost, 7e15, 123456789012, false};
}

static void answers_come_back_exactly(void **state)
{
    const place *p = *state;
    hd_error err = {0};
    hd_run first = sample(0.1), second = sample(1e300), none = {.outcome = HD_OUTCOME_INFEASIBLE, .cost = INFINITY}, got;
    hd_store *s = open_store(p->path);
    assert_false(hd_store_find(s, "a", &got));
    assert_int_equal(hd_store_add(s, "a", &first, &err), HD_OK);
    assert_int_equal(hd_store_add(s, "b \"quoted\"", &none, &err), HD_OK);
    assert_int_equal(hd_store_add(s, "a", &second, &err), HD_OK);
    for (int again = 0; again < 2; again++) { /* from memory, then from the file */
        assert_true(hd_store_find(s, "a", &got));
        assert_true(got.cost == 1e300 && got.lower_bound == 1.0 / 3 && got.cycles == 7e15 && got.evaluations == 123456789012);
        assert_true(got.found && got.outcome == HD_OUTCOME_IMPROVED && got.seconds == 0.25);
        assert_true(hd_store_find(s, "b \"quoted\"", &got));
        assert_true(!got.found && isinf(got.cost) && got.outcome == HD_OUTCOME_INFEASIBLE);
        assert_false(hd_store_find(s, "c", &got));
        hd_store_close(s);
        s = open_store(p->path);
        assert_int_equal(hd_store_damaged(s), 0);
    }
    hd_store_close(s);
}

/* The file with one byte changed, and with its end cut off. */
static void damaged_lines_are_passed_over(void **state)
{
    const place *p = *state;
    char text[4096];
    hd_error err = {0};
    hd_run run = sample(5), got;
    hd_store *s = open_store(p->path);
    for (int i = 0; i < 3; i++) assert_int_equal(hd_store_add(s, (const char *[]){"a", "b", "c"}[i], &run, &err), HD_OK);
    hd_store_close(s);
    FILE *file = fopen(p->path, "rb");
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    char *second = strchr(text, '\n') + 1, *cost = strstr(second, "\"cost\": 5");
    cost[8] = '4'; /* still JSON */
    file = fopen(p->path, "wb");
    assert_true(fwrite(text, 1, length - 20, file) == length - 20);
    fclose(file);
    s = open_store(p->path);
    assert_int_equal(hd_store_damaged(s), 2);
    assert_true(hd_store_find(s, "a", &got));
    assert_false(hd_store_find(s, "b", &got));
    assert_false(hd_store_find(s, "c", &got));
    assert_int_equal(hd_store_add(s, "d", &run, &err), HD_OK); /* not into the line that was cut */
    hd_store_close(s);
    s = open_store(p->path);
    assert_true(hd_store_find(s, "d", &got) && hd_store_damaged(s) == 2);
    hd_store_close(s);
}

static hd_overheads *bench(study_net *w, hd_store *store, int threads)
{
    static const hd_method method[] = {{.solver = &hd_solver_descend}, {.solver = &hd_solver_random, .like = 1}};
    hd_error err = {0};
    hd_overheads *x = NULL;
    const hd_network *net = &w->net;
    const hd_arch *chip[] = {&w->arch, &w->narrow};
    hd_overhead_options o = {.plan = w->options, .judge = {.solver = &hd_solver_optimal}, .methods = 2, .method = method,
                             .store = store};
    o.plan.threads = threads;
    assert_int_equal(hd_overheads_run(&net, 1, chip, 2, &o, &x, &err), HD_OK);
    assert_int_equal(x->odd, -1);
    return x;
}

static char *words_of(study_net *w, hd_store *store, int threads)
{
    hd_text text;
    hd_overheads *x = bench(w, store, threads);
    hd_text_init(&text, NULL, 0);
    hd_overheads_json(x, true, "0", &text);
    hd_overheads_free(x);
    return text.data;
}

/* Any first part of the file is what an interrupt may leave. */
static void going_on_gives_the_same(void **state)
{
    const place *p = *state;
    study_net w;
    char all[16384];
    study_net_make(&w);
    char *plain = words_of(&w, NULL, 1);
    hd_store *s = open_store(p->path);
    char *stored = words_of(&w, s, 1);
    assert_string_equal(plain, stored);
    hd_store_close(s);
    FILE *file = fopen(p->path, "rb");
    size_t length = fread(all, 1, sizeof all, file);
    fclose(file);
    assert_true(length > 0 && length < sizeof all);
    for (size_t part = 0; part <= 4; part++) {
        file = fopen(p->path, "wb");
        assert_true(fwrite(all, 1, length * part / 4, file) == length * part / 4);
        fclose(file);
        s = open_store(p->path);
        char *again = words_of(&w, s, 1 + (int)(part % 2));
        assert_string_equal(plain, again);
        free(again);
        hd_store_close(s);
    }
    free(plain);
    free(stored);
}

/* A stored cost below what is proved is a wrong file, not a wrong bound: all is run again, and said to be fine. */
static void contradictions_are_run_again(void **state)
{
    const place *p = *state;
    study_net w;
    hd_error err = {0};
    hd_run lie = {.found = true, .outcome = HD_OUTCOME_IMPROVED, .cost = 1, .energy_pj = 1, .cycles = 1, .evaluations = 300}, got;
    hd_text question;
    study_net_make(&w);
    hd_plan_options o = w.options;
    o.solver = &hd_solver_descend;
    o.evaluations = w.options.evaluations;
    o.cpu = true;
    hd_text_init(&question, NULL, 0);
    hd_store_question(&w.layer[0].op, &w.arch, &o, &question);
    hd_store *s = open_store(p->path);
    assert_int_equal(hd_store_add(s, question.data, &lie, &err), HD_OK);
    hd_overheads *x = bench(&w, s, 1);
    assert_true(x->contest[0].method[0].cost > 1 && !x->contest[0].odd);
    assert_true(hd_store_find(s, question.data, &got) && got.cost > 1); /* the later line holds */
    hd_overheads_free(x);
    hd_text_free(&question);
    hd_store_close(s);
}

static void questions_tell_all_apart(void **state)
{
    (void)state;
    study_net w;
    hd_text text[6];
    study_net_make(&w);
    for (int i = 0; i < 6; i++) {
        hd_plan_options o = w.options;
        o.solver = i == 1 ? &hd_solver_random : &hd_solver_descend;
        if (i == 2) o.seed++;
        if (i == 3) o.evaluations++;
        if (i == 4) o.objective = HD_EDP;
        hd_text_init(&text[i], NULL, 0);
        hd_store_question(&w.layer[0].op, i == 5 ? &w.narrow : &w.arch, &o, &text[i]);
        for (int k = 0; k < i; k++) assert_string_not_equal(text[i].data, text[k].data);
    }
    for (int i = 0; i < 6; i++) hd_text_free(&text[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_come_back_exactly, make_place, drop_place),
        cmocka_unit_test_setup_teardown(damaged_lines_are_passed_over, make_place, drop_place),
        cmocka_unit_test_setup_teardown(going_on_gives_the_same, make_place, drop_place),
        cmocka_unit_test_setup_teardown(contradictions_are_run_again, make_place, drop_place),
        cmocka_unit_test(questions_tell_all_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
