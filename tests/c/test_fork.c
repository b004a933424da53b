/* Processes that fork: what was inherited is refused or can be read, what is new works, nothing
 * hangs. KETCH_LONG=1 forks more often. */
#define _GNU_SOURCE
#include "children.h"
#include "engine.h"
#include "long_run.h"
#include "pages.h"
#include "suite.h"

#include <stdatomic.h>
#include <sys/resource.h>

/* In a child: the old engine is refused by every call, a new one works. 0 where all is so. */
static int use_both(ketch_engine *old)
{
    ketch_error inner = {.size = sizeof inner};
    ketch_engine_info info = {.size = sizeof info};
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    if (ketch_engine_run(&result, old, &job, NULL, &inner) != KETCH_FORKED || result)
        return 1;
    if (!strstr(inner.message, "created in another process"))
        return 2;
    if (ketch_engine_get_info(&info, old, &inner) != KETCH_FORKED)
        return 3;
    if (ketch_engine_destroy(old, &inner) != KETCH_FORKED)
        return 4;
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine = NULL;
    if (ketch_engine_create(&engine, &options, &inner) != KETCH_OK)
        return 5;
    if (ketch_engine_run(&result, engine, &job, NULL, &inner) != KETCH_OK)
        return 6;
    uint64_t expected[CELLS];
    mill_reference(expected, ROUNDS);
    if (memcmp(expected, m.a, sizeof expected) != 0)
        return 7;
    ketch_result_destroy(result);
    return ketch_engine_destroy(engine, &inner) == KETCH_OK ? 0 : 8;
}

static void check_child(ketch_engine *engine)
{
    const pid_t child = fork();
    if (child == 0)
        _exit(use_both(engine));
    ck_assert_int_eq(child_code(child), 0);
}

static void run_mill(ketch_engine *engine)
{
    mill m = new_mill(1);
    const ketch_job job = mill_job(&m);
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_engine_run(&result, engine, &job, NULL, &error), KETCH_OK);
    check_finished(result, &m);
    ketch_result_destroy(result);
}

/* An engine whose arena has no mark, as on a system that does not wipe memory: the address space
 * was full when it was made. */
static ketch_engine *make_unmarked(void)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .memory = 64 << 20};
    struct rlimit before;
    free(malloc(100000)); /* small records come from what the heap keeps */
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    const struct rlimit full = {1, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &full), 0);
    ck_assert_ptr_null(kt_pages_mark());
    ketch_engine *engine = NULL;
    const ketch_status status = ketch_engine_create(&engine, &options, &error);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    ck_assert_int_eq(status, KETCH_OK);
    return engine;
}

/* Also where the system does not wipe marks. */
START_TEST(fork_before_and_after_runs)
{
    ketch_engine *const engine = _i ? make_unmarked() : make_engine(2);
    check_child(engine);
    run_mill(engine);
    check_child(engine);
    run_mill(engine);
    end_engine(engine);
}
END_TEST

START_TEST(fork_during_a_run)
{
    long_run l = {.engine = make_engine(3)};
    const pthread_t thread = start_long(&l);
    const int children = getenv("KETCH_LONG") ? 200 : 5;
    for (int i = 0; i < children; i++)
        check_child(l.engine);
    figure("P20", "children forked during a run, all well", children, "");
    ketch_stop_set(&l.stop);
    pthread_join(thread, NULL);
    ck_assert_int_eq(l.status, KETCH_STOPPED);
    run_mill(l.engine);
    end_engine(l.engine);
}
END_TEST

typedef struct forker {
    int32_t ticks;
    pid_t child;
} forker;

/* Late enough that the workers are in the middle of their work. */
static int32_t fork_here(const ketch_step *step, void *user)
{
    (void)step;
    forker *const f = user;
    if (++f->ticks < 20)
        return 0;
    f->child = fork();
    return f->child > 0;
}

