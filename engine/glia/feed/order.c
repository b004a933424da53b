/* Events that were added in any order are sorted: by tick, and those of one tick by id. */
#include "glia/feed/sequence.h"

#include "heap.h"
#include "sort.h"
#include "status.h"

#include <string.h>

/* ---- ranks: the place of each id among all in the order of their bytes ---- */

typedef struct slot_order {
    const ktg_names *names;
    uint32_t *slots;
} slot_order;

static bool is_slot_before(const void *items, uint64_t a, uint64_t b)
{
    const slot_order *const order = items;
    return strcmp(ktg_names_text(order->names, order->slots[a]),
                  ktg_names_text(order->names, order->slots[b])) < 0;
}

static void exchange_slots(void *items, uint64_t a, uint64_t b)
{
    const slot_order *const order = items;
    const uint32_t kept = order->slots[a];
    order->slots[a] = order->slots[b];
    order->slots[b] = kept;
}

/* slots: work memory for as many numbers. */
static void rank_slots(uint32_t *ranks, uint32_t *slots, const ktg_names *names)
{
    const uint32_t count = ktg_names_count(names);
    for (uint32_t i = 0; i < count; i++)
        slots[i] = i;
    kt_sort(&(slot_order){names, slots}, count, is_slot_before, exchange_slots);
    for (uint32_t i = 0; i < count; i++)
        ranks[slots[i]] = i;
}

/* ---- a sort by 64-bit keys, byte by byte from the lowest, which keeps the order of equals ---- */

enum { DIGITS = 256 };

/* key: the tick, and below it the rank. */
typedef struct keyed_event {
    uint64_t key;
    ktg_event event;
} keyed_event;

static uint32_t digit_of(const keyed_event *keyed, int shift)
{
    return (uint32_t)(keyed->key >> shift) & (DIGITS - 1);
}

/* starts: zeroed. False if all have the same digit, and nothing need move. */
static bool count_digits(size_t *starts, const keyed_event *from, size_t count, int shift)
{
    for (size_t i = 0; i < count; i++)
        starts[digit_of(&from[i], shift)]++;
    if (starts[digit_of(&from[0], shift)] == count)
        return false;
    size_t next = 0;
    for (int i = 0; i < DIGITS; i++) {
        const size_t size = starts[i];
        starts[i] = next;
        next += size;
    }
    return true;
}

/* Sorts `count` items of either memory; returns the one where they are then. starts: work memory for
 * DIGITS numbers. */
static const keyed_event *sort_keyed(keyed_event *from, keyed_event *to, size_t count,
                                     size_t *starts)
{
    for (int shift = 0; shift < 64; shift += 8) {
        memset(starts, 0, DIGITS * sizeof *starts);
        if (!count_digits(starts, from, count, shift))
            continue;
        for (size_t i = 0; i < count; i++)
            to[starts[digit_of(&from[i], shift)]++] = from[i];
        keyed_event *const kept = from;
        from = to;
        to = kept;
    }
    return from;
}

/* ---- both ---- */

static bool is_in_order(const ketch_glia_sequence *sequence)
{
    const ktg_event *const events = sequence->events.items;
    for (size_t i = 1; i < sequence->events.count; i++)
        if (events[i - 1].tick > events[i].tick ||
            (events[i - 1].tick == events[i].tick &&
             strcmp(ktg_event_id(sequence, &events[i - 1]), ktg_event_id(sequence, &events[i])) >=
                 0))
            return false;
    return true;
}

/* Of equals the last one stays. */
static void keep_last(ketch_glia_sequence *sequence, const keyed_event *sorted)
{
    const size_t count = sequence->events.count;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || sorted[i].key != sorted[i + 1].key)
            sequence->events.items[kept++] = sorted[i].event;
    sequence->events.count = kept;
}

/* ranks: by slot. keyed: memory for twice as many items as there are events. */
static void sort_events(ketch_glia_sequence *sequence, const uint32_t *ranks, keyed_event *keyed,
                        size_t *starts)
{
    const size_t count = sequence->events.count;
    for (size_t i = 0; i < count; i++) {
        const ktg_event *const event = &sequence->events.items[i];
        keyed[i] = (keyed_event){(uint64_t)event->tick << 32 | ranks[event->slot], *event};
    }
    keep_last(sequence, sort_keyed(keyed, keyed + count, count, starts));
}

ketch_status ktg_sequence_sort(ketch_glia_sequence *sequence, const char *function,
                               ketch_error *error)
{
    if (is_in_order(sequence))
        return KETCH_OK;
    const size_t slots = ktg_names_count(&sequence->names), count = sequence->events.count;
    uint32_t *const ranks = kt_heap_take(2 * slots * sizeof *ranks);
    keyed_event *const keyed = kt_heap_take(2 * count * sizeof *keyed);
    size_t *const starts = kt_heap_take(DIGITS * sizeof *starts);
    const bool is_granted = ranks && keyed && starts;
    if (is_granted) {
        rank_slots(ranks, ranks + slots, &sequence->names);
        sort_events(sequence, ranks, keyed, starts);
    }
    kt_heap_give(ranks);
    kt_heap_give(keyed);
    kt_heap_give(starts);
    return is_granted ? KETCH_OK : kt_fail_heap(error, function);
}
