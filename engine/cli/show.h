/* What a finished run shows, prepared once for text and JSON: the largest amplitudes, the counts. */
#ifndef KT_CLI_SHOW_H
#define KT_CLI_SHOW_H

#include "cli/command.h"

enum { KT_TOP = 32 }; /* amplitudes shown where --top is not given */

typedef struct kt_ranked {
    uint64_t rank, index;
} kt_ranked;

/* The largest amplitudes, as many as --top says, largest first and equal ones by index; others: how
 * many more there are that are not zero up to rounding. */
typedef struct kt_top {
    ketch_block *block;
    kt_ranked *rows;
    uint64_t count, others;
} kt_top;

kt_exit kt_top_take(kt_top *top, kt_work *work, const void *amplitudes);
void kt_top_give(kt_top *top);
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

/* Most frequent first, equal ones by key. shown: how many --top allows; all where it is not given. */
typedef struct kt_counts {
    ketch_block *block;
    kt_counted *rows;
    uint64_t distinct, shown;
    ketch_outcomes outcomes;
} kt_counts;

kt_exit kt_counts_take(kt_counts *counts, kt_work *work);
void kt_counts_give(kt_counts *counts);

/* The ket |index> without its bars: the highest qubit first. */
void kt_show_ket(FILE *out, uint64_t index, int32_t qubits);
/* One row of outcomes: bit 0 rightmost, registers separated by a space, later ones to the left. */
void kt_show_bits(FILE *out, const ketch_circuit *circuit, const uint8_t *row);

#endif
