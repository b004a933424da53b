/* Where programs lie: a program, and the work memory of planning it, are blocks of the arena that its
 * options name, or of one of its own. */
#define _GNU_SOURCE
#include "account.h"
#include "allocations.h"
#include "ket/compile/fingerprint.h"
#include "maker.h"
#include "runs.h"
#include "suite.h"

#include <inttypes.h>
#include <pthread.h>

enum { PARAMETERS = 3, PAGE = 4096 };

static const double some_values[PARAMETERS] = {0.3, 0.7, -1.1};

/* ---- circuits ---- */

static ketch_circuit *make_ansatz(int32_t qubits)
{
    ketch_circuit *c = NULL;
    GOOD(ketch_circuit_create(&c, qubits, 0, &error));
    GOOD(ketch_circuit_add_parameters(c, PARAMETERS, &error));
    for (int32_t i = 0; i < 4 * qubits; i++) {
        const ketch_angle angle = {.parameter = i % PARAMETERS, .factor = 1 + i, .offset = 0.2};
        const int32_t pair[2] = {i % qubits, (i + 1) % qubits};
        const ketch_gate gate = i % 3 ? KETCH_GATE_RX : KETCH_GATE_RZ;
        GOOD(ketch_circuit_parametric(c, gate, pair, &angle, 0, NULL, NULL, &error));
        GOOD(ketch_circuit_gate(c, KETCH_GATE_CX, pair, NULL, &error));
    }
    return c;
}

static const struct {
    const char *name;
    int32_t qubits, gates; /* gates 0: with parameters */
} shapes[] = {{"a small circuit", 4, 40},
              {"one tile", 9, 300},
              {"many tiles", 18, 900},
              {"with parameters", 9, 0},
              {"no gates", 3, -1}};

enum { SHAPES = sizeof shapes / sizeof *shapes, OPEN = 3 };

static ketch_circuit *make_shape(int shape)
{
    const int32_t qubits = shapes[shape].qubits, gates = shapes[shape].gates;
    if (gates == 0)
        return make_ansatz(qubits);
    return gates < 0 ? maker_open(qubits, 0, 1).circuit : maker_random(qubits, gates, 7).circuit;
}

/* ---- arenas ---- */

static ketch_arena *make_arena(uint64_t memory)
{
    const ketch_arena_options options = {.size = sizeof options, .memory = memory};
    ketch_arena *arena = NULL;
    GOOD(ketch_arena_create(&arena, &options, &error));
    return arena;
}

static ketch_arena_stats stats_of(ketch_arena *arena)
{
    ketch_arena_stats stats = {.size = sizeof stats};
    GOOD(ketch_arena_get_stats(&stats, arena, &error));
    return stats;
}

/* All 0 where the tag was never used. */
static ketch_arena_tag tag_of(ketch_arena *arena, const char *name)
{
    ketch_arena_tag tag = {.size = sizeof tag};
    for (int32_t i = 0; !ketch_arena_get_tag(&tag, arena, i, NULL); i++)
        if (strcmp(tag.name, name) == 0)
            return tag;
    return (ketch_arena_tag){0};
}

/* What all arenas of the process have mapped. */
static uint64_t mapped(void)
{
    return atomic_load(&kt_account_process.granted);
}

/* arena NULL: one of its own. */
static ketch_status plan_in(ketch_program **program, const ketch_circuit *circuit,
                            ketch_arena *arena, ketch_error *error)
{
    const ketch_program_options options = {.size = sizeof options, .arena = arena};
    return ketch_program_create(program, circuit, &options, error);
}

static ketch_program *must_plan(const ketch_circuit *circuit, ketch_arena *arena)
{
    ketch_program *program = NULL;
    GOOD(plan_in(&program, circuit, arena, &error));
    return program;
}

static ketch_program *must_bind(ketch_program *program)
{
    ketch_program *bound = NULL;
    GOOD(ketch_program_bind(&bound, program, some_values, PARAMETERS, &error));
    return bound;
}

/* ---- where they lie ---- */

