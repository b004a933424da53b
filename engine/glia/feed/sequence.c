/* Sequences: life, claims, events. */
#include "glia/feed/sequence.h"

#include "glia/net/net.h"
#include "heap.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define SEQUENCE_MAGIC UINT64_C(0x6b74677365713031)

/* ---- claims ---- */

static bool is_sequence(const ketch_glia_sequence *sequence)
{
    return sequence && sequence->magic == SEQUENCE_MAGIC;
}

static ketch_status fail_in_use(const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_BUSY, function, "sequence", NULL, NULL,
                   "another call works on the sequence: wait for its end");
}

ketch_status ktg_sequence_claim(ketch_glia_sequence *sequence, const char *function,
                                ketch_error *error)
{
    if (!is_sequence(sequence))
        return kt_fail_handle(error, function, "sequence", "a sequence", sequence);
    int32_t none = 0;
    if (__atomic_compare_exchange_n(&sequence->users, &none, -1, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
        return KETCH_OK;
    return fail_in_use(function, error);
}

ketch_status ktg_sequence_claim_to_read(ketch_glia_sequence *sequence, const char *function,
                                        ketch_error *error)
{
    if (!is_sequence(sequence))
        return kt_fail_handle(error, function, "sequence", "a sequence", sequence);
    int32_t users = __atomic_load_n(&sequence->users, __ATOMIC_RELAXED);
    while (users >= 0)
        if (__atomic_compare_exchange_n(&sequence->users, &users, users + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return KETCH_OK;
    return fail_in_use(function, error);
}

void ktg_sequence_release(ketch_glia_sequence *sequence)
{
    assert(__atomic_load_n(&sequence->users, __ATOMIC_RELAXED));
    if (__atomic_load_n(&sequence->users, __ATOMIC_RELAXED) < 0)
        __atomic_store_n(&sequence->users, 0, __ATOMIC_RELEASE);
    else
        __atomic_fetch_sub(&sequence->users, 1, __ATOMIC_RELEASE);
}

/* ---- life ---- */

void ktg_events_drop(ktg_event *events, int32_t *shares)
{
    if (__atomic_fetch_sub(shares, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    kt_heap_give(events);
    kt_heap_give(shares);
}

/* NULL if memory is refused. */
static int32_t *make_shares(void)
{
    int32_t *const shares = kt_heap_take(sizeof *shares);
    if (shares)
        *shares = 1;
    return shares;
}

ketch_status ketch_glia_sequence_create(ketch_glia_sequence **sequence, ketch_error *error)
{
    if (!sequence)
        return kt_fail_handle(error, __func__, "sequence", "a place for the new sequence", NULL);
    *sequence = NULL;
    ketch_glia_sequence *const made = kt_heap_take(sizeof *made);
    int32_t *const shares = make_shares();
    if (!made || !shares) {
        kt_heap_give(made);
        kt_heap_give(shares);
        return kt_fail_heap(error, __func__);
    }
    made->shares = shares;
    made->magic = SEQUENCE_MAGIC;
    made->references = 1;
    *sequence = made;
    return KETCH_OK;
}

ketch_glia_sequence *ketch_glia_sequence_share(ketch_glia_sequence *sequence)
{
    if (!is_sequence(sequence))
        return NULL;
    __atomic_fetch_add(&sequence->references, 1, __ATOMIC_RELAXED);
    return sequence;
}

void ketch_glia_sequence_drop(ketch_glia_sequence *sequence)
{
    if (!is_sequence(sequence) ||
        __atomic_fetch_sub(&sequence->references, 1, __ATOMIC_ACQ_REL) != 1)
        return;
    ktg_names_end(&sequence->names);
    ktg_events_drop(sequence->events.items, sequence->shares);
    sequence->magic = 0;
    kt_heap_give(sequence);
}

/* ---- changes ---- */

/* Makes the events those of the sequence alone. */
static ketch_status unshare_events(ketch_glia_sequence *sequence, const char *function,
                                   ketch_error *error)
{
    if (__atomic_load_n(sequence->shares, __ATOMIC_ACQUIRE) == 1)
        return KETCH_OK;
    ketch_glia_sequence copy = {.shares = make_shares()};
    if (!copy.shares || !KT_LIST_COPY(&copy.events, &sequence->events)) {
        kt_heap_give(copy.shares);
        return kt_fail_heap(error, function);
    }
    ktg_events_drop(sequence->events.items, sequence->shares);
    memcpy(&sequence->events, &copy.events, sizeof copy.events);
    sequence->shares = copy.shares;
    return KETCH_OK;
}

void ktg_sequence_exchange_events(ketch_glia_sequence *sequence, ketch_glia_sequence *other)
{
    const ketch_glia_sequence kept = *sequence;
    sequence->names = other->names;
    sequence->shares = other->shares;
    memcpy(&sequence->events, &other->events, sizeof other->events);
    other->names = kept.names;
    other->shares = kept.shares;
    memcpy(&other->events, &kept.events, sizeof kept.events);
}

ketch_status ketch_glia_sequence_clear(ketch_glia_sequence *sequence, ketch_error *error)
{
    ketch_glia_sequence *empty;
    KT_TRY(ktg_sequence_claim(sequence, __func__, error));
    const ketch_status status = ketch_glia_sequence_create(&empty, NULL);
    if (status == KETCH_OK) {
        ktg_sequence_exchange_events(sequence, empty);
        ketch_glia_sequence_drop(empty);
    }
    ktg_sequence_release(sequence);
    return status == KETCH_OK ? status : kt_fail_heap(error, __func__);
}

static ketch_status check_room(const ketch_glia_sequence *sequence, const char *function,
                               ketch_error *error)
{
    if (sequence->events.count < KETCH_GLIA_EVENTS_MAX)
        return KETCH_OK;
    return kt_fail(error, KETCH_LIMIT, function, "sequence",
                   kt_format("%zu events", sequence->events.count + 1).text,
                   kt_format("%d", KETCH_GLIA_EVENTS_MAX).text, "too many events");
}

/* The slot of an id, which is added where there is none, and room for one more event. */
static ketch_status reserve_event(uint32_t *slot, ketch_glia_sequence *sequence, const char *id,
                                  size_t length, const char *function, ketch_error *error)
{
    KT_TRY(check_room(sequence, function, error));
    KT_TRY(unshare_events(sequence, function, error));
    *slot = ktg_names_find(&sequence->names, id, length);
    if (!KT_LIST_RESERVE(&sequence->events, 1) ||
        (*slot == KTG_NO_SLOT && !ktg_names_add(&sequence->names, id, length)))
        return kt_fail_heap(error, function);
    if (*slot == KTG_NO_SLOT)
        *slot = ktg_names_count(&sequence->names) - 1;
    return KETCH_OK;
}

ketch_status ktg_sequence_append(ketch_glia_sequence *sequence, uint32_t tick, const char *id,
                                 size_t length, float amount, const char *function,
                                 ketch_error *error)
{
    uint32_t slot;
    KT_TRY(reserve_event(&slot, sequence, id, length, function, error));
    sequence->events.items[sequence->events.count++] = (ktg_event){tick, slot, amount};
    return KETCH_OK;
}

/* < 0, 0, > 0: the event is before, at or behind that tick and id. */
static int compare_event(const ketch_glia_sequence *sequence, const ktg_event *event, uint32_t tick,
                         uint32_t slot)
{
    if (event->tick != tick)
        return event->tick < tick ? -1 : 1;
    if (event->slot == slot)
        return 0;
    return strcmp(ktg_event_id(sequence, event), ktg_names_text(&sequence->names, slot));
}

/* The first event that is not before that tick and id. The end is tried first. */
static size_t find_event(const ketch_glia_sequence *sequence, uint32_t tick, uint32_t slot)
{
    const ktg_event *const events = sequence->events.items;
    size_t low = 0, high = sequence->events.count;
    if (high && compare_event(sequence, &events[high - 1], tick, slot) < 0)
        return high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_event(sequence, &events[middle], tick, slot) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Into a list with room. */
static void insert_event(ketch_glia_sequence *sequence, const ktg_event *event)
{
    ktg_event *const events = sequence->events.items;
    const size_t at = find_event(sequence, event->tick, event->slot),
                 count = sequence->events.count;
    const bool is_there =
        at < count && compare_event(sequence, &events[at], event->tick, event->slot) == 0;
    if (!is_there) {
        memmove(events + at + 1, events + at, (count - at) * sizeof *events);
        sequence->events.count++;
    }
    events[at] = *event;
}

static ketch_status check_tick(uint64_t tick, const char *function, ketch_error *error)
{
    if (tick <= KETCH_GLIA_TICK_MAX)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "tick",
                   kt_format("%llu", (unsigned long long)tick).text,
                   kt_format("0..%d", KETCH_GLIA_TICK_MAX).text, "no tick of an event");
}

static ketch_status check_amount(float amount, const char *function, ketch_error *error)
{
    if (isfinite(amount))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, "amount", kt_format("%g", (double)amount).text,
                   "a finite number", "an injection that is no number");
}

ketch_status ketch_glia_sequence_add(ketch_glia_sequence *sequence, uint64_t tick, const char *id,
                                     float amount, ketch_error *error)
{
    KT_TRY(check_tick(tick, __func__, error));
    KT_TRY(ktg_net_check_id(id, __func__, error));
    KT_TRY(check_amount(amount, __func__, error));
    KT_TRY(ktg_sequence_claim(sequence, __func__, error));
    ktg_event event = {.tick = (uint32_t)tick, .amount = amount};
    const ketch_status status =
        reserve_event(&event.slot, sequence, id, strlen(id), __func__, error);
    if (status == KETCH_OK)
        insert_event(sequence, &event);
    ktg_sequence_release(sequence);
    return status;
}

ketch_status ketch_glia_sequence_set_loop(ketch_glia_sequence *sequence, int32_t loop,
                                          ketch_error *error)
{
    if (loop != 0 && loop != 1)
        return kt_fail(error, KETCH_RANGE, __func__, "loop", kt_format("%d", loop).text, "0 or 1",
                       "it is neither yes nor no");
    KT_TRY(ktg_sequence_claim(sequence, __func__, error));
    sequence->loop = loop;
    ktg_sequence_release(sequence);
    return KETCH_OK;
}

ketch_status ketch_glia_sequence_set_duration(ketch_glia_sequence *sequence, uint64_t ticks,
                                              ketch_error *error)
{
    const uint64_t most = (uint64_t)KETCH_GLIA_TICK_MAX + 1;
    if (ticks > most)
        return kt_fail(error, KETCH_RANGE, __func__, "ticks",
                       kt_format("%llu", (unsigned long long)ticks).text,
                       kt_format("0..%llu", (unsigned long long)most).text,
                       "no duration of a sequence");
    KT_TRY(ktg_sequence_claim(sequence, __func__, error));
    sequence->duration = ticks;
    ktg_sequence_release(sequence);
    return KETCH_OK;
}

/* ---- what it is ---- */

ketch_status ketch_glia_sequence_get_info(ketch_glia_sequence_info *info,
                                          ketch_glia_sequence *sequence, ketch_error *error)
{
    KT_TRY(ktg_sequence_claim_to_read(sequence, __func__, error));
    const uint64_t period = ktg_sequence_period(sequence);
    const ketch_glia_sequence_info out = {.size = sizeof out,
                                          .events = sequence->events.count,
                                          .last_tick = period ? period - 1 : 0,
                                          .duration = sequence->duration,
                                          .loop = sequence->loop};
    ktg_sequence_release(sequence);
    return kt_write_report(info, &out, sizeof out, __func__, "info", error);
}

static void copy_event(uint64_t *tick, const char **id, float *amount,
                       const ketch_glia_sequence *sequence, uint64_t index)
{
    const ktg_event *const event = &sequence->events.items[index];
    if (tick)
        *tick = event->tick;
    if (id)
        *id = ktg_event_id(sequence, event);
    if (amount)
        *amount = event->amount;
}

ketch_status ketch_glia_sequence_get_event(uint64_t *tick, const char **id, float *amount,
                                           ketch_glia_sequence *sequence, uint64_t index,
                                           ketch_error *error)
{
    KT_TRY(ktg_sequence_claim_to_read(sequence, __func__, error));
    const uint64_t count = sequence->events.count;
    if (index < count)
        copy_event(tick, id, amount, sequence, index);
    ktg_sequence_release(sequence);
    if (index < count)
        return KETCH_OK;
    return kt_fail(error, KETCH_INDEX, __func__, "index",
                   kt_format("%llu", (unsigned long long)index).text,
                   kt_format("below %llu", (unsigned long long)count).text, "no such event");
}
