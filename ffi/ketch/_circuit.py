"""Circuits: what the caller adds is recorded in Python and handed to C when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeAlias

from . import _source, _stored
from ._arguments import whole
from ._costs import costs_choice
from ._errors import Error, wrong_type
from ._native import circuits, programs
from ._operations import Operations
from ._parameter import Values, some_numbers_of
from ._planned import Planned
from ._precision import precision_name, precision_number
from ._recording import bound

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._costs import CostsLike

# Texts of included files: by name, or a function of the name that gives None for what it lacks.
Includes: TypeAlias = Mapping[str, str] | Callable[[str], str | None]


class Circuit(Operations):
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
        self._begin((qubits, bits, 0), [("c", 0, bits)] if bits else [])
        self._plans: dict[tuple[object, int, int | None, object], Planned] = {}

    # ---- text

    @classmethod
    def from_qasm(
        cls,
        text: str | bytes,
        *,
        includes: Includes | None = None,
        limit: int | None = None,
        text_limit: int | None = None,
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
        text_limit : int, optional
            The most bytes that the text and all that it includes may have; 1 GiB by default.

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
        size = _source.check_limit(text_limit)
        asked: dict[str, str] = {}

        def resolve(name: str) -> bytes | None:
            found = includes.get(name) if isinstance(includes, Mapping) else includes(name)  # type: ignore[misc]
            if found is None:
                return None
            asked[name] = found
            return found.encode()

        source = text.encode() if isinstance(text, str) else text
        parsed = circuits.parse(source, resolve if includes else None, most, size)
        circuit = cls.__new__(cls)
        began = source.decode(), asked, most
        circuit._begin(circuits.shape(parsed), circuits.registers(parsed), parsed, began)
        circuit._plans = {}
        return circuit

    @classmethod
    def from_qasm_file(
        cls,
        path: str | PathLike[str],
        *,
        includes: Includes | None = None,
        limit: int | None = None,
        text_limit: int | None = None,
    ) -> Self:
        """Read an OpenQASM 2 file; messages of errors begin with its name.

        Parameters
        ----------
        path : str or path
            The file; no pipe and no device.
        includes, limit, text_limit
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
        source = _source.read(path, _source.check_limit(text_limit))
        try:
            return cls.from_qasm(source, includes=includes, limit=limit, text_limit=text_limit)
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
        circuit._record(self._qubits, self._gates[:], self._wires[:], self._angles[:])
        circuit._operations, circuit._registers = [*self._operations], [*self._registers]
        circuit._parameters = dict(self._parameters)
        circuit._plans = dict(self._plans)
        return circuit

    def bind(self, values: Values) -> Self:
        """Put numbers in place of parameters: of all, or of some, while the others stay open.

        The new circuit is planned anew. For many values, run or prepare this one, and give the
        values to the runs: that plans once.

        Parameters
        ----------
        values : mapping or sequence of float
            By the names of parameters or of vectors, or those of all in the order of `parameters`.

        Returns
        -------
        Circuit
            Its own parameters are those that stay, in the same order.

        Raises
        ------
        RangeError
            For values of other parameters, of one parameter twice, or not finite, and for a
            sequence of another length.

        Examples
        --------
        >>> a, b = ketch.Parameter("a"), ketch.Parameter("b")
        >>> circuit = ketch.Circuit(1).rx(a + 2 * b, 0).rz(a, 0)
        >>> circuit.bind({a: 0.5}).parameters
        ('b',)
        >>> circuit.bind({a: 0.5}).bind([0.25]).parameters
        ()
        """
        numbers = some_numbers_of(self.parameters, values)
        named = zip(self.parameters, numbers, strict=True)
        left = [name for name, number in named if number is None]
        numbering = [*accumulate((number is None for number in numbers), initial=0)]
        circuit = self.copy()
        circuit._operations = [bound(each, numbers, numbering) for each in self._operations]
        circuit._parameters = {name: index for index, name in enumerate(left)}
        circuit._plans = {}
        return circuit

    def __getstate__(self) -> dict[str, Any]:
        return _stored.describe(self._recorded())

    def __setstate__(self, stored: dict[str, Any]) -> None:
        _stored.check_format(stored)
        if stored["text"] is None:
            qubits, bits, _ = stored["shape"]
            began = Circuit(qubits, bits)
        else:
            source, includes, most = stored["text"]
            began = Circuit.from_qasm(
                source, includes=includes, limit=most or None, text_limit=_source.MOST
            )
        self.__dict__.update(began.__dict__)
        self._record(began._qubits, bytearray(), bytearray(), bytearray())
        _stored.restore(self, stored)

    def _plan_anew(self, key: tuple[str, int, int, object], precision: int, arena: int) -> Planned:
        planned = self._plans.get(key)
        if planned is None or planned.version != self._version:
            _, kernels, every, costs = key
            version, recorded = self._version, self._recorded()
            program, measures = programs.create(
                self._draft(recorded), precision, kernels, every, costs_choice(costs), arena=arena
            )
            planned = Planned(program, measures, version, recorded)
            if len(self._plans) >= 16:
                self._plans.clear()
            self._plans[key] = planned
        return planned


def plan(
    circuit: Circuit,
    precision: object,
    kernels: int,
    hook_every: int | None,
    arena: int,
    costs: CostsLike = None,
) -> Planned:
    """A circuit's program, made once as long as nothing is added, in the arena at that address."""
    if not isinstance(circuit, Circuit):
        raise wrong_type("circuit", circuit, "Circuit")
    key = precision, kernels, hook_every, costs
    try:
        planned = circuit._plans.get(key)
        if planned and planned.version == len(circuit._gates) + len(circuit._operations):
            return planned
    except TypeError:  # not hashable, and refused below
        pass
    number = precision_number(precision)
    every = 0 if hook_every is None else whole("hook_every", hook_every, "1..2^62", 1, 2**62)
    costs_choice(costs)  # refuses what cannot be a key
    planned = circuit._plan_anew((precision_name(number), kernels, every, costs), number, arena)
    circuit._plans[key] = planned
    return planned
