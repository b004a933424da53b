#include "glia/run/spikes.h"

#include "numbers.h"

#include <assert.h>
#include <string.h>

bool ktg_spikes_reserve(ktg_spikes *spikes, uint64_t count, ketch_arena *arena, kt_refusal *refusal)
{
    while (spikes->capacity < count) {
        assert(spikes->blocks < KTG_SPIKES_BLOCKS);
        const uint64_t more = (uint64_t)KTG_SPIKES_FIRST << spikes->blocks;
        ketch_block *const block =
            kt_arena_take(arena, more * sizeof(ketch_glia_spike), "glia", refusal);
        if (!block)
            return false;
        spikes->block[spikes->blocks++] = block;
        spikes->capacity += more;
    }
    return true;
}

ktg_spikes_piece ktg_spikes_at(const ktg_spikes *spikes, uint64_t first, uint64_t count)
{
    const uint64_t group = first / KTG_SPIKES_FIRST + 1;
    const int block = 63 - __builtin_clzll(group);
    const uint64_t size = (uint64_t)KTG_SPIKES_FIRST << block;
    const uint64_t place = first - (size - KTG_SPIKES_FIRST);
    ketch_glia_spike *const items = kt_block_data(spikes->block[block]);
    return (ktg_spikes_piece){items + place, KT_MIN(count, size - place)};
}

void ktg_spikes_add(ktg_spikes *spikes, uint32_t tick, const uint32_t *neurons, uint32_t count)
{
    for (uint32_t done = 0; done < count;) {
        const ktg_spikes_piece piece = ktg_spikes_at(spikes, spikes->count, count - done);
        for (uint64_t i = 0; i < piece.count; i++)
            piece.at[i] = (ketch_glia_spike){tick, neurons[done + i]};
        done += (uint32_t)piece.count;
        spikes->count += piece.count;
    }
}

void ktg_spikes_copy(ketch_glia_spike *to, const ktg_spikes *spikes, uint64_t first, uint64_t count)
{
    for (uint64_t done = 0; done < count;) {
        const ktg_spikes_piece piece = ktg_spikes_at(spikes, first + done, count - done);
        memcpy(to + done, piece.at, piece.count * sizeof *to);
        done += piece.count;
    }
}

void ktg_spikes_end(ktg_spikes *spikes)
{
    for (int32_t i = 0; i < spikes->blocks; i++)
        kt_block_drop(spikes->block[i]);
    *spikes = (ktg_spikes){0};
}
