/* Recorded spikes: a list in arena memory that grows by blocks, each twice as large as the one
 * before, so that nothing moves. */
#ifndef KTG_RUN_RECORD_H
#define KTG_RUN_RECORD_H

#include "arena.h"
#include "ketch/glia.h"

#include <stdbool.h>

/* Block b has place for KTG_RECORD_FIRST << b spikes. */
enum { KTG_RECORD_FIRST = 4096, KTG_RECORD_BLOCKS = 36 };

/* capacity: of all blocks. Zeroed, it is an empty list. */
typedef struct ktg_record {
    uint64_t count, capacity;
    int32_t blocks;
    ketch_block *block[KTG_RECORD_BLOCKS];
} ktg_record;

/* A run of places that lie in one block. */
typedef struct ktg_record_piece {
    ketch_glia_spike *at;
    uint64_t count;
} ktg_record_piece;

/* Takes blocks until that many spikes fit. False, and what was taken stays, if memory is refused. */
bool ktg_record_reserve(ktg_record *spikes, uint64_t count, ketch_arena *arena,
                        kt_refusal *refusal);
/* Adds spikes of one tick; there is place for them. */
void ktg_record_add(ktg_record *spikes, uint32_t tick, const uint32_t *neurons, uint32_t count);
/* The places from number `first` to the end of their block, at most `count`; first < capacity. */
ktg_record_piece ktg_record_at(const ktg_record *spikes, uint64_t first, uint64_t count);
/* Copies spikes that there are. */
void ktg_record_copy(ketch_glia_spike *to, const ktg_record *spikes, uint64_t first,
                     uint64_t count);
void ktg_record_end(ktg_record *spikes);

#endif
