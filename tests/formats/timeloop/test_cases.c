/* Does heddle give Timeloop's numbers for Timeloop's files?  Every recorded case and fuzz record is read,
 * priced by the model timeloop and compared; invalid ones must be refused for the recorded reason; written
 * out and read again, all must price the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "corpus.h"
#include "cost/model.h"

typedef struct judge {
    const corpus_case *c;
    int valid, invalid, compared, wrong;
    double settings[16];
} judge;

#define MODEL (&hd_model_timeloop)

__attribute__((format(printf, 2, 3))) static void differs(judge *j, const char *format, ...) {
    va_list arguments;
    if (j->wrong++ >= 40) return;
    print_error("%s: ", j->c->name);
    va_start(arguments, format);
    vprint_error(format, arguments);
    va_end(arguments);
    print_error("\n");
}

/* ---- the environment that was set becomes the model's options ---- */

static void set_option(judge *j, const char *name, double value) {
    for (int i = 0; MODEL->options[i].name; i++)
        if (strcmp(MODEL->options[i].name, name) == 0) {
            j->settings[i] = value;
            return;
        }
    fail_msg("the model timeloop has no option %s", name);
}

static void apply_environment(judge *j, hd_problem *p) {
    static const struct {
        const char *variable, *option;
        bool inverted;
    } known[] = {{"TIMELOOP_DISABLE_LINK_TRANSFERS", "link_transfers", true},
                 {"TIMELOOP_ENABLE_FIRST_READ_ELISION", "first_read_elision", false},
                 {"TIMELOOP_ENABLE_TOROIDAL_LINKS", "toroidal_links", false}};
    const char *variable;
    json_t *value;
    for (int i = 0; MODEL->options[i].name; i++) j->settings[i] = MODEL->options[i].standard;
    json_object_foreach(json_object_get(j->c->expect, "env"), variable, value) {
        bool on = json_is_string(value) ? strcmp(json_string_value(value), "0") != 0
                                        : json_number_value(value) != 0;
        size_t k = 0;
        while (k < 3 && strcmp(variable, known[k].variable) != 0) k++;
        if (k == 3) fail_msg("%s: unknown variable %s", j->c->name, variable);
        set_option(j, known[k].option, on != known[k].inverted);
    }
    p->settings = j->settings;
}

/* ---- counts ---- */

static double number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* `total` over `used` instances against the tool's average per instance, rounded where it is not whole. */
static void compare_count(judge *j, const char *level, const char *tensor, const char *what, int64_t total,
                          int64_t used, double average) {
    bool same = total % used == 0 ? (double)(total / used) == average
                                  : fabs((double)total / (double)used - average) < 1;
    j->compared++;
    if (!same)
        differs(j, "%s %s %s: %lld over %lld instances, expected %.17g each", level, tensor, what,
                (long long)total, (long long)used, average);
}

static void compare_whole(judge *j, const char *level, const char *tensor, const char *what, int64_t found,
                          double expected) {
    j->compared++;
    if ((double)found != expected)
        differs(j, "%s %s %s: %lld, expected %.17g", level, tensor, what, (long long)found, expected);
}

/* The tool prints two decimals. */
static void compare_energy(judge *j, const char *level, const char *tensor, double found, double expected) {
    j->compared++;
    if (!(fabs(found - expected) <= 1e-4 * fabs(expected) + 0.005))
        differs(j, "%s %s energy: %.10g pJ, expected %.10g", level, tensor, found, expected);
}

static void compare_tensor(judge *j, const hd_timeloop *tl, const hd_breakdown *b, int l, int r,
                           const json_t *e) {
    const char *level = tl->arch.level[l].name, *tensor = hd_tensor_name(&tl->op, (hd_role)r);
    const hd_access *a = &b->access[l][r];
    int64_t used = b->instances_used[l];
    compare_whole(j, level, tensor, "utilized_instances", used, number(e, "utilized_instances"));
    compare_whole(j, level, tensor, "utilized_capacity", b->tile_words[l][r], number(e, "utilized_capacity"));
    compare_count(j, level, tensor, "reads", a->reads, used, number(e, "reads"));
    compare_count(j, level, tensor, "fills", a->fills, used, number(e, "fills"));
    compare_count(j, level, tensor, "updates", a->updates, used, number(e, "updates"));
    compare_energy(j, level, tensor, b->level_pj[l][r], number(e, "energy_total_pj"));
}

