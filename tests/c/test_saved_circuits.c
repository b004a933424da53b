/* Saved runs of circuits whose checksums are right and whose contents are not: a field that no run
 * can have, a section that is missing or of another size, another program, and no memory. */
#define _GNU_SOURCE
#include "ket/run/run.h"
#include "forged.h"
#include "runs.h"
#include "suite.h"

static const char program_section[] = "circuit.program", run_section[] = "circuit.run",
                  request_section[] = "circuit.observables";

static ketch_engine *engine;
static ketch_program *program;
static contents good;
static ketch_error failure;

/* ---- a file of a run that is suspended, with observables ---- */

static ketch_program *make_angles(int32_t qubits, int gates)
{
    ketch_circuit *circuit = NULL;
    ketch_program *made = NULL;
    int32_t angle = 0;
    GOOD(ketch_circuit_create(&circuit, qubits, 1, &error));
    GOOD(ketch_circuit_add_parameters(circuit, 1, &error));
    for (int32_t q = 0; q < gates; q++) {
        const ketch_term term = {.parameter = angle, .factor = 0.5};
        const ketch_angle given = {
            .parameter = angle, .factor = 1, .offset = 0.25, .terms = &term, .term_count = 1};
        const int32_t qubit = q % qubits;
        GOOD(ketch_circuit_parametric(circuit, KETCH_GATE_RX, &qubit, &given, 0, NULL, NULL,
                                      &error));
        GOOD(ketch_circuit_fence(circuit, &error));
    }
    GOOD(ketch_circuit_measure(circuit, 0, 0, &error));
    GOOD(ketch_h(circuit, 0, &error));
    ketch_program *const open = make_program(circuit, &(run_way){0});
    GOOD(ketch_program_bind(&made, open, (double[]){0.5}, 1, &error));
    ketch_program_drop(open);
    ketch_circuit_destroy(circuit);
    return made;
}

static int32_t stop_early(const ketch_step *step, void *user)
{
    (void)user;
    return step->done >= 2;
}

static void save_good(void)
{
    const int32_t qubits[] = {0, 1, 2};
    const uint64_t masks[] = {1, 6};
    const double coefficients[] = {0.5, 2};
    const ketch_observable observables[] = {
        {.size = sizeof *observables, .kind = KETCH_OBSERVE_NORM},
        {.size = sizeof *observables,
         .kind = KETCH_OBSERVE_PROBABILITIES,
         .count = 3,
         .qubits = qubits},
        {.size = sizeof *observables,
         .kind = KETCH_OBSERVE_PAULI,
         .count = 2,
         .masks = masks,
         .coefficients = coefficients,
         .x_masks = masks},
        {.size = sizeof *observables,
         .kind = KETCH_OBSERVE_VARIANCE,
         .count = 2,
         .masks = masks,
         .coefficients = coefficients}};
    const ketch_shots shots = {
        .size = sizeof shots, .observables = observables, .observable_count = 4};
    const ketch_run run = {.size = sizeof run, .hook = stop_early};
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_run(&result, engine, program, NULL, &shots, &run, &failure),
                     KETCH_STOPPED);
    GOOD(ketch_result_save(result, save_path, "note", 4, 0, &error));
    ketch_result_destroy(result);
    good = read_bytes(save_path);
}

static void set_up(void)
{
    make_directory();
    engine = make_engine(1);
    program = make_angles(4, 4);
    save_good();
    failure = (ketch_error){.size = sizeof failure};
}

static void tear_down(void)
{
    free(good.data);
    ketch_program_drop(program);
    GOOD(ketch_engine_destroy(engine, &error));
    remove_directory();
}

static ketch_status load(ketch_program *with)
{
    ketch_result *result = NULL;
    write_bytes(save_path, good.data, good.size);
    const ketch_status status = ketch_circuit_load(&result, engine, with, save_path, &failure);
    ck_assert(!result == (status != KETCH_OK));
    ketch_result_destroy(result);
    return status;
}

/* ---- changes ---- */

/* Loads the file with another number in a section. */
static ketch_status load_with(const char *section, int field, uint64_t value)
{
    const uint64_t offset = forged_place(&good, section) + 8 * (uint64_t)field;
    const uint64_t before = forged_number(&good, offset);
    ck_assert(before != value);
    forge_number(&good, offset, value);
    forge_sums(&good);
    const ketch_status status = load(program);
    forge_number(&good, offset, before);
    return status;
}

