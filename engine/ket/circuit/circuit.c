#define _GNU_SOURCE
#include "ket/circuit/circuit.h"
#include "heap.h"
#include "status.h"
#include <string.h>

static const uint64_t circuit_magic = UINT64_C(0x636972637569740a);

ketch_status ktq_circuit_check(const ketch_circuit *circuit, const char *function,
                               ketch_error *error)
{
    if (!circuit || circuit->magic != circuit_magic)
        return kt_fail_handle(error, function, "circuit", "a circuit", circuit);
    return KETCH_OK;
}

/* ---- building ---- */

static inline bool reserve(ketch_circuit *circuit, uint64_t gates, uint64_t qubits, uint64_t params)
{
    return KT_LIST_RESERVE(&circuit->gates, gates) && KT_LIST_RESERVE(&circuit->qubits, qubits) &&
           KT_LIST_RESERVE(&circuit->params, params);
}

bool ktq_circuit_reserve(ketch_circuit *circuit, uint64_t gates, uint64_t qubits, uint64_t params)
{
    return reserve(circuit, gates, qubits, params);
}

bool ktq_circuit_append(ketch_circuit *circuit, const ktq_gate *gate, const uint8_t *qubits,
                        const double *params)
{
    const size_t qubit_count = ktq_gate_qubit_count(gate);
    if (!reserve(circuit, 1, qubit_count, gate->param_count))
        return false;
    ktq_gate *const added = &circuit->gates.items[circuit->gates.count++];
    *added = *gate;
    added->condition = ktq_gate_is_step(gate) ? circuit->condition : 0;
    added->first_qubit = circuit->qubits.count;
    added->first_param = circuit->params.count;
    uint8_t *const qubits_end = circuit->qubits.items + circuit->qubits.count;
    double *const params_end = circuit->params.items + circuit->params.count;
    for (size_t i = 0; i < qubit_count; i++)
        qubits_end[i] = qubits[i];
    for (size_t i = 0; i < gate->param_count; i++)
        params_end[i] = params[i];
    circuit->qubits.count += qubit_count;
    circuit->params.count += gate->param_count;
    circuit->steps += ktq_gate_is_step(gate);
    return true;
}

static bool same_condition(const ktq_condition *a, const ktq_condition *b)
{
    return a->first == b->first && a->count == b->count && a->value == b->value;
}

/* Gates in a row often have the same condition, which is then added once. */
bool ktq_circuit_put_condition(ketch_circuit *circuit, const ktq_condition *condition)
{
    if (!condition) {
        circuit->condition = 0;
        return true;
    }
    const size_t count = circuit->conditions.count;
    if (!same_condition(&circuit->conditions.items[count - 1], condition)) {
        if (count >= UINT32_MAX || !KT_LIST_RESERVE(&circuit->conditions, 1))
            return false;
        circuit->conditions.items[circuit->conditions.count++] = *condition;
    }
    circuit->condition = (uint32_t)(circuit->conditions.count - 1);
    return true;
}

/* A register with a copy of the name, which is NULL where memory is refused. */
static ktq_register name_register(const char *name, size_t length, int32_t first, int32_t size)
{
    char *const copy = kt_heap_take(length + 1);
    if (copy)
        memcpy(copy, name, length);
    return (ktq_register){.name = copy, .first = first, .size = size};
}

bool ktq_circuit_append_register(ketch_circuit *circuit, const char *name, size_t length,
                                 int32_t size)
{
    if (!KT_LIST_RESERVE(&circuit->registers, 1))
        return false;
    const ktq_register added = name_register(name, length, circuit->bit_count, size);
    if (!added.name)
        return false;
    circuit->registers.items[circuit->registers.count++] = added;
    circuit->bit_count += size;
    return true;
}

bool ktq_circuit_append_qubit_register(ketch_circuit *circuit, const char *name, size_t length,
                                       int32_t size)
{
    const int32_t first = ktq_circuit_named_qubits(circuit);
    assert(size <= circuit->qubit_count - first);
    if (!KT_LIST_RESERVE(&circuit->qubit_registers, 1))
        return false;
    const ktq_register added = name_register(name, length, first, size);
    if (!added.name)
        return false;
    circuit->qubit_registers.items[circuit->qubit_registers.count++] = added;
    return true;
}

