/* The record of a sequence of injections. */
#ifndef KTG_FEED_SEQUENCE_H
#define KTG_FEED_SEQUENCE_H

#include "glia/net/names.h"
#include "ketch/glia.h"
#include "list.h"

#include <stdbool.h>

/* slot: the number that names.h gives the id. */
typedef struct ktg_event {
    uint32_t tick, slot;
    float amount;
} ktg_event;

/* references, users, *shares: atomic. users: how many calls read the sequence; -1: one changes it.
 * *shares: the feeds that read the same events.items, and the sequence: a change makes a copy while
 * there are others. Between calls events ascend by tick and then by id as bytes, and no two have both
 * in common. */
struct ketch_glia_sequence {
    uint64_t magic;
    int32_t references, users;
    bool loop;
    uint64_t duration;
    ktg_names names;
    KT_LIST(ktg_event) events;
    int32_t *shares;
};

/* HANDLE or BUSY; OK: the caller has it alone until ktg_sequence_release. */
ketch_status ktg_sequence_claim(ketch_glia_sequence *sequence, const char *function,
                                ketch_error *error);
/* HANDLE or BUSY; OK: nobody changes it until ktg_sequence_release. */
ketch_status ktg_sequence_claim_to_read(ketch_glia_sequence *sequence, const char *function,
                                        ketch_error *error);
void ktg_sequence_release(ketch_glia_sequence *sequence);

/* On a claimed sequence. Adds an event at the end, in any order: ktg_sequence_sort must follow. The
 * id and the tick have been checked. */
ketch_status ktg_sequence_append(ketch_glia_sequence *sequence, uint32_t tick, const char *id,
                                 size_t length, float amount, const char *function,
                                 ketch_error *error);
/* Sorts the events; of those with the same tick and id the last one stays. MEMORY: as before. */
ketch_status ktg_sequence_sort(ketch_glia_sequence *sequence, const char *function,
                               ketch_error *error);
/* Gives a claimed sequence the events of one that nobody else has, which gets those of the first. */
void ktg_sequence_exchange_events(ketch_glia_sequence *sequence, ketch_glia_sequence *other);

/* Ends a share of events and, with the last one, the events. */
void ktg_events_drop(ktg_event *events, int32_t *shares);

static inline const char *ktg_event_id(const ketch_glia_sequence *sequence, const ktg_event *event)
{
    return ktg_names_text(&sequence->names, event->slot);
}

/* How many ticks there are up to the last event; 0 without events. */
static inline uint64_t ktg_sequence_period(const ketch_glia_sequence *sequence)
{
    const size_t count = sequence->events.count;
    return count ? (uint64_t)sequence->events.items[count - 1].tick + 1 : 0;
}

#endif
