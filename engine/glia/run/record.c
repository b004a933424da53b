#include "glia/run/record.h"

#include "numbers.h"

#include <assert.h>
#include <string.h>

bool ktg_record_reserve(ktg_record *spikes, uint64_t count, ketch_arena *arena, kt_refusal *refusal)
{
    while (spikes->capacity < count) {
        assert(spikes->blocks < KTG_RECORD_BLOCKS);
        const uint64_t more = (uint64_t)KTG_RECORD_FIRST << spikes->blocks;
        ketch_block *const block =
            kt_arena_take(arena, more * sizeof(ketch_glia_spike), "glia", refusal);
        if (!block)
            return false;
        spikes->block[spikes->blocks++] = block;
        spikes->capacity += more;
    }
    return true;
}

ktg_record_piece ktg_record_at(const ktg_record *spikes, uint64_t first, uint64_t count)
{
    const uint64_t group = first / KTG_RECORD_FIRST + 1;
    const int block = 63 - __builtin_clzll(group);
    const uint64_t size = (uint64_t)KTG_RECORD_FIRST << block;
    const uint64_t place = first - (size - KTG_RECORD_FIRST);
    ketch_glia_spike *const items = kt_block_data(spikes->block[block]);
    return (ktg_record_piece){items + place, KT_MIN(count, size - place)};
}

void ktg_record_add(ktg_record *spikes, uint32_t tick, const uint32_t *neurons, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        const ktg_record_piece piece = ktg_record_at(spikes, spikes->count, count - done);
        for (uint64_t i = 0; i < piece.count; i++)
            piece.at[i] = (ketch_glia_spike){tick, neurons[done + i]};
        done += (uint32_t)piece.count;
        spikes->count += piece.count;
    }
}

void ktg_record_copy(ketch_glia_spike *to, const ktg_record *spikes, uint64_t first, uint64_t count)
{
    for (uint64_t done = 0; done < count;) {
        const ktg_record_piece piece = ktg_record_at(spikes, first + done, count - done);
        memcpy(to + done, piece.at, (size_t)piece.count * sizeof *to);
        done += piece.count;
    }
}

void ktg_record_end(ktg_record *spikes)
{
    for (int32_t i = 0; i < spikes->blocks; i++)
        kt_block_drop(spikes->block[i]);
    *spikes = (ktg_record){0};
}
