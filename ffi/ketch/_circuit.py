"""Circuits: what the caller adds is recorded in Python and handed to C when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _native
from ._arguments import column, complex_bytes, indices, plain, real, reals, sequence, weave, whole
from ._errors import Error, failed, nonfinite, out_of_range, wrong_type
from ._gates import Angles, Code, Gates, Qubits
from ._parameter import Parameter, Values, angles, numbers_of, value_of
from ._state import precision_number

if TYPE_CHECKING:
    from typing_extensions import Self

Includes = Mapping[str, str] | Callable[[str], "str | None"]


class Special(NamedTuple):
    """Something that is not a plain gate: how many gates, qubits and angles were recorded before
    it, the function that adds it to a C circuit, and that one's arguments."""

    gates: int
    wires: int
    angles: int
    add: Callable[..., None]
    arguments: tuple[Any, ...]


class Compiled(NamedTuple):
    """A circuit's program and what its results need to know of the circuit."""

    version: int
    program: _native.Handle
    qubits: int
    measures: bool
    registers: tuple[tuple[str, int, int], ...]
    parameters: tuple[str, ...]
    spares: list[_native.Handle]  # programs bound before, the oldest first

    def bind(self, values: Values | None) -> _native.Handle:
        """The program with these values, in the memory of one bound before where nothing holds it:
        the last result mostly still holds the last one."""
        numbers = numbers_of(self.parameters, () if values is None else values)
        try:
            spare = self.spares.pop(0) if len(self.spares) > 1 else None
        except IndexError:
            spare = None
        return _native.program_bind(spare, self.program, numbers)

    def keep(self, bound: _native.Handle) -> None:
        """Keeps a bound program for the next bind."""
        if len(self.spares) < 4:
            self.spares.append(bound)


