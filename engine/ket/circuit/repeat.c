/* Repeating a circuit, and its powers. */
#define _GNU_SOURCE
#include "account.h"
#include "ket/circuit/transfer.h"
#include "status.h"

/* The bytes of `count` times the circuit's lists, or UINT64_MAX where that does not fit. */
static uint64_t repeated_size(const ketch_circuit *circuit, uint64_t count)
{
    const uint64_t once = circuit->gates.count * sizeof *circuit->gates.items +
                          circuit->qubits.count * sizeof *circuit->qubits.items +
                          circuit->params.count * sizeof *circuit->params.items;
    return kt_mul_most(once, count);
}

/* MEMORY for more than what is free, before anything is taken. */
static ketch_status check_repeated_size(const ketch_circuit *circuit, uint64_t count,
                                        const char *argument, const char *function,
                                        ketch_error *error)
{
    const uint64_t size = repeated_size(circuit, count);
    if (size < KT_LARGE)
        return KETCH_OK;
    const uint64_t left = kt_account_left(&kt_account_process, &kt_memory_system);
    const kt_refusal refusal = {.needed = size, .allowed = left, .limit = "free memory"};
    if (size <= left)
        return KETCH_OK;
    return kt_fail_memory(
        error, function, argument,
        kt_format("%zu records %llu times", circuit->gates.count, (unsigned long long)count).text,
        &refusal);
}

static bool reserve_repeated(ketch_circuit *made, const ketch_circuit *circuit, uint64_t count)
{
    return ktq_circuit_reserve(made, circuit->gates.count * count, circuit->qubits.count * count,
                               circuit->params.count * count);
}

static bool repeat_records(ketch_circuit *made, const ketch_circuit *circuit, uint64_t count)
{
    const size_t length = ktq_circuit_gate_count(circuit);
    ktq_transfer transfer;
    bool added =
        ktq_transfer_begin(&transfer, made, circuit, 1) && reserve_repeated(made, circuit, count);
    for (uint64_t turn = 0; added && turn < (length > 0 ? count : 0); turn++)
        for (size_t i = 0; i < length && added; i++)
            added = ktq_transfer_record(&transfer, i);
    ktq_transfer_end(&transfer);
    return added;
}

/* The circuit so many times. argument: that of the count. */
static ketch_status make_repeated(ketch_circuit **made, const ketch_circuit *circuit,
                                  uint64_t count, const char *argument, const char *function,
                                  ketch_error *error)
{
    KT_TRY(check_repeated_size(circuit, count, argument, function, error));
    ketch_circuit *const repeated = ktq_circuit_make_like(circuit, circuit->qubit_count);
    if (!repeated || !repeat_records(repeated, circuit, count)) {
        ketch_circuit_destroy(repeated);
        return kt_fail_heap(error, function);
    }
    *made = repeated;
    return KETCH_OK;
}

ketch_status ketch_circuit_repeat(ketch_circuit **made, const ketch_circuit *circuit,
                                  uint64_t count, ketch_error *error)
{
    KT_TRY(ktq_check_making(made, circuit, __func__, error));
    return make_repeated(made, circuit, count, "count", __func__, error);
}

ketch_status ketch_circuit_power(ketch_circuit **made, const ketch_circuit *circuit,
                                 int64_t exponent, ketch_error *error)
{
    KT_TRY(ktq_check_making(made, circuit, __func__, error));
    KT_TRY(ktq_check_is_unitary(circuit, "raised to a power", __func__, error));
    if (exponent >= 0)
        return make_repeated(made, circuit, (uint64_t)exponent, "exponent", __func__, error);
    const uint64_t count = -(uint64_t)exponent;
    ketch_circuit *const inverse = ktq_circuit_invert(circuit);
    if (!inverse)
        return kt_fail_heap(error, __func__);
    const ketch_status status = make_repeated(made, inverse, count, "exponent", __func__, error);
    ketch_circuit_destroy(inverse);
    return status;
}
