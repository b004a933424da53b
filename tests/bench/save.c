/* How fast a run is saved, beside dd with conv=fsync of the same random bytes on the same disk. Use:
 * make tests/bench/save && tests/bench/save [MIB [PAIRS [DIRECTORY]]]. 256 MiB are the state of 24
 * qubits, 2048 MiB that of 27. One line a pair, dd and save in turn, then the medians. */
#define _GNU_SOURCE
#include "ketch.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAIRS_MOST = 100 };

typedef struct memory {
    void *bytes;
    uint64_t size;
} memory;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void demand(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static ketch_status do_nothing(ketch_context *context, void *user)
{
    (void)context;
    (void)user;
    return KETCH_OK;
}

static ketch_status save_memory(ketch_writer *writer, const void *user)
{
    const memory *const m = user;
    return ketch_writer_section(writer, "memory", m->bytes, m->size);
}

static const ketch_job_type memory_type = {.size = sizeof(ketch_job_type),
                                           .name = "bench.memory",
                                           .version = 1,
                                           .advance = do_nothing,
                                           .save = save_memory};

static void must(ketch_status status, const ketch_error *error)
{
    if (status == KETCH_OK)
        return;
    fprintf(stderr, "%s\n", error->message);
    exit(EXIT_FAILURE);
}

static double time_save(ketch_result *result, const char *path)
{
    ketch_error error = {.size = sizeof error};
    sync();
    const double begun = seconds();
    must(ketch_result_save(result, path, NULL, 0, 0, &error), &error);
    return seconds() - begun;
}

/* A run of a job that holds the memory. */
static ketch_result *begin_run(ketch_engine *engine, memory *m)
{
    ketch_error error = {.size = sizeof error};
    ketch_result *result = NULL;
    const ketch_job job = {.size = sizeof job, .type = &memory_type, .steps = 1, .user = m};
    must(ketch_engine_begin(&result, engine, &job, NULL, &error), &error);
    return result;
}

static double time_dd(const char *from, const char *path)
{
    char in[300], out[300];
    snprintf(in, sizeof in, "if=%s", from);
    snprintf(out, sizeof out, "of=%s", path);
    sync();
    const double begun = seconds();
    const pid_t child = fork();
    demand(child >= 0, "fork");
    if (child == 0) {
        execlp("dd", "dd", in, out, "bs=1M", "conv=fsync", "status=none", (char *)NULL);
        _exit(127);
    }
    int status = 0;
    demand(waitpid(child, &status, 0) == child && status == 0, "dd");
    return seconds() - begun;
}

/* Random bytes in memory and, the same, in a file. */
static memory make_memory(uint64_t size, const char *path)
{
    memory m = {aligned_alloc(4096, size), size};
    demand(m.bytes != NULL, "memory");
    uint64_t word = 88172645463325252;
    for (uint64_t i = 0; i < size / 8; i++) {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        memcpy((char *)m.bytes + 8 * i, &word, sizeof word);
    }
    FILE *const file = fopen(path, "wbe");
    demand(file && fwrite(m.bytes, 1, size, file) == size && fclose(file) == 0, path);
    return m;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

int main(int argc, char **argv)
{
    const uint64_t size = (argc > 1 ? strtoull(argv[1], NULL, 10) : 256) << 20;
    const int asked = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 5;
    const int pairs = asked < 1 ? 1 : asked > PAIRS_MOST ? PAIRS_MOST : asked;
    const char *const directory = argc > 3 ? argv[3] : ".";
    char source[256], target[256];
    snprintf(source, sizeof source, "%s/save-bench.source", directory);
    snprintf(target, sizeof target, "%s/save-bench.target", directory);
    memory m = make_memory(size, source);
    ketch_error error = {.size = sizeof error};
    ketch_engine *engine = NULL;
    must(ketch_engine_create(&engine, NULL, &error), &error);
    ketch_result *const result = begin_run(engine, &m);
    const double megabytes = (double)size / 1e6;
    double dd[PAIRS_MOST], save[PAIRS_MOST];
    for (int i = 0; i < pairs; i++) {
        unlink(target);
        dd[i] = megabytes / time_dd(source, target);
        unlink(target);
        save[i] = megabytes / time_save(result, target);
        printf("dd %.0f MB/s, save %.0f MB/s\n", dd[i], save[i]);
        fflush(stdout);
    }
    unlink(source);
    unlink(target);
    ketch_result_destroy(result);
    ketch_engine_destroy(engine, NULL);
    free(m.bytes);
    const double a = median(dd, pairs), b = median(save, pairs);
    printf("%llu MiB: dd %.0f MB/s, save %.0f MB/s, ratio %.2f\n", (unsigned long long)(size >> 20),
           a, b, b / a);
    return EXIT_SUCCESS;
}
