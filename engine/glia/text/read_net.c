/* The format .net: texts of neurons and synapses. */
#define _GNU_SOURCE
#include "glia/net/net.h"
#include "glia/text/generate.h"
#include "glia/text/scan.h"
#include "heap.h"

#include <string.h>

/* again: neurons of the network, whose numbers are set once nothing can fail. count: neurons and
 * synapses so far. */
typedef struct net_reader {
    ktg_scan scan;
    ketch_glia_net *net;
    uint64_t count;
    KT_LIST(ktg_new_neuron) again;
} net_reader;

static ketch_status count_line(net_reader *reader, ktg_word keyword)
{
    const uint64_t limit = reader->scan.options.limit;
    if (++reader->count <= limit)
        return KETCH_OK;
    return ktg_scan_fail(&reader->scan, KETCH_LIMIT, keyword,
                         kt_format("%llu", (unsigned long long)reader->count).text,
                         kt_format("%llu", (unsigned long long)limit).text,
                         "too many neurons and synapses");
}

/* ---- neurons ---- */

static ketch_status take_neuron(net_reader *reader, ktg_word id, const ktg_new_neuron *numbers)
{
    ketch_glia_net *const net = reader->net;
    const uint32_t slot = ktg_names_find(&net->names, id.text, id.length);
    if (slot != KTG_NO_SLOT && reader->scan.options.strict)
        return ktg_scan_fail(&reader->scan, KETCH_DUPLICATE, id, NULL, "ids that are not there yet",
                             "the network has such a neuron");
    if (slot == KTG_NO_SLOT || slot >= net->cells.count)
        return ktg_net_add_neuron(net, id.text, id.length, numbers->threshold, numbers->leak,
                                  numbers->resting, reader->scan.function, reader->scan.error);
    if (!KT_LIST_RESERVE(&reader->again, 1))
        return kt_fail_heap(reader->scan.error, reader->scan.function);
    reader->again.items[reader->again.count] = *numbers;
    reader->again.items[reader->again.count++].slot = slot;
    return KETCH_OK;
}

static ketch_status read_neuron(net_reader *reader, ktg_word keyword)
{
    ktg_word id;
    ktg_new_neuron numbers = {0};
    KT_TRY(ktg_scan_id(&reader->scan, &id, "an id"));
    KT_TRY(ktg_scan_number(&reader->scan, &numbers.threshold, "a threshold", false));
    KT_TRY(ktg_scan_share(&reader->scan, &numbers.leak, "a leak", false));
    KT_TRY(ktg_scan_number(&reader->scan, &numbers.resting, "a resting value", true));
    KT_TRY(count_line(reader, keyword));
    KT_TRY(take_neuron(reader, id, &numbers));
    return ktg_scan_end(&reader->scan);
}

/* Those of neurons that were there before. */
static void set_neurons_again(net_reader *reader)
{
    ktg_cells *const cells = &reader->net->cells;
    for (size_t i = 0; i < reader->again.count; i++) {
        const ktg_new_neuron *const numbers = &reader->again.items[i];
        const uint32_t index = reader->net->index.items[numbers->slot];
        cells->threshold[index] = numbers->threshold;
        cells->leak[index] = numbers->leak;
        cells->resting[index] = cells->value[index] = numbers->resting;
    }
}

/* ---- synapses ---- */

/* The slot of the neuron whose id comes next; KTG_NO_SLOT: there is none, and the line is left
 * out. */
static ketch_status read_end(net_reader *reader, uint32_t *slot)
{
    ktg_scan *const scan = &reader->scan;
    ktg_word id = ktg_scan_word(scan);
    *slot = ktg_names_find(&reader->net->names, id.text, id.length);
    if (*slot != KTG_NO_SLOT)
        return KETCH_OK;
    if (id.length && scan->options.strict)
        return ktg_scan_fail(scan, KETCH_INDEX, id, NULL, "ids of NEURON lines before this line",
                             "no such neuron");
    return ktg_scan_skip(scan, id, "an id",
                         "no such neuron before this line: the synapse is left out");
}

static ketch_status read_synapse(net_reader *reader, ktg_word keyword)
{
    uint32_t from, to = KTG_NO_SLOT;
    float weight;
    KT_TRY(read_end(reader, &from));
    if (from != KTG_NO_SLOT)
        KT_TRY(read_end(reader, &to));
    if (to == KTG_NO_SLOT)
        return KETCH_OK;
    KT_TRY(ktg_scan_number(&reader->scan, &weight, "a weight", true));
    KT_TRY(count_line(reader, keyword));
    KT_TRY(ktg_net_add_synapse(reader->net, from, to, weight, reader->scan.function,
                               reader->scan.error));
    return ktg_scan_end(&reader->scan);
}

/* ---- the text ---- */

static ketch_status read_lines(net_reader *reader)
{
    ktg_word word;
    while (ktg_scan_line(&reader->scan, &word)) {
        if (ktg_word_is(word, "CONNECTION"))
            KT_TRY(read_synapse(reader, word));
        else if (ktg_word_is(word, "NEURON"))
            KT_TRY(read_neuron(reader, word));
        else
            KT_TRY(ktg_scan_skip(&reader->scan, word, "NEURON, CONNECTION or NEWNET",
                                 "an unknown word: the line is left out"));
    }
    return KETCH_OK;
}

/* Whether a line begins with NEWNET. */
static bool is_generated(ktg_scan *scan, const char *text, size_t length)
{
    ktg_word word;
    bool is_found = false;
    if (!length || !memmem(text, length, "NEWNET", strlen("NEWNET")))
        return false;
    while (!is_found && ktg_scan_line(scan, &word))
        is_found = ktg_word_is(word, "NEWNET");
    ktg_scan_rewind(scan, text);
    return is_found;
}

/* Into a settled network; what was added is in it, or nothing. */
static ketch_status read_into(net_reader *reader, const char *text, size_t length)
{
    ktg_scan *const scan = &reader->scan;
    ketch_status status =
        is_generated(scan, text, length) ? ktg_generate(scan, reader->net) : read_lines(reader);
    if (status == KETCH_OK)
        status = ktg_net_settle(reader->net, scan->function, scan->error);
    if (status == KETCH_OK)
        set_neurons_again(reader);
    else
        ktg_net_remove_new(reader->net);
    return status;
}

ketch_status ketch_glia_read(ketch_glia_net *net, const char *text, size_t length,
                             const ketch_glia_read_options *options, ketch_error *error)
{
    net_reader reader = {.net = net};
    KT_TRY(ktg_scan_begin(&reader.scan, text, length, options, __func__, error));
    KT_TRY(ktg_net_claim_settled(net, __func__, error));
    if (ktg_net_is_clean(net))
        reader.scan.options.strict = 1;
    const ketch_status status = read_into(&reader, text, length);
    ktg_net_release(net);
    kt_heap_give(reader.again.items);
    return status;
}
