/* The kernel of clean networks, which body.h includes. */

/* Adds what is due to a current, lets it decay, and returns its part of the voltage. */
KTG_INLINE V KTG_K(flow)(const ktg_clean_update *u, const float *gain, int32_t which, size_t at,
                         const bool has_small)
{
    V *const current = (V *)(u->current[which] + at), *const due = (V *)(u->due[which] + at);
    const V sum = *current + *due;
    *due = (V){0};
    *current = KTG_K(multiply)(sum, KTG_K(all)(u->keep[which]), has_small);
    return KTG_K(multiply)(sum, *(const V *)gain, has_small);
}

/* The voltages before spikes. lane: the first one of the block. */
KTG_INLINE V KTG_K(integrate)(const ktg_clean_update *u, const ktg_clean_numbers *n, size_t at,
                              uint32_t lane, const bool has_small)
{
    V next = KTG_K(multiply)(*(const V *)(u->value + at), *(const V *)(n->leak + lane), has_small);
    next += *(const V *)(n->base + lane);
    next += KTG_K(flow)(u, n->gain[0] + lane, 0, at, has_small);
    next += KTG_K(flow)(u, n->gain[1] + lane, 1, at, has_small);
    if (u->input) {
        V *const input = (V *)(u->input + at);
        next += *input;
        *input = (V){0};
    }
    return next;
}

/* Which of KTG_LANES cells from `at` on fired, as bits. */
KTG_INLINE uint32_t KTG_K(clean_lanes)(const ktg_clean_update *u, const ktg_clean_numbers *n,
                                       size_t at, uint32_t lane, const bool has_small)
{
    V *const value = (V *)(u->value + at), *const wait = (V *)(u->wait + at);
    const V next = KTG_K(integrate)(u, n, at, lane, has_small), one = (V){0} + 1;
    const VW waits = *wait > (V){0};
    const VW fires = (next > *(const V *)(n->threshold + lane)) & ~waits;
    const VW kept = ((VW)next & ~waits) | (*(const VW *)value & waits);
    const VW waited = (VW)(*wait - (V)((VW)one & waits));
    *value = (V)((*(const VW *)(n->reset + lane) & fires) | (kept & ~fires));
    *wait = (V)((*(const VW *)(n->refractory + lane) & fires) | (waited & ~fires));
    return KTG_BITS(fires);
}

KTG_INLINE uint32_t KTG_K(update_clean_all)(const ktg_clean_update *update, const bool has_small)
{
    const ktg_clean_update u = *update;
    const ktg_clean_numbers *n = u.numbers;
    uint32_t count = 0;
    for (uint32_t at = 0; at < u.count; at += KTG_BLOCK, n += u.stride) {
        uint32_t bits = 0;
        KTG_UNROLL for (uint32_t i = 0; i < KTG_BLOCK; i += KTG_LANES) bits |=
            KTG_K(clean_lanes)(&u, n, at + i, i, has_small) << i;
        if (u.count - at < KTG_BLOCK)
            bits &= (1U << (u.count - at)) - 1;
        for (; bits; bits &= bits - 1)
            u.fired[count++] = at + (uint32_t)__builtin_ctz(bits);
    }
    return count;
}

KTG_KERNEL uint32_t KTG_K(update_clean)(const ktg_clean_update *update)
{
    return update->has_small ? KTG_K(update_clean_all)(update, true)
                             : KTG_K(update_clean_all)(update, false);
}
