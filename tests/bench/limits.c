/* Prints what this machine can do at most, as JSON: fused multiply-adds, streaming through memory
 * in place, first touch of new memory. Use: limits THREADS. The best instruction set that this
 * machine runs is taken. Rates are in units of 1e9 a second: multiplications and additions each
 * count as one operation, bytes read and bytes written each count. */
#define _GNU_SOURCE
#include "touch.h"

#include <stdio.h>

enum { CHAINS = 12, ROUNDS = 20000000, TIMES_MAX = 60 };

static volatile double sink;
static volatile double factor = 0.999999;
static volatile double addend = 1e-9;

/* Chains of multiply-adds that do not wait for each other; a sweep that reads and writes once. */
#define BODY(set, target, width, type)                                                             \
    typedef type set##_##type __attribute__((vector_size(width)));                                 \
    target static void set##_fma_##type(void)                                                      \
    {                                                                                              \
        set##_##type x[CHAINS]; /* different, or the compiler keeps fewer */                       \
        for (int i = 0; i < CHAINS; i++)                                                           \
            x[i] = (set##_##type){0} + (type)(i * addend);                                         \
        const set##_##type a = (set##_##type){0} + (type)factor;                                   \
        const set##_##type b = (set##_##type){0} + (type)addend;                                   \
        for (int round = 0; round < ROUNDS; round++)                                               \
            _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) x[i] = x[i] * a + b;         \
        for (int i = 1; i < CHAINS; i++)                                                           \
            x[0] += x[i];                                                                          \
        sink = (double)x[0][0];                                                                    \
    }

#define SWEEP(set, target)                                                                         \
    target static void set##_sweep(double *from, uint64_t count)                                   \
    {                                                                                              \
        const set##_double a = (set##_double){0} + factor;                                         \
        set##_double *x = (set##_double *)from;                                                    \
        for (uint64_t i = 0; i < count * sizeof(double) / sizeof *x; i++)                          \
            x[i] *= a;                                                                             \
    }

#define SET(set, target, width)                                                                    \
    BODY(set, target, width, double) BODY(set, target, width, float) SWEEP(set, target)

#if defined(__x86_64__)
SET(avx512, __attribute__((target("avx512f"))), 64)
SET(avx2, __attribute__((target("avx2,fma"))), 32)
#endif
SET(plain, , 16)

typedef struct {
    const char *name;
    int lanes; /* doubles in a vector */
    void (*fma_double)(void);
    void (*fma_float)(void);
    void (*sweep)(double *from, uint64_t count);
} instructions;

static instructions widest(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return (instructions){"avx512", 8, avx512_fma_double, avx512_fma_float, avx512_sweep};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return (instructions){"avx2", 4, avx2_fma_double, avx2_fma_float, avx2_sweep};
#endif
    return (instructions){"plain", 2, plain_fma_double, plain_fma_float, plain_sweep};
}

/* One thread's share of a measurement, which is made several times. */
typedef struct {
    pthread_barrier_t *barrier;
    void (*fma)(void); /* NULL: a sweep */
    void (*sweep)(double *from, uint64_t count);
    double *from;
    uint64_t count;
    int times;
    double begun[TIMES_MAX];
    double ended[TIMES_MAX];
} share;

static void *work(void *user)
{
    share *mine = user;
    for (int time = 0; time < mine->times; time++) {
        pthread_barrier_wait(mine->barrier);
        mine->begun[time] = now();
        if (mine->fma)
            mine->fma();
        else
            mine->sweep(mine->from, mine->count);
        mine->ended[time] = now();
    }
    return NULL;
}

/* Seconds from the first begin to the last end, at best. */
static double least(const share *shares, int threads)
{
    double best = 1e9;
    for (int time = 0; time < shares->times; time++) {
        double begun = shares->begun[time];
        double ended = shares->ended[time];
        for (int i = 1; i < threads; i++) {
            begun = shares[i].begun[time] < begun ? shares[i].begun[time] : begun;
            ended = shares[i].ended[time] > ended ? shares[i].ended[time] : ended;
        }
        best = ended - begun < best ? ended - begun : best;
    }
    return best;
}

/* Seconds that a share takes at best, `threads` of them at once on neighbouring memory. */
static double seconds(share all, int threads)
{
    pthread_barrier_t barrier;
    pthread_t ids[THREADS_MAX];
    share *shares = calloc((size_t)threads, sizeof *shares);
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        if (!shares)
            exit(1);
        shares[i] = all;
        shares[i].barrier = &barrier;
        shares[i].count = all.count / (uint64_t)threads;
        shares[i].from = all.from ? all.from + (uint64_t)i * shares[i].count : NULL;
        if (pthread_create(&ids[i], NULL, work, &shares[i]) != 0)
            exit(1);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    const double found = least(shares, threads);
    pthread_barrier_destroy(&barrier);
    free(shares);
    return found;
}

static void show_fma(const instructions *set, int threads)
{
    const double operations = 2.0 * CHAINS * ROUNDS * set->lanes * threads;
    share all = {.fma = set->fma_double, .times = 5};
    printf("\"fma_double\": %.2f, ", 1e-9 * operations / seconds(all, threads));
    all.fma = set->fma_float;
    printf("\"fma_single\": %.2f, ", 2e-9 * operations / seconds(all, threads));
}

/* By MiB, from what fits a core's cache to what fits none. */
static void show_stream(const instructions *set, int threads)
{
    const uint64_t most = 256ull << 20;
    void *mapping;
    uint64_t size;
    double *memory = (double *)fresh(most, &mapping, &size);
    memset(memory, 0, most);
    printf("\"stream\": {");
    for (uint64_t bytes = 1 << 20; bytes <= most; bytes *= 4) {
        const share all = {.sweep = set->sweep,
                           .from = memory,
                           .count = bytes / sizeof(double),
                           .times = bytes < most ? TIMES_MAX : 20};
        printf("%s\"%d\": %.2f", bytes > 1 << 20 ? ", " : "", (int)(bytes >> 20),
               2e-9 * (double)bytes / seconds(all, threads));
    }
    printf("}}");
    munmap(mapping, size);
}

/* At best, of several times. */
static double least_touch(uint64_t bytes)
{
    double best = 1e9;
    for (int time = 0; time < 5; time++) {
        const double took = touch(bytes, 1);
        best = took < best ? took : best;
    }
    return best;
}

int main(int count, char **words)
{
    const instructions set = widest();
    const int most = count > 1 ? atoi(words[1]) : 1;
    if (most < 1 || most > THREADS_MAX) {
        fprintf(stderr, "use: limits THREADS, up to %d\n", THREADS_MAX);
        return 2;
    }
    printf("{\"instructions\": \"%s\", \"first_touch\": %.2f, \"threads\": {", set.name,
           1e-9 * (64 << 20) / least_touch(64 << 20));
    for (int threads = 1; threads <= most; threads++) {
        printf("%s\"%d\": {", threads > 1 ? ", " : "", threads);
        show_fma(&set, threads);
        show_stream(&set, threads);
    }
    printf("}}\n");
    return 0;
}
