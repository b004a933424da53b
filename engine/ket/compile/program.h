/* Programs: a plan whose kernel calls are prepared, for any number of runs. */
#ifndef KTQ_COMPILE_PROGRAM_H
#define KTQ_COMPILE_PROGRAM_H

#include "ket/compile/plan.h"
#include "ket/kernels/kernels.h"
#include "ketch/circuits.h"
#include <stdbool.h>

/* A program made by ketch_program_create owns its plan. One made by ketch_program_bind refers to
 * the program it was bound from, its origin, and to that one's plan and calls; of its own it has
 * the calls that depend on values. Immutable but for references, which is atomic. Everything that a
 * program owns lies in one piece of memory with it, the plan's lists apart. */
struct ketch_program {
    uint64_t magic;
    int32_t references;
    ketch_program *origin; /* NULL: it is one itself */
    const ktq_plan *plan;
    ktq_pass *passes;      /* plan->passes.count of them */
    const double *numbers; /* of a bound program: the plan's, with those that rules compute */
    const double *values;  /* of a bound program: its parameters' */
};

ketch_status ktq_program_check(const ketch_program *program, const char *function,
                               ketch_error *error);
/* Makes a program of a plan, which it owns from then on; *plan is zeroed. NULL, and the plan as it
 * was, where memory is refused. */
ketch_program *ktq_program_make(ktq_plan *plan);
/* How many parameters have no values yet. */
size_t ktq_program_open_parameters(const ketch_program *program);
/* Bytes of scratch for one of its tiles, without what sums of the tile take. */
uint64_t ktq_tile_scratch(const ketch_program *program);

#endif
