/* Do the closed form and the slow machine say the same?  Every count is a row of a list, compared exactly. */
#include "oracle_check.h"

#include <string.h>

enum { ROWS = HD_MAX_LEVELS * (HD_ROLES * 5 + 1) + 8, REPLAY_STEPS = 100000 };

typedef struct row {
    char name[64];
    int64_t price, replay;
} row;

static void add(row *rows, int *n, int64_t price, int64_t replay, const char *level, const char *role,
                const char *what) {
    row *r = &rows[(*n)++];
    snprintf(r->name, sizeof r->name, "%s%s%s%s%s", level, *level ? " " : "", role, *role ? " " : "", what);
    r->price = price;
    r->replay = replay;
}

static int list_rows(const oracle_case *c, const hd_breakdown *p, const hd_replay *q, row rows[ROWS]) {
    int n = 0;
    for (int l = 0; l < c->recipe.arch.levels; l++) {
        const char *level = c->recipe.arch.level[l].name;
        for (int r = 0; r < HD_ROLES; r++) {
            const char *role = hd_role_name((hd_role)r);
            add(rows, &n, p->access[l][r].reads, q->access[l][r].reads, level, role, "reads");
            add(rows, &n, p->access[l][r].fills, q->access[l][r].fills, level, role, "fills");
            add(rows, &n, p->access[l][r].updates, q->access[l][r].updates, level, role, "updates");
            add(rows, &n, p->deliveries[l][r], q->deliveries[l][r], level, role, "deliveries");
            add(rows, &n, p->hops[l][r], q->hops[l][r], level, role, "hops");
        }
    }
    for (int l = 0; l < c->recipe.arch.levels; l++)
        add(rows, &n, p->level_cycles[l], q->level_cycles[l], c->recipe.arch.level[l].name, "", "cycles");
    add(rows, &n, p->computes, q->computes, "", "", "computes");
    add(rows, &n, p->compute_cycles, q->compute_cycles, "", "", "compute cycles");
    add(rows, &n, p->fill_cycles, q->fill_cycles, "", "", "fill cycles");
    add(rows, &n, p->drain_cycles, q->drain_cycles, "", "", "drain cycles");
    add(rows, &n, p->latency_cycles, q->latency_cycles, "", "", "latency cycles");
    return n;
}

void oracle_print_counts(FILE *to, const oracle_case *c, const hd_breakdown *price, const hd_replay *replay) {
    row rows[ROWS];
    int n = list_rows(c, price, replay, rows);
    fprintf(to, "%-24s %12s %12s\n", "", "price", "replay");
    for (int i = 0; i < n; i++)
        if (rows[i].price || rows[i].replay)
            fprintf(to, "%-24s %12lld %12lld%s\n", rows[i].name, (long long)rows[i].price,
                    (long long)rows[i].replay, rows[i].price == rows[i].replay ? "" : "   <-- differs");
}

static bool shares_words(const oracle_case *c) {
    for (int l = 0; l < c->recipe.arch.levels; l++)
        for (int axis = 0; axis < HD_AXES; axis++)
            if (c->recipe.arch.level[l].multicast[axis]) return true;
    return false;
}

/* Nearest level inside `outer` that keeps the role; levels - 1 where none does. */
static int next_keeper(const oracle_case *c, int outer, int role) {
    int level = outer + 1;
    while (level < c->scheme.levels - 1 && !(c->scheme.level[level].keep & HD_ROLE_BIT(role))) level++;
    return level;
}

/* What must hold of any run, whatever its counts: all points are executed, once; words do not appear on the
 * way. */
static bool laws_hold(const oracle_case *c, const hd_replay *q, char why[512]) {
    if (q->computes != hd_operator_points(&c->op)) {
        snprintf(why, 512, "%lld points executed of %lld", (long long)q->computes,
                 (long long)hd_operator_points(&c->op));
        return false;
    }
    for (int role = 0; role < HD_ROLES; role++) {
        if (!c->op.tensor[role].used || role == HD_O) continue;
        for (int l = c->problem.home[role]; l < c->scheme.levels - 1; l++) {
            int inner = next_keeper(c, l, role);
            if ((l > c->problem.home[role] && !(c->scheme.level[l].keep & HD_ROLE_BIT(role))) ||
                inner == c->scheme.levels - 1)
                continue;
            int64_t out = q->access[l][role].reads, in = q->access[inner][role].fills;
            if (role == HD_I2 && l == c->problem.home[role]) out -= c->op.extra_reads; /* what fused work reads beside it */
            if (out <= in && (out == in || shares_words(c))) continue;
            snprintf(why, 512, "%s: %lld words read at level %d, %lld filled at level %d",
                     hd_role_name((hd_role)role), (long long)out, l, (long long)in, inner);
            return false;
        }
    }
    return true;
}

oracle_verdict oracle_judge(const oracle_case *c, bool laws_only, hd_replay *replay, hd_breakdown *price,
                            char why[512]) {
    hd_refusal refusal = {0};
    hd_error err = {0};
    why[0] = '\0';
    memset(price, 0, sizeof *price);
    memset(replay, 0, sizeof *replay);
    if (!hd_scheme_is_legal(&c->problem, &c->scheme, &refusal)) {
        snprintf(why, 512, "illegal: %s", refusal.why);
        return ORACLE_ILLEGAL;
    }
    if (hd_replay_scheme(&c->problem, &c->scheme, REPLAY_STEPS, replay, &err) != HD_OK) {
        snprintf(why, 512, "no replay: %.400s", err.message);
        return ORACLE_NO_REPLAY;
    }
    if (!laws_hold(c, replay, why)) return ORACLE_LAW;
    if (laws_only) return ORACLE_SAME;
    if (!hd_model_native.fits(&c->problem, &c->scheme, &refusal)) {
        snprintf(why, 512, "not served: %s", refusal.why);
        return ORACLE_NOT_SERVED;
    }
    hd_model_native.price(&c->problem, &c->scheme, price);
    row rows[ROWS];
    int n = list_rows(c, price, replay, rows);
    for (int i = 0; i < n; i++)
        if (rows[i].price != rows[i].replay) {
            snprintf(why, 512, "%s: price %lld, replay %lld", rows[i].name, (long long)rows[i].price,
                     (long long)rows[i].replay);
            return ORACLE_DIFFERS;
        }
    return ORACLE_SAME;
}
