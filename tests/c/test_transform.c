/* Circuits that are read back and transformed. */
#define _GNU_SOURCE
#include "runs.h"
#include "suite.h"

#include <check.h>

static ketch_circuit *new_circuit(int32_t qubits, int32_t bits)
{
    ketch_circuit *circuit = NULL;
    GOOD(ketch_circuit_create(&circuit, qubits, bits, &error));
    return circuit;
}

static ketch_record read_at(const ketch_circuit *circuit, uint64_t index)
{
    ketch_record record = {.size = sizeof record};
    GOOD(ketch_circuit_read(circuit, index, &record, &error));
    return record;
}

/* ---- reading ---- */

START_TEST(a_gate_is_read_as_it_was_added)
{
    ketch_circuit *const c = new_circuit(5, 3);
    const int32_t pair[2] = {3, 1}, controls[2] = {4, 0};
    const uint8_t values[2] = {0, 1};
    const ketch_angle angles[4] = {{.parameter = -1, .offset = 0.25},
                                   {.parameter = 1, .factor = 2, .offset = 0.5},
                                   {.parameter = -1, .factor = 7, .offset = -1},
                                   {.parameter = 0, .factor = -1}};
    GOOD(ketch_circuit_add_parameters(c, 2, &error));
    GOOD(ketch_circuit_condition(c, 1, 2, 3, &error));
    GOOD(ketch_circuit_parametric(c, KETCH_GATE_CU, pair, angles, 2, controls, values, &error));
    ck_assert_uint_eq(ketch_circuit_length(c), 1);
    const ketch_record r = read_at(c, 0);
    ck_assert(r.gate == KETCH_GATE_CU && r.bit == -1);
    ck_assert(r.qubit_count == 2 && r.control_count == 2 && r.angle_count == 4);
    ck_assert(r.qubits[0] == 3 && r.qubits[1] == 1 && r.qubits[2] == 4 && r.qubits[3] == 0);
    ck_assert(r.values[0] == 0 && r.values[1] == 1);
    ck_assert(r.condition_first == 1 && r.condition_count == 2 && r.condition_value == 3);
    ck_assert(r.angles[0].parameter == -1 && r.angles[0].offset == 0.25);
    ck_assert(r.angles[1].parameter == 1 && r.angles[1].factor == 2 && r.angles[1].offset == 0.5);
    ck_assert(r.angles[2].parameter == -1 && r.angles[2].offset == -1);
    ck_assert(r.angles[3].parameter == 0 && r.angles[3].factor == -1 && r.angles[3].offset == 0);
    ck_assert_uint_eq(r.number_count, 0);
    ck_assert_ptr_null(r.numbers);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(all_that_is_no_gate_is_read)
{
    ketch_circuit *const c = new_circuit(3, 2);
    GOOD(ketch_circuit_measure(c, 2, 1, &error));
    GOOD(ketch_circuit_reset(c, 1, &error));
    GOOD(ketch_circuit_barrier(c, 2, (int32_t[]){2, 0}, &error));
    GOOD(ketch_circuit_barrier(c, 0, NULL, &error));
    GOOD(ketch_circuit_fence(c, &error));
    ck_assert_uint_eq(ketch_circuit_length(c), 5);
    ck_assert_uint_eq(ketch_circuit_steps(c), 2);
    static const struct {
        ketch_gate gate;
        int32_t qubit_count, bit;
    } want[] = {{KETCH_GATE_MEASURE, 1, 1},
                {KETCH_GATE_RESET, 1, -1},
                {KETCH_GATE_BARRIER, 2, -1},
                {KETCH_GATE_BARRIER, 0, -1},
                {KETCH_GATE_FENCE, 0, -1}};
    for (int i = 0; i < 5; i++) {
        const ketch_record r = read_at(c, (uint64_t)i);
        ck_assert(r.gate == want[i].gate && r.qubit_count == want[i].qubit_count &&
                  r.bit == want[i].bit && r.condition_count == 0 && r.control_count == 0);
    }
    ck_assert_int_eq(read_at(c, 0).qubits[0], 2);
    ck_assert_int_eq(read_at(c, 2).qubits[1], 0);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(a_matrix_is_read_in_place)
{
    ketch_circuit *const c = new_circuit(2, 0);
    const double matrix[8] = {0, 0, 0, 1, 1, 0, 0, 0}, diagonal[8] = {1, 0, 0, 1, -1, 0, 0, -1};
    GOOD(ketch_circuit_unitary(c, 1, (int32_t[]){1}, matrix, 0, 0, NULL, NULL, &error));
    GOOD(ketch_circuit_diagonal(c, 2, (int32_t[]){1, 0}, diagonal, 0, 0, NULL, NULL, &error));
    const ketch_record a = read_at(c, 0), b = read_at(c, 1);
    ck_assert(a.number_count == 8 && b.number_count == 8 && a.angle_count == 0);
    ck_assert_mem_eq(a.numbers, matrix, sizeof matrix);
    ck_assert_mem_eq(b.numbers, diagonal, sizeof diagonal);
    ketch_circuit_destroy(c);
}
END_TEST

START_TEST(an_older_caller_gets_what_it_has_room_for)
{
    ketch_circuit *const c = new_circuit(2, 0);
    ketch_record r = {.size = offsetof(ketch_record, bit), .bit = 77};
    GOOD(ketch_x(c, 1, &error));
    GOOD(ketch_circuit_read(c, 0, &r, &error));
    ck_assert(r.gate == KETCH_GATE_X && r.qubit_count == 1 && r.bit == 77);
    ck_assert_uint_eq(r.size, offsetof(ketch_record, bit));
    ck_assert_uint_eq(ketch_circuit_length(NULL), 0);
    ketch_circuit_destroy(c);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("transform");
    TCase *const reading = tcase_create("reading");
    tcase_add_test(reading, a_gate_is_read_as_it_was_added);
    tcase_add_test(reading, all_that_is_no_gate_is_read);
    tcase_add_test(reading, a_matrix_is_read_in_place);
    tcase_add_test(reading, an_older_caller_gets_what_it_has_room_for);
    suite_add_tcase(suite, reading);
    return end_with(suite);
}
