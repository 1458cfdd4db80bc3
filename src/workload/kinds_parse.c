/* What operator does a line like 'conv(N=1,K=64,C=3,P=112,Q=112,R=7,S=7,stride=2)' name?
 *
 * KIND(KEY=NUMBER, ...): keys are case-sensitive, each at most once, 1 where left out (padding 0).  One row
 * per kind lists its keys and says how to build it; an error names what stands there and its column.  */
#include "workload/kinds.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/text.h"
#include "workload/vector_ops.h"

enum { MAX_KEYS = 40, MAX_AXES = 3, FOUND = 40 };

typedef struct argument {
    const char *key;
    size_t length;
    int64_t value;
} argument;
typedef struct call {
    const char *text;
    const struct entry *entry;
    int arguments;
    argument argument[MAX_KEYS];
} call;
typedef struct entry {
    const char *name, *keys; /* keys with a space at both ends */
    hd_status (*build)(const call *c, hd_operator *out, hd_error *err);
} entry;

#define WINDOW_KEYS                                                                                          \
    " P Q T R S U PQ RS stride stride_p stride_q stride_t dilation dilation_p dilation_q dilation_t"               \
    " pad pad_p pad_q pad_t H W D "

/* ---- values of a parsed call ---- */

static const argument *find(const call *c, const char *key) {
    for (int i = 0; i < c->arguments; i++)
        if (strlen(key) == c->argument[i].length &&
            memcmp(key, c->argument[i].key, c->argument[i].length) == 0)
            return &c->argument[i];
    return NULL;
}

static int64_t value_or(const call *c, const char *key, int64_t standard) {
    const argument *a = find(c, key);
    return a ? a->value : standard;
}

static int64_t value(const call *c, const char *key) { return value_or(c, key, 1); }

__attribute__((format(printf, 4, 5)))
static hd_status refuse(const call *c, hd_error *err, const char *at, const char *format, ...) {
    int column = (int)(at - c->text) + 1;
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return hd_fail_at(err, HD_ERR_USAGE, NULL, 0, column, "operator, column %d: %s", column, message);
}

/* What stands at `at`, short and quoted. */
static void quote(const char *at, char out[FOUND]) {
    size_t length = strcspn(at, "(,=) \t");
    if (length == 0 && *at) length = 1;
    if (*at)
        snprintf(out, FOUND, "'%.*s'", (int)(length < FOUND - 8 ? length : FOUND - 8), at);
    else
        snprintf(out, FOUND, "the end");
}

/* ---- builders ---- */

static const char *const OUT_KEY[MAX_AXES] = {"P", "Q", "T"}, *const KERNEL_KEY[MAX_AXES] = {"R", "S", "U"};
static const char *const REAL_KEY[MAX_AXES] = {"H", "W", "D"};
static const char AXIS_LETTER[MAX_AXES] = {'p', 'q', 't'};

/* "stride" for all axes, "stride_p" for one. */
static int64_t per_axis(const call *c, const char *key, int axis, int64_t standard) {
    char one[16];
    snprintf(one, sizeof one, "%s_%c", key, AXIS_LETTER[axis]);
    return value_or(c, one, value_or(c, key, standard));
}

/* P and Q, R and S of squares are given together. */
static int64_t square_or(const call *c, const char *key, int axis, const char *both) {
    return value_or(c, key, axis < 2 ? value(c, both) : 1);
}

static hd_status fill_axis(const call *c, hd_conv_shape *s, int a, hd_error *err) {
    s->out[a] = square_or(c, OUT_KEY[a], a, "PQ");
    s->kernel[a] = square_or(c, KERNEL_KEY[a], a, "RS");
    s->stride[a] = per_axis(c, "stride", a, 1);
    s->dilation[a] = per_axis(c, "dilation", a, 1);
    s->pad_low[a] = per_axis(c, "pad", a, 0);
    s->in[a] = value_or(c, REAL_KEY[a], 0);
    if (s->in[a] > 0 || s->pad_low[a] == 0) return HD_OK;
    int64_t steps, kernel;
    if (!hd_count_mul(s->out[a] - 1, s->stride[a], &steps) ||
        !hd_count_mul(s->kernel[a] - 1, s->dilation[a], &kernel) || steps >= HD_COUNT_EXACT ||
        kernel >= HD_COUNT_EXACT)
        return refuse(c, err, c->text, "a window of %s reaches 2^53 coordinates or more", c->entry->name);
    s->in[a] = steps + kernel + 1 - 2 * s->pad_low[a];
    if (s->in[a] < 1)
        return refuse(c, err, c->text, "the padding leaves no real extent; give a smaller pad or %s",
                      REAL_KEY[a]);
    return HD_OK;
}

