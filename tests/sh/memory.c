/* memory QUBITS THREADS [single]: runs a circuit that touches every amplitude, twice, and prints
 * seconds, the peak of resident memory and what was promised at most, and the state's huge pages,
 * all in bytes. 77 where the machine has no memory for it, 1 where the peak is above the promise or
 * the second run mapped memory. */
#define _GNU_SOURCE
#include "ketch.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static ketch_error failure = {.size = sizeof failure};

static void must(ketch_status status)
{
    if (status == KETCH_OK)
        return;
    fprintf(stderr, "%s\n", failure.message);
    exit(status == KETCH_MEMORY ? 77 : 1);
}

/* |0...0> + |1...1>, turned, and measured: every qubit is alone and next to another once. */
static ketch_program *compile(int32_t qubits, ketch_precision precision)
{
    const ketch_program_options options = {.size = sizeof options, .precision = precision};
    ketch_circuit *circuit = NULL;
    ketch_program *program = NULL;
    must(ketch_circuit_create(&circuit, qubits, qubits, &failure));
    for (int32_t qubit = 0; qubit < qubits; qubit++)
        must(ketch_h(circuit, qubit, &failure));
    for (int32_t qubit = 1; qubit < qubits; qubit++)
        must(ketch_cx(circuit, qubit - 1, qubit, &failure));
    for (int32_t qubit = 0; qubit < qubits; qubit++)
        must(ketch_rx(circuit, 0.1 * qubit, qubit, &failure));
    for (int32_t qubit = 0; qubit < qubits; qubit++)
        must(ketch_circuit_measure(circuit, qubit, qubit, &failure));
    must(ketch_program_create(&program, circuit, &options, &failure));
    ketch_circuit_destroy(circuit);
    return program;
}

static uint64_t peak_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)usage.ru_maxrss * 1024;
}

/* Bytes in huge pages in the mapping that holds an address. */
static uint64_t huge_bytes(const void *address)
{
    FILE *const file = fopen("/proc/self/smaps", "r");
    char line[512];
    unsigned long long from = 0, to = 0, inside = 0, size = 0, found = 0;
    while (file && fgets(line, sizeof line, file)) {
        if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
            inside = from <= (uintptr_t)address && (uintptr_t)address < to;
        else if (inside && sscanf(line, "AnonHugePages: %llu kB", &size) == 1)
            found = size * 1024;
    }
    if (file)
        fclose(file);
    return found;
}

/* Seconds of a run, and how often it mapped memory; the state has norm 1 after it. */
static double run_once(ketch_engine *engine, ketch_program *program, ketch_state *state,
                       uint64_t *maps)
{
    const ketch_shots shots = {.size = sizeof shots, .shots = 100};
    ketch_report report = {.size = sizeof report};
    ketch_result *result = NULL;
    double norm = 0;
    must(ketch_program_run(&result, engine, program, state, &shots, NULL, &failure));
    must(ketch_result_get_report(&report, result, &failure));
    ketch_result_destroy(result);
    must(ketch_state_norm(&norm, engine, state, &failure));
    if (norm < 0.999 || norm > 1.001) {
        fprintf(stderr, "the norm is %g\n", norm);
        exit(1);
    }
    *maps = report.maps;
    return report.seconds;
}

int main(int count, char **arguments)
{
    const int32_t qubits = count > 1 ? (int32_t)strtol(arguments[1], NULL, 10) : 20;
    const int32_t threads = count > 2 ? (int32_t)strtol(arguments[2], NULL, 10) : 1;
    const int single = count > 3 && strcmp(arguments[3], "single") == 0;
    const ketch_precision precision = single ? KETCH_SINGLE : KETCH_DOUBLE;
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *engine = NULL;
    ketch_state *state = NULL;
    must(ketch_engine_create(&engine, &options, &failure));
    ketch_program *const program = compile(qubits, precision);
    must(ketch_state_create(&state, ketch_engine_arena(engine), qubits, precision, &failure));
    const void *amplitudes = NULL;
    uint64_t maps = 0;
    const double first = run_once(engine, program, state, &maps);
    must(ketch_state_set_ket(state, NULL, &failure));
    const double second = run_once(engine, program, state, &maps);
    must(ketch_state_amplitudes(&amplitudes, state, &failure));
    const uint64_t huge = huge_bytes(amplitudes);
    ketch_state_drop(state);
    ketch_program_drop(program);
    must(ketch_engine_destroy(engine, &failure));
    const uint64_t states = (uint64_t)(single ? 8 : 16) << qubits;
    const uint64_t most = states + ((uint64_t)8 << 20) + (uint64_t)threads * ((uint64_t)2 << 20);
    printf("%.3f and %.3f s, peak %llu of %llu bytes, %.1f MiB over the state\n", first, second,
           (unsigned long long)peak_bytes(), (unsigned long long)most,
           ((double)peak_bytes() - (double)states) / (1 << 20));
    printf("huge pages: %llu of %llu\n", (unsigned long long)huge, (unsigned long long)states);
    return peak_bytes() > most || maps > 0;
}
