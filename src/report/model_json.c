/* Which numbers does the model itself report of a scheme?
 *
 * Facts come in the model's own order; they are kept, and each object writes those that are its own. */
#include "report/model_json.h"

#include "base/arena.h"

typedef struct facts { int count; hd_fact *fact; } facts;

static void count_fact(void *user, const hd_fact *fact)
{
    (void)fact;
    ((facts *)user)->count++;
}

static void keep_fact(void *user, const hd_fact *fact)
{
    facts *f = user;
    f->fact[f->count++] = *fact;
}

typedef struct writer { hd_json *json; const hd_problem *p; facts facts; } writer;

static bool is_of(const hd_fact *fact, bool network, int level)
{
    return fact->level == level && (level < 0 || fact->network == network);
}

static bool has_level(const writer *w, bool network, int level)
{
    for (int i = 0; i < w->facts.count; i++)
        if (is_of(&w->facts.fact[i], network, level)) return true;
    return false;
}

static bool has_role(const writer *w, bool network, int level, int role)
{
    for (int i = 0; i < w->facts.count; i++)
        if (is_of(&w->facts.fact[i], network, level) && w->facts.fact[i].role == role) return true;
    return false;
}

static void write_own(const writer *w, bool network, int level, int role)
{
    for (int i = 0; i < w->facts.count; i++) {
        const hd_fact *fact = &w->facts.fact[i];
        if (is_of(fact, network, level) && fact->role == role) hd_json_double(w->json, fact->name, fact->value);
    }
}

static void write_level(const writer *w, bool network, int level)
{
    hd_json_open(w->json, w->p->arch->level[level].name, '{');
    write_own(w, network, level, -1);
    for (int r = 0; r < HD_ROLES; r++) {
        if (!has_role(w, network, level, r)) continue;
        hd_json_open_flat(w->json, hd_tensor_name(w->p->op, (hd_role)r), '{');
        write_own(w, network, level, r);
        hd_json_close(w->json, '}');
    }
    hd_json_close(w->json, '}');
}

static void write_levels(const writer *w, const char *key, bool network)
{
    hd_json_open(w->json, key, '{');
    for (int l = 0; l < w->p->arch->levels; l++)
        if (has_level(w, network, l)) write_level(w, network, l);
    hd_json_close(w->json, '}');
}

/* Two passes: how many there are, then the facts themselves. */
static bool collect(const hd_model *model, const hd_problem *p, const hd_scheme *s, hd_arena *arena, facts *out)
{
    model->facts(p, s, count_fact, out);
    out->fact = hd_arena_alloc(arena, (size_t)out->count + 1, sizeof *out->fact);
    out->count = 0;
    if (out->fact) model->facts(p, s, keep_fact, out);
    return out->fact != NULL;
}

void hd_model_json(hd_json *json, const hd_model *model, const hd_problem *p, const hd_scheme *s)
{
    writer w = {.json = json, .p = p};
    hd_arena *arena = model->facts ? hd_arena_new(NULL, 0) : NULL;
    hd_json_open(json, "model", '{');
    if (arena && collect(model, p, s, arena, &w.facts)) {
        write_own(&w, false, -1, -1);
        write_levels(&w, "levels", false);
        write_levels(&w, "networks", true);
    } else if (model->facts) {
        json->text->failed = true; /* out of memory: hd_text_check says so */
    }
    hd_json_close(json, '}');
    hd_arena_free(arena);
}
