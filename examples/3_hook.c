/* Watch a run and stop it: a hook at fences, a stop in the middle, and a resume that ends in the
 * same bits as a run that nobody disturbed. */
#include "ketch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUBITS = 10, ROUNDS = 20 };

static ketch_error error = {.size = sizeof error};

static void must(ketch_status status)
{
    if (status >= KETCH_OK) /* a stop is no failure */
        return;
    fprintf(stderr, "%s: %s\n", ketch_status_name(status), error.message);
    exit(1);
}

static ketch_program *make_program(void)
{
    ketch_circuit *circuit;
    must(ketch_circuit_create(&circuit, QUBITS, 0, &error));
    for (int32_t round = 0; round < ROUNDS; round++)
        for (int32_t q = 0; q < QUBITS; q++) {
            must(ketch_ry(circuit, 0.1 * (round + q), q, &error));
            must(ketch_cx(circuit, q, (q + 1) % QUBITS, &error));
        }
    /* A fence after every 100 gates: there the hook may look at the state. */
    const ketch_program_options options = {.size = sizeof options, .fence_every = 100};
    ketch_program *program;
    must(ketch_program_create(&program, circuit, &options, &error));
    ketch_circuit_destroy(circuit); /* the program keeps what it needs */
    return program;
}

/* Called on the thread that runs. A number above 0 stops the run. */
static int32_t watch(const ketch_step *step, void *user)
{
    const uint64_t *const stop_at = user;
    const void *data;
    must(ketch_state_amplitudes(&data, ketch_step_state(step), &error));
    const double *const first = data;
    printf("%3" PRIu64 " of %" PRIu64 " gates, amplitude of |0...0>: %+.4f\n", step->done,
           step->total, first[0]);
    return step->done == *stop_at;
}

int main(void)
{
    ketch_engine *engine;
    must(ketch_engine_create(&engine, NULL, &error));
    ketch_arena *const arena = ketch_engine_arena(engine);
    ketch_program *const program = make_program();
    ketch_state *watched, *plain;
    must(ketch_state_create(&watched, arena, QUBITS, KETCH_DOUBLE, &error));
    must(ketch_state_create(&plain, arena, QUBITS, KETCH_DOUBLE, &error));

    uint64_t stop_at = 200;
    const ketch_run run = {
        .size = sizeof run, .hook = watch, .user = &stop_at, .tick_seconds = -1 /* fences only */};
    ketch_result *result;
    must(ketch_program_run(&result, engine, program, watched, NULL, &run, &error));
    printf("%s; going on\n", ketch_status_name(ketch_result_status(result)));
    must(ketch_engine_resume(engine, result, &run, &error));
    printf("%s\n", ketch_status_name(ketch_result_status(result)));
    ketch_result_destroy(result);

    must(ketch_program_run(&result, engine, program, plain, NULL, NULL, &error));
    const void *a, *b;
    must(ketch_state_amplitudes(&a, watched, &error));
    must(ketch_state_amplitudes(&b, plain, &error));
    printf("same bits as an undisturbed run: %s\n",
           memcmp(a, b, (size_t)16 << QUBITS) == 0 ? "yes" : "no");

    ketch_result_destroy(result);
    ketch_state_drop(plain);
    ketch_state_drop(watched);
    ketch_program_drop(program);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
