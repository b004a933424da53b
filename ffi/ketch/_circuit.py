"""Circuits: what the caller adds is recorded in Python and handed to C when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _stored
from ._arguments import complex_pairs, indices, plain, real, reals, sequence, whole
from ._errors import Error, failed, out_of_range, wrong_type
from ._gate_methods import Qubits
from ._native import circuits, programs
from ._parameter import Parameter, Values, angles, numbers_of
from ._planned import Planned
from ._precision import precision_name, precision_number
from ._recording import Recording, bound

if TYPE_CHECKING:
    from typing_extensions import Self

# Texts of included files: by name, or a function of the name that gives None for what it lacks.
Includes: TypeAlias = Mapping[str, str] | Callable[[str], str | None]
# Further controls: qubits that must be 1, or a mapping from qubits to the value each must have.
Controls: TypeAlias = Sequence[int] | Mapping[int, int]


class Circuit(Recording):
    """Gates in source order on qubits and classical bits.

    Every method that adds something returns the circuit, so that calls chain, and adds all of it or
    nothing. A circuit may be read and run from several threads at once, and added to from one. It
    pickles as a description that later versions can read.

    Parameters
    ----------
    qubits : int
        How many qubits, from 1 to 58.
    bits : int
        How many classical bits; they form a register "c".

    Raises
    ------
    RangeError
        For numbers outside these limits.

    Examples
    --------
    >>> circuit = ketch.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
    >>> circuit
    Circuit(2 qubits, 2 bits, 4 steps)
    >>> sorted(ketch.run(circuit, shots=100, seed=7).counts)
    ['00', '11']
    """

    def __init__(self, qubits: int, bits: int = 0) -> None:
        qubits = whole("qubits", qubits, f"1..{circuits.QUBITS_MAX} (the index width)")
        bits = whole("bits", bits, f"0..{circuits.BITS_MAX}")
        if not (0 < qubits <= circuits.QUBITS_MAX and 0 <= bits <= circuits.BITS_MAX):
            circuits.create(qubits, bits)  # raises, and says why
        self._begin(None, (qubits, bits, 0), [("c", 0, bits)] if bits else [])
        self._text: list[Any] | None = None
        self._plans: dict[tuple[object, int, int | None], Planned] = {}

    # ---- text

    @classmethod
    def from_qasm(
        cls, text: str | bytes, *, includes: Includes | None = None, limit: int | None = None
    ) -> Self:
        """Read an OpenQASM 2 text.

        Parameters
        ----------
        text : str or bytes
            The text.
        includes : mapping or callable, optional
            Texts of included files: a mapping from names, or a function of the name that gives None
            for a file it does not have. "qelib1.inc" is built in.
        limit : int, optional
            The most operations that the text may expand to; 100 million by default.

        Returns
        -------
        Circuit

        Raises
        ------
        QasmError
            For a text that cannot be read; `line` and `column` say where.
        GateError, BadIndexError, RangeError
            For what the text asks for and a circuit cannot have, with `line` and `column` too.

        Examples
        --------
        >>> ketch.Circuit.from_qasm('OPENQASM 2.0; include "qelib1.inc"; qreg q[2]; h q[0];')
        Circuit(2 qubits, 0 bits, 1 steps)
        """
        if not isinstance(text, str | bytes):
            raise wrong_type("text", text, "str or bytes")
        most = 0 if limit is None else whole("limit", limit, "1..2^63", 1, 2**63)
        asked: dict[str, str] = {}

        def resolve(name: str) -> bytes | None:
            found = includes.get(name) if isinstance(includes, Mapping) else includes(name)  # type: ignore[misc]
            if found is None:
                return None
            asked[name] = found
            return found.encode()

        source = text.encode() if isinstance(text, str) else text
        parsed = circuits.parse(source, resolve if includes else None, most)
        circuit = cls.__new__(cls)
        circuit._begin(parsed, circuits.shape(parsed), circuits.registers(parsed))
        circuit._text = [source.decode(), asked, most]
        circuit._plans = {}
        return circuit

    @classmethod
    def from_qasm_file(
        cls,
        path: str | PathLike[str],
        *,
        includes: Includes | None = None,
        limit: int | None = None,
    ) -> Self:
        """Read an OpenQASM 2 file; messages of errors begin with its name.

        Parameters
        ----------
        path : str or path
            The file.
        includes, limit
            As for `from_qasm`.

        Returns
        -------
        Circuit

        Raises
        ------
        OSError
            Where the file cannot be read.
        QasmError, GateError, BadIndexError, RangeError
            As `from_qasm`.
        """
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

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, in the order in which gates first used them."""
        return tuple(self._parameters)

    def __len__(self) -> int:
        """Gates, measurements and resets: the steps that progress counts."""
        return self._count()

    def __repr__(self) -> str:
        return f"Circuit({self._qubits} qubits, {self._bits} bits, {len(self)} steps)"

    # ---- copies

    def copy(self) -> Self:
        """Copy the circuit.

        Returns
        -------
        Circuit
            A circuit of its own that begins as this one.
        """
        circuit = type(self).__new__(type(self))
        circuit.__dict__.update(self.__dict__)
        for name in ("_gates", "_wires", "_angles", "_operations", "_registers"):
            setattr(circuit, name, list(getattr(self, name)))
        circuit._parameters = dict(self._parameters)
        circuit._plans = dict(self._plans)
        return circuit

    def bind(self, values: Values) -> Self:
        """Put numbers in place of the parameters.

        The new circuit is planned anew. For many values, run or prepare this one, and give the
        values to the runs: that plans once.

        Parameters
        ----------
        values : mapping or sequence of float
            By the names of all parameters, or in the order of `parameters`.

        Returns
        -------
        Circuit

        Raises
        ------
        RangeError
            For values that are missing, of other parameters, or not finite.
        """
        numbers = numbers_of(self.parameters, values)
        circuit = self.copy()
        circuit._operations = [bound(operation, numbers) for operation in self._operations]
        circuit._parameters = {}
        circuit._plans = {}
        return circuit

    def __getstate__(self) -> dict[str, Any]:
        return _stored.describe(self, self._text)

    def __setstate__(self, stored: dict[str, Any]) -> None:
        _stored.check_format(stored)
        if stored["text"] is None:
            qubits, bits, _ = stored["shape"]
            began = Circuit(qubits, bits)
        else:
            source, includes, most = stored["text"]
            began = Circuit.from_qasm(source, includes=includes, limit=most or None)
        self.__dict__.update(began.__dict__)
        _stored.restore(self, stored)

    # ---- adding

    def add_register(self, name: str, size: int) -> Self:
        """Add a classical register after those there are.

        Parameters
        ----------
        name : str
            A name that no other register has.
        size : int
            How many bits.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        RangeError
            For a name that is taken, or too many bits.
        """
        if not isinstance(name, str):
            raise wrong_type("name", name, "str")
        if name in self.registers:
            what = "the circuit has a register of this name"
            raise failed("DUPLICATE", "name", repr(name), "a new name", what)
        size = whole("size", size, f"1..{circuits.BITS_MAX}")
        self._operate("register", name, size)
        self._registers += ((name, self._bits, size),)
        self._bits += size
        return self

    def gates(
        self,
        gates: Sequence[str] | Sequence[int],
        qubits: Sequence[int],
        params: Sequence[float] = (),
    ) -> Self:
        """Add many gates in one call.

        Parameters
        ----------
        gates : sequence of str or int
            Their names, or numbers as in C's enum.
        qubits : sequence of int
            The qubits of all of them in a row.
        params : sequence of float
            The angles of all of them in a row, in radians.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        GateError, BadIndexError, RangeError
            For the first gate that is wrong; the message says which.

        Examples
        --------
        >>> ketch.Circuit(2).gates(["h", "cx", "rz"], [0, 0, 1, 1], [0.5])
        Circuit(2 qubits, 0 bits, 3 steps)
        """
        names = plain(gates)
        table = {name: _gate_number(name) for name in dict.fromkeys(names)}
        numbers = [table[name] for name in names]
        return self._append(numbers, self._at("qubit", qubits), reals("params", params))

    def controlled(self, gate: str, *arguments: Any, controls: Controls) -> Self:
        """Add a gate under further controls.

        Parameters
        ----------
        gate : str
            The gate's name.
        *arguments
            Its angles and qubits, as its method takes them.
        controls : sequence of int, or mapping
            Qubits that must be 1, or a mapping from qubits to the value, 0 or 1, that each must
            have.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        GateError, BadIndexError, RangeError

        Examples
        --------
        >>> circuit = ketch.Circuit(3).x(0).controlled("x", 2, controls={0: 1, 1: 0})
        >>> ketch.run(circuit).state.real
        array([0., 0., 0., 0., 0., 1., 0., 0.])
        """
        number = _gate_number(gate)
        name = circuits.gate_name(number)
        count = max(circuits.gate_shape(number)[1], 0)
        turns = angles("angle", arguments[:count])
        qubits = self._at("qubit", arguments[count:])
        self._check_arity(number, len(turns), len(qubits))
        under = self._controls(controls)
        if any(isinstance(turn, Parameter) for turn in turns):
            return self._parametric(name, qubits, turns, *under)
        return self._operate("controlled", name, qubits, turns, *under)

    def unitary(
        self,
        matrix: Any,
        qubits: int | Sequence[int],
        *,
        controls: Controls = (),
        tolerance: float = 1e-10,
    ) -> Self:
        """Add a dense matrix.

        Parameters
        ----------
        matrix : array_like, shape (2**k, 2**k)
            A unitary M.
        qubits : int or sequence of int
            Its 1 to 5 qubits; qubits[0] is the lowest bit of row and column.
        controls : sequence of int, or mapping
            As for `controlled`.
        tolerance : float
            The largest entry of M M^dagger - 1 that is not refused.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        GateError
            Where the matrix is not unitary within the tolerance.
        RangeError, BadIndexError
            For a wrong shape, too many qubits, or qubits that there are not.
        """
        return self._matrix("unitary", 2, matrix, qubits, controls, tolerance)

    def diagonal(
        self,
        diagonal: Any,
        qubits: int | Sequence[int],
        *,
        controls: Controls = (),
        tolerance: float = 1e-10,
    ) -> Self:
        """Add a diagonal matrix.

        Parameters
        ----------
        diagonal : array_like, shape (2**k,)
            Numbers of modulus 1.
        qubits : int or sequence of int
            Its 1 to 10 qubits; qubits[0] is the lowest bit of the index.
        controls, tolerance
            As for `unitary`.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        GateError, RangeError, BadIndexError
            As `unitary`.
        """
        return self._matrix("diagonal", 1, diagonal, qubits, controls, tolerance)

    def measure(self, qubits: Qubits, bits: Qubits) -> Self:
        """Measure each qubit into the bit at its place in the other sequence.

        Parameters
        ----------
        qubits, bits : int or sequence of int
            As many bits as qubits.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        BadIndexError, RangeError
            Nothing is added then.
        """
        wires = self._at("qubit", sequence(qubits))
        places = indices("bit", sequence(bits), self._bits)
        if len(wires) != len(places):
            raise out_of_range("bits", len(places), f"as many as qubits, {len(wires)}")
        return self._operate_each("measure", zip(wires, places, strict=True))

    def measure_all(self) -> Self:
        """Measure qubit i into bit i; a circuit without bits gets a register "meas".

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        RangeError
            Where there are fewer bits than qubits, but some.
        """
        if not self._bits:
            self.add_register("meas", self._qubits)
        if self._bits < self._qubits:
            raise out_of_range("bits", self._bits, f"at least the {self._qubits} qubits, or 0")
        return self.measure(range(self._qubits), range(self._qubits))

    def reset(self, qubits: Qubits) -> Self:
        """Set each qubit to |0>: measure it, and flip it where the outcome was 1.

        Parameters
        ----------
        qubits : int or sequence of int

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        BadIndexError
            Nothing is added then.
        """
        wires = self._at("qubit", sequence(qubits))
        return self._operate_each("reset", ((wire,) for wire in wires))

    def barrier(self, *qubits: int) -> Self:
        """Keep gates from being merged across this point.

        Parameters
        ----------
        *qubits : int
            Whose gates; none given: all.

        Returns
        -------
        Circuit
            Itself.
        """
        wires = self._at("qubit", qubits)
        return self._operate("barrier", wires, check=bool(wires))

    def fence(self) -> Self:
        """Add a point where a hook sees the state: everything before it has happened and nothing
        after.

        Returns
        -------
        Circuit
            Itself.
        """
        return self._operate("fence", check=False)

    def condition(self, bits: str | int | Sequence[int], value: int) -> Condition:
        """Make what is added inside a ``with`` happen only where classical bits have a value.

        Parameters
        ----------
        bits : str, int or sequence of int
            A register's name, one bit, or neighbouring bits, lowest first.
        value : int
            The number that they must read as.

        Returns
        -------
        Condition
            For ``with``.

        Raises
        ------
        RangeError, BadIndexError
            For bits or registers that there are not, or a condition inside a condition.

        Examples
        --------
        >>> circuit = ketch.Circuit(2, 2).x(0).measure(0, 0)
        >>> with circuit.condition("c", 1):
        ...     _ = circuit.x(1)
        >>> ketch.run(circuit.measure(1, 1), shots=5).counts
        {'11': 5}
        """
        first, count = self._span(bits)
        value = whole("value", value, "0..2^64 - 1", 0, 2**64)
        return Condition(self, first, count, value)

    # ---- inside

    def _controls(self, controls: Controls) -> tuple[list[int], list[int]]:
        """Qubits, and the value that each must have."""
        values = controls.values() if isinstance(controls, Mapping) else [1] * len(controls)
        wanted = [whole("control value", value, "0 or 1", 0, 2) for value in values]
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

    @staticmethod
    def _check_arity(number: int, turns: int, qubits: int) -> None:
        shape = circuits.gate_shape(number)
        if shape != (qubits, turns):
            allowed = f"{shape[1]} angles, then {shape[0]} qubits"
            what = f"wrong number of arguments for {circuits.gate_name(number)}"
            raise failed("ARITY", "arguments", turns + qubits, allowed, what)

    def _matrix(
        self,
        kind: str,
        axes: int,
        values: Any,
        qubits: int | Sequence[int],
        controls: Controls,
        tolerance: float,
    ) -> Self:
        wires = self._at("qubit", sequence(qubits))
        numbers = complex_pairs(kind, values, (2 ** min(len(wires), 62),) * axes)
        rest = real("tolerance", tolerance), *self._controls(controls)
        return self._operate(kind, wires, numbers, *rest)

    def _plan_anew(self, key: tuple[str, int, int], precision: int) -> Planned:
        planned = self._plans.get(key)
        if planned is None or planned.version != self._version:
            program = programs.create(self._build(), precision, *key[1:])
            shape = self._version, self._qubits, self._registers, self.parameters
            planned = Planned(program, *shape)
            if len(self._plans) >= 16:
                self._plans.clear()
            self._plans[key] = planned
        return planned


