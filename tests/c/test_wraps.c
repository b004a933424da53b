/* The system refuses any call that the library makes, in any build: each call of each kind once, and
 * from there on, over a whole use of the library. The call of ours that met it says MEMORY or IO or
 * does without; repeated, it works; nothing is left behind, and the bits are those of a use in which
 * nothing was refused. KETCH_LONG=1: each kernel set in both precisions. */
#define _GNU_SOURCE
#include "wraps.h"
#include "hash.h"
#include "heap.h"
#include "maker.h"
#include "runs.h"
#include "saves.h"
#include "suite.h"

/* MANY: the state is so large that space on the disk is reserved for it. */
enum { QUBITS = 9, MANY = 17, BITS = 3, TILE = 5, SHOTS = 40, STOP_AT = 3 };

/* A link to save_path. */
static char link_path[100];

/* What is read on the way. */
typedef struct readings {
    uint64_t outcomes[16], distinct, examples[8], counts[8];
    double numbers[16], values[4];
    uint8_t rows[3 * SHOTS];
} readings;

/* A whole use of the library; what is not made yet is NULL. next: what a step that makes several
 * calls does next. told: how many steps failed. */
typedef struct road {
    const run_way *way;
    int32_t qubits;
    ketch_engine *engine, *other;
    ketch_circuit *circuit, *parsed;
    ketch_program *open, *program, *dynamic;
    ketch_state *state;
    ketch_result *result, *drawn, *dynamic_result;
    ketch_saved *saved;
    ketch_block *block;
    ketch_stop stop;
    int32_t ticks, next;
    bool was_saved;
    readings read;
    uint64_t told;
} road;

/* ---- the steps, each of which can be repeated after a failure ---- */

static ketch_status make_engines(road *r, ketch_error *error)
{
    const ketch_engine_options options = {.size = sizeof options, .threads = 3};
    ketch_engine **const made = r->engine ? &r->other : &r->engine;
    return ketch_engine_create(made, &options, error);
}

static ketch_status make_circuit(road *r, ketch_error *error)
{
    return ketch_circuit_create(&r->circuit, r->qubits, BITS, error);
}

static ketch_status add_parameters(road *r, ketch_error *error)
{
    return ketch_circuit_add_parameters(r->circuit, 2, error);
}

static ketch_status add_gates(road *r, ketch_error *error)
{
    enum { LAYERS = 3, COUNT = LAYERS * QUBITS };
    int32_t gates[COUNT], qubits[2 * COUNT];
    for (int i = 0; i < COUNT; i++) {
        gates[i] = i < QUBITS ? KETCH_GATE_CX : KETCH_GATE_CZ;
        qubits[2 * i] = i % QUBITS;
        qubits[2 * i + 1] = (i + 1 + i / QUBITS) % QUBITS;
    }
    return ketch_circuit_gates(r->circuit, COUNT, gates, qubits, 2 * (uint64_t)COUNT, NULL, 0,
                               error);
}

/* Goes on behind the last rotation that was added. */
static ketch_status add_rotations(road *r, ketch_error *error)
{
    for (; r->next < QUBITS; r->next++) {
        const int32_t qubit = r->next;
        const ketch_angle angles[3] = {{.parameter = qubit % 2, .factor = 2, .offset = 0.5},
                                       {.parameter = -1, .offset = 0.25},
                                       {.parameter = 1, .factor = 1, .offset = qubit}};
        KT_TRY(ketch_circuit_parametric(r->circuit, KETCH_GATE_U, &qubit, angles, 0, NULL, NULL,
                                        error));
    }
    r->next = 0;
    return KETCH_OK;
}

static ketch_status add_matrix(road *r, ketch_error *error)
{
    const int32_t qubits[2] = {1, QUBITS - 1};
    const double half = 0.70710678118654752;
    const double matrix[8] = {half, 0, half, 0, half, 0, -half, 0};
    return ketch_circuit_unitary(r->circuit, 1, qubits, matrix, 1, 0, qubits + 1, NULL, error);
}

