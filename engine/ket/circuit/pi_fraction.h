/* Angles as fractions of pi, for texts and pictures. */
#ifndef KTQ_CIRCUIT_PI_FRACTION_H
#define KTQ_CIRCUIT_PI_FRACTION_H

#include "text.h"
#include <stdbool.h>

/* The double numerator * pi / denominator, computed from left to right. The denominator is above 0
 * and the fraction in lowest terms. */
typedef struct ktq_pi_fraction {
    int numerator, denominator;
} ktq_pi_fraction;

/* False where the value is exactly none of the fractions with small numbers, and for 0. */
bool ktq_find_pi_fraction(ktq_pi_fraction *fraction, double value);
/* As "-3*pi/4"; times: what stands between factors; pi: what stands for it. */
kt_text ktq_pi_fraction_text(ktq_pi_fraction fraction, const char *times, const char *pi);

#endif
