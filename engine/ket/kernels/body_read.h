/* A state that is only read: part of the body (body.h). */

/* A tile of a state that is only read; its frames are brought to scratch one by one. */
static void KTQ_K(sum_tile)(const ktq_tile_sums_worker *sums, const void *state, void *scratch,
                            uint64_t base)
{
    const ktq_tile_sums *const o = sums->observer;
    const ktq_pass pass = {.frame = o->frame};
    const KTQ_K(factor) one = {1, 0};
    const uint64_t outer = o->tile.positions & ~o->frame.positions;
    const bool scattered = pass.frame.positions % KTQ_LANES != KTQ_LANES - 1;
    const uint64_t high = pass.frame.positions & ~(uint64_t)(KTQ_LANES - 1);
    uint64_t at = 0;
    do {
        const KTQ_REAL *const first = (const KTQ_REAL *)state + 2 * (base | at);
        if (scattered)
            KTQ_K(pack_short)(scratch, &pass, first);
        else
            KTQ_K(load_blocks)(scratch, first, high, NULL);
        KTQ_K(sum_frame)(sums, scratch, base | at, one);
        at = KTQ_K(next)(at, outer);
    } while (at);
}
