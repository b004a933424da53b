/* Fuzz target: any bytes as a text in the format .seq, lenient and strict. */
#include "fuzz_text.h"

static ketch_glia_sequence *make_sequence(void)
{
    ketch_glia_sequence *sequence = NULL;
    FUZZ_REQUIRE(ketch_glia_sequence_create(&sequence, NULL) == KETCH_OK);
    return sequence;
}

static char *write_sequence_text(ketch_glia_sequence *sequence, int exact)
{
    size_t length = 0;
    FUZZ_REQUIRE(ketch_glia_sequence_write(NULL, 0, &length, sequence, exact, NULL) == KETCH_OK);
    char *const text = malloc(length + 1);
    FUZZ_REQUIRE(text && ketch_glia_sequence_write(text, length + 1, NULL, sequence, exact, NULL) ==
                             KETCH_OK);
    FUZZ_REQUIRE(strlen(text) == length);
    return text;
}

static ketch_status read_fuzzed(ketch_glia_sequence *sequence, const char *text, size_t size,
                                int strict, fuzz_notes *notes)
{
    const ketch_glia_read_options options = {.size = sizeof options,
                                             .strict = strict,
                                             .path = "x.seq",
                                             .skipped = fuzz_note,
                                             .user = notes};
    ketch_error error = {.size = sizeof error};
    return fuzz_told(ketch_glia_sequence_read(sequence, text, size, &options, &error), &error);
}

/* Events ascend by tick and then by id, and no two have both in common. */
static void check_order(ketch_glia_sequence *sequence)
{
    ketch_glia_sequence_info info = {.size = sizeof info};
    uint64_t before = 0, tick = 0;
    const char *id_before = "", *id = "";
    FUZZ_REQUIRE(ketch_glia_sequence_get_info(&info, sequence, NULL) == KETCH_OK);
    for (uint64_t e = 0; e < info.events; e++, before = tick, id_before = id) {
        FUZZ_REQUIRE(ketch_glia_sequence_get_event(&tick, &id, NULL, sequence, e, NULL) ==
                     KETCH_OK);
        FUZZ_REQUIRE(tick > before || (tick == before && strcmp(id_before, id) < 0));
    }
    FUZZ_REQUIRE(info.last_tick == tick);
}

/* What is written is read without a note, and written the same again. Its ids may be no UTF-8. */
static void check_written(ketch_glia_sequence *sequence, int exact)
{
    ketch_glia_sequence *const back = make_sequence();
    fuzz_notes notes = {0};
    char *const text = write_sequence_text(sequence, exact);
    FUZZ_REQUIRE(read_fuzzed(back, text, strlen(text), 0, &notes) == KETCH_OK);
    FUZZ_REQUIRE(notes.count == 0);
    char *const again = write_sequence_text(back, exact);
    FUZZ_REQUIRE(strcmp(text, again) == 0);
    free(text);
    free(again);
    ketch_glia_sequence_drop(back);
}

/* Strict reading knows no notes, and what it takes lenient reading takes without one. */
static void check_both(const char *text, size_t size)
{
    fuzz_notes lenient = {0}, strict = {0};
    ketch_glia_sequence *const sequence = make_sequence(), *const same = make_sequence();
    char *const empty = write_sequence_text(sequence, 1);
    const ketch_status first = read_fuzzed(sequence, text, size, 0, &lenient);
    const ketch_status second = read_fuzzed(same, text, size, 1, &strict);
    char *const a = write_sequence_text(sequence, 1), *const b = write_sequence_text(same, 1);
    FUZZ_REQUIRE(strict.count == 0);
    FUZZ_REQUIRE(second != KETCH_OK || (first == KETCH_OK && lenient.count == 0));
    FUZZ_REQUIRE(strcmp(first == KETCH_OK ? a : empty, a) == 0);
    FUZZ_REQUIRE(strcmp(second == KETCH_OK ? a : empty, b) == 0);
    check_order(sequence);
    check_written(sequence, 0);
    check_written(sequence, 1);
    free(empty);
    free(a);
    free(b);
    ketch_glia_sequence_drop(sequence);
    ketch_glia_sequence_drop(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = fuzz_copy(data, size);
    check_both(text, size);
    free(text);
    return 0;
}
