"""The only module that touches ffi and lib: C's functions as Python functions, C's failures as
exceptions. What it calls a handle is opaque to the rest of the package and ends by itself when the
last reference to it goes, so no call can find an ended one, whatever other threads do.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from . import _errors as errors
from ._ketch import ffi, lib

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

Handle: TypeAlias = Any
# Of a call that runs: seconds between ticks, the timeout, the token, what is asked.
Settings: TypeAlias = "tuple[float, float, Handle, Observables | None]"
HookCall: TypeAlias = Callable[[int, int, float, float, Handle], int]

NULL: Handle = ffi.NULL
OK: int = lib.KETCH_OK
QUBITS_MAX: int = lib.KETCH_QUBITS_MAX
BITS_MAX: int = lib.KETCH_BITS_MAX
SINGLE: int = lib.KETCH_SINGLE
DOUBLE: int = lib.KETCH_DOUBLE
PRECISIONS = {"double": DOUBLE, "single": SINGLE}


def text(chars: Handle) -> str:
    """A C string."""
    return str(ffi.string(chars).decode("utf-8", "replace"))


def version() -> str:
    """The version of the C library."""
    return text(lib.ketch_version())


def status_name(status: int) -> str:
    """The word for a status, as "RANGE"."""
    return text(lib.ketch_status_name(status))


def kernels_name(kernels: int) -> str:
    """The word for a kernel set, as "avx2"; "?" for a number that is none."""
    return text(lib.ketch_kernels_name(kernels))


KERNELS = {kernels_name(i): i for i in takewhile(lambda i: kernels_name(i) != "?", count())}


def cli(arguments: Sequence[str]) -> int:
    """The C command line; arguments begin with the program's name. Returns the exit code."""
    words = [ffi.new("char[]", word.encode()) for word in arguments]
    return int(lib.ketch_cli(len(words), ffi.new("char *[]", [*words, NULL])))


# ---- failures


def _struct(kind: str) -> Handle:
    """A zeroed struct that begins with its size."""
    pointer, size = _kinds.get(kind) or _kinds.setdefault(
        kind, (ffi.typeof(kind + " *"), ffi.sizeof(kind))
    )
    struct = ffi.new(pointer)
    struct.size = size
    return struct


_kinds: dict[str, tuple[Handle, int]] = {}


def _fields(struct: Handle) -> dict[str, Any]:
    """The struct's fields after size."""
    names = [name for name, _ in ffi.typeof(struct).item.fields if name != "size"]
    return {name: getattr(struct, name) for name in names}


def _failure(status: int, error: Handle) -> errors.Error:
    word = status_name(status)
    cls = errors.BY_STATUS.get(word, errors.Error)
    names = "function", "argument", "given", "allowed"
    parts: dict[str, object] = {name: text(getattr(error, name)) for name in names}
    if error.line:
        parts |= {"line": error.line, "column": error.column}
    return cls(text(error.message), word, **parts)


_spare: list[Handle] = []  # error structs, taken and given by atomic steps


def _call(function: Callable[..., int], *arguments: object) -> None:
    """Calls a C function whose last parameter is the error."""
    try:
        error = _spare.pop()
    except IndexError:
        error = _struct("ketch_error")
    status = function(*arguments, error)
    if status < 0:
        raise _failure(status, error)
    _spare.append(error)


def _box(kind: str, end: Callable[[Handle], object]) -> Callable[[], Handle]:
    """A maker of places for C to put a new handle in: owned before it exists, so that an interrupt
    between the call and its bookkeeping loses nothing. end takes NULL."""
    pointer = ffi.typeof(kind + " **")

    def empty(box: Handle) -> None:
        end(box[0])

    return lambda: ffi.gc(ffi.new(pointer), empty)


# ---- engines and arenas


def _engine_end(engine: Handle) -> None:
    lib.ketch_engine_destroy(engine, NULL)


