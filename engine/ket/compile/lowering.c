#include "ket/compile/lowering.h"

#include "bits.h"
#include "modulus.h"

#include <assert.h>
#include <math.h>
#include <string.h>

ktq_lowering *ktq_lowering_take(kt_region *region)
{
    return kt_region_take(region, sizeof(ktq_lowering));
}

void ktq_lowering_begin(ktq_lowering *l, ktq_op_list *list, ktq_rules *rules, uint8_t *position,
                        bool is_plain)
{
    l->list = list;
    l->rules = rules;
    l->position = position;
    l->is_plain = is_plain;
    l->has_pending = 0;
    l->global = 1;
    memset(l->moved_until, 0, sizeof l->moved_until);
    memset(l->fixed_until, 0, sizeof l->fixed_until);
    memset(&l->phases, 0, sizeof l->phases);
    for (int i = 0; i <= KTQ_WHOLE_STATE; i++)
        l->deferred_phases[i] = KT_NONE;
}

/* ---- placing ---- */

uint64_t ktq_placed_targets(const ktq_placed *g)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < g->count; i++)
        mask |= UINT64_C(1) << g->targets[i];
    return mask;
}

void ktq_placed_control(ktq_placed *g, int position, bool value)
{
    assert(!(g->control >> position & 1));
    g->control |= UINT64_C(1) << position;
    g->value |= (uint64_t)value << position;
}

void ktq_placed_further_controls(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                                 const uint8_t *position)
{
    const uint8_t *const qubits = ktq_gate_controls(circuit, gate);
    for (int i = 0; i < gate->control_count; i++)
        ktq_placed_control(g, position[qubits[i]], ktq_gate_control_value(gate, i));
}

void ktq_placed_gate(ktq_placed *g, const ketch_circuit *circuit, const ktq_gate *gate,
                     int controls, const uint8_t *position)
{
    const uint8_t *const qubits = ktq_gate_qubits(circuit, gate);
    *g = (ktq_placed){.count = gate->own_count - controls};
    assert(g->count >= 0 && g->count <= KTQ_OP_QUBITS_MAX);
    for (int i = 0; i < controls; i++)
        ktq_placed_control(g, position[qubits[i]], true);
    for (int i = 0; i < g->count; i++)
        g->targets[i] = position[qubits[controls + i]];
    ktq_placed_further_controls(g, circuit, gate, position);
    assert(!(ktq_placed_targets(g) & g->control));
}

/* ---- adding operations ---- */

static void note_op(ktq_lowering *l, const ktq_op *op)
{
    FOR_EACH_BIT(position, op->moved)
        l->moved_until[position] = l->list->count;
    FOR_EACH_BIT(position, op->fixed)
        l->fixed_until[position] = l->list->count;
}

bool ktq_lowering_add(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                      const double complex *data, size_t data_count)
{
    const uint64_t targets = ktq_placed_targets(g);
    ktq_op op = {.kind = (uint8_t)kind,
                 .count = (uint8_t)g->count,
                 .control = g->control,
                 .value = g->value};
    memcpy(op.qubits, g->targets, sizeof op.qubits);
    op.moved = kind == KTQ_DIAG || kind == KTQ_PARITY ? 0 : targets;
    op.fixed = (targets & ~op.moved) | g->control;
    assert(kt_bit_count(targets) == g->count);
    assert(!(g->value & ~g->control) && !(targets & g->control));
    assert(!(op.moved & op.fixed));
    if (!ktq_op_list_add(l->list, &op, (const double *)data, 2 * data_count))
        return false;
    note_op(l, &op);
    return true;
}

bool ktq_lowering_add_parametric(ktq_lowering *l, ktq_op_kind kind, const ktq_placed *g,
                                 size_t data_count)
{
    static const double complex zeros[KTQ_LOWER_MATRIX];
    assert(l->rules->rules.count > 0);
    if (!ktq_lowering_add(l, kind, g, zeros, data_count))
        return false;
    ktq_op *const op = &l->list->ops[l->list->count - 1];
    op->is_parametric = true;
    op->rule = l->rules->rules.count - 1;
    return true;
}

/* A one-qubit diagonal with a factor 1 becomes a diagonal without targets and one control more. */
bool ktq_lowering_add_diagonal(ktq_lowering *l, const ktq_placed *g, const double complex *factors)
{
    if (g->count != 1 || (factors[0] != 1 && factors[1] != 1))
        return ktq_lowering_add(l, KTQ_DIAG, g, factors, (size_t)1 << g->count);
    const bool high = factors[0] == 1;
    if (factors[high] == 1)
        return true;
    ktq_placed phase = {.control = g->control, .value = g->value};
    ktq_placed_control(&phase, g->targets[0], high);
    return ktq_lowering_add(l, KTQ_DIAG, &phase, &factors[high], 1);
}

