#include "cli/command.h"

#include "cli/json_text.h"
#include "cli/say.h"
#include "cli/source.h"
#include <inttypes.h>
#include <string.h>

/* The plan's text, in a block as long as it needs; NULL where it has failed. */
static ketch_block *take_plan(kt_work *work)
{
    size_t length = 0;
    ketch_block *block = NULL;
    ketch_error *const error = &work->error;
    if (ketch_program_plan(NULL, 0, &length, work->program, error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", error) != KETCH_OK)
        return NULL;
    if (ketch_program_plan(ketch_block_data(block), length + 1, NULL, work->program, error) ==
        KETCH_OK)
        return block;
    ketch_block_drop(block);
    return NULL;
}

/* What a run takes, without the program. */
static uint64_t run_bytes(const ketch_need *need)
{
    uint64_t bytes = need->bytes;
    for (int32_t i = 0; i < need->tags; i++)
        bytes -= strcmp(need->names[i], "program") == 0 ? need->tag_bytes[i] : 0;
    return bytes;
}

/* What planning, and then a run, takes beside the file's text and the program, which the arena holds
 * already. */
typedef struct plan_memory {
    uint64_t sum, allowed;
    int32_t threads;
} plan_memory;

static plan_memory find_memory(const kt_work *work)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_engine_info engine = {.size = sizeof engine};
    ketch_arena_stats arena = {.size = sizeof arena};
    ketch_need need = {.size = sizeof need};
    ketch_program_get_info(&info, work->program, NULL);
    ketch_engine_get_info(&engine, work->engine, NULL);
    ketch_arena_get_stats(&arena, work->arena, NULL);
    ketch_program_need(&need, work->engine, work->program, NULL, NULL);
    const uint64_t run = run_bytes(&need),
                   most = run > info.planning_bytes ? run : info.planning_bytes;
    return (plan_memory){most + arena.used, engine.memory, engine.threads};
}

static void print_need(const kt_work *work, const plan_memory *memory)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_program_get_info(&info, work->program, NULL);
    printf("memory: state %s + %d x %s scratch + records, program and text = %" PRIu64
           " bytes (%s), of %s allowed\n",
           kt_text_bytes(info.state_bytes).text, (int)memory->threads,
           kt_text_bytes(info.scratch_bytes).text, memory->sum, kt_text_bytes(memory->sum).text,
           kt_text_bytes(memory->allowed).text);
}

static void print_json(const kt_work *work, const plan_memory *memory, const char *plan)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_program_get_info(&info, work->program, NULL);
    const bool fits = memory->sum <= memory->allowed;
    fputs("{\"file\": ", stdout);
    kt_json_string(kt_source_name(work->options->file));
    printf(", \"status\": \"%s\", \"qubits\": %" PRId32 ", \"bits\": %" PRId32
           ", \"gates\": %" PRIu64,
           ketch_status_name(fits ? KETCH_OK : KETCH_MEMORY), info.qubits, info.bits, info.steps);
    printf(", \"precision\": \"%s\", \"kernels\": \"%s\", \"operations\": %" PRIu64
           ", \"passes\": %" PRIu64 ", \"segments\": %" PRIu64,
           info.precision == KETCH_SINGLE ? "single" : "double", ketch_kernels_name(info.kernels),
           info.operations, info.passes, info.segments);
    printf(", \"measures\": %s, \"sampled\": %s", info.measures ? "true" : "false",
           info.sampled ? "true" : "false");
    printf(", \"threads\": %" PRId32 ", \"state_bytes\": %" PRIu64 ", \"scratch_bytes\": %" PRIu64
           ", \"memory\": %" PRIu64 ", \"allowed\": %" PRIu64,
           memory->threads, info.state_bytes, info.scratch_bytes, memory->sum, memory->allowed);
    fputs(", \"plan\": ", stdout);
    kt_json_string(plan);
    fputs("}\n", stdout);
}

/* Says so where a run would be refused. The object of --json tells it by its status. */
static kt_exit check_memory(const kt_work *work, const plan_memory *memory)
{
    if (memory->sum <= memory->allowed)
        return KT_EXIT_GOOD;
    kt_say("ketch: ", kt_source_name(work->options->file), ": a run would be refused: it needs ",
           kt_text_bytes(memory->sum).text, " of memory, allowed are ",
           kt_text_bytes(memory->allowed).text, NULL);
    return KT_EXIT_MEMORY;
}

static kt_exit tell_plan(kt_work *work)
{
    const plan_memory memory = find_memory(work);
    ketch_block *const block = take_plan(work);
    if (!block)
        return kt_work_fail(work);
    const char *const plan = ketch_block_data(block);
    kt_deadline_end(&work->deadline);
    if (work->options->json) {
        print_json(work, &memory, plan);
    } else {
        fputs(plan, stdout);
        print_need(work, &memory);
    }
    ketch_block_drop(block);
    return check_memory(work, &memory);
}

kt_exit kt_command_plan(const kt_options *options)
{
    kt_work work;
    kt_exit code = kt_work_begin(&work, options);
    if (code == KT_EXIT_GOOD)
        code = tell_plan(&work);
    kt_work_end(&work);
    return code;
}
