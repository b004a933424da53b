/* What is known of a run, and the comparison of its end. */
#ifndef KT_FUZZ_CALLS_ENDS_H
#define KT_FUZZ_CALLS_ENDS_H

#include "calls.h"

enum { CALLS_OBSERVABLES = 3 };

/* The shots that the run asks for. observables: room for what it observes. */
ketch_shots calls_describe_shots(const begun_run *r, ketch_observable *observables, int32_t qubits);
/* Keeps what a run, whose result there is, was begun with. is_known: r->start says where. */
void calls_note_run(begun_run *r, const ketch_circuit *circuit, ketch_program *program,
                    bool from_zero, bool is_known);
/* Compares the run with the dense simulator, and where it can be repeated with itself on another
 * engine, once it has ended. Until then the state is the run's alone. */
void calls_compare_end(begun_run *r);

#endif
