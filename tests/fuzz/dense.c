#include "dense.h"
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"

#include <math.h>
#include <string.h>

void dense_begin(dense *d, int32_t qubits, const double complex *amplitudes)
{
    d->qubits = qubits;
    d->count = 1;
    d->branches[0] = (dense_branch){.bits = 0};
    d->branches[0].amplitudes[0] = 1;
    for (size_t i = 0; amplitudes && i < (size_t)1 << qubits; i++)
        d->branches[0].amplitudes[i] = amplitudes[i];
}

/* ---- gates ---- */

/* A gate with its numbers: what it acts on, and a matrix or, where is_diagonal, a diagonal. */
typedef struct dense_gate {
    int count;
    const uint8_t *targets;
    uint64_t controls, values;
    const double complex *matrix;
    bool is_diagonal;
} dense_gate;

static uint64_t spread_row(uint64_t row, const dense_gate *g)
{
    uint64_t index = 0;
    for (int i = 0; i < g->count; i++)
        index |= (row >> i & 1) << g->targets[i];
    return index;
}

static void multiply_rows(long double complex *amplitudes, uint64_t base, const dense_gate *g)
{
    long double complex in[1 << DENSE_QUBITS];
    const uint64_t rows = UINT64_C(1) << g->count;
    for (uint64_t row = 0; row < rows; row++)
        in[row] = amplitudes[base | spread_row(row, g)];
    for (uint64_t row = 0; row < rows; row++) {
        long double complex sum = 0;
        if (g->is_diagonal)
            sum = g->matrix[row] * in[row];
        for (uint64_t k = 0; k < rows && !g->is_diagonal; k++)
            sum += g->matrix[row * rows + k] * in[k];
        amplitudes[base | spread_row(row, g)] = sum;
    }
}

static void multiply_state(const dense *d, long double complex *amplitudes, const dense_gate *g)
{
    const uint64_t all = spread_row(UINT64_MAX, g);
    for (uint64_t base = 0; base < UINT64_C(1) << d->qubits; base++)
        if (!(base & all) && (base & g->controls) == g->values)
            multiply_rows(amplitudes, base, g);
}

static void find_params(double *params, const ketch_circuit *circuit, const ktq_gate *gate,
                        const double *values)
{
    for (int i = 0; i < ktq_gate_spec_of(gate->gate)->params; i++) {
        const size_t index = ktq_gate_angle_index(circuit, gate, i);
        if (index == KT_NONE) {
            params[i] = ktq_gate_params(circuit, gate)[i];
            continue;
        }
        const ketch_angle angle = ktq_circuit_angle_at(circuit, index);
        params[i] = angle.factor * values[angle.parameter] + angle.offset;
        for (uint64_t k = 0; k < angle.term_count; k++)
            params[i] += angle.terms[k].factor * values[angle.terms[k].parameter];
    }
}

/* ---- gates that are given by numbers ---- */

static void write_table(double complex *matrix, size_t rows, const double *table)
{
    for (size_t i = 0; i < rows; i++)
        matrix[(size_t)table[i] * rows + i] = 1;
}

/* The target is the lowest bit. */
static void write_choices(double complex *matrix, size_t rows, const double complex *choices)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t k = 0; k < 2; k++)
            matrix[i * rows + (i & ~(size_t)1) + k] = choices[i / 2 * 4 + i % 2 * 2 + k];
}

/* cos(angle / 2) - i sin(angle / 2) times the product of the letters, 0 I, 1 X, 2 Y, 3 Z. */
static void write_paulis(double complex *matrix, size_t rows, double angle, const double *letters)
{
    for (size_t row = 0; row < rows; row++) {
        size_t column = row;
        double complex entry = 1;
        for (size_t k = 0; rows >> k > 1; k++) {
            const double complex of_y = row >> k & 1 ? I : -I, of_z = row >> k & 1 ? -1 : 1;
            column ^= (size_t)(letters[k] == 1 || letters[k] == 2) << k;
            entry *= letters[k] == 2 ? of_y : letters[k] == 3 ? of_z : 1;
        }
        matrix[row * rows + row] += cos(angle / 2);
        matrix[row * rows + column] += -I * sin(angle / 2) * entry;
    }
}