_engine_box = _box("ketch_engine", _engine_end)
_arena_box = _box("ketch_arena", lib.ketch_arena_drop)


def arena_create(memory: int) -> Handle:
    """A box with an arena of that budget; 0: what this process may use."""
    box = _arena_box()
    options = _struct("ketch_arena_options")
    options.memory = memory
    _call(lib.ketch_arena_create, box, options)
    return box


def arena_stats(arena: Handle) -> dict[str, Any]:
    """The fields of ketch_arena_stats; those by tag as dicts."""
    stats = _struct("ketch_arena_stats")
    _call(lib.ketch_arena_get_stats, stats, arena[0])
    found = _fields(stats)
    tags = [text(lib.ketch_tag_name(tag)) for tag in range(lib.KETCH_TAGS)]
    for name in ("tag_used", "tag_peak"):
        found[name] = dict(zip(tags, found[name], strict=True))
    return found


def arena_trim(arena: Handle) -> int:
    """Gives unused memory back to the system; how many bytes."""
    return int(lib.ketch_arena_trim(arena[0]))


def engine_create(threads: int, kernels: int, arena: Handle | None, memory: int) -> Handle:
    """A box with an engine; zeros and None: C chooses."""
    box = _engine_box()
    options = _struct("ketch_engine_options")
    options.threads, options.kernels, options.memory = threads, kernels, memory
    options.arena = arena[0] if arena else NULL
    _call(lib.ketch_engine_create, box, options)
    return box


def engine_info(engine: Handle) -> dict[str, int]:
    """The fields of ketch_engine_info."""
    info = _struct("ketch_engine_info")
    _call(lib.ketch_engine_get_info, info, engine[0])
    return _fields(info)


def engine_stop(engine: Handle) -> None:
    """Asks the run that is on to end."""
    lib.ketch_engine_stop(engine[0])


def engine_arena(engine: Handle) -> Handle:
    """A box with the engine's arena."""
    box = _arena_box()
    box[0] = lib.ketch_arena_share(lib.ketch_engine_arena(engine[0]))
    return box


# ---- circuits

_circuit_box = _box("ketch_circuit", lib.ketch_circuit_destroy)


def gate_number(name: str) -> int:
    """The gate of that name, or -1."""
    return int(lib.ketch_gate_find(name.encode("utf-8", "replace")))


def gate_name(gate: int) -> str:
    """The name of a gate."""
    return text(lib.ketch_gate_name(gate))


def gate_shape(gate: int) -> tuple[int, int]:
    """How many qubits and parameters it has; -1: any number, or no such gate."""
    return lib.ketch_gate_qubits(gate), lib.ketch_gate_params(gate)


def circuit_create(qubits: int, bits: int) -> Handle:
    """A box with an empty circuit."""
    box = _circuit_box()
    _call(lib.ketch_circuit_create, box, qubits, bits)
    return box


def circuit_copy(circuit: Handle) -> Handle:
    """A box with a copy."""
    box = _circuit_box()
    _call(lib.ketch_circuit_copy, box, circuit[0])
    return box


class _Includes:
    """The texts a parse asked for, kept alive until it ends, and the exception of its resolver."""

    def __init__(self, resolve: Callable[[str], bytes | None]) -> None:
        self.resolve = resolve
        self.texts: list[Handle] = []
        self.failure: BaseException | None = None


def _resolve_lost(kind: object, exception: BaseException, traceback: Any) -> None:
    if traceback is not None:
        ffi.from_handle(traceback.tb_frame.f_locals["user"]).failure = exception


@ffi.def_extern(name="ketch_py_resolve", error=NULL, onerror=_resolve_lost)  # type: ignore[untyped-decorator]
def _resolve(name: Handle, length: Handle, user: Handle) -> Handle:
    includes: _Includes = ffi.from_handle(user)
    found = includes.resolve(text(name))
    if found is None:
        return NULL
    includes.texts.append(ffi.new("char[]", found))
    length[0] = len(found)
    return includes.texts[-1]


