/* Data sets that are scored: as if each episode were scored alone, on any number of threads, and
 * wherever the run was stopped; data sets that several trainers share; and the memory of all that. */
#define _GNU_SOURCE
#include "suite.h"
#include "trainings.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

enum {
    NEURONS = 24,
    SENSORY = 8,
    SYNAPSES = 150,
    TICKS = 21,
    EVENTS = 80,
    EPISODES = 13,
    OUTPUTS = 8
};

static ketch_engine *engine;

static ketch_engine *engine_of(int32_t threads)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = threads};
    ketch_engine *made = NULL;
    GOOD(ketch_engine_create(&made, &options, &error));
    return made;
}

/* A rule, with networks of a mode. */
typedef struct kind {
    const char *name;
    ketch_glia_rule rule;
    ketch_glia_mode mode;
} kind;

static const kind kinds[] = {{"gradient", KETCH_GLIA_GRADIENT, KETCH_GLIA_COMPAT},
                             {"Hebbian", KETCH_GLIA_HEBBIAN, KETCH_GLIA_COMPAT},
                             {"gradient, clean", KETCH_GLIA_GRADIENT, KETCH_GLIA_CLEAN},
                             {"Hebbian, clean", KETCH_GLIA_HEBBIAN, KETCH_GLIA_CLEAN}};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* default_id is the target of some episodes; others have none that is an output. */
static const char *const targets[] = {"O0", "O2", "none", "", "O4"};

typedef struct exam {
    ketch_glia_net *net;
    ketch_glia_trainer *trainer;
    ketch_glia_config config;
    ketch_glia_episode episodes[EPISODES];
    ketch_glia_evaluation evaluation;
} exam;

static ketch_glia_net *net_of(const kind *k, ketch_arena *arena)
{
    return k->mode == KETCH_GLIA_CLEAN ? random_clean_net(arena, NEURONS, SENSORY, SYNAPSES, 25, 5)
                                       : random_net(arena, NEURONS, SENSORY, SYNAPSES, 5);
}

static void open_exam(exam *x, const kind *k, ketch_engine *on)
{
    x->net = net_of(k, ketch_engine_arena(on));
    GOOD(ketch_glia_trainer_create(&x->trainer, x->net, k->rule, &error));
    x->config.size = sizeof x->config;
    GOOD(ketch_glia_config_default(&x->config, &error));
    x->config.warmup_ticks = 4;
    x->config.decision_window = TICKS - 4;
    x->config.detector_threshold = 0.2F;
    x->config.default_id = "none";
    for (int i = 0; i < EPISODES; i++)
        x->episodes[i] = (ketch_glia_episode){
            sizeof *x->episodes, random_sequence(i % 4 ? EVENTS : 2, SENSORY, TICKS, (uint64_t)i),
            targets[i % 5]};
    x->evaluation = (ketch_glia_evaluation){.size = sizeof x->evaluation,
                                            .episodes = x->episodes,
                                            .count = EPISODES,
                                            .config = &x->config};
}

static void close_exam(exam *x)
{
    for (int i = 0; i < EPISODES; i++)
        ketch_glia_sequence_drop(x->episodes[i].sequence);
    ketch_glia_trainer_drop(x->trainer);
    ketch_glia_net_drop(x->net);
}

static void open_engine(void)
{
    engine = engine_of(2);
}

static void close_engine(void)
{
    GOOD(ketch_engine_destroy(engine, &error));
}

/* ---- scores ---- */

/* What is read of an evaluation. */
typedef struct marks {
    ketch_glia_scores scores;
    ketch_glia_metrics metrics[EPISODES];
    float rates[EPISODES * OUTPUTS];
} marks;

static void read_marks(marks *m, const ketch_result *result)
{
    memset(m, 0, sizeof *m);
    m->scores.size = sizeof m->scores;
    m->metrics[0].size = sizeof *m->metrics;
    GOOD(ketch_glia_get_scores(&m->scores, result, &error));
    ck_assert_uint_eq(m->scores.outputs, OUTPUTS);
    GOOD(ketch_glia_get_metrics(m->metrics, 0, EPISODES, result, &error));
    GOOD(ketch_glia_get_rates(m->rates, 0, EPISODES, result, &error));
}

