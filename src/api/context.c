/* The context: memory, threads, log and cancel of one user of the library.  Nothing else is shared. */
#include "api/handles.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/threads.h"

const hd_allocator *hd_context_memory(const hd_context *context)
{
    return context->options.allocator.reallocate ? &context->options.allocator : NULL;
}

hd_status hd_context_alloc(const hd_context *context, size_t size, void **out, hd_error *err)
{
    *out = hd_reallocate(hd_context_memory(context), NULL, size);
    if (!*out) return hd_fail_memory(err);
    memset(*out, 0, size);
    return HD_OK;
}

void hd_context_release(const hd_context *context, void *p)
{
    if (p) hd_reallocate(hd_context_memory(context), p, 0);
}

void hd_context_log(const hd_context *context, const char *message)
{
    if (context->options.log) context->options.log(context->options.user, message);
}

hd_status hd_text_give(hd_text *text, char **out, hd_error *err)
{
    if (!text->data) hd_text_append(text, "");
    hd_status status = hd_text_check(text, err);
    if (status == HD_OK && !text->data) status = hd_fail_memory(err);
    if (status != HD_OK) {
        hd_text_free(text);
        return status;
    }
    *out = text->data;
    text->data = NULL;
    return HD_OK;
}

void hd_stamp_copy(void *to, size_t to_size, const void *from, size_t from_size)
{
    memset(to, 0, to_size);
    if (from) memcpy(to, from, from_size < to_size ? from_size : to_size);
}

void hd_stamp_give(void *to, const void *from, size_t from_size)
{
    size_t size;
    memcpy(&size, to, sizeof size); /* every stamped struct begins with its size */
    size_t n = size == 0 || size > from_size ? from_size : size;
    memcpy((char *)to + sizeof size, (const char *)from + sizeof size, n - sizeof size);
}

hd_status hd_context_read(const hd_context *context, const char *path, char **out, size_t *length, hd_error *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot be opened for reading");
    hd_text text;
    hd_text_init(&text, hd_context_memory(context), (size_t)1 << 30);
    char block[16384];
    size_t n;
    while ((n = fread(block, 1, sizeof block, file)) > 0) hd_text_appendn(&text, block, n);
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken) {
        hd_text_free(&text);
        return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot be read");
    }
    *length = text.length;
    return hd_text_give(&text, out, err);
}

HD_API hd_status hd_context_new(const hd_context_options *options, hd_context **out, hd_error *err)
{
    hd_context seed = {0};
    hd_stamp_copy(&seed.options, sizeof seed.options, options, options ? options->size : 0);
    if (options && options->size < sizeof options->size + sizeof options->allocator)
        return hd_fail(err, HD_ERR_USAGE, "hd_context_options.size must be sizeof(hd_context_options)");
    if (seed.options.threads < 0 || seed.options.threads > HD_MAX_THREADS)
        return hd_fail(err, HD_ERR_USAGE, "%d threads: from 1 to %d are served", seed.options.threads,
                       (int)HD_MAX_THREADS);
    if (seed.options.threads == 0) seed.options.threads = 1;
    void *memory;
    HD_TRY(hd_context_alloc(&seed, sizeof seed, &memory, err));
    *out = memory;
    **out = seed;
    return HD_OK;
}

HD_API void hd_context_free(hd_context *context)
{
    if (!context) return;
    hd_context copy = *context;
    hd_context_release(&copy, context);
}

HD_API void hd_string_free(hd_context *context, char *text) { hd_context_release(context, text); }
