/* Every kernel set against plain loops in long double: one pass of random operations at a time. */
#include "cpu.h"
#include "heap.h"
#include "kernels_wide.h"
#include "ket/compile/register_groups.h"
#include "ket/kernels/prepare.h"
#include "regions.h"
#include "suite.h"
#include "words.h"
#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long double complex wide_number;

enum { MOST_OPS = 12, MOST_QUBITS = 12, GUARD = 256, GUARD_BYTE = 0xa5 };

/* ---- random ---- */

static int below(uint64_t *seed, int limit)
{
    return (int)(next_word(seed) % (uint64_t)limit);
}

static double number(uint64_t *seed)
{
    return (double)(next_word(seed) >> 11) * 0x1p-52 - 1;
}

/* A position out of a mask, taken off it. */
static int draw_position(uint64_t *seed, uint64_t *mask)
{
    const uint64_t chosen = UINT64_C(1) << below(seed, __builtin_popcountll(*mask));
    const uint64_t bit = kt_deposit(chosen, *mask);
    *mask &= ~bit;
    return __builtin_ctzll(bit);
}

/* ---- memory with guards on both sides ---- */

typedef struct guarded {
    char *memory;
    size_t size;
} guarded;

/* skew: bytes off an alignment of 64. */
static guarded guard(size_t size, size_t skew)
{
    guarded g = {aligned_alloc(64, (size + skew + 2 * GUARD + 63) & ~(size_t)63), size};
    ck_assert_ptr_nonnull(g.memory);
    g.memory += GUARD + skew;
    memset(g.memory - GUARD, GUARD_BYTE, GUARD);
    memset(g.memory + size, GUARD_BYTE, GUARD);
    return g;
}

static void unguard(guarded g, size_t skew)
{
    bool whole = true; /* one assertion: each writes a message */
    for (size_t i = 0; i < GUARD; i++)
        whole &= (unsigned char)g.memory[g.size + i] == GUARD_BYTE &&
                 (unsigned char)(g.memory - GUARD)[i] == GUARD_BYTE;
    ck_assert(whole);
    free(g.memory - GUARD - skew);
}

/* ---- operations ---- */

static uint64_t targets_of(const ktq_op *op)
{
    uint64_t mask = 0;
    for (int i = 0; i < op->count; i++)
        mask |= UINT64_C(1) << op->qubits[i];
    return mask;
}

static size_t row_of_index(const ktq_op *op, uint64_t index)
{
    size_t row = 0;
    for (int i = 0; i < op->count; i++)
        row |= (size_t)(index >> op->qubits[i] & 1) << i;
    return row;
}

/* ---- a case: one pass, its operations, the tiles it visits ---- */

typedef struct pass_case {
    uint64_t seed;
    int qubits;
    ktq_pass pass; /* its frame and runs; the rest is made for each run */
    size_t op_count;
    ktq_op ops[MOST_OPS];
    double *data[MOST_OPS];
    bool visited[1 << MOST_QUBITS]; /* by tile number */
} pass_case;

static uint64_t outside_of(const pass_case *c)
{
    return ((UINT64_C(1) << c->qubits) - 1) & ~c->pass.frame.positions;
}

static size_t data_count(const ktq_op *op)
{
    return op->kind == KTQ_DENSE  ? (size_t)2 << 2 * op->count
           : op->kind == KTQ_DIAG ? (size_t)2 << op->count
           : op->kind == KTQ_FLIP ? 0
                                  : 2;
}

/* Entries that are often 1 or real, or nearly so: kernels look for those. */
static void fill_data(uint64_t *seed, ktq_op *op, double *data)
{
    const bool real = below(seed, 3) == 0;
    const double scale = op->kind == KTQ_DENSE ? sqrt(1 / (double)(1 << op->count)) : 1;
    for (size_t i = 0; i < data_count(op); i++)
        data[i] = real && i % 2 ? 0 : scale * number(seed);
    if (op->kind == KTQ_ROTATE)
        data[1] = 1 / sqrt(1 + data[0] * data[0]);
    if (op->kind == KTQ_PARITY) { /* of modulus 1: a kernel may divide by it */
        const double angle = 4 * number(seed);
        data[0] = cos(angle);
        data[1] = sin(angle);
    }
    if (op->kind != KTQ_DIAG)
        return;
    for (size_t i = 0; i < data_count(op); i += 2)
        if (below(seed, 3) == 0) {
            data[i] = 1;
            data[i + 1] *= below(seed, 3) == 0;
        }
}

