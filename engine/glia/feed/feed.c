/* Resolving sequences. */
#include "glia/feed/feed.h"

#include "glia/net/parts.h"
#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <string.h>

/* ---- memory ---- */

static void lay_out_feed(ktg_feed *feed, kt_layout *layout)
{
    feed->neurons = kt_layout_take(layout, feed->slots, sizeof *feed->neurons);
    if (!feed->shares)
        feed->events = kt_layout_take(layout, feed->count, sizeof *feed->events);
}

/* At least a byte. */
static uint64_t feed_size(const ktg_feed *feed)
{
    ktg_feed none = *feed;
    kt_layout layout = {0};
    lay_out_feed(&none, &layout);
    return KT_MAX(layout.size, 1);
}

ketch_status ktg_feed_take(ktg_feed *feed, ketch_arena *arena, const char *function,
                           ketch_error *error)
{
    kt_layout layout = {.size = (size_t)feed_size(feed)};
    KT_TRY(ktg_take_parts(&feed->block, &layout, arena, "sequence", "the injections", function,
                          error));
    lay_out_feed(feed, &layout);
    return KETCH_OK;
}

/* A feed of a sequence, without memory. */
static ktg_feed describe_feed(const ketch_glia_sequence *sequence)
{
    return (ktg_feed){.count = (uint32_t)sequence->events.count,
                      .slots = ktg_names_count(&sequence->names),
                      .loop = sequence->loop,
                      .period = ktg_sequence_period(sequence),
                      .events = sequence->events.items,
                      .shares = sequence->shares};
}

ketch_status ktg_feed_add_need(ketch_need *need, ketch_glia_sequence *sequence,
                               const char *function, ketch_error *error)
{
    if (!sequence)
        return KETCH_OK;
    KT_TRY(ktg_sequence_claim_to_read(sequence, function, error));
    const ktg_feed feed = describe_feed(sequence);
    ketch_need_add(need, "glia", feed_size(&feed));
    ktg_sequence_release(sequence);
    return KETCH_OK;
}

void ktg_feed_end(ktg_feed *feed)
{
    if (feed->shares)
        ktg_events_drop(feed->events, feed->shares);
    if (feed->block)
        kt_block_drop(feed->block);
    *feed = (ktg_feed){0};
}

/* ---- neurons ---- */

static uint32_t find_fed(const ketch_glia_net *net, const ketch_glia_sequence *sequence,
                         uint32_t slot)
{
    const char *const id = ktg_names_text(&sequence->names, slot);
    const uint32_t found = ktg_names_find(&net->names, id, strlen(id));
    if (found == KTG_NO_SLOT || !ktg_takes_injections(net, net->index.items[found]))
        return KTG_NO_NEURON;
    return net->index.items[found];
}

static ketch_status fail_unknown(const ketch_glia_net *net, const ketch_glia_sequence *sequence,
                                 const ktg_event *event, const char *function, ketch_error *error)
{
    return kt_fail(
        error, KETCH_INDEX, function, "sequence",
        kt_format("%.60s at tick %u", ktg_event_id(sequence, event), event->tick).text,
        ktg_net_is_clean(net)
            ? kt_format("the %u neurons of the network", net->cells.count).text
            : kt_format("the %u sensory neurons of the network", net->cells.sensory).text,
        ktg_net_is_clean(net) ? "an injection into what is no neuron"
                              : "an injection into what is no sensory neuron");
}

/* Of slots and not events, which are many. */
static bool has_unknown(ktg_feed *feed, const ketch_glia_net *net,
                        const ketch_glia_sequence *sequence)
{
    bool has = false;
    for (uint32_t slot = 0; slot < feed->slots; slot++) {
        feed->neurons[slot] = find_fed(net, sequence, slot);
        has |= feed->neurons[slot] == KTG_NO_NEURON;
    }
    return has;
}

