/* How failures are told: a status is returned, its text goes to the caller's ketch_error. */
#ifndef KT_STATUS_H
#define KT_STATUS_H

#include "arena.h"
#include "ketch/core.h"
#include "text.h"

/* Copies as much of a text as fits, and fills the rest with 0. from may be NULL. */
void kt_copy_text(char *to, size_t size, const char *from);

/* Fills *error (if any, and no more of it than error->size) and returns status. The message is
 * "<reason>: given <given>, allowed <allowed>"; given and allowed may be NULL. function is __func__
 * of the public call. */
ketch_status kt_fail(ketch_error *error, ketch_status status, const char *function,
                     const char *argument, const char *given, const char *allowed,
                     const char *reason, ...) __attribute__((format(printf, 7, 8)));
/* The same at a place in a text: the message begins "line:column: ". */
ketch_status kt_fail_at(ketch_error *error, ketch_status status, const char *function, int32_t line,
                        int32_t column, const char *given, const char *allowed, const char *reason,
                        ...) __attribute__((format(printf, 8, 9)));
/* MEMORY from an arena's refusal; `what` says for what. */
ketch_status kt_fail_memory(ketch_error *error, const char *function, const char *argument,
                            const char *what, const kt_refusal *refusal);
/* MEMORY for small records. */
ketch_status kt_fail_heap(ketch_error *error, const char *function);
/* HANDLE for NULL, ended or foreign handles; kind as in "an engine". */
ketch_status kt_fail_handle(ketch_error *error, const char *function, const char *argument,
                            const char *kind, const void *handle);

#define KT_TRY(call)                                                                               \
    do {                                                                                           \
        const ketch_status tried_ = (call);                                                        \
        if (tried_ != KETCH_OK)                                                                    \
            return tried_;                                                                         \
    } while (0)

/* Copies a report or info struct to a caller whose struct may be older and smaller: only out->size
 * bytes are written. Both begin with size_t size. False where out is NULL or its size is 0. */
int kt_copy_out(void *out, const void *in, size_t size);
/* The same with a failure where it was not done: HANDLE for NULL, MISMATCH for a size that is not
 * set. */
ketch_status kt_write_report(void *out, const void *in, size_t size, const char *function,
                             const char *argument, ketch_error *error);
/* Reads an options struct of a caller that may be older (fields it lacks become 0) or newer (what
 * it knows more must be 0). in NULL: all 0. False, and all 0, where its size was not set or it asks
 * for more than is known here. */
int kt_copy_in(void *options, size_t size, const void *in);
/* The same with a failure for the false case: MISMATCH on `argument`. */
ketch_status kt_read_options(void *options, size_t size, const void *in, const char *function,
                             const char *argument, ketch_error *error);

#endif
