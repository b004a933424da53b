#include "ket/run/observables.h"

#include "ket/state/marginal.h"
#include "ket/state/read_sweep.h"
#include "ket/state/state.h"
#include "status.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Sums by outcomes are left to a sweep of their own where a tile's row would have more numbers than
 * a 16th of its amplitudes, or all rows together more than ROWS_MOST. */
enum { ROW_SHARE = 4, ROWS_MOST = 1 << 17 };

/* Memory handed out piece by piece; without a base it is only counted. */
typedef struct room {
    char *base;
    size_t used;
} room;

static void *hand_out(room *r, size_t count, size_t size)
{
    void *const memory = r->base ? r->base + r->used : NULL;
    r->used += ktq_round_line(count * size);
    return memory;
}

/* ---- which pass ---- */

/* Finds the pass that leaves the final state. False where it may not: something comes after it, it
 * does not run with this beginning, or not whatever was measured. */
static bool find_pass(ktq_watch *w, const ktq_watch_plan *plan)
{
    const ketch_program *const p = plan->program;
    w->pass = SIZE_MAX;
    for (size_t i = p->segment_count; i-- > 0;) {
        const ktq_segment *const s = &p->segments[i];
        if (s->kind == KTQ_SEGMENT_SAMPLE || (s->kind == KTQ_SEGMENT_GATES && s->pass_count == 0))
            continue;
        const size_t left_out = plan->from_basis && i == 0 ? s->arrange_count : 0;
        if (s->kind != KTQ_SEGMENT_GATES || s->pass_count == left_out)
            return false;
        w->pass = s->first_pass + s->pass_count - 1;
        return s->condition.count == 0;
    }
    return false;
}

static void choose_pass(ktq_watch *w, const ktq_watch_plan *plan)
{
    const ketch_program *const p = plan->program;
    w->sure = find_pass(w, plan);
    if (!plan->once || p->tiny)
        w->pass = SIZE_MAX;
    if (w->pass == SIZE_MAX)
        return;
    w->observes = !(plan->collapses && p->measured_count);
    w->observer.tile = p->passes[w->pass].frame;
    w->observer.frame = ktq_kernel_frame(p->kernels, &p->passes[w->pass]);
}

/* ---- what is wanted of it ---- */

static size_t count_rows_of(const ktq_watch *w, const ketch_program *p)
{
    return (size_t)1 << (p->qubits - w->observer.tile.bits);
}

/* Attaches sums by outcomes where they fit; the number of the bins, or -1. */
static ptrdiff_t attach_bins(ktq_watch *w, const ketch_program *p, const ktq_bins *bins)
{
    ktq_observer *const o = &w->observer;
    const size_t width = o->width + ktq_bins_width(bins, &o->tile);
    if (width > ((size_t)1 << o->tile.bits) >> ROW_SHARE || width > ROWS_MOST / count_rows_of(w, p))
        return -1;
    o->width = width;
    if (o->bins)
        o->bins[o->bin_count] = *bins;
    return (ptrdiff_t)o->bin_count++;
}

/* Chunk sums for shots, where there is more than one chunk. */
static void attach_chunks(ktq_watch *w, const ktq_watch_plan *plan)
{
    const ktq_bins chunks = {.count = plan->program->qubits - KTQ_CHUNK_BITS,
                             .qubits = w->chunk_qubits};
    for (int32_t j = 0; j < chunks.count; j++)
        w->chunk_qubits[j] = KTQ_CHUNK_BITS + j;
    if (w->pass != SIZE_MAX && plan->program->measured_count && chunks.count > 0)
        w->weighs = attach_bins(w, plan->program, &chunks) == 0;
}

static bool is_summed(const ketch_observable *observable)
{
    return observable->kind != KETCH_OBSERVE_PROBABILITIES;
}

static size_t count_terms(const ketch_observable *observable)
{
    return observable->kind == KETCH_OBSERVE_Z ? observable->count : is_summed(observable);
}

static void count_numbers(ktq_watch *w, const ktq_watch_plan *plan)
{
    w->count = plan->count;
    for (size_t i = 0; i < w->count; i++) {
        const ketch_observable *const each = &plan->observables[i];
        w->value_count += is_summed(each) ? 1 : (size_t)1 << each->count;
        w->z_count += is_summed(each);
        w->term_count += count_terms(each);
    }
    w->observer.width = w->z_count;
}

/* Copies the terms behind those there are. */
static void copy_terms(ktq_observer *o, const ketch_observable *observable, uint32_t index)
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