static ketch_status plan_circuit(road *r, ketch_error *error)
{
    const ketch_program_options options = {.size = sizeof options,
                                           .precision = r->way->precision,
                                           .kernels = r->way->kernels,
                                           .tile_bits = TILE};
    ketch_program **const made = r->open ? &r->dynamic : &r->open;
    return ketch_program_create(made, r->open ? r->parsed : r->circuit, &options, error);
}

static ketch_status bind_program(road *r, ketch_error *error)
{
    const double values[2] = {0.5, 3};
    return ketch_program_bind(&r->program, r->open, values, 2, error);
}

static ketch_status parse_text(road *r, ketch_error *error)
{
    return ketch_circuit_parse(&r->parsed, maker_text, strlen(maker_text), NULL, error);
}

static ketch_status read_plan(road *r, ketch_error *error)
{
    char text[100];
    size_t length;
    return ketch_program_plan(text, sizeof text, &length, r->program, error);
}

static int32_t stop_soon(const ketch_step *step, void *user)
{
    (void)step;
    road *const r = user;
    if (++r->ticks == STOP_AT)
        ketch_stop_set(&r->stop);
    return 0;
}

/* A run that a failed save ended is resumed: it is saved again. */
static ketch_status run_until_stopped(road *r, ketch_error *error)
{
    const ketch_run run = {.size = sizeof run,
                           .hook = stop_soon,
                           .user = r,
                           .tick_seconds = 1e-12,
                           .stop = &r->stop,
                           .save_path = save_path,
                           .save_note = "note",
                           .save_note_size = 4};
    const ketch_status status =
        r->result ? ketch_engine_resume(r->engine, r->result, &run, error)
                  : ketch_program_run(&r->result, r->engine, r->program, NULL, NULL, &run, error);
    if (status == KETCH_OK)
        ck_abort_msg("the run was not stopped");
    r->was_saved = r->was_saved || status == KETCH_STOPPED;
    return status == KETCH_STOPPED ? KETCH_OK : status;
}

/* The path is a link to the file that the run was saved to. */
static ketch_status save_again(road *r, ketch_error *error)
{
    return ketch_result_save(r->result, link_path, "more", 4, 0, error);
}

static ketch_status open_saved(road *r, ketch_error *error)
{
    return ketch_saved_open(&r->saved, save_path, error);
}

static ketch_status read_saved(road *r, ketch_error *error)
{
    ketch_program_options options = {.size = sizeof options};
    uint64_t count;
    return ketch_circuit_saved(&options, r->read.values, 4, &count, r->saved, error);
}

static ketch_status load_run(road *r, ketch_error *error)
{
    ketch_result_destroy(r->result);
    r->result = NULL;
    return ketch_circuit_load(&r->result, r->other, r->program, save_path, error);
}

static ketch_status resume_loaded(road *r, ketch_error *error)
{
    const ketch_run run = {.size = sizeof run, .save_path = save_path};
    return ketch_engine_resume(r->other, r->result, &run, error);
}

static ketch_status add_measurements(road *r, ketch_error *error)
{
    for (; r->next < BITS; r->next++)
        KT_TRY(ketch_circuit_measure(r->circuit, r->next, r->next, error));
    r->next = 0;
    return KETCH_OK;
}

static ketch_status draw_shots(road *r, ketch_error *error)
{
    const uint64_t masks[2] = {3, 32};
    const double coefficients[2] = {0.5, -1};
    const ketch_observable observed[2] = {
        {.size = sizeof observed[0], .kind = KETCH_OBSERVE_NORM},
        {.size = sizeof observed[0],
         .kind = KETCH_OBSERVE_Z,
         .count = 2,
         .masks = masks,
         .coefficients = coefficients},
    };
    const ketch_shots shots = {.size = sizeof shots,
                               .shots = SHOTS,
                               .seed = 1,
                               .observables = observed,
                               .observable_count = 2};
    return ketch_program_run(&r->drawn, r->engine, r->program, NULL, &shots, NULL, error);
}

static ketch_status read_drawn(road *r, ketch_error *error)
{
    KT_TRY(ketch_circuit_result_observed(r->read.numbers, 1, 0, r->drawn, error));
    KT_TRY(ketch_circuit_result_observed(r->read.numbers + 1, 1, 1, r->drawn, error));
    return ketch_circuit_result_counts(&r->read.distinct, r->read.examples, r->read.counts, 8,
                                       r->drawn, error);
}

