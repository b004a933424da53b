#include "ket/compile/fingerprint.h"

#include "hash.h"
#include "ket/compile/plan_hash.h"

static uint64_t program_hash(const ketch_program *program)
{
    const ktq_plan *const plan = program->plan;
    const uint64_t hash = plan->is_hashed ? plan->hash : ktq_plan_hash(plan);
    if (!program->numbers)
        return hash;
    kt_hash numbers;
    kt_hash_begin(&numbers, hash);
    kt_hash_add(&numbers, program->numbers, plan->numbers.count * sizeof *program->numbers);
    return kt_hash_end(&numbers);
}

ktq_fingerprint ktq_program_fingerprint(const ketch_program *program)
{
    const ktq_plan *const plan = program->plan;
    return (ktq_fingerprint){.kernels = plan->set->id,
                             .precision = plan->precision,
                             .executor_format = KTQ_EXECUTOR_FORMAT,
                             .costs = ktq_costs_hash(plan->set->costs),
                             .program = program_hash(program)};
}

const char *ktq_fingerprint_difference(const ktq_fingerprint *a, const ktq_fingerprint *b)
{
    return a->kernels != b->kernels                   ? "kernel set"
           : a->precision != b->precision             ? "precision"
           : a->executor_format != b->executor_format ? "format of the executor"
           : a->costs != b->costs                     ? "table of costs"
           : a->program != b->program                 ? "program"
                                                      : NULL;
}