static void add_probabilities(ktq_watch *w, ktq_watched *watched, const ketch_program *program,
                              const ketch_observable *observable, room *r)
{
    const size_t count = observable->count;
    int32_t *const qubits = hand_out(r, count, sizeof *qubits);
    if (qubits && count)
        memcpy(qubits, observable->qubits, count * sizeof *qubits);
    watched->qubits = qubits;
    watched->count = (int32_t)count;
    const ktq_bins bins = {.count = (int32_t)count, .qubits = qubits ? qubits : observable->qubits};
    watched->place = w->observes ? attach_bins(w, program, &bins) : -1;
}

static void add_observables(ktq_watch *w, const ktq_watch_plan *plan, room *r)
{
    size_t value = 0;
    uint32_t index = 0;
    for (size_t i = 0; i < w->count; i++) {
        const ketch_observable *const each = &plan->observables[i];
        ktq_watched watched = {.kind = each->kind, .value = value, .place = index};
        if (is_summed(each))
            copy_terms(&w->observer, each, index++);
        else
            add_probabilities(w, &watched, plan->program, each, r);
        value += is_summed(each) ? 1 : (size_t)1 << each->count;
        if (w->watched)
            w->watched[i] = watched;
    }
}

/* ---- memory ---- */

/* Numbers that sweeps of their own leave: those of finish. */
static size_t sweep_numbers(const ktq_watch *w, const ktq_watch_plan *plan)
{
    const ktq_chunks shape = {NULL, plan->program->qubits, plan->program->precision};
    const bool attached = w->sure && w->observes;
    size_t numbers = attached ? 0 : w->z_count * ktq_chunk_count(shape.qubits);
    for (size_t i = 0; i < w->count; i++) {
        const ketch_observable *const each = &plan->observables[i];
        if (is_summed(each))
            continue;
        ktq_marginal marginal;
        ktq_marginal_plan(&marginal, &shape, (int32_t)each->count, each->qubits);
        const size_t own = ktq_marginal_room(&marginal);
        numbers = own > numbers ? own : numbers;
    }
    return numbers;
}

/* Every choice, and the memory for it. */
static void arrange(ktq_watch *w, const ktq_watch_plan *plan, room *r)
{
    ktq_observer *const o = &w->observer;
    *w = (ktq_watch){0};
    choose_pass(w, plan);
    count_numbers(w, plan);
    w->watched = hand_out(r, w->count, sizeof *w->watched);
    w->values = hand_out(r, w->value_count, sizeof(double));
    o->terms = hand_out(r, w->term_count, sizeof *o->terms);
    o->signs = hand_out(r, w->term_count, sizeof *o->signs);
    o->sums = hand_out(r, w->term_count, sizeof *o->sums);
    o->folds = hand_out(r, w->term_count ? KTQ_FOLDS : 0, sizeof *o->folds);
    o->bins = hand_out(r, w->count + 1, sizeof *o->bins);
    attach_chunks(w, plan);
    add_observables(w, plan, r);
    const size_t count = w->pass == SIZE_MAX ? 0 : count_rows_of(w, plan->program);
    const size_t rows = count * o->width, own = sweep_numbers(w, plan);
    w->rows = hand_out(r, own > rows ? own : rows, sizeof(double));
    w->places = hand_out(r, o->width, sizeof *w->places);
}

/* A pass that leaves another state than the final one has nothing to say of the observables. */
static void plan_observer(ktq_watch *w, const ketch_program *p)
{
    ktq_observer *const o = &w->observer;
    o->z_count = w->observes ? w->z_count : 0;
    o->term_count = w->observes ? w->term_count : 0;
    if (w->pass != SIZE_MAX)
        ktq_observer_plan(o);
    const size_t looking = w->count ? ktq_look_work(w->term_count) : 0;
    w->scratch = ktq_tile_scratch(p) +
                 ktq_round_line((o->work > looking ? o->work : looking) * sizeof(double));
}

/* ---- life ---- */

ketch_status ktq_watch_open(ktq_watch *w, const ktq_watch_plan *plan, const char *function,
                            ketch_error *error)
{
    w->pass = SIZE_MAX;
    const bool shots = plan->program->measured_count && plan->program->qubits > KTQ_CHUNK_BITS;
    if (!plan->count && !(plan->once && shots))
        return KETCH_OK;
    room counted = {0};
    arrange(w, plan, &counted);
    kt_refusal refusal;
    ketch_block *const block = kt_arena_take(plan->arena, counted.used, "result", &refusal);
    if (!block) {
        *w = (ktq_watch){.pass = SIZE_MAX};
        return kt_fail_memory(error, function, "observables", "sums over the state", &refusal);
    }
    room given = {.base = kt_block_data(block)};
    arrange(w, plan, &given);
    w->block = block;
    plan_observer(w, plan->program);
    return KETCH_OK;
}

void ktq_watch_close(ktq_watch *w)
{
    if (w->block)
        kt_block_drop(w->block);
}

/* ---- the pass ---- */

