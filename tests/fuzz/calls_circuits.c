/* Calls that make circuits: by functions, by values for parameters, and from text. */
#include "calls.h"

#include <complex.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

/* ---- circuits ---- */

static void add_parameters(session *s, ketch_circuit *circuit)
{
    GOOD(s, ketch_circuit_add_parameters(circuit, PARAMETERS, &s->error));
    FUZZ_REQUIRE(ketch_circuit_parameters(circuit) == PARAMETERS);
}

static void take_circuit(session *s, ketch_circuit *circuit)
{
    ketch_circuit_destroy(s->circuit);
    s->circuit = circuit;
}

void calls_replace_circuit(session *s)
{
    ketch_circuit *made = NULL;
    const int32_t qubits = 1 + fuzz_below(&s->input, DENSE_QUBITS);
    const int32_t byte = fuzz_byte(&s->input), bits = byte % 6, more = byte / 6 % 4;
    GOOD(s, ketch_circuit_create(&made, qubits, bits, &s->error));
    add_parameters(s, made);
    if (more)
        GOOD(s, ketch_circuit_add_register(made, "d", more, &s->error));
    FUZZ_REQUIRE(ketch_circuit_qubits(made) == qubits && ketch_circuit_bits(made) == bits + more);
    take_circuit(s, made);
}

/* Both circuits do the same where there is room for all branches. */
static void require_alike(const ketch_circuit *a, const double *a_values, const ketch_circuit *b)
{
    static dense first, second;
    dense_begin(&first, ketch_circuit_qubits(a), NULL);
    dense_begin(&second, ketch_circuit_qubits(b), NULL);
    const bool fits = dense_apply(&first, a, a_values);
    FUZZ_REQUIRE(dense_apply(&second, b, NULL) == fits);
    FUZZ_REQUIRE(!fits || dense_equal(&first, &second));
}

void calls_copy_circuit(session *s)
{
    static const double values[PARAMETERS];
    ketch_circuit *copy = NULL;
    GOOD(s, ketch_circuit_copy(&copy, s->circuit, &s->error));
    FUZZ_REQUIRE(ketch_circuit_steps(copy) == ketch_circuit_steps(s->circuit));
    for (int32_t i = 0; i < 3; i++) {
        int32_t first = -1, size = -1, copied_first = -1, copied_size = -1;
        const char *const name = ketch_circuit_register(s->circuit, i, &first, &size);
        const char *const copied = ketch_circuit_register(copy, i, &copied_first, &copied_size);
        FUZZ_REQUIRE(!name == !copied && (!name || strcmp(name, copied) == 0));
        FUZZ_REQUIRE(first == copied_first && size == copied_size);
    }
    ketch_circuit *bound = NULL;
    GOOD(s, ketch_circuit_bind(&bound, s->circuit, values, PARAMETERS, &s->error));
    require_alike(copy, values, bound);
    ketch_circuit_destroy(bound);
    take_circuit(s, copy);
}

/* Each record can be read, and a repetition is the circuit appended to itself. */
static void repeat_circuit(session *s)
{
    ketch_circuit *repeated = NULL, *twice = NULL;
    const uint64_t length = ketch_circuit_length(s->circuit);
    for (uint64_t i = 0; i < length; i++) {
        ketch_record record = {.size = sizeof record};
        GOOD(s, ketch_circuit_read(s->circuit, i, &record, &s->error));
    }
    GOOD(s, ketch_circuit_repeat(&repeated, s->circuit, 2, &s->error));
    GOOD(s, ketch_circuit_copy(&twice, s->circuit, &s->error));
    GOOD(s, ketch_circuit_condition(twice, 0, 0, 0, &s->error));
    GOOD(s, ketch_circuit_append(twice, twice, NULL, NULL, &s->error));
    FUZZ_REQUIRE(ketch_circuit_equal(repeated, twice) == 1);
    FUZZ_REQUIRE(ketch_circuit_length(twice) == 2 * length);
    ketch_circuit_destroy(repeated);
    ketch_circuit_destroy(twice);
}

