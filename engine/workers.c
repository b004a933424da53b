/* The pool: threads that share the indices of a sweep.
 *
 * A sweep is published by writing `sweep` and setting the open bit of `entries`, whose other bits
 * count the workers in the sweep. A worker enters only while the bit is set. When no index is left
 * the caller clears the bit and waits for the workers in the sweep; a worker that wakes late finds
 * the bit cleared and delays nobody. A worker reads `sweep` only while it is in it. */
#define _GNU_SOURCE
#include "workers.h"
#include "bits.h"
#include "cpu.h"
#include "float_mode.h"
#include "heap.h"
#include "numbers.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

enum { ENTRIES_OPEN = 1 << 30 };

static const double spin_seconds = 50e-6;

/* How long the caller waits for the other workers before it checks stop, time and hooks again. */
static const long wait_nanoseconds = 2000000;

/* account (atomic): the measurement that `begun` and `waited` belong to; 0: none. begun: the clock of
 * the thread when it first entered a sweep of it. waited (atomic): seconds that it has spun since. */
typedef struct member {
    kt_workers *pool;
    pthread_t thread;
    int32_t worker; /* 1..threads-1; the caller is 0 */
    uint32_t account;
    double begun, waited;
} __attribute__((aligned(64))) member;

/* round grows with each sweep, and once more when the pool ends. asleep, round and entries are atomic;
 * mutex is for falling asleep and waking only. */
