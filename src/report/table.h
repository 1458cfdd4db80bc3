/* Networks and plans as text tables for people. */
#ifndef HD_REPORT_TABLE_H
#define HD_REPORT_TABLE_H

#include "base/text.h"
#include "network/plan.h"

/* One line per scheduled layer and a line of totals.  Ask hd_text_check at the end, as always. */
void hd_table_plan(const hd_plan *plan, hd_text *text);
/* One line per operator of the network. */
void hd_table_network(const hd_network *network, hd_text *text);
/* A number with three or four significant digits and a unit prefix: 4.09 G. */
void hd_table_number(double value, char out[HD_NUMBER]);

#endif
