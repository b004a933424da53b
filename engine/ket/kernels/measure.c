#include "ket/kernels/measure.h"

#include "arena.h"
#include "ket/kernels/measure_case.h"
#include "ket/kernels/prepare.h"
#include "layout.h"
#include "numbers.h"

#include <assert.h>
#include <string.h>

/* STATE: a state in memory; NEAR: one in caches. SUB, TILE, LARGE: frames of each level. */
enum { STATE_BYTES = 1 << 26, NEAR_BYTES = 1 << 22, LARGE_BYTES = 1 << 19 };
enum { SUB_BYTES = 1 << KTQ_L1_BYTES_LOG, TILE_BYTES = 1 << KTQ_L2_BYTES_LOG };
/* A tile with its buffer and padding; a call's data; memory that was never touched. */
enum { SCRATCH_BYTES = 1 << 21, DATA_BYTES = 1 << 20, FRESH_BYTES = 1 << 25 };

struct ktq_measure_memory {
    ktq_measure_case *c;
    ktq_call *calls; /* of a RESIDENT group and its members */
    void *state, *scratch, *data;
    ketch_arena *arena;
};

/* ---- memory ---- */

/* Neither zeros nor numbers that are slow to compute with. */
static void fill_reals(bool single, void *memory, uint64_t bytes)
{
    const uint64_t count = bytes / (single ? sizeof(float) : sizeof(double));
    for (uint64_t i = 0; i < count; i++)
        ktq_put_real(single, memory, i, 0.25 + (double)(i % 7) / 16);
}

static ktq_measure_memory *take_memory(kt_layout *layout)
{
    ktq_measure_memory *const made = kt_layout_take(layout, 1, sizeof *made);
    ktq_measure_memory parts = {.arena = NULL};
    parts.c = kt_layout_take(layout, 1, sizeof *parts.c);
    parts.calls = kt_layout_take(layout, 1 + KTQ_RESIDENT_MEMBERS_MAX, sizeof *parts.calls);
    parts.state = kt_layout_take(layout, 1, STATE_BYTES);
    parts.scratch = kt_layout_take(layout, 1, SCRATCH_BYTES);
    parts.data = kt_layout_take(layout, 1, DATA_BYTES);
    if (made)
        *made = parts;
    return made;
}

uint64_t ktq_measure_size(void)
{
    kt_layout layout = {0};
    take_memory(&layout);
    return layout.size;
}

ktq_measure_memory *ktq_measure_begin(void *block, ketch_arena *arena)
{
    kt_layout layout = {.base = block};
    ktq_measure_memory *const made = take_memory(&layout);
    made->arena = arena;
    fill_reals(true, made->state, STATE_BYTES); /* as doubles they are good numbers, too */
    return made;
}

/* ---- tools ---- */

/* log2 of how many amplitudes fit so many bytes. */
static int32_t amplitude_bits(const ktq_kernel_set *set, uint64_t bytes)
{
    return 63 - __builtin_clzll(bytes / (set->precision == KETCH_SINGLE ? 8 : 16));
}

static ktq_frame low_frame(int32_t bits)
{
    return (ktq_frame){(UINT64_C(1) << bits) - 1, bits};
}

static void fill_scratch(const ktq_measure_memory *m, const ktq_kernel_set *set, int32_t bits)
{
    const bool single = set->precision == KETCH_SINGLE;
    fill_reals(single, m->scratch, (single ? UINT64_C(8) : UINT64_C(16)) << bits);
}

static double vectors_in(const ktq_kernel_set *set, int32_t bits)
{
    return (double)(UINT64_C(1) << (bits - set->lane_bits));
}

/* Lowers *cost, which is 0 at first, to what was measured. It stays within what a table may have. */
static void lower_cost(uint32_t *cost, double seconds)
{
    const double picoseconds = seconds * 1e12 + 0.5;
    const uint32_t now = !(picoseconds >= 1)           ? 1
                         : picoseconds >= KTQ_COST_MAX ? KTQ_COST_MAX
                                                       : (uint32_t)picoseconds;
    *cost = *cost && *cost < now ? *cost : now;
}

/* ---- calls ---- */

/* Least seconds of one call. */
static double time_calls(const ktq_call *call, int calls, void *tile)
{
    double best = 1e18;
    for (int i = 0; i < 60; i++) {
        const double begun = kt_cpu_thread_seconds();
        for (int k = 0; k < calls; k++)
            call->kernel(call, tile, (ktq_location){0, ~UINT64_C(0)});
        best = KT_MIN(best, (kt_cpu_thread_seconds() - begun) / calls);
    }
    return best;
}

