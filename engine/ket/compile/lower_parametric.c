#include "ket/compile/lower_parametric.h"

#include "ket/circuit/gates.h"

#include <assert.h>

/* A parametric gate being lowered. */
typedef struct parametric_gate {
    ktq_lowering *l;
    const ketch_circuit *circuit;
    const ktq_gate *gate;
    ktq_placed placed;
} parametric_gate;

/* ---- angles and phases ---- */

/* The index, among those of the rules, of the gate's angle i; a constant one is added to them. */
static bool find_angle(const parametric_gate *g, uint64_t *index, int i)
{
    ktq_rules *const rules = g->l->rules;
    *index = ktq_gate_angle_index(g->circuit, g->gate, i);
    if (*index != KT_NONE)
        return true;
    *index = rules->angles.count;
    return ktq_rules_add_constant(rules, ktq_gate_params(g->circuit, g->gate)[i]);
}

/* Defers a phase of the amplitudes with 1 at the position. */
static bool defer_phase(ktq_lowering *l, int position, ktq_phase phase)
{
    static const double complex identity[4] = {1, 0, 0, 1};
    return ktq_lowering_merge(l, position, identity) && ktq_lowering_defer(l, position, phase);
}

bool ktq_lower_factor(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *on, ktq_phase phase)
{
    return ktq_lowering_flush_to_diagonal(l, on->control | ktq_placed_targets(on)) &&
           ktq_rules_add_phase(l->rules, phase) &&
           ktq_rules_add(l->rules, KTQ_RULE_FACTOR, 0, 1, 0) &&
           ktq_lowering_add_parametric(l, kind, on, 1);
}

/* A phase of the amplitudes that satisfy the controls. */
static bool lower_control_phase(ktq_lowering *l, uint64_t control, uint64_t value, ktq_phase phase)
{
    const ktq_placed on = {.control = control, .value = value};
    if (!control)
        return ktq_lowering_defer(l, KTQ_WHOLE_STATE, phase);
    if (control == value && !(control & (control - 1)))
        return defer_phase(l, __builtin_ctzll(control), phase);
    return ktq_lower_factor(l, KTQ_DIAG, &on, phase);
}

/* ---- gates ---- */

/* diag(1, e^(i angle)) on the target. */
static bool lower_phase(const parametric_gate *g)
{
    uint64_t angle = 0;
    const uint64_t target = UINT64_C(1) << g->placed.targets[0];
    return find_angle(g, &angle, 0) &&
           lower_control_phase(g->l, g->placed.control | target, g->placed.value | target,
                               (ktq_phase){angle, 2});
}

/* e^(i angle) of what the controls let through. */
static bool lower_gphase(const parametric_gate *g)
{
    uint64_t angle = 0;
    return find_angle(g, &angle, 0) &&
           lower_control_phase(g->l, g->placed.control, g->placed.value, (ktq_phase){angle, 2});
}

/* e^(-i angle / 2), and diag(1, e^(i angle)) on the target. */
static bool lower_rz(const parametric_gate *g)
{
    uint64_t angle = 0;
    return find_angle(g, &angle, 0) &&
           lower_control_phase(g->l, g->placed.control, g->placed.value, (ktq_phase){angle, -1}) &&
           lower_phase(g);
}

/* e^(-i angle / 2), and e^(i angle) where the targets differ. */
static bool lower_rzz(const parametric_gate *g)
{
    uint64_t angle = 0;
    return find_angle(g, &angle, 0) &&
           ktq_lowering_defer(g->l, KTQ_WHOLE_STATE, (ktq_phase){angle, -1}) &&
           ktq_lower_factor(g->l, KTQ_PARITY, &g->placed, (ktq_phase){angle, 2});
}

/* Merges diag(1, factor) on the target. */
static bool merge_factor(const parametric_gate *g, double complex factor)
{
    const double complex m[4] = {1, 0, 0, factor};
    return ktq_lowering_merge(g->l, g->placed.targets[0], m);
}

