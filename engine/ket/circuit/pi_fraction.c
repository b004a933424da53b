#define _GNU_SOURCE
#include "ket/circuit/pi_fraction.h"
#include <math.h>
#include <stdlib.h>

static bool has_common_factor(int a, int b)
{
    while (b) {
        const int rest = a % b;
        a = b;
        b = rest;
    }
    return a > 1;
}

static bool is_fraction(ktq_pi_fraction *fraction, double value, int denominator)
{
    enum { NUMERATOR_MOST = 64 };
    const double near = value * denominator / M_PI;
    if (!(fabs(near) < NUMERATOR_MOST + 0.5))
        return false;
    const int numerator = (int)(near + copysign(0.5, near));
    if (numerator == 0 || numerator * M_PI / denominator != value)
        return false;
    *fraction = (ktq_pi_fraction){numerator, denominator};
    return !has_common_factor(abs(numerator), denominator);
}

/* Denominators up to 16, and powers of two, which Fourier transforms have. */
bool ktq_find_pi_fraction(ktq_pi_fraction *fraction, double value)
{
    enum { SMALL = 16, PI_MOST = 1 << 24 };
    for (int denominator = 1; denominator <= PI_MOST; denominator *= 2)
        if (is_fraction(fraction, value, denominator))
            return true;
    for (int denominator = 3; denominator < SMALL; denominator++)
        if (is_fraction(fraction, value, denominator))
            return true;
    return false;
}

kt_text ktq_pi_fraction_text(ktq_pi_fraction fraction, const char *times, const char *pi)
{
    const int n = fraction.numerator, whole = n < 0 ? -n : n;
    const kt_text factor = whole > 1 ? kt_format("%d%s", whole, times) : kt_format("%s", "");
    const kt_text divisor =
        fraction.denominator > 1 ? kt_format("/%d", fraction.denominator) : kt_format("%s", "");
    return kt_format("%s%s%s%s", n < 0 ? "-" : "", factor.text, pi, divisor.text);
}
