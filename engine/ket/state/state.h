/* States inside. */
#ifndef KTQ_STATE_STATE_H
#define KTQ_STATE_STATE_H

#include "arena.h"
#include "engine.h"
#include "ketch/circuits.h"
#include <stdbool.h>

/* READY: readable. RUNNING: a run works on it; FENCE: it does, and pauses in a hook, so it is
 * readable. SUSPENDED: between two fences. The run that works on a state sets its phase. */
typedef enum ktq_state_phase {
    KTQ_STATE_READY,
    KTQ_STATE_RUNNING,
    KTQ_STATE_FENCE,
    KTQ_STATE_SUSPENDED
} ktq_state_phase;

/* Where basis is true the state is the basis state `index` and its memory has not been written yet:
 * reading it (also at a fence) or running on it writes it; nobody else then holds its block. A
 * block shared with a view is exchanged before it is written; whoever writes a block says so with
 * kt_block_written. The struct itself lies in an arena block of its own, so that making a state of
 * a known size again allocates nothing. */
struct ketch_state {
    uint64_t magic;
    int32_t references; /* atomic */
    int32_t qubits;
    ketch_precision precision;
    ktq_state_phase phase;
    bool basis;
    uint64_t index;
    uint64_t done; /* SUSPENDED: steps its run had retired, for messages */
    uint64_t
        changes; /* times it was set or owned: tells a suspended run that it is not its own now */
    ketch_arena *arena;
    ketch_block *record; /* holds this struct */
    ketch_block *block;  /* holds the amplitudes; NULL for an adopted buffer */
    void *amplitudes;
};

static inline uint64_t ktq_amplitude_size(ketch_precision precision)
{
    return precision == KETCH_SINGLE ? 8 : 16;
}

/* All its amplitudes, in bytes. */
static inline uint64_t ktq_state_size(const ketch_state *state)
{
    return ktq_amplitude_size(state->precision) << state->qubits;
}

/* Whether to write it past the caches: it is larger than most last-level caches. Vectors must be
 * aligned for that. */
static inline bool ktq_state_exceeds_caches(const ketch_state *state)
{
    return ktq_state_size(state) > UINT64_C(1) << 25 && (uintptr_t)state->amplitudes % 64 == 0;
}

/* |0...0> of a shape that has been checked. */
ketch_status ktq_state_make(ketch_state **state, ketch_arena *arena, int32_t qubits,
                            ketch_precision precision, const char *function, ketch_error *error);
/* HANDLE, BUSY or SUSPENDED where it cannot be read now. */
ketch_status ktq_state_check_read(const ketch_state *state, const char *function,
                                  ketch_error *error);
/* RANGE for a number that is no precision. */
ketch_status ktq_precision_check(ketch_precision precision, const char *function,
                                 ketch_error *error);
/* Makes it writable: own block, READY phase asked for. keep: the amplitudes matter (they are copied
 * where the block is shared); otherwise their contents are unspecified afterwards, and a SUSPENDED
 * state becomes READY. basis stays as it is. The only place that may take memory before a run. */
ketch_status ktq_state_own(ketch_state *state, bool keep, const char *function, ketch_error *error);
/* Moves it to another block where a view holds the one it has (no copy unless keep). For the run
 * that works on it, after each fence at which somebody could take a view; asks for no phase. */
ketch_status ktq_state_unshare(ketch_state *state, bool keep, const char *function,
                               ketch_error *error);
/* Writes the amplitudes of a basis state that has not been written yet, else does nothing. engine
 * as in kt_engine_sweep. */
void ktq_state_write_basis(ketch_state *state, ketch_engine *engine);
/* The same for reading: what a handle shows stays what it is, so that const is kept. */
void ktq_state_settle(const ketch_state *state, ketch_engine *engine);

#endif
