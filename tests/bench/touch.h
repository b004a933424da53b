/* A clock, and the first touch of new memory: how long the system takes to give pages to threads that
 * write them. For programs of one file. */
#ifndef TOUCH_H
#define TOUCH_H

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { HUGE = 2 << 20, THREADS_MAX = 64 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* New memory on huge pages, if the system gives them. *mapping is what to unmap, of *size bytes. */
static char *fresh(uint64_t bytes, void **mapping, uint64_t *size)
{
    *size = bytes + HUGE;
    *mapping = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*mapping == MAP_FAILED)
        exit(1);
    char *memory = *mapping;
    memory += HUGE - (uintptr_t)memory % HUGE;
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

/* One thread's part of the memory. */
typedef struct {
    pthread_barrier_t *barrier;
    char *from;
    uint64_t size;
    double begun;
    double ended;
} touch_part;

static void *write_part(void *user)
{
    touch_part *mine = user;
    pthread_barrier_wait(mine->barrier);
    mine->begun = now();
    memset(mine->from, 1, mine->size);
    mine->ended = now();
    return NULL;
}

/* Seconds that so many threads, at most THREADS_MAX, take to write new memory, from the first begin
 * to the last end. */
static double touch(uint64_t bytes, int threads)
{
    pthread_barrier_t barrier;
    pthread_t ids[THREADS_MAX];
    touch_part parts[THREADS_MAX];
    void *mapping;
    uint64_t size;
    char *memory = fresh(bytes, &mapping, &size);
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (int i = 0; i < threads; i++) {
        const uint64_t from = bytes / (uint64_t)threads * (uint64_t)i;
        const uint64_t to = i + 1 < threads ? bytes / (uint64_t)threads * (uint64_t)(i + 1) : bytes;
        parts[i] = (touch_part){.barrier = &barrier, .from = memory + from, .size = to - from};
        if (pthread_create(&ids[i], NULL, write_part, &parts[i]) != 0)
            exit(1);
    }
    double begun = 1e300, ended = 0;
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        begun = parts[i].begun < begun ? parts[i].begun : begun;
        ended = parts[i].ended > ended ? parts[i].ended : ended;
    }
    pthread_barrier_destroy(&barrier);
    munmap(mapping, size);
    return ended - begun;
}

#endif
