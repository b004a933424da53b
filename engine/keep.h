/* One rounding for each operation of a workload that asks for it, although all sources are compiled with contraction on. */
#ifndef KT_KEEP_H
#define KT_KEEP_H

/* Leaves x, a number or a vector in a variable, as it is; the compiler does not know what it is
 * afterwards, and so does not fuse a product with what is added to it. */
#if defined(__x86_64__) || defined(__i386__)
#define KT_KEEP(x) __asm__("" : "+v"(x))
#elif defined(__aarch64__)
#define KT_KEEP(x) __asm__("" : "+w"(x))
#else
#define KT_KEEP(x) __asm__("" : "+m"(x))
#endif

/* The same value, of which the compiler does not know that it is a product. */
static inline float kt_kept(float product)
{
    KT_KEEP(product);
    return product;
}

static inline double kt_kept_double(double product)
{
    KT_KEEP(product);
    return product;
}

#endif