static void fill_controls(uint64_t *seed, ktq_op *op, uint64_t free, int count)
{
    for (; free && count > 0; count--) {
        const uint64_t bit = UINT64_C(1) << draw_position(seed, &free);
        op->control |= bit;
        op->value |= below(seed, 2) ? bit : 0;
    }
    op->fixed |= op->control;
}

static bool is_diagonal(const ktq_op *op)
{
    return op->kind == KTQ_DIAG || op->kind == KTQ_PARITY;
}

static int most_targets(ktq_op_kind kind)
{
    static const int most[] = {
        [KTQ_DENSE] = 6, [KTQ_DIAG] = 10, [KTQ_FLIP] = 3, [KTQ_ROTATE] = 1, [KTQ_PARITY] = 4};
    return most[kind];
}

/* Half of them rotations and small diagonals, which are put into groups. */
static ktq_op random_op(uint64_t *seed, const pass_case *c)
{
    static const ktq_op_kind kinds[] = {KTQ_DENSE, KTQ_DIAG, KTQ_FLIP, KTQ_ROTATE, KTQ_PARITY};
    const uint64_t all = (UINT64_C(1) << c->qubits) - 1;
    ktq_op op = {.kind = kinds[below(seed, 5)] & 7};
    uint64_t from = is_diagonal(&op) ? all : c->pass.frame.positions;
    const int room = __builtin_popcountll(from);
    const int most = op.kind == KTQ_DIAG && below(seed, 2) ? 2 : most_targets(op.kind);
    const int limit = room < most ? room : most;
    op.count = (uint8_t)(op.kind == KTQ_DIAG ? below(seed, limit + 1) : 1 + below(seed, limit));
    for (int i = 0; i < op.count; i++)
        op.qubits[i] = (uint8_t)draw_position(seed, &from);
    const uint64_t targets = targets_of(&op);
    op.moved = is_diagonal(&op) ? 0 : targets;
    op.fixed = targets & ~op.moved;
    if (op.kind != KTQ_ROTATE && op.kind != KTQ_PARITY)
        fill_controls(seed, &op, all & ~targets, below(seed, 4));
    return op;
}

static void random_pass(uint64_t *seed, pass_case *c)
{
    c->qubits = 1 + below(seed, below(seed, 4) ? 9 : MOST_QUBITS);
    const int bits = 1 + below(seed, c->qubits < 10 ? c->qubits : 10);
    c->pass.run_bits = below(seed, bits + 1);
    c->pass.frame = (ktq_frame){(UINT64_C(1) << c->pass.run_bits) - 1, bits};
    uint64_t rest = ((UINT64_C(1) << c->qubits) - 1) & ~c->pass.frame.positions;
    for (int i = c->pass.run_bits; i < bits; i++)
        c->pass.frame.positions |= UINT64_C(1) << draw_position(seed, &rest);
}

static void add_op(pass_case *c, ktq_op op)
{
    const size_t i = c->op_count++;
    c->ops[i] = op;
    c->data[i] = calloc(data_count(&op) + 1, sizeof(double));
    fill_data(&c->seed, &c->ops[i], c->data[i]);
}

static pass_case *new_case(uint64_t seed)
{
    pass_case *const c = calloc(1, sizeof *c);
    c->seed = seed;
    return c;
}

static pass_case *random_case(uint64_t seed)
{
    pass_case *const c = new_case(seed);
    random_pass(&c->seed, c);
    for (size_t i = 0; i < sizeof c->visited; i++)
        c->visited[i] = below(&c->seed, 4) != 0;
    for (int count = 1 + below(&c->seed, MOST_OPS); count > 0; count--)
        add_op(c, random_op(&c->seed, c));
    return c;
}

static void free_case(pass_case *c)
{
    for (size_t i = 0; i < c->op_count; i++)
        free(c->data[i]);
    free(c);
}

/* ---- the reference ---- */

static bool acts_on(const pass_case *c, const ktq_op *op, uint64_t index)
{
    return (index & op->control) == op->value && c->visited[kt_gather(index, outside_of(c))];
}

static wide_number entry_of(const double *data, size_t i)
{
    return (wide_number)data[2 * i] + (wide_number)data[2 * i + 1] * I;
}

