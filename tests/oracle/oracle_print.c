/* A case in words: operator, machine and scheme, enough to write it down as a test. */
#include "oracle_cases.h"

static void print_operator(FILE *to, const hd_operator *op) {
    fprintf(to, "%s(", hd_kind_name(op->kind));
    for (int d = 0; d < op->dims; d++)
        fprintf(to, "%s%s=%lld", d ? "," : "", op->dim[d].name, (long long)op->dim[d].extent);
    fprintf(to, ") ops/point %lld, extra reads %lld, fused ops %lld, partial bits %d\n",
            (long long)op->ops_per_point, (long long)op->extra_reads, (long long)op->fused_ops,
            op->partial_bits);
    for (int role = 0; role < HD_ROLES; role++) {
        const hd_tensor *t = &op->tensor[role];
        if (!t->used) continue;
        fprintf(to, "  %s %d bits:", hd_role_name((hd_role)role), t->bits);
        for (int r = 0; r < t->ranks; r++) {
            fprintf(to, " [%lld", (long long)t->rank[r].offset);
            for (int i = 0; i < t->rank[r].terms; i++)
                fprintf(to, " + %lld %s", (long long)t->rank[r].term[i].coef,
                        op->dim[t->rank[r].term[i].dim].name);
            fprintf(to, " < %lld]", (long long)t->rank[r].extent);
        }
        fprintf(to, "\n");
    }
}

static void print_roles(FILE *to, unsigned roles) {
    for (int role = 0; role < HD_ROLES; role++)
        if (roles & HD_ROLE_BIT(role)) fprintf(to, " %s", hd_role_name((hd_role)role));
}

static void print_level(FILE *to, const oracle_case *c, int level) {
    const hd_level *chip = &c->recipe.arch.level[level];
    const hd_scheme_level *l = &c->scheme.level[level];
    fprintf(to, "%s: word %d bits, bw %g/%g/%g, fan %lldx%lld", chip->name, chip->word_bits, chip->read_bw,
            chip->write_bw, chip->shared_bw, (long long)chip->fan[0], (long long)chip->fan[1]);
    if (chip->double_buffer) fprintf(to, ", double buffer");
    for (int axis = 0; axis < HD_AXES; axis++) {
        fprintf(to, ", %c multicasts", "xy"[axis]);
        print_roles(to, chip->multicast[axis]);
        if (chip->reduce[axis]) fprintf(to, " reduces");
    }
    if (chip->operand_register) {
        fprintf(to, ", registers");
        print_roles(to, chip->operand_register);
    }
    for (int i = 0; i < chip->mesh.ports; i++)
        fprintf(to, "%s[%d,%d]", i == 0 ? ", ports " : " ", chip->mesh.port[i][0], chip->mesh.port[i][1]);
    for (int i = 0; i < chip->mesh.ports; i++)
        if (chip->mesh.port_roles[i]) fprintf(to, ", port %d of roles %x", i, chip->mesh.port_roles[i]);
    if (chip->mesh.ports > 0) {
        fprintf(to, ", hop cycles %lld, link %g", (long long)chip->mesh.hop_cycles, chip->mesh.link_bw);
        if (chip->mesh.share) fprintf(to, ", shares");
        if (chip->bounded) fprintf(to, ", %lld words", (long long)chip->capacity);
    }
    fprintf(to, "\n  keep");
    print_roles(to, l->keep);
    fprintf(to, "; tensor");
    for (int d = 0; d < c->op.dims; d++) fprintf(to, " %s:%lld", c->op.dim[d].name, (long long)l->tensor[d]);
    for (int i = 0; i < l->stacks; i++)
        fprintf(to, "; stack [%s, %lld, %lld, %c]", c->op.dim[l->stack[i].dim].name,
                (long long)l->stack[i].shift, (long long)l->stack[i].copies, "XY"[l->stack[i].axis]);
    for (int i = 0; i < l->updates; i++)
        fprintf(to, "; update [%s, %lld]", c->op.dim[l->update[i].dim].name, (long long)l->update[i].step);
    fprintf(to, "\n");
}

void oracle_case_print(FILE *to, const oracle_case *c) {
    print_operator(to, &c->op);
    for (int role = 0; role < HD_ROLES; role++)
        if (c->problem.home[role])
            fprintf(to, "  home of %s: %s\n", hd_role_name((hd_role)role),
                    c->recipe.arch.level[c->problem.home[role]].name);
    if (c->op.vector)
        fprintf(to, "  vector work at %s, %g per cycle\n",
                c->recipe.arch.level[c->recipe.arch.vector_at].name, c->recipe.arch.vector_per_cycle);
    for (int level = 0; level < c->scheme.levels; level++) print_level(to, c, level);
}