static ketch_status run_each_shot(road *r, ketch_error *error)
{
    const ketch_shots shots = {.size = sizeof shots, .shots = SHOTS, .seed = 2};
    return ketch_program_run(&r->dynamic_result, r->other, r->dynamic, NULL, &shots, NULL, error);
}

static ketch_status read_outcomes(road *r, ketch_error *error)
{
    ketch_outcomes outcomes = {.size = sizeof outcomes};
    KT_TRY(ketch_circuit_result_outcomes(&outcomes, r->dynamic_result, error));
    memcpy(r->read.rows, outcomes.rows, sizeof r->read.rows);
    return KETCH_OK;
}

static ketch_status make_other_state(road *r, ketch_error *error)
{
    return ketch_state_create(&r->state, ketch_engine_arena(r->engine), r->qubits,
                              r->way->precision, error);
}

static ketch_status set_state(road *r, ketch_error *error)
{
    return ketch_state_set_ket(r->state, &"00+-01+0-10000000"[MANY - r->qubits], error);
}

static ketch_status read_sums(road *r, ketch_error *error)
{
    const int32_t qubits[2] = {4, 0};
    const uint64_t masks[2] = {3, 32};
    const double coefficients[2] = {0.5, -1};
    ketch_state *const final = ketch_circuit_result_state(r->result);
    double *const to = r->read.numbers;
    KT_TRY(ketch_state_norm(to + 2, r->engine, final, error));
    KT_TRY(ketch_state_inner(to + 3, r->engine, r->state, final, error));
    KT_TRY(ketch_state_probabilities(to + 5, 4, r->engine, final, 2, qubits, error));
    KT_TRY(ketch_state_expectation(to + 9, r->engine, final, 2, masks, coefficients, error));
    return ketch_state_sample(r->read.outcomes, 16, r->engine, final, 1, 0, error);
}

static ketch_status measure_state(road *r, ketch_error *error)
{
    int32_t outcome = 0;
    KT_TRY(ketch_state_measure(&outcome, r->engine, r->state, 1, 1, 0, error));
    r->read.numbers[10] = outcome;
    return KETCH_OK;
}

static ketch_status take_block(road *r, ketch_error *error)
{
    return ketch_block_take(&r->block, ketch_engine_arena(r->other), UINT64_C(3) << 20, "block",
                            error);
}

static const struct {
    const char *name;
    ketch_status (*go)(road *r, ketch_error *error);
} steps[] = {
    {"first engine", make_engines},
    {"second engine", make_engines},
    {"circuit", make_circuit},
    {"parameters", add_parameters},
    {"rotations", add_rotations},
    {"gates", add_gates},
    {"matrix", add_matrix},
    {"rotations again", add_rotations},
    {"measurements", add_measurements},
    {"program", plan_circuit},
    {"bind", bind_program},
    {"parse", parse_text},
    {"dynamic program", plan_circuit},
    {"plan", read_plan},
    {"run", run_until_stopped},
    {"save", save_again},
    {"look", open_saved},
    {"look closer", read_saved},
    {"load", load_run},
    {"resume", resume_loaded},
    {"shots", draw_shots},
    {"counts", read_drawn},
    {"runs", run_each_shot},
    {"outcomes", read_outcomes},
    {"state", make_other_state},
    {"set", set_state},
    {"sums", read_sums},
    {"measure", measure_state},
    {"block", take_block},
};

enum { STEPS = sizeof steps / sizeof steps[0] };

/* ---- a walk along the road ---- */

