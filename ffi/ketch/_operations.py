"""What circuits take beside plain gates: controls, matrices, measurements, conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from ._arguments import Array, Qubits, indices, reals, sequence, whole
from ._errors import failed, out_of_range, short, wrong_type
from ._gate_table import CIRCUIT_ALIASES, GATES
from ._native import circuits
from ._parameter import ParameterExpression, angles
from ._places import told_by_list, told_by_method
from ._recording import Recording
from ._units import counted

if TYPE_CHECKING:
    from typing_extensions import Self

# Further controls: a qubit or qubits that must be 1, or a mapping from qubits to the value each
# must have.
Controls: TypeAlias = Qubits | Mapping[int, int]


class Operations(Recording):
    """The methods that add them to a circuit."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters, in the order in which gates first used them."""
        return tuple(self._parameters)

    @property
    def registers(self) -> dict[str, range]:
        """The classical registers in order of declaration, and the bits of each."""
        return {name: range(first, first + size) for name, first, size in self._registers}

    @property
    def qubit_registers(self) -> dict[str, range]:
        """The registers of qubits in order of declaration, and the qubits of each; empty where none
        was named."""
        return {name: range(first, first + size) for name, first, size in self._qubit_registers}

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
        arguments = name, size
        self._try(lambda circuit: circuits.add_operation(circuit, "register", arguments))
        self._put_register(name, size)
        return self

    def gates(
        self,
        gates: str | int | Sequence[str] | Sequence[int],
        qubits: Qubits,
        params: float | Sequence[float] | Array = (),
    ) -> Self:
        """Add many gates in one call.

        Parameters
        ----------
        gates : str, int or sequence of these
            Their names, or numbers as in C's enum.
        qubits : int or sequence of int
            The qubits of all of them in a row.
        params : float or sequence of float
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
        names = sequence(gates)
        table = {name: _gate_number(name) for name in dict.fromkeys(names)}
        numbers = [table[name] for name in names]
        with told_by_list():
            return self._add_gates(
                numbers, self._at("qubit", sequence(qubits)), reals("params", sequence(params))
            )

    def controlled(self, gate: str, *arguments: Any, controls: Controls) -> Self:
        """Add a gate under further controls.

        Parameters
        ----------
        gate : str
            The gate's name.
        *arguments
            Its angles and qubits, as its method takes them.
        controls : int, sequence of int, or mapping
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
        name, count = _NAMES[number], circuits.gate_shape(number)[1]
        turns = angles("angle", arguments[:count])
        qubits = self._at("qubit", arguments[count:])
        self._check_arity(number, len(turns), len(qubits))
        under = self._controls(controls)
        with told_by_method(number):
            if any(isinstance(turn, ParameterExpression) for turn in turns):
                return self._parametric(name, qubits, turns, *under)
            if not under[0]:
                return self._add_gates([number], qubits, turns)
            return self._operate("controlled", name, qubits, turns, *under)

    def mcx(self, controls: Controls, target: int) -> Self:
        """Add X under any number of controls; up to four that must be 1 make a cx, ccx, c3x or c4x.

        Parameters
        ----------
        controls : int, sequence of int, or mapping
            As for `controlled`.
        target : int

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        BadIndexError, RangeError

        Examples
        --------
        >>> [each.name for each in ketch.Circuit(6).mcx([0, 1], 2).mcx(range(5), 5)]
        ['ccx', 'x']
        """
        return self._under("x", ("x", "cx", "ccx", "c3x", "c4x"), (), controls, target)

    def mcz(self, controls: Controls, target: int) -> Self:
        """Add Z under any number of controls; up to two that must be 1 make a cz or ccz.

        Parameters
        ----------
        controls : int, sequence of int, or mapping
            As for `controlled`.
        target : int

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        BadIndexError, RangeError
        """
        return self._under("z", ("z", "cz", "ccz"), (), controls, target)

    def mcp(self, lam: float | ParameterExpression, controls: Controls, target: int) -> Self:
        """Add a phase under any number of controls; one that must be 1 makes a cp.

        Parameters
        ----------
        lam : float or Parameter
            In radians.
        controls : int, sequence of int, or mapping
            As for `controlled`.
        target : int

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        BadIndexError, RangeError
        """
        return self._under("p", ("p", "cp"), (lam,), controls, target)

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
            allowed = f"{len(wires)}, one for each qubit"
            raise failed("RANGE", "bits", len(places), allowed, "number of bits")
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
            allowed = f"at least {self._qubits}, one for each qubit, or none"
            raise failed("RANGE", "bits", self._bits, allowed, "number of bits of the circuit")
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

    def barrier(self, *qubits: Qubits) -> Self:
        """Keep gates from being merged across this point.

        Parameters
        ----------
        *qubits : int or sequence of int
            Whose gates; none given: all.

        Returns
        -------
        Circuit
            Itself.
        """
        wires = self._at("qubit", [*chain.from_iterable(map(sequence, qubits))])
        if qubits and not wires:
            return self
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

    def condition(self, bits: str | Qubits, value: int) -> Condition:
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

    def _under(
        self,
        gate: str,
        named: Sequence[str],
        turns: Sequence[float | ParameterExpression],
        controls: Controls,
        target: int,
    ) -> Self:
        """A gate under controls: as a named one, where there is one with so many."""
        wires, values = self._controls(controls)
        if len(wires) < len(named) and all(values):
            return self.controlled(named[len(wires)], *turns, *wires, target, controls=())
        return self.controlled(gate, *turns, target, controls=controls)

    def _controls(self, controls: Controls) -> tuple[list[int], list[int]]:
        """Qubits, and the value that each must have."""
        if isinstance(controls, Mapping):
            values = [whole("control value", value, "0 or 1", 0, 2) for value in controls.values()]
            return self._at("control", list(controls)), values
        wires = self._at("control", sequence(controls))
        return wires, [1] * len(wires)

    def _span(self, bits: str | Qubits) -> tuple[int, int]:
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
            allowed = f"{counted(shape[1], 'angle')}, then {counted(shape[0], 'qubit')}"
            what = f"wrong number of arguments for {_NAMES[number]}"
            raise failed("ARITY", "arguments", turns + qubits, allowed, what)


class Condition:
    """What `Circuit.condition` gives to ``with``."""

    def __init__(self, circuit: Operations, first: int, count: int, value: int) -> None:
        self._circuit = circuit
        self._arguments = first, count, value

    def __enter__(self) -> Operations:
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
    """C's number of a plain gate, of its name or its number."""
    number = _NUMBERS.get(gate) if isinstance(gate, str) else whole("gate", gate, "a gate's number")
    if number is None or number not in _NAMES:
        what = f"{gate} is no plain gate" if hasattr(Operations, str(gate)) else "unknown gate"
        raise failed("GATE", "gate", short(gate), f"the names of gate methods{_advice(gate)}", what)
    return number


def _advice(gate: object) -> str:
    from difflib import get_close_matches

    near = get_close_matches(str(gate), _NUMBERS, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


_NUMBERS = {gate.name: circuits.gate_number(gate.name) for gate in GATES}
_NAMES = {number: name for name, number in _NUMBERS.items()}
_NUMBERS |= {alias: _NUMBERS[name] for alias, name in CIRCUIT_ALIASES.items()}