/* What the workers of the other process were at is lost: the run cannot go on here, on no engine. */
static int resume_here(ketch_result *result)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2};
    ketch_engine *engine = NULL;
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return 21;
    if (ketch_engine_resume(engine, result, NULL, NULL) != KETCH_FORKED)
        return 22;
    ketch_result_destroy(result);
    return ketch_engine_destroy(engine, NULL) == KETCH_OK ? 0 : 23;
}

/* The child comes back from the hook too: its run ends with FORKED instead of waiting for workers
 * that it does not have. */
START_TEST(fork_in_a_hook)
{
    ketch_engine *const engine = make_engine(3);
    clockwork c = {.limit = 50};
    forker f = {.child = -1};
    const ketch_job job = clockwork_job(&c);
    const ketch_run run = {.size = sizeof run, .hook = fork_here, .user = &f, .tick_seconds = 1e-3};
    ketch_result *result = NULL;
    const ketch_status status = ketch_engine_run(&result, engine, &job, &run, &error);
    if (f.child == 0) {
        int code = status == KETCH_FORKED ? use_both(engine) : 20;
        code = code ? code : resume_here(result);
        _exit(code);
    }
    ck_assert_int_gt(f.child, 0);
    ck_assert_int_eq(status, KETCH_STOPPED);
    ck_assert_int_eq(child_code(f.child), 0);
    ck_assert_int_eq(ketch_engine_resume(engine, result, NULL, &error), KETCH_OK);
    ck_assert_uint_eq(c.indices, 50 * 1000);
    ketch_result_destroy(result);
    end_engine(engine);
}
END_TEST

/* ---- arenas while other threads of the parent use them ---- */

/* What the parent made before its threads came. */
typedef struct heritage {
    ketch_arena *arena;
    ketch_engine *engine;
    ketch_circuit *circuit;
    ketch_program *program, *open, *bound;
    ketch_state *state;
    ketch_result *result;
    ketch_block *block;
    atomic_bool over;
} heritage;

