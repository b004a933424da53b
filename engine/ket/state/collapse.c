#include "ket/state/collapse.h"

#include "ket/state/chunks.h"

#include <assert.h>
#include <math.h>

ktq_outcome ktq_outcome_choose(double weight0, double weight1, double uniform)
{
    assert(weight0 >= 0 && weight1 >= 0 && weight0 + weight1 > 0);
    const bool zero = weight1 <= 0 || (weight0 > 0 && uniform * (weight0 + weight1) < weight0);
    return (ktq_outcome){zero ? 0 : 1, 1 / sqrt(zero ? weight0 : weight1)};
}

uint64_t ktq_collapse_count(int32_t qubits)
{
    return ktq_chunk_count(qubits - 1);
}

/* Of each pair of amplitudes that differ in the qubit, one is kept and the other zeroed. */
typedef struct pair_plan {
    uint64_t low;        /* mask of the bits below the qubit */
    uint64_t from, to;   /* bit of the one read, of the one written */
    uint64_t first, end; /* pairs */
} pair_plan;

static void collapse_double(const pair_plan *plan, double scale, ktq_pair *amplitudes)
{
    for (uint64_t pair = plan->first; pair < plan->end; pair++) {
        const uint64_t index = ((pair & ~plan->low) << 1) | (pair & plan->low);
        const ktq_pair kept = amplitudes[index | plan->from] * scale;
        amplitudes[index | (plan->to ^ (plan->low + 1))] = (ktq_pair){0, 0};
        amplitudes[index | plan->to] = kept;
    }
}

static void collapse_single(const pair_plan *plan, float scale, ktq_pair_single *amplitudes)
{
    for (uint64_t pair = plan->first; pair < plan->end; pair++) {
        const uint64_t index = ((pair & ~plan->low) << 1) | (pair & plan->low);
        const ktq_pair_single kept = amplitudes[index | plan->from] * scale;
        amplitudes[index | (plan->to ^ (plan->low + 1))] = (ktq_pair_single){0, 0};
        amplitudes[index | plan->to] = kept;
    }
}

ketch_status ktq_collapse_body(uint64_t index, int32_t worker, void *user)
{
    (void)worker;
    const ktq_collapse *collapse = user;
    const uint64_t bit = UINT64_C(1) << collapse->qubit;
    const int32_t bits = ktq_chunk_bits(collapse->qubits - 1);
    const uint64_t from = collapse->outcome ? bit : 0;
    const pair_plan plan = {.low = bit - 1,
                            .from = from,
                            .to = collapse->resets ? 0 : from,
                            .first = index << bits,
                            .end = (index + 1) << bits};
    if (collapse->precision == KETCH_SINGLE)
        collapse_single(&plan, (float)collapse->scale, collapse->amplitudes);
    else
        collapse_double(&plan, collapse->scale, collapse->amplitudes);
    return KETCH_OK;
}

static void project_double(const ktq_project *project, uint64_t first, uint64_t end)
{
    ktq_pair *const amplitudes = project->amplitudes;
    for (uint64_t i = first; i < end; i++)
        amplitudes[i] = (i & project->mask) == project->value ? amplitudes[i] * project->scale
                                                              : (ktq_pair){0, 0};
}

static void project_single(const ktq_project *project, uint64_t first, uint64_t end)
{
    ktq_pair_single *const amplitudes = project->amplitudes;
    const float scale = (float)project->scale;
    for (uint64_t i = first; i < end; i++)
        amplitudes[i] =
            (i & project->mask) == project->value ? amplitudes[i] * scale : (ktq_pair_single){0, 0};
}

ketch_status ktq_project_body(uint64_t chunk, int32_t worker, void *user)
{
    (void)worker;
    const ktq_project *project = user;
    const int32_t bits = ktq_chunk_bits(project->qubits);
    if (project->precision == KETCH_SINGLE)
        project_single(project, chunk << bits, (chunk + 1) << bits);
    else
        project_double(project, chunk << bits, (chunk + 1) << bits);
    return KETCH_OK;
}
