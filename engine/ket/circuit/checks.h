/* Checks of what is added to a circuit. Each fills the caller's error with the gate's number, its
 * name and the argument. */
#ifndef KTQ_CIRCUIT_CHECKS_H
#define KTQ_CIRCUIT_CHECKS_H

#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"
#include "status.h"
#include <math.h>

/* What is being added, and by which public function. number: the gate's, in the circuit or, where
 * the call adds many, in the call. name: what is added, for errors; NULL: the gate's name. */
typedef struct ktq_addition {
    ketch_circuit *circuit;
    ketch_error *error;
    const char *function, *name;
    uint64_t number;
    bool is_many;
    int32_t gate;
} ktq_addition;

/* A gate's own qubits and its further controls, which must all differ. */
typedef struct ktq_qubit_row {
    const int32_t *own, *controls;
    size_t own_count, control_count;
} ktq_qubit_row;

static inline ktq_addition ktq_addition_begin(ketch_circuit *circuit, ketch_gate gate,
                                              const char *function, ketch_error *error)
{
    return (ktq_addition){.circuit = circuit,
                          .error = error,
                          .function = function,
                          .number = circuit->steps,
                          .gate = (int32_t)gate};
}

/* "gate 3 (cx)" */
kt_text ktq_addition_label(const ktq_addition *a);

/* ---- failures, for the checks below and those of the files that add ---- */

ketch_status ktq_fail_null(const ktq_addition *a, const char *argument);
/* RANGE; what: "number of qubits". */
ketch_status ktq_fail_count(const ktq_addition *a, const char *argument, int64_t given,
                            int32_t least, int32_t most, const char *what);
ketch_status ktq_fail_arity(const ktq_addition *a, const char *argument, uint64_t given,
                            uint64_t wanted);
ketch_status ktq_fail_gate(const ktq_addition *a, const ktq_gate_spec *spec);
ketch_status ktq_fail_qubit(const ktq_addition *a, const ktq_qubit_row *row, size_t i);
ketch_status ktq_fail_same_qubit(const ktq_addition *a, const ktq_qubit_row *row, size_t second);
ketch_status ktq_fail_nonfinite(const ktq_addition *a, const char *array, size_t position,
                                double given);

/* ---- checks; those that run for each of many gates are inline ---- */

static inline int32_t ktq_row_qubit(const ktq_qubit_row *row, size_t i)
{
    return i < row->own_count ? row->own[i] : row->controls[i - row->own_count];
}

/* Checks that the qubits exist and differ, and writes them to out. */
static inline ketch_status ktq_check_qubits(uint8_t *out, const ktq_addition *a,
                                            const ktq_qubit_row *row)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < row->own_count + row->control_count; i++) {
        const int32_t qubit = ktq_row_qubit(row, i);
        if (qubit < 0 || qubit >= a->circuit->qubit_count)
            return ktq_fail_qubit(a, row, i);
        if (seen >> qubit & 1)
            return ktq_fail_same_qubit(a, row, i);
        seen |= UINT64_C(1) << qubit;
        out[i] = (uint8_t)qubit;
    }
    return KETCH_OK;
}

static inline ketch_status ktq_check_finite(const ktq_addition *a, const char *array,
                                            const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i]))
            return ktq_fail_nonfinite(a, array, i, numbers[i]);
    return KETCH_OK;
}

/* Finds the spec of a gate of fixed shape, which the general calls may add. */
static inline ketch_status ktq_find_spec(const ktq_gate_spec **spec, const ktq_addition *a)
{
    *spec = ktq_gate_spec_of(a->gate);
    return *spec && (*spec)->matrix ? KETCH_OK : ktq_fail_gate(a, *spec);
}

/* The number of qubits that a gate acts on, 1..most and no more than there are. */
ketch_status ktq_check_own(const ktq_addition *a, int32_t count, int32_t most);
/* The number of further controls of a gate with own_count qubits of its own. */
ketch_status ktq_check_controls(const ktq_addition *a, int32_t own_count, int32_t count,
                                const int32_t *controls);
/* The values that controls act on, NULL: all on 1. Bit i of *open is set where control i acts on 0.
 */
ketch_status ktq_check_values(uint64_t *open, const ktq_addition *a, int32_t count,
                              const uint8_t *values);

/* Adds one gate of any kind; its params have been checked. */
ketch_status ktq_add_checked(const ktq_addition *a, const ktq_qubit_row *row, const double *params,
                             size_t param_count, uint64_t open_controls, uint32_t bit);

#endif
