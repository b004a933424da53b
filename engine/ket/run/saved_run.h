/* Saving and loading circuits' runs: save and load of their type. */
#ifndef KTQ_RUN_SAVED_RUN_H
#define KTQ_RUN_SAVED_RUN_H

#include "ket/run/request.h"
#include "ket/run/run.h"

/* The context of a load: the run's program, and the public function that errors name. */
typedef struct ktq_loading {
    ketch_program *program;
    const char *function;
} ktq_loading;

/* What a file says of its program, and the values of its parameters. */
ketch_status ktq_saved_program(ketch_program_options *options, uint64_t *value_count,
                               ketch_reader *reader, ketch_error *error);
/* *table stays as it is where the program was planned with costs of the library. */
ketch_status ktq_saved_costs(ketch_cost_table **table, ketch_reader *reader, const char *function,
                             ketch_error *error);
ketch_status ktq_saved_values(double *values, uint64_t count, ketch_reader *reader,
                              ketch_error *error);

ketch_status ktq_run_save(ketch_writer *writer, const void *user);
ketch_status ktq_run_load(ketch_job *job, ketch_reader *reader, void *context, ketch_engine *engine,
                          ketch_error *error);

#endif
