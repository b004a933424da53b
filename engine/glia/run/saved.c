/* Saving and loading runs. A file has the network's fingerprint and state, the injections, the run's
 * position, counts and recorded spikes. */
#include "glia/run/run.h"

#include "engine.h"
#include "fields.h"
#include "glia/net/fingerprint.h"
#include "glia/net/parts.h"
#include "layout.h"
#include "save.h"
#include "status.h"

#include <string.h>

enum { NET_SIZE = 7 * 8 };

static const char net_section[] = "glia.net", run_section[] = "glia.run",
                  counts_section[] = "glia.counts";
static const char events_section[] = "glia.events", neurons_section[] = "glia.neurons";
static const char fired_section[] = "glia.fired";

/* ---- the network ---- */

static void put_fingerprint(kt_fields *f, const ktg_fingerprint *print)
{
    kt_put_u64(f, print->mode);
    kt_put_u64(f, print->neurons);
    kt_put_u64(f, print->sensory);
    kt_put_u64(f, print->synapses);
    kt_put_u64(f, print->ids);
    kt_put_u64(f, print->numbers);
    kt_put_u64(f, print->weights);
}

static ktg_fingerprint get_fingerprint(kt_fields *f)
{
    ktg_fingerprint print = {.mode = kt_get_u64(f)};
    print.neurons = kt_get_u64(f);
    print.sensory = kt_get_u64(f);
    print.synapses = kt_get_u64(f);
    print.ids = kt_get_u64(f);
    print.numbers = kt_get_u64(f);
    print.weights = kt_get_u64(f);
    return print;
}

static kt_text describe_print(const ktg_fingerprint *print)
{
    return kt_format("%llu neurons, %llu synapses, %016llx", (unsigned long long)print->neurons,
                     (unsigned long long)print->synapses,
                     (unsigned long long)(print->ids ^ print->numbers ^ print->weights));
}

/* MISMATCH if the file was saved for another network. */
static ketch_status check_same_net(ketch_reader *reader, const ktg_loading *loading,
                                   ketch_error *error)
{
    unsigned char bytes[NET_SIZE];
    KT_TRY(ketch_reader_section(reader, net_section, bytes, sizeof bytes, error));
    kt_fields fields = kt_fields_from(bytes, sizeof bytes);
    const ktg_fingerprint saved = get_fingerprint(&fields), own = ktg_fingerprint_of(loading->net);
    const char *const what = ktg_fingerprint_difference(&saved, &own);
    if (!what)
        return KETCH_OK;
    return kt_fail(error, KETCH_MISMATCH, loading->function, "net", describe_print(&own).text,
                   describe_print(&saved).text, "the run was saved for a network of another %s",
                   what);
}

/* ---- the run ---- */

/* The fields of a file that describe the run. fired: neurons that fired in the last tick; has_state:
 * the file has the network's state. */
typedef struct run_record {
    uint64_t ticks, done, fenced, fence_every, record_max, is_recorded, is_unrecorded;
    uint64_t spike_count, recorded;
    uint64_t events, slots, left_out, loop, period;
    uint64_t cursor_tick, cursor_next;
    uint64_t has_state, fired, net_ticks;
} run_record;

static run_record describe_run(const ktg_run *run, bool has_state)
{
    return (run_record){.ticks = run->ticks,
                        .done = run->done,
                        .fenced = run->fenced,
                        .fence_every = run->fence_every,
                        .record_max = run->record_max,
                        .is_recorded = run->is_recorded,
                        .is_unrecorded = run->is_unrecorded,
                        .spike_count = run->spike_count,
                        .recorded = run->spikes.count,
                        .events = run->feed.count,
                        .slots = run->feed.slots,
                        .left_out = run->feed.left_out,
                        .loop = run->feed.loop,
                        .period = run->feed.period,
                        .cursor_tick = run->cursor.tick,
                        .cursor_next = run->cursor.next,
                        .has_state = has_state,
                        .fired = run->net->cells.fired_count,
                        .net_ticks = run->net->ticks};
}

/* The record is nothing but numbers of 64 bits. */
enum { RECORD_NUMBERS = sizeof(run_record) / sizeof(uint64_t) };

static ketch_status save_record(ketch_writer *writer, const run_record *record)
{
    unsigned char bytes[sizeof *record];
    uint64_t numbers[RECORD_NUMBERS];
    memcpy(numbers, record, sizeof numbers);
    kt_fields fields = kt_fields_of(bytes, sizeof bytes);
    for (int i = 0; i < RECORD_NUMBERS; i++)
        kt_put_u64(&fields, numbers[i]);
    return ketch_writer_section(writer, run_section, bytes, sizeof bytes);
}

