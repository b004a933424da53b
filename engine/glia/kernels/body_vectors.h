/* A kernel set's vectors. Its file includes this and then body.h, after defining
 *   KTG_LANES       floats of a vector, 4, 8 or 16
 *   KTG_K(name)     the name with the set's suffix
 * and, if the defaults do not fit,
 *   KTG_BITS(x)     the lanes of a vector of integers that are all ones, as bits; others are 0
 *   KTG_SMALL(x)    what find_small does
 *   KTG_FUSED(a, b, c)   a * b + c of vectors, rounded once
 * body.h undefines all of them. keep.h is included by then. */
#define KTG_VECTORS (KTG_BLOCK / KTG_LANES)
#define KTG_INLINE static inline __attribute__((always_inline))
/* The loops keep arrays of vectors, into which they write at constant indices. */
#define KTG_KERNEL static __attribute__((no_stack_protector))
#ifdef __clang__
#define KTG_UNROLL _Pragma("clang loop unroll(full)")
#else
#define KTG_UNROLL _Pragma("GCC unroll 16")
#endif

typedef float KTG_K(floats) __attribute__((vector_size(4 * KTG_LANES), may_alias));
typedef int32_t KTG_K(words) __attribute__((vector_size(4 * KTG_LANES), may_alias));
typedef uint32_t KTG_K(naturals) __attribute__((vector_size(4 * KTG_LANES), may_alias));
#define V KTG_K(floats)
#define VW KTG_K(words)
#define VN KTG_K(naturals)

/* ---- lanes ---- */

#ifndef KTG_BITS
KTG_INLINE uint32_t KTG_K(bits)(VW x)
{
    x &= (VW){1, 2, 4, 8};
    return (uint32_t)(x[0] | x[1] | x[2] | x[3]);
}
#define KTG_BITS KTG_K(bits)
#endif

/* ---- products ---- */

/* Some processors take a hundred times as long for a product with a number below 2^-126. Voltages
 * and averages that only decay end there, and stay. So such numbers are multiplied as what they
 * are, integers of 2^-149. */

#ifndef KTG_SMALL
/* Which lanes are below 2^-126 and not 0. Their bits without the sign are 1..2^23 - 1; twice them
 * and INT32_MAX are the lowest integers, as that of 0 is the highest one. */
KTG_INLINE uint32_t KTG_K(find_small)(V x)
{
    const VW turned = (VW)((VN)x + (VN)x + INT32_MAX);
    return KTG_BITS(turned < INT32_MIN + (1 << 24) - 1);
}
#define KTG_SMALL KTG_K(find_small)
#endif

/* number * factor for integers below 2^23 and factors 0..1, rounded once to integers. To what is
 * added no bits are left behind the point. */
KTG_INLINE VW KTG_K(multiply_integers)(VW number, V factor)
{
#ifdef KTG_FUSED
    const V whole = (V){0} + 0x1p23F;
    return (VW)KTG_FUSED(__builtin_convertvector(number, V), factor, whole) - (VW)whole;
#else
    typedef double wide __attribute__((vector_size(8 * KTG_LANES)));
    const wide exact =
        __builtin_convertvector(number, wide) * __builtin_convertvector(factor, wide);
    return __builtin_convertvector((exact + 0x1p52) - 0x1p52, VW);
#endif
}

/* x * factor, where some of x are below 2^-126. Factors beyond -1..1 stay with the processor. */
KTG_INLINE V KTG_K(multiply_small)(V x, V factor)
{
    const int32_t one = 0x3f800000; /* the bits of 1 */
    const VW number = (VW)x & INT32_MAX, size = (VW)factor & INT32_MAX;
    const VW is_small = (number < 1 << 23) & (size <= one);
    const VW sign = ((VW)x ^ (VW)factor) & INT32_MIN;
    const V others = (V)((VW)x & ~is_small) * factor;
    const VW product = KTG_K(multiply_integers)(number & is_small, (V)(size & is_small));
    return (V)(((product | sign) & is_small) | ((VW)others & ~is_small));
}

/* x * factor, which the compiler does not fuse with what is added to it. has_small: some of x may
 * be below 2^-126; it is the same for all vectors, and decides nothing but time. */
KTG_INLINE V KTG_K(multiply)(V x, V factor, const bool has_small)
{
    V product;
    if (has_small && __builtin_expect(KTG_SMALL(x) != 0, 0))
        product = KTG_K(multiply_small)(x, factor);
    else
        product = x * factor;
    KT_KEEP(product);
    return product;
}

/* A number in all lanes. Adding to 0 would lose the sign of -0. */
KTG_INLINE V KTG_K(all)(float x)
{
    return x - (V){0};
}
