/* A tile between the state and the scratch, and the sub-tiles in it: part of the body
 * (body.h). */

/* Asks for the lines of a block that is wanted soon. */
KTQ_INLINE void KTQ_K(prefetch)(const KTQ_REAL *block)
{
    KTQ_UNROLL for (size_t line = 0; line < sizeof(B); line += 64)
        __builtin_prefetch((const char *)block + line, 1, 2);
}

/* Blocks from the state, at the positions `high` from `first` on, to where they lie together; asks
 * for those from `later` on, or for the ones to come where that is NULL. */
static void KTQ_K(load_blocks)(B *buffer, const KTQ_REAL *first, uint64_t high,
                               const KTQ_REAL *later)
{
    uint64_t x = 0, ahead = later ? 0 : ktq_deposit(32, high);
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

/* A vector to the state; non_temporal the caches, where the kernel set says how. */
KTQ_INLINE void KTQ_K(put)(VL *to, V x, const int non_temporal)
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

KTQ_INLINE void KTQ_K(store_by)(const B *buffer, KTQ_REAL *first, uint64_t high,
                                KTQ_K(factor) scale, const int real, const int non_temporal)
{
    uint64_t at = 0;
    const B f = {scale.re - (V){0}, scale.im - (V){0}};
    do {
        B x, y;
        VL *const to = (VL *)(void *)(first + 2 * at);
        KTQ_K(copy)(&x, buffer++);
        KTQ_K(multiply)(&y, &f, &x, real);
        KTQ_K(put)(to, KTQ_LOW(y.re, y.im), non_temporal);
        KTQ_K(put)(to + 1, KTQ_HIGH(y.re, y.im), non_temporal);
        at = KTQ_K(next)(at, high);
    } while (at);
}

/* The way back, with the pass's scale. non_temporal: non_temporal the caches. */
static void KTQ_K(store_blocks)(const B *buffer, KTQ_REAL *first, uint64_t high,
                                KTQ_K(factor) scale, bool non_temporal)
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

/* A tile whose runs are shorter than a vector; lanes that it has not are 0. */
static void KTQ_K(pack_short)(B *tile, const ktq_pass *pass, const KTQ_REAL *first)
{
    if (pass->frame.bits < KTQ_LANE_BITS)
        *tile = (B){{0}, {0}};
    uint64_t at = 0;
    for (uint64_t i = 0; i >> pass->frame.bits == 0;
         i++, at = KTQ_K(next)(at, pass->frame.positions)) {
        tile[i >> KTQ_LANE_BITS].re[i % KTQ_LANES] = first[2 * at];
        tile[i >> KTQ_LANE_BITS].im[i % KTQ_LANES] = first[2 * at + 1];
    }
}

/* What of a tile is in memory: the amplitudes at the positions `at` from `first` on, whose numbers
 * in the tile are the bits `in` from `start` on. */
typedef struct KTQ_K(known) {
    const KTQ_REAL *first;
    uint64_t at, in, start;
} KTQ_K(known);

/* Whether all of it is 0. */
static bool KTQ_K(is_zero)(const KTQ_K(known) * known)
{
    uint64_t at = 0;
    do {
        const KTQ_REAL *const from = known->first + 2 * at;
        if (from[0] != 0 || from[1] != 0)
            return false;
        at = KTQ_K(next)(at, known->at);
    } while (at);
    return true;
}

/* The vectors that are in memory. */
static void KTQ_K(load_known)(B *tile, const KTQ_K(known) * known)
{
    const uint64_t high = known->at & ~(uint64_t)(KTQ_LANES - 1), in = known->in >> KTQ_LANE_BITS;
    uint64_t at = 0, v = 0;
    tile += known->start >> KTQ_LANE_BITS;
    do {
        const VL *const from = (const VL *)(const void *)(known->first + 2 * at);
        const V a = (V)from[0], b = (V)from[1];
        tile[v].re = KTQ_EVEN(a, b);
        tile[v].im = KTQ_ODD(a, b);
        at = KTQ_K(next)(at, high);
        v = KTQ_K(next)(v, in);
    } while (at);
}

/* The same where not all lanes are in memory. */
static void KTQ_K(pack_known)(B *tile, const KTQ_K(known) * known)
{
    uint64_t at = 0, i = 0;
    do {
        const KTQ_REAL *const from = known->first + 2 * at;
        const uint64_t number = i | known->start;
        tile[number >> KTQ_LANE_BITS].re[number % KTQ_LANES] = from[0];
        tile[number >> KTQ_LANE_BITS].im[number % KTQ_LANES] = from[1];
        at = KTQ_K(next)(at, known->at);
        i = KTQ_K(next)(i, known->in);
    } while (at);
}

/* A tile of which not all is in memory; false where it is all 0. */
static bool KTQ_K(pack_partial)(B *tile, const ktq_pass *pass, const KTQ_REAL *first,
                                const ktq_visit *visit)
{
    const uint64_t positions = pass->frame.positions, at = positions & ~visit->unwritten;
    const uint64_t value = visit->index & visit->unwritten;
    const KTQ_K(known)
        known = {first + 2 * value, at, ktq_extract(at, positions), ktq_extract(value, positions)};
    const int32_t bits = pass->frame.bits - KTQ_LANE_BITS;
    if (KTQ_K(is_zero)(&known))
        return false;
    memset(tile, 0, sizeof(B) << (bits > 0 ? bits : 0));
    if (at % KTQ_LANES == KTQ_LANES - 1)
        KTQ_K(load_known)(tile, &known);
    else
        KTQ_K(pack_known)(tile, &known);
    return true;
}

/* Zeros for a tile, run by run. */
static void KTQ_K(clear_tile)(const ktq_pass *pass, KTQ_REAL *first, bool non_temporal)
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

static void KTQ_K(unpack_short)(const B *tile, const ktq_pass *pass, KTQ_REAL *first,
                                KTQ_K(factor) scale)
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

/* live: as in ktq_location, before and after; steps move blocks along their targets alone. */
static void KTQ_K(run_steps)(const ktq_subtile *sub, B *tile, uint64_t base, uint64_t *live)
{
    for (size_t i = 0; i < sub->call_count; i += 1 + (size_t)sub->calls[i].resident.members) {
        const ktq_call *const step = &sub->calls[i];
        if (!ktq_call_is_active(step, base))
            continue;
        step->apply(step, tile, (ktq_location){base, *live});
        *live |= step->targets;
    }
}

/* Copies the blocks at the bits of `vectors` to a buffer where they lie together, and back. */
static void KTQ_K(fetch)(B *buffer, const B *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KTQ_K(copy)(buffer++, tile + x);
        x = KTQ_K(next)(x, vectors);
    } while (x);
}

