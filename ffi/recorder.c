/* ketch._ketch.Recorder: the base class of Circuit and ket in Python, which records plain gates. A
 * gate that is plainly right costs one C call; all others go to a method in Python. */
#include <Python.h>
#include <structmember.h>

#include "ketch.h"
#include <math.h>
#include <string.h>

/* The plain gates that were recorded, in order: their numbers (int32_t), their qubits (int32_t), and
 * their angles (double), each in a bytearray that nobody exports and that may be shared with another
 * recorder. All qubits are below qubits. Guarded by the interpreter lock: whoever holds it finds
 * whole gates. */
typedef struct recorder {
    PyObject_HEAD int32_t qubits;
    PyObject *gates, *wires, *angles;
} recorder;

/* A gate has no more qubits, nor more angles. */
enum { GATE_MOST = 8 };

/* Whether it has no arrays yet, with an exception. */
static int is_blank(const recorder *r)
{
    if (r->gates)
        return 0;
    PyErr_SetString(PyExc_AttributeError, "it has not been initialised");
    return 1;
}

/* ---- growing ---- */

/* Makes room for so many more bytes, and gives the address of the first; NULL and an exception:
 * refused, and the array is as before. */
static void *grow(PyObject *array, Py_ssize_t more)
{
    const Py_ssize_t size = PyByteArray_Size(array);
    return PyByteArray_Resize(array, size + more) < 0 ? NULL : PyByteArray_AsString(array) + size;
}

static void shrink(PyObject *array, Py_ssize_t less)
{
    (void)PyByteArray_Resize(array, PyByteArray_Size(array) - less);
}

/* The ends of the three arrays, after room was made for so many items. */
typedef struct room {
    int32_t *gates, *wires;
    double *angles;
} room;

static int make_room(room *made, recorder *r, Py_ssize_t gates, Py_ssize_t wires, Py_ssize_t angles)
{
    const Py_ssize_t wire_bytes = wires * (Py_ssize_t)sizeof *made->wires;
    const Py_ssize_t angle_bytes = angles * (Py_ssize_t)sizeof *made->angles;
    made->angles = NULL;
    if (angles && !(made->angles = grow(r->angles, angle_bytes)))
        return -1;
    if (!(made->wires = grow(r->wires, wire_bytes))) {
        shrink(r->angles, angle_bytes);
        return -1;
    }
    if (!(made->gates = grow(r->gates, gates * (Py_ssize_t)sizeof *made->gates))) {
        shrink(r->angles, angle_bytes);
        shrink(r->wires, wire_bytes);
        return -1;
    }
    return 0;
}

/* Gives the room back. */
static void give_room(recorder *r, Py_ssize_t gates, Py_ssize_t wires, Py_ssize_t angles)
{
    const room *const made = NULL;
    shrink(r->gates, gates * (Py_ssize_t)sizeof *made->gates);
    shrink(r->wires, wires * (Py_ssize_t)sizeof *made->wires);
    shrink(r->angles, angles * (Py_ssize_t)sizeof *made->angles);
}

/* ---- one gate ---- */

/* Whether the arguments are finite numbers: floats, or whole numbers that are no bools. */
static int read_angles(double *angles, PyObject *const *arguments, int count)
{
    for (int i = 0; i < count; i++) {
        if (PyFloat_Check(arguments[i]))
            angles[i] = PyFloat_AsDouble(arguments[i]);
        else if (PyLong_CheckExact(arguments[i]))
            angles[i] = PyLong_AsDouble(arguments[i]);
        else
            return 0;
        if (!isfinite(angles[i]) || (angles[i] == -1.0 && PyErr_Occurred())) {
            PyErr_Clear();
            return 0;
        }
    }
    return 1;
}

/* Whether the arguments are different qubits of the recorder. */
static int read_qubits(int32_t *qubits, const recorder *r, PyObject *const *arguments, int count)
{
    uint64_t seen = 0;
    for (int i = 0; i < count; i++) {
        int overflow;
        if (!PyLong_CheckExact(arguments[i]))
            return 0;
        const long qubit = PyLong_AsLongAndOverflow(arguments[i], &overflow);
        if (overflow || qubit < 0 || qubit >= r->qubits || seen >> qubit & 1)
            return 0;
        seen |= UINT64_C(1) << qubit;
        qubits[i] = (int32_t)qubit;
    }
    return 1;
}

