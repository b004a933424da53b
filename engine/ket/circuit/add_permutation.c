/* Gates that are given as a permutation of the basis states. */
#include "ket/circuit/checks.h"

/* Basis state i goes to table[i]. */
typedef struct given_table {
    const uint64_t *entries;
    size_t count;
} given_table;

static ketch_status fail_entry(const ktq_addition *a, size_t i, const char *given, size_t count)
{
    return kt_fail(a->error, KETCH_RANGE, a->function, "table", given,
                   kt_format("each of 0..%zu once", count - 1).text, "%s, table[%zu]",
                   ktq_addition_label(a).text, i);
}

static ketch_status check_entries(const ktq_addition *a, const given_table *table)
{
    uint64_t seen[(1 << KETCH_PERMUTATION_QUBITS_MAX) / 64] = {0};
    if (!table->entries)
        return ktq_fail_null(a, "table");
    for (size_t i = 0; i < table->count; i++) {
        const uint64_t to = table->entries[i];
        const unsigned long long given = to;
        if (to >= table->count)
            return fail_entry(a, i, kt_format("%llu", given).text, table->count);
        if (seen[to / 64] >> to % 64 & 1)
            return fail_entry(a, i, kt_format("%llu twice", given).text, table->count);
        seen[to / 64] |= kt_bit(to % 64);
    }
    return KETCH_OK;
}

/* The table is written behind the circuit's params, where adding it finds it in its place. */
static ketch_status add_table(const ktq_addition *a, const ktq_qubit_row *row,
                              const given_table *table, uint64_t open_controls)
{
    ketch_circuit *const circuit = a->circuit;
    if (!ktq_circuit_reserve(circuit, 1, KETCH_QUBITS_MAX, table->count))
        return kt_fail_heap(a->error, a->function);
    double *const params = circuit->params.items + circuit->params.count;
    for (size_t i = 0; i < table->count; i++)
        params[i] = (double)table->entries[i];
    return ktq_add_checked(a, row, params, table->count, open_controls, 0);
}

ketch_status ketch_circuit_permutation(ketch_circuit *circuit, int32_t qubit_count,
                                       const int32_t *qubits, const uint64_t *table,
                                       int32_t control_count, const int32_t *controls,
                                       const uint8_t *values, ketch_error *error)
{
    uint64_t open_controls;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    const ktq_addition a = ktq_addition_begin(circuit, KETCH_GATE_PERMUTATION, __func__, error);
    KT_TRY(ktq_check_own(&a, qubit_count, KETCH_PERMUTATION_QUBITS_MAX));
    KT_TRY(ktq_check_controls(&a, qubit_count, control_count, controls));
    KT_TRY(ktq_check_values(&open_controls, &a, control_count, values));
    const given_table given = {table, (size_t)1 << qubit_count};
    KT_TRY(check_entries(&a, &given));
    const ktq_qubit_row row = {qubits, controls, (size_t)qubit_count, (size_t)control_count};
    return add_table(&a, &row, &given, open_controls);
}