/* What a call of ours may say after a refusal of that kind, besides OK. */
static const struct {
    const char *name;
    ketch_status status;
} kinds[CALL_KINDS + 1] = {
    [CALL_HEAP] = {"the heap", KETCH_MEMORY},
    [CALL_MAP] = {"maps", KETCH_MEMORY},
    [CALL_PROTECT] = {"access to pages", KETCH_MEMORY},
    [CALL_LOCALE] = {"the C locale", KETCH_MEMORY},
    [CALL_UNMAP] = {"ends of maps", KETCH_OK},
    [CALL_ADVISE] = {"advice", KETCH_OK},
    [CALL_THREAD] = {"threads", KETCH_OK},
    [CALL_OPEN] = {"opening files", KETCH_IO},
    [CALL_STAT] = {"properties of files", KETCH_IO},
    [CALL_READ] = {"reads", KETCH_IO},
    [CALL_WRITE] = {"writes", KETCH_IO},
    [CALL_RESERVE] = {"space on the disk", KETCH_IO},
    [CALL_MODE] = {"modes of files", KETCH_IO},
    [CALL_SYNC] = {"syncs", KETCH_IO},
    [CALL_RENAME] = {"renames", KETCH_IO},
    [CALL_TIDY] = {"locks, closes and removals", KETCH_OK},
    [CALL_SYSTEM] = {"what the system says of itself", KETCH_OK},
    [CALL_KINDS] = {"anything", KETCH_OK},
};

static bool may_be_told(ketch_status status)
{
    if (refusing.kind == CALL_KINDS)
        return status == KETCH_MEMORY || status == KETCH_IO;
    return status == kinds[refusing.kind].status;
}

static void check_refusal(const road *r, ketch_status status, const ketch_error *told, int step)
{
    const bool is_file = status == KETCH_IO;
    if (!may_be_told(status) || told->status != status || strlen(told->message) < 10 ||
        (is_file && told->system == 0) || refusing.refused == 0)
        ck_abort_msg("%s: status %d after refusal of %s number %llu: %s", steps[step].name, status,
                     kinds[refusing.kind].name, (unsigned long long)refusing.at, told->message);
    ketch_saved *saved = NULL;
    if (r->was_saved)
        GOOD(ketch_saved_open(&saved, save_path, &error));
    ketch_saved_close(saved);
}

/* A step that failed is repeated while nothing is refused. */
static void take_step(road *r, int step)
{
    ketch_error error = {.size = sizeof error};
    refusing.armed = true;
    const ketch_status status = steps[step].go(r, &error);
    refusing.armed = false;
    if (status == KETCH_OK)
        return;
    check_refusal(r, status, &error, step);
    r->told++;
    const ketch_status again = steps[step].go(r, &error);
    if (again != KETCH_OK)
        ck_abort_msg("%s, again: %s", steps[step].name, error.message);
}

/* Refusals go on to the end. */
static void end_road(road *r)
{
    refusing.armed = true;
    ketch_circuit_destroy(r->circuit);
    ketch_circuit_destroy(r->parsed);
    ketch_result_destroy(r->result);
    ketch_result_destroy(r->drawn);
    ketch_result_destroy(r->dynamic_result);
    ketch_program_drop(r->open);
    ketch_program_drop(r->program);
    ketch_program_drop(r->dynamic);
    ketch_state_drop(r->state);
    ketch_saved_close(r->saved);
    const ketch_status dropped = ketch_block_drop(r->block);
    const ketch_status ended = ketch_engine_destroy(r->engine, NULL);
    const ketch_status other_ended = ketch_engine_destroy(r->other, NULL);
    refusing.armed = false;
    if (dropped || ended || other_ended)
        ck_abort_msg("not ended: %d %d %d", dropped, ended, other_ended);
}

/* What a walk came to. workers: threads that were made. */
typedef struct arrival {
    uint64_t bits, told;
    int32_t workers;
} arrival;

static int32_t count_workers(const road *r)
{
    ketch_engine_info one = {.size = sizeof one}, other = one;
    GOOD(ketch_engine_get_info(&one, r->engine, &error));
    GOOD(ketch_engine_get_info(&other, r->other, &error));
    return one.workers + other.workers;
}

/* A link and the file that it names are all there is, unless removals may have been refused. */
static void check_files(void)
{
    const bool may_be_more =
        refusing.refused && (refusing.kind == CALL_TIDY || refusing.kind == CALL_KINDS);
    if (each_entry(NULL) != 2 && !may_be_more)
        ck_abort_msg("files are left over");
}

static void check_held(void)
{
    if (held.pieces || held.mapped || held.threads)
        ck_abort_msg("left: %lld pieces, %lld bytes, %lld threads", (long long)held.pieces,
                     (long long)held.mapped, (long long)held.threads);
}

