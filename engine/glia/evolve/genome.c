#include "glia/evolve/genome.h"

#include "glia/net/parts.h"
#include "glia/train/lanes.h"
#include "status.h"

#include <assert.h>
#include <string.h>

/* ---- memory ---- */

/* For neurons and synapses like those of such cells. */
static void lay_out_genome(ktg_genome *g, const ktg_cells *cells, kt_layout *layout)
{
    g->head = kt_layout_take(layout, 1, sizeof *g->head);
    g->threshold = kt_layout_take(layout, cells->count, sizeof(float));
    g->leak = kt_layout_take(layout, cells->count, sizeof(float));
    ktg_rows_lay_out(&g->rows, cells, g->capacity, layout);
}

uint64_t ktg_genome_size(const ktg_cells *cells, uint32_t synapses)
{
    ktg_genome made = {.capacity = synapses};
    kt_layout layout = {0};
    lay_out_genome(&made, cells, &layout);
    return layout.size;
}

ketch_status ktg_genome_reserve(ktg_genome *genome, const ktg_cells *cells, uint32_t synapses,
                                ketch_arena *arena, const char *function, ketch_error *error)
{
    if (genome->block && genome->neurons == cells->count && genome->capacity >= synapses)
        return KETCH_OK;
    ktg_genome made = {.neurons = cells->count, .capacity = synapses};
    kt_layout layout = {.size = (size_t)ktg_genome_size(cells, synapses)};
    KT_TRY(ktg_take_zeroed(&made.block, &layout, arena, "net", "an individual's weights", function,
                           error));
    lay_out_genome(&made, cells, &layout);
    ktg_genome_end(genome);
    *genome = made;
    return KETCH_OK;
}

void ktg_genome_end(ktg_genome *genome)
{
    if (genome->block)
        kt_block_drop(genome->block);
    *genome = (ktg_genome){0};
}

/* ---- copies ---- */

static void fill_genome(ktg_genome *genome, const float *threshold, const float *leak,
                        const ktg_rows *rows)
{
    assert(genome->capacity >= rows->count);
    memcpy(genome->threshold, threshold, genome->neurons * sizeof *threshold);
    memcpy(genome->leak, leak, genome->neurons * sizeof *leak);
    ktg_rows_fill(&genome->rows, rows, genome->neurons);
    *genome->head = (ktg_genome_head){genome->capacity, rows->count};
}

void ktg_genome_copy(ktg_genome *to, const ktg_genome *from)
{
    fill_genome(to, from->threshold, from->leak, &from->rows);
}

void ktg_genome_read(ktg_genome *genome, const ketch_glia_net *net)
{
    fill_genome(genome, net->cells.threshold, net->cells.leak, &net->rows);
}

/* ---- to a network ---- */

static bool have_same_synapses(const ktg_rows *a, const ktg_rows *b, uint32_t neurons)
{
    return a->count == b->count &&
           memcmp(a->begin, b->begin, ((size_t)neurons + 1) * sizeof *a->begin) == 0 &&
           memcmp(a->target, b->target, a->count * sizeof *a->target) == 0 &&
           (!a->delay || memcmp(a->delay, b->delay, a->count) == 0);
}

/* Lays out rows for the genome's synapses in the network's block, or in a new one where that is too
 * small. */
static ketch_status make_place(ktg_rows *rows, ketch_glia_net *net, const ktg_genome *genome,
                               const char *function, ketch_error *error)
{
    kt_refusal refusal = {0};
    kt_layout layout = {0};
    ktg_rows_lay_out(rows, &net->cells, genome->rows.count, &layout);
    rows->block = net->rows.block;
    if (layout.size > kt_block_size(rows->block))
        rows->block = kt_arena_take(net->arena, layout.size, "glia", &refusal);
    if (!rows->block)
        return kt_fail_memory(error, function, "net", "an individual's synapses", &refusal);
    layout = (kt_layout){.base = kt_block_data(rows->block)};
    ktg_rows_lay_out(rows, &net->cells, genome->rows.count, &layout);
    return KETCH_OK;
}

static ketch_status put_rows(ketch_glia_net *net, const ktg_genome *genome, const char *function,
                             ketch_error *error)
{
    ktg_rows rows = {0};
    KT_TRY(make_place(&rows, net, genome, function, error));
    ktg_rows_fill(&rows, &genome->rows, genome->neurons);
    if (rows.block != net->rows.block) {
        ktg_net_install_rows(net, &rows);
        return KETCH_OK;
    }
    net->rows = rows;
    net->changes++;
    return KETCH_OK;
}

