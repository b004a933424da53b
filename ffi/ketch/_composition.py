"""Circuits as sequences of instructions, put together and taken apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import index as exact
from typing import TYPE_CHECKING, overload

from ._arguments import Qubits, indices, plain, sequence, whole
from ._depth import depth
from ._errors import failed, wrong_type
from ._instructions import Instruction, each
from ._native import circuits
from ._native.handles import CircuitHandle
from ._operation import with_bits, with_qubits
from ._reading import read_records, read_shape
from ._unitaries import Unitaries

if TYPE_CHECKING:
    from typing_extensions import Self


class Composition(Unitaries):
    """The methods that look at instructions and make circuits of circuits."""

    # ---- instructions

    def __len__(self) -> int:
        """How many instructions it has: `steps`, barriers and fences."""
        return len(self._instructions())

    def __bool__(self) -> bool:
        """Always true, without instructions too."""
        return True

    def __iter__(self) -> Iterator[Instruction]:
        """The instructions that there are now, in order."""
        return each(self._instructions())

    @overload
    def __getitem__(self, index: int) -> Instruction: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Instruction | Self:
        """An instruction; of a slice, a circuit of the same qubits, bits and parameters."""
        instructions = self._instructions()
        count = len(instructions)
        if isinstance(index, slice):
            return self._slice(range(count)[index])
        place = exact(index)
        if not -count <= place < count:
            allowed = f"{-count}..{count - 1}" if count else "none: the circuit is empty"
            raise failed("INDEX", "index", place, allowed, "no such instruction")
        return Instruction(instructions, place % count)

    def depth(self) -> int:
        """Count the instructions on the longest path: each comes after those before it on its
        qubits, on the bits it writes, and on the bits of its condition. Barriers and fences order
        instructions and are not counted.

        Returns
        -------
        int

        Examples
        --------
        >>> ketch.Circuit(3).h([0, 1, 2]).cx(0, 1).cx(1, 2).depth()
        3
        """
        return depth(self._instructions(), self._bits)

    def count_ops(self) -> dict[str, int]:
        """Count the instructions of each name.

        Returns
        -------
        dict
            From names to numbers, the largest first.

        Examples
        --------
        >>> ketch.Circuit(3).h([0, 1, 2]).cx(0, 1).barrier().count_ops()
        {'h': 3, 'barrier': 1, 'cx': 1}
        """
        return self._instructions().counts()

    def __eq__(self, other: object) -> bool:
        """Whether both have the same instructions on as many qubits and bits, and parameters of the
        same names. Names of registers do not count."""
        if not isinstance(other, Composition):
            return NotImplemented
        if list(self._parameters) != list(other._parameters):
            return False
        return self is other or circuits.equal(self._build(), other._build())

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> Self:
        """Copy the circuit.

        Returns
        -------
        Circuit
            A circuit of its own that begins as this one.
        """
        circuit = type(self).__new__(type(self))
        circuit.__dict__.update(self.__dict__)
        circuit._record(self._qubits, self._gates[:], self._wires[:], self._angles[:])
        circuit._operations, circuit._registers = [*self._operations], [*self._registers]
        circuit._parameters = dict(self._parameters)
        circuit._qubit_registers = [*self._qubit_registers]
        circuit._indexed, circuit._plans = None, dict(self._plans)
        return circuit

    # ---- putting together

    def append(
        self,
        other: Self | Instruction,
        qubits: Qubits | None = None,
        bits: Qubits | None = None,
    ) -> Self:
        """Add all instructions of a circuit, or one instruction.

        Parameters with the name of one that is there are the same. Registers are not added.

        Parameters
        ----------
        other : Circuit or Instruction
            What is added; this circuit itself too.
        qubits : int or sequence of int, optional
            Where the qubits of `other` go: qubit i of a circuit to qubits[i]; of an instruction,
            its own qubits in order, then those of its `controls`. None: each to the same.
        bits : int or sequence of int, optional
            The same for classical bits. Bits of a condition in a circuit must stay neighbours in
            order; the condition of an instruction stays as it is.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        RangeError
            For a wrong number of qubits or bits, one twice, or a condition inside a condition.
        BadIndexError
            For qubits or bits that there are not. Nothing is added then.

        Examples
        --------
        >>> bell = ketch.Circuit(2).h(0).cx(0, 1)
        >>> ketch.Circuit(4).append(bell, [2, 3]).append(bell[0], 1)
        Circuit(4 qubits, 0 bits, 3 steps)
        """
        wires = None if qubits is None else self._at("qubit", sequence(qubits))
        places = None if bits is None else indices("bit", sequence(bits), self._bits)
        if isinstance(other, Instruction):
            return self._append_instruction(other, wires, places)
        if not isinstance(other, Composition):
            raise wrong_type("other", other, "Circuit or Instruction")
        _check_count("qubits", wires, other._qubits)
        _check_count("bits", places, other._bits)
        source = other._build()

        def add(circuit: CircuitHandle) -> None:
            circuits.append(circuit, source, wires, places)

        return self._take_in(add, other.parameters)

    def compose(
        self,
        other: Self | Instruction,
        qubits: Qubits | None = None,
        bits: Qubits | None = None,
    ) -> Self:
        """Make a circuit of this one and another one after it.

        Parameters
        ----------
        other, qubits, bits
            As for `append`.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        RangeError, BadIndexError
            As `append`.

        Examples
        --------
        >>> ketch.Circuit(2).h(0).compose(ketch.Circuit(1).x(0), [1])
        Circuit(2 qubits, 0 bits, 2 steps)
        """
        return self.copy().append(other, qubits, bits)

    def __add__(self, other: Self) -> Self:
        """A new circuit: the other one after this one, on as many qubits and bits."""
        if not isinstance(other, Composition):
            return NotImplemented
        sizes = [f"{c._qubits} qubits and {c._bits} bits" for c in (self, other)]
        if sizes[0] != sizes[1]:
            what = "circuits of different sizes: compose takes qubits and bits"
            raise failed("MISMATCH", "other", sizes[1], sizes[0], what)
        return self.compose(other)

    # ---- transformations

    def inverse(self) -> Self:
        """Make the circuit that undoes this one.

        Returns
        -------
        Circuit
            The inverse gates in reverse order; parameters stay.

        Raises
        ------
        GateError
            For a measurement, a reset or a condition.

        Examples
        --------
        >>> [each.name for each in ketch.Circuit(2).s(0).cx(0, 1).inverse()]
        ['cx', 'sdg']
        """
        return self._transformed(circuits.inverse)

    def power(self, exponent: int) -> Self:
        """Make the circuit that is this one `exponent` times.

        Parameters
        ----------
        exponent : int
            Negative: the inverse so many times; 0: no instructions.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        GateError
            For a measurement, a reset or a condition.
        RangeError, OutOfMemoryError
            For more instructions than a circuit can have.

        Examples
        --------
        >>> ketch.Circuit(1).t(0).power(-3) == ketch.Circuit(1).tdg([0, 0, 0])
        True
        """
        times = whole("exponent", exponent, "-2^63..2^63 - 1", -(2**63), 2**63)
        return self._transformed(lambda place, source: circuits.power(place, source, times))

    def repeat(self, count: int) -> Self:
        """Make the circuit that does this one `count` times, measurements too.

        Parameters
        ----------
        count : int
            0: no instructions.

        Returns
        -------
        Circuit
            A new circuit.

        Raises
        ------
        RangeError, OutOfMemoryError
            For a negative count, or more instructions than a circuit can have.

        Examples
        --------
        >>> ketch.Circuit(1, 1).h(0).measure(0, 0).repeat(2)
        Circuit(1 qubits, 1 bits, 4 steps)
        """
        times = whole("count", count, "0..2^64 - 1", 0, 2**64)
        return self._transformed(lambda place, source: circuits.repeat(place, source, times))

    def control(self, n: int = 1, values: Qubits | None = None) -> Self:
        """Make the circuit that acts where further qubits have given values.

        Parameters
        ----------
        n : int
            How many controls; they are qubits 0..n-1 of the new circuit, and qubit i of this one is
            its qubit n + i.
        values : int or sequence of int, optional
            What they must be: a number whose bit i, or a sequence whose item i, is that of control
            i. None: all 1.

        Returns
        -------
        Circuit
            A new circuit. A global phase becomes a phase of the controls.

        Raises
        ------
        GateError
            For a measurement, a reset or a condition.
        RangeError
            For more qubits than a circuit can have, or values of a wrong number.

        Examples
        --------
        >>> ketch.Circuit(1).h(0).control(2, values=0b01)[0]
        Instruction('h', qubits=(2,), controls={0: 1, 1: 0})
        """
        count = whole("n", n, f"0..{circuits.QUBITS_MAX}")
        wanted = _control_values(count, values)
        return self._transformed(
            lambda place, source: circuits.control(place, source, count, wanted)
        )

    # ---- inside

    @classmethod
    def _of(cls, circuit: CircuitHandle, names: Sequence[str]) -> Self:
        """A circuit with all that a C circuit has. names: of its parameters."""
        made = cls.__new__(cls)
        read_shape(made, circuit, names)
        read_records(made, circuit, range(len(names)))
        return made

    def _transformed(self, make: Callable[[CircuitHandle, CircuitHandle], None]) -> Self:
        """What C makes of it."""
        place = circuits.new_place()
        make(place, self._build())
        return self._of(place, self.parameters)

    def _append_instruction(
        self, instruction: Instruction, wires: list[int] | None, places: list[int] | None
    ) -> Self:
        operation, names = instruction._alone()
        if wires is not None:
            _check_count("qubits", wires, len(instruction.qubits) + len(instruction.controls))
            operation = with_qubits(operation, wires)
        if places is not None:
            _check_count("bits", places, len(instruction.bits))
            operation = with_bits(operation, places)
        condition = instruction.condition

        def add(circuit: CircuitHandle) -> None:
            if condition:
                circuits.add_operation(circuit, "condition", condition)
            circuits.add_operation(circuit, operation.name, operation.arguments)

        return self._take_in(add, names)

    # ---- slices

    def _slice(self, indices: range) -> Self:
        """A circuit of the same shape with these instructions."""
        made = self._like()
        if indices.step == 1:
            self._copy_part(made, indices.start, indices.stop)
        else:
            for index in indices:
                self._copy_part(made, index, index + 1)
        return made

    def _like(self) -> Self:
        """A circuit without instructions of the same qubits, registers and parameters."""
        made = type(self).__new__(type(self))
        made._begin(*self._shape)
        for operation in self._operations:
            if operation.name == "register":
                made._put_register(*operation.arguments)
            elif operation.name == "qubit_register":
                made._put_qubit_register(*operation.arguments)
        made._parameters = dict(self._parameters)
        return made

    def _copy_part(self, made: Self, begin: int, end: int) -> None:
        """Adds the instructions begin..end-1 to a circuit of the same shape, with their
        conditions."""
        if begin >= end:
            return
        own = self._instructions()
        low, high = own.starts(begin), own.starts(end)
        before = made._counts
        shift = before[0] - low[0], before[1] - low[1], before[2] - low[2]
        marks = [mark.after(shift) for mark in own.part(begin, end)]
        gates = self._gates[4 * low[0] : 4 * high[0]]
        wires = self._wires[4 * low[1] : 4 * high[1]]
        angles = self._angles[8 * low[2] : 8 * high[2]]
        made._merge(gates, wires, angles, made._operations, marks)


def _check_count(name: str, given: list[int] | None, count: int) -> None:
    if given is not None and len(given) != count:
        raise failed("ARITY", name, len(given), count, f"wrong number of {name}")


def _control_values(count: int, values: Qubits | None) -> list[int] | None:
    """What each control must be."""
    values = plain(values)
    if values is None:
        return None
    if isinstance(values, Sequence):
        _check_count("values", list(values), count)
        return [whole("values", value, "0 or 1", 0, 2) for value in values]
    number = whole("values", values, f"0..2^{count} - 1", 0, 2 ** max(count, 0))
    return [number >> i & 1 for i in range(count)]
