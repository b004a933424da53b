#define _GNU_SOURCE
#include "bits_groups.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>

/* ---- circuits of all kinds ---- */

static void record_families(const recorder *r, int32_t least, int32_t most)
{
    for (int f = 0; f < MAKER_FAMILIES; f++)
        for (int32_t q = least; q <= most; q++) {
            const char *const family = maker_families[f].name;
            record_circuit(r, name("%s-%d", family, q).text, maker_family_circuit(family, q));
        }
}

static void record_random(const recorder *r, int32_t least, int32_t most)
{
    for (int32_t q = least; q <= most; q++) {
        uint64_t hash = BITS_OF_NOTHING;
        for (uint64_t seed = 1; seed <= 4; seed++) {
            maker m = maker_random(q, 30, seed);
            hash = hash_circuit(hash, r, m.circuit, NULL);
            ketch_circuit_destroy(m.circuit);
        }
        record(r, name("random-%d", q).text, hash);
    }
}

void bits_of_medium(const recorder *r)
{
    record_families(r, 9, 14);
    record_random(r, 9, 13);
}

void bits_of_small(const recorder *r)
{
    record_families(r, 2, 5);
    record_random(r, 1, 8);
}

void bits_of_large(const recorder *r)
{
    record_circuit(r, "ansatz-17", maker_family_circuit("ansatz", 17));
    record_circuit(r, "random-16", maker_random(16, 60, 5).circuit);
    record_circuit(r, "rcx-18", maker_family_circuit("rcx", 18));
    record_circuit(r, "qft-18", maker_family_circuit("qft", 18));
    record_circuit(r, "rcx-20", maker_family_circuit("rcx", 20));
    record_circuit(r, "volume-17", maker_family_circuit("volume", 17));
}

/* Each gate beside others, bare, under one control, and under two. */
void bits_of_gates(const recorder *r)
{
    for (int32_t g = 0; g < KETCH_GATE_UNITARY; g++) {
        const ketch_gate gate = (ketch_gate)g;
        uint64_t hash = BITS_OF_NOTHING;
        for (int32_t controls = 0; controls <= 2; controls++) {
            int32_t qubits[8];
            maker m = maker_random(9, 0, 10 + (uint64_t)controls);
            const maker_controls c =
                maker_choose_controls(&m, qubits, ketch_gate_qubits(gate), controls);
            maker_gate(&m, gate, qubits, NULL, &c);
            maker_layer(&m);
            hash = hash_circuit(hash, r, m.circuit, NULL);
            ketch_circuit_destroy(m.circuit);
        }
        record(r, ketch_gate_name(gate), hash);
    }
}

typedef void add_matrix(maker *m, int32_t count, const int32_t *qubits, const maker_controls *c);

/* Matrices alike, bare, under one control, and under two. */
static uint64_t hash_matrices(const recorder *r, add_matrix *add, int32_t count)
{
    uint64_t hash = BITS_OF_NOTHING;
    for (int32_t controls = 0; controls <= 2; controls++) {
        int32_t qubits[16];
        maker m = maker_random(12, 0, 20 + (uint64_t)controls);
        const maker_controls c = maker_choose_controls(&m, qubits, count, controls);
        add(&m, count, qubits, &c);
        maker_layer(&m);
        hash = hash_circuit(hash, r, m.circuit, NULL);
        ketch_circuit_destroy(m.circuit);
    }
    return hash;
}

/* Matrices that are not unitary, and barriers. */
static ketch_circuit *make_rough(int32_t qubits)
{
    maker m = maker_random(qubits, 5, 21);
    for (int32_t q = 0; q < qubits; q++) {
        double matrix[8];
        for (int i = 0; i < 8; i++)
            matrix[i] = (double)maker_draw(&m, 9) / 8;
        GOOD(ketch_circuit_unitary(m.circuit, 1, &q, matrix, 100, 0, NULL, NULL, &error));
        GOOD(ketch_circuit_barrier(m.circuit, q % 2, &q, &error));
        maker_random_gates(&m, 1);
    }
    return m.circuit;
}

