/* Each workload's tables. A new workload adds its lines here. */
#include "workloads.h"
#include "ketch/circuits.h"
#include "ketch/learning.h"

static const char *const circuit_statuses[] = {"GATE", "UNITARY", "NORM"};

static const kt_workload workloads[] = {
    {KETCH_GATE, 3, circuit_statuses, ketch_circuit_type},
    {.type = ketch_glia_run_type},
    {.type = ketch_glia_train_type},
    {.type = ketch_glia_evaluate_type},
    {.type = ketch_glia_evolve_type},
    {.type = ketch_glia_fit_type},
};

const kt_workload *kt_workload_at(size_t index)
{
    return index < sizeof workloads / sizeof *workloads ? &workloads[index] : NULL;
}
