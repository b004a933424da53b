/* Terms and rotations: part of the body (body.h). */

/* ---- VECTORS ---- */

/* Rotations of vectors = 2^count vectors in x: rotation k pairs those whose numbers differ in bit
 * k. */
KT_INLINE void KT_K(rotate)(V *x, const V *tangents, const int count, const int vectors)
{
    KT_UNROLL for (int k = 0; k < count; k++)
    {
        KT_UNROLL for (int j = 0; j < vectors; j++)
        {
            if (j >> k & 1)
                continue;
            const V low = x[j], high = x[j | 1 << k];
            x[j] = low - tangents[k] * high;
            x[j | 1 << k] = high + tangents[k] * low;
        }
    }
}

/* The vectors' blocks, multiplied with their factors where there are terms. The imaginary parts go
 * to y or, where it is NULL, back to the tile. */
KT_INLINE void KT_K(take_factored)(V *x, V *y, B *p, const uint64_t *offsets,
                                   const KT_K(factor) * table, const int vectors, const int terms)
{
    KT_UNROLL for (int j = 0; j < vectors; j++)
    {
        B a, b;
        KT_K(copy)(&a, p + offsets[j]);
        KT_K(copy)(&b, &a);
        if (terms) {
            B f;
            KT_K(load)(&f, table, offsets[j], 1);
            KT_K(multiply)(&b, &f, &a, 0);
        }
        x[j] = b.re;
        if (y)
            y[j] = b.im;
        else if (terms)
            p[offsets[j]].im = b.im;
    }
}

/* The terms' factors, then one rotation or more: real and imaginary parts at once or, where there
 * are not enough registers for both, one after the other. */
KT_INLINE void KT_K(turn_vectors)(const kt_step *step, B *tile, kt_spot spot, const int count,
                                  const int vectors, const int terms)
{
    const KT_K(factor) *const table =
        (const KT_K(factor) *)step->data +
        (terms ? kt_step_outcome(step, spot.base) * step->vectors : 0);
    const int both = 2 * vectors + count + 4 <= KT_REGISTERS;
    uint64_t offsets[1 << KT_BLOCK_ROTATIONS];
    V tangents[KT_BLOCK_ROTATIONS];
    uint64_t offset = 0;
    for (int j = 0; j < vectors; j++, offset = KT_K(next)(offset, step->targets))
        offsets[j] = offset;
    for (int k = 0; k < count; k++)
        tangents[k] = ((const KT_REAL *)step->more)[k] - (V){0};
    uint64_t v = 0;
    do {
        B *const p = tile + v;
        V x[1 << KT_BLOCK_ROTATIONS], y[1 << KT_BLOCK_ROTATIONS];
        KT_K(take_factored)
        (x, both ? y : NULL, p, offsets, table + (terms ? v : 0), vectors, terms);
        KT_K(rotate)(x, tangents, count, vectors);
        KT_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].re = x[j];
        if (!both)
            KT_UNROLL for (int j = 0; j < vectors; j++) y[j] = p[offsets[j]].im;
        KT_K(rotate)(y, tangents, count, vectors);
        KT_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].im = y[j];
        v = KT_K(next)(v, step->free & spot.live);
    } while (v);
}

/* Terms alone. */
static void KT_K(terms_0)(const kt_step *step, void *memory, kt_spot spot)
{
    const KT_K(factor) *const table =
        (const KT_K(factor) *)step->data + kt_step_outcome(step, spot.base) * step->vectors;
    B *const tile = memory;
    for (uint64_t v = 0; v < step->vectors; v++) {
        B f;
        KT_K(load)(&f, table, v, 1);
        KT_K(scale)(&tile[v], &f);
    }
}

#define KT_TURN_KERNEL(name, count, vectors, terms)                                                \
    static void KT_K(name)(const kt_step *step, void *tile, kt_spot spot)                          \
    {                                                                                              \
        KT_K(turn_vectors)(step, tile, spot, count, vectors, terms);                               \
    }
KT_TURN_KERNEL(turn_1, 1, 2, 0)
KT_TURN_KERNEL(turn_2, 2, 4, 0)
KT_TURN_KERNEL(turn_3, 3, 8, 0)
KT_TURN_KERNEL(terms_1, 1, 2, 1)
KT_TURN_KERNEL(terms_2, 2, 4, 1)
KT_TURN_KERNEL(terms_3, 3, 8, 1)