static void compare_level(judge *j, const hd_timeloop *tl, const hd_breakdown *b, const json_t *e) {
    int l = hd_arch_level(&tl->arch, json_string_value(json_object_get(e, "name")));
    if (l < 0) {
        differs(j, "there is no level %s", json_string_value(json_object_get(e, "name")));
        return;
    }
    if (l == tl->arch.levels - 1) {
        compare_whole(j, tl->arch.level[l].name, "", "utilized_instances", b->instances_used[l],
                      number(e, "utilized_instances"));
        compare_whole(j, tl->arch.level[l].name, "", "computes", b->computes, number(e, "computes_total"));
        compare_energy(j, tl->arch.level[l].name, "", b->mac_pj, number(e, "energy_total_pj"));
        return;
    }
    for (int r = 0; r < HD_ROLES; r++) {
        if (!tl->op.tensor[r].used) continue;
        const json_t *t = json_object_get(json_object_get(e, "tensors"), hd_tensor_name(&tl->op, (hd_role)r));
        const hd_access *a = &b->access[l][r];
        if (t)
            compare_tensor(j, tl, b, l, r, t);
        else if (a->reads || a->fills || a->updates)
            differs(j, "%s: a bypassed tensor is counted", tl->arch.level[l].name);
    }
}

/* Hops of deliveries and of what neighbours forward; fuzz records leave zeros out. */
static double network_energy(const json_t *tensor) {
    const char *const part[] = {"energy_total_pj", "link_transfer_energy_total_pj",
                                "spatial_reduction_energy_total_pj"};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        if (json_object_get(tensor, part[i])) sum += number(tensor, part[i]);
    return sum;
}

/* "GLB <==> RF": the network into RF. */
static void compare_network(judge *j, const hd_timeloop *tl, const hd_breakdown *b, const json_t *e) {
    const char *name = json_string_value(json_object_get(e, "name")), *inner = strstr(name, "<==> ");
    int l = inner ? hd_arch_level(&tl->arch, inner + 5) : -1;
    if (l < 0) differs(j, "there is no network %s", name);
    for (int r = 0; r < HD_ROLES && l >= 0; r++) {
        const char *tensor = hd_tensor_name(&tl->op, (hd_role)r);
        const json_t *t = json_object_get(json_object_get(e, "tensors"), tensor);
        if (tl->op.tensor[r].used && t)
            compare_energy(j, name, tensor, b->network_pj[l][r], network_energy(t));
    }
}

/* ---- the model's own numbers, by Timeloop's own names ---- */

typedef struct facts {
    judge *j;
    const hd_timeloop *tl;
    int seen;
} facts;

static const json_t *member_named(const json_t *list, const char *end) {
    const json_t *item;
    size_t i;
    json_array_foreach(list, i, item) {
        const char *name = json_string_value(json_object_get(item, "name"));
        size_t length = strlen(name), tail = strlen(end);
        if (length >= tail && strcmp(name + length - tail, end) == 0 &&
            (length == tail || name[length - tail - 1] == ' '))
            return item;
    }
    return NULL;
}

static const json_t *place_of(const facts *f, const hd_fact *fact) {
    const json_t *e = f->j->c->expect;
    if (fact->level < 0) return e;
    e = member_named(json_object_get(e, fact->network ? "networks" : "levels"),
                     f->tl->arch.level[fact->level].name);
    if (fact->role < 0) return e;
    return json_object_get(json_object_get(e, "tensors"), hd_tensor_name(&f->tl->op, (hd_role)fact->role));
}

