/* Circuits as jobs: once with fences, shots drawn from one run with observables, and shots that are
 * runs of their own. */
#include "contract.h"
#include "reference.h"
#include "runs.h"

enum { QUBITS = 9, BITS = 4, DRAWN_SHOTS = 300, DYNAMIC_SHOTS = 3, GATES = 24 };

/* What the runs of one kind share. */
typedef struct circuit_setup {
    ketch_program *program;
    ketch_shots shots;
    ketch_observable observables[5];
    int32_t qubits[BITS];
    uint64_t masks[3], x_masks[3];
    double coefficients[3];
} circuit_setup;

static circuit_setup *set_up(const ketch_circuit *circuit, uint64_t fence_every)
{
    circuit_setup *const made = calloc(1, sizeof *made);
    const run_way way = {.precision = KETCH_DOUBLE, .tile = 6, .fence_every = fence_every};
    made->program = make_program(circuit, &way);
    made->shots = (ketch_shots){.size = sizeof made->shots, .seed = 7};
    return made;
}

void contract_close_circuit(void *shared)
{
    circuit_setup *const c = shared;
    ketch_program_drop(c->program);
    free(c);
}

static void add_gates(twin *t, int count)
{
    for (int i = 0; i < count; i++)
        twin_random_gate(t);
}

/* A gate, where it is given, or a reset that has nothing to do; then a reset and random gates. */
static circuit_setup *open_reset(ketch_status (*gate)(ketch_circuit *, int32_t, ketch_error *))
{
    twin t = twin_create(QUBITS, BITS, 3);
    GOOD(gate ? gate(t.circuit, 4, &error) : ketch_circuit_reset(t.circuit, 0, &error));
    GOOD(ketch_circuit_reset(t.circuit, 4, &error));
    add_gates(&t, GATES - 2);
    for (int32_t bit = 0; bit < BITS; bit++)
        GOOD(ketch_circuit_measure(t.circuit, bit, bit, &error));
    circuit_setup *const made = set_up(t.circuit, 7);
    twin_destroy(&t);
    return made;
}

static void *open_circuit(void)
{
    return open_reset(NULL);
}

/* A norm, two probabilities, a sum of three terms of Z, one of Pauli terms, and its variance. */
static void observe(circuit_setup *c)
{
    const int32_t qubits[BITS] = {3, 8, 0, 5};
    const uint64_t masks[3] = {5, 256, 0}, x_masks[3] = {4, 0, 257};
    const double coefficients[3] = {0.5, -1, 0.25};
    memcpy(c->qubits, qubits, sizeof qubits);
    memcpy(c->masks, masks, sizeof masks);
    memcpy(c->x_masks, x_masks, sizeof x_masks);
    memcpy(c->coefficients, coefficients, sizeof coefficients);
    const size_t size = sizeof *c->observables;
    c->observables[0] = (ketch_observable){.size = size, .kind = KETCH_OBSERVE_NORM};
    c->observables[1] = (ketch_observable){
        .size = size, .kind = KETCH_OBSERVE_PROBABILITIES, .count = 2, .qubits = c->qubits};
    c->observables[2] = (ketch_observable){.size = size,
                                           .kind = KETCH_OBSERVE_Z,
                                           .count = 3,
                                           .masks = c->masks,
                                           .coefficients = c->coefficients};
    c->observables[3] = c->observables[4] = c->observables[2];
    c->observables[3].kind = KETCH_OBSERVE_PAULI;
    c->observables[4].kind = KETCH_OBSERVE_VARIANCE;
    c->observables[3].x_masks = c->observables[4].x_masks = c->x_masks;
    c->shots.observables = c->observables;
    c->shots.observable_count = 5;
}

/* The last pass over memory sums what is observed. */
static void *open_shots(void)
{
    circuit_setup *const made = open_circuit();
    made->shots.shots = DRAWN_SHOTS;
    observe(made);
    return made;
}

/* The state collapses at the end, so that what is observed needs sweeps of its own. After the reset of
 * an uncertain qubit the first pass has all tiles. */
