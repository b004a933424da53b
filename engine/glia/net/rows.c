/* The memory of rows, and rows that change without being built anew. */
#include "glia/net/net.h"

#include "glia/net/parts.h"
#include "status.h"

#include <assert.h>
#include <string.h>

void ktg_rows_lay_out(ktg_rows *rows, const ktg_cells *cells, uint32_t count, kt_layout *layout)
{
    rows->begin = kt_layout_take(layout, (size_t)cells->count + 1, sizeof(uint32_t));
    rows->split = kt_layout_take(layout, cells->count, sizeof(uint32_t));
    rows->target = kt_layout_take(layout, count, sizeof(uint32_t));
    rows->weight = kt_layout_take(layout, count, sizeof(float));
    rows->delay = ktg_has_delays(cells) ? kt_layout_take(layout, count, sizeof(uint8_t)) : NULL;
}

ketch_status ktg_rows_take(ktg_rows *rows, const ktg_cells *cells, uint32_t count,
                           ketch_arena *arena, const char *argument, const char *what,
                           const char *function, ketch_error *error)
{
    kt_layout layout = {0};
    ktg_rows_lay_out(rows, cells, count, &layout);
    KT_TRY(ktg_take_zeroed(&rows->block, &layout, arena, argument, what, function, error));
    ktg_rows_lay_out(rows, cells, count, &layout);
    return KETCH_OK;
}

void ktg_rows_fill(ktg_rows *to, const ktg_rows *from, uint32_t neurons)
{
    memcpy(to->begin, from->begin, ((size_t)neurons + 1) * sizeof *to->begin);
    memcpy(to->split, from->split, neurons * sizeof *to->split);
    memcpy(to->target, from->target, from->count * sizeof *to->target);
    memcpy(to->weight, from->weight, from->count * sizeof *to->weight);
    if (from->delay)
        memcpy(to->delay, from->delay, from->count);
    to->count = from->count;
}

void ktg_rows_split(ktg_rows *rows, uint32_t neurons)
{
    for (uint32_t i = 0; i < neurons; i++) {
        uint32_t s = rows->begin[i];
        while (s < rows->begin[i + 1] && rows->target[s] <= i)
            s++;
        rows->split[i] = s;
    }
}

bool ktg_is_ascending(const uint32_t *numbers, uint64_t count, uint64_t most)
{
    for (uint64_t i = 0; i < count; i++)
        if (numbers[i] >= most || (i > 0 && numbers[i] <= numbers[i - 1]))
            return false;
    return true;
}

bool ktg_rows_are_valid(const ktg_rows *rows, uint32_t neurons)
{
    if (rows->begin[0] != 0 || rows->begin[neurons] != rows->count)
        return false;
    for (uint32_t i = 0; i < neurons; i++) {
        const uint32_t begin = rows->begin[i], end = rows->begin[i + 1];
        if (begin > end || end > rows->count ||
            !ktg_is_ascending(rows->target + begin, end - begin, neurons))
            return false;
    }
    return true;
}

uint32_t ktg_rows_find(const ktg_rows *rows, uint32_t from, uint32_t to)
{
    uint32_t low = rows->begin[from], high = rows->begin[from + 1];
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (rows->target[middle] == to)
            return middle;
        if (rows->target[middle] < to)
            low = middle + 1;
        else
            high = middle;
    }
    return KTG_NO_SYNAPSE;
}

void ktg_net_remove_synapses(ketch_glia_net *net, const uint8_t *marks)
{
    ktg_rows *const rows = &net->rows;
    uint32_t kept = 0, first = 0;
    for (uint32_t i = 0; i < net->cells.count; i++) {
        const uint32_t end = rows->begin[i + 1], begin = kept;
        for (uint32_t s = first; s < end; s++) {
            if (!marks[s])
                ktg_rows_move(rows, kept++, s);
        }
        first = end;
        rows->begin[i] = begin;
    }
    rows->begin[net->cells.count] = rows->count = kept;
    ktg_rows_split(rows, net->cells.count);
    net->changes++;
}

void ktg_net_install_rows(ketch_glia_net *net, const ktg_rows *rows)
{
    assert(rows->block);
    if (net->rows.block)
        kt_block_drop(net->rows.block);
    net->rows = *rows;
    net->changes++;
}
