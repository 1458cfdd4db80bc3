/* The tiny product of tiny.h. */
#include "tiny.h"

#include <stdio.h>
#include <string.h>

#include "workload/kinds.h"

enum { B, M, N, K };

static void chip(hd_arch *a) {
    memset(a, 0, sizeof *a);
    snprintf(a->name, sizeof a->name, "tiny");
    a->levels = 3;
    a->vector_at = 2;
    for (int l = 0; l < 3; l++) hd_arch_default_level(&a->level[l]);
    snprintf(a->level[0].name, sizeof a->level[0].name, "DRAM");
    snprintf(a->level[1].name, sizeof a->level[1].name, "BUF");
    snprintf(a->level[2].name, sizeof a->level[2].name, "MAC");
    a->level[0].shared_bw = 1;
    a->level[1].double_buffer = true;
    a->level[2].fan[HD_X] = 2;
    a->level[2].multicast[HD_X] = HD_ROLE_BIT(HD_I);
}

static void box(hd_scheme_level *l, int64_t m, int64_t n, int64_t k) {
    l->tensor[B] = 1;
    l->tensor[M] = m;
    l->tensor[N] = n;
    l->tensor[K] = k;
}

void tiny_product(tiny *out) {
    memset(out, 0, sizeof *out);
    (void)hd_kind_matmul(1, 2, 3, 4, false, &out->op, NULL);
    chip(&out->arch);
    out->problem = (hd_problem){.op = &out->op, .arch = &out->arch};
    hd_scheme *s = &out->scheme;
    s->levels = 3;
    s->level[0].keep = s->level[1].keep = HD_ROLE_BIT(HD_W) | HD_ROLE_BIT(HD_I) | HD_ROLE_BIT(HD_O);
    box(&s->level[0], 2, 3, 4);
    box(&s->level[1], 1, 3, 4);
    box(&s->level[2], 1, 1, 1);
    s->level[1].update[s->level[1].updates++] = (hd_update){M, 1};
    s->level[2].update[s->level[2].updates++] = (hd_update){K, 1};
    s->level[2].update[s->level[2].updates++] = (hd_update){N, 1};
}

void tiny_ragged(tiny *out) {
    tiny_product(out);
    hd_scheme_level *mac = &out->scheme.level[2];
    mac->stack[mac->stacks++] = (hd_stack){N, HD_X, 1, 2};
    mac->update[1] = (hd_update){N, 2};
}
