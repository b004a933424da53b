/* Functions whose bits are the same on every machine: only operations that IEEE 754 defines, in a
 * fixed order, and no product that may be contracted. */
#ifndef KTG_TRAIN_NUMERICS_H
#define KTG_TRAIN_NUMERICS_H

#include <stdint.h>

/* exp(x), rounded to float32 from a double whose relative error is below 2^-50: correctly rounded but
 * where the exact value is that near to the middle between two float32. */
float ktg_exp(float x);
/* cos(pi * x), 0 <= x <= 1; the error is below 2^-50. */
double ktg_cos_pi(double x);
/* The natural logarithm of a finite number above 0; the error is below 2^-50, or that part of it. */
double ktg_log(double x);
/* base^exponent, rounded from a sum of two doubles. */
double ktg_power(double base, uint64_t exponent);

#endif
