/* See nest_text.h.  "GLB [ Inputs:9 (9) ]" opens a level that keeps Inputs; "| for M in [0:4)" is a temporal
 * loop,
 * "| for M in [0:4,3) (Spatial-X)" a spatial one with a residual; outermost first. */
#include "nest_text.h"

#include <stdio.h>
#include <string.h>

typedef struct loop {
    char text[48], dim;
    int kind; /* 0 temporal, 1 X, 2 Y */
} loop;

typedef struct level {
    char name[64];
    int loops;
    loop loop[64];
} level;

static void write_block(const level *l, bool spatial, hd_text *out) {
    char order[64] = "", factors[1024] = "";
    int split = 0, count = 0;
    for (int kind = spatial ? 1 : 0; kind <= (spatial ? 2 : 0); kind++)
        for (int i = l->loops - 1; i >= 0; i--) {
            if (l->loop[i].kind != kind || strchr(order, l->loop[i].dim)) continue;
            order[count++] = l->loop[i].dim;
            split += kind == 1;
            size_t at = strlen(factors);
            snprintf(factors + at, sizeof factors - at, "%c=%s ", l->loop[i].dim, l->loop[i].text);
        }
    if (count == 0) return;
    hd_text_format(out, "- {target: %s, type: %s, factors: '%s', permutation: '%s'", l->name,
                   spatial ? "spatial" : "temporal", factors, order);
    if (spatial) hd_text_format(out, ", split: %d", split);
    hd_text_append(out, "}\n");
}

static void close_level(level *l, hd_text *out) {
    if (l->name[0]) {
        write_block(l, false, out);
        write_block(l, true, out);
    }
    memset(l, 0, sizeof *l);
}

/* "GLB [ Inputs:4032 (4032) Outputs:25088 (25088) ] " */
static void open_level(const char *line, const hd_operator *op, level *l, hd_text *out) {
    snprintf(l->name, sizeof l->name, "%.*s", (int)strcspn(line, " "), line);
    hd_text_format(out, "- {target: %s, type: bypass", l->name);
    for (int kept = 1; kept >= 0; kept--) {
        bool first = true;
        hd_text_append(out, kept ? ", keep: [" : "], bypass: [");
        for (int r = 0; r < HD_ROLES; r++) {
            char name[64];
            snprintf(name, sizeof name, " %s:", hd_tensor_name(op, (hd_role)r));
            if (!op->tensor[r].used || (strstr(line, name) != NULL) != (kept == 1)) continue;
            hd_text_format(out, "%s%s", first ? "" : ", ", hd_tensor_name(op, (hd_role)r));
            first = false;
        }
    }
    hd_text_append(out, "]}\n");
}

static void add_loop(const char *line, level *l) {
    const char *at = strstr(line, "for ");
    char dim, bound[48];
    if (!at || sscanf(at, "for %c in [0:%47[0-9,]", &dim, bound) != 2 || l->loops == 64) return;
    if (strcmp(bound, "1") == 0) return;
    loop *new = &l->loop[l->loops++];
    memcpy(new->text, bound, sizeof bound);
    new->dim = dim;
    new->kind = strstr(line, "(Spatial-X)") ? 1 : strstr(line, "(Spatial-Y)") ? 2 : 0;
}

void nest_text_to_mapping(const char *nest, const hd_operator *op, hd_text *out) {
    level l = {0};
    hd_text_append(out, "mapping:\n");
    while (*nest) {
        char line[512];
        size_t length = strcspn(nest, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, nest);
        nest += length + (nest[length] == '\n');
        if (line[0] == '|') add_loop(line, &l);
        if (strchr("|-", line[0]) || !strstr(line, " [ ")) continue;
        close_level(&l, out);
        open_level(line, op, &l, out);
    }
    close_level(&l, out);
}
