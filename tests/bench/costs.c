/* Measures what kernels cost on this machine and prints engine/ket/kernels/cost_tables.h, which
 *   make costs    (in a build folder; takes about a minute, on a machine that is otherwise idle)
 * writes anew.
 * Times are of the thread's processor time, the least of many short runs. */
#define _POSIX_C_SOURCE 200809L
#include "cpu.h"
#include "heap.h"
#include "ket/compile/cost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STATE_BYTES = 1 << 26, NEAR_BYTES = 1 << 22, LARGE_BYTES = 1 << 19 };
enum { SUB_BYTES = 1 << KTQ_L1_BYTES_LOG, TILE_BYTES = 1 << KTQ_L2_BYTES_LOG };

static double cpu_nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *take(size_t size)
{
    void *const memory = kt_heap_take(size);
    if (!memory)
        exit(1);
    return memory;
}

/* log2 of how many amplitudes fit so many bytes. */
static int32_t amplitude_bits(const ktq_kernel_set *set, uint64_t bytes)
{
    return 63 - __builtin_clzll(bytes / (set->precision == KETCH_SINGLE ? 8 : 16));
}

static ktq_frame low_frame(int32_t bits)
{
    return (ktq_frame){(UINT64_C(1) << bits) - 1, bits};
}

/* Not zero and far from what is slow. */
static void fill_reals(const ktq_kernel_set *set, void *memory, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ktq_put_real(set->precision == KETCH_SINGLE, memory, i, 0.25 + (double)(i % 7) / 16);
}

/* ---- steps ---- */

/* A case: a group, the operation and its data where it is a SINGLE one, and how many vectors of
 * the frame, of `of`, it touches. */
typedef struct cost_case {
    ktq_group group;
    ktq_op op;
    ktq_term terms[KTQ_TERMS_MAX];
    double data[2 << 10];
    double share;
} cost_case;

/* A rotation's tangent and cosine, so small that amplitudes do not grow, and a term's factor. */
static const double turn_data[] = {1e-9, 1, 0.6, 0.8};
enum { TURN_AT = 0, TERM_AT = 2 };

static void make_turns(cost_case *c, int32_t lane_bits, int32_t count, bool along, bool terms)
{
    c->group.kind = along ? KTQ_GROUP_LANES : KTQ_GROUP_VECTORS;
    c->group.terms = c->terms;
    memcpy(c->data, turn_data, sizeof turn_data);
    c->group.scale = 1;
    c->group.rotation_count = count;
    for (int32_t i = 0; i < count; i++) {
        c->group.rotations[i].position = along ? i : lane_bits + 1 + 2 * i;
        c->group.rotations[i].data = TURN_AT;
    }
    if (terms) {
        const uint64_t bits = along ? 1 : UINT64_C(5) << lane_bits;
        c->group.terms[c->group.term_count++] = (ktq_term){{bits, bits, false}, TERM_AT};
    }
}

static void make_single(cost_case *c, ktq_op_kind kind, int32_t vectors, int32_t lanes,
                        int32_t lane_bits)
{
    c->group.kind = KTQ_GROUP_SINGLE;
    c->group.op = &c->op;
    c->group.scale = 1;
    c->op.kind = kind;
    c->op.count = vectors + lanes;
    for (int32_t i = 0; i < c->op.count; i++)
        c->op.qubits[i] = (uint8_t)(i < lanes ? i : lane_bits + 1 + i - lanes);
    uint64_t mask = 0;
    for (int32_t i = 0; i < c->op.count; i++)
        mask |= UINT64_C(1) << c->op.qubits[i];
    *(kind == KTQ_DIAG ? &c->op.fixed : &c->op.moved) = mask;
    const size_t rows = (size_t)1 << c->op.count;
    for (size_t i = 0; i < rows; i++) {
        double *const factor = c->data + 2 * (kind == KTQ_DENSE ? i * rows + i : i);
        factor[0] = 0.6;
        factor[1] = 0.8;
    }
}

