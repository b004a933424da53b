/* --timeout before a run begins: while texts are read and planned, which no stop token ends. */
#ifndef KT_CLI_DEADLINE_H
#define KT_CLI_DEADLINE_H

#include <signal.h>
#include <stdbool.h>

/* All zero: there is none. */
typedef struct kt_deadline {
    bool set;
    double end; /* seconds on the monotonic clock */
    struct sigaction before;
} kt_deadline;

/* From now on the process ends with a message and KT_EXIT_TIMEOUT when so many seconds have passed.
 * Nothing may have been printed or written yet. seconds 0: never. */
void kt_deadline_begin(kt_deadline *deadline, double seconds, bool json);
/* The process goes on from now on. Returns the seconds that are left: 0 for no deadline, and else
 * more than 0. */
double kt_deadline_end(kt_deadline *deadline);

#endif