def circuit_parse(
    source: bytes, resolve: Callable[[str], bytes | None] | None, limit: int
) -> Handle:
    """A box with the circuit of an OpenQASM text."""
    box = _circuit_box()
    options = _struct("ketch_parse_options")
    options.limit = limit
    includes = _Includes(resolve or (lambda name: None))
    user = ffi.new_handle(includes)  # alive for the whole call
    if resolve:
        options.resolve, options.user = lib.ketch_py_resolve, user
    try:
        _call(lib.ketch_circuit_parse, box, source, len(source), options)
    except errors.Error as error:
        raise (includes.failure or error) from None
    return box


def circuit_shape(circuit: Handle) -> tuple[int, int, int]:
    """Qubits, bits, steps."""
    c = circuit[0]
    return lib.ketch_circuit_qubits(c), lib.ketch_circuit_bits(c), lib.ketch_circuit_steps(c)


def circuit_registers(circuit: Handle) -> list[tuple[str, int, int]]:
    """Name, first bit and size of each classical register."""
    first, size = ffi.new("int32_t *"), ffi.new("int32_t *")
    found: list[tuple[str, int, int]] = []
    while name := lib.ketch_circuit_register(circuit[0], len(found), first, size):
        found.append((text(name), first[0], size[0]))
    return found


def circuit_gate(
    circuit: Handle, gates: Sequence[int], qubits: Sequence[int], params: Sequence[float]
) -> None:
    """Adds one gate: as circuit_gates, but an error tells its number in the circuit."""
    if gate_shape(gates[0]) != (len(qubits), len(params)):
        circuit_gates(circuit, gates, qubits, params)
    own = ffi.new("int32_t[]", qubits), ffi.new("double[]", params)
    _call(lib.ketch_circuit_gate, circuit[0], gates[0], *own)


def circuit_gates(
    circuit: Handle, gates: Sequence[int], qubits: Sequence[int], params: Sequence[float]
) -> None:
    """Adds plain gates, all in one call."""
    numbers = ffi.from_buffer("int32_t[]", array("i", gates))
    wires = ffi.from_buffer("int32_t[]", array("i", qubits))
    angles = ffi.from_buffer("double[]", array("d", params))
    counted = (len(numbers), numbers, wires, len(wires), angles, len(angles))
    _call(lib.ketch_circuit_gates, circuit[0], *counted)


def _control(controls: Sequence[int], values: bytes) -> tuple[object, ...]:
    return len(controls), ffi.new("int32_t[]", controls), ffi.new("uint8_t[]", values)


def circuit_controlled(
    circuit: Handle,
    gate: int,
    qubits: Sequence[int],
    params: Sequence[float],
    controls: Sequence[int],
    values: bytes,
) -> None:
    """Adds a gate under further controls."""
    own = ffi.new("int32_t[]", qubits), ffi.new("double[]", params)
    _call(lib.ketch_circuit_controlled, circuit[0], gate, *own, *_control(controls, values))


def circuit_parameters(circuit: Handle, count: int) -> None:
    """Adds so many parameters."""
    if count:
        _call(lib.ketch_circuit_add_parameters, circuit[0], count)


def circuit_parametric(
    circuit: Handle,
    gate: int,
    qubits: Sequence[int],
    angles: Sequence[tuple[int, float, float]],
    controls: Sequence[int],
    values: bytes,
) -> None:
    """Adds a gate whose angles depend on parameters: number or -1, factor, offset."""
    own = ffi.new("int32_t[]", qubits), ffi.new("ketch_angle[]", angles)
    _call(lib.ketch_circuit_parametric, circuit[0], gate, *own, *_control(controls, values))