ketch_status ktg_genome_put(ketch_glia_net *net, const ktg_genome *genome, const char *function,
                            ketch_error *error)
{
    const uint32_t neurons = genome->neurons;
    assert(net->cells.count == neurons);
    if (have_same_synapses(&net->rows, &genome->rows, neurons)) {
        memcpy(net->rows.weight, genome->rows.weight,
               genome->rows.count * sizeof *genome->rows.weight);
        ktg_net_weights_changed(net);
    } else {
        KT_TRY(put_rows(net, genome, function, error));
    }
    memcpy(net->cells.threshold, genome->threshold, neurons * sizeof *genome->threshold);
    memcpy(net->cells.leak, genome->leak, neurons * sizeof *genome->leak);
    ktg_net_numbers_changed(net);
    return KETCH_OK;
}

/* ---- mutation ---- */

static void add_noise(float *numbers, uint32_t count, double deviation, ketch_random *random)
{
    for (uint32_t i = 0; i < count && deviation > 0; i++)
        numbers[i] += (float)kt_kept_double(deviation * ketch_random_normal(random));
}

static void limit_leaks(float *leak, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        leak[i] = leak[i] < 0 ? 0 : leak[i] > 1 ? 1 : leak[i];
}

void ktg_genome_mutate(ktg_genome *genome, const ktg_noise *noise, ketch_random *random)
{
    add_noise(genome->rows.weight, genome->rows.count, noise->weight, random);
    add_noise(genome->threshold, genome->neurons, noise->threshold, random);
    add_noise(genome->leak, genome->neurons, noise->leak, random);
    if (noise->leak > 0)
        limit_leaks(genome->leak, genome->neurons);
}

/* ---- files ---- */

ketch_status ktg_genome_save(ketch_writer *writer, const char *name, const ktg_genome *genome)
{
    return ketch_writer_section(writer, name, kt_block_data(genome->block),
                                kt_block_size(genome->block));
}

static bool are_possible_delays(const ktg_rows *rows, const ktg_cells *cells)
{
    for (uint32_t s = 0; rows->delay && s < rows->count; s++)
        if (rows->delay[s] == 0 || rows->delay[s] > cells->clean.delays)
            return false;
    return true;
}

/* Lays out a genome in a block that was read. False if it can be none. */
static bool recognize_genome(ktg_genome *g, const ktg_cells *cells)
{
    const ktg_genome_head *const head = kt_block_data(g->block);
    if (head->count > head->capacity || head->capacity > KETCH_GLIA_SYNAPSES_MAX ||
        ktg_genome_size(cells, head->capacity) != kt_block_size(g->block))
        return false;
    kt_layout layout = {.base = kt_block_data(g->block)};
    g->capacity = head->capacity;
    lay_out_genome(g, cells, &layout);
    g->rows.count = g->head->count;
    if (!ktg_rows_are_valid(&g->rows, g->neurons) || !are_possible_delays(&g->rows, cells))
        return false;
    ktg_rows_split(&g->rows, g->neurons);
    return true;
}

ketch_status ktg_genome_load(ktg_genome *genome, ketch_reader *reader, const char *name,
                             const ktg_cells *cells, ketch_arena *arena, const char *function,
                             ketch_error *error)
{
    const uint64_t size = ketch_reader_size(reader, name);
    ktg_genome read = {.neurons = cells->count};
    kt_refusal refusal = {0};
    if (size == UINT64_MAX || size < sizeof *read.head)
        return kt_reader_fail(reader, name, "it is missing", error);
    read.block = kt_arena_take(arena, size, "glia", &refusal);
    if (!read.block)
        return kt_fail_memory(error, function, "path", "a saved individual", &refusal);
    ketch_status status =
        ketch_reader_section(reader, name, kt_block_data(read.block), size, error);
    if (status == KETCH_OK && !recognize_genome(&read, cells))
        status = kt_reader_fail(reader, name, "it is no individual", error);
    if (status != KETCH_OK) {
        kt_block_drop(read.block);
        return status;
    }
    ktg_genome_end(genome);
    *genome = read;
    return KETCH_OK;
}
