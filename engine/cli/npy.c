#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "cli/npy.h"

#include "cli/say.h"
#include "replace.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum {
    NPY_HEADER = 128, /* a multiple of 64, as the format asks */
    NPY_MAGIC = 6
};

/* ---- which file may be written ---- */

static kt_exit refuse_npy(const kt_npy *npy, kt_exit code, const char *why)
{
    return kt_refuse(npy->options->json, code, "ketch: ", "--state ", npy->options->state, ": ",
                     why, NULL);
}

static kt_exit fail_npy(const kt_npy *npy, const ketch_error *error)
{
    return refuse_npy(npy, kt_exit_of(error->status), error->message);
}

static kt_exit fail_special(const kt_npy *npy)
{
    return refuse_npy(npy, KT_EXIT_FAILED, strerror(errno));
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool kt_is_same_file(const struct stat *target, const char *name)
{
    struct stat info;
    return (strcmp(name, "-") == 0 ? fstat(STDIN_FILENO, &info) : stat(name, &info)) == 0 &&
           is_same_file(target, &info);
}

static bool is_same_descriptor(const struct stat *target, int descriptor)
{
    struct stat info;
    return fstat(descriptor, &info) == 0 && is_same_file(target, &info);
}

/* What else the command does with the file; NULL: nothing. */
static const char *other_use(const kt_options *options, const struct stat *target)
{
    if (kt_is_same_file(target, options->file))
        return "this file is the input: write the state to another one";
    if (options->save && kt_is_same_file(target, options->save))
        return "this file is that of --save: write the state to another one";
    if (is_same_descriptor(target, STDOUT_FILENO) || is_same_descriptor(target, STDERR_FILENO))
        return "what is printed goes to this file: write the state to another one";
    return NULL;
}

static kt_replaceable replaceable_npy(const kt_options *options)
{
    return (kt_replaceable){
        .magic = "\x93NUMPY",
        .size = NPY_MAGIC,
        .allowed = "no file, or a .npy (--force: any file)",
        .force = options->force,
    };
}

static kt_exit try_regular(const kt_npy *npy)
{
    ketch_error error = {.size = sizeof error};
    const kt_replaceable old = replaceable_npy(npy->options);
    return kt_replace_try(npy->options->state, &old, "ketch_cli", &error) == KETCH_OK
               ? KT_EXIT_GOOD
               : fail_npy(npy, &error);
}

static kt_exit open_special(kt_npy *npy)
{
    npy->special = kt_file_open_at(KT_FILE_OPEN, AT_FDCWD, npy->options->state, O_WRONLY, 0);
    return npy->special >= 0 ? KT_EXIT_GOOD : fail_special(npy);
}

kt_exit kt_npy_open(kt_npy *npy, const kt_options *options)
{
    *npy = (kt_npy){.options = options, .special = -1};
    if (!options->state)
        return KT_EXIT_GOOD;
    struct stat info;
    if (stat(options->state, &info) != 0)
        return try_regular(npy);
    if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return open_special(npy);
    const char *const use = other_use(options, &info);
    return use ? refuse_npy(npy, KT_EXIT_INPUT, use) : try_regular(npy);
}

/* ---- writing ---- */

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

static bool write_special(int file, const char *bytes, uint64_t count)
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

/* STOPPED if stop was set before the last byte was written. */
static ketch_status fill_npy(kt_replacement *fresh, const char header[NPY_HEADER],
                             const char *amplitudes, uint64_t size, const ketch_stop *stop)
{
    ketch_status status = kt_replace_reserve(fresh, NPY_HEADER + size);
    if (status == KETCH_OK)
        status = kt_replace_write(fresh, header, NPY_HEADER, 0);
    for (uint64_t done = 0; status == KETCH_OK && done < size; done += KT_FILE_PIECE) {
        const uint64_t piece = size - done < KT_FILE_PIECE ? size - done : KT_FILE_PIECE;
        status = ketch_stop_read(stop)
                     ? KETCH_STOPPED
                     : kt_replace_write(fresh, amplitudes + done, piece, NPY_HEADER + done);
    }
    return status;
}

static kt_exit replace_npy(const kt_npy *npy, const char header[NPY_HEADER], const void *amplitudes,
                           uint64_t size, const ketch_stop *stop)
{
    ketch_error error = {.size = sizeof error};
    kt_replacement fresh;
    const kt_replaceable old = replaceable_npy(npy->options);
    if (kt_replace_begin(&fresh, npy->options->state, &old, "ketch_cli", &error) != KETCH_OK)
        return fail_npy(npy, &error);
    const ketch_status status = fill_npy(&fresh, header, amplitudes, size, stop);
    if (status == KETCH_OK)
        return kt_replace_commit(&fresh) == KETCH_OK ? KT_EXIT_GOOD : fail_npy(npy, &error);
    kt_replace_abandon(&fresh);
    if (status != KETCH_STOPPED)
        return fail_npy(npy, &error);
    return refuse_npy(npy, KT_EXIT_INTERRUPTED,
                      "interrupted while it was written: the file is as it was before");
}

kt_exit kt_npy_write(const kt_npy *npy, const void *amplitudes, int32_t qubits,
                     ketch_precision precision, const ketch_stop *stop)
{
    if (!npy->options->state)
        return KT_EXIT_GOOD;
    char header[NPY_HEADER];
    make_header(header, qubits, precision);
    const uint64_t size = (uint64_t)(precision == KETCH_SINGLE ? 8 : 16) << qubits;
    if (npy->special < 0)
        return replace_npy(npy, header, amplitudes, size, stop);
    if (write_special(npy->special, header, NPY_HEADER) &&
        write_special(npy->special, amplitudes, size))
        return KT_EXIT_GOOD;
    return fail_special(npy);
}

void kt_npy_close(kt_npy *npy)
{
    kt_file_end(npy->special);
    npy->special = -1;
}