static wide_number dense_sum(const ktq_op *op, const double *data, const wide_number *state,
                             uint64_t index)
{
    const size_t width = (size_t)1 << op->count, row = row_of_index(op, index);
    wide_number sum = 0;
    for (size_t column = 0; column < width; column++) {
        uint64_t from = index & ~op->moved;
        for (int i = 0; i < op->count; i++)
            from |= (uint64_t)(column >> i & 1) << op->qubits[i];
        sum += entry_of(data, row * width + column) * state[from];
    }
    return sum;
}

/* (a, b) -> (a - t b, b + t a) */
static wide_number rotated(const ktq_op *op, const double *data, const wide_number *state,
                           uint64_t index)
{
    const wide_number other = (wide_number)data[0] * state[index ^ op->moved];
    const wide_number sum = index & op->moved ? state[index] + other : state[index] - other;
    return (wide_number)data[1] * sum;
}

static wide_number op_result(const ktq_op *op, const double *data, const wide_number *state,
                             uint64_t index)
{
    if (op->kind == KTQ_DENSE)
        return dense_sum(op, data, state, index);
    if (op->kind == KTQ_DIAG)
        return entry_of(data, row_of_index(op, index)) * state[index];
    if (op->kind == KTQ_ROTATE)
        return rotated(op, data, state, index);
    if (op->kind == KTQ_PARITY)
        return __builtin_popcountll(index & op->fixed) & 1 ? entry_of(data, 0) * state[index]
                                                           : state[index];
    return state[index ^ op->moved];
}

static void run_reference(const pass_case *c, wide_number *state)
{
    const uint64_t count = UINT64_C(1) << c->qubits;
    static wide_number before[1 << MOST_QUBITS];
    for (size_t i = 0; i < c->op_count; i++) {
        memcpy(before, state, count * sizeof *before);
        for (uint64_t index = 0; index < count; index++)
            if (acts_on(c, &c->ops[i], index))
                state[index] = op_result(&c->ops[i], c->data[i], before, index);
    }
}

/* ---- the kernels ---- */

/* Exactly what the pass may use. */
static uint64_t scratch_of(const ktq_kernel_set *set, const ktq_pass *pass)
{
    int32_t largest = -1;
    for (size_t i = 0; i < pass->subpass_count; i++)
        if (pass->subpasses[i].frame.bits < pass->frame.bits &&
            pass->subpasses[i].frame.bits > largest)
            largest = pass->subpasses[i].frame.bits;
    return ktq_kernel_scratch(set, pass->frame.bits, largest < 0 ? pass->frame.bits : largest);
}

/* Visits the tiles upwards or downwards: the order must not matter. */
static void run_tiles(const ktq_kernel_set *set, const pass_case *c, const ktq_pass *pass,
                      void *state, bool down)
{
    const uint64_t outside = outside_of(c);
    const uint64_t count = UINT64_C(1) << (c->qubits - pass->frame.bits);
    const guarded scratch = guard(scratch_of(set, pass), 0);
    memset(scratch.memory, 0xff, scratch.size);
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t tile = down ? count - 1 - i : i;
        if (c->visited[tile])
            set->apply_tile(pass, state, scratch.memory,
                            &(ktq_visit){.base = kt_deposit(tile, outside)});
    }
    unguard(scratch, 0);
}

/* The operations as a list, all data in a row. */
static ktq_op_list list_of(kt_region *region, const pass_case *c)
{
    ktq_op_list list = {.region = region};
    for (size_t i = 0; i < c->op_count; i++)
        ck_assert(ktq_op_list_add(&list, &c->ops[i], c->data[i], data_count(&c->ops[i])));
    return list;
}

/* A subtile that contains what operation `first` moves, and the lanes: random, or all of the tile. */
static ktq_frame draw_frame(const ktq_kernel_set *set, pass_case *c, size_t first)
{
    ktq_frame frame = {ktq_lane_positions(set, c->pass.frame.positions) | c->ops[first].moved, 0};
    uint64_t rest = c->pass.frame.positions & ~frame.positions;
    for (int more = below(&c->seed, 4); rest && more > 0; more--)
        frame.positions |= UINT64_C(1) << draw_position(&c->seed, &rest);
    frame.bits = __builtin_popcountll(frame.positions);
    return below(&c->seed, 3) ? frame : c->pass.frame;
}

