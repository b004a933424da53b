/* Running circuits in tests: short forms that fail the test on any error. */
#ifndef RUNS_H
#define RUNS_H

#include "good.h"
#include "ketch.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* How a circuit is compiled and run. tile 0: as chosen. */
typedef struct run_way {
    int32_t threads;
    ketch_kernels kernels;
    ketch_precision precision;
    int32_t tile, run_bits, plain;
    uint64_t fence_every;
} run_way;

static inline ketch_engine *make_engine(int32_t threads)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

static inline ketch_program *make_program(const ketch_circuit *circuit, const run_way *way)
{
    const ketch_program_options options = {.size = sizeof options,
                                           .precision = way->precision,
                                           .kernels = way->kernels,
                                           .tile_bits = way->tile,
                                           .run_bits = way->run_bits,
                                           .plain = way->plain,
                                           .fence_every = way->fence_every};
    ketch_program *program = NULL;
    GOOD(ketch_program_create(&program, circuit, &options, &error));
    return program;
}

static inline ketch_state *make_state(ketch_engine *engine, int32_t qubits,
                                      ketch_precision precision)
{
    ketch_state *state = NULL;
    GOOD(ketch_state_create(&state, ketch_engine_arena(engine), qubits, precision, &error));
    return state;
}

static inline const void *see_state(const ketch_state *state)
{
    const void *amplitudes = NULL;
    GOOD(ketch_state_amplitudes(&amplitudes, state, &error));
    return amplitudes;
}

static inline size_t state_size(const ketch_state *state)
{
    return (size_t)(ketch_state_precision(state) == KETCH_SINGLE ? 8 : 16)
           << ketch_state_qubits(state);
}

/* Runs circuit on |0...0>; the caller drops the state. */
static inline ketch_state *run_circuit(const ketch_circuit *circuit, const run_way *way)
{
    ketch_engine *const engine = make_engine(way->threads);
    ketch_program *const program = make_program(circuit, way);
    ketch_state *const state = make_state(engine, ketch_circuit_qubits(circuit), way->precision);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));
    ketch_result_destroy(result);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    return state;
}

#endif
