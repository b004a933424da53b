/* What --json prints of a run. */
#ifndef KT_CLI_JSON_H
#define KT_CLI_JSON_H

#include "cli/command.h"

/* The whole object of a finished or stopped run; amplitudes NULL where there is nothing to read. */
kt_exit kt_json_print(kt_work *work, const ketch_report *report, const void *amplitudes);

#endif
