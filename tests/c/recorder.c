#include "recorder.h"

#include <stdarg.h>
#include <stdio.h>

label name(const char *format, ...)
{
    label l;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l.text, sizeof l.text, format, arguments);
    va_end(arguments);
    return l;
}

recorder recorder_open(const run_way *way, bits_list *list)
{
    return (recorder){.way = *way, .engine = make_engine(way->threads), .list = list};
}

void recorder_close(recorder *r)
{
    GOOD(ketch_engine_destroy(r->engine, &error));
}

/* ---- runs ---- */

/* A stop token that sets itself at a tick. */
typedef struct pause {
    ketch_stop stop;
    uint64_t left;
} pause;

static int32_t count_down(const ketch_step *step, void *user)
{
    (void)step;
    pause *const p = user;
    if (p->left-- == 1)
        ketch_stop_set(&p->stop);
    return 0;
}

static ketch_shots shots_of(const wish *w)
{
    return (ketch_shots){.size = sizeof(ketch_shots),
                         .shots = w->shots,
                         .seed = w->seed,
                         .observables = w->asked,
                         .observable_count = w->asked_count};
}

static ketch_run run_of(const wish *w, pause *p)
{
    ketch_run run = {.size = sizeof run};
    if (!w->stop_at)
        return run;
    run.hook = count_down;
    run.user = p;
    run.stop = &p->stop;
    run.tick_seconds = 1e-12;
    return run;
}

ketch_state *record_state(const recorder *r, int32_t qubits, const char *ket)
{
    ketch_state *const state = make_state(r->engine, qubits, r->way.precision);
    if (ket)
        GOOD(ketch_state_set_ket(state, ket, &error));
    return state;
}

ketch_state *record_given_state(const recorder *r, int32_t qubits, uint64_t seed, bool single)
{
    enum { MOST = 2 << 14 };
    static double doubles[MOST];
    static float singles[MOST];
    maker m = {.qubits = qubits, .random = seed};
    for (int i = 0; i < 2 << qubits; i++) {
        doubles[i] = (double)maker_draw(&m, 1 << 20) - (1 << 19);
        singles[i] = (float)doubles[i];
    }
    ketch_state *const state = record_state(r, qubits, NULL);
    GOOD(ketch_state_set_amplitudes(state, single ? (const void *)singles : (const void *)doubles,
                                    UINT64_C(1) << qubits, single ? KETCH_SINGLE : KETCH_DOUBLE, 1,
                                    &error));
    return state;
}

ketch_result *record_run(const recorder *r, ketch_program *program, ketch_state *state,
                         const wish *w, int *stops)
{
    pause p = {.left = w->stop_at};
    const ketch_run run = run_of(w, &p);
    const ketch_shots shots = shots_of(w);
    ketch_error error = {.size = sizeof error};
    ketch_result *result = NULL;
    int stopped = 0;
    ketch_status status =
        ketch_program_run(&result, r->engine, program, state, &shots, &run, &error);
    for (; status == KETCH_STOPPED; stopped++) {
        ketch_stop_clear(&p.stop);
        p.left = w->stop_at;
        status = ketch_engine_resume(r->engine, result, &run, &error);
    }
    if (status != KETCH_OK)
        ck_abort_msg("a run: %s", error.message);
    if (stops)
        *stops = stopped;
    return result;
}

/* ---- hashes ---- */

uint64_t hash_state(uint64_t before, const ketch_state *state)
{
    return bits_hash(before, see_state(state), state_size(state));
}

uint64_t hash_rows(uint64_t before, const ketch_result *result)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    return bits_hash(before, outcomes.rows, outcomes.shots * outcomes.bits);
}

uint64_t hash_counts(uint64_t before, ketch_result *result)
{
    enum { MOST = 1024 };
    static uint64_t examples[MOST], counts[MOST];
    uint64_t distinct = 0;
    GOOD(ketch_circuit_result_counts(&distinct, examples, counts, MOST, result, &error));
    ck_assert_uint_le(distinct, MOST);
    const uint64_t hash = bits_hash(before, examples, distinct * sizeof *examples);
    return bits_hash(hash, counts, distinct * sizeof *counts);
}

uint64_t hash_observed(uint64_t before, const ketch_result *result, const wish *w)
{
    enum { MOST = 1 << 14 };
    static double values[MOST];
    uint64_t hash = before;
    for (uint64_t i = 0; i < w->asked_count; i++) {
        const ketch_observable *const o = &w->asked[i];
        const uint64_t count = o->kind == KETCH_OBSERVE_PROBABILITIES ? UINT64_C(1) << o->count : 1;
        GOOD(ketch_circuit_result_observed(values, MOST, i, result, &error));
        hash = bits_hash(hash, values, count * sizeof *values);
    }
    return hash;
}

static int32_t qubits_of(const ketch_program *program)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    return info.qubits;
}

uint64_t hash_run(uint64_t before, const recorder *r, ketch_program *program, const char *ket,
                  const wish *w)
{
    static const wish nothing;
    const wish *const wanted = w ? w : &nothing;
    ketch_state *const state = record_state(r, qubits_of(program), ket);
    ketch_result *const result = record_run(r, program, state, wanted, NULL);
    uint64_t hash = hash_state(before, state);
    hash = hash_rows(hash, result);
    hash = hash_observed(hash, result, wanted);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return hash;
}

static bool is_finished(const ketch_result *result)
{
    ketch_position position = {.size = sizeof position};
    GOOD(ketch_result_get_position(&position, result, &error));
    return position.ended;
}

uint64_t hash_fences(uint64_t before, const recorder *r, ketch_program *program)
{
    ketch_state *const state = record_state(r, qubits_of(program), NULL);
    ketch_result *result = NULL;
    uint64_t hash = before;
    GOOD(ketch_program_begin(&result, r->engine, program, state, NULL, NULL, &error));
    while (!is_finished(result)) {
        ketch_error error = {.size = sizeof error};
        if (ketch_engine_advance(r->engine, result, NULL, &error) < 0)
            ck_abort_msg("an advance: %s", error.message);
        hash = hash_state(hash, state);
    }
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return hash;
}

uint64_t hash_circuit(uint64_t before, const recorder *r, const ketch_circuit *circuit,
                      const wish *w)
{
    ketch_program *const program = make_program(circuit, &r->way);
    const uint64_t hash = hash_run(before, r, program, NULL, w);
    ketch_program_drop(program);
    return hash;
}

/* ---- lines ---- */

void record(const recorder *r, const char *text, uint64_t hash)
{
    bits_add_hash(r->list, text, hash);
}

void record_plan(const recorder *r, const char *text, const ketch_program *program)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    const label numbers = name("%llu/%llu/%llu/%d/%d", (unsigned long long)info.passes,
                               (unsigned long long)info.operations,
                               (unsigned long long)info.segments, info.tile_bits, info.run_bits);
    bits_add(r->list, name("%s-plan", text).text, numbers.text);
}

void record_circuit(const recorder *r, const char *text, ketch_circuit *circuit)
{
    ketch_program *const program = make_program(circuit, &r->way);
    record(r, text, hash_run(BITS_OF_NOTHING, r, program, NULL, NULL));
    record_plan(r, text, program);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}
