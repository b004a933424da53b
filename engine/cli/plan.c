#include "cli/command.h"

#include <string.h>

/* The plan's text, in a block as long as it needs. */
static kt_exit print_plan(kt_work *work)
{
    size_t length = 0;
    ketch_block *block = NULL;
    ketch_error *const error = &work->error;
    if (ketch_program_plan(NULL, 0, &length, work->program, error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", error) != KETCH_OK)
        return kt_work_fail(work);
    char *const text = ketch_block_data(block);
    const ketch_status status = ketch_program_plan(text, length + 1, NULL, work->program, error);
    if (status == KETCH_OK)
        fwrite(text, 1, length, stdout);
    if (status == KETCH_OK && length > 0 && text[length - 1] != '\n')
        putchar('\n');
    ketch_block_drop(block);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
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
static void print_need(const kt_work *work)
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
    const uint64_t sum = most + arena.used;
    printf("memory: state %s + %d x %s scratch + records, program and text = %llu bytes (%s), of "
           "%s allowed\n",
           kt_text_bytes(info.state_bytes).text, (int)engine.threads,
           kt_text_bytes(info.scratch_bytes).text, (unsigned long long)sum, kt_text_bytes(sum).text,
           kt_text_bytes(engine.memory).text);
    if (sum > engine.memory)
        printf("this is too much: a run would be refused\n");
}

kt_exit kt_command_plan(const kt_options *options)
{
    kt_work work;
    kt_exit code = kt_work_begin(&work, options);
    if (code == KT_EXIT_GOOD)
        code = print_plan(&work);
    if (code == KT_EXIT_GOOD)
        print_need(&work);
    kt_work_end(&work);
    return code;
}
