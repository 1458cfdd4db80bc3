/* Numeric options of solvers and models as tables: one row gives the parser, the help and the error text. */
#ifndef HD_BASE_OPTIONS_H
#define HD_BASE_OPTIONS_H

typedef struct hd_option { const char *name, *help; double standard, low, high; } hd_option; /* tables end with name NULL */

enum { HD_OPTIONS_MOST = 16 }; /* rows of a table */

/* The row of a name, or -1. */
int hd_option_find(const hd_option *options, const char *name);
/* A value per row, to be changed: those given, or the standards where `given` is NULL.  `options` may be NULL. */
void hd_option_values(const hd_option *options, const double *given, double out[HD_OPTIONS_MOST]);
/* Multiply the value of a name and round it up, if there is such a row. */
void hd_option_scale(const hd_option *options, const char *name, double by, double *values);

#endif
