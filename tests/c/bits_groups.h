/* Groups of results that tests/golden/bits.txt has hashes of. bits_circuits.c: states that circuits
 * end in; bits_results.c: what is asked of states and runs. */
#ifndef BITS_GROUPS_H
#define BITS_GROUPS_H

#include "recorder.h"

void bits_of_medium(const recorder *r);
void bits_of_small(const recorder *r);
void bits_of_large(const recorder *r);
void bits_of_gates(const recorder *r);
void bits_of_matrices(const recorder *r);
void bits_of_plans(const recorder *r);
void bits_of_ways(const recorder *r);
void bits_of_kets(const recorder *r);
void bits_of_given(const recorder *r);
void bits_of_parameters(const recorder *r);
void bits_of_files(const recorder *r);
void bits_of_observables(const recorder *r);
void bits_of_states(const recorder *r);
void bits_of_shots(const recorder *r);
void bits_of_dynamic(const recorder *r);
void bits_of_resumed(const recorder *r);

#endif