void ktq_watch_tile(const ktq_watch *w, const ketch_program *p, void *amplitudes, void *scratch,
                    uint64_t tile, const ktq_visit *visit)
{
    char *const work = (char *)scratch + ktq_tile_scratch(p);
    const ktq_observing observing = {&w->observer, (double *)(void *)work};
    ktq_visit observed = *visit;
    observed.observing = &observing;
    ktq_observing_begin(&observing);
    p->kernels->tile(&p->passes[w->pass], amplitudes, scratch, &observed);
    ktq_observing_end(&observing, visit->base, w->rows + tile * w->observer.width);
}

void ktq_watch_weigh(const ktq_watch *w, double *partial)
{
    assert(w->weighs && w->filled);
    ktq_observer_bins(partial, &w->observer, &w->observer.bins[0], &w->tiles, w->rows, w->places);
}

/* ---- the numbers ---- */

static void end_norms(ktq_watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const ktq_watched *const each = &w->watched[i];
        if (each->kind == KETCH_OBSERVE_PROBABILITIES)
            continue;
        const double sum = ktq_observer_z(&w->observer, &w->tiles, w->rows, (size_t)each->place);
        w->values[each->value] = each->kind == KETCH_OBSERVE_NORM ? sqrt(sum) : sum;
    }
}

/* A sweep of its own over the final state. */
typedef struct looking {
    const ktq_watch *watch;
    ketch_context *context;
    const ketch_program *program;
    const void *amplitudes;
} looking;

static void looking_body(uint64_t chunk, int32_t worker, void *user)
{
    const looking *const l = user;
    const ketch_program *const p = l->program;
    const ktq_observer *const o = &l->watch->observer;
    char *const scratch = ketch_context_scratch(l->context, worker);
    char *const work = scratch + ktq_tile_scratch(p);
    ktq_look_chunk(o, p->kernels, l->amplitudes, scratch, (double *)(void *)work, chunk,
                   l->watch->rows + chunk * o->width);
}

static ketch_status look_for_sums(ktq_watch *w, const looking *sweep)
{
    const ketch_program *const p = sweep->program;
    if (w->stage == KTQ_WATCH_OPEN) {
        w->observer.term_count = w->term_count;
        w->observer.z_count = w->z_count;
        ktq_look_plan(&w->observer, p->qubits, p->shape.tile_bits);
        w->tiles = ktq_look_tiles(&w->observer, p->qubits);
        w->stage = KTQ_WATCH_LOOKING;
    }
    KT_TRY(ketch_context_parallel(sweep->context, ktq_tiles_count(&w->tiles), 0, looking_body,
                                  (void *)sweep));
    ketch_context_count(sweep->context, ktq_amplitude_size(p->precision) << p->qubits);
    return KETCH_OK;
}

static ketch_status look_for_probabilities(ktq_watch *w, const looking *sweep)
{
    const ketch_program *const p = sweep->program;
    const ktq_watched *const each = &w->watched[w->next];
    const ktq_chunks chunks = {sweep->amplitudes, p->qubits, p->precision};
    ktq_marginal marginal;
    ktq_marginal_plan(&marginal, &chunks, each->count, each->qubits);
    marginal.sums = w->rows;
    KT_TRY(ketch_context_parallel(sweep->context, ktq_marginal_count(&marginal), 0,
                                  ktq_marginal_body, &marginal));
    ketch_context_count(sweep->context, ktq_amplitude_size(p->precision) << p->qubits);
    ktq_marginal_end(&marginal);
    memcpy(w->values + each->value, marginal.sums, sizeof(double) << each->count);
    return KETCH_OK;
}

/* Those that the pass has left, before sweeps overwrite its rows. */
static void end_outcomes(ktq_watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const ktq_watched *const each = &w->watched[i];
        if (each->kind == KETCH_OBSERVE_PROBABILITIES && each->place >= 0)
            ktq_observer_bins(w->values + each->value, &w->observer, &w->observer.bins[each->place],
                              &w->tiles, w->rows, w->places);
    }
}

ketch_status ktq_watch_finish(ktq_watch *w, ketch_context *context, const ketch_program *program,
                              const void *amplitudes)
{
    const looking sweep = {w, context, program, amplitudes};
    const bool attached = w->filled && w->observes;
    if (w->stage < KTQ_WATCH_SUMMED) {
        if (!attached && w->z_count)
            KT_TRY(look_for_sums(w, &sweep));
        end_norms(w);
        if (attached)
            end_outcomes(w);
        w->stage = KTQ_WATCH_SUMMED;
    }
    for (; w->next < w->count; w->next++) {
        const ktq_watched *const each = &w->watched[w->next];
        if (each->kind == KETCH_OBSERVE_PROBABILITIES && !(attached && each->place >= 0))
            KT_TRY(look_for_probabilities(w, &sweep));
    }
    w->stage = KTQ_WATCH_ENDED;
    return KETCH_OK;
}
