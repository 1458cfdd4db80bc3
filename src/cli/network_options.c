/* --dim NAME=V, --bits ROLE=N and their like: pairs of text become the options of reading a network. */
#include "cli/network_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad_pair(const char *option, const char *found, const char *expected)
{
    fprintf(stderr, "heddle: --%s: found '%s', expected %s\n", option, found, expected);
    return CLI_USAGE;
}

/* NAME=V with V at least 1; the name is copied into `name`. */
static bool split_pair(const char *text, size_t length, char *name, size_t size, int64_t *value)
{
    const char *equals = memchr(text, '=', length);
    if (!equals || equals == text || (size_t)(equals - text) >= size) return false;
    char digits[24] = "";
    size_t n = length - (size_t)(equals + 1 - text);
    if (n == 0 || n >= sizeof digits) return false;
    memcpy(digits, equals + 1, n);
    memcpy(name, text, (size_t)(equals - text));
    name[equals - text] = '\0';
    char *end;
    errno = 0;
    *value = strtoll(digits, &end, 10);
    return *end == '\0' && errno == 0 && *value >= 1;
}

static bool set_bits(const char *role, int64_t bits, hd_network_options *out)
{
    static const char *const roles[] = {"W", "I", "O", "I2"};
    if (bits > 64) return false;
    if (strcmp(role, "partial") == 0) {
        out->partial_bits = (int)bits;
        return true;
    }
    for (int r = 0; r < 4; r++) {
        if (strcmp(roles[r], role) != 0) continue;
        out->bits[r] = (int)bits;
        if (r == 1) out->bits[3] = out->bits[3] ? out->bits[3] : (int)bits; /* a second input is like the first */
        return true;
    }
    return false;
}

int cli_network_options(const cli_values *values, cli_bindings *bound, hd_network_options *out)
{
    *out = (hd_network_options){.size = sizeof *out, .batch = values->batch, .no_fuse = values->no_fuse,
                                .training = values->training, .input_gradients = values->input_gradients,
                                .optimizer = values->optimizer,
                                .dims = values->dim.count, .dim = bound->dim};
    for (int d = 0; d < values->dim.count; d++) {
        const char *text = values->dim.item[d];
        int64_t value;
        if (!split_pair(text, strlen(text), bound->name[d], sizeof bound->name[d], &value))
            return bad_pair("dim", text, "NAME=V with V at least 1");
        bound->dim[d] = (hd_dim_value){bound->name[d], value};
    }
    for (int b = 0; b < values->bits.count; b++) {
        for (const char *word = values->bits.item[b]; *word;) {
            size_t length = strcspn(word, ",");
            char role[16];
            int64_t bits;
            if (!split_pair(word, length, role, sizeof role, &bits) || !set_bits(role, bits, out))
                return bad_pair("bits", values->bits.item[b], "ROLE=N,... with W, I, O, I2 or partial, 1 to 64 bits");
            word += length + (word[length] == ',');
        }
    }
    return CLI_OK;
}
