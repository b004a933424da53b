/* What the bodies of gates and expressions are compiled to: bytes in the parser's code, which take
 * less memory than the text that they come from would in records.
 *
 *   body        call*, 0
 *   call        callee + 1, expression*, KTQ_CODE_END, qubit*, KTQ_CODE_END
 *   callee      2 * number + is_defined, of a ktq_callee
 *   expression  items in reverse Polish notation: see expressions.c
 *   qubit       one byte: which of the definition's
 *
 * Numbers have 7 bits in each byte, the lowest first; bit 7 says that more follow. */
#ifndef KTQ_QASM_CODE_H
#define KTQ_QASM_CODE_H

#include "ket/qasm/failures.h"
#include "ket/qasm/parser.h"
#include <string.h>

enum { KTQ_CODE_END = 0xff, KTQ_CODE_NUMBER_MOST = 10 /* bytes */ };

static inline ketch_status ktq_code_put_byte(ktq_qasm *q, uint8_t byte)
{
    KTQ_QASM_RESERVE(q, code, 1);
    q->code.items[q->code.count++] = byte;
    return KETCH_OK;
}

static inline ketch_status ktq_code_put_number(ktq_qasm *q, uint64_t number)
{
    KTQ_QASM_RESERVE(q, code, KTQ_CODE_NUMBER_MOST);
    for (; number > 0x7f; number >>= 7)
        q->code.items[q->code.count++] = (uint8_t)(number | 0x80);
    q->code.items[q->code.count++] = (uint8_t)number;
    return KETCH_OK;
}

static inline ketch_status ktq_code_put_real(ktq_qasm *q, double real)
{
    KTQ_QASM_RESERVE(q, code, sizeof real);
    memcpy(q->code.items + q->code.count, &real, sizeof real);
    q->code.count += sizeof real;
    return KETCH_OK;
}

static inline ketch_status ktq_code_put_callee(ktq_qasm *q, ktq_callee callee)
{
    return ktq_code_put_number(q, 2 * (uint64_t)callee.number + callee.is_defined + 1);
}

/* Each reads at *at, and moves it behind what was read. */
static inline uint64_t ktq_code_take_number(const uint8_t **at)
{
    uint64_t number = 0;
    for (int shift = 0;; shift += 7) {
        const uint8_t byte = *(*at)++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
}

static inline double ktq_code_take_real(const uint8_t **at)
{
    double real;
    memcpy(&real, *at, sizeof real);
    *at += sizeof real;
    return real;
}

static inline ktq_callee ktq_code_take_callee(const uint8_t **at)
{
    const uint64_t code = ktq_code_take_number(at) - 1;
    return (ktq_callee){.is_defined = code & 1, .number = (int32_t)(code / 2)};
}

#endif