/* What has an inverse has powers and controls; under one more control it is the next circuit. */
void calls_transform_circuit(session *s)
{
    ketch_circuit *inverse = NULL, *power = NULL, *controlled = NULL;
    const uint8_t value = fuzz_byte(&s->input) & 1;
    ketch_status status;
    repeat_circuit(s);
    CALL(s, status, ketch_circuit_inverse(&inverse, s->circuit, &s->error));
    FUZZ_REQUIRE(status == KETCH_OK || status == KETCH_GATE);
    if (status == KETCH_GATE)
        return;
    GOOD(s, ketch_circuit_power(&power, s->circuit, -1, &s->error));
    FUZZ_REQUIRE(ketch_circuit_equal(power, inverse) == 1);
    ketch_circuit_destroy(power);
    ketch_circuit_destroy(inverse);
    if (ketch_circuit_qubits(s->circuit) == DENSE_QUBITS)
        return;
    GOOD(s, ketch_circuit_control(&controlled, s->circuit, 1, &value, &s->error));
    take_circuit(s, controlled);
}

/* A circuit with values does what the circuit does with these values. */
void calls_bind_circuit(session *s)
{
    double values[PARAMETERS];
    ketch_circuit *bound = NULL;
    for (int i = 0; i < PARAMETERS; i++)
        values[i] = calls_angle(s);
    GOOD(s, ketch_circuit_bind(&bound, s->circuit, values, PARAMETERS, &s->error));
    FUZZ_REQUIRE(ketch_circuit_parameters(bound) == 0);
    require_alike(s->circuit, values, bound);
    add_parameters(s, bound);
    take_circuit(s, bound);
}

/* ---- gates ---- */

/* Different qubits in an order that one byte chooses; more than there are begin anew, so that some
 * gates must be refused. */
static void take_qubits(session *s, int32_t *qubits, int count)
{
    const int32_t all = ketch_circuit_qubits(s->circuit);
    const uint8_t byte = fuzz_byte(&s->input);
    const int32_t step = byte & 0x80 ? all - 1 : 1;
    for (int i = 0; i < count; i++)
        qubits[i] = (byte % all + i * (step ? step : 1)) % all;
}

/* Further controls, of which there may be none. */
typedef struct controls {
    int32_t count, qubits[2];
    uint8_t values[2];
} controls;

/* The qubits of something on `own` qubits, and its controls. */
static controls take_controlled(session *s, int32_t *qubits, int own)
{
    int32_t all[16];
    controls c = {.count = fuzz_below(&s->input, 3)};
    take_qubits(s, all, own + c.count);
    memcpy(qubits, all, (size_t)own * sizeof *qubits);
    for (int i = 0; i < c.count; i++) {
        c.qubits[i] = all[own + i];
        c.values[i] = fuzz_byte(&s->input) & 1;
    }
    return c;
}

static ketch_gate take_gate(session *s)
{
    const ketch_gate gate = (ketch_gate)(fuzz_byte(&s->input) % KETCH_GATE_UNITARY);
    FUZZ_REQUIRE(ketch_gate_find(ketch_gate_name(gate)) == (int32_t)gate);
    return gate;
}

void calls_add_gate(session *s)
{
    int32_t qubits[8];
    double params[4];
    const ketch_gate gate = take_gate(s);
    const controls c = take_controlled(s, qubits, ketch_gate_qubits(gate));
    for (int i = 0; i < ketch_gate_params(gate); i++)
        params[i] = calls_angle(s);
    const uint64_t steps = ketch_circuit_steps(s->circuit);
    ketch_status status;
    if (c.count == 0)
        CALL(s, status, ketch_circuit_gate(s->circuit, gate, qubits, params, &s->error));
    else
        CALL(s, status,
             ketch_circuit_controlled(s->circuit, gate, qubits, params, c.count, c.qubits, c.values,
                                      &s->error));
    FUZZ_REQUIRE(ketch_circuit_steps(s->circuit) == steps + (status == KETCH_OK));
}