def circuit_matrix(
    circuit: Handle,
    kind: str,
    qubits: Sequence[int],
    numbers: bytes,
    tolerance: float,
    controls: Sequence[int],
    values: bytes,
) -> None:
    """Adds a "unitary" or "diagonal"; numbers are complex doubles."""
    add = lib.ketch_circuit_unitary if kind == "unitary" else lib.ketch_circuit_diagonal
    own = len(qubits), ffi.new("int32_t[]", qubits), ffi.from_buffer("double[]", numbers)
    _call(add, circuit[0], *own, tolerance, *_control(controls, values))


def circuit_register(circuit: Handle, name: str, size: int) -> None:
    """Adds a classical register."""
    _call(lib.ketch_circuit_add_register, circuit[0], name.encode(), size)


def circuit_measure(circuit: Handle, qubit: int, bit: int) -> None:
    """Adds a measurement."""
    _call(lib.ketch_circuit_measure, circuit[0], qubit, bit)


def circuit_reset(circuit: Handle, qubit: int) -> None:
    """Adds a reset."""
    _call(lib.ketch_circuit_reset, circuit[0], qubit)


def circuit_barrier(circuit: Handle, qubits: Sequence[int]) -> None:
    """Adds a barrier; no qubits: on all."""
    _call(lib.ketch_circuit_barrier, circuit[0], len(qubits), ffi.new("int32_t[]", qubits))


def circuit_fence(circuit: Handle) -> None:
    """Adds a fence."""
    _call(lib.ketch_circuit_fence, circuit[0])


def circuit_condition(circuit: Handle, first: int, count: int, value: int) -> None:
    """What follows happens only where these bits equal value; count 0 ends it."""
    _call(lib.ketch_circuit_condition, circuit[0], first, count, value)


# ---- programs

_program_box = _box("ketch_program", lib.ketch_program_drop)


def program_create(circuit: Handle, precision: int, kernels: int, fence_every: int) -> Handle:
    """A box with the circuit's program."""
    box = _program_box()
    options = _struct("ketch_program_options")
    options.precision, options.kernels, options.fence_every = precision, kernels, fence_every
    _call(lib.ketch_program_create, box, circuit[0], options)
    return box


def program_bind(old: Handle | None, program: Handle, values: Sequence[float]) -> Handle:
    """A box with the program bound to values: the old one where it is given one, which nobody else
    may use."""
    box = old or _program_box()
    numbers = ffi.from_buffer("double[]", array("d", values))
    _call(lib.ketch_program_bind, box, program[0], numbers, len(values))
    return box


def program_info(program: Handle) -> dict[str, int]:
    """The fields of ketch_program_info."""
    info = _struct("ketch_program_info")
    _call(lib.ketch_program_get_info, info, program[0])
    return _fields(info)


def program_measures(program: Handle) -> bool:
    """Whether it has measurements."""
    info = _struct("ketch_program_info")
    _call(lib.ketch_program_get_info, info, program[0])
    return bool(info.measures)


def program_plan(program: Handle) -> str:
    """The plan as text for a person."""
    length = ffi.new("size_t *")
    _call(lib.ketch_program_plan, NULL, 0, length, program[0])
    room = length[0] + 1
    buffer = ffi.new("char[]", room)
    _call(lib.ketch_program_plan, buffer, room, NULL, program[0])
    return text(buffer)


# ---- runs


def stop_new() -> Handle:
    """A clear stop token."""
    return ffi.new("ketch_stop *")


def stop_set(stop: Handle) -> None:
    """Asks the run that looks at it to end."""
    lib.ketch_stop_set(stop)


def stop_clear(stop: Handle) -> None:
    """Makes it usable again."""
    lib.ketch_stop_clear(stop)


def stop_read(stop: Handle) -> bool:
    """Whether it is set."""
    return bool(lib.ketch_stop_read(stop))


