#include "ket/compile/lower_pauli.h"

#include "ket/compile/lower_parametric.h"

#include <math.h>

/* The most positions of one parity: its table of factors has an entry for each value of them where
 * lanes are among them. */
enum { PARITY_MOST = 6 };

/* A Pauli rotation being lowered. mask: the positions of the letters that are not I. index: of its
 * angle among those of the rules, KT_NONE where the angle is the number `angle`. */
typedef struct placed_rotation {
    ktq_lowering *l;
    const ketch_circuit *circuit;
    const ktq_gate *gate;
    uint64_t mask, control, value;
    uint64_t index;
    double angle;
} placed_rotation;

static double complex turn_by(double angle)
{
    return cos(angle) + sin(angle) * I;
}

/* ---- bases ---- */

/* The letters as the record has them. */
enum { LETTER_I, LETTER_X, LETTER_Y, LETTER_Z };

/* Applies what makes Z of the letter, or the inverse of that. */
static bool change_basis(ktq_lowering *l, int position, int letter, bool is_back)
{
    const double r = 0.70710678118654752440;
    const double complex of_x[4] = {r, r, r, -r}, of_y[4] = {r, -r * I, r, r * I};
    const double complex back_of_y[4] = {r, r, r * I, -r * I};
    const double complex *const m = letter == LETTER_X ? of_x : is_back ? back_of_y : of_y;
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
    if (letter != LETTER_X && letter != LETTER_Y)
        return true;
    return l->is_plain ? ktq_lowering_add_single(l, &g, m) : ktq_lowering_merge(l, position, m);
}

static bool change_bases(const placed_rotation *p, bool is_back)
{
    const uint8_t *const qubits = ktq_gate_qubits(p->circuit, p->gate);
    const double *const letters = ktq_gate_params(p->circuit, p->gate) + 1;
    for (int i = 0; i < p->gate->own_count; i++)
        if (!change_basis(p->l, p->l->position[qubits[i]], (int)letters[i], is_back))
            return false;
    return true;
}

/* ---- rotations about products of Z ---- */

/* Appends the flips that add the parity of other positions to that of a position. They are their own
 * inverse. */
static bool fold_parity(ktq_lowering *l, int position, uint64_t others)
{
    if (!ktq_lowering_flush(l, kt_bit((uint64_t)position)) ||
        !ktq_lowering_flush_to_diagonal(l, others))
        return false;
    FOR_EACH_BIT(other, others) {
        const ktq_placed g = {.count = 1,
                              .targets = {(uint8_t)position},
                              .control = kt_bit(other),
                              .value = kt_bit(other)};
        if (!ktq_lowering_add(l, KTQ_FLIP, &g, NULL, 0))
            return false;
    }
    return true;
}

/* e^(-i angle / 2) under the controls: what is left of a product of Is. */
static bool add_identity(const placed_rotation *p)
{
    const ktq_placed on = {.control = p->control, .value = p->value};
    const ktq_phase phase = {p->index, -1};
    if (p->index == KT_NONE)
        return ktq_lowering_add_scalar(p->l, p->control, p->value, turn_by(-p->angle / 2));
    return p->control ? ktq_lower_factor(p->l, KTQ_DIAG, &on, phase)
                      : ktq_lowering_defer(p->l, KTQ_WHOLE_STATE, phase);
}

/* e^(-i angle / 2), and e^(i angle) where the positions' parity is odd. */
static bool add_parity_rotation(const placed_rotation *p, uint64_t positions)
{
    ktq_placed on = {.count = 0};
    FOR_EACH_BIT(position, positions)
        on.targets[on.count++] = (uint8_t)position;
    if (p->index != KT_NONE)
        return ktq_lowering_defer(p->l, KTQ_WHOLE_STATE, (ktq_phase){p->index, -1}) &&
               ktq_lower_factor(p->l, KTQ_PARITY, &on, (ktq_phase){p->index, 2});
    const double complex factor = turn_by(p->angle);
    p->l->global *= turn_by(-p->angle / 2);
    return ktq_lowering_flush_to_diagonal(p->l, positions) &&
           ktq_lowering_add(p->l, KTQ_PARITY, &on, &factor, 1);
}

/* diag(e^(-i angle / 2), e^(i angle / 2)) on the position under the controls. */
static bool add_controlled_rotation(const placed_rotation *p, int position)
{
    ktq_lowering *const l = p->l;
    const double complex factors[2] = {turn_by(-p->angle / 2), turn_by(p->angle / 2)};
    const ktq_placed on = {
        .count = 1, .targets = {(uint8_t)position}, .control = p->control, .value = p->value};
    if (!ktq_lowering_flush_to_diagonal(l, p->control | ktq_placed_targets(&on)))
        return false;
    if (p->index == KT_NONE)
        return ktq_lowering_add_diagonal(l, &on, factors);
    return ktq_rules_add_phase(l->rules, (ktq_phase){p->index, 2}) &&
           ktq_rules_add(l->rules, KTQ_RULE_MATRIX, KETCH_GATE_RZ, 1, 0) &&
           ktq_lowering_add_parametric(l, KTQ_DIAG, &on, 2);
}

/* Parities on many positions, and controlled ones, are folded into fewer positions first. */
static bool rotate_parity(const placed_rotation *p)
{
    const int most = p->control ? 1 : PARITY_MOST, lowest = __builtin_ctzll(p->mask);
    uint64_t folded = p->mask;
    for (int i = 0; i < most; i++)
        folded &= folded - 1;
    return fold_parity(p->l, lowest, folded) &&
           (p->control ? add_controlled_rotation(p, lowest)
                       : add_parity_rotation(p, p->mask & ~folded)) &&
           fold_parity(p->l, lowest, folded);
}

bool ktq_lower_pauli_rotation(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    const double *const params = ktq_gate_params(circuit, gate);
    const uint8_t *const qubits = ktq_gate_qubits(circuit, gate);
    placed_rotation p = {.l = l,
                         .circuit = circuit,
                         .gate = gate,
                         .index = ktq_gate_angle_index(circuit, gate, 0),
                         .angle = params[0]};
    ktq_placed controls = {.count = 0};
    ktq_placed_further_controls(&controls, circuit, gate, l->position);
    p.control = controls.control;
    p.value = controls.value;
    for (int i = 0; i < gate->own_count; i++)
        p.mask |= params[1 + i] != LETTER_I ? kt_bit(l->position[qubits[i]]) : 0;
    if (!p.mask)
        return add_identity(&p);
    return change_bases(&p, false) && rotate_parity(&p) && change_bases(&p, true);
}
