/* A circuit under controls. */
#include "ket/circuit/checks.h"
#include "ket/circuit/transfer.h"

static ketch_status check_control_values(uint64_t *open, int32_t count, const uint8_t *values,
                                         const char *function, ketch_error *error)
{
    *open = 0;
    for (int32_t i = 0; values && i < count; i++) {
        if (values[i] > 1)
            return kt_fail(error, KETCH_RANGE, function, "values", kt_format("%d", values[i]).text,
                           "0..1", "values[%d]", i);
        if (values[i] == 0)
            *open |= kt_bit((uint64_t)i);
    }
    return KETCH_OK;
}

/* Under the first count qubits of `made`, which is new. */
static bool control_records(ketch_circuit *made, const ketch_circuit *circuit, int32_t count,
                            uint64_t open)
{
    ktq_transfer transfer;
    bool added = ktq_transfer_begin(&transfer, made, circuit, 1);
    for (int32_t i = 0; i < circuit->qubit_count; i++)
        transfer.qubits[i] = (uint8_t)(i + count);
    transfer.control_count = (uint8_t)count;
    transfer.open_controls = open;
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit) && added; i++)
        added = ktq_transfer_record(&transfer, i);
    ktq_transfer_end(&transfer);
    return added;
}

ketch_status ketch_circuit_control(ketch_circuit **made, const ketch_circuit *circuit,
                                   int32_t count, const uint8_t *values, ketch_error *error)
{
    uint64_t open;
    KT_TRY(ktq_check_making(made, circuit, __func__, error));
    const int32_t most = KETCH_QUBITS_MAX - circuit->qubit_count;
    if (count < 0 || count > most)
        return kt_fail(
            error, KETCH_RANGE, __func__, "count", kt_format("%d", count).text,
            kt_format("0..%d (with the circuit's own, at most %d qubits)", most, KETCH_QUBITS_MAX)
                .text,
            "number of controls");
    KT_TRY(check_control_values(&open, count, values, __func__, error));
    KT_TRY(ktq_check_is_unitary(circuit, "controlled", __func__, error));
    ketch_circuit *const controlled = ktq_circuit_make_like(circuit, circuit->qubit_count + count);
    if (!controlled || !control_records(controlled, circuit, count, open)) {
        ketch_circuit_destroy(controlled);
        return kt_fail_heap(error, __func__);
    }
    *made = controlled;
    return KETCH_OK;
}
