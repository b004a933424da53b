#include "ket/compile/lower.h"

#include "ket/circuit/gates.h"
#include "ket/compile/lower_multiplexer.h"
#include "ket/compile/lower_parametric.h"
#include "ket/compile/lower_pauli.h"
#include "ket/compile/lower_table.h"
#include "ket/compile/lowering.h"

#include <assert.h>
#include <string.h>

/* ---- CX, diagonal, CX ---- */

/* Whether the last operation that moves g's target is the same CX, and no operation since moves its
 * control or is diagonal on its target. */
static bool is_second_flip(const ktq_lowering *l, const ktq_placed *g)
{
    const int target = g->targets[0];
    const size_t last = l->moved_until[target];
    if (last == 0 || kt_bit_count(g->control) != 1 || l->fixed_until[target] > last)
        return false;
    const ktq_op *const op = &l->list->ops[last - 1];
    return op->kind == KTQ_FLIP && op->qubits[0] == target && op->control == g->control &&
           op->value == g->value && l->moved_until[__builtin_ctzll(g->control)] < last;
}

static bool add_parity_phase(ktq_lowering *l, const ktq_placed *g, double complex factor)
{
    ktq_placed both = {.count = 2, .targets = {g->targets[0]}};
    both.targets[1] = (uint8_t)__builtin_ctzll(g->control);
    if (l->deferred_phases[g->targets[0]] != KT_NONE)
        return ktq_lowering_add_deferred(l, g->targets[0], KTQ_PARITY, &both, factor);
    return factor == 1 || ktq_lowering_add(l, KTQ_PARITY, &both, &factor, 1);
}

/* CX, diag(a, b) on its target, CX is a, and b / a where control and target differ; with a control
 * on 0 it is b, and a / b. Replaces the first CX and the diagonal, which is pending, by that. */
static bool add_parity(ktq_lowering *l, const ktq_placed *g)
{
    const int target = g->targets[0];
    l->list->ops[l->moved_until[target] - 1].kind = KTQ_NOP;
    if (!(l->has_pending >> target & 1))
        return true;
    const double complex factor = ktq_lowering_take_ratio(l, target);
    if (g->value)
        return add_parity_phase(l, g, factor);
    l->global *= factor;
    return ktq_lowering_reverse_deferred(l, target) && add_parity_phase(l, g, 1 / factor);
}

/* ---- gates with a matrix ---- */

/* The gate's matrix, or only its factors where it is diagonal: the circuit's own where it was given,
 * else in l->matrix. count: of its targets. */
static const double complex *find_matrix(ktq_lowering *l, const ketch_circuit *circuit,
                                         const ktq_gate *gate, int32_t count)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const double *const params = ktq_gate_params(circuit, gate);
    if (!spec->matrix)
        return (const double complex *)params;
    spec->matrix(l->matrix, params);
    const size_t rows = (size_t)1 << count;
    for (size_t i = 0; spec->is_diagonal && i < rows; i++)
        l->matrix[i] = l->matrix[i * rows + i];
    return l->matrix;
}

static bool merge_single(ktq_lowering *l, const ktq_placed *g, const double complex *m,
                         bool is_diagonal)
{
    const double complex factors[4] = {m[0], 0, 0, m[1]};
    return ktq_lowering_merge(l, g->targets[0], is_diagonal ? factors : m);
}

static bool lower_diagonal(ktq_lowering *l, const ktq_placed *g, const double complex *factors)
{
    return ktq_lowering_flush_to_diagonal(l, g->control | ktq_placed_targets(g)) &&
           ktq_lowering_add_diagonal(l, g, factors);
}

static bool lower_dense(ktq_lowering *l, const ktq_placed *g, const double complex *m)
{
    const uint64_t targets = ktq_placed_targets(g);
    if (!ktq_lowering_flush_to_diagonal(l, g->control | targets))
        return false;
    if (g->count == 1 && ktq_is_flip2(m) && !l->is_plain && is_second_flip(l, g))
        return add_parity(l, g);
    if (!ktq_lowering_flush(l, targets))
        return false;
    return g->count == 1 ? ktq_lowering_add_single(l, g, m)
                         : ktq_lowering_add(l, KTQ_DENSE, g, m, (size_t)1 << 2 * g->count);
}

static bool lower_matrix_gate(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    if (gate->angle_mask)
        return ktq_lower_parametric(l, circuit, gate);
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const int controls = spec->qubits < 0 ? 0 : spec->controls;
    ktq_placed g;
    ktq_placed_gate(&g, circuit, gate, controls, l->position);
    const double complex *const m = find_matrix(l, circuit, gate, g.count);
    if (g.count == 0)
        return ktq_lowering_add_scalar(l, g.control, g.value, m[0]);
    if (g.count == 1 && !g.control && !l->is_plain)
        return merge_single(l, &g, m, spec->is_diagonal);
    return spec->is_diagonal ? lower_diagonal(l, &g, m) : lower_dense(l, &g, m);
}