static uint64_t hash_road(const road *r)
{
    const ketch_state *const state = ketch_circuit_result_state(r->result);
    kt_hash hash;
    kt_hash_begin(&hash, 0);
    kt_hash_add(&hash, see_state(state), state_size(state));
    kt_hash_add(&hash, see_state(r->state), state_size(r->state));
    kt_hash_add(&hash, &r->read, sizeof r->read);
    return kt_hash_end(&hash);
}

static arrival walk(const run_way *way, int32_t qubits)
{
    road r = {.way = way, .qubits = qubits};
    each_entry(remove_entry);
    ck_assert_int_eq(symlink("run.save", link_path), 0);
    held.pieces = held.mapped = held.threads = 0;
    for (int i = 0; i < STEPS; i++)
        take_step(&r, i);
    const arrival a = {hash_road(&r), r.told, count_workers(&r)};
    end_road(&r);
    check_held();
    check_files();
    return a;
}

/* ---- the tests ---- */

static arrival walk_refused(const run_way *way, call_kind kind, uint64_t at, bool onwards)
{
    refusing.kind = kind;
    refusing.at = at;
    refusing.onwards = onwards;
    refusing.count = refusing.refused = 0;
    return walk(way, kind == CALL_RESERVE ? MANY : QUBITS);
}

/* Refuses call after call until a walk meets no refusal. Returns how many walks met one. */
static uint64_t refuse_each(const run_way *way, call_kind kind, bool onwards)
{
    const arrival whole = walk_refused(way, kind, 0, false);
    const int descriptors = count_descriptors();
    uint64_t told = 0, at = 1;
    for (;; at++) {
        const arrival a = walk_refused(way, kind, at, onwards);
        ck_assert_msg(a.bits == whole.bits, "other bits after refusal %llu",
                      (unsigned long long)at);
        if (refusing.refused == 0)
            break;
        told += a.told;
        ck_assert(kind != CALL_THREAD || a.workers < whole.workers);
    }
    ck_assert_int_eq(count_descriptors(), descriptors);
    ck_assert_uint_gt(at, 1);
    ck_assert(kind == CALL_KINDS || (told > 0) == (kinds[kind].status != KETCH_OK));
    return at - 1;
}

START_TEST(every_call_to_the_system_is_refused)
{
    static const ketch_kernels sets[] = {KETCH_KERNELS_AUTO, KETCH_KERNELS_SCALAR,
                                         KETCH_KERNELS_AVX2, KETCH_KERNELS_AVX512,
                                         KETCH_KERNELS_NEON};
    const int ways = getenv("KETCH_LONG") ? 2 * (int)(sizeof sets / sizeof sets[0]) : 1;
    uint64_t refused = 0;
    snprintf(link_path, sizeof link_path, "%s/link", save_directory);
    for (int i = 0; i < ways; i++) {
        const run_way way = {.kernels = sets[i / 2],
                             .precision = i % 2 ? KETCH_SINGLE : KETCH_DOUBLE};
        if (way.kernels == KETCH_KERNELS_AUTO || ketch_kernels_usable(way.kernels))
            refused += refuse_each(&way, (call_kind)(_i / 2), _i % 2);
    }
    figure("P2", "calls to the system of a kind refused over a whole use", (double)refused, "");
}
END_TEST

int main(void)
{
    if (!__real_aligned_alloc) {
        puts("1..0 # SKIP needs a linker with --wrap");
        return EXIT_SUCCESS;
    }
    Suite *const suite = suite_create("wraps");
    TCase *const calls = save_case(suite, "calls"), *const threads = save_case(suite, "threads");
    tcase_set_tags(calls, "one-thread");
    for (int i = 0; i < 2 * (CALL_KINDS + 1); i++)
        if (i / 2 != CALL_PROTECT || kt_fault_arm(0, false))
            add_indexed(i / 2 == CALL_THREAD ? threads : calls, every_call_to_the_system_is_refused,
                        i, "%s, %s", kinds[i / 2].name,
                        i % 2 ? "all from there on refused" : "one refused");
    if (!kt_fault_arm(0, false))
        add_skipped(calls, every_call_to_the_system_is_refused, "%s: %s", kinds[CALL_PROTECT].name,
                    needs_debug);
    return end_with(suite);
}
