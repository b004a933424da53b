/* Fuzz target: any bytes as a text in the format .net, lenient and strict. */
#include "fuzz_text.h"

enum { LIMIT = 5000 };

static ketch_glia_net *make_net(ketch_arena *arena)
{
    ketch_glia_net *net = NULL;
    FUZZ_REQUIRE(ketch_glia_net_create(&net, arena, NULL, NULL) == KETCH_OK);
    return net;
}

static char *write_net_text(ketch_glia_net *net, int exact)
{
    size_t length = 0;
    FUZZ_REQUIRE(ketch_glia_write(NULL, 0, &length, net, exact, NULL) == KETCH_OK);
    char *const text = malloc(length + 1);
    FUZZ_REQUIRE(text && ketch_glia_write(text, length + 1, NULL, net, exact, NULL) == KETCH_OK);
    FUZZ_REQUIRE(strlen(text) == length);
    return text;
}

/* What is written is read without a note, and written the same again. Its leaks may be beyond 0..1,
 * and its ids no UTF-8. */
static void check_written(ketch_arena *arena, ketch_glia_net *net, int exact)
{
    ketch_glia_net *const back = make_net(arena);
    fuzz_notes notes = {0};
    const ketch_glia_read_options options = {
        .size = sizeof options, .skipped = fuzz_note, .user = &notes};
    char *const text = write_net_text(net, exact);
    FUZZ_REQUIRE(ketch_glia_read(back, text, strlen(text), &options, NULL) == KETCH_OK);
    FUZZ_REQUIRE(notes.count == 0);
    char *const again = write_net_text(back, exact);
    FUZZ_REQUIRE(strcmp(text, again) == 0);
    free(text);
    free(again);
    ketch_glia_net_drop(back);
}

static ketch_status read_fuzzed(ketch_glia_net *net, const char *text, size_t size, int strict,
                                fuzz_notes *notes)
{
    const ketch_glia_read_options options = {.size = sizeof options,
                                             .strict = strict,
                                             .path = "x.net",
                                             .seed = 1,
                                             .limit = LIMIT,
                                             .skipped = fuzz_note,
                                             .user = notes};
    ketch_error error = {.size = sizeof error};
    return fuzz_told(ketch_glia_read(net, text, size, &options, &error), &error);
}

/* Strict reading knows no notes, and what it takes lenient reading takes without one. */
static void check_both(ketch_arena *arena, const char *text, size_t size)
{
    fuzz_notes lenient = {0}, strict = {0};
    ketch_glia_net *const net = make_net(arena), *const same = make_net(arena);
    char *const empty = write_net_text(net, 1);
    const ketch_status first = read_fuzzed(net, text, size, 0, &lenient);
    const ketch_status second = read_fuzzed(same, text, size, 1, &strict);
    char *const a = write_net_text(net, 1), *const b = write_net_text(same, 1);
    FUZZ_REQUIRE(strict.count == 0);
    FUZZ_REQUIRE(second != KETCH_OK || (first == KETCH_OK && lenient.count == 0));
    FUZZ_REQUIRE(strcmp(first == KETCH_OK ? a : empty, a) == 0);
    FUZZ_REQUIRE(strcmp(second == KETCH_OK ? a : empty, b) == 0);
    check_written(arena, net, 0);
    check_written(arena, net, 1);
    /* Once more into what is there: refused, or set again. */
    read_fuzzed(net, text, size, 0, &lenient);
    FUZZ_REQUIRE(ketch_glia_step(net, 3, NULL) == KETCH_OK);
    free(empty);
    free(a);
    free(b);
    ketch_glia_net_drop(net);
    ketch_glia_net_drop(same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ketch_arena *arena = NULL;
    FUZZ_REQUIRE(ketch_arena_create(&arena, NULL, NULL) == KETCH_OK);
    char *const text = fuzz_copy(data, size);
    check_both(arena, text, size);
    free(text);
    ketch_arena_drop(arena);
    return 0;
}
