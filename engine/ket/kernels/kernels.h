/* Kernel sets: one body (body.h) compiled for each instruction set and precision, chosen at
 * run time. A new instruction set takes one file that includes the body, and its row in kernels.c.
 * What the compiler made of one: objdump -d --disassemble=turn_3_avx2_double, of kernels_avx2.o in
 * the build. A loop should store no vector on the stack and read few from there.
 *
 * In scratch a tile is an array of blocks, each a vector of real and a vector of imaginary parts.
 * An amplitude's number in the tile is its lane (the low lane_bits) and, above, its vector's index.
 */
#ifndef KTQ_KERNELS_KERNELS_H
#define KTQ_KERNELS_KERNELS_H

#include "ket/kernels/pass.h"
#include "ket/kernels/tile_sums.h"
#include "ket/kernels/zero.h"
#include <stdbool.h>
#include <string.h>

/* A condition on bits outside a sub-tile: all of them as in value or, where parity is set, an odd
 * number of them 1. */
typedef struct ktq_predicate {
    uint64_t mask, value;
    bool parity;
} ktq_predicate;

enum {
    KTQ_PREDICATES_MAX = 4,
    KTQ_TERMS_MAX = 64,
    KTQ_VECTOR_ROTATIONS_MAX = 3,
    KTQ_LANE_ROTATIONS_MAX = 4,
    KTQ_RESIDENT_MEMBERS_MAX = 48 /* members at most */
};

/* One factor of a diagonal, data[0..1] of its list, on the amplitudes for which its predicate
 * holds. */
typedef struct ktq_term {
    ktq_predicate on;
    uint64_t data;
} ktq_term;

/* What one step does.
 *  SINGLE   one operation of any kind
 *  VECTORS  the terms, none of which looks at lanes, then rotations of up to three vector bits
 *  LANES    the terms, all of which look at lanes or outside only, then rotations of lane bits
 *  HELD     the groups that follow, `members` of them, one by one on a few blocks in registers:
 *           none moves vector bits other than those at the positions `resident`, which they have,
 * too The terms' conditions outside the frame are at most KTQ_PREDICATES_MAX different ones. scale:
 * one more factor, of all amplitudes; it is free where there are terms. is_parametric:
 * rules compute some of its numbers. */
typedef enum ktq_group_kind {
    KTQ_GROUP_SINGLE,
    KTQ_GROUP_VECTORS,
    KTQ_GROUP_LANES,
    KTQ_GROUP_RESIDENT
} ktq_group_kind;

typedef struct ktq_group {
    ktq_group_kind kind;
    bool is_parametric;
    const ktq_op *op;
    uint64_t resident;
    int32_t members;
    int32_t term_count, rotation_count, predicate_count;
    double scale;
    ktq_term *terms; /* up to KTQ_TERMS_MAX */
    ktq_predicate predicates[KTQ_PREDICATES_MAX];
    struct {
        int32_t position;
        uint64_t data; /* tangent, cosine */
    } rotations[KTQ_LANE_ROTATIONS_MAX];
} ktq_group;

/* Whether the group has factors where it takes this scale along. */
static inline bool ktq_group_has_factors(const ktq_group *group, double scale)
{
    return group->term_count > 0 || scale != 1;
}

/* Where a packed frame lies. base: the position bits outside it. live: bits of a vector's number;
 * blocks whose numbers have others are zero. */
typedef struct ktq_location {
    uint64_t base, live;
} ktq_location;

/* Works on a packed frame. Blocks that are zero, and stay so, may be left out. */
typedef void ktq_kernel(const ktq_call *step, void *tile, ktq_location spot);

/* What a member of a HELD group does; the number of the flipped bit among those resident is added.
 */
typedef enum ktq_resident_code {
    KTQ_RESIDENT_VECTORS,
    KTQ_RESIDENT_LANES,
    KTQ_RESIDENT_FLIP_LANES,
    KTQ_RESIDENT_FLIP = 4,       /* in all lanes */
    KTQ_RESIDENT_FLIP_MASKED = 8 /* in some */
} ktq_resident_code;

/* A HELD group: its members. A member: code; mask: which resident bits or lane bits turn, or which
 * blocks a flip takes part in; factors: whether it has some. It acts on vectors with
 * (index & guard) == value. */