/* A layer, and then the highest `count` qubits in a state of random amplitudes. */
static ketch_circuit *make_prepared(int32_t qubits, int32_t count)
{
    double amplitudes[64];
    int32_t wires[5];
    maker m = maker_random(qubits, 5, 22);
    double square = 0;
    for (int i = 0; i < 2 << count; i++) {
        amplitudes[i] = (double)maker_draw(&m, 1024) / 1024;
        square += amplitudes[i] * amplitudes[i];
    }
    for (int i = 0; i < 2 << count; i++)
        amplitudes[i] /= sqrt(square);
    for (int32_t i = 0; i < count; i++)
        wires[i] = qubits - 1 - i;
    GOOD(ketch_circuit_initialize(m.circuit, count, wires, amplitudes, &error));
    return m.circuit;
}

void bits_of_matrices(const recorder *r)
{
    for (int32_t k = 1; k <= KETCH_UNITARY_QUBITS_MAX; k++)
        record(r, name("unitary-%d", k).text, hash_matrices(r, maker_unitary, k));
    for (int32_t k = 1; k <= KETCH_DIAGONAL_QUBITS_MAX; k++)
        record(r, name("diagonal-%d", k).text, hash_matrices(r, maker_diagonal, k));
    for (int32_t k = 2; k <= 8; k += 3)
        record(r, name("permutation-%d", k).text, hash_matrices(r, maker_permutation, k));
    for (int32_t k = 1; k <= 7; k += 3)
        record(r, name("multiplexer-%d", k).text, hash_matrices(r, maker_multiplexer, k));
    for (int32_t k = 3; k <= 9; k += 3)
        record(r, name("pauli_rotation-%d", k).text, hash_matrices(r, maker_pauli_rotation, k));
    record_circuit(r, "prepared-7", make_prepared(7, 5));
    record_circuit(r, "rough-10", make_rough(10));
    record_circuit(r, "rough-4", make_rough(4));
}

/* ---- plans of circuits too large to run here ---- */

void bits_of_plans(const recorder *r)
{
    for (int f = 0; f < MAKER_FAMILIES; f++)
        for (int32_t q = 19; q <= 31; q += 3) {
            const char *const family = maker_families[f].name;
            ketch_circuit *const circuit = maker_family_circuit(family, q);
            ketch_program *const program = make_program(circuit, &r->way);
            record_plan(r, name("%s-%d", family, q).text, program);
            ketch_program_drop(program);
            ketch_circuit_destroy(circuit);
        }
}

/* ---- other ways to plan ---- */

typedef struct other_way {
    const char *name;
    int32_t tile, run_bits, plain;
    uint64_t fence_every;
} other_way;

static void record_other_ways(const recorder *r, const char *text, ketch_circuit *circuit)
{
    static const other_way ways[] = {{.name = "fences", .fence_every = 7},
                                     {.name = "plain", .plain = 1},
                                     {.name = "tile-7-5", .tile = 7, .run_bits = 5},
                                     {.name = "tile-8-2", .tile = 8, .run_bits = 2},
                                     {.name = "tile-9", .tile = 9},
                                     {.name = "tile-7-plain", .tile = 7, .plain = 1},
                                     {.name = "tile-7-fences", .tile = 7, .fence_every = 7}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        recorder other = *r;
        ketch_circuit *copy = NULL;
        GOOD(ketch_circuit_copy(&copy, circuit, &error));
        other.way.tile = ways[i].tile;
        other.way.run_bits = ways[i].run_bits;
        other.way.plain = ways[i].plain;
        other.way.fence_every = ways[i].fence_every;
        record_circuit(&other, name("%s-%s", text, ways[i].name).text, copy);
    }
    ketch_circuit_destroy(circuit);
}

void bits_of_ways(const recorder *r)
{
    record_other_ways(r, "random-10", maker_random(10, 40, 31).circuit);
    record_other_ways(r, "ansatz-11", maker_family_circuit("ansatz", 11));
    record_other_ways(r, "ising-12", maker_family_circuit("ising", 12));
    record_other_ways(r, "volume-9", maker_family_circuit("volume", 9));
    record_other_ways(r, "random-4", maker_random(4, 40, 32).circuit);
}

