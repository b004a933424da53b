/* Checks of amplitudes that a caller gives: finite numbers of norm 1. */
#ifndef KTQ_STATE_NORM_H
#define KTQ_STATE_NORM_H

#include "ket/state/chunks.h"
#include "ketch/circuits.h"

/* The norm of the amplitudes, infinite where squares overflow, on the calling thread. NONFINITE
 * names the first number that is not finite. */
ketch_status ktq_norm_read(double *norm, const ktq_chunks *chunks, const char *argument,
                           const char *function, ketch_error *error);
/* NORM unless 1 within 1e-6. */
ketch_status ktq_norm_check(double norm, const char *argument, const char *function,
                            ketch_error *error);

#endif
