/* A state that is only read: part of the body (kernels_body.h). */

/* A tile of a state that is only read; its frames are brought to scratch one by one. */
static void KT_K(look)(const kt_observing *observing, const void *state, void *scratch,
                       uint64_t base)
{
    const kt_observer *const o = observing->observer;
    const kt_pass pass = {.frame = o->frame};
    const KT_K(factor) one = {1, 0};
    const uint64_t outer = o->tile.positions & ~o->frame.positions;
    uint64_t at = 0;
    do {
        const KT_K(runs) runs = KT_K(runs_of)(&pass, (void *)state, base | at);
        if (runs.vectors)
            KT_K(pack)(scratch, &runs);
        else
            KT_K(pack_short)(scratch, &pass, runs.first);
        KT_K(observe)(observing, scratch, base | at, one);
        at = KT_K(next)(at, outer);
    } while (at);
}
