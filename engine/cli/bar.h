/* A progress bar on stderr, drawn from a run's ticks. */
#ifndef KT_CLI_BAR_H
#define KT_CLI_BAR_H

#include "cli/command.h"

/* drawn: the percentage that stands in the line now, -1 for none. fraction, seconds: of the last
 * tick. about: stands behind them, unless it is empty. */
typedef struct kt_bar {
    bool on;
    int stride; /* percent that a new drawing must add: a file is not to be filled with bars */
    int drawn;
    double patience; /* seconds before the first drawing: short runs need no bar */
    double fraction, seconds;
    kt_text about;
} kt_bar;

void kt_bar_begin(kt_bar *bar, kt_progress progress);
/* The hook to run with; user is the bar. */
int32_t kt_bar_hook(const ketch_step *step, void *bar);
/* The last drawing, where there was or should be one: fraction 1 for a run that came to its end. */
void kt_bar_end(kt_bar *bar, double fraction, double seconds);

#endif
