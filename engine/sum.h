/* Sums of many numbers whose rounding errors do not grow with their count: compensated summation
 * (Neumaier, ZAMM 54, 1974). The order of the numbers decides the bits. */
#ifndef KT_SUM_H
#define KT_SUM_H

#include <math.h>
#include <stdint.h>

/* value: the rounded sum so far. lost: the sum of its rounding errors. {0, 0} is an empty sum. */
typedef struct kt_sum {
    double value, lost;
} kt_sum;

static inline void kt_sum_add(kt_sum *sum, double number)
{
    const double value = sum->value + number;
    sum->lost += fabs(sum->value) >= fabs(number) ? (sum->value - value) + number
                                                  : (number - value) + sum->value;
    sum->value = value;
}

static inline double kt_sum_total(const kt_sum *sum)
{
    return sum->value + sum->lost;
}

/* numbers[0] + numbers[stride] + ..., count of them, in this order. */
static inline double kt_sum_of(const double *numbers, uint64_t count, uint64_t stride)
{
    kt_sum sum = {0, 0};
    for (uint64_t i = 0; i < count; i++)
        kt_sum_add(&sum, numbers[i * stride]);
    return kt_sum_total(&sum);
}

#endif
