/* Products of Pauli matrices over a state that is only read, their sums and their images: part of
 * the body (body.h). See pauli_sums.h. */

/* Packs the tile at `base`, whose runs follow each other in the order of the span's generators.
 * Numbers beyond a small state are 0. */
KTQ_KERNEL void KTQ_K(load_span)(VC *tile, const KTQ_REAL *state, const ktq_span *span,
                                 int32_t tile_bits, uint64_t base)
{
    const uint64_t runs = UINT64_C(1) << span->count, run = (UINT64_C(1) << span->run_bits) - 1;
    const uint64_t filled = (run + 1) << span->count >> KTQ_LANE_BITS;
    const uint64_t whole = UINT64_C(1) << (tile_bits - KTQ_LANE_BITS);
    memset(tile + filled, 0, (size_t)(whole - filled) * sizeof *tile);
    if (span->run_bits < KTQ_LANE_BITS) {
        const ktq_pass pass = {.frame = {run, span->run_bits}};
        KTQ_K(pack_short)(tile, &pass, state);
        return;
    }
    for (uint64_t i = 1, next; i <= runs; i++, base = next) {
        next = i < runs ? base ^ span->steps[__builtin_ctzll(i)] : base;
        KTQ_K(load_vectors)
        (tile, state + 2 * base, run & ~(uint64_t)(KTQ_LANES - 1),
         runs > 1 ? state + 2 * next : NULL);
        tile += (run + 1) >> KTQ_LANE_BITS;
    }
}

/* As many doubles as a vector has lanes. */
enum { KTQ_K(PARTS) = sizeof(V) / sizeof(VF) };

/* For xor_lanes: lane i from lane i ^ lanes. */
KTQ_INLINE VW KTQ_K(lane_order)(uint32_t lanes)
{
    VW order;
    for (uint32_t i = 0; i < sizeof order / sizeof(int32_t); i++)
        order[i] = (int32_t)(i ^ lanes * (uint32_t)(sizeof(KTQ_REAL) / sizeof(int32_t)));
    return order;
}

/* sums += sign times the products of a vector's pairs. */
KTQ_INLINE void KTQ_K(add_pairs)(VD *sums, const VC *a, const VC *b, const VW *order,
                                 const VD *sign, const int has_lanes, const int is_imaginary)
{
    V re = b->re, im = b->im;
    if (has_lanes) {
        KTQ_K(xor_lanes)(&re, order);
        KTQ_K(xor_lanes)(&im, order);
    }
    const V products = is_imaginary ? re * a->im - im * a->re : re * a->re + im * a->im;
    KTQ_UNROLL for (size_t i = 0; i < KTQ_K(PARTS); i++)
    {
        const VF part = ((const VF *)(const void *)&products)[i];
        sums[i] += *sign * __builtin_convertvector(part, VD);
    }
}

/* 1 or -1 in all lanes: negative for an odd number of bits. */
KTQ_INLINE VD KTQ_K(sign_of)(uint64_t bits)
{
    return (__builtin_parityll(bits) ? -1.0 : 1.0) - (VD){0};
}

/* Adds the pairs of the piece that begins at vector `at` to a group's row of products. Four vectors
 * of the row are summed at a time. */
KTQ_INLINE void KTQ_K(pair_piece_by)(double *row, const VC *tile, const ktq_pauli_group *g,
                                     uint64_t at, const int has_lanes, const int is_imaginary)
{
    const VW order = KTQ_K(lane_order)(g->flip_lanes);
    const uint64_t four = kt_deposit(3, g->piece), inner = g->piece & ~g->rows;
    const uint64_t outer = g->piece & g->rows & ~four, in_row = kt_gather(outer, g->rows);
    const uint64_t offsets[4] = {0, four & -four, four & (four - 1), four};
    VD *const first = (VD *)(void *)row + kt_gather(at, g->rows) * KTQ_K(PARTS);
    uint64_t d = 0, r = 0;
    do {
        VD sums[4 * KTQ_K(PARTS)] = {{0}};
        uint64_t f = 0;
        do {
            const uint64_t v = at | d | f;
            const VD sign = KTQ_K(sign_of)(v & g->signs);
            KTQ_UNROLL for (int k = 0; k < 4; k++) KTQ_K(add_pairs)(
                sums + k * KTQ_K(PARTS), tile + (v | offsets[k]),
                tile + ((v | offsets[k]) ^ g->flip), &order, &sign, has_lanes, is_imaginary);
            f = KTQ_K(next)(f, inner);
        } while (f);
        KTQ_UNROLL for (size_t k = 0; k < 4 * KTQ_K(PARTS); k++) first[r * KTQ_K(PARTS) + k] +=
            sums[k];
        d = KTQ_K(next)(d, outer);
        r = KTQ_K(next)(r, in_row);
    } while (d);
}

KTQ_KERNEL void KTQ_K(pair_piece)(double *row, const VC *tile, const ktq_pauli_group *g,
                                  uint64_t at)
{
    if (g->flip_lanes && g->is_imaginary)
        KTQ_K(pair_piece_by)(row, tile, g, at, 1, 1);
    else if (g->flip_lanes)
        KTQ_K(pair_piece_by)(row, tile, g, at, 1, 0);
    else if (g->is_imaginary)
        KTQ_K(pair_piece_by)(row, tile, g, at, 0, 1);
    else
        KTQ_K(pair_piece_by)(row, tile, g, at, 0, 0);
}

