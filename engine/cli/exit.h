/* Exit codes of the command. */
#ifndef KT_CLI_EXIT_H
#define KT_CLI_EXIT_H

typedef enum kt_exit {
    KT_EXIT_GOOD = 0,
    KT_EXIT_FAILED = 1, /* output that cannot be written */
    KT_EXIT_INPUT = 2,  /* bad input or usage */
    KT_EXIT_MEMORY = 3,
    KT_EXIT_TIMEOUT = 124,
    KT_EXIT_INTERRUPTED = 130
} kt_exit;

#endif