/* ---- numbers of "circuit.run", in order ---- */

enum {
    SHOTS = 0,
    BASIS_INDEX = 3,
    SHOT = 4,
    SEGMENT = 5,
    PASS = 6,
    RETIRED = 7,
    INDEX = 9,
    WRITTEN = 10,
    STAGE = 11,
    OUTCOME = 14,
    MODE = 19,
    NEXT = 24,
    VARYING = 25,
    FIXED = 26,
    PAULI_SWEEP = 27,
    PHASE = 28
};

static const char no_stage[] = "there is no such stage",
                  behind[] = "the position is behind the end",
                  no_segment[] = "the stage does not belong to the segment",
                  no_amplitude[] = "there is no such amplitude",
                  no_outcome[] = "there is no such outcome or observable",
                  no_observable[] = "there is no such observable",
                  no_tiles[] = "there are no such tiles",
                  no_mode[] = "there is no such mode of a state";

/* stage: where the run is said to be besides; 0: where it is. */
static const struct {
    const char *section;
    int field;
    uint64_t value;
    const char *message;
    uint64_t stage;
} nonsense[] = {
    {run_section, STAGE, 1000, no_stage, 0},
    {run_section, STAGE, UINT64_MAX, no_stage, 0},
    {run_section, SHOTS, (UINT64_C(1) << 32) + 1, "no run was asked for this", 0},
    {run_section, SHOTS, UINT64_C(1) << 63, "no run was asked for this", 0},
    {run_section, SHOT, 2, behind, 0},
    {run_section, SHOT, 1, behind, KTQ_STAGE_SEGMENT},
    {run_section, SEGMENT, 1000, behind, 0},
    {run_section, RETIRED, 1000, behind, 0},
    {run_section, STAGE, KTQ_STAGE_OUTCOMES, no_segment, 0},
    {run_section, STAGE, KTQ_STAGE_COLLAPSE, no_segment, 0},
    {run_section, STAGE, KTQ_STAGE_DRAW, no_segment, 0},
    {run_section, BASIS_INDEX, 16, no_amplitude, 0},
    {run_section, INDEX, 16, no_amplitude, 0},
    {run_section, WRITTEN, 16, no_amplitude, 0},
    {run_section, OUTCOME, 2, no_outcome, 0},
    {run_section, NEXT, 5, no_outcome, 0},
    {run_section, VARYING, 16, no_tiles, 0},
    {run_section, VARYING, UINT64_MAX, no_tiles, 0},
    {run_section, FIXED, 16, no_tiles, 0},
    {run_section, PASS, 1000, no_segment, KTQ_STAGE_PASS},
    {run_section, PASS, 1000, no_segment, KTQ_STAGE_FILL_BEFORE},
    {run_section, NEXT, 4, no_observable, KTQ_STAGE_PROBABILITIES},
    {run_section, NEXT, 3, no_observable, KTQ_STAGE_PROBABILITIES},
    {run_section, NEXT, 1, no_observable, KTQ_STAGE_VARIANCE},
    {run_section, NEXT, 4, no_observable, KTQ_STAGE_VARIANCE},
    {run_section, PAULI_SWEEP, 1, no_observable, KTQ_STAGE_PAULIS},
    {run_section, PAULI_SWEEP, 2, no_observable, 0},
    {run_section, PHASE, 1, no_observable, 0},
    {run_section, MODE, 77, no_mode, KTQ_STAGE_FILL_AFTER},
    {run_section, MODE, 77, no_mode, 0},
    {run_section, MODE, KTQ_STATE_RUNNING, no_mode, 0},
    {request_section, 0, 9, "no run was asked for this", 0},
    {request_section, 2, 1000, "no run was asked for this", 0},
    {request_section, 3, 1 << 20, "its lists are longer than it is", 0},
    {request_section, 3, UINT64_MAX, "its lists are longer than it is", 0},
};

