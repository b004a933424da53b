/* Blocks resident in registers while many steps act on them: part of the body (body.h). The
 * blocks are those that differ in the bits resident; all functions but the kernel are inlined with
 * x and y, their real and imaginary parts, in registers. */
#if KTQ_REGISTERS >= 32
#define KTQ_RESIDENT_BITS 3
#else
#define KTQ_RESIDENT_BITS 2
#endif
#define KTQ_RESIDENTS (1 << KTQ_RESIDENT_BITS)

KTQ_INLINE void KTQ_K(resident_scale)(V *x, V *y, const B *f)
{
    B a, b;
    a.re = *x;
    a.im = *y;
    KTQ_K(multiply)(&b, f, &a, 0);
    *x = b.re;
    *y = b.im;
}

/* Factors, each for all lanes of a block. */
KTQ_INLINE void KTQ_K(resident_factors)(V *x, V *y, const KTQ_K(factor) * table,
                                        const uint64_t *offsets)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        B f;
        KTQ_K(load)(&f, table, offsets[j], 1);
        KTQ_K(resident_scale)(x + j, y + j, &f);
    }
}

/* The rotations of the resident bits in mask. */
KTQ_INLINE void KTQ_K(resident_turns)(V *x, V *y, const KTQ_REAL *tangents, uint32_t mask)
{
    KTQ_UNROLL for (int k = 0; k < KTQ_RESIDENT_BITS; k++)
    {
        if (!(mask >> k & 1))
            continue;
        const V t = *tangents++ - (V){0};
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            if (j >> k & 1)
                continue;
            const V a = x[j], b = x[j | 1 << k], c = y[j], d = y[j | 1 << k];
            x[j] = a - t * b;
            x[j | 1 << k] = b + t * a;
            y[j] = c - t * d;
            y[j | 1 << k] = d + t * c;
        }
    }
}

/* One factor for each lane. */
KTQ_INLINE void KTQ_K(resident_lane_factor)(V *x, V *y, const B *f)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++) KTQ_K(resident_scale)(x + j, y + j, f);
}

/* The rotations of the lane bits in mask. */
KTQ_INLINE void KTQ_K(resident_lane_turns)(V *x, V *y, const V *tangents, uint32_t mask)
{
    KTQ_UNROLL for (int b = 0; b < KTQ_LANE_BITS; b++)
    {
        if (!(mask >> b & 1))
            continue;
        const V t = *tangents++;
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            KTQ_K(turn_bit)(x + j, &t, b);
            KTQ_K(turn_bit)(y + j, &t, b);
        }
    }
}

/* Flips resident bit k, a constant where it is called; blocks: the pairs that take part, by the
 * number of the one with bit k 0. */
KTQ_INLINE void KTQ_K(resident_flip)(V *x, V *y, uint32_t blocks, const int k)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if ((j >> k & 1) || !(blocks >> j & 1))
            continue;
        const V a = x[j], b = y[j];
        x[j] = x[j | 1 << k];
        y[j] = y[j | 1 << k];
        x[j | 1 << k] = a;
        y[j | 1 << k] = b;
    }
}

/* The same for the lanes of a mask. */
KTQ_INLINE void KTQ_K(resident_flip_some)(V *x, V *y, uint32_t blocks, const int k, const VW *lanes)
{
    const VW mask = *lanes;
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if ((j >> k & 1) || !(blocks >> j & 1))
            continue;
        const VW re = ((VW)x[j] ^ (VW)x[j | 1 << k]) & mask;
        const VW im = ((VW)y[j] ^ (VW)y[j | 1 << k]) & mask;
        x[j] = (V)((VW)x[j] ^ re);
        y[j] = (V)((VW)y[j] ^ im);
        x[j | 1 << k] = (V)((VW)x[j | 1 << k] ^ re);
        y[j | 1 << k] = (V)((VW)y[j | 1 << k] ^ im);
    }
}

/* Flips a lane bit in some blocks. */
KTQ_INLINE void KTQ_K(resident_flip_lanes)(V *x, V *y, uint32_t blocks, const VW *data)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if (!(blocks >> j & 1))
            continue;
        KTQ_K(flip_by_lanes)(x + j, data);
        KTQ_K(flip_by_lanes)(y + j, data);
    }
}

