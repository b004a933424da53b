#include "ket/run/touch.h"

#include "pages.h"
#include "status.h"

/* Amplitudes of a piece: one huge page, about a quarter of a millisecond. */
static uint64_t piece_length(const ktq_run *run)
{
    return KT_HUGE / ktq_amplitude_size(run->state->precision);
}

void ktq_touch_begin(ktq_run *run, const ktq_pass *pass, const ktq_tiles *tiles)
{
    ktq_touch_state *const touch = &run->touch;
    *touch =
        (ktq_touch_state){.covered = tiles->varying | pass->frame.positions, .fixed = tiles->fixed};
    const bool is_first = run->at.blank && (touch->covered & ~run->at.written) != 0;
    const bool is_whole = ((piece_length(run) - 1) & ~touch->covered) == 0;
    if (is_first && is_whole)
        touch->count = ktq_state_size(run->state) / KT_HUGE;
}

static bool is_written(const ktq_touch_state *touch, uint64_t first)
{
    return (first & ~touch->covered) == touch->fixed;
}

ketch_status ktq_touch(ktq_run *run, int32_t worker)
{
    ktq_touch_state *const touch = &run->touch;
    while (__atomic_load_n(&touch->next, __ATOMIC_RELAXED) < touch->count) {
        KT_TRY(ketch_context_poll(run->context, worker));
        const uint64_t piece = __atomic_fetch_add(&touch->next, 1, __ATOMIC_RELAXED);
        if (piece < touch->count && is_written(touch, piece * piece_length(run)))
            kt_pages_touch((char *)run->state->amplitudes + piece * KT_HUGE, KT_HUGE);
    }
    return KETCH_OK;
}
