/* A circuit as OpenQASM 2 text, which the parser of this folder reads back to the same records. */
#define _GNU_SOURCE
#include "heap.h"
#include "ket/circuit/circuit.h"
#include "ket/circuit/gates.h"
#include "ket/circuit/pi_fraction.h"
#include "ket/qasm/names.h"
#include "status.h"
#include <string.h>

/* A register as the text names it. */
typedef struct written_register {
    const char *name;
    int32_t first, size;
} written_register;

/* qubits: all registers of qubits, one of those without a name included; qubit_register: the one
 * that each qubit is in. bits: those of classical bits. spellings: memory of their names, of which
 * `spelled` bytes are used. taken: names that no further register may have. */
typedef struct qasm_writer {
    const ketch_circuit *circuit;
    kt_printer out;
    written_register *qubits, *bits;
    size_t qubit_registers, bit_registers;
    uint8_t qubit_register[KETCH_QUBITS_MAX];
    char *spellings;
    size_t spelled;
    ktq_names taken;
} qasm_writer;

/* ---- what can be said ---- */

static ketch_status refuse_record(const ketch_circuit *circuit, size_t index, const char *given,
                                  const char *allowed, ketch_error *error)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(circuit, index);
    return kt_fail(error, KETCH_GATE, "ketch_circuit_qasm", "circuit", given, allowed,
                   "gate %zu (%s) cannot be written in OpenQASM 2", index,
                   ktq_gate_spec_of(gate->gate)->name);
}

/* The condition is on exactly the bits of one register. */
static bool is_on_register(const ketch_circuit *circuit, const ktq_condition *condition)
{
    const ktq_register *const found =
        &circuit->registers.items[ktq_register_of_bit(circuit, condition->first)];
    return (uint32_t)found->first == condition->first && (uint32_t)found->size == condition->count;
}

static bool has_statement(ketch_gate gate)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of((int32_t)gate);
    return (spec->matrix && spec->qubits > 0) || gate == KETCH_GATE_MEASURE ||
           gate == KETCH_GATE_RESET || gate == KETCH_GATE_BARRIER;
}

static ketch_status check_record(const ketch_circuit *circuit, size_t index, ketch_error *error)
{
    const ktq_gate *const gate = ktq_circuit_gate_at(circuit, index);
    const ktq_condition *const condition = ktq_gate_condition(circuit, gate);
    if (!has_statement((ketch_gate)gate->gate))
        return refuse_record(circuit, index, "no statement for it",
                             "gates of qelib1.inc, measure, reset, barrier", error);
    if (gate->control_count)
        return refuse_record(circuit, index, kt_format("%d controls", gate->control_count).text,
                             "controls that a gate's name has, as in cx and ccx", error);
    if (gate->angle_mask)
        return refuse_record(circuit, index, "an open parameter",
                             "numbers: bind the circuit's parameters first", error);
    if (condition->count && !is_on_register(circuit, condition))
        return refuse_record(circuit, index,
                             kt_format("a condition on bits %u..%u", condition->first,
                                       condition->first + condition->count - 1)
                                 .text,
                             "a condition on all bits of one register", error);
    return KETCH_OK;
}

/* ---- names ---- */

static bool take_name(qasm_writer *w, const char *name)
{
    return ktq_names_put(&w->taken, name, strlen(name), KTQ_NAME_GATE, 0);
}

/* Other readers have one set of names for gates and registers. */
static bool take_language(qasm_writer *w)
{
    static const char *const words[] = {"OPENQASM", "include", "qreg",  "creg",    "gate",
                                        "opaque",   "measure", "reset", "barrier", "if",
                                        "U",        "CX",      "pi",    "sin",     "cos",
                                        "tan",      "exp",     "ln",    "sqrt"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!take_name(w, words[i]))
            return false;
    for (int32_t gate = 0; gate < KETCH_GATES; gate++)
        if (!take_name(w, ktq_gate_spec_of(gate)->name))
            return false;
    return true;
}

