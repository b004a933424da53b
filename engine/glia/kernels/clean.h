/* The kernel of clean networks, which body.h includes. */

/* Adds what is due to a current, lets it decay, and returns its part of the voltage. */
KTG_INLINE V KTG_K(flow)(const ktg_clean_update *u, const float *gain, int32_t which, size_t at)
{
    V *const current = (V *)(u->current[which] + at), *const due = (V *)(u->due[which] + at);
    const V sum = *current + *due;
    V flow = *(const V *)gain * sum;
    KTG_KEEP(flow);
    *due = (V){0};
    *current = sum * u->keep[which];
    return flow;
}

/* The voltages before spikes. lane: the first one of the block. */
KTG_INLINE V KTG_K(integrate)(const ktg_clean_update *u, const ktg_clean_numbers *n, size_t at,
                              uint32_t lane)
{
    V next = *(const V *)(n->leak + lane) * *(const V *)(u->value + at);
    KTG_KEEP(next);
    next += *(const V *)(n->base + lane);
    next += KTG_K(flow)(u, n->gain[0] + lane, 0, at);
    next += KTG_K(flow)(u, n->gain[1] + lane, 1, at);
    if (u->input) {
        V *const input = (V *)(u->input + at);
        next += *input;
        *input = (V){0};
    }
    return next;
}

/* Which of KTG_LANES cells from `at` on fired, as bits. */
KTG_INLINE uint32_t KTG_K(clean_lanes)(const ktg_clean_update *u, const ktg_clean_numbers *n,
                                       size_t at, uint32_t lane)
{
    V *const value = (V *)(u->value + at), *const wait = (V *)(u->wait + at);
    const V next = KTG_K(integrate)(u, n, at, lane), one = (V){0} + 1;
    const VW waits = *wait > (V){0};
    const VW fires = (next > *(const V *)(n->threshold + lane)) & ~waits;
    const VW kept = ((VW)next & ~waits) | (*(const VW *)value & waits);
    const VW waited = (VW)(*wait - (V)((VW)one & waits));
    *value = (V)((*(const VW *)(n->reset + lane) & fires) | (kept & ~fires));
    *wait = (V)((*(const VW *)(n->refractory + lane) & fires) | (waited & ~fires));
    return KTG_BITS(fires);
}

KTG_KERNEL uint32_t KTG_K(update_clean)(const ktg_clean_update *update)
{
    const ktg_clean_update u = *update;
    const ktg_clean_numbers *n = u.numbers;
    uint32_t count = 0;
    for (uint32_t at = 0; at < u.count; at += KTG_BLOCK, n += u.stride) {
        uint32_t bits = 0;
        KTG_UNROLL for (uint32_t i = 0; i < KTG_BLOCK; i += KTG_LANES) bits |=
            KTG_K(clean_lanes)(&u, n, at + i, i) << i;
        if (u.count - at < KTG_BLOCK)
            bits &= (1U << (u.count - at)) - 1;
        for (; bits; bits &= bits - 1)
            u.fired[count++] = at + (uint32_t)__builtin_ctz(bits);
    }
    return count;
}
