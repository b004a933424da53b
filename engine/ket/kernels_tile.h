/* A tile between the state and the scratch, and the sub-tiles in it: part of the body
 * (kernels_body.h). */

/* Where a tile lies in the state: `count` runs of `vectors` contiguous vectors, at the positions of
 * `high`. */
typedef struct KT_K(runs) {
    KT_REAL *first;
    uint64_t high, count, vectors;
} KT_K(runs);

static KT_K(runs) KT_K(runs_of)(const kt_pass *pass, void *state, uint64_t base)
{
    const int bits = __builtin_ctzll(~pass->frame.positions);
    return (KT_K(runs)){.first = (KT_REAL *)state + 2 * base,
                        .high = pass->frame.positions & (pass->frame.positions + 1),
                        .count = UINT64_C(1) << (pass->frame.bits - bits),
                        .vectors = (UINT64_C(1) << bits) >> KT_LANE_BITS};
}

/* Asks for the line of the run after the next one, to be written later on. */
KT_INLINE void KT_K(prefetch)(const KT_REAL *run, uint64_t i)
{
    const char *const block = (const char *)run + i * sizeof(B);
    KT_UNROLL for (size_t line = 0; line < sizeof(B); line += 64)
        __builtin_prefetch(block + line, 1);
}

static void KT_K(pack)(B *tile, const KT_K(runs) * runs)
{
    uint64_t at = 0;
    for (uint64_t r = 0; r < runs->count; r++, at = KT_K(next)(at, runs->high)) {
        const VL *const from = (const VL *)(const void *)(runs->first + 2 * at);
        const uint64_t later = KT_K(next)(KT_K(next)(at, runs->high), runs->high);
        for (uint64_t i = 0; i < runs->vectors; i++, tile++) {
            KT_K(prefetch)(runs->first + 2 * later, i);
            const V a = (V)from[2 * i], b = (V)from[2 * i + 1];
            tile->re = KT_EVEN(a, b);
            tile->im = KT_ODD(a, b);
        }
    }
}

KT_INLINE void KT_K(unpack_by)(const B *tile, const KT_K(runs) * runs, KT_K(factor) scale,
                               const int real)
{
    uint64_t at = 0;
    for (uint64_t r = 0; r < runs->count; r++, at = KT_K(next)(at, runs->high)) {
        VL *const to = (VL *)(void *)(runs->first + 2 * at);
        for (uint64_t i = 0; i < runs->vectors; i++, tile++) {
            B x, y;
            const B f = {scale.re - (V){0}, scale.im - (V){0}};
            KT_K(copy)(&x, tile);
            KT_K(multiply)(&y, &f, &x, real);
            to[2 * i] = (VL)KT_LOW(y.re, y.im);
            to[2 * i + 1] = (VL)KT_HIGH(y.re, y.im);
        }
    }
}

static void KT_K(unpack)(const B *tile, const KT_K(runs) * runs, KT_K(factor) scale)
{
    if (scale.im == 0)
        KT_K(unpack_by)(tile, runs, scale, 1);
    else
        KT_K(unpack_by)(tile, runs, scale, 0);
}

/* The same where a run is shorter than a vector; lanes that the tile has not are 0. */
static void KT_K(pack_short)(B *tile, const kt_pass *pass, const KT_REAL *first)
{
    if (pass->frame.bits < KT_LANE_BITS)
        *tile = (B){{0}, {0}};
    uint64_t at = 0;
    for (uint64_t i = 0; i >> pass->frame.bits == 0;
         i++, at = KT_K(next)(at, pass->frame.positions)) {
        tile[i >> KT_LANE_BITS].re[i % KT_LANES] = first[2 * at];
        tile[i >> KT_LANE_BITS].im[i % KT_LANES] = first[2 * at + 1];
    }
}

static void KT_K(unpack_short)(const B *tile, const kt_pass *pass, KT_REAL *first,
                               KT_K(factor) scale)
{
    uint64_t at = 0;
    for (uint64_t i = 0; i >> pass->frame.bits == 0;
         i++, at = KT_K(next)(at, pass->frame.positions)) {
        const KT_REAL re = tile[i >> KT_LANE_BITS].re[i % KT_LANES];
        const KT_REAL im = tile[i >> KT_LANE_BITS].im[i % KT_LANES];
        first[2 * at] = re * scale.re - im * scale.im;
        first[2 * at + 1] = re * scale.im + im * scale.re;
    }
}

static void KT_K(run_steps)(const kt_sub *sub, B *tile, uint64_t base)
{
    for (size_t i = 0; i < sub->step_count; i++)
        if (kt_step_acts(&sub->steps[i], base))
            sub->steps[i].apply(&sub->steps[i], tile, base);
}

/* Copies the blocks at the bits of `vectors` to a buffer where they lie together, and back. */
static void KT_K(fetch)(B *buffer, const B *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KT_K(copy)(buffer++, tile + x);
        x = KT_K(next)(x, vectors);
    } while (x);
}

static void KT_K(put_back)(const B *buffer, B *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KT_K(copy)(tile + x, buffer++);
        x = KT_K(next)(x, vectors);
    } while (x);
}

/* Sub-tile after sub-tile; where there is but one, in place. */
static void KT_K(run_sub)(const kt_pass *pass, const kt_sub *sub, B *tile, B *buffer, uint64_t base)
{
    const uint64_t outer = pass->frame.positions & ~sub->frame.positions;
    if (!outer) {
        KT_K(run_steps)(sub, tile, base);
        return;
    }
    const uint64_t inner = kt_gather(sub->frame.positions, pass->frame.positions) >> KT_LANE_BITS;
    const uint64_t all = ((UINT64_C(1) << pass->frame.bits) - 1) >> KT_LANE_BITS;
    uint64_t at = 0, v = 0;
    do {
        KT_K(fetch)(buffer, tile + v, inner);
        KT_K(run_steps)(sub, buffer, base | at);
        KT_K(put_back)(buffer, tile + v, inner);
        at = KT_K(next)(at, outer);
        v = KT_K(next)(v, all & ~inner);
    } while (at);
}

static void KT_K(run_subs)(const kt_pass *pass, B *tile, uint64_t base)
{
    const int32_t bits = pass->frame.bits - KT_LANE_BITS;
    B *const buffer = tile + (UINT64_C(1) << (bits > 0 ? bits : 0));
    for (size_t i = 0; i < pass->sub_count; i++)
        KT_K(run_sub)(pass, &pass->subs[i], tile, buffer, base);
}

static void KT_K(tile)(const kt_pass *pass, void *state, void *scratch, uint64_t base,
                       const kt_observing *observing)
{
    KT_K(factor) scale = {(KT_REAL)pass->scale[0], (KT_REAL)pass->scale[1]};
    const KT_K(runs) runs = KT_K(runs_of)(pass, state, base);
    if (runs.vectors)
        KT_K(pack)(scratch, &runs);
    else
        KT_K(pack_short)(scratch, pass, runs.first);
    KT_K(run_subs)(pass, scratch, base);
    if (observing) {
        KT_K(observe)(observing, scratch, base, scale);
        scale = (KT_K(factor)){1, 0};
    }
    if (runs.vectors)
        KT_K(unpack)(scratch, &runs, scale);
    else
        KT_K(unpack_short)(scratch, pass, runs.first, scale);
}
