/* Operations as those see them who choose tiles. */
#ifndef KTQ_COMPILE_CANDIDATES_H
#define KTQ_COMPILE_CANDIDATES_H

#include "bits.h"
#include "ket/compile/cost.h"
#include "ket/kernels/kernels.h"
#include "ket/kernels/op.h"
#include "numbers.h"

/* Operations by what grouping does with them, as bits. DIAGONALS: those whose factors can be terms of
 * a group; diagonals on more qubits are among the OTHERS. */
enum { KTQ_DIAGONALS = 1, KTQ_ROTATIONS = 2, KTQ_FLIPS = 4, KTQ_OTHERS = 8 };

/* An operation's work is held in so many bits; a larger one is taken to be the most that fits. */
enum { KTQ_WORK_BITS = 28, KTQ_OP_WORK_MAX = (1 << KTQ_WORK_BITS) - 1 };

/* What choosing and grouping have to know of an operation, side by side for many scans: its
 * positions, its number in the operation list, its rough cost in picoseconds for each vector, and
 * its kind. */
typedef struct ktq_candidate {
    uint64_t moved, fixed;
    uint32_t index, work : KTQ_WORK_BITS, kind : 4;
} ktq_candidate;

static inline uint32_t ktq_candidate_kind(const ktq_op *op)
{
    if (op->kind == KTQ_PARITY || (op->kind == KTQ_DIAG && op->count <= 2))
        return KTQ_DIAGONALS;
    return op->kind == KTQ_ROTATE ? KTQ_ROTATIONS : op->kind == KTQ_FLIP ? KTQ_FLIPS : KTQ_OTHERS;
}

/* A factor of the whole state is no work of any tile. */
static inline ktq_candidate ktq_candidate_of(const ktq_op_list *list, size_t index,
                                             const ktq_op_costs *costs)
{
    const ktq_op *const op = &list->ops[index];
    const uint32_t work = op->moved | op->fixed ? ktq_cost_op(costs, op) : 0;
    return (ktq_candidate){op->moved, op->fixed, (uint32_t)index,
                           KT_MIN(work, KTQ_OP_WORK_MAX) & KTQ_OP_WORK_MAX,
                           ktq_candidate_kind(op) & 15};
}

/* What a tile may be: `bits` positions out of allowed, among them all that are required.
 * exchanges: how often climbing may exchange a position. in_registers: the tile stays in registers,
 * and `required` are the lanes. set: that carries it out. */
typedef struct ktq_tile_limits {
    uint64_t allowed, required;
    int32_t bits, exchanges;
    bool in_registers;
    const ktq_kernel_set *set;
} ktq_tile_limits;

/* The most that work_max may be: with the work of one operation it is below 2^31. */
enum { KTQ_WORK_MAX = INT32_MAX - KTQ_OP_WORK_MAX };

/* The operations that a tile is chosen for. work_max: when a tile has so much work, it gets no
 * more; at most KTQ_WORK_MAX. */
typedef struct ktq_candidates {
    const ktq_candidate *items;
    size_t count;
    const ktq_tile_limits *limits;
    uint64_t work_max;
} ktq_candidates;

/* The positions of what a scan has skipped: those moved, and those moved, fixed, or outside the tile.
 * A later operation may overtake what was skipped iff it commutes with all of it, and the tile can
 * carry it out iff it moves nothing outside. */
typedef struct ktq_scan {
    uint64_t moved, touched;
} ktq_scan;

static inline ktq_scan ktq_scan_begin(uint64_t tile)
{
    return (ktq_scan){.touched = ~tile};
}

/* All ones if an operation with these positions must be skipped, else 0: whether it must is hard to
 * predict, so scans of tiles do not branch on it. */
static inline uint64_t ktq_scan_skips(const ktq_scan *scan, uint64_t moved, uint64_t fixed)
{
    return -(uint64_t)(((moved & scan->touched) | (fixed & scan->moved)) != 0);
}

/* Skips an operation with these positions. */
static inline void ktq_scan_skip(ktq_scan *scan, uint64_t moved, uint64_t fixed)
{
    scan->moved |= moved;
    scan->touched |= moved | fixed;
}

/* Skips a candidate where mask is all ones, as ktq_scan_skips gives it; nothing where it is 0. */
static inline void ktq_scan_skip_if(ktq_scan *scan, const ktq_candidate *op, uint64_t mask)
{
    ktq_scan_skip(scan, op->moved & mask, op->fixed & mask);
}

/* Whether a scan may go on: not all that may follow is blocked, and the tile has not enough work. */
static inline bool ktq_scan_goes_on(const ktq_candidates *c, const ktq_scan *scan, uint64_t work)
{
    return work < c->work_max && (c->limits->allowed & ~scan->moved);
}

#endif
