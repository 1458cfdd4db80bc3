/* Which number of a chip is meant, what is it, and what is the chip with another one? */
#include "study/knob.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "workload/operator.h"

enum { PORTS = 3 };
static const char *const port_name[PORTS] = {"read", "write", "shared"};
static const char *const axis_name[HD_AXES] = {"x", "y"};
static const char *const kind_name[] = {"capacity", "bandwidth", "fanout"};

static int parts_of(hd_knob_kind kind)
{
    static const int parts[] = {[HD_KNOB_CAPACITY] = HD_ROLES, [HD_KNOB_BANDWIDTH] = PORTS, [HD_KNOB_FANOUT] = HD_AXES};
    return parts[kind];
}

static const char *part_name(hd_knob_kind kind, int part)
{
    if (kind == HD_KNOB_CAPACITY) return hd_role_name((hd_role)part);
    return kind == HD_KNOB_BANDWIDTH ? port_name[part] : axis_name[part];
}

/* The number of one part; 0 = the chip has none. */
static double part_value(const hd_level *l, hd_knob_kind kind, int part)
{
    const double port[PORTS] = {l->read_bw, l->write_bw, l->shared_bw};
    if (kind == HD_KNOB_FANOUT) return (double)l->fan[part];
    if (kind == HD_KNOB_BANDWIDTH) return port[part];
    if (!l->bounded) return 0;
    return l->per_role ? (double)l->role_capacity[part] : 0;
}

double hd_knob_value(const hd_arch *arch, const hd_knob *knob)
{
    const hd_level *l = &arch->level[knob->level];
    if (knob->part >= 0) return part_value(l, knob->kind, knob->part);
    if (knob->kind == HD_KNOB_CAPACITY && !l->per_role) return l->bounded ? (double)l->capacity : 0;
    double sum = 0;
    for (int i = 0; knob->kind != HD_KNOB_FANOUT && i < parts_of(knob->kind); i++) sum += part_value(l, knob->kind, i);
    return sum;
}

void hd_knob_name(const hd_arch *arch, const hd_knob *knob, char out[HD_KNOB_NAME])
{
    snprintf(out, HD_KNOB_NAME, "%s.%s%s%s", arch->level[knob->level].name, kind_name[knob->kind], knob->part >= 0 ? "." : "",
             knob->part >= 0 ? part_name(knob->kind, knob->part) : "");
}

/* ---- the list ---- */

static int list_level(const hd_arch *arch, int level, hd_knob *out)
{
    const hd_level *l = &arch->level[level];
    int n = 0;
    for (hd_knob_kind kind = HD_KNOB_CAPACITY; kind <= HD_KNOB_FANOUT; kind++) {
        int parts = 0;
        bool fans = l->fan[HD_X] > 1 || l->fan[HD_Y] > 1;
        hd_knob whole = {kind, level, -1};
        if (kind != HD_KNOB_FANOUT && hd_knob_value(arch, &whole) > 0) out[n++] = whole;
        int first = n;
        for (int i = 0; (kind != HD_KNOB_FANOUT || fans) && i < parts_of(kind); i++) {
            if (part_value(l, kind, i) <= 0) continue;
            out[n++] = (hd_knob){kind, level, i};
            parts++;
        }
        if (parts == 1 && kind != HD_KNOB_FANOUT) n = first; /* the whole says the same */
    }
    return n;
}

int hd_knob_list(const hd_arch *arch, hd_knob out[HD_KNOBS_MAX])
{
    int n = 0;
    for (int level = 0; level < arch->levels; level++) n += list_level(arch, level, out + n);
    return n;
}

/* ---- names ---- */

static hd_status miss(const hd_arch *arch, const char *text, hd_error *err)
{
    hd_knob all[HD_KNOBS_MAX];
    char list[512] = "", name[HD_KNOB_NAME];
    int n = hd_knob_list(arch, all);
    for (int i = 0; i < n; i++) {
        size_t used = strlen(list);
        hd_knob_name(arch, &all[i], name);
        snprintf(list + used, sizeof list - used, " %s", name);
    }
    return hd_fail(err, HD_ERR_USAGE, "--vary %s: chip %s has no such number; it has:%s", text, arch->name, list);
}

/* The level whose name and a dot begin the text, and what follows; the longest one. */
static int level_of(const hd_arch *arch, const char *text, const char **rest)
{
    int found = -1;
    size_t most = 0;
    for (int l = 0; l < arch->levels; l++) {
        size_t length = strlen(arch->level[l].name);
        if (length <= most || strncmp(text, arch->level[l].name, length) != 0 || text[length] != '.') continue;
        found = l;
        most = length;
        *rest = text + length + 1;
    }
    return found;
}