static void *open_observed(void)
{
    circuit_setup *const made = open_reset(ketch_h);
    observe(made);
    return made;
}

/* A measurement in the middle, a reset, a condition and a fence. */
void *contract_open_dynamic(void)
{
    twin t = twin_create(QUBITS, BITS, 5);
    add_gates(&t, GATES / 2);
    GOOD(ketch_circuit_measure(t.circuit, 2, 0, &error));
    GOOD(ketch_circuit_reset(t.circuit, 3, &error));
    GOOD(ketch_circuit_condition(t.circuit, 0, 1, 1, &error));
    add_gates(&t, 2);
    GOOD(ketch_circuit_condition(t.circuit, 0, 0, 0, &error));
    GOOD(ketch_circuit_fence(t.circuit, &error));
    add_gates(&t, GATES / 2);
    GOOD(ketch_circuit_measure(t.circuit, 5, 1, &error));
    circuit_setup *const made = set_up(t.circuit, 0);
    made->shots.shots = DYNAMIC_SHOTS;
    twin_destroy(&t);
    return made;
}

static ketch_status start_circuit(ketch_result **result, const contract_start *s, ketch_error *e)
{
    const circuit_setup *const c = s->shared;
    if (s->begins)
        return ketch_program_begin(result, s->engine, c->program, NULL, &c->shots, s->run, e);
    return ketch_program_run(result, s->engine, c->program, NULL, &c->shots, s->run, e);
}

static ketch_status load_circuit(ketch_result **result, const contract_start *s, const char *path,
                                 ketch_error *e)
{
    const circuit_setup *const c = s->shared;
    return ketch_circuit_load(result, s->engine, c->program, path, e);
}

static ketch_status need_circuit(ketch_need *need, const contract_start *s, ketch_error *e)
{
    const circuit_setup *const c = s->shared;
    return ketch_program_need(need, s->engine, c->program, &c->shots, e);
}

/* Amplitudes, classical bits. */
static uint64_t digest_circuit(const ketch_result *result)
{
    const ketch_state *const state = ketch_circuit_result_state(result);
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    GOOD(ketch_circuit_result_outcomes(&outcomes, result, &error));
    const uint64_t hash = contract_hash(CONTRACT_HASH_START, see_state(state), state_size(state));
    return contract_hash(hash, outcomes.rows, outcomes.shots * outcomes.bits);
}

/* And what was observed. */
static uint64_t digest_observed(const ketch_result *result)
{
    double values[8];
    GOOD(ketch_circuit_result_observed(values, 1, 0, result, &error));
    GOOD(ketch_circuit_result_observed(values + 1, 4, 1, result, &error));
    for (uint64_t i = 2; i < 5; i++)
        GOOD(ketch_circuit_result_observed(values + 3 + i, 1, i, result, &error));
    return contract_hash(digest_circuit(result), values, sizeof values);
}

/* What the jobs of circuits have in common. */
#define OF_CIRCUITS                                                                                \
    .close = contract_close_circuit, .start = start_circuit, .load = load_circuit,                 \
    .need = need_circuit, .type = ketch_circuit_type, .looks = 2

const contract_job contract_circuit = {OF_CIRCUITS, .name = "circuit", .open = open_circuit,
                                       .digest = digest_circuit, .steps = GATES + BITS};

const contract_job contract_shots = {OF_CIRCUITS, .name = "circuit with shots and observables",
                                     .open = open_shots, .digest = digest_observed,
                                     .steps = GATES + BITS};

const contract_job contract_observed = {OF_CIRCUITS, .name = "circuit observed after its collapse",
                                        .open = open_observed, .digest = digest_observed,
                                        .steps = GATES + BITS};

const contract_job contract_dynamic = {OF_CIRCUITS, .name = "dynamic circuit",
                                       .open = contract_open_dynamic, .digest = digest_circuit,
                                       .steps = DYNAMIC_SHOTS * (GATES + 5)};
