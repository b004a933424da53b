/* Sums of |a|^2 over a packed frame before it is written back: part of the body (body.h). See
 * tile_sums.h. */

typedef double KTQ_K(doubles) __attribute__((vector_size(KTQ_BYTES), may_alias));
/* As many reals as a register has doubles. */
typedef KTQ_REAL KTQ_K(narrow)
    __attribute__((vector_size(KTQ_BYTES / sizeof(double) * sizeof(KTQ_REAL)), may_alias));

#define VD KTQ_K(doubles)
#define VF KTQ_K(narrow)

/* squares[i] = |a[i]|^2, after multiplying the amplitudes a by scale. real: scale is. */
KTQ_INLINE void KTQ_K(square_by)(VD *squares, VC *tile, uint64_t vectors, KTQ_K(number) scale,
                                 const int real)
{
    const VC f = {scale.re - (V){0}, scale.im - (V){0}};
    for (; vectors > 0; vectors--, tile++) {
        VC x;
        KTQ_K(multiply)(&x, &f, tile, real);
        KTQ_K(copy)(tile, &x);
        KTQ_UNROLL for (size_t i = 0; i < sizeof(V) / sizeof(VF); i++)
        {
            const VD re = __builtin_convertvector(((const VF *)(const void *)&x.re)[i], VD);
            const VD im = __builtin_convertvector(((const VF *)(const void *)&x.im)[i], VD);
            *squares++ = re * re + im * im;
        }
    }
}

/* The same for fewer amplitudes than a vector or KTQ_SUM_LANES has. Pads with zeros. */
KTQ_KERNEL void KTQ_K(square_short)(double *squares, VC *tile, uint64_t count, KTQ_K(number) scale)
{
    for (uint64_t i = 0; i < KTQ_SUM_LANES; i++)
        squares[i] = 0;
    for (uint64_t i = 0; i < count; i++) {
        KTQ_REAL *const re = (KTQ_REAL *)&tile[i >> KTQ_LANE_BITS].re + i % KTQ_LANES;
        KTQ_REAL *const im = (KTQ_REAL *)&tile[i >> KTQ_LANE_BITS].im + i % KTQ_LANES;
        const KTQ_REAL x = *re * scale.re - *im * scale.im;
        const KTQ_REAL y = *re * scale.im + *im * scale.re;
        *re = x;
        *im = y;
        squares[i] = (double)x * x + (double)y * y;
    }
}

KTQ_KERNEL void KTQ_K(square)(double *squares, VC *tile, uint64_t count, KTQ_K(number) scale)
{
    VD *const to = (VD *)(void *)squares;
    if (count < KTQ_LANES || count < KTQ_SUM_LANES)
        KTQ_K(square_short)(squares, tile, count, scale);
    else if (scale.im == 0)
        KTQ_K(square_by)(to, tile, count >> KTQ_LANE_BITS, scale, 1);
    else
        KTQ_K(square_by)(to, tile, count >> KTQ_LANE_BITS, scale, 0);
}

/* to[i] = a[i] + b[i]. */
KTQ_INLINE void KTQ_K(add_halves)(double *to, const double *a, const double *b, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += sizeof(VD) / sizeof(double))
        *(VD *)(void *)(to + i) =
            *(const VD *)(const void *)(a + i) + *(const VD *)(const void *)(b + i);
}

/* Adds a piece to bins: sums over the bits that are not kept, halving the piece for each, in a copy
 * unless all bits are kept. */
KTQ_KERNEL void KTQ_K(fill_bins)(const ktq_bins *bins, double *work, uint64_t count, uint64_t base)
{
    const double *from = work;
    double *const copy = work + count;
    uint64_t above = 0;
    for (uint64_t half = count / 2; half >= KTQ_SUM_LANES; half /= 2) {
        if (bins->keep & half) {
            above |= half;
            continue;
        }
        uint64_t x = 0;
        do {
            KTQ_K(add_halves)(copy + x, from + x, from + x + half, half);
            x = KTQ_K(next)(x, above);
        } while (x);
        from = copy;
    }
    const int32_t inside = __builtin_popcountll(bins->inside) + KTQ_SUM_LANE_BITS;
    double *to = work + bins->work + (kt_gather(base, bins->around) << inside);
    uint64_t x = 0;
    do {
        KTQ_K(add_halves)(to, to, from + x, KTQ_SUM_LANES);
        to += KTQ_SUM_LANES;
        x = KTQ_K(next)(x, bins->keep);
    } while (x);
}

/* One butterfly: the sums or the differences of two halves, or both. */
KTQ_INLINE void KTQ_K(butterfly_by)(double *at, uint64_t half, const int add, const int subtract)
{
    for (uint64_t i = 0; i < half; i += sizeof(VD) / sizeof(double)) {
        VD *const a = (VD *)(void *)(at + i), *const b = (VD *)(void *)(at + half + i);
        const VD x = *a, y = *b;
        if (add)
            *a = x + y;
        if (subtract)
            *b = x - y;
    }
}

/* Transforms numbers, such as the squares of a piece. */
KTQ_KERNEL void KTQ_K(butterflies)(const ktq_butterfly *first, size_t count, double *numbers)
{
    for (const ktq_butterfly *f = first; f < first + count; f++) {
        if (f->kind == KTQ_BUTTERFLY_ADD)
            KTQ_K(butterfly_by)(numbers + f->at, f->half, 1, 0);
        else if (f->kind == KTQ_BUTTERFLY_SUBTRACT)
            KTQ_K(butterfly_by)(numbers + f->at, f->half, 0, 1);
        else
            KTQ_K(butterfly_by)(numbers + f->at, f->half, 1, 1);
    }
}

/* Adds the transformed piece to the signed sums. */
KTQ_KERNEL void KTQ_K(add_signed)(const ktq_tile_sums *o, double *work, uint64_t base)
{
    enum { EACH = KTQ_SUM_LANES * sizeof(double) / sizeof(VD) };
    VD *const sums = (VD *)(void *)(work + 2 * o->squares);
    for (size_t i = 0; i < o->sign_count; i++) {
        const ktq_sign *const s = &o->signs[i];
        const double sign = __builtin_popcountll(base & s->within) & 1 ? -1 : 1;
        for (uint64_t k = s->first; k < (uint64_t)s->first + s->count; k++) {
            const VD *const from = (const VD *)(const void *)(work + o->sums[k]);
            KTQ_UNROLL for (uint64_t j = 0; j < EACH; j++) sums[EACH * k + j] += sign * from[j];
        }
    }
}

/* Adds a packed frame to the sums. Multiplies it by scale first, so that the sums are of exactly
 * what is written. base: its outside bits. */
KTQ_KERNEL void KTQ_K(sum_frame)(const ktq_tile_sums_worker *worker, VC *tile, uint64_t base,
                                 KTQ_K(number) scale)
{
    const ktq_tile_sums *const o = worker->sums;
    const uint64_t outer = o->frame.positions & ~o->piece;
    uint64_t at = 0;
    do {
        KTQ_K(square)(worker->work, tile, UINT64_C(1) << o->piece_bits, scale);
        for (size_t i = 0; i < o->bin_count; i++)
            KTQ_K(fill_bins)(&o->bins[i], worker->work, o->squares, base | at);
        KTQ_K(butterflies)(o->butterflies, o->butterfly_count, worker->work);
        KTQ_K(add_signed)(o, worker->work, base | at);
        tile += (UINT64_C(1) << o->piece_bits) >> KTQ_LANE_BITS;
        at = KTQ_K(next)(at, outer);
    } while (at);
}
