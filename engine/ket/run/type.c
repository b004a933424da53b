/* The type of circuits' jobs. */
#include "ket/run/prepare.h"
#include "ket/run/run.h"
#include "ket/run/saved_run.h"
#include "status.h"

const ketch_job_type ktq_circuit_type = {
    .size = sizeof(ketch_job_type),
    .name = "ketch.circuit",
    .version = 3,
    .advance = ktq_run_advance,
    .release = ktq_run_release,
    .prepare = ktq_run_prepare,
    .save = ktq_run_save,
    .load = ktq_run_load,
};

const ketch_job_type *ketch_circuit_type(void)
{
    return &ktq_circuit_type;
}

const ketch_state *ketch_step_state(const ketch_step *step)
{
    return step && step->type == &ktq_circuit_type ? step->view : NULL;
}

ketch_status ktq_run_find(const ktq_run **run, const ketch_result *result, const char *function,
                          ketch_error *error)
{
    *run = ketch_result_user(result, &ktq_circuit_type);
    if (*run)
        return KETCH_OK;
    return kt_fail_handle(error, function, "result", "a circuit's result", result);
}