static void control_lane(cost_case *c, int32_t lane)
{
    c->op.control = c->op.value = c->op.fixed = UINT64_C(1) << lane;
}

/* False where the set has no such kernel. */
static bool make_case(cost_case *c, ktq_cost_kind kind, int32_t lane_bits)
{
    const int32_t k = (int32_t)kind;
    if (kind <= KTQ_COST_ROTATE_3)
        make_turns(c, lane_bits, k - KTQ_COST_ROTATE_1 + 1, false, false);
    else if (kind <= KTQ_COST_TERMS_3)
        make_turns(c, lane_bits, k - KTQ_COST_TERMS_0, false, true);
    else if (kind <= KTQ_COST_LANES_4)
        make_turns(c, lane_bits, k - KTQ_COST_LANES_1 + 1, true, false);
    else if (kind <= KTQ_COST_LANE_TERMS_4)
        make_turns(c, lane_bits, k - KTQ_COST_LANE_TERMS_0, true, true);
    else if (kind <= KTQ_COST_FLIP_LANES)
        make_single(c, KTQ_FLIP, kind != KTQ_COST_FLIP_LANES, kind == KTQ_COST_FLIP_LANES,
                    lane_bits);
    else if (kind <= KTQ_COST_DENSE_0_2) {
        static const int8_t targets[][2] = {{1, 0}, {0, 1}, {2, 0}, {1, 1}, {0, 2}};
        const int8_t *const t = targets[k - KTQ_COST_DENSE_1_0];
        make_single(c, KTQ_DENSE, t[0], t[1], lane_bits);
    } else if (kind <= KTQ_COST_DENSE_MANY_LANES)
        make_single(c, KTQ_DENSE, kind == KTQ_COST_DENSE_MANY ? 4 : 3, kind != KTQ_COST_DENSE_MANY,
                    lane_bits);
    else
        make_single(c, KTQ_DIAG, 4, 0, lane_bits);
    if (kind == KTQ_COST_FLIP_MASKED)
        control_lane(c, 0);
    c->share = kind == KTQ_COST_DENSE_MANY || kind == KTQ_COST_DENSE_MANY_LANES ? 16 : 1;
    return c->group.kind != KTQ_GROUP_LANES || c->group.rotation_count <= lane_bits;
}

/* Least nanoseconds of one call. */
static double time_calls(const ktq_call *step, int calls, void *tile)
{
    double best = 1e18;
    for (int i = 0; i < 60; i++) {
        const double begun = cpu_nanoseconds();
        for (int k = 0; k < calls; k++)
            step->apply(step, tile, (ktq_location){0, ~UINT64_C(0)});
        const double time = (cpu_nanoseconds() - begun) / calls;
        best = time < best ? time : best;
    }
    return best;
}

/* Least nanoseconds of one call of a step on a frame. */
static double time_step(const ktq_kernel_set *set, const cost_case *c, int32_t bits, void *tile)
{
    const ktq_frame frame = low_frame(bits);
    void *const memory = take(ktq_call_need(set, &c->group, &frame));
    ktq_call step;
    ktq_call_prepare(set, &step, &c->group, c->data, &frame, memory);
    const double best = time_calls(&step, bits < 8 ? 1024 : bits < 16 ? 1 << (18 - bits) : 4, tile);
    kt_heap_give(memory);
    return best;
}

static uint32_t least_cost(uint32_t old, double picoseconds)
{
    const uint32_t now = (uint32_t)(picoseconds + 0.5);
    return old && old < now ? old : now;
}

/* Least nanoseconds for a byte of the factors of terms on neighbours and on one bit, in memory that
 * was not touched before. */
