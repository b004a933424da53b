/* What the targets for texts of networks and of sequences share. */
#ifndef KT_FUZZ_TEXT_H
#define KT_FUZZ_TEXT_H

#include "fuzz.h"

#include <string.h>

/* How many notes lenient reading made. */
typedef struct fuzz_notes {
    uint64_t count;
} fuzz_notes;

static inline void fuzz_note(int32_t line, int32_t column, const char *found, const char *why,
                             void *user)
{
    fuzz_notes *const notes = user;
    FUZZ_REQUIRE(line > 0 && column > 0 && *found && *why);
    notes->count++;
}

/* A failure tells itself, and where it is in the text. */
static inline ketch_status fuzz_told(ketch_status status, const ketch_error *error)
{
    FUZZ_REQUIRE(status == error->status);
    FUZZ_REQUIRE(status == KETCH_OK || (error->line > 0 && error->column > 0 && error->message[0]));
    return status;
}

/* A copy of exactly that size, so that reading beyond it is seen; the caller frees it. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + !size);
    FUZZ_REQUIRE(text != NULL);
    memcpy(text, data, size);
    return text;
}

#endif
