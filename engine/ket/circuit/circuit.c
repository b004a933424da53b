#define _GNU_SOURCE
#include "ket/circuit/circuit.h"
#include "heap.h"
#include "ket/circuit/gates.h"
#include "status.h"
#include <assert.h>
#include <string.h>

static const uint64_t circuit_magic = UINT64_C(0x636972637569740a);

ketch_status ktq_circuit_check(const ketch_circuit *circuit, const char *function,
                               ketch_error *error)
{
    if (!circuit || circuit->magic != circuit_magic)
        return kt_fail_handle(error, function, "circuit", "a circuit", circuit);
    return KETCH_OK;
}

/* ---- lists ---- */

void *ktq_list_room(void *memory, ktq_list *list, size_t more, size_t item)
{
    if (memory && more <= list->capacity - list->count)
        return memory;
    size_t wanted, size;
    if (__builtin_add_overflow(list->count, more, &wanted))
        return NULL;
    if (wanted < 2 * list->capacity)
        wanted = 2 * list->capacity;
    if (wanted < 16)
        wanted = 16;
    if (!kt_mul(&size, wanted, item))
        return NULL;
    void *grown = kt_heap_grow(memory, list->capacity * item, size);
    if (grown)
        list->capacity = wanted;
    return grown;
}

bool ktq_circuit_reserve(ketch_circuit *circuit, size_t gates, size_t qubits, size_t params)
{
    ktq_gate *gate = ktq_list_room(circuit->gates, &circuit->gate_list, gates, sizeof *gate);
    if (!gate)
        return false;
    circuit->gates = gate;
    uint8_t *qubit = ktq_list_room(circuit->qubits, &circuit->qubit_list, qubits, sizeof *qubit);
    if (!qubit)
        return false;
    circuit->qubits = qubit;
    double *param = ktq_list_room(circuit->params, &circuit->param_list, params, sizeof *param);
    if (!param)
        return false;
    circuit->params = param;
    return true;
}

static bool counts_as_step(uint16_t gate)
{
    return gate != KETCH_GATE_BARRIER && gate != KETCH_GATE_FENCE;
}

bool ktq_circuit_append(ketch_circuit *circuit, const ktq_gate *gate, const uint8_t *qubits,
                        const double *params)
{
    const size_t qubit_count = (size_t)gate->own + gate->controls;
    if (!ktq_circuit_reserve(circuit, 1, qubit_count, gate->param_count))
        return false;
    ktq_gate *added = &circuit->gates[circuit->gate_list.count++];
    *added = *gate;
    added->condition = counts_as_step(gate->gate) ? circuit->condition : 0;
    added->qubits = circuit->qubit_list.count;
    added->params = circuit->param_list.count;
    for (size_t i = 0; i < qubit_count; i++)
        circuit->qubits[added->qubits + i] = qubits[i];
    for (size_t i = 0; i < gate->param_count; i++)
        circuit->params[added->params + i] = params[i];
    circuit->qubit_list.count += qubit_count;
    circuit->param_list.count += gate->param_count;
    circuit->steps += counts_as_step(gate->gate);
    return true;
}

static bool same_condition(const ktq_condition *a, const ktq_condition *b)
{
    return a->first == b->first && a->count == b->count && a->value == b->value;
}

bool ktq_circuit_put_condition(ketch_circuit *circuit, const ktq_condition *condition)
{
    if (!condition) {
        circuit->condition = 0;
        return true;
    }
    const size_t count = circuit->condition_list.count;
    if (!same_condition(&circuit->conditions[count - 1], condition)) {
        ktq_condition *grown =
            ktq_list_room(circuit->conditions, &circuit->condition_list, 1, sizeof *grown);
        if (!grown || count >= UINT32_MAX)
            return false;
        circuit->conditions = grown;
        grown[count] = *condition;
        circuit->condition_list.count++;
    }
    circuit->condition = (uint32_t)(circuit->condition_list.count - 1);
    return true;
}

bool ktq_circuit_append_register(ketch_circuit *circuit, const char *name, size_t length,
                                 int32_t size)
{
    ktq_register *grown =
        ktq_list_room(circuit->registers, &circuit->register_list, 1, sizeof *grown);
    if (!grown)
        return false;
    circuit->registers = grown;
    char *copy = kt_heap_take(length + 1);
    if (!copy)
        return false;
    memcpy(copy, name, length);
    grown[circuit->register_list.count++] =
        (ktq_register){.name = copy, .first = circuit->bit_count, .size = size};
    circuit->bit_count += size;
    return true;
}

/* ---- create, copy, destroy ---- */

