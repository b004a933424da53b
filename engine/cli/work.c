#define _GNU_SOURCE
#include "cli/command.h"

#include "cli/foreign.h"
#include "cli/include.h"
#include "cli/observe.h"
#include "cli/say.h"
#include "cli/source.h"
#include <errno.h>
#include <string.h>
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
    return kt_refuse_error(work->options->json, &work->error, NULL);
}

/* A seed that no other run has, where none was given; it is printed, so that the run can be
 * repeated. It is below 2^53: readers of JSON that hold numbers as doubles keep it exactly. */
static uint64_t choose_seed(const kt_options *options)
{
    uint64_t seed;
    if (options->seeded)
        return options->seed;
    return getrandom(&seed, sizeof seed, 0) == sizeof seed ? seed >> 11 : 0;
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
    kt_deadline_begin(&work->deadline, options->timeout, options->json);
    return open_engine(work) == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

/* ---- circuits of texts */

/* Says why a text makes no circuit. */
static kt_exit refuse_circuit(const kt_work *work, const char *text, size_t length,
                              const kt_includes *includes)
{
    const ketch_error *const error = &work->error;
    const bool json = work->options->json;
    const char *const name = kt_source_name(work->options->file);
    const char *const empty = kt_foreign_empty(text, length, error);
    if (empty)
        return kt_refuse(json, KT_EXIT_INPUT, "ketch: ", name, ": ", empty, NULL);
    if (error->line == 0)
        return kt_work_fail(work);
    const bool not_included = error->status == KETCH_OFF && includes && includes->why[0];
    return kt_refuse_text(json, error, name, not_included ? includes->why : NULL,
                          kt_foreign_hint(text, length));
}

static ketch_status parse_text(kt_work *work, const char *text, size_t length,
                               kt_includes *includes)
{
    const ketch_parse_options parse = {
        .size = sizeof parse,
        .text_limit = work->options->text_limit,
        .resolve = includes ? kt_includes_resolve : NULL,
        .user = includes,
    };
    return ketch_circuit_parse(&work->circuit, text, length, &parse, &work->error);
}

static kt_exit read_source_text(kt_work *work)
{
    return kt_source_read(&work->text, &work->text_size, work->options->file, work);
}

/* Puts a text without includes, of the circuit itself, in place of the file's: a saved run needs no
 * other file. */
static kt_exit join_text(kt_work *work)
{
    size_t length = 0;
    ketch_block *block = NULL;
    ketch_error *const error = &work->error;
    if (ketch_circuit_qasm(NULL, 0, &length, work->circuit, error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", error) != KETCH_OK ||
        ketch_circuit_qasm(ketch_block_data(block), length + 1, NULL, work->circuit, error) !=
            KETCH_OK)
        return kt_work_fail(work);
    ketch_block_drop(work->text);
    work->text = block;
    work->text_size = length;
    return KT_EXIT_GOOD;
}

kt_exit kt_work_read(kt_work *work)
{
    kt_exit code = read_source_text(work);
    if (code != KT_EXIT_GOOD)
        return code;
    const char *const text = ketch_block_data(work->text);
    const char *const foreign = kt_foreign_file(text, work->text_size);
    if (foreign)
        return kt_refuse(work->options->json, KT_EXIT_INPUT,
                         "ketch: ", kt_source_name(work->options->file), " is ", foreign, NULL);
    const char *const missing = kt_includes_missing(work->options);
    if (missing)
        return kt_refuse(work->options->json, KT_EXIT_INPUT, "ketch: ", "--include ", missing, ": ",
                         strerror(errno), NULL);
    kt_includes *includes;
    if (kt_includes_begin(&includes, work) != KETCH_OK)
        return kt_work_fail(work);
    if (parse_text(work, text, work->text_size, includes) != KETCH_OK)
        code = refuse_circuit(work, text, work->text_size, includes);
    else if (includes->last && work->options->save)
        code = join_text(work);
    kt_includes_end(includes);
    return code;
}

static kt_exit plan_circuit(kt_work *work, const ketch_program_options *how)
{
    ketch_program_options planned = *how;
    planned.arena = work->arena;
    return ketch_program_create(&work->program, work->circuit, &planned, &work->error) == KETCH_OK
               ? KT_EXIT_GOOD
               : kt_work_fail(work);
}

kt_exit kt_work_plan(kt_work *work, const char *text, size_t length,
                     const ketch_program_options *how)
{
    if (parse_text(work, text, length, NULL) != KETCH_OK)
        return refuse_circuit(work, text, length, NULL);
    return plan_circuit(work, how);
}

kt_exit kt_work_begin(kt_work *work, const kt_options *options)
{
    kt_exit code = kt_work_open(work, options);
    if (code == KT_EXIT_GOOD)
        code = kt_work_read(work);
    if (code == KT_EXIT_GOOD && options->costs)
        code = kt_costs_read(work, options->costs);
    if (code == KT_EXIT_GOOD)
        code = kt_observe_read(work);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_program_options how = {
        .size = sizeof how, .precision = options->precision, .cost_table = work->costs};
    return plan_circuit(work, &how);
}

/* Measurements and resets end segments, as conditions do: one on bits that nothing measured counts as
 * random, too. */
bool kt_work_is_random(const kt_work *work)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_program_get_info(&info, work->program, NULL);
    return info.measures || info.segments > 1;
}

void kt_work_end(kt_work *work)
{
    kt_deadline_end(&work->deadline);
    kt_observed_end(work->observed);
    ketch_result_destroy(work->result);
    ketch_state_drop(work->state);
    ketch_program_drop(work->program);
    ketch_circuit_destroy(work->circuit);
    ketch_cost_table_drop(work->costs);
    if (work->text)
        ketch_block_drop(work->text);
    ketch_engine_destroy(work->engine, NULL);
}
