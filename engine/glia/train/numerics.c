#include "glia/train/numerics.h"

#include "glia/train/lanes.h"

#include <math.h>
#include <string.h>

/* 1 + x/1 (1 + x/2 (1 + x/3 (...))), for |x| below 0.35: the first term left out is below 2^-58. */
static double exp_series(double x)
{
    double sum = 1;
    for (int term = 14; term >= 1; term--)
        sum = 1 + kt_kept_double(x * sum) / term;
    return sum;
}

/* 2^exponent, for exponents of normal doubles. */
static double power_of_two(int exponent)
{
    const uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

float ktg_exp(float x)
{
    /* ln 2 in two parts (Cody and Waite, 1980): products of the first with small integers are
     * exact. */
    const double high = 0x1.62e42fefap-1, low = 0x1.cf79abc9e3b3ap-40;
    if (isnan(x))
        return x;
    if (x > 89)
        return INFINITY;
    if (x < -104)
        return 0;
    const double wide = (double)x, turns = rint(kt_kept_double(wide * 0x1.71547652b82fep+0));
    const double rest = wide - kt_kept_double(turns * high) - kt_kept_double(turns * low);
    return (float)(exp_series(rest) * power_of_two((int)turns));
}

/* 1 - x^2/2! + x^4/4! - ..., for |x| up to pi/4. */
static double cos_series(double x)
{
    const double square = kt_kept_double(x * x);
    double sum = 1;
    for (int term = 18; term >= 2; term -= 2)
        sum = 1 - kt_kept_double(square * sum) / (term * (term - 1));
    return sum;
}

static double sin_series(double x)
{
    const double square = kt_kept_double(x * x);
    double sum = 1;
    for (int term = 19; term >= 3; term -= 2)
        sum = 1 - kt_kept_double(square * sum) / (term * (term - 1));
    return x * sum;
}

double ktg_cos_pi(double x)
{
    const double pi = 0x1.921fb54442d18p+1;
    if (x < 0.25)
        return cos_series(pi * x);
    if (x <= 0.75)
        return sin_series(pi * (0.5 - x));
    return -cos_series(pi * (1 - x));
}

/* 2 (z + z^3/3 + z^5/5 + ...), which is ln((1 + z) / (1 - z)), for |z| below 0.172: the first term
 * left out is below 2^-60. */
static double log_series(double z)
{
    const double square = kt_kept_double(z * z);
    double sum = 1.0 / 23;
    for (int term = 21; term >= 1; term -= 2)
        sum = 1.0 / term + kt_kept_double(square * sum);
    return 2 * z * sum;
}

double ktg_log(double x)
{
    const double root = 0x1.6a09e667f3bcdp-1, ln2 = 0x1.62e42fefa39efp-1;
    int exponent;
    double part = frexp(x, &exponent);
    if (part < root) {
        part *= 2;
        exponent--;
    }
    return kt_kept_double(exponent * ln2) + kt_kept_double(log_series((part - 1) / (part + 1)));
}

/* A number as the sum of two doubles, the second of which is the rounding error of the first
 * (Dekker, 1971). */
typedef struct double_sum {
    double high, low;
} double_sum;

static double_sum multiply_sums(double_sum a, double_sum b)
{
    const double product = kt_kept_double(a.high * b.high);
    const double rest = fma(a.high, b.high, -product) +
                        (kt_kept_double(a.high * b.low) + kt_kept_double(a.low * b.high));
    const double high = product + rest;
    return (double_sum){high, rest - (high - product)};
}

double ktg_power(double base, uint64_t exponent)
{
    double_sum power = {1, 0}, square = {base, 0};
    for (; exponent; exponent >>= 1) {
        if (exponent & 1)
            power = multiply_sums(power, square);
        square = multiply_sums(square, square);
    }
    return power.high + power.low;
}
