#include "ket/run/observables.h"

#include "layout.h"
#include "ket/run/request.h"
#include "ket/state/checks.h"
#include "ket/state/marginal.h"
#include "ket/state/read_sweep.h"
#include "ket/state/state.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Probabilities are computed in a sweep of their own if a tile's row would have more numbers than a
 * 16th of its amplitudes, or all rows together more than ROWS_MOST. */
enum { ROW_SHARE = 4, ROWS_MOST = 1 << 17 };

/* ---- which pass ---- */

/* Finds the pass that computes the final state. False if there is none: another segment follows it,
 * a run from this beginning skips it, or a condition may skip it. */
static bool find_pass(ktq_observables *obs, const ktq_observables_request *request)
{
    const ketch_program *const p = request->program;
    obs->pass = SIZE_MAX;
    for (size_t i = p->plan->segments.count; i-- > 0;) {
        const ktq_segment *const s = &p->plan->segments.items[i];
        if (s->kind == KTQ_SEGMENT_SAMPLE || (s->kind == KTQ_SEGMENT_GATES && s->pass_count == 0))
            continue;
        const size_t left_out = request->from_basis && i == 0 ? s->arrange_count : 0;
        if (s->kind != KTQ_SEGMENT_GATES || s->pass_count == left_out)
            return false;
        obs->pass = s->first_pass + s->pass_count - 1;
        return s->condition.count == 0;
    }
    return false;
}

static void choose_pass(ktq_observables *obs, const ktq_observables_request *request)
{
    const ketch_program *const p = request->program;
    obs->is_unconditional = find_pass(obs, request);
    if (!request->is_single || p->plan->is_small)
        obs->pass = SIZE_MAX;
    if (obs->pass == SIZE_MAX)
        return;
    obs->is_final = !(request->collapses && p->plan->measured.count);
    obs->tile_sums.tile = p->passes[obs->pass].frame;
    obs->tile_sums.frame = ktq_tile_sums_frame(p->plan->set, &p->passes[obs->pass]);
}

/* ---- what is wanted of it ---- */

static size_t count_rows_of(const ktq_observables *obs, const ketch_program *p)
{
    return (size_t)1 << (p->plan->qubits - obs->tile_sums.tile.bits);
}

/* Adds bins to the pass's sums if they fit; returns their number, or -1. */
static ptrdiff_t attach_bins(ktq_observables *obs, const ketch_program *p, const ktq_bins *bins)
{
    ktq_tile_sums *const o = &obs->tile_sums;
    const size_t width = o->width + ktq_bins_width(bins, &o->tile);
    if (width > ((size_t)1 << o->tile.bits) >> ROW_SHARE ||
        width > ROWS_MOST / count_rows_of(obs, p))
        return -1;
    o->width = width;
    if (o->bins)
        o->bins[o->bin_count] = *bins;
    return (ptrdiff_t)o->bin_count++;
}

/* Adds the chunk sums that drawing shots needs, if there is more than one chunk. */
static void attach_chunks(ktq_observables *obs, const ktq_observables_request *request)
{
    const ktq_bins chunks = {.count = request->program->plan->qubits - KTQ_CHUNK_BITS,
                             .qubits = obs->chunk_qubits};
    for (int32_t j = 0; j < chunks.count; j++)
        obs->chunk_qubits[j] = KTQ_CHUNK_BITS + j;
    if (obs->pass != SIZE_MAX && request->program->plan->measured.count && chunks.count > 0)
        obs->has_chunk_sums = attach_bins(obs, request->program, &chunks) == 0;
}

static bool is_summed(const ketch_observable *observable)
{
    return observable->kind != KETCH_OBSERVE_PROBABILITIES;
}

static size_t count_terms(const ketch_observable *observable)
{
    return observable->kind == KETCH_OBSERVE_Z ? observable->count : is_summed(observable);
}

static void count_numbers(ktq_observables *obs, const ktq_observables_request *request)
{
    obs->count = request->count;
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        obs->value_count += is_summed(each) ? 1 : (size_t)1 << each->count;
        obs->z_count += is_summed(each);
        obs->term_count += count_terms(each);
    }
    obs->tile_sums.width = obs->z_count;
}

/* Appends the observable's terms. */
static void copy_terms(ktq_tile_sums *o, const ketch_observable *observable, uint32_t index)
{
    const size_t count = count_terms(observable);
    for (size_t k = 0; k < count && o->terms; k++) {
        const bool constant = observable->kind == KETCH_OBSERVE_NORM;
        o->terms[o->term_count + k] =
            (ktq_z_term){.mask = constant ? 0 : observable->masks[k],
                         .coefficient = constant ? 1 : observable->coefficients[k],
                         .index = index};
    }
    o->term_count += count;
}

static void add_probabilities(ktq_observables *obs, ktq_observed *observed,
                              const ketch_program *program, const ketch_observable *observable,
                              kt_layout *layout)
{
    const size_t count = observable->count;
    int32_t *const qubits = kt_layout_take(layout, count, sizeof *qubits);
    if (qubits && count)
        memcpy(qubits, observable->qubits, count * sizeof *qubits);
    observed->qubits = qubits;
    observed->count = (int32_t)count;
    const ktq_bins bins = {.count = (int32_t)count, .qubits = qubits ? qubits : observable->qubits};
    observed->place = obs->is_final ? attach_bins(obs, program, &bins) : -1;
}

static void add_observables(ktq_observables *obs, const ktq_observables_request *request,
                            kt_layout *layout)
{
    size_t value = 0;
    uint32_t index = 0;
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        ktq_observed observed = {.kind = each->kind, .value = value, .place = index};
        if (is_summed(each))
            copy_terms(&obs->tile_sums, each, index++);
        else
            add_probabilities(obs, &observed, request->program, each, layout);
        value += is_summed(each) ? 1 : (size_t)1 << each->count;
        if (obs->observed)
            obs->observed[i] = observed;
    }
}

