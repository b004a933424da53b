/* One arena and one program used by many threads at once, each with engines of its own, while
 * another thread stops them. A race shows under the thread sanitizer, a wrong bit anywhere. */
#define _GNU_SOURCE
#include "runs.h"
#include "suite.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { QUBITS = 10, LAYERS = 3, THREADS = 4, ENGINES = 6, RUNS = 6, PARAMETERS = 2 };

static const double common_values[PARAMETERS] = {0.3, 0.7};

/* What all threads share. expected: the amplitudes for common_values. A stop is set by the
 * disturber and cleared by its thread. */
typedef struct crowd {
    ketch_arena *arena;
    ketch_program *program, *measuring;
    ketch_state *expected;
    ketch_stop stops[THREADS];
    pthread_mutex_t locks[THREADS]; /* of the thread's engine below */
    ketch_engine *engines[THREADS]; /* NULL while it has none */
    atomic_uint left, stopped;
} crowd;

typedef struct member {
    crowd *crowd;
    int number;
} member;

/* ---- circuits ---- */

static ketch_circuit *open_layers(void)
{
    ketch_circuit *c = NULL;
    GOOD(ketch_circuit_create(&c, QUBITS, 2, &error));
    GOOD(ketch_circuit_add_parameters(c, PARAMETERS, &error));
    for (int layer = 0; layer < LAYERS; layer++)
        for (int32_t q = 0; q < QUBITS; q++) {
            const ketch_angle angle = {
                .parameter = q % PARAMETERS, .factor = 1 + layer, .offset = 0.2};
            const ketch_gate gate = q % 3 ? KETCH_GATE_RX : KETCH_GATE_RZ;
            GOOD(ketch_circuit_parametric(c, gate, &q, &angle, 0, NULL, NULL, &error));
            GOOD(ketch_h(c, q, &error));
            if (q > 0)
                GOOD(ketch_cx(c, q - 1, q, &error));
        }
    return c;
}

/* The layers with a measurement and a reset between, and a measurement after them. */
static ketch_circuit *measuring_layers(const ketch_circuit *open)
{
    ketch_circuit *c = NULL;
    GOOD(ketch_circuit_bind(&c, open, common_values, PARAMETERS, &error));
    GOOD(ketch_circuit_measure(c, 1, 0, &error));
    GOOD(ketch_circuit_reset(c, 2, &error));
    GOOD(ketch_h(c, 2, &error));
    GOOD(ketch_circuit_measure(c, 2, 1, &error));
    return c;
}

/* ---- threads ---- */

/* Runs to the end, however often it is stopped. */
static ketch_result *run_to_end(const member *m, ketch_engine *engine, ketch_program *program,
                                ketch_state *state, const ketch_shots *shots)
{
    ketch_stop *const stop = &m->crowd->stops[m->number];
    const ketch_run run = {.size = sizeof run, .stop = stop};
    ketch_result *result = NULL;
    ketch_error error = {.size = sizeof error};
    ketch_status status = ketch_program_run(&result, engine, program, state, shots, &run, &error);
    while (status == KETCH_STOPPED) {
        m->crowd->stopped++;
        ketch_stop_clear(stop);
        status = ketch_engine_resume(engine, result, &run, &error);
    }
    ck_assert_msg(status == KETCH_OK, "%s", error.message);
    return result;
}

static void run_bound_program(const member *m, ketch_engine *engine, ketch_program **bound, int i)
{
    crowd *const c = m->crowd;
    const bool is_common = i % 2 == 0;
    const double values[PARAMETERS] = {common_values[0] + (is_common ? 0 : 0.01 * m->number),
                                       common_values[1]};
    ketch_state *state = NULL;
    GOOD(ketch_program_bind(bound, c->program, values, PARAMETERS, &error));
    GOOD(ketch_state_create(&state, c->arena, QUBITS, KETCH_DOUBLE, &error));
    ketch_result_destroy(run_to_end(m, engine, *bound, state, NULL));
    if (is_common)
        ck_assert_mem_eq(see_state(state), see_state(c->expected), state_size(state));
    ketch_state_drop(state);
}