/* ---- create, copy, destroy ---- */

/* A circuit with nothing in it, NULL where memory is refused. */
static ketch_circuit *make_circuit(int32_t qubits)
{
    ketch_circuit *const made = kt_heap_take(sizeof *made);
    if (!made)
        return NULL;
    made->magic = circuit_magic;
    made->qubit_count = qubits;
    if (!KT_LIST_RESERVE(&made->conditions, 1) || !ktq_circuit_reserve(made, 0, 0, 0)) {
        ketch_circuit_destroy(made);
        return NULL;
    }
    made->conditions.items[made->conditions.count++] = (ktq_condition){0};
    return made;
}

ketch_circuit *ktq_circuit_make(void)
{
    return make_circuit(0);
}

static ketch_status check_count(const char *argument, int32_t given, int32_t least, int32_t most,
                                const char *why, ketch_error *error)
{
    if (given >= least && given <= most)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, "ketch_circuit_create", argument,
                   kt_format("%d", given).text, kt_format("%d..%d (%s)", least, most, why).text,
                   "number of %s", argument);
}

ketch_status ketch_circuit_create(ketch_circuit **circuit, int32_t qubits, int32_t bits,
                                  ketch_error *error)
{
    if (!circuit)
        return kt_fail_handle(error, __func__, "circuit", "a place for the circuit", circuit);
    *circuit = NULL;
    KT_TRY(check_count("qubits", qubits, 1, KETCH_QUBITS_MAX, "index width", error));
    KT_TRY(check_count("bits", bits, 0, KETCH_BITS_MAX, "classical bits of a circuit", error));
    ketch_circuit *made = make_circuit(qubits);
    if (!made)
        return kt_fail_heap(error, __func__);
    if (bits > 0 && !ktq_circuit_append_register(made, "c", 1, bits)) {
        ketch_circuit_destroy(made);
        return kt_fail_heap(error, __func__);
    }
    *circuit = made;
    return KETCH_OK;
}

static bool copy_lists(ketch_circuit *copy, const ketch_circuit *from)
{
    return KT_LIST_COPY(&copy->gates, &from->gates) && KT_LIST_COPY(&copy->qubits, &from->qubits) &&
           KT_LIST_COPY(&copy->params, &from->params) &&
           KT_LIST_COPY(&copy->conditions, &from->conditions) &&
           KT_LIST_COPY(&copy->parameters, &from->parameters) &&
           KT_LIST_COPY(&copy->angles, &from->angles) && KT_LIST_COPY(&copy->terms, &from->terms);
}

static bool copy_registers(ketch_circuit *copy, const ketch_circuit *from)
{
    for (size_t i = 0; i < from->registers.count; i++) {
        const ktq_register *one = &from->registers.items[i];
        if (!ktq_circuit_append_register(copy, one->name, strlen(one->name), one->size))
            return false;
    }
    return true;
}

static bool copy_qubit_registers(ketch_circuit *copy, const ketch_circuit *from)
{
    for (size_t i = 0; i < from->qubit_registers.count; i++) {
        const ktq_register *one = &from->qubit_registers.items[i];
        if (!ktq_circuit_append_qubit_register(copy, one->name, strlen(one->name), one->size))
            return false;
    }
    return true;
}

ketch_circuit *ktq_circuit_make_like(const ketch_circuit *from, int32_t qubits)
{
    ketch_circuit *const made = make_circuit(qubits);
    if (made && copy_registers(made, from) &&
        (qubits != from->qubit_count || copy_qubit_registers(made, from)))
        return made;
    ketch_circuit_destroy(made);
    return NULL;
}

ketch_status ketch_circuit_copy(ketch_circuit **copy, const ketch_circuit *circuit,
                                ketch_error *error)
{
    if (!copy)
        return kt_fail_handle(error, __func__, "copy", "a place for the circuit", copy);
    *copy = NULL;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    ketch_circuit *made = ktq_circuit_make_like(circuit, circuit->qubit_count);
    if (!made || !copy_lists(made, circuit)) {
        ketch_circuit_destroy(made);
        return kt_fail_heap(error, __func__);
    }
    made->steps = circuit->steps;
    made->condition = circuit->condition;
    *copy = made;
    return KETCH_OK;
}

