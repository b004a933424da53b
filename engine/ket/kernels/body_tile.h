/* Passes: a tile from the state to scratch and back, and the subtiles in it: part of the body
 * (body.h). */

/* Prefetches the lines of a vector in the state. */
KTQ_INLINE void KTQ_K(prefetch)(const KTQ_REAL *vector)
{
    KTQ_UNROLL for (size_t line = 0; line < sizeof(VC); line += 64)
        __builtin_prefetch((const char *)vector + line, 1, 2);
}

/* Copies the vectors at the positions `high` behind `first` to a buffer, one behind the other, and
 * separates real and imaginary parts. Prefetches the vectors behind `later` or, if it is NULL,
 * those that are copied next. */
KTQ_KERNEL void KTQ_K(load_vectors)(VC *buffer, const KTQ_REAL *first, uint64_t high,
                                    const KTQ_REAL *later)
{
    uint64_t x = 0, ahead = later ? 0 : kt_deposit(32, high);
    if (!later)
        later = first;
    do {
        const VL *const from = (const VL *)(const void *)(first + 2 * x);
        KTQ_K(prefetch)(later + 2 * ahead);
        ahead = KTQ_K(next)(ahead, high);
        const V a = (V)from[0], b = (V)from[1];
        buffer->re = KTQ_EVEN(a, b);
        buffer->im = KTQ_ODD(a, b);
        buffer++;
        x = KTQ_K(next)(x, high);
    } while (x);
}

/* Stores a register to the state. non_temporal: past the caches, if the kernel set can. */
KTQ_INLINE void KTQ_K(store)(VL *to, V x, const int non_temporal)
{
#ifdef KTQ_STREAM_STORE
    if (non_temporal) {
        KTQ_STREAM_STORE(to, x);
        return;
    }
#endif
    (void)non_temporal;
    *to = (VL)x;
}

/* store_vectors for constant flags. real: scale is. */
KTQ_INLINE void KTQ_K(store_by)(const VC *buffer, KTQ_REAL *first, uint64_t high,
                                KTQ_K(number) scale, const int real, const int non_temporal)
{
    uint64_t at = 0;
    const VC f = {scale.re - (V){0}, scale.im - (V){0}};
    do {
        VC x, y;
        VL *const to = (VL *)(void *)(first + 2 * at);
        KTQ_K(copy)(&x, buffer++);
        KTQ_K(multiply)(&y, &f, &x, real);
        KTQ_K(store)(to, KTQ_ZIP_LOW(y.re, y.im), non_temporal);
        KTQ_K(store)(to + 1, KTQ_ZIP_HIGH(y.re, y.im), non_temporal);
        at = KTQ_K(next)(at, high);
    } while (at);
}

/* The inverse of load_vectors, times the pass's scale. */
KTQ_KERNEL void KTQ_K(store_vectors)(const VC *buffer, KTQ_REAL *first, uint64_t high,
                                     KTQ_K(number) scale, bool non_temporal)
{
    if (non_temporal && scale.im == 0)
        KTQ_K(store_by)(buffer, first, high, scale, 1, 1);
    else if (non_temporal)
        KTQ_K(store_by)(buffer, first, high, scale, 0, 1);
    else if (scale.im == 0)
        KTQ_K(store_by)(buffer, first, high, scale, 1, 0);
    else
        KTQ_K(store_by)(buffer, first, high, scale, 0, 0);
}

/* Packs a tile whose contiguous runs are shorter than a vector. Lanes beyond the tile are 0. */
KTQ_KERNEL void KTQ_K(pack_short)(VC *tile, const ktq_pass *pass, const KTQ_REAL *first)
{
    if (pass->frame.bits < KTQ_LANE_BITS)
        *tile = (VC){{0}, {0}};
    uint64_t at = 0;
    for (uint64_t i = 0; i >> pass->frame.bits == 0;
         i++, at = KTQ_K(next)(at, pass->frame.positions)) {
        tile[i >> KTQ_LANE_BITS].re[i % KTQ_LANES] = first[2 * at];
        tile[i >> KTQ_LANE_BITS].im[i % KTQ_LANES] = first[2 * at + 1];
    }
}

