#define _GNU_SOURCE
#include "cli/interrupt.h"

enum { SIGNALS = 2 };
static const int interrupt_signals[SIGNALS] = {SIGINT, SIGTERM};

/* A signal handler has no other way to its run; the command runs one at a time. */
static ketch_stop interrupt_stop;

static void set_interrupt(int signal_number)
{
    (void)signal_number;
    ketch_stop_set(&interrupt_stop);
}

ketch_stop *kt_interrupt_begin(kt_interrupt *interrupt)
{
    ketch_stop_clear(&interrupt_stop);
    struct sigaction action = {.sa_handler = set_interrupt,
                               .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < SIGNALS; i++) {
        sigaction(interrupt_signals[i], NULL, &interrupt->before[i]);
        if (interrupt->before[i].sa_handler != SIG_IGN)
            sigaction(interrupt_signals[i], &action, NULL);
    }
    return &interrupt_stop;
}

void kt_interrupt_end(const kt_interrupt *interrupt)
{
    for (int i = 0; i < SIGNALS; i++)
        sigaction(interrupt_signals[i], &interrupt->before[i], NULL);
}
