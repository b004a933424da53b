#include "ket/state/reader.h"

#include "status.h"

#include <assert.h>

ketch_status ktq_reader_open(ktq_reader *r, ketch_engine *engine, const ketch_state *state,
                             uint64_t size, const char *function, ketch_error *error)
{
    if (engine)
        KT_TRY(kt_engine_claim(engine, function, error));
    kt_refusal refusal = {0};
    *r = (ktq_reader){.engine = engine};
    r->block = kt_arena_take_scratch(state->arena, size, &refusal);
    if (!r->block) {
        if (engine)
            kt_engine_release(engine);
        return kt_fail_memory(error, function, "state", "partial sums", &refusal);
    }
    kt_block_written(r->block);
    r->memory.base = kt_block_data(r->block);
    ktq_state_make_readable(state, engine);
    return KETCH_OK;
}

void ktq_reader_close(ktq_reader *r)
{
    assert(r->memory.size <= kt_block_size(r->block));
    kt_block_drop(r->block);
    if (r->engine)
        kt_engine_release(r->engine);
}
