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

/* ---- gates ---- */

/* "gate 3 (rx), angles[0]" */
static kt_text angle_label(const ketch_circuit *circuit, const ktq_gate_spec *spec, int32_t i)
{
    return kt_format("gate %llu (%s), angles[%d]", (unsigned long long)circuit->steps, spec->name,
                     i);
}

static ketch_status check_angle(const ketch_circuit *circuit, const ktq_gate_spec *spec,
                                const ketch_angle *angle, int32_t i, const char *function,
                                ketch_error *error)
{
    const int32_t parameters = ketch_circuit_parameters(circuit);
    if (angle->parameter < -1 || angle->parameter >= parameters)
        return kt_fail(error, KETCH_INDEX, function, "angles",
                       kt_format("%d", angle->parameter).text,
                       parameters ? kt_format("0..%d, or -1 for none", parameters - 1).text
                                  : "-1: the circuit has no parameters",
                       "%s, parameter", angle_label(circuit, spec, i).text);
    const double number =
        angle->parameter < 0 || isfinite(angle->factor) ? angle->offset : angle->factor;
    if (isfinite(number))
        return KETCH_OK;
    return kt_fail(error, KETCH_NONFINITE, function, "angles", kt_number(number).text,
                   "finite numbers", "%s", angle_label(circuit, spec, i).text);
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
        KT_TRY(check_angle(circuit, spec, &angles[i], i, function, error));
    return KETCH_OK;
}

static bool same_angle(const ketch_angle *a, const ketch_angle *b)
{
    return a->parameter == b->parameter && a->factor == b->factor && a->offset == b->offset;
}

/* The angle's index among the circuit's angles, which have room for one more. Gates in a row often
 * share one. */
static size_t index_angle(ketch_circuit *circuit, const ketch_angle *angle)
{
    size_t *const latest = &circuit->parameters.items[angle->parameter].latest_angle;
    if (*latest == KT_NONE || !same_angle(&circuit->angles.items[*latest], angle)) {
        *latest = circuit->angles.count++;
        circuit->angles.items[*latest] = *angle;
    }
    return *latest;
}

/* Replaces params of the last gate by the angles that depend on a parameter. */
static void put_angles(ketch_circuit *circuit, const ketch_angle *angles)
{
    ktq_gate *const gate = &circuit->gates.items[circuit->gates.count - 1];
    for (uint16_t i = 0; i < gate->param_count; i++) {
        if (angles[i].parameter < 0)
            continue;
        circuit->params.items[gate->first_param + i] = (double)index_angle(circuit, &angles[i]);
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
    if (spec && spec->matrix) {
        KT_TRY(check_angles(circuit, spec, angles, __func__, error));
        for (int32_t i = 0; i < spec->params; i++)
            offsets[i] = angles[i].offset;
    }
    if (!KT_LIST_RESERVE(&circuit->angles, ANGLES_MAX))
        return kt_fail_heap(error, __func__);
    KT_TRY(ktq_add_gate(circuit, gate, qubits, offsets, control_count, controls, values, __func__,
                        error));
    put_angles(circuit, angles);
    return KETCH_OK;
}

/* ---- values ---- */

ketch_status ktq_values_check(const double *values, uint64_t given, size_t parameters,
                              const ketch_angle *angles, size_t angle_count, const char *function,
                              ketch_error *error)
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
        const double angle = ktq_angle_value(&angles[i], values);
        if (!isfinite(angle))
            return kt_fail(error, KETCH_NONFINITE, function, "values", kt_number(angle).text,
                           "finite angles", "an angle made of values[%d]", angles[i].parameter);
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
            params[k] = ktq_angle_value(&circuit->angles.items[(size_t)params[k]], values);
        gate->angle_mask = 0;
    }
    circuit->parameters.count = circuit->angles.count = 0;
}

ketch_status ketch_circuit_bind(ketch_circuit **bound, const ketch_circuit *circuit,
                                const double *values, uint64_t count, ketch_error *error)
{
    if (!bound)
        return kt_fail_handle(error, __func__, "bound", "a place for the circuit", bound);
    *bound = NULL;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    KT_TRY(ktq_values_check(values, count, circuit->parameters.count, circuit->angles.items,
                            circuit->angles.count, __func__, error));
    ketch_circuit *made = NULL;
    if (ketch_circuit_copy(&made, circuit, NULL))
        return kt_fail_heap(error, __func__);
    put_values(made, values);
    *bound = made;
    return KETCH_OK;
}