static void write_given(double complex *matrix, const ketch_circuit *circuit, const ktq_gate *gate,
                        const double *values)
{
    const double *const params = ktq_gate_params(circuit, gate);
    const size_t rows = (size_t)1 << gate->own_count;
    double angle = 0;
    memset(matrix, 0, rows * rows * sizeof *matrix);
    find_params(&angle, circuit, gate, values);
    if (gate->gate == KETCH_GATE_PERMUTATION)
        write_table(matrix, rows, params);
    else if (gate->gate == KETCH_GATE_MULTIPLEXER)
        write_choices(matrix, rows, (const double complex *)params);
    else
        write_paulis(matrix, rows, angle, params + 1);
}

/* ---- any gate ---- */

static bool has_matrix(const ktq_gate *gate)
{
    return gate->gate == KETCH_GATE_UNITARY || gate->gate == KETCH_GATE_DIAGONAL;
}

/* The base of the gate and what controls it. matrix: room for any. */
static dense_gate describe_gate(const ketch_circuit *circuit, const ktq_gate *gate,
                                const double *values, double complex *matrix)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const uint8_t *const own = ktq_gate_qubits(circuit, gate);
    dense_gate g = {.count = gate->own_count, .targets = own};
    if (spec->matrix) {
        double params[8];
        find_params(params, circuit, gate, values);
        spec->matrix(matrix, params);
        g.matrix = matrix;
        g.count -= spec->controls;
        g.targets += spec->controls;
        for (int i = 0; i < spec->controls; i++)
            g.controls |= kt_bit(own[i]);
        g.values = g.controls;
    } else if (!has_matrix(gate)) {
        write_given(matrix, circuit, gate, values);
        g.matrix = matrix;
    } else {
        g.matrix = (const double complex *)ktq_gate_params(circuit, gate);
        g.is_diagonal = gate->gate == KETCH_GATE_DIAGONAL;
    }
    for (int i = 0; i < gate->control_count; i++) {
        const uint64_t bit = kt_bit(ktq_gate_controls(circuit, gate)[i]);
        g.controls |= bit;
        g.values |= ktq_gate_control_value(gate, i) ? bit : 0;
    }
    return g;
}

/* ---- measurements ---- */

/* Keeps the amplitudes with this outcome, normalized; false where there are none to speak of. */
static bool collapse_branch(const dense *d, dense_branch *b, int32_t qubit, bool outcome)
{
    long double norm = 0;
    for (uint64_t i = 0; i < UINT64_C(1) << d->qubits; i++) {
        if ((i >> qubit & 1) != outcome)
            b->amplitudes[i] = 0;
        norm += creall(b->amplitudes[i] * conjl(b->amplitudes[i]));
    }
    for (uint64_t i = 0; i < UINT64_C(1) << d->qubits && norm > 0; i++)
        b->amplitudes[i] /= sqrtl(norm);
    return norm > 1e-14L;
}

static void flip_qubit(const dense *d, dense_branch *b, int32_t qubit)
{
    for (uint64_t i = 0; i < UINT64_C(1) << d->qubits; i++) {
        const uint64_t other = i ^ kt_bit((uint64_t)qubit);
        if (i < other) {
            const long double complex kept = b->amplitudes[i];
            b->amplitudes[i] = b->amplitudes[other];
            b->amplitudes[other] = kept;
        }
    }
}

