/* Stage: fingerprint.
 * Input:   a plan, or a program with its numbers.
 * Output:  a hash of all that decides the bits of a run.
 * Purpose: a saved run is carried on by an equal program only.
 * Cost:    linear in the plan, at several bytes a nanosecond. */
#ifndef KTQ_COMPILE_FINGERPRINT_H
#define KTQ_COMPILE_FINGERPRINT_H

#include "ket/compile/program.h"

/* The number of the rules by which plans are carried out. It must rise with any change of kernels or
 * of the executor that gives other bits for the same plan. */
enum { KTQ_EXECUTOR_FORMAT = 1 };

/* costs: a hash of the costs that it was planned with.
 * program: a hash of the plan and, of a bound program, of the numbers that rules computed. */
typedef struct ktq_fingerprint {
    ketch_kernels kernels;
    ketch_precision precision;
    uint32_t executor_format;
    uint64_t costs;
    uint64_t program;
} ktq_fingerprint;

/* Of a program that can run. Any thread. */
ktq_fingerprint ktq_program_fingerprint(const ketch_program *program);
/* The first thing that differs, for people: "kernel set", "precision", "format of the executor",
 * "table of costs" or "program"; NULL where the fingerprints are equal. */
const char *ktq_fingerprint_difference(const ktq_fingerprint *a, const ktq_fingerprint *b);

#endif
