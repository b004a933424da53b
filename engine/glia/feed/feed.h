/* Feeds: sequences resolved to the neurons of a network. */
#ifndef KTG_FEED_FEED_H
#define KTG_FEED_FEED_H

#include "arena.h"
#include "glia/feed/sequence.h"
#include "glia/net/net.h"
#include "hash.h"

enum { KTG_NO_NEURON = UINT32_MAX };

/* Events of a sequence, which are shared with it (shares) or lie in the block, and the neuron of each
 * slot: KTG_NO_NEURON where the network has no sensory neuron of that id, and the event is left out.
 * period: as ktg_sequence_period. Zeroed, it has no events. */
typedef struct ktg_feed {
    uint32_t count, slots, left_out;
    bool loop;
    uint64_t period;
    ktg_event *events;
    uint32_t *neurons;
    int32_t *shares;
    ketch_block *block;
} ktg_feed;

/* A place in a feed: the tick, and the number of the first event that is not before it. Zeroed, it is
 * the beginning. */
typedef struct ktg_cursor {
    uint64_t tick;
    uint32_t next;
} ktg_cursor;

/* Resolves a sequence (NULL: no events) to a claimed and settled network. strict: INDEX for the first
 * event that the network has no sensory neuron for. BUSY, MEMORY. Cost: that of its ids. */
ketch_status ktg_feed_make(ktg_feed *feed, const ketch_glia_net *net, ketch_glia_sequence *sequence,
                           bool strict, ketch_arena *arena, const char *function,
                           ketch_error *error);
/* Adds the memory that ktg_feed_make takes for a sequence. BUSY. */
ketch_status ktg_feed_add_need(ketch_need *need, ketch_glia_sequence *sequence,
                               const char *function, ketch_error *error);
/* Takes memory for the feed's `count` events and `slots` slots, which the caller fills in. */
ketch_status ktg_feed_take(ktg_feed *feed, ketch_arena *arena, const char *function,
                           ketch_error *error);
/* Adds to a hash what the feed does, whatever the numbers of its slots. */
void ktg_feed_hash(kt_hash *hash, const ktg_feed *feed);
/* Gives the memory back; a zeroed feed does nothing. */
void ktg_feed_end(ktg_feed *feed);

/* Injects the events of the cursor's tick. */
static inline void ktg_feed_inject(const ktg_feed *feed, ktg_cursor *cursor, ketch_glia_net *net)
{
    const ktg_event *const events = feed->events;
    float *const on_deck = net->cells.on_deck;
    uint32_t e = cursor->next;
    for (; e < feed->count && events[e].tick == cursor->tick; e++) {
        const uint32_t neuron = feed->neurons[events[e].slot];
        if (neuron != KTG_NO_NEURON)
            on_deck[neuron] += events[e].amount;
    }
    net->cells.clean.is_injected |= e != cursor->next;
    cursor->next = e;
}

/* Moves the cursor to the next tick; that is the first one again behind the end of a loop. */
static inline void ktg_feed_advance(const ktg_feed *feed, ktg_cursor *cursor)
{
    cursor->tick++;
    if (feed->loop && cursor->tick >= feed->period)
        *cursor = (ktg_cursor){0};
}

#endif
