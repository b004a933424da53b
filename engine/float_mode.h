/* The floating-point mode of the calling thread. Results may depend on no mode that the caller has
 * set, so whoever computes does it rounding to nearest, with subnormal numbers, without traps. */
#ifndef KT_FLOAT_MODE_H
#define KT_FLOAT_MODE_H

#include <stdint.h>
#if !defined(__x86_64__) && !defined(__i386__) && !defined(__aarch64__)
#include <fenv.h>
#endif

/* A mode that a thread had. */
typedef uint64_t kt_float_mode;

/* Begins to compute in that mode; returns the mode before. Cost: a few nanoseconds. What is computed
 * stays inside: the instructions that set the mode are barriers for memory. */
static inline kt_float_mode kt_float_mode_begin(void)
{
#if defined(__x86_64__) || defined(__i386__)
    uint32_t mode;
    const uint32_t usual = 0x1f80;
    __asm__ volatile("stmxcsr %0" : "=m"(mode));
    __asm__ volatile("ldmxcsr %0" : : "m"(usual) : "memory");
    return mode;
#elif defined(__aarch64__)
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(UINT64_C(0)) : "memory");
    return mode;
#else
    const int mode = fegetround();
    fesetround(FE_TONEAREST);
    return (kt_float_mode)mode;
#endif
}

/* Gives the thread the mode that begin returned. */
static inline void kt_float_mode_end(kt_float_mode mode)
{
#if defined(__x86_64__) || defined(__i386__)
    const uint32_t before = (uint32_t)mode;
    __asm__ volatile("ldmxcsr %0" : : "m"(before) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
    fesetround((int)mode);
#endif
}

#endif
