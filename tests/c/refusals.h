/* File operations that fail on purpose, in debug builds: see kt_file_intercept. */
#ifndef KT_TEST_REFUSALS_H
#define KT_TEST_REFUSALS_H

#include "file.h"

#include <check.h>
#include <errno.h>
#include <string.h>

/* Refuses operation number `at` (from 1) of a thread, and all after it where `onwards`, with an
 * errno. first: the kind that was refused first; KT_FILE_KINDS: none. */
typedef struct refusal {
    uint64_t at, count;
    bool onwards;
    int number;
    kt_file_kind first;
} refusal;

static inline int refuse(void *user, kt_file_operation *operation)
{
    refusal *const r = user;
    r->count++;
    if (r->count != r->at && !(r->onwards && r->count > r->at))
        return 0;
    if (r->first == KT_FILE_KINDS)
        r->first = operation->kind;
    return r->number;
}

/* What a save does that it can do without: locks and hints, and tidying up. */
static inline bool can_do_without(const refusal *r)
{
    switch (r->first) {
    case KT_FILE_LOCK:
    case KT_FILE_FLUSH:
    case KT_FILE_REMOVE:
    case KT_FILE_CLOSE:
    case KT_FILE_KINDS:
        return true;
    case KT_FILE_RESERVE:
        return r->number != EIO && r->number != ENOSPC;
    default:
        return false;
    }
}

static inline void check_told(const refusal *r, ketch_status status, const ketch_error *told)
{
    if (!r->onwards && can_do_without(r)) {
        ck_assert_msg(status == KETCH_OK, "kind %d: %s", r->first, told->message);
        return;
    }
    if (status == KETCH_OK)
        ck_assert(r->onwards && can_do_without(r));
    else {
        ck_assert_msg(status == KETCH_IO, "kind %d: %s", r->first, told->message);
        ck_assert_int_eq(told->system, r->number);
        ck_assert_ptr_nonnull(strstr(told->message, "could not "));
    }
}

#endif
