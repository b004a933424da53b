/* Measure a circuit many times: read OpenQASM, draw shots with a seed, print the counts. */
#include "ketch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "OPENQASM 2.0;\n"
                           "include \"qelib1.inc\";\n"
                           "qreg q[3];\n"
                           "creg c[3];\n"
                           "h q[0];\n"
                           "cx q[0], q[1];\n"
                           "ry(0.6) q[2];\n"
                           "measure q -> c;\n";

static ketch_error error = {.size = sizeof error};

static void must(ketch_status status)
{
    if (status == KETCH_OK)
        return;
    fprintf(stderr, "%s: %s\n", ketch_status_name(status), error.message);
    exit(1);
}

/* Distinct outcomes come in the order of the numbers that their bits write. */
static void print_counts(ketch_result *result)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    must(ketch_circuit_result_outcomes(&outcomes, result, &error));
    uint64_t distinct, examples[8], counts[8];
    must(ketch_circuit_result_counts(&distinct, examples, counts, 8, result, &error));
    for (uint64_t i = 0; i < distinct; i++) {
        const uint8_t *const bits = outcomes.rows + examples[i] * outcomes.bits;
        printf("%d%d%d  %" PRIu64 "\n", bits[2], bits[1], bits[0], counts[i]);
    }
}

int main(void)
{
    ketch_engine *engine;
    ketch_circuit *circuit;
    ketch_program *program;
    ketch_state *state;
    must(ketch_engine_create(&engine, NULL, &error));
    must(ketch_circuit_parse(&circuit, text, strlen(text), NULL, &error));
    must(ketch_program_create(&program, circuit, NULL, &error));
    must(ketch_state_create(&state, ketch_engine_arena(engine), ketch_circuit_qubits(circuit),
                            KETCH_DOUBLE, &error));

    /* The same seed gives the same counts, on any number of threads. */
    const ketch_shots shots = {.size = sizeof shots, .shots = 1000, .seed = 7};
    ketch_result *result;
    must(ketch_program_run(&result, engine, program, state, &shots, NULL, &error));
    print_counts(result);

    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
