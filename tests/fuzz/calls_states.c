/* Calls that make, set, read and measure states. What they say must agree with the amplitudes. */
#include "calls.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

static double chance_of(const void *amplitudes, const ketch_state *state, size_t index)
{
    const double complex a = calls_amplitude(amplitudes, ketch_state_precision(state), index);
    return creal(a) * creal(a) + cimag(a) * cimag(a);
}

void calls_probabilities(double *probabilities, const void *amplitudes, const ketch_state *state,
                         int32_t count, const int32_t *qubits)
{
    memset(probabilities, 0, sizeof *probabilities << count);
    for (size_t i = 0; i < (size_t)1 << ketch_state_qubits(state); i++) {
        size_t outcome = 0;
        for (int32_t k = 0; k < count; k++)
            outcome |= (i >> qubits[k] & 1) << k;
        probabilities[outcome] += chance_of(amplitudes, state, i);
    }
}

double calls_expectation(const void *amplitudes, const ketch_state *state, uint64_t count,
                         const uint64_t *masks, const double *coefficients)
{
    double sum = 0;
    for (size_t i = 0; i < (size_t)1 << ketch_state_qubits(state); i++)
        for (uint64_t k = 0; k < count; k++)
            sum += chance_of(amplitudes, state, i) * coefficients[k] *
                   (__builtin_parityll(i & masks[k]) ? -1 : 1);
    return sum;
}

/* 2^qubits numbers of norm 1. */
static void take_amplitudes(session *s, double complex *amplitudes, int32_t qubits)
{
    ketch_random random = {.seed = fuzz_byte(&s->input),
                           .stream = ketch_random_stream(7, 0, (uint32_t)qubits)};
    const size_t count = (size_t)1 << qubits;
    double norm = 0;
    ketch_random_fill(&random, (double *)amplitudes, 2 * count);
    for (size_t i = 0; i < count; i++)
        norm += creal(amplitudes[i]) * creal(amplitudes[i]) +
                cimag(amplitudes[i]) * cimag(amplitudes[i]);
    for (size_t i = 0; i < count; i++)
        amplitudes[i] /= sqrt(norm);
}

static void require_amplitudes(const ketch_state *state, const double complex *wanted)
{
    const void *amplitudes;
    const ketch_precision precision = ketch_state_precision(state);
    FUZZ_REQUIRE(ketch_state_amplitudes(&amplitudes, state, NULL) == KETCH_OK);
    for (size_t i = 0; i < (size_t)1 << ketch_state_qubits(state); i++)
        FUZZ_REQUIRE(cabs(calls_amplitude(amplitudes, precision, i) - wanted[i]) <=
                     calls_tolerance(precision));
}

/* ---- making and setting ---- */

static void take_state(session *s, ketch_state *state)
{
    ketch_state_drop(s->state);
    s->state = state;
    s->basis = -1;
    s->is_adopted = false;
}

static ketch_precision take_precision(session *s)
{
    return fuzz_byte(&s->input) & 1 ? KETCH_SINGLE : KETCH_DOUBLE;
}

/* A product of the four kinds; the last two come less often. False: no basis state. */
static bool take_ket(session *s, char *ket, int64_t *basis, int32_t qubits)
{
    bool is_basis = true;
    FUZZ_REQUIRE(qubits <= DENSE_QUBITS);
    *basis = 0;
    const uint8_t kinds = fuzz_byte(&s->input) & 1 ? 4 : 2;
    for (int32_t i = 0; i < qubits; i++) {
        const uint8_t kind = fuzz_byte(&s->input) % kinds;
        ket[i] = "01+-"[kind];
        *basis = 2 * *basis + (kind == 1);
        is_basis = is_basis && kind < 2;
    }
    ket[qubits] = 0;
    return is_basis;
}

void calls_make_state(session *s)
{
    ketch_state *made = NULL;
    char ket[DENSE_QUBITS + 1] = "";
    int64_t basis;
    const int32_t qubits = ketch_circuit_qubits(s->circuit);
    const ketch_precision precision = take_precision(s);
    ketch_arena *const arena = s->arena ? s->arena : ketch_engine_arena(calls_engines[0]);
    GOOD(s, ketch_state_create(&made, arena, qubits, precision, &s->error));
    FUZZ_REQUIRE(ketch_state_qubits(made) == qubits && ketch_state_precision(made) == precision);
    const bool is_basis = take_ket(s, ket, &basis, qubits);
    GOOD(s, ketch_state_set_ket(made, ket, &s->error));
    take_state(s, made);
    s->basis = is_basis ? basis : -1;
}

