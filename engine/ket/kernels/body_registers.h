/* RESIDENT: part of the body (body.h). The vectors that differ in the resident bits stay in
 * registers while many members act on them. All functions but the kernel are inlined, with the
 * vectors' real parts x and imaginary parts y in registers. Vector j is the one with the bits of j
 * at the resident bits. */
#if KTQ_REGISTERS >= 32
#define KTQ_RESIDENT_BITS 3
#else
#define KTQ_RESIDENT_BITS 2
#endif
#define KTQ_RESIDENTS (1 << KTQ_RESIDENT_BITS)

KTQ_INLINE void KTQ_K(resident_scale)(V *x, V *y, const VC *f)
{
    VC a, b;
    a.re = *x;
    a.im = *y;
    KTQ_K(multiply)(&b, f, &a, 0);
    *x = b.re;
    *y = b.im;
}

/* Multiplies each vector by a factor of its own. */
KTQ_INLINE void KTQ_K(resident_factors)(V *x, V *y, const KTQ_K(number) * table,
                                        const uint64_t *entries)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        VC f;
        KTQ_K(load_factor)(&f, table, entries[j], 1);
        KTQ_K(resident_scale)(x + j, y + j, &f);
    }
}

/* Rotates the resident bits in mask. */
KTQ_INLINE void KTQ_K(resident_rotate)(V *x, V *y, const KTQ_REAL *tangents, uint32_t mask)
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

/* Multiplies all vectors by one factor for each lane. */
KTQ_INLINE void KTQ_K(resident_lane_factor)(V *x, V *y, const VC *f)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++) KTQ_K(resident_scale)(x + j, y + j, f);
}

/* Rotates the lane bits in mask. */
KTQ_INLINE void KTQ_K(resident_lane_rotate)(V *x, V *y, const V *tangents, uint32_t mask)
{
    KTQ_UNROLL for (int b = 0; b < KTQ_LANE_BITS; b++)
    {
        if (!(mask >> b & 1))
            continue;
        const V t = *tangents++;
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            KTQ_K(rotate_lane)(x + j, &t, b);
            KTQ_K(rotate_lane)(y + j, &t, b);
        }
    }
}

/* Flips resident bit k, a compile-time constant. pairs: a mask of the pairs that are swapped, by
 * the number of the vector with bit k 0. */
KTQ_INLINE void KTQ_K(resident_flip)(V *x, V *y, uint32_t pairs, const int k)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if ((j >> k & 1) || !(pairs >> j & 1))
            continue;
        const V a = x[j], b = y[j];
        x[j] = x[j | 1 << k];
        y[j] = y[j | 1 << k];
        x[j | 1 << k] = a;
        y[j | 1 << k] = b;
    }
}

/* The same in the lanes of a mask. */
KTQ_INLINE void KTQ_K(resident_flip_masked)(V *x, V *y, uint32_t pairs, const int k,
                                            const VW *lanes)
{
    const VW mask = *lanes;
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if ((j >> k & 1) || !(pairs >> j & 1))
            continue;
        const VW re = ((VW)x[j] ^ (VW)x[j | 1 << k]) & mask;
        const VW im = ((VW)y[j] ^ (VW)y[j | 1 << k]) & mask;
        x[j] = (V)((VW)x[j] ^ re);
        y[j] = (V)((VW)y[j] ^ im);
        x[j | 1 << k] = (V)((VW)x[j | 1 << k] ^ re);
        y[j | 1 << k] = (V)((VW)y[j | 1 << k] ^ im);
    }
}

/* Flips a lane bit in the vectors of a mask. */
KTQ_INLINE void KTQ_K(resident_flip_lanes)(V *x, V *y, uint32_t vectors, const VW *data)
{
    KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
    {
        if (!(vectors >> j & 1))
            continue;
        KTQ_K(permute_lanes)(x + j, data);
        KTQ_K(permute_lanes)(y + j, data);
    }
}

