/* Groups: the operations of a subtile in the units that one kernel call carries out. */
#ifndef KTQ_KERNELS_GROUP_H
#define KTQ_KERNELS_GROUP_H

#include "bits.h"
#include "ket/kernels/op.h"

enum {
    KTQ_PREDICATES_MAX = 4,
    KTQ_TERMS_MAX = 64,
    KTQ_VECTOR_ROTATIONS_MAX = 3,
    KTQ_LANE_ROTATIONS_MAX = 4,
    KTQ_RESIDENT_MEMBERS_MAX = 48
};

/* Indices of numbers that rotations hold are below this. */
#define KTQ_ROTATION_DATA_END (UINT64_C(1) << 56)

/* A condition on an index: (index & mask) == value or, with parity set, an odd number of 1s among
 * the bits in mask. Invariant: value is part of mask; value == 0 with parity. */
typedef struct ktq_predicate {
    uint64_t mask, value;
    bool parity;
} ktq_predicate;

static inline uint64_t ktq_predicate_holds(const ktq_predicate *p, uint64_t index)
{
    if (p->parity)
        return (uint64_t)kt_bit_count(index & p->mask) & 1;
    return (index & p->mask) == p->value;
}

/* One factor of a diagonal: list->data[data], [data + 1] (re, im), of the amplitudes for which the
 * predicate holds. */
typedef struct ktq_term {
    ktq_predicate on;
    uint64_t data;
} ktq_term;

/* What a group does.
 *  SINGLE    one operation of any kind
 *  VECTORS   its terms, none of which depends on lane bits, then rotations of up to
 *            KTQ_VECTOR_ROTATIONS_MAX bits of the vector index
 *  LANES     its terms, all of which depend on lane bits and positions outside the frame alone,
 *            then rotations of lane bits
 *  RESIDENT  the head of the `members` groups that follow. They are applied one after the other to
 *            the few vectors that differ in the positions `resident`, while these vectors are in
 *            registers. Members move no other positions but lanes */
typedef enum ktq_group_kind {
    KTQ_GROUP_SINGLE,
    KTQ_GROUP_VECTORS,
    KTQ_GROUP_LANES,
    KTQ_GROUP_RESIDENT
} ktq_group_kind;

/* kind: a ktq_group_kind.
 * is_parametric: rules compute some of its numbers when values are bound.
 * op: of a SINGLE.
 * resident: of a RESIDENT head and its members, else 0.
 * predicates: the parts of the terms' conditions that lie outside the frame, all different: the
 * i-th is that of the term number predicates[i].
 * scale: a factor of all amplitudes. It costs nothing in a group with terms.
 * terms: term_count of them, up to KTQ_TERMS_MAX. Owned by the list that the group is in.
 * rotations[i].data: index of a tangent and a cosine. */
typedef struct ktq_group {
    uint8_t kind;
    bool is_parametric;
    uint8_t members;
    uint8_t term_count, rotation_count, predicate_count;
    uint8_t predicates[KTQ_PREDICATES_MAX];
    uint64_t resident;
    double scale;
    const ktq_op *op;
    ktq_term *terms;
    struct {
        uint64_t position : 8, data : 56;
    } rotations[KTQ_LANE_ROTATIONS_MAX];
} ktq_group;

/* The part of a condition that lies outside a frame. */
static inline ktq_predicate ktq_predicate_outside(const ktq_predicate *on, uint64_t positions)
{
    return (ktq_predicate){on->mask & ~positions, on->value & ~positions, on->parity};
}

static inline bool ktq_predicate_is_same(const ktq_predicate *a, const ktq_predicate *b)
{
    return a->mask == b->mask && a->value == b->value && a->parity == b->parity;
}

/* For assertions: counts are in range for the kind, and what the kind uses is there. */
bool ktq_group_is_valid(const ktq_group *group);
/* The positions along which the group moves amplitudes. Of a RESIDENT head: the resident ones. */
uint64_t ktq_group_moved(const ktq_group *group);

/* Whether the group multiplies amplitudes by a table of factors, if `scale` is its scale. */
static inline bool ktq_group_has_factors(const ktq_group *group, double scale)
{
    return group->term_count > 0 || scale != 1;
}

#endif