static hd_status fill_shape(const call *c, hd_conv_shape *s, hd_error *err) {
    static const char *const THIRD[] = {"T", "U", "D", "stride_t", "dilation_t", "pad_t"};
    *s = (hd_conv_shape){
        .axes = 2, .n = value(c, "N"), .groups = value(c, "G"), .k = value(c, "K"), .c = value(c, "C")};
    for (size_t i = 0; i < sizeof THIRD / sizeof *THIRD; i++)
        if (find(c, THIRD[i])) s->axes = 3;
    for (int a = 0; a < s->axes; a++) HD_TRY(fill_axis(c, s, a, err));
    return HD_OK;
}

static hd_status build_conv(const call *c, hd_operator *out, hd_error *err) {
    hd_conv_shape s;
    HD_TRY(fill_shape(c, &s, err));
    return hd_kind_conv(&s, out, err);
}

static hd_status build_conv_transpose(const call *c, hd_operator *out, hd_error *err) {
    hd_conv_shape s;
    HD_TRY(fill_shape(c, &s, err));
    return hd_kind_conv_transpose(&s, out, err);
}

/* Channels under either of two names, not both. */
static hd_status channels(const call *c, const char *one, const char *other, int64_t *out, hd_error *err) {
    const argument *a = find(c, one), *b = find(c, other);
    if (a && b) return refuse(c, err, b->key, "the channels are given twice; give %s only", one);
    *out = a ? a->value : b ? b->value : 1;
    return HD_OK;
}

static hd_status build_depthwise(const call *c, hd_operator *out, hd_error *err) {
    hd_conv_shape s;
    HD_TRY(fill_shape(c, &s, err));
    HD_TRY(channels(c, "G", "C", &s.groups, err));
    s.k = s.c = 1;
    return hd_kind_conv(&s, out, err);
}

static hd_status build_pool(const call *c, hd_operator *out, hd_error *err) {
    hd_conv_shape s;
    HD_TRY(fill_shape(c, &s, err));
    HD_TRY(channels(c, "K", "C", &s.k, err));
    return hd_kind_pool(&s, out, err);
}

static hd_status build_matmul(const call *c, hd_operator *out, hd_error *err) {
    return hd_kind_matmul(value(c, "B"), value(c, "M"), value(c, "N"), value(c, "K"), value(c, "B") > 1, out,
                          err);
}

static hd_status build_eltwise(const call *c, hd_operator *out, hd_error *err) {
    static const char *const KEY[] = {"A", "B", "D", "E", "F", "H"};
    int64_t extent[6];
    for (int d = 0; d < 6; d++) extent[d] = value(c, KEY[d]);
    return hd_kind_eltwise(6, extent, value_or(c, "inputs", 1) > 1, 0, value(c, "ops"), out, err);
}

static hd_status build_reduce_sum(const call *c, hd_operator *out, hd_error *err) {
    return hd_kind_reduce_maps(value(c, "E"), value(c, "N"), value(c, "K"), square_or(c, "P", 0, "PQ"),
                               square_or(c, "Q", 1, "PQ"), out, err);
}

static hd_status build_rowwise(const call *c, hd_kind kind, const char *ops_as, hd_operator *out,
                               hd_error *err) {
    return hd_kind_rowwise(kind, value(c, "N"), value(c, "M"), value_or(c, "ops", hd_vector_ops(ops_as)), out,
                           err);
}

static hd_status build_softmax(const call *c, hd_operator *out, hd_error *err) {
    return build_rowwise(c, HD_SOFTMAX, "Softmax", out, err);
}

static hd_status build_norm(const call *c, hd_operator *out, hd_error *err) {
    return build_rowwise(c, HD_NORM, "LayerNormalization", out, err);
}

static const entry ENTRY[] = {
    {"conv", " N G K C" WINDOW_KEYS, build_conv},
    {"depthwise", " N G C" WINDOW_KEYS, build_depthwise},
    {"fc", " N K C R S RS ", build_conv}, /* a convolution with one output pixel */
    {"conv_transpose", " N G K C" WINDOW_KEYS, build_conv_transpose},
    {"matmul", " B M N K ", build_matmul},
    {"pool", " N K C" WINDOW_KEYS, build_pool},
    {"eltwise", " A B D E F H inputs ops ", build_eltwise},
    {"reduce_sum", " E N K P Q PQ ", build_reduce_sum},
    {"reduce_prod", " E N K P Q PQ ", build_reduce_sum}, /* costs the same */
    {"softmax", " N M ops ", build_softmax},
    {"norm", " N M ops ", build_norm},
};
enum { ENTRIES = sizeof ENTRY / sizeof *ENTRY };