/* A state in memory of the caller, which lives until the input ends. */
void calls_adopt_state(session *s)
{
    int at = 0;
    ketch_state *made = NULL;
    double complex amplitudes[1 << DENSE_QUBITS];
    const int32_t qubits = ketch_circuit_qubits(s->circuit);
    const ketch_precision precision = take_precision(s);
    const size_t count = (size_t)1 << qubits;
    while (at < BUFFERS_MOST && s->buffers[at])
        at++;
    if (at == BUFFERS_MOST)
        return;
    void *const buffer = aligned_alloc(16, sizeof amplitudes);
    FUZZ_REQUIRE(buffer);
    s->buffers[at] = buffer;
    take_amplitudes(s, amplitudes, qubits);
    for (size_t i = 0; i < count; i++)
        if (precision == KETCH_SINGLE)
            ((float complex *)buffer)[i] = (float complex)amplitudes[i];
        else
            ((double complex *)buffer)[i] = amplitudes[i];
    const uint64_t size = count * (precision == KETCH_SINGLE ? 8 : 16);
    GOOD(s, ketch_state_adopt(&made, ketch_engine_arena(calls_engines[0]), qubits, precision,
                              buffer, size, &s->error));
    take_state(s, made);
    s->is_adopted = true;
    require_amplitudes(s->state, amplitudes);
}

void calls_set_state(session *s)
{
    double complex amplitudes[1 << DENSE_QUBITS];
    char ket[DENSE_QUBITS + 1];
    int64_t basis;
    ketch_status status;
    const int32_t qubits = ketch_state_qubits(s->state);
    const bool by_ket = fuzz_byte(&s->input) & 1;
    if (!s->state)
        return;
    if (by_ket) {
        const bool is_basis = take_ket(s, ket, &basis, qubits);
        CALL(s, status, ketch_state_set_ket(s->state, ket, &s->error));
        if (status == KETCH_OK)
            s->basis = is_basis && !s->is_adopted ? basis : -1;
    } else {
        take_amplitudes(s, amplitudes, qubits);
        CALL(s, status,
             ketch_state_set_amplitudes(s->state, amplitudes, UINT64_C(1) << qubits, KETCH_DOUBLE,
                                        fuzz_byte(&s->input) & 1, &s->error));
        if (status == KETCH_OK) {
            s->basis = -1;
            require_amplitudes(s->state, amplitudes);
        }
    }
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_BUSY);
}

/* The run's state is the session's from now on. */
void calls_share_state(session *s)
{
    ketch_state *const state = ketch_circuit_result_state(s->runs[0].result);
    FUZZ_REQUIRE(!state == !s->runs[0].result);
    if (state)
        take_state(s, ketch_state_share(state));
}

/* ---- reading ---- */

static bool is_near(double a, double b, const ketch_state *state)
{
    return fabs(a - b) <= calls_tolerance(ketch_state_precision(state));
}

static void read_sums(session *s, ketch_engine *engine, const void *amplitudes)
{
    static const double coefficients[2] = {0.5, -1.25};
    double norm, inner[2], none, probabilities[4], wanted[4], expectation;
    int32_t qubits[2];
    const int32_t count = calls_two_qubits(qubits, s, ketch_state_qubits(s->state));
    const uint64_t masks[2] = {UINT64_C(1) << qubits[0] | UINT64_C(1) << qubits[1],
                               UINT64_C(1) << qubits[0]};
    calls_probabilities(&none, amplitudes, s->state, 0, NULL);
    GOOD(s, ketch_state_norm(&norm, engine, s->state, &s->error));
    FUZZ_REQUIRE(is_near(norm, sqrt(none), s->state));
    GOOD(s, ketch_state_inner(inner, engine, s->state, s->state, &s->error));
    FUZZ_REQUIRE(is_near(inner[0], none, s->state) && inner[1] == 0);
    GOOD(s,
         ketch_state_probabilities(probabilities, 4, engine, s->state, count, qubits, &s->error));
    calls_probabilities(wanted, amplitudes, s->state, count, qubits);
    for (int32_t i = 0; i < 1 << count; i++)
        FUZZ_REQUIRE(is_near(probabilities[i], wanted[i], s->state));
    GOOD(s, ketch_state_expectation(&expectation, engine, s->state, 2, masks, coefficients,
                                    &s->error));
    FUZZ_REQUIRE(is_near(
        expectation, calls_expectation(amplitudes, s->state, 2, masks, coefficients), s->state));
}

/* Where amplitudes cannot be read, neither can what is computed of them. */
void calls_read_state(session *s)
{
    double norm;
    const void *amplitudes;
    ketch_engine *const engine = fuzz_byte(&s->input) & 1 ? calls_pick_engine(s) : NULL;
    if (!s->state)
        return;
    s->basis = -1;
    ketch_status status, second;
    CALL(s, status, ketch_state_amplitudes(&amplitudes, s->state, &s->error));
    if (status == KETCH_OK) {
        read_sums(s, engine, amplitudes);
        return;
    }
    CALL(s, second, ketch_state_norm(&norm, engine, s->state, &s->error));
    FUZZ_REQUIRE(status == KETCH_SUSPENDED && second == status);
}

