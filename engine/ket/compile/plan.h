/* Plans: how a circuit will be carried out, as data.
 *
 * A plan is cut into segments, a segment into passes over the state, a pass into subpasses,
 * and a subpass into groups of operations, each of which becomes one kernel call. A pass sweeps the
 * state tile by tile; a subpass sweeps a tile subtile by subtile. A plan depends on the circuit and
 * the options alone, never on threads, timings or the values of parameters. A program (program.h)
 * is a plan whose kernel calls are prepared. */
#ifndef KTQ_COMPILE_PLAN_H
#define KTQ_COMPILE_PLAN_H

#include "ket/circuit/circuit.h"
#include "ket/compile/rules.h"
#include "ket/kernels/kernels.h"
#include "ket/kernels/op.h"
#include "ket/kernels/small.h"
#include "layout.h"
#include "list.h"

/* GATES: passes. MEASURE, RESET: one qubit. SAMPLE: the circuit's final measurements, all at once;
 * only as the last. */
typedef enum ktq_segment_kind {
    KTQ_SEGMENT_GATES,
    KTQ_SEGMENT_MEASURE,
    KTQ_SEGMENT_RESET,
    KTQ_SEGMENT_SAMPLE
} ktq_segment_kind;

/* A segment begins and ends with the state in canonical order: qubit q at position q. One
 * exception: in a run from a basis state the first segment that is no first reset takes that state
 * with its bits permuted by the plan's `entry`, in place of its first arrange_count passes, which do
 * nothing but permute. A segment whose condition is not met is skipped. */
typedef struct ktq_segment {
    ktq_segment_kind kind;
    bool has_fence; /* after it */
    ktq_condition condition;
    size_t first_pass, pass_count, arrange_count;
    uint64_t retired; /* source steps that are done when the segment is */
    int32_t qubit, bit;
} ktq_segment;

/* A final measurement of a qubit into a classical bit. */
typedef struct ktq_measured {
    int32_t qubit, bit;
} ktq_measured;

/* Numbers of positions. tile: in a tile; run: the lowest ones, which are in every tile; subtile: in
 * a subtile. run <= tile, subtile <= tile <= qubits. */
typedef struct ktq_tiling {
    int32_t tile_bits, run_bits, subtile_bits;
} ktq_tiling;

/* frame: of its subtiles, within the pass's. cost: estimated nanoseconds of its calls on one
 * subtile. size: bytes of the data of its calls; where the pass is parametric, of calls that
 * multiply no scale in. data_size: the most bytes that the data can take, the sum of its groups'
 * sizes. */
typedef struct ktq_subpass_plan {
    ktq_frame frame;
    double cost;
    size_t size, data_size;
    size_t first_group, group_count;
} ktq_subpass_plan;

/* support: positions on which the state can differ from a basis state before the pass, in a run
 * that began with one. scale: a factor of all amplitudes after the pass; where is_parametric,
 * without the factors that have rules. small: in a small plan, all that the pass does. */
typedef struct ktq_pass_plan {
    ktq_frame frame;
    uint64_t support;
    size_t op_count;
    size_t first_subpass, subpass_count;
    bool is_parametric; /* some of its operations have rules */
    double scale[2];
    uint64_t retired; /* source steps that are done when the pass is */
    ktq_small small;
} ktq_pass_plan;

/* A group of operations for one kernel call. Its operation or terms are the plan's, its numbers
 * indices of the plan's numbers. size: the most bytes that the data of its call can take. */
typedef struct ktq_group_plan {
    ktq_group group;
    size_t size;
} ktq_group_plan;

/* A factor of the whole state that has a rule: numbers[data] and the next, re and im. */
typedef struct ktq_scale_rule {
    size_t pass;
    uint64_t data;
} ktq_scale_rule;

/* Invariants once a plan is built:
 *  - segments cover the passes in order, passes the subpasses, and subpasses the groups;
 *  - `retired` never falls from pass to pass and from segment to segment, and ends as steps;
 *  - groups of passes that are not parametric use no number that a rule computes.
 * The lists lie in the region while it is made, and then in its program's memory. A program without
 * parameters has no groups, ops, terms and numbers. */
typedef struct ktq_plan {
    kt_region *region;
    ketch_program_options options; /* that it was made with, precision and kernel set filled in; its
                                    * program holds a reference to its costs */
    size_t work_size;              /* bytes of the region when it was made */
    int32_t qubits, bits;
    uint64_t steps;
    ketch_precision precision;
    const ktq_kernel_set *set;
    ktq_tiling tiling;
    bool is_plain;   /* nothing is merged: an option */
    bool is_small;   /* its passes are small ones alone */
    bool measures;   /* it measures somewhere */
    bool draws;      /* it measures or resets somewhere */
    bool is_sampled; /* all shots from a basis state can be drawn from one run */
    /* The first segments, which reset qubits before anything else is done: a run from a basis state
     * sets their bits to 0 instead. */
    size_t first_resets;
    uint8_t entry[64]; /* the position of each qubit in the basis state */
    size_t op_count;
    KT_LIST(ktq_segment) segments;
    KT_LIST(ktq_measured) measured;
    KT_LIST(ktq_pass_plan) passes;
    KT_LIST(ktq_subpass_plan) subpasses;
    KT_LIST(ktq_group_plan) groups;
    KT_LIST(ktq_op) ops;
    KT_LIST(ktq_term) terms;
    KT_LIST(double) numbers;
    KT_LIST(ktq_scale_rule) scale_rules;
    ktq_rules rules;
    bool is_hashed; /* its groups are let go, and hash is what ktq_plan_hash gave before */
    uint64_t hash;
} ktq_plan;

/* Takes memory from the layout for a copy of the plan, and makes *copy that copy. NULL: nothing is
 * copied while the size is added up. A plan without parameters is copied without groups, ops, terms
 * and numbers. */
void ktq_plan_take_copy(ktq_plan *copy, kt_layout *layout, const ktq_plan *plan);

/* scale *= re + i im. */
static inline void ktq_scale_multiply(double scale[2], double re, double im)
{
    const double product = scale[0] * re - scale[1] * im;
    scale[1] = scale[0] * im + scale[1] * re;
    scale[0] = product;
}

/* Bytes of scratch that a worker needs to run it. */
uint64_t ktq_plan_scratch(const ktq_plan *plan);

static inline bool ktq_plan_is_parametric(const ktq_plan *plan)
{
    return plan->rules.parameter_count > 0;
}

#endif
