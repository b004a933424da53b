/* Gates whose angles depend on parameters, to operations with recipes. Which operations depends on
 * the kind of gate alone. */
#include "ket/compile/lowering.h"

#include "ket/circuit/gates.h"

/* ---- phases ---- */

static bool wait_phase(ktq_lowering *l, int wire, ktq_phase phase)
{
    if (!ktq_reserve((void **)&l->phases, &l->phase_capacity, l->phase_count + 1,
                     sizeof *l->phases))
        return false;
    l->phases[l->phase_count++] = (ktq_waiting){phase, l->waiting[wire]};
    l->waiting[wire] = l->phase_count;
    return true;
}

bool ktq_lower_reverse_waiting(ktq_lowering *l, int wire)
{
    for (size_t i = l->waiting[wire]; i; i = l->phases[i - 1].next) {
        if (!wait_phase(l, KTQ_WIRES, l->phases[i - 1].phase))
            return false;
        l->phases[i - 1].phase.halves *= -1;
    }
    return true;
}

/* An operation whose numbers, data_count complex ones, are those of the book's last recipe. */
static bool add_cooked(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g, size_t data_count)
{
    static const double complex none[KTQ_LOWER_MATRIX];
    if (!ktq_lower_op(l, kind, g, none, data_count))
        return false;
    l->list->ops[l->list->count - 1].recipe = l->book->recipe_count;
    return true;
}

bool ktq_lower_take_waiting(ktq_lowering *l, int wire, ktq_op_kind kind, const ktq_placed *g,
                            double complex base)
{
    for (size_t i = l->waiting[wire]; i; i = l->phases[i - 1].next)
        if (!ktq_book_add_part(l->book, l->phases[i - 1].phase))
            return false;
    l->waiting[wire] = 0;
    return ktq_book_add_recipe(l->book, KTQ_RECIPE_FACTOR, 0, creal(base), cimag(base)) &&
           add_cooked(l, kind, g, 1);
}

/* A phase of the amplitudes with 1 on this position. */
static bool add_wire_phase(ktq_lowering *l, int wire, ktq_phase phase)
{
    static const double complex identity[4] = {1, 0, 0, 1};
    return ktq_lower_merge(l, wire, identity) && wait_phase(l, wire, phase);
}

static bool add_factor(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g, ktq_phase phase)
{
    return ktq_lower_settle(l, g->control | ktq_placed_targets(g)) &&
           ktq_book_add_part(l->book, phase) &&
           ktq_book_add_recipe(l->book, KTQ_RECIPE_FACTOR, 0, 1, 0) && add_cooked(l, kind, g, 1);
}

/* A phase of the amplitudes that the controls let through. */
static bool add_control_phase(ktq_lowering *l, uint64_t control, uint64_t value, ktq_phase phase)
{
    const ktq_placed g = {.control = control, .value = value};
    if (!control)
        return wait_phase(l, KTQ_WIRES, phase);
    if (control == value && !(control & (control - 1)))
        return add_wire_phase(l, __builtin_ctzll(control), phase);
    return add_factor(l, KTQ_DIAG, &g, phase);
}

/* ---- gates ---- */

/* The number of the gate's angle i, a constant one added to the book. */
static bool angle_of(ktq_lowering *l, uint64_t *number, const ketch_circuit *circuit,
                     const ktq_gate *gate, int i)
{
    const double param = circuit->params[gate->params + (uint64_t)i];
    *number = (uint64_t)param;
    if (gate->symbols >> i & 1)
        return true;
    const ketch_angle constant = {-1, 0, param};
    *number = l->book->angle_count;
    return ktq_book_add_angle(l->book, &constant);
}

/* diag(1, e^(i angle)) on the target. */
static bool lower_phase(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                        const ktq_placed *g)
{
    uint64_t angle = 0;
    const uint64_t target = UINT64_C(1) << g->targets[0];
    return angle_of(l, &angle, circuit, gate, 0) &&
           add_control_phase(l, g->control | target, g->value | target, (ktq_phase){angle, 2});
}

/* e^(-i angle / 2) and that. */
static bool lower_rz(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                     const ktq_placed *g)
{
    uint64_t angle = 0;
    return angle_of(l, &angle, circuit, gate, 0) &&
           add_control_phase(l, g->control, g->value, (ktq_phase){angle, -1}) &&
           lower_phase(l, circuit, gate, g);
}

/* e^(-i angle / 2), and e^(i angle) where the targets differ. */
static bool lower_rzz(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                      const ktq_placed *g)
{
    uint64_t angle = 0;
    return angle_of(l, &angle, circuit, gate, 0) &&
           wait_phase(l, KTQ_WIRES, (ktq_phase){angle, -1}) &&
           add_factor(l, KTQ_PARITY, g, (ktq_phase){angle, 2});
}

