#define _GNU_SOURCE
#include "cli/command.h"
#include "cli/say.h"

#include <sys/random.h>

kt_exit kt_exit_of(ketch_status status)
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
        kt_say(kt_source_name(work->options->file), ":", error->message, NULL);
    else
        kt_say("ketch: ", error->message, NULL);
    return kt_exit_of(error->status);
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

kt_exit kt_work_open(kt_work *work, const kt_options *options)
{
    *work = (kt_work){
        .options = options, .seed = choose_seed(options), .error = {.size = sizeof work->error}};
    return open_engine(work) == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

static ketch_status parse_circuit(kt_work *work, const char *text, size_t length)
{
    const ketch_parse_options parse = {.size = sizeof parse, .text_limit = length};
    return ketch_circuit_parse(&work->circuit, text, length, &parse, &work->error);
}

static kt_exit read_source_text(kt_work *work)
{
    return kt_source_read(&work->text, &work->text_size, work->options->file,
                          work->options->text_limit, work->arena);
}

kt_exit kt_work_read(kt_work *work)
{
    const kt_exit code = read_source_text(work);
    if (code != KT_EXIT_GOOD)
        return code;
    const char *const text = ketch_block_data(work->text);
    return parse_circuit(work, text, work->text_size) == KETCH_OK ? KT_EXIT_GOOD
                                                                  : kt_work_fail(work);
}

kt_exit kt_work_plan(kt_work *work, const char *text, size_t length,
                     const ketch_program_options *how)
{
    ketch_error *const error = &work->error;
    ketch_program_options planned = *how;
    planned.arena = work->arena;
    if (parse_circuit(work, text, length) != KETCH_OK ||
        ketch_program_create(&work->program, work->circuit, &planned, error) != KETCH_OK)
        return kt_work_fail(work);
    return KT_EXIT_GOOD;
}

kt_exit kt_work_begin(kt_work *work, const kt_options *options)
{
    kt_exit code = kt_work_open(work, options);
    if (code == KT_EXIT_GOOD)
        code = read_source_text(work);
    if (code != KT_EXIT_GOOD)
        return code;
    if (options->costs)
        code = kt_costs_read(work, options->costs);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_program_options how = {
        .size = sizeof how, .precision = options->precision, .cost_table = work->costs};
    return kt_work_plan(work, ketch_block_data(work->text), work->text_size, &how);
}

void kt_work_end(kt_work *work)
{
    ketch_result_destroy(work->result);
    ketch_state_drop(work->state);
    ketch_program_drop(work->program);
    ketch_circuit_destroy(work->circuit);
    ketch_cost_table_drop(work->costs);
    if (work->text)
        ketch_block_drop(work->text);
    ketch_engine_destroy(work->engine, NULL);
}