/* Calls the gate's function in Python: _OTHERS[gate](self, ...). */
static PyObject *add_other(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                           PyObject *names, int32_t gate)
{
    PyObject *const others = PyObject_GetAttrString(self, "_OTHERS");
    PyObject *const function = others ? PySequence_GetItem(others, gate) : NULL;
    const Py_ssize_t named = names ? PyTuple_Size(names) : 0;
    PyObject *const given = PyTuple_New(count + 1);
    PyObject *const by_name = PyDict_New();
    PyObject *added = NULL;
    if (!function || !given || !by_name)
        goto end;
    Py_INCREF(self);
    PyTuple_SetItem(given, 0, self);
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_INCREF(arguments[i]);
        PyTuple_SetItem(given, i + 1, arguments[i]);
    }
    for (Py_ssize_t i = 0; i < named; i++)
        if (PyDict_SetItem(by_name, PyTuple_GetItem(names, i), arguments[count + i]) < 0)
            goto end;
    added = PyObject_Call(function, given, by_name);
end:
    Py_XDECREF(others);
    Py_XDECREF(function);
    Py_XDECREF(given);
    Py_XDECREF(by_name);
    return added;
}

static inline PyObject *add(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                            PyObject *names, ketch_gate gate)
{
    recorder *const r = (recorder *)self;
    const int turns = ketch_gate_params(gate), qubits = ketch_gate_qubits(gate);
    if (names || count != turns + qubits || !r->gates ||
        (qubits && !PyLong_CheckExact(arguments[turns])))
        return add_other(self, arguments, count, names, (int32_t)gate);
    room made;
    if (make_room(&made, r, 1, qubits, turns) < 0)
        return NULL;
    if (!read_angles(made.angles, arguments, turns) ||
        !read_qubits(made.wires, r, arguments + turns, qubits)) {
        give_room(r, 1, qubits, turns);
        return add_other(self, arguments, count, names, (int32_t)gate);
    }
    *made.gates = (int32_t)gate;
    Py_INCREF(self);
    return self;
}

/* ---- a method for each gate: a method of Python knows its function and nothing else ---- */

#define EACH_OF(DO, A, B, C, D, E, F, G) DO(A) DO(B) DO(C) DO(D) DO(E) DO(F) DO(G)
#define EACH_GATE(DO)                                                                              \
    EACH_OF(DO, ID, X, Y, Z, H, S, SDG)                                                            \
    EACH_OF(DO, T, TDG, SX, SXDG, U0, U1, U2)                                                      \
    EACH_OF(DO, U3, U, P, RX, RY, RZ, CX)                                                          \
    EACH_OF(DO, CY, CZ, CH, CS, CSDG, CSX, CRX)                                                    \
    EACH_OF(DO, CRY, CRZ, CU1, CP, CU3, CU, SWAP)                                                  \
    EACH_OF(DO, CSWAP, ISWAP, CCX, CCZ, RCCX, RC3X, C3X)                                           \
    EACH_OF(DO, C3SQRTX, C4X, RXX, RYY, RZZ, RZX, ECR)                                             \
    DO(GPHASE)

#define DEFINE(GATE)                                                                               \
    static PyObject *add_##GATE(PyObject *self, PyObject *const *arguments, Py_ssize_t count,      \
                                PyObject *names)                                                   \
    {                                                                                              \
        return add(self, arguments, count, names, KETCH_GATE_##GATE);                              \
    }
EACH_GATE(DEFINE)

#define ENTRY(GATE) [KETCH_GATE_##GATE] = (void (*)(void))add_##GATE,
static void (*const adders[])(void) = {EACH_GATE(ENTRY)};

enum { GATES = sizeof adders / sizeof *adders };

/* Fills in a definition from (name, gate, docstring); its texts live as long as the row. */
static int define(PyMethodDef *definition, PyObject *row)
{
    long gate;
    if (!PyArg_ParseTuple(row, "sls", &definition->ml_name, &gate, &definition->ml_doc))
        return -1;
    if (gate < 0 || gate >= GATES || !adders[gate]) {
        PyErr_Format(PyExc_ValueError, "no plain gate %ld", gate);
        return -1;
    }
    definition->ml_meth = (PyCFunction)adders[gate];
    definition->ml_flags = METH_FASTCALL | METH_KEYWORDS;
    return 0;
}

static int define_all(PyObject *owner, PyMethodDef *definitions, PyObject *rows)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(rows); i++) {
        if (define(&definitions[i], PyTuple_GetItem(rows, i)) < 0)
            return -1;
        PyObject *const method = PyDescr_NewMethod((PyTypeObject *)owner, &definitions[i]);
        const int set = method ? PyObject_SetAttrString(owner, definitions[i].ml_name, method) : -1;
        Py_XDECREF(method);
        if (set < 0)
            return -1;
    }
    return 0;
}