static ketch_status read_record(run_record *record, ketch_reader *reader, ketch_error *error)
{
    unsigned char bytes[sizeof *record];
    uint64_t numbers[RECORD_NUMBERS];
    KT_TRY(ketch_reader_section(reader, run_section, bytes, sizeof bytes, error));
    kt_fields fields = kt_fields_from(bytes, sizeof bytes);
    for (int i = 0; i < RECORD_NUMBERS; i++)
        numbers[i] = kt_get_u64(&fields);
    memcpy(record, numbers, sizeof numbers);
    return KETCH_OK;
}

/* The reason why no run of the network can be where the record says; NULL: one can. */
static const char *find_nonsense(const run_record *r, const ketch_glia_net *net)
{
    const bool has_ended = r->done == r->ticks && !r->is_unrecorded;
    if (r->ticks == UINT64_MAX || r->done > r->ticks || r->fenced > r->done)
        return "the position is behind the end";
    if (r->is_recorded > 1 || r->is_unrecorded > r->is_recorded || r->loop > 1 || r->has_state > 1)
        return "there is no such choice";
    if (r->is_recorded && (r->ticks > UINT64_C(1) << 32 || r->record_max == 0))
        return "no run records so many spikes";
    if (!r->has_state && !has_ended)
        return "it has no state and has not ended";
    if (r->slots > r->events || r->events > KETCH_GLIA_EVENTS_MAX || r->left_out > r->events ||
        r->cursor_next > r->events)
        return "there are no such injections";
    if (!(r->is_unrecorded ? r->recorded < r->spike_count
                           : r->recorded == r->spike_count * r->is_recorded))
        return "other spikes are recorded than there were";
    if (r->loop ? r->cursor_tick > r->period : r->cursor_tick != r->done)
        return "the injections are at another tick";
    return r->fired > net->cells.count ? "there are no such neurons" : NULL;
}

/* ---- saving ---- */

static ketch_status save_net(ketch_writer *writer, const ketch_glia_net *net)
{
    unsigned char bytes[NET_SIZE];
    kt_fields fields = kt_fields_of(bytes, sizeof bytes);
    const ktg_fingerprint print = ktg_fingerprint_of(net);
    put_fingerprint(&fields, &print);
    return ketch_writer_section(writer, net_section, bytes, sizeof bytes);
}

static ketch_status save_state(ketch_writer *writer, const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    ktg_state_part parts[KTG_STATE_PARTS];
    const int32_t count = ktg_net_state(parts, net);
    for (int32_t i = 0; i < count; i++)
        KT_TRY(ketch_writer_section(writer, parts[i].name, parts[i].at, parts[i].size));
    return ketch_writer_section(writer, fired_section, cells->fired,
                                cells->fired_count * sizeof *cells->fired);
}

static ketch_status save_feed(ketch_writer *writer, const ktg_feed *feed)
{
    KT_TRY(ketch_writer_section(writer, events_section, feed->events,
                                feed->count * sizeof *feed->events));
    return ketch_writer_section(writer, neurons_section, feed->neurons,
                                feed->slots * sizeof *feed->neurons);
}

/* One section for each block. */
static kt_text name_spikes(int32_t block)
{
    return kt_format("glia.spikes.%d", block);
}

static ketch_status save_spikes(ketch_writer *writer, const ktg_record *spikes)
{
    int32_t block = 0;
    for (uint64_t first = 0; first < spikes->count; block++) {
        const ktg_record_piece piece = ktg_record_at(spikes, first, spikes->count - first);
        KT_TRY(ketch_writer_section(writer, name_spikes(block).text, piece.at,
                                    piece.count * sizeof *piece.at));
        first += piece.count;
    }
    return KETCH_OK;
}

/* The network is claimed. */
static ketch_status save_parts(ketch_writer *writer, const ktg_run *run, bool has_state)
{
    const run_record record = describe_run(run, has_state);
    KT_TRY(save_net(writer, run->net));
    KT_TRY(save_record(writer, &record));
    KT_TRY(save_feed(writer, &run->feed));
    KT_TRY(ketch_writer_section(writer, counts_section, run->counts,
                                run->neurons * sizeof *run->counts));
    if (has_state)
        KT_TRY(save_state(writer, run->net));
    return save_spikes(writer, &run->spikes);
}

static ketch_status fail_changed(ketch_writer *writer)
{
    return kt_writer_fail(writer, KETCH_MISMATCH, "net",
                          "the network was changed since the run was suspended: the run cannot go "
                          "on, nor be saved");
}

/* A run that has ended is saved without the state if the network was changed since. */
static ketch_status save_ended(ketch_writer *writer, const ktg_run *run)
{
    if (run->done < run->ticks || run->is_unrecorded)
        return fail_changed(writer);
    const ketch_status claimed = ktg_net_claim_to_read(run->net, __func__, NULL);
    if (claimed != KETCH_OK)
        return kt_writer_fail(writer, claimed, "net",
                              "the network cannot be read: another call works on it, or memory was "
                              "refused");
    const ketch_status status = run->net->cells.count == run->neurons
                                    ? save_parts(writer, run, false)
                                    : fail_changed(writer);
    ktg_net_release(run->net);
    return status;
}