static void KTQ_K(put_back)(const B *buffer, B *tile, uint64_t vectors)
{
    uint64_t x = 0;
    do {
        KTQ_K(copy)(tile + x, buffer++);
        x = KTQ_K(next)(x, vectors);
    } while (x);
}

/* A tile on its way: in the state, at base; in scratch, where `tile` is; sub-tiles go through the
 * buffer. live: of whole tiles, as in ktq_location. sums (or NULL) is shown what is written. */
typedef struct KTQ_K(way) {
    const ktq_pass *pass;
    KTQ_REAL *state;
    B *tile, *buffer;
    uint64_t base, live;
    KTQ_K(factor) scale;
    bool non_temporal;
    const ktq_tile_sums_worker *sums;
} KTQ_K(way);

/* What is in the buffer, with these outside bits, shown to the observer: it leaves no scale. */
static KTQ_K(factor) KTQ_K(show)(const KTQ_K(way) * way, B *buffer, uint64_t base)
{
    if (!way->sums)
        return way->scale;
    KTQ_K(sum_frame)(way->sums, buffer, base, way->scale);
    return (KTQ_K(factor)){1, 0};
}

/* Sub-tile after sub-tile: from the state if it is the tile's first sweep, to it if the last. What
 * is next is asked for meanwhile. */
