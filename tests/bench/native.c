/* Measures ketch from C on OpenQASM 2 files and prints JSON, times in seconds and memory in bytes.
 *
 * native run THREADS PAIRS FILE. plan: making a program. first: the first run. pairs: runs on reused
 * memory, without hooks, and with a stop token and a hook that is called 20 times a second, in turn.
 *
 * native plan ROUNDS FILE... seconds: making a program of each circuit in turn, so many rounds.
 * program: a program's blocks in its arena; planning: the most that planning took there; resident:
 * by how much making the first program let the process grow at most. These three are of the first
 * file, and null where they are not known.
 *
 * native touch THREADS ROUNDS FILE. bytes: of the state. Each round has a new engine: the first run
 * (planning included), planning once more, a second run on the memory of the first, and the first
 * touch of as many bytes by as many threads. */
#define _GNU_SOURCE
#include "must.h"
#include "touch.h"

#include <ketch.h>
#include <stdio.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 20, FILES_MAX = 100 };

static ketch_circuit *parse(const char *path)
{
    FILE *const file = fopen(path, "r");
    char *const text = malloc(TEXT_MAX);
    if (!file || !text) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    ketch_circuit *circuit = NULL;
    must(ketch_circuit_parse(&circuit, text, fread(text, 1, TEXT_MAX, file), NULL, &error));
    fclose(file);
    free(text);
    return circuit;
}

static ketch_engine *create_engine(const char *threads)
{
    ketch_engine *engine = NULL;
    const ketch_engine_options options = {.size = sizeof options, .threads = atoi(threads)};
    must(ketch_engine_create(&engine, &options, &error));
    return engine;
}

/* ---- runs ---- */

static int32_t count_tick(const ketch_step *step, void *user)
{
    (void)step;
    ++*(uint64_t *)user;
    return 0;
}

/* Seconds of one run from |0...0>, the state included. ticks: counted by a hook; NULL: none. */
static double time_run(ketch_engine *engine, ketch_program *program, uint64_t *ticks)
{
    ketch_stop stop = {0};
    ketch_run run = {.size = sizeof run, .tick_seconds = -1};
    ketch_result *result = NULL;
    if (ticks) {
        run.tick_seconds = 0.05;
        run.hook = count_tick;
        run.user = ticks;
        run.stop = &stop;
    }
    const double begun = now();
    must(ketch_program_run(&result, engine, program, NULL, NULL, &run, &error));
    const double ended = now();
    ketch_result_destroy(result);
    return ended - begun;
}

static void measure_runs(const char *threads, int pairs, const char *path)
{
    ketch_circuit *const circuit = parse(path);
    ketch_engine *const engine = create_engine(threads);
    ketch_program *program = NULL;
    uint64_t ticks = 0;
    const double begun = now();
    must(ketch_program_create(&program, circuit, NULL, &error));
    const double plan = now() - begun;
    printf("{\"plan\": %.9f, \"first\": %.9f", plan, time_run(engine, program, NULL));
    for (int i = 0; i < pairs; i++) {
        const double plain = time_run(engine, program, NULL);
        printf(", %s[%.9f, %.9f]", i ? "" : "\"pairs\": [", plain,
               time_run(engine, program, &ticks));
    }
    printf("], \"ticks\": %llu}\n", (unsigned long long)ticks);
    ketch_program_drop(program);
    ketch_engine_destroy(engine, NULL);
    ketch_circuit_destroy(circuit);
}

/* ---- planning ---- */

static void print_bytes(const char *name, int64_t bytes)
{
    if (bytes < 0)
        printf("\"%s\": null, ", name);
    else
        printf("\"%s\": %lld, ", name, (long long)bytes);
}

/* What the arena counts under a tag, now or at most; -1: it has no such tag. */
static int64_t tag_bytes(ketch_arena *arena, const char *name, int at_most)
{
    ketch_arena_tag tag = {.size = sizeof tag};
    for (int32_t i = 0; ketch_arena_get_tag(&tag, arena, i, &error) == KETCH_OK; i++)
        if (strcmp(tag.name, name) == 0)
            return (int64_t)(at_most ? tag.peak : tag.used);
    return -1;
}

