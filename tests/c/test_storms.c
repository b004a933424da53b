/* Storms: engines made and ended on many threads, and signals that interrupt a run while it saves.
 * KETCH_LONG=1 lasts longer. */
#define _GNU_SOURCE
#include "reference.h"
#include "runs.h"
#include "saves.h"
#include "suite.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

enum { QUBITS = 12, THREADS = 8 };

static int storm_rounds(int quick, int most)
{
    return getenv("KETCH_LONG") ? most : quick;
}

/* A program that all share, and the amplitudes that every run ends in. */
typedef struct storm {
    twin t;
    ketch_program *program;
    ketch_state *state;
    int rounds;
} storm;

static storm begin_storm(int rounds)
{
    storm s = {.t = twin_create(QUBITS, 0, 3), .rounds = rounds};
    for (int i = 0; i < 60; i++)
        twin_random_gate(&s.t);
    const run_way way = {.threads = 1, .precision = KETCH_DOUBLE, .tile = 6};
    s.program = make_program(s.t.circuit, &way);
    s.state = run_circuit(s.t.circuit, &way);
    return s;
}

static void end_storm(storm *s)
{
    ketch_program_drop(s->program);
    ketch_state_drop(s->state);
    twin_destroy(&s->t);
}

static bool ends_as_expected(const storm *s, const ketch_result *result)
{
    const void *amplitudes = NULL;
    return ketch_state_amplitudes(&amplitudes, ketch_circuit_result_state(result), NULL) ==
               KETCH_OK &&
           memcmp(amplitudes, see_state(s->state), state_size(s->state)) == 0;
}

/* ---- engines ---- */

/* The result outlives its engine. */
static bool run_on_new_engine(const storm *s, int32_t threads)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return false;
    bool good = !ketch_program_run(&result, engine, s->program, NULL, NULL, NULL, NULL);
    good = ketch_engine_destroy(engine, NULL) == KETCH_OK && good && ends_as_expected(s, result);
    ketch_result_destroy(result);
    return good;
}

/* Returns s where all was well. */
static void *make_engines(void *user)
{
    storm *const s = user;
    bool good = true;
    for (int i = 0; i < s->rounds && good; i++)
        good = run_on_new_engine(s, 1 + i % 3);
    return good ? s : NULL;
}

START_TEST(engines_come_and_go_on_threads)
{
    storm s = begin_storm(storm_rounds(25, 12500));
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_engines, &s), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good = NULL;
        ck_assert_int_eq(pthread_join(threads[i], &good), 0);
        ck_assert_ptr_eq(good, &s);
    }
    figure("P29", "engines made, run and ended on 8 threads", THREADS * (double)s.rounds, "");
    end_storm(&s);
}
END_TEST

/* ---- signals ---- */

static volatile sig_atomic_t signals_taken;

static void take_signal(int number)
{
    (void)number;
    signals_taken++;
}

/* A signal every so often from now on, system calls are interrupted; 0: no more. */
static void send_signals(suseconds_t period)
{
    const struct sigaction action = {.sa_handler = take_signal};
    const struct itimerval timer = {{0, period}, {0, period}};
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Saves at every check; what is in the file then ended in the same bits. */
static void run_and_save(const storm *s, ketch_engine *engine)
{
    const ketch_run run = {.size = sizeof run, .save_path = save_path, .save_seconds = 1e-300};
    ketch_result *result = NULL, *loaded = NULL;
    GOOD(ketch_program_run(&result, engine, s->program, NULL, NULL, &run, &error));
    ck_assert(ends_as_expected(s, result));
    GOOD(ketch_circuit_load(&loaded, engine, s->program, save_path, &error));
    ck_assert(ends_as_expected(s, loaded));
    ketch_result_destroy(result);
    ketch_result_destroy(loaded);
}

START_TEST(signals_interrupt_a_run_while_it_saves)
{
    storm s = begin_storm(storm_rounds(50, 20000));
    ketch_engine *const engine = make_engine(2);
    send_signals(200);
    while (signals_taken < s.rounds)
        run_and_save(&s, engine);
    send_signals(0);
    ck_assert_int_eq(each_entry(NULL), 1);
    figure("P4", "signals that interrupted runs while they saved", (double)signals_taken, "");
    GOOD(ketch_engine_destroy(engine, &error));
    end_storm(&s);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("storms");
    save_tests(suite, "storms",
               (const TTest *const[]){engines_come_and_go_on_threads,
                                      signals_interrupt_a_run_while_it_saves, NULL});
    return end_with(suite);
}