static void KTQ_K(sweep)(KTQ_K(way) * way, const ktq_subtile *sub, const int first, const int last)
{
    const uint64_t positions = way->pass->frame.positions;
    const uint64_t inner = sub->frame.positions, outer = positions & ~inner;
    const uint64_t lanes = ktq_deposit(KTQ_LANES - 1, inner), high = inner & ~lanes;
    const uint64_t blocks = ktq_extract(inner, positions) >> KTQ_LANE_BITS;
    const uint64_t all = ((UINT64_C(1) << way->pass->frame.bits) - 1) >> KTQ_LANE_BITS;
    B *const buffer = outer ? way->buffer : way->tile;
    way->live = outer ? ~UINT64_C(0) : way->live;
    uint64_t at = 0, v = 0;
    do {
        KTQ_REAL *const here = way->state + 2 * (way->base | at);
        const KTQ_REAL *const later =
            outer ? way->state + 2 * (way->base | KTQ_K(next)(at, outer)) : NULL;
        if (first)
            KTQ_K(load_blocks)(buffer, here, high, later);
        else if (outer)
            KTQ_K(fetch)(buffer, way->tile + v, blocks);
        KTQ_K(run_steps)(sub, buffer, way->base | at, &way->live);
        if (last)
            KTQ_K(store_blocks)
        (buffer, here, high, KTQ_K(show)(way, buffer, way->base | at), way->non_temporal);
        else if (outer) KTQ_K(put_back)(buffer, way->tile + v, blocks);
        at = KTQ_K(next)(at, outer);
        v = KTQ_K(next)(v, all & ~blocks);
    } while (at);
}

/* Of a tile that is zero but for what is known of it. */
static uint64_t KTQ_K(live_bits)(const ktq_pass *pass, const ktq_visit *visit)
{
    const uint64_t known = pass->frame.positions & ~visit->unwritten;
    return visit->unwritten & visit->index
               ? ~UINT64_C(0)
               : ktq_extract(known, pass->frame.positions) >> KTQ_LANE_BITS;
}

static void KTQ_K(apply_tile)(const ktq_pass *pass, void *state, void *scratch,
                              const ktq_visit *visit)
{
    const int32_t bits = pass->frame.bits - KTQ_LANE_BITS;
    B *const tile = scratch;
    KTQ_K(way)
    way = {.pass = pass,
           .state = state,
           .tile = tile,
           .buffer = tile + (UINT64_C(1) << (bits > 0 ? bits : 0)),
           .base = visit->base,
           .live = KTQ_K(live_bits)(pass, visit),
           .scale = {(KTQ_REAL)pass->scale[0], (KTQ_REAL)pass->scale[1]},
           .non_temporal = visit->non_temporal &&
                           (visit->unwritten & (visit->unwritten - 1)), /* most was not read */
           .sums = visit->sums};
    KTQ_REAL *const first = way.state + 2 * visit->base;
    const bool scattered = pass->frame.positions % KTQ_LANES != KTQ_LANES - 1;
    const bool from_state = !scattered && !visit->unwritten, to_state = !scattered;
    const ktq_subtile nothing = {.frame = pass->frame};
    const size_t count = pass->subtile_count;
    if (visit->unwritten && !KTQ_K(pack_partial)(tile, pass, first, visit)) {
        if (!visit->is_zeroed)
            KTQ_K(clear_tile)(pass, first, visit->non_temporal);
        return; /* zeros add nothing to what is observed */
    }
    if (scattered && !visit->unwritten)
        KTQ_K(pack_short)(tile, pass, first);
    for (size_t i = 0; i < count; i++)
        KTQ_K(sweep)(&way, &pass->subtiles[i], from_state && i == 0, to_state && i + 1 == count);
    if (!count)
        KTQ_K(sweep)(&way, &nothing, from_state, to_state);
    if (scattered)
        KTQ_K(unpack_short)(tile, pass, first, KTQ_K(show)(&way, tile, visit->base));
    if (way.non_temporal)
        ktq_non_temporal_end();
}
