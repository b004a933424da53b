/* What a run is asked to observe, as bytes that can be kept and saved: for each observable its kind
 * and count, then its list of qubits, or of masks and coefficients. */
#ifndef KTQ_RUN_REQUEST_H
#define KTQ_RUN_REQUEST_H

#include "ketch/circuits.h"
#include <stdbool.h>

/* Bytes of a request, aligned to 8, in memory of its own, and the observables that point into it. */
typedef struct ktq_request {
    void *bytes;
    uint64_t size;
    ketch_observable *list;
    size_t list_count;
} ktq_request;

/* Bytes that asked's observables take. */
uint64_t ktq_request_size(const ketch_shots *asked);
/* Writes them. */
void ktq_request_encode(void *bytes, const ketch_shots *asked);

/* Memory for a request that is read from a file. */
ketch_status ktq_request_take(ktq_request *request, uint64_t size, const char *function,
                              ketch_error *error);
/* Fills in asked's observables, which point into the request. False where the bytes are none of an
 * encoded request or memory is refused. */
bool ktq_request_decode(ktq_request *request, ketch_shots *asked);
void ktq_request_give(ktq_request *request);

#endif
