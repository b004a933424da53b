/* Ctrl-C (SIGINT) and SIGTERM as a stop token, for the time of a run. */
#ifndef KT_CLI_INTERRUPT_H
#define KT_CLI_INTERRUPT_H

#include "ketch.h"
#include <signal.h>

/* The handlers that were there before. */
typedef struct kt_interrupt {
    struct sigaction before[2];
} kt_interrupt;

/* From now on one of the signals sets the returned token, and a second one acts as it would without
 * us. A signal that is ignored stays ignored. */
ketch_stop *kt_interrupt_begin(kt_interrupt *interrupt);
/* As it was before. */
void kt_interrupt_end(const kt_interrupt *interrupt);

#endif
