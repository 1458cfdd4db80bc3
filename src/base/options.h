/* Numeric options of solvers and models as tables: one row gives the parser, the help and the error text. */
#ifndef HD_BASE_OPTIONS_H
#define HD_BASE_OPTIONS_H

typedef struct hd_option { const char *name, *help; double standard, low, high; } hd_option; /* tables end with name NULL */

#endif