/* Appends the rotation by half of the gate's first angle. */
static bool add_rotation_rule(const parametric_gate *g)
{
    uint64_t angle = 0;
    return ktq_lowering_flush(g->l, ktq_placed_targets(&g->placed)) && find_angle(g, &angle, 0) &&
           ktq_rules_add_phase(g->l->rules, (ktq_phase){angle, 1}) &&
           ktq_rules_add(g->l->rules, KTQ_RULE_ROTATE, g->gate->gate, 1, 0) &&
           ktq_lowering_add_parametric(g->l, KTQ_ROTATE, &g->placed, 1);
}

static bool lower_ry(const parametric_gate *g)
{
    return add_rotation_rule(g);
}

static bool lower_rx(const parametric_gate *g)
{
    return merge_factor(g, I) && add_rotation_rule(g) && merge_factor(g, -I);
}

/* diag(1, e^(i angle)) on the target for the gate's angle i, which may be a constant. */
static bool lower_phase_of(const parametric_gate *g, int i)
{
    uint64_t angle = 0;
    return find_angle(g, &angle, i) &&
           defer_phase(g->l, g->placed.targets[0], (ktq_phase){angle, 2});
}

/* diag(1, e^(i lambda)), the rotation, diag(1, e^(i phi)). */
static bool lower_u(const parametric_gate *g)
{
    return lower_phase_of(g, 2) && add_rotation_rule(g) && lower_phase_of(g, 1);
}

/* The same with a right angle. */
static bool lower_u2(const parametric_gate *g)
{
    const double r = 0.70710678118654752440;
    const double complex m[4] = {r, -r, r, r};
    return lower_phase_of(g, 1) && ktq_lowering_merge(g->l, g->placed.targets[0], m) &&
           lower_phase_of(g, 0);
}

/* Any gate, as its matrix or its diagonal. */
static bool lower_matrix(const parametric_gate *g)
{
    ktq_lowering *const l = g->l;
    const ktq_gate_spec *const spec = ktq_gate_spec_of(g->gate->gate);
    const uint64_t targets = ktq_placed_targets(&g->placed);
    const int32_t count = g->placed.count;
    if (!ktq_lowering_flush_to_diagonal(l, g->placed.control | targets) ||
        (!spec->is_diagonal && !ktq_lowering_flush(l, targets)))
        return false;
    for (int i = 0; i < spec->params; i++) {
        uint64_t angle = 0;
        if (!find_angle(g, &angle, i) || !ktq_rules_add_phase(l->rules, (ktq_phase){angle, 2}))
            return false;
    }
    return ktq_rules_add(l->rules, KTQ_RULE_MATRIX, g->gate->gate, 1, 0) &&
           ktq_lowering_add_parametric(l, spec->is_diagonal ? KTQ_DIAG : KTQ_DENSE, &g->placed,
                                       (size_t)1 << (spec->is_diagonal ? count : 2 * count));
}

bool ktq_lower_parametric(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    typedef bool lower_one(const parametric_gate *);
    static lower_one *const diagonals[KETCH_GATES] = {
        [KETCH_GATE_U1] = lower_phase,     [KETCH_GATE_P] = lower_phase,
        [KETCH_GATE_CU1] = lower_phase,    [KETCH_GATE_CP] = lower_phase,
        [KETCH_GATE_RZ] = lower_rz,        [KETCH_GATE_CRZ] = lower_rz,
        [KETCH_GATE_GPHASE] = lower_gphase};
    static lower_one *const uncontrolled[KETCH_GATES] = {
        [KETCH_GATE_RX] = lower_rx, [KETCH_GATE_RY] = lower_ry, [KETCH_GATE_U2] = lower_u2,
        [KETCH_GATE_U3] = lower_u,  [KETCH_GATE_U] = lower_u,   [KETCH_GATE_RZZ] = lower_rzz};
    assert(l->rules && gate->angle_mask);
    const int controls = ktq_gate_spec_of(gate->gate)->controls;
    parametric_gate g = {.l = l, .circuit = circuit, .gate = gate};
    ktq_placed_gate(&g.placed, circuit, gate, controls, l->position);
    if (!l->is_plain && diagonals[gate->gate])
        return diagonals[gate->gate](&g);
    if (!l->is_plain && uncontrolled[gate->gate] && !g.placed.control)
        return uncontrolled[gate->gate](&g);
    return lower_matrix(&g);
}
