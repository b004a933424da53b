/* Circuits with parameters. */
#include "ket/circuit/parameter.h"

#include "ket/circuit/add.h"
#include "ket/circuit/gates.h"
#include "status.h"

#include <math.h>

/* Of a gate of fixed shape. */
enum { ANGLES_MAX = 4 };

ketch_status ketch_circuit_add_parameters(ketch_circuit *circuit, int32_t count, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const int32_t left = KETCH_PARAMETERS_MAX - (int32_t)circuit->parameters.count;
    if (count < 0 || count > left)
        return kt_fail(error, KETCH_RANGE, __func__, "count", kt_format("%d", count).text,
                       kt_format("0..%d", left).text, "number of parameters");
    if (!KT_LIST_RESERVE(&circuit->parameters, (size_t)count))
        return kt_fail_heap(error, __func__);
    for (int32_t i = 0; i < count; i++)
        circuit->parameters.items[circuit->parameters.count++] = (ktq_parameter){KT_NONE};
    return KETCH_OK;
}

int32_t ketch_circuit_parameters(const ketch_circuit *circuit)
{
    return circuit ? (int32_t)circuit->parameters.count : 0;
}

/* ---- checks ---- */

/* Angle i of a gate of that name that is being added by the function; -1: its one angle. */
typedef struct checked_angle {
    const ketch_circuit *circuit;
    const char *name, *function;
    const ketch_angle *angle;
    ketch_error *error;
    int32_t i;
} checked_angle;

static const char *angle_argument(const checked_angle *c)
{
    return c->i < 0 ? "angle" : "angles";
}

/* "gate 3 (rx), angles[0]", and ".terms[2]" for a term; -1: the angle itself. */
static kt_text angle_label(const checked_angle *c, int64_t term)
{
    const kt_text label =
        kt_format("gate %llu (%s), %s", (unsigned long long)c->circuit->steps, c->name,
                  c->i < 0 ? "angle" : kt_format("angles[%d]", c->i).text);
    return term < 0 ? label : kt_format("%s.terms[%lld]", label.text, (long long)term);
}

static ketch_status check_parameter(const checked_angle *c, int32_t parameter, int64_t term)
{
    const int32_t parameters = ketch_circuit_parameters(c->circuit), least = term < 0 ? -1 : 0;
    if (parameter >= least && parameter < parameters)
        return KETCH_OK;
    const char *const none = term < 0 ? ", or -1 for none" : "";
    const char *const nothing = term < 0 ? "-1" : "no terms";
    return kt_fail(c->error, KETCH_INDEX, c->function, angle_argument(c),
                   kt_format("%d", parameter).text,
                   parameters ? kt_format("0..%d%s", parameters - 1, none).text
                              : kt_format("%s: the circuit has no parameters", nothing).text,
                   "%s, parameter", angle_label(c, term).text);
}

static ketch_status check_finite_number(const checked_angle *c, double number, int64_t term)
{
    if (isfinite(number))
        return KETCH_OK;
    return kt_fail(c->error, KETCH_NONFINITE, c->function, angle_argument(c),
                   kt_number(number).text, "finite numbers", "%s", angle_label(c, term).text);
}

static ketch_status check_terms(const checked_angle *c)
{
    const ketch_angle *const angle = c->angle;
    if (angle->term_count > KETCH_PARAMETERS_MAX)
        return kt_fail(c->error, KETCH_RANGE, c->function, angle_argument(c),
                       kt_format("%llu", (unsigned long long)angle->term_count).text,
                       kt_format("0..%d", KETCH_PARAMETERS_MAX).text, "%s, number of terms",
                       angle_label(c, -1).text);
    if (angle->term_count > 0 && !angle->terms)
        return kt_fail(c->error, KETCH_HANDLE, c->function, angle_argument(c), "NULL", "an array",
                       "%s.terms", angle_label(c, -1).text);
    for (uint64_t i = 0; i < angle->term_count; i++) {
        KT_TRY(check_parameter(c, angle->terms[i].parameter, (int64_t)i));
        KT_TRY(check_finite_number(c, angle->terms[i].factor, (int64_t)i));
    }
    return KETCH_OK;
}

ketch_status ktq_angle_check(const ketch_circuit *circuit, const char *name,
                             const ketch_angle *angle, int32_t i, const char *function,
                             ketch_error *error)
{
    const checked_angle c = {circuit, name, function, angle, error, i};
    KT_TRY(check_parameter(&c, angle->parameter, -1));
    if (angle->parameter >= 0)
        KT_TRY(check_finite_number(&c, angle->factor, -1));
    KT_TRY(check_finite_number(&c, angle->offset, -1));
    return check_terms(&c);
}