/* Plans a rotation by a parameter, and binds it. */
static void make_bound(heritage *h)
{
    const int32_t qubit = 0;
    const ketch_angle angle = {.parameter = 0, .factor = 1};
    const double value = 0.5;
    ketch_circuit *circuit = NULL;
    ck_assert_int_eq(ketch_circuit_create(&circuit, 4, 0, &error), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_add_parameters(circuit, 1, &error), KETCH_OK);
    ck_assert_int_eq(
        ketch_circuit_parametric(circuit, KETCH_GATE_RX, &qubit, &angle, 0, NULL, NULL, &error),
        KETCH_OK);
    ck_assert_int_eq(ketch_program_create(&h->open, circuit, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_program_bind(&h->bound, h->open, &value, 1, &error), KETCH_OK);
    ketch_circuit_destroy(circuit);
}

static heritage inherit(void)
{
    heritage h = {0};
    ck_assert_int_eq(ketch_arena_create(&h.arena, NULL, &error), KETCH_OK);
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .arena = h.arena};
    const ketch_shots shots = {.size = sizeof shots, .shots = 10, .seed = 1};
    ck_assert_int_eq(ketch_engine_create(&h.engine, &options, &error), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_create(&h.circuit, 4, 1, &error), KETCH_OK);
    ck_assert_int_eq(ketch_x(h.circuit, 0, &error), KETCH_OK);
    ck_assert_int_eq(ketch_circuit_measure(h.circuit, 0, 0, &error), KETCH_OK);
    ck_assert_int_eq(ketch_program_create(&h.program, h.circuit, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_state_create(&h.state, h.arena, 4, KETCH_DOUBLE, &error), KETCH_OK);
    ck_assert_int_eq(
        ketch_program_run(&h.result, h.engine, h.program, h.state, &shots, NULL, &error), KETCH_OK);
    ck_assert_int_eq(ketch_block_take(&h.block, h.arena, 1000, NULL, &error), KETCH_OK);
    make_bound(&h);
    return h;
}

static void bequeath(heritage *h)
{
    ketch_block_drop(h->block);
    ketch_result_destroy(h->result);
    ketch_state_drop(h->state);
    ketch_program_drop(h->program);
    ketch_program_drop(h->open);
    ketch_program_drop(h->bound);
    ketch_circuit_destroy(h->circuit);
    end_engine(h->engine);
    ketch_arena_drop(h->arena);
}

/* Holds the arena's lock as often as it can: blocks come and go, and are mapped and unmapped. */
static void *keep_locking(void *user)
{
    heritage *const h = user;
    ketch_block *small = NULL, *large = NULL;
    while (!h->over) {
        if (ketch_block_take(&small, h->arena, 100, NULL, NULL) == KETCH_OK)
            ketch_block_drop(small);
        if (ketch_block_take(&large, h->arena, 3 << 20, NULL, NULL) == KETCH_OK)
            ketch_block_drop(large);
        ketch_arena_trim(h->arena);
    }
    return NULL;
}

/* Drops count, and what is still held can be read; then the last of everything goes. */
static int drop_all(heritage *h)
{
    uint64_t distinct = 0;
    const void *amplitudes = NULL;
    double norm = 0;
    if (ketch_circuit_result_counts(&distinct, NULL, NULL, 0, h->result, NULL) != KETCH_OK ||
        distinct != 1)
        return 1;
    if (ketch_state_amplitudes(&amplitudes, h->state, NULL) != KETCH_OK ||
        ketch_state_norm(&norm, NULL, h->state, NULL) != KETCH_OK || norm != 1)
        return 2;
    ketch_state_drop(h->state);
    ketch_result_destroy(h->result);
    ketch_program_drop(h->program);
    ketch_program_drop(h->open);
    ketch_program_drop(h->bound);
    ketch_circuit_destroy(h->circuit);
    ((char *)ketch_block_data(h->block))[999] = 1;
    if (ketch_block_drop(h->block) != KETCH_OK || ketch_block_drop(h->block) != KETCH_HANDLE)
        return 3;
    ketch_arena_drop(h->arena);
    return 0;
}

static int is_forked(ketch_status status, const ketch_error *inner)
{
    return status == KETCH_FORKED && strstr(inner->message, "create one in this process") &&
           strstr(inner->argument, "arena");
}

/* All that would need the arena's lock. */
static int ask_all(heritage *h)
{
    ketch_error inner = {.size = sizeof inner};
    ketch_arena_stats stats = {.size = sizeof stats};
    ketch_arena_tag tag = {.size = sizeof tag};
    ketch_engine_options options = {.size = sizeof options, .arena = h->arena};
    ketch_program_options compiled = {.size = sizeof compiled, .arena = h->arena};
    ketch_block *block = NULL;
    ketch_state *state = NULL;
    ketch_engine *engine = NULL;
    ketch_program *program = NULL;
    if (ketch_block_take(&block, h->arena, 10, NULL, &inner) != KETCH_FORKED || block)
        return 1;
    if (ketch_state_create(&state, h->arena, 4, KETCH_DOUBLE, &inner) != KETCH_FORKED || state)
        return 2;
    if (!is_forked(ketch_arena_get_stats(&stats, h->arena, &inner), &inner))
        return 3;
    if (!is_forked(ketch_arena_get_tag(&tag, h->arena, 0, &inner), &inner))
        return 4;
    if (!is_forked(ketch_engine_create(&engine, &options, &inner), &inner) || engine)
        return 5;
    if (!is_forked(ketch_program_create(&program, h->circuit, &compiled, &inner), &inner))
        return 6;
    return ketch_arena_trim(h->arena) != 0 ? 7 : 0;
}

/* A program that was inherited has no new memory for values, and the values that it has can be
 * changed. */
static int bind_inherited(heritage *h)
{
    const double value = 0.7;
    ketch_error inner = {.size = sizeof inner};
    ketch_program *bound = NULL;
    if (ketch_program_bind(&bound, h->open, &value, 1, &inner) != KETCH_FORKED || bound)
        return 1;
    if (!strstr(inner.message, "the program was created in another process") ||
        strcmp(inner.argument, "program") != 0)
        return 2;
    bound = h->bound;
    if (ketch_program_bind(&bound, h->open, &value, 1, &inner) != KETCH_OK || bound != h->bound)
        return 3;
    ketch_program_share(bound);
    if (ketch_program_bind(&bound, h->open, &value, 1, NULL) != KETCH_FORKED || bound != h->bound)
        return 4;
    return 0;
}

/* A new arena works, with the old program, and while the old one is at hand. */
static int make_anew(heritage *h)
{
    ketch_arena *arena = NULL;
    ketch_engine *engine = NULL;
    ketch_result *result = NULL;
    if (ketch_arena_create(&arena, NULL, NULL) != KETCH_OK)
        return 1;
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .arena = arena};
    if (ketch_engine_create(&engine, &options, NULL) != KETCH_OK)
        return 2;
    if (ketch_program_run(&result, engine, h->program, NULL, NULL, NULL, NULL) != KETCH_OK)
        return 3;
    ketch_result_destroy(result);
    if (ketch_program_run(&result, engine, h->program, h->state, NULL, NULL, NULL) != KETCH_FORKED)
        return 4;
    ketch_arena_stats stats = {.size = sizeof stats};
    if (ketch_arena_get_stats(&stats, arena, NULL) != KETCH_OK || stats.used != 0)
        return 5;
    if (ketch_arena_trim(arena) == 0 || ketch_engine_destroy(engine, NULL) != KETCH_OK)
        return 6;
    ketch_arena_drop(arena);
    return 0;
}