/* diag(1, factor) on the target. */
static bool merge_phase(ktq_lowering *l, const ktq_placed *g, double complex factor)
{
    const double complex m[4] = {1, 0, 0, factor};
    return ktq_lower_merge(l, g->targets[0], m);
}

/* The rotation by half the angle, of which no part is constant. */
static bool add_turn(ktq_lowering *l, const ktq_placed *g, const ketch_circuit *circuit,
                     const ktq_gate *gate, int i)
{
    uint64_t angle = 0;
    return ktq_lower_flush(l, ktq_placed_targets(g)) && angle_of(l, &angle, circuit, gate, i) &&
           ktq_book_add_part(l->book, (ktq_phase){angle, 1}) &&
           ktq_book_add_recipe(l->book, KTQ_RECIPE_ROTATE, gate->gate, 1, 0) &&
           add_cooked(l, KTQ_ROTATE, g, 1);
}

static bool lower_ry(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                     const ktq_placed *g)
{
    return add_turn(l, g, circuit, gate, 0);
}

static bool lower_rx(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                     const ktq_placed *g)
{
    return merge_phase(l, g, I) && add_turn(l, g, circuit, gate, 0) && merge_phase(l, g, -I);
}

/* diag(1, e^(i angle)) for the gate's angle i, a parameter's or not. */
static bool lower_phase_of(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                           const ktq_placed *g, int i)
{
    uint64_t angle = 0;
    return angle_of(l, &angle, circuit, gate, i) &&
           add_wire_phase(l, g->targets[0], (ktq_phase){angle, 2});
}

/* diag(1, e^(i phi)), the rotation, diag(1, e^(i lambda)). */
static bool lower_u(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                    const ktq_placed *g)
{
    return lower_phase_of(l, circuit, gate, g, 2) && add_turn(l, g, circuit, gate, 0) &&
           lower_phase_of(l, circuit, gate, g, 1);
}

/* The same with a right angle. */
static bool lower_u2(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                     const ktq_placed *g)
{
    const double r = 0.70710678118654752440;
    const double complex m[4] = {r, -r, r, r};
    return lower_phase_of(l, circuit, gate, g, 1) && ktq_lower_merge(l, g->targets[0], m) &&
           lower_phase_of(l, circuit, gate, g, 0);
}

/* Any gate, as its matrix or diagonal. */
static bool lower_cooked_matrix(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate,
                                const ktq_placed *g)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    const uint64_t targets = ktq_placed_targets(g);
    const size_t numbers = (size_t)1 << (spec->diagonal ? g->count : 2 * g->count);
    if (!ktq_lower_settle(l, g->control | targets) ||
        (!spec->diagonal && !ktq_lower_flush(l, targets)))
        return false;
    for (int i = 0; i < spec->params; i++) {
        uint64_t angle = 0;
        if (!angle_of(l, &angle, circuit, gate, i) ||
            !ktq_book_add_part(l->book, (ktq_phase){angle, 2}))
            return false;
    }
    return ktq_book_add_recipe(l->book, KTQ_RECIPE_MATRIX, gate->gate, 1, 0) &&
           add_cooked(l, spec->diagonal ? KTQ_DIAG : KTQ_DENSE, g, numbers);
}

bool ktq_lower_parametric(ktq_lowering *l, const ketch_circuit *circuit, const ktq_gate *gate)
{
    typedef bool lower_one(ktq_lowering *, const ketch_circuit *, const ktq_gate *,
                           const ktq_placed *);
    static lower_one *const diagonals[KETCH_GATES] = {
        [KETCH_GATE_U1] = lower_phase, [KETCH_GATE_P] = lower_phase, [KETCH_GATE_CU1] = lower_phase,
        [KETCH_GATE_CP] = lower_phase, [KETCH_GATE_RZ] = lower_rz,   [KETCH_GATE_CRZ] = lower_rz};
    static lower_one *const alone[KETCH_GATES] = {
        [KETCH_GATE_RX] = lower_rx, [KETCH_GATE_RY] = lower_ry, [KETCH_GATE_U2] = lower_u2,
        [KETCH_GATE_U3] = lower_u,  [KETCH_GATE_U] = lower_u,   [KETCH_GATE_RZZ] = lower_rzz};
    ktq_placed g;
    ktq_lower_place(&g, circuit, gate, ktq_gate_spec_of(gate->gate)->controls, l->wire);
    if (!l->plain && diagonals[gate->gate])
        return diagonals[gate->gate](l, circuit, gate, &g);
    if (!l->plain && alone[gate->gate] && !g.control)
        return alone[gate->gate](l, circuit, gate, &g);
    return lower_cooked_matrix(l, circuit, gate, &g);
}
