/* Measuring a table of costs: a job, so that it has progress, a timeout and a stop. */
#include "ket/kernels/cost_table.h"
#include "ket/kernels/measure.h"

#include "arena.h"
#include "context.h"
#include "engine.h"
#include "status.h"

/* done: measures so far; the position of the job. */
typedef struct table_job {
    ketch_cost_table *table;
    ketch_block *block;
    ktq_measure_memory *memory;
    uint64_t done, total;
} table_job;

static ketch_status take_table_memory(ketch_job *job, ketch_engine *engine, ketch_error *error)
{
    table_job *const j = job->user;
    ketch_arena *const arena = ketch_engine_arena(engine);
    KT_TRY(ketch_block_take(&j->block, arena, ktq_measure_size(), "costs", error));
    j->memory = ktq_measure_begin(ketch_block_data(j->block), arena);
    return KETCH_OK;
}

static void give_table_memory(void *user)
{
    table_job *const j = user;
    ketch_block_drop(j->block);
}

/* The measure that is next. */
static ketch_status measure_next(table_job *j, ketch_error *error)
{
    const uint64_t row = j->done / KTQ_MEASURES % (uint64_t)j->table->count;
    return ktq_measure(j->memory, &j->table->sets[row], (int32_t)(j->done % KTQ_MEASURES),
                       &j->table->rows[row], error);
}

static ketch_status advance_table(ketch_context *context, void *user)
{
    table_job *const j = user;
    ketch_context_phase(context, "measuring", 0);
    while (j->done < j->total) {
        ketch_error error = {.size = sizeof error};
        KT_TRY(ketch_context_check(context));
        const ketch_status status = measure_next(j, &error);
        if (status != KETCH_OK)
            return kt_context_fail_as(context, 0, &error, "no memory to measure in");
        j->done++;
        ketch_context_retire(context, 1);
    }
    return KETCH_OK;
}

static const ketch_job_type table_job_type = {
    .size = sizeof(ketch_job_type),
    .name = "ketch.costs",
    .version = 1,
    .advance = advance_table,
    .release = give_table_memory,
    .prepare = take_table_memory,
};

/* The table with empty rows for the kernel set; NULL where memory is refused. */
static ketch_cost_table *make_rows(ketch_kernels kernels)
{
    ketch_cost_table *const table = ktq_cost_table_make(kt_cpu_family_here());
    for (int precision = KETCH_DOUBLE; table && precision <= KETCH_SINGLE; precision++)
        *ktq_cost_table_add(table, ktq_kernel_set_find(kernels, (ketch_precision)precision)) =
            (ktq_costs){.call = 0};
    return table;
}

static ketch_status run_table_job(ketch_cost_table *table, ketch_engine *engine, int32_t rounds,
                                  const ketch_run *run, ketch_error *error)
{
    table_job j = {.table = table,
                   .total = (uint64_t)rounds * KTQ_MEASURES * (uint64_t)table->count};
    const ketch_job job = {
        .size = sizeof job, .type = &table_job_type, .steps = j.total, .user = &j};
    ketch_result *result = NULL;
    const ketch_status status = ketch_engine_run(&result, engine, &job, run, error);
    ketch_result_destroy(result);
    return status;
}

ketch_status ktq_cost_table_measure(ketch_cost_table **table, ketch_engine *engine, int32_t rounds,
                                    const ketch_run *run, const char *function, ketch_error *error)
{
    KT_TRY(kt_engine_check(engine, function, error));
    ketch_cost_table *const made = make_rows(engine->kernels);
    if (!made)
        return kt_fail_heap(error, function);
    const ketch_status status = run_table_job(made, engine, rounds, run, error);
    if (status == KETCH_OK)
        *table = made;
    else
        ketch_cost_table_drop(made);
    return status;
}

ketch_status ketch_cost_table_measure(ketch_cost_table **table, ketch_engine *engine,
                                      const ketch_run *run, ketch_error *error)
{
    enum { ROUNDS = 10 };
    if (!table)
        return kt_fail_handle(error, __func__, "table", "a place for the table", table);
    *table = NULL;
    return ktq_cost_table_measure(table, engine, ROUNDS, run, __func__, error);
}