static void run_measuring(const member *m, ketch_engine *engine)
{
    const ketch_shots shots = {.size = sizeof shots, .shots = 8, .seed = 9};
    ketch_state *state = NULL;
    GOOD(ketch_state_create(&state, m->crowd->arena, QUBITS, KETCH_DOUBLE, &error));
    ketch_result_destroy(run_to_end(m, engine, m->crowd->measuring, state, &shots));
    ketch_state_drop(state);
}

static void show_engine(const member *m, ketch_engine *engine)
{
    pthread_mutex_lock(&m->crowd->locks[m->number]);
    m->crowd->engines[m->number] = engine;
    pthread_mutex_unlock(&m->crowd->locks[m->number]);
}

static void *work(void *user)
{
    const member *const m = user;
    ketch_program *bound = NULL;
    for (int i = 0; i < ENGINES; i++) {
        const ketch_engine_options options = {
            .size = sizeof options, .threads = 1 + (m->number + i) % 3, .arena = m->crowd->arena};
        ketch_engine *engine = NULL;
        GOOD(ketch_engine_create(&engine, &options, &error));
        show_engine(m, engine);
        for (int k = 0; k < RUNS; k++) {
            run_bound_program(m, engine, &bound, k);
            run_measuring(m, engine);
        }
        show_engine(m, NULL);
        GOOD(ketch_engine_destroy(engine, &error));
    }
    ketch_program_drop(bound);
    m->crowd->left--;
    return NULL;
}

/* Stops runs, trims the arena, reads its statistics, shares and drops the program, until the others
 * have left. */
static void *disturb(void *user)
{
    crowd *const c = user;
    for (unsigned i = 0; c->left > 0; i++) {
        const unsigned k = i % THREADS;
        pthread_mutex_lock(&c->locks[k]);
        if (c->engines[k] && i % 3 == 0)
            ketch_engine_stop(c->engines[k]);
        pthread_mutex_unlock(&c->locks[k]);
        if (i % 5 == 0)
            ketch_stop_set(&c->stops[k]);
        if (i % 16 == 0)
            ketch_arena_trim(c->arena);
        ketch_arena_stats stats = {.size = sizeof stats};
        GOOD(ketch_arena_get_stats(&stats, c->arena, &error));
        ketch_program_drop(ketch_program_share(c->program));
        nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
    }
    return NULL;
}

/* ---- the test ---- */

static void open_crowd(crowd *c)
{
    const ketch_arena_options options = {.size = sizeof options, .memory = 1 << 28};
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE, .tile = 7, .fence_every = 40};
    ketch_circuit *const open = open_layers(), *const measuring = measuring_layers(open);
    GOOD(ketch_arena_create(&c->arena, &options, &error));
    c->program = make_program(open, &way);
    c->measuring = make_program(measuring, &way);
    ketch_program *first = NULL;
    GOOD(ketch_program_bind(&first, c->program, common_values, PARAMETERS, &error));
    ketch_engine *const engine = make_engine(1);
    c->expected = make_state(engine, QUBITS, KETCH_DOUBLE);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, first, c->expected, NULL, NULL, &error));
    see_state(c->expected);
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_program_drop(first);
    ketch_circuit_destroy(measuring);
    ketch_circuit_destroy(open);
    for (int i = 0; i < THREADS; i++)
        pthread_mutex_init(&c->locks[i], NULL);
}

START_TEST(many_threads_bind_and_run_one_program)
{
    crowd c = {.left = THREADS};
    member members[THREADS];
    pthread_t threads[THREADS], disturber;
    open_crowd(&c);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (member){&c, i};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &members[i]), 0);
    }
    ck_assert_int_eq(pthread_create(&disturber, NULL, disturb, &c), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_join(disturber, NULL);
    ck_assert_uint_gt(c.stopped, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_mutex_destroy(&c.locks[i]);
    ketch_state_drop(c.expected);
    ketch_program_drop(c.program);
    ketch_program_drop(c.measuring);
    ketch_arena_drop(c.arena);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("threads");
    TCase *const cases = tcase_create("threads");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, many_threads_bind_and_run_one_program);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