class Circuit(Gates):
    """Gates in source order on `qubits` qubits and `bits` classical bits.

    Every method that adds something returns the circuit, so that calls chain. A circuit may be read
    and run from several threads at once, and added to from one. It pickles as its description.
    """

    def __init__(self, qubits: int, bits: int = 0) -> None:
        most = f"1..{_native.QUBITS_MAX} (the index width)"
        qubits = whole("qubits", qubits, most)
        bits = whole("bits", bits, f"0..{_native.BITS_MAX}")
        if not (0 < qubits <= _native.QUBITS_MAX and 0 <= bits <= _native.BITS_MAX):
            _native.circuit_create(qubits, bits)  # raises, and says why
        self._begin(None, (qubits, bits, 0), [("c", 0, bits)] if bits else [])

    def _begin(
        self,
        base: _native.Handle | None,
        shape: tuple[int, int, int],
        registers: list[tuple[str, int, int]],
    ) -> None:
        """Goes on from a C circuit, which nobody changes from now on; None: from an empty one."""
        self._base = base
        self._source: tuple[bytes, dict[str, bytes], int] | None = None
        self._shape = shape  # at the beginning: qubits, bits, steps
        self._qubits, self._bits, self._base_steps = shape
        self._registers = registers
        self._gates: list[int] = []
        self._wires: list[int] = []
        self._angles: list[float] = []
        self._specials: list[Special] = []
        self._conditional = False
        self._parameters: dict[str, int] = {}
        self._programs: dict[tuple[str, int, int], Compiled] = {}

    # ---- text

    @classmethod
    def from_qasm(
        cls, text: str | bytes, *, includes: Includes | None = None, limit: int | None = None
    ) -> Self:
        """Reads OpenQASM 2. "qelib1.inc" is built in; other includes are looked up in `includes`, a
        mapping from names to texts or a function of the name. limit: operations after expansion."""
        if not isinstance(text, str | bytes):
            raise wrong_type("text", text, "str or bytes")
        source = text.encode() if isinstance(text, str) else text
        asked: dict[str, bytes] = {}

        def resolve(name: str) -> bytes | None:
            found = includes.get(name) if isinstance(includes, Mapping) else includes(name)  # type: ignore[misc]
            if found is None:
                return None
            asked[name] = found.encode()
            return asked[name]

        most = 0 if limit is None else whole("limit", limit, "1..2^63", 1, 2**63)
        circuit = cls.__new__(cls)
        parsed = _native.circuit_parse(source, resolve if includes else None, most)
        shape = _native.circuit_shape(parsed)
        circuit._begin(parsed, shape, _native.circuit_registers(parsed))
        circuit._source = source, asked, most
        return circuit

    @classmethod
    def from_qasm_file(
        cls,
        path: str | PathLike[str],
        *,
        includes: Includes | None = None,
        limit: int | None = None,
    ) -> Self:
        """from_qasm of a file; messages begin with its name."""
        with open(path, "rb") as file:
            source = file.read()
        try:
            return cls.from_qasm(source, includes=includes, limit=limit)
        except Error as error:
            error.message = f"{fspath(path)}:{error.message}"
            raise

    # ---- shape

    @property
    def qubits(self) -> int:
        """How many qubits it has."""
        return self._qubits

    @property
    def bits(self) -> int:
        """How many classical bits it has."""
        return self._bits

    @property
    def registers(self) -> dict[str, range]:
        """The classical registers in order of declaration, and the bits of each."""
        return {name: range(first, first + size) for name, first, size in self._registers}

    def __len__(self) -> int:
        """Gates, measurements and resets: what progress counts."""
        counted = sum(special.add in _STEPS for special in self._specials)
        return self._base_steps + len(self._gates) + counted

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, in the order in which gates first used them."""
        return tuple(self._parameters)

    def __repr__(self) -> str:
        return f"Circuit({self._qubits} qubits, {self._bits} bits, {len(self)} steps)"

    def copy(self) -> Self:
        """A circuit of its own that begins as this one."""
        circuit = type(self).__new__(type(self))
        circuit.__dict__.update(self.__dict__)
        for name in ("_gates", "_wires", "_angles", "_specials", "_registers"):
            setattr(circuit, name, list(getattr(self, name)))
        circuit._parameters = dict(self._parameters)
        circuit._programs = dict(self._programs)
        return circuit

    def bind(self, values: Values) -> Self:
        """A circuit with numbers in place of its parameters: a mapping from all their names, or a
        sequence in the order of `parameters`. Each is planned anew: for many values, run or prepare
        this one and give those the values."""
        numbers = numbers_of(self.parameters, values)
        circuit = self.copy()
        circuit._specials = [_closed(special, numbers) for special in self._specials]
        circuit._parameters = {}
        circuit._programs = {}
        return circuit

    def __reduce__(self) -> tuple[Callable[..., Circuit], tuple[Any, ...]]:
        return _remake, (type(self), *self._description())

    def _description(self) -> tuple[Any, ...]:
        base = self._source or self._shape[:2]
        recorded = list(self._gates), list(self._wires), list(self._angles), list(self._specials)
        rest = self._bits, list(self._registers), self._conditional, list(self._parameters)
        return base, recorded, *rest

    # ---- adding

    def add_register(self, name: str, size: int) -> Self:
        """Adds a classical register of that many bits after those there are."""
        if not isinstance(name, str):
            raise wrong_type("name", name, "str")
        if name in self.registers:
            what = "the circuit has a register of this name"
            raise failed("DUPLICATE", "name", repr(name), "a new name", what)
        size = whole("size", size, f"1..{_native.BITS_MAX}")
        self._special(_native.circuit_register, name, size, check=True)
        self._registers += ((name, self._bits, size),)
        self._bits += size
        return self

    def gates(
        self,
        gates: Sequence[str] | Sequence[int],
        qubits: Sequence[int],
        params: Sequence[float] = (),
    ) -> Self:
        """Many gates in one call: their names (or numbers, as in the C enum), then the qubits of
        all in a row, then the angles of all in a row. All or nothing."""
        names = plain(gates)
        table = {name: _gate_number(name) for name in dict.fromkeys(names)}
        numbers = [table[name] for name in names]
        return self._append(numbers, self._at("qubits", qubits), reals("params", params))

    def controlled(
        self,
        gate: str,
        *arguments: Any,
        controls: Sequence[int] | Mapping[int, int],
    ) -> Self:
        """A gate by name, with its angles and qubits as its method takes them, under further
        controls: a sequence of qubits that must be 1, or a mapping from qubit to value."""
        number = _gate_number(gate)
        count = max(_native.gate_shape(number)[1], 0)
        turns = angles("angle", arguments[:count])
        qubits = self._at("qubit", arguments[count:])
        self._check_arity(number, len(turns), len(qubits))
        under = self._controls(controls)
        if any(isinstance(turn, Parameter) for turn in turns):
            return self._parametric(number, qubits, turns, *under)
        return self._special(_native.circuit_controlled, number, qubits, turns, *under, check=True)

    def unitary(
        self,
        matrix: Any,
        qubits: int | Sequence[int],
        *,
        controls: Sequence[int] | Mapping[int, int] = (),
        tolerance: float = 1e-10,
    ) -> Self:
        """A dense matrix on 1 to 5 qubits; qubits[0] is the lowest bit of row and column. Refused
        where an entry of M M^dagger - 1 is above tolerance."""
        return self._matrix("unitary", 2, matrix, qubits, controls, tolerance)

    def diagonal(
        self,
        diagonal: Any,
        qubits: int | Sequence[int],
        *,
        controls: Sequence[int] | Mapping[int, int] = (),
        tolerance: float = 1e-10,
    ) -> Self:
        """A diagonal of 2^k numbers of modulus 1 on 1 to 10 qubits."""
        return self._matrix("diagonal", 1, diagonal, qubits, controls, tolerance)

    def measure(self, qubits: Qubits, bits: Qubits) -> Self:
        """Measures each qubit into the bit at its place in the other sequence."""
        wires = self._at("qubit", sequence(qubits))
        places = indices("bit", sequence(bits), self._bits)
        if len(wires) != len(places):
            raise out_of_range("bits", len(places), f"as many as qubits, {len(wires)}")
        return self._special_each(_native.circuit_measure, zip(wires, places, strict=True))

    def measure_all(self) -> Self:
        """Measures qubit i into bit i; a circuit without bits gets a register "meas"."""
        if not self._bits:
            self.add_register("meas", self._qubits)
        if self._bits < self._qubits:
            raise out_of_range("bits", self._bits, f"at least the {self._qubits} qubits, or 0")
        return self.measure(range(self._qubits), range(self._qubits))

    def reset(self, qubits: Qubits) -> Self:
        """Sets each qubit to |0>."""
        wires = self._at("qubit", sequence(qubits))
        return self._special_each(_native.circuit_reset, ((wire,) for wire in wires))

    def barrier(self, *qubits: int) -> Self:
        """Keeps gates of these qubits (none given: all) from being merged across it."""
        wires = self._at("qubit", qubits)
        return self._special(_native.circuit_barrier, wires, check=bool(wires))

    def fence(self) -> Self:
        """A point where a hook sees the state, everything before it done and nothing after."""
        return self._special(_native.circuit_fence)

    def condition(self, bits: str | int | Sequence[int], value: int) -> Condition:
        """`with c.condition("c", 3):` what is added inside happens only where the register reads
        as that number. bits: a register's name, one bit, or neighbouring bits, lowest first."""
        first, count = self._span(bits)
        value = whole("value", value, "0..2^64 - 1", 0, 2**64)
        return Condition(self, first, count, value)

    # ---- inside

    def _at(self, name: str, values: Any) -> list[int]:
        return indices(name, values, self._qubits)

    def _controls(self, controls: Sequence[int] | Mapping[int, int]) -> tuple[list[int], bytes]:
        """Qubits, and the value that each must have."""
        values = controls.values() if isinstance(controls, Mapping) else [1] * len(controls)
        wanted = bytes(whole("control value", value, "0 or 1", 0, 2) for value in values)
        return self._at("control", list(controls)), wanted

    def _span(self, bits: str | int | Sequence[int]) -> tuple[int, int]:
        if isinstance(bits, str):
            if bits not in self.registers:
                names = ", ".join(self.registers) or "none: the circuit has no bits"
                raise out_of_range("register", bits, names)
            return self.registers[bits].start, len(self.registers[bits])
        places = indices("bit", sequence(bits), self._bits)
        if not places or places != list(range(places[0], places[0] + len(places))):
            raise out_of_range("bits", list(places), "neighbouring bits, lowest first")
        return places[0], len(places)

    def _special(self, add: Callable[..., None], *arguments: Any, check: bool = False) -> Self:
        """Records it; check: C looks at it first."""
        if check:
            self._try(lambda circuit: add(circuit, *arguments))
        self._specials += (self._mark(add, *arguments),)
        return self

    def _special_each(self, add: Callable[..., None], arguments: Iterable[tuple[int, ...]]) -> Self:
        """Records one for each arguments, which are a qubit and perhaps a bit: all or none."""
        specials = [self._mark(add, *each) for each in arguments]
        limits = self._qubits, self._bits
        for special in specials:
            pairs = zip(special.arguments, limits, strict=False)
            if not all(0 <= place < limit for place, limit in pairs):
                self._try(lambda circuit, given=special.arguments: add(circuit, *given))  # type: ignore[misc]
        self._specials += specials
        return self

    def _mark(self, add: Callable[..., None], *arguments: Any) -> Special:
        """A special after all that was recorded."""
        counts = len(self._gates), len(self._wires), len(self._angles)
        return Special(*counts, add, arguments)

    def _append(self, gates: list[int], wires: list[int], angles: list[float]) -> Self:
        add = _native.circuit_gate if len(gates) == 1 else _native.circuit_gates
        self._try(lambda circuit: add(circuit, gates, wires, angles))
        self._angles += angles
        self._wires += wires
        self._gates += gates
        return self

    def _try(self, add: Callable[[_native.Handle], None]) -> None:
        """Lets C check an addition on an empty circuit of the same shape. Where it is refused, on
        the circuit itself, so that the text names the gate's number."""
        try:
            add(_native.circuit_create(self._qubits, self._bits))
            return
        except Error:
            pass
        add(self._build())

    def _many(self, code: Code, given: Sequence[Angles], qubits: Sequence[Qubits]) -> None:
        last = self._qubits
        if (
            all(type(q) is int and 0 <= q < last for q in qubits)
            and len(set(qubits)) == len(qubits)
            and all(type(a) is float and isfinite(a) for a in given)
        ):
            self._angles += given  # type: ignore[arg-type]
            self._wires += qubits  # type: ignore[arg-type]
            self._gates += code
            return
        turns = [column("angle", angle, angles) for angle in given]
        wires = [column("qubit", qubit, self._at) for qubit in qubits]
        count = self._common([*turns, *wires])
        if any(isinstance(turn, Parameter) for column in turns for turn in column):
            self._many_parametric(code[0], turns, wires, count)
        else:
            self._append(list(code) * count, weave(wires, count), weave(turns, count))

    def _many_parametric(
        self, number: int, turns: Sequence[Any], wires: Sequence[Any], count: int
    ) -> None:
        before = len(self._specials), dict(self._parameters)
        own, own_turns = len(wires), len(turns)
        all_wires, all_turns = weave(wires, count), weave(turns, count)
        try:
            for i in range(count):
                qubits = all_wires[i * own : (i + 1) * own]
                self._parametric(number, qubits, all_turns[i * own_turns : (i + 1) * own_turns])
        except Error:
            del self._specials[before[0] :]
            self._parameters = before[1]
            raise

    def _parametric(
        self,
        number: int,
        qubits: list[int],
        turns: Sequence[Any],
        controls: Sequence[int] = (),
        values: bytes = b"",
    ) -> Self:
        """A gate some of whose angles are parameters. C looks at it with their offsets first."""
        offsets = [turn.offset if isinstance(turn, Parameter) else turn for turn in turns]
        self._try(
            lambda circuit: _native.circuit_controlled(
                circuit, number, qubits, offsets, controls, values
            )
        )
        numbered = tuple(self._numbered(turn) for turn in turns)
        return self._special(_native.circuit_parametric, number, qubits, numbered, controls, values)

    def _numbered(self, turn: Parameter | float) -> tuple[int, float, float]:
        """An angle for C: number of the parameter or -1, factor, offset."""
        if not isinstance(turn, Parameter):
            return -1, 0.0, turn
        index = self._parameters.setdefault(turn.name, len(self._parameters))
        return index, turn.factor, turn.offset

    @staticmethod
    def _common(columns: Iterable[Sequence[Any]]) -> int:
        """How many gates columns of that many values mean: single values go with any number."""
        lengths = {len(column) for column in columns if isinstance(column, list)}
        if len(lengths) > 1:
            raise out_of_range("lengths of sequences", sorted(lengths), "sequences of one length")
        return lengths.pop() if lengths else 1

    def _check_arity(self, number: int, angles: int, qubits: int) -> None:
        own, turns = _native.gate_shape(number)
        if (own, turns) != (qubits, angles):
            name = _native.gate_name(number)
            given, allowed = angles + qubits, f"{turns} angles, then {own} qubits"
            raise _arity(name, f"{given} arguments", allowed)

    def _matrix(
        self,
        kind: str,
        axes: int,
        values: Any,
        qubits: int | Sequence[int],
        controls: Sequence[int] | Mapping[int, int],
        tolerance: float,
    ) -> Self:
        wires = self._at("qubit", sequence(qubits))
        numbers = complex_bytes(kind, values, (2 ** min(len(wires), 62),) * axes)
        own = wires, numbers, real("tolerance", tolerance), *self._controls(controls)
        return self._special(_native.circuit_matrix, kind, *own, check=True)

    def _build(self) -> _native.Handle:
        """A C circuit with all that was recorded."""
        if self._base is None:
            circuit = _native.circuit_create(*self._shape[:2])
        else:
            circuit = _native.circuit_copy(self._base)
        _native.circuit_parameters(circuit, len(self._parameters))
        gate = wire = angle = 0
        end = self._mark(_native.circuit_fence)
        for special in (*self._specials, end):
            if special.gates > gate:
                gates = self._gates[gate : special.gates]
                wires = self._wires[wire : special.wires]
                _native.circuit_gates(circuit, gates, wires, self._angles[angle : special.angles])
            gate, wire, angle = special[:3]
            if special is not end:
                special.add(circuit, *special.arguments)
        return circuit

    def _compile(self, precision: str, kernels: int, fence_every: int) -> Compiled:
        """The circuit's program, made once as long as nothing is added."""
        key = precision, kernels, fence_every
        version = len(self._gates) + len(self._specials)
        compiled = self._programs.get(key) if isinstance(precision, str) else None
        if compiled is None or compiled.version != version:
            number = precision_number(precision)
            program = _native.program_create(self._build(), number, kernels, fence_every)
            measures = _native.program_measures(program)
            registers, names = tuple(self._registers), self.parameters
            compiled = Compiled(version, program, self._qubits, measures, registers, names, [])
            if len(self._programs) >= 8:
                self._programs.clear()
            self._programs[key] = compiled
        return compiled


