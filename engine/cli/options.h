/* Reading the command line. */
#ifndef KT_CLI_OPTIONS_H
#define KT_CLI_OPTIONS_H

#include "cli/command.h"

typedef struct kt_command {
    const char *name;
    unsigned flag; /* which options it takes: a bit of its own */
    int words;     /* how many arguments it takes at most; where it takes some, one must be there */
    kt_exit (*run)(const kt_options *options);
} kt_command;

/* Reads the arguments after the command's name, argv[0] being that name. Says on stderr what is
 * wrong. */
kt_exit kt_options_read(kt_options *options, const kt_command *command, int argc, char **argv);

enum {
    KT_COMMAND_RUN = 1,
    KT_COMMAND_PLAN = 2,
    KT_COMMAND_INFO = 4,
    KT_COMMAND_RESUME = 8,
    KT_COMMAND_COSTS = 16,
    KT_COMMAND_DRAW = 32,
    KT_COMMAND_BENCH = 64,
    KT_COMMAND_GLIA = 128
};

#endif