/* Averages are whole there, other numbers have two decimals. */
static void compare_fact(void *user, const hd_fact *fact) {
    facts *f = user;
    const char *key = strcmp(fact->name, "multicast") == 0 ? "multicast_factor" : fact->name;
    double expected = number(place_of(f, fact), key),
           tolerance = expected == floor(expected) ? 0.9999 : 0.00501;
    if (strcmp(key, "cycles") == 0 || strcmp(key, "computes") == 0) tolerance = 0;
    if (isnan(expected)) return;
    f->seen++;
    f->j->compared++;
    if (!(fabs(fact->value - expected) <= tolerance + 1e-9 * fabs(expected)))
        differs(f->j, "%s %s %s: the fact is %.10g, expected %.10g",
                fact->level < 0 ? "" : f->tl->arch.level[fact->level].name,
                fact->role < 0 ? "" : hd_tensor_name(&f->tl->op, (hd_role)fact->role), key, fact->value,
                expected);
}

static void compare_facts(judge *j, const hd_timeloop *tl) {
    facts f = {j, tl, 0};
    MODEL->facts(&tl->problem, &tl->mapping, compare_fact, &f);
    if (f.seen < 20) differs(j, "only %d facts are known to the tool", f.seen);
}

static void compare_all(judge *j, const hd_timeloop *tl, const hd_breakdown *b) {
    const json_t *e = j->c->expect, *item;
    size_t i;
    json_array_foreach(json_object_get(e, "levels"), i, item) compare_level(j, tl, b, item);
    json_array_foreach(json_object_get(e, "networks"), i, item) compare_network(j, tl, b, item);
    compare_whole(j, "", "", "cycles", b->latency_cycles, number(e, "cycles"));
    compare_whole(j, "", "", "computes", b->computes, number(e, "computes"));
    if (json_object_get(e, "total_energy_pj"))
        compare_energy(j, "total", "", b->energy_pj, number(e, "total_energy_pj"));
}

/* ---- refusals ---- */

/* "couldn't map level L: mapped tile size A exceeds buffer capacity B", "... instances A exceeds hardware
 * instances B" */
static void compare_refusal(judge *j, const hd_timeloop *tl, const hd_refusal *why) {
    const char *error = json_string_value(json_object_get(j->c->expect, "error"));
    const char *exceeds = error ? strstr(error, " exceeds ") : NULL,
               *level = error ? strstr(error, "couldn't map level ") : NULL;
    long long need = 0, have = 0;
    if (!exceeds || !level || sscanf(strrchr(exceeds, ' '), "%lld", &have) != 1)
        fail_msg("%s: %s", j->c->name, error);
    for (const char *at = exceeds; at > error && need == 0; at--)
        if (at[-1] == ' ') sscanf(at, "%lld", &need);
    hd_refusal_kind kind = strstr(error, "capacity") ? HD_REFUSE_CAPACITY : HD_REFUSE_FANOUT;
    if (why->kind != kind || why->need != need || why->have != have)
        differs(j, "refused as '%s' (%lld > %lld), expected '%s'", why->why, (long long)why->need,
                (long long)why->have, error);
    const char *name = why->level >= 0 ? tl->arch.level[why->level].name : "";
    if (kind == HD_REFUSE_CAPACITY && strncmp(level + 19, name, strlen(name)) != 0)
        differs(j, "refused at level '%s', expected '%s'", name, error);
    j->invalid++;
}

/* ---- out and in again ---- */

static hd_timeloop *write_and_read(judge *j, const hd_timeloop *tl, hd_text text[3], hd_arena *arena) {
    hd_timeloop_text texts[3];
    hd_error err;
    for (int i = 0; i < 3; i++) hd_text_init(&text[i], NULL, 0);
    bool written = hd_timeloop_write_arch(&tl->arch, &text[0], &err) == HD_OK &&
                   hd_timeloop_write_problem(&tl->op, tl->name, &text[1], &err) == HD_OK &&
                   hd_timeloop_write_mapping(&tl->problem, &tl->mapping, &text[2], &err) == HD_OK;
    if (!written) {
        differs(j, "cannot be written: %s", err.message);
        return NULL;
    }
    for (int i = 0; i < 3; i++) texts[i] = (hd_timeloop_text){"written", text[i].data, text[i].length};
    return corpus_read(texts, 3, arena);
}

