/* Parameters: angles made of the values of a circuit's parameters. */
#ifndef KTQ_CIRCUIT_PARAMETER_H
#define KTQ_CIRCUIT_PARAMETER_H

#include "ket/circuit/circuit.h"

/* The one way an angle is computed, so that a bound circuit and a bound program agree. */
static inline double ktq_angle_value(const ketch_angle *angle, const double *values)
{
    return angle->parameter < 0 ? angle->offset
                                : angle->factor * values[angle->parameter] + angle->offset;
}

/* Whether values[0..given-1] fit `parameters` parameters and make finite angles. */
ketch_status ktq_values_check(const double *values, uint64_t given, size_t parameters,
                              const ketch_angle *angles, size_t angle_count, const char *function,
                              ketch_error *error);

#endif
