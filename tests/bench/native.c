/* Measures ketch from C on an OpenQASM 2 file and prints JSON, all in seconds. Use: native FILE
 * THREADS PAIRS. plan: making a program. first: the first run. plain, hooked: runs on reused
 * memory, without hooks, and with a stop token and a hook that is called 20 times a second; in
 * turn, PAIRS of them. */
#define _POSIX_C_SOURCE 200809L
#include <ketch.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SOURCE_MAX = 1 << 20 };

typedef struct {
    ketch_error error;
    ketch_circuit *circuit;
    ketch_engine *engine;
    ketch_program *program;
    uint64_t ticks;
} bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static ketch_status parse(bench *b, const char *path)
{
    static char text[SOURCE_MAX];
    FILE *file = fopen(path, "r");
    const size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    return ketch_circuit_parse(&b->circuit, text, length, NULL, &b->error);
}

static int32_t count_tick(const ketch_step *step, void *user)
{
    (void)step;
    ++*(uint64_t *)user;
    return 0;
}

/* Seconds of one run from |0...0>, the state included; negative: it failed. */
static double once(bench *b, int hooked)
{
    ketch_stop stop = {0};
    ketch_run run = {.size = sizeof run, .tick_seconds = -1};
    ketch_state *state = NULL;
    ketch_result *result = NULL;
    if (hooked) {
        run.tick_seconds = 0.05;
        run.hook = count_tick;
        run.user = &b->ticks;
        run.stop = &stop;
    }
    const double begun = now();
    ketch_status status =
        ketch_state_create(&state, ketch_engine_arena(b->engine), ketch_circuit_qubits(b->circuit),
                           KETCH_DOUBLE, &b->error);
    if (status == KETCH_OK)
        status = ketch_program_run(&result, b->engine, b->program, state, NULL, &run, &b->error);
    const double ended = now();
    ketch_result_destroy(result);
    ketch_state_drop(state);
    return status == KETCH_OK ? ended - begun : -1;
}

static ketch_status measure(bench *b, int pairs)
{
    const double begun = now();
    const ketch_status status = ketch_program_create(&b->program, b->circuit, NULL, &b->error);
    const double planned = now();
    if (status != KETCH_OK)
        return status;
    printf("{\"plan\": %.9f, \"first\": %.9f, \"pairs\": [", planned - begun, once(b, 0));
    for (int i = 0; i < pairs; i++) {
        const double plain = once(b, 0);
        printf("%s[%.9f, %.9f]", i ? ", " : "", plain, once(b, 1));
    }
    printf("], \"ticks\": %llu}\n", (unsigned long long)b->ticks);
    return b->error.status;
}

int main(int count, char **words)
{
    bench b = {.error = {.size = sizeof b.error}};
    if (count != 4) {
        fprintf(stderr, "use: native FILE THREADS PAIRS\n");
        return 2;
    }
    const ketch_engine_options options = {.size = sizeof options, .threads = atoi(words[2])};
    ketch_status status = parse(&b, words[1]);
    if (status == KETCH_OK)
        status = ketch_engine_create(&b.engine, &options, &b.error);
    if (status == KETCH_OK)
        status = measure(&b, atoi(words[3]));
    if (status != KETCH_OK)
        fprintf(stderr, "%s\n", b.error.message);
    ketch_program_drop(b.program);
    ketch_engine_destroy(b.engine, NULL);
    ketch_circuit_destroy(b.circuit);
    return status != KETCH_OK;
}
