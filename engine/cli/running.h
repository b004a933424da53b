/* A run with a bar, Ctrl-C and files to save it and its state to, and what it prints. */
#ifndef KT_CLI_RUNNING_H
#define KT_CLI_RUNNING_H

#include "cli/command.h"
#include "cli/npy.h"

/* Carries a run: begins one, or goes on with work->result. */
typedef ketch_status kt_start(kt_work *work, const ketch_run *run);

/* Carries it and prints what it gives, or says how far it came. save: NULL, or the file. */
kt_exit kt_running(kt_work *work, const kt_npy *npy, kt_start *start, const char *save);

#endif