/* Shots do not depend on the engine, and are of basis states that the state has. */
void calls_sample_state(session *s)
{
    enum { SHOTS = 5 };
    uint64_t first[SHOTS], second[SHOTS];
    const void *amplitudes;
    const uint8_t seed = fuzz_byte(&s->input), skip = fuzz_byte(&s->input) % (SHOTS - 1);
    ketch_engine *const engine = calls_pick_engine(s);
    if (!s->state)
        return;
    s->basis = -1;
    ketch_status status;
    CALL(s, status, ketch_state_sample(first, SHOTS, NULL, s->state, seed, 0, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_SUSPENDED);
    if (status)
        return;
    GOOD(s, ketch_state_sample(second, SHOTS - skip, engine, s->state, seed, skip, &s->error));
    FUZZ_REQUIRE(!memcmp(first + skip, second, (size_t)(SHOTS - skip) * sizeof *first));
    GOOD(s, ketch_state_amplitudes(&amplitudes, s->state, &s->error));
    for (int i = 0; i < SHOTS; i++)
        FUZZ_REQUIRE(first[i] >> ketch_state_qubits(s->state) == 0 &&
                     chance_of(amplitudes, s->state, first[i]) > 0);
}

/* ---- measuring ---- */

/* The part of the state with this outcome, normalized. */
static void project(double complex *amplitudes, int32_t qubits, int32_t qubit, int32_t outcome)
{
    double norm = 0;
    const size_t count = (size_t)1 << qubits;
    for (size_t i = 0; i < count; i++) {
        if ((int32_t)(i >> qubit & 1) != outcome)
            amplitudes[i] = 0;
        norm += creal(amplitudes[i]) * creal(amplitudes[i]) +
                cimag(amplitudes[i]) * cimag(amplitudes[i]);
    }
    FUZZ_REQUIRE(norm > 0);
    for (size_t i = 0; i < count; i++)
        amplitudes[i] /= sqrt(norm);
}

void calls_measure_state(session *s)
{
    double complex before[1 << DENSE_QUBITS];
    const void *amplitudes;
    int32_t outcome = -1;
    ketch_engine *const engine = calls_pick_engine(s);
    const int32_t qubits = ketch_state_qubits(s->state);
    const uint8_t byte = fuzz_byte(&s->input), seed = fuzz_byte(&s->input);
    if (!s->state)
        return;
    const bool readable = ketch_state_amplitudes(&amplitudes, s->state, NULL) == KETCH_OK;
    for (size_t i = 0; readable && i < (size_t)1 << qubits; i++)
        before[i] = calls_amplitude(amplitudes, ketch_state_precision(s->state), i);
    s->basis = -1;
    ketch_status status;
    CALL(s, status,
         ketch_state_measure(&outcome, engine, s->state, byte % qubits, seed, 0, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_BUSY || status == KETCH_SUSPENDED);
    FUZZ_REQUIRE(status != KETCH_OK || (readable && (outcome == 0 || outcome == 1)));
    if (readable && status == KETCH_OK)
        project(before, qubits, byte % qubits, outcome);
    if (readable)
        require_amplitudes(s->state, before);
}

/* ---- views ---- */

static uint64_t view_size(const kept_view *view)
{
    const uint64_t size = ketch_block_size(view->block);
    FUZZ_REQUIRE(size > 0 && size <= sizeof view->bytes);
    return size;
}

/* What was seen once does not change. */
void calls_check_views(const session *s)
{
    for (int i = 0; i < VIEWS_MOST; i++)
        if (s->views[i].block)
            FUZZ_REQUIRE(!memcmp(ketch_block_data(s->views[i].block), s->views[i].bytes,
                                 view_size(&s->views[i])));
}

void calls_view_state(session *s)
{
    ketch_block *block = NULL;
    kept_view *const view = &s->views[fuzz_below(&s->input, VIEWS_MOST)];
    calls_check_views(s);
    if (!s->state)
        return;
    s->basis = -1;
    ketch_status status;
    CALL(s, status, ketch_state_block(&block, s->state, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_SUSPENDED);
    if (!block) /* suspended, or an adopted buffer */
        return;
    if (view->block)
        FUZZ_REQUIRE(ketch_block_drop(view->block) == KETCH_OK);
    view->block = block;
    memcpy(view->bytes, ketch_block_data(block), view_size(view));
}