ketch_status ktg_run_save(ketch_writer *writer, const void *user)
{
    const ktg_run *const run = user;
    if (!ktg_net_regain(&run->hold))
        return save_ended(writer, run);
    const ketch_status status = save_parts(writer, run, true);
    ktg_net_release(run->net);
    return status;
}

/* ---- loading ---- */

/* The sizes of sections are compared before memory is taken for them. */
static ketch_status check_size(ketch_reader *reader, const char *name, uint64_t size,
                               ketch_error *error)
{
    return ketch_reader_size(reader, name) == size
               ? KETCH_OK
               : kt_reader_fail(reader, name, "it has another size than the run says", error);
}

static bool ascends(const uint32_t *numbers, uint64_t count, uint64_t most)
{
    for (uint64_t i = 0; i < count; i++)
        if (numbers[i] >= most || (i > 0 && numbers[i] <= numbers[i - 1]))
            return false;
    return true;
}

/* Events ascend by tick, and each has a slot. */
static bool are_events(const ktg_feed *feed)
{
    for (uint32_t e = 0; e < feed->count; e++) {
        const ktg_event *const event = &feed->events[e];
        if (event->tick >= feed->period || event->slot >= feed->slots)
            return false;
        if (e > 0 && event[-1].tick > event->tick)
            return false;
    }
    return feed->period == (feed->count ? feed->events[feed->count - 1].tick + UINT64_C(1) : 0);
}

/* The feed can be one of the network, and the cursor is where it would be. */
static bool is_valid_feed(const ktg_feed *feed, const run_record *r, const ketch_glia_net *net)
{
    const uint64_t next = r->cursor_next;
    for (uint32_t slot = 0; slot < feed->slots; slot++)
        if (!ktg_takes_injections(net, feed->neurons[slot]) && feed->neurons[slot] != KTG_NO_NEURON)
            return false;
    if (!are_events(feed))
        return false;
    return (next == feed->count || feed->events[next].tick >= r->cursor_tick) &&
           (next == 0 || feed->events[next - 1].tick < r->cursor_tick);
}

static ketch_status load_feed(ktg_feed *feed, const run_record *r, ketch_reader *reader,
                              const ktg_loading *loading, ketch_arena *arena, ketch_error *error)
{
    const uint64_t events = r->events * sizeof *feed->events;
    const uint64_t neurons = r->slots * sizeof *feed->neurons;
    *feed = (ktg_feed){.count = (uint32_t)r->events,
                       .slots = (uint32_t)r->slots,
                       .left_out = (uint32_t)r->left_out,
                       .loop = r->loop != 0,
                       .period = r->period};
    KT_TRY(check_size(reader, events_section, events, error));
    KT_TRY(check_size(reader, neurons_section, neurons, error));
    KT_TRY(ktg_feed_take(feed, arena, loading->function, error));
    ketch_status status = ketch_reader_section(reader, events_section, feed->events, events, error);
    if (status == KETCH_OK)
        status = ketch_reader_section(reader, neurons_section, feed->neurons, neurons, error);
    if (status == KETCH_OK && !is_valid_feed(feed, r, loading->net))
        status = kt_reader_fail(reader, events_section, "there are no such injections", error);
    if (status != KETCH_OK)
        ktg_feed_end(feed);
    return status;
}

static bool are_spikes(const ketch_glia_spike *spikes, uint64_t count, const ktg_run *run)
{
    for (uint64_t i = 0; i < count; i++) {
        const ketch_glia_spike *const s = &spikes[i];
        if (s->tick >= run->done || s->neuron >= run->neurons)
            return false;
        if (i && (s[-1].tick > s->tick || (s[-1].tick == s->tick && s[-1].neuron >= s->neuron)))
            return false;
    }
    return true;
}

static ketch_status load_spikes(ktg_run *run, uint64_t count, ketch_reader *reader,
                                ketch_arena *arena, const char *function, ketch_error *error)
{
    ktg_record *const spikes = &run->spikes;
    for (int32_t block = 0; spikes->count < count; block++) {
        const kt_text name = name_spikes(block);
        const uint64_t most = (uint64_t)KTG_RECORD_FIRST << block;
        const uint64_t size = KT_MIN(count - spikes->count, most) * sizeof(ketch_glia_spike);
        kt_refusal refusal = {0};
        KT_TRY(check_size(reader, name.text, size, error));
        if (!ktg_record_reserve(spikes, spikes->count + 1, arena, &refusal))
            return kt_fail_memory(error, function, "path", "recorded spikes", &refusal);
        const ktg_record_piece piece = ktg_record_at(spikes, spikes->count, count - spikes->count);
        KT_TRY(ketch_reader_section(reader, name.text, piece.at, size, error));
        if (!are_spikes(piece.at, piece.count, run))
            return kt_reader_fail(reader, name.text, "there are no such spikes", error);
        spikes->count += piece.count;
    }
    return KETCH_OK;
}