def plan(circuit: Circuit, precision: object, kernels: int, hook_every: int | None) -> Planned:
    """A circuit's program, made once as long as nothing is added."""
    if not isinstance(circuit, Circuit):
        raise wrong_type("circuit", circuit, "Circuit")
    key = precision, kernels, hook_every
    try:
        planned = circuit._plans[key]
        if planned.version == len(circuit._gates) + len(circuit._operations):
            return planned
    except (KeyError, TypeError):  # not yet planned; or not hashable, and refused below
        pass
    number = precision_number(precision)
    every = 0 if hook_every is None else whole("hook_every", hook_every, "1..2^62", 1, 2**62)
    planned = circuit._plan_anew((precision_name(number), kernels, every), number)
    circuit._plans[key] = planned
    return planned


class Condition:
    """What `Circuit.condition` gives to ``with``."""

    def __init__(self, circuit: Circuit, first: int, count: int, value: int) -> None:
        self._circuit = circuit
        self._arguments = first, count, value

    def __enter__(self) -> Circuit:
        circuit = self._circuit
        if circuit._conditional:
            raise failed("RANGE", "condition", "2 at once", "1", "a condition inside a condition")
        circuit._operate("condition", *self._arguments)
        circuit._conditional = True
        return circuit

    def __exit__(self, *exception: object) -> None:
        self._circuit._conditional = False
        self._circuit._operate("condition", 0, 0, 0, check=False)


def _gate_number(gate: object) -> int:
    if not isinstance(gate, str):
        return whole("gate", gate, "the numbers of gates")
    number = circuits.gate_number(gate)
    if number < 0:
        allowed = "the names of Circuit's gate methods"
        raise failed("GATE", "gate", repr(gate), allowed, "unknown gate")
    return number
