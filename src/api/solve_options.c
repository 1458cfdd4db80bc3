/* The options of a search: words of the user in, the plan's numbers out, each refused with what there is. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/pins_yaml.h"

static bool word_is(const char *word, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(word, name, length) == 0;
}

/* "template,ragged" and the like. */
static hd_status parse_space(const char *text, hd_plan_options *out, hd_error *err)
{
    out->space = HD_SPACE_TEMPLATE;
    for (const char *word = text; word && *word;) {
        size_t length = strcspn(word, ",");
        if (word_is(word, length, "template") || word_is(word, length, "free")) {
            out->space_given = true;
            out->space = word[0] == 'f' ? HD_SPACE_FREE : HD_SPACE_TEMPLATE;
        } else if (word_is(word, length, "ragged")) {
            out->ragged = true;
        } else if (word_is(word, length, "bypass")) {
            out->bypass = true;
        } else {
            return hd_fail(err, HD_ERR_USAGE, "space '%.*s': words of template,free,ragged,bypass expected",
                           (int)length, word);
        }
        word += length + (word[length] == ',');
    }
    return HD_OK;
}

static hd_status set_value(const hd_solver *solver, const char *set, double *values, hd_error *err)
{
    size_t name = strcspn(set, ".="), option = 0;
    if (set[name] == '.') option = strcspn(set + name + 1, "=");
    const char *key = set + name + 1, *equals = key + option;
    if (set[name] != '.' || *equals != '=')
        return hd_fail(err, HD_ERR_USAGE, "--set %s: NAME.OPTION=VALUE expected", set);
    if (!word_is(set, name, solver->name))
        return hd_fail(err, HD_ERR_USAGE, "--set %s: the run uses solver %s, whose options `heddle list options` shows; "
                       "the model native has none", set, solver->name);
    int index = 0;
    for (const hd_option *o = solver->options; o && o->name; o++, index++) {
        if (!word_is(key, option, o->name)) continue;
        double value;
        if (!hd_parse_double(equals + 1, strlen(equals + 1), &value) || value < o->low || value > o->high)
            return hd_fail(err, HD_ERR_USAGE, "--set %s: a number from %g to %g expected", set, o->low, o->high);
        values[index] = value;
        return HD_OK;
    }
    return hd_fail(err, HD_ERR_USAGE, "--set %s: solver %s has no option '%.*s'", set, solver->name, (int)option, key);
}

static hd_status solver_values(const hd_solve_options *given, const hd_solver *solver, hd_arena *arena,
                               const double **out, hd_error *err)
{
    size_t count = 0;
    while (solver->options && solver->options[count].name) count++;
    double *values = hd_arena_alloc(arena, count + 1, sizeof *values);
    if (!values) return hd_fail_memory(err);
    for (size_t i = 0; i < count; i++) values[i] = solver->options[i].standard;
    for (int s = 0; s < given->sets; s++) HD_TRY(set_value(solver, given->set[s], values, err));
    *out = values;
    return HD_OK;
}

hd_status hd_options_resolve(const hd_context *context, const hd_solve_options *given, const hd_network *network,
                             const hd_arch *arch, hd_arena *arena, hd_plan_options *out, hd_error *err)
{
    hd_solve_options o;
    hd_stamp_copy(&o, sizeof o, given, given ? given->size : 0);
    *out = (hd_plan_options){.seed = o.seed, .evaluations = o.evaluations, .seconds = o.seconds,
                             .threads = context->options.threads, .cancel = context->options.cancel,
                             .progress = context->options.progress, .user = context->options.user};
    HD_TRY(hd_catalogue_solver(o.solver, &out->solver, err));
    HD_TRY(hd_catalogue_model(o.model, &out->model, err));
    HD_TRY(hd_catalogue_objective(o.objective, &out->objective, err));
    HD_TRY(parse_space(o.space, out, err));
    if (o.evaluations < 0 || !(o.seconds >= 0))
        return hd_fail(err, HD_ERR_USAGE, "a budget of evaluations or seconds is at least 0");
    HD_TRY(solver_values(&o, out->solver, arena, &out->option_values, err));
    if (!o.pin_file) return HD_OK;
    hd_pin *pins = NULL;
    HD_TRY(hd_pins_read_file(o.pin_file, network, arch, arena, &pins, &out->pins, err));
    out->pin = pins;
    return HD_OK;
}
