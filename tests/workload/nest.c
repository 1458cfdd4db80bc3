/* What does a nest do, word by word? */
#include "nest.h"

/* Coordinates of the tensor at the point; false where one is padding. */
static bool coordinates(const hd_operator *op, hd_role role, const int64_t *point, int64_t *at) {
    const hd_tensor *t = &op->tensor[role];
    for (int r = 0; r < t->ranks; r++) {
        at[r] = t->rank[r].offset;
        for (int k = 0; k < t->rank[r].terms; k++) at[r] += t->rank[r].term[k].coef * point[t->rank[r].term[k].dim];
        if (at[r] < 0 || at[r] >= t->rank[r].extent) return false;
    }
    return true;
}

static void visit(const hd_operator *op, const int64_t *point, double *const value[HD_ROLES], nest_place *place, void *user) {
    double product = 1;
    double *target = NULL;
    for (int role = 0; role < HD_ROLES; role++) {
        int64_t at[HD_MAX_RANKS];
        if (!op->tensor[role].used) continue;
        if (!coordinates(op, (hd_role)role, point, at)) return;
        if (!value[role]) continue;
        double *word = &value[role][place(user, op, (hd_role)role, at)];
        if (role == HD_O) target = word;
        else product *= *word;
    }
    *target += product;
}

void nest_run(const hd_operator *op, double *const value[HD_ROLES], nest_place *place, void *user) {
    int64_t point[HD_MAX_DIMS] = {0};
    for (;;) {
        visit(op, point, value, place, user);
        int d = op->dims - 1;
        while (d >= 0 && ++point[d] == op->dim[d].extent) point[d--] = 0;
        if (d < 0) return;
    }
}
