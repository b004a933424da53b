/* The kernel of columns, which body.h includes: synapses by target. A set's file may define
 *   KTG_FLAGS(fired, source)   what flags_of does */

/* All ones in the lanes whose sources fired. */
#ifndef KTG_FLAGS
KTG_INLINE VW KTG_K(flags_of)(const uint8_t *fired, const uint32_t *source)
{
    VW flags = {0};
    KTG_UNROLL for (uint32_t i = 0; i < KTG_LANES; i++) flags[i] = fired[source[i]];
    return -flags;
}
#define KTG_FLAGS KTG_K(flags_of)
#endif

/* Adds the weights of a group's steps first..end-1 to its sums. Adding 0 leaves a sum as it is, as
 * none is -0. */
KTG_INLINE void KTG_K(add_steps)(float *sums, const ktg_columns *c, uint32_t first, uint32_t end,
                                 const uint8_t *fired)
{
    V sum[KTG_VECTORS];
    KTG_UNROLL for (uint32_t v = 0; v < KTG_VECTORS; v++) sum[v] = ((V *)sums)[v];
    for (size_t s = (size_t)first * KTG_BLOCK; s < (size_t)end * KTG_BLOCK; s += KTG_BLOCK) {
        __builtin_prefetch(c->source + s + 1024);
        __builtin_prefetch(c->weight + s + 1024);
        KTG_UNROLL for (uint32_t v = 0; v < KTG_VECTORS; v++)
        {
            const size_t at = s + v * KTG_LANES;
            sum[v] += (V)(*(const VW *)(c->weight + at) & KTG_FLAGS(fired, c->source + at));
        }
    }
    KTG_UNROLL for (uint32_t v = 0; v < KTG_VECTORS; v++)((V *)sums)[v] = sum[v];
}

KTG_KERNEL void KTG_K(add_columns)(float *sums, const ktg_columns *columns, const uint8_t *fired)
{
    const ktg_columns c = *columns;
    float group[KTG_BLOCK] __attribute__((aligned(64))) = {0};
    for (uint32_t first = 0; first < c.count; first += KTG_BLOCK) {
        const uint32_t *const target = c.target + first, *const step = c.begin + first / KTG_BLOCK;
        const uint32_t lanes = c.count - first < KTG_BLOCK ? c.count - first : KTG_BLOCK;
        for (uint32_t i = 0; i < lanes; i++)
            group[i] = sums[target[i]];
        KTG_K(add_steps)(group, &c, step[0], step[1], fired);
        for (uint32_t i = 0; i < lanes; i++)
            sums[target[i]] = group[i];
    }
}

#undef KTG_FLAGS