static double time_prepare(const ktq_kernel_set *set, cost_case *c, int32_t bits)
{
    memset(c, 0, sizeof *c);
    make_turns(c, set->lane_bits, 1, false, false);
    for (int32_t i = set->lane_bits; i + 1 < bits; i++) {
        const uint64_t one = UINT64_C(1) << i;
        c->group.terms[c->group.term_count++] = (ktq_term){{one, one, false}, TERM_AT};
        c->group.terms[c->group.term_count++] = (ktq_term){{3 * one, 3 * one, false}, TERM_AT};
    }
    const ktq_frame frame = low_frame(bits);
    const size_t size = ktq_call_need(set, &c->group, &frame);
    const size_t steps = STATE_BYTES / size + 1; /* as much as never lies ready in the heap */
    ktq_call step;
    double best = 1e18;
    for (int i = 0; i < 2; i++) {
        const double begun = cpu_nanoseconds();
        char *const memory = take(steps * size);
        for (size_t k = 0; k < steps; k++)
            ktq_call_prepare(set, &step, &c->group, c->data, &frame, memory + k * size);
        const double time = cpu_nanoseconds() - begun;
        best = time < best ? time : best;
        kt_heap_give(memory);
    }
    return best / (double)size / (double)steps;
}

/* ---- members of held groups ---- */

static void make_member(cost_case *c, ktq_cost_member member, int32_t lane_bits)
{
    const bool flips = member >= KTQ_COST_RESIDENT_FLIP,
               lanes = member == KTQ_COST_RESIDENT_FLIP_LANES;
    const bool along =
        member == KTQ_COST_RESIDENT_LANE_ROTATE || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    const bool terms =
        member == KTQ_COST_RESIDENT_FACTORS || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    memset(c, 0, sizeof *c);
    if (flips)
        make_single(c, KTQ_FLIP, !lanes, lanes, lane_bits);
    else
        make_turns(c, lane_bits, !terms, along, terms);
    if (flips && !lanes) {
        c->op.qubits[0] = (uint8_t)lane_bits;
        c->op.moved = UINT64_C(1) << lane_bits;
    }
    if (!flips && !terms)
        c->group.rotations[0].position = along ? 0 : lane_bits;
    if (member == KTQ_COST_RESIDENT_FLIP_MASKED)
        control_lane(c, 0);
    else if (flips)
        c->op.control = c->op.value = c->op.fixed = UINT64_C(2) << lane_bits;
}

/* Nanoseconds of a held group with so many members, all like c. */
static double time_held(const ktq_kernel_set *set, const cost_case *c, int32_t members,
                        int32_t bits, void *tile)
{
    const ktq_frame frame = low_frame(bits);
    ktq_group groups[1 + KTQ_RESIDENT_MEMBERS_MAX];
    ktq_call steps[1 + KTQ_RESIDENT_MEMBERS_MAX];
    const uint64_t held = ((UINT64_C(1) << set->resident_bits) - 1) << set->lane_bits;
    groups[0] =
        (ktq_group){.kind = KTQ_GROUP_RESIDENT, .resident = held, .members = members, .scale = 1};
    const size_t size = members ? ktq_call_need(set, &c->group, &frame) : 64;
    void *const memory = take(size);
    for (int32_t i = 0; i <= members; i++) {
        if (i > 0) {
            groups[i] = c->group;
            groups[i].resident = held;
        }
        ktq_call_prepare(set, &steps[i], &groups[i], c->data, &frame, memory);
    }
    const double time = time_calls(steps, 1 << (18 - bits), tile);
    kt_heap_give(memory);
    return time;
}

static void measure_held(const ktq_kernel_set *set, ktq_costs *costs)
{
    enum { MEMBERS = 16 };
    const int32_t bits = amplitude_bits(set, SUB_BYTES);
    const double vectors = (double)(UINT64_C(1) << (bits - set->lane_bits));
    void *const tile = take(ktq_kernel_scratch(set, bits, bits));
    cost_case *const c = take(sizeof *c);
    fill_reals(set, tile, UINT64_C(2) << bits);
    make_member(c, KTQ_COST_RESIDENT_ROTATE, set->lane_bits);
    const double none = time_held(set, c, 0, bits, tile);
    uint32_t *const held = costs->resident;
    held[KTQ_COST_RESIDENT] = least_cost(held[KTQ_COST_RESIDENT], none * 1000 / vectors);
    for (int member = KTQ_COST_RESIDENT_ROTATE; member < KTQ_COST_MEMBERS; member++) {
        make_member(c, (ktq_cost_member)member, set->lane_bits);
        const double time = time_held(set, c, MEMBERS, bits, tile) - none;
        held[member] = least_cost(held[member], time * 1000 / vectors / MEMBERS);
    }
    kt_heap_give(c);
    kt_heap_give(tile);
}

