/* Prepares calls, those of single operations here. */
#include "ket/kernels/prepare.h"

#include <assert.h>

/* ---- where an operation acts ---- */

/* A mask of positions, by where they lie relative to a frame. */
typedef struct split_mask {
    uint64_t outside; /* positions outside the frame */
    uint64_t vector;  /* bits of a vector's index */
    uint64_t lane;    /* bits of a lane's number */
} split_mask;

/* What the size of an operation's data depends on. broadcast: its factors are the same in all lanes.
 * vectors, lanes: how many of its targets are bits of a vector's index, and of a lane's number. */
typedef struct op_shape {
    int32_t lane_bits;
    bool single, broadcast;
    int32_t outside, vectors, lanes;
} op_shape;

/* An operation relative to a frame. */
typedef struct placed_op {
    const ktq_op *op;
    const double *data;
    op_shape shape;
    split_mask control, value, target;
    uint64_t rows;  /* positions of the targets that are bits of a vector's index */
    uint64_t lanes; /* positions of the lanes */
} placed_op;

static split_mask split_positions(uint64_t mask, const ktq_frame *frame, int32_t lane_bits)
{
    const uint64_t inside = kt_gather(mask, frame->positions);
    return (split_mask){.outside = mask & ~frame->positions,
                        .vector = inside >> lane_bits,
                        .lane = inside & ((UINT64_C(1) << lane_bits) - 1)};
}

static op_shape shape_op(const ktq_kernel_set *set, const ktq_op *op, const ktq_frame *frame)
{
    const uint64_t targets = ktq_op_targets(op), inside = targets & frame->positions;
    const uint64_t lanes = ktq_lane_positions(set, frame->positions);
    return (op_shape){.lane_bits = set->lane_bits,
                      .single = set->precision == KETCH_SINGLE,
                      .broadcast = !((targets | op->control) & lanes),
                      .outside = kt_bit_count(targets & ~inside),
                      .vectors = kt_bit_count(inside & ~lanes),
                      .lanes = kt_bit_count(inside & lanes)};
}

static placed_op place_op(const ktq_kernel_set *set, const ktq_op *op, const double *data,
                          const ktq_frame *frame)
{
    const int32_t bits = set->lane_bits;
    placed_op p = {.op = op,
                   .data = data,
                   .shape = shape_op(set, op, frame),
                   .control = split_positions(op->control, frame, bits),
                   .value = split_positions(op->value, frame, bits),
                   .target = split_positions(ktq_op_targets(op), frame, bits)};
    p.rows = kt_deposit(p.target.vector << bits, frame->positions);
    p.lanes = kt_deposit((UINT64_C(1) << bits) - 1, frame->positions);
    return p;
}

/* How many numbers there are whose bits are part of the mask. */
static uint64_t values_of(uint64_t mask)
{
    return UINT64_C(1) << kt_bit_count(mask);
}

static size_t vector_size(const op_shape *s)
{
    return (s->single ? sizeof(float) : sizeof(double)) << s->lane_bits;
}

static size_t factor_size(const op_shape *s)
{
    return 2 * (s->broadcast ? vector_size(s) >> s->lane_bits : vector_size(s));
}

/* Whether the controls in lanes hold. */
static bool lane_acts(const placed_op *p, uint64_t lane)
{
    return (lane & p->control.lane) == p->value.lane;
}

/* Stores number `lane` of factor i, the only one if broadcast. */
static void put_factor(const placed_op *p, void *factors, size_t i, uint64_t lane,
                       const double factor[2])
{
    const size_t lanes = p->shape.broadcast ? 1 : (size_t)1 << p->shape.lane_bits;
    ktq_put_real(p->shape.single, factors, 2 * i * lanes + lane, factor[0]);
    ktq_put_real(p->shape.single, factors, (2 * i + 1) * lanes + lane, factor[1]);
}

/* Stores the indices of 32-bit words for a shuffle that xors lane numbers. */
static void put_shuffle(const placed_op *p, void *memory, uint64_t xor)
{
    const size_t words = vector_size(&p->shape) / sizeof(int32_t);
    for (size_t i = 0; i < words; i++)
        ((int32_t *)memory)[i] = (int32_t)(i ^ (p->shape.single ? xor : 2 * xor));
}

static const double one[2] = {1, 0}, zero[2] = {0, 0};

/* ---- DENSE ---- */

/* Bytes of the factors. */
static size_t dense_factors(const op_shape *s)
{
    return kt_round_line((factor_size(s) << s->vectors) << (s->vectors + s->lanes));
}

static size_t dense_need(const op_shape *s)
{
    return dense_factors(s) + (s->lanes ? vector_size(s) << s->lanes : 0);
}