enum { MOST_GROUPS = 5 * MOST_OPS };

/* Positions of the frame to be resident in registers, among them what operation `first` moves; 0
 * half the time, and where that is not possible. */
static uint64_t draw_resident(const ktq_kernel_set *set, pass_case *c, const ktq_frame *frame,
                              size_t first)
{
    const uint64_t lanes = ktq_lane_positions(set, c->pass.frame.positions);
    uint64_t resident = c->ops[first].moved & ~lanes, rest = frame->positions & ~lanes & ~resident;
    int32_t more = set->resident_bits - __builtin_popcountll(resident);
    if (more < 0 || more > __builtin_popcountll(rest) || below(&c->seed, 2))
        return 0;
    for (; more > 0; more--)
        resident |= UINT64_C(1) << draw_position(&c->seed, &rest);
    return resident;
}

/* Prepares the groups in memory of their own. */
static void prepare_groups(const ktq_kernel_set *set, const ktq_group_list *groups,
                           const ktq_op_list *list, ktq_subpass *subpass, guarded *memory)
{
    for (size_t i = 0; i < groups->count; i++) {
        const ktq_group *const group = &groups->groups[i];
        const size_t size = ktq_call_need(set, group, &subpass->frame);
        ck_assert_uint_eq(size % 64, 0);
        memory[i] = guard(size, 0);
        memset(memory[i].memory, 0xff, size);
        ktq_call_prepare(set, &subpass->calls[i], group, list->data, &subpass->frame,
                         memory[i].memory);
    }
}

/* One subpass: as many operations from `first` on as its frame holds; returns the next. */
static size_t make_subpass(const ktq_kernel_set *set, pass_case *c, const ktq_op_list *list,
                           ktq_subpass *subpass, size_t first, double *scale, guarded *memory)
{
    const ktq_op_costs costs = ktq_cost_ops(set);
    ktq_candidate left[MOST_OPS];
    size_t count = 0;
    ktq_group_list groups = {.region = list->region};
    subpass->frame = draw_frame(set, c, first);
    const uint64_t resident = draw_resident(set, c, &subpass->frame, first);
    const uint64_t moves = resident ? resident | ktq_lane_positions(set, c->pass.frame.positions)
                                    : subpass->frame.positions;
    while (first + count < c->op_count && !(c->ops[first + count].moved & ~moves)) {
        left[count] = ktq_candidate_of(list, first + count, &costs);
        count++;
    }
    ktq_grouper *const grouper = ktq_grouper_take(list->region);
    ck_assert_ptr_nonnull(grouper);
    ck_assert(ktq_group_ops(grouper, &groups, list, &subpass->frame,
                            ktq_lane_positions(set, c->pass.frame.positions), left, count, scale));
    ck_assert(!resident || ktq_add_resident_groups(&groups, 0, resident));
    ktq_group_list_link(&groups);
    ck_assert_uint_le(groups.count, MOST_GROUPS);
    subpass->call_count = groups.count;
    prepare_groups(set, &groups, list, subpass, memory);
    return first + count;
}

static void run_kernels(const ktq_kernel_set *set, const pass_case *from, void *state, bool down)
{
    static ktq_call calls[MOST_OPS][MOST_GROUPS];
    static guarded memory[MOST_OPS][MOST_GROUPS];
    ktq_subpass subpasses[MOST_OPS];
    pass_case *const c = malloc(sizeof *c);
    memcpy(c, from, sizeof *c);
    kt_region region;
    ketch_arena *const arena = region_open(&region);
    ktq_op_list list = list_of(&region, c);
    ktq_pass pass = c->pass;
    pass.subpasses = subpasses;
    pass.scale[0] = 1;
    for (size_t next = 0; next < c->op_count; pass.subpass_count++) {
        subpasses[pass.subpass_count].calls = calls[pass.subpass_count];
        next = make_subpass(set, c, &list, &subpasses[pass.subpass_count], next, &pass.scale[0],
                            memory[pass.subpass_count]);
    }
    run_tiles(set, c, &pass, state, down);
    for (size_t i = 0; i < pass.subpass_count; i++)
        for (size_t k = 0; k < subpasses[i].call_count; k++)
            unguard(memory[i][k], 0);
    region_close(&region, arena);
    free(c);
}

/* ---- states ---- */

