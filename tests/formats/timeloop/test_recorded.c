/* What the tool's own search found: its mappings lie in the spaces that its constraint files leave, fit, and
 * cost what it said.  A space read too narrow, a table read wrong or a count off by one shows here. */
#include <glob.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "nest_text.h"

enum { MOST_FILES = 16 };

typedef struct found {
    const char *nest;
    double cycles, energy_pj;
    glob_t files;
    char name[128];
    int wrong;
} found;

static void add_files(found *f, const char *format, const char *name) {
    char pattern[256];
    snprintf(pattern, sizeof pattern, format, name);
    glob(pattern, f->files.gl_pathc ? GLOB_APPEND : 0, NULL, &f->files);
}

static hd_timeloop *read_all(const found *f, const char *mapping, hd_arena *arena) {
    hd_timeloop_text texts[MOST_FILES + 1];
    int count = 0;
    for (; count < (int)f->files.gl_pathc && count < MOST_FILES; count++)
        texts[count] = corpus_file(f->files.gl_pathv[count], arena);
    if (mapping) texts[count++] = (hd_timeloop_text){"mapping", mapping, strlen(mapping)};
    return corpus_read(texts, count, arena);
}

static void wrong(found *f, const char *what, const char *why) {
    print_error("%s: %s %s\n", f->name, what, why);
    f->wrong++;
}

/* In the space, legal, and fitting? */
static bool is_served(found *f, const hd_timeloop *tl) {
    const hd_model *model = &hd_model_timeloop;
    hd_refusal why;
    hd_space space;
    hd_space_init_for(&space, &tl->problem, model, HD_SPACE_FREE, tl->ragged, true);
    space.constraints = &tl->constraints;
    if (!hd_scheme_is_legal(&tl->problem, &tl->mapping, &why)) {
        wrong(f, "is not legal:", why.why);
        return false;
    }
    if (!hd_constraints_hold(&space, &tl->mapping, &why)) {
        wrong(f, "breaks its constraints:", why.why);
        return false;
    }
    for (int l = 1; l < tl->arch.levels; l++)
        for (int i = 0; i < tl->mapping.level[l].stacks; i++) {
            const hd_stack *s = &tl->mapping.level[l].stack[i];
            if (!(tl->unroll[l][s->axis] >> s->dim & 1u))
                wrong(f, "unrolls where it may not:", tl->op.dim[s->dim].name);
        }
    if (!model->fits(&tl->problem, &tl->mapping, &why)) {
        wrong(f, "does not fit:", why.why);
        return false;
    }
    return true;
}

static void compare(found *f, const hd_timeloop *tl) {
    hd_breakdown price;
    char numbers[128];
    if (!is_served(f, tl)) return;
    hd_model_timeloop.price(&tl->problem, &tl->mapping, &price);
    snprintf(numbers, sizeof numbers, "%lld cycles, %.10g pJ; expected %.10g, %.10g",
             (long long)price.latency_cycles, price.energy_pj, f->cycles, f->energy_pj);
    if ((double)price.latency_cycles != f->cycles ||
        fabs(price.energy_pj - f->energy_pj) > 1e-4 * f->energy_pj)
        wrong(f, "costs", numbers);
}

static void judge(found *f) {
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_text mapping;
    hd_text_init(&mapping, NULL, 0);
    hd_timeloop *space = read_all(f, NULL, arena);
    nest_text_to_mapping(f->nest, &space->op, &mapping);
    compare(f, read_all(f, mapping.data, arena));
    hd_text_free(&mapping);
    hd_arena_free(arena);
    globfree(&f->files);
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static void searches_agree(void **state) {
    (void)state;
    json_error_t error;
    size_t i;
    json_t *rows = json_load_file("tests/data/timeloop/mapper_results.json", 0, &error), *row;
    int wrongs = 0, count = 0;
    json_array_foreach(rows, i, row) {
        found f = {.nest = text_of(row, "map_txt"),
                   .cycles = json_number_value(json_object_get(row, "cycles")),
                   .energy_pj = json_number_value(json_object_get(row, "energy_pj"))};
        snprintf(f.name, sizeof f.name, "%s %s", text_of(row, "design"), text_of(row, "layer"));
        add_files(&f, "tests/data/timeloop/designs/%s/*.yaml", text_of(row, "design"));
        if (f.files.gl_pathc == 0) add_files(&f, "tests/data/timeloop/%s.yaml", text_of(row, "design"));
        assert_true(f.files.gl_pathc > 0);
        add_files(&f, "tests/data/timeloop/problems/%s.yaml", text_of(row, "layer"));
        judge(&f);
        wrongs += f.wrong;
        count++;
    }
    json_decref(rows);
    assert_true(count >= 21);
    assert_int_equal(wrongs, 0);
}

static void optima_agree(void **state) {
    (void)state;
    glob_t all = {0};
    json_error_t error;
    int wrongs = 0;
    glob("tests/data/timeloop/optimal/*/optimum.json", 0, NULL, &all);
    assert_true(all.gl_pathc >= 6);
    for (size_t i = 0; i < all.gl_pathc; i++) {
        json_t *best = json_load_file(all.gl_pathv[i], 0, &error);
        found f = {.nest = text_of(best, "best_map"),
                   .cycles = json_number_value(json_object_get(best, "cycles")),
                   .energy_pj = json_number_value(json_object_get(best, "energy_pj"))};
        snprintf(f.name, sizeof f.name, "%.*s", (int)(strrchr(all.gl_pathv[i], '/') - all.gl_pathv[i]),
                 all.gl_pathv[i]);
        add_files(&f, "%s/*.yaml", f.name);
        judge(&f);
        wrongs += f.wrong;
        json_decref(best);
    }
    globfree(&all);
    assert_int_equal(wrongs, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(searches_agree), cmocka_unit_test(optima_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