/* ---- the text ---- */

static const char *skip_spaces(const char *at) { return at + strspn(at, " \t"); }

static size_t word_length(const char *at) {
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return strspn(at, LETTERS);
}

static bool key_exists(const entry *e, const char *key, size_t length) {
    for (const char *at = e->keys; at[1]; at += 1 + strcspn(at + 1, " "))
        if (strcspn(at + 1, " ") == length && memcmp(at + 1, key, length) == 0) return true;
    return false;
}

static hd_status read_kind(call *c, const char **at, hd_error *err) {
    char names[128] = "", found[FOUND];
    *at = skip_spaces(c->text);
    size_t length = word_length(*at), used = 0;
    for (int i = 0; i < ENTRIES; i++) {
        if (strlen(ENTRY[i].name) == length && memcmp(ENTRY[i].name, *at, length) == 0) c->entry = &ENTRY[i];
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "", ENTRY[i].name);
    }
    quote(*at, found);
    if (!c->entry) return refuse(c, err, *at, "found %s; expected a kind of operator: %s", found, names);
    *at = skip_spaces(*at + length);
    quote(*at, found);
    if (**at != '(') return refuse(c, err, *at, "found %s; expected '(' after the kind", found);
    *at = skip_spaces(*at + 1);
    return HD_OK;
}

static hd_status read_number(call *c, const char **at, argument *a, hd_error *err) {
    char found[FOUND];
    size_t length = strcspn(*at, ",) \t");
    bool zero_too = a->length >= 3 && memcmp(a->key, "pad", 3) == 0;
    quote(*at, found);
    if (!hd_parse_int(*at, length, &a->value) || a->value < !zero_too || a->value >= HD_COUNT_EXACT)
        return refuse(c, err, *at, "found %s; expected a whole number from %d to 2^53 - 1", found, !zero_too);
    *at = skip_spaces(*at + length);
    return HD_OK;
}

static hd_status read_argument(call *c, const char **at, hd_error *err) {
    char found[FOUND];
    argument *a = &c->argument[c->arguments];
    *a = (argument){.key = *at, .length = word_length(*at)};
    quote(*at, found);
    if (!key_exists(c->entry, a->key, a->length))
        return refuse(c, err, *at, "found %s; expected a key of %s:%s", found, c->entry->name,
                      c->entry->keys);
    for (int i = 0; i < c->arguments; i++)
        if (c->argument[i].length == a->length && memcmp(c->argument[i].key, a->key, a->length) == 0)
            return refuse(c, err, *at, "%s is given twice; once is enough", found);
    *at = skip_spaces(*at + a->length);
    quote(*at, found);
    if (**at != '=') return refuse(c, err, *at, "found %s; expected '=' and a number", found);
    *at = skip_spaces(*at + 1);
    HD_TRY(read_number(c, at, a, err));
    c->arguments++;
    return HD_OK;
}

/* PQ stands for P and Q, RS for R and S: none of them is given in both ways. */
static hd_status check_squares(const call *c, hd_error *err) {
    static const char *const PAIR[][3] = {{"PQ", "P", "Q"}, {"RS", "R", "S"}};
    for (size_t i = 0; i < sizeof PAIR / sizeof *PAIR; i++)
        for (int side = 1; side < 3 && find(c, PAIR[i][0]); side++) {
            const argument *one = find(c, PAIR[i][side]);
            if (one)
                return refuse(c, err, one->key, "%s is given twice, by %s as well; give either %s or %s and %s", PAIR[i][side],
                              PAIR[i][0], PAIR[i][0], PAIR[i][1], PAIR[i][2]);
        }
    return HD_OK;
}

hd_status hd_kind_parse(const char *text, hd_operator *out, hd_error *err) {
    call c = {.text = text};
    const char *at;
    char found[FOUND];
    HD_TRY(read_kind(&c, &at, err));
    while (*at != ')') {
        HD_TRY(read_argument(&c, &at, err));
        quote(at, found);
        if (*at != ',' && *at != ')') return refuse(&c, err, at, "found %s; expected ',' or ')'", found);
        if (*at == ',') at = skip_spaces(at + 1);
    }
    at = skip_spaces(at + 1);
    quote(at, found);
    if (*at) return refuse(&c, err, at, "found %s after the closing ')'; expected the end", found);
    HD_TRY(check_squares(&c, err));
    return c.entry->build(&c, out, err);
}
