#include "glia/net/fingerprint.h"

#include "hash.h"

#include <string.h>

static uint64_t hash_ids(const ketch_glia_net *net)
{
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    for (uint32_t i = 0; i < net->cells.count; i++) {
        const char *const id = ktg_net_id(net, i);
        kt_hash_add(&hash, id, strlen(id) + 1);
    }
    return kt_hash_end(&hash);
}

/* Of a clean network, what beside it. */
static void add_clean(kt_hash *hash, const ketch_glia_net *net)
{
    const ktg_clean_cells *const clean = &net->cells.clean;
    const size_t size = net->cells.count * sizeof(float);
    kt_hash_add(hash, net->tau, sizeof net->tau);
    kt_hash_add(hash, &clean->delays, sizeof clean->delays);
    kt_hash_add(hash, clean->reset, size);
    kt_hash_add(hash, clean->refractory, size);
    kt_hash_add(hash, clean->drive, size);
}

static uint64_t hash_numbers(const ketch_glia_net *net)
{
    const ktg_cells *const cells = &net->cells;
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    kt_hash_add(&hash, cells->threshold, cells->count * sizeof *cells->threshold);
    kt_hash_add(&hash, cells->leak, cells->count * sizeof *cells->leak);
    kt_hash_add(&hash, cells->resting, cells->count * sizeof *cells->resting);
    if (ktg_net_is_clean(net))
        add_clean(&hash, net);
    return kt_hash_end(&hash);
}

static uint64_t hash_weights(const ktg_rows *rows, uint32_t neurons)
{
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    kt_hash_add(&hash, rows->begin, ((size_t)neurons + 1) * sizeof *rows->begin);
    kt_hash_add(&hash, rows->target, rows->count * sizeof *rows->target);
    kt_hash_add(&hash, rows->weight, rows->count * sizeof *rows->weight);
    if (rows->delay)
        kt_hash_add(&hash, rows->delay, rows->count);
    return kt_hash_end(&hash);
}

ktg_fingerprint ktg_fingerprint_of(const ketch_glia_net *net)
{
    ktg_fingerprint made = {.mode = (uint64_t)net->mode,
                            .neurons = net->cells.count,
                            .sensory = net->cells.sensory,
                            .synapses = net->rows.count,
                            .ids = hash_ids(net)};
    if (net->cells.block)
        made.numbers = hash_numbers(net);
    if (net->rows.block)
        made.weights = hash_weights(&net->rows, net->cells.count);
    return made;
}

const char *ktg_fingerprint_difference(const ktg_fingerprint *a, const ktg_fingerprint *b)
{
    if (a->mode != b->mode)
        return "mode";
    if (a->neurons != b->neurons || a->sensory != b->sensory)
        return "number of neurons";
    if (a->synapses != b->synapses)
        return "number of synapses";
    if (a->ids != b->ids)
        return "list of ids";
    if (a->numbers != b->numbers)
        return "number of a neuron";
    return a->weights != b->weights ? "synapse or weight" : NULL;
}