typedef struct ktq_resident {
    int32_t members, code;
    uint32_t mask;
    bool factors;
    uint64_t guard, value;
} ktq_resident;

/* A group prepared for one frame and one kernel set. It acts where (base & outside) ==
 * outside_value, which the caller checks. value, free and targets are bits of a vector's index. */
struct ktq_call {
    ktq_kernel *apply;
    uint64_t outside, outside_value;
    uint64_t vectors;                     /* in the frame */
    uint64_t value;                       /* controls that must be 1: where loops start */
    uint64_t free;                        /* what loops run over */
    uint64_t targets;                     /* all it may move, or more: see ktq_location's live */
    uint64_t select;                      /* DIAG: positions outside that choose the factors */
    uint64_t choices;                     /* DIAG: how many they choose from */
    int32_t vector_targets, lane_targets; /* DENSE: how many targets are bits of which kind */
    int32_t predicate_count;
    ktq_predicate predicates[KTQ_PREDICATES_MAX]; /* their outcomes choose the table in data */
    ktq_resident resident;
    void *data; /* factors, aligned to 64 bytes */
    void *more; /* what else the kernel wants */
};

typedef struct ktq_kernel_table ktq_kernel_table;

/* A tile of a pass. base: its outside bits. fresh: positions for which only the bits of index are
 * in memory yet: all else is 0; blank: it is 0 in memory, too. past: what is not read is
 * written past the caches. observing (or NULL) sees what is written: its tile is the pass's, its
 * frame ktq_tile_sums_frame's. */
typedef struct ktq_visit {
    uint64_t base, unwritten, index;
    bool is_zeroed, non_temporal;
    const ktq_tile_sums_worker *sums;
} ktq_visit;

typedef struct ktq_kernel_set {
    ketch_kernels id;
    ketch_precision precision;
    int32_t lane_bits;     /* log2 of amplitudes a vector; a tile is padded to one vector */
    int32_t resident_bits; /* log2 of the blocks that registers can hold */
    const ktq_kernel_table *table;
    /* Applies the pass's steps to a tile. scratch: ktq_kernel_scratch bytes, aligned to 64. */
    void (*apply_tile)(const ktq_pass *pass, void *state, void *scratch, const ktq_visit *visit);
    /* Shows it the tile of a state that is only read. scratch: for its frame. */
    void (*sum_tile)(const ktq_tile_sums_worker *sums, const void *state, void *scratch,
                     uint64_t base);
    /* Applies the steps to a state, in canonical order before and after. */
    void (*apply_small)(const ktq_small *small, void *state);
} ktq_kernel_set;

/* NULL where this build has no such set. */
const ktq_kernel_set *ktq_kernel_set_find(ketch_kernels kernels, ketch_precision precision);
/* Bytes of scratch a worker needs for a tile, a multiple of 64. subtile_bits: of its largest
 * sub-tile but the tile itself; tile_bits where there is none. */
uint64_t ktq_kernel_scratch(const ktq_kernel_set *set, int32_t tile_bits, int32_t subtile_bits);
/* What an observer of the pass is shown at once: what its last sweep writes to the state. */
static inline ktq_frame ktq_tile_sums_frame(const ktq_kernel_set *set, const ktq_pass *pass)
{
    const uint64_t lanes = (UINT64_C(1) << set->lane_bits) - 1;
    const bool scattered = (pass->frame.positions & lanes) != lanes;
    return scattered || !pass->subtile_count ? pass->frame
                                             : pass->subtiles[pass->subtile_count - 1].frame;
}

/* The sets, one file each: NULL where this build has none. */
const ktq_kernel_set *ktq_kernels_scalar(ketch_precision precision);
const ktq_kernel_set *ktq_kernels_avx2(ketch_precision precision);
const ktq_kernel_set *ktq_kernels_avx512(ketch_precision precision);
const ktq_kernel_set *ktq_kernels_neon(ketch_precision precision);

/* ---- between the body and prepare.c ---- */

enum {
    KTQ_DENSE_FEW_MAX = 2,     /* up to so many targets a DENSE's inputs stay in registers */
    KTQ_DENSE_BATCH = 4,       /* rows that are summed together */
    KTQ_DENSE_INPUTS_MAX = 32, /* room behind the tile for the largest DENSE's inputs */
};

