/* Two qubits that always agree: make a circuit, run it, read the amplitudes. */
#include "ketch.h"

#include <stdio.h>
#include <stdlib.h>

static ketch_error error = {.size = sizeof error};

static void must(ketch_status status)
{
    if (status == KETCH_OK)
        return;
    fprintf(stderr, "%s: %s\n", ketch_status_name(status), error.message);
    exit(1);
}

int main(void)
{
    ketch_circuit *circuit;
    must(ketch_circuit_create(&circuit, 2, 0, &error)); /* 2 qubits, no classical bits */
    must(ketch_h(circuit, 0, &error));
    must(ketch_cx(circuit, 0, 1, &error));

    ketch_engine *engine; /* threads and memory */
    must(ketch_engine_create(&engine, NULL, &error));
    ketch_program *program; /* the circuit, planned */
    must(ketch_program_create(&program, circuit, NULL, &error));
    ketch_state *state; /* |00> */
    must(ketch_state_create(&state, ketch_engine_arena(engine), 2, KETCH_DOUBLE, &error));
    ketch_result *result;
    must(ketch_program_run(&result, engine, program, state, NULL, NULL, &error));

    const void *data;
    must(ketch_state_amplitudes(&data, state, &error));
    const double *const amplitudes = data; /* re, im, re, im, ... */
    for (int i = 0; i < 4; i++)
        printf("|%d%d>  %.6f %+.6fi\n", i >> 1, i & 1, amplitudes[2 * i], amplitudes[2 * i + 1]);

    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    must(ketch_engine_destroy(engine, &error));
    return 0;
}
