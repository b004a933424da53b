/* Single operations, prepared: loops as masks, factors in the order that the kernels want. */
#include "ket/kernels/kernels.h"

#include <assert.h>

/* ---- where an operation lies ---- */

/* A mask of positions, seen from a tile. */
typedef struct kernel_split {
    uint64_t outside; /* positions that number the tiles */
    uint64_t vector;  /* bits of a vector's index */
    uint64_t lane;    /* bits of a lane's number */
} kernel_split;

typedef struct kernel_place {
    const ktq_op *op;
    const double *data;
    int32_t lane_bits;
    bool single, spread;
    kernel_split control, value, target;
    uint64_t rows;  /* positions of the targets in vectors */
    uint64_t lanes; /* positions of the lanes */
} kernel_place;

static kernel_split split_positions(uint64_t mask, const ktq_frame *frame, int32_t lane_bits)
{
    const uint64_t inside = ktq_extract(mask, frame->positions);
    return (kernel_split){.outside = mask & ~frame->positions,
                          .vector = inside >> lane_bits,
                          .lane = inside & ((UINT64_C(1) << lane_bits) - 1)};
}

static uint64_t target_positions(const ktq_op *op)
{
    uint64_t mask = 0;
    for (int32_t i = 0; i < op->count; i++)
        mask |= UINT64_C(1) << op->qubits[i];
    return mask;
}

static kernel_place place_op(const ktq_kernel_set *set, const ktq_op *op, const double *data,
                             const ktq_frame *frame)
{
    const int32_t bits = set->lane_bits;
    kernel_place p = {.op = op,
                      .data = data,
                      .lane_bits = bits,
                      .single = set->precision == KETCH_SINGLE,
                      .control = split_positions(op->control, frame, bits),
                      .value = split_positions(op->value, frame, bits),
                      .target = split_positions(target_positions(op), frame, bits)};
    p.spread = !p.target.lane && !p.control.lane;
    p.rows = ktq_deposit(p.target.vector << bits, frame->positions);
    p.lanes = ktq_deposit((UINT64_C(1) << bits) - 1, frame->positions);
    return p;
}

static uint64_t values_of(uint64_t mask)
{
    return UINT64_C(1) << __builtin_popcountll(mask);
}

static size_t vector_size(const kernel_place *p)
{
    return (p->single ? sizeof(float) : sizeof(double)) << p->lane_bits;
}

static size_t factor_size(const kernel_place *p)
{
    return 2 * (p->spread ? vector_size(p) >> p->lane_bits : vector_size(p));
}

static bool lane_acts(const kernel_place *p, uint64_t lane)
{
    return (lane & p->control.lane) == p->value.lane;
}

/* Entry `lane` of factor i (the only one where spread). */
static void put_factor(const kernel_place *p, void *factors, size_t i, uint64_t lane,
                       const double factor[2])
{
    const size_t lanes = p->spread ? 1 : (size_t)1 << p->lane_bits;
    ktq_put_real(p->single, factors, 2 * i * lanes + lane, factor[0]);
    ktq_put_real(p->single, factors, (2 * i + 1) * lanes + lane, factor[1]);
}

/* Indices for a shuffle of 32-bit words that xors the lanes' numbers. */
static void put_turn(const kernel_place *p, void *memory, uint64_t turn)
{
    const size_t words = vector_size(p) / sizeof(int32_t);
    for (size_t i = 0; i < words; i++)
        ((int32_t *)memory)[i] = (int32_t)(i ^ (p->single ? turn : 2 * turn));
}

static const double one[2] = {1, 0}, zero[2] = {0, 0};

/* ---- DENSE ---- */

static size_t count_factors(const kernel_place *p)
{
    return values_of(p->target.vector) << p->op->count;
}

static size_t dense_need(const kernel_place *p)
{
    const size_t turns = p->target.lane ? values_of(p->target.lane) * vector_size(p) : 0;
    return ktq_round_line(count_factors(p) * factor_size(p)) + turns;
}

