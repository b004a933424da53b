/* Source gates to operations: runs of one-qubit gates merge into diagonal, rotation, diagonal;
 * swaps become relabelling; a phase between two equal CX becomes a phase of the parity. */
#include "ket/compile/lowering.h"

#include "heap.h"
#include "ket/circuit/gates.h"

#include <assert.h>
#include <complex.h>
#include <math.h>
#include <string.h>

void ktq_placed_control(ktq_placed *g, int position, bool value)
{
    g->control |= UINT64_C(1) << position;
    g->value |= (uint64_t)value << position;
}

uint64_t ktq_placed_targets(const ktq_placed *g)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < g->count; i++)
        mask |= UINT64_C(1) << g->targets[i];
    return mask;
}

static void note_op(ktq_lowering *l, const ktq_op *op)
{
    for (uint64_t mask = op->moved; mask; mask &= mask - 1)
        l->moved[__builtin_ctzll(mask)] = l->list->count;
    for (uint64_t mask = op->fixed; mask; mask &= mask - 1)
        l->fixed[__builtin_ctzll(mask)] = l->list->count;
}

bool ktq_lower_op(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                  const double complex *data, size_t data_count)
{
    const uint64_t targets = ktq_placed_targets(g);
    ktq_op op = {.kind = kind, .count = g->count, .control = g->control, .value = g->value};
    memcpy(op.qubits, g->targets, sizeof op.qubits);
    op.moved = kind == KTQ_DIAG || kind == KTQ_PARITY ? 0 : targets;
    op.fixed = (targets & ~op.moved) | g->control;
    assert(!(op.moved & op.fixed));
    if (!ktq_op_list_add(l->list, &op, (const double *)data, 2 * data_count))
        return false;
    note_op(l, &op);
    return true;
}

/* A one-qubit diagonal with a factor 1 is a phase on an AND of bits: no targets, one control more.
 */
static bool add_diagonal(ktq_lowering *l, const ktq_placed *g, const double complex *factors)
{
    if (g->count != 1 || (factors[0] != 1 && factors[1] != 1))
        return ktq_lower_op(l, KTQ_DIAG, g, factors, (size_t)1 << g->count);
    const bool high = factors[0] == 1;
    if (factors[high] == 1)
        return true;
    ktq_placed phase = {.control = g->control, .value = g->value};
    ktq_placed_control(&phase, g->targets[0], high);
    return ktq_lower_op(l, KTQ_DIAG, &phase, &factors[high], 1);
}

static bool diagonal2(const double complex m[4])
{
    return m[1] == 0 && m[2] == 0;
}

/* What merges was checked to be unitary, or the caller said that it need not be. */
static bool unitary2(const double complex m[4])
{
    const double first = creal(m[0] * conj(m[0]) + m[2] * conj(m[2]));
    const double second = creal(m[1] * conj(m[1]) + m[3] * conj(m[3]));
    const double both = cabs(m[0] * conj(m[1]) + m[2] * conj(m[3]));
    return fabs(first - 1) < 1e-12 && fabs(second - 1) < 1e-12 && both < 1e-12;
}

static bool flips2(const double complex m[4])
{
    return m[0] == 0 && m[3] == 0 && m[1] == 1 && m[2] == 1;
}

/* Adds a one-target gate by what its matrix is: factors, a bit flip, or dense. */
static bool add_single(ktq_lowering *l, const ktq_placed *g, const double complex m[4])
{
    if (diagonal2(m)) {
        const double complex factors[2] = {m[0], m[3]};
        return add_diagonal(l, g, factors);
    }
    if (flips2(m))
        return ktq_lower_op(l, KTQ_FLIP, g, NULL, 0);
    return ktq_lower_op(l, KTQ_DENSE, g, m, 4);
}

static bool add_phase(ktq_lowering *l, int wire, double complex factor)
{
    const double complex factors[2] = {1, factor};
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)wire}};
    return add_diagonal(l, &g, factors);
}

/* Tangents above this are split: a flip and the rotation by the rest of a right angle. */
static const double steep = 1024;

/* What rounding has moved away from 1. */
static double complex round_phase(double complex phase)
{
    return cabs(phase - 1) < 4e-16 ? 1 : phase;
}

/* With c, |s| > 0 the matrix is a * diag(1, f) * rotation(c, s) * diag(1, e) for phases a, e, f.
 * Adds e and the rotation; a goes to the global factor, f stays pending. s is negative where that
 * saves e and f is not 1. */
