/* What does a failure say?  Fills an hd_error; NULL means nobody listens.
 *
 * The first error wins because HD_TRY returns at once: nothing is read from `err`, so a caller may hand in
 * uninitialised storage.  Text that does not fit is cut, never overrun.                             */
#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 6, 0)))
static hd_status fill(hd_error *err, hd_status code, const char *file, int line, int column,
                      const char *format, va_list arguments) {
    assert(code != HD_OK);
    if (!err) return code;
    err->code = code;
    err->line = line;
    err->column = column;
    snprintf(err->file, sizeof err->file, "%s", file ? file : "");
    if (vsnprintf(err->message, sizeof err->message, format, arguments) < 0) err->message[0] = '\0';
    return code;
}

hd_status hd_fail(hd_error *err, hd_status code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    hd_status status = fill(err, code, NULL, 0, 0, format, arguments);
    va_end(arguments);
    return status;
}

hd_status hd_fail_at(hd_error *err, hd_status code, const char *file, int line, int column,
                     const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    hd_status status = fill(err, code, file, line, column, format, arguments);
    va_end(arguments);
    return status;
}

hd_status hd_fail_memory(hd_error *err) {
    return hd_fail(err, HD_ERR_MEMORY,
                   "out of memory: an allocation failed or the limit of an arena is reached");
}
