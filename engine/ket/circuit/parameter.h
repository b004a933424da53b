/* Parameters: angles made of the values of a circuit's parameters. */
#ifndef KTQ_CIRCUIT_PARAMETER_H
#define KTQ_CIRCUIT_PARAMETER_H

#include "ket/circuit/circuit.h"

/* The one way an angle is computed, so that a bound circuit and a bound program agree. terms: the
 * list that the angle's are in. */
static inline double ktq_angle_value(const ktq_angle *angle, const ketch_term *terms,
                                     const double *values)
{
    if (angle->parameter < 0)
        return angle->offset;
    double sum = angle->factor * values[angle->parameter] + angle->offset;
    for (uint32_t i = 0; i < angle->term_count; i++)
        sum += terms[angle->first_term + i].factor * values[terms[angle->first_term + i].parameter];
    return sum;
}

/* Checks an angle, number i of a gate that is being added, or -1 where it is an argument of its own;
 * name: the gate's. */
ketch_status ktq_angle_check(const ketch_circuit *circuit, const char *name,
                             const ketch_angle *angle, int32_t i, const char *function,
                             ketch_error *error);

/* Makes room for `count` more angles and their terms; false where memory is refused. */
bool ktq_angles_reserve(ketch_circuit *circuit, const ketch_angle *angles, size_t count);

/* Replaces params of the gate that was added last by those of its angles that depend on a parameter.
 * They have been checked, and there is room for them. */
void ktq_angles_put(ketch_circuit *circuit, const ketch_angle *angles);

/* Adds a copy of angle number `index` of `from` times sign, unless the last angle that begins with
 * its parameter is the same. There is room for it and its terms. Returns its index in `circuit`,
 * which may be `from`. */
size_t ktq_angle_copy(ketch_circuit *circuit, const ketch_circuit *from, size_t index, double sign);

/* Whether values[0..given-1] fit `parameters` parameters and make finite angles. */
ketch_status ktq_values_check(const double *values, uint64_t given, size_t parameters,
                              const ktq_angle *angles, size_t angle_count, const ketch_term *terms,
                              const char *function, ketch_error *error);

#endif
