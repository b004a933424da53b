#define _GNU_SOURCE
#include "ket/draw/looks.h"
#include "ket/circuit/gates.h"
#include <string.h>

/* ---- qubits ---- */

/* The gate's own controls come first. */
static int own_controls(const ktq_gate *gate)
{
    const ktq_gate_spec *const spec = ktq_gate_spec_of(gate->gate);
    return spec->qubits < 0 ? 0 : spec->controls;
}

static uint64_t all_qubits(const ktq_picture *p)
{
    return UINT64_MAX >> (64 - p->circuit->qubit_count);
}

static void find_qubits(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    const uint8_t *const own = ktq_gate_qubits(p->circuit, gate);
    const uint8_t *const controls = ktq_gate_controls(p->circuit, gate);
    const int closed = own_controls(gate);
    for (int i = 0; i < gate->own_count; i++)
        *(i < closed ? &look->closed : &look->targets) |= kt_bit(own[i]);
    for (int i = 0; i < gate->control_count; i++)
        *(ktq_gate_control_value(gate, i) ? &look->closed : &look->open) |= kt_bit(controls[i]);
    if (ktq_gate_is_step(gate) || gate->own_count > 0)
        return;
    look->targets = all_qubits(p);
}

static int32_t lowest(uint64_t mask)
{
    return __builtin_ctzll(mask);
}

static int32_t highest(uint64_t mask)
{
    return 63 - __builtin_clzll(mask);
}

/* ---- styles ---- */

static void use_marks(ktq_look *look, ktq_cell mark)
{
    look->style = KTQ_STYLE_MARKS;
    look->mark = mark;
}

/* All its qubits are alike; the label is beside the line. */
static void use_dots(ktq_look *look, const ktq_picture *p, const ktq_gate *gate, const char *name)
{
    use_marks(look, KTQ_CELL_CLOSED);
    if (name)
        look->label_length = ktq_gate_label(look->label, p, gate, name);
}

static void use_text(ktq_look *look, const char *text)
{
    look->style = KTQ_STYLE_TEXT;
    look->label_length = ktq_cells_of(look->label, KTQ_LABEL_MOST, text);
}

/* A rotation's letter; t for a multiplexer's target, the number of a select; a target's number. */
static char target_place(const ktq_picture *p, const ktq_gate *gate, int i)
{
    if (gate->gate == KETCH_GATE_PAULI_ROTATION)
        return "IXYZ"[(int)ktq_gate_params(p->circuit, gate)[1 + i] & 3];
    if (gate->gate == KETCH_GATE_MULTIPLEXER)
        return i == 0 ? 't' : (char)('0' + i - 1);
    return (char)('0' + i - own_controls(gate));
}

/* Several targets need no numbers where they follow one another. */
static bool needs_places(const ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    const uint8_t *const own = ktq_gate_qubits(p->circuit, gate);
    const int first = own_controls(gate);
    if (gate->gate == KETCH_GATE_PAULI_ROTATION || gate->gate == KETCH_GATE_MULTIPLEXER)
        return true;
    for (int i = first + 1; i < gate->own_count; i++)
        if (own[i] != own[i - 1] + 1)
            return true;
    for (int32_t wire = look->box_first; wire <= look->box_last; wire++)
        if (!(look->targets >> wire & 1))
            return true;
    return false;
}

static void use_box(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    const uint8_t *const own = ktq_gate_qubits(p->circuit, gate);
    look->style = KTQ_STYLE_BOX;
    look->box_first = lowest(look->targets);
    look->box_last = highest(look->targets);
    look->label_length = ktq_gate_label(look->label, p, gate, NULL);
    look->has_places = needs_places(look, p, gate);
    for (int i = own_controls(gate); i < gate->own_count; i++)
        look->place[own[i]] = target_place(p, gate, i);
    const int32_t beside = gate->gate == KETCH_GATE_MEASURE ? 2 : look->has_places ? 5 : 4;
    look->box_width = (int32_t)look->label_length + beside;
}

/* A phase of controls: on one wire, or with a label beside the line. */
static void use_phase(ktq_look *look, const ktq_picture *p, const ktq_gate *gate, const char *name)
{
    const uint64_t controls = look->closed | look->open;
    if (controls & (controls - 1)) {
        use_dots(look, p, gate, name);
        return;
    }
    look->style = KTQ_STYLE_TEXT;
    look->label[0] = look->open ? KTQ_CELL_OPEN : KTQ_CELL_CLOSED;
    look->label_length = 1 + ktq_gate_label(look->label + 1, p, gate, name);
    look->targets = controls;
    look->closed = look->open = 0;
}

