/* Calls in tests that must be good. */
#ifndef KT_TEST_GOOD_H
#define KT_TEST_GOOD_H

#include "ketch.h"

#include <check.h>

/* Ends the test where the call fails. The call names its last argument &error. */
#define GOOD(call)                                                                                 \
    do {                                                                                           \
        ketch_error error = {.size = sizeof error};                                                \
        const ketch_status got = (call);                                                           \
        if (got != KETCH_OK) /* ck_assert writes a message at every pass */                        \
            ck_abort_msg("%s: %s", #call, error.message);                                          \
    } while (0)

#endif
