/* A state that is only read: part of the body (body.h). */

/* A tile of a state that is only read; its frames are brought to scratch one by one. */
static void KT_K(look)(const kt_observing *observing, const void *state, void *scratch,
                       uint64_t base)
{
    const kt_observer *const o = observing->observer;
    const kt_pass pass = {.frame = o->frame};
    const KT_K(factor) one = {1, 0};
    const uint64_t outer = o->tile.positions & ~o->frame.positions;
    const bool scattered = pass.frame.positions % KT_LANES != KT_LANES - 1;
    const uint64_t high = pass.frame.positions & ~(uint64_t)(KT_LANES - 1);
    uint64_t at = 0;
    do {
        const KT_REAL *const first = (const KT_REAL *)state + 2 * (base | at);
        if (scattered)
            KT_K(pack_short)(scratch, &pass, first);
        else
            KT_K(load_blocks)(scratch, first, high, NULL);
        KT_K(observe)(observing, scratch, base | at, one);
        at = KT_K(next)(at, outer);
    } while (at);
}