/* See ktq_kernel_set. A piece goes through all groups of a batch while it is in cache. */
KTQ_KERNEL void KTQ_K(sum_paulis)(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep,
                                  const void *state, void *scratch, uint64_t base, double *row)
{
    VC *const tile = scratch;
    const uint64_t vectors = UINT64_C(1) << (sums->tile_bits - KTQ_LANE_BITS);
    double *const work = (double *)(void *)(tile + vectors);
    const ktq_pauli_group *g = sums->groups + sweep->first_group, *const end =
                                                                      g + sweep->group_count;
    KTQ_K(load_span)(tile, state, &sweep->span, sums->tile_bits, base);
    memset(row, 0, sums->width * sizeof *row);
    for (size_t count; g < end; g += count) {
        count = ktq_pauli_sums_batch(sums, sweep, (size_t)(g - sums->groups));
        memset(work, 0, sizeof *work << sums->tile_bits);
        for (uint64_t at = 0; at < vectors; at += UINT64_C(1) << sums->piece_bits)
            for (size_t i = 0; i < count; i++)
                if (!(at & g[i].gate))
                    KTQ_K(pair_piece)(work + g[i].row, tile, &g[i], at);
        for (size_t i = 0; i < count; i++) {
            KTQ_K(butterflies)
            (sums->butterflies + g[i].first_butterfly, g[i].butterfly_count, work + g[i].row);
            ktq_pauli_sums_add(sums, &g[i], work + g[i].row, base, row);
        }
    }
}

/* ---- images ---- */

/* The inverse of load_span. */
KTQ_KERNEL void KTQ_K(store_span)(const VC *tile, KTQ_REAL *state, const ktq_span *span,
                                  uint64_t base)
{
    const uint64_t runs = UINT64_C(1) << span->count, run = (UINT64_C(1) << span->run_bits) - 1;
    const KTQ_K(number) one = {1, 0};
    if (span->run_bits < KTQ_LANE_BITS) {
        const ktq_pass pass = {.frame = {run, span->run_bits}};
        KTQ_K(unpack_short)(tile, &pass, state, one);
        return;
    }
    for (uint64_t i = 1; i <= runs; i++) {
        KTQ_K(store_vectors)(tile, state + 2 * base, run & ~(uint64_t)(KTQ_LANES - 1), one, false);
        tile += (run + 1) >> KTQ_LANE_BITS;
        if (i < runs)
            base ^= span->steps[__builtin_ctzll(i)];
    }
}

/* image += a term of the group applied to the vectors first..first + count - 1. weights: its factor
 * in each lane. signs: the vectors' bits that it has signs on. */
KTQ_INLINE void KTQ_K(apply_piece_by)(VC *image, const VC *tile, const ktq_pauli_group *g,
                                      const V *weights, uint64_t signs, uint64_t first,
                                      uint64_t count, const int is_imaginary)
{
    const VW order = KTQ_K(lane_order)(g->flip_lanes);
    for (uint64_t v = first; v < first + count; v++) {
        const V weight = __builtin_parityll(v & signs) ? -*weights : *weights;
        V re = tile[v ^ g->flip].re, im = tile[v ^ g->flip].im;
        KTQ_K(xor_lanes)(&re, &order);
        KTQ_K(xor_lanes)(&im, &order);
        image[v].re += weight * (is_imaginary ? -im : re);
        image[v].im += weight * (is_imaginary ? re : im);
    }
}

KTQ_KERNEL void KTQ_K(apply_piece)(VC *image, const VC *tile, const ktq_pauli_group *g,
                                   const ktq_pauli_term *term, uint64_t base, uint64_t first,
                                   uint64_t count)
{
    const bool is_negative = __builtin_parityll(base & term->z);
    const uint64_t signs = term->mask >> KTQ_LANE_BITS;
    V weights = {0};
    for (uint32_t i = 0; i < KTQ_LANES; i++) {
        const bool flips = __builtin_parity(i & term->mask);
        weights[i] = (KTQ_REAL)(flips != is_negative ? -term->factor : term->factor);
    }
    if (g->is_imaginary)
        KTQ_K(apply_piece_by)(image, tile, g, &weights, signs, first, count, 1);
    else
        KTQ_K(apply_piece_by)(image, tile, g, &weights, signs, first, count, 0);
}

/* See ktq_kernel_set. */
KTQ_KERNEL void KTQ_K(apply_paulis)(const ktq_pauli_sums *sums, const ktq_pauli_sweep *sweep,
                                    const void *state, void *image, void *scratch, uint64_t base,
                                    bool is_first)
{
    const int32_t bits = sums->tile_bits - KTQ_LANE_BITS;
    const uint64_t vectors = UINT64_C(1) << bits;
    const uint64_t count = UINT64_C(1) << (bits < sums->piece_bits ? bits : sums->piece_bits);
    VC *const tile = scratch, *const to = tile + vectors;
    const ktq_pauli_group *const first = sums->groups + sweep->first_group;
    KTQ_K(load_span)(tile, state, &sweep->span, sums->tile_bits, base);
    if (is_first)
        memset(to, 0, (size_t)vectors * sizeof *to);
    else
        KTQ_K(load_span)(to, image, &sweep->span, sums->tile_bits, base);
    for (uint64_t at = 0; at < vectors; at += count)
        for (const ktq_pauli_group *g = first; g < first + sweep->group_count; g++)
            for (size_t i = 0; i < g->term_count; i++)
                KTQ_K(apply_piece)(to, tile, g, sums->terms + g->first_term + i, base, at, count);
    KTQ_K(store_span)(to, image, &sweep->span, base);
}