bool ktq_lowering_add_single(ktq_lowering *l, const ktq_placed *g, const double complex m[4])
{
    assert(g->count == 1);
    if (ktq_is_diagonal2(m)) {
        const double complex factors[2] = {m[0], m[3]};
        return ktq_lowering_add_diagonal(l, g, factors);
    }
    if (ktq_is_flip2(m))
        return ktq_lowering_add(l, KTQ_FLIP, g, NULL, 0);
    return ktq_lowering_add(l, KTQ_DENSE, g, m, 4);
}

static bool add_phase(ktq_lowering *l, int position, double complex factor)
{
    const double complex factors[2] = {1, factor};
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
    return ktq_lowering_add_diagonal(l, &g, factors);
}

bool ktq_lowering_add_scalar(ktq_lowering *l, uint64_t control, uint64_t value,
                             double complex factor)
{
    const ktq_placed g = {.control = control, .value = value};
    if (!control) {
        l->global *= factor;
        return true;
    }
    if (l->is_plain || (control & (control - 1)))
        return ktq_lowering_flush_to_diagonal(l, control) &&
               ktq_lowering_add_diagonal(l, &g, &factor);
    const double complex m[4] = {value ? 1 : factor, 0, 0, value ? factor : 1};
    return ktq_lowering_merge(l, __builtin_ctzll(control), m);
}

bool ktq_lowering_finish(ktq_lowering *l)
{
    const ktq_placed whole = {0};
    if (!ktq_lowering_flush(l, ~UINT64_C(0)))
        return false;
    assert(!l->has_pending);
    if (l->deferred_phases[KTQ_WHOLE_STATE] != KT_NONE)
        return ktq_lowering_add_deferred(l, KTQ_WHOLE_STATE, KTQ_DIAG, &whole, l->global);
    return l->global == 1 || ktq_lowering_add(l, KTQ_DIAG, &whole, &l->global, 1);
}

/* ---- pending matrices ---- */

/* Matrices in a circuit were checked to be unitary, or the caller said that they need not be. */
static bool is_unitary2(const double complex m[4])
{
    const double first = kt_modulus_squared(m[0]) + kt_modulus_squared(m[2]);
    const double second = kt_modulus_squared(m[1]) + kt_modulus_squared(m[3]);
    const double both = kt_modulus_squared(m[0] * conj(m[1]) + m[2] * conj(m[3]));
    return fabs(first - 1) < 1e-12 && fabs(second - 1) < 1e-12 && both < 1e-24;
}

/* A rotation with a larger tangent becomes a flip and the rotation by pi/2 less. */
static const double tangent_max = 1024;

/* A phase that differs from 1 by rounding alone is 1. */
static double complex round_phase(double complex phase)
{
    return kt_modulus_squared(phase - 1) < 64e-32 ? 1 : phase;
}

/* With c, |s| > 0 the matrix is a * diag(1, f) * rotation(c, s) * diag(1, e) for phases a, e, f.
 * Appends diag(1, e) and the rotation; a becomes a factor of the whole state, and diag(1, f) stays
 * pending. s is negative where that makes e 1 and f is not 1. */
static bool add_rotation(ktq_lowering *l, int position, double complex p[4])
{
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
    const double c = kt_modulus(p[0]), sine = kt_modulus(p[2]);
    const double complex a = p[0] / c, right = p[1] / sine * conj(a), left = p[2] / sine * conj(a);
    const bool saves = round_phase(right) == 1 && round_phase(left) != 1;
    const double s = saves ? -sine : sine;
    const double complex f = saves ? -left : left, e = saves ? right : -right;
    const bool is_steep = fabs(s) > tangent_max * c;
    const double complex tangent = is_steep ? -c / s + s * I : s / c + c * I; /* and cosine */
    const double complex sign = is_steep ? -1 : 1;
    if (!add_phase(l, position, round_phase(e * sign)) ||
        (is_steep && !ktq_lowering_add(l, KTQ_FLIP, &g, NULL, 0)) ||
        !ktq_lowering_add(l, KTQ_ROTATE, &g, &tangent, 1))
        return false;
    l->global *= a;
    p[0] = 1;
    p[1] = p[2] = 0;
    p[3] = round_phase(f);
    return true;
}

/* Appends a matrix that is not unitary as it is. */
static bool add_general(ktq_lowering *l, int position, double complex p[4])
{
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
    if (!ktq_lowering_add(l, KTQ_DENSE, &g, p, 4))
        return false;
    p[0] = p[3] = 1;
    p[1] = p[2] = 0;
    return true;
}

/* Appends a flip, after which diag(p[1], p[2]) is pending. */
static bool add_flip(ktq_lowering *l, int position, double complex p[4])
{
    const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
    const double complex low = p[1], high = p[2];
    p[0] = low;
    p[3] = high;
    p[1] = p[2] = 0;
    return ktq_lowering_add(l, KTQ_FLIP, &g, NULL, 0);
}