/* The factors of input `input` in row `row`; lanes that a control leaves alone get the identity. */
static void put_dense_factor(const kernel_place *p, void *factors, size_t at, uint64_t row,
                             uint64_t input)
{
    const uint64_t turns = values_of(p->target.lane), turn = input % turns;
    const uint64_t to = ktq_deposit(row, p->rows), from = ktq_deposit(input / turns, p->rows);
    const uint64_t turned = ktq_deposit(turn, p->target.lane);
    for (uint64_t lane = 0; lane < (p->spread ? 1 : UINT64_C(1) << p->lane_bits); lane++) {
        const double *factor = row == input / turns && turn == 0 ? one : zero;
        if (lane_acts(p, lane)) {
            const size_t r = ktq_op_row(p->op, to | ktq_deposit(lane, p->lanes));
            const size_t c = ktq_op_row(p->op, from | ktq_deposit(lane ^ turned, p->lanes));
            factor = p->data + 2 * ((r << p->op->count) + c);
        }
        put_factor(p, factors, at, lane, factor);
    }
}

static bool is_real(const double *data, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (data[2 * i + 1] != 0)
            return false;
    return true;
}

/* The first column is (c, 0, 0, s), both real. */
static bool is_schmidt(const kernel_place *p)
{
    const double *const m = p->data;
    return p->spread && p->op->count == 2 && m[1] == 0 && m[8] == 0 && m[9] == 0 && m[16] == 0 &&
           m[17] == 0 && m[25] == 0;
}

static ktq_kernel *choose_dense(const ktq_kernel_table *table, const kernel_place *p)
{
    const int vector = __builtin_popcountll(p->target.vector);
    const int lane = __builtin_popcountll(p->target.lane);
    if (vector + lane > KTQ_DENSE_FEW_MAX)
        return table->dense_many[p->spread][vector < 2 ? vector : 2];
    const bool real = is_real(p->data, (size_t)1 << 2 * p->op->count);
    return !real && is_schmidt(p) ? table->dense_schmidt
                                  : table->dense_few[p->spread][real][vector][lane];
}

static void prepare_dense(ktq_call *step, const kernel_place *p, const ktq_kernel_table *table)
{
    const size_t rows = values_of(p->target.vector), inputs = (size_t)1 << p->op->count;
    const size_t group = rows < KTQ_DENSE_BATCH ? rows : KTQ_DENSE_BATCH;
    for (size_t row = 0; row < rows; row++)
        for (size_t input = 0; input < inputs; input++)
            put_dense_factor(p, step->data, (row / group * inputs + input) * group + row % group,
                             row, input);
    char *const turns = (char *)step->data + ktq_round_line(count_factors(p) * factor_size(p));
    for (uint64_t s = 0; p->target.lane && s < values_of(p->target.lane); s++)
        put_turn(p, turns + s * vector_size(p), ktq_deposit(s, p->target.lane));
    step->more = turns;
    step->vector_targets = __builtin_popcountll(p->target.vector);
    step->lane_targets = __builtin_popcountll(p->target.lane);
    step->apply = choose_dense(table, p);
}

/* ---- DIAG ---- */

static size_t count_diag_factors(const kernel_place *p)
{
    return values_of(p->target.outside) * values_of(p->target.vector);
}

static size_t diag_need(const kernel_place *p)
{
    const size_t numbers = values_of(p->target.outside) + 1 + count_diag_factors(p);
    return ktq_round_line(count_diag_factors(p) * factor_size(p)) + numbers * sizeof(uint64_t);
}

/* A parity is a diagonal with one factor, where an odd number of its bits are 1. */
static const double *diag_factor(const kernel_place *p, size_t row)
{
    if (p->op->kind == KTQ_PARITY)
        return __builtin_popcountll(row) & 1 ? p->data : one;
    return p->data + 2 * row;
}

/* False where the factor is 1 in all lanes. */
static bool put_diag_factor(const kernel_place *p, void *factors, size_t at, uint64_t index)
{
    bool acts = false;
    for (uint64_t lane = 0; lane < (p->spread ? 1 : UINT64_C(1) << p->lane_bits); lane++) {
        const size_t row = ktq_op_row(p->op, index | ktq_deposit(lane, p->lanes));
        const double *const factor = lane_acts(p, lane) ? diag_factor(p, row) : one;
        put_factor(p, factors, at, lane, factor);
        acts |= factor[0] != 1 || factor[1] != 0;
    }
    return acts;
}

