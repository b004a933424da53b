/* The record of a state, and who may read or write its amplitudes when. */
#ifndef KTQ_STATE_STATE_H
#define KTQ_STATE_STATE_H

#include "arena.h"
#include "engine.h"
#include "ket/kernels/pass.h"
#include "ketch/circuits.h"

#include <stdbool.h>

/* READY: no run holds the state. RUNNING: a run works on it; it cannot be read. FENCE: a run holds
 * it and stands at a fence; it can be read. SUSPENDED: a run stopped between two fences; the state
 * cannot be read. The run sets the mode. */
typedef enum ktq_state_mode {
    KTQ_STATE_READY,
    KTQ_STATE_RUNNING,
    KTQ_STATE_FENCE,
    KTQ_STATE_SUSPENDED
} ktq_state_mode;

/* is_basis: the state is the basis state `index` and its memory is not written yet, which the first
 * read or run does; nobody else holds its block until then. A block that a view shares is replaced
 * before it is written. Code that writes a block calls kt_block_written. The record lies in an arena
 * block of its own, so that a second state of a size allocates nothing. */
struct ketch_state {
    uint64_t magic;
    int32_t references; /* atomic */
    int32_t qubits;
    ketch_precision precision;
    ktq_state_mode mode;
    bool is_basis;
    uint64_t index;
    uint64_t done;    /* SUSPENDED: the steps that its run had retired, for messages */
    uint64_t changes; /* times it was set or owned: a run compares it when it is resumed */
    ketch_arena *arena;
    ketch_block *record; /* holds this struct */
    ketch_block *block;  /* holds the amplitudes; NULL for an adopted buffer */
    void *amplitudes;
};

/* All its amplitudes, in bytes. */
static inline uint64_t ktq_state_size(const ketch_state *state)
{
    return ktq_amplitude_size(state->precision) << state->qubits;
}

/* Whether non-temporal stores pay: the state is larger than most last-level caches. They need an
 * aligned address. */
static inline bool ktq_state_exceeds_caches(const ketch_state *state)
{
    return ktq_state_size(state) > UINT64_C(1) << 25 && (uintptr_t)state->amplitudes % 64 == 0;
}

/* |0...0> of a shape that has been checked. */
ketch_status ktq_state_make(ketch_state **state, ketch_arena *arena, int32_t qubits,
                            ketch_precision precision, const char *function, ketch_error *error);
/* HANDLE, BUSY or SUSPENDED where the state cannot be read now. */
ketch_status ktq_state_check_read(const ketch_state *state, const char *function,
                                  ketch_error *error);
/* RANGE for a number that is no precision. */
ketch_status ktq_precision_check(ketch_precision precision, const char *function,
                                 ketch_error *error);
/* HANDLE, BUSY or SUSPENDED where ktq_state_own would refuse the state as it is. */
ketch_status ktq_state_check_own(const ketch_state *state, bool keep, const char *function,
                                 ketch_error *error);
/* Makes the state writable: READY, in a block that no view shares. keep: the amplitudes stay as they
 * are, and a SUSPENDED state is refused; otherwise they are unspecified afterwards. is_basis stays as
 * it is. Takes memory where the block was shared. */
ketch_status ktq_state_own(ketch_state *state, bool keep, const char *function, ketch_error *error);
/* Moves the state to another block where a view shares the one it has; copies the amplitudes if
 * keep. For the run that works on the state, after a fence; the mode is not checked. */
ketch_status ktq_state_unshare(ketch_state *state, bool keep, const char *function,
                               ketch_error *error);
/* Writes the amplitudes of a basis state that is not written yet, else does nothing. engine as in
 * kt_engine_sweep. */
void ktq_state_write_basis(ketch_state *state, ketch_engine *engine);
/* The same before a read: what can be read of the state does not change, hence const. */
void ktq_state_make_readable(const ketch_state *state, ketch_engine *engine);

#endif
