#include "ket/run/coverage.h"

#include "engine.h"
#include "ket/kernels/zero.h"
#include "status.h"

#include <string.h>

/* log2 of the amplitudes that one index fills. */
enum { FILL_BITS = 16 };

static char *amplitude_at(const ktq_run *run, uint64_t index)
{
    return (char *)run->state->amplitudes + index * ktq_amplitude_size(run->state->precision);
}

/* ---- the begin of a shot ---- */

/* The basis state's index with each qubit at its position on entry of the first segment. */
static uint64_t entry_index(const ktq_run *run)
{
    uint64_t index = 0;
    for (int q = 0; q < run->program->plan->qubits; q++)
        index |= (run->basis_index >> q & 1) << run->program->plan->entry[q];
    return index;
}

static void write_one(const ktq_run *run)
{
    if (run->state->precision == KETCH_SINGLE)
        *(float *)(void *)amplitude_at(run, run->at.index) = 1;
    else
        *(double *)(void *)amplitude_at(run, run->at.index) = 1;
}

static void zero_amplitude(const ktq_run *run, uint64_t index)
{
    memset(amplitude_at(run, index), 0, (size_t)ktq_amplitude_size(run->state->precision));
}

ketch_status ktq_entry_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    ketch_context_phase(context, "gates", run->at.shot);
    run->at.measured = 0;
    run->at.written = ktq_run_positions(run);
    if (run->from_basis)
        *sweep = (ketch_sweep){.count = 1};
    return KETCH_OK;
}

/* Takes the state's memory over from the state, which held a basis state. The memory is known to be
 * zero only if it was never used. */
static void seize_memory(ktq_run *run)
{
    ketch_state *const state = run->state;
    if (!state->is_basis)
        return;
    run->at.blank = state->block && kt_block_zero(state->block);
    state->is_basis = false;
    if (state->block)
        kt_block_written(state->block);
}

ketch_status ktq_entry_body(uint64_t index, int32_t worker, void *user)
{
    (void)index;
    (void)worker;
    ktq_run *const run = user;
    const bool tiny = run->program->plan->is_small;
    seize_memory(run);
    run->at.index = entry_index(run);
    if (tiny)
        memset(amplitude_at(run, 0), 0, (size_t)ktq_state_size(run->state));
    zero_amplitude(run, run->at.index);
    write_one(run);
    return KETCH_OK;
}

void ktq_entry_reset(ktq_run *run, int32_t qubit)
{
    const uint64_t bit = kt_bit(run->program->plan->entry[qubit]), index = run->at.index;
    if (!(index & bit))
        return;
    zero_amplitude(run, index);
    run->at.index = index & ~bit;
    zero_amplitude(run, run->at.index);
    write_one(run);
}

void ktq_entry_done(ktq_run *run)
{
    if (run->from_basis && !run->program->plan->is_small)
        run->at.written = 0;
    run->at.started = true;
}

/* ---- filling ---- */

bool ktq_fill_is_needed(const ktq_run *run)
{
    return !run->at.blank && run->at.written != ktq_run_positions(run);
}

ketch_status ktq_fill_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    if (!ktq_fill_is_needed(run))
        return KETCH_OK;
    const int32_t bits = run->program->plan->qubits - FILL_BITS;
    sweep->count = UINT64_C(1) << (bits > 0 ? bits : 0);
    ketch_context_count(context, ktq_state_size(run->state));
    return KETCH_OK;
}

/* Zeroes the amplitudes that no pass has written: they differ from the basis state in a position
 * outside `written`. */
ketch_status ktq_fill_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_run *const run = user;
    const uint64_t size = ktq_amplitude_size(run->state->precision);
    const uint64_t low = ktq_run_positions(run) & ((UINT64_C(1) << FILL_BITS) - 1);
    const uint64_t unwritten = ktq_run_positions(run) & ~run->at.written;
    const uint64_t base = chunk << FILL_BITS;
    if ((base ^ run->at.index) & unwritten & ~low) {
        ktq_zero(amplitude_at(run, base), (low + 1) * size, ktq_state_exceeds_caches(run->state));
        ktq_non_temporal_end();
        return KETCH_OK;
    }
    for (uint64_t i = base; i <= (base | low); i++)
        if ((i ^ run->at.index) & unwritten)
            memset(amplitude_at(run, i), 0, (size_t)size);
    return KETCH_OK;
}

void ktq_fill_done(ktq_run *run)
{
    run->at.written = ktq_run_positions(run);
    run->at.blank = false;
}

/* ---- passes ---- */

/* The positions on which the state can differ from the basis state before this pass. A pass that
 * was skipped by its condition has written nothing, so only positions that were written count. */
static uint64_t reached_positions(const ktq_run *run, const ktq_pass *pass)
{
    return pass->support & run->at.written;
}

ktq_tiles ktq_coverage_tiles(const ktq_run *run, const ktq_pass *pass)
{
    const uint64_t outside = ktq_run_positions(run) & ~pass->frame.positions;
    const uint64_t reached = reached_positions(run, pass);
    if (!run->from_basis)
        return (ktq_tiles){.varying = outside};
    return (ktq_tiles){outside & reached, run->at.index & outside & ~reached};
}

uint64_t ktq_coverage_fresh(const ktq_run *run, const ktq_pass *pass)
{
    return pass->frame.positions & ~run->at.written;
}

/* Afterwards exactly the positions that the pass's tiles cover are written: a position from before
 * may not be valid in combination with all of them. */
void ktq_coverage_add(ktq_run *run, const ktq_pass *pass)
{
    if (run->at.written != ktq_run_positions(run))
        run->at.written = reached_positions(run, pass) | pass->frame.positions;
}