/* Of all but the padding of structs. */
static uint64_t hash_marks(const marks *m)
{
    const ketch_glia_scores *const s = &m->scores;
    const double sums[] = {(double)s->episodes, (double)s->total, (double)s->right,
                           s->accuracy,         s->margin,        (double)s->outputs};
    uint64_t hash = contract_hash(CONTRACT_HASH_START, sums, sizeof sums);
    for (int i = 0; i < EPISODES; i++) {
        const ketch_glia_metrics *const one = &m->metrics[i];
        const double numbers[] = {(double)one->winner, (double)one->margin, (double)one->ticks_run,
                                  (double)one->outputs};
        hash = contract_hash(hash, numbers, sizeof numbers);
    }
    return contract_hash(hash, m->rates, sizeof m->rates);
}

/* The winner's id is the target, or nobody won and the target stands for that. */
static bool is_right(const exam *x, const kind *k, const ketch_glia_metrics *m, int episode)
{
    const char *const none = k->rule == KETCH_GLIA_HEBBIAN ? x->config.default_id : "";
    const char *const winner = m->winner < 0 ? none : ketch_glia_id(x->net, (uint64_t)m->winner);
    return strcmp(winner, x->episodes[episode].target) == 0;
}

/* One episode after the other. */
static void score_one_by_one(marks *m, const exam *x, const kind *k)
{
    double margins = 0;
    memset(m, 0, sizeof *m);
    m->scores = (ketch_glia_scores){
        .size = sizeof m->scores, .episodes = EPISODES, .total = EPISODES, .outputs = OUTPUTS};
    for (int i = 0; i < EPISODES; i++) {
        m->metrics[i].size = sizeof *m->metrics;
        GOOD(ketch_glia_evaluate(&m->metrics[i], m->rates + OUTPUTS * i, OUTPUTS, x->trainer,
                                 x->episodes[i].sequence, &x->config, &error));
        m->scores.right += is_right(x, k, &m->metrics[i], i);
        margins += (double)m->metrics[i].margin;
    }
    m->scores.accuracy = (double)m->scores.right / EPISODES;
    m->scores.margin = margins / EPISODES;
}

static void score_all(marks *m, const exam *x, ketch_engine *on)
{
    ketch_result *result = NULL;
    GOOD(ketch_glia_evaluate_all(&result, on, x->trainer, &x->evaluation, NULL, &error));
    read_marks(m, result);
    ketch_result_destroy(result);
}

static const int32_t thread_counts[] = {1, 2, 3, 8};

START_TEST(a_data_set_is_scored_otherwise)
{
    const kind *const k = &kinds[_i];
    marks expected, scored;
    exam single;
    open_exam(&single, k, engine);
    score_one_by_one(&expected, &single, k);
    ck_assert_uint_gt(expected.scores.right, 0);
    ck_assert_uint_lt(expected.scores.right, EPISODES);
    const uint64_t state = hash_state(single.net, CONTRACT_HASH_START);
    for (int i = 0; i < 4; i++) {
        exam x;
        ketch_engine *const on = engine_of(thread_counts[i]);
        open_exam(&x, k, on);
        const uint64_t before = hash_state(x.net, CONTRACT_HASH_START);
        score_all(&scored, &x, on);
        ck_assert_msg(hash_marks(&scored) == hash_marks(&expected), "%d threads", thread_counts[i]);
        ck_assert_uint_eq(hash_state(x.net, CONTRACT_HASH_START),
                          k->mode == KETCH_GLIA_CLEAN ? before : state);
        close_exam(&x);
        GOOD(ketch_engine_destroy(on, &error));
    }
    close_exam(&single);
}
END_TEST

/* A clean network is as it was. */
START_TEST(a_second_score_is_another_one)
{
    marks first, second;
    exam x;
    open_exam(&x, &kinds[_i], engine);
    score_all(&first, &x, engine);
    GOOD(ketch_glia_step(x.net, 3, &error));
    score_all(&second, &x, engine);
    ck_assert_uint_eq(hash_marks(&first), hash_marks(&second));
    close_exam(&x);
}
END_TEST

/* ---- stops ---- */

typedef struct call_stop {
    int calls, at;
} call_stop;

static int32_t stop_at_call(const ketch_step *step, void *user)
{
    call_stop *const s = user;
    (void)step;
    return ++s->calls == s->at;
}

