/* What a finished run shows, prepared once for text and JSON: the largest amplitudes, the counts.
 */
#ifndef KT_CLI_SHOW_H
#define KT_CLI_SHOW_H

#include "cli/command.h"

enum { KT_TOP = 32 };

/* The largest amplitudes, largest first and equal ones by index; others: how many more there are
 * that are not zero up to rounding. */
typedef struct kt_top {
    uint64_t index[KT_TOP];
    uint64_t rank[KT_TOP];
    uint64_t others;
    int count;
} kt_top;

void kt_top_find(kt_top *top, const void *amplitudes, int32_t qubits, ketch_precision precision);
/* re, im and |.|^2 of one amplitude. */
typedef struct kt_amplitude {
    double re, im, probability;
} kt_amplitude;
kt_amplitude kt_amplitude_read(const void *amplitudes, ketch_precision precision, uint64_t index);

/* A distinct outcome: how often, and the row of a first example. key orders them by what they
 * write. */
typedef struct kt_counted {
    uint64_t count, example, key;
} kt_counted;

/* Most frequent first, equal ones by key. */
typedef struct kt_counts {
    ketch_block *block;
    kt_counted *rows;
    uint64_t distinct;
    ketch_outcomes outcomes;
} kt_counts;

kt_exit kt_counts_take(kt_counts *counts, kt_work *work);
void kt_counts_give(kt_counts *counts);

/* The ket |index> without its bars: the highest qubit first. */
void kt_show_ket(FILE *out, uint64_t index, int32_t qubits);
/* One row of outcomes: bit 0 rightmost, registers separated by a space, later ones to the left. */
void kt_show_bits(FILE *out, const ketch_circuit *circuit, const uint8_t *row);

#endif
