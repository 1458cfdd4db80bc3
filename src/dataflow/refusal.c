/* How a rule says no: where, how much is missing, and in words. */
#include <stdarg.h>
#include <stdio.h>

#include "dataflow/scheme.h"

__attribute__((format(printf, 3, 0))) static void note(hd_refusal *out, hd_refusal what, const char *format, va_list args)
{
    *out = what;
    vsnprintf(out->why, sizeof out->why, format, args);
}

bool hd_refuse(hd_refusal *out, hd_refusal_kind kind, int level, int role, int dim, int64_t need, int64_t have,
               const char *format, ...)
{
    if (!out) return false;
    va_list args;
    va_start(args, format);
    note(out, (hd_refusal){kind, level, role, dim, need, have, ""}, format, args);
    va_end(args);
    return false;
}

bool hd_refuse_model(hd_refusal *out, int level, const char *format, ...)
{
    if (!out) return false;
    va_list args;
    va_start(args, format);
    note(out, (hd_refusal){.kind = HD_REFUSE_MODEL, .level = level, .role = -1, .dim = -1}, format, args);
    va_end(args);
    return false;
}