/* ---- where a run begins ---- */

void bits_of_kets(const recorder *r)
{
    static const char *const kets[] = {
        "1",          "+",          "-+",         "+01-",      "0-+1-",         "+-01+-01+-",
        "1111100000", "++++++++++", "0000000001", "-+0011+-1", "-+0011+-10-0+1"};
    for (size_t i = 0; i < sizeof kets / sizeof *kets; i++) {
        const int32_t qubits = (int32_t)strlen(kets[i]);
        maker m = maker_random(qubits, 20, 40);
        ketch_state *const state = record_state(r, qubits, kets[i]);
        ketch_program *const program = make_program(m.circuit, &r->way);
        record(r, name("%s", kets[i]).text, hash_state(BITS_OF_NOTHING, state));
        record(r, name("%s-run", kets[i]).text,
               hash_run(BITS_OF_NOTHING, r, program, kets[i], NULL));
        ketch_program_drop(program);
        ketch_state_drop(state);
        ketch_circuit_destroy(m.circuit);
    }
}

void bits_of_given(const recorder *r)
{
    static const wish nothing;
    for (int32_t q = 3; q <= 14; q += q == 3 ? 7 : 4)
        for (int single = 0; single < 2; single++) {
            maker m = maker_random(q, 20, 50);
            ketch_state *const state = record_given_state(r, q, 51, single);
            ketch_program *const program = make_program(m.circuit, &r->way);
            const char *const from = single ? "single" : "double";
            record(r, name("%s-%d", from, q).text, hash_state(BITS_OF_NOTHING, state));
            ketch_result_destroy(record_run(r, program, state, &nothing, NULL));
            record(r, name("%s-%d-run", from, q).text, hash_state(BITS_OF_NOTHING, state));
            ketch_program_drop(program);
            ketch_state_drop(state);
            ketch_circuit_destroy(m.circuit);
        }
}

/* ---- parameters ---- */

enum { PARAMETERS = 6 };

static const double values_of_parameters[2][PARAMETERS] = {
    {0.3, -1.25, 2.5, 0, 1e-9, 3.14159265358979323846}, {-0.7, 0.5, 0.125, 1.5, -2, 0.1}};

static void add_open_gate(maker *m, ketch_gate gate, int32_t qubit, int count)
{
    const ketch_angle angle = {.parameter = (int32_t)maker_draw(m, PARAMETERS),
                               .factor = count % 3 == 0 ? 2 : 1,
                               .offset = count % 4 == 0 ? 0.25 : 0};
    const int32_t pair[2] = {qubit, (qubit + 1) % m->qubits};
    const uint8_t value = (uint8_t)maker_draw(m, 2);
    const int32_t control = (qubit + 2) % m->qubits;
    const int32_t controls = m->qubits > 2 && count % 5 == 0 ? 1 : 0;
    GOOD(ketch_circuit_parametric(m->circuit, gate, pair, &angle, controls, &control, &value,
                                  &error));
}

/* An ansatz whose angles are open. */
static ketch_circuit *make_open(int32_t qubits)
{
    static const ketch_gate gates[] = {KETCH_GATE_RY, KETCH_GATE_RZ,  KETCH_GATE_RX, KETCH_GATE_RZZ,
                                       KETCH_GATE_P,  KETCH_GATE_RXX, KETCH_GATE_CRZ};
    maker m = maker_open(qubits, 0, 60);
    GOOD(ketch_circuit_add_parameters(m.circuit, PARAMETERS, &error));
    for (int layer = 0; layer < 4; layer++) {
        for (int32_t q = 0; q < qubits; q++) {
            add_open_gate(&m, gates[layer % 2], q, layer);
            add_open_gate(&m, gates[maker_draw(&m, 7)], q, q + 1);
        }
        for (int32_t q = 0; q + 1 < qubits; q++)
            GOOD(ketch_cx(m.circuit, q, q + 1, &error));
    }
    return m.circuit;
}

static ketch_gate draw_open_gate(maker *m)
{
    ketch_gate gate = KETCH_GATE_ID;
    while (ketch_gate_params(gate) == 0 || ketch_gate_qubits(gate) > m->qubits)
        gate = (ketch_gate)maker_draw(m, MAKER_GATES);
    return gate;
}