static void put_part(void *state, ketch_precision precision, uint64_t i, double part)
{
    if (precision == KETCH_SINGLE)
        ((float *)state)[i] = (float)part;
    else
        ((double *)state)[i] = part;
}

static double part_of(const void *state, ketch_precision precision, uint64_t i)
{
    return precision == KETCH_SINGLE ? (double)((const float *)state)[i]
                                     : ((const double *)state)[i];
}

static double largest_error(const void *state, ketch_precision precision,
                            const wide_number *expected, uint64_t count)
{
    double error = 0;
    for (uint64_t i = 0; i < count; i++) {
        const wide_number seen = (wide_number)part_of(state, precision, 2 * i) +
                                 (wide_number)part_of(state, precision, 2 * i + 1) * I;
        const double difference = (double)cabsl(seen - expected[i]);
        if (!(difference <= error))
            error = difference;
    }
    return error;
}

static bool unvisited_is_unchanged(const pass_case *c, const char *state, const char *before,
                                   size_t size)
{
    for (uint64_t i = 0; i >> c->qubits == 0; i++)
        if (!c->visited[kt_gather(i, outside_of(c))] &&
            memcmp(state + i * size, before + i * size, size) != 0)
            return false;
    return true;
}

/* Random amplitudes in both forms. */
static void fill_state(pass_case *c, void *state, ketch_precision precision, wide_number *exact)
{
    for (uint64_t i = 0; i >> (c->qubits + 1) == 0; i++)
        put_part(state, precision, i, number(&c->seed));
    for (uint64_t i = 0; i >> c->qubits == 0; i++)
        exact[i] = (wide_number)part_of(state, precision, 2 * i) +
                   (wide_number)part_of(state, precision, 2 * i + 1) * I;
}

static void check_case(const ktq_kernel_set *set, pass_case *c, const char *what)
{
    static wide_number expected[1 << MOST_QUBITS];
    static char before[16 << MOST_QUBITS];
    const bool single = set->precision == KETCH_SINGLE;
    const uint64_t count = UINT64_C(1) << c->qubits;
    const size_t size = count * (single ? 8 : 16), skew = 16 * (size_t)below(&c->seed, 4);
    const guarded up = guard(size, skew), down = guard(size, 0);
    fill_state(c, before, set->precision, expected);
    memcpy(up.memory, before, size);
    memcpy(down.memory, before, size);
    run_kernels(set, c, up.memory, false);
    run_kernels(set, c, down.memory, true);
    run_reference(c, expected);
    const double error = largest_error(up.memory, set->precision, expected, count);
    ck_assert_msg(error <= (single ? 1e-5 : 1e-14), "%s: error %g", what, error);
    ck_assert_mem_eq(up.memory, down.memory, size);
    ck_assert(unvisited_is_unchanged(c, up.memory, before, single ? 8 : 16));
    unguard(up, skew);
    unguard(down, 0);
}

/* ---- tests: each runs once for every set and precision ---- */

static int set_count(void)
{
    return 2 * ((int)kt_cpu_kernels_last() + 1);
}

/* NULL where this machine or build cannot run it. */
static const ktq_kernel_set *set_of(int i)
{
    const ketch_precision precision = i % 2 ? KETCH_SINGLE : KETCH_DOUBLE;
    const ketch_kernels kind = (ketch_kernels)(i / 2);
    if (kind == KETCH_KERNELS_AUTO)
        return kernels_wide(precision);
    return kt_cpu_runs(kind) ? ktq_kernel_set_find(kind, precision) : NULL;
}

START_TEST(random_passes_match_reference)
{
    const ktq_kernel_set *const set = set_of(_i);
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        pass_case *const c = random_case(seed);
        char what[32];
        snprintf(what, sizeof what, "seed %llu", (unsigned long long)seed);
        check_case(set, c, what);
        free_case(c);
    }
}
END_TEST

/* Tiles of five out of seven qubits, with runs of 1, 4 and 32 amplitudes. */
static const ktq_pass small_passes[] = {
    {.frame = {0x5d, 5}, .run_bits = 0},
    {.frame = {0x4f, 5}, .run_bits = 2},
    {.frame = {0x1f, 5}, .run_bits = 5},
};

