/* A service in small: four threads, each with an engine of its own, one arena for the memory of all
 * and one program that all run at once. */
#include "ketch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { CLIENTS = 4, QUBITS = 12, SHOTS = 1000 };

/* What a client gets, and what it hands back. Each has its own error struct: texts never mix. */
typedef struct client {
    ketch_arena *arena;
    ketch_program *program;
    uint64_t seed;
    uint64_t ones; /* shots in which every qubit was 1 */
    ketch_error error;
} client;

static uint64_t count_ones(const ketch_outcomes *outcomes)
{
    uint64_t ones = 0;
    for (uint64_t shot = 0; shot < outcomes->shots; shot++) {
        const uint8_t *const row = outcomes->rows + shot * outcomes->bits;
        uint64_t sum = 0;
        for (uint64_t bit = 0; bit < outcomes->bits; bit++)
            sum += row[bit];
        ones += sum == outcomes->bits;
    }
    return ones;
}

static ketch_status run_program(client *me, ketch_engine *engine, ketch_state *state)
{
    const ketch_shots shots = {.size = sizeof shots, .shots = SHOTS, .seed = me->seed};
    ketch_result *result;
    ketch_status status =
        ketch_program_run(&result, engine, me->program, state, &shots, NULL, &me->error);
    if (status != KETCH_OK)
        return status;
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    status = ketch_circuit_result_outcomes(&outcomes, result, &me->error);
    if (status == KETCH_OK)
        me->ones = count_ones(&outcomes);
    ketch_result_destroy(result);
    return status;
}

static void *serve(void *user)
{
    client *const me = user;
    const ketch_engine_options options = {.size = sizeof options, .threads = 1, .arena = me->arena};
    ketch_engine *engine;
    if (ketch_engine_create(&engine, &options, &me->error) != KETCH_OK)
        return NULL;
    ketch_state *state;
    if (ketch_state_create(&state, me->arena, QUBITS, KETCH_SINGLE, &me->error) == KETCH_OK) {
        run_program(me, engine, state);
        ketch_state_drop(state);
    }
    ketch_engine_destroy(engine, NULL);
    return NULL;
}

static ketch_status make_program(ketch_program **program, ketch_error *error)
{
    ketch_circuit *circuit;
    ketch_status status = ketch_circuit_create(&circuit, QUBITS, QUBITS, error);
    if (status != KETCH_OK)
        return status;
    ketch_h(circuit, 0, NULL); /* in range by construction: nothing to check */
    for (int32_t q = 1; q < QUBITS; q++)
        ketch_cx(circuit, q - 1, q, NULL);
    for (int32_t q = 0; q < QUBITS; q++)
        ketch_circuit_measure(circuit, q, q, NULL);
    const ketch_program_options options = {.size = sizeof options, .precision = KETCH_SINGLE};
    status = ketch_program_create(program, circuit, &options, error);
    ketch_circuit_destroy(circuit);
    return status;
}

static void serve_all(ketch_arena *arena, ketch_program *program)
{
    static client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (client){.arena = arena, .program = program, .seed = (uint64_t)i};
        clients[i].error.size = sizeof clients[i].error;
        if (pthread_create(&threads[i], NULL, serve, &clients[i]) != 0)
            exit(1);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        printf("client %d: all ones in %" PRIu64 " of %d shots%s\n", i, clients[i].ones, SHOTS,
               clients[i].error.message);
    }
}

int main(void)
{
    ketch_error error = {.size = sizeof error};
    const ketch_arena_options options = {.size = sizeof options, .memory = 64 << 20};
    ketch_arena *arena = NULL;
    ketch_program *program = NULL;
    ketch_status status = ketch_arena_create(&arena, &options, &error);
    if (status == KETCH_OK)
        status = make_program(&program, &error);
    if (status == KETCH_OK)
        serve_all(arena, program);
    else
        fprintf(stderr, "%s: %s\n", ketch_status_name(status), error.message);
    ketch_program_drop(program);
    ketch_arena_stats stats = {.size = sizeof stats};
    if (status == KETCH_OK && ketch_arena_get_stats(&stats, arena, &error) == KETCH_OK)
        printf("blocks still in use: %" PRIu64 " bytes\n", stats.used);
    ketch_arena_drop(arena);
    return status == KETCH_OK ? 0 : 1;
}