/* The class keeps what its methods point to. */
static PyObject *define_methods(PyObject *unused, PyObject *arguments)
{
    (void)unused;
    PyObject *owner, *rows;
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyType_Type, &owner, &PyTuple_Type, &rows))
        return NULL;
    PyObject *const bytes =
        PyBytes_FromStringAndSize(NULL, PyTuple_Size(rows) * (Py_ssize_t)sizeof(PyMethodDef));
    PyObject *const kept = bytes ? PyTuple_Pack(2, bytes, rows) : NULL;
    const int failed = !kept || PyObject_SetAttrString(owner, "_definitions", kept) < 0 ||
                       define_all(owner, (PyMethodDef *)(void *)PyBytes_AsString(bytes), rows) < 0;
    Py_XDECREF(bytes);
    Py_XDECREF(kept);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

/* ---- many gates ---- */

static int read_number(int32_t *number, PyObject *object)
{
    const long value = PyLong_AsLong(object);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (value < INT32_MIN || value > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "a number of a gate or a qubit beyond 32 bits");
        return -1;
    }
    *number = (int32_t)value;
    return 0;
}

static int fill_numbers(int32_t *numbers, PyObject *list, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        if (read_number(&numbers[i], PyList_GetItem(list, i)) < 0)
            return -1;
    return 0;
}

