/* Does every schedule come back exactly, and do broken ones fail with a place? */
#include "formats/heddle/schedule_yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/heddle/arch_yaml.h"
#include "formats/heddle/network_yaml.h"

static const char *const ARCHS[] = {"eyeriss", "tpu-v1", "gemmini", "simba-like", "kapla-edge"};

static void must(hd_status status, const hd_error *err) {
    if (status != HD_OK) fail_msg("%s:%d:%d: %s", err->file, err->line, err->column, err->message);
}

static const char *zoo_path(const char *file, char out[512]) {
    const char *zoo = getenv("HEDDLE_ZOO");
    snprintf(out, 512, "%s/%s", zoo ? zoo : "zoo", file);
    return out;
}

/* Any scheme that the form can say; legality is not the reader's question. */
static void random_scheme(hd_random *r, const hd_operator *op, int levels, hd_scheme *s) {
    memset(s, 0, sizeof *s);
    s->levels = levels;
    for (int l = 0; l < levels; l++) {
        hd_scheme_level *level = &s->level[l];
        level->keep = (unsigned)hd_random_below(r, 16);
        for (int d = 0; d < op->dims; d++)
            level->tensor[d] = 1 + hd_random_below(r, INT64_C(1) << (1 + l * 5));
        level->stacks = (int)hd_random_below(r, HD_MAX_STACKS + 1);
        level->updates = (int)hd_random_below(r, HD_MAX_UPDATES + 1);
        for (int i = 0; i < level->stacks; i++)
            level->stack[i] = (hd_stack){.dim = (int)hd_random_below(r, op->dims),
                                         .axis = (int)hd_random_below(r, 2),
                                         .shift = 1 + hd_random_below(r, 1000),
                                         .copies = 1 + hd_random_below(r, 300)};
        for (int i = 0; i < level->updates; i++)
            level->update[i] = (hd_update){.dim = (int)hd_random_below(r, op->dims),
                                           .step = 1 + hd_random_below(r, 1 << 20)};
    }
}

static void fill_schedule(hd_random *r, hd_schedule *s, hd_network *net, hd_schedule_layer *layers) {
    s->network = net;
    s->layer = layers;
    s->objective = "energy";
    s->solver = "random";
    s->model = s->space = "";
    s->seed = hd_random_next(r);
    static const char *setting[] = {"timeloop.link_transfers=0", "a \"b\"=1"};
    s->settings = (int)hd_random_below(r, 3);
    s->setting = setting;
    for (int l = 0; l < net->layers; l++) {
        layers[l] = (hd_schedule_layer){.scheduled = hd_random_below(r, 5) > 0, .same_as = -1};
        hd_operator *op = &net->layer[l].op;
        op->fused_ops = hd_random_below(r, 1000);
        op->extra_reads = hd_random_below(r, 1000);
        net->layer[l].makes = (hd_makes)hd_random_below(r, HD_MAKES);
        op->partial_bits = (int)hd_random_below(r, 33);
        for (int role = 0; role < HD_ROLES && l % 2 == 0; role++) /* as a foreign file calls them */
            snprintf(op->tensor[role].name, sizeof op->tensor[role].name, "Tensor \"%d\", %d", role, l);
        layers[l].home[HD_I] = (int)hd_random_below(r, s->arch.levels - 1);
        if (layers[l].scheduled) random_scheme(r, op, s->arch.levels, &layers[l].scheme);
    }
    hd_network_seal(net);
}