static ketch_status check_angles(const ketch_circuit *circuit, const ktq_gate_spec *spec,
                                 const ketch_angle *angles, const char *function,
                                 ketch_error *error)
{
    if (spec->params > 0 && !angles)
        return kt_fail(error, KETCH_ARITY, function, "angles", "0",
                       kt_format("%d", spec->params).text, "gate %llu (%s), number of angles",
                       (unsigned long long)circuit->steps, spec->name);
    for (int32_t i = 0; i < spec->params; i++)
        KT_TRY(ktq_angle_check(circuit, spec->name, &angles[i], i, function, error));
    return KETCH_OK;
}

/* ---- gates ---- */

static bool is_constant(const ketch_angle *angle)
{
    return angle->parameter < 0 && angle->term_count == 0;
}

/* The angle as it is kept but for first_term: an angle that has terms alone begins with the first.
 */
static ktq_angle make_angle(const ketch_angle *angle)
{
    const bool begins_with_term = angle->parameter < 0 && angle->term_count > 0;
    return (ktq_angle){.parameter = begins_with_term ? angle->terms[0].parameter : angle->parameter,
                       .term_count = (uint32_t)(angle->term_count - begins_with_term),
                       .factor = begins_with_term ? angle->terms[0].factor : angle->factor,
                       .offset = angle->offset};
}

static bool same_terms(const ketch_term *a, const ketch_term *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i].parameter != b[i].parameter || a[i].factor != b[i].factor)
            return false;
    return true;
}

/* terms: those of b. */
static bool same_angle(const ketch_circuit *circuit, const ktq_angle *a, const ktq_angle *b,
                       const ketch_term *terms)
{
    return a->parameter == b->parameter && a->factor == b->factor && a->offset == b->offset &&
           a->term_count == b->term_count &&
           same_terms(KT_LIST_AT(&circuit->terms, a->first_term), terms, b->term_count);
}

static void append_angle(ketch_circuit *circuit, ktq_angle angle, const ketch_term *terms)
{
    angle.first_term = circuit->terms.count;
    for (uint32_t i = 0; i < angle.term_count; i++)
        circuit->terms.items[circuit->terms.count++] = terms[i];
    circuit->angles.items[circuit->angles.count++] = angle;
}

/* The angle's index among the circuit's angles, which have room for one more. Gates in a row often
 * share one. */
static size_t index_angle(ketch_circuit *circuit, const ketch_angle *given)
{
    const ktq_angle angle = make_angle(given);
    const ketch_term *const terms =
        angle.term_count ? given->terms + (given->term_count - angle.term_count) : NULL;
    size_t *const latest = &circuit->parameters.items[angle.parameter].latest_angle;
    if (*latest == KT_NONE ||
        !same_angle(circuit, &circuit->angles.items[*latest], &angle, terms)) {
        *latest = circuit->angles.count;
        append_angle(circuit, angle, terms);
    }
    return *latest;
}

/* Drops the last angle if the last one before it that begins with its parameter is the same.
 * Returns the index of the one that stays. */
static size_t settle_last_angle(ketch_circuit *circuit)
{
    const size_t last = circuit->angles.count - 1;
    const ktq_angle *const angle = &circuit->angles.items[last];
    if (angle->parameter < 0)
        return last;
    size_t *const latest = &circuit->parameters.items[angle->parameter].latest_angle;
    if (*latest == KT_NONE || !same_angle(circuit, &circuit->angles.items[*latest], angle,
                                          KT_LIST_AT(&circuit->terms, angle->first_term))) {
        *latest = last;
        return last;
    }
    circuit->angles.count--;
    circuit->terms.count = (size_t)angle->first_term;
    return *latest;
}

size_t ktq_angle_copy(ketch_circuit *circuit, const ketch_circuit *from, size_t index, double sign)
{
    ktq_angle angle = from->angles.items[index];
    const ketch_term *const terms = KT_LIST_AT(&from->terms, angle.first_term);
    const size_t first = circuit->terms.count;
    angle.factor *= sign;
    angle.offset *= sign;
    append_angle(circuit, angle, terms);
    for (size_t i = first; i < circuit->terms.count; i++)
        circuit->terms.items[i].factor *= sign;
    return settle_last_angle(circuit);
}

