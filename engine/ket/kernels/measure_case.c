#include "ket/kernels/measure_case.h"

#include <string.h>

/* A rotation's tangent and cosine, so small that amplitudes do not grow, and a term's factor. */
static const double rotation_data[] = {1e-9, 1, 0.6, 0.8};
enum { ROTATION_AT = 0, TERM_AT = 2 };

static void make_rotations(ktq_measure_case *c, int32_t lane_bits, int32_t count, bool by_lane,
                           bool terms)
{
    c->group.kind = by_lane ? KTQ_GROUP_LANES : KTQ_GROUP_VECTORS;
    c->group.terms = c->terms;
    memcpy(c->data, rotation_data, sizeof rotation_data);
    c->group.scale = 1;
    c->group.rotation_count = (uint8_t)count;
    for (int32_t i = 0; i < count; i++) {
        c->group.rotations[i].position = (uint8_t)(by_lane ? i : lane_bits + 1 + 2 * i);
        c->group.rotations[i].data = ROTATION_AT;
    }
    if (terms) {
        const uint64_t bits = by_lane ? 1 : UINT64_C(5) << lane_bits;
        c->group.terms[c->group.term_count++] = (ktq_term){{bits, bits, false}, TERM_AT};
    }
}

static void make_single(ktq_measure_case *c, ktq_op_kind kind, int32_t vectors, int32_t lanes,
                        int32_t lane_bits)
{
    c->group.kind = KTQ_GROUP_SINGLE;
    c->group.op = &c->op;
    c->group.scale = 1;
    c->op.kind = (uint8_t)kind;
    c->op.count = (uint8_t)(vectors + lanes);
    for (int32_t i = 0; i < c->op.count; i++)
        c->op.qubits[i] = (uint8_t)(i < lanes ? i : lane_bits + 1 + i - lanes);
    *(kind == KTQ_DIAG ? &c->op.fixed : &c->op.moved) = ktq_op_targets(&c->op);
    const size_t rows = (size_t)1 << c->op.count;
    for (size_t i = 0; i < rows; i++) {
        double *const factor = c->data + 2 * (kind == KTQ_DENSE ? i * rows + i : i);
        factor[0] = 0.6;
        factor[1] = 0.8;
    }
}

static void control_lane(ktq_measure_case *c, int32_t lane)
{
    c->op.control = c->op.value = c->op.fixed = UINT64_C(1) << lane;
}

static void make_kernel(ktq_measure_case *c, ktq_cost_kind kind, int32_t lane_bits)
{
    const int32_t k = (int32_t)kind;
    const bool many = kind == KTQ_COST_DENSE_MANY;
    if (kind <= KTQ_COST_ROTATE_3)
        make_rotations(c, lane_bits, k - KTQ_COST_ROTATE_1 + 1, false, false);
    else if (kind <= KTQ_COST_TERMS_3)
        make_rotations(c, lane_bits, k - KTQ_COST_TERMS_0, false, true);
    else if (kind <= KTQ_COST_LANES_4)
        make_rotations(c, lane_bits, k - KTQ_COST_LANES_1 + 1, true, false);
    else if (kind <= KTQ_COST_LANE_TERMS_4)
        make_rotations(c, lane_bits, k - KTQ_COST_LANE_TERMS_0, true, true);
    else if (kind <= KTQ_COST_FLIP_LANES)
        make_single(c, KTQ_FLIP, kind != KTQ_COST_FLIP_LANES, kind == KTQ_COST_FLIP_LANES,
                    lane_bits);
    else if (kind <= KTQ_COST_DENSE_0_2) {
        static const int8_t targets[][2] = {{1, 0}, {0, 1}, {2, 0}, {1, 1}, {0, 2}};
        const int8_t *const t = targets[k - KTQ_COST_DENSE_1_0];
        make_single(c, KTQ_DENSE, t[0], t[1], lane_bits);
    } else if (kind <= KTQ_COST_DENSE_MANY_LANES)
        make_single(c, KTQ_DENSE, many ? 4 : 3, !many, lane_bits);
    else
        make_single(c, KTQ_DIAG, 4, 0, lane_bits);
}

void ktq_measure_case_kernel(ktq_measure_case *c, ktq_cost_kind kind, int32_t lane_bits)
{
    memset(c, 0, sizeof *c);
    make_kernel(c, kind, lane_bits);
    if (kind == KTQ_COST_FLIP_MASKED)
        control_lane(c, 0);
    c->share = kind == KTQ_COST_DENSE_MANY || kind == KTQ_COST_DENSE_MANY_LANES ? 16 : 1;
}

static void make_flip_member(ktq_measure_case *c, ktq_cost_member member, int32_t lane_bits)
{
    const bool lanes = member == KTQ_COST_RESIDENT_FLIP_LANES;
    make_single(c, KTQ_FLIP, !lanes, lanes, lane_bits);
    if (!lanes) {
        c->op.qubits[0] = (uint8_t)lane_bits;
        c->op.moved = UINT64_C(1) << lane_bits;
    }
    if (member == KTQ_COST_RESIDENT_FLIP_MASKED)
        control_lane(c, 0);
    else
        c->op.control = c->op.value = c->op.fixed = UINT64_C(2) << lane_bits;
}

void ktq_measure_case_member(ktq_measure_case *c, ktq_cost_member member, int32_t lane_bits)
{
    const bool by_lane =
        member == KTQ_COST_RESIDENT_LANE_ROTATE || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    const bool terms =
        member == KTQ_COST_RESIDENT_FACTORS || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    memset(c, 0, sizeof *c);
    if (member >= KTQ_COST_RESIDENT_FLIP) {
        make_flip_member(c, member, lane_bits);
        return;
    }
    make_rotations(c, lane_bits, !terms, by_lane, terms);
    if (!terms)
        c->group.rotations[0].position = (uint8_t)(by_lane ? 0 : lane_bits);
}

void ktq_measure_case_factors(ktq_measure_case *c, int32_t lane_bits, int32_t bits)
{
    memset(c, 0, sizeof *c);
    make_rotations(c, lane_bits, 1, false, false);
    for (int32_t i = lane_bits; i + 1 < bits; i++) {
        const uint64_t one = UINT64_C(1) << i;
        c->group.terms[c->group.term_count++] = (ktq_term){{one, one, false}, TERM_AT};
        c->group.terms[c->group.term_count++] = (ktq_term){{3 * one, 3 * one, false}, TERM_AT};
    }
}