/* Prepares a call in m->data. */
static ktq_call prepare_call(const ktq_measure_memory *m, const ktq_kernel_set *set,
                             const ktq_group *group, int32_t bits)
{
    const ktq_frame frame = low_frame(bits);
    ktq_call call;
    assert(ktq_call_need(set, group, &frame) <= DATA_BYTES);
    ktq_call_prepare(set, &call, group, m->c->data, &frame, m->data);
    return call;
}

/* Least seconds of one call for m->c on a frame. */
static double time_call(const ktq_measure_memory *m, const ktq_kernel_set *set, int32_t bits)
{
    const ktq_call call = prepare_call(m, set, &m->c->group, bits);
    const int calls = bits < 8 ? 1024 : bits < 16 ? 1 << (18 - bits) : 4;
    return time_calls(&call, calls, m->scratch);
}

static void measure_kernel(const ktq_measure_memory *m, const ktq_kernel_set *set,
                           ktq_cost_kind kind, ktq_costs *costs)
{
    static const int32_t sizes[KTQ_COST_LEVELS] = {SUB_BYTES, TILE_BYTES, LARGE_BYTES};
    if (!ktq_cost_is_kernel(kind, set->lane_bits))
        return;
    ktq_measure_case_kernel(m->c, kind, set->lane_bits);
    for (int level = 0; level < KTQ_COST_LEVELS; level++) {
        const int32_t bits = amplitude_bits(set, (uint64_t)sizes[level]);
        fill_scratch(m, set, bits);
        lower_cost(&costs->kernel[kind][level],
                   time_call(m, set, bits) / vectors_in(set, bits) / m->c->share);
    }
}

static void measure_call(const ktq_measure_memory *m, const ktq_kernel_set *set, ktq_costs *costs)
{
    ktq_measure_case_kernel(m->c, KTQ_COST_ROTATE_1, set->lane_bits);
    fill_scratch(m, set, set->lane_bits + 2);
    lower_cost(&costs->call, time_call(m, set, set->lane_bits + 2));
}

/* For a byte of a table of factors, in memory that was not touched before: the arena gives what is
 * free back to the system first. */
static ketch_status measure_prepare(const ktq_measure_memory *m, const ktq_kernel_set *set,
                                    ktq_costs *costs, ketch_error *error)
{
    const int32_t bits = amplitude_bits(set, TILE_BYTES);
    const ktq_frame frame = low_frame(bits);
    ktq_measure_case_factors(m->c, set->lane_bits, bits);
    const size_t size = ktq_call_need(set, &m->c->group, &frame), count = FRESH_BYTES / size;
    ketch_block *fresh;
    ktq_call call;
    ketch_arena_trim(m->arena);
    const double begun = kt_cpu_thread_seconds();
    const ketch_status status = ketch_block_take(&fresh, m->arena, count * size, "costs", error);
    if (status != KETCH_OK)
        return status;
    char *const memory = ketch_block_data(fresh);
    for (size_t k = 0; k < count; k++)
        ktq_call_prepare(set, &call, &m->c->group, m->c->data, &frame, memory + k * size);
    const double time = kt_cpu_thread_seconds() - begun;
    ketch_block_drop(fresh);
    lower_cost(&costs->prepare, time / (double)(count * size));
    return KETCH_OK;
}

/* ---- members of RESIDENT groups ---- */

/* Seconds of a RESIDENT group with so many members, all like m->c. */
static double time_resident(const ktq_measure_memory *m, const ktq_kernel_set *set, int32_t members,
                            int32_t bits)
{
    const uint64_t resident = ((UINT64_C(1) << set->resident_bits) - 1) << set->lane_bits;
    const ktq_group head = {
        .kind = KTQ_GROUP_RESIDENT, .resident = resident, .members = (uint8_t)members, .scale = 1};
    m->calls[0] = prepare_call(m, set, &head, bits);
    for (int32_t i = 1; i <= members; i++) {
        ktq_group member = m->c->group;
        member.resident = resident;
        m->calls[i] = prepare_call(m, set, &member, bits);
    }
    return time_calls(m->calls, 1 << (18 - bits), m->scratch);
}

static void measure_member(const ktq_measure_memory *m, const ktq_kernel_set *set,
                           ktq_cost_member member, ktq_costs *costs)
{
    enum { MEMBERS = 16 };
    const int32_t bits = amplitude_bits(set, SUB_BYTES);
    fill_scratch(m, set, bits);
    ktq_measure_case_member(m->c, member, set->lane_bits);
    double time = time_resident(m, set, 0, bits);
    if (member != KTQ_COST_RESIDENT)
        time = (time_resident(m, set, MEMBERS, bits) - time) / MEMBERS;
    lower_cost(&costs->resident[member], time / vectors_in(set, bits));
}

