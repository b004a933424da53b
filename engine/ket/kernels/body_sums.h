/* |a|^2 of a packed frame, added up for observers (tile_sums.h) before it is written back: part of
 * the body (body.h). */

typedef double KT_K(doubles) __attribute__((vector_size(KT_BYTES), may_alias));
/* As many numbers of the state as there are doubles in a vector. */
typedef KT_REAL KT_K(few)
    __attribute__((vector_size(KT_BYTES / sizeof(double) * sizeof(KT_REAL)), may_alias));

#define VD KT_K(doubles)
#define VF KT_K(few)

KT_INLINE void KT_K(square_by)(VD *squares, B *tile, uint64_t vectors, KT_K(factor) scale,
                               const int real)
{
    const B f = {scale.re - (V){0}, scale.im - (V){0}};
    for (; vectors > 0; vectors--, tile++) {
        B x;
        KT_K(multiply)(&x, &f, tile, real);
        KT_K(copy)(tile, &x);
        KT_UNROLL for (size_t i = 0; i < sizeof(V) / sizeof(VF); i++)
        {
            const VD re = __builtin_convertvector(((const VF *)(const void *)&x.re)[i], VD);
            const VD im = __builtin_convertvector(((const VF *)(const void *)&x.im)[i], VD);
            *squares++ = re * re + im * im;
        }
    }
}

/* The same for less than a vector or less than the lanes of a piece, padded with zeros. */
static void KT_K(square_short)(double *squares, B *tile, uint64_t count, KT_K(factor) scale)
{
    for (uint64_t i = 0; i < KT_LANE_COUNT; i++)
        squares[i] = 0;
    for (uint64_t i = 0; i < count; i++) {
        KT_REAL *const re = (KT_REAL *)&tile[i >> KT_LANE_BITS].re + i % KT_LANES;
        KT_REAL *const im = (KT_REAL *)&tile[i >> KT_LANE_BITS].im + i % KT_LANES;
        const KT_REAL x = *re * scale.re - *im * scale.im;
        const KT_REAL y = *re * scale.im + *im * scale.re;
        *re = x;
        *im = y;
        squares[i] = (double)x * x + (double)y * y;
    }
}

static void KT_K(square)(double *squares, B *tile, uint64_t count, KT_K(factor) scale)
{
    VD *const to = (VD *)(void *)squares;
    if (count < KT_LANES || count < KT_LANE_COUNT)
        KT_K(square_short)(squares, tile, count, scale);
    else if (scale.im == 0)
        KT_K(square_by)(to, tile, count >> KT_LANE_BITS, scale, 1);
    else
        KT_K(square_by)(to, tile, count >> KT_LANE_BITS, scale, 0);
}

/* to[i] = a[i] + b[i]. */
KT_INLINE void KT_K(add_halves)(double *to, const double *a, const double *b, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += sizeof(VD) / sizeof(double))
        *(VD *)(void *)(to + i) =
            *(const VD *)(const void *)(a + i) + *(const VD *)(const void *)(b + i);
}

/* Adds up what is not kept, to a copy unless all is, and adds the rest to the bins. */
static void KT_K(fill_bins)(const kt_bins *bins, double *work, uint64_t count, uint64_t base)
{
    const double *from = work;
    double *const copy = work + count;
    uint64_t above = 0;
    for (uint64_t half = count / 2; half >= KT_LANE_COUNT; half /= 2) {
        if (bins->keep & half) {
            above |= half;
            continue;
        }
        uint64_t x = 0;
        do {
            KT_K(add_halves)(copy + x, from + x, from + x + half, half);
            x = KT_K(next)(x, above);
        } while (x);
        from = copy;
    }
    const int32_t inside = __builtin_popcountll(bins->inside) + KT_PIECE_LANES;
    double *to = work + bins->work + (kt_gather(base, bins->around) << inside);
    uint64_t x = 0;
    do {
        KT_K(add_halves)(to, to, from + x, KT_LANE_COUNT);
        to += KT_LANE_COUNT;
        x = KT_K(next)(x, bins->keep);
    } while (x);
}

KT_INLINE void KT_K(fold_by)(double *at, uint64_t half, const int add, const int subtract)
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

static void KT_K(fold)(const kt_observer *o, double *squares)
{
    for (size_t i = 0; i < o->fold_count; i++) {
        const kt_fold *const f = &o->folds[i];
        if (f->kind == KT_FOLD_ADD)
            KT_K(fold_by)(squares + f->at, f->half, 1, 0);
        else if (f->kind == KT_FOLD_SUBTRACT)
            KT_K(fold_by)(squares + f->at, f->half, 0, 1);
        else
            KT_K(fold_by)(squares + f->at, f->half, 1, 1);
    }
}

/* The folded piece to the signed sums. */
static void KT_K(sign)(const kt_observer *o, double *work, uint64_t base)
{
    enum { EACH = KT_LANE_COUNT * sizeof(double) / sizeof(VD) };
    VD *const sums = (VD *)(void *)(work + 2 * o->squares);
    for (size_t i = 0; i < o->sign_count; i++) {
        const kt_sign *const s = &o->signs[i];
        const double sign = __builtin_popcountll(base & s->within) & 1 ? -1 : 1;
        for (uint64_t k = s->first; k < (uint64_t)s->first + s->count; k++) {
            const VD *const from = (const VD *)(const void *)(work + o->sums[k]);
            KT_UNROLL for (uint64_t j = 0; j < EACH; j++) sums[EACH * k + j] += sign * from[j];
        }
    }
}

/* A packed frame with these outside bits. Multiplies it by scale, so that the sums are of exactly
 * what is written. */
static void KT_K(observe)(const kt_observing *observing, B *tile, uint64_t base, KT_K(factor) scale)
{
    const kt_observer *const o = observing->observer;
    const uint64_t outer = o->frame.positions & ~o->piece;
    uint64_t at = 0;
    do {
        KT_K(square)(observing->work, tile, UINT64_C(1) << o->piece_bits, scale);
        for (size_t i = 0; i < o->bin_count; i++)
            KT_K(fill_bins)(&o->bins[i], observing->work, o->squares, base | at);
        KT_K(fold)(o, observing->work);
        KT_K(sign)(o, observing->work, base | at);
        tile += (UINT64_C(1) << o->piece_bits) >> KT_LANE_BITS;
        at = KT_K(next)(at, outer);
    } while (at);
}

#undef VD
#undef VF
