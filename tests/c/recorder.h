/* Runs of circuits one way, and hashes of what they leave as lines of a list. What tests of bits
 * ask of programs, runs and results, they ask here. */
#ifndef RECORDER_H
#define RECORDER_H

#include "golden.h"
#include "maker.h"
#include "runs.h"

typedef struct recorder {
    run_way way;
    ketch_engine *engine;
    bits_list *list;
} recorder;

/* What is wanted of a run besides the state. */
typedef struct wish {
    uint64_t shots, seed;
    const ketch_observable *asked;
    uint64_t asked_count;
    uint64_t stop_at; /* stop at each such tick and resume; 0: never */
} wish;

/* Text as a value. */
typedef struct label {
    char text[500];
} label;
label name(const char *format, ...) __attribute__((format(printf, 1, 2)));

recorder recorder_open(const run_way *way, bits_list *list);
void recorder_close(recorder *r);

/* The caller gives up what comes back: a state by ketch_state_drop, a result by
 * ketch_result_destroy. ket NULL: |0...0>. */
ketch_state *record_state(const recorder *r, int32_t qubits, const char *ket);
/* Random amplitudes, of at most 14 qubits, given as numbers of one precision or the other. */
ketch_state *record_given_state(const recorder *r, int32_t qubits, uint64_t seed, bool single);
/* The result of the run on the state, which has ended. stops: how often it stopped; may be NULL. */
ketch_result *record_run(const recorder *r, ketch_program *program, ketch_state *state,
                         const wish *w, int *stops);

/* Hashes of more, as bits_hash. */
uint64_t hash_state(uint64_t before, const ketch_state *state);
uint64_t hash_rows(uint64_t before, const ketch_result *result);
uint64_t hash_counts(uint64_t before, ketch_result *result);
uint64_t hash_observed(uint64_t before, const ketch_result *result, const wish *w);
/* State, rows and observables of a run from the ket. */
uint64_t hash_run(uint64_t before, const recorder *r, ketch_program *program, const char *ket,
                  const wish *w);
/* The same after each fence, of a run that is begun and advanced. */
uint64_t hash_fences(uint64_t before, const recorder *r, ketch_program *program);
/* The same of a circuit, from |0...0>. */
uint64_t hash_circuit(uint64_t before, const recorder *r, const ketch_circuit *circuit,
                      const wish *w);

void record(const recorder *r, const char *name, uint64_t hash);
/* The program's passes, operations, segments, tile and run as numbers. */
void record_plan(const recorder *r, const char *name, const ketch_program *program);
/* A run of the circuit, and its plan. Ends the circuit. */
void record_circuit(const recorder *r, const char *name, ketch_circuit *circuit);

#endif