void calls_add_parametric(session *s)
{
    int32_t qubits[8];
    ketch_angle angles[4];
    static const ketch_term term = {.parameter = PARAMETERS - 1, .factor = -0.5};
    const ketch_gate gate = take_gate(s);
    const controls c = take_controlled(s, qubits, ketch_gate_qubits(gate));
    for (int i = 0; i < ketch_gate_params(gate); i++)
        angles[i] = (ketch_angle){.parameter = fuzz_below(&s->input, PARAMETERS + 1) - 1,
                                  .factor = fuzz_byte(&s->input) / 64.0,
                                  .offset = calls_angle(s),
                                  .terms = &term};
    for (int i = 0; i < ketch_gate_params(gate); i++)
        angles[i].term_count = fmod(angles[i].factor, 0.125) > 0.0625;
    const uint64_t steps = ketch_circuit_steps(s->circuit);
    ketch_status status;
    CALL(s, status,
         ketch_circuit_parametric(s->circuit, gate, qubits, angles, c.count, c.qubits, c.values,
                                  &s->error));
    FUZZ_REQUIRE(ketch_circuit_steps(s->circuit) == steps + (status == KETCH_OK));
}

/* Up to four gates in one call: all or none. */
void calls_add_gates(session *s)
{
    int32_t gates[4], qubits[4 * 8];
    double params[4 * 4];
    uint64_t qubit_count = 0, param_count = 0;
    const int32_t count = 1 + fuzz_below(&s->input, 4);
    for (int32_t i = 0; i < count; i++) {
        const ketch_gate gate = take_gate(s);
        gates[i] = (int32_t)gate;
        take_qubits(s, qubits + qubit_count, ketch_gate_qubits(gate));
        qubit_count += (uint64_t)ketch_gate_qubits(gate);
        for (int32_t k = 0; k < ketch_gate_params(gate); k++)
            params[param_count++] = calls_angle(s);
    }
    const uint64_t steps = ketch_circuit_steps(s->circuit);
    ketch_status status;
    CALL(s, status,
         ketch_circuit_gates(s->circuit, (uint64_t)count, gates, qubits, qubit_count, params,
                             param_count, &s->error));
    FUZZ_REQUIRE(ketch_circuit_steps(s->circuit) == steps + (status ? 0 : (uint64_t)count));
}

/* ---- matrices ---- */

void calls_add_diagonal(session *s)
{
    double complex diagonal[8];
    int32_t qubits[8];
    const int32_t count = 1 + fuzz_below(&s->input, 3);
    const controls c = take_controlled(s, qubits, count);
    for (int32_t i = 0; i < 1 << count; i++)
        diagonal[i] = cexp(calls_angle(s) * I);
    ketch_status status;
    CALL(s, status,
         ketch_circuit_diagonal(s->circuit, count, qubits, (double *)diagonal, 0, c.count, c.qubits,
                                c.values, &s->error));
}

/* A rotation of two rows in the middle of a diagonal. */
void calls_add_unitary(session *s)
{
    double complex matrix[64] = {0};
    int32_t qubits[8];
    const int32_t count = 1 + fuzz_below(&s->input, 3), rows = 1 << count;
    const controls c = take_controlled(s, qubits, count);
    for (int32_t i = 0; i < rows; i++)
        matrix[i * (rows + 1)] = cexp(calls_angle(s) * I);
    const int32_t a = fuzz_below(&s->input, rows), b = fuzz_below(&s->input, rows);
    if (a != b) {
        const double angle = calls_angle(s);
        matrix[a * rows + a] = matrix[b * rows + b] = cos(angle);
        matrix[a * rows + b] = sin(angle);
        matrix[b * rows + a] = -sin(angle);
    }
    ketch_status status;
    CALL(s, status,
         ketch_circuit_unitary(s->circuit, count, qubits, (double *)matrix, 0, c.count, c.qubits,
                               c.values, &s->error));
}

/* ---- permutations, multiplexers, Pauli rotations, states ---- */

void calls_add_table(session *s)
{
    uint64_t table[8];
    int32_t qubits[8];
    const int32_t count = 1 + fuzz_below(&s->input, 3);
    const controls c = take_controlled(s, qubits, count);
    for (int32_t i = 0; i < 1 << count; i++) {
        const int32_t other = fuzz_below(&s->input, i + 1);
        table[i] = table[other];
        table[other] = (uint64_t)i;
    }
    ketch_status status;
    CALL(s, status,
         ketch_circuit_permutation(s->circuit, count, qubits, table, c.count, c.qubits, c.values,
                                   &s->error));
}