hd_status hd_knob_parse(const hd_arch *arch, const char *text, hd_knob *out, hd_error *err)
{
    const char *rest = "";
    int level = level_of(arch, text, &rest);
    for (hd_knob_kind kind = HD_KNOB_CAPACITY; level >= 0 && kind <= HD_KNOB_FANOUT; kind++) {
        size_t length = strlen(kind_name[kind]);
        if (strncmp(rest, kind_name[kind], length) != 0 || (rest[length] != '.' && rest[length] != '\0')) continue;
        *out = (hd_knob){kind, level, -1};
        for (int i = 0; rest[length] == '.' && i < parts_of(kind); i++)
            if (strcmp(rest + length + 1, part_name(kind, i)) == 0) out->part = i;
        if (rest[length] == '.' && out->part < 0) break;
        if (hd_knob_value(arch, out) <= 0 || (kind == HD_KNOB_FANOUT && level == 0)) break;
        return HD_OK;
    }
    return miss(arch, text, err);
}

/* ---- turning ---- */

static int64_t whole(double value) { return value < 1 ? 1 : (int64_t)floor(value); }

static void set_part(hd_level *l, hd_knob_kind kind, int part, double value)
{
    double *const port[PORTS] = {&l->read_bw, &l->write_bw, &l->shared_bw};
    if (kind == HD_KNOB_FANOUT) l->fan[part] = whole(value);
    else if (kind == HD_KNOB_BANDWIDTH) *port[part] = value;
    else l->role_capacity[part] = whole(value);
}

hd_status hd_knob_turn(const hd_arch *from, const hd_knob *knob, double value, hd_arch *out, hd_error *err)
{
    const hd_level *old = &from->level[knob->level];
    double has = hd_knob_value(from, knob), ratio = value / has;
    *out = *from;
    hd_level *l = &out->level[knob->level];
    if (!(has > 0) || !isfinite(ratio) || !(value > 0) || value >= 9e15)
        return hd_fail(err, HD_ERR_USAGE, "the value %g is not one that it can have", value);
    if (knob->part >= 0) set_part(l, knob->kind, knob->part, value);
    else if (knob->kind == HD_KNOB_CAPACITY && !l->per_role) l->capacity = whole(value);
    for (int i = 0; knob->part < 0 && (knob->kind == HD_KNOB_BANDWIDTH || l->per_role) && i < parts_of(knob->kind); i++)
        if (part_value(old, knob->kind, i) > 0) set_part(l, knob->kind, i, part_value(old, knob->kind, i) * ratio);
    return hd_arch_check(out, err);
}

bool hd_knob_only_helps(const hd_arch *arch, const hd_knob *knob, const hd_model *model)
{
    /* nodes that share keep full copies where there is room, whether that pays or not */
    if (model == &hd_model_native) return knob->kind != HD_KNOB_CAPACITY || !arch->level[knob->level].mesh.share;
    if (knob->kind == HD_KNOB_FANOUT) return false; /* paths of a larger array are longer */
    return knob->kind != HD_KNOB_CAPACITY || arch->level[knob->level].timeloop.min_utilization == 0;
}

bool hd_knob_offers(const hd_arch *more, const hd_arch *less, const hd_model *model)
{
    hd_arch chip = *more;
    hd_knob knob[HD_KNOBS_MAX];
    if (more->hash == less->hash) return true;
    if (more->levels != less->levels) return false;
    int n = hd_knob_list(less, knob);
    for (int i = 0; i < n; i++) {
        double has = hd_knob_value(more, &knob[i]), needs = hd_knob_value(less, &knob[i]);
        if (has == needs) continue;
        if (has < needs || !hd_knob_only_helps(less, &knob[i], model)) return false;
        hd_level *l = &chip.level[knob[i].level];
        const hd_level *from = &less->level[knob[i].level];
        l->capacity = from->capacity;
        memcpy(l->role_capacity, from->role_capacity, sizeof l->role_capacity);
        l->read_bw = from->read_bw;
        l->write_bw = from->write_bw;
        l->shared_bw = from->shared_bw;
        memcpy(l->fan, from->fan, sizeof l->fan);
    }
    return hd_arch_check(&chip, NULL) == HD_OK && chip.hash == less->hash;
}
