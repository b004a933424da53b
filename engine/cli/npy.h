/* A state as a NumPy file (format 1.0: numpy/lib/format.py). */
#ifndef KT_CLI_NPY_H
#define KT_CLI_NPY_H

#include "cli/command.h"

/* An output file, opened before the run so that a name that cannot be written costs no run. Nothing
 * is changed in it before the write. file < 0: none. */
typedef struct kt_npy {
    const char *name;
    int file;
    bool created;
} kt_npy;

/* name NULL: none, and all else does nothing. */
kt_exit kt_npy_open(kt_npy *npy, const char *name);
/* A vector of 2^qubits complex numbers. */
kt_exit kt_npy_write(kt_npy *npy, const void *amplitudes, int32_t qubits,
                     ketch_precision precision);
/* Closes it; a file that was created and not written whole is removed. */
void kt_npy_close(kt_npy *npy);

#endif
