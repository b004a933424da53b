#include "ket/run/coverage.h"

#include "engine.h"
#include "ket/kernels/zero.h"
#include "status.h"

#include <string.h>

/* Amplitudes that are filled at a time. */
enum { FILL_BITS = 16 };

static uint64_t all_positions(const ktq_circuit_run *run)
{
    return (UINT64_C(1) << run->program->qubits) - 1;
}

static char *amplitude_at(const ktq_circuit_run *run, uint64_t index)
{
    return (char *)run->state->amplitudes + index * ktq_amplitude_size(run->state->precision);
}

/* The basis state's index with every qubit at its place on entry of the first segment. */
static uint64_t entry_index(const ktq_circuit_run *run)
{
    uint64_t index = 0;
    for (int q = 0; q < run->program->qubits; q++)
        index |= (run->basis_index >> q & 1) << run->program->entry[q];
    return index;
}

static void entry_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)chunk;
    (void)worker;
    const ktq_circuit_run *const run = user;
    const bool tiny = run->program->tiny;
    memset(amplitude_at(run, tiny ? 0 : run->index), 0,
           tiny ? ktq_state_size(run->state) : ktq_amplitude_size(run->state->precision));
    if (run->state->precision == KETCH_SINGLE)
        *(float *)(void *)amplitude_at(run, run->index) = 1;
    else
        *(double *)(void *)amplitude_at(run, run->index) = 1;
}

/* From here on the state's memory is the run's; it is known to be zero only before its first use.
 */
static void seize_memory(ktq_circuit_run *run)
{
    ketch_state *const state = run->state;
    if (!state->basis)
        return;
    run->blank = state->block && kt_block_zero(state->block);
    state->basis = false;
    if (state->block)
        kt_block_written(state->block);
}

ketch_status ktq_basis_start(ketch_context *context, ktq_circuit_run *run)
{
    run->measured = 0;
    run->written = all_positions(run);
    if (!run->from_basis)
        return KETCH_OK;
    seize_memory(run);
    run->index = entry_index(run);
    KT_TRY(ketch_context_parallel(context, 1, 0, entry_body, run));
    run->written = run->program->tiny ? all_positions(run) : 0;
    return KETCH_OK;
}

/* Amplitudes that no pass has reached differ from the basis state in a position not written. */
static void fill_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_circuit_run *const run = user;
    const size_t size = ktq_amplitude_size(run->state->precision);
    const uint64_t low = all_positions(run) & ((UINT64_C(1) << FILL_BITS) - 1);
    const uint64_t unwritten = all_positions(run) & ~run->written;
    const uint64_t base = chunk << FILL_BITS;
    if ((base ^ run->index) & unwritten & ~low) {
        ktq_clear(amplitude_at(run, base), (low + 1) * size, ktq_state_past(run->state));
        ktq_clear_end();
        return;
    }
    for (uint64_t i = base; i <= (base | low); i++)
        if ((i ^ run->index) & unwritten)
            memset(amplitude_at(run, i), 0, size);
}

ketch_status ktq_basis_complete(ketch_context *context, ktq_circuit_run *run)
{
    if (run->blank || run->written == all_positions(run)) {
        run->written = all_positions(run);
        run->blank = false;
        return KETCH_OK;
    }
    const int32_t bits = run->program->qubits - FILL_BITS;
    KT_TRY(
        ketch_context_parallel(context, UINT64_C(1) << (bits > 0 ? bits : 0), 0, fill_body, run));
    ketch_context_count(context, ktq_state_size(run->state));
    run->written = all_positions(run);
    return KETCH_OK;
}

/* Positions that passes before this one have spread over. One that its condition left out has not:
 * what only it would have written is not in memory. */
static uint64_t reached_positions(const ktq_circuit_run *run, const ktq_pass *pass)
{
    return pass->live & run->written;
}

ktq_tiles ktq_basis_tiles(const ktq_circuit_run *run, const ktq_pass *pass)
{
    const uint64_t outside = all_positions(run) & ~pass->frame.positions;
    const uint64_t reached = reached_positions(run, pass);
    if (!run->from_basis)
        return (ktq_tiles){.varying = outside};
    return (ktq_tiles){outside & reached, run->index & outside & ~reached};
}

uint64_t ktq_basis_fresh(const ktq_circuit_run *run, const ktq_pass *pass)
{
    return pass->frame.positions & ~run->written;
}

/* What the pass's tiles cover, and no more: others that were written before may not go with them
 * in all combinations. */
void ktq_basis_passed(ktq_circuit_run *run, const ktq_pass *pass)
{
    if (run->written != all_positions(run))
        run->written = reached_positions(run, pass) | pass->frame.positions;
}