static void check_equal(const hd_schedule *a, const hd_schedule *b) {
    assert_true(a->arch.hash == b->arch.hash && a->seed == b->seed);
    assert_int_equal(a->network->layers, b->network->layers);
    assert_true(a->network->hash == b->network->hash);
    assert_int_equal(a->settings, b->settings);
    for (int i = 0; i < a->settings; i++) assert_string_equal(a->setting[i], b->setting[i]);
    for (int l = 0; l < a->network->layers; l++) {
        const hd_layer *x = &a->network->layer[l], *y = &b->network->layer[l];
        assert_string_equal(x->name, y->name);
        assert_string_equal(x->op_name, y->op_name);
        assert_true(hd_operator_equal(&x->op, &y->op));
        for (int role = 0; role < HD_ROLES; role++)
            if (x->op.tensor[role].used)
                assert_string_equal(x->op.tensor[role].name, y->op.tensor[role].name);
        assert_int_equal(hd_operator_hash(&x->op), hd_operator_hash(&y->op));
        assert_int_equal(x->makes, y->makes);
        assert_true(x->macs == y->macs && x->ops == y->ops && x->repeats == y->repeats);
        assert_true(a->layer[l].scheduled == b->layer[l].scheduled);
        assert_memory_equal(a->layer[l].home, b->layer[l].home, sizeof a->layer[l].home);
        if (a->layer[l].scheduled) assert_true(hd_scheme_equal(&a->layer[l].scheme, &b->layer[l].scheme));
    }
}

static void random_schedules_come_back(void **state) {
    (void)state;
    static const char *const nets[] = {"nets/toy.yaml", "nets/alexnet.yaml", "nets/transformer-block.yaml"};
    hd_schedule_layer layers[64];
    for (int i = 0; i < 45; i++) {
        char path[512], file[64];
        hd_error err;
        hd_network *net;
        hd_schedule s = {0}, *back;
        hd_text text, again;
        hd_random r;
        hd_random_seed(&r, 4, (uint64_t)i);
        hd_text_init(&text, NULL, 0);
        hd_text_init(&again, NULL, 0);
        snprintf(file, sizeof file, "arch/%s.yaml", ARCHS[i % 5]);
        must(hd_arch_read_file(zoo_path(file, path), &s.arch, &err), &err);
        must(hd_network_read_file(zoo_path(nets[i % 3], path), &net, &err), &err);
        net->layer[0].name = "a \"quoted\"\\ \n\t name: [x] #\xc3\xa9";
        fill_schedule(&r, &s, net, layers);
        must(hd_schedule_write(&s, &text, &err), &err);
        must(hd_schedule_read(text.data, text.length, "s.yaml", &back, &err), &err);
        check_equal(&s, back);
        must(hd_schedule_write(back, &again, &err), &err);
        assert_string_equal(text.data, again.data);
        hd_schedule_free(back);
        hd_network_free(net);
        hd_text_free(&text);
        hd_text_free(&again);
    }
}

static void damage_is_refused(void **state) {
    (void)state;
    char path[512];
    hd_error err;
    hd_network *net;
    hd_schedule s = {0}, *back;
    hd_schedule_layer layers[64];
    hd_text text;
    hd_random r;
    hd_random_seed(&r, 5, 0);
    hd_text_init(&text, NULL, 0);
    must(hd_arch_read_file(zoo_path("arch/eyeriss.yaml", path), &s.arch, &err), &err);
    must(hd_network_read_file(zoo_path("nets/toy.yaml", path), &net, &err), &err);
    fill_schedule(&r, &s, net, layers);
    must(hd_schedule_write(&s, &text, &err), &err);
    char *capacity = strstr(text.data, "55296");
    assert_non_null(capacity);
    capacity[0] = '6';
    assert_int_equal(hd_schedule_read(text.data, text.length, "s.yaml", &back, &err), HD_ERR_INPUT);
    assert_non_null(strstr(err.message, "was edited"));
    assert_true(err.line > 0);
    capacity[0] = '5';
    for (size_t cut = 1; cut < text.length; cut += 97)
        if (hd_schedule_read(text.data, cut, "s.yaml", &back, &err) == HD_OK) hd_schedule_free(back);
    for (int i = 0; i < 300; i++) {
        size_t at = (size_t)hd_random_below(&r, (int64_t)text.length);
        char old = text.data[at];
        text.data[at] = "0[]{}:,-x\"\n"[hd_random_below(&r, 11)];
        if (hd_schedule_read(text.data, text.length, "s.yaml", &back, &err) == HD_OK) hd_schedule_free(back);
        text.data[at] = old;
    }
    hd_text_free(&text);
    hd_network_free(net);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_schedules_come_back),
                                       cmocka_unit_test(damage_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
