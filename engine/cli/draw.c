#define _GNU_SOURCE
#include "cli/command.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Columns of the terminal that standard output is; 0 where it is none. */
static int32_t terminal_columns(void)
{
    struct winsize size = {0};
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* The picture, in a block as long as it needs. */
static kt_exit print_picture(kt_work *work, const ketch_draw_options *options)
{
    size_t length = 0;
    ketch_block *block = NULL;
    ketch_error *const error = &work->error;
    if (ketch_circuit_draw(NULL, 0, &length, work->circuit, options, error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", error) != KETCH_OK)
        return kt_work_fail(work);
    char *const text = ketch_block_data(block);
    const ketch_status status =
        ketch_circuit_draw(text, length + 1, NULL, work->circuit, options, error);
    if (status == KETCH_OK)
        fwrite(text, 1, length, stdout);
    ketch_block_drop(block);
    return status == KETCH_OK ? KT_EXIT_GOOD : kt_work_fail(work);
}

kt_exit kt_command_draw(const kt_options *options)
{
    kt_work work;
    const ketch_draw_options how = {.size = sizeof how,
                                    .width = options->width ? options->width : terminal_columns(),
                                    .ascii = options->ascii};
    kt_exit code = kt_work_open(&work, options);
    if (code == KT_EXIT_GOOD)
        code = kt_work_read(&work);
    if (code == KT_EXIT_GOOD)
        code = print_picture(&work, &how);
    kt_work_end(&work);
    return code;
}
