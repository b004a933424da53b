#define _GNU_SOURCE
#include "ket/draw/labels.h"
#include "ket/circuit/gates.h"
#include "ket/circuit/pi_fraction.h"
#include <string.h>

/* ---- gates ---- */

static const char *const shown_names[KETCH_GATES] = {
    [KETCH_GATE_ID] = "I",
    [KETCH_GATE_SX] = "√X",
    [KETCH_GATE_SXDG] = "√Xdg",
    [KETCH_GATE_CX] = "X",
    [KETCH_GATE_CY] = "Y",
    [KETCH_GATE_CZ] = "Z",
    [KETCH_GATE_CH] = "H",
    [KETCH_GATE_CS] = "S",
    [KETCH_GATE_CSDG] = "Sdg",
    [KETCH_GATE_CSX] = "√X",
    [KETCH_GATE_CRX] = "Rx",
    [KETCH_GATE_CRY] = "Ry",
    [KETCH_GATE_CRZ] = "Rz",
    [KETCH_GATE_CU1] = "U1",
    [KETCH_GATE_CP] = "P",
    [KETCH_GATE_CU3] = "U3",
    [KETCH_GATE_CU] = "U",
    [KETCH_GATE_CSWAP] = "Swap",
    [KETCH_GATE_ISWAP] = "iSwap",
    [KETCH_GATE_CCX] = "X",
    [KETCH_GATE_CCZ] = "Z",
    [KETCH_GATE_RCCX] = "RCCX",
    [KETCH_GATE_RC3X] = "RC3X",
    [KETCH_GATE_C3X] = "X",
    [KETCH_GATE_C3SQRTX] = "√X",
    [KETCH_GATE_C4X] = "X",
    [KETCH_GATE_ECR] = "ECR",
    [KETCH_GATE_GPHASE] = "Phase",
    [KETCH_GATE_PAULI_ROTATION] = "R",
    [KETCH_GATE_MEASURE] = "M",
};

/* Others are as in the table, with a capital letter. */
void ktq_print_gate_name(kt_printer *out, const ktq_picture *p, const ktq_gate *gate)
{
    const char *const shown = shown_names[gate->gate];
    const char *const name = ktq_gate_spec_of(gate->gate)->name;
    const size_t root = strlen("√");
    if (!shown)
        kt_print(out, "%c%s", name[0] - 'a' + 'A', name + 1);
    else if (p->is_ascii && strncmp(shown, "√", root) == 0)
        kt_print(out, "S%s", shown + root);
    else
        kt_print(out, "%s", shown);
}

/* ---- angles ---- */

/* A number of angles: a fraction of pi where it is one, else four digits. */
static kt_text show_number(const ktq_picture *p, double value)
{
    ktq_pi_fraction fraction;
    if (ktq_find_pi_fraction(&fraction, value))
        return ktq_pi_fraction_text(fraction, "", p->is_ascii ? "pi" : "π");
    return kt_significant(value == 0 ? 0 : value, 4);
}

/* factor * parameter, after the terms before it, if any. */
static void print_term(kt_printer *out, const ktq_picture *p, int32_t parameter, double factor,
                       bool is_first)
{
    const char *const given = p->parameters ? p->parameters[parameter] : NULL;
    const kt_text number = show_number(p, factor);
    const bool is_negative = number.text[0] == '-';
    kt_print(out, "%s", is_negative ? "-" : is_first ? "" : "+");
    if (factor != 1 && factor != -1)
        kt_print(out, "%s*", number.text + is_negative);
    if (given)
        kt_print_bytes(out, given, strlen(given));
    else
        kt_print(out, "p%d", parameter);
}

static void print_open_angle(kt_printer *out, const ktq_picture *p, const ketch_angle *angle)
{
    if (angle->parameter >= 0)
        print_term(out, p, angle->parameter, angle->factor, true);
    for (uint64_t i = 0; i < angle->term_count; i++)
        print_term(out, p, angle->terms[i].parameter, angle->terms[i].factor,
                   i == 0 && angle->parameter < 0);
    const kt_text offset = show_number(p, angle->offset);
    if (angle->offset != 0)
        kt_print(out, "%s%s", offset.text[0] == '-' ? "" : "+", offset.text);
}

