#include "ket/run/final_sums.h"

#include "ket/state/read_sweep.h"
#include "sum.h"

#include <math.h>
#include <string.h>

/* True if the last pass has computed the observables' sums. */
static bool is_attached(const ktq_observables *obs)
{
    return obs->is_filled && obs->is_final;
}

static void count_state(ketch_context *context, const ktq_run *run)
{
    ketch_context_count(context, ktq_state_size(run->state));
}

/* ---- norms and expectations ---- */

/* Once: terms that are sorted twice may end in another order, and so in other bits. */
static void plan_state_sums(ktq_run *run)
{
    const ketch_program *const p = run->program;
    ktq_observables *const obs = &run->observables;
    if (obs->is_apart)
        return;
    obs->is_apart = true;
    obs->tile_sums.term_count = obs->term_count;
    obs->tile_sums.z_count = obs->z_count;
    ktq_read_sweep_prepare(&obs->tile_sums, p->plan->qubits, p->plan->tiling.tile_bits);
    obs->tiles = ktq_read_sweep_tiles(&obs->tile_sums, p->plan->qubits);
}

ketch_status ktq_sums_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    const ktq_observables *const obs = &run->observables;
    if (is_attached(obs) || !obs->term_count)
        return KETCH_OK;
    plan_state_sums(run);
    sweep->count = ktq_tiles_count(&obs->tiles);
    count_state(context, run);
    return KETCH_OK;
}

ketch_status ktq_sums_body(uint64_t chunk, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    const ketch_program *const p = run->program;
    const ktq_tile_sums *const o = &run->observables.tile_sums;
    char *const scratch = ketch_context_scratch(run->context, worker);
    double *const work = (double *)(void *)(scratch + ktq_tile_scratch(p));
    ktq_read_sweep_chunk(o, p->plan->set, run->state->amplitudes, scratch, work, chunk,
                         run->observables.rows + chunk * o->width);
    return KETCH_OK;
}

/* Whether a number of a row belongs to the observable. */
static bool is_of_rows(const ktq_observed *each)
{
    return each->kind != KETCH_OBSERVE_PROBABILITIES && each->kind != KETCH_OBSERVE_VARIANCE;
}

/* Without terms no rows were written. */
static void end_norms(ktq_observables *obs)
{
    for (size_t i = 0; i < obs->count; i++) {
        const ktq_observed *const each = &obs->observed[i];
        double sum = 0;
        if (each->kind == KETCH_OBSERVE_PROBABILITIES)
            continue;
        if (is_of_rows(each) && obs->term_count)
            sum = ktq_tile_sums_z(&obs->tile_sums, &obs->tiles, obs->rows, (size_t)each->place);
        obs->values[each->value] = each->kind == KETCH_OBSERVE_NORM ? sqrt(sum) : sum;
    }
}

static bool is_in_bins(const ktq_observables *obs, const ktq_observed *each)
{
    return is_attached(obs) && each->place >= 0;
}

/* Finishes the probabilities that the pass has computed, before sweeps overwrite its rows. */
static void end_outcomes(ktq_observables *obs)
{
    for (size_t i = 0; i < obs->count; i++) {
        const ktq_observed *const each = &obs->observed[i];
        if (each->kind == KETCH_OBSERVE_PROBABILITIES && is_in_bins(obs, each))
            ktq_tile_sums_bins(obs->values + each->value, &obs->tile_sums,
                               &obs->tile_sums.bins[each->place], &obs->tiles, obs->rows,
                               obs->places);
    }
}

static bool needs_sweep(const ktq_observables *obs, const ktq_observed *each)
{
    if (each->kind == KETCH_OBSERVE_VARIANCE)
        return obs->variances[each->place].term_count;
    return each->kind == KETCH_OBSERVE_PROBABILITIES && !is_in_bins(obs, each);
}

/* The first observable from `next` on that needs sweeps of its own; count: none does. */
static size_t next_sweep(const ktq_observables *obs, size_t next)
{
    while (next < obs->count && !needs_sweep(obs, &obs->observed[next]))
        next++;
    return next;
}

static void choose_next(ktq_observables *obs, ketch_next *next)
{
    obs->next = next_sweep(obs, obs->next);
    obs->has_ended = obs->next == obs->count;
    if (obs->has_ended)
        next->stage = KTQ_STAGE_SHOT_END;
    else if (obs->observed[obs->next].kind == KETCH_OBSERVE_VARIANCE)
        next->stage = KTQ_STAGE_VARIANCE;
    else
        next->stage = KTQ_STAGE_PROBABILITIES;
}

