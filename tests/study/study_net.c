/* The network and chips of the tests of studies. */
#include "study_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "small_level.h"
#include "workload/kinds.h"

static void chip(hd_arch *a, const char *name, int64_t words)
{
    hd_error err = {0};
    snprintf(a->name, sizeof a->name, "%s", name);
    small_level(&a->level[0], "DRAM", 200, 0, false);
    small_level(&a->level[1], "GLB", 6, words, false);
    small_level(&a->level[2], "MAC", 0, 0, false);
    a->level[0].read_bw = 2;
    a->level[2].fan[HD_X] = 4;
    a->level[2].multicast[HD_X] = 0xf;
    a->levels = 3;
    a->vector_at = 2;
    a->mac_pj = 1;
    assert_int_equal(hd_arch_check(a, &err), HD_OK);
}

void study_net_make(study_net *out)
{
    static const char *const text[STUDY_LAYERS] = {"matmul(M=8,N=12,K=6)", "conv(N=1,K=4,C=2,P=4,Q=1,R=3,S=1)",
                                                   "matmul(M=8,N=12,K=6)"};
    static const char *const name[STUDY_LAYERS] = {"a", "b,\"c\"", "d"};
    hd_error err = {0};
    memset(out, 0, sizeof *out);
    for (int i = 0; i < STUDY_LAYERS; i++) {
        assert_int_equal(hd_kind_parse(text[i], &out->layer[i].op, &err), HD_OK);
        out->layer[i].name = name[i];
        out->layer[i].op_name = "Op";
        out->layer[i].fused_into = -1;
        out->layer[i].repeats = i == 2 ? 3 : 1;
    }
    out->net = (hd_network){.name = "net", .batch = 1, .layers = STUDY_LAYERS, .layer = out->layer};
    chip(&out->arch, "wide", 128);
    chip(&out->narrow, "narrow", 24);
    out->options = (hd_plan_options){.model = &hd_model_native, .objective = HD_ENERGY, .space_given = true,
                                     .space = HD_SPACE_FREE, .seed = 3, .evaluations = 300, .threads = 1};
}