/* Appends operations until what is pending on the position is diagonal, with factors of modulus 1.
 */
static bool flush_position_to_diagonal(ktq_lowering *l, int position)
{
    double complex *const p = l->pending[position];
    if (!is_unitary2(p))
        return add_general(l, position, p);
    if (ktq_is_diagonal2(p))
        return true;
    const double tiny = 1e-30; /* of a square */
    if (kt_modulus_squared(p[0]) > tiny)
        return kt_modulus_squared(p[2]) > tiny ? add_rotation(l, position, p)
                                               : (p[1] = p[2] = 0, true);
    return add_flip(l, position, p);
}

bool ktq_lowering_flush_to_diagonal(ktq_lowering *l, uint64_t mask)
{
    FOR_EACH_BIT(position, mask & l->has_pending)
        if (!flush_position_to_diagonal(l, (int32_t)position))
            return false;
    return true;
}

double complex ktq_lowering_take_ratio(ktq_lowering *l, int position)
{
    const double complex *const p = l->pending[position];
    assert(l->has_pending >> position & 1 && ktq_is_diagonal2(p));
    l->has_pending &= ~(UINT64_C(1) << position);
    const double complex ratio = p[3] == p[0] ? 1 : p[3] * conj(p[0]) / kt_modulus_squared(p[0]);
    l->global *= p[0];
    return ratio;
}

static bool flush_position(ktq_lowering *l, int position)
{
    const uint64_t bit = UINT64_C(1) << position;
    if (!(l->has_pending & bit))
        return true;
    if (l->is_plain) {
        const ktq_placed g = {.count = 1, .targets = {(uint8_t)position}};
        l->has_pending &= ~bit;
        return ktq_lowering_add_single(l, &g, l->pending[position]);
    }
    if (!flush_position_to_diagonal(l, position))
        return false;
    const double complex factor = ktq_lowering_take_ratio(l, position);
    const ktq_placed one = {.control = bit, .value = bit};
    return l->deferred_phases[position] != KT_NONE
               ? ktq_lowering_add_deferred(l, position, KTQ_DIAG, &one, factor)
               : add_phase(l, position, factor);
}

bool ktq_lowering_flush(ktq_lowering *l, uint64_t mask)
{
    FOR_EACH_BIT(position, mask & l->has_pending)
        if (!flush_position(l, (int32_t)position))
            return false;
    return true;
}

bool ktq_lowering_merge(ktq_lowering *l, int position, const double complex g[4])
{
    double complex *const p = l->pending[position];
    if (l->deferred_phases[position] != KT_NONE && !ktq_is_diagonal2(g) &&
        !flush_position(l, position))
        return false;
    if (!(l->has_pending >> position & 1)) {
        memcpy(p, g, 4 * sizeof *g);
        l->has_pending |= UINT64_C(1) << position;
        return true;
    }
    const double complex a = p[0], b = p[1], c = p[2], d = p[3];
    p[0] = g[0] * a + g[1] * c;
    p[1] = g[0] * b + g[1] * d;
    p[2] = g[2] * a + g[3] * c;
    p[3] = g[2] * b + g[3] * d;
    return true;
}

/* ---- deferred phases ---- */

bool ktq_lowering_defer(ktq_lowering *l, int position, ktq_phase phase)
{
    assert(position <= KTQ_WHOLE_STATE);
    assert(position == KTQ_WHOLE_STATE || l->has_pending >> position & 1);
    if (!KT_LIST_RESERVE_IN(&l->phases, 1, l->list->region))
        return false;
    l->phases.items[l->phases.count] = (ktq_deferred_phase){phase, l->deferred_phases[position]};
    l->deferred_phases[position] = l->phases.count++;
    return true;
}

bool ktq_lowering_reverse_deferred(ktq_lowering *l, int position)
{
    for (size_t i = l->deferred_phases[position]; i != KT_NONE; i = l->phases.items[i].next) {
        if (!ktq_lowering_defer(l, KTQ_WHOLE_STATE, l->phases.items[i].phase))
            return false;
        l->phases.items[i].phase.halves *= -1;
    }
    return true;
}

bool ktq_lowering_add_deferred(ktq_lowering *l, int position, ktq_op_kind kind, const ktq_placed *g,
                               double complex base)
{
    for (size_t i = l->deferred_phases[position]; i != KT_NONE; i = l->phases.items[i].next)
        if (!ktq_rules_add_phase(l->rules, l->phases.items[i].phase))
            return false;
    l->deferred_phases[position] = KT_NONE;
    return ktq_rules_add(l->rules, KTQ_RULE_FACTOR, 0, creal(base), cimag(base)) &&
           ktq_lowering_add_parametric(l, kind, g, 1);
}