static void choose_paulis(ktq_observables *obs, ketch_next *next)
{
    if (obs->pauli_sweep < obs->paulis.sweep_count)
        next->stage = KTQ_STAGE_PAULIS;
    else
        choose_next(obs, next);
}

ketch_status ktq_sums_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_observables *const obs = &((ktq_run *)user)->observables;
    end_norms(obs);
    if (is_attached(obs))
        end_outcomes(obs);
    obs->is_summed = true;
    choose_paulis(obs, next);
    return KETCH_OK;
}

/* ---- terms with X ---- */

ketch_status ktq_paulis_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    const ktq_run *const run = user;
    sweep->count = ktq_pauli_sums_tiles(run->program->plan->qubits);
    count_state(context, run);
    return KETCH_OK;
}

ketch_status ktq_paulis_body(uint64_t tile, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    const ktq_pauli_sums *const paulis = &run->observables.paulis;
    const ktq_pauli_sweep *const sweep = &paulis->sweeps[run->observables.pauli_sweep];
    run->program->plan->set->sum_paulis(
        paulis, sweep, run->state->amplitudes, ketch_context_scratch(run->context, worker),
        ktq_pauli_sums_base(paulis, sweep, tile), run->observables.rows + tile * paulis->width);
    return KETCH_OK;
}

ketch_status ktq_paulis_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_observables *const obs = &((ktq_run *)user)->observables;
    const uint64_t tiles = ktq_pauli_sums_tiles(obs->paulis.qubits);
    for (size_t i = 0; i < obs->count; i++) {
        const ktq_observed *const each = &obs->observed[i];
        if (each->kind == KETCH_OBSERVE_PAULI)
            obs->values[each->value] +=
                kt_sum_of(obs->rows + each->place, tiles, obs->paulis.width);
    }
    obs->pauli_sweep++;
    choose_paulis(obs, next);
    return KETCH_OK;
}

/* ---- variances ---- */

/* All but the phase and its numbers. */
static void plan_variance(ktq_run *run)
{
    ktq_observables *const obs = &run->observables;
    const ketch_program *const p = run->program;
    ktq_variance *const v = &obs->variance;
    v->set = p->plan->set;
    v->state = (ktq_chunks){run->state->amplitudes, p->plan->qubits, p->plan->precision};
    v->image = kt_block_data(obs->image);
    v->paulis = &obs->variances[obs->observed[obs->next].place];
    v->partial = obs->rows;
}

ketch_status ktq_variances_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    plan_variance(run);
    sweep->count = ktq_variance_count(&run->observables.variance);
    count_state(context, run);
    return KETCH_OK;
}

ketch_status ktq_variances_body(uint64_t index, int32_t worker, void *user)
{
    const ktq_run *const run = user;
    ktq_variance_body(&run->observables.variance, index,
                      ketch_context_scratch(run->context, worker));
    return KETCH_OK;
}

ketch_status ktq_variances_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_observables *const obs = &((ktq_run *)user)->observables;
    ktq_variance *const v = &obs->variance;
    ktq_variance_end(v);
    next->stage = KTQ_STAGE_VARIANCE;
    if (v->phase < ktq_variance_phases(v))
        return KETCH_OK;
    obs->values[obs->observed[obs->next].value] = v->value;
    v->phase = 0;
    obs->next++;
    choose_next(obs, next);
    return KETCH_OK;
}

/* ---- probabilities ---- */

static void plan_probabilities(ktq_run *run)
{
    ktq_observables *const obs = &run->observables;
    const ketch_program *const p = run->program;
    const ktq_observed *const each = &obs->observed[obs->next];
    const ktq_chunks chunks = {run->state->amplitudes, p->plan->qubits, p->plan->precision};
    ktq_marginal_plan(obs->marginal, &chunks, each->count, each->qubits);
    obs->marginal->sums = obs->rows;
}

ketch_status ktq_probabilities_begin(ketch_context *context, ketch_sweep *sweep, void *user)
{
    ktq_run *const run = user;
    plan_probabilities(run);
    sweep->count = ktq_marginal_count(run->observables.marginal);
    count_state(context, run);
    return KETCH_OK;
}

ketch_status ktq_probabilities_body(uint64_t part, int32_t worker, void *user)
{
    return ktq_marginal_body(part, worker, ((ktq_run *)user)->observables.marginal);
}

ketch_status ktq_probabilities_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_observables *const obs = &((ktq_run *)user)->observables;
    const ktq_observed *const each = &obs->observed[obs->next];
    ktq_marginal_end(obs->marginal);
    memcpy(obs->values + each->value, obs->marginal->sums, sizeof(double) << each->count);
    obs->next++;
    choose_next(obs, next);
    return KETCH_OK;
}
