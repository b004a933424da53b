/* Tile sums of a state that is only read. A tile is a chunk of it. */
#ifndef KTQ_STATE_READ_SWEEP_H
#define KTQ_STATE_READ_SWEEP_H

#include "ket/kernels/kernels.h"
#include "ket/kernels/tile_sums.h"

/* Prepares the sums for a state of that many qubits. bits: the largest frame that scratch has room
 * for. */
void ktq_read_sweep_prepare(ktq_tile_sums *sums, int32_t qubits, int32_t bits);
/* The tiles of the whole state. */
ktq_tiles ktq_read_sweep_tiles(const ktq_tile_sums *sums, int32_t qubits);
/* Upper bound on the doubles of work memory, for sums of term_count terms and no bins. */
size_t ktq_read_sweep_work(size_t term_count);
/* Sums over chunk number `chunk`, to its row. scratch: for the kernels; work: for the sums. */
void ktq_read_sweep_chunk(const ktq_tile_sums *sums, const ktq_kernel_set *kernels,
                          const void *amplitudes, void *scratch, double *work, uint64_t chunk,
                          double *row);

#endif
