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
        const size_t left_out =
            request->from_basis && i == p->plan->first_resets ? s->arrange_count : 0;
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

static uint64_t count_rows_of(const ktq_observables *obs, const ketch_program *p)
{
    return UINT64_C(1) << (p->plan->qubits - obs->tile_sums.tile.bits);
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

/* Whether it is one number of a row. */
static bool is_summed(const ketch_observable *observable)
{
    return observable->kind != KETCH_OBSERVE_PROBABILITIES &&
           observable->kind != KETCH_OBSERVE_VARIANCE;
}

static uint64_t count_numbers_of(const ketch_observable *observable)
{
    return observable->kind == KETCH_OBSERVE_PROBABILITIES ? UINT64_C(1) << observable->count : 1;
}

/* How many terms of |a|^2 it adds. */
static uint64_t count_terms(const ketch_observable *observable)
{
    const ktq_terms terms = ktq_observable_terms(observable);
    if (!is_summed(observable))
        return 0;
    return observable->kind == KETCH_OBSERVE_NORM ? 1 : ktq_terms_count_z(&terms);
}

/* How many terms with X it adds to the other ones'. */
static uint64_t count_paulis(const ketch_observable *observable)
{
    return observable->kind == KETCH_OBSERVE_PAULI ? observable->count - count_terms(observable)
                                                   : 0;
}

static ktq_pauli_sums empty_sums(const ketch_program *p, size_t term_count)
{
    return ktq_pauli_sums_of(p->plan->set, p->plan->qubits, term_count, 1);
}

/* The sum is SIZE_MAX where it does not fit. */
static void add_count(size_t *sum, uint64_t count)
{
    if (!kt_add(sum, *sum, count))
        *sum = SIZE_MAX;
}

static void count_numbers(ktq_observables *obs, const ktq_observables_request *request)
{
    obs->count = kt_to_size(request->count);
    obs->paulis = empty_sums(request->program, 0);
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        add_count(&obs->value_count, count_numbers_of(each));
        obs->z_count += is_summed(each);
        add_count(&obs->term_count, count_terms(each));
        add_count(&obs->paulis.term_count, count_paulis(each));
        obs->variance_count += each->kind == KETCH_OBSERVE_VARIANCE;
    }
    obs->tile_sums.width = obs->paulis.width = obs->z_count;
}

/* Appends the observable's terms. */
static void copy_terms(ktq_tile_sums *o, ktq_pauli_term **paulis,
                       const ketch_observable *observable, uint32_t index)
{
    static const uint64_t no_mask = 0;
    static const double one = 1;
    const ktq_terms constant = {.count = 1, .z_masks = &no_mask, .coefficients = &one};
    const bool is_norm = observable->kind == KETCH_OBSERVE_NORM;
    const ktq_terms terms = is_norm ? constant : ktq_observable_terms(observable);
    for (uint64_t k = 0; k < terms.count && o->terms; k++) {
        const uint64_t x = ktq_terms_x(&terms, k), z = terms.z_masks[k];
        const double coefficient = terms.coefficients[k];
        if (x)
            *(*paulis)++ =
                (ktq_pauli_term){.x = x, .z = z, .coefficient = coefficient, .index = index};
        else
            o->terms[o->term_count++] =
                (ktq_z_term){.mask = z, .coefficient = coefficient, .index = index};
    }
}

/* The terms of a variance, which are sums of their own. */
static void add_variance(ktq_observables *obs, size_t place, const ketch_program *program,
                         const ketch_observable *observable, kt_layout *layout)
{
    const ktq_terms terms = ktq_observable_terms(observable);
    ktq_pauli_sums sums = empty_sums(program, kt_to_size(observable->count));
    ktq_pauli_sums_take(&sums, layout);
    if (!obs->variances)
        return;
    for (uint64_t k = 0; k < terms.count; k++)
        sums.terms[k] = ktq_terms_pauli(&terms, k);
    obs->variances[place] = sums;
}