/* Stops at the call of that number of the hook, and goes on with other threads. True where the run
 * ended before. */
static bool score_in_pieces(const kind *k, int at, uint64_t expected)
{
    exam x;
    marks read;
    ketch_result *result = NULL;
    call_stop stop = {.at = at};
    ketch_engine *const others[] = {engine_of(1), engine_of(3), engine_of(5)};
    const ketch_run run = {
        .size = sizeof run, .hook = stop_at_call, .user = &stop, .tick_seconds = 1e-9};
    open_exam(&x, k, engine);
    x.config.decision_window = 8000;
    ketch_status status =
        ketch_glia_evaluate_all(&result, engine, x.trainer, &x.evaluation, &run, NULL);
    const bool whole = status == KETCH_OK;
    for (int turn = 0; status == KETCH_STOPPED; turn++) {
        stop.calls = 0;
        stop.at = 3;
        ck_assert_int_lt(turn, 1000);
        read_marks(&read, result);
        ck_assert_uint_le(read.scores.episodes, EPISODES);
        status = ketch_engine_resume(others[turn % 3], result, &run, NULL);
    }
    ck_assert_int_eq(status, KETCH_OK);
    read_marks(&read, result);
    ck_assert_msg(hash_marks(&read) == expected, "stopped at call %d", at);
    ketch_result_destroy(result);
    close_exam(&x);
    for (int i = 0; i < 3; i++)
        GOOD(ketch_engine_destroy(others[i], &error));
    return whole;
}

START_TEST(a_stopped_score_ends_in_other_bits)
{
    const kind *const k = &kinds[_i];
    marks expected;
    exam single;
    int at = 1;
    open_exam(&single, k, engine);
    single.config.decision_window = 8000;
    score_one_by_one(&expected, &single, k);
    close_exam(&single);
    while (at < 40 && !score_in_pieces(k, at, hash_marks(&expected)))
        at += WITH_TSAN ? 9 : 3;
    ck_assert_int_gt(at, EPISODES); /* a look within each episode, and one before it */
}
END_TEST

START_TEST(a_score_goes_on_with_a_changed_network)
{
    ketch_error failure = {.size = sizeof failure};
    for (int i = 0; i < KINDS; i++) {
        exam x;
        ketch_result *result = NULL;
        open_exam(&x, &kinds[i], engine);
        GOOD(ketch_glia_evaluate_begin(&result, engine, x.trainer, &x.evaluation, NULL, &error));
        GOOD(ketch_glia_step(x.net, 1, &error));
        const ketch_status status = ketch_engine_resume(engine, result, NULL, &failure);
        ck_assert_int_eq(status, kinds[i].mode == KETCH_GLIA_CLEAN ? KETCH_OK : KETCH_MISMATCH);
        ck_assert(status == KETCH_OK || strstr(failure.message, "changed"));
        ketch_result_destroy(result);
        close_exam(&x);
    }
}
END_TEST

/* ---- wrong calls ---- */

#define REFUSED(expected, call)                                                                    \
    do {                                                                                           \
        ck_assert_int_eq((call), (expected));                                                      \
        ck_assert_ptr_null(result);                                                                \
    } while (0)

static ketch_status score_with(const exam *x, ketch_glia_evaluation evaluation, ketch_error *e)
{
    ketch_result *result = NULL;
    const ketch_status status =
        ketch_glia_evaluate_all(&result, engine, x->trainer, &evaluation, NULL, e);
    ck_assert_ptr_null(result);
    return status;
}

static void expect_refused(const exam *x, ketch_glia_evaluation evaluation, ketch_status status,
                           const char *argument, const char *given)
{
    ketch_error e = {.size = sizeof e};
    ck_assert_int_eq(score_with(x, evaluation, &e), status);
    ck_assert_str_eq(e.argument, argument);
    ck_assert_msg(strstr(e.given, given) != NULL, "given %s", e.given);
    ck_assert_str_eq(e.function, "ketch_glia_evaluate_all");
}