static void measure_steps(const ktq_kernel_set *set, ktq_costs *costs)
{
    const int32_t bits[] = {amplitude_bits(set, SUB_BYTES), amplitude_bits(set, TILE_BYTES),
                            amplitude_bits(set, LARGE_BYTES)};
    void *const tile = take(ktq_kernel_scratch(set, bits[2], bits[2]));
    cost_case *const c = take(sizeof *c);
    for (int kind = 0; kind < KTQ_COST_KINDS; kind++) {
        memset(c, 0, sizeof *c);
        if (!make_case(c, (ktq_cost_kind)kind, set->lane_bits))
            continue;
        for (int level = 0; level < KTQ_COST_LEVELS; level++) {
            fill_reals(set, tile, UINT64_C(2) << bits[level]);
            const double vectors = (double)(UINT64_C(1) << (bits[level] - set->lane_bits));
            const double time = time_step(set, c, bits[level], tile);
            uint32_t *const cost = &costs->step[kind][level];
            *cost = least_cost(*cost, time * 1000 / vectors / c->share);
        }
    }
    memset(c, 0, sizeof *c);
    make_turns(c, set->lane_bits, 1, false, false);
    costs->call = least_cost(costs->call, time_step(set, c, set->lane_bits + 2, tile) * 1000);
    costs->prepare = least_cost(costs->prepare, time_prepare(set, c, bits[1]) * 1000);
    kt_heap_give(c);
    kt_heap_give(tile);
}

/* ---- tiles ---- */

/* A tile whose runs have 2^run amplitudes: the rest of its positions are the highest. */
static ktq_frame tile_frame(int32_t bits, int32_t run, int32_t qubits)
{
    const uint64_t high = ((UINT64_C(1) << (bits - run)) - 1) << (qubits - bits + run);
    return (ktq_frame){((UINT64_C(1) << run) - 1) | high, bits};
}

/* Least nanoseconds of a pass with so many sweeps that do nothing, by amplitude. */
static double time_pass(const ktq_kernel_set *set, void *state, int32_t qubits, ktq_frame frame,
                        size_t sweeps, void *scratch)
{
    ktq_subtile subtiles[3];
    ktq_pass pass = {
        .frame = frame, .subtile_count = sweeps, .subtiles = subtiles, .scale = {1, 0}};
    const int32_t small = amplitude_bits(set, SUB_BYTES);
    for (size_t i = 0; i < sweeps; i++) {
        const uint64_t low = ktq_deposit((UINT64_C(1) << (small / 2)) - 1, frame.positions);
        uint64_t positions = frame.positions & ~low;
        while (__builtin_popcountll(positions) > small - small / 2)
            positions &= positions - 1;
        subtiles[i] = (ktq_subtile){.frame = {low | positions, small}};
    }
    const uint64_t outside = ((UINT64_C(1) << qubits) - 1) & ~frame.positions;
    double best = 1e18;
    for (int i = 0; i < (qubits > 19 ? 2 : 12); i++) {
        const double begun = cpu_nanoseconds();
        uint64_t base = 0;
        do {
            const ktq_visit visit = {.base = base};
            set->apply_tile(&pass, state, scratch, &visit);
            base = (base - outside) & outside;
        } while (base);
        const double time = cpu_nanoseconds() - begun;
        best = time < best ? time : best;
    }
    return best / (double)(UINT64_C(1) << qubits);
}