static int fill_angles(double *angles, PyObject *list, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        angles[i] = PyFloat_AsDouble(PyList_GetItem(list, i));
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *extend(PyObject *self, PyObject *arguments)
{
    recorder *const r = (recorder *)self;
    PyObject *lists[3];
    if (!PyArg_ParseTuple(arguments, "O!O!O!", &PyList_Type, &lists[0], &PyList_Type, &lists[1],
                          &PyList_Type, &lists[2]) ||
        is_blank(r))
        return NULL;
    const Py_ssize_t gates = PyList_Size(lists[0]), wires = PyList_Size(lists[1]),
                     angles = PyList_Size(lists[2]);
    room made;
    if (make_room(&made, r, gates, wires, angles) < 0)
        return NULL;
    if (fill_numbers(made.gates, lists[0], gates) < 0 ||
        fill_numbers(made.wires, lists[1], wires) < 0 ||
        fill_angles(made.angles, lists[2], angles) < 0) {
        give_room(r, gates, wires, angles);
        return NULL;
    }
    Py_INCREF(self);
    return self;
}

/* ---- the record as a whole ---- */

static void set_record(recorder *r, PyObject *gates, PyObject *wires, PyObject *angles)
{
    PyObject *const before[] = {r->gates, r->wires, r->angles};
    r->gates = gates, r->wires = wires, r->angles = angles;
    for (int i = 0; i < 3; i++)
        Py_XDECREF(before[i]);
}

static PyObject *record(PyObject *self, PyObject *arguments)
{
    int qubits;
    PyObject *gates, *wires, *angles;
    if (!PyArg_ParseTuple(arguments, "iO!O!O!", &qubits, &PyByteArray_Type, &gates,
                          &PyByteArray_Type, &wires, &PyByteArray_Type, &angles))
        return NULL;
    Py_INCREF(gates);
    Py_INCREF(wires);
    Py_INCREF(angles);
    ((recorder *)self)->qubits = qubits;
    set_record((recorder *)self, gates, wires, angles);
    Py_RETURN_NONE;
}

static PyObject *take(PyObject *self, PyObject *taken)
{
    recorder *const r = (recorder *)self;
    if (is_blank(r))
        return NULL;
    PyObject *const arrays = PyTuple_Pack(3, r->gates, r->wires, r->angles);
    PyObject *const gates = PyByteArray_FromStringAndSize(NULL, 0);
    PyObject *const wires = PyByteArray_FromStringAndSize(NULL, 0);
    PyObject *const angles = PyByteArray_FromStringAndSize(NULL, 0);
    const int failed = !arrays || !gates || !wires || !angles || PyList_Append(taken, arrays) < 0;
    Py_XDECREF(arrays);
    if (failed) {
        Py_XDECREF(gates);
        Py_XDECREF(wires);
        Py_XDECREF(angles);
        return NULL;
    }
    set_record(r, gates, wires, angles);
    Py_RETURN_NONE;
}

/* How much of a record: its first gates, and their qubits and angles. */
typedef struct extent {
    Py_ssize_t gates, wires, angles;
} extent;

static extent whole(const recorder *r)
{
    return (extent){PyByteArray_Size(r->gates) / (Py_ssize_t)sizeof(int32_t),
                    PyByteArray_Size(r->wires) / (Py_ssize_t)sizeof(int32_t),
                    PyByteArray_Size(r->angles) / (Py_ssize_t)sizeof(double)};
}

static PyObject *get_counts(PyObject *self, void *closure)
{
    (void)closure;
    if (is_blank((recorder *)self))
        return NULL;
    const extent all = whole((recorder *)self);
    return Py_BuildValue("nnn", all.gates, all.wires, all.angles);
}

/* A circuit to build and an error, as Python gives them: at addresses. */
typedef struct draft {
    ketch_circuit **circuit;
    ketch_error *error;
} draft;

static draft draft_at(unsigned long long circuit, unsigned long long error)
{
    return (draft){(ketch_circuit **)(uintptr_t)circuit, (ketch_error *)(uintptr_t)error};
}

/* -1 and an exception: the record has no such part. */
static int check_part(const recorder *r, extent begin, extent end)
{
    if (is_blank(r))
        return -1;
    const extent all = whole(r);
    if (begin.gates >= 0 && begin.wires >= 0 && begin.angles >= 0 && end.gates >= begin.gates &&
        end.wires >= begin.wires && end.angles >= begin.angles && end.gates <= all.gates &&
        end.wires <= all.wires && end.angles <= all.angles)
        return 0;
    PyErr_SetString(PyExc_ValueError, "no such part of the record");
    return -1;
}

static ketch_status add_part(const draft *d, const recorder *r, extent begin, extent end)
{
    return ketch_circuit_gates(
        *d->circuit, (uint64_t)(end.gates - begin.gates),
        (const int32_t *)(void *)PyByteArray_AsString(r->gates) + begin.gates,
        (const int32_t *)(void *)PyByteArray_AsString(r->wires) + begin.wires,
        (uint64_t)(end.wires - begin.wires),
        (const double *)(void *)PyByteArray_AsString(r->angles) + begin.angles,
        (uint64_t)(end.angles - begin.angles), d->error);
}

static PyObject *copy_to(PyObject *self, PyObject *arguments)
{
    unsigned long long circuit, error;
    extent begin, end;
    if (!PyArg_ParseTuple(arguments, "KK(nnn)(nnn)", &circuit, &error, &begin.gates, &begin.wires,
                          &begin.angles, &end.gates, &end.wires, &end.angles) ||
        check_part((recorder *)self, begin, end) < 0)
        return NULL;
    const draft d = draft_at(circuit, error);
    return PyLong_FromLong(add_part(&d, (recorder *)self, begin, end));
}

/* Plans the circuit and ends it. 0: nothing in it is random; 1: it has resets; 3: it has
 * measurements; below 0: a status. */
static int plan_draft(const draft *d, ketch_program **program, const ketch_program_options *options)
{
    ketch_program_info info = {.size = sizeof info};
    ketch_status status = ketch_program_create(program, *d->circuit, options, d->error);
    ketch_circuit_destroy(*d->circuit);
    *d->circuit = NULL;
    if (status == KETCH_OK)
        status = ketch_program_get_info(&info, *program, d->error);
    return status == KETCH_OK ? info.draws + 2 * info.measures : status;
}

static PyObject *plan(PyObject *self, PyObject *arguments)
{
    unsigned long long circuit, error, program, options, arena;
    extent begin, end;
    if (!PyArg_ParseTuple(arguments, "KKKKK(nnn)(nnn)", &circuit, &error, &program, &options,
                          &arena, &begin.gates, &begin.wires, &begin.angles, &end.gates, &end.wires,
                          &end.angles) ||
        check_part((recorder *)self, begin, end) < 0)
        return NULL;
    const draft d = draft_at(circuit, error);
    ketch_program_options wanted = *(const ketch_program_options *)(uintptr_t)options;
    wanted.arena = (ketch_arena *)(uintptr_t)arena;
    int status = add_part(&d, (recorder *)self, begin, end);
    if (status == KETCH_OK) {
        Py_BEGIN_ALLOW_THREADS;
        status = plan_draft(&d, (ketch_program **)(uintptr_t)program, &wanted);
        Py_END_ALLOW_THREADS;
    }
    return PyLong_FromLong(status);
}

/* ---- a C circuit read back ---- */

/* Gates that one call records at most: Python can be interrupted between two calls; and those that
 * are put into the record in one step. */
enum { READ_MOST = 65536, PIECE_GATES = 16 };

/* The place of a circuit whose records are read, the condition that they must have, the list of
 * operations, and what makes one of a tuple. */
typedef struct reading {
    draft from;
    int first, count;
    unsigned long long value;
    PyObject *operations, *make;
} reading;

static int is_under(const ketch_record *found, const reading *r)
{
    return found->condition_count == r->count &&
           (!r->count ||
            (found->condition_first == r->first && found->condition_value == r->value));
}

static int is_plain_gate(int gate)
{
    return gate >= 0 && gate < GATES && adders[gate];
}

static int has_parameter(const ketch_record *found)
{
    for (int i = 0; i < found->angle_count; i++)
        if (found->angles[i].parameter >= 0)
            return 1;
    return 0;
}

/* Whether the record is a gate of the table under that condition, without further controls and
 * parameters. */
static int is_plain(const ketch_record *found, const reading *r)
{
    return is_plain_gate((int)found->gate) && !found->control_count && is_under(found, r) &&
           !has_parameter(found);
}

/* Some gates, before they are put into the record. */
typedef struct piece {
    Py_ssize_t gate_count, wire_count, angle_count;
    int32_t gates[PIECE_GATES], wires[PIECE_GATES * GATE_MOST];
    double angles[PIECE_GATES * GATE_MOST];
} piece;

static void put_gate(piece *p, const ketch_record *found)
{
    p->gates[p->gate_count++] = (int32_t)found->gate;
    for (int i = 0; i < found->qubit_count; i++)
        p->wires[p->wire_count++] = found->qubits[i];
    for (int i = 0; i < found->angle_count; i++)
        p->angles[p->angle_count++] = found->angles[i].offset;
}

/* Fills a piece with plain gates from `index` on, up to the first record that is none. */
static ketch_status fill_piece(piece *p, const reading *r, unsigned long long index)
{
    const ketch_circuit *const circuit = *r->from.circuit;
    const unsigned long long length = ketch_circuit_length(circuit);
    ketch_record found = {.size = sizeof found};
    p->gate_count = p->wire_count = p->angle_count = 0;
    while (p->gate_count < PIECE_GATES && index < length) {
        const ketch_status status = ketch_circuit_read(circuit, index++, &found, r->from.error);
        if (status != KETCH_OK)
            return status;
        if (!is_plain(&found, r))
            break;
        put_gate(p, &found);
    }
    return KETCH_OK;
}

static int record_piece(recorder *r, const piece *p)
{
    room made;
    if (make_room(&made, r, p->gate_count, p->wire_count, p->angle_count) < 0)
        return -1;
    memcpy(made.gates, p->gates, (size_t)p->gate_count * sizeof *p->gates);
    memcpy(made.wires, p->wires, (size_t)p->wire_count * sizeof *p->wires);
    if (p->angle_count)
        memcpy(made.angles, p->angles, (size_t)p->angle_count * sizeof *p->angles);
    return 0;
}

static PyObject *whole_numbers(const int32_t *numbers, int count)
{
    PyObject *const made = PyTuple_New(count);
    for (int i = 0; made && i < count; i++) {
        PyObject *const number = PyLong_FromLong(numbers[i]);
        if (!number || PyTuple_SetItem(made, i, number) < 0) {
            Py_DECREF(made);
            return NULL;
        }
    }
    return made;
}

static PyObject *control_values(const ketch_record *found)
{
    int32_t values[KETCH_QUBITS_MAX];
    for (int i = 0; i < found->control_count; i++)
        values[i] = found->values[i];
    return whole_numbers(values, found->control_count);
}

static PyObject *angles_of(const ketch_record *found)
{
    PyObject *const made = PyTuple_New(found->angle_count);
    for (int i = 0; made && i < found->angle_count; i++) {
        PyObject *const number = PyFloat_FromDouble(found->angles[i].offset);
        if (!number || PyTuple_SetItem(made, i, number) < 0) {
            Py_DECREF(made);
            return NULL;
        }
    }
    return made;
}

/* The arguments of a record as an operation: measurement, reset, fence, barrier, or a gate under
 * controls. */
static PyObject *arguments_of(const ketch_record *found)
{
    if (found->gate == KETCH_GATE_MEASURE)
        return Py_BuildValue("(ii)", found->qubits[0], found->bit);
    if (found->gate == KETCH_GATE_RESET)
        return Py_BuildValue("(i)", found->qubits[0]);
    if (found->gate == KETCH_GATE_FENCE)
        return PyTuple_New(0);
    PyObject *const own = whole_numbers(found->qubits, found->qubit_count);
    if (found->gate == KETCH_GATE_BARRIER)
        return Py_BuildValue("(N)", own);
    return Py_BuildValue("(NNNNN)", PyUnicode_InternFromString(ketch_gate_name(found->gate)), own,
                         angles_of(found),
                         whole_numbers(found->qubits + found->qubit_count, found->control_count),
                         control_values(found));
}

static int record_operation(recorder *to, const reading *r, const ketch_record *found)
{
    const extent before = whole(to);
    const char *const name =
        is_plain_gate((int)found->gate) ? "controlled" : ketch_gate_name(found->gate);
    PyObject *const made =
        PyObject_CallFunction(r->make, "((nnnNN))", before.gates, before.wires, before.angles,
                              PyUnicode_InternFromString(name), arguments_of(found));
    const int failed = !made || PyList_Append(r->operations, made) < 0;
    Py_XDECREF(made);
    return failed ? -1 : 0;
}

/* Records record `index` under the condition if it is a gate under controls without parameters, or a
 * measurement, reset, barrier or fence. 1: it was; 0: it is something else, or there is none; -1: an
 * exception. */
static int record_other(recorder *to, const reading *r, unsigned long long index)
{
    ketch_record found = {.size = sizeof found};
    if (index >= ketch_circuit_length(*r->from.circuit) ||
        ketch_circuit_read(*r->from.circuit, index, &found, r->from.error) != KETCH_OK ||
        !is_under(&found, r) || has_parameter(&found))
        return 0;
    const int is_event = found.gate >= KETCH_GATE_MEASURE && found.gate <= KETCH_GATE_FENCE;
    if (!is_event && !is_plain_gate((int)found.gate))
        return 0;
    return record_operation(to, r, &found) < 0 ? -1 : 1;
}

/* Records what record_piece and record_other do, from `index` on. Gives the index of the first record
 * that is something else, or that was not looked at, or a status; INT64_MIN: an exception. */
static long long record_many(recorder *to, const reading *r, unsigned long long index)
{
    piece p;
    const unsigned long long last = index + READ_MOST;
    while (index < last) {
        const ketch_status status = fill_piece(&p, r, index);
        if (status != KETCH_OK)
            return status;
        if (p.gate_count && record_piece(to, &p) < 0)
            return INT64_MIN;
        index += (unsigned long long)p.gate_count;
        if (p.gate_count == PIECE_GATES)
            continue;
        const int recorded = record_other(to, r, index);
        if (recorded < 0)
            return INT64_MIN;
        if (!recorded)
            break;
        index++;
    }
    return (long long)index;
}

static PyObject *read_from(PyObject *self, PyObject *arguments)
{
    unsigned long long circuit, error, index;
    reading r;
    if (!PyArg_ParseTuple(arguments, "KKK(iiK)O!O", &circuit, &error, &index, &r.first, &r.count,
                          &r.value, &PyList_Type, &r.operations, &r.make) ||
        is_blank((recorder *)self))
        return NULL;
    r.from = draft_at(circuit, error);
    const long long end = record_many((recorder *)self, &r, index);
    return end == INT64_MIN ? NULL : PyLong_FromLongLong(end);
}

/* ---- another record ---- */

/* Copies the three arrays to where room was made for them. */
static void fill_room(const room *made, PyObject *const *arrays, const Py_ssize_t *sizes)
{
    memcpy(made->gates, PyByteArray_AsString(arrays[0]), (size_t)sizes[0]);
    memcpy(made->wires, PyByteArray_AsString(arrays[1]), (size_t)sizes[1]);
    if (made->angles)
        memcpy(made->angles, PyByteArray_AsString(arrays[2]), (size_t)sizes[2]);
}

static PyObject *merge(PyObject *self, PyObject *arguments)
{
    recorder *const r = (recorder *)self;
    PyObject *arrays[3], *operations, *added;
    if (!PyArg_ParseTuple(arguments, "O!O!O!O!O!", &PyByteArray_Type, &arrays[0], &PyByteArray_Type,
                          &arrays[1], &PyByteArray_Type, &arrays[2], &PyList_Type, &operations,
                          &PyList_Type, &added) ||
        is_blank(r))
        return NULL;
    const Py_ssize_t sizes[] = {PyByteArray_Size(arrays[0]), PyByteArray_Size(arrays[1]),
                                PyByteArray_Size(arrays[2])};
    const Py_ssize_t end = PyList_Size(operations);
    room made;
    if (make_room(&made, r, sizes[0] / (Py_ssize_t)sizeof *made.gates,
                  sizes[1] / (Py_ssize_t)sizeof *made.wires,
                  sizes[2] / (Py_ssize_t)sizeof *made.angles) < 0)
        return NULL;
    if (PyList_SetSlice(operations, end, end, added) < 0) {
        shrink(r->gates, sizes[0]);
        shrink(r->wires, sizes[1]);
        shrink(r->angles, sizes[2]);
        return NULL;
    }
    fill_room(&made, arrays, sizes);
    Py_INCREF(self);
    return self;
}

/* ---- the class ---- */

static void dealloc(PyObject *self)
{
    PyTypeObject *const type = Py_TYPE(self);
    set_record((recorder *)self, NULL, NULL, NULL);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"_record", record, METH_VARARGS,
     "Sets how many qubits there are, and the three arrays, which are not copied."},
    {"_extend", extend, METH_VARARGS,
     "Records gates that are known to be right, of lists of their numbers, qubits and angles: all "
     "or none. Gives the recorder."},
    {"_take", take, METH_O,
     "Puts the three arrays into a list, as a tuple, and begins anew: in one step, which no "
     "interrupt divides."},
    {"_copy_to", copy_to, METH_VARARGS,
     "Adds a part of the record to the C circuit in a place: the place's address, that of an "
     "error, and the counts at which the part begins and ends. Gives C's status."},
    {"_plan", plan, METH_VARARGS,
     "As _copy_to, then plans the circuit and ends it. Three arguments follow the error's address: "
     "those of a place for the program, of its options, and of its arena. Gives 3 if the program "
     "has measurements, 1 if it has resets, 0 if neither, or C's status."},
    {"_read_from", read_from, METH_VARARGS,
     "Records gates without parameters, measurements, resets, barriers and fences of the C circuit "
     "in a place, some thousand at most: the place's address, that of an error, the index of the "
     "first, the condition of all (first bit, count, value), the list of operations, and what "
     "makes one of a tuple. Gives the index at which it stopped, or C's status."},
    {"_merge", merge, METH_VARARGS,
     "Adds the three arrays of another recorder, and to a list the items of another one, in one "
     "step, which no interrupt divides: all or none. Gives the recorder."},
    {"_define_methods", define_methods, METH_VARARGS | METH_STATIC,
     "Gives a class, which must be a subclass, a method for each (name, gate, docstring)."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"_qubits", T_INT, offsetof(recorder, qubits), READONLY, "How many qubits there are."},
    {"_gates", T_OBJECT_EX, offsetof(recorder, gates), READONLY, "Numbers of gates, as int32."},
    {"_wires", T_OBJECT_EX, offsetof(recorder, wires), READONLY, "Their qubits, as int32."},
    {"_angles", T_OBJECT_EX, offsetof(recorder, angles), READONLY, "Their angles, as double."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"_counts", get_counts, NULL, "How many gates, qubits and angles are recorded.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "ketch._ketch.Recorder",
    .basicsize = sizeof(recorder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};

void *ketch_py_make_recorder(void);

void *ketch_py_make_recorder(void)
{
    return PyType_FromSpec(&spec);
}
