/* The first touch of a new state: all of its huge pages once, shared among the workers, and no page
 * that no pass writes. */
#define _GNU_SOURCE
#include "pages.h"
#include "runs.h"
#include "suite.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { QUBITS = 20, TILE = 13, TOUCHES_MAX = 1000, POPULATE_WRITE = 23 };

/* Calls that back memory, by all threads. refuses: they fail, as on an older system. */
static struct {
    const char *memory[TOUCHES_MAX];
    uint64_t count;
    bool refuses;
} touches;

__attribute__((weak)) int __real_madvise(void *memory, size_t size, int advice);
int __wrap_madvise(void *memory, size_t size, int advice);

int __wrap_madvise(void *memory, size_t size, int advice)
{
    if (advice != POPULATE_WRITE)
        return __real_madvise(memory, size, advice);
    const uint64_t number = __atomic_fetch_add(&touches.count, 1, __ATOMIC_RELAXED);
    if (number < TOUCHES_MAX && size == KT_HUGE)
        touches.memory[number] = memory;
    if (!touches.refuses)
        return __real_madvise(memory, size, advice);
    errno = EINVAL;
    return -1;
}

/* Gates on all qubits but those from `used` on, in more than one pass that writes all it can. */
static ketch_circuit *make_circuit(int32_t used)
{
    enum { LAYERS = 4 };
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, QUBITS, 0, &error));
    for (int32_t layer = 0; layer < LAYERS; layer++) {
        for (int32_t i = 0; i < used; i++)
            GOOD(ketch_rx(circuit, 0.1 * i + layer, i, &error));
        for (int32_t i = 0; i < used; i++)
            GOOD(ketch_cz(circuit, i, (i + used / 2) % used, &error));
    }
    return circuit;
}

/* A run that a hook stops at tick number `stop`, if that is not 0, and that is then resumed. */
typedef struct trial {
    run_way way;
    int32_t used, stop;
} trial;

typedef struct stopper {
    int32_t tick, stop;
} stopper;

static int32_t stop_at(const ketch_step *step, void *user)
{
    (void)step;
    stopper *const s = user;
    return ++s->tick == s->stop;
}

static void run_state(ketch_engine *engine, ketch_program *program, ketch_state *state,
                      int32_t stop)
{
    stopper s = {.stop = stop};
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at, .user = &s, .tick_seconds = stop ? 1e-12 : -1};
    ketch_error error = {.size = sizeof error};
    ketch_result *result = NULL;
    ketch_status status = ketch_program_run(&result, engine, program, state, NULL, &run, &error);
    if (status == KETCH_STOPPED)
        status = ketch_engine_resume(engine, result, NULL, &error);
    ck_assert_msg(status == KETCH_OK, "%s", error.message);
    ketch_result_destroy(result);
}

/* True if every touch was of another piece of the state. */
static bool are_distinct(const ketch_state *state)
{
    bool seen[TOUCHES_MAX] = {false};
    const char *const base = see_state(state);
    for (uint64_t i = 0; i < touches.count; i++) {
        const size_t piece = (size_t)(touches.memory[i] - base) / KT_HUGE;
        if (touches.memory[i] < base || piece * KT_HUGE >= state_size(state) || seen[piece])
            return false;
        seen[piece] = true;
    }
    return true;
}

/* Runs on new memory and once more on the same memory. Returns the pieces that were touched, each
 * once; amplitudes gets the first run's. */
static uint64_t touched_by(const trial *t, void *amplitudes)
{
    ketch_circuit *const circuit = make_circuit(t->used);
    ketch_engine *const engine = make_engine(t->way.threads);
    ketch_program *const program = make_program(circuit, &t->way);
    ketch_state *state = make_state(engine, QUBITS, t->way.precision);
    touches.count = 0;
    run_state(engine, program, state, t->stop);
    const uint64_t touched = touches.count;
    ck_assert(touched < TOUCHES_MAX && (t->stop || are_distinct(state)));
    memcpy(amplitudes, see_state(state), state_size(state));
    ketch_state_drop(state);
    state = make_state(engine, QUBITS, t->way.precision);
    run_state(engine, program, state, 0);
    ck_assert_uint_eq(touches.count, touched);
    ck_assert_mem_eq(see_state(state), amplitudes, state_size(state));
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
    return touched;
}

static uint64_t pieces(ketch_precision precision)
{
    return ((precision == KETCH_SINGLE ? UINT64_C(8) : 16) << QUBITS) / KT_HUGE;
}

static void *take_amplitudes(void)
{
    void *const memory = malloc((size_t)16 << QUBITS);
    ck_assert_ptr_nonnull(memory);
    return memory;
}

START_TEST(each_piece_is_touched_once)
{
    void *const amplitudes = take_amplitudes();
    for (int32_t precision = KETCH_DOUBLE; precision <= KETCH_SINGLE; precision++) {
        const trial t = {
            .way = {.threads = _i, .precision = (ketch_precision)precision, .tile = TILE},
            .used = QUBITS};
        ck_assert_uint_eq(touched_by(&t, amplitudes), pieces(t.way.precision));
    }
    free(amplitudes);
}
END_TEST

/* The qubit of the upper half of the memory has no gate. */
START_TEST(memory_that_no_pass_writes_is_not_touched)
{
    void *const amplitudes = take_amplitudes();
    const trial t = {.way = {.threads = 3, .precision = KETCH_DOUBLE, .tile = TILE},
                     .used = QUBITS - 1};
    ck_assert_uint_eq(touched_by(&t, amplitudes), pieces(KETCH_DOUBLE) / 2);
    free(amplitudes);
}
END_TEST

/* Stopped at one tick after the other, and refused by the system, it ends in the same bits. */
START_TEST(no_bit_depends_on_the_touch)
{
    enum { STOPS = 12 };
    void *const whole = take_amplitudes(), *const other = take_amplitudes();
    trial t = {.way = {.threads = 2, .precision = KETCH_DOUBLE, .tile = TILE}, .used = QUBITS};
    touched_by(&t, whole);
    for (t.stop = 1; t.stop < STOPS; t.stop++) {
        touched_by(&t, other);
        ck_assert_mem_eq(whole, other, (size_t)16 << QUBITS);
    }
    t.stop = 0;
    touches.refuses = true;
    touched_by(&t, other);
    ck_assert_mem_eq(whole, other, (size_t)16 << QUBITS);
    free(whole);
    free(other);
}
END_TEST

int main(void)
{
    if (!__real_madvise) {
        puts("1..0 # SKIP needs a linker with --wrap");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("touch");
    TCase *const cases = tcase_create("touch");
    suite_add_tcase(suite, cases);
    tcase_set_timeout(cases, 60);
    add_numbers(cases, each_piece_is_touched_once, 1, 4, "threads");
    tcase_add_test(cases, memory_that_no_pass_writes_is_not_touched);
    tcase_add_test(cases, no_bit_depends_on_the_touch);
    return end_with(suite);
}
