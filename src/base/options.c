/* A table of options with its values. */
#include "base/options.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int hd_option_find(const hd_option *options, const char *name)
{
    for (int i = 0; options && options[i].name; i++)
        if (strcmp(options[i].name, name) == 0) return i;
    return -1;
}

void hd_option_values(const hd_option *options, const double *given, double out[HD_OPTIONS_MOST])
{
    for (int i = 0; options && options[i].name; i++) {
        assert(i < HD_OPTIONS_MOST);
        out[i] = given ? given[i] : options[i].standard;
    }
}

void hd_option_scale(const hd_option *options, const char *name, double by, double *values)
{
    int at = hd_option_find(options, name);
    if (at >= 0) values[at] = ceil(values[at] * by);
}
