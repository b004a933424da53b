/* A run with a bar, Ctrl-C and files to save it and its state to, and what it prints. */
#ifndef KT_CLI_RUNNING_H
#define KT_CLI_RUNNING_H

#include "cli/command.h"
#include "cli/npy.h"

/* Carries a run: begins one, or goes on with work->result. */
typedef ketch_status kt_start(kt_work *work, const ketch_run *run);

/* Carries it and prints what it gives, or says how far it came. save: NULL, or the file. */
kt_exit kt_running(kt_work *work, const kt_npy *npy, kt_start *start, const char *save);

/* Its parts: carries a run, with a bar; tells where a run that was stopped stands, and returns its exit
 * code. */
ketch_status kt_carry(kt_work *work, kt_start *start, const char *save, ketch_stop *stop);
kt_exit kt_tell_stop(const kt_work *work, ketch_status status, const char *save);

#endif