static ketch_status load_counts(ktg_run *run, ketch_reader *reader, ketch_error *error)
{
    uint64_t sum = 0;
    KT_TRY(ketch_reader_section(reader, counts_section, run->counts,
                                run->neurons * sizeof *run->counts, error));
    for (uint64_t i = 0; i < run->neurons; i++)
        sum += run->counts[i];
    if (sum != run->spike_count)
        return kt_reader_fail(reader, counts_section, "it has another sum than the run", error);
    return KETCH_OK;
}

/* The parts of the network's own state, elsewhere. */
static void lay_out_state(ktg_saved_state *state, const ketch_glia_net *net, kt_layout *layout)
{
    state->count = ktg_net_state(state->parts, net);
    for (int32_t i = 0; i < state->count; i++)
        state->parts[i].at = kt_layout_take(layout, state->parts[i].size, 1);
    state->fired = kt_layout_take(layout, net->cells.count, sizeof(uint32_t));
}

static ketch_status take_state(ktg_saved_state *state, const ketch_glia_net *net,
                               ketch_arena *arena, const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    lay_out_state(state, net, &layout);
    KT_TRY(
        ktg_take_parts(&state->block, &layout, arena, "path", "the saved state", function, error));
    lay_out_state(state, net, &layout);
    return KETCH_OK;
}

static ketch_status load_state(ktg_loading *loading, const run_record *r, ketch_reader *reader,
                               ketch_arena *arena, ketch_error *error)
{
    ktg_saved_state *const state = &loading->state;
    if (!r->has_state)
        return KETCH_OK;
    KT_TRY(take_state(state, loading->net, arena, loading->function, error));
    state->ticks = r->net_ticks;
    state->fired_count = (uint32_t)r->fired;
    for (int32_t i = 0; i < state->count; i++)
        KT_TRY(ketch_reader_section(reader, state->parts[i].name, state->parts[i].at,
                                    state->parts[i].size, error));
    KT_TRY(ketch_reader_section(reader, fired_section, state->fired,
                                r->fired * sizeof *state->fired, error));
    if (!ascends(state->fired, r->fired, loading->net->cells.count))
        return kt_reader_fail(reader, fired_section, "there are no such neurons", error);
    return KETCH_OK;
}

/* Fills in a run that was made as a new one is made. */
static ketch_status fill_loaded(ktg_run *run, const run_record *r, ketch_reader *reader,
                                ktg_loading *loading, ketch_arena *arena, ketch_error *error)
{
    run->done = r->done;
    run->fenced = r->fenced;
    run->spike_count = r->spike_count;
    run->is_unrecorded = r->is_unrecorded != 0;
    run->cursor = (ktg_cursor){r->cursor_tick, (uint32_t)r->cursor_next};
    KT_TRY(load_counts(run, reader, error));
    KT_TRY(load_spikes(run, r->recorded, reader, arena, loading->function, error));
    return load_state(loading, r, reader, arena, error);
}

static ketch_status load_run(ktg_loading *loading, const run_record *r, ketch_reader *reader,
                             ketch_arena *arena, ketch_error *error)
{
    ktg_run_parts parts = {.net = loading->net,
                           .ticks = r->ticks,
                           .fence_every = r->fence_every,
                           .record_max = r->record_max,
                           .is_recorded = r->is_recorded != 0};
    KT_TRY(load_feed(&parts.feed, r, reader, loading, arena, error));
    ktg_run *run;
    ketch_status status = ktg_run_make(&run, &parts, arena, loading->function, error);
    if (status != KETCH_OK) {
        ktg_feed_end(&parts.feed);
        return status;
    }
    status = fill_loaded(run, r, reader, loading, arena, error);
    if (status == KETCH_OK)
        loading->run = run;
    else
        ktg_run_release(run);
    return status;
}

ketch_status ktg_run_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error)
{
    ktg_loading *const loading = context;
    run_record record;
    if (!loading)
        return kt_fail_handle(error, "ketch_result_load", "context",
                              "ketch_glia_load, which gives one", NULL);
    KT_TRY(check_same_net(reader, loading, error));
    KT_TRY(read_record(&record, reader, error));
    const char *const nonsense = find_nonsense(&record, loading->net);
    if (nonsense)
        return kt_reader_fail(reader, run_section, nonsense, error);
    KT_TRY(load_run(loading, &record, reader, engine->arena, error));
    ktg_run_describe(job, loading->run);
    return KETCH_OK;
}
