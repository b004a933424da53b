/* What the fuzz targets share. A target is a file of its own with LLVMFuzzerTestOneInput: fuzz.sh
 * links it with libFuzzer, and the test suite with replay.c, which runs a folder of inputs. */
#ifndef KT_FUZZ_H
#define KT_FUZZ_H

#include "ketch.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process where the condition is false. */
#define FUZZ_REQUIRE(condition)                                                                    \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_fail(__FILE__, __LINE__, #condition);                                             \
    } while (0)

__attribute__((noreturn)) static inline void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

/* An input that is read from its beginning; after its end it gives zeros. */
typedef struct fuzz_input {
    const uint8_t *data;
    size_t size;
} fuzz_input;

static inline uint8_t fuzz_byte(fuzz_input *input)
{
    if (!input->size)
        return 0;
    input->size--;
    return *input->data++;
}

/* A number below `below`, which is at most 256. */
static inline int32_t fuzz_below(fuzz_input *input, int32_t below)
{
    return below > 0 ? fuzz_byte(input) % below : 0;
}

/* The classical bits of a run's one outcome, bit 0 the lowest. */
static inline uint64_t fuzz_bits(const ketch_result *result)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    uint64_t bits = 0;
    FUZZ_REQUIRE(ketch_circuit_result_outcomes(&outcomes, result, NULL) == KETCH_OK);
    for (uint64_t i = 0; i < outcomes.bits; i++)
        bits |= (uint64_t)outcomes.rows[i] << i;
    return bits;
}

static inline uint32_t fuzz_word(fuzz_input *input)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word |= (uint32_t)fuzz_byte(input) << 8 * i;
    return word;
}

#endif