/* Stores the factor of an input in a row. Lanes whose controls do not hold get the identity. */
static void put_dense_factor(const placed_op *p, void *factors, size_t at, uint64_t row,
                             uint64_t input)
{
    const uint64_t shuffles = values_of(p->target.lane), shuffle = input % shuffles;
    const uint64_t to = kt_deposit(row, p->rows), from = kt_deposit(input / shuffles, p->rows);
    const uint64_t xor = kt_deposit(shuffle, p->target.lane);
    for (uint64_t lane = 0; lane < (p->shape.broadcast ? 1 : UINT64_C(1) << p->shape.lane_bits);
         lane++) {
        const double *factor = row == input / shuffles && shuffle == 0 ? one : zero;
        if (lane_acts(p, lane)) {
            const size_t r = ktq_op_row(p->op, to | kt_deposit(lane, p->lanes));
            const size_t c = ktq_op_row(p->op, from | kt_deposit(lane ^ xor, p->lanes));
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

/* Whether the first column is (c, 0, 0, s) with real c and s. */
static bool is_schmidt(const placed_op *p)
{
    const double *const m = p->data;
    return p->shape.broadcast && p->op->count == 2 && m[1] == 0 && m[8] == 0 && m[9] == 0 &&
           m[16] == 0 && m[17] == 0 && m[25] == 0;
}

static ktq_kernel *choose_dense(const ktq_kernel_table *table, const placed_op *p)
{
    const int vector = p->shape.vectors, lane = p->shape.lanes;
    if (vector + lane > KTQ_DENSE_FEW_MAX)
        return table->dense_many[p->shape.broadcast][vector < 2 ? vector : 2];
    const bool real = is_real(p->data, (size_t)1 << 2 * p->op->count);
    return !real && is_schmidt(p) ? table->dense_schmidt
                                  : table->dense_few[p->shape.broadcast][real][vector][lane];
}

static void prepare_dense(ktq_call *call, const placed_op *p, const ktq_kernel_table *table)
{
    const size_t rows = (size_t)values_of(p->target.vector), inputs = (size_t)1 << p->op->count;
    const size_t batch = KT_MIN(rows, KTQ_DENSE_BATCH);
    for (size_t row = 0; row < rows; row++)
        for (size_t input = 0; input < inputs; input++)
            put_dense_factor(p, call->data, (row / batch * inputs + input) * batch + row % batch,
                             row, input);
    char *next = (char *)call->data + dense_factors(&p->shape);
    call->aux = next;
    for (uint64_t s = 0; p->target.lane && s < values_of(p->target.lane); s++) {
        put_shuffle(p, next, kt_deposit(s, p->target.lane));
        next += vector_size(&p->shape);
    }
    assert(next == (char *)call->data + dense_need(&p->shape));
    call->vector_targets = (uint8_t)p->shape.vectors;
    call->lane_targets = (uint8_t)p->shape.lanes;
    call->kernel = choose_dense(table, p);
}

/* ---- DIAG ---- */

static size_t count_diag_factors(const op_shape *s)
{
    return (size_t)1 << (s->outside + s->vectors);
}

/* Bytes of the factors. */
static size_t diag_factors(const op_shape *s)
{
    return kt_round_line(count_diag_factors(s) * factor_size(s));
}

static size_t diag_need(const op_shape *s)
{
    const size_t numbers = ((size_t)1 << s->outside) + 1 + count_diag_factors(s);
    return diag_factors(s) + numbers * sizeof(uint64_t);
}

/* The factor for a row. A parity has one factor, for rows with an odd number of 1s. */
static const double *diag_factor(const placed_op *p, size_t row)
{
    if (p->op->kind == KTQ_PARITY)
        return kt_bit_count(row) & 1 ? p->data : one;
    return p->data + 2 * row;
}

/* Stores the factor for a vector. False if it is 1 in all lanes. */
static bool put_diag_factor(const placed_op *p, void *factors, size_t at, uint64_t index)
{
    bool acts = false;
    for (uint64_t lane = 0; lane < (p->shape.broadcast ? 1 : UINT64_C(1) << p->shape.lane_bits);
         lane++) {
        const size_t row = ktq_op_row(p->op, index | kt_deposit(lane, p->lanes));
        const double *const factor = lane_acts(p, lane) ? diag_factor(p, row) : one;
        put_factor(p, factors, at, lane, factor);
        acts |= factor[0] != 1 || factor[1] != 0;
    }
    return acts;
}

static void prepare_diag(ktq_call *call, const placed_op *p, const ktq_kernel_table *table)
{
    const uint64_t choices = values_of(p->target.outside), vectors = values_of(p->target.vector);
    uint64_t *const starts = (uint64_t *)(void *)((char *)call->data + diag_factors(&p->shape));
    uint64_t *const offsets = starts + choices + 1;
    uint64_t used = 0;
    for (uint64_t choice = 0; choice < choices; choice++) {
        starts[choice] = used;
        for (uint64_t v = 0; v < vectors; v++) {
            offsets[used] = kt_deposit(v, p->target.vector);
            used += put_diag_factor(p, call->data, (size_t)used,
                                    kt_deposit(choice, p->target.outside) | kt_deposit(v, p->rows));
        }
    }
    starts[choices] = used;
    assert(used <= count_diag_factors(&p->shape));
    assert((char *)(offsets + count_diag_factors(&p->shape)) ==
           (char *)call->data + diag_need(&p->shape));
    call->aux = starts;
    call->select = p->target.outside;
    call->choices = (uint16_t)choices;
    call->kernel = table->diag[p->shape.broadcast][vectors > values_of(call->free)];
}

/* ---- FLIP ---- */

/* A flip in all lanes needs none. */
static size_t flip_need(const op_shape *s)
{
    return s->broadcast ? 0 : 3 * vector_size(s);
}

static void put_flip_lanes(ktq_call *call, const placed_op *p)
{
    const int word_bits = p->shape.single ? 0 : 1; /* log2 of the words in a lane */
    const size_t words = (size_t)1 << (p->shape.lane_bits + word_bits);
    int32_t *const mask = call->data, *const shuffle = mask + words, *const from = shuffle + words;
    put_shuffle(p, shuffle, p->target.lane);
    for (size_t i = 0; i < words; i++) {
        mask[i] = lane_acts(p, i >> word_bits) ? -1 : 0;
        from[i] = mask[i] ? shuffle[i] : (int32_t)i;
    }
}

static void prepare_flip(ktq_call *call, const placed_op *p, const ktq_kernel_table *table)
{
    if (!p->shape.broadcast)
        put_flip_lanes(call, p);
    /* The vectors of a pair differ in all targets. The lowest one tells which is first. */
    call->free |= call->targets & (call->targets - 1);
    call->kernel = p->shape.broadcast ? table->flip_whole
                   : call->targets    ? table->flip_masked
                                      : table->flip_lanes;
}

/* ---- all ---- */

size_t ktq_call_need(const ktq_kernel_set *set, const ktq_group *group, const ktq_frame *frame)
{
    if (group->kind == KTQ_GROUP_RESIDENT)
        return 0;
    if (group->kind != KTQ_GROUP_SINGLE)
        return ktq_terms_need(set, group, frame);
    const op_shape shape = shape_op(set, group->op, frame);
    const size_t size = group->op->kind == KTQ_DENSE  ? dense_need(&shape)
                        : group->op->kind == KTQ_FLIP ? flip_need(&shape)
                                                      : diag_need(&shape);
    return kt_round_line(size);
}

static void prepare_single(const ktq_kernel_set *set, ktq_call *call, const ktq_op *op,
                           const double *data, const ktq_frame *frame)
{
    static void (*const prepares[])(ktq_call *, const placed_op *,
                                    const ktq_kernel_table *) = {[KTQ_DENSE] = prepare_dense,
                                                                 [KTQ_DIAG] = prepare_diag,
                                                                 [KTQ_FLIP] = prepare_flip,
                                                                 [KTQ_PARITY] = prepare_diag};
    const placed_op p = place_op(set, op, data + op->data, frame);
    assert(op->kind == KTQ_DIAG || op->kind == KTQ_PARITY || !p.target.outside);
    call->outside = p.control.outside;
    call->outside_value = p.value.outside;
    call->first = p.value.vector;
    call->targets = p.target.vector;
    call->free = (call->vectors - 1) & ~p.control.vector & ~p.target.vector;
    prepares[op->kind](call, &p, set->table);
}

static void prepare_resident(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                             const ktq_frame *frame)
{
    call->targets = kt_gather(group->resident, frame->positions) >> set->lane_bits;
    call->free = (call->vectors - 1) & ~call->targets;
    call->resident.members = group->members;
    call->kernel = set->table->resident;
}

void ktq_call_prepare_scaled(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                             double scale, const double *data, const ktq_frame *frame, void *memory)
{
    const int32_t bits = frame->bits - set->lane_bits;
    assert(ktq_frame_is_valid(frame) && ktq_group_is_valid(group));
    assert((ktq_group_moved(group) & ~frame->positions) == 0);
    assert((uintptr_t)memory % 64 == 0);
    *call = (ktq_call){.vectors = UINT64_C(1) << (bits > 0 ? bits : 0), .data = memory};
    if (group->kind == KTQ_GROUP_RESIDENT)
        prepare_resident(set, call, group, frame);
    else if (group->kind == KTQ_GROUP_SINGLE)
        prepare_single(set, call, group->op, data, frame);
    else
        ktq_terms_prepare(set, call, group, scale, data, frame, memory);
    if (group->resident && group->kind != KTQ_GROUP_RESIDENT)
        ktq_call_make_resident(set, call, group, frame);
}

void ktq_call_prepare(const ktq_kernel_set *set, ktq_call *call, const ktq_group *group,
                      const double *data, const ktq_frame *frame, void *memory)
{
    ktq_call_prepare_scaled(set, call, group, group->scale, data, frame, memory);
}
