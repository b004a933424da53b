/* Stage: segments.
 * Input:   a circuit.
 * Output:  the circuit cut at fences, measurements, resets and changes of condition, and every run
 *          of gates in between carried through the stages from lowering to absorbing.
 * Purpose: what plans with different tilings have in common, made once for all of them.
 * Cost:    that of these stages. */
#ifndef KTQ_COMPILE_SEGMENTS_H
#define KTQ_COMPILE_SEGMENTS_H

#include "ket/compile/plan.h"

/* What a plan is made of, apart from its tiling. region: the memory of all stages. fence_every: as in
 * ketch_program_options. */
typedef struct ktq_plan_source {
    kt_region *region;
    const ketch_circuit *circuit;
    const ktq_kernel_set *set;
    uint64_t fence_every;
    bool is_plain;
} ktq_plan_source;

/* A segment before it has passes, and its operations, op_count from first_op on. The first
 * arrange_count of them do nothing but permute, see ktq_segment. */
typedef struct ktq_lowered_segment {
    ktq_segment segment;
    size_t first_op, op_count, arrange_count;
} ktq_lowered_segment;

/* A circuit, or its first gates, before tiles are chosen. retired: its steps. The other fields are
 * a plan's. */
typedef struct ktq_lowered {
    bool is_small, measures, draws, is_sampled;
    size_t first_resets;
    uint8_t entry[64];
    uint64_t retired;
    KT_LIST(ktq_lowered_segment) segments;
    KT_LIST(ktq_measured) measured;
    ktq_op_list ops;
    ktq_rules rules;
} ktq_lowered;

/* Whether its plan has small passes alone, for which there is no tiling. */
bool ktq_plan_is_small(const ktq_plan_source *source);
/* Lowers the first gate_count gates of the circuit. False where memory is refused. */
bool ktq_lowered_build(ktq_lowered *lowered, const ktq_plan_source *source, size_t gate_count);

#endif
