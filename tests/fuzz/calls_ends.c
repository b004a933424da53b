/* What runs end with: amplitudes, rows of bits, counts, observables. */
#include "calls_ends.h"

#include <math.h>
#include <string.h>

/* ---- what is known of a run ---- */

bool calls_has_ended(const ketch_result *result)
{
    ketch_position position = {.size = sizeof position};
    FUZZ_REQUIRE(ketch_result_get_position(&position, result, NULL) == KETCH_OK);
    return position.ended;
}

void calls_end_run(begun_run *r)
{
    ketch_result_destroy(r->result);
    ketch_circuit_destroy(r->circuit);
    ketch_program_drop(r->program);
    *r = (begun_run){.result = NULL};
}

static const int32_t observed_qubits[2] = {0, 1};
static const uint64_t observed_masks[2] = {1, 3};
static const double observed_coefficients[2] = {0.5, -2};

/* Of circuits of one qubit, there is one qubit and one term less. */
ketch_shots calls_describe_shots(const begun_run *r, ketch_observable *observables, int32_t qubits)
{
    const uint64_t count = qubits > 1 ? 2 : 1;
    const ketch_observable each = {.size = sizeof each,
                                   .count = count,
                                   .qubits = observed_qubits,
                                   .masks = observed_masks,
                                   .coefficients = observed_coefficients};
    for (int i = 0; i < CALLS_OBSERVABLES; i++) {
        observables[i] = each;
        observables[i].kind = (ketch_observe)(KETCH_OBSERVE_NORM + i);
    }
    return (ketch_shots){.size = sizeof(ketch_shots),
                         .shots = r->shots,
                         .seed = r->seed,
                         .observables = observables,
                         .observable_count = r->observes ? CALLS_OBSERVABLES : 0};
}

void calls_note_run(begun_run *r, const ketch_circuit *circuit, ketch_program *program,
                    bool from_zero, bool is_known)
{
    FUZZ_REQUIRE(ketch_circuit_copy(&r->circuit, circuit, NULL) == KETCH_OK);
    r->program = ketch_program_share(program);
    r->precision = ketch_state_precision(ketch_circuit_result_state(r->result));
    r->from_zero = from_zero;
    r->compares = is_known;
}

/* ---- reading ---- */

static ketch_outcomes read_rows(const ketch_result *result)
{
    ketch_outcomes rows = {.size = sizeof rows};
    FUZZ_REQUIRE(ketch_circuit_result_outcomes(&rows, result, NULL) == KETCH_OK);
    return rows;
}

static uint64_t row_bits(const ketch_outcomes *rows, uint64_t shot)
{
    uint64_t bits = 0;
    for (uint64_t i = 0; i < rows->bits; i++)
        bits |= (uint64_t)rows->rows[shot * rows->bits + i] << i;
    return bits;
}

/* Each kind of row is counted as often as it comes, in ascending order. */
static void check_counts(ketch_result *result, const ketch_outcomes *rows)
{
    enum { MOST = 8 };
    uint64_t distinct, examples[MOST], counts[MOST], sum = 0;
    FUZZ_REQUIRE(ketch_circuit_result_counts(&distinct, examples, counts, MOST, result, NULL) ==
                 KETCH_OK);
    FUZZ_REQUIRE(distinct <= rows->shots && distinct <= MOST);
    for (uint64_t i = 0; i < distinct; i++) {
        uint64_t found = 0;
        const uint64_t kind = row_bits(rows, examples[i]);
        FUZZ_REQUIRE(i == 0 || kind > row_bits(rows, examples[i - 1]));
        for (uint64_t shot = 0; shot < rows->shots; shot++)
            found += row_bits(rows, shot) == kind;
        FUZZ_REQUIRE(found == counts[i]);
        sum += counts[i];
    }
    FUZZ_REQUIRE(sum == rows->shots);
}

/* The six numbers of the three observables, zeros where there are fewer. */
static void read_observed(double numbers[6], const ketch_result *result)
{
    memset(numbers, 0, 6 * sizeof *numbers);
    FUZZ_REQUIRE(ketch_circuit_result_observed(numbers, 1, 0, result, NULL) == KETCH_OK);
    FUZZ_REQUIRE(ketch_circuit_result_observed(numbers + 1, 4, 1, result, NULL) == KETCH_OK);
    FUZZ_REQUIRE(ketch_circuit_result_observed(numbers + 5, 1, 2, result, NULL) == KETCH_OK);
}

/* ---- comparing ---- */

/* Observables are those of the amplitudes. */
static void check_observed(const begun_run *r, const void *amplitudes, const ketch_state *state)
{
    double numbers[6], wanted[6] = {0}, none;
    const int32_t count = ketch_state_qubits(state) > 1 ? 2 : 1;
    calls_probabilities(&none, amplitudes, state, 0, NULL);
    wanted[0] = sqrt(none);
    calls_probabilities(wanted + 1, amplitudes, state, count, observed_qubits);
    wanted[5] = calls_expectation(amplitudes, state, (uint64_t)count, observed_masks,
                                  observed_coefficients);
    read_observed(numbers, r->result);
    for (int i = 0; i < 6; i++)
        FUZZ_REQUIRE(fabs(numbers[i] - wanted[i]) <= calls_tolerance(r->precision));
}