static void check_placed(const ktq_kernel_set *set, ktq_op op)
{
    const uint64_t targets = targets_of(&op);
    op.moved = is_diagonal(&op) ? 0 : targets;
    op.fixed = (targets & ~op.moved) | op.control;
    for (size_t i = 0; i < sizeof small_passes / sizeof *small_passes; i++) {
        if (op.moved & ~small_passes[i].frame.positions)
            continue;
        pass_case *const c = new_case(targets << 8 | op.control);
        c->qubits = 7;
        c->pass = small_passes[i];
        memset(c->visited, 1, sizeof c->visited);
        add_op(c, op);
        check_case(set, c, "placement");
        free_case(c);
    }
}

/* Without a control, and with one of either polarity on every other qubit. */
static void check_controls(const ktq_kernel_set *set, ktq_op op)
{
    check_placed(set, op);
    for (int q = 0; q < 7; q++) {
        if (targets_of(&op) >> q & 1 || op.kind == KTQ_ROTATE || op.kind == KTQ_PARITY)
            continue;
        op.control = UINT64_C(1) << q;
        for (int on = 0; on < 2; on++) {
            op.value = on ? op.control : 0;
            check_placed(set, op);
        }
    }
}

START_TEST(every_placement_matches_reference)
{
    const ktq_kernel_set *const set = set_of(_i);
    for (int kind = KTQ_DENSE; kind <= KTQ_PARITY; kind++)
        for (int a = 0; a < 7; a++) {
            check_controls(set,
                           (ktq_op){.kind = (uint8_t)kind, .count = 1, .qubits = {(uint8_t)a}});
            for (int b = 0; b < 7 && kind != KTQ_FLIP && kind != KTQ_ROTATE; b++)
                if (a != b)
                    check_controls(set, (ktq_op){.kind = (uint8_t)kind,
                                                 .count = 2,
                                                 .qubits = {(uint8_t)a, (uint8_t)b}});
        }
}
END_TEST

START_TEST(sets_say_what_they_are)
{
    const ktq_kernel_set *const set = set_of(_i);
    const int real = set->precision == KETCH_SINGLE ? 4 : 8;
    ck_assert_int_eq(set->precision, _i % 2 ? KETCH_SINGLE : KETCH_DOUBLE);
    ck_assert_uint_ge(ktq_kernel_scratch(set, 10, 10), 2 * (uint64_t)real << 10);
    ck_assert_uint_eq(ktq_kernel_scratch(set, 10, 8) - ktq_kernel_scratch(set, 10, 10),
                      2 * (uint64_t)real << 8);
    ck_assert_uint_eq(ktq_kernel_scratch(set, 0, 0),
                      ktq_kernel_scratch(set, set->lane_bits, set->lane_bits));
    ck_assert_uint_eq(ktq_kernel_scratch(set, 0, 0) % 64, 0);
}
END_TEST

START_TEST(sets_are_found)
{
    for (int kind = KETCH_KERNELS_SCALAR; kind <= (int)kt_cpu_kernels_last(); kind++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            const ktq_kernel_set *const set =
                ktq_kernel_set_find((ketch_kernels)kind, (ketch_precision)precision);
            ck_assert(set || kind != KETCH_KERNELS_SCALAR);
            ck_assert(!set || ((int)set->id == kind && (int)set->precision == precision));
        }
    ck_assert_ptr_null(ktq_kernel_set_find(KETCH_KERNELS_AUTO, KETCH_DOUBLE));
    ck_assert_ptr_null(ktq_kernel_set_find((ketch_kernels)99, KETCH_DOUBLE));
}
END_TEST

/* Number 0 and 1 are the wide kernels that only tests have. */
static void add_sets(TCase *cases, const TTest *test)
{
    for (int i = 0; i < set_count(); i++) {
        const char *const name = i < 2 ? "wide" : ketch_kernels_name((ketch_kernels)(i / 2));
        if (set_of(i))
            add_indexed(cases, test, i, "%s, %s", name, i % 2 ? "single" : "double");
        else
            add_skipped(cases, test, "this machine does not run %s", name);
    }
}

int main(void)
{
    Suite *const suite = suite_create("kernels");
    TCase *const each = tcase_create("each set"), *const once = tcase_create("once");
    tcase_set_timeout(each, 120);
    keep_one_thread(each);
    add_sets(each, random_passes_match_reference);
    add_sets(each, every_placement_matches_reference);
    add_sets(each, sets_say_what_they_are);
    tcase_add_test(once, sets_are_found);
    suite_add_tcase(suite, each);
    suite_add_tcase(suite, once);
    return end_with(suite);
}
