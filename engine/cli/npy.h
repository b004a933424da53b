/* A state as a NumPy file (format 1.0: numpy/lib/format.py). */
#ifndef KT_CLI_NPY_H
#define KT_CLI_NPY_H

#include "cli/command.h"
#include <sys/stat.h>

/* The file of --state. A regular file is replaced as a whole after the run; special: the descriptor
 * of a device or a pipe, which is opened before the run and written directly, or -1. */
typedef struct kt_npy {
    const kt_options *options;
    int special;
} kt_npy;

/* Checks before the run that the file can be written, so that a name that cannot costs no run. The
 * file that is read, and those to which standard output and error go, are refused; so is an existing
 * file that is no .npy, without --force. Without --state there is no file, and the functions below
 * do nothing. Says what is wrong. */
kt_exit kt_npy_open(kt_npy *npy, const kt_options *options);
/* Writes a vector of 2^qubits complex numbers. A regular file is the old one until the new one is
 * whole and on the disk, also if stop is set meanwhile: then the answer is KT_EXIT_INTERRUPTED. */
kt_exit kt_npy_write(const kt_npy *npy, const void *amplitudes, int32_t qubits,
                     ketch_precision precision, const ketch_stop *stop);
void kt_npy_close(kt_npy *npy);

/* True if the name is that of the file; "-" is standard input. */
bool kt_is_same_file(const struct stat *target, const char *name);

#endif
