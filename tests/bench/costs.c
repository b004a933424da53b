/* Measures what kernels cost on this machine and prints engine/ket/kernels/cost_tables.h: the rows
 * of this machine's family of processors are new, those of others as they were. make costs    (in a
 * build folder; takes about a minute, on a machine that is otherwise idle) writes that file anew.
 * Times are of the thread's processor time, the least of many short runs. */
#define _POSIX_C_SOURCE 200809L
#include "cpu.h"
#include "heap.h"
#include "ket/kernels/prepare.h"

#include <ctype.h>
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

/* Neither zeros nor numbers that are slow to compute with. */
static void fill_reals(const ktq_kernel_set *set, void *memory, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ktq_put_real(set->precision == KETCH_SINGLE, memory, i, 0.25 + (double)(i % 7) / 16);
}

/* ---- calls ---- */

/* A case: a group, with the operation and its data if it is a SINGLE. share: what the cost of a
 * vector is divided by. */
typedef struct cost_case {
    ktq_group group;
    ktq_op op;
    ktq_term terms[KTQ_TERMS_MAX];
    double data[2 << 10];
    double share;
} cost_case;

/* A rotation's tangent and cosine, so small that amplitudes do not grow, and a term's factor. */
static const double rotation_data[] = {1e-9, 1, 0.6, 0.8};
enum { ROTATION_AT = 0, TERM_AT = 2 };

static void make_rotations(cost_case *c, int32_t lane_bits, int32_t count, bool by_lane, bool terms)
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