struct kt_workers {
    int32_t threads;
    int32_t started;
    bool refused; /* a thread could not be made: no more are tried */
    bool ended;
    uint32_t accounts; /* measurements so far */
    uint32_t account;  /* atomic: the one that is on; 0: none */
    double waited;     /* seconds that the caller has spun since it began */
    kt_sweep *sweep;
    pthread_mutex_t mutex;
    pthread_cond_t wake; /* signalled to workers: a new round */
    pthread_cond_t left; /* signalled to the caller: nobody is in the sweep */
    uint32_t round __attribute__((aligned(64)));
    int32_t asleep;
    uint32_t entries __attribute__((aligned(64)));
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

static bool is_reached(const uint32_t *word, bool equal, uint32_t value)
{
    return (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) == equal;
}

static bool spin_until(const uint32_t *word, bool equal, uint32_t value, double end)
{
    do {
        for (int i = 0; i < 32; i++) {
            if (is_reached(word, equal, value))
                return true;
            relax_cpu();
        }
    } while (kt_cpu_seconds() < end);
    return false;
}

/* Waits a short while for the word to become `value` or, with equal false, anything else. Adds the
 * time to *waited, but not that in which the thread was not running meanwhile. */
static bool await_word(const uint32_t *word, bool equal, uint32_t value, double *waited)
{
    if (is_reached(word, equal, value))
        return true;
    const double begin = kt_cpu_seconds(), end = begin + spin_seconds;
    const bool reached = spin_until(word, equal, value, end);
    *waited += KT_MIN(kt_cpu_seconds(), end) - begin;
    return reached;
}

/* ---- handing out indices ---- */

static void lock_sweep(kt_sweep *sweep)
{
    while (__atomic_exchange_n(&sweep->lock, 1, __ATOMIC_ACQUIRE))
        relax_cpu();
}

static void unlock_sweep(kt_sweep *sweep)
{
    __atomic_store_n(&sweep->lock, 0, __ATOMIC_RELEASE);
}

/* Halts the sweep. If it is halted already its status stays. */
static void halt_sweep(kt_sweep *sweep, ketch_status status)
{
    int32_t none = KETCH_OK;
    __atomic_compare_exchange_n(&sweep->halted, &none, status, false, __ATOMIC_RELAXED,
                                __ATOMIC_RELAXED);
}

static bool is_halted(const kt_sweep *sweep)
{
    return __atomic_load_n(&sweep->halted, __ATOMIC_RELAXED) != KETCH_OK;
}

static bool has_index(const kt_sweep *sweep)
{
    return __atomic_load_n(&sweep->next, __ATOMIC_RELAXED) < sweep->count ||
           __atomic_load_n(&sweep->open_taken, __ATOMIC_RELAXED) < sweep->open_count;
}

/* Adds 1 and returns the number before. A worker that is alone needs no locked instruction. */
static inline uint64_t count_up(uint64_t *number, bool alone)
{
    if (!alone)
        return __atomic_fetch_add(number, 1, __ATOMIC_RELAXED);
    const uint64_t before = __atomic_load_n(number, __ATOMIC_RELAXED);
    __atomic_store_n(number, before + 1, __ATOMIC_RELAXED);
    return before;
}

/* Takes an index, open ones first. False if other workers took the last ones. */
static inline bool take_index(kt_sweep *sweep, uint64_t *index, bool alone)
{
    if (__atomic_load_n(&sweep->open_taken, __ATOMIC_RELAXED) < sweep->open_count) {
        const int32_t place = __atomic_fetch_add(&sweep->open_taken, 1, __ATOMIC_RELAXED);
        if (place < sweep->open_count) {
            *index = sweep->open[place];
            return true;
        }
    }
    *index = count_up(&sweep->next, alone);
    return *index < sweep->count;
}

static void note_failure(kt_sweep *sweep, uint64_t index, ketch_status status)
{
    lock_sweep(sweep);
    if (index < sweep->failed) {
        sweep->failed = index;
        sweep->failure = status;
    }
    unlock_sweep(sweep);
}

/* Records that the worker leaves its index open, and halts the sweep. */
static void leave_index(kt_sweep *sweep, int32_t worker, ketch_status returned)
{
    assert(sweep->current && sweep->open);
    const ketch_status status =
        sweep->filter ? sweep->filter(sweep->checker, worker, returned) : returned;
    __atomic_fetch_or(&sweep->left, UINT64_C(1) << worker, __ATOMIC_RELAXED);
    if (status < KETCH_OK)
        note_failure(sweep, sweep->current[worker], status);
    halt_sweep(sweep, status);
}

static bool check_sweep(kt_sweep *sweep, int32_t worker)
{
    const ketch_status status = sweep->check ? sweep->check(sweep->checker, worker) : KETCH_OK;
    if (status != KETCH_OK)
        halt_sweep(sweep, status);
    return status == KETCH_OK;
}

/* Works until no index is left or the sweep is halted. alone: no other worker shares the sweep. */
static inline __attribute__((always_inline)) void work_on(kt_sweep *sweep, int32_t worker,
                                                          bool alone)
{
    while (!is_halted(sweep) && has_index(sweep)) {
        uint64_t index;
        if (!check_sweep(sweep, worker))
            return;
        if (!take_index(sweep, &index, alone))
            continue;
        if (sweep->current)
            sweep->current[worker] = index;
        const ketch_status status = sweep->body(index, worker, sweep->user);
        if (status == KETCH_OK)
            count_up(&sweep->finished, alone);
        else
            leave_index(sweep, worker, status);
    }
}

static void share_indices(kt_sweep *sweep, int32_t worker)
{
    work_on(sweep, worker, false);
}

static void take_all_indices(kt_sweep *sweep)
{
    work_on(sweep, 0, true);
}

/* Insertion sort: there are at most KETCH_THREADS_MAX. */
static void add_open(kt_sweep *sweep, uint64_t index)
{
    int32_t place = sweep->open_count++;
    assert(place < KETCH_THREADS_MAX);
    for (; place > 0 && sweep->open[place - 1] > index; place--)
        sweep->open[place] = sweep->open[place - 1];
    sweep->open[place] = index;
}

/* Collects the indices that are open after a call: those not handed out again, and those left
 * open. */
static void settle_open(kt_sweep *sweep)
{
    const int32_t taken = KT_MIN(sweep->open_taken, sweep->open_count);
    for (int32_t i = taken; i < sweep->open_count; i++)
        sweep->open[i - taken] = sweep->open[i];
    sweep->open_count -= taken;
    sweep->open_taken = 0;
    FOR_EACH_BIT(worker, sweep->left)
        add_open(sweep, sweep->current[worker]);
    sweep->left = 0;
    sweep->next = KT_MIN(sweep->next, sweep->count);
    assert(sweep->halted == KETCH_FORKED ||
           sweep->finished + (uint64_t)sweep->open_count == sweep->next);
}

/* ---- entries ---- */

static bool enter_sweep(kt_workers *pool)
{
    uint32_t entries = __atomic_load_n(&pool->entries, __ATOMIC_RELAXED);
    while (entries & ENTRIES_OPEN)
        if (__atomic_compare_exchange_n(&pool->entries, &entries, entries + 1, true,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    return false;
}

static void leave_sweep(kt_workers *pool)
{
    if (__atomic_sub_fetch(&pool->entries, 1, __ATOMIC_RELEASE) != 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_signal(&pool->left);
    pthread_mutex_unlock(&pool->mutex);
}

/* Waits for the round after the one that was seen. */
static void await_round(member *self, uint32_t seen)
{
    kt_workers *const pool = self->pool;
    double waited = self->waited;
    const bool reached = await_word(&pool->round, false, seen, &waited);
    __atomic_store(&self->waited, &waited, __ATOMIC_RELAXED);
    if (reached)
        return;
    pthread_mutex_lock(&pool->mutex);
    /* Sequential consistency: either the caller sees that a worker sleeps, or the worker sees the
     * new round. */
    __atomic_add_fetch(&pool->asleep, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&pool->round, __ATOMIC_SEQ_CST) == seen)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    __atomic_sub_fetch(&pool->asleep, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&pool->mutex);
}

/* Begins to measure the thread, unless it is measured already. */
static void join_account(member *self, uint32_t account)
{
    if (!account || account == self->account)
        return;
    self->begun = kt_cpu_thread_seconds();
    double none = 0; /* clang refuses a pointer to const here */
    __atomic_store(&self->waited, &none, __ATOMIC_RELAXED);
    __atomic_store_n(&self->account, account, __ATOMIC_RELEASE);
}

/* The thread's processor time since it joined the account, if it has. */
static double account_seconds(const member *m, uint32_t account)
{
    double waited;
    if (__atomic_load_n(&m->account, __ATOMIC_ACQUIRE) != account)
        return 0;
    const double now = kt_cpu_seconds_of(m->thread);
    __atomic_load(&m->waited, &waited, __ATOMIC_RELAXED);
    return now - m->begun - waited;
}

void kt_workers_measure(kt_workers *pool, bool on)
{
    if (!pool)
        return;
    if (on && ++pool->accounts == 0)
        pool->accounts = 1;
    pool->waited = 0;
    __atomic_store_n(&pool->account, on ? pool->accounts : 0, __ATOMIC_RELAXED);
}

double kt_workers_cpu_seconds(const kt_workers *pool)
{
    if (!pool)
        return 0;
    double seconds = -pool->waited;
    for (int32_t i = 0; i < pool->started; i++)
        seconds += account_seconds(&pool->members[i], pool->account);
    return seconds;
}

static void *work(void *argument)
{
    member *const self = argument;
    kt_workers *const pool = self->pool;
    kt_float_mode_begin(); /* the thread would have its creator's */
    for (uint32_t seen = 0;;) {
        await_round(self, seen);
        seen = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE);
        if (__atomic_load_n(&pool->ended, __ATOMIC_RELAXED))
            return NULL;
        if (enter_sweep(pool)) {
            join_account(self, __atomic_load_n(&pool->account, __ATOMIC_RELAXED));
            share_indices(pool->sweep, self->worker);
            leave_sweep(pool);
        }
    }
}

kt_workers *kt_workers_create(int32_t threads)
{
    assert(threads >= 1 && threads <= KETCH_THREADS_MAX);
    kt_workers *const pool =
        kt_heap_take(sizeof(kt_workers) + (size_t)(threads - 1) * sizeof(member));
    if (!pool)
        return NULL;
    pool->threads = threads;
    pthread_condattr_t monotonic; /* none of these can fail here */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
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

/* The threads start with all signals blocked, so that signals reach the program's own threads. */
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

/* Waits a short while for the workers in the sweep to leave; true if all have. */
static bool await_leaving(kt_workers *pool)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += wait_nanoseconds;
    end.tv_sec += end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    pthread_mutex_lock(&pool->mutex);
    int late = 0;
    while (late == 0 && __atomic_load_n(&pool->entries, __ATOMIC_ACQUIRE) != 0)
        late = pthread_cond_timedwait(&pool->left, &pool->mutex, &end);
    pthread_mutex_unlock(&pool->mutex);
    return __atomic_load_n(&pool->entries, __ATOMIC_ACQUIRE) == 0;
}

/* Lets no worker enter, and waits for those in the sweep. Meanwhile the caller checks stop and time and
 * serves hooks. In a forked child there are no workers to wait for. */
static void close_entries(kt_workers *pool, kt_sweep *sweep)
{
    if (__atomic_and_fetch(&pool->entries, ~(uint32_t)ENTRIES_OPEN, __ATOMIC_ACQUIRE) == 0 ||
        await_word(&pool->entries, true, 0, &pool->waited))
        return;
    while (!await_leaving(pool))
        if (sweep->check && sweep->check(sweep->checker, 0) == KETCH_FORKED) {
            __atomic_store_n(&sweep->halted, KETCH_FORKED, __ATOMIC_RELAXED);
            return;
        }
}

/* threads: how many may take part, the caller included. A thread that is new enters while others are
 * being made. */
static void share_with_pool(kt_workers *pool, kt_sweep *sweep, int32_t threads)
{
    pool->sweep = sweep;
    __atomic_store_n(&pool->entries, ENTRIES_OPEN, __ATOMIC_RELEASE);
    begin_round(pool);
    start_threads(pool, threads - 1);
    share_indices(sweep, 0);
    if (__atomic_load_n(&sweep->halted, __ATOMIC_RELAXED) != KETCH_FORKED)
        close_entries(pool, sweep);
}

static uint64_t count_left(const kt_sweep *sweep)
{
    return sweep->count - sweep->next + (uint64_t)sweep->open_count;
}

ketch_status kt_workers_sweep(kt_workers *workers, kt_sweep *sweep)
{
    assert(sweep->body && sweep->next <= sweep->count && sweep->open_taken == 0);
    sweep->halted = KETCH_OK;
    sweep->failed = UINT64_MAX;
    const uint64_t left = count_left(sweep);
    if (workers && workers->threads > 1 && left > 1) {
        share_with_pool(workers, sweep, (int32_t)KT_MIN(left, (uint64_t)workers->threads));
    } else {
        take_all_indices(sweep);
    }
    settle_open(sweep);
    if (sweep->failed != UINT64_MAX)
        return sweep->failure;
    return sweep->finished < sweep->count ? sweep->halted : KETCH_OK;
}
