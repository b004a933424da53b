/* One call that reads a state: the engine claimed for it, and its work memory. */
#ifndef KTQ_STATE_READER_H
#define KTQ_STATE_READER_H

#include "cpu.h"
#include "engine.h"
#include "ket/kernels/kernels.h"
#include "ket/state/chunks.h"
#include "ket/state/state.h"
#include "layout.h"

/* A claimed engine or NULL, and the memory that one call takes. */
typedef struct ktq_reader {
    ketch_engine *engine;
    ketch_block *block;
    kt_layout memory;
} ktq_reader;

/* Claims the engine, takes the memory, and makes the state readable. size: of all the memory that
 * is going to be taken from it. */
ketch_status ktq_reader_open(ktq_reader *reader, ketch_engine *engine, const ketch_state *state,
                             uint64_t size, const char *function, ketch_error *error);
void ktq_reader_close(ktq_reader *reader);

/* The workers of an engine, or the calling thread. */
static inline uint64_t ktq_reader_workers(const ketch_engine *engine)
{
    return engine ? (uint64_t)engine->threads : 1;
}

/* The engine's kernel set or, without one, the best of the machine. */
static inline const ktq_kernel_set *ktq_reader_set(const ketch_engine *engine,
                                                   const ketch_state *state)
{
    return ktq_kernel_set_find(engine ? engine->kernels : kt_cpu_best(), state->precision);
}

/* The bytes of that many doubles in a layout of their own. */
static inline uint64_t ktq_sums_size(uint64_t count)
{
    return kt_round_line_wide(count * sizeof(double));
}

static inline ktq_chunks ktq_chunks_of(const ketch_state *state)
{
    return (ktq_chunks){state->amplitudes, state->qubits, state->precision};
}

#endif