class Condition:
    """What Circuit.condition gives to `with`."""

    def __init__(self, circuit: Circuit, first: int, count: int, value: int) -> None:
        self._circuit = circuit
        self._arguments = first, count, value

    def __enter__(self) -> Circuit:
        circuit = self._circuit
        if circuit._conditional:
            raise failed("RANGE", "condition", "2 at once", "1", "a condition inside a condition")
        circuit._special(_native.circuit_condition, *self._arguments, check=True)
        circuit._conditional = True
        return circuit

    def __exit__(self, *exception: object) -> None:
        self._circuit._conditional = False
        self._circuit._special(_native.circuit_condition, 0, 0, 0)


_STEPS = {
    _native.circuit_measure,
    _native.circuit_reset,
    _native.circuit_matrix,
    _native.circuit_controlled,
    _native.circuit_parametric,
}


def _closed(special: Special, numbers: Sequence[float]) -> Special:
    """A special with numbers in place of parameters."""
    if special.add is not _native.circuit_parametric:
        return special
    number, qubits, turns, controls, values = special.arguments
    found = [value_of(turn, numbers) for turn in turns]
    for angle in found:
        if not isfinite(angle):
            raise nonfinite("angle", angle)
    arguments = number, qubits, found, controls, values
    return special._replace(add=_native.circuit_controlled, arguments=arguments)