/* The part of a tile that is valid in memory: the amplitudes at the positions `at` behind `first`.
 * Their numbers in the tile are the bits `in`, plus `start`. */
typedef struct KTQ_K(written) {
    KTQ_REAL *first;
    uint64_t at, in, start;
} KTQ_K(written);

/* Whether all of them are 0. */
KTQ_KERNEL bool KTQ_K(is_zero)(const KTQ_K(written) * written)
{
    uint64_t at = 0;
    do {
        const KTQ_REAL *const from = written->first + 2 * at;
        if (from[0] != 0 || from[1] != 0)
            return false;
        at = KTQ_K(next)(at, written->at);
    } while (at);
    return true;
}

/* All of them are 0 or -0: makes them 0, as zero_tile does, so that no bit depends on what the memory
 * held before. Memory without -0 is not written. */
KTQ_KERNEL void KTQ_K(drop_signs)(const KTQ_K(written) * written)
{
    uint64_t at = 0;
    do {
        KTQ_REAL *const to = written->first + 2 * at;
        if (__builtin_signbit(to[0]) || __builtin_signbit(to[1]))
            to[0] = to[1] = 0;
        at = KTQ_K(next)(at, written->at);
    } while (at);
}

/* Loads the vectors that are valid in memory. */
KTQ_KERNEL void KTQ_K(load_written)(VC *tile, const KTQ_K(written) * written)
{
    const uint64_t high = written->at & ~(uint64_t)(KTQ_LANES - 1),
                   in = written->in >> KTQ_LANE_BITS;
    uint64_t at = 0, v = 0;
    tile += written->start >> KTQ_LANE_BITS;
    do {
        const VL *const from = (const VL *)(const void *)(written->first + 2 * at);
        const V a = (V)from[0], b = (V)from[1];
        tile[v].re = KTQ_EVEN(a, b);
        tile[v].im = KTQ_ODD(a, b);
        at = KTQ_K(next)(at, high);
        v = KTQ_K(next)(v, in);
    } while (at);
}

/* The same if not all lanes are valid in memory. */
KTQ_KERNEL void KTQ_K(pack_written)(VC *tile, const KTQ_K(written) * written)
{
    uint64_t at = 0, i = 0;
    do {
        const KTQ_REAL *const from = written->first + 2 * at;
        const uint64_t number = i | written->start;
        tile[number >> KTQ_LANE_BITS].re[number % KTQ_LANES] = from[0];
        tile[number >> KTQ_LANE_BITS].im[number % KTQ_LANES] = from[1];
        at = KTQ_K(next)(at, written->at);
        i = KTQ_K(next)(i, written->in);
    } while (at);
}

/* Packs a tile that is not all valid in memory. False, and nothing packed, if all of it is 0; then what
 * is valid holds 0, and not -0, where the rest of the memory does. */
KTQ_KERNEL bool KTQ_K(pack_partial)(VC *tile, const ktq_pass *pass, KTQ_REAL *first,
                                    const ktq_visit *visit)
{
    const uint64_t positions = pass->frame.positions, at = positions & ~visit->unwritten;
    const uint64_t value = visit->index & visit->unwritten;
    const KTQ_K(written)
        written = {first + 2 * value, at, kt_gather(at, positions), kt_gather(value, positions)};
    const int32_t bits = pass->frame.bits - KTQ_LANE_BITS;
    if (KTQ_K(is_zero)(&written)) {
        if (visit->is_zeroed)
            KTQ_K(drop_signs)(&written);
        return false;
    }
    memset(tile, 0, sizeof(VC) << (bits > 0 ? bits : 0));
    if (at % KTQ_LANES == KTQ_LANES - 1)
        KTQ_K(load_written)(tile, &written);
    else
        KTQ_K(pack_written)(tile, &written);
    return true;
}