/* A line of /proc/self/status, in bytes; -1: there is none. */
static int64_t status_bytes(const char *name)
{
    char line[200];
    long long kib = -1;
    FILE *const file = fopen("/proc/self/status", "r");
    while (file && kib < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            kib = atoll(line + strlen(name));
    if (file)
        fclose(file);
    return kib < 0 ? -1 : kib * 1024;
}

/* Lets the process's peak begin anew; 0: the system does not allow it. */
static int forget_peak(void)
{
    FILE *const file = fopen("/proc/self/clear_refs", "w");
    const int written = file && fputs("5", file) >= 0;
    return file && fclose(file) == 0 && written;
}

static double time_plan(const ketch_circuit *circuit, ketch_arena *arena, ketch_program **program)
{
    const ketch_program_options options = {.size = sizeof options, .arena = arena};
    const double begun = now();
    must(ketch_program_create(program, circuit, &options, &error));
    return now() - begun;
}

static void measure_memory(const ketch_circuit *circuit, ketch_arena *arena)
{
    ketch_program *program = NULL;
    const int is_known = forget_peak();
    const int64_t before = status_bytes("VmRSS:");
    time_plan(circuit, arena, &program);
    const int64_t peak = status_bytes("VmHWM:");
    print_bytes("resident", is_known && before >= 0 && peak >= before ? peak - before : -1);
    print_bytes("program", tag_bytes(arena, "program", 0));
    print_bytes("planning", tag_bytes(arena, "planning", 1));
    ketch_program_drop(program);
}

static void measure_plans(int rounds, char **paths, int count)
{
    ketch_circuit *circuits[FILES_MAX];
    ketch_arena *arena = NULL;
    must(ketch_arena_create(&arena, NULL, &error));
    for (int i = 0; i < count; i++)
        circuits[i] = parse(paths[i]);
    printf("{");
    measure_memory(circuits[0], arena);
    for (int i = 0; i < rounds * count; i++) {
        ketch_program *program = NULL;
        printf("%s%.9f", i ? ", " : "\"seconds\": [",
               time_plan(circuits[i % count], arena, &program));
        ketch_program_drop(program);
    }
    printf("]}\n");
    for (int i = 0; i < count; i++)
        ketch_circuit_destroy(circuits[i]);
    ketch_arena_drop(arena);
}

/* ---- first touch ---- */

static void measure_round(const ketch_circuit *circuit, const char *threads, uint64_t bytes)
{
    ketch_engine *const engine = create_engine(threads);
    ketch_result *result = NULL;
    ketch_program *program = NULL;
    const double begun = now();
    must(ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, &error));
    const double first = now() - begun;
    ketch_result_destroy(result);
    const double plan = time_plan(circuit, ketch_engine_arena(engine), &program);
    const double second = time_run(engine, program, NULL);
    ketch_program_drop(program);
    ketch_engine_destroy(engine, NULL);
    printf("{\"first\": %.9f, \"plan\": %.9f, \"second\": %.9f, \"touch\": %.9f}", first, plan,
           second, touch(bytes, atoi(threads)));
}

static void measure_touch(const char *threads, int rounds, const char *path)
{
    ketch_circuit *const circuit = parse(path);
    const uint64_t bytes = UINT64_C(16) << ketch_circuit_qubits(circuit);
    printf("{\"bytes\": %llu, \"rounds\": [", (unsigned long long)bytes);
    for (int i = 0; i < rounds; i++) {
        printf("%s", i ? ", " : "");
        measure_round(circuit, threads, bytes);
    }
    printf("]}\n");
    ketch_circuit_destroy(circuit);
}

int main(int count, char **words)
{
    const char *const part = count > 3 ? words[1] : "";
    const int files = count - 3;
    if (strcmp(part, "plan") == 0 && files <= FILES_MAX)
        measure_plans(atoi(words[2]), words + 3, files);
    else if (strcmp(part, "run") == 0 && count == 5 && atoi(words[3]) > 0)
        measure_runs(words[2], atoi(words[3]), words[4]);
    else if (strcmp(part, "touch") == 0 && count == 5 && atoi(words[2]) <= THREADS_MAX)
        measure_touch(words[2], atoi(words[3]), words[4]);
    else {
        fprintf(stderr, "use: native run THREADS PAIRS FILE\n"
                        "     native plan ROUNDS FILE...\n"
                        "     native touch THREADS ROUNDS FILE\n");
        return 2;
    }
    return EXIT_SUCCESS;
}
