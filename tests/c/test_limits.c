/* Sizes never wrap, and too much is an error: each count at its limits, one beyond and far away, is
 * taken or refused with the right status, refusals before any memory is asked for; what is too big
 * is refused at once, and the number of qubits named in the refusal fits. */
#include "memory.h"

#include "ketch.h"
#include "suite.h"
#include <time.h>

#define MUST(call) ck_assert_int_eq((call), KETCH_OK)

/* ---- what may be asked of memory ---- */

static uint64_t takes_of(ketch_arena *arena)
{
    return stats_of(arena).takes;
}

/* The call fails so, without asking for any memory. */
#define REFUSES(arena, call, wanted)                                                               \
    do {                                                                                           \
        const uint64_t takes_ = takes_of(arena);                                                   \
        kt_fault_arm(0, false);                                                                    \
        const ketch_status got_ = (call);                                                          \
        const uint64_t requests_ = kt_fault_count();                                               \
        ck_assert_msg(got_ == (wanted), "%s: %s", #call, ketch_status_name(got_));                 \
        ck_assert_msg(requests_ == 0 && takes_of(arena) == takes_, "%s: asked for memory", #call); \
    } while (0)

static ketch_arena *arena_with(uint64_t budget)
{
    const ketch_arena_options options = {.size = sizeof options, .memory = budget};
    ketch_arena *arena = NULL;
    MUST(ketch_arena_create(&arena, &options, NULL));
    return arena;
}

/* -2..1100, and numbers that are near the ends of their type. */
static int32_t number_of_qubits(int32_t i)
{
    static const int32_t far[] = {INT32_MIN, INT32_MIN + 1, -1000,         4096,
                                  65536,     1 << 30,       INT32_MAX - 1, INT32_MAX};
    return i <= 1102 ? i - 2 : far[i - 1103];
}

enum { NUMBERS = 1103 + 8 };

/* ---- numbers of qubits ---- */

START_TEST(circuits_of_any_number_of_qubits)
{
    ketch_arena *const arena = arena_with(GIB);
    for (int32_t i = 0; i < NUMBERS; i++) {
        const int32_t qubits = number_of_qubits(i);
        ketch_circuit *circuit = NULL;
        if (qubits < 1 || qubits > KETCH_QUBITS_MAX) {
            REFUSES(arena, ketch_circuit_create(&circuit, qubits, 0, NULL), KETCH_RANGE);
            continue;
        }
        MUST(ketch_circuit_create(&circuit, qubits, 0, NULL));
        MUST(ketch_h(circuit, qubits - 1, NULL));
        REFUSES(arena, ketch_h(circuit, qubits, NULL), KETCH_INDEX);
        REFUSES(arena, ketch_h(circuit, INT32_MAX, NULL), KETCH_INDEX);
        REFUSES(arena, ketch_h(circuit, INT32_MIN, NULL), KETCH_INDEX);
        ketch_circuit_destroy(circuit);
    }
    ketch_arena_drop(arena);
}
END_TEST

/* A state that fits is made, a number that cannot be is refused unseen, the rest is MEMORY. */
static void try_state(ketch_arena *arena, int32_t qubits, ketch_precision precision, int32_t most)
{
    ketch_state *state = NULL;
    const uint64_t used = stats_of(arena).used;
    if (qubits < 1 || qubits > KETCH_QUBITS_MAX) {
        REFUSES(arena, ketch_state_create(&state, arena, qubits, precision, NULL), KETCH_RANGE);
        REFUSES(arena, ketch_state_adopt(&state, arena, qubits, precision, arena, 1, NULL),
                KETCH_RANGE);
        return;
    }
    const ketch_status status = ketch_state_create(&state, arena, qubits, precision, NULL);
    ck_assert_int_eq(status, qubits <= most ? KETCH_OK : KETCH_MEMORY);
    ck_assert(status == KETCH_OK ? state != NULL : !state && stats_of(arena).used == used);
    ketch_state_drop(state);
    static double few[2] __attribute__((aligned(16)));
    REFUSES(arena, ketch_state_adopt(&state, arena, qubits, precision, few, 15, NULL),
            KETCH_BUFFER);
}

START_TEST(states_of_any_number_of_qubits)
{
    const bool single = _i;
    ketch_arena *const arena = arena_with(MIB);
    for (int32_t i = 0; i < NUMBERS; i++)
        try_state(arena, number_of_qubits(i), single ? KETCH_SINGLE : KETCH_DOUBLE, 15 + single);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(registers_of_any_number_of_qubits)
{
    static const uint64_t far[] = {UINT32_MAX, (UINT64_C(1) << 32) + 1, UINT64_C(1) << 63,
                                   UINT64_MAX};
    for (uint64_t i = 0; i < 1101 + 4; i++) {
        const uint64_t qubits = i <= 1100 ? i : far[i - 1101];
        char text[64];
        ketch_circuit *circuit = NULL;
        const int length = snprintf(text, sizeof text, "qreg q[%" PRIu64 "];", qubits);
        const ketch_status status = ketch_circuit_parse(&circuit, text, (size_t)length, NULL, NULL);
        const bool good = qubits >= 1 && qubits <= KETCH_QUBITS_MAX;
        ck_assert_int_eq(status, good ? KETCH_OK : KETCH_RANGE);
        ck_assert_int_eq(ketch_circuit_qubits(circuit), good ? (int32_t)qubits : 0);
        ketch_circuit_destroy(circuit);
    }
}
END_TEST

/* ---- classical bits ---- */

START_TEST(any_number_of_bits)
{
    static const int32_t bad[] = {INT32_MIN, -1, KETCH_BITS_MAX + 1, INT32_MAX};
    ketch_arena *const arena = arena_with(GIB);
    ketch_circuit *circuit = NULL;
    for (int i = 0; i < 4; i++)
        REFUSES(arena, ketch_circuit_create(&circuit, 1, bad[i], NULL), KETCH_RANGE);
    MUST(ketch_circuit_create(&circuit, 1, KETCH_BITS_MAX - 1, NULL));
    for (int i = 0; i < 4; i++)
        REFUSES(arena, ketch_circuit_add_register(circuit, "d", bad[i], NULL), KETCH_RANGE);
    REFUSES(arena, ketch_circuit_add_register(circuit, "d", 0, NULL), KETCH_RANGE);
    REFUSES(arena, ketch_circuit_add_register(circuit, "d", 2, NULL), KETCH_RANGE);
    MUST(ketch_circuit_add_register(circuit, "d", 1, NULL));
    REFUSES(arena, ketch_circuit_add_register(circuit, "e", 1, NULL), KETCH_RANGE);
    MUST(ketch_circuit_measure(circuit, 0, KETCH_BITS_MAX - 1, NULL));
    REFUSES(arena, ketch_circuit_measure(circuit, 0, KETCH_BITS_MAX, NULL), KETCH_INDEX);
    REFUSES(arena, ketch_circuit_measure(circuit, 0, INT32_MIN, NULL), KETCH_INDEX);
    MUST(ketch_circuit_condition(circuit, KETCH_BITS_MAX - 64, 64, UINT64_MAX, NULL));
    REFUSES(arena, ketch_circuit_condition(circuit, KETCH_BITS_MAX - 63, 64, 0, NULL), KETCH_RANGE);
    REFUSES(arena, ketch_circuit_condition(circuit, 0, 65, 0, NULL), KETCH_RANGE);
    REFUSES(arena, ketch_circuit_condition(circuit, 0, INT32_MAX, 0, NULL), KETCH_RANGE);
    REFUSES(arena, ketch_circuit_condition(circuit, INT32_MAX, 1, 0, NULL), KETCH_INDEX);
    REFUSES(arena, ketch_circuit_condition(circuit, 0, 63, UINT64_C(1) << 63, NULL), KETCH_RANGE);
    ketch_circuit_destroy(circuit);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- lists of qubits, matrices ---- */

enum { WIDE = KETCH_QUBITS_MAX };

/* Ones on the diagonal of a matrix on `qubits` qubits, of which at most `most` matter. */
static double *identity(int32_t qubits, int32_t most)
{
    const int32_t bits = qubits < 0 ? 0 : qubits < most ? qubits : most;
    const size_t dimension = (size_t)1 << bits;
    double *const matrix = calloc(2 * dimension * dimension, sizeof *matrix);
    ck_assert_ptr_nonnull(matrix);
    for (size_t i = 0; i < dimension; i++)
        matrix[2 * i * (dimension + 1)] = 1;
    return matrix;
}

#define TAKES(arena, good, call)                                                                   \
    do {                                                                                           \
        if (good)                                                                                  \
            MUST(call);                                                                            \
        else                                                                                       \
            REFUSES(arena, call, KETCH_RANGE);                                                     \
    } while (0)

static void try_lists(ketch_arena *arena, ketch_circuit *c, const int32_t *qubits, int32_t n)
{
    static double phases[2 << 10];
    enum { MOST = KETCH_UNITARY_QUBITS_MAX };
    double *const own = identity(n, MOST), *const widest = identity(MOST, MOST);
    for (int i = 0; i < 1 << 10; i++)
        phases[2 * i] = 1;
    TAKES(arena, n >= 1 && n <= MOST,
          ketch_circuit_unitary(c, n, qubits, own, 0, 0, NULL, NULL, NULL));
    TAKES(arena, n >= 1 && n <= 10,
          ketch_circuit_diagonal(c, n, qubits, phases, 0, 0, NULL, NULL, NULL));
    TAKES(arena, n >= 0 && n <= WIDE - MOST,
          ketch_circuit_unitary(c, MOST, qubits, widest, 0, n, qubits + MOST, NULL, NULL));
    TAKES(arena, n >= 0 && n < WIDE,
          ketch_circuit_controlled(c, KETCH_GATE_H, qubits, NULL, n, qubits + 1, NULL, NULL));
    TAKES(arena, n >= 0 && n <= WIDE, ketch_circuit_barrier(c, n, qubits, NULL));
    free(own);
    free(widest);
}

START_TEST(lists_of_any_number_of_qubits)
{
    static const int32_t counts[] = {INT32_MIN, -1, 0,  1,  6,  7,  10,
                                     11,        52, 53, 57, 58, 59, INT32_MAX};
    int32_t qubits[WIDE + 1];
    ketch_arena *const arena = arena_with(GIB);
    ketch_circuit *circuit = NULL;
    MUST(ketch_circuit_create(&circuit, WIDE, 0, NULL));
    for (int32_t i = 0; i <= WIDE; i++)
        qubits[i] = i;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        try_lists(arena, circuit, qubits, counts[i]);
    ketch_circuit_destroy(circuit);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- many gates ---- */

START_TEST(any_number_of_gates)
{
    static const int32_t gates[4] = {KETCH_GATE_H, KETCH_GATE_H, KETCH_GATE_H, KETCH_GATE_H};
    static const int32_t qubits[4] = {0, 0, 0, 0};
    static const double params[1] = {0};
    static const uint64_t far[] = {4, 1000, UINT64_C(1) << 33, INT64_MAX, UINT64_MAX};
    ketch_circuit *circuit = NULL;
    MUST(ketch_circuit_create(&circuit, 1, 0, NULL));
    MUST(ketch_circuit_gates(circuit, 0, NULL, NULL, 0, NULL, 0, NULL));
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(ketch_circuit_gates(circuit, far[i], gates, qubits, 3, NULL, 0, NULL),
                         KETCH_ARITY);
        ck_assert_int_eq(ketch_circuit_gates(circuit, 3, gates, qubits, far[i], NULL, 0, NULL),
                         KETCH_ARITY);
        ck_assert_int_eq(ketch_circuit_gates(circuit, 4, gates, qubits, 4, params, far[i], NULL),
                         KETCH_ARITY);
        ck_assert_int_eq(ketch_circuit_gates(circuit, 0, NULL, qubits, far[i], NULL, 0, NULL),
                         KETCH_ARITY);
    }
    ck_assert_uint_eq(ketch_circuit_steps(circuit), 0);
    MUST(ketch_circuit_gates(circuit, 4, gates, qubits, 4, NULL, 0, NULL));
    ck_assert_uint_eq(ketch_circuit_steps(circuit), 4);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- engines, programs, blocks ---- */

START_TEST(any_number_of_threads)
{
    static const int32_t bad[] = {INT32_MIN, -1, 65, 1000000, INT32_MAX};
    ketch_arena *const arena = arena_with(GIB);
    ketch_engine *engine = NULL;
    ketch_engine_options options = {.size = sizeof options, .arena = arena};
    for (int i = 0; i < 5; i++) {
        options.threads = bad[i];
        REFUSES(arena, ketch_engine_create(&engine, &options, NULL), KETCH_RANGE);
    }
    for (options.threads = 0; options.threads <= 64; options.threads += 32) {
        MUST(ketch_engine_create(&engine, &options, NULL));
        MUST(ketch_engine_destroy(engine, NULL));
    }
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(any_tile)
{
    static const int32_t numbers[] = {INT32_MIN, -1, 0, 1, 4, 5, 20, 21, 58, INT32_MAX};
    ketch_arena *const arena = arena_with(GIB);
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    MUST(ketch_circuit_create(&circuit, 30, 0, NULL));
    for (int32_t qubit = 0; qubit < 30; qubit++)
        MUST(ketch_h(circuit, qubit, NULL));
    for (int i = 0; i < 100; i++) {
        const int32_t tile = numbers[i / 10], run = numbers[i % 10];
        const ketch_program_options options = {
            .size = sizeof options, .tile_bits = tile, .run_bits = run, .fence_every = UINT64_MAX};
        if ((tile == 0 || (tile >= 5 && tile <= 20)) && (run >= 0 && run <= 20)) {
            MUST(ketch_program_create(&program, circuit, &options, NULL));
            ketch_program_drop(program);
        } else {
            REFUSES(arena, ketch_program_create(&program, circuit, &options, NULL), KETCH_RANGE);
        }
    }
    ketch_circuit_destroy(circuit);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(blocks_of_any_size)
{
    ketch_arena *const arena = arena_with(UINT64_MAX);
    ketch_arena *const small = arena_with(MIB);
    ketch_block *block = NULL;
    REFUSES(arena, ketch_block_take(&block, arena, 0, NULL, NULL), KETCH_RANGE);
    for (uint64_t less = 0; less < UINT64_C(1) << 40; less = 2 * less + 1) {
        ck_assert_int_eq(ketch_block_take(&block, arena, UINT64_MAX - less, NULL, NULL),
                         KETCH_MEMORY);
        ck_assert_int_eq(ketch_block_take(&block, arena, INT64_MAX - less, NULL, NULL),
                         KETCH_MEMORY);
        ck_assert_int_eq(ketch_block_take(&block, small, UINT64_MAX - less, NULL, NULL),
                         KETCH_MEMORY);
    }
    ck_assert_int_eq(ketch_block_take(&block, small, MIB + 1, NULL, NULL), KETCH_MEMORY);
    MUST(ketch_block_take(&block, small, MIB, NULL, NULL));
    MUST(ketch_block_drop(block));
    MUST(ketch_block_take(&block, small, 1, NULL, NULL));
    MUST(ketch_block_drop(block));
    ketch_arena_drop(arena);
    ketch_arena_drop(small);
}
END_TEST

static ketch_status advance_nothing(ketch_context *context, void *user)
{
    (void)context;
    (void)user;
    return KETCH_OK;
}

static const ketch_job_type nothing_type = {.size = sizeof(ketch_job_type),
                                            .name = "test.nothing",
                                            .version = 1,
                                            .advance = advance_nothing};

START_TEST(jobs_of_any_size)
{
    ketch_arena *const arena = arena_with(MIB);
    const ketch_engine_options options = {.size = sizeof options, .threads = 64, .arena = arena};
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    MUST(ketch_engine_create(&engine, &options, NULL));
    for (int shift = 0; shift < 64; shift++) {
        ketch_job job = {.size = sizeof job, .type = &nothing_type, .steps = UINT64_MAX};
        job.scratch = UINT64_MAX >> shift;
        const ketch_status status = ketch_engine_run(&result, engine, &job, NULL, NULL);
        ck_assert_int_eq(status, shift < 64 - 13 ? KETCH_MEMORY : KETCH_OK);
        ketch_result_destroy(result);
    }
    MUST(ketch_engine_destroy(engine, NULL));
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- shots, samples, probabilities ---- */

START_TEST(any_number_of_shots)
{
    static const uint64_t far[] = {(UINT64_C(1) << 32) + 1, UINT64_C(1) << 63, UINT64_MAX};
    ketch_arena *const arena = arena_with(MIB);
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .arena = arena};
    ketch_engine *engine = NULL;
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ketch_state *state = NULL;
    ketch_result *result = NULL;
    MUST(ketch_engine_create(&engine, &options, NULL));
    MUST(ketch_circuit_create(&circuit, 1, 1, NULL));
    MUST(ketch_circuit_measure(circuit, 0, 0, NULL));
    MUST(ketch_program_create(&program, circuit, NULL, NULL));
    MUST(ketch_state_create(&state, arena, 1, KETCH_DOUBLE, NULL));
    ketch_shots shots = {.size = sizeof shots};
    for (int i = 0; i < 3; i++) {
        shots.shots = far[i];
        REFUSES(arena, ketch_program_run(&result, engine, program, state, &shots, NULL, NULL),
                KETCH_RANGE);
    }
    shots.shots = UINT64_C(1) << 32;
    ck_assert_int_eq(ketch_program_run(&result, engine, program, state, &shots, NULL, NULL),
                     KETCH_MEMORY);
    for (shots.shots = 0; shots.shots < 2; shots.shots++) {
        MUST(ketch_program_run(&result, engine, program, state, &shots, NULL, NULL));
        ketch_result_destroy(result);
    }
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    ketch_state_drop(state);
    MUST(ketch_engine_destroy(engine, NULL));
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
}
END_TEST

START_TEST(any_number_of_samples)
{
    ketch_arena *const arena = arena_with(MIB);
    const int32_t qubits[] = {0, 1, 2, 3};
    ketch_state *state = NULL;
    uint64_t outcomes[2];
    double numbers[8];
    MUST(ketch_state_create(&state, arena, 3, KETCH_SINGLE, NULL));
    MUST(ketch_state_sample(NULL, 0, NULL, state, 0, UINT64_MAX, NULL));
    MUST(ketch_state_sample(outcomes, 1, NULL, state, 0, UINT64_MAX - 1, NULL));
    REFUSES(arena, ketch_state_sample(outcomes, 2, NULL, state, 0, UINT64_MAX - 1, NULL),
            KETCH_RANGE);
    REFUSES(arena, ketch_state_sample(outcomes, UINT64_C(1) << 63, NULL, state, 0, 0, NULL),
            KETCH_RANGE);
    REFUSES(arena, ketch_state_sample(outcomes, UINT64_MAX, NULL, state, 0, 0, NULL), KETCH_RANGE);
    REFUSES(arena, ketch_state_probabilities(numbers, 8, NULL, state, 4, qubits, NULL),
            KETCH_RANGE);
    REFUSES(arena, ketch_state_probabilities(numbers, 8, NULL, state, INT32_MAX, qubits, NULL),
            KETCH_RANGE);
    REFUSES(arena, ketch_state_probabilities(numbers, 8, NULL, state, INT32_MIN, qubits, NULL),
            KETCH_RANGE);
    REFUSES(arena, ketch_state_probabilities(numbers, 7, NULL, state, 3, qubits, NULL),
            KETCH_BUFFER);
    REFUSES(arena, ketch_state_probabilities(numbers, 0, NULL, state, 0, NULL, NULL), KETCH_BUFFER);
    MUST(ketch_state_probabilities(numbers, 1, NULL, state, 0, NULL, NULL));
    MUST(ketch_state_probabilities(numbers, UINT64_MAX, NULL, state, 3, qubits, NULL));
    static const uint64_t counts[] = {0, 7, 9, UINT64_C(1) << 61, UINT64_MAX};
    for (int i = 0; i < 5; i++)
        REFUSES(arena, ketch_state_set_amplitudes(state, numbers, counts[i], KETCH_DOUBLE, 0, NULL),
                KETCH_SHAPE);
    ketch_state_drop(state);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- too big ---- */

/* Of this process alone: others may keep the machine busy. */
static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Pages that are in memory now. */
static long resident_bytes(void)
{
    long size = 0, resident = 0;
    FILE *const file = fopen("/proc/self/statm", "r");
    if (file) {
        ck_assert_int_eq(fscanf(file, "%ld %ld", &size, &resident), 2);
        fclose(file);
    }
    return resident * (long)page();
}

/* The number in "the largest number of qubits that fits is N". */
static int32_t named_qubits(const ketch_error *error)
{
    static const char words[] = "fits is ";
    const char *const found = strstr(error->message, words);
    ck_assert_msg(found != NULL, "%s", error->message);
    return (int32_t)strtol(found + sizeof words - 1, NULL, 10);
}

/* Asks for too many qubits: refused soon, by that limit, without touching memory, and what the text
 * names fits while one more does not. Returns the largest number. */
static int32_t refuse_qubits(ketch_arena *arena, int32_t qubits, const char *limit)
{
    ketch_error error = {.size = sizeof error};
    ketch_state *state = NULL;
    const long resident = resident_bytes();
    double least = 1;
    for (int i = 0; i < 5; i++) {
        const double start = now_seconds();
        ck_assert_int_eq(ketch_state_create(&state, arena, qubits, KETCH_DOUBLE, &error),
                         KETCH_MEMORY);
        const double seconds = now_seconds() - start;
        least = seconds < least ? seconds : least;
    }
    ck_assert_msg(strstr(error.message, limit) != NULL, "%s", error.message);
    ck_assert_msg(strstr(error.given, "bytes (") && strstr(error.allowed, "bytes ("), "%s",
                  error.message);
    const int32_t most = named_qubits(&error);
    ck_assert_msg(most >= 1 && most < qubits, "%s", error.message);
    if (!WITH_ASAN && !debug_build())
        ck_assert_msg(resident_bytes() - resident <= (long)MIB && least <= 1e-3, "%ld, %g s",
                      resident_bytes() - resident, least);
    figure("P9", "a state that is too large refused, at most 1 ms", 1e3 * least, "ms");
    ck_assert_int_eq(ketch_state_create(&state, arena, most + 1, KETCH_DOUBLE, NULL), KETCH_MEMORY);
    MUST(ketch_state_create(&state, arena, most, KETCH_DOUBLE, NULL));
    ketch_state_drop(state);
    return most;
}

START_TEST(refused_by_a_budget)
{
    for (uint64_t budget = 256 << 10; budget <= GIB; budget *= 2) {
        ketch_arena *const arena = arena_with(budget + 100);
        ketch_state *state = NULL;
        refuse_qubits(arena, 32, "memory budget");
        refuse_qubits(arena, KETCH_QUBITS_MAX, "memory budget");
        MUST(ketch_state_create(&state, arena, 1, KETCH_DOUBLE, NULL));
        refuse_qubits(arena, 40, "memory budget");
        ketch_state_drop(state);
        ck_assert_uint_eq(stats_of(arena).used, 0);
        ketch_arena_drop(arena);
    }
}
END_TEST

/* In a child: 1 GiB of addresses, and a budget that allows for more, also on 32 bits. */
static void run_out_of_addresses(void)
{
    const struct rlimit limit = {GIB, GIB};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
    ketch_arena *const own = arena_with(0), *const large = arena_with(64 * GIB);
    refuse_qubits(own, 30, "address space limit");
    refuse_qubits(large, 30, "operating system");
    ketch_arena_drop(own);
    ketch_arena_drop(large);
}

START_TEST(refused_by_an_address_limit)
{
    run_out_of_addresses();
}
END_TEST

/* Two states of which each would fit, of the greatest number of qubits that does. */
START_TEST(refused_beside_a_large_one)
{
    ketch_arena *const arena = arena_with(0);
    ketch_state *first = NULL, *second = NULL;
    ketch_error error = {.size = sizeof error};
    ck_assert_int_eq(ketch_state_create(&first, arena, 45, KETCH_DOUBLE, &error), KETCH_MEMORY);
    const int32_t most = named_qubits(&error);
    MUST(ketch_state_create(&first, arena, most, KETCH_DOUBLE, NULL));
    const long resident = resident_bytes();
    const double start = now_seconds();
    const ketch_status status = ketch_state_create(&second, arena, most, KETCH_DOUBLE, &error);
    if (status == KETCH_OK) { /* free memory is just under the next power of two */
        ketch_state_drop(second);
        ck_assert_int_eq(ketch_state_create(&second, arena, most + 1, KETCH_DOUBLE, &error),
                         KETCH_MEMORY);
    }
    ck_assert_msg(debug_build() || now_seconds() - start < 0.01, "%g s", now_seconds() - start);
    ck_assert_msg(debug_build() || resident_bytes() - resident <= (long)MIB, "memory was touched");
    ck_assert_int_lt(named_qubits(&error), most + (status == KETCH_OK));
    MUST(ketch_state_create(&second, arena, named_qubits(&error), KETCH_DOUBLE, NULL));
    ketch_state_drop(first);
    ketch_state_drop(second);
    ketch_arena_drop(arena);
}
END_TEST

/* ---- a budget of exactly the need ---- */

static ketch_circuit *needy_circuit(int32_t qubits)
{
    ketch_circuit *c = NULL;
    MUST(ketch_circuit_create(&c, qubits, qubits, NULL));
    for (int32_t q = 0; q < qubits; q++) {
        MUST(ketch_h(c, q, NULL));
        if (q > 0)
            MUST(ketch_cx(c, q - 1, q, NULL));
    }
    for (int32_t q = 0; q < qubits; q++)
        MUST(ketch_circuit_measure(c, q, q, NULL));
    return c;
}

static ketch_status run_within(uint64_t budget, int32_t threads, bool plans_first,
                               ketch_program *program, const ketch_shots *shots)
{
    const ketch_engine_options options = {
        .size = sizeof options, .threads = threads, .memory = budget};
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    ketch_need need = {.size = sizeof need};
    MUST(ketch_engine_create(&engine, &options, NULL));
    if (plans_first)
        MUST(ketch_program_need(&need, engine, program, shots, NULL));
    const ketch_status status =
        ketch_program_run(&result, engine, program, NULL, shots, NULL, NULL);
    ketch_result_destroy(result);
    if (status == KETCH_OK) { /* and again, in the memory of the first run */
        MUST(ketch_program_run(&result, engine, program, NULL, shots, NULL, NULL));
        ketch_result_destroy(result);
    }
    MUST(ketch_engine_destroy(engine, NULL));
    return status;
}

static void try_need(ketch_program *program, int32_t threads, const ketch_shots *shots)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *engine = NULL;
    ketch_need need = {.size = sizeof need};
    MUST(ketch_engine_create(&engine, &options, NULL));
    MUST(ketch_program_need(&need, engine, program, shots, NULL));
    MUST(ketch_engine_destroy(engine, NULL));
    for (int plans_first = 0; plans_first < 2; plans_first++) {
        MUST(run_within(need.bytes, threads, plans_first, program, shots));
        ck_assert_int_eq(run_within(need.bytes - 1, threads, false, program, shots), KETCH_MEMORY);
    }
}

START_TEST(a_budget_of_the_need_suffices)
{
    const int32_t first[1] = {0};
    const ketch_observable observables[2] = {
        {.size = sizeof(ketch_observable), .kind = KETCH_OBSERVE_NORM},
        {.size = sizeof(ketch_observable),
         .kind = KETCH_OBSERVE_PROBABILITIES,
         .count = 1,
         .qubits = first}};
    for (int32_t qubits = 1; qubits <= 20; qubits++) {
        ketch_circuit *const c = needy_circuit(qubits);
        const ketch_program_options options = {.size = sizeof options,
                                               .precision = _i ? KETCH_SINGLE : KETCH_DOUBLE};
        ketch_program *program = NULL;
        MUST(ketch_program_create(&program, c, &options, NULL));
        for (uint64_t shots = 0; shots <= 10000; shots = 100 * shots + 100)
            for (uint32_t count = 0; count <= 2; count += 2) {
                const ketch_shots asked = {.size = sizeof asked,
                                           .shots = shots,
                                           .seed = 1,
                                           .observables = observables,
                                           .observable_count = count};
                try_need(program, 1 + qubits % 3, &asked);
            }
        ketch_program_drop(program);
        ketch_circuit_destroy(c);
    }
}
END_TEST

int main(void)
{
    static const char *const not_asan = "the address sanitizer has memory of its own";
    Suite *const suite = suite_create("limits");
    TCase *const counts = tcase_create("counts"), *const sizes = tcase_create("sizes");
    TCase *const forked = tcase_create("forked"), *const needs = tcase_create("needs");
    tcase_set_timeout(counts, 60);
    tcase_set_timeout(sizes, 60);
    tcase_set_timeout(forked, 60);
    tcase_set_timeout(needs, 60);
    tcase_set_tags(needs, "one-thread");
    tcase_set_tags(forked, "fork"); /* it sets limits that only a process of its own may have */
    tcase_add_test(counts, circuits_of_any_number_of_qubits);
    add_precisions(counts, states_of_any_number_of_qubits);
    tcase_add_test(counts, registers_of_any_number_of_qubits);
    tcase_add_test(counts, any_number_of_bits);
    tcase_add_test(counts, lists_of_any_number_of_qubits);
    tcase_add_test(counts, any_number_of_gates);
    tcase_add_test(counts, any_number_of_threads);
    tcase_add_test(counts, any_tile);
    tcase_add_test(counts, blocks_of_any_size);
    tcase_add_test(counts, jobs_of_any_size);
    tcase_add_test(counts, any_number_of_shots);
    tcase_add_test(counts, any_number_of_samples);
    tcase_add_test(sizes, refused_by_a_budget);
    add_precisions(needs, a_budget_of_the_need_suffices);
    add_where(sizes, refused_beside_a_large_one, !WITH_ASAN, not_asan);
    add_where(forked, refused_by_an_address_limit, !WITH_ASAN, not_asan);
    suite_add_tcase(suite, counts);
    suite_add_tcase(suite, sizes);
    suite_add_tcase(suite, needs);
    suite_add_tcase(suite, forked);
    return end_with(suite);
}
