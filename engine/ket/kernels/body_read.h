/* Sums over a state that is only read: part of the body (body.h). */

/* Adds one tile to the sums. Its frames are packed into scratch one after the other. */
KTQ_KERNEL void KTQ_K(sum_tile)(const ktq_tile_sums_worker *worker, const void *state,
                                void *scratch, uint64_t base)
{
    const ktq_tile_sums *const o = worker->sums;
    const ktq_pass pass = {.frame = o->frame};
    const KTQ_K(number) one = {1, 0};
    const uint64_t outer = o->tile.positions & ~o->frame.positions;
    const bool is_scattered = pass.frame.positions % KTQ_LANES != KTQ_LANES - 1;
    const uint64_t high = pass.frame.positions & ~(uint64_t)(KTQ_LANES - 1);
    uint64_t at = 0;
    do {
        const KTQ_REAL *const first = (const KTQ_REAL *)state + 2 * (base | at);
        if (is_scattered)
            KTQ_K(pack_short)(scratch, &pass, first);
        else
            KTQ_K(load_vectors)(scratch, first, high, NULL);
        KTQ_K(sum_frame)(worker, scratch, base | at, one);
        at = KTQ_K(next)(at, outer);
    } while (at);
}