static void measure_tiles(const ktq_kernel_set *set, ktq_costs *costs, void *state)
{
    const int32_t far = amplitude_bits(set, STATE_BYTES), near = amplitude_bits(set, NEAR_BYTES);
    const int32_t bits = amplitude_bits(set, TILE_BYTES), large = amplitude_bits(set, LARGE_BYTES);
    const int32_t shapes[][2] = {{bits, far}, {large, far}, {bits, near}}; /* tile, state */
    void *const scratch = take(ktq_kernel_scratch(set, large, large - 1));
    const uint64_t amplitude = set->precision == KETCH_SINGLE ? 8 : 16;
    fill_reals(set, state, 2 * STATE_BYTES / amplitude);
    for (int i = 0; i < 3; i++)
        for (int run = 0; run < KTQ_COST_RUNS; run++) {
            const ktq_frame frame = tile_frame(shapes[i][0], KTQ_COST_RUN_MIN + run, shapes[i][1]);
            const double time = time_pass(set, state, shapes[i][1], frame, 0, scratch);
            costs->stream[i][run] = least_cost(costs->stream[i][run], time * 1000);
        }
    const ktq_frame frame = tile_frame(bits, 6, far);
    double sweeps[4];
    for (size_t i = 0; i < 4; i++)
        sweeps[i] = 1000 * time_pass(set, state, far, frame, i, scratch);
    const double first = sweeps[1] - sweeps[0], more = (sweeps[3] - sweeps[1]) / 2;
    costs->first = least_cost(costs->first, first > 1 ? first : 1);
    costs->more = least_cost(costs->more, more > 1 ? more : 1);
    kt_heap_give(scratch);
}

/* ---- all ---- */

static void print_numbers(const char *name, const uint32_t *numbers, int count)
{
    printf("%s{", name);
    for (int i = 0; i < count; i++)
        printf(i ? ", %u" : "%u", (unsigned)numbers[i]);
    printf("}");
}

static void print_costs(const char *name, const ktq_costs *costs)
{
    printf("\nstatic const ktq_costs costs_%s = {\n    .step = {", name);
    for (int kind = 0; kind < KTQ_COST_KINDS; kind++) {
        print_numbers(kind % 4 ? " " : "\n        ", costs->step[kind], KTQ_COST_LEVELS);
        printf(",");
    }
    printf("\n    },\n");
    print_numbers("    .resident = ", costs->resident, KTQ_COST_MEMBERS);
    printf(",\n    .call = %u,\n", (unsigned)costs->call);
    for (int i = 0; i < 3; i++)
        print_numbers(i ? ",\n               " : "    .stream = {", costs->stream[i],
                      KTQ_COST_RUNS);
    printf("},\n    .first = %u,\n    .more = %u,\n    .prepare = %u,\n};\n",
           (unsigned)costs->first, (unsigned)costs->more, (unsigned)costs->prepare);
}

static void measure_set(const ktq_kernel_set *set, const char *name, void *state)
{
    ktq_costs costs = {.call = 0};
    for (int round = 0; round < 10; round++) {
        measure_steps(set, &costs);
        measure_held(set, &costs);
        measure_tiles(set, &costs, state);
    }
    print_costs(name, &costs);
}

int main(void)
{
    static const struct {
        ketch_kernels kernels;
        const char *name;
    } sets[] = {{KETCH_KERNELS_SCALAR, "scalar"},
                {KETCH_KERNELS_AVX2, "avx2"},
                {KETCH_KERNELS_AVX512, "avx512"}};
    void *const state = take(STATE_BYTES);
    puts("/* What kernels cost, in picoseconds; see compile/cost.h. Printed by "
         "tests/bench/costs.c. */\n"
         "/* clang-format off */");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
            char name[32];
            snprintf(name, sizeof name, "%s_%s", sets[i].name,
                     precision == KETCH_SINGLE ? "single" : "double");
            if (kt_cpu_runs(sets[i].kernels))
                measure_set(ktq_kernel_set_find(sets[i].kernels, (ketch_precision)precision), name,
                            state);
            else
                fprintf(stderr, "this machine does not run %s: keep its tables\n", name);
        }
    puts("/* clang-format on */");
    kt_heap_give(state);
    return 0;
}