class Observables:
    """C's list of what is asked of a final state. counts: how many probabilities each asks for; 0:
    one number."""

    __slots__ = ("_kept", "array", "counts")

    def __init__(self, count: int) -> None:
        self.array = ffi.new("ketch_observable[]", count)
        self.counts = [0] * count
        self._kept: list[Handle] = []

    def put_norm(self, index: int) -> None:
        """The norm."""
        self.array[index].kind = lib.KETCH_OBSERVE_NORM

    def put_probabilities(self, index: int, qubits: Sequence[int]) -> None:
        """Of the outcomes of these qubits."""
        self._put(index, lib.KETCH_OBSERVE_PROBABILITIES, len(qubits))
        self.array[index].qubits = self._keep("int32_t[]", qubits)
        self.counts[index] = 2 ** len(qubits)

    def put_terms(self, index: int, masks: Sequence[int], coefficients: Sequence[float]) -> None:
        """The expectation of a sum of products of Z."""
        self._put(index, lib.KETCH_OBSERVE_Z, len(masks))
        self.array[index].masks = self._keep("uint64_t[]", masks)
        self.array[index].coefficients = self._keep("double[]", coefficients)

    def _put(self, index: int, kind: int, count: int) -> None:
        self.array[index].kind, self.array[index].count = kind, count

    def _keep(self, kind: str, values: Sequence[float]) -> Handle:
        self._kept.append(ffi.new(kind, values))
        return self._kept[-1]


def _call_end(call: Handle) -> None:
    lib.ketch_result_destroy(call.result)


class Frame:
    """The C structs of one call that runs, kept for the next one, and what its hook left behind.

    Frames are taken from a queue by atomic steps: a frame that an interrupt loses is only garbage.
    """

    __slots__ = ("call", "failure", "hook", "me", "settings")

    def __init__(self) -> None:
        self.call = ffi.gc(ffi.new("ketch_py_call *"), _call_end)
        self.call.error.size = ffi.sizeof("ketch_error")
        self.call.run.size = ffi.sizeof("ketch_run")
        self.me = ffi.new_handle(self)
        self.call.run.hook, self.call.run.user = lib.ketch_py_hook, self.me
        self.failure: BaseException | None = None
        self.hook: HookCall | None = None
        self.settings: Settings = 0.0, 0.0, NULL, None

    def set(self, settings: Settings) -> None:
        """Fills in how to run, and keeps alive what C will look at."""
        run = self.call.run
        run.tick_seconds, run.timeout, run.stop, asked = settings
        run.observables = asked.array if asked else NULL
        run.observable_count = len(asked.counts) if asked else 0
        self.settings = settings

    def fail(self, status: int) -> NoReturn:
        """After the C call: raises what the hook raised, or C's failure."""
        failure, self.failure, self.hook = self.failure, None, None
        if status != lib.KETCH_HOOK:
            raise _failure(status, self.call.error)
        # Without an exception to show, an interrupt came while another was being stored.
        try:
            raise failure or (_orphans.pop() if _orphans else KeyboardInterrupt())
        finally:
            del failure  # or the exception would hold itself through this frame


frames: deque[Frame] = deque(maxlen=16)  # to take from
_orphans: list[BaseException] = []  # exceptions of hooks whose frame was not to be found


def frame_give(frame: Frame) -> None:
    """Keeps a frame for the next call; only after a call that raised nothing."""
    frame.hook = None
    frames.append(frame)


def _hook_lost(kind: object, exception: BaseException, traceback: Any) -> None:
    """An exception outside the hook's own try: Ctrl-C at its first line."""
    user = traceback.tb_frame.f_locals.get("user") if traceback is not None else None
    if user is None:
        _orphans.append(exception)
    else:
        ffi.from_handle(user).failure = exception


@ffi.def_extern(name="ketch_py_hook", error=-1, onerror=_hook_lost)  # type: ignore[untyped-decorator]
def _hook(step: Handle, user: Handle) -> int:
    frame: Frame = ffi.from_handle(user)
    try:
        hook = frame.hook
        if hook is None:
            return 0
        return hook(step.done, step.total, step.fraction, step.seconds, step.view)
    except BaseException as exception:
        frame.failure = exception
        return -1