/* What is left of branch b after this outcome; false: it cannot happen. */
static bool follow_outcome(const dense *d, dense_branch *b, const ktq_gate *gate, int32_t qubit,
                           bool outcome)
{
    if (!collapse_branch(d, b, qubit, outcome))
        return false;
    if (gate->gate == KETCH_GATE_RESET && outcome)
        flip_qubit(d, b, qubit);
    if (gate->gate == KETCH_GATE_MEASURE)
        b->bits = (b->bits & ~kt_bit(gate->bit)) | (uint64_t)outcome << gate->bit;
    return true;
}

static bool condition_holds(const ketch_circuit *circuit, const ktq_gate *gate, uint64_t bits)
{
    const ktq_condition *const c = ktq_gate_condition(circuit, gate);
    const uint64_t mask = c->count < 64 ? kt_bit(c->count) - 1 : UINT64_MAX;
    return !c->count || (bits >> c->first & mask) == c->value;
}

static bool branch_out(dense *d, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const int32_t qubit = ktq_gate_qubits(circuit, gate)[0];
    const int before = d->count;
    int kept = 0;
    for (int i = 0; i < before; i++) {
        if (!condition_holds(circuit, gate, d->branches[i].bits)) {
            d->branches[kept++] = d->branches[i];
            continue;
        }
        if (d->count == DENSE_BRANCHES)
            return false;
        d->branches[d->count] = d->branches[i];
        if (follow_outcome(d, &d->branches[d->count], gate, qubit, true))
            d->count++;
        if (follow_outcome(d, &d->branches[i], gate, qubit, false))
            d->branches[kept++] = d->branches[i];
    }
    memmove(&d->branches[kept], &d->branches[before],
            sizeof *d->branches * (size_t)(d->count - before));
    d->count -= before - kept;
    return true;
}

bool dense_apply(dense *d, const ketch_circuit *circuit, const double *values)
{
    static double complex matrix[1 << (2 * DENSE_QUBITS)];
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++) {
        const ktq_gate *const gate = ktq_circuit_gate_at(circuit, i);
        if (!ktq_gate_is_step(gate))
            continue;
        if (gate->gate == KETCH_GATE_MEASURE || gate->gate == KETCH_GATE_RESET) {
            if (!branch_out(d, circuit, gate))
                return false;
            continue;
        }
        const dense_gate g = describe_gate(circuit, gate, values, matrix);
        for (int k = 0; k < d->count; k++)
            if (condition_holds(circuit, gate, d->branches[k].bits))
                multiply_state(d, d->branches[k].amplitudes, &g);
    }
    return true;
}

static double branch_distance(const dense *d, const dense_branch *b, const void *amplitudes,
                              ketch_precision precision)
{
    double worst = 0;
    for (size_t i = 0; i < (size_t)1 << d->qubits; i++) {
        const double complex a = precision == KETCH_SINGLE
                                     ? ((const float complex *)amplitudes)[i]
                                     : ((const double complex *)amplitudes)[i];
        const double off = (double)cabsl(b->amplitudes[i] - a);
        worst = off <= worst ? worst : off; /* a NaN is the worst */
    }
    return worst;
}

double dense_distance(const dense *d, uint64_t bits, const void *amplitudes,
                      ketch_precision precision)
{
    double least = INFINITY;
    for (int i = 0; i < d->count; i++)
        if (d->branches[i].bits == bits) {
            const double distance = branch_distance(d, &d->branches[i], amplitudes, precision);
            least = distance < least ? distance : least;
        }
    return least;
}

bool dense_has(const dense *d, uint64_t bits)
{
    for (int i = 0; i < d->count; i++)
        if (d->branches[i].bits == bits)
            return true;
    return false;
}

bool dense_equal(const dense *a, const dense *b)
{
    if (a->qubits != b->qubits || a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (a->branches[i].bits != b->branches[i].bits)
            return false;
        for (size_t k = 0; k < (size_t)1 << a->qubits; k++)
            if (a->branches[i].amplitudes[k] != b->branches[i].amplitudes[k])
                return false;
    }
    return true;
}
