/* Kernel calls: groups prepared for one frame and one kernel set. This is the contract between what
 * prepares calls (prepare.h) and the kernels (body.h).
 *
 * In scratch memory a tile is an array of vectors, each a register of real and a register of
 * imaginary parts. An amplitude's number in the tile is its lane (the low lane_bits) and, above it,
 * the index of its vector. */
#ifndef KTQ_KERNELS_CALL_H
#define KTQ_KERNELS_CALL_H

#include "ket/kernels/group.h"

typedef struct ktq_call ktq_call;

/* Which part of a state a packed frame is. base: the index bits outside the frame. support: a mask
 * of vector index bits; all vectors whose index has another bit set are zero. */
typedef struct ktq_location {
    uint64_t base, support;
} ktq_location;

/* A kernel: applies the call to a packed frame. It may skip vectors that are zero and stay so. */
typedef void ktq_kernel(const ktq_call *call, void *tile, ktq_location location);

/* Where vectors find their factors in a table that has one for each value of few bits of a vector's
 * index. The entry of vector v is low[its low KTQ_INDEX_BITS bits] + high[the other bits]. block: a
 * kernel works on the vectors together that differ in the call's targets or, in a RESIDENT, in its
 * bits; block[j] is how far the entry of the j-th of them is from that of the first. */
enum { KTQ_INDEX_BITS = 6, KTQ_INDEX_BITS_MAX = 16, KTQ_INDEX_BLOCK = 8 };

typedef struct ktq_table_index {
    uint64_t block[KTQ_INDEX_BLOCK];
    uint16_t low[1 << KTQ_INDEX_BITS];
    uint16_t high[];
} ktq_table_index;

static inline uint64_t ktq_table_entry(const ktq_table_index *index, uint64_t v)
{
    return (uint64_t)index->low[v & ((1 << KTQ_INDEX_BITS) - 1)] + index->high[v >> KTQ_INDEX_BITS];
}

/* What a member of a RESIDENT call does. A FLIP code plus k flips the k-th resident bit. */
typedef enum ktq_resident_code {
    KTQ_RESIDENT_VECTORS,
    KTQ_RESIDENT_LANES,
    KTQ_RESIDENT_FLIP_LANES,
    KTQ_RESIDENT_FLIP = 4,       /* in all lanes */
    KTQ_RESIDENT_FLIP_MASKED = 8 /* in some lanes */
} ktq_resident_code;

/* Of a RESIDENT call: members, the number of member calls that follow it. Of a member:
 * mask: which resident bits or lane bits rotate, or which of the resident vectors a flip moves.
 * has_factors: it has a table of factors.
 * It acts on vectors with (index & guard) == value. */
typedef struct ktq_resident {
    uint64_t guard, value;
    uint32_t mask;
    uint8_t members, code;
    bool has_factors;
} ktq_resident;

/* A prepared call. Masks named vector, first, free and targets are of bits of a vector's index.
 * outside, outside_value: the call acts on frames with (base & outside) == outside_value alone. The
 * caller checks that (ktq_call_is_active).
 * first: the control bits that must be 1: the index of the first vector that is touched.
 * free: the bits that loops run over.
 * targets: a superset of the bits along which amplitudes move.
 * select, choices: of a DIAG, the positions outside the frame that select the factors, and how many
 * selections there are.
 * predicates: their outcomes select the table in data, which has `entries` factors.
 * index: which of them are a vector's; NULL: one for each vector.
 * data, aux: as described at ktq_kernel_table; data is aligned to 64 bytes.
 * What is short is held in small integers: a program may have millions of calls. */
struct ktq_call {
    ktq_kernel *kernel;
    uint64_t outside, outside_value;
    uint64_t vectors; /* in the frame */
    uint64_t first, free, targets;
    uint64_t select;
    void *data, *aux;
    const ktq_predicate *predicates;
    const ktq_table_index *index;
    uint32_t entries;
    ktq_resident resident;
    uint8_t vector_targets, lane_targets; /* of a DENSE: how many targets are bits of either kind */
    uint8_t predicate_count;
    uint16_t choices;
};

static inline bool ktq_call_is_active(const ktq_call *call, uint64_t base)
{
    return (base & call->outside) == call->outside_value;
}

/* The number of the call's table for this base: bit i is the outcome of predicate i. */
static inline uint64_t ktq_call_outcome(const ktq_call *call, uint64_t base)
{
    uint64_t outcome = 0;
    for (int32_t i = 0; i < call->predicate_count; i++)
        outcome |= ktq_predicate_holds(&call->predicates[i], base) << i;
    return outcome;
}

enum {
    KTQ_DENSE_FEW_MAX = 2, /* with so many targets or fewer a DENSE's inputs stay in registers */
    KTQ_DENSE_BATCH = 4,   /* rows that are summed at a time */
    KTQ_DENSE_INPUTS_MAX = 1 << KTQ_DENSE_QUBITS_MAX /* vectors behind the tile for a DENSE */
};

/* The kernels of a set, by what they do. In the subscripts, broadcast: a factor is one number for
 * all lanes instead of one for each lane; real: factors have no imaginary part; factors: there is a
 * table of factors.
 *
 * DENSE: out[r] = sum over k of f[r][k] x[k]. The rows r are the vectors that differ in the vector
 * targets. The inputs x are these vectors, each once for every value s of the lane targets, with
 * its lane numbers xored by s. data: f in batches of up to KTQ_DENSE_BATCH rows, within a batch by
 * input and then by row. aux: the shuffle indices for each s.
 *
 * DIAG: data: the factors that are not 1. aux: choices + 1 numbers, where the factors of each
 * selection begin and end; then, for each factor, the vector that it multiplies. by_vector: the
 * inner loop runs over factors, for when there are many.
 *
 * FLIP: data, unless all lanes take part: a mask of the lanes that do; the shuffle indices; the same
 * with lanes that do not take part in their place, which is used if no vector index bit is flipped.
 *
 * VECTORS: data: for each outcome of the predicates a table of factors (re, im), see index. aux: the
 * tangents, by ascending target.
 *
 * LANES: data: for each outcome a vector of factors. aux: for each rotating lane bit, ascending, a
 * register of the tangent, negative in lanes with that bit 0.
 *
 * RESIDENT: targets: the resident bits. The members' calls follow. */
typedef struct ktq_kernel_table {
    ktq_kernel *rotate_vectors[2][KTQ_VECTOR_ROTATIONS_MAX + 1]; /* factors, count of rotations */
    ktq_kernel *rotate_lanes[2][1 << KTQ_LANE_ROTATIONS_MAX];    /* factors, mask of lane bits */
    ktq_kernel *dense_few[2][2][KTQ_DENSE_FEW_MAX + 1][KTQ_DENSE_FEW_MAX + 1]; /* broadcast, real,
                                                                                  targets by kind */
    ktq_kernel *dense_schmidt;    /* broadcast, two vector targets, first column (c, 0, 0, s) */
    ktq_kernel *dense_many[2][3]; /* broadcast, log2 of the batch */
    ktq_kernel *diag[2][2];       /* broadcast, by_vector */
    ktq_kernel *resident;
    ktq_kernel *flip_whole;  /* vectors, in all lanes */
    ktq_kernel *flip_masked; /* vectors, in some lanes */
    ktq_kernel *flip_lanes;  /* lanes alone */
} ktq_kernel_table;

#endif
