/* The format .seq: texts of injections. */
#include "glia/feed/sequence.h"
#include "glia/text/scan.h"

#include <string.h>

/* made: the events so far. loop, duration: -1 while the text has not said them. */
typedef struct sequence_reader {
    ktg_scan scan;
    ketch_glia_sequence *made;
    int32_t loop;
    int64_t duration;
} sequence_reader;

static ketch_status check_event_count(const sequence_reader *reader, ktg_word first)
{
    const size_t count = reader->made->events.count;
    const uint64_t limit = reader->scan.options.limit;
    if (count < limit)
        return KETCH_OK;
    return ktg_scan_fail(&reader->scan, KETCH_LIMIT, first, kt_format("%zu", count + 1).text,
                         kt_format("%llu", (unsigned long long)limit).text, "too many events");
}

/* Behind the tick. first: the line's first word. */
static ketch_status read_event(sequence_reader *reader, ktg_word first, uint64_t tick)
{
    ktg_scan *const scan = &reader->scan;
    ktg_word id;
    float amount;
    KT_TRY(ktg_scan_id(scan, &id, "an id"));
    KT_TRY(ktg_scan_number(scan, &amount, "an amount", true));
    KT_TRY(ktg_scan_end(scan));
    KT_TRY(check_event_count(reader, first));
    return ktg_sequence_append(reader->made, (uint32_t)tick, id.text, id.length, amount,
                               scan->function, scan->error);
}

/* The tick is the line's first word, of which nothing is left for the id. */
static ketch_status read_bare_event(sequence_reader *reader, ktg_word first)
{
    uint64_t tick;
    reader->scan.at = first.text;
    KT_TRY(ktg_scan_whole(&reader->scan, &tick, KETCH_GLIA_TICK_MAX, "a tick", false));
    reader->scan.at = first.text + first.length;
    return read_event(reader, first, tick);
}

static ketch_status read_named_event(sequence_reader *reader, ktg_word keyword)
{
    uint64_t tick;
    KT_TRY(ktg_scan_whole(&reader->scan, &tick, KETCH_GLIA_TICK_MAX, "a tick", false));
    return read_event(reader, keyword, tick);
}

static ketch_status read_duration(sequence_reader *reader, ktg_word keyword)
{
    (void)keyword;
    uint64_t ticks;
    KT_TRY(ktg_scan_whole(&reader->scan, &ticks, (uint64_t)KETCH_GLIA_TICK_MAX + 1,
                          "a number of ticks", true));
    reader->duration = (int64_t)ticks;
    return ktg_scan_end(&reader->scan);
}

static ketch_status read_loop(sequence_reader *reader, ktg_word keyword)
{
    (void)keyword;
    const ktg_word word = ktg_scan_word(&reader->scan);
    reader->loop = ktg_word_is(word, "true") || ktg_word_is(word, "1");
    if (!reader->loop && !ktg_word_is(word, "false") && !ktg_word_is(word, "0"))
        KT_TRY(ktg_scan_skip(&reader->scan, word, "true, 1, false or 0",
                             "neither true nor 1: it does not loop"));
    return ktg_scan_end(&reader->scan);
}

static ketch_status read_sequence_line(sequence_reader *reader, ktg_word first)
{
    if (*first.text >= '0' && *first.text <= '9')
        return read_bare_event(reader, first);
    if (ktg_word_is(first, "EVENT"))
        return read_named_event(reader, first);
    if (ktg_word_is(first, "DURATION"))
        return read_duration(reader, first);
    if (ktg_word_is(first, "LOOP"))
        return read_loop(reader, first);
    return ktg_scan_skip(&reader->scan, first, "a tick, EVENT, DURATION or LOOP",
                         "an unknown word: the line is left out");
}

static ketch_status read_sequence(sequence_reader *reader)
{
    ktg_word first;
    while (ktg_scan_line(&reader->scan, &first))
        KT_TRY(read_sequence_line(reader, first));
    return ktg_sequence_sort(reader->made, reader->scan.function, reader->scan.error);
}

static void take_over(ketch_glia_sequence *sequence, const sequence_reader *reader)
{
    ktg_sequence_exchange_events(sequence, reader->made);
    if (reader->loop >= 0)
        sequence->loop = reader->loop;
    if (reader->duration >= 0)
        sequence->duration = (uint64_t)reader->duration;
}

ketch_status ketch_glia_sequence_read(ketch_glia_sequence *sequence, const char *text,
                                      size_t length, const ketch_glia_read_options *options,
                                      ketch_error *error)
{
    sequence_reader reader = {.loop = -1, .duration = -1};
    KT_TRY(ktg_scan_begin(&reader.scan, text, length, options, __func__, error));
    if (ketch_glia_sequence_create(&reader.made, NULL) != KETCH_OK)
        return kt_fail_heap(error, __func__);
    ketch_status status = ktg_sequence_claim(sequence, __func__, error);
    if (status == KETCH_OK) {
        status = read_sequence(&reader);
        if (status == KETCH_OK)
            take_over(sequence, &reader);
        ktg_sequence_release(sequence);
    }
    ketch_glia_sequence_drop(reader.made);
    return status;
}
