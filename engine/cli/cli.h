/* The `ketch` command as a function: the program calls it from main, the Python package from its
 * entry point. It prints, reads files handles SIGINT and SIGTERM around a run, and SIGALRM before
 * one: only a --timeout that is over while a circuit is read or planned ends the process. */
#ifndef KT_CLI_CLI_H
#define KT_CLI_CLI_H

/* Does what the command line says and returns the exit code: see exit.h. argv is as
 * main gets it; its order may change. One call at a time in a process. Standard input, output and
 * error are used as they are: main occupies closed ones before. If a host has closed one, reading or
 * printing fails, and no file that is written gets its descriptor. */
int ketch_cli(int argc, char **argv);

#endif
