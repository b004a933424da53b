#define _GNU_SOURCE
#include "cli/command.h"

#include <sys/random.h>

/* Exit codes that are not KT_EXIT_INPUT. */
static kt_exit exit_of_status(ketch_status status)
{
    switch (status) {
    case KETCH_OK:
        return KT_EXIT_GOOD;
    case KETCH_MEMORY:
        return KT_EXIT_MEMORY;
    case KETCH_TIMEOUT:
        return KT_EXIT_TIMEOUT;
    case KETCH_STOPPED:
        return KT_EXIT_INTERRUPTED;
    case KETCH_IO:
        return KT_EXIT_FAILED;
    default:
        return KT_EXIT_INPUT;
    }
}

kt_exit kt_work_fail(const kt_work *work)
{
    const ketch_error *const error = &work->error;
    if (error->line > 0) /* the message begins line:column: */
        fprintf(stderr, "%s:%s\n", kt_source_name(work->options->file), error->message);
    else
        fprintf(stderr, "ketch: %s\n", error->message);
    return exit_of_status(error->status);
}

/* A seed that no other run has, where none was given; it is printed, so that the run can be
 * repeated. */
static uint64_t choose_seed(const kt_options *options)
{
    uint64_t seed = options->seed;
    if (!options->seeded && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = 0;
    return seed;
}

static ketch_status open_engine(kt_work *work)
{
    const ketch_engine_options options = {
        .size = sizeof options,
        .threads = work->options->threads,
        .memory = work->options->memory,
    };
    const ketch_status status = ketch_engine_create(&work->engine, &options, &work->error);
    if (status == KETCH_OK)
        work->arena = ketch_engine_arena(work->engine);
    return status;
}

static kt_exit read_circuit(kt_work *work)
{
    ketch_block *text = NULL;
    size_t length = 0;
    const kt_exit code = kt_source_read(&text, &length, work->options->file, work->arena);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_status status =
        ketch_circuit_parse(&work->circuit, ketch_block_data(text), length, NULL, &work->error);
    ketch_block_drop(text);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

kt_exit kt_work_begin(kt_work *work, const kt_options *options)
{
    *work = (kt_work){
        .options = options, .seed = choose_seed(options), .error = {.size = sizeof work->error}};
    if (open_engine(work) != KETCH_OK)
        return kt_work_fail(work);
    const kt_exit code = read_circuit(work);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_program_options how = {.size = sizeof how, .precision = options->precision};
    if (ketch_program_create(&work->program, work->circuit, &how, &work->error) != KETCH_OK)
        return kt_work_fail(work);
    return KT_EXIT_GOOD;
}

void kt_work_end(kt_work *work)
{
    ketch_result_destroy(work->result);
    ketch_state_drop(work->state);
    ketch_program_drop(work->program);
    ketch_circuit_destroy(work->circuit);
    ketch_engine_destroy(work->engine, NULL);
}