/* The first event that is left out; NULL: none is. */
static const ktg_event *count_left_out(ktg_feed *feed)
{
    const ktg_event *first = NULL;
    for (uint32_t e = 0; e < feed->count; e++) {
        if (feed->neurons[feed->events[e].slot] != KTG_NO_NEURON)
            continue;
        first = first ? first : &feed->events[e];
        feed->left_out++;
    }
    return first;
}

static ketch_status make_feed(ktg_feed *feed, const ketch_glia_net *net,
                              const ketch_glia_sequence *sequence, bool strict, ketch_arena *arena,
                              const char *function, ketch_error *error)
{
    ktg_feed made = describe_feed(sequence);
    KT_TRY(ktg_feed_take(&made, arena, function, error));
    __atomic_fetch_add(made.shares, 1, __ATOMIC_RELAXED);
    const ktg_event *const first = has_unknown(&made, net, sequence) ? count_left_out(&made) : NULL;
    if (first && strict) {
        const ketch_status status = fail_unknown(net, sequence, first, function, error);
        ktg_feed_end(&made);
        return status;
    }
    *feed = made;
    return KETCH_OK;
}

ketch_status ktg_feed_make(ktg_feed *feed, const ketch_glia_net *net, ketch_glia_sequence *sequence,
                           bool strict, ketch_arena *arena, const char *function,
                           ketch_error *error)
{
    *feed = (ktg_feed){0};
    if (!sequence)
        return KETCH_OK;
    KT_TRY(ktg_sequence_claim_to_read(sequence, function, error));
    const ketch_status status = make_feed(feed, net, sequence, strict, arena, function, error);
    ktg_sequence_release(sequence);
    return status;
}

/* Events that are hashed in one call, which costs more than an event. */
enum { HASHED_AT_ONCE = 64 };

void ktg_feed_hash(kt_hash *hash, const ktg_feed *feed)
{
    const uint64_t numbers[] = {feed->loop, feed->period, feed->count - feed->left_out};
    ktg_event some[HASHED_AT_ONCE];
    uint32_t count = 0;
    kt_hash_add(hash, numbers, sizeof numbers);
    for (uint32_t e = 0; e < feed->count; e++) {
        some[count] = feed->events[e];
        some[count].slot = feed->neurons[some[count].slot];
        count += some[count].slot != KTG_NO_NEURON;
        if (count == HASHED_AT_ONCE) {
            kt_hash_add(hash, some, sizeof some);
            count = 0;
        }
    }
    kt_hash_add(hash, some, count * sizeof *some);
}

/* ---- what is left out ---- */

static uint64_t list_left_out(uint64_t *events, uint64_t capacity, const ketch_glia_net *net,
                              const ketch_glia_sequence *sequence)
{
    uint64_t count = 0;
    for (size_t i = 0; i < sequence->events.count; i++) {
        if (find_fed(net, sequence, sequence->events.items[i].slot) != KTG_NO_NEURON)
            continue;
        if (count < capacity)
            events[count] = i;
        count++;
    }
    return count;
}

ketch_status ketch_glia_left_out(uint64_t *events, uint64_t capacity, uint64_t *count,
                                 ketch_glia_sequence *sequence, ketch_glia_net *net,
                                 ketch_error *error)
{
    if (!count || (capacity && !events))
        return kt_fail_handle(error, __func__, count ? "events" : "count", "a place", NULL);
    KT_TRY(ktg_sequence_claim_to_read(sequence, __func__, error));
    const ketch_status status = ktg_net_claim_to_read(net, __func__, error);
    if (status == KETCH_OK) {
        *count = list_left_out(events, capacity, net, sequence);
        ktg_net_release(net);
    }
    ktg_sequence_release(sequence);
    if (status != KETCH_OK || *count <= capacity)
        return status;
    return kt_fail(error, KETCH_BUFFER, __func__, "capacity",
                   kt_format("%llu", (unsigned long long)capacity).text,
                   kt_format("%llu or more", (unsigned long long)*count).text,
                   "the array is too short");
}