/* Rotations, phases and matrices that do nothing. */
void calls_add_choices(session *s)
{
    double complex matrices[4 * 4];
    int32_t qubits[8];
    const int32_t count = fuzz_below(&s->input, 3);
    const controls c = take_controlled(s, qubits, 1 + count);
    for (int32_t i = 0; i < 1 << count; i++) {
        double complex *const m = matrices + 4 * i;
        const int32_t kind = fuzz_below(&s->input, 3);
        const double angle = kind ? calls_angle(s) : 0;
        m[0] = kind == 1 ? cos(angle) : 1;
        m[1] = kind == 1 ? -sin(angle) : 0;
        m[2] = kind == 1 ? sin(angle) : 0;
        m[3] = kind == 1 ? cos(angle) : cexp(angle * I);
    }
    ketch_status status;
    CALL(s, status,
         ketch_circuit_multiplexer(s->circuit, qubits[0], count, qubits + 1, (double *)matrices, 0,
                                   c.count, c.qubits, c.values, &s->error));
}

void calls_add_pauli(session *s)
{
    char letters[8] = "";
    int32_t qubits[8];
    const int32_t count = 1 + fuzz_below(&s->input, DENSE_QUBITS);
    const controls c = take_controlled(s, qubits, count);
    const ketch_angle angle = {.parameter = fuzz_below(&s->input, PARAMETERS + 1) - 1,
                               .factor = fuzz_byte(&s->input) / 64.0,
                               .offset = calls_angle(s)};
    for (int32_t i = 0; i < count; i++)
        letters[i] = "IXYZ"[fuzz_below(&s->input, 4)];
    ketch_status status;
    CALL(s, status,
         ketch_circuit_pauli_rotation(s->circuit, &angle, count, qubits, letters, c.count, c.qubits,
                                      c.values, &s->error));
}

/* A ket, or a vector of a few angles. */
void calls_initialize(session *s)
{
    double vector[16], norm = 0;
    char ket[4] = "";
    int32_t qubits[4];
    const int32_t count = 1 + fuzz_below(&s->input, 3);
    const bool is_ket = fuzz_byte(&s->input) & 1;
    take_qubits(s, qubits, count);
    for (int32_t i = 0; i < count && is_ket; i++)
        ket[i] = "01+-"[fuzz_below(&s->input, 4)];
    for (int32_t i = 0; i < 2 << count; i++) {
        vector[i] = i ? sin(calls_angle(s)) : 1;
        norm = hypot(norm, vector[i]);
    }
    for (int32_t i = 0; i < 2 << count; i++)
        vector[i] /= norm;
    ketch_status status;
    if (is_ket)
        CALL(s, status, ketch_circuit_initialize_ket(s->circuit, count, qubits, ket, &s->error));
    else
        CALL(s, status, ketch_circuit_initialize(s->circuit, count, qubits, vector, &s->error));
}

/* ---- measurements, resets, conditions, fences, barriers ---- */

void calls_add_event(session *s)
{
    int32_t qubits[2];
    const uint8_t kind = fuzz_byte(&s->input) % 5, first = fuzz_byte(&s->input);
    const int32_t second = fuzz_below(&s->input, 8);
    ketch_status status;
    if (kind == 0)
        CALL(s, status, ketch_circuit_measure(s->circuit, first % 8, second, &s->error));
    else if (kind == 1)
        CALL(s, status, ketch_circuit_reset(s->circuit, first % 8, &s->error));
    else if (kind == 2)
        CALL(s, status,
             ketch_circuit_condition(s->circuit, first & 3, first >> 2 & 3, (uint64_t)second,
                                     &s->error));
    else if (kind == 3)
        CALL(s, status, ketch_circuit_fence(s->circuit, &s->error));
    else {
        take_qubits(s, qubits, 2);
        CALL(s, status, ketch_circuit_barrier(s->circuit, second % 3, qubits, &s->error));
    }
}

/* ---- text ---- */

/* A text as it is written, and a circuit that should be the same. */
typedef struct written {
    char text[4096];
    size_t length;
    ketch_circuit *twin;
    int32_t qubits, bits;
} written;

__attribute__((format(printf, 2, 3))) static void write_text(written *w, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    w->length +=
        (size_t)vsnprintf(w->text + w->length, sizeof w->text - w->length, format, arguments);
    va_end(arguments);
    FUZZ_REQUIRE(w->length < sizeof w->text);
}