static bool is_small_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_name_byte(char c)
{
    return is_small_letter(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Room for what spell_name adds to a name. */
enum { SPELLING_EXTRA = 24 };

/* A valid name that is not taken, and takes it; like `name` where that can be. NULL where memory is
 * refused. prefix: what stands before a name that begins with no small letter. */
static const char *spell_name(qasm_writer *w, const char *name, const char *prefix)
{
    char *const made = w->spellings + w->spelled;
    size_t length = 0;
    for (const char *c = is_small_letter(*name) ? "" : prefix; *c; c++)
        made[length++] = *c;
    for (const char *c = name; *c; c++)
        made[length++] = is_name_byte(*c) ? *c : '_';
    made[length] = 0;
    for (size_t i = 1; ktq_names_find(&w->taken, made, strlen(made)); i++) {
        const kt_text suffix = kt_format("_%zu", i);
        memcpy(made + length, suffix.text, strlen(suffix.text) + 1);
    }
    w->spelled += strlen(made) + 1;
    return take_name(w, made) ? made : NULL;
}

static bool spell_registers(qasm_writer *w, written_register *to, const ktq_register *from,
                            size_t count, const char *prefix)
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (written_register){.first = from[i].first, .size = from[i].size};
        to[i].name = spell_name(w, from[i].name, prefix);
        if (!to[i].name)
            return false;
    }
    return true;
}

/* Those that no register of the circuit has. */
static bool spell_other_qubits(qasm_writer *w)
{
    const int32_t first = ktq_circuit_named_qubits(w->circuit);
    if (first == w->circuit->qubit_count)
        return true;
    written_register *const added = &w->qubits[w->qubit_registers++];
    *added = (written_register){.first = first, .size = w->circuit->qubit_count - first};
    added->name = spell_name(w, "q", "");
    return added->name;
}

static size_t spelling_size(const ketch_circuit *circuit)
{
    size_t size = 1 + SPELLING_EXTRA;
    for (size_t i = 0; i < circuit->qubit_registers.count; i++)
        size += strlen(circuit->qubit_registers.items[i].name) + 1 + SPELLING_EXTRA;
    for (size_t i = 0; i < circuit->registers.count; i++)
        size += strlen(circuit->registers.items[i].name) + 1 + SPELLING_EXTRA;
    return size;
}

static void index_qubits(qasm_writer *w)
{
    for (size_t i = 0; i < w->qubit_registers; i++)
        for (int32_t k = 0; k < w->qubits[i].size; k++)
            w->qubit_register[w->qubits[i].first + k] = (uint8_t)i;
}

static bool prepare_writer(qasm_writer *w)
{
    const ketch_circuit *const c = w->circuit;
    w->qubit_registers = c->qubit_registers.count;
    w->bit_registers = c->registers.count;
    w->qubits = kt_heap_take((w->qubit_registers + 1) * sizeof *w->qubits);
    w->bits = kt_heap_take(w->bit_registers * sizeof *w->bits);
    w->spellings = kt_heap_take(spelling_size(c));
    if (!w->qubits || !w->bits || !w->spellings || !take_language(w) ||
        !spell_registers(w, w->qubits, c->qubit_registers.items, w->qubit_registers, "q_") ||
        !spell_registers(w, w->bits, c->registers.items, w->bit_registers, "c_") ||
        !spell_other_qubits(w))
        return false;
    index_qubits(w);
    return true;
}

/* ---- writing ---- */

static void write_text(qasm_writer *w, const char *text)
{
    kt_print_bytes(&w->out, text, strlen(text));
}

static void write_element(qasm_writer *w, const written_register *of, int32_t number)
{
    write_text(w, of->name);
    kt_print(&w->out, "[%d]", number - of->first);
}

static void write_qubits(qasm_writer *w, const ktq_gate *gate)
{
    const uint8_t *const qubits = ktq_gate_qubits(w->circuit, gate);
    for (int i = 0; i < gate->own_count; i++) {
        write_text(w, i ? "," : " ");
        write_element(w, &w->qubits[w->qubit_register[qubits[i]]], qubits[i]);
    }
}

