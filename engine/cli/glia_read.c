#include "cli/glia_read.h"

#include "cli/say.h"
#include "cli/source.h"

static kt_exit fail_text(const kt_glia *glia, const char *name)
{
    if (glia->work.error.line == 0)
        return kt_work_fail(&glia->work);
    return kt_refuse_text(glia->work.options->json, &glia->work.error, name, NULL, NULL);
}

static ketch_glia_read_options how_to_read(const kt_glia *glia)
{
    return (ketch_glia_read_options){
        .size = sizeof(ketch_glia_read_options), .strict = 1, .seed = glia->work.options->seed};
}

kt_exit kt_glia_parse_net(kt_glia *glia, const char *text, size_t length, const char *name)
{
    ketch_error *const error = &glia->work.error;
    const ketch_glia_read_options how = how_to_read(glia);
    const ketch_glia_net_options options = {.size = sizeof options, .mode = glia->mode};
    if (ketch_glia_net_create(&glia->net, glia->work.arena, &options, error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    return ketch_glia_read(glia->net, text, length, &how, error) == KETCH_OK
               ? KT_EXIT_GOOD
               : fail_text(glia, name);
}

kt_exit kt_glia_parse_sequence(ketch_glia_sequence **sequence, kt_glia *glia, const char *text,
                               size_t length, const char *name)
{
    ketch_error *const error = &glia->work.error;
    const ketch_glia_read_options how = how_to_read(glia);
    if (ketch_glia_sequence_create(sequence, error) != KETCH_OK)
        return kt_work_fail(&glia->work);
    return ketch_glia_sequence_read(*sequence, text, length, &how, error) == KETCH_OK
               ? KT_EXIT_GOOD
               : fail_text(glia, name);
}

kt_exit kt_glia_read_net(kt_glia *glia, const char *file)
{
    ketch_block *text;
    size_t length;
    kt_exit code = kt_source_read(&text, &length, file, &glia->work);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_glia_parse_net(glia, ketch_block_data(text), length, kt_source_name(file));
    ketch_block_drop(text);
    return code;
}

kt_exit kt_glia_read_sequence(ketch_glia_sequence **sequence, kt_glia *glia, const char *file)
{
    ketch_block *text;
    size_t length;
    kt_exit code = kt_source_read(&text, &length, file, &glia->work);
    if (code != KT_EXIT_GOOD)
        return code;
    code = kt_glia_parse_sequence(sequence, glia, ketch_block_data(text), length,
                                  kt_source_name(file));
    ketch_block_drop(text);
    return code;
}

void kt_glia_end(kt_glia *glia)
{
    ketch_result_destroy(glia->work.result);
    glia->work.result = NULL;
    ketch_glia_sequence_drop(glia->sequence);
    ketch_glia_net_drop(glia->net);
    kt_work_end(&glia->work);
}
