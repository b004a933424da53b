/* Blocks held in registers while many steps act on them: part of the body (body.h). The
 * blocks are those that differ in the bits held; all functions but the kernel are inlined with x
 * and y, their real and imaginary parts, in registers. */
#if KT_REGISTERS >= 32
#define KT_HELD_BITS 3
#else
#define KT_HELD_BITS 2
#endif
#define KT_HELD (1 << KT_HELD_BITS)

KT_INLINE void KT_K(held_scale)(V *x, V *y, const B *f)
{
    B a, b;
    a.re = *x;
    a.im = *y;
    KT_K(multiply)(&b, f, &a, 0);
    *x = b.re;
    *y = b.im;
}

/* Factors, each for all lanes of a block. */
KT_INLINE void KT_K(held_factors)(V *x, V *y, const KT_K(factor) * table, const uint64_t *offsets)
{
    KT_UNROLL for (int j = 0; j < KT_HELD; j++)
    {
        B f;
        KT_K(load)(&f, table, offsets[j], 1);
        KT_K(held_scale)(x + j, y + j, &f);
    }
}

/* The rotations of the held bits in mask. */
KT_INLINE void KT_K(held_turns)(V *x, V *y, const KT_REAL *tangents, uint32_t mask)
{
    KT_UNROLL for (int k = 0; k < KT_HELD_BITS; k++)
    {
        if (!(mask >> k & 1))
            continue;
        const V t = *tangents++ - (V){0};
        KT_UNROLL for (int j = 0; j < KT_HELD; j++)
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
KT_INLINE void KT_K(held_lane_factor)(V *x, V *y, const B *f)
{
    KT_UNROLL for (int j = 0; j < KT_HELD; j++) KT_K(held_scale)(x + j, y + j, f);
}

/* The rotations of the lane bits in mask. */
KT_INLINE void KT_K(held_lane_turns)(V *x, V *y, const V *tangents, uint32_t mask)
{
    KT_UNROLL for (int b = 0; b < KT_LANE_BITS; b++)
    {
        if (!(mask >> b & 1))
            continue;
        const V t = *tangents++;
        KT_UNROLL for (int j = 0; j < KT_HELD; j++)
        {
            KT_K(turn_bit)(x + j, &t, b);
            KT_K(turn_bit)(y + j, &t, b);
        }
    }
}

/* Flips held bit k, a constant where it is called; blocks: the pairs that take part, by the number
 * of the one with bit k 0. */
KT_INLINE void KT_K(held_flip)(V *x, V *y, uint32_t blocks, const int k)
{
    KT_UNROLL for (int j = 0; j < KT_HELD; j++)
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
KT_INLINE void KT_K(held_flip_some)(V *x, V *y, uint32_t blocks, const int k, const VW *lanes)
{
    const VW mask = *lanes;
    KT_UNROLL for (int j = 0; j < KT_HELD; j++)
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
KT_INLINE void KT_K(held_flip_lanes)(V *x, V *y, uint32_t blocks, const VW *data)
{
    KT_UNROLL for (int j = 0; j < KT_HELD; j++)
    {
        if (!(blocks >> j & 1))
            continue;
        KT_K(flip_by_lanes)(x + j, data);
        KT_K(flip_by_lanes)(y + j, data);
    }
}

/* One member acts on the blocks; table: its factors. */
KT_INLINE void KT_K(held_step)(V *x, V *y, const kt_step *m, const void *table,
                               const uint64_t *offsets)
{
    const uint32_t mask = m->held.mask;
    switch (m->held.code) {
    case KT_HELD_VECTORS:
        if (table)
            KT_K(held_factors)(x, y, table, offsets);
        KT_K(held_turns)(x, y, m->more, mask);
        break;
    case KT_HELD_LANES:
        if (table)
            KT_K(held_lane_factor)(x, y, table);
        KT_K(held_lane_turns)(x, y, m->more, mask);
        break;
    case KT_HELD_FLIP_LANES:
        KT_K(held_flip_lanes)(x, y, mask, m->data);
        break;
    case KT_HELD_FLIP:
        KT_K(held_flip)(x, y, mask, 0);
        break;
    case KT_HELD_FLIP + 1:
        KT_K(held_flip)(x, y, mask, 1);
        break;
    case KT_HELD_FLIP_SOME:
        KT_K(held_flip_some)(x, y, mask, 0, m->data);
        break;
    case KT_HELD_FLIP_SOME + 1:
        KT_K(held_flip_some)(x, y, mask, 1, m->data);
        break;
#if KT_HELD_BITS > 2
    case KT_HELD_FLIP + 2:
        KT_K(held_flip)(x, y, mask, 2);
        break;
    case KT_HELD_FLIP_SOME + 2:
        KT_K(held_flip_some)(x, y, mask, 2, m->data);
        break;
#endif
    }
}

/* The members that act on this sub-tile, and for each its table of factors or NULL. */
typedef struct KT_K(cast) {
    const kt_step *members[KT_HELD_STEPS];
    const char *tables[KT_HELD_STEPS];
    uint64_t strides[KT_HELD_STEPS]; /* bytes from one vector's factor to the next one's */
    size_t count;
} KT_K(cast);

static void KT_K(choose_cast)(KT_K(cast) * cast, const kt_step *step, uint64_t base)
{
    cast->count = 0;
    for (int32_t i = 1; i <= step->held.members; i++) {
        const kt_step *const m = step + i;
        if (!kt_step_acts(m, base))
            continue;
        const bool along = m->held.code == KT_HELD_LANES;
        const uint64_t size = along ? sizeof(B) : sizeof(KT_K(factor)) * m->vectors;
        cast->members[cast->count] = m;
        cast->strides[cast->count] = along ? 0 : sizeof(KT_K(factor));
        cast->tables[cast->count++] =
            m->held.factors ? (const char *)m->data + kt_step_outcome(m, base) * size : NULL;
    }
}

static void KT_K(held)(const kt_step *step, void *memory, kt_spot spot)
{
    KT_K(cast) cast;
    KT_K(choose_cast)(&cast, step, spot.base);
    uint64_t offsets[KT_HELD], offset = 0;
    for (int j = 0; j < KT_HELD; j++, offset = KT_K(next)(offset, step->targets))
        offsets[j] = offset;
    uint64_t v = 0;
    do {
        B *const p = (B *)memory + v;
        V x[KT_HELD], y[KT_HELD];
        KT_UNROLL for (int j = 0; j < KT_HELD; j++)
        {
            x[j] = p[offsets[j]].re;
            y[j] = p[offsets[j]].im;
        }
        for (size_t i = 0; i < cast.count; i++) {
            const kt_step *const m = cast.members[i];
            const char *const table = cast.tables[i];
            if ((v & m->held.guard) == m->held.value)
                KT_K(held_step)(x, y, m, table ? table + v * cast.strides[i] : NULL, offsets);
        }
        KT_UNROLL for (int j = 0; j < KT_HELD; j++)
        {
            p[offsets[j]].re = x[j];
            p[offsets[j]].im = y[j];
        }
        v = KT_K(next)(v, step->free & spot.live);
    } while (v);
}