/* Applies one member. table: its factors for the first of the vectors, or NULL. */
KTQ_INLINE void KTQ_K(resident_member)(V *x, V *y, const ktq_call *m, const void *table,
                                       const uint64_t *entries)
{
    const uint32_t mask = m->resident.mask;
    switch (m->resident.code) {
    case KTQ_RESIDENT_VECTORS:
        if (table)
            KTQ_K(resident_factors)(x, y, table, entries);
        KTQ_K(resident_rotate)(x, y, m->aux, mask);
        break;
    case KTQ_RESIDENT_LANES:
        if (table)
            KTQ_K(resident_lane_factor)(x, y, table);
        KTQ_K(resident_lane_rotate)(x, y, m->aux, mask);
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
        KTQ_K(resident_flip_masked)(x, y, mask, 0, m->data);
        break;
    case KTQ_RESIDENT_FLIP_MASKED + 1:
        KTQ_K(resident_flip_masked)(x, y, mask, 1, m->data);
        break;
#if KTQ_RESIDENT_BITS > 2
    case KTQ_RESIDENT_FLIP + 2:
        KTQ_K(resident_flip)(x, y, mask, 2);
        break;
    case KTQ_RESIDENT_FLIP_MASKED + 2:
        KTQ_K(resident_flip_masked)(x, y, mask, 2, m->data);
        break;
#endif
    }
}

/* The members that act on this frame, and for each its table of factors or NULL. */
typedef struct KTQ_K(active) {
    const ktq_call *members[KTQ_RESIDENT_MEMBERS_MAX];
    const char *tables[KTQ_RESIDENT_MEMBERS_MAX];
    uint64_t strides[KTQ_RESIDENT_MEMBERS_MAX]; /* bytes from one vector's factor to the next */
    size_t count;
} KTQ_K(active);

KTQ_KERNEL void KTQ_K(select_active)(KTQ_K(active) * active, const ktq_call *call, uint64_t base)
{
    active->count = 0;
    for (int32_t i = 1; i <= call->resident.members; i++) {
        const ktq_call *const m = call + i;
        if (!ktq_call_is_active(m, base))
            continue;
        const bool by_lane = m->resident.code == KTQ_RESIDENT_LANES;
        const uint64_t size = by_lane ? sizeof(VC) : sizeof(KTQ_K(number)) * m->entries;
        active->members[active->count] = m;
        active->strides[active->count] = by_lane ? 0 : sizeof(KTQ_K(number));
        active->tables[active->count++] =
            m->resident.has_factors ? (const char *)m->data + ktq_call_outcome(m, base) * size
                                    : NULL;
    }
}

KTQ_KERNEL void KTQ_K(resident)(const ktq_call *call, void *memory, ktq_location location)
{
    KTQ_K(active) active;
    KTQ_K(select_active)(&active, call, location.base);
    uint64_t offsets[KTQ_RESIDENTS], offset = 0;
    for (int j = 0; j < KTQ_RESIDENTS; j++, offset = KTQ_K(next)(offset, call->targets))
        offsets[j] = offset;
    uint64_t v = 0;
    do {
        VC *const p = (VC *)memory + v;
        V x[KTQ_RESIDENTS], y[KTQ_RESIDENTS];
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            x[j] = p[offsets[j]].re;
            y[j] = p[offsets[j]].im;
        }
        for (size_t i = 0; i < active.count; i++) {
            const ktq_call *const m = active.members[i];
            const char *const table = active.tables[i];
            if ((v & m->resident.guard) == m->resident.value)
                KTQ_K(resident_member)
            (x, y, m, table ? table + KTQ_K(entry)(m->index, v) * active.strides[i] : NULL,
             m->index ? m->index->block : offsets);
        }
        KTQ_UNROLL for (int j = 0; j < KTQ_RESIDENTS; j++)
        {
            p[offsets[j]].re = x[j];
            p[offsets[j]].im = y[j];
        }
        v = KTQ_K(next)(v, call->free & location.support);
    } while (v);
}