/* Fills a tile in the state with zeros, run by run. */
KTQ_KERNEL void KTQ_K(zero_tile)(const ktq_pass *pass, KTQ_REAL *first, bool non_temporal)
{
    const uint64_t positions = pass->frame.positions, run = positions & ~(positions + 1);
    uint64_t at = 0;
    do {
        ktq_zero(first + 2 * at, (run + 1) * 2 * sizeof *first, non_temporal);
        at = KTQ_K(next)(at, positions & ~run);
    } while (at);
    if (non_temporal)
        ktq_non_temporal_end();
}

/* The inverse of pack_short, times the pass's scale. */
KTQ_KERNEL void KTQ_K(unpack_short)(const VC *tile, const ktq_pass *pass, KTQ_REAL *first,
                                    KTQ_K(number) scale)
{
    uint64_t at = 0;
    for (uint64_t i = 0; i >> pass->frame.bits == 0;
         i++, at = KTQ_K(next)(at, pass->frame.positions)) {
        const KTQ_REAL re = tile[i >> KTQ_LANE_BITS].re[i % KTQ_LANES];
        const KTQ_REAL im = tile[i >> KTQ_LANE_BITS].im[i % KTQ_LANES];
        first[2 * at] = re * scale.re - im * scale.im;
        first[2 * at + 1] = re * scale.im + im * scale.re;
    }
}

/* Applies the calls to a packed frame. support: as in ktq_location, before and after. Calls move
 * amplitudes along their targets alone. */
KTQ_KERNEL void KTQ_K(apply_calls)(const ktq_subpass *subpass, VC *tile, uint64_t base,
                                   uint64_t *support)
{
    for (size_t i = 0; i < subpass->call_count;
         i += 1 + (size_t)subpass->calls[i].resident.members) {
        const ktq_call *const call = &subpass->calls[i];
        if (!ktq_call_is_active(call, base))
            continue;
        call->kernel(call, tile, (ktq_location){base, *support});
        *support |= call->targets;
    }
}

/* Copies the vectors at the bits of `vectors` to a buffer, one behind the other. */
KTQ_KERNEL void KTQ_K(gather_subtile)(VC *buffer, const VC *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KTQ_K(copy)(buffer++, tile + x);
        x = KTQ_K(next)(x, vectors);
    } while (x);
}

/* The inverse. */
KTQ_KERNEL void KTQ_K(scatter_subtile)(const VC *buffer, VC *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KTQ_K(copy)(tile + x, buffer++);
        x = KTQ_K(next)(x, vectors);
    } while (x);
}

/* The tile that is being worked on. It lies at `base` in the state and at `tile` in scratch.
 * Subtiles go through the buffer. support: of the whole tile, as in ktq_location. sums: as in
 * ktq_visit. */
typedef struct KTQ_K(current_tile) {
    const ktq_pass *pass;
    KTQ_REAL *state;
    VC *tile, *buffer;
    uint64_t base, support;
    KTQ_K(number) scale;
    bool non_temporal;
    const ktq_tile_sums_worker *sums;
} KTQ_K(current_tile);

/* Adds a packed frame to the sums, if there are any. Returns the scale that is still to be applied.
 */
KTQ_KERNEL KTQ_K(number) KTQ_K(add_sums)(const KTQ_K(current_tile) * t, VC *buffer, uint64_t base)
{
    if (!t->sums)
        return t->scale;
    KTQ_K(sum_frame)(t->sums, buffer, base, t->scale);
    return (KTQ_K(number)){1, 0};
}

/* Applies a sweep's calls to subtile after subtile. The tile's first sweep reads the state, and its
 * last one writes it. */