void ketch_circuit_destroy(ketch_circuit *circuit)
{
    if (!circuit || circuit->magic != circuit_magic)
        return;
    for (size_t i = 0; i < circuit->registers.count; i++)
        kt_heap_give(circuit->registers.items[i].name);
    for (size_t i = 0; i < circuit->qubit_registers.count; i++)
        kt_heap_give(circuit->qubit_registers.items[i].name);
    kt_heap_give(circuit->gates.items);
    kt_heap_give(circuit->qubits.items);
    kt_heap_give(circuit->params.items);
    kt_heap_give(circuit->conditions.items);
    kt_heap_give(circuit->registers.items);
    kt_heap_give(circuit->qubit_registers.items);
    kt_heap_give(circuit->parameters.items);
    kt_heap_give(circuit->angles.items);
    kt_heap_give(circuit->terms.items);
    circuit->magic = 0;
    kt_heap_give(circuit);
}

/* ---- registers, getters ---- */

/* A new name among the count registers of one kind. */
static ketch_status check_register_name(const ktq_register *registers, size_t count,
                                        const char *name, const char *function, ketch_error *error)
{
    if (!name || !*name)
        return kt_fail(error, KETCH_SYNTAX, function, "name", name ? "an empty name" : "NULL",
                       "a name", "register name");
    for (size_t i = 0; i < count; i++)
        if (strcmp(registers[i].name, name) == 0)
            return kt_fail(error, KETCH_DUPLICATE, function, "name", kt_format("%s", name).text,
                           "a new name", "register %zu has this name already", i);
    return KETCH_OK;
}

static ketch_status check_register_size(int32_t size, int32_t left, const char *what,
                                        const char *function, ketch_error *error)
{
    if (size >= 1 && size <= left)
        return KETCH_OK;
    return kt_fail(error, KETCH_RANGE, function, "size", kt_format("%d", size).text,
                   left ? kt_format("1..%d", left).text : "none: all have a register",
                   "%s of a register", what);
}

ketch_status ketch_circuit_add_register(ketch_circuit *circuit, const char *name, int32_t size,
                                        ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    KT_TRY(check_register_name(circuit->registers.items, circuit->registers.count, name, __func__,
                               error));
    KT_TRY(check_register_size(size, KETCH_BITS_MAX - circuit->bit_count, "bits", __func__, error));
    if (!ktq_circuit_append_register(circuit, name, strlen(name), size))
        return kt_fail_heap(error, __func__);
    return KETCH_OK;
}

ketch_status ketch_circuit_name_qubits(ketch_circuit *circuit, const char *name, int32_t size,
                                       ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    KT_TRY(check_register_name(circuit->qubit_registers.items, circuit->qubit_registers.count, name,
                               __func__, error));
    KT_TRY(check_register_size(size, circuit->qubit_count - ktq_circuit_named_qubits(circuit),
                               "qubits", __func__, error));
    if (!ktq_circuit_append_qubit_register(circuit, name, strlen(name), size))
        return kt_fail_heap(error, __func__);
    return KETCH_OK;
}

int32_t ketch_circuit_qubits(const ketch_circuit *circuit)
{
    return circuit ? circuit->qubit_count : 0;
}

int32_t ketch_circuit_bits(const ketch_circuit *circuit)
{
    return circuit ? circuit->bit_count : 0;
}

uint64_t ketch_circuit_steps(const ketch_circuit *circuit)
{
    return circuit ? circuit->steps : 0;
}

/* The name of a register of one kind, and where it lies; NULL where there is none. */
static const char *read_register(const ktq_register *registers, size_t count, int32_t index,
                                 int32_t *first, int32_t *size)
{
    if (index < 0 || (size_t)index >= count)
        return NULL;
    if (first)
        *first = registers[index].first;
    if (size)
        *size = registers[index].size;
    return registers[index].name;
}

const char *ketch_circuit_register(const ketch_circuit *circuit, int32_t index, int32_t *first,
                                   int32_t *size)
{
    if (!circuit)
        return NULL;
    return read_register(circuit->registers.items, circuit->registers.count, index, first, size);
}

const char *ketch_circuit_qubit_register(const ketch_circuit *circuit, int32_t index,
                                         int32_t *first, int32_t *size)
{
    if (!circuit)
        return NULL;
    return read_register(circuit->qubit_registers.items, circuit->qubit_registers.count, index,
                         first, size);
}
