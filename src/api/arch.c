/* Chips for users of the library: opened by name or file, or read from text. */
#include "api/handles.h"

#include <string.h>

#include "catalogue/catalogue.h"
#include "formats/heddle/arch_yaml.h"
#include "report/arch_json.h"

HD_API hd_status hd_arch_open(hd_context *context, const char *source, hd_arch **out, hd_error *err)
{
    char path[HD_PATH];
    HD_TRY(hd_zoo_find("arch", source, path, err));
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_arch), &memory, err));
    hd_status status = hd_arch_read_file(path, memory, err);
    if (status != HD_OK) {
        hd_context_release(context, memory);
        return status;
    }
    *out = memory;
    return HD_OK;
}

HD_API hd_status hd_arch_parse(hd_context *context, const char *text, size_t length, hd_arch **out, hd_error *err)
{
    void *memory;
    HD_TRY(hd_context_alloc(context, sizeof(hd_arch), &memory, err));
    hd_status status = hd_arch_read(text, length, NULL, memory, err);
    if (status != HD_OK) {
        hd_context_release(context, memory);
        return status;
    }
    *out = memory;
    return HD_OK;
}

hd_status hd_arch_of_model(const char *model, const hd_arch *given, hd_arena *arena, const hd_arch **out, hd_error *err)
{
    const hd_model *found;
    hd_arch own;
    HD_TRY(hd_catalogue_model(model, &found, err));
    *out = given;
    if (!hd_model_chip(found, given, &own)) return HD_OK;
    hd_arch *copy = hd_arena_alloc(arena, 1, sizeof *copy);
    if (!copy) return hd_fail_memory(err);
    *copy = own;
    *out = copy;
    return HD_OK;
}

HD_API void hd_arch_free(hd_context *context, hd_arch *arch) { hd_context_release(context, arch); }
HD_API const char *hd_arch_name(const hd_arch *arch) { return arch->name; }
HD_API int hd_arch_levels(const hd_arch *arch) { return arch->levels; }

HD_API const char *hd_arch_level_name(const hd_arch *arch, int level)
{
    return level >= 0 && level < arch->levels ? arch->level[level].name : NULL;
}

HD_API hd_status hd_arch_text(hd_context *context, const hd_arch *arch, char **out, hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_arch_write(arch, 0, &text);
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_arch_json(hd_context *context, const hd_arch *arch, char **out, hd_error *err)
{
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), 0);
    hd_status status = hd_arch_to_json(arch, &text, err);
    if (status == HD_OK) return hd_text_give(&text, out, err);
    hd_text_free(&text);
    return status;
}

HD_API hd_status hd_arch_source(hd_context *context, const char *source, char **out, hd_error *err)
{
    char path[HD_PATH];
    size_t length;
    HD_TRY(hd_zoo_find("arch", source, path, err));
    return hd_context_read(context, path, out, &length, err);
}