static bool add_rotation(ktq_lowering *l, int wire, double complex p[4])
{
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)wire}};
    const double c = cabs(p[0]), sine = cabs(p[2]);
    const double complex a = p[0] / c;
    const bool saves = round_phase(p[1] / sine / a) == 1 && round_phase(p[2] / sine / a) != 1;
    const double s = saves ? -sine : sine;
    const double complex f = p[2] / s / a, e = -p[1] / s / a;
    const bool turned = fabs(s) > steep * c;
    const double complex tangent = turned ? -c / s + s * I : s / c + c * I; /* tangent, cosine */
    const double complex minus = turned ? -1 : 1;
    if (!add_phase(l, wire, round_phase(e * minus)) ||
        (turned && !ktq_lower_op(l, KTQ_FLIP, &g, NULL, 0)) ||
        !ktq_lower_op(l, KTQ_ROTATE, &g, &tangent, 1))
        return false;
    l->global *= a;
    p[0] = 1;
    p[1] = p[2] = 0;
    p[3] = round_phase(f);
    return true;
}

/* A matrix that is not unitary goes as it is. */
static bool add_general(ktq_lowering *l, int wire, double complex p[4])
{
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)wire}};
    if (!ktq_lower_op(l, KTQ_DENSE, &g, p, 4))
        return false;
    p[0] = p[3] = 1;
    p[1] = p[2] = 0;
    return true;
}

/* What is pending on the wire becomes diagonal, with factors of modulus 1. */
static bool flush_to_diagonal(ktq_lowering *l, int wire)
{
    double complex *const p = l->pending[wire];
    if (!unitary2(p))
        return add_general(l, wire, p);
    if (diagonal2(p))
        return true;
    const double norm = cabs(p[0]) + cabs(p[2]);
    if (cabs(p[0]) > 1e-15 * norm)
        return cabs(p[2]) > 1e-15 * norm ? add_rotation(l, wire, p) : (p[1] = p[2] = 0, true);
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)wire}};
    const double complex low = p[1], high = p[2]; /* X first, then diag(low, high) */
    p[0] = low;
    p[3] = high;
    p[1] = p[2] = 0;
    return ktq_lower_op(l, KTQ_FLIP, &g, NULL, 0);
}

static bool flush_wire(ktq_lowering *l, int wire)
{
    if (!(l->has >> wire & 1))
        return true;
    l->has &= ~(UINT64_C(1) << wire);
    double complex *const p = l->pending[wire];
    if (l->plain) {
        const ktq_placed g = {.count = 1, .targets = {(uint8_t)wire}};
        return add_single(l, &g, p);
    }
    if (!flush_to_diagonal(l, wire))
        return false;
    const double complex factor = p[3] == p[0] ? 1 : p[3] / p[0];
    const ktq_placed one = {.control = UINT64_C(1) << wire, .value = UINT64_C(1) << wire};
    l->global *= p[0];
    return l->waiting[wire] ? ktq_lower_take_waiting(l, wire, KTQ_DIAG, &one, factor)
                            : add_phase(l, wire, factor);
}

bool ktq_lower_flush(ktq_lowering *l, uint64_t mask)
{
    for (mask &= l->has; mask; mask &= mask - 1)
        if (!flush_wire(l, __builtin_ctzll(mask)))
            return false;
    return true;
}

bool ktq_lower_settle(ktq_lowering *l, uint64_t mask)
{
    for (mask &= l->has; mask; mask &= mask - 1)
        if (!flush_to_diagonal(l, __builtin_ctzll(mask)))
            return false;
    return true;
}

bool ktq_lower_merge(ktq_lowering *l, int wire, const double complex g[4])
{
    double complex *const p = l->pending[wire];
    if (l->waiting[wire] && !diagonal2(g) && !flush_wire(l, wire))
        return false;
    if (!(l->has >> wire & 1)) {
        memcpy(p, g, 4 * sizeof *g);
        l->has |= UINT64_C(1) << wire;
        return true;
    }
    const double complex a = p[0], b = p[1], c = p[2], d = p[3];
    p[0] = g[0] * a + g[1] * c;
    p[1] = g[0] * b + g[1] * d;
    p[2] = g[2] * a + g[3] * c;
    p[3] = g[2] * b + g[3] * d;
    return true;
}

static void place_further_controls(ktq_placed *g, const ketch_circuit *circuit,
                                   const ktq_gate *gate, const uint8_t *wire)
{
    for (int i = 0; i < gate->controls; i++)
        ktq_placed_control(g, wire[circuit->qubits[gate->qubits + gate->own + (uint64_t)i]],
                           !(gate->open >> i & 1));
}

