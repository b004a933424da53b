/* Networks and sequences as texts, for tests. */
#ifndef GLIA_TEXTS_H
#define GLIA_TEXTS_H

#include "ketch.h"
#include "ketch/glia.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static ketch_error told;

#define GOOD(call) ck_assert_msg((call) == KETCH_OK, "%s", told.message)

static inline ketch_arena *new_arena(void)
{
    ketch_arena *arena = NULL;
    told = (ketch_error){.size = sizeof told};
    GOOD(ketch_arena_create(&arena, NULL, &told));
    return arena;
}

/* An empty network in an arena of its own. */
static inline ketch_glia_net *new_net(void)
{
    ketch_arena *const arena = new_arena();
    ketch_glia_net *net = NULL;
    GOOD(ketch_glia_net_create(&net, arena, NULL, &told));
    ketch_arena_drop(arena);
    return net;
}

static inline ketch_glia_sequence *new_sequence(void)
{
    ketch_glia_sequence *sequence = NULL;
    told = (ketch_error){.size = sizeof told};
    GOOD(ketch_glia_sequence_create(&sequence, &told));
    return sequence;
}

static inline ketch_status read_net_text(ketch_glia_net *net, const char *text, int strict)
{
    const ketch_glia_read_options options = {.size = sizeof options, .strict = strict};
    return ketch_glia_read(net, text, strlen(text), &options, &told);
}

static inline ketch_status read_sequence_text(ketch_glia_sequence *sequence, const char *text,
                                              int strict)
{
    const ketch_glia_read_options options = {.size = sizeof options, .strict = strict};
    return ketch_glia_sequence_read(sequence, text, strlen(text), &options, &told);
}

/* The texts of these two are the caller's, who frees them. */
static inline char *net_text(ketch_glia_net *net, int exact)
{
    size_t length = 0;
    GOOD(ketch_glia_write(NULL, 0, &length, net, exact, &told));
    char *const text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    GOOD(ketch_glia_write(text, length + 1, NULL, net, exact, &told));
    ck_assert_uint_eq(strlen(text), length);
    return text;
}

static inline char *sequence_text(ketch_glia_sequence *sequence, int exact)
{
    size_t length = 0;
    GOOD(ketch_glia_sequence_write(NULL, 0, &length, sequence, exact, &told));
    char *const text = malloc(length + 1);
    ck_assert_ptr_nonnull(text);
    GOOD(ketch_glia_sequence_write(text, length + 1, NULL, sequence, exact, &told));
    ck_assert_uint_eq(strlen(text), length);
    return text;
}

#endif
