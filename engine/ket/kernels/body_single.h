/* Other single operations, DIAG and FLIP: part of the body (body.h). */

/* ---- DIAG ---- */

/* The factors first..end-1 of a selection, and the vectors that they multiply. */
typedef struct KTQ_K(range) {
    uint64_t first, end;
    const uint64_t *offsets;
} KTQ_K(range);

KTQ_INLINE KTQ_K(range) KTQ_K(range_of)(const ktq_call *call, uint64_t base)
{
    const uint64_t choice = call->select ? kt_gather(base, call->select) : 0;
    const uint64_t *const starts = call->aux;
    return (KTQ_K(range)){starts[choice], starts[choice + 1], starts + call->choices + 1};
}

/* Loops over factors, and over vectors for each. */
KTQ_INLINE void KTQ_K(diag_by_factor)(const ktq_call *call, VC *tile, uint64_t base,
                                      const int broadcast)
{
    const KTQ_K(range) range = KTQ_K(range_of)(call, base);
    for (uint64_t i = range.first; i < range.end; i++) {
        VC f;
        KTQ_K(load_factor)(&f, call->data, i, broadcast);
        VC *const p = tile + call->first + range.offsets[i];
        uint64_t v = 0;
        do {
            KTQ_K(scale)(p + v, &f);
            v = KTQ_K(next)(v, call->free);
        } while (v);
    }
}

/* Loops over vectors, and over factors for each. */
KTQ_INLINE void KTQ_K(diag_by_vector)(const ktq_call *call, VC *tile, uint64_t base,
                                      const int broadcast)
{
    const KTQ_K(range) range = KTQ_K(range_of)(call, base);
    uint64_t v = 0;
    do {
        VC *const p = tile + call->first + v;
        for (uint64_t i = range.first; i < range.end; i++) {
            VC f;
            KTQ_K(load_factor)(&f, call->data, i, broadcast);
            KTQ_K(scale)(p + range.offsets[i], &f);
        }
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

#define KTQ_DIAG_KERNEL(name, loop, broadcast)                                                     \
    KTQ_KERNEL void KTQ_K(name)(const ktq_call *call, void *tile, ktq_location location)           \
    {                                                                                              \
        KTQ_K(loop)(call, tile, location.base, broadcast);                                         \
    }
KTQ_DIAG_KERNEL(diag_0, diag_by_factor, 0)
KTQ_DIAG_KERNEL(diag_0_by_vector, diag_by_vector, 0)
KTQ_DIAG_KERNEL(diag_broadcast, diag_by_factor, 1)
KTQ_DIAG_KERNEL(diag_broadcast_by_vector, diag_by_vector, 1)

/* ---- FLIP ---- */

KTQ_KERNEL void KTQ_K(flip_whole)(const ktq_call *call, void *memory, ktq_location location)
{
    (void)location;
    VC *const tile = (VC *)memory + call->first;
    uint64_t v = 0;
    do {
        VC *const p = tile + v, *const q = tile + (v ^ call->targets);
        VC a;
        KTQ_K(copy)(&a, p);
        KTQ_K(copy)(p, q);
        KTQ_K(copy)(q, &a);
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

/* Replaces the lanes of a mask by the shuffled lanes of x. Uses up x. */
KTQ_INLINE void KTQ_K(blend_lanes)(V *to, V *x, const VW mask_and_index[2])
{
    KTQ_K(xor_lanes)(x, mask_and_index + 1);
    *to = (V)((VW)*to ^ (((VW)*to ^ (VW)*x) & mask_and_index[0]));
}

/* Flips a lane bit in the lanes that take part. */
KTQ_INLINE void KTQ_K(permute_lanes)(V *x, const VW *data)
{
#ifdef KTQ_PERMUTE
    *x = (V)KTQ_PERMUTE(*x, data[2]);
#else
    V shuffled = *x;
    KTQ_K(blend_lanes)(x, &shuffled, data);
#endif
}

KTQ_KERNEL void KTQ_K(flip_masked)(const ktq_call *call, void *memory, ktq_location location)
{
    (void)location;
    const VW lanes[2] = {((const VW *)call->data)[0], ((const VW *)call->data)[1]};
    VC *const tile = (VC *)memory + call->first;
    uint64_t v = 0;
    do {
        VC *const p = tile + v, *const q = tile + (v ^ call->targets);
        VC a, b;
        KTQ_K(copy)(&a, p);
        KTQ_K(copy)(&b, q);
        KTQ_K(blend_lanes)(&p->re, &b.re, lanes);
        KTQ_K(blend_lanes)(&p->im, &b.im, lanes);
        KTQ_K(blend_lanes)(&q->re, &a.re, lanes);
        KTQ_K(blend_lanes)(&q->im, &a.im, lanes);
        v = KTQ_K(next)(v, call->free);
    } while (v);
}

KTQ_KERNEL void KTQ_K(flip_lanes)(const ktq_call *call, void *memory, ktq_location location)
{
    (void)location;
    VC *const tile = (VC *)memory + call->first;
    uint64_t v = 0;
    do {
        KTQ_K(permute_lanes)(&tile[v].re, call->data);
        KTQ_K(permute_lanes)(&tile[v].im, call->data);
        v = KTQ_K(next)(v, call->free);
    } while (v);
}