/* ---- swaps ---- */

bool ktq_gate_relabels(const ktq_gate *gate)
{
    return gate->gate == KETCH_GATE_SWAP && !gate->control_count;
}

/* Appends swap(a, b) under controls as three controlled bit flips: exact, without arithmetic. */
static bool add_swap(ktq_lowering *l, int a, int b, uint64_t control, uint64_t value)
{
    const uint64_t both = kt_bit((uint64_t)a) | kt_bit((uint64_t)b);
    assert(a != b && !(both & control));
    if (!ktq_lowering_flush(l, both) || !ktq_lowering_flush_to_diagonal(l, control))
        return false;
    ktq_placed outer = {.count = 1, .targets = {(uint8_t)a}};
    outer.control = outer.value = kt_bit((uint64_t)b);
    ktq_placed inner = {.count = 1, .targets = {(uint8_t)b}};
    inner.control = control | kt_bit((uint64_t)a);
    inner.value = value | kt_bit((uint64_t)a);
    return ktq_lowering_add(l, KTQ_FLIP, &outer, NULL, 0) &&
           ktq_lowering_add(l, KTQ_FLIP, &inner, NULL, 0) &&
           ktq_lowering_add(l, KTQ_FLIP, &outer, NULL, 0);
}

static bool lower_swap(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const uint8_t *const q = ktq_gate_qubits(circuit, gate);
    if (ktq_gate_relabels(gate) && !l->is_plain) {
        const uint8_t first = l->position[q[0]];
        l->position[q[0]] = l->position[q[1]];
        l->position[q[1]] = first;
        return true;
    }
    ktq_placed g = {0};
    const int own_controls = gate->gate == KETCH_GATE_CSWAP;
    if (own_controls)
        ktq_placed_control(&g, l->position[q[0]], true);
    ktq_placed_further_controls(&g, circuit, gate, l->position);
    return add_swap(l, l->position[q[own_controls]], l->position[q[own_controls + 1]], g.control,
                    g.value);
}

/* ---- all gates ---- */

static bool lower_barrier(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const uint8_t *const q = ktq_gate_qubits(circuit, gate);
    uint64_t mask = gate->own_count ? 0 : ~UINT64_C(0);
    for (int i = 0; i < gate->own_count; i++)
        mask |= kt_bit(l->position[q[i]]);
    return ktq_lowering_flush(l, mask);
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
        return lower_swap(l, circuit, gate);
    case KETCH_GATE_PERMUTATION:
        return ktq_lower_table(l, circuit, gate);
    case KETCH_GATE_MULTIPLEXER:
        return ktq_lower_multiplexer(l, circuit, gate);
    case KETCH_GATE_PAULI_ROTATION:
        return ktq_lower_pauli_rotation(l, circuit, gate);
    default:
        return lower_matrix_gate(l, circuit, gate);
    }
}

bool ktq_lower(ktq_lowering *l, ktq_op_list *list, ktq_rules *rules, const ketch_circuit *circuit,
               size_t first, size_t last, uint8_t position[64], bool is_plain)
{
    assert(first <= last && last <= ktq_circuit_gate_count(circuit));
    const size_t likely =
        last - first + (last - first) / 2; /* of random gates on one and two qubits */
    if (!ktq_op_list_reserve(list, likely, 2 * likely))
        return false;
    ktq_lowering_begin(l, list, rules, position, is_plain);
    for (size_t i = first; i < last; i++)
        if (!lower_gate(l, circuit, ktq_circuit_gate_at(circuit, i)))
            return false;
    return ktq_lowering_finish(l);
}

/* ---- permutations ---- */

static bool add_swaps(ktq_lowering *l, int32_t qubits, const uint8_t to[64])
{
    uint8_t now[64]; /* where what was at position q is */
    for (int q = 0; q < qubits; q++)
        now[q] = (uint8_t)q;
    for (int q = 0; q < qubits; q++) {
        if (now[q] == to[q])
            continue;
        int other = q;
        while (now[other] != to[q])
            other++;
        if (!add_swap(l, now[q], to[q], 0, 0))
            return false;
        now[other] = now[q];
        now[q] = to[q];
    }
    return true;
}

bool ktq_lower_permutation(ktq_lowering *l, ktq_op_list *list, int32_t qubits, const uint8_t to[64])
{
    ktq_lowering_begin(l, list, NULL, NULL, true);
    return add_swaps(l, qubits, to);
}
