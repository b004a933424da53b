/* Sums over a state that is only read, as observers make them: a tile is a chunk of it. */
#ifndef KTQ_STATE_READ_SWEEP_H
#define KTQ_STATE_READ_SWEEP_H

#include "ket/kernels/kernels.h"
#include "ket/kernels/tile_sums.h"

/* Plans the observer for a state of so many qubits. bits: most that scratch can hold of a tile. */
void ktq_look_plan(ktq_tile_sums *observer, int32_t qubits, int32_t bits);
/* All its chunks. */
ktq_tiles ktq_look_tiles(const ktq_tile_sums *observer, int32_t qubits);
/* Most doubles of work memory with so many terms and no bins. */
size_t ktq_look_work(size_t term_count);
/* Chunk number `chunk` to its row. scratch: for kernels, work: behind it. */
void ktq_look_chunk(const ktq_tile_sums *observer, const ktq_kernel_set *kernels,
                    const void *amplitudes, void *scratch, double *work, uint64_t chunk,
                    double *row);

#endif
