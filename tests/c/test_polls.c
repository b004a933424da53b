/* What the question whether to end costs a run of a circuit: how often a worker asks it, times what
 * it costs. */
#define _GNU_SOURCE
#include "runs.h"
#include "suite.h"
#include <time.h>

enum { QUBITS = 20, LAYERS = 4, POLLS = 1000000, ROUNDS = 5 };

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int32_t do_nothing(const ketch_step *step, void *user)
{
    (void)step, (void)user;
    return 0;
}

/* With everything that a poll has to look at. */
static ketch_run run_options(ketch_stop *token)
{
    return (ketch_run){.size = sizeof(ketch_run),
                       .hook = do_nothing,
                       .tick_seconds = 0.05,
                       .timeout = 3600,
                       .stop = token};
}

/* ---- the cost of a poll ---- */

/* A job of one index, which polls. seconds: the least that a poll took in any round. */
typedef struct poller {
    ketch_context *context;
    double seconds;
} poller;

static ketch_status poll_often(uint64_t index, int32_t worker, void *user)
{
    (void)index;
    poller *const p = user;
    for (int round = 0; round < ROUNDS; round++) {
        const double begun = processor_seconds();
        for (int i = 0; i < POLLS; i++) {
            const ketch_status status = ketch_context_poll(p->context, worker);
            if (status != KETCH_OK)
                return status;
        }
        p->seconds = fmin(p->seconds, (processor_seconds() - begun) / POLLS);
    }
    return KETCH_OK;
}

static ketch_status advance_poller(ketch_context *context, void *user)
{
    poller *const p = user;
    p->context = context;
    return ketch_context_parallel(context, 1, 1, poll_often, p);
}

static const ketch_job_type poller_type = {
    .size = sizeof(ketch_job_type), .name = "test.poller", .version = 1, .advance = advance_poller};

static double poll_seconds(ketch_engine *engine)
{
    ketch_stop token = {0};
    poller p = {.seconds = INFINITY};
    const ketch_job job = {.size = sizeof job, .type = &poller_type, .steps = 1, .user = &p};
    const ketch_run run = run_options(&token);
    ketch_result *result = NULL;
    GOOD(ketch_engine_run(&result, engine, &job, &run, &error));
    ketch_result_destroy(result);
    return p.seconds;
}

/* ---- a run of a circuit ---- */

static ketch_circuit *make_layers(void)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, QUBITS, 0, &error));
    for (int layer = 0; layer < LAYERS; layer++) {
        for (int q = 0; q < QUBITS; q++)
            GOOD(ketch_rx(circuit, 0.1 + layer + q, q, &error));
        for (int q = layer % 2; q + 1 < QUBITS; q += 2)
            GOOD(ketch_cx(circuit, q, q + 1, &error));
    }
    return circuit;
}

/* Returns the least processor time of a run. */
static double run_seconds(ketch_engine *engine, ketch_program *program, ketch_report *report)
{
    ketch_stop token = {0};
    const ketch_run run = run_options(&token);
    double least = INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        ketch_result *result = NULL;
        const double begun = processor_seconds();
        GOOD(ketch_program_run(&result, engine, program, NULL, NULL, &run, &error));
        least = fmin(least, processor_seconds() - begun);
        GOOD(ketch_result_get_report(report, result, &error));
        ketch_result_destroy(result);
    }
    return least;
}

START_TEST(polls_cost_next_to_nothing)
{
    ketch_engine *const engine = make_engine(1);
    ketch_circuit *const circuit = make_layers();
    ketch_program *const program = make_program(circuit, &(run_way){0});
    ketch_report report = {.size = sizeof report};
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    const double seconds = run_seconds(engine, program, &report);
    /* A worker polls before each index, which is a tile, and the run before each pass. */
    const double polls = (double)(report.indices + report.sweeps);
    const double share = 100 * polls * poll_seconds(engine) / seconds;
    figure("P12", "amplitudes between two polls, at most 65536", ldexp(1, info.tile_bits), "");
    figure("P12", "processor time of polls in a run of 20 qubits, at most 0.1 %", share, "%");
    ck_assert_int_le(info.tile_bits, 16);
    ck_assert_uint_ge(report.indices, info.passes);
    ck_assert_double_le(share, 0.1);
    ketch_program_drop(program);
    ketch_circuit_destroy(circuit);
    GOOD(ketch_engine_destroy(engine, &error));
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("polls");
    TCase *const cases = tcase_create("one thread");
    tcase_set_timeout(cases, 120);
    keep_one_thread(cases);
    tcase_add_test(cases, polls_cost_next_to_nothing);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
