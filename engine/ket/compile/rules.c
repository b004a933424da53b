#include "ket/compile/rules.h"

#include "ket/circuit/gates.h"
#include "ket/circuit/parameter.h"
#include "ket/compile/round_tangents.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Rows of the largest matrix of a gate that has angles. */
enum { RULE_ROWS_MAX = 4 };

static bool append_terms(ktq_rules *rules, const ketch_term *terms, size_t count)
{
    if (count > 0 && !KT_LIST_RESERVE_IN(&rules->terms, count, rules->region))
        return false;
    for (size_t i = 0; i < count; i++)
        rules->terms.items[rules->terms.count++] = terms[i];
    return true;
}

static bool add_angle(ktq_rules *rules, ketch_angle angle)
{
    const ktq_angle made = {.parameter = angle.parameter,
                            .term_count = (uint32_t)angle.term_count,
                            .factor = angle.factor,
                            .offset = angle.offset,
                            .first_term = rules->terms.count};
    assert(angle.parameter < (int64_t)rules->parameter_count);
    if (!KT_LIST_RESERVE_IN(&rules->angles, 1, rules->region) ||
        !append_terms(rules, angle.terms, (size_t)angle.term_count))
        return false;
    rules->angles.items[rules->angles.count++] = made;
    return true;
}

bool ktq_rules_begin(ktq_rules *rules, const ketch_circuit *circuit)
{
    assert(!rules->parameter_count && !rules->angles.count);
    rules->parameter_count = ktq_circuit_parameter_count(circuit);
    for (size_t i = 0; rules->parameter_count && i < ktq_circuit_angle_count(circuit); i++)
        if (!add_angle(rules, ktq_circuit_angle_at(circuit, i)))
            return false;
    return true;
}

/* ---- adding ---- */

bool ktq_rules_add_constant(ktq_rules *rules, double angle)
{
    return add_angle(rules, (ketch_angle){.parameter = -1, .offset = angle});
}

bool ktq_rules_add_phase(ktq_rules *rules, ktq_phase phase)
{
    assert(phase.angle < rules->angles.count);
    if (!KT_LIST_RESERVE_IN(&rules->phases, 1, rules->region))
        return false;
    rules->phases.items[rules->phases.count++] = phase;
    return true;
}

bool ktq_rules_add(ktq_rules *rules, ktq_rule_kind kind, int32_t gate, double re, double im)
{
    const size_t count = rules->rules.count;
    if (!KT_LIST_RESERVE_IN(&rules->rules, 1, rules->region))
        return false;
    const ktq_rule *const last = count ? &rules->rules.items[count - 1] : NULL;
    const size_t first = last ? last->first_phase + last->phase_count : 0;
    assert(first <= rules->phases.count);
    assert(kind != KTQ_RULE_ROTATE || rules->phases.count - first == 1);
    rules->rules.items[rules->rules.count++] =
        (ktq_rule){.kind = kind,
                   .gate = gate,
                   .first_phase = first,
                   .phase_count = rules->phases.count - first,
                   .base = {re, im}};
    return true;
}

/* ---- evaluating ---- */

/* The cosine and the sine of half of each angle. */
static void halve_angles(const ktq_rules *rules, const double *values, double *halves)
{
    for (size_t i = 0; i < rules->angles.count; i++) {
        const double half =
            ktq_angle_value(&rules->angles.items[i], rules->terms.items, values) / 2;
        halves[2 * i] = cos(half);
        halves[2 * i + 1] = sin(half);
    }
}

static void evaluate_factor(double factor[2], const ktq_rule *rule, const ktq_phase *phases,
                            const double *halves)
{
    double re = rule->base[0], im = rule->base[1];
    for (size_t i = 0; i < rule->phase_count; i++) {
        const ktq_phase phase = phases[i];
        const double c = halves[2 * phase.angle], sine = halves[2 * phase.angle + 1];
        const double s = phase.halves < 0 ? -sine : sine;
        for (int32_t k = phase.halves < 0 ? -phase.halves : phase.halves; k > 0; k--) {
            const double product = re * c - im * s;
            im = re * s + im * c;
            re = product;
        }
    }
    factor[0] = re;
    factor[1] = im;
}

static void evaluate_matrix(double *to, const ktq_rules *rules, const ktq_rule *rule,
                            const double *values)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(rule->gate);
    const size_t rows = (size_t)1 << (spec->qubits - spec->controls);
    double complex matrix[RULE_ROWS_MAX * RULE_ROWS_MAX];
    double params[RULE_ROWS_MAX];
    assert(rows <= RULE_ROWS_MAX && rule->phase_count <= RULE_ROWS_MAX);
    for (size_t i = 0; i < rule->phase_count; i++)
        params[i] =
            ktq_angle_value(&rules->angles.items[rules->phases.items[rule->first_phase + i].angle],
                            rules->terms.items, values);
    spec->matrix(matrix, params);
    for (size_t i = 0; spec->is_diagonal && i < rows; i++)
        matrix[i] = matrix[i * rows + i];
    memcpy(to, matrix, (spec->is_diagonal ? rows : rows * rows) * sizeof *matrix);
}

/* A cosine as small as this is replaced by it in single precision, so that the amplitudes of four
 * such rotations together still have an exponent. */
static const double least_cosine = 0x1p-24;

static void evaluate_rotation(double numbers[2], const double half[2], ketch_precision precision)
{
    const double least = precision == KETCH_SINGLE ? least_cosine : 0;
    const double cosine = fabs(half[0]) < least ? copysign(least, half[0]) : half[0];
    numbers[0] = half[1] / cosine;
    numbers[1] = cosine;
    if (precision == KETCH_SINGLE)
        ktq_round_tangent(numbers);
}

void ktq_rules_evaluate(const ktq_rules *rules, const double *values, ketch_precision precision,
                        double *halves, double *numbers)
{
    halve_angles(rules, values, halves);
    for (size_t i = 0; i < rules->rules.count; i++) {
        const ktq_rule *const rule = &rules->rules.items[i];
        const ktq_phase *const phases = KT_LIST_AT(&rules->phases, rule->first_phase);
        double *const to = numbers + rule->data;
        if (rule->kind == KTQ_RULE_FACTOR)
            evaluate_factor(to, rule, phases, halves);
        else if (rule->kind == KTQ_RULE_ROTATE)
            evaluate_rotation(to, halves + 2 * phases[0].angle, precision);
        else
            evaluate_matrix(to, rules, rule, values);
    }
}
