/* Arithmetic of models on float32: each result is stored before it is used, and so rounded. */
#ifndef KT_TEST_ROUNDED_H
#define KT_TEST_ROUNDED_H

static inline float multiply(float a, float b)
{
    volatile float product = a * b;
    return product;
}

static inline float add(float a, float b)
{
    volatile float sum = a + b;
    return sum;
}

#endif