# Runs a program: a frame's call, engine, program, a state or (NULL) |0...0>, shots, seed. Gives the
# status; the call has the result.
run: Callable[[Handle, Handle, Handle, Handle, int, int], int] = lib.ketch_py_run


def resume(frame: Frame, engine: Handle, result: Handle) -> int:
    """Carries a suspended run on."""
    call = frame.call
    places = ffi.addressof(call, "run"), ffi.addressof(call, "error")
    return int(lib.ketch_engine_resume(engine[0], result, *places))


class Run:
    """A result's handle, ended with the object."""

    __slots__ = ("_result",)
    _result: Handle

    def _own(self, frame: Frame) -> None:
        """Takes the handle from a frame by statements without calls between them, so that no
        interrupt can come before someone owns it."""
        call = frame.call
        self._result = call.result
        call.result = NULL

    def __del__(self, end: Callable[[Handle], None] = lib.ketch_result_destroy) -> None:
        end(self._result)


# ---- results


def result_status(result: Handle) -> str:
    """How the run stands, as "STOPPED"."""
    return status_name(lib.ketch_result_status(result))


def result_state(result: Handle) -> Handle:
    """A box with the state."""
    return state_share(lib.ketch_result_state(result))


def result_position(result: Handle) -> dict[str, int]:
    """The fields of ketch_position."""
    position = _struct("ketch_position")
    _call(lib.ketch_result_get_position, position, result)
    return _fields(position)


def result_report(result: Handle) -> dict[str, Any]:
    """The fields of ketch_report."""
    report = _struct("ketch_report")
    _call(lib.ketch_result_get_report, report, result)
    return _fields(report)


def result_bits(result: Handle) -> NDArray[numpy.uint8]:
    """The classical bits, shots rows, read-only, without a copy."""
    import numpy

    outcomes = _struct("ketch_outcomes")
    _call(lib.ketch_result_get_outcomes, outcomes, result)
    shape = outcomes.shots, outcomes.bits
    size = outcomes.shots * outcomes.bits
    if not size:
        empty = numpy.zeros(shape, numpy.uint8)
        empty.flags.writeable = False
        return empty
    rows = _lease(lib.ketch_block_share(outcomes.block), outcomes.rows, size)
    return numpy.frombuffer(rows, numpy.uint8).reshape(shape)


def result_counts(result: Handle) -> list[tuple[int, int]]:
    """The row of a first example and the count of each distinct outcome."""
    distinct = ffi.new("uint64_t *")
    _call(lib.ketch_result_counts, distinct, NULL, NULL, 0, result)
    room = distinct[0]
    examples, counts = ffi.new("uint64_t[]", room), ffi.new("uint64_t[]", room)
    _call(lib.ketch_result_counts, distinct, examples, counts, room, result)
    return list(zip(examples, counts, strict=True))


def result_observed(result: Handle, index: int, count: int) -> NDArray[numpy.float64]:
    """The numbers of one observable."""
    import numpy

    found = numpy.empty(count, numpy.float64)
    place = ffi.from_buffer("double[]", found, require_writable=True)
    _call(lib.ketch_result_observed, place, count, index, result)
    return found


# ---- states: handles here are boxes


_state_box = _box("ketch_state", lib.ketch_state_drop)


def _lease(block: Handle, data: Handle, size: int) -> memoryview:
    """A block's memory as read-only bytes that own the given reference on it."""
    held = ffi.gc(ffi.cast("char *", data), lambda data: lib.ketch_block_drop(block))
    return memoryview(ffi.buffer(held, size)).toreadonly()


def state_share(state: Handle) -> Handle:
    """A box with its own reference on a state."""
    box = _state_box()
    box[0] = lib.ketch_state_share(ffi.cast("ketch_state *", state))
    return box


def state_create(arena: Handle, qubits: int, precision: int) -> Handle:
    """A box with |0...0>."""
    box = _state_box()
    _call(lib.ketch_state_create, box, arena[0], qubits, precision)
    return box


