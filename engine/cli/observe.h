/* The sums of Pauli strings that --observe asks for. */
#ifndef KT_CLI_OBSERVE_H
#define KT_CLI_OBSERVE_H

#include "cli/command.h"

/* One observable for each --observe, whose terms are in the block. */
typedef struct kt_observed {
    ketch_block *block;
    ketch_observable observables[KT_OBSERVE_MAX];
} kt_observed;

/* Reads the texts of the options, for the work's circuit, to work->observed.
 *
 * sum: [+|-] term, then + or - and a term, and so on. term: a number, a product of Pauli matrices or
 * a number and a product, with a * or blanks between them. product: a letter I X Y Z for each qubit,
 * the rightmost of qubit 0; or letters with the numbers of their qubits, as in "Z0 Z1". A number
 * alone is a constant. */
kt_exit kt_observe_read(kt_work *work);
void kt_observed_end(kt_observed *observed);
/* The value of observable i of a finished run. */
kt_exit kt_observed_read(double *value, int i, kt_work *work);

#endif
