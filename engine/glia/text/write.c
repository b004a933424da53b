/* Networks and sequences as texts, which the readers of this folder read back. */
#include "glia/feed/sequence.h"
#include "glia/net/net.h"
#include "glia/text/decimal.h"
#include "heap.h"
#include "status.h"

#include <string.h>

/* out: where the text goes. is_exact: numbers have as many digits as they need. */
typedef struct text_writer {
    kt_printer out;
    bool is_exact;
} text_writer;

static ketch_status begin_writer(text_writer *writer, char *text, size_t capacity, int32_t exact,
                                 const char *function, ketch_error *error)
{
    *writer = (text_writer){.out = {text, capacity, 0}, .is_exact = exact};
    if (capacity && !text)
        return kt_fail_handle(error, function, "text", "a place for the text", text);
    if (exact == 0 || exact == 1)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "exact", kt_format("%d", exact).text, "0 or 1",
                   "it is neither yes nor no");
}

static void write_text(text_writer *writer, const char *text)
{
    kt_print_bytes(&writer->out, text, strlen(text));
}

static void write_number(text_writer *writer, float number)
{
    write_text(writer, " ");
    write_text(writer, ktg_decimal_text(number, writer->is_exact).text);
}

/* ---- networks ---- */

static void write_neurons(text_writer *writer, const ketch_glia_net *net, uint32_t first,
                          uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        write_text(writer, "NEURON ");
        write_text(writer, ktg_net_id(net, i));
        write_number(writer, net->cells.threshold[i]);
        write_number(writer, net->cells.leak[i]);
        write_number(writer, net->cells.resting[i]);
        write_text(writer, "\n");
    }
}

/* from, to, weights: work memory for all synapses. */
static void write_synapses(text_writer *writer, const ketch_glia_net *net, uint32_t *from,
                           uint32_t *to, float *weights)
{
    ktg_net_list_synapses(net, from, to, weights);
    for (uint32_t s = 0; s < net->rows.count; s++) {
        write_text(writer, "CONNECTION ");
        write_text(writer, ktg_net_id(net, from[s]));
        write_text(writer, " ");
        write_text(writer, ktg_net_id(net, to[s]));
        write_number(writer, weights[s]);
        write_text(writer, "\n");
    }
}

static bool write_net(text_writer *writer, const ketch_glia_net *net)
{
    const size_t size = net->rows.count * sizeof(uint32_t);
    uint32_t *const from = kt_heap_take(size), *const to = kt_heap_take(size);
    float *const weights = kt_heap_take(size);
    const bool is_ready = from && to && weights;
    if (is_ready) {
        write_text(writer, "# Network Configuration\n# Auto-generated file\n\n# Sensory neurons\n");
        write_neurons(writer, net, 0, net->cells.sensory);
        write_text(writer, "\n# Interneurons & Outputs\n");
        write_neurons(writer, net, net->cells.sensory, net->cells.count);
        write_text(writer, "\n# Connections\n");
        write_synapses(writer, net, from, to, weights);
    }
    kt_heap_give(from);
    kt_heap_give(to);
    kt_heap_give(weights);
    return is_ready;
}

ketch_status ketch_glia_write(char *text, size_t capacity, size_t *written, ketch_glia_net *net,
                              int32_t exact, ketch_error *error)
{
    text_writer writer;
    KT_TRY(begin_writer(&writer, text, capacity, exact, __func__, error));
    KT_TRY(ktg_net_claim_to_read(net, __func__, error));
    const bool is_written = write_net(&writer, net);
    ktg_net_release(net);
    if (!is_written)
        return kt_fail_heap(error, __func__);
    if (written)
        *written = writer.out.length;
    return KETCH_OK;
}

/* ---- sequences ---- */

static void write_sequence(text_writer *writer, const ketch_glia_sequence *sequence)
{
    if (sequence->duration)
        kt_print(&writer->out, "DURATION %llu\n", (unsigned long long)sequence->duration);
    kt_print(&writer->out, "LOOP %s\n", sequence->loop ? "true" : "false");
    for (size_t i = 0; i < sequence->events.count; i++) {
        const ktg_event *const event = &sequence->events.items[i];
        kt_print(&writer->out, "EVENT %u ", event->tick);
        write_text(writer, ktg_event_id(sequence, event));
        write_number(writer, event->amount);
        write_text(writer, "\n");
    }
}

ketch_status ketch_glia_sequence_write(char *text, size_t capacity, size_t *written,
                                       ketch_glia_sequence *sequence, int32_t exact,
                                       ketch_error *error)
{
    text_writer writer;
    KT_TRY(begin_writer(&writer, text, capacity, exact, __func__, error));
    KT_TRY(ktg_sequence_claim_to_read(sequence, __func__, error));
    write_sequence(&writer, sequence);
    if (written)
        *written = writer.out.length;
    ktg_sequence_release(sequence);
    return KETCH_OK;
}