static void make_single(cost_case *c, ktq_op_kind kind, int32_t vectors, int32_t lanes,
                        int32_t lane_bits)
{
    c->group.kind = KTQ_GROUP_SINGLE;
    c->group.op = &c->op;
    c->group.scale = 1;
    c->op.kind = (uint8_t)kind;
    c->op.count = (uint8_t)(vectors + lanes);
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
static double time_calls(const ktq_call *call, int calls, void *tile)
{
    double best = 1e18;
    for (int i = 0; i < 60; i++) {
        const double begun = cpu_nanoseconds();
        for (int k = 0; k < calls; k++)
            call->kernel(call, tile, (ktq_location){0, ~UINT64_C(0)});
        const double time = (cpu_nanoseconds() - begun) / calls;
        best = time < best ? time : best;
    }
    return best;
}

/* Least nanoseconds of one call for a case on a frame. */
static double time_call(const ktq_kernel_set *set, const cost_case *c, int32_t bits, void *tile)
{
    const ktq_frame frame = low_frame(bits);
    void *const memory = take(ktq_call_need(set, &c->group, &frame));
    ktq_call call;
    ktq_call_prepare(set, &call, &c->group, c->data, &frame, memory);
    const double best = time_calls(&call, bits < 8 ? 1024 : bits < 16 ? 1 << (18 - bits) : 4, tile);
    kt_heap_give(memory);
    return best;
}

static uint32_t least_cost(uint32_t old, double picoseconds)
{
    const uint32_t now = (uint32_t)(picoseconds + 0.5);
    return old && old < now ? old : now;
}

/* Least nanoseconds for a byte of a table of factors, of terms on one bit and on two neighbours, in
 * memory that was not touched before. */
static double time_prepare(const ktq_kernel_set *set, cost_case *c, int32_t bits)
{
    memset(c, 0, sizeof *c);
    make_rotations(c, set->lane_bits, 1, false, false);
    for (int32_t i = set->lane_bits; i + 1 < bits; i++) {
        const uint64_t one = UINT64_C(1) << i;
        c->group.terms[c->group.term_count++] = (ktq_term){{one, one, false}, TERM_AT};
        c->group.terms[c->group.term_count++] = (ktq_term){{3 * one, 3 * one, false}, TERM_AT};
    }
    const ktq_frame frame = low_frame(bits);
    const size_t size = ktq_call_need(set, &c->group, &frame);
    const size_t count = STATE_BYTES / size + 1; /* more than the heap has ready */
    ktq_call call;
    double best = 1e18;
    for (int i = 0; i < 2; i++) {
        const double begun = cpu_nanoseconds();
        char *const memory = take(count * size);
        for (size_t k = 0; k < count; k++)
            ktq_call_prepare(set, &call, &c->group, c->data, &frame, memory + k * size);
        const double time = cpu_nanoseconds() - begun;
        best = time < best ? time : best;
        kt_heap_give(memory);
    }
    return best / (double)size / (double)count;
}

/* ---- members of RESIDENT groups ---- */

static void make_member(cost_case *c, ktq_cost_member member, int32_t lane_bits)
{
    const bool flips = member >= KTQ_COST_RESIDENT_FLIP,
               lanes = member == KTQ_COST_RESIDENT_FLIP_LANES;
    const bool by_lane =
        member == KTQ_COST_RESIDENT_LANE_ROTATE || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    const bool terms =
        member == KTQ_COST_RESIDENT_FACTORS || member == KTQ_COST_RESIDENT_LANE_FACTORS;
    memset(c, 0, sizeof *c);
    if (flips)
        make_single(c, KTQ_FLIP, !lanes, lanes, lane_bits);
    else
        make_rotations(c, lane_bits, !terms, by_lane, terms);
    if (flips && !lanes) {
        c->op.qubits[0] = (uint8_t)lane_bits;
        c->op.moved = UINT64_C(1) << lane_bits;
    }
    if (!flips && !terms)
        c->group.rotations[0].position = (uint8_t)(by_lane ? 0 : lane_bits);
    if (member == KTQ_COST_RESIDENT_FLIP_MASKED)
        control_lane(c, 0);
    else if (flips)
        c->op.control = c->op.value = c->op.fixed = UINT64_C(2) << lane_bits;
}

/* Nanoseconds of a RESIDENT group with so many members, all like c. */
static double time_resident(const ktq_kernel_set *set, const cost_case *c, int32_t members,
                            int32_t bits, void *tile)
{
    const ktq_frame frame = low_frame(bits);
    ktq_group groups[1 + KTQ_RESIDENT_MEMBERS_MAX];
    ktq_call calls[1 + KTQ_RESIDENT_MEMBERS_MAX];
    const uint64_t resident = ((UINT64_C(1) << set->resident_bits) - 1) << set->lane_bits;
    groups[0] = (ktq_group){
        .kind = KTQ_GROUP_RESIDENT, .resident = resident, .members = (uint8_t)members, .scale = 1};
    const size_t size = members ? ktq_call_need(set, &c->group, &frame) : 64;
    void *const memory = take(size);
    for (int32_t i = 0; i <= members; i++) {
        if (i > 0) {
            groups[i] = c->group;
            groups[i].resident = resident;
        }
        ktq_call_prepare(set, &calls[i], &groups[i], c->data, &frame, memory);
    }
    const double time = time_calls(calls, 1 << (18 - bits), tile);
    kt_heap_give(memory);
    return time;
}

static void measure_resident(const ktq_kernel_set *set, ktq_costs *costs)
{
    enum { MEMBERS = 16 };
    const int32_t bits = amplitude_bits(set, SUB_BYTES);
    const double vectors = (double)(UINT64_C(1) << (bits - set->lane_bits));
    void *const tile = take(ktq_kernel_scratch(set, bits, bits));
    cost_case *const c = take(sizeof *c);
    fill_reals(set, tile, UINT64_C(2) << bits);
    make_member(c, KTQ_COST_RESIDENT_ROTATE, set->lane_bits);
    const double none = time_resident(set, c, 0, bits, tile);
    uint32_t *const resident = costs->resident;
    resident[KTQ_COST_RESIDENT] = least_cost(resident[KTQ_COST_RESIDENT], none * 1000 / vectors);
    for (int member = KTQ_COST_RESIDENT_ROTATE; member < KTQ_COST_MEMBERS; member++) {
        make_member(c, (ktq_cost_member)member, set->lane_bits);
        const double time = time_resident(set, c, MEMBERS, bits, tile) - none;
        resident[member] = least_cost(resident[member], time * 1000 / vectors / MEMBERS);
    }
    kt_heap_give(c);
    kt_heap_give(tile);
}

static void measure_calls(const ktq_kernel_set *set, ktq_costs *costs)
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
            const double time = time_call(set, c, bits[level], tile);
            uint32_t *const cost = &costs->kernel[kind][level];
            *cost = least_cost(*cost, time * 1000 / vectors / c->share);
        }
    }
    memset(c, 0, sizeof *c);
    make_rotations(c, set->lane_bits, 1, false, false);
    costs->call = least_cost(costs->call, time_call(set, c, set->lane_bits + 2, tile) * 1000);
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
    ktq_subpass subpasses[3];
    ktq_pass pass = {
        .frame = frame, .subpass_count = sweeps, .subpasses = subpasses, .scale = {1, 0}};
    const int32_t small = amplitude_bits(set, SUB_BYTES);
    for (size_t i = 0; i < sweeps; i++) {
        const uint64_t low = kt_deposit((UINT64_C(1) << (small / 2)) - 1, frame.positions);
        uint64_t positions = frame.positions & ~low;
        while (__builtin_popcountll(positions) > small - small / 2)
            positions &= positions - 1;
        subpasses[i] = (ktq_subpass){.frame = {low | positions, small}};
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
            costs->transfer[i][run] = least_cost(costs->transfer[i][run], time * 1000);
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

/* ---- printing ---- */

static void print_numbers(const char *name, const uint32_t *numbers, int count)
{
    printf("%s{", name);
    for (int i = 0; i < count; i++)
        printf(i ? ", %u" : "%u", (unsigned)numbers[i]);
    printf("}");
}

static void print_row(const ktq_costs *costs)
{
    printf("    .kernel = {");
    for (int kind = 0; kind < KTQ_COST_KINDS; kind++) {
        print_numbers(kind % 4 ? " " : "\n        ", costs->kernel[kind], KTQ_COST_LEVELS);
        printf(",");
    }
    printf("\n    },\n");
    print_numbers("    .resident = ", costs->resident, KTQ_COST_MEMBERS);
    printf(",\n    .call = %u,\n", (unsigned)costs->call);
    for (int i = 0; i < 3; i++)
        print_numbers(i ? ",\n                 " : "    .transfer = {", costs->transfer[i],
                      KTQ_COST_RUNS);
    printf("},\n    .first = %u,\n    .more = %u,\n    .prepare = %u,\n};\n",
           (unsigned)costs->first, (unsigned)costs->more, (unsigned)costs->prepare);
}

/* ---- lists of rows ---- */

/* The rows of one kernel set and precision, and its name in lower and upper case. */
typedef struct row_list {
    char name[32], upper[32];
    int count;
    kt_cpu_family families[KT_FAMILIES];
    ktq_costs rows[KT_FAMILIES];
} row_list;

static void set_upper(char *upper, const char *name)
{
    size_t i = 0;
    do
        upper[i] = (char)toupper((unsigned char)name[i]);
    while (name[i++]);
}

static row_list list_rows(ketch_kernels kernels, ketch_precision precision)
{
    row_list list = {.count = 0};
    const ktq_kernel_set *set;
    snprintf(list.name, sizeof list.name, "%s_%s", kt_cpu_kernels_name(kernels),
             precision == KETCH_SINGLE ? "single" : "double");
    set_upper(list.upper, list.name);
    while ((set = ktq_kernel_set_get(kernels, precision, (size_t)list.count))) {
        list.families[list.count] = set->family;
        list.rows[list.count++] = *set->costs;
    }
    return list;
}

/* Replaces the family's row, or adds one. */
static void put_row(row_list *list, kt_cpu_family family, const ktq_costs *costs)
{
    int i = 0;
    while (i < list->count && list->families[i] != family)
        i++;
    list->families[i] = family;
    list->rows[i] = *costs;
    list->count += i == list->count;
}

static void print_list(const row_list *list)
{
    for (int i = 0; i < list->count; i++) {
        printf("\nstatic const ktq_costs ktq_costs_%s_%s = {\n", list->name,
               kt_cpu_family_name(list->families[i]));
        print_row(&list->rows[i]);
    }
    printf("\n#define KTQ_COSTS_%s(row)", list->upper);
    for (int i = 0; i < list->count; i++) {
        const char *const family = kt_cpu_family_name(list->families[i]);
        char upper[32];
        set_upper(upper, family);
        printf(" \\\n    row(KT_FAMILY_%s, ktq_costs_%s_%s)", upper, list->name, family);
    }
    puts("");
}

/* ---- all ---- */

static void measure_set(const ktq_kernel_set *set, ktq_costs *costs, void *state)
{
    *costs = (ktq_costs){.call = 0};
    for (int round = 0; round < 10; round++) {
        measure_calls(set, costs);
        measure_resident(set, costs);
        measure_tiles(set, costs, state);
    }
}

static void print_set(ketch_kernels kernels, kt_cpu_family family, void *state)
{
    for (int precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
        row_list list = list_rows(kernels, (ketch_precision)precision);
        ktq_costs costs;
        if (kt_cpu_runs(kernels)) {
            measure_set(ktq_kernel_set_find(kernels, (ketch_precision)precision), &costs, state);
            put_row(&list, family, &costs);
        } else {
            fprintf(stderr, "this machine does not run %s: its rows stay\n", list.name);
        }
        print_list(&list);
    }
}

int main(void)
{
    static const ketch_kernels sets[] = {KETCH_KERNELS_SCALAR, KETCH_KERNELS_AVX2,
                                         KETCH_KERNELS_AVX512};
    const kt_cpu_family family = kt_cpu_family_here();
    fprintf(stderr, "this machine's family of processors: %s\n", kt_cpu_family_name(family));
    if (family == KT_FAMILY_OTHER) {
        fputs("rows are kept by family: add this one to engine/cpu.h and cpu.c first\n", stderr);
        return 1;
    }
    void *const state = take(STATE_BYTES);
    puts("/* What kernels cost, by kernel set, precision and family of processors: rows in "
         "picoseconds, in the\n"
         " * form that costs.h describes. Written by `make costs`, which replaces or adds the rows "
         "of "
         "the\n"
         " * machine that it runs on. The first row of a list is the default. */\n"
         "#ifndef KTQ_KERNELS_COST_TABLES_H\n#define KTQ_KERNELS_COST_TABLES_H\n\n"
         "#include \"ket/kernels/costs.h\"\n\n/* clang-format off */");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        print_set(sets[i], family, state);
    puts("\n/* clang-format on */\n\n#endif");
    kt_heap_give(state);
    return 0;
}