def _remake(
    cls: type[Circuit],
    base: tuple[Any, ...],
    recorded: tuple[list[int], list[int], list[float], list[Special]],
    bits: int,
    registers: list[tuple[str, int, int]],
    conditional: bool,
    parameters: list[str],
) -> Circuit:
    """A circuit from its description."""
    circuit: Circuit
    if isinstance(base[0], bytes):
        texts = {name: text.decode() for name, text in base[1].items()}
        circuit = cls.from_qasm(base[0], includes=texts, limit=base[2] or None)
    else:
        circuit = cls(*base)
    circuit._gates, circuit._wires, circuit._angles, circuit._specials = recorded
    circuit._bits, circuit._registers, circuit._conditional = bits, registers, conditional
    circuit._parameters = {name: index for index, name in enumerate(parameters)}
    return circuit


def _gate_number(gate: object) -> int:
    if not isinstance(gate, str):
        return whole("gate", gate, "the numbers of gates")
    number = _native.gate_number(gate)
    if number < 0:
        raise _unknown(gate)
    return number


def _unknown(name: str) -> Error:
    return failed("GATE", "gate", repr(name), "the names of Circuit's gate methods", "unknown gate")


def _arity(name: str, given: str, allowed: str) -> Error:
    return failed("ARITY", "arguments", given, allowed, f"wrong number of arguments for {name}")