static void add_probabilities(ktq_observables *obs, ktq_observed *observed,
                              const ketch_program *program, const ketch_observable *observable,
                              kt_layout *layout)
{
    const size_t count = (size_t)observable->count;
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
    size_t value = 0, variance = 0;
    uint32_t index = 0;
    ktq_pauli_term *paulis = obs->paulis.terms;
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        ktq_observed observed = {.kind = each->kind, .value = value};
        if (each->kind == KETCH_OBSERVE_PROBABILITIES) {
            add_probabilities(obs, &observed, request->program, each, layout);
        } else if (each->kind == KETCH_OBSERVE_VARIANCE) {
            observed.place = (ptrdiff_t)variance;
            add_variance(obs, variance++, request->program, each, layout);
        } else {
            observed.place = (ptrdiff_t)index;
            copy_terms(&obs->tile_sums, &paulis, each, index++);
        }
        value += (size_t)count_numbers_of(each);
        if (obs->observed)
            obs->observed[i] = observed;
    }
}

/* ---- memory ---- */

/* The number of doubles that sweeps of their own write. */
static uint64_t sweep_numbers(const ktq_observables *obs, const ktq_observables_request *request)
{
    const ktq_chunks shape = {NULL, request->program->plan->qubits,
                              request->program->plan->precision};
    const bool attached = obs->is_unconditional && obs->is_final;
    uint64_t numbers = attached ? 0 : obs->z_count * ktq_chunk_count(shape.qubits);
    if (obs->paulis.term_count)
        numbers = KT_MAX(numbers, obs->z_count * ktq_pauli_sums_tiles(shape.qubits));
    if (obs->variance_count)
        numbers = KT_MAX(numbers, 2 * ktq_chunk_count(shape.qubits));
    for (size_t i = 0; i < obs->count; i++) {
        const ketch_observable *const each = ktq_observable_at(request->observables, i);
        if (each->kind != KETCH_OBSERVE_PROBABILITIES)
            continue;
        ktq_marginal marginal;
        ktq_marginal_plan(&marginal, &shape, (int32_t)each->count, each->qubits);
        const uint64_t own = ktq_marginal_sum_count(&marginal);
        numbers = KT_MAX(numbers, own);
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
    ktq_pauli_sums_take(&obs->paulis, layout);
    obs->variances = kt_layout_take(layout, obs->variance_count, sizeof *obs->variances);
    attach_chunks(obs, request);
    add_observables(obs, request, layout);
    if (!obs->term_count && !o->bin_count)
        obs->pass = SIZE_MAX;
    const uint64_t count = obs->pass == SIZE_MAX ? 0 : count_rows_of(obs, request->program);
    const uint64_t rows = count * o->width, own = sweep_numbers(obs, request);
    obs->row_count = kt_to_size(own > rows ? own : rows);
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

/* Plans the sweeps of terms with X, and of variances. */
static void prepare_paulis(ktq_observables *obs)
{
    if (obs->paulis.term_count) {
        ktq_pauli_sums_prepare(&obs->paulis);
        obs->scratch = KT_MAX(obs->scratch, ktq_pauli_sums_scratch(&obs->paulis));
    }
    for (size_t i = 0; i < obs->variance_count; i++) {
        ktq_pauli_sums_prepare(&obs->variances[i]);
        obs->scratch = KT_MAX(obs->scratch, ktq_pauli_apply_scratch(&obs->variances[i]));
    }
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
    prepare_paulis(obs);
    return KETCH_OK;
}

uint64_t ktq_observables_image_size(const ktq_observables *obs, const ketch_program *p)
{
    return obs->variance_count ? ktq_amplitude_size(p->plan->precision) << p->plan->qubits : 0;
}

ketch_status ktq_observables_take_image(ktq_observables *obs,
                                        const ktq_observables_request *request,
                                        const char *function, ketch_error *error)
{
    const uint64_t size = ktq_observables_image_size(obs, request->program);
    kt_refusal refusal;
    if (!size)
        return KETCH_OK;
    obs->image = kt_arena_take(request->arena, size, "result", &refusal);
    if (!obs->image)
        return kt_fail_memory(error, function, "observables", "a variance", &refusal);
    kt_block_written(obs->image);
    return KETCH_OK;
}

void ktq_observables_close(ktq_observables *obs)
{
    if (obs->block)
        kt_block_drop(obs->block);
    if (obs->image)
        kt_block_drop(obs->image);
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