static void write_all_qubits(qasm_writer *w)
{
    for (size_t i = 0; i < w->qubit_registers; i++) {
        write_text(w, i ? "," : " ");
        write_text(w, w->qubits[i].name);
    }
}

/* The language's reals have a point, also before an exponent. */
static void write_number(qasm_writer *w, double value)
{
    ktq_pi_fraction fraction;
    const bool is_fraction = ktq_find_pi_fraction(&fraction, value);
    const kt_text text = is_fraction ? ktq_pi_fraction_text(fraction, "*", "pi") : kt_number(value);
    const char *const exponent = is_fraction ? NULL : strchr(text.text, 'e');
    if (!exponent || strchr(text.text, '.')) {
        write_text(w, text.text);
        return;
    }
    kt_print_bytes(&w->out, text.text, (size_t)(exponent - text.text));
    write_text(w, ".0");
    write_text(w, exponent);
}

static void write_numbers(qasm_writer *w, const ktq_gate *gate)
{
    const double *const params = ktq_gate_params(w->circuit, gate);
    for (int i = 0; i < gate->param_count; i++) {
        write_text(w, i ? "," : "(");
        write_number(w, params[i]);
    }
    if (gate->param_count)
        write_text(w, ")");
}

static void write_condition(qasm_writer *w, const ktq_condition *condition)
{
    if (condition->count == 0)
        return;
    write_text(w, "if(");
    write_text(w, w->bits[ktq_register_of_bit(w->circuit, condition->first)].name);
    kt_print(&w->out, "==%llu) ", (unsigned long long)condition->value);
}

static void write_bit(qasm_writer *w, uint32_t bit)
{
    write_text(w, " -> ");
    write_element(w, &w->bits[ktq_register_of_bit(w->circuit, bit)], (int32_t)bit);
}

static void write_record(qasm_writer *w, const ktq_gate *gate)
{
    write_condition(w, ktq_gate_condition(w->circuit, gate));
    write_text(w, ktq_gate_spec_of(gate->gate)->name);
    write_numbers(w, gate);
    if (gate->gate == KETCH_GATE_BARRIER && gate->own_count == 0)
        write_all_qubits(w);
    else
        write_qubits(w, gate);
    if (gate->gate == KETCH_GATE_MEASURE)
        write_bit(w, gate->bit);
    write_text(w, ";\n");
}

static void write_registers(qasm_writer *w, const char *word, const written_register *registers,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        write_text(w, word);
        write_text(w, registers[i].name);
        kt_print(&w->out, "[%d];\n", registers[i].size);
    }
}

static void write_circuit(qasm_writer *w)
{
    write_text(w, "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n");
    write_registers(w, "qreg ", w->qubits, w->qubit_registers);
    write_registers(w, "creg ", w->bits, w->bit_registers);
    for (size_t i = 0; i < ktq_circuit_gate_count(w->circuit); i++)
        write_record(w, ktq_circuit_gate_at(w->circuit, i));
}

static void free_writer(qasm_writer *w)
{
    kt_heap_give(w->qubits);
    kt_heap_give(w->bits);
    kt_heap_give(w->spellings);
    ktq_names_free(&w->taken);
}

ketch_status ketch_circuit_qasm(char *text, size_t capacity, size_t *length,
                                const ketch_circuit *circuit, ketch_error *error)
{
    KT_TRY(ktq_circuit_check(circuit, __func__, error));
    if (capacity && !text)
        return kt_fail_handle(error, __func__, "text", "a place for the text", text);
    for (size_t i = 0; i < ktq_circuit_gate_count(circuit); i++)
        KT_TRY(check_record(circuit, i, error));
    qasm_writer w = {.circuit = circuit, .out = {text, capacity, 0}};
    const bool is_ready = prepare_writer(&w);
    if (is_ready)
        write_circuit(&w);
    if (is_ready && length)
        *length = w.out.length;
    free_writer(&w);
    return is_ready ? KETCH_OK : kt_fail_heap(error, __func__);
}
