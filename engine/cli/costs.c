#include "cli/command.h"

#include "cli/bar.h"
#include "cli/interrupt.h"
#include "cli/say.h"
#include "cli/source.h"

/* Measures the machine, with a bar, until Ctrl-C. */
static ketch_status measure_costs(ketch_cost_table **table, kt_work *work)
{
    kt_interrupt interrupt;
    kt_bar bar;
    ketch_stop *const stop = kt_interrupt_begin(&interrupt);
    kt_bar_begin(&bar, work->options->progress);
    const ketch_run run = {.size = sizeof run, .hook = kt_bar_hook, .user = &bar, .stop = stop};
    const ketch_status status = ketch_cost_table_measure(table, work->engine, &run, &work->error);
    kt_bar_end(&bar, status == KETCH_OK ? 1 : bar.fraction, bar.seconds);
    kt_interrupt_end(&interrupt);
    return status;
}

/* The table's text, in a block as long as it needs. */
static kt_exit print_costs(const ketch_cost_table *table, kt_work *work)
{
    size_t length = 0;
    ketch_block *block = NULL;
    ketch_error *const error = &work->error;
    if (ketch_cost_table_text(NULL, 0, &length, table, error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", error) != KETCH_OK)
        return kt_work_fail(work);
    char *const text = ketch_block_data(block);
    const ketch_status status = ketch_cost_table_text(text, length + 1, NULL, table, error);
    if (status == KETCH_OK)
        fwrite(text, 1, length, stdout);
    ketch_block_drop(block);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

kt_exit kt_command_costs(const kt_options *options)
{
    kt_work work;
    kt_options one_thread = *options;
    one_thread.threads = 1;
    kt_exit code = kt_work_open(&work, &one_thread);
    if (code == KT_EXIT_GOOD) {
        const ketch_status status = measure_costs(&work.costs, &work);
        if (status == KETCH_STOPPED)
            kt_say("ketch: interrupted, no table was written", NULL);
        code = status == KETCH_OK        ? print_costs(work.costs, &work)
               : status == KETCH_STOPPED ? KT_EXIT_INTERRUPTED
                                         : kt_work_fail(&work);
    }
    kt_work_end(&work);
    return code;
}

kt_exit kt_costs_read(kt_work *work, const char *file)
{
    size_t length;
    ketch_block *text = NULL;
    const kt_exit code = kt_source_read(&text, &length, file, work);
    if (code != KT_EXIT_GOOD)
        return code;
    const ketch_status status =
        ketch_cost_table_parse(&work->costs, ketch_block_data(text), length, &work->error);
    ketch_block_drop(text);
    if (status == KETCH_OK)
        return KT_EXIT_GOOD;
    return kt_refuse_text(work->options->json, &work->error, kt_source_name(file), NULL, NULL);
}