/* ---- memory ---- */

/* The number of doubles that sweeps of their own write. */
static size_t sweep_numbers(const ktq_observables *obs, const ktq_observables_request *request)
{
    const ktq_chunks shape = {NULL, request->program->plan->qubits,
                              request->program->plan->precision};
    const bool attached = obs->is_unconditional && obs->is_final;
    size_t numbers = attached ? 0 : obs->z_count * ktq_chunk_count(shape.qubits);
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        if (is_summed(each))
            continue;
        ktq_marginal marginal;
        ktq_marginal_plan(&marginal, &shape, (int32_t)each->count, each->qubits);
        const size_t own = ktq_marginal_sum_count(&marginal);
        numbers = own > numbers ? own : numbers;
    }
    return numbers;
}

/* Makes all choices and lays out the memory. */
static void arrange(ktq_observables *obs, const ktq_observables_request *request, kt_layout *layout)
{
    ktq_tile_sums *const o = &obs->tile_sums;
    *obs = (ktq_observables){0};
    choose_pass(obs, request);
    count_numbers(obs, request);
    obs->observed = kt_layout_take(layout, obs->count, sizeof *obs->observed);
    const ketch_shots asked = {.observables = request->observables,
                               .observable_count = request->count};
    obs->request_size = ktq_request_size(&asked);
    obs->request = kt_layout_take(layout, 1, obs->request_size);
    if (obs->request)
        ktq_request_encode(obs->request, &asked);
    obs->marginal = kt_layout_take(layout, obs->count ? 1 : 0, sizeof *obs->marginal);
    obs->values = kt_layout_take(layout, obs->value_count, sizeof(double));
    o->terms = kt_layout_take(layout, obs->term_count, sizeof *o->terms);
    o->signs = kt_layout_take(layout, obs->term_count, sizeof *o->signs);
    o->sums = kt_layout_take(layout, obs->term_count, sizeof *o->sums);
    o->butterflies =
        kt_layout_take(layout, obs->term_count ? KTQ_BUTTERFLIES_MAX : 0, sizeof *o->butterflies);
    o->bins = kt_layout_take(layout, obs->count + 1, sizeof *o->bins);
    attach_chunks(obs, request);
    add_observables(obs, request, layout);
    const size_t count = obs->pass == SIZE_MAX ? 0 : count_rows_of(obs, request->program);
    const size_t rows = count * o->width, own = sweep_numbers(obs, request);
    obs->row_count = own > rows ? own : rows;
    obs->rows = kt_layout_take(layout, obs->row_count, sizeof(double));
    obs->places = kt_layout_take(layout, o->width, sizeof *obs->places);
}

/* A pass that does not compute the final state has no sums for observables. */
static void prepare_sums(ktq_observables *obs, const ketch_program *p)
{
    ktq_tile_sums *const o = &obs->tile_sums;
    o->z_count = obs->is_final ? obs->z_count : 0;
    o->term_count = obs->is_final ? obs->term_count : 0;
    if (obs->pass != SIZE_MAX)
        ktq_tile_sums_prepare(o);
    const size_t sweep = obs->count ? ktq_read_sweep_work(obs->term_count) : 0;
    obs->scratch =
        ktq_tile_scratch(p) + kt_round_line((o->work > sweep ? o->work : sweep) * sizeof(double));
}

/* ---- life ---- */

static bool is_needed(const ktq_observables_request *request)
{
    const bool shots =
        request->program->plan->measured.count && request->program->plan->qubits > KTQ_CHUNK_BITS;
    return request->count || (request->is_single && shots);
}

ketch_status ktq_observables_open(ktq_observables *obs, const ktq_observables_request *request,
                                  const char *function, ketch_error *error)
{
    obs->pass = SIZE_MAX;
    if (!is_needed(request))
        return KETCH_OK;
    kt_layout counted = {0};
    arrange(obs, request, &counted);
    kt_refusal refusal;
    ketch_block *const block = kt_arena_take(request->arena, counted.size, "result", &refusal);
    if (!block) {
        *obs = (ktq_observables){.pass = SIZE_MAX};
        return kt_fail_memory(error, function, "observables", "sums over the state", &refusal);
    }
    kt_layout given = {.base = kt_block_data(block)};
    arrange(obs, request, &given);
    obs->block = block;
    prepare_sums(obs, request->program);
    return KETCH_OK;
}

void ktq_observables_close(ktq_observables *obs)
{
    if (obs->block)
        kt_block_drop(obs->block);
}

/* ---- the pass ---- */

void ktq_observables_tile(const ktq_observables *obs, const ketch_program *p, void *amplitudes,
                          void *scratch, uint64_t tile, const ktq_visit *visit)
{
    char *const work = (char *)scratch + ktq_tile_scratch(p);
    const ktq_tile_sums_worker worker_sums = {&obs->tile_sums, (double *)(void *)work};
    ktq_visit observed = *visit;
    observed.sums = &worker_sums;
    ktq_tile_sums_begin(&worker_sums);
    p->plan->set->apply_tile(&p->passes[obs->pass], amplitudes, scratch, &observed);
    ktq_tile_sums_end(&worker_sums, visit->base, obs->rows + tile * obs->tile_sums.width);
}

void ktq_observables_chunk_sums(const ktq_observables *obs, double *partial)
{
    assert(obs->has_chunk_sums && obs->is_filled);
    ktq_tile_sums_bins(partial, &obs->tile_sums, &obs->tile_sums.bins[0], &obs->tiles, obs->rows,
                       obs->places);
}
