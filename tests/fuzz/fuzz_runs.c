/* Fuzz target: a circuit as text is planned in two ways and run on one and on two threads. The bits
 * must not depend on the threads, and each run must agree with a dense simulator. The first bytes
 * choose how it is planned, the rest is OpenQASM. */
#include "dense.h"
#include "fuzz.h"

#include <complex.h>
#include <math.h>
#include <string.h>

enum { HEAD_SIZE = 6, STEPS_MOST = 300 };

/* A run's end: its amplitudes and classical bits. */
typedef struct ending {
    uint64_t bits;
    size_t size;
    unsigned char amplitudes[sizeof(double complex) << DENSE_QUBITS];
} ending;

/* One with one thread and one with two; they live as long as the process. */
static ketch_engine *engines[2];

static void make_engines(void)
{
    for (int i = 0; i < 2 && !engines[i]; i++) {
        const ketch_engine_options options = {
            .size = sizeof options, .threads = i + 1, .memory = 64 << 20};
        FUZZ_REQUIRE(ketch_engine_create(&engines[i], &options, NULL) == KETCH_OK);
    }
}

static ketch_circuit *parse_small(const fuzz_input *input)
{
    const ketch_parse_options options = {.size = sizeof options, .limit = STEPS_MOST};
    ketch_circuit *circuit = NULL;
    if (ketch_circuit_parse(&circuit, (const char *)input->data, input->size, &options, NULL))
        return NULL;
    if (ketch_circuit_qubits(circuit) > 0 && ketch_circuit_qubits(circuit) <= DENSE_QUBITS &&
        ketch_circuit_bits(circuit) <= 64)
        return circuit;
    ketch_circuit_destroy(circuit);
    return NULL;
}

/* The planner's choice, which is the whole state, and the least that there are. */
static const int32_t tile_sizes[] = {0, 5, 6};

static ketch_program_options choose_options(fuzz_input *input)
{
    ketch_program_options options = {.size = sizeof options};
    const uint8_t flags = fuzz_byte(input);
    options.precision = flags & 1 ? KETCH_SINGLE : KETCH_DOUBLE;
    options.plain = flags >> 1 & 1;
    options.fence_every = fuzz_byte(input) % 8;
    options.kernels = (ketch_kernels)(fuzz_byte(input) % 4);
    if (!ketch_kernels_usable(options.kernels))
        options.kernels = 0;
    options.tile_bits = tile_sizes[fuzz_below(input, 3)];
    options.run_bits = fuzz_below(input, 4);
    return options;
}

static ketch_program *plan_circuit(const ketch_circuit *circuit,
                                   const ketch_program_options *options)
{
    ketch_program *program = NULL;
    FUZZ_REQUIRE(ketch_program_create(&program, circuit, options, NULL) == KETCH_OK);
    return program;
}

/* The next state of that size lies in memory that holds no zeros. */
static void soil_memory(ketch_engine *engine, int32_t qubits, ketch_precision precision)
{
    double complex numbers[1 << DENSE_QUBITS];
    ketch_state *state = NULL;
    const size_t count = (size_t)1 << qubits;
    for (size_t i = 0; i < count; i++)
        numbers[i] = 1 + 2 * I;
    FUZZ_REQUIRE(ketch_state_create(&state, ketch_engine_arena(engine), qubits, precision, NULL) ==
                 KETCH_OK);
    FUZZ_REQUIRE(ketch_state_set_amplitudes(state, numbers, count, KETCH_DOUBLE, 1, NULL) ==
                 KETCH_OK);
    ketch_state_drop(state);
}

static void run_program(ending *end, int threads, ketch_program *program, uint64_t seed)
{
    const ketch_shots shots = {.size = sizeof shots, .seed = seed};
    const void *amplitudes;
    ketch_result *result = NULL;
    ketch_error error = {.size = sizeof error};
    FUZZ_REQUIRE(ketch_program_run(&result, engines[threads - 1], program, NULL, &shots, NULL,
                                   &error) == KETCH_OK);
    const ketch_state *const state = ketch_circuit_result_state(result);
    FUZZ_REQUIRE(ketch_state_amplitudes(&amplitudes, state, &error) == KETCH_OK);
    end->bits = fuzz_bits(result);
    end->size = (ketch_state_precision(state) == KETCH_SINGLE ? sizeof(float complex)
                                                              : sizeof(double complex))
                << ketch_state_qubits(state);
    memcpy(end->amplitudes, amplitudes, end->size);
    ketch_result_destroy(result);
}

/* Shots of a program on one and on two threads are the same. RANGE: nothing is measured. */
static void compare_shots(ketch_program *program, uint64_t seed)
{
    const ketch_shots shots = {.size = sizeof shots, .seed = seed, .shots = 5};
    ketch_result *results[2];
    ketch_outcomes rows[2] = {{.size = sizeof *rows}, {.size = sizeof *rows}};
    for (int i = 0; i < 2; i++) {
        const ketch_status status =
            ketch_program_run(&results[i], engines[i], program, NULL, &shots, NULL, NULL);
        if (i == 0 && status == KETCH_RANGE)
            return;
        FUZZ_REQUIRE(status == KETCH_OK);
        FUZZ_REQUIRE(ketch_circuit_result_outcomes(&rows[i], results[i], NULL) == KETCH_OK);
    }
    FUZZ_REQUIRE(rows[0].shots == 5 && rows[1].shots == 5 && rows[0].bits == rows[1].bits);
    FUZZ_REQUIRE(!memcmp(rows[0].rows, rows[1].rows, 5 * rows[0].bits));
    for (int i = 0; i < 2; i++)
        ketch_result_destroy(results[i]);
}

static void compare_runs(const dense *reference, const ketch_circuit *circuit,
                         const ketch_program_options *options, uint64_t seed)
{
    static ending one, two;
    ketch_program *const program = plan_circuit(circuit, options);
    for (int i = 0; i < 2; i++)
        soil_memory(engines[i], ketch_circuit_qubits(circuit), options->precision);
    run_program(&one, 1, program, seed);
    run_program(&two, 2, program, seed);
    FUZZ_REQUIRE(one.bits == two.bits && !memcmp(one.amplitudes, two.amplitudes, one.size));
    if (seed % 2 && ketch_circuit_bits(circuit))
        compare_shots(program, seed);
    ketch_program_drop(program);
    const double tolerance = options->precision == KETCH_SINGLE ? 1e-4 : 1e-12;
    FUZZ_REQUIRE(!reference || dense_distance(reference, one.bits, one.amplitudes,
                                              options->precision) < tolerance);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dense reference;
    if (size < HEAD_SIZE)
        return 0;
    fuzz_input input = {data, size};
    ketch_program_options options = choose_options(&input);
    const uint64_t seed = fuzz_byte(&input);
    ketch_circuit *const circuit = parse_small(&input);
    if (!circuit)
        return 0;
    make_engines();
    dense_begin(&reference, ketch_circuit_qubits(circuit), NULL);
    const dense *const known = dense_apply(&reference, circuit, NULL) ? &reference : NULL;
    compare_runs(known, circuit, &options, seed);
    options.plain = !options.plain;
    compare_runs(known, circuit, &options, seed);
    ketch_circuit_destroy(circuit);
    return 0;
}
