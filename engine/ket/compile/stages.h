/* The stages of compiling, in order. Each header states the stage's input, output, purpose and cost.
 *
 *   ketch_program_create (compile.c)
 *     tile_sizes           plans with each of a few tilings, and keeps the cheapest plan
 *       segments           cuts the circuit into segments, and for each segment of gates:
 *         lower            gates -> operations
 *         fuse             pairs of qubits -> dense matrices
 *         absorb_locals    dense pairs -> cheaper ones
 *         round_tangents   in single precision: rotations -> such as kernels can do exactly
 *       planner            for each tiling and segment:
 *         passes           operations -> passes, and for each pass and subpass:
 *           choose_tile      which operations share a tile, a subtile, registers
 *             climb_tile     a tile -> one that can do more work
 *           merge_diagonals  mixed diagonals -> few
 *           register_groups  groups, and those that share registers
 *             group_ops      operations -> groups
 *           kept             groups -> the plan
 *         small            in place of all from passes to kept, where the state fits registers
 *       estimate           what a plan costs (cost: what kernels cost)
 *     prepared             groups -> kernel calls: a program
 *     plan_hash            what the plan's fingerprint says of it
 *   ketch_program_bind (bind.c)
 *     rules                values of parameters -> numbers
 *     prepared             as above, for the calls that depend on them
 *   ketch_program_plan (describe.c)
 *   fingerprint            of a program, for runs that are saved */
#ifndef KTQ_COMPILE_STAGES_H
#define KTQ_COMPILE_STAGES_H
#include "ket/compile/tile_sizes.h"
#include "ket/compile/segments.h"
#include "ket/compile/lower.h"
#include "ket/compile/fuse.h"
#include "ket/compile/absorb_locals.h"
#include "ket/compile/round_tangents.h"
#include "ket/compile/planner.h"
#include "ket/compile/passes.h"
#include "ket/compile/choose_tile.h"
#include "ket/compile/climb_tile.h"
#include "ket/compile/merge_diagonals.h"
#include "ket/compile/register_groups.h"
#include "ket/compile/group_ops.h"
#include "ket/compile/kept.h"
#include "ket/compile/small.h"
#include "ket/compile/estimate.h"
#include "ket/compile/prepared.h"
#include "ket/compile/plan_hash.h"
#include "ket/compile/rules.h"
#include "ket/compile/fingerprint.h"

#endif