START_TEST(nonsense_is_damage)
{
    if (nonsense[_i].stage)
        forge_number(&good, forged_place(&good, run_section) + 8 * STAGE, nonsense[_i].stage);
    ck_assert_int_eq(load_with(nonsense[_i].section, nonsense[_i].field, nonsense[_i].value),
                     KETCH_CORRUPT);
    ck_assert_msg(strstr(failure.message, nonsense[_i].message) != NULL, "%s", failure.message);
}
END_TEST

/* A variance: its phase, and the image that the file does not have. */
START_TEST(a_variance_that_is_not_there_is_damage)
{
    const uint64_t run = forged_place(&good, run_section);
    forge_number(&good, run + 8 * STAGE, KTQ_STAGE_VARIANCE);
    forge_number(&good, run + 8 * NEXT, 3);
    ck_assert_int_eq(load_with(run_section, PHASE, 4), KETCH_CORRUPT);
    ck_assert_msg(strstr(failure.message, no_observable) != NULL, "%s", failure.message);
    ck_assert_int_eq(load_with(run_section, PHASE, 3), KETCH_CORRUPT);
    ck_assert_msg(strstr(failure.message, "circuit.image") != NULL, "%s", failure.message);
}
END_TEST

START_TEST(a_pass_behind_the_last_segment_is_damage)
{
    ketch_program_info info = {.size = sizeof info};
    GOOD(ketch_program_get_info(&info, program, &error));
    forge_number(&good, forged_place(&good, run_section) + 8 * STAGE, KTQ_STAGE_PASS);
    ck_assert_int_eq(load_with(run_section, SEGMENT, info.segments), KETCH_CORRUPT);
    ck_assert_msg(strstr(failure.message, no_segment) != NULL, "%s", failure.message);
}
END_TEST

static const struct {
    int field;
    uint64_t value;
    const char *message, *given;
} others[] = {
    {0, 5, "another number of qubits", "5"},
    {2, 7, "another number of gates", "7"},
    {3, 99, "another format of the executor", "99"},
    {4, 2, "another precision", "single"},
    {5, KETCH_KERNELS_SCALAR, "another kernel set", "scalar"},
    {11, 1, "another table of costs", "costs 0000000000000001"},
    {12, 1, "another program", "plan and numbers"},
};

/* ---- sections ---- */

static const char *const sections[] = {"circuit.program",  "circuit.run",   "circuit.observables",
                                       "circuit.state",    "circuit.rows",  "circuit.work",
                                       "circuit.observed", "circuit.image", "circuit.sums"};

START_TEST(a_missing_section_is_damage)
{
    const uint64_t entry = forged_entry(&good, sections[_i]);
    good.data[entry] = 'x';
    forge_sums(&good);
    ck_assert_int_eq(load(program), KETCH_CORRUPT);
    ck_assert_msg(strstr(failure.message, sections[_i]) != NULL, "%s", failure.message);
    good.data[entry] = 'c';
    forge_sums(&good);
    ck_assert_int_eq(load(program), KETCH_OK);
}
END_TEST

START_TEST(a_missing_note_is_damage)
{
    ketch_saved *saved = NULL;
    good.data[forged_entry(&good, "note")] = 'x';
    forge_sums(&good);
    write_bytes(save_path, good.data, good.size);
    ck_assert_int_eq(ketch_saved_open(&saved, save_path, &failure), KETCH_CORRUPT);
    ck_assert_ptr_nonnull(strstr(failure.message, "\"note\": there is none"));
    ck_assert_ptr_null(saved);
}
END_TEST

/* ---- what a file says of its program ---- */

START_TEST(values_need_room)
{
    ketch_program_options options = {.size = sizeof options};
    ketch_saved *saved = NULL;
    double value = 0;
    uint64_t count = 0;
    GOOD(ketch_saved_open(&saved, save_path, &error));
    GOOD(ketch_circuit_saved(NULL, NULL, 0, &count, saved, &error));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(ketch_circuit_saved(&options, &value, 0, NULL, saved, &failure), KETCH_BUFFER);
    ck_assert_str_eq(failure.message, "no room for the values: given 0, allowed 1");
    ck_assert_int_eq(ketch_circuit_saved(&options, &value, 1, NULL, NULL, &failure), KETCH_HANDLE);
    GOOD(ketch_circuit_saved(&options, &value, 1, NULL, saved, &error));
    ck_assert_double_eq(value, 0.5);
    ketch_saved_close(saved);
}
END_TEST