/* Each row is one that the circuit can end with; without shots, so are the amplitudes. */
static void compare_with_dense(const begun_run *r, const void *amplitudes)
{
    static dense reference;
    const ketch_outcomes rows = read_rows(r->result);
    FUZZ_REQUIRE(rows.shots == (r->shots ? r->shots : 1));
    dense_begin(&reference, ketch_circuit_qubits(r->circuit), r->start);
    if (!dense_apply(&reference, r->circuit, r->values))
        return;
    for (uint64_t shot = 0; shot < rows.shots; shot++)
        FUZZ_REQUIRE(dense_has(&reference, row_bits(&rows, shot)));
    FUZZ_REQUIRE(r->shots || dense_distance(&reference, row_bits(&rows, 0), amplitudes,
                                            r->precision) < calls_tolerance(r->precision));
}

/* The same run, undisturbed on the other engines, ends with the same bits. */
static void compare_with_repetition(const begun_run *r, const void *amplitudes,
                                    const ketch_state *state)
{
    double numbers[2][6] = {0};
    const void *again;
    ketch_result *result = NULL;
    ketch_observable observables[CALLS_OBSERVABLES];
    const ketch_shots shots = calls_describe_shots(r, observables, ketch_state_qubits(state));
    FUZZ_REQUIRE(ketch_program_run(&result, calls_engines[r->seed & 1], r->program, NULL, &shots,
                                   NULL, NULL) == KETCH_OK);
    const ketch_outcomes rows = read_rows(r->result), same = read_rows(result);
    FUZZ_REQUIRE(rows.shots == same.shots && rows.bits == same.bits);
    FUZZ_REQUIRE(!rows.bits || !memcmp(rows.rows, same.rows, rows.shots * rows.bits));
    FUZZ_REQUIRE(ketch_state_amplitudes(&again, ketch_circuit_result_state(result), NULL) ==
                 KETCH_OK);
    const size_t size =
        r->precision == KETCH_SINGLE ? sizeof(float complex) : sizeof(double complex);
    FUZZ_REQUIRE(!memcmp(amplitudes, again, size << ketch_state_qubits(state)));
    if (r->observes) {
        read_observed(numbers[0], r->result);
        read_observed(numbers[1], result);
        FUZZ_REQUIRE(!memcmp(numbers[0], numbers[1], sizeof numbers[0]));
    }
    ketch_result_destroy(result);
}

void calls_compare_end(begun_run *r)
{
    const void *amplitudes;
    if (!r->compares || !calls_has_ended(r->result))
        return;
    r->compares = false; /* the state may be written from now on */
    const ketch_state *const state = ketch_circuit_result_state(r->result);
    FUZZ_REQUIRE(ketch_state_amplitudes(&amplitudes, state, NULL) == KETCH_OK);
    const ketch_outcomes rows = read_rows(r->result);
    check_counts(r->result, &rows);
    if (r->observes)
        check_observed(r, amplitudes, state);
    compare_with_dense(r, amplitudes);
    if (r->from_zero)
        compare_with_repetition(r, amplitudes, state);
}

/* ---- calls ---- */

void calls_swap_runs(session *s)
{
    const begun_run first = s->runs[0];
    s->runs[0] = s->runs[1];
    s->runs[1] = first;
}

void calls_end_first(session *s)
{
    calls_end_run(&s->runs[0]);
}

/* A result can be read at any time, but for what only its end has. */
void calls_read_result(session *s)
{
    static const ketch_job_type other = {.size = sizeof other, .name = "other"};
    ketch_result *const result = s->runs[0].result;
    ketch_position position = {.size = sizeof position};
    ketch_report report = {.size = sizeof report};
    double norm;
    if (!result)
        return;
    GOOD(s, ketch_result_get_position(&position, result, &s->error));
    GOOD(s, ketch_result_get_report(&report, result, &s->error));
    FUZZ_REQUIRE(position.done <= position.total && report.steps <= position.done);
    FUZZ_REQUIRE(position.next <= position.count && position.finished <= position.next);
    FUZZ_REQUIRE((ketch_result_status(result) == KETCH_OK) == (position.ended == 1));
    FUZZ_REQUIRE(ketch_result_type(result) == ketch_circuit_type() &&
                 ketch_result_user(result, ketch_circuit_type()) &&
                 !ketch_result_user(result, &other));
    const int32_t answer = ketch_result_hook(result);
    FUZZ_REQUIRE(answer == 0 || answer == 5 || answer == -5);
    const ketch_outcomes rows = read_rows(result);
    check_counts(result, &rows);
    if (!s->runs[0].observes)
        return;
    ketch_status status;
    CALL(s, status, ketch_circuit_result_observed(&norm, 1, 0, result, &s->error));
    FUZZ_REQUIRE(status == (position.ended ? KETCH_OK : KETCH_SUSPENDED));
}