/* Gates of any kind with angles open or not, among gates without angles. */
static ketch_circuit *make_open_random(int32_t qubits)
{
    maker m = maker_open(qubits, 0, 61);
    GOOD(ketch_circuit_add_parameters(m.circuit, PARAMETERS, &error));
    for (int i = 0; i < 60; i++) {
        const ketch_gate gate = draw_open_gate(&m);
        int32_t chosen[8];
        ketch_angle angles[4];
        for (int k = 0; k < 4; k++)
            angles[k] = (ketch_angle){.parameter = (int32_t)maker_draw(&m, PARAMETERS + 1) - 1,
                                      .factor = i % 2 ? 1 : -0.5,
                                      .offset = k % 2 ? 0.75 : 0};
        maker_choose(&m, chosen, ketch_gate_qubits(gate));
        GOOD(ketch_circuit_parametric(m.circuit, gate, chosen, angles, 0, NULL, NULL, &error));
        maker_random_gates(&m, i % 4 == 0);
        GOOD(ketch_x(m.circuit, (int32_t)maker_draw(&m, (uint64_t)qubits), &error));
        if (i % 3 == 0)
            GOOD(ketch_cx(m.circuit, i % qubits, (i + 1) % qubits, &error));
    }
    return m.circuit;
}

/* Bound to these values and run, to those, and to these again; and the values put in first. Ends
 * the circuit. */
static void record_bindings(const recorder *r, const char *text, ketch_circuit *circuit)
{
    ketch_program *const program = make_program(circuit, &r->way);
    ketch_program *bound = NULL;
    ketch_circuit *closed = NULL;
    for (int i = 0; i < 3; i++) {
        GOOD(ketch_program_bind(&bound, program, values_of_parameters[i % 2], PARAMETERS, &error));
        record(r, name("%s-program-%d", text, i).text,
               hash_run(BITS_OF_NOTHING, r, bound, NULL, NULL));
    }
    record_plan(r, text, bound);
    GOOD(ketch_circuit_bind(&closed, circuit, values_of_parameters[0], PARAMETERS, &error));
    record(r, name("%s-circuit", text).text, hash_circuit(BITS_OF_NOTHING, r, closed, NULL));
    ketch_circuit_destroy(closed);
    ketch_program_drop(bound);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
}

void bits_of_parameters(const recorder *r)
{
    static const int32_t sizes[] = {2, 4, 8, 10, 13};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const int32_t q = sizes[i];
        record_bindings(r, name("ansatz-%d", q).text, make_open(q));
        record_bindings(r, name("random-%d", q).text, make_open_random(q));
    }
}

/* ---- circuits in files ---- */

static int is_text(const struct dirent *entry)
{
    const char *const end = strrchr(entry->d_name, '.');
    return end && strcmp(end, ".qasm") == 0;
}

static ketch_circuit *read_circuit(const char *folder, const char *file)
{
    static char text[1 << 16];
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *const from = fopen(path, "r");
    ck_assert_msg(from != NULL, "no %s", path);
    const size_t length = fread(text, 1, sizeof text, from);
    ck_assert_uint_lt(length, sizeof text);
    fclose(from);
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_parse(&circuit, text, length, NULL, &error));
    return circuit;
}

/* Those in tests/qasm, run once. */
void bits_of_files(const recorder *r)
{
    static const wish once = {.seed = 65};
    const char *const source = getenv("abs_srcdir");
    const label folder = name("%s/tests/qasm", source ? source : ".");
    struct dirent **entries = NULL;
    const int count = scandir(folder.text, &entries, is_text, alphasort);
    ck_assert_int_gt(count, 0);
    for (int i = 0; i < count; i++) {
        ketch_circuit *const circuit = read_circuit(folder.text, entries[i]->d_name);
        record(r, entries[i]->d_name, hash_circuit(BITS_OF_NOTHING, r, circuit, &once));
        ketch_circuit_destroy(circuit);
        free(entries[i]);
    }
    free(entries);
}
