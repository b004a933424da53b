/* The pool: threads that share the indices of a sweep.
 *
 * A sweep is published by writing `sweep` and opening the gate. The gate is one word: an open bit
 * and the number of workers inside. A worker joins only while it is open; the caller closes it when
 * no index is left and waits for those inside, so that one who wakes late finds it closed and holds
 * up nobody. Nobody reads `sweep` without being inside. */
#define _GNU_SOURCE
#include "workers.h"
#include "cpu.h"
#include "heap.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>

enum { GATE_OPEN = 1 << 30 };

static const double spin_seconds = 50e-6;

typedef struct member {
    kt_workers *pool;
    pthread_t thread;
    int32_t worker; /* 1..threads-1; the caller is 0 */
} member;

/* round counts sweeps published and changes for the end, too. asleep, round and gate are atomic;
 * mutex guards only falling asleep and waking. */
struct kt_workers {
    int32_t threads;
    int32_t started;
    bool refused; /* a thread could not be made: do with those there are */
    bool ended;
    kt_sweep *sweep;
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* workers: a new round */
    pthread_cond_t left; /* the caller: nobody inside */
    uint32_t round __attribute__((aligned(64)));
    int32_t asleep;
    uint32_t gate __attribute__((aligned(64)));
    member members[] __attribute__((aligned(64)));
};

static inline void relax_cpu(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits a short while for the word to be `value`, or (equal false) to be anything else. */
static bool spin_until(const uint32_t *word, bool equal, uint32_t value)
{
    const double end = kt_cpu_seconds() + spin_seconds;
    do {
        for (int i = 0; i < 32; i++) {
            if ((__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) == equal)
                return true;
            relax_cpu();
        }
    } while (kt_cpu_seconds() < end);
    return false;
}

/* Takes indices until there are none or somebody's check says halt. */
static void share_indices(kt_sweep *sweep, int32_t worker)
{
    while (__atomic_load_n(&sweep->halted, __ATOMIC_RELAXED) == KETCH_OK &&
           __atomic_load_n(&sweep->next, __ATOMIC_RELAXED) < sweep->count) {
        const int32_t status = sweep->check ? sweep->check(sweep->checker, worker) : KETCH_OK;
        if (status != KETCH_OK) {
            int32_t none = KETCH_OK;
            __atomic_compare_exchange_n(&sweep->halted, &none, status, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
            return;
        }
        const uint64_t index = __atomic_fetch_add(&sweep->next, 1, __ATOMIC_RELAXED);
        if (index < sweep->count)
            sweep->body(index, worker, sweep->user);
    }
}

static bool enter_gate(kt_workers *pool)
{
    uint32_t gate = __atomic_load_n(&pool->gate, __ATOMIC_RELAXED);
    while (gate & GATE_OPEN)
        if (__atomic_compare_exchange_n(&pool->gate, &gate, gate + 1, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return true;
    return false;
}

static void leave_gate(kt_workers *pool)
{
    if (__atomic_sub_fetch(&pool->gate, 1, __ATOMIC_RELEASE) != 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->left);
    pthread_mutex_unlock(&pool->mutex);
}

static void await_round(kt_workers *pool, uint32_t seen)
{
    if (spin_until(&pool->round, false, seen))
        return;
    pthread_mutex_lock(&pool->mutex);
    /* Either the caller sees that somebody sleeps, or we see its new round: both orders are total.
     */
    __atomic_add_fetch(&pool->asleep, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&pool->round, __ATOMIC_SEQ_CST) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    __atomic_sub_fetch(&pool->asleep, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pool->mutex);
}

static void *work(void *argument)
{
    const member *const self = argument;
    kt_workers *const pool = self->pool;
    for (uint32_t seen = 0;;) {
        await_round(pool, seen);
        seen = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&pool->ended, __ATOMIC_RELAXED))
            return NULL;
        if (enter_gate(pool)) {
            share_indices(pool->sweep, self->worker);
            leave_gate(pool);
        }
    }
}

kt_workers *kt_workers_create(int32_t threads)
{
    assert(threads >= 1 && threads <= KT_THREADS_MAX);
    kt_workers *const pool =
        kt_heap_take(sizeof(kt_workers) + (size_t)(threads - 1) * sizeof(member));
    if (!pool)
        return NULL;
    pool->threads = threads;
    pthread_mutex_init(&pool->mutex, NULL); /* default ones cannot fail here */
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->left, NULL);
    return pool;
}

static void begin_round(kt_workers *pool)
{
    __atomic_add_fetch(&pool->round, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&pool->asleep, __ATOMIC_SEQ_CST) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

void kt_workers_destroy(kt_workers *workers)
{
    if (!workers)
        return;
    __atomic_store_n(&workers->ended, true, __ATOMIC_RELAXED);
    begin_round(workers);
    for (int32_t i = 0; i < workers->started; i++)
        pthread_join(workers->members[i].thread, NULL);
    pthread_cond_destroy(&workers->left);
    pthread_cond_destroy(&workers->wake);
    pthread_mutex_destroy(&workers->mutex);
    kt_heap_give(workers);
}

int32_t kt_workers_started(const kt_workers *workers)
{
    return workers ? __atomic_load_n(&workers->started, __ATOMIC_RELAXED) : 0;
}

/* Threads are born with every signal blocked: those belong to the program around us. */
static void start_threads(kt_workers *pool, int32_t wanted)
{
    int32_t started = pool->started;
    if (started >= wanted || pool->refused)
        return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < wanted && !pool->refused) {
        member *const next = &pool->members[started];
        *next = (member){.pool = pool, .worker = started + 1};
        pool->refused = pthread_create(&next->thread, NULL, work, next) != 0;
        started += !pool->refused;
    }
    __atomic_store_n(&pool->started, started, __ATOMIC_RELAXED);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void close_gate(kt_workers *pool)
{
    if (__atomic_and_fetch(&pool->gate, ~(uint32_t)GATE_OPEN, __ATOMIC_ACQUIRE) == 0)
        return;
    if (spin_until(&pool->gate, true, 0))
        return;
    pthread_mutex_lock(&pool->mutex);
    while (__atomic_load_n(&pool->gate, __ATOMIC_ACQUIRE) != 0)
        pthread_cond_wait(&pool->left, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

static void share_with_pool(kt_workers *pool, kt_sweep *sweep)
{
    pool->sweep = sweep;
    __atomic_store_n(&pool->gate, GATE_OPEN, __ATOMIC_RELEASE);
    begin_round(pool);
    share_indices(sweep, 0);
    if (__atomic_load_n(&sweep->halted, __ATOMIC_RELAXED) != KETCH_FORKED)
        close_gate(pool);
}

ketch_status kt_workers_sweep(kt_workers *workers, kt_sweep *sweep)
{
    assert(sweep->body && sweep->next <= sweep->count);
    sweep->halted = KETCH_OK;
    const uint64_t left = sweep->count - sweep->next;
    if (workers && workers->threads > 1 && left > 1) {
        const uint64_t useful =
            left < (uint64_t)workers->threads ? left : (uint64_t)workers->threads;
        start_threads(workers, (int32_t)useful - 1);
        share_with_pool(workers, sweep);
    } else {
        share_indices(sweep, 0);
    }
    if (sweep->next > sweep->count)
        sweep->next = sweep->count;
    return sweep->halted;
}
