/* The kernels of trainings, which body.h includes: averages, and what synapses remember of spikes. Each
 * product is rounded before it is added. */

/* ---- products with small numbers ---- */

/* Some processors take a hundred times as long for a product with a number below 2^-126. Averages that
 * only decay end there, and stay. So such numbers are multiplied as what they are, integers of
 * 2^-149. */

#ifndef KTG_SMALL
/* Which lanes are below 2^-126 and not 0. Their bits without the sign are 1..2^23 - 1; twice them and
 * INT32_MAX are the lowest integers, as that of 0 is the highest one. */
KTG_INLINE uint32_t KTG_K(find_small)(V x)
{
    const VW turned = (VW)((VN)x + (VN)x + INT32_MAX);
    return KTG_BITS(turned < INT32_MIN + (1 << 24) - 1);
}
#define KTG_SMALL KTG_K(find_small)
#endif

/* number * factor for integers below 2^23 and a factor 0..1, rounded once to an integer. To what is
 * added no bits are left behind the point. */
KTG_INLINE VW KTG_K(multiply_integers)(VW number, float factor)
{
#ifdef KTG_FUSED
    const V whole = (V){0} + 0x1p23F;
    return (VW)KTG_FUSED(__builtin_convertvector(number, V), (V){0} + factor, whole) - (VW)whole;
#else
    typedef double wide __attribute__((vector_size(8 * KTG_LANES)));
    const wide exact = __builtin_convertvector(number, wide) * (double)factor;
    return __builtin_convertvector((exact + 0x1p52) - 0x1p52, VW);
#endif
}

/* x * factor, where some of x are below 2^-126. */
KTG_INLINE V KTG_K(multiply_small)(V x, float factor)
{
    if (!(factor <= 1 && factor >= -1))
        return x * factor;
    const V all = factor - (V){0};
    const VW number = (VW)x & INT32_MAX, is_small = number < 1 << 23;
    const VW sign = ((VW)x ^ (VW)all) & INT32_MIN;
    const V others = (V)((VW)x & ~is_small) * all;
    const VW product = KTG_K(multiply_integers)(number & is_small, factor < 0 ? -factor : factor);
    return (V)(((product | sign) & is_small) | ((VW)others & ~is_small));
}

KTG_INLINE V KTG_K(times)(V x, float factor)
{
    V product;
    if (__builtin_expect(KTG_SMALL(x) != 0, 0))
        product = KTG_K(multiply_small)(x, factor);
    else
        product = x * factor;
    KTG_KEEP(product);
    return product;
}

/* ---- rows ---- */

/* Vectors that are looked at together. */
#define KTG_TOGETHER 4

KTG_INLINE void KTG_K(scale_together)(V x[KTG_TOGETHER], float factor)
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
    V *const x = (V *)row;
    const size_t vectors = (count + KTG_LANES - 1) / KTG_LANES;
    size_t v = 0;
    for (; v + KTG_TOGETHER <= vectors; v += KTG_TOGETHER)
        KTG_K(scale_together)(x + v, factor);
    for (; v < vectors; v++)
        x[v] = KTG_K(times)(x[v], factor);
}

KTG_KERNEL void KTG_K(scale_add)(float *row, const float *add, size_t count, float factor)
{
    V *const x = (V *)row;
    const V *const y = (const V *)add;
    for (size_t v = 0; v * KTG_LANES < count; v++)
        x[v] = KTG_K(times)(x[v], factor) + y[v];
}

KTG_KERNEL void KTG_K(add_scaled)(float *row, const float *add, size_t count, float factor)
{
    V *const x = (V *)row;
    const V *const y = (const V *)add;
    for (size_t v = 0; v * KTG_LANES < count; v++)
        x[v] += KTG_K(times)(y[v], factor);
}

/* ---- spikes ---- */

#ifndef KTG_ADD_POSTS
KTG_INLINE void KTG_K(add_posts_of)(float *trace, const float *post, const uint32_t *target,
                                    uint32_t count)
{
    for (uint32_t s = 0; s < count; s++)
        trace[s] += post[target[s]];
}
#define KTG_ADD_POSTS KTG_K(add_posts_of)
#endif

KTG_KERNEL void KTG_K(add_posts)(float *trace, const float *post, const ktg_firing *firing)
{
    const ktg_firing f = *firing;
    for (uint32_t i = 0; i < f.count; i++) {
        const uint32_t source = f.fired[i], begin = f.begin[source];
        KTG_ADD_POSTS(trace + begin, post, f.target + begin, f.begin[source + 1] - begin);
    }
}
