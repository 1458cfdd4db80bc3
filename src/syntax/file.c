/* What does a text file hold?  Read in growing pieces, so that pipes serve as well. */
#include "syntax/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static hd_status read_all(FILE *file, const char *path, hd_text *text, hd_error *err) {
    char piece[8192];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0) {
        if (text->length + n > HD_FILE_LIMIT)
            return hd_fail_at(err, HD_ERR_INPUT, path, 0, 0, "the file is larger than %d MiB",
                              HD_FILE_LIMIT >> 20);
        hd_text_appendn(text, piece, n);
        HD_TRY(hd_text_check(text, err));
    }
    if (ferror(file)) return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot be read: %s", strerror(errno));
    return HD_OK;
}

hd_status hd_file_read(const char *path, hd_arena *arena, char **out, size_t *length, hd_error *err) {
    FILE *file = fopen(path, "rb");
    if (!file) return hd_fail_at(err, HD_ERR_IO, path, 0, 0, "cannot be opened: %s", strerror(errno));
    hd_text text;
    hd_text_init(&text, NULL, 0);
    hd_status status = read_all(file, path, &text, err);
    fclose(file);
    if (status == HD_OK) {
        *out = hd_arena_textn(arena, text.data ? text.data : "", text.length);
        *length = text.length;
        if (!*out) status = hd_fail_memory(err);
    }
    hd_text_free(&text);
    return status;
}