/* One member acts on the blocks; table: its factors. */
KTQ_INLINE void KTQ_K(resident_step)(V *x, V *y, const ktq_call *m, const void *table,
                                     const uint64_t *offsets)
{
    const uint32_t mask = m->resident.mask;
    switch (m->resident.code) {
    case KTQ_RESIDENT_VECTORS:
        if (table)
            KTQ_K(resident_factors)(x, y, table, offsets);
        KTQ_K(resident_turns)(x, y, m->more, mask);
        break;
    case KTQ_RESIDENT_LANES:
        if (table)
            KTQ_K(resident_lane_factor)(x, y, table);
        KTQ_K(resident_lane_turns)(x, y, m->more, mask);
        break;
    case KTQ_RESIDENT_FLIP_LANES:
        KTQ_K(resident_flip_lanes)(x, y, mask, m->data);
        break;
    case KTQ_RESIDENT_FLIP:
        KTQ_K(resident_flip)(x, y, mask, 0);
        break;
    case KTQ_RESIDENT_FLIP + 1:
        KTQ_K(resident_flip)(x, y, mask, 1);
        break;
    case KTQ_RESIDENT_FLIP_MASKED:
        KTQ_K(resident_flip_some)(x, y, mask, 0, m->data);
        break;
    case KTQ_RESIDENT_FLIP_MASKED + 1:
        KTQ_K(resident_flip_some)(x, y, mask, 1, m->data);
        break;
#if KTQ_RESIDENT_BITS > 2
    case KTQ_RESIDENT_FLIP + 2:
        KTQ_K(resident_flip)(x, y, mask, 2);
        break;
    case KTQ_RESIDENT_FLIP_MASKED + 2:
        KTQ_K(resident_flip_some)(x, y, mask, 2, m->data);
        break;
#endif
    }
}

/* The members that act on this sub-tile, and for each its table of factors or NULL. */
typedef struct KTQ_K(cast) {
    const ktq_call *members[KTQ_RESIDENT_MEMBERS_MAX];
    const char *tables[KTQ_RESIDENT_MEMBERS_MAX];
    uint64_t
        strides[KTQ_RESIDENT_MEMBERS_MAX]; /* bytes from one vector's factor to the next one's */
    size_t count;
} KTQ_K(cast);

static void KTQ_K(choose_cast)(KTQ_K(cast) * cast, const ktq_call *step, uint64_t base)
{
    cast->count = 0;
    for (int32_t i = 1; i <= step->resident.members; i++) {
        const ktq_call *const m = step + i;
        if (!ktq_call_is_active(m, base))
            continue;
        const bool along = m->resident.code == KTQ_RESIDENT_LANES;
        const uint64_t size = along ? sizeof(B) : sizeof(KTQ_K(factor)) * m->vectors;
        cast->members[cast->count] = m;
        cast->strides[cast->count] = along ? 0 : sizeof(KTQ_K(factor));
        cast->tables[cast->count++] =
            m->resident.factors ? (const char *)m->data + ktq_call_outcome(m, base) * size : NULL;
    }
}

static void KTQ_K(resident)(const ktq_call *step, void *memory, ktq_location spot)
{
    KTQ_K(cast) cast;
    KTQ_K(choose_cast)(&cast, step, spot.base);
    uint64_t offsets[KTQ_RESIDENTS], offset = 0;
    for (int j = 0; j < KTQ_RESIDENTS; j++, offset = KTQ_K(next)(offset, step->targets))
        offsets[j] = offset;
    uint64_t v = 0;
    do {
        B *const p = (B *)memory + v;
        V x[KTQ_RESIDENTS], y[KTQ_RESIDENTS];
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            x[j] = p[offsets[j]].re;
            y[j] = p[offsets[j]].im;
        }
        for (size_t i = 0; i < cast.count; i++) {
            const ktq_call *const m = cast.members[i];
            const char *const table = cast.tables[i];
            if ((v & m->resident.guard) == m->resident.value)
                KTQ_K(resident_step)(x, y, m, table ? table + v * cast.strides[i] : NULL, offsets);
        }
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            p[offsets[j]].re = x[j];
            p[offsets[j]].im = y[j];
        }
        v = KTQ_K(next)(v, step->free & spot.live);
    } while (v);
}
