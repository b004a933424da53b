/* Programs inside: a circuit compiled into segments of passes. */
#ifndef KTQ_COMPILE_PROGRAM_H
#define KTQ_COMPILE_PROGRAM_H

#include "ket/circuit/circuit.h"
#include "ket/compile/rules.h"
#include "ket/kernels/kernels.h"
#include "ket/kernels/op.h"
#include "ketch/circuits.h"
#include <stdbool.h>

/* GATES: passes. MEASURE, RESET: one qubit. SAMPLE: the circuit's final measurements, all at once
 * (only as the last). A segment begins and ends with the state in canonical order, except that the
 * first segment, where it begins from a basis state, takes that state with its bits permuted by the
 * program's `entry` instead of running its `arrange` passes. It happens only where its condition
 * holds. */
typedef enum ktq_segment_kind {
    KTQ_SEGMENT_GATES,
    KTQ_SEGMENT_MEASURE,
    KTQ_SEGMENT_RESET,
    KTQ_SEGMENT_SAMPLE
} ktq_segment_kind;

typedef struct ktq_segment {
    ktq_segment_kind kind;
    bool fence; /* after it */
    ktq_condition condition;
    size_t first_pass, pass_count;
    size_t arrange_count; /* of those, the first ones that only permute; skipped by a first segment
                             from a basis state */
    uint64_t retired;     /* source steps done when it is */
    int32_t qubit, bit;
} ktq_segment;

typedef struct ktq_measured {
    int32_t qubit, bit;
} ktq_measured;

typedef struct ktq_shape {
    int32_t qubits, tile_bits, run_bits, subtile_bits;
} ktq_shape;

/* book: where the circuit has parameters. A program bound to values has the one it was bound from
 * as its plan, which owns all but passes, their sub-tile sweeps, and the steps that depend on
 * values.
 */
struct ketch_program {
    uint64_t magic;
    int32_t references; /* atomic */
    int32_t qubits, bits;
    uint64_t steps;
    ketch_precision precision;
    const ktq_kernel_set *kernels;
    ktq_shape shape;
    /* draws: it measures or resets. tiny: passes are tiny steps. */
    bool measures, draws, sampled, plain, is_small;
    ktq_book *book;
    ketch_program *plan;
    uint8_t entry[64]; /* first segment: position of each qubit in a basis state it begins with */
    ktq_segment *segments;
    ktq_pass *passes;       /* each owns its sub-tile sweeps, and those their steps */
    ktq_measured *measured; /* SAMPLE: which qubit goes to which bit, in order */
    size_t segment_count, segment_capacity;
    size_t pass_count, pass_capacity;
    size_t measured_count, measured_capacity;
    size_t op_count;
};

ketch_status ktq_program_check(const ketch_program *program, const char *function,
                               ketch_error *error);
/* Gives its memory back. */
void ktq_program_free(ketch_program *program);
/* Bytes of scratch for one of its tiles, the observer's not among them. */
uint64_t ktq_tile_scratch(const ketch_program *program);
/* Bytes of scratch that a run needs for each worker. */
uint64_t ktq_program_scratch(const ketch_program *program);
/* Estimated nanoseconds of its gates from a basis state: cost.h. Conditions count as met. */
double ktq_program_cost(const ketch_program *program);
/* Estimated nanoseconds for writing the data of its steps. */
double ktq_program_plan_cost(const ketch_program *program);

/* lower.c: source gates first..last-1 to operations on positions; measurements and fences among
 * them are left out, conditions not looked at. On entry and exit wire[q] is the position of qubit
 * q: swaps change it instead of moving data. plain: nothing is merged and swaps become operations.
 * What depends on parameters gets recipes from the book. False where memory is refused. */
bool ktq_lower(ktq_op_list *list, ktq_book *book, const ketch_circuit *circuit, size_t first,
               size_t last, uint8_t wire[64], bool plain);
/* Operations that move what is at position q to position to[q], for all qubits. */
bool ktq_lower_permutation(ktq_op_list *list, int32_t qubits, const uint8_t to[64]);
/* Whether ktq_lower turns the gate into relabelling. */
bool ktq_gate_relabels(const ktq_gate *gate);

/* choose_tile.c: which operations share a pass. */

/* Operations still to be put into passes: items[first..last-1], indices of a list's ops, in order.
 */
typedef struct ktq_queue {
    size_t *items;
    size_t first, last;
} ktq_queue;

/* What a tile may hold: `bits` of the positions in `all`, among them those in `must`. held: in
 * registers, where `must` are the lanes. */
typedef struct ktq_room {
    uint64_t all, must;
    int32_t bits;
    bool held;
    const ktq_kernel_set *set;
} ktq_room;

/* Moves as many operations as a good tile can hold from the queue to taken[0..*taken_count-1]; none
 * only where the first needs more room. What is left stays in order. Applying taken first and then
 * the rest gives the same result as the order before. Returns the tile's positions. Cost: linear in
 * the operations looked at, a bounded window. */
uint64_t ktq_select(const ktq_op_list *list, ktq_queue *queue, size_t *taken, size_t *taken_count,
                    const ktq_room *room);

/* fuse.c: the operations of a list to another, those on one pair of qubits as one matrix where that
 * is cheaper. False where memory is refused. */
bool ktq_fuse(ktq_op_list *out, const ktq_op_list *list, const ktq_kernel_set *set);

/* absorb_locals.c: dense pairs in cheaper forms, at no cost to the operations after them. */
bool ktq_gauge(ktq_op_list *list);

/* planner.c: the circuit cut at fences, measurements, resets and changes of condition. */
bool ktq_segments_build(ketch_program *program, const ketch_circuit *circuit, uint64_t fence_every);
/* The same for the first so many gates and without the kernels' data: for its cost alone. */
bool ktq_segments_try(ketch_program *program, const ketch_circuit *circuit, uint64_t fence_every,
                      size_t gates);

/* tile_sizes.c: fills in the program's shape, from what is set of it but segments. False where
 * memory is refused. Cost: linear in the gates, up to a fixed number of them. */
bool ktq_shape_choose(ketch_program *program, const ketch_circuit *circuit,
                      const ketch_program_options *options);

#endif
