#include "glia/net/parts.h"

#include "status.h"

#include <string.h>

ketch_status ktg_take_parts(ketch_block **block, kt_layout *layout, ketch_arena *arena,
                            const char *argument, const char *what, const char *function,
                            ketch_error *error)
{
    kt_refusal refusal = {0};
    *block = kt_arena_take(arena, KT_MAX(layout->size, 1), "glia", &refusal);
    if (!*block)
        return kt_fail_memory(error, function, argument, what, &refusal);
    *layout = (kt_layout){.base = kt_block_data(*block)};
    return KETCH_OK;
}

ketch_status ktg_take_zeroed(ketch_block **block, kt_layout *layout, ketch_arena *arena,
                             const char *argument, const char *what, const char *function,
                             ketch_error *error)
{
    KT_TRY(ktg_take_parts(block, layout, arena, argument, what, function, error));
    memset(layout->base, 0, (size_t)kt_block_size(*block));
    return KETCH_OK;
}
