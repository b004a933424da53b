#include <ketch.h>
#include <stdio.h>

/* A Bell pair: prints the probabilities of 00, 01, 10, 11. */
int main(void)
{
    ketch_error error = {.size = sizeof error};
    ketch_engine *engine = NULL;
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    ketch_state *state = NULL;
    ketch_result *result = NULL;
    double p[4] = {0};
    const int32_t qubits[2] = {0, 1};
    const int bad =
        ketch_engine_create(&engine, NULL, &error) ||
        ketch_circuit_create(&circuit, 2, 0, &error) || ketch_h(circuit, 0, &error) ||
        ketch_cx(circuit, 0, 1, &error) || ketch_program_create(&program, circuit, NULL, &error) ||
        ketch_state_create(&state, ketch_engine_arena(engine), 2, KETCH_DOUBLE, &error) ||
        ketch_program_run(&result, engine, program, state, NULL, NULL, &error) ||
        ketch_state_probabilities(p, 4, engine, state, 2, qubits, &error);
    printf("%s%.3f %.3f %.3f %.3f\n", error.message, p[0], p[1], p[2], p[3]);
    ketch_result_destroy(result);
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    ketch_engine_destroy(engine, NULL);
    return bad;
}
