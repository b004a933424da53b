/* Terms and rotations: part of the body (body.h). */

/* ---- VECTORS ---- */

/* Applies count rotations to 2^count = vectors registers in x. Rotation k pairs those whose numbers
 * differ in bit k. */
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

/* Loads the vectors at the offsets, multiplied by their factors, at `entries` in the table, if there
 * are terms. The imaginary parts go to y or, if it is NULL, back to the tile. */
KTQ_INLINE void KTQ_K(load_factored)(V *x, V *y, VC *p, const uint64_t *offsets,
                                     const KTQ_K(number) * table, const uint64_t *entries,
                                     const int vectors, const int terms)
{
    KTQ_UNROLL for (int j = 0; j < vectors; j++)
    {
        VC a, b;
        KTQ_K(copy)(&a, p + offsets[j]);
        KTQ_K(copy)(&b, &a);
        if (terms) {
            VC f;
            KTQ_K(load_factor)(&f, table, entries[j], 1);
            KTQ_K(multiply)(&b, &f, &a, 0);
        }
        x[j] = b.re;
        if (y)
            y[j] = b.im;
        else if (terms)
            p[offsets[j]].im = b.im;
    }
}

/* The number of a vector's factor in a table. */
KTQ_INLINE uint64_t KTQ_K(entry)(const ktq_table_index *index, uint64_t v)
{
    return index ? ktq_table_entry(index, v) : v;
}

/* Multiplies by the terms' factors, then rotates 1 to KTQ_VECTOR_ROTATIONS_MAX bits. Real and
 * imaginary parts go through registers together or, if there are too few, one after the other. */
KTQ_INLINE void KTQ_K(rotate_vectors)(const ktq_call *call, VC *tile, ktq_location location,
                                      const int count, const int vectors, const int terms)
{
    const KTQ_K(number) *const table =
        (const KTQ_K(number) *)call->data +
        (terms ? ktq_call_outcome(call, location.base) * call->entries : 0);
    const ktq_table_index *const index = terms ? call->index : NULL;
    const int both = 2 * vectors + count + 4 <= KTQ_REGISTERS;
    uint64_t offsets[1 << KTQ_VECTOR_ROTATIONS_MAX];
    V tangents[KTQ_VECTOR_ROTATIONS_MAX];
    uint64_t offset = 0;
    for (int j = 0; j < vectors; j++, offset = KTQ_K(next)(offset, call->targets))
        offsets[j] = offset;
    for (int k = 0; k < count; k++)
        tangents[k] = ((const KTQ_REAL *)call->aux)[k] - (V){0};
    uint64_t v = 0;
    do {
        VC *const p = tile + v;
        V x[1 << KTQ_VECTOR_ROTATIONS_MAX], y[1 << KTQ_VECTOR_ROTATIONS_MAX];
        KTQ_K(load_factored)
        (x, both ? y : NULL, p, offsets, table + (terms ? KTQ_K(entry)(index, v) : 0),
         index ? index->block : offsets, vectors, terms);
        KTQ_K(rotate)(x, tangents, count, vectors);
        KTQ_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].re = x[j];
        if (!both)
            KTQ_UNROLL for (int j = 0; j < vectors; j++) y[j] = p[offsets[j]].im;
        KTQ_K(rotate)(y, tangents, count, vectors);
        KTQ_UNROLL for (int j = 0; j < vectors; j++) p[offsets[j]].im = y[j];
        v = KTQ_K(next)(v, call->free & location.support);
    } while (v);
}

/* Multiplies by the terms' factors, without rotations. */
KTQ_KERNEL void KTQ_K(terms_0)(const ktq_call *call, void *memory, ktq_location location)
{
    const KTQ_K(number) *const table =
        (const KTQ_K(number) *)call->data + ktq_call_outcome(call, location.base) * call->entries;
    VC *const tile = memory;
    for (uint64_t v = 0; v < call->vectors; v++) {
        VC f;
        KTQ_K(load_factor)(&f, table, KTQ_K(entry)(call->index, v), 1);
        KTQ_K(scale)(&tile[v], &f);
    }
}

#define KTQ_ROTATE_KERNEL(name, count, vectors, terms)                                             \
    KTQ_KERNEL void KTQ_K(name)(const ktq_call *call, void *tile, ktq_location location)           \
    {                                                                                              \
        KTQ_K(rotate_vectors)(call, tile, location, count, vectors, terms);                        \
    }
KTQ_ROTATE_KERNEL(rotate_1, 1, 2, 0)
KTQ_ROTATE_KERNEL(rotate_2, 2, 4, 0)
KTQ_ROTATE_KERNEL(rotate_3, 3, 8, 0)
KTQ_ROTATE_KERNEL(terms_1, 1, 2, 1)
KTQ_ROTATE_KERNEL(terms_2, 2, 4, 1)
KTQ_ROTATE_KERNEL(terms_3, 3, 8, 1)

/* ---- LANES ---- */

/* Rotates lane bit b, a compile-time constant: *x += *tangent * (*x with bit b of the lanes
 * flipped). */
KTQ_INLINE void KTQ_K(rotate_lane)(V *x, const V *tangent, const int b)
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

/* Multiplies by the terms' factors, then rotates the lane bits in mask, a compile-time constant. */
KTQ_INLINE void KTQ_K(rotate_lanes)(const ktq_call *call, VC *tile, uint64_t base, const int mask,
                                    const int terms)
{
    V tangents[KTQ_LANE_BITS];
    VC factor = {{0}, {0}};
    if (terms)
        KTQ_K(load_factor)(&factor, call->data, ktq_call_outcome(call, base), 0);
    for (int k = 0; k < __builtin_popcount((unsigned)mask); k++)
        tangents[k] = ((const V *)call->aux)[k];
    for (uint64_t v = 0; v < call->vectors; v++) {
        VC x;
        KTQ_K(copy)(&x, &tile[v]);
        if (terms)
            KTQ_K(scale)(&x, &factor);
        int k = 0;
        KTQ_UNROLL for (int b = 0; b < KTQ_LANE_BITS; b++)
        {
            if (!(mask >> b & 1))
                continue;
            KTQ_K(rotate_lane)(&x.re, &tangents[k], b);
            KTQ_K(rotate_lane)(&x.im, &tangents[k++], b);
        }
        KTQ_K(copy)(&tile[v], &x);
    }
}

#define KTQ_LANE_KERNEL(mask)                                                                      \
    KTQ_KERNEL void KTQ_K(lane_rotate_##mask)(const ktq_call *call, void *tile,                    \
                                              ktq_location location)                               \
    {                                                                                              \
        KTQ_K(rotate_lanes)(call, tile, location.base, mask, 0);                                   \
    }                                                                                              \
    KTQ_KERNEL void KTQ_K(lane_terms_##mask)(const ktq_call *call, void *tile,                     \
                                             ktq_location location)                                \
    {                                                                                              \
        KTQ_K(rotate_lanes)(call, tile, location.base, mask, 1);                                   \
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