START_TEST(a_program_lies_in_the_arena_of_its_options)
{
    ketch_circuit *const circuit = make_shape(_i);
    ketch_arena *const arena = make_arena(0);
    ketch_program *const program = must_plan(circuit, arena);
    const ketch_arena_tag planning = tag_of(arena, "planning");
    ck_assert_uint_eq(planning.used, 0);
    ck_assert_uint_gt(planning.peak, 0);
    const uint64_t used = tag_of(arena, "program").used;
    ck_assert_uint_gt(used, 0);
    ck_assert_uint_eq(stats_of(arena).used, used);
    ketch_program_share(program);
    ketch_program_drop(program);
    ck_assert_uint_eq(tag_of(arena, "program").used, used);
    ketch_program_drop(program);
    ck_assert_uint_eq(tag_of(arena, "program").used, 0);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* The work memory of planning is unmapped at once. */
START_TEST(an_arena_of_its_own_ends_with_the_program)
{
    ketch_circuit *const circuit = make_shape(_i);
    const uint64_t before = mapped();
    ketch_program *const program = must_plan(circuit, NULL);
    const ketch_arena_stats stats = stats_of(kt_block_arena(program->block));
    ck_assert_uint_gt(stats.used, 0);
    ck_assert_uint_eq(stats.held, stats.used);
    ck_assert_uint_eq(mapped(), before + stats.held);
    ketch_program_drop(program);
    ck_assert_uint_eq(mapped(), before);
    ketch_circuit_destroy(circuit);
}
END_TEST

static ketch_state *run_program(ketch_program *program)
{
    ketch_engine *const engine = make_engine(1);
    ketch_result *result = NULL;
    GOOD(ketch_program_run(&result, engine, program, NULL, NULL, NULL, &error));
    ketch_state *const state = ketch_state_share(ketch_circuit_result_state(result));
    ketch_result_destroy(result);
    GOOD(ketch_engine_destroy(engine, &error));
    return state;
}

/* Index 0: in an arena of its own, 1: in one whose handle is given up. */
START_TEST(a_bound_program_outlives_what_it_was_made_from)
{
    ketch_circuit *const circuit = make_shape(OPEN);
    const uint64_t before = mapped();
    ketch_arena *const arena = _i ? make_arena(0) : NULL;
    ketch_program *const program = must_plan(circuit, arena), *const bound = must_bind(program);
    ketch_state *const expected = run_program(bound);
    ck_assert_ptr_eq(kt_block_arena(bound->block), kt_block_arena(program->block));
    ck_assert(!arena || kt_block_arena(bound->block) == arena);
    ketch_program_drop(program);
    ketch_arena_drop(arena);
    ketch_circuit_destroy(circuit);
    ketch_program *const again = must_bind(bound);
    ketch_program_drop(bound);
    ketch_state *const state = run_program(again);
    ck_assert_mem_eq(see_state(state), see_state(expected), state_size(state));
    ketch_state_drop(state);
    ketch_state_drop(expected);
    ck_assert_uint_gt(mapped(), before);
    ketch_program_drop(again);
    ck_assert_uint_eq(mapped(), before);
}
END_TEST

/* ---- once more ---- */

/* Nothing in here asserts. */
static ketch_status plan_and_drop(const ketch_circuit *circuit, ketch_arena *arena, bool is_open)
{
    ketch_program *program = NULL, *bound = NULL;
    ketch_status status = plan_in(&program, circuit, arena, NULL);
    if (status == KETCH_OK && is_open)
        status = ketch_program_bind(&bound, program, some_values, PARAMETERS, NULL);
    ketch_program_drop(program);
    ketch_program_drop(bound);
    return status;
}

START_TEST(planning_again_takes_memory_anew)
{
    ketch_circuit *const circuit = make_shape(_i);
    ketch_arena *const arena = make_arena(0);
    ck_assert_int_eq(plan_and_drop(circuit, arena, _i == OPEN), KETCH_OK);
    const ketch_arena_stats first = stats_of(arena);
    const uint64_t counted = count_allocations();
    ketch_status status = KETCH_OK;
    for (int again = 0; again < 5 && status == KETCH_OK; again++)
        status = plan_and_drop(circuit, arena, _i == OPEN);
    const uint64_t after = count_allocations();
    ck_assert_int_eq(status, KETCH_OK);
    ck_assert_uint_eq(after, counted);
    ck_assert(!COUNTS_ALLOCATIONS || counted > 0);
    ck_assert_uint_eq(stats_of(arena).maps, first.maps);
    ck_assert_uint_eq(stats_of(arena).takes, 6 * first.takes);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- two threads ---- */

typedef struct planner {
    ketch_arena *arena;
    ketch_circuit *circuits[SHAPES];
    ktq_fingerprint fingerprints[SHAPES];
    char texts[SHAPES][1000];
} planner;

static void read_program(ktq_fingerprint *fingerprint, char text[1000], ketch_program *program)
{
    *fingerprint = ktq_program_fingerprint(program);
    GOOD(ketch_program_plan(text, 1000, NULL, program, &error));
}

/* Plans with different shapes at the same time. */
static void *keep_planning(void *user)
{
    const planner *const p = user;
    for (int i = 0; i < (WITH_TSAN ? 5 : 20) * SHAPES; i++) {
        const int shape = i % SHAPES;
        ktq_fingerprint fingerprint;
        char text[1000];
        ketch_program *const program = must_plan(p->circuits[shape], p->arena);
        read_program(&fingerprint, text, program);
        if (ktq_fingerprint_difference(&fingerprint, &p->fingerprints[shape]) ||
            strcmp(text, p->texts[shape]) != 0)
            ck_abort_msg("%s: another program: %s", shapes[shape].name, text);
        ketch_program_drop(program);
    }
    return NULL;
}

START_TEST(threads_that_plan_in_one_arena_get_other_programs)
{
    planner p = {.arena = make_arena(0)};
    pthread_t threads[2];
    for (int i = 0; i < SHAPES; i++) {
        p.circuits[i] = make_shape(i);
        ketch_program *const program = must_plan(p.circuits[i], NULL);
        read_program(&p.fingerprints[i], p.texts[i], program);
        ketch_program_drop(program);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, keep_planning, &p), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(stats_of(p.arena).used, 0);
    ck_assert_uint_gt(stats_of(p.arena).reuses, 0);
    for (int i = 0; i < SHAPES; i++)
        ketch_circuit_destroy(p.circuits[i]);
    ketch_arena_drop(p.arena);
}
END_TEST

/* ---- refusals ---- */

static void check_refusal(const ketch_error *error, uint64_t budget)
{
    ck_assert_int_eq(error->status, KETCH_MEMORY);
    ck_assert_str_eq(error->function, "ketch_program_create");
    ck_assert_str_eq(error->argument, "circuit");
    ck_assert_msg(strstr(error->message, "planning the circuit, limited by the memory budget"),
                  "%s", error->message);
    const uint64_t needed = strtoull(error->given, NULL, 10);
    const uint64_t allowed = strtoull(error->allowed, NULL, 10);
    ck_assert_msg(needed > allowed && allowed <= budget && strstr(error->message, error->given) &&
                      strstr(error->message, error->allowed),
                  "budget %" PRIu64 ": %s", budget, error->message);
}

/* Budgets grow until one suffices: first the work memory of planning is refused, then the program. */
START_TEST(too_small_budgets_leave_nothing)
{
    ketch_circuit *const circuit = make_shape(_i);
    ketch_arena *const whole = make_arena(0);
    ketch_program_drop(must_plan(circuit, whole));
    const uint64_t planning = tag_of(whole, "planning").peak;
    const uint64_t size = tag_of(whole, "program").peak, least = planning + size;
    ketch_arena_drop(whole);
    for (uint64_t budget = PAGE; budget < least; budget += KT_MAX(PAGE, size / 8 / PAGE * PAGE)) {
        ketch_arena *const arena = make_arena(budget);
        ketch_program *program = (ketch_program *)arena;
        ketch_error error = {.size = sizeof error};
        ck_assert_int_eq(plan_in(&program, circuit, arena, &error), KETCH_MEMORY);
        ck_assert_ptr_null(program);
        check_refusal(&error, budget);
        ck_assert_uint_eq(stats_of(arena).used, 0);
        ck_assert((tag_of(arena, "planning").peak == planning) == (budget >= planning));
        ketch_arena_drop(arena);
    }
    ketch_arena *const enough = make_arena(least);
    ketch_program_drop(must_plan(circuit, enough));
    ketch_arena_drop(enough);
    ketch_circuit_destroy(circuit);
}
END_TEST

START_TEST(a_bound_program_without_memory_leaves_the_old_one)
{
    ketch_circuit *const circuit = make_shape(OPEN);
    ketch_arena *const arena = make_arena(1 << 20);
    ketch_program *const program = must_plan(circuit, arena), *bound = must_bind(program);
    ketch_program *const old = ketch_program_share(bound);
    ketch_block *rest = NULL;
    GOOD(ketch_block_take(&rest, arena, (1 << 20) - stats_of(arena).used, NULL, &error));
    ketch_error told = {.size = sizeof told};
    ck_assert_int_eq(ketch_program_bind(&bound, program, some_values, PARAMETERS, &told),
                     KETCH_MEMORY);
    ck_assert_ptr_eq(bound, old);
    ck_assert_str_eq(told.argument, "program");
    ck_assert_str_eq(told.allowed, "0 bytes");
    ck_assert(strstr(told.message, "a bound program, limited by the memory budget"));
    ketch_block_drop(rest);
    GOOD(ketch_program_bind(&bound, program, some_values, PARAMETERS, &error));
    ck_assert_ptr_ne(bound, old);
    ketch_program_drop(bound);
    ketch_program_drop(old);
    ketch_program_drop(program);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

/* ---- engines ---- */

/* arena NULL: one of its own. */
static ketch_engine *engine_in(ketch_arena *arena)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 2, .arena = arena};
    ketch_engine *engine = NULL;
    GOOD(ketch_engine_create(&engine, &options, &error));
    return engine;
}

START_TEST(a_circuit_is_planned_in_the_arena_of_the_engine)
{
    ketch_circuit *const circuit = make_shape(1);
    ketch_engine *const engine = engine_in(NULL);
    ketch_arena *const arena = ketch_engine_arena(engine);
    ketch_result *result = NULL;
    GOOD(ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, &error));
    ck_assert_uint_eq(tag_of(arena, "planning").used, 0);
    ck_assert_uint_gt(tag_of(arena, "planning").peak, 0);
    ck_assert_uint_gt(tag_of(arena, "program").used, 0);
    ketch_result_destroy(result);
    ck_assert_uint_eq(tag_of(arena, "program").used, 0);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    GOOD(ketch_engine_destroy(engine, &error));
    ketch_circuit_destroy(circuit);
}
END_TEST