def state_shape(state: Handle) -> tuple[int, int]:
    """Qubits and precision."""
    return lib.ketch_state_qubits(state[0]), lib.ketch_state_precision(state[0])


def state_set_ket(state: Handle, ket: str) -> None:
    """Sets it from characters 0 1 + -."""
    _call(lib.ketch_state_set_ket, state[0], ket.encode("utf-8", "replace"))


def state_set_amplitudes(
    state: Handle, values: NDArray[Any], precision: int, normalise: bool
) -> None:
    """Sets it from contiguous amplitudes of that precision."""
    data = ffi.from_buffer(values) if values.size else NULL
    _call(lib.ketch_state_set_amplitudes, state[0], data, values.size, precision, int(normalise))


def state_view(state: Handle) -> NDArray[Any]:
    """The amplitudes, read-only, without a copy. They never change: a state with views is moved
    to other memory before it is written."""
    import numpy

    pointer = state[0]
    block = ffi.new("ketch_block **")
    _call(lib.ketch_state_block, block, pointer)
    single = lib.ketch_state_precision(pointer) == SINGLE
    size = (8 if single else 16) << lib.ketch_state_qubits(pointer)
    held = _lease(block[0], lib.ketch_block_data(block[0]), size)
    return numpy.frombuffer(held, numpy.complex64 if single else numpy.complex128)


def _with_engine(
    function: Callable[..., int], out: Handle, engine: Handle | None, *rest: object
) -> None:
    """A reduction on the engine's workers, or on this thread where the engine is busy or closed:
    the bits are the same."""
    error = _struct("ketch_error")
    status = function(*out, engine[0] if engine else NULL, *rest, error)
    if engine and status in (lib.KETCH_BUSY, lib.KETCH_FORKED):
        status = function(*out, NULL, *rest, error)
    if status < 0:
        raise _failure(status, error)


def state_norm(engine: Handle | None, state: Handle) -> float:
    """The norm."""
    norm = ffi.new("double *")
    _with_engine(lib.ketch_state_norm, (norm,), engine, state[0])
    return float(norm[0])


def state_inner(engine: Handle | None, a: Handle, b: Handle) -> complex:
    """<a|b>."""
    inner = ffi.new("double[2]")
    _with_engine(lib.ketch_state_inner, (inner,), engine, a[0], b[0])
    return complex(inner[0], inner[1])


def state_probabilities(
    engine: Handle | None, state: Handle, qubits: Sequence[int], out: NDArray[numpy.float64]
) -> None:
    """Probabilities of the outcomes of some qubits."""
    place = ffi.from_buffer("double[]", out, require_writable=True), out.size
    wires = ffi.new("int32_t[]", qubits)
    _with_engine(lib.ketch_state_probabilities, place, engine, state[0], len(qubits), wires)


def state_expectation(
    engine: Handle | None, state: Handle, masks: Sequence[int], coefficients: Sequence[float]
) -> float:
    """The expectation of a sum of products of Z."""
    found = ffi.new("double *")
    bits, factors = ffi.new("uint64_t[]", masks), ffi.new("double[]", coefficients)
    function = lib.ketch_state_expectation
    _with_engine(function, (found,), engine, state[0], len(masks), bits, factors)
    return float(found[0])


def state_sample(
    engine: Handle | None, state: Handle, out: NDArray[numpy.uint64], seed: int, first: int
) -> None:
    """Fills out with basis-state indices."""
    place = ffi.from_buffer("uint64_t[]", out, require_writable=True), out.size
    _with_engine(lib.ketch_state_sample, place, engine, state[0], seed, first)


def state_measure(engine: Handle | None, state: Handle, qubit: int, seed: int, count: int) -> int:
    """Measures one qubit and collapses the state."""
    outcome = ffi.new("int32_t *")
    _with_engine(lib.ketch_state_measure, (outcome,), engine, state[0], qubit, seed, count)
    return int(outcome[0])