/* Which kernel does what. spread: one factor for all lanes instead of one for each; real: factors
 * without imaginary parts.
 *
 * DENSE: out[r] = sum over k of f[r][k] x[k]. The rows r are the vectors that differ in the vector
 * targets; the inputs x are, for each of these vectors, its turns: one for each value s of the lane
 * targets, with the lanes' numbers xored by s. data: f in groups of up to KTQ_DENSE_BATCH rows,
 * within a group by input and then by row. more: the lane indices of the turns.
 *
 * DIAG: data: factors other than 1. more: choices + 1 numbers, where each choice's factors start;
 * then the vector that each factor is for. by_vector: factors in the inner loop, for many of them.
 *
 * FLIP: data: a mask of the lanes that take part; the lane indices; which lanes they come from
 * where no vectors are flipped.
 *
 * VECTORS: data: for each outcome of the predicates a factor (re, im) for each vector; more: the
 * tangents, by ascending target. HELD: targets: the bits resident; its members' steps follow it.
 * LANES: data: for each outcome a vector of re and one of im; more: for each turning lane bit,
 * ascending, a vector: the tangent, negative where the bit is 0. */
struct ktq_kernel_table {
    ktq_kernel *turn[2][KTQ_VECTOR_ROTATIONS_MAX + 1]; /* with terms, count of rotations */
    ktq_kernel
        *lanes[2][1 << KTQ_LANE_ROTATIONS_MAX]; /* with terms, mask of the lane bits that turn */
    ktq_kernel
        *dense_few[2][2][KTQ_DENSE_FEW_MAX + 1][KTQ_DENSE_FEW_MAX + 1]; /* spread, real, targets in
                                                               vectors, in lanes */
    ktq_kernel *dense_schmidt;    /* spread, both targets in vectors, first column (c, 0, 0, s) */
    ktq_kernel *dense_many[2][3]; /* spread, log2 of rows summed together */
    ktq_kernel *diag[2][2];       /* spread, by_vector */
    ktq_kernel *resident;
    ktq_kernel *flip_plain, *flip_vectors, *flip_lanes; /* no lanes, both, no vectors */
};

/* Bytes of data that prepare will write for this group, a multiple of 64. */
size_t ktq_call_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame);
/* memory: so many bytes, aligned to 64. data: of the operations' list. */
void ktq_call_prepare(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                      const double *data, const ktq_frame *frame, void *memory);
/* The same with another factor in place of the group's scale. */
void ktq_call_prepare_scaled(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                             double scale, const double *data, const ktq_frame *frame,
                             void *memory);
/* Makes a prepared step what its group, a member of a HELD one, wants: prepare_registers.c. */
void ktq_call_make_resident(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                            const ktq_frame *frame);
/* The same for groups of terms and rotations: prepare_terms.c. */
size_t ktq_terms_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame);
void ktq_terms_prepare(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                       double scale, const double *data, const ktq_frame *frame, void *memory);

/* The positions of a frame that are lanes: its lowest. */
static inline uint64_t ktq_lane_positions(const ktq_kernel_set *set, uint64_t positions)
{
    return ktq_deposit((UINT64_C(1) << set->lane_bits) - 1, positions);
}

/* Up to whole lines of 64 bytes. */
static inline size_t ktq_round_line(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

static inline void ktq_put_real(bool single, void *memory, uint64_t i, double x)
{
    if (single)
        ((float *)memory)[i] = (float)x;
    else
        ((double *)memory)[i] = x;
}

static inline uint64_t ktq_predicate_holds(const ktq_predicate *p, uint64_t base)
{
    if (p->parity)
        return (uint64_t)__builtin_popcountll(base & p->mask) & 1;
    return (base & p->mask) == p->value;
}

/* Which of the step's tables is for this base. */
static inline uint64_t ktq_call_outcome(const ktq_call *step, uint64_t base)
{
    uint64_t outcome = 0;
    for (int32_t i = 0; i < step->predicate_count; i++)
        outcome |= ktq_predicate_holds(&step->predicates[i], base) << i;
    return outcome;
}

static inline bool ktq_call_is_active(const ktq_call *step, uint64_t base)
{
    return (base & step->outside) == step->outside_value;
}

#endif
