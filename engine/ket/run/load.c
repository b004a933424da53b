/* The public functions that load circuits' runs from files. */
#include "ket/run/prepare.h"
#include "ket/run/saved_run.h"

#include "save.h"
#include "status.h"

ketch_status ketch_circuit_load(ketch_result **result, ketch_engine *engine, ketch_program *program,
                                const char *path, ketch_error *error)
{
    if (result)
        *result = NULL;
    KT_TRY(ktq_program_check(program, __func__, error));
    KT_TRY(ktq_launch_check_bound(program, __func__, error));
    ktq_loading loading = {program, __func__};
    return ketch_result_load(result, engine, &ktq_circuit_type, &loading, path, error);
}

/* Reads the values, if they are wanted and fit. */
static ketch_status read_values(double *values, uint64_t capacity, uint64_t count,
                                ketch_reader *reader, const char *function, ketch_error *error)
{
    if (!values)
        return KETCH_OK;
    if (capacity < count)
        return kt_fail(error, KETCH_BUFFER, function, "capacity",
                       kt_format("%llu", (unsigned long long)capacity).text,
                       kt_format("%llu", (unsigned long long)count).text, "no room for the values");
    return ktq_saved_values(values, count, reader, error);
}

ketch_status ketch_circuit_saved(ketch_program_options *options, double *values, uint64_t capacity,
                                 uint64_t *count, const ketch_saved *saved, ketch_error *error)
{
    ketch_reader *reader = NULL;
    ketch_program_options found;
    uint64_t value_count = 0;
    KT_TRY(kt_saved_reader(&reader, saved, __func__, error));
    KT_TRY(kt_reader_check_type(reader, &ktq_circuit_type, error));
    KT_TRY(ktq_saved_program(&found, &value_count, reader, error));
    KT_TRY(read_values(values, capacity, value_count, reader, __func__, error));
    if (count)
        *count = value_count;
    return options ? kt_write_report(options, &found, sizeof found, __func__, "options", error)
                   : KETCH_OK;
}

ketch_status ketch_circuit_saved_costs(ketch_cost_table **table, const ketch_saved *saved,
                                       ketch_error *error)
{
    ketch_reader *reader = NULL;
    if (!table)
        return kt_fail_handle(error, __func__, "table", "a place for the table", table);
    *table = NULL;
    KT_TRY(kt_saved_reader(&reader, saved, __func__, error));
    KT_TRY(kt_reader_check_type(reader, &ktq_circuit_type, error));
    return ktq_saved_costs(table, reader, __func__, error);
}