START_TEST(a_wrong_evaluation_is_taken)
{
    exam x;
    open_exam(&x, &kinds[0], engine);
    const ketch_glia_evaluation good = x.evaluation;
    ketch_glia_episode bad[2] = {x.episodes[0], x.episodes[1]};
    ketch_glia_evaluation wrong = good;
    wrong.size = 0;
    expect_refused(&x, wrong, KETCH_MISMATCH, "evaluation", "0");
    wrong = good;
    wrong.count = 0;
    expect_refused(&x, wrong, KETCH_RANGE, "count", "0");
    wrong = good;
    wrong.episodes = NULL;
    expect_refused(&x, wrong, KETCH_HANDLE, "episodes", "NULL");
    wrong = good;
    wrong.episodes = bad;
    wrong.count = 2;
    bad[1].target = NULL;
    expect_refused(&x, wrong, KETCH_HANDLE, "target", "NULL");
    bad[1].target = "O0";
    bad[1].sequence = (void *)x.net;
    expect_refused(&x, wrong, KETCH_HANDLE, "sequence", "something else");
    bad[0].size = 4;
    expect_refused(&x, wrong, KETCH_MISMATCH, "episodes", "4");
    x.config.rate_alpha = 2;
    expect_refused(&x, good, KETCH_RANGE, "rate_alpha", "2");
    x.config.rate_alpha = NAN;
    expect_refused(&x, good, KETCH_NONFINITE, "rate_alpha", "nan");
    close_exam(&x);
}
END_TEST