void ktq_print_angle(kt_printer *out, const ktq_picture *p, const ktq_gate *gate, int i)
{
    const size_t index = ktq_gate_angle_index(p->circuit, gate, i);
    if (index == KT_NONE) {
        kt_print(out, "%s", show_number(p, ktq_gate_params(p->circuit, gate)[i]).text);
        return;
    }
    const ketch_angle angle = ktq_circuit_angle_at(p->circuit, index);
    print_open_angle(out, p, &angle);
}

size_t ktq_gate_label(ktq_cell *cells, const ktq_picture *p, const ktq_gate *gate, const char *name)
{
    char text[4 * KTQ_LABEL_MOST + 1] = "";
    kt_printer out = {text, sizeof text, 0};
    const int angles = ktq_gate_spec_of(gate->gate)->params;
    if (name)
        kt_print(&out, "%s", name);
    else
        ktq_print_gate_name(&out, p, gate);
    for (int i = 0; i < angles; i++) {
        kt_print(&out, "%s", i ? "," : "(");
        ktq_print_angle(&out, p, gate, i);
    }
    kt_print(&out, "%s", angles ? ")" : "");
    return ktq_cells_of(cells, KTQ_LABEL_MOST, text);
}

/* ---- wires ---- */

static const ktq_register *find_qubit_register(const ketch_circuit *circuit, int32_t qubit)
{
    for (size_t i = 0; i < circuit->qubit_registers.count; i++) {
        const ktq_register *const one = &circuit->qubit_registers.items[i];
        if (qubit < one->first + one->size)
            return one;
    }
    return NULL;
}

/* "name" cut to what leaves room for `tail` behind it. */
static size_t name_label(ktq_cell *cells, const char *name, const char *tail)
{
    const size_t length = ktq_cells_of(cells, KTQ_NAME_MOST - strlen(tail), name);
    return length + ktq_cells_of(cells + length, strlen(tail), tail);
}

size_t ktq_wire_label(ktq_cell *cells, const ktq_picture *p, int32_t wire)
{
    const int32_t qubits = p->circuit->qubit_count;
    if (wire >= qubits) {
        const ktq_register *const bits = &p->circuit->registers.items[wire - qubits];
        return name_label(cells, bits->name, kt_format(": %d/", bits->size).text);
    }
    const ktq_register *const named = find_qubit_register(p->circuit, wire);
    if (!named)
        return name_label(cells, "q", kt_format("%d: ", wire).text);
    return name_label(cells, named->name, kt_format("[%d]: ", wire - named->first).text);
}

/* ---- classical bits ---- */

/* The part of a condition that is about one register. */
static kt_text condition_label(const ktq_condition *condition, const ktq_register *bits)
{
    const uint32_t begin = (uint32_t)bits->first, end = begin + (uint32_t)bits->size;
    const uint32_t first = KT_MAX(condition->first, begin);
    const uint32_t last = KT_MIN(condition->first + condition->count, end) - 1;
    const uint64_t count = last - first + 1;
    const uint64_t mask = count < 64 ? (UINT64_C(1) << count) - 1 : UINT64_MAX;
    const unsigned long long value = condition->value >> (first - condition->first) & mask;
    if (first == begin && last == end - 1)
        return kt_format("=%llu", condition->first == first ? condition->value : value);
    if (first == last)
        return kt_format("[%u]=%llu", first - begin, value);
    return kt_format("[%u-%u]=%llu", first - begin, last - begin, value);
}

ktq_bits_use ktq_use_of_bits(const ktq_picture *p, const ktq_gate *gate, size_t number)
{
    const ktq_register *const bits = &p->circuit->registers.items[number];
    const ktq_condition *const condition = ktq_gate_condition(p->circuit, gate);
    const uint32_t begin = (uint32_t)bits->first, end = begin + (uint32_t)bits->size;
    const bool is_measured =
        gate->gate == KETCH_GATE_MEASURE && gate->bit >= begin && gate->bit < end;
    const bool is_tested = condition->count > 0 && condition->first < end &&
                           condition->first + condition->count > begin;
    const kt_text bit = is_measured ? kt_format("%u", gate->bit - begin) : kt_format("%s", "");
    const kt_text test = is_tested ? condition_label(condition, bits) : kt_format("%s", "");
    return (ktq_bits_use){
        is_measured, is_tested,
        kt_format("%s%s%s", bit.text, is_measured && is_tested ? " " : "", test.text)};
}
