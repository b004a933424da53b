/* What a run took, as a table and in JSON. */
#ifndef KT_CLI_REPORT_H
#define KT_CLI_REPORT_H

#include "cli/command.h"

/* Prints the report as lines of a name and a value. */
void kt_report_text(const ketch_report *report);
/* Prints ', "report": {...}', which belongs into an object. */
void kt_report_json(const ketch_report *report);

/* A time to three digits: "5.19 ms". */
kt_text kt_text_seconds(double seconds);
/* What JSON has for a number that may be unknown. */
kt_text kt_known_number(double value, bool is_known);

#endif
