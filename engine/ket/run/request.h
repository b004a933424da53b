/* The observables of a run as bytes that can be kept and saved: for each observable its kind and
 * count, then its list of qubits, or of X masks (if its kind has them), Z masks and coefficients. */
#ifndef KTQ_RUN_REQUEST_H
#define KTQ_RUN_REQUEST_H

#include "ketch/circuits.h"
#include <stdbool.h>

/* An encoded request, aligned to 8 bytes, and the observables that point into it, each in memory of
 * its own. */
typedef struct ktq_request {
    void *bytes;
    uint64_t size;
    ketch_observable *list;
} ktq_request;

/* The size of asked's observables when encoded. */
uint64_t ktq_request_size(const ketch_shots *asked);
/* Encodes asked's observables. */
void ktq_request_encode(void *bytes, const ketch_shots *asked);

/* Takes memory for a request that is read from a file. */
ketch_status ktq_request_take(ktq_request *request, uint64_t size, const char *function,
                              ketch_error *error);
/* Fills in asked's observables, which point into the request. CORRUPT: the bytes are no encoded
 * request. MEMORY. No text is written. */
ketch_status ktq_request_decode(ktq_request *request, ketch_shots *asked);
void ktq_request_give(ktq_request *request);

#endif