/* A gate under controls, where it does not look as it does alone. */
static bool use_controlled(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    switch (gate->gate) {
    case KETCH_GATE_X:
    case KETCH_GATE_CX:
    case KETCH_GATE_CCX:
    case KETCH_GATE_C3X:
    case KETCH_GATE_C4X:
        use_marks(look, KTQ_CELL_FLIP);
        return true;
    case KETCH_GATE_Z:
    case KETCH_GATE_CZ:
    case KETCH_GATE_CCZ:
        use_dots(look, p, gate, NULL);
        return true;
    case KETCH_GATE_P:
    case KETCH_GATE_CP:
        use_dots(look, p, gate, "P");
        return true;
    case KETCH_GATE_U1:
    case KETCH_GATE_CU1:
        use_dots(look, p, gate, "U1");
        return true;
    case KETCH_GATE_GPHASE:
        use_phase(look, p, gate, "P");
        return true;
    default:
        return false;
    }
}

static void choose_style(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    const bool is_controlled = look->closed | look->open;
    if (is_controlled && use_controlled(look, p, gate))
        return;
    switch (gate->gate) {
    case KETCH_GATE_SWAP:
    case KETCH_GATE_CSWAP:
        use_marks(look, KTQ_CELL_CROSS);
        return;
    case KETCH_GATE_RESET:
        use_text(look, "|0>");
        return;
    case KETCH_GATE_BARRIER:
    case KETCH_GATE_FENCE:
        look->style = KTQ_STYLE_BARRIER;
        look->mark = gate->gate == KETCH_GATE_FENCE ? KTQ_CELL_FENCE : KTQ_CELL_BARRIER;
        return;
    case KETCH_GATE_RZZ:
        if (!is_controlled) {
            use_dots(look, p, gate, "ZZ");
            return;
        }
        break;
    default:
        break;
    }
    use_box(look, p, gate);
}

/* ---- sizes ---- */

static void measure_look(ktq_look *look)
{
    const int32_t label = (int32_t)look->label_length;
    look->width = 3;
    look->center = 1;
    if (look->style == KTQ_STYLE_BOX) {
        look->width = look->box_width;
        look->center = (look->box_width - 1) / 2;
    } else if (look->style == KTQ_STYLE_TEXT) {
        look->width = label + 2;
        look->center = (label + 1) / 2;
    } else if (label > 0) {
        look->width = label + 3;
    }
}

int32_t ktq_look_bits_left(const ktq_look *look, size_t number, size_t length)
{
    const bool goes_on = number + 1 < look->register_count;
    const int32_t middle = look->center - ((int32_t)length - 1) / 2;
    return goes_on ? look->center + 1 : KT_MAX(middle, 0);
}

/* Makes room for what is written below a register. Texts of more than a short number are apart. */
static void widen_for_bits(ktq_look *look, const ktq_picture *p, const ktq_gate *gate,
                           size_t number)
{
    enum { SHORT = 2 };
    const size_t length = strlen(ktq_use_of_bits(p, gate, number).label.text);
    const int32_t end = ktq_look_bits_left(look, number, length) + (int32_t)length;
    look->width = KT_MAX(look->width, end + (length > SHORT));
}

static void reach_registers(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    const ketch_circuit *const circuit = p->circuit;
    const ktq_condition *const test = ktq_gate_condition(circuit, gate);
    const bool is_measured = gate->gate == KETCH_GATE_MEASURE;
    const size_t measured = is_measured ? ktq_register_of_bit(circuit, gate->bit) : 0;
    const size_t first = test->count ? ktq_register_of_bit(circuit, test->first) : 0;
    const size_t end =
        test->count ? ktq_register_of_bit(circuit, test->first + test->count - 1) + 1 : 0;
    look->register_count = KT_MAX(measured + is_measured, end);
    if (is_measured)
        widen_for_bits(look, p, gate, measured);
    for (size_t i = first; i < end; i++)
        widen_for_bits(look, p, gate, i);
}

bool ktq_look_at(ktq_look *look, const ktq_picture *p, const ktq_gate *gate)
{
    *look = (ktq_look){.box_first = -1, .box_last = -2};
    find_qubits(look, p, gate);
    const uint64_t all = look->targets | look->closed | look->open;
    if (!all)
        return false;
    look->first = lowest(all);
    look->last = highest(all);
    choose_style(look, p, gate);
    measure_look(look);
    reach_registers(look, p, gate);
    assert(look->width <= KTQ_LOOK_WIDTH_MOST);
    return true;
}