KTQ_KERNEL void KTQ_K(sweep)(KTQ_K(current_tile) * t, const ktq_subpass *subpass, const int first,
                             const int last)
{
    const uint64_t positions = t->pass->frame.positions;
    const uint64_t inner = subpass->frame.positions, outer = positions & ~inner;
    const uint64_t lanes = kt_deposit(KTQ_LANES - 1, inner), high = inner & ~lanes;
    const uint64_t vectors = kt_gather(inner, positions) >> KTQ_LANE_BITS;
    const uint64_t all = ((UINT64_C(1) << t->pass->frame.bits) - 1) >> KTQ_LANE_BITS;
    VC *const buffer = outer ? t->buffer : t->tile;
    t->support = outer ? ~UINT64_C(0) : t->support;
    uint64_t at = 0, v = 0;
    do {
        KTQ_REAL *const here = t->state + 2 * (t->base | at);
        const KTQ_REAL *const later =
            outer ? t->state + 2 * (t->base | KTQ_K(next)(at, outer)) : NULL;
        if (first)
            KTQ_K(load_vectors)(buffer, here, high, later);
        else if (outer)
            KTQ_K(gather_subtile)(buffer, t->tile + v, vectors);
        KTQ_K(apply_calls)(subpass, buffer, t->base | at, &t->support);
        if (last) {
            const KTQ_K(number) scale = KTQ_K(add_sums)(t, buffer, t->base | at);
            KTQ_K(store_vectors)(buffer, here, high, scale, t->non_temporal);
        } else if (outer) {
            KTQ_K(scatter_subtile)(buffer, t->tile + v, vectors);
        }
        at = KTQ_K(next)(at, outer);
        v = KTQ_K(next)(v, all & ~vectors);
    } while (at);
}

/* The support of a tile before the first call. */
KTQ_KERNEL uint64_t KTQ_K(support)(const ktq_pass *pass, const ktq_visit *visit)
{
    const uint64_t valid = pass->frame.positions & ~visit->unwritten;
    return visit->unwritten & visit->index
               ? ~UINT64_C(0)
               : kt_gather(valid, pass->frame.positions) >> KTQ_LANE_BITS;
}

/* See ktq_kernel_set. */
KTQ_KERNEL void KTQ_K(apply_tile)(const ktq_pass *pass, void *state, void *scratch,
                                  const ktq_visit *visit)
{
    const int32_t bits = pass->frame.bits - KTQ_LANE_BITS;
    VC *const tile = scratch;
    KTQ_K(current_tile)
    t = {.pass = pass,
         .state = state,
         .tile = tile,
         .buffer = tile + (UINT64_C(1) << (bits > 0 ? bits : 0)),
         .base = visit->base,
         .support = KTQ_K(support)(pass, visit),
         .scale = {(KTQ_REAL)pass->scale[0], (KTQ_REAL)pass->scale[1]},
         .non_temporal = visit->non_temporal &&
                         (visit->unwritten & (visit->unwritten - 1)), /* most was not read */
         .sums = visit->sums};
    KTQ_REAL *const first = t.state + 2 * visit->base;
    const bool is_scattered = pass->frame.positions % KTQ_LANES != KTQ_LANES - 1;
    const bool from_state = !is_scattered && !visit->unwritten, to_state = !is_scattered;
    const ktq_subpass no_calls = {.frame = pass->frame};
    const size_t count = pass->subpass_count;
    if (visit->unwritten && !KTQ_K(pack_partial)(tile, pass, first, visit)) {
        if (!visit->is_zeroed)
            KTQ_K(zero_tile)(pass, first, visit->non_temporal);
        return; /* zeros add nothing to the sums */
    }
    if (is_scattered && !visit->unwritten)
        KTQ_K(pack_short)(tile, pass, first);
    for (size_t i = 0; i < count; i++)
        KTQ_K(sweep)(&t, &pass->subpasses[i], from_state && i == 0, to_state && i + 1 == count);
    if (!count)
        KTQ_K(sweep)(&t, &no_calls, from_state, to_state);
    if (is_scattered)
        KTQ_K(unpack_short)(tile, pass, first, KTQ_K(add_sums)(&t, tile, visit->base));
    if (t.non_temporal)
        ktq_non_temporal_end();
}
