/* Feeds: sequences resolved to the neurons of a network. */
#ifndef KTG_FEED_FEED_H
#define KTG_FEED_FEED_H

#include "arena.h"
#include "glia/feed/sequence.h"
#include "glia/net/net.h"

/* The events of a sequence that a network has a sensory neuron for, in the order of injection, in
 * one block. Those of the tick tick[i] are numbers begin[i]..begin[i+1]-1; `tick` ascends and has
 * `ticks` numbers. period: as ktg_sequence_period, for all events of the sequence. left_out: how
 * many events the network has no sensory neuron for. Zeroed, it has no events. */
typedef struct ktg_feed {
    uint32_t count, ticks, left_out;
    bool loop;
    uint64_t period;
    uint32_t *tick, *begin, *neuron;
    float *amount;
    ketch_block *block;
} ktg_feed;

/* A place in a feed: the tick, and the number of the first one with events that is not before it.
 * Zeroed, it is the beginning. */
typedef struct ktg_cursor {
    uint64_t tick;
    uint32_t next;
} ktg_cursor;

/* Resolves a sequence (NULL: no events) to a claimed and settled network. strict: INDEX for the first
 * event that the network has no sensory neuron for. BUSY, MEMORY. */
ketch_status ktg_feed_make(ktg_feed *feed, const ketch_glia_net *net, ketch_glia_sequence *sequence,
                           bool strict, ketch_arena *arena, const char *function,
                           ketch_error *error);
/* The bytes that ktg_feed_make takes for a claimed sequence; NULL: none. */
uint64_t ktg_feed_size(const ketch_glia_sequence *sequence);
/* Takes memory for the feed's `count` events in `ticks` ticks, which the caller fills in. */
ketch_status ktg_feed_take(ktg_feed *feed, ketch_arena *arena, const char *function,
                           ketch_error *error);
/* Gives the memory back; a zeroed feed does nothing. */
void ktg_feed_end(ktg_feed *feed);

/* Injects the events of the cursor's tick. */
static inline void ktg_feed_inject(const ktg_feed *feed, ktg_cursor *cursor, ketch_glia_net *net)
{
    if (cursor->next >= feed->ticks || feed->tick[cursor->next] != cursor->tick)
        return;
    const uint32_t end = feed->begin[cursor->next + 1];
    for (uint32_t e = feed->begin[cursor->next]; e < end; e++)
        net->cells.on_deck[feed->neuron[e]] += feed->amount[e];
    cursor->next++;
}

/* Moves the cursor to the next tick; that is the first one again behind the end of a loop. */
static inline void ktg_feed_advance(const ktg_feed *feed, ktg_cursor *cursor)
{
    cursor->tick++;
    if (feed->loop && cursor->tick >= feed->period)
        *cursor = (ktg_cursor){0};
}

#endif
