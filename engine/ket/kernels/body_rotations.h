/* Terms and rotations: part of the body (body.h). */

/* ---- VECTORS ---- */

/* Rotations of vectors = 2^count vectors in x: rotation k pairs those whose numbers differ in bit
 * k. */
KTQ_INLINE void KTQ_K(rotate)(V *x, const V *tangents, const int count, const int vectors)
{
    KTQ_UNROLL for (int k = 0; k < count; k++)
    {
        KTQ_UNROLL for (int j = 0; j < vectors; j++)
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
KTQ_INLINE void KTQ_K(take_factored)(V *x, V *y, B *p, const uint64_t *offsets,
                                     const KTQ_K(factor) * table, const int vectors,
                                     const int terms)
{
    KTQ_UNROLL for (int j = 0; j < vectors; j++)
    {
        B a, b;
        KTQ_K(copy)(&a, p + offsets[j]);
        KTQ_K(copy)(&b, &a);
        if (terms) {
            B f;
            KTQ_K(load)(&f, table, offsets[j], 1);
            KTQ_K(multiply)(&b, &f, &a, 0);
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
KTQ_INLINE void KTQ_K(turn_vectors)(const ktq_call *step, B *tile, ktq_location spot,
                                    const int count, const int vectors, const int terms)
{
    const KTQ_K(factor) *const table =
        (const KTQ_K(factor) *)step->data +
        (terms ? ktq_call_outcome(step, spot.base) * step->vectors : 0);
    const int both = 2 * vectors + count + 4 <= KTQ_REGISTERS;
    uint64_t offsets[1 << KTQ_VECTOR_ROTATIONS_MAX];
    V tangents[KTQ_VECTOR_ROTATIONS_MAX];
    uint64_t offset = 0;
    for (int j = 0; j < vectors; j++, offset = KTQ_K(next)(offset, step->targets))
        offsets[j] = offset;
    for (int k = 0; k < count; k++)
        tangents[k] = ((const KTQ_REAL *)step->more)[k] - (V){0};
    uint64_t v = 0;
    do {
        B *const p = tile + v;
        V x[1 << KTQ_VECTOR_ROTATIONS_MAX], y[1 << KTQ_VECTOR_ROTATIONS_MAX];
        KTQ_K(take_factored)
        (x, both ? y : NULL, p, offsets, table + (terms ? v : 0), vectors, terms);
        KTQ_K(rotate)(x, tangents, count, vectors);
        KTQ_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].re = x[j];
        if (!both)
            KTQ_UNROLL for (int j = 0; j < vectors; j++) y[j] = p[offsets[j]].im;
        KTQ_K(rotate)(y, tangents, count, vectors);
        KTQ_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].im = y[j];
        v = KTQ_K(next)(v, step->free & spot.live);
    } while (v);
}

/* Terms alone. */
static void KTQ_K(terms_0)(const ktq_call *step, void *memory, ktq_location spot)
{
    const KTQ_K(factor) *const table =
        (const KTQ_K(factor) *)step->data + ktq_call_outcome(step, spot.base) * step->vectors;
    B *const tile = memory;
    for (uint64_t v = 0; v < step->vectors; v++) {
        B f;
        KTQ_K(load)(&f, table, v, 1);
        KTQ_K(scale)(&tile[v], &f);
    }
}

#define KTQ_TURN_KERNEL(name, count, vectors, terms)                                               \
    static void KTQ_K(name)(const ktq_call *step, void *tile, ktq_location spot)                   \
    {                                                                                              \
        KTQ_K(turn_vectors)(step, tile, spot, count, vectors, terms);                              \
    }
KTQ_TURN_KERNEL(turn_1, 1, 2, 0)
KTQ_TURN_KERNEL(turn_2, 2, 4, 0)
KTQ_TURN_KERNEL(turn_3, 3, 8, 0)
KTQ_TURN_KERNEL(terms_1, 1, 2, 1)
KTQ_TURN_KERNEL(terms_2, 2, 4, 1)
KTQ_TURN_KERNEL(terms_3, 3, 8, 1)

/* ---- LANES ---- */

/* *x += tangent times *x with lane bit b, a constant where it is called, the other way round. */
KTQ_INLINE void KTQ_K(turn_bit)(V *x, const V *tangent, const int b)
{
    if (b == 0)
        *x += *tangent * KTQ_XOR(*x, 1);
#if KTQ_LANE_BITS > 1
    if (b == 1)
        *x += *tangent * KTQ_XOR(*x, 2);
#endif
#if KTQ_LANE_BITS > 2
    if (b == 2)
        *x += *tangent * KTQ_XOR(*x, 4);
#endif
#if KTQ_LANE_BITS > 3
    if (b == 3)
        *x += *tangent * KTQ_XOR(*x, 8);
#endif
}

/* The terms' factors, then rotations of the lane bits in mask, a constant where it is called. */
KTQ_INLINE void KTQ_K(turn_lanes)(const ktq_call *step, B *tile, uint64_t base, const int mask,
                                  const int terms)
{
    V tangents[KTQ_LANE_BITS];
    B factor = {{0}, {0}};
    if (terms)
        KTQ_K(load)(&factor, step->data, ktq_call_outcome(step, base), 0);
    for (int k = 0; k < __builtin_popcount((unsigned)mask); k++)
        tangents[k] = ((const V *)step->more)[k];
    for (uint64_t v = 0; v < step->vectors; v++) {
        B x;
        KTQ_K(copy)(&x, &tile[v]);
        if (terms)
            KTQ_K(scale)(&x, &factor);
        int k = 0;
        KTQ_UNROLL for (int b = 0; b < KTQ_LANE_BITS; b++)
        {
            if (!(mask >> b & 1))
                continue;
            KTQ_K(turn_bit)(&x.re, &tangents[k], b);
            KTQ_K(turn_bit)(&x.im, &tangents[k++], b);
        }
        KTQ_K(copy)(&tile[v], &x);
    }
}

#define KTQ_LANE_KERNEL(mask)                                                                      \
    static void KTQ_K(lane_turn_##mask)(const ktq_call *step, void *tile, ktq_location spot)       \
    {                                                                                              \
        KTQ_K(turn_lanes)(step, tile, spot.base, mask, 0);                                         \
    }                                                                                              \
    static void KTQ_K(lane_terms_##mask)(const ktq_call *step, void *tile, ktq_location spot)      \
    {                                                                                              \
        KTQ_K(turn_lanes)(step, tile, spot.base, mask, 1);                                         \
    }
KTQ_LANE_KERNEL(0)
KTQ_LANE_KERNEL(1)
#if KTQ_LANE_BITS > 1
KTQ_LANE_KERNEL(2)
KTQ_LANE_KERNEL(3)
#endif
#if KTQ_LANE_BITS > 2
KTQ_LANE_KERNEL(4)
KTQ_LANE_KERNEL(5)
KTQ_LANE_KERNEL(6)
KTQ_LANE_KERNEL(7)
#endif
#if KTQ_LANE_BITS > 3
KTQ_LANE_KERNEL(8)
KTQ_LANE_KERNEL(9)
KTQ_LANE_KERNEL(10)
KTQ_LANE_KERNEL(11)
KTQ_LANE_KERNEL(12)
KTQ_LANE_KERNEL(13)
KTQ_LANE_KERNEL(14)
KTQ_LANE_KERNEL(15)
#endif

#define KTQ_MASKS_1(f) KTQ_K(f##0), KTQ_K(f##1)
#define KTQ_MASKS_2(f) KTQ_MASKS_1(f), KTQ_K(f##2), KTQ_K(f##3)
#define KTQ_MASKS_3(f) KTQ_MASKS_2(f), KTQ_K(f##4), KTQ_K(f##5), KTQ_K(f##6), KTQ_K(f##7)
#define KTQ_MASKS_4(f)                                                                             \
    KTQ_MASKS_3(f), KTQ_K(f##8), KTQ_K(f##9), KTQ_K(f##10), KTQ_K(f##11), KTQ_K(f##12),            \
        KTQ_K(f##13), KTQ_K(f##14), KTQ_K(f##15)
#if KTQ_LANE_BITS == 1
#define KTQ_MASKS KTQ_MASKS_1
#elif KTQ_LANE_BITS == 2
#define KTQ_MASKS KTQ_MASKS_2
#elif KTQ_LANE_BITS == 3
#define KTQ_MASKS KTQ_MASKS_3
#else
#define KTQ_MASKS KTQ_MASKS_4
#endif
