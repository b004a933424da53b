/* Checks of arguments: qubits, terms and observables. */
#ifndef KTQ_STATE_CHECKS_H
#define KTQ_STATE_CHECKS_H

#include "ket/kernels/pauli_sums.h"
#include "ketch/circuits.h"

#include <stdbool.h>

/* Refuses a list that is not of `count` different qubits of a state. */
ketch_status ktq_qubits_check(int32_t state_qubits, int64_t count, const int32_t *qubits,
                              const char *function, ketch_error *error);

/* A sum of Pauli terms, as in ketch_state_pauli. x_masks NULL: no X. z_name: what the caller's
 * argument with the Z masks is called. */
typedef struct ktq_terms {
    uint64_t count;
    const uint64_t *x_masks, *z_masks;
    const double *coefficients;
    const char *z_name;
} ktq_terms;

static inline uint64_t ktq_terms_x(const ktq_terms *terms, uint64_t i)
{
    return terms->x_masks ? terms->x_masks[i] : 0;
}

/* Term i for a kernel's sums; number 0 of a row. */
static inline ktq_pauli_term ktq_terms_pauli(const ktq_terms *terms, uint64_t i)
{
    return (ktq_pauli_term){
        .x = ktq_terms_x(terms, i), .z = terms->z_masks[i], .coefficient = terms->coefficients[i]};
}

/* How many terms have no X. */
uint64_t ktq_terms_count_z(const ktq_terms *terms);
/* Refuses terms that are not of qubits of a state, with finite coefficients. */
ketch_status ktq_terms_check(int32_t state_qubits, const ktq_terms *terms, const char *function,
                             ketch_error *error);

/* The terms of an observable of Z or of Pauli terms. A caller's struct of an older header has no X
 * masks. */
ktq_terms ktq_observable_terms(const ketch_observable *observable);
/* Refuses observables that a run on this number of qubits cannot give. is_sampled: the shots are
 * drawn from one final state. */
ketch_status ktq_observables_check(int32_t qubits, bool is_sampled, const ketch_shots *asked,
                                   const char *function, ketch_error *error);

/* Observable i of an array whose stride is the first one's size. */
static inline const ketch_observable *ktq_observable_at(const ketch_observable *first, uint64_t i)
{
    return (const ketch_observable *)(const void *)((const char *)first + i * first->size);
}

#endif