static void compare_prices(judge *j, const hd_breakdown *a, const hd_breakdown *b) {
    if (memcmp(a->access, b->access, sizeof a->access) != 0 ||
        memcmp(a->tile_words, b->tile_words, sizeof a->tile_words) != 0 ||
        memcmp(a->instances_used, b->instances_used, sizeof a->instances_used) != 0 ||
        a->computes != b->computes)
        differs(j, "written and read again, counts differ");
    if (a->latency_cycles != b->latency_cycles) differs(j, "written and read again, cycles differ");
    if (fabs(a->energy_pj - b->energy_pj) > 1e-9 * fabs(a->energy_pj))
        differs(j, "written and read again, %.17g pJ instead of %.17g", b->energy_pj, a->energy_pj);
}

static void round_trip(judge *j, const hd_timeloop *tl, const hd_breakdown *price, hd_arena *arena) {
    hd_text text[3];
    hd_refusal why;
    hd_breakdown again;
    hd_timeloop *back = write_and_read(j, tl, text, arena);
    if (back) {
        back->problem.settings = tl->problem.settings;
        if (!hd_scheme_equal(&tl->mapping, &back->mapping))
            differs(j, "written and read again, the scheme differs");
        if (!MODEL->fits(&back->problem, &back->mapping, &why))
            differs(j, "written and read again: %s", why.why);
        MODEL->price(&back->problem, &back->mapping, &again);
        compare_prices(j, price, &again);
    }
    for (int i = 0; i < 3; i++) hd_text_free(&text[i]);
}

/* ---- each ---- */

static void judge_case(const corpus_case *c, void *user) {
    judge *j = user;
    hd_arena *arena = hd_arena_new(NULL, 0);
    hd_refusal why;
    hd_breakdown price;
    j->c = c;
    hd_timeloop *tl = corpus_read(c->text, c->texts, arena);
    apply_environment(j, &tl->problem);
    bool valid = json_is_true(json_object_get(c->expect, "valid"));
    bool fits = tl->has_mapping && (!MODEL->serves || MODEL->serves(&tl->problem, &why)) &&
                hd_scheme_is_legal(&tl->problem, &tl->mapping, &why) &&
                MODEL->fits(&tl->problem, &tl->mapping, &why);
    if (valid && !fits)
        differs(j, "refused: %s", why.why);
    else if (!valid && fits)
        differs(j, "accepted, expected '%s'", json_string_value(json_object_get(c->expect, "error")));
    else if (!valid)
        compare_refusal(j, tl, &why);
    else {
        j->valid++;
        MODEL->price(&tl->problem, &tl->mapping, &price);
        compare_all(j, tl, &price);
        compare_facts(j, tl);
        round_trip(j, tl, &price, arena);
    }
    hd_arena_free(arena);
}

static void hand_made_cases_agree(void **state) {
    (void)state;
    judge j = {0};
    int count = corpus_each_case(judge_case, &j);
    print_message("%d cases, %d valid, %d invalid, %d numbers compared, %d differ\n", count, j.valid,
                  j.invalid, j.compared, j.wrong);
    assert_int_equal(j.wrong, 0);
    assert_true(count >= 26 && j.valid >= 24 && j.invalid >= 2);
}

static void fuzz_records_agree(void **state) {
    (void)state;
    judge j = {0};
    int count = corpus_each_fuzz(judge_case, &j);
    print_message("%d records, %d valid, %d numbers compared, %d differ\n", count, j.valid, j.compared,
                  j.wrong);
    assert_int_equal(j.wrong, 0);
    assert_true(count >= 200 && j.valid >= 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_made_cases_agree),
        cmocka_unit_test(fuzz_records_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
