/* How small can a failing case become?  Every edit that leaves it failing is kept, until none does. */
#include "oracle_check.h"

static bool fails(const oracle_recipe *recipe, bool laws_only) {
    oracle_case c;
    hd_replay replay;
    hd_breakdown price;
    char why[512];
    if (!oracle_case_build(recipe, &c)) return false;
    oracle_verdict verdict = oracle_judge(&c, laws_only, &replay, &price, why);
    return verdict == ORACLE_DIFFERS || verdict == ORACLE_LAW;
}

static bool keep_if_failing(oracle_recipe *recipe, const oracle_recipe *edited, bool laws_only) {
    if (!fails(edited, laws_only)) return false;
    *recipe = *edited;
    return true;
}

static bool shrink_digits(oracle_recipe *recipe, bool laws_only) {
    bool smaller = false;
    for (int i = 0; i < recipe->digits; i++) {
        oracle_recipe e = *recipe;
        for (int k = i; k + 1 < e.digits; k++) e.digit[k] = e.digit[k + 1];
        e.digits--;
        if (keep_if_failing(recipe, &e, laws_only)) {
            smaller = true;
            i--;
            continue;
        }
        e = *recipe;
        if (e.digit[i].cut > 0) {
            e.digit[i].cut = 0;
            smaller |= keep_if_failing(recipe, &e, laws_only);
        }
        e = *recipe;
        if (e.digit[i].count > 2) {
            e.digit[i].count--;
            smaller |= keep_if_failing(recipe, &e, laws_only);
        }
        e = *recipe;
        if (e.digit[i].axis >= 0) {
            e.digit[i].axis = -1;
            smaller |= keep_if_failing(recipe, &e, laws_only);
        }
    }
    return smaller;
}

/* Set a number to its plain value where it is not; true if the case still fails so. */
#define PLAIN(field, value)                                                                                  \
    do {                                                                                                     \
        oracle_recipe e = *recipe;                                                                           \
        if (e.field == (value)) break;                                                                       \
        e.field = (value);                                                                                   \
        smaller |= keep_if_failing(recipe, &e, laws_only);                                                   \
    } while (0)

static bool shrink_shape(oracle_recipe *recipe, bool laws_only) {
    bool smaller = false;
    for (int a = 0; a < 2; a++) {
        PLAIN(stride[a], 1);
        PLAIN(dilation[a], 1);
        PLAIN(pad[a], 0);
        PLAIN(short_by[a], 0);
    }
    for (int role = 0; role < HD_ROLES; role++) {
        PLAIN(home[role], 0);
        PLAIN(bits[role], 16);
    }
    PLAIN(partial_bits, 0);
    PLAIN(extra_reads, 0);
    PLAIN(fused_ops, 0);
    PLAIN(ops_per_point, 1);
    PLAIN(arch.vector_per_cycle, 0);
    return smaller;
}

static bool shrink_chip(oracle_recipe *recipe, bool laws_only) {
    bool smaller = false;
    for (int l = 0; l < recipe->arch.levels; l++) {
        PLAIN(keep[l], 0);
        for (int role = 0; role < HD_ROLES; role++) PLAIN(keep[l], recipe->keep[l] & ~HD_ROLE_BIT(role));
        PLAIN(spare[l], 0);
        PLAIN(arch.level[l].word_bits, 16);
        PLAIN(arch.level[l].double_buffer, false);
        PLAIN(arch.level[l].read_bw, 0);
        PLAIN(arch.level[l].write_bw, 0);
        PLAIN(arch.level[l].shared_bw, 0);
        PLAIN(arch.level[l].operand_register, 0);
        PLAIN(arch.level[l].elsewhere, 0);
        PLAIN(arch.level[l].mesh.gated, 0);
        PLAIN(arch.level[l].mesh.part, false);
        PLAIN(arch.level[l].mesh.ports, 0);
        if (recipe->arch.level[l].mesh.ports > 1) PLAIN(arch.level[l].mesh.ports, 1);
        PLAIN(arch.level[l].mesh.share, false);
        PLAIN(arch.level[l].mesh.hop_cycles, 0);
        PLAIN(arch.level[l].mesh.link_bw, 0);
        for (int axis = 0; axis < HD_AXES; axis++) {
            PLAIN(arch.level[l].multicast[axis], 0);
            PLAIN(arch.level[l].reduce[axis], false);
        }
    }
    return smaller;
}

void oracle_shrink(oracle_recipe *recipe, bool laws_only) {
    for (bool smaller = true; smaller;) {
        smaller = shrink_digits(recipe, laws_only);
        smaller |= shrink_shape(recipe, laws_only);
        smaller |= shrink_chip(recipe, laws_only);
    }
}