/* ---- tiles ---- */

/* A tile whose runs have 2^run amplitudes: the rest of its positions are the highest. */
static ktq_frame tile_frame(int32_t bits, int32_t run, int32_t qubits)
{
    const uint64_t high = ((UINT64_C(1) << (bits - run)) - 1) << (qubits - bits + run);
    return (ktq_frame){((UINT64_C(1) << run) - 1) | high, bits};
}

/* Subtiles of the tile, with its lowest positions and its highest. */
static ktq_frame subtile_frame(const ktq_kernel_set *set, ktq_frame frame)
{
    const int32_t small = amplitude_bits(set, SUB_BYTES);
    const uint64_t low = kt_deposit((UINT64_C(1) << (small / 2)) - 1, frame.positions);
    uint64_t positions = frame.positions & ~low;
    while (kt_bit_count(positions) > small - small / 2)
        positions &= positions - 1;
    return (ktq_frame){low | positions, small};
}

/* Least seconds for an amplitude of a pass with so many sweeps that do nothing. */
static double time_pass(const ktq_measure_memory *m, const ktq_kernel_set *set, int32_t qubits,
                        ktq_frame frame, size_t sweeps)
{
    ktq_subpass subpasses[3];
    for (size_t i = 0; i < 3; i++)
        subpasses[i] = (ktq_subpass){.frame = subtile_frame(set, frame)};
    const ktq_pass pass = {
        .frame = frame, .subpass_count = sweeps, .subpasses = subpasses, .scale = {1, 0}};
    const uint64_t outside = ((UINT64_C(1) << qubits) - 1) & ~frame.positions;
    double best = 1e18;
    for (int i = 0; i < (qubits > 19 ? 2 : 12); i++) {
        const double begun = kt_cpu_thread_seconds();
        uint64_t base = 0;
        do {
            const ktq_visit visit = {.base = base};
            set->apply_tile(&pass, m->state, m->scratch, &visit);
            base = (base - outside) & outside;
        } while (base);
        best = KT_MIN(best, kt_cpu_thread_seconds() - begun);
    }
    return best / (double)(UINT64_C(1) << qubits);
}

static void measure_transfer(const ktq_measure_memory *m, const ktq_kernel_set *set, int row,
                             int run, ktq_costs *costs)
{
    static const int32_t tiles[] = {TILE_BYTES, LARGE_BYTES, TILE_BYTES},
                         states[] = {STATE_BYTES, STATE_BYTES, NEAR_BYTES};
    const int32_t bits = amplitude_bits(set, (uint64_t)tiles[row]);
    const int32_t qubits = amplitude_bits(set, (uint64_t)states[row]);
    const ktq_frame frame = tile_frame(bits, KTQ_COST_RUN_MIN + run, qubits);
    lower_cost(&costs->transfer[row][run], time_pass(m, set, qubits, frame, 0));
}

static void measure_sweeps(const ktq_measure_memory *m, const ktq_kernel_set *set, ktq_costs *costs)
{
    const int32_t qubits = amplitude_bits(set, STATE_BYTES);
    const ktq_frame frame = tile_frame(amplitude_bits(set, TILE_BYTES), 6, qubits);
    const double none = time_pass(m, set, qubits, frame, 0),
                 one = time_pass(m, set, qubits, frame, 1),
                 three = time_pass(m, set, qubits, frame, 3);
    lower_cost(&costs->first, one - none);
    lower_cost(&costs->more, (three - one) / 2);
}

/* ---- all ---- */

ketch_status ktq_measure(const ktq_measure_memory *memory, const ktq_kernel_set *set, int32_t i,
                         ktq_costs *costs, ketch_error *error)
{
    assert(i >= 0 && i < KTQ_MEASURES);
    if (i < KTQ_MEASURE_CALL)
        measure_kernel(memory, set, (ktq_cost_kind)i, costs);
    else if (i == KTQ_MEASURE_CALL)
        measure_call(memory, set, costs);
    else if (i == KTQ_MEASURE_PREPARE)
        return measure_prepare(memory, set, costs, error);
    else if (i < KTQ_MEASURE_TRANSFER)
        measure_member(memory, set, (ktq_cost_member)(i - KTQ_MEASURE_RESIDENT), costs);
    else if (i < KTQ_MEASURE_SWEEPS)
        measure_transfer(memory, set, (i - KTQ_MEASURE_TRANSFER) / KTQ_COST_RUNS,
                         (i - KTQ_MEASURE_TRANSFER) % KTQ_COST_RUNS, costs);
    else
        measure_sweeps(memory, set, costs);
    return KETCH_OK;
}