void ktq_lower_place(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                     int controls, const uint8_t *wire)
{
    const uint8_t *const qubits = circuit->qubits + gate->qubits;
    *g = (ktq_placed){.count = gate->own - controls};
    for (int i = 0; i < controls; i++)
        ktq_placed_control(g, wire[qubits[i]], true);
    for (int i = 0; i < g->count; i++)
        g->targets[i] = wire[qubits[controls + i]];
    place_further_controls(g, circuit, gate, wire);
}

/* Writes the gate's matrix, or only its factors where it is diagonal; returns whether it is. */
static bool gate_matrix(double complex *matrix, const ktq_gate *gate, const ktq_gate_spec *spec,
                        const double *params, int32_t count)
{
    if (!spec->matrix) {
        memcpy(matrix, params, gate->param_count * sizeof *params);
        return gate->gate == KETCH_GATE_DIAGONAL;
    }
    spec->matrix(matrix, params);
    const size_t rows = (size_t)1 << count;
    for (size_t i = 0; spec->diagonal && i < rows; i++)
        matrix[i] = matrix[i * rows + i];
    return spec->diagonal;
}

static bool merge_placed(ktq_lowering *l, const ktq_placed *g, bool diagonal)
{
    const double complex factors[4] = {l->matrix[0], 0, 0, l->matrix[1]};
    return ktq_lower_merge(l, g->targets[0], diagonal ? factors : l->matrix);
}

static bool add_parity_phase(ktq_lowering *l, const ktq_placed *g, double complex factor)
{
    ktq_placed both = {.count = 2, .targets = {g->targets[0]}};
    both.targets[1] = (uint8_t)__builtin_ctzll(g->control);
    if (l->waiting[g->targets[0]])
        return ktq_lower_take_waiting(l, g->targets[0], KTQ_PARITY, &both, factor);
    return factor == 1 || ktq_lower_op(l, KTQ_PARITY, &both, &factor, 1);
}

/* Whether the last operation on g's target is the same CX, with nothing between that changes its
 * control or looks at its target. */
static bool pair_flips(const ktq_lowering *l, const ktq_placed *g)
{
    const int target = g->targets[0];
    const size_t last = l->moved[target];
    if (last == 0 || __builtin_popcountll(g->control) != 1 || l->fixed[target] > last)
        return false;
    const ktq_op *const op = &l->list->ops[last - 1];
    return op->kind == KTQ_FLIP && op->qubits[0] == target && op->control == g->control &&
           op->value == g->value && l->moved[__builtin_ctzll(g->control)] < last;
}

/* CX, diag(a, b) on its target, CX: a, and b / a where control and target differ; with a control
 * on 0, b, and a / b. What was pending there is used up; so is the first CX. */
static bool add_parity(ktq_lowering *l, const ktq_placed *g)
{
    const int target = g->targets[0];
    l->list->ops[l->moved[target] - 1].kind = KTQ_NOP;
    if (!(l->has >> target & 1))
        return true;
    l->has &= ~(UINT64_C(1) << target);
    const double complex *const p = l->pending[target];
    const double complex factor = p[3] == p[0] ? 1 : p[3] / p[0];
    l->global *= p[0];
    if (g->value)
        return add_parity_phase(l, g, factor);
    l->global *= factor;
    return ktq_lower_reverse_waiting(l, target) && add_parity_phase(l, g, 1 / factor);
}

static bool lower_matrix_gate(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    if (gate->symbols)
        return ktq_lower_parametric(l, circuit, gate);
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    ktq_placed g;
    ktq_lower_place(&g, circuit, gate, spec->qubits < 0 ? 0 : spec->controls, l->wire);
    const bool diagonal =
        gate_matrix(l->matrix, gate, spec, circuit->params + gate->params, g.count);
    if (g.count == 1 && !g.control && !l->plain)
        return merge_placed(l, &g, diagonal);
    const uint64_t targets = ktq_placed_targets(&g);
    if (!ktq_lower_settle(l, g.control | targets))
        return false;
    if (!diagonal && g.count == 1 && flips2(l->matrix) && !l->plain && pair_flips(l, &g))
        return add_parity(l, &g);
    if (!diagonal && !ktq_lower_flush(l, targets))
        return false;
    if (diagonal)
        return add_diagonal(l, &g, l->matrix);
    if (g.count == 1)
        return add_single(l, &g, l->matrix);
    return ktq_lower_op(l, KTQ_DENSE, &g, l->matrix, (size_t)1 << 2 * g.count);
}

