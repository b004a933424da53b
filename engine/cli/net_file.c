#include "cli/net_file.h"

#include "cli/npy.h"
#include "cli/say.h"
#include "replace.h"

static kt_exit refuse_out(const kt_options *options, kt_exit code, const char *why)
{
    return kt_refuse(options->json, code, "ketch: ", "--out ", options->out, ": ", why, NULL);
}

/* The text begins as ketch_glia_write begins it. */
static kt_replaceable replaceable_net(const kt_options *options)
{
    return (kt_replaceable){
        .magic = "# Networ",
        .size = KT_FILE_MAGIC,
        .allowed = "no file, or a network that was written (--force: any file)",
        .force = options->force,
    };
}

/* What else the command does with the file; NULL: nothing. */
static const char *other_use(const kt_options *options, int first, const struct stat *target)
{
    if (options->save && kt_is_same_file(target, options->save))
        return "this file is that of --save: write the network to another one";
    for (int i = first; i < options->word_count; i++)
        if (kt_is_same_file(target, options->words[i]))
            return "this file is the input: write the network to another one";
    return NULL;
}

kt_exit kt_net_file_try(const kt_options *options, int first)
{
    if (!options->out)
        return KT_EXIT_GOOD;
    struct stat info;
    ketch_error error = {.size = sizeof error};
    const kt_replaceable old = replaceable_net(options);
    const char *const use =
        stat(options->out, &info) == 0 ? other_use(options, first, &info) : NULL;
    if (use)
        return refuse_out(options, KT_EXIT_INPUT, use);
    return kt_replace_try(options->out, &old, "ketch_cli", &error) == KETCH_OK
               ? KT_EXIT_GOOD
               : refuse_out(options, kt_exit_of(error.status), error.message);
}

static kt_exit replace_net(const kt_options *options, const char *text, uint64_t length)
{
    ketch_error error = {.size = sizeof error};
    kt_replacement fresh;
    const kt_replaceable old = replaceable_net(options);
    ketch_status status = kt_replace_begin(&fresh, options->out, &old, "ketch_cli", &error);
    if (status != KETCH_OK)
        return refuse_out(options, kt_exit_of(status), error.message);
    status = kt_replace_reserve(&fresh, length);
    if (status == KETCH_OK)
        status = kt_replace_write(&fresh, text, length, 0);
    if (status == KETCH_OK)
        status = kt_replace_commit(&fresh);
    else
        kt_replace_abandon(&fresh);
    return status == KETCH_OK ? KT_EXIT_GOOD
                              : refuse_out(options, kt_exit_of(status), error.message);
}

kt_exit kt_net_file_write(kt_glia *glia)
{
    kt_work *const work = &glia->work;
    if (!work->options->out)
        return KT_EXIT_GOOD;
    ketch_block *block = NULL;
    size_t length;
    if (ketch_glia_write(NULL, 0, &length, glia->net, 1, &work->error) != KETCH_OK ||
        ketch_block_take(&block, work->arena, length + 1, "text", &work->error) != KETCH_OK)
        return kt_work_fail(work);
    const ketch_status status =
        ketch_glia_write(ketch_block_data(block), length + 1, NULL, glia->net, 1, &work->error);
    const kt_exit code = status == KETCH_OK
                             ? replace_net(work->options, ketch_block_data(block), length)
                             : kt_work_fail(work);
    ketch_block_drop(block);
    return code;
}