START_TEST(another_program_is_refused)
{
    ketch_program *const fewer = make_angles(3, 4), *const shorter = make_angles(4, 3);
    ck_assert_int_eq(load(fewer), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(failure.message, "another number of qubits: given 4, allowed 3"));
    ck_assert_int_eq(load(shorter), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(failure.message, "another number of gates: given 6, allowed 5"));
    ketch_program_drop(fewer);
    ketch_program_drop(shorter);
}
END_TEST

START_TEST(another_fingerprint_is_refused)
{
    ck_assert_int_eq(load_with(program_section, others[_i].field, others[_i].value),
                     KETCH_MISMATCH);
    ck_assert_msg(strstr(failure.message, others[_i].message) != NULL, "%s", failure.message);
    ck_assert_msg(strstr(failure.given, others[_i].given) != NULL, "%s", failure.given);
}
END_TEST

/* ---- memory refused ---- */

START_TEST(a_load_may_find_no_memory)
{
    uint64_t at = 0;
    ketch_status status = KETCH_MEMORY;
    write_bytes(save_path, good.data, good.size);
    while (status == KETCH_MEMORY) {
        ketch_result *result = NULL;
        kt_fault_arm(++at, _i);
        status = ketch_circuit_load(&result, engine, program, save_path, &failure);
        kt_fault_arm(0, false);
        ketch_result_destroy(result);
    }
    ck_assert_msg(status == KETCH_OK, "%s", failure.message);
    ck_assert_uint_gt(at, 5);
}
END_TEST

/* A circuit without fences, so that its state is nobody's while it is suspended. */
static ketch_program *make_without_fences(void)
{
    ketch_circuit *circuit = NULL;
    ketch_program *made = NULL;
    const int32_t qubit = 0;
    GOOD(ketch_circuit_create(&circuit, 3, 1, &error));
    for (int i = 0; i < 3; i++) {
        GOOD(ketch_gate1(circuit, KETCH_GATE_H, qubit, &error));
        GOOD(ketch_circuit_measure(circuit, qubit, 0, &error));
    }
    GOOD(ketch_program_create(&made, circuit, NULL, &error));
    ketch_circuit_destroy(circuit);
    return made;
}

/* The file would say that the run can go on. */
START_TEST(a_run_whose_state_was_set_anew_is_not_saved)
{
    const ketch_run run = {.size = sizeof run, .hook = stop_early, .tick_seconds = 1e-12};
    ketch_program *const fenceless = make_without_fences();
    ketch_result *result = NULL;
    ck_assert_int_eq(ketch_program_run(&result, engine, fenceless, NULL, NULL, &run, &failure),
                     KETCH_STOPPED);
    GOOD(ketch_state_set_ket(ketch_circuit_result_state(result), NULL, &error));
    ck_assert_int_eq(ketch_result_save(result, save_path, NULL, 0, 1, &failure), KETCH_MISMATCH);
    ck_assert_ptr_nonnull(strstr(failure.message, "set anew"));
    ck_assert_int_eq(load(program), KETCH_OK);
    ketch_result_destroy(result);
    ketch_program_drop(fenceless);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("saved_circuits");
    TCase *const cases = tcase_create("files");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    for (int i = 0; i < (int)(sizeof nonsense / sizeof *nonsense); i++)
        add_indexed(cases, nonsense_is_damage, i, "field %d of %s", nonsense[i].field,
                    nonsense[i].section);
    tcase_add_test(cases, a_variance_that_is_not_there_is_damage);
    tcase_add_test(cases, a_pass_behind_the_last_segment_is_damage);
    add_list(cases, a_missing_section_is_damage, sections, sizeof sections / sizeof *sections);
    tcase_add_test(cases, a_run_whose_state_was_set_anew_is_not_saved);
    tcase_add_test(cases, a_missing_note_is_damage);
    tcase_add_test(cases, values_need_room);
    tcase_add_test(cases, another_program_is_refused);
    for (int i = 0; i < (int)(sizeof others / sizeof *others); i++)
        add_indexed(cases, another_fingerprint_is_refused, i, "%s", others[i].message);
    add_refusals(cases, a_load_may_find_no_memory, kt_fault_arm(0, false));
    suite_add_tcase(suite, cases);
    return end_with(suite);
}