START_TEST(a_wrong_handle_of_an_evaluation_is_taken)
{
    exam x;
    ketch_result *result = NULL;
    ketch_glia_scores scores = {.size = sizeof scores};
    ketch_glia_metrics metrics = {.size = sizeof metrics};
    ketch_need need = {.size = sizeof need};
    float rates[OUTPUTS];
    open_exam(&x, &kinds[2], engine);
    REFUSED(KETCH_HANDLE,
            ketch_glia_evaluate_all(&result, engine, NULL, &x.evaluation, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate_all(&result, engine, x.trainer, NULL, NULL, NULL));
    REFUSED(KETCH_HANDLE,
            ketch_glia_evaluate_begin(&result, NULL, x.trainer, &x.evaluation, NULL, NULL));
    const ketch_job bare = {.size = sizeof bare, .type = ketch_glia_evaluate_type()};
    REFUSED(KETCH_HANDLE, ketch_engine_run(&result, engine, &bare, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate_need(&need, NULL, x.trainer, &x.evaluation, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate_need(&need, engine, NULL, &x.evaluation, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate_need(&need, engine, x.trainer, NULL, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_evaluate_need(NULL, engine, x.trainer, &x.evaluation, NULL));
    REFUSED(KETCH_HANDLE, ketch_glia_get_scores(&scores, NULL, NULL));
    GOOD(ketch_glia_evaluate_begin(&result, engine, x.trainer, &x.evaluation, NULL, &error));
    GOOD(ketch_glia_get_scores(&scores, result, &error));
    ck_assert(scores.episodes == 0 && scores.total == EPISODES && scores.accuracy == 0);
    GOOD(ketch_glia_get_metrics(&metrics, EPISODES - 1, 1, result, &error));
    ck_assert(metrics.winner == -1 && metrics.ticks_run == 0);
    ck_assert_int_eq(ketch_glia_get_metrics(&metrics, EPISODES, 1, result, NULL), KETCH_INDEX);
    ck_assert_int_eq(ketch_glia_get_rates(rates, 1, UINT64_MAX, result, NULL), KETCH_INDEX);
    ck_assert_int_eq(ketch_glia_get_rates(NULL, 0, 1, result, NULL), KETCH_HANDLE);
    ck_assert_int_eq(ketch_glia_get_scores(NULL, result, NULL), KETCH_HANDLE);
    ketch_result_destroy(result);
    close_exam(&x);
}
END_TEST

/* ---- memory ---- */

static uint64_t used_by(const ketch_engine *on)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, ketch_engine_arena(on), &error));
    return stats.used;
}

/* Lets all targets be outputs, and synapses stay. */
static void let_it_train(exam *x)
{
    x->config.prune_epsilon = 0;
    for (int i = 0; i < EPISODES; i++)
        x->episodes[i].target = i % 2 ? "O0" : "O2";
}

static ketch_glia_training training_of(const exam *x, uint64_t epochs)
{
    return (ketch_glia_training){.size = sizeof(ketch_glia_training),
                                 .episodes = x->episodes,
                                 .count = EPISODES,
                                 .epochs = epochs,
                                 .config = &x->config};
}

/* On an engine whose arena has network and trainer, too. At the end of the training its snapshots are
 * there. */
START_TEST(what_is_needed_is_not_what_is_taken)
{
    ketch_engine *const on = engine_of(3);
    exam x;
    ketch_need need = {.size = sizeof need};
    ketch_result *result = NULL;
    open_exam(&x, &kinds[_i], on);
    GOOD(ketch_glia_evaluate_need(&need, on, x.trainer, &x.evaluation, &error));
    GOOD(ketch_glia_evaluate_all(&result, on, x.trainer, &x.evaluation, NULL, &error));
    ck_assert_uint_eq(need.bytes, used_by(on));
    ketch_result_destroy(result);
    let_it_train(&x);
    for (uint64_t epochs = 0; epochs < 12; epochs += 3) {
        const ketch_glia_training training = training_of(&x, epochs);
        x.config.checkpoints_enable = epochs != 3;
        GOOD(ketch_glia_train_need(&need, on, x.trainer, &training, &error));
        GOOD(ketch_glia_train(&result, on, x.trainer, &training, NULL, &error));
        ck_assert_msg(need.bytes == used_by(on), "%d epochs: %llu, not %llu", (int)epochs,
                      (unsigned long long)used_by(on), (unsigned long long)need.bytes);
        ketch_result_destroy(result);
    }
    close_exam(&x);
    GOOD(ketch_engine_destroy(on, &error));
}
END_TEST

static void train_often(const exam *x, int times)
{
    const ketch_glia_training training = training_of(x, 1);
    for (int i = 0; i < times; i++) {
        ketch_result *result = NULL;
        GOOD(ketch_glia_train(&result, engine, x->trainer, &training, NULL, &error));
        ketch_result_destroy(result);
        GOOD(ketch_glia_evaluate_all(&result, engine, x->trainer, &x->evaluation, NULL, &error));
        ketch_result_destroy(result);
    }
}

/* Bytes of small memory in use; 0 where the C library does not say. */
static size_t heap_in_use(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    return mallinfo2().uordblks;
#else
    return 0;
#endif
}

/* The first trainings start threads, and fill the places of snapshots. Freed blocks that a thread
 * keeps for itself count as in use, so the heap may differ by some of them; a block of 32 bytes, the
 * smallest, that each training left would be twice what is allowed. */
START_TEST(long_use_takes_memory)
{
    const uint64_t ticks = WITH_TSAN ? 20000 : 1000000;
    enum { TIMES = WITH_TSAN ? 100 : 1000, SPARE = 16 * TIMES };
    exam x;
    ketch_arena_stats before = {.size = sizeof before}, after = {.size = sizeof after};
    open_exam(&x, &kinds[_i], engine);
    let_it_train(&x);
    train_often(&x, 100);
    GOOD(ketch_glia_step(x.net, 100, &error));
    GOOD(ketch_arena_get_stats(&before, ketch_engine_arena(engine), &error));
    const size_t heap = heap_in_use();
    train_often(&x, TIMES);
    GOOD(ketch_glia_step(x.net, ticks, &error));
    const size_t heap_after = heap_in_use();
    GOOD(ketch_arena_get_stats(&after, ketch_engine_arena(engine), &error));
    ck_assert_uint_eq(after.used, before.used);
    ck_assert_uint_eq(after.maps, before.maps);
    ck_assert_uint_le(heap_after, heap + SPARE);
    close_exam(&x);
}
END_TEST

/* ---- threads ---- */

enum { THREADS = 2, TRAININGS = 20 };

/* Trains a network of its own with episodes that others train with, too. */
typedef struct pupil {
    pthread_t thread;
    const exam *shared;
    const kind *kind;
    uint64_t hash;
} pupil;

static void *train_alone(void *user)
{
    pupil *const p = user;
    const ketch_glia_training training = training_of(p->shared, 2);
    ketch_engine *const own = engine_of(1);
    ketch_glia_net *const net = net_of(p->kind, ketch_engine_arena(own));
    ketch_glia_trainer *trainer = NULL;
    GOOD(ketch_glia_trainer_create(&trainer, net, p->kind->rule, &error));
    for (int i = 0; i < TRAININGS; i++) {
        ketch_result *result = NULL;
        GOOD(ketch_glia_train(&result, own, trainer, &training, NULL, &error));
        ketch_result_destroy(result);
        GOOD(ketch_glia_evaluate_all(&result, own, trainer, &p->shared->evaluation, NULL, &error));
        ketch_result_destroy(result);
    }
    p->hash = hash_net(net, CONTRACT_HASH_START);
    ketch_glia_trainer_drop(trainer);
    ketch_glia_net_drop(net);
    GOOD(ketch_engine_destroy(own, &error));
    return NULL;
}

START_TEST(a_shared_data_set_changes_the_bits)
{
    exam x;
    open_exam(&x, &kinds[_i], engine);
    let_it_train(&x);
    pupil alone = {.shared = &x, .kind = &kinds[_i]}, pupils[THREADS];
    train_alone(&alone);
    for (int i = 0; i < THREADS; i++) {
        pupils[i] = (pupil){.shared = &x, .kind = &kinds[_i]};
        ck_assert_int_eq(pthread_create(&pupils[i].thread, NULL, train_alone, &pupils[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(pupils[i].thread, NULL), 0);
        ck_assert_uint_eq(pupils[i].hash, alone.hash);
    }
    close_exam(&x);
}
END_TEST

/* Works on the network that another thread works on. */
typedef struct rival {
    pthread_t thread;
    const exam *shared;
    int done, busy;
} rival;

static void *train_the_same(void *user)
{
    rival *const r = user;
    const ketch_glia_training training = training_of(r->shared, 2);
    ketch_engine *const own = engine_of(1);
    for (int i = 0; i < 200; i++) {
        ketch_result *result = NULL;
        const ketch_status status =
            i % 2 ? ketch_glia_train(&result, own, r->shared->trainer, &training, NULL, NULL)
                  : ketch_glia_evaluate_all(&result, own, r->shared->trainer,
                                            &r->shared->evaluation, NULL, NULL);
        ck_assert_msg(status == KETCH_OK || status == KETCH_BUSY, "status %d", status);
        ck_assert(status == KETCH_OK || !result);
        r->done += status == KETCH_OK;
        r->busy += status == KETCH_BUSY;
        ketch_result_destroy(result);
    }
    GOOD(ketch_engine_destroy(own, &error));
    return NULL;
}

START_TEST(two_threads_train_one_network)
{
    exam x;
    rival rivals[THREADS];
    int done = 0;
    open_exam(&x, &kinds[_i], engine);
    let_it_train(&x);
    for (int i = 0; i < THREADS; i++) {
        rivals[i] = (rival){.shared = &x};
        ck_assert_int_eq(pthread_create(&rivals[i].thread, NULL, train_the_same, &rivals[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_join(rivals[i].thread, NULL), 0);
        done += rivals[i].done;
    }
    ck_assert_int_gt(done, 0);
    ck_assert_int_eq(rivals[0].busy + rivals[1].busy + done, 400);
    close_exam(&x);
}
END_TEST

/* ---- suite ---- */

static void add_kinds(TCase *cases, const TTest *test)
{
    for (int i = 0; i < KINDS; i++)
        add_indexed(cases, test, i, "%s", kinds[i].name);
}

int main(void)
{
    Suite *const suite = suite_create("glia_evaluate");
    TCase *const cases = tcase_create("evaluations");
    tcase_add_checked_fixture(cases, open_engine, close_engine);
    tcase_set_timeout(cases, 120);
    add_kinds(cases, a_data_set_is_scored_otherwise);
    for (int i = 2; i < KINDS; i++)
        add_indexed(cases, a_second_score_is_another_one, i, "%s", kinds[i].name);
    add_kinds(cases, a_stopped_score_ends_in_other_bits);
    tcase_add_test(cases, a_score_goes_on_with_a_changed_network);
    tcase_add_test(cases, a_wrong_evaluation_is_taken);
    tcase_add_test(cases, a_wrong_handle_of_an_evaluation_is_taken);
    add_kinds(cases, what_is_needed_is_not_what_is_taken);
    add_kinds(cases, long_use_takes_memory);
    add_kinds(cases, a_shared_data_set_changes_the_bits);
    add_kinds(cases, two_threads_train_one_network);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
