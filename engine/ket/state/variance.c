#include "ket/state/variance.h"

#include "engine.h"
#include "ket/state/checks.h"
#include "ket/state/reader.h"
#include "status.h"

/* Phases after the sweeps that make the image. */
enum { PHASE_WEIGHT, PHASE_MEAN, PHASE_REST, PHASES_AFTER };

/* ---- phases ---- */

uint64_t ktq_variance_phases(const ktq_variance *v)
{
    return v->paulis->sweep_count + PHASES_AFTER;
}

static bool is_applying(const ktq_variance *v)
{
    return v->phase < v->paulis->sweep_count;
}

static int phase_after(const ktq_variance *v)
{
    return (int)(v->phase - v->paulis->sweep_count);
}

uint64_t ktq_variance_count(const ktq_variance *v)
{
    return is_applying(v) ? ktq_pauli_sums_tiles(v->state.qubits)
                          : ktq_chunk_count(v->state.qubits);
}

static ktq_chunks image_of(const ktq_variance *v)
{
    return (ktq_chunks){v->image, v->state.qubits, v->state.precision};
}

static ktq_weight weight_of(const ktq_variance *v)
{
    return (ktq_weight){.chunks = v->state, .partial = v->partial};
}

static ktq_inner mean_of(const ktq_variance *v)
{
    return (ktq_inner){v->state, image_of(v), v->partial};
}

static ktq_residual rest_of(const ktq_variance *v)
{
    return (ktq_residual){v->state, image_of(v), v->mean, v->partial};
}

static void apply_tile_of(const ktq_variance *v, uint64_t tile, void *scratch)
{
    const ktq_pauli_sweep *const sweep = &v->paulis->sweeps[v->phase];
    v->set->apply_paulis(v->paulis, sweep, v->state.amplitudes, v->image, scratch,
                         ktq_pauli_sums_base(v->paulis, sweep, tile), v->phase == 0);
}

void ktq_variance_body(const ktq_variance *v, uint64_t index, void *scratch)
{
    if (is_applying(v)) {
        apply_tile_of(v, index, scratch);
    } else if (phase_after(v) == PHASE_WEIGHT) {
        ktq_weight weight = weight_of(v);
        ktq_weight_body(index, 0, &weight);
    } else if (phase_after(v) == PHASE_MEAN) {
        ktq_inner mean = mean_of(v);
        ktq_inner_body(index, 0, &mean);
    } else {
        ktq_residual rest = rest_of(v);
        ktq_residual_body(index, 0, &rest);
    }
}

/* The mean is divided by the weight, so that rounding of the norm does not add to the variance. */
void ktq_variance_end(ktq_variance *v)
{
    double inner[2];
    if (is_applying(v)) {
        v->phase++;
        return;
    }
    if (phase_after(v) == PHASE_WEIGHT) {
        const ktq_weight weight = weight_of(v);
        v->weight = ktq_weight_sum(&weight);
    } else if (phase_after(v) == PHASE_MEAN) {
        const ktq_inner mean = mean_of(v);
        ktq_inner_sum(inner, &mean);
        v->mean = v->weight > 0 ? inner[0] / v->weight : 0;
    } else {
        const ktq_residual rest = rest_of(v);
        v->value = ktq_residual_sum(&rest);
    }
    v->phase++;
}

/* ---- for callers ---- */

typedef struct variance_call {
    ktq_variance variance;
    ktq_pauli_sums paulis;
    char *scratch;
    uint64_t scratch_size; /* of each worker */
} variance_call;

static void lay_out_variance(variance_call *c, const ketch_state *state, uint64_t workers,
                             kt_layout *layout)
{
    ktq_variance *const v = &c->variance;
    v->image = kt_layout_take(layout, 1, ktq_state_size(state));
    v->partial = kt_layout_take(layout, 2 * ktq_chunk_count(state->qubits), sizeof *v->partial);
    c->scratch = kt_layout_take(layout, workers, c->scratch_size);
    ktq_pauli_sums_take(&c->paulis, layout);
}

static void prepare_variance(variance_call *c, const ketch_state *state, const ktq_terms *terms)
{
    for (uint64_t i = 0; i < terms->count; i++)
        c->paulis.terms[i] = ktq_terms_pauli(terms, i);
    ktq_pauli_sums_prepare(&c->paulis);
    c->variance.state = ktq_chunks_of(state);
    c->variance.paulis = &c->paulis;
}

static ketch_status variance_body(uint64_t index, int32_t worker, void *user)
{
    const variance_call *const c = user;
    ktq_variance_body(&c->variance, index, c->scratch + (uint64_t)worker * c->scratch_size);
    return KETCH_OK;
}

static ketch_status compute_variance(double *variance, ketch_engine *engine,
                                     const ketch_state *state, const ktq_terms *terms,
                                     const char *function, ketch_error *error)
{
    variance_call c = {.variance.set = ktq_reader_set(engine, state)};
    c.paulis = ktq_pauli_sums_of(c.variance.set, state->qubits, kt_to_size(terms->count), 1);
    c.scratch_size = ktq_pauli_apply_scratch(&c.paulis);
    kt_layout layout = {0};
    lay_out_variance(&c, state, ktq_reader_workers(engine), &layout);
    ktq_reader r;
    KT_TRY(ktq_reader_open(&r, engine, state, layout.size, function, error));
    lay_out_variance(&c, state, ktq_reader_workers(engine), &r.memory);
    prepare_variance(&c, state, terms);
    while (c.variance.phase < ktq_variance_phases(&c.variance)) {
        kt_engine_sweep(engine, ktq_variance_count(&c.variance), variance_body, &c);
        ktq_variance_end(&c.variance);
    }
    *variance = c.variance.value;
    ktq_reader_close(&r);
    return KETCH_OK;
}

ketch_status ketch_state_variance(double *variance, ketch_engine *engine, const ketch_state *state,
                                  uint64_t count, const uint64_t *x_masks, const uint64_t *z_masks,
                                  const double *coefficients, ketch_error *error)
{
    if (!variance)
        return kt_fail_handle(error, __func__, "variance", "a place for a number", NULL);
    const ktq_terms terms = {count, x_masks, z_masks, coefficients, "z_masks"};
    KT_TRY(ktq_state_check_read(state, __func__, error));
    KT_TRY(ktq_terms_check(state->qubits, &terms, __func__, error));
    if (engine)
        KT_TRY(kt_engine_check(engine, __func__, error));
    if (count)
        return compute_variance(variance, engine, state, &terms, __func__, error);
    *variance = 0;
    return KETCH_OK;
}