/* Of those that qelib1.inc has. */
static const ketch_gate text_gates[] = {
    KETCH_GATE_H,  KETCH_GATE_X,  KETCH_GATE_T,   KETCH_GATE_SX,  KETCH_GATE_RX,   KETCH_GATE_RZ,
    KETCH_GATE_U3, KETCH_GATE_CX, KETCH_GATE_CU1, KETCH_GATE_RZZ, KETCH_GATE_SWAP, KETCH_GATE_CRY};

static void write_gate(session *s, written *w)
{
    int32_t qubits[2];
    double params[4];
    ketch_gate gate = text_gates[fuzz_byte(&s->input) % (sizeof text_gates / sizeof *text_gates)];
    if (calls_two_qubits(qubits, s, w->qubits) < ketch_gate_qubits(gate))
        gate = KETCH_GATE_Y;
    write_text(w, "%s", ketch_gate_name(gate));
    for (int i = 0; i < ketch_gate_params(gate); i++) {
        params[i] = calls_angle(s);
        write_text(w, "%c%.17g", i ? ',' : '(', params[i]);
    }
    write_text(w, "%s q[%d]", ketch_gate_params(gate) ? ")" : "", qubits[0]);
    if (ketch_gate_qubits(gate) == 2)
        write_text(w, ",q[%d]", qubits[1]);
    write_text(w, ";");
    FUZZ_REQUIRE(ketch_circuit_gate(w->twin, gate, qubits, params, NULL) == KETCH_OK);
}

/* What a condition that the register cannot meet says is left out of the twin. */
static void write_condition(session *s, written *w)
{
    const uint64_t value = fuzz_byte(&s->input) % 32;
    const int32_t qubit = fuzz_below(&s->input, w->qubits);
    write_text(w, "if(c==%d) x q[%d];", (int)value, qubit);
    if (value >> w->bits)
        return;
    FUZZ_REQUIRE(ketch_circuit_condition(w->twin, 0, w->bits, value, NULL) == KETCH_OK);
    FUZZ_REQUIRE(ketch_x(w->twin, qubit, NULL) == KETCH_OK);
    FUZZ_REQUIRE(ketch_circuit_condition(w->twin, 0, 0, 0, NULL) == KETCH_OK);
}

static void write_event(session *s, written *w)
{
    const uint8_t kind = fuzz_byte(&s->input) % 4;
    const int32_t qubit = fuzz_below(&s->input, w->qubits), bit = fuzz_below(&s->input, w->bits);
    ketch_status status;
    if (kind == 0) {
        write_text(w, "reset q[%d];", qubit);
        status = ketch_circuit_reset(w->twin, qubit, NULL);
    } else if (kind == 1) {
        write_text(w, "barrier q[%d];", qubit);
        status = ketch_circuit_barrier(w->twin, 1, &qubit, NULL);
    } else {
        write_text(w, "measure q[%d] -> c[%d];", qubit, bit);
        status = ketch_circuit_measure(w->twin, qubit, bit, NULL);
    }
    FUZZ_REQUIRE(status == KETCH_OK);
}

static void write_statements(session *s, written *w)
{
    write_text(w, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[%d];creg c[%d];\n", w->qubits,
               w->bits);
    for (int32_t left = 1 + fuzz_below(&s->input, 20); left > 0; left--) {
        const uint8_t kind = fuzz_byte(&s->input) % 4;
        if (kind == 0)
            write_condition(s, w);
        else if (kind == 1)
            write_event(s, w);
        else
            write_gate(s, w);
    }
}

/* A text and the calls that it stands for make circuits that do the same. */
void calls_parse_text(session *s)
{
    static written w;
    const ketch_parse_options options = {.size = sizeof options, .limit = STEPS_MOST};
    ketch_circuit *parsed = NULL;
    w = (written){.qubits = 1 + fuzz_below(&s->input, DENSE_QUBITS),
                  .bits = 1 + fuzz_below(&s->input, 4)};
    GOOD(s, ketch_circuit_create(&w.twin, w.qubits, w.bits, &s->error));
    write_statements(s, &w);
    GOOD(s, ketch_circuit_parse(&parsed, w.text, w.length, &options, &s->error));
    require_alike(w.twin, NULL, parsed);
    ketch_circuit_destroy(w.twin);
    add_parameters(s, parsed);
    take_circuit(s, parsed);
}
