/* Decimal numbers in texts, and float32. Nothing here depends on the locale, or on how the processor
 * rounds. */
#ifndef KTG_TEXT_DECIMAL_H
#define KTG_TEXT_DECIMAL_H

#include "text.h"

typedef enum ktg_decimal {
    KTG_DECIMAL_FINE,
    /* There is no number, or one that ends in the middle of its exponent: the value is 0. */
    KTG_DECIMAL_NONE,
    /* It is beyond the largest float32, which is the value. */
    KTG_DECIMAL_LARGE
} ktg_decimal;

/* Reads the number that a text begins with: [+-] digits [. digits] [e [+-] digits], where digits may
 * be missing on one side of the point. *at is moved from its first byte to what follows it. The value
 * is the float32 nearest to it, of two the even one; -0 is kept. Of 1e, 1e+ and 1ex there is no
 * number: so does C++ read it. */
ktg_decimal ktg_read_decimal(float *value, const char **at, const char *end);
/* A float32 as %.6g writes it, and with as few digits as are read back the same. */
kt_text ktg_decimal_text(float value, bool is_exact);

#endif
