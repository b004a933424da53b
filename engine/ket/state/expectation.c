/* Expectation values of sums of Pauli terms. Terms of Z alone are signed sums of |a|^2 in one sweep;
 * the others go through sweeps of pairs of amplitudes. The bits depend on the kernel set. */
#include "engine.h"
#include "ket/kernels/kernels.h"
#include "ket/state/checks.h"
#include "ket/state/read_sweep.h"
#include "ket/state/reader.h"
#include "status.h"
#include "sum.h"

#include <string.h>

/* frame_size: of what the kernel set keeps of a worker's scratch; the work memory of sums of Z
 * follows. rows: of one sweep. sweep: of the paulis. */
typedef struct expectation_sums {
    const ktq_kernel_set *set;
    const void *amplitudes;
    int32_t qubits;
    ktq_tile_sums z;
    ktq_pauli_sums paulis;
    const ktq_pauli_sweep *sweep;
    char *scratch;
    uint64_t frame_size, scratch_size; /* of each worker */
    double *rows;
} expectation_sums;

/* ---- planning ---- */

/* Tiles and sums are the same for every state of a shape, on any number of threads. */
static void plan_expectation(expectation_sums *e, const ketch_state *state,
                             const ketch_engine *engine, const ktq_terms *terms)
{
    const uint64_t z_count = ktq_terms_count_z(terms);
    *e = (expectation_sums){.set = ktq_reader_set(engine, state),
                            .qubits = state->qubits,
                            .z = {.z_count = 1, .term_count = kt_to_size(z_count)}};
    e->paulis = ktq_pauli_sums_of(e->set, state->qubits, kt_to_size(terms->count - z_count), 1);
    e->frame_size = ktq_kernel_scratch(e->set, KTQ_PIECE_BITS, KTQ_PIECE_BITS);
    e->scratch_size = e->frame_size + ktq_sums_size(ktq_read_sweep_work(kt_to_size(z_count)));
    if (e->paulis.term_count)
        e->scratch_size = KT_MAX(e->scratch_size, ktq_pauli_sums_scratch(&e->paulis));
}

static void lay_out_expectation(expectation_sums *e, uint64_t workers, kt_layout *layout)
{
    ktq_tile_sums *const z = &e->z;
    e->scratch = kt_layout_take(layout, workers, e->scratch_size);
    e->rows = kt_layout_take(layout, ktq_chunk_count(e->qubits), sizeof *e->rows);
    z->terms = kt_layout_take(layout, z->term_count, sizeof *z->terms);
    z->signs = kt_layout_take(layout, z->term_count, sizeof *z->signs);
    z->sums = kt_layout_take(layout, z->term_count, sizeof *z->sums);
    z->butterflies =
        kt_layout_take(layout, z->term_count ? KTQ_BUTTERFLIES_MAX : 0, sizeof *z->butterflies);
    ktq_pauli_sums_take(&e->paulis, layout);
}

static void copy_terms_of(expectation_sums *e, const ktq_terms *terms)
{
    ktq_z_term *z = e->z.terms;
    ktq_pauli_term *pauli = e->paulis.terms;
    for (uint64_t i = 0; i < terms->count; i++) {
        const ktq_pauli_term term = ktq_terms_pauli(terms, i);
        if (term.x)
            *pauli++ = term;
        else
            *z++ = (ktq_z_term){.mask = term.z, .coefficient = term.coefficient};
    }
}

/* ---- sweeps ---- */

static ketch_status sum_z_body(uint64_t chunk, int32_t worker, void *user)
{
    const expectation_sums *const e = user;
    char *const scratch = e->scratch + (uint64_t)worker * e->scratch_size;
    double *const work = (double *)(void *)(scratch + e->frame_size);
    ktq_read_sweep_chunk(&e->z, e->set, e->amplitudes, scratch, work, chunk, e->rows + chunk);
    return KETCH_OK;
}

static double sum_z(expectation_sums *e, ketch_engine *engine)
{
    ktq_read_sweep_prepare(&e->z, e->qubits, KTQ_PIECE_BITS);
    const ktq_tiles tiles = ktq_read_sweep_tiles(&e->z, e->qubits);
    kt_engine_sweep(engine, ktq_tiles_count(&tiles), sum_z_body, e);
    return ktq_tile_sums_z(&e->z, &tiles, e->rows, 0);
}

static ketch_status sum_paulis_body(uint64_t tile, int32_t worker, void *user)
{
    const expectation_sums *const e = user;
    const uint64_t base = ktq_pauli_sums_base(&e->paulis, e->sweep, tile);
    e->set->sum_paulis(&e->paulis, e->sweep, e->amplitudes,
                       e->scratch + (uint64_t)worker * e->scratch_size, base, e->rows + tile);
    return KETCH_OK;
}

/* Adds the sums of the terms with X to *value, in the order in which a run adds them. */
static void add_paulis(double *value, expectation_sums *e, ketch_engine *engine)
{
    const uint64_t tiles = ktq_pauli_sums_tiles(e->qubits);
    ktq_pauli_sums_prepare(&e->paulis);
    for (size_t i = 0; i < e->paulis.sweep_count; i++) {
        e->sweep = &e->paulis.sweeps[i];
        kt_engine_sweep(engine, tiles, sum_paulis_body, e);
        *value += kt_sum_of(e->rows, tiles, 1);
    }
}

static ketch_status expect(double *value, ketch_engine *engine, const ketch_state *state,
                           const ktq_terms *terms, const char *function, ketch_error *error)
{
    expectation_sums e;
    plan_expectation(&e, state, engine, terms);
    const uint64_t workers = ktq_reader_workers(engine);
    kt_layout layout = {0};
    lay_out_expectation(&e, workers, &layout);
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, layout.size, function, error));
    lay_out_expectation(&e, workers, &r.memory);
    e.amplitudes = state->amplitudes;
    copy_terms_of(&e, terms);
    *value = e.z.term_count ? sum_z(&e, engine) : 0;
    if (e.paulis.term_count)
        add_paulis(value, &e, engine);
    ktq_reader_close(&r);
    return KETCH_OK;
}

/* ---- for callers ---- */

static ketch_status check_call(const double *expectation, const ketch_engine *engine,
                               const ketch_state *state, const ktq_terms *terms,
                               const char *function, ketch_error *error)
{
    if (!expectation)
        return kt_fail_handle(error, function, "expectation", "a place for a number", NULL);
    KT_TRY(ktq_state_check_read(state, function, error));
    KT_TRY(ktq_terms_check(state->qubits, terms, function, error));
    return engine ? kt_engine_check(engine, function, error) : KETCH_OK;
}

ketch_status ketch_state_expectation(double *expectation, ketch_engine *engine,
                                     const ketch_state *state, uint64_t count,
                                     const uint64_t *masks, const double *coefficients,
                                     ketch_error *error)
{
    const ktq_terms terms = {count, NULL, masks, coefficients, "masks"};
    KT_TRY(check_call(expectation, engine, state, &terms, __func__, error));
    return expect(expectation, engine, state, &terms, __func__, error);
}

ketch_status ketch_state_pauli(double *expectation, ketch_engine *engine, const ketch_state *state,
                               uint64_t count, const uint64_t *x_masks, const uint64_t *z_masks,
                               const double *coefficients, ketch_error *error)
{
    const ktq_terms terms = {count, x_masks, z_masks, coefficients, "z_masks"};
    KT_TRY(check_call(expectation, engine, state, &terms, __func__, error));
    return expect(expectation, engine, state, &terms, __func__, error);
}