static void prepare_diag(ktq_call *step, const kernel_place *p, const ktq_kernel_table *table)
{
    const uint64_t choices = values_of(p->target.outside), vectors = values_of(p->target.vector);
    uint64_t *const starts =
        (uint64_t *)(void *)((char *)step->data +
                             ktq_round_line(count_diag_factors(p) * factor_size(p)));
    uint64_t *const offsets = starts + choices + 1;
    uint64_t used = 0;
    for (uint64_t choice = 0; choice < choices; choice++) {
        starts[choice] = used;
        for (uint64_t v = 0; v < vectors; v++) {
            offsets[used] = ktq_deposit(v, p->target.vector);
            used +=
                put_diag_factor(p, step->data, used,
                                ktq_deposit(choice, p->target.outside) | ktq_deposit(v, p->rows));
        }
    }
    starts[choices] = used;
    step->more = starts;
    step->select = p->target.outside;
    step->choices = choices;
    step->apply = table->diag[p->spread][vectors > values_of(step->free)];
}

/* ---- FLIP ---- */

static void prepare_flip(ktq_call *step, const kernel_place *p, const ktq_kernel_table *table)
{
    const size_t lane_words = p->single ? 1 : 2;
    const size_t words = lane_words << p->lane_bits;
    int32_t *const mask = step->data, *const turn = mask + words, *const from = turn + words;
    put_turn(p, turn, p->target.lane);
    for (size_t i = 0; i < words; i++) {
        mask[i] = lane_acts(p, i / lane_words) ? -1 : 0;
        from[i] = mask[i] ? turn[i] : (int32_t)i;
    }
    /* Pairs of vectors differ in all of targets; one of its bits tells which is first. */
    step->free |= step->targets & (step->targets - 1);
    step->apply = p->spread       ? table->flip_plain
                  : step->targets ? table->flip_vectors
                                  : table->flip_lanes;
}

/* ---- all ---- */

size_t ktq_call_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame)
{
    if (group->kind == KTQ_GROUP_RESIDENT)
        return 0;
    if (group->kind != KTQ_GROUP_SINGLE)
        return ktq_terms_need(set, group, frame);
    const kernel_place p = place_op(set, group->op, NULL, frame);
    const size_t size = group->op->kind == KTQ_DENSE  ? dense_need(&p)
                        : group->op->kind == KTQ_FLIP ? 3 * vector_size(&p)
                                                      : diag_need(&p);
    return ktq_round_line(size);
}

static void prepare_single(const ktq_kernel_set *set, ktq_call *step, const ktq_op *op,
                           const double *data, const ktq_frame *frame)
{
    static void (*const prepares[])(ktq_call *, const kernel_place *,
                                    const ktq_kernel_table *) = {[KTQ_DENSE] = prepare_dense,
                                                                 [KTQ_DIAG] = prepare_diag,
                                                                 [KTQ_FLIP] = prepare_flip,
                                                                 [KTQ_PARITY] = prepare_diag};
    const kernel_place p = place_op(set, op, data + op->data, frame);
    assert(op->kind == KTQ_DIAG || op->kind == KTQ_PARITY || !p.target.outside);
    step->outside = p.control.outside;
    step->outside_value = p.value.outside;
    step->value = p.value.vector;
    step->targets = p.target.vector;
    step->free = (step->vectors - 1) & ~p.control.vector & ~p.target.vector;
    prepares[op->kind](step, &p, set->table);
}

static void prepare_resident(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                             const ktq_frame *frame)
{
    step->targets = ktq_extract(group->resident, frame->positions) >> set->lane_bits;
    step->free = (step->vectors - 1) & ~step->targets;
    step->resident.members = group->members;
    step->apply = set->table->resident;
}

void ktq_call_prepare_scaled(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                             double scale, const double *data, const ktq_frame *frame, void *memory)
{
    const int32_t bits = frame->bits - set->lane_bits;
    *step = (ktq_call){.vectors = UINT64_C(1) << (bits > 0 ? bits : 0), .data = memory};
    if (group->kind == KTQ_GROUP_RESIDENT)
        prepare_resident(set, step, group, frame);
    else if (group->kind == KTQ_GROUP_SINGLE)
        prepare_single(set, step, group->op, data, frame);
    else
        ktq_terms_prepare(set, step, group, scale, data, frame, memory);
    if (group->resident && group->kind != KTQ_GROUP_RESIDENT)
        ktq_call_make_resident(set, step, group, frame);
}

void ktq_call_prepare(const ktq_kernel_set *set, ktq_call *step, const ktq_group *group,
                      const double *data, const ktq_frame *frame, void *memory)
{
    ktq_call_prepare_scaled(set, step, group, group->scale, data, frame, memory);
}