/* swap(a, b) under controls, as three controlled bit flips: exact, no arithmetic. */
static bool lower_swap(ktq_lowering *l, int a, int b, uint64_t control, uint64_t value)
{
    const uint64_t both = UINT64_C(1) << a | UINT64_C(1) << b;
    if (!ktq_lower_flush(l, both) || !ktq_lower_settle(l, control))
        return false;
    ktq_placed outer = {.count = 1, .targets = {(uint8_t)a}};
    outer.control = outer.value = UINT64_C(1) << b;
    ktq_placed inner = {.count = 1, .targets = {(uint8_t)b}};
    inner.control = control | UINT64_C(1) << a;
    inner.value = value | UINT64_C(1) << a;
    return ktq_lower_op(l, KTQ_FLIP, &outer, NULL, 0) &&
           ktq_lower_op(l, KTQ_FLIP, &inner, NULL, 0) && ktq_lower_op(l, KTQ_FLIP, &outer, NULL, 0);
}

bool ktq_gate_relabels(const ktq_gate *gate)
{
    return gate->gate == KETCH_GATE_SWAP && !gate->controls;
}

static bool lower_swap_gate(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const uint8_t *const q = circuit->qubits + gate->qubits;
    if (ktq_gate_relabels(gate) && !l->plain) {
        const uint8_t held = l->wire[q[0]];
        l->wire[q[0]] = l->wire[q[1]];
        l->wire[q[1]] = held;
        return true;
    }
    ktq_placed g = {0};
    const int own = gate->gate == KETCH_GATE_CSWAP;
    if (own)
        ktq_placed_control(&g, l->wire[q[0]], true);
    place_further_controls(&g, circuit, gate, l->wire);
    return lower_swap(l, l->wire[q[own]], l->wire[q[own + 1]], g.control, g.value);
}

static bool lower_barrier(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    uint64_t mask = gate->own ? 0 : ~UINT64_C(0);
    for (int i = 0; i < gate->own; i++)
        mask |= UINT64_C(1) << l->wire[circuit->qubits[gate->qubits + (uint64_t)i]];
    return ktq_lower_flush(l, mask);
}

static bool lower_gate(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    switch (gate->gate) {
    case KETCH_GATE_MEASURE:
    case KETCH_GATE_FENCE:
        return true;
    case KETCH_GATE_BARRIER:
        return lower_barrier(l, circuit, gate);
    case KETCH_GATE_SWAP:
    case KETCH_GATE_CSWAP:
        return lower_swap_gate(l, circuit, gate);
    default:
        return lower_matrix_gate(l, circuit, gate);
    }
}

/* The global factor, as an operation of its own. */
static bool add_global(ktq_lowering *l)
{
    const ktq_placed whole = {0};
    if (l->waiting[KTQ_WIRES])
        return ktq_lower_take_waiting(l, KTQ_WIRES, KTQ_DIAG, &whole, l->global);
    return l->global == 1 || ktq_lower_op(l, KTQ_DIAG, &whole, &l->global, 1);
}

static void destroy_lowering(ktq_lowering *l)
{
    if (l)
        kt_heap_give(l->phases);
    kt_heap_give(l);
}

static ktq_lowering *create_lowering(ktq_op_list *list, ktq_book *book, uint8_t *wire, bool plain)
{
    ktq_lowering *const l = kt_heap_take(sizeof *l);
    if (!l)
        return NULL;
    l->list = list;
    l->book = book;
    l->wire = wire;
    l->plain = plain;
    l->global = 1;
    return l;
}

bool ktq_lower(ktq_op_list *list, ktq_book *book, const ketch_circuit *circuit, size_t first,
               size_t last, uint8_t wire[64], bool plain)
{
    ktq_lowering *const l = create_lowering(list, book, wire, plain);
    bool good = l != NULL;
    for (size_t i = first; good && i < last; i++)
        good = lower_gate(l, circuit, &circuit->gates[i]);
    good = good && ktq_lower_flush(l, ~UINT64_C(0)) && add_global(l);
    destroy_lowering(l);
    return good;
}

static bool permute_wires(ktq_lowering *l, int32_t qubits, const uint8_t to[64])
{
    uint8_t now[64];
    for (int q = 0; q < qubits; q++)
        now[q] = (uint8_t)q;
    for (int q = 0; q < qubits; q++) {
        if (now[q] == to[q])
            continue;
        int other = q;
        while (now[other] != to[q])
            other++;
        if (!lower_swap(l, now[q], to[q], 0, 0))
            return false;
        now[other] = now[q];
        now[q] = to[q];
    }
    return true;
}

bool ktq_lower_permutation(ktq_op_list *list, int32_t qubits, const uint8_t to[64])
{
    ktq_lowering *const l = create_lowering(list, NULL, NULL, true);
    const bool good = l && permute_wires(l, qubits, to);
    destroy_lowering(l);
    return good;
}
