/* Resolving sequences. */
#include "glia/feed/feed.h"

#include "layout.h"
#include "numbers.h"
#include "status.h"

#include <string.h>

/* ---- memory ---- */

/* neurons: of the parts, the one that belongs to resolving: a number for each slot of a sequence. */
typedef struct feed_parts {
    uint32_t slots;
    uint32_t *neurons;
} feed_parts;

static void lay_out_feed(ktg_feed *feed, feed_parts *parts, kt_layout *layout)
{
    feed->tick = kt_layout_take(layout, feed->ticks, sizeof(uint32_t));
    feed->begin = kt_layout_take(layout, (size_t)feed->ticks + 1, sizeof(uint32_t));
    feed->neuron = kt_layout_take(layout, feed->count, sizeof(uint32_t));
    feed->amount = kt_layout_take(layout, feed->count, sizeof(float));
    parts->neurons = kt_layout_take(layout, parts->slots, sizeof(uint32_t));
}

static ketch_status take_feed(ktg_feed *feed, feed_parts *parts, ketch_arena *arena,
                              const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    kt_layout layout = {0};
    lay_out_feed(feed, parts, &layout);
    feed->block = kt_arena_take(arena, layout.size, "glia", &refusal);
    if (!feed->block)
        return kt_fail_memory(error, function, "sequence", "the injections", &refusal);
    layout = (kt_layout){.base = kt_block_data(feed->block)};
    lay_out_feed(feed, parts, &layout);
    return KETCH_OK;
}

ketch_status ktg_feed_take(ktg_feed *feed, ketch_arena *arena, const char *function,
                           ketch_error *error)
{
    feed_parts none = {0};
    KT_TRY(take_feed(feed, &none, arena, function, error));
    feed->begin[0] = 0;
    return KETCH_OK;
}

static uint32_t count_ticks(const ketch_glia_sequence *sequence)
{
    uint32_t ticks = 0;
    for (size_t i = 0; i < sequence->events.count; i++)
        ticks += i == 0 || sequence->events.items[i - 1].tick != sequence->events.items[i].tick;
    return ticks;
}

uint64_t ktg_feed_size(const ketch_glia_sequence *sequence)
{
    if (!sequence)
        return 0;
    ktg_feed feed = {.count = (uint32_t)sequence->events.count, .ticks = count_ticks(sequence)};
    feed_parts parts = {.slots = ktg_names_count(&sequence->names)};
    kt_layout layout = {0};
    lay_out_feed(&feed, &parts, &layout);
    return layout.size;
}

void ktg_feed_end(ktg_feed *feed)
{
    if (feed->block)
        kt_block_drop(feed->block);
    *feed = (ktg_feed){0};
}

/* ---- neurons ---- */

enum { NO_NEURON = UINT32_MAX };

/* The neuron that is injected into; NO_NEURON: the network has none. */
static uint32_t find_sensory(const ketch_glia_net *net, const ketch_glia_sequence *sequence,
                             uint32_t slot)
{
    const char *const id = ktg_names_text(&sequence->names, slot);
    if (!ktg_is_sensory(id))
        return NO_NEURON;
    const uint32_t found = ktg_names_find(&net->names, id, strlen(id));
    return found == KTG_NO_SLOT ? NO_NEURON : net->index.items[found];
}

static ketch_status fail_unknown(const ketch_glia_net *net, const ketch_glia_sequence *sequence,
                                 const ktg_event *event, const char *function, ketch_error *error)
{
    return kt_fail(error, KETCH_INDEX, function, "sequence",
                   kt_format("%.60s at tick %u", ktg_event_id(sequence, event), event->tick).text,
                   kt_format("the %u sensory neurons of the network", net->cells.sensory).text,
                   "an injection into what is no sensory neuron");
}

/* Adds an event behind those that are there; memory suffices. */
static void add_to_feed(ktg_feed *feed, const ktg_event *event, uint32_t neuron)
{
    if (feed->ticks == 0 || feed->tick[feed->ticks - 1] != event->tick) {
        feed->tick[feed->ticks] = event->tick;
        feed->begin[feed->ticks++] = feed->count;
    }
    feed->neuron[feed->count] = neuron;
    feed->amount[feed->count++] = event->amount;
    feed->begin[feed->ticks] = feed->count;
}

static ketch_status fill_feed(ktg_feed *feed, const uint32_t *neurons, const ketch_glia_net *net,
                              const ketch_glia_sequence *sequence, bool strict,
                              const char *function, ketch_error *error)
{
    for (size_t i = 0; i < sequence->events.count; i++) {
        const ktg_event *const event = &sequence->events.items[i];
        const uint32_t neuron = neurons[event->slot];
        if (neuron != NO_NEURON)
            add_to_feed(feed, event, neuron);
        else if (strict)
            return fail_unknown(net, sequence, event, function, error);
        else
            feed->left_out++;
    }
    return KETCH_OK;
}

/* Memory is taken for all events, and then filled. */
static ketch_status make_feed(ktg_feed *feed, const ketch_glia_net *net,
                              const ketch_glia_sequence *sequence, bool strict, ketch_arena *arena,
                              const char *function, ketch_error *error)
{
    *feed = (ktg_feed){.count = (uint32_t)sequence->events.count,
                       .ticks = count_ticks(sequence),
                       .loop = sequence->loop,
                       .period = ktg_sequence_period(sequence)};
    feed_parts parts = {.slots = ktg_names_count(&sequence->names)};
    KT_TRY(take_feed(feed, &parts, arena, function, error));
    for (uint32_t slot = 0; slot < parts.slots; slot++)
        parts.neurons[slot] = find_sensory(net, sequence, slot);
    feed->count = feed->ticks = feed->begin[0] = 0;
    const ketch_status status =
        fill_feed(feed, parts.neurons, net, sequence, strict, function, error);
    if (status != KETCH_OK)
        ktg_feed_end(feed);
    return status;
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

/* ---- what is left out ---- */

static uint64_t list_left_out(uint64_t *events, uint64_t capacity, const ketch_glia_net *net,
                              const ketch_glia_sequence *sequence)
{
    uint64_t count = 0;
    for (size_t i = 0; i < sequence->events.count; i++) {
        if (find_sensory(net, sequence, sequence->events.items[i].slot) != NO_NEURON)
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
