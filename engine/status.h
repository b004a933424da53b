/* Failures: a status is returned, and its text goes to the caller's ketch_error. */
#ifndef KT_STATUS_H
#define KT_STATUS_H

#include "arena.h"
#include "ketch/core.h"
#include "text.h"

/* Copies as much of a text as fits, and fills the rest with 0. from may be NULL. */
void kt_copy_text(char *to, size_t size, const char *from);

/* Fills *error, if there is one and as far as error->size reaches, and returns status. The message
 * is "<reason>: given <given>, allowed <allowed>"; given and allowed may be NULL. function is
 * __func__ of the public call. */
ketch_status kt_fail(ketch_error *error, ketch_status status, const char *function,
                     const char *argument, const char *given, const char *allowed,
                     const char *reason, ...) __attribute__((format(printf, 7, 8)));
/* The same at a place in a text: the message begins "line:column: ". */
ketch_status kt_fail_at(ketch_error *error, ketch_status status, const char *function, int32_t line,
                        int32_t column, const char *given, const char *allowed, const char *reason,
                        ...) __attribute__((format(printf, 8, 9)));
/* MEMORY or FORKED, from an arena's refusal. what: the thing that the memory is for. */
ketch_status kt_fail_memory(ketch_error *error, const char *function, const char *argument,
                            const char *what, const kt_refusal *refusal);
/* FORKED. made: what another process made, as in "the engine". */
ketch_status kt_fail_forked(ketch_error *error, const char *function, const char *argument,
                            const char *made);
/* MEMORY for small records. */
ketch_status kt_fail_heap(ketch_error *error, const char *function);
/* HANDLE, for a handle that is NULL, was destroyed or is of another kind. kind: as in "an
 * engine". */
ketch_status kt_fail_handle(ketch_error *error, const char *function, const char *argument,
                            const char *kind, const void *handle);

#define KT_TRY(call)                                                                               \
    do {                                                                                           \
        const ketch_status tried_ = (call);                                                        \
        if (tried_ != KETCH_OK)                                                                    \
            return tried_;                                                                         \
    } while (0)

/* Copies a report or info struct to a caller whose struct may be older and smaller: at most
 * out->size bytes are written. Both begin with size_t size. False if out is NULL or its size is
 * 0. */
int kt_copy_out(void *out, const void *in, size_t size);
/* kt_copy_out with a failure: HANDLE for NULL, MISMATCH for a size that is not set. */
ketch_status kt_write_report(void *out, const void *in, size_t size, const char *function,
                             const char *argument, ketch_error *error);
/* Copies the options struct of a caller that may be older (fields that it lacks become 0) or newer
 * (fields that are unknown here must be 0). in NULL: all 0. False, and all 0, if its size is not
 * set or an unknown field is not 0. */
int kt_copy_in(void *options, size_t size, const void *in);
/* kt_copy_in with a failure: MISMATCH, naming the argument. */
ketch_status kt_read_options(void *options, size_t size, const void *in, const char *function,
                             const char *argument, ketch_error *error);

#endif
