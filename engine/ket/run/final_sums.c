#include "ket/run/final_sums.h"

#include "ket/state/read_sweep.h"

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
    if (is_attached(obs) || !obs->z_count)
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

static void end_norms(ktq_observables *obs)
{
    for (size_t i = 0; i < obs->count; i++) {
        const ktq_observed *const each = &obs->observed[i];
        if (each->kind == KETCH_OBSERVE_PROBABILITIES)
            continue;
        const double sum =
            ktq_tile_sums_z(&obs->tile_sums, &obs->tiles, obs->rows, (size_t)each->place);
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

/* The first observable from `next` on whose probabilities need a sweep; count: none does. */
static size_t next_sweep(const ktq_observables *obs, size_t next)
{
    for (; next < obs->count; next++)
        if (obs->observed[next].kind == KETCH_OBSERVE_PROBABILITIES &&
            !is_in_bins(obs, &obs->observed[next]))
            break;
    return next;
}

static void choose_next(ktq_observables *obs, ketch_next *next)
{
    obs->next = next_sweep(obs, obs->next);
    obs->has_ended = obs->next == obs->count;
    next->stage = obs->has_ended ? KTQ_STAGE_SHOT_END : KTQ_STAGE_PROBABILITIES;
}

ketch_status ktq_sums_end(ketch_context *context, ketch_next *next, void *user)
{
    (void)context;
    ktq_observables *const obs = &((ktq_run *)user)->observables;
    end_norms(obs);
    if (is_attached(obs))
        end_outcomes(obs);
    obs->is_summed = true;
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