/* ---- LANES ---- */

/* *x += tangent times *x with lane bit b, a constant where it is called, the other way round. */
KT_INLINE void KT_K(turn_bit)(V *x, const V *tangent, const int b)
{
    if (b == 0)
        *x += *tangent * KT_XOR(*x, 1);
#if KT_LANE_BITS > 1
    if (b == 1)
        *x += *tangent * KT_XOR(*x, 2);
#endif
#if KT_LANE_BITS > 2
    if (b == 2)
        *x += *tangent * KT_XOR(*x, 4);
#endif
#if KT_LANE_BITS > 3
    if (b == 3)
        *x += *tangent * KT_XOR(*x, 8);
#endif
}

/* The terms' factors, then rotations of the lane bits in mask, a constant where it is called. */
KT_INLINE void KT_K(turn_lanes)(const kt_step *step, B *tile, uint64_t base, const int mask,
                                const int terms)
{
    V tangents[KT_LANE_BITS];
    B factor = {{0}, {0}};
    if (terms)
        KT_K(load)(&factor, step->data, kt_step_outcome(step, base), 0);
    for (int k = 0; k < __builtin_popcount((unsigned)mask); k++)
        tangents[k] = ((const V *)step->more)[k];
    for (uint64_t v = 0; v < step->vectors; v++) {
        B x;
        KT_K(copy)(&x, &tile[v]);
        if (terms)
            KT_K(scale)(&x, &factor);
        int k = 0;
        KT_UNROLL for (int b = 0; b < KT_LANE_BITS; b++)
        {
            if (!(mask >> b & 1))
                continue;
            KT_K(turn_bit)(&x.re, &tangents[k], b);
            KT_K(turn_bit)(&x.im, &tangents[k++], b);
        }
        KT_K(copy)(&tile[v], &x);
    }
}

#define KT_LANE_KERNEL(mask)                                                                       \
    static void KT_K(lane_turn_##mask)(const kt_step *step, void *tile, kt_spot spot)              \
    {                                                                                              \
        KT_K(turn_lanes)(step, tile, spot.base, mask, 0);                                          \
    }                                                                                              \
    static void KT_K(lane_terms_##mask)(const kt_step *step, void *tile, kt_spot spot)             \
    {                                                                                              \
        KT_K(turn_lanes)(step, tile, spot.base, mask, 1);                                          \
    }
KT_LANE_KERNEL(0)
KT_LANE_KERNEL(1)
#if KT_LANE_BITS > 1
KT_LANE_KERNEL(2)
KT_LANE_KERNEL(3)
#endif
#if KT_LANE_BITS > 2
KT_LANE_KERNEL(4)
KT_LANE_KERNEL(5)
KT_LANE_KERNEL(6)
KT_LANE_KERNEL(7)
#endif
#if KT_LANE_BITS > 3
KT_LANE_KERNEL(8)
KT_LANE_KERNEL(9)
KT_LANE_KERNEL(10)
KT_LANE_KERNEL(11)
KT_LANE_KERNEL(12)
KT_LANE_KERNEL(13)
KT_LANE_KERNEL(14)
KT_LANE_KERNEL(15)
#endif

#define KT_MASKS_1(f) KT_K(f##0), KT_K(f##1)
#define KT_MASKS_2(f) KT_MASKS_1(f), KT_K(f##2), KT_K(f##3)
#define KT_MASKS_3(f) KT_MASKS_2(f), KT_K(f##4), KT_K(f##5), KT_K(f##6), KT_K(f##7)
#define KT_MASKS_4(f)                                                                              \
    KT_MASKS_3(f), KT_K(f##8), KT_K(f##9), KT_K(f##10), KT_K(f##11), KT_K(f##12), KT_K(f##13),     \
        KT_K(f##14), KT_K(f##15)
#if KT_LANE_BITS == 1
#define KT_MASKS KT_MASKS_1
#elif KT_LANE_BITS == 2
#define KT_MASKS KT_MASKS_2
#elif KT_LANE_BITS == 3
#define KT_MASKS KT_MASKS_3
#else
#define KT_MASKS KT_MASKS_4
#endif
