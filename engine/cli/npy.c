#define _GNU_SOURCE
#include "cli/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { NPY_HEADER = 128 }; /* a multiple of 64, as the format asks */

static kt_exit refuse_npy(const kt_npy *npy)
{
    fprintf(stderr, "ketch: --state %s: %s\n", npy->name, strerror(errno));
    return KT_EXIT_FAILED;
}

kt_exit kt_npy_open(kt_npy *npy, const char *name)
{
    *npy = (kt_npy){.name = name, .file = -1};
    if (!name)
        return KT_EXIT_GOOD;
    npy->file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    npy->created = npy->file >= 0;
    if (npy->file < 0 && errno == EEXIST)
        npy->file = open(name, O_WRONLY | O_CLOEXEC);
    return npy->file >= 0 ? KT_EXIT_GOOD : refuse_npy(npy);
}

static void make_header(char header[NPY_HEADER], int32_t qubits, ketch_precision precision)
{
    const char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    const int size = precision == KETCH_SINGLE ? 8 : 16;
    memset(header, ' ', NPY_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10); /* 0x76: what follows of NPY_HEADER */
    const int length = snprintf(header + 10, NPY_HEADER - 10,
                                "{'descr': '%cc%d', 'fortran_order': False, 'shape': (%llu,), }",
                                order, size, 1ULL << qubits);
    header[10 + length] = ' ';
    header[NPY_HEADER - 1] = '\n';
}

static bool write_all(int file, const char *bytes, uint64_t count)
{
    enum { MOST = 1 << 30 };
    while (count > 0) {
        const ssize_t written = write(file, bytes, count < MOST ? (size_t)count : MOST);
        if (written < 0 && errno != EINTR)
            return false;
        const uint64_t step = written > 0 ? (uint64_t)written : 0;
        bytes += step;
        count -= step;
    }
    return true;
}

kt_exit kt_npy_write(kt_npy *npy, const void *amplitudes, int32_t qubits, ketch_precision precision)
{
    if (npy->file < 0)
        return KT_EXIT_GOOD;
    char header[NPY_HEADER];
    make_header(header, qubits, precision);
    const uint64_t bytes = (uint64_t)(precision == KETCH_SINGLE ? 8 : 16) << qubits;
    if (ftruncate(npy->file, 0) < 0 && errno != EINVAL) /* EINVAL: a pipe or device */
        return refuse_npy(npy);
    if (!write_all(npy->file, header, NPY_HEADER) || !write_all(npy->file, amplitudes, bytes))
        return refuse_npy(npy);
    npy->created = false;
    return KT_EXIT_GOOD;
}

void kt_npy_close(kt_npy *npy)
{
    if (npy->file < 0)
        return;
    close(npy->file);
    if (npy->created)
        unlink(npy->name);
    npy->file = -1;
}