/* Index 0: the engine owns its arena, and what is cached there ends with it; 1: others may use the
 * arena, and it is left alone. What lives on works on. */
START_TEST(an_engine_ends_before_its_programs)
{
    ketch_circuit *const circuit = make_shape(1);
    ketch_arena *const shared = _i ? make_arena(0) : NULL;
    ketch_engine *const engine = engine_in(shared);
    ketch_arena *const arena = ketch_arena_share(ketch_engine_arena(engine));
    ketch_program *const program = must_plan(circuit, arena);
    ketch_result *result = NULL;
    GOOD(ketch_circuit_run(&result, engine, circuit, NULL, NULL, NULL, &error));
    const ketch_arena_stats before = stats_of(arena);
    ck_assert_uint_gt(before.held, before.used);
    GOOD(ketch_engine_destroy(engine, &error));
    const ketch_arena_stats after = stats_of(arena);
    ck_assert_uint_eq(after.used, before.used);
    ck_assert_uint_eq(after.held, _i ? before.held : before.used);
    ketch_state *const state = run_program(program);
    const ketch_state *const kept = ketch_circuit_result_state(result);
    ck_assert_mem_eq(see_state(state), see_state(kept), state_size(state));
    ketch_state_drop(state);
    ketch_program_drop(program);
    ketch_result_destroy(result);
    ck_assert_uint_eq(stats_of(arena).used, 0);
    ketch_arena_drop(shared);
    ketch_arena_drop(arena);
    ketch_circuit_destroy(circuit);
}
END_TEST

static void add_shapes(TCase *cases, const TTest *test)
{
    for (int i = 0; i < SHAPES; i++)
        add_indexed(cases, test, i, "%s", shapes[i].name);
}

int main(void)
{
    static const char *const own[] = {"an arena of its own", "a shared arena"};
    Suite *const suite = suite_create("program_memory");
    TCase *const cases = tcase_create("program_memory");
    tcase_set_timeout(cases, 120);
    add_shapes(cases, a_program_lies_in_the_arena_of_its_options);
    add_shapes(cases, an_arena_of_its_own_ends_with_the_program);
    add_list(cases, a_bound_program_outlives_what_it_was_made_from, own, 2);
    add_shapes(cases, planning_again_takes_memory_anew);
    tcase_add_test(cases, threads_that_plan_in_one_arena_get_other_programs);
    add_shapes(cases, too_small_budgets_leave_nothing);
    tcase_add_test(cases, a_bound_program_without_memory_leaves_the_old_one);
    tcase_add_test(cases, a_circuit_is_planned_in_the_arena_of_the_engine);
    add_list(cases, an_engine_ends_before_its_programs, own, 2);
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
