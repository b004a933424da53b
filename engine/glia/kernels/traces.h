/* The kernels of trainings, which body.h includes: averages, and what synapses remember of spikes.
 * Each product is rounded before it is added. */

/* ---- rows ---- */

/* Vectors that are looked at together. */
#define KTG_TOGETHER 4

KTG_INLINE void KTG_K(scale_together)(V x[KTG_TOGETHER], V factor)
{
    uint32_t small = 0;
    KTG_UNROLL for (uint32_t v = 0; v < KTG_TOGETHER; v++) small |= KTG_SMALL(x[v]);
    if (small)
        KTG_UNROLL for (uint32_t v = 0; v < KTG_TOGETHER; v++) x[v] =
            KTG_K(multiply_small)(x[v], factor);
    else
        KTG_UNROLL for (uint32_t v = 0; v < KTG_TOGETHER; v++) x[v] *= factor;
}

KTG_KERNEL void KTG_K(scale)(float *row, size_t count, float factor)
{
    const V all = KTG_K(all)(factor);
    V *const x = (V *)row;
    const size_t vectors = (count + KTG_LANES - 1) / KTG_LANES;
    size_t v = 0;
    for (; v + KTG_TOGETHER <= vectors; v += KTG_TOGETHER)
        KTG_K(scale_together)(x + v, all);
    for (; v < vectors; v++)
        x[v] = KTG_K(multiply)(x[v], all, true);
}

KTG_KERNEL void KTG_K(scale_add)(float *row, const float *add, size_t count, float factor)
{
    const V all = KTG_K(all)(factor);
    V *const x = (V *)row;
    const V *const y = (const V *)add;
    for (size_t v = 0; v * KTG_LANES < count; v++)
        x[v] = KTG_K(multiply)(x[v], all, true) + y[v];
}

KTG_KERNEL void KTG_K(add_scaled)(float *row, const float *add, size_t count, float factor)
{
    const V all = KTG_K(all)(factor);
    V *const x = (V *)row;
    const V *const y = (const V *)add;
    for (size_t v = 0; v * KTG_LANES < count; v++)
        x[v] += KTG_K(multiply)(y[v], all, true);
}

KTG_KERNEL bool KTG_K(has_small)(const float *row, size_t count)
{
    const V *const x = (const V *)row;
    uint32_t small = 0;
    for (size_t v = 0; v * KTG_LANES < count; v++)
        small |= KTG_SMALL(x[v]);
    return small != 0;
}

/* ---- spikes ---- */

KTG_INLINE void KTG_K(add_posts_of)(float *trace, const float *post, const uint32_t *target,
                                    uint32_t count)
{
    for (uint32_t s = 0; s < count; s++)
        trace[s] += post[target[s]];
}

KTG_INLINE void KTG_K(add_posts_by)(float *trace, const float *post, const ktg_firing *firing,
                                    void (*add_row)(float *, const float *, const uint32_t *,
                                                    uint32_t))
{
    const ktg_firing f = *firing;
    for (uint32_t i = 0; i < f.count; i++) {
        const uint32_t source = f.fired[i], begin = f.begin[source];
        add_row(trace + begin, post, f.target + begin, f.begin[source + 1] - begin);
    }
}

/* With a single block, see `deliver` in rows.h. */
KTG_KERNEL void KTG_K(add_posts)(float *trace, const float *post, const ktg_firing *firing)
{
#ifdef KTG_GATHER_POSTS
    if (firing->blocks > 1) {
        KTG_K(add_posts_by)(trace, post, firing, KTG_GATHER_POSTS);
        return;
    }
#endif
    KTG_K(add_posts_by)(trace, post, firing, KTG_K(add_posts_of));
}