bool ktq_angles_reserve(ketch_circuit *circuit, const ketch_angle *angles, size_t count)
{
    uint64_t terms = 0;
    for (size_t i = 0; i < count; i++)
        terms += angles[i].term_count;
    return KT_LIST_RESERVE(&circuit->angles, count) &&
           (terms == 0 || KT_LIST_RESERVE(&circuit->terms, terms));
}

void ktq_angles_put(ketch_circuit *circuit, const ketch_angle *angles)
{
    ktq_gate *const gate = &circuit->gates.items[circuit->gates.count - 1];
    const int32_t count = ktq_gate_spec_of(gate->gate)->params;
    for (int32_t i = 0; i < count; i++) {
        if (is_constant(&angles[i]))
            continue;
        circuit->params.items[gate->first_param + (uint64_t)i] =
            (double)index_angle(circuit, &angles[i]);
        gate->angle_mask |= (uint16_t)(1U << i);
    }
}

ketch_status ketch_circuit_parametric(ketch_circuit *circuit, ketch_gate gate,
                                      const int32_t *qubits, const ketch_angle *angles,
                                      int32_t control_count, const int32_t *controls,
                                      const uint8_t *values, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)gate);
    double offsets[ANGLES_MAX] = {0};
    size_t count = 0;
    if (spec && spec->matrix) {
        KT_TRY(check_angles(circuit, spec, angles, __func__, error));
        for (count = 0; count < (size_t)spec->params; count++)
            offsets[count] = angles[count].offset;
    }
    if (!ktq_angles_reserve(circuit, angles, count))
        return kt_fail_heap(error, __func__);
    KT_TRY(ktq_add_gate(circuit, gate, qubits, offsets, control_count, controls, values, __func__,
                        error));
    ktq_angles_put(circuit, angles);
    return KETCH_OK;
}

/* ---- values ---- */

ketch_status ktq_values_check(const double *values, uint64_t given, size_t parameters,
                              const ktq_angle *angles, size_t angle_count, const ketch_term *terms,
                              const char *function, ketch_error *error)
{
    if (given != parameters)
        return kt_fail(error, KETCH_ARITY, function, "count",
                       kt_format("%llu", (unsigned long long)given).text,
                       kt_format("%zu", parameters).text, "number of values");
    if (given && !values)
        return kt_fail(error, KETCH_HANDLE, function, "values", "NULL", "an array", "values");
    for (size_t i = 0; i < parameters; i++)
        if (!isfinite(values[i]))
            return kt_fail(error, KETCH_NONFINITE, function, "values", kt_number(values[i]).text,
                           "finite numbers", "values[%zu]", i);
    for (size_t i = 0; i < angle_count; i++) {
        const double angle = ktq_angle_value(&angles[i], terms, values);
        if (!isfinite(angle))
            return kt_fail(error, KETCH_NONFINITE, function, "values", kt_number(angle).text,
                           "finite angles", "an angle made of values[%d]%s", angles[i].parameter,
                           angles[i].term_count ? " and others" : "");
    }
    return KETCH_OK;
}

/* Replaces the angles of all gates by numbers. */
static void put_values(ketch_circuit *circuit, const double *values)
{
    for (size_t i = 0; i < circuit->gates.count; i++) {
        ktq_gate *const gate = &circuit->gates.items[i];
        double *const params = circuit->params.items + gate->first_param;
        FOR_EACH_BIT(k, gate->angle_mask)
            params[k] = ktq_angle_value(&circuit->angles.items[(size_t)params[k]],
                                        circuit->terms.items, values);
        gate->angle_mask = 0;
    }
    circuit->parameters.count = circuit->angles.count = circuit->terms.count = 0;
}

ketch_status ketch_circuit_bind(ketch_circuit **bound, const ketch_circuit *circuit,
                                const double *values, uint64_t count, ketch_error *error)
{
    if (!bound)
        return kt_fail_handle(error, __func__, "bound", "a place for the circuit", bound);
    *bound = NULL;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    KT_TRY(ktq_values_check(values, count, circuit->parameters.count, circuit->angles.items,
                            circuit->angles.count, circuit->terms.items, __func__, error));
    ketch_circuit *made = NULL;
    if (ketch_circuit_copy(&made, circuit, NULL))
        return kt_fail_heap(error, __func__);
    put_values(made, values);
    *bound = made;
    return KETCH_OK;
}