typedef struct child_work {
    const char *name;
    int (*work)(heritage *h);
} child_work;

static const child_work works[] = {{"drops", drop_all},
                                   {"takes and questions", ask_all},
                                   {"a new arena", make_anew},
                                   {"new values", bind_inherited}};

enum { WORKS = sizeof works / sizeof *works };

/* Forks at any moment of the threads' work. A child that waits is killed by its alarm. */
START_TEST(fork_while_threads_use_the_arena)
{
    heritage h = inherit();
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_locking, &h), 0);
    const int rounds = getenv("KETCH_LONG") ? 300 : 40;
    int bad = 0, code = 0;
    for (int round = 0; round < rounds; round++) {
        usleep((useconds_t)(rand() % 2000));
        const pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            alarm(10);
            _exit(works[_i].work(&h));
        }
        const int ended = child_code(child);
        bad += ended != 0;
        code = ended ? ended : code;
    }
    h.over = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_msg(bad == 0, "%d of %d children, one with code %d", bad, rounds, code);
    bequeath(&h);
}
END_TEST

static void add_cases(Suite *suite)
{
    static const char *const marks[] = {"memory that forks wipe", "by process number"};
    TCase *const cases = tcase_create("fork");
    tcase_set_timeout(cases, 120);
    add_list(cases, fork_before_and_after_runs, marks, 2);
    tcase_add_test(cases, fork_during_a_run);
    tcase_add_test(cases, fork_in_a_hook);
    for (int i = 0; i < WORKS; i++)
        add_indexed(cases, fork_while_threads_use_the_arena, i, "%s", works[i].name);
    suite_add_tcase(suite, cases);
}

int main(void)
{
    /* Sanitizers do not survive forks with threads about: tests/run.sh excludes them there. */
    const char *const excluded = getenv("CK_EXCLUDE_TAGS");
    if (excluded && strstr(excluded, "fork")) {
        puts("1..0 # SKIP forks are excluded in a sanitizer's build");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("fork");
    add_cases(suite);
    return end_with(suite);
}