/* A circuit with nothing in it, NULL where memory is refused. */
static ketch_circuit *make_circuit(int32_t qubits)
{
    ketch_circuit *made = kt_heap_take(sizeof *made);
    if (!made)
        return NULL;
    made->magic = circuit_magic;
    made->qubit_count = qubits;
    made->conditions = ktq_list_room(NULL, &made->condition_list, 1, sizeof *made->conditions);
    if (!made->conditions || !ktq_circuit_reserve(made, 0, 0, 0)) {
        ketch_circuit_destroy(made);
        return NULL;
    }
    made->condition_list.count = 1;
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
    if (!ktq_circuit_reserve(copy, from->gate_list.count, from->qubit_list.count,
                             from->param_list.count))
        return false;
    memcpy(copy->gates, from->gates, from->gate_list.count * sizeof *from->gates);
    memcpy(copy->qubits, from->qubits, from->qubit_list.count * sizeof *from->qubits);
    memcpy(copy->params, from->params, from->param_list.count * sizeof *from->params);
    copy->gate_list.count = from->gate_list.count;
    copy->qubit_list.count = from->qubit_list.count;
    copy->param_list.count = from->param_list.count;
    const size_t conditions = from->condition_list.count;
    ktq_condition *grown = ktq_list_room(copy->conditions, &copy->condition_list,
                                         conditions - copy->condition_list.count, sizeof *grown);
    if (!grown)
        return false;
    memcpy(grown, from->conditions, conditions * sizeof *grown);
    copy->conditions = grown;
    copy->condition_list.count = conditions;
    return true;
}

static bool copy_parameters(ketch_circuit *copy, const ketch_circuit *from)
{
    const size_t parameters = from->parameter_list.count, angles = from->angle_list.count;
    if (!parameters)
        return true;
    copy->parameters =
        ktq_list_room(NULL, &copy->parameter_list, parameters, sizeof *copy->parameters);
    copy->angles = ktq_list_room(NULL, &copy->angle_list, angles, sizeof *copy->angles);
    if (!copy->parameters || !copy->angles)
        return false;
    memcpy(copy->parameters, from->parameters, parameters * sizeof *from->parameters);
    if (angles)
        memcpy(copy->angles, from->angles, angles * sizeof *from->angles);
    copy->parameter_list.count = parameters;
    copy->angle_list.count = angles;
    return true;
}

static bool copy_registers(ketch_circuit *copy, const ketch_circuit *from)
{
    for (size_t i = 0; i < from->register_list.count; i++) {
        const ktq_register *one = &from->registers[i];
        if (!ktq_circuit_append_register(copy, one->name, strlen(one->name), one->size))
            return false;
    }
    return true;
}

ketch_status ketch_circuit_copy(ketch_circuit **copy, const ketch_circuit *circuit,
                                ketch_error *error)
{
    if (!copy)
        return kt_fail_handle(error, __func__, "copy", "a place for the circuit", copy);
    *copy = NULL;
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    ketch_circuit *made = make_circuit(circuit->qubit_count);
    if (!made || !copy_lists(made, circuit) || !copy_parameters(made, circuit) ||
        !copy_registers(made, circuit)) {
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
    for (size_t i = 0; i < circuit->register_list.count; i++)
        kt_heap_give(circuit->registers[i].name);
    kt_heap_give(circuit->gates);
    kt_heap_give(circuit->qubits);
    kt_heap_give(circuit->params);
    kt_heap_give(circuit->conditions);
    kt_heap_give(circuit->registers);
    kt_heap_give(circuit->parameters);
    kt_heap_give(circuit->angles);
    circuit->magic = 0;
    kt_heap_give(circuit);
}

/* ---- registers, getters ---- */

static ketch_status check_register_name(const ketch_circuit *circuit, const char *name,
                                        const char *function, ketch_error *error)
{
    if (!name || !*name)
        return kt_fail(error, KETCH_SYNTAX, function, "name", name ? "an empty name" : "NULL",
                       "a name", "register name");
    for (size_t i = 0; i < circuit->register_list.count; i++)
        if (strcmp(circuit->registers[i].name, name) == 0)
            return kt_fail(error, KETCH_DUPLICATE, function, "name", kt_format("%s", name).text,
                           "a new name", "register %zu has this name already", i);
    return KETCH_OK;
}

ketch_status ketch_circuit_add_register(ketch_circuit *circuit, const char *name, int32_t size,
                                        ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    KT_TRY(check_register_name(circuit, name, __func__, error));
    const int32_t left = KETCH_BITS_MAX - circuit->bit_count;
    if (size < 1 || size > left)
        return kt_fail(error, KETCH_RANGE, __func__, "size", kt_format("%d", size).text,
                       kt_format("1..%d", left).text, "bits of a register");
    if (!ktq_circuit_append_register(circuit, name, strlen(name), size))
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

const char *ketch_circuit_register(const ketch_circuit *circuit, int32_t index, int32_t *first,
                                   int32_t *size)
{
    if (!circuit || index < 0 || (size_t)index >= circuit->register_list.count)
        return NULL;
    const ktq_register *found = &circuit->registers[index];
    if (first)
        *first = found->first;
    if (size)
        *size = found->size;
    return found->name;
}
