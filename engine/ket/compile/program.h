/* Programs: a plan whose kernel calls are prepared, for any number of runs. */
#ifndef KTQ_COMPILE_PROGRAM_H
#define KTQ_COMPILE_PROGRAM_H

#include "arena.h"
#include "ket/compile/plan.h"
#include "ket/kernels/kernels.h"
#include "ketch/circuits.h"
#include <stdbool.h>

/* A program made by ketch_program_create owns its plan. One made by ketch_program_bind refers to
 * the program it was bound from, its origin, and to that one's plan and calls; of its own it has
 * the calls that depend on values. Immutable but for references, which is atomic. A program lies at
 * the beginning of its block, with everything that it owns. */
struct ketch_program {
    uint64_t magic;
    int32_t references;
    ketch_block *block;
    ketch_program *origin; /* NULL: it is one itself */
    const ktq_plan *plan;
    ktq_pass *passes;      /* plan->passes.count of them */
    const double *numbers; /* of a bound program: the plan's, with those that rules compute */
    const double *values;  /* of a bound program: its parameters' */
};

ketch_status ktq_program_check(const ketch_program *program, const char *function,
                               ketch_error *error);
/* Makes a program of a copy of the plan, in a block of the arena. NULL, and *refusal is filled in,
 * where memory is refused. */
ketch_program *ktq_program_make(const ktq_plan *plan, ketch_arena *arena, kt_refusal *refusal);
/* Takes a block for a program, which ends with it. The block's memory is unspecified. */
ketch_block *ktq_program_take_block(ketch_arena *arena, size_t size, kt_refusal *refusal);
/* How many parameters have no values yet. */
size_t ktq_program_open_parameters(const ketch_program *program);
/* Bytes of scratch for one of its tiles, without what sums of the tile take. */
uint64_t ktq_tile_scratch(const ketch_program *program);

#endif
