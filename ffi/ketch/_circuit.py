"""Circuits: what the caller adds is recorded in Python and handed to C when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from . import _drawing, _source, _stored
from ._arguments import whole
from ._composition import Composition
from ._costs import costs_choice
from ._errors import Error, out_of_range, wrong_type
from ._native import circuits, programs
from ._native.circuits import RANDOMNESS
from ._operation import NO_STEPS
from ._parameter import Values, some_numbers_of
from ._planned import Planned
from ._precision import precision_name, precision_number
from ._recording import bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from typing_extensions import Self

    from ._costs import CostsLike
    from ._native.circuits import Draft

# Texts of included files: by name, or a function of the name that gives None for what it lacks.
Includes: TypeAlias = Mapping[str, str | bytes] | Callable[[str], str | bytes | None]


class Circuit(Composition):
    """Gates in source order on qubits and classical bits.

    Every method that adds something returns the circuit, so that calls chain, and adds all of it or
    nothing. A circuit may be read and run from several threads at once, and added to from one. It
    pickles as a description that later versions can read.

    Parameters
    ----------
    qubits : int or mapping
        How many qubits, from 1 to 58; or the names of registers and how many qubits each has.
    bits : int or mapping
        How many classical bits, which form a register "c"; or the names of registers and how many
        bits each has.

    Raises
    ------
    RangeError
        For numbers outside these limits.

    Examples
    --------
    >>> circuit = ketch.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
    >>> circuit
    Circuit(2 qubits, 2 bits, 4 steps)
    >>> [instruction.name for instruction in circuit]
    ['h', 'cx', 'measure', 'measure']
    >>> sorted(ketch.run(circuit, shots=100, seed=7).counts)
    ['00', '11']
    >>> ketch.Circuit({"data": 2, "flag": 1}, {"out": 2}).qubit_registers
    {'data': range(0, 2), 'flag': range(2, 3)}
    """

    def __init__(self, qubits: int | Mapping[str, int], bits: int | Mapping[str, int] = 0) -> None:
        if (
            type(qubits) is int is type(bits)
            and 0 < qubits <= circuits.QUBITS_MAX
            and 0 <= bits <= circuits.BITS_MAX
        ):
            self._begin(qubits, bits)
        else:
            self._begin_named(qubits, bits)

    def _begin_named(self, qubits: int | Mapping[str, int], bits: int | Mapping[str, int]) -> None:
        """As the constructor, for all arguments."""
        count = _total("qubits", qubits, f"1..{circuits.QUBITS_MAX} (the index width)")
        total = _total("bits", bits, f"0..{circuits.BITS_MAX}")
        circuits.create(count, total)  # raises where there are too many, and says why
        self._begin(count, 0 if isinstance(bits, Mapping) else total)
        for name, size in qubits.items() if isinstance(qubits, Mapping) else ():
            self._add_qubit_register(name, size)
        for name, size in bits.items() if isinstance(bits, Mapping) else ():
            self.add_register(name, size)

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
            for a file it does not have. "qelib1.inc" is built in. No file is read for a text.
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
        source = text.encode() if isinstance(text, str) else text
        return cls._parsed(source, _source.finder(includes), limit, text_limit)

    @classmethod
    def from_qasm_file(
        cls,
        path: str | PathLike[str],
        *,
        includes: Includes | None = None,
        include_path: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
        limit: int | None = None,
        text_limit: int | None = None,
    ) -> Self:
        """Read an OpenQASM 2 file; messages of errors begin with its name.

        Files that it includes are read from its own folder, then from those of `include_path`. The
        names are relative, in included files too. What lies outside these folders once links are
        resolved is refused.

        Parameters
        ----------
        path : str or path
            The file; no pipe and no device.
        includes : mapping or callable, optional
            As for `from_qasm`; asked before the folders.
        include_path : str, path or sequence of these
            Further folders, in the order in which they are searched.
        limit, text_limit
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
        size = _source.check_limit(text_limit)
        source = _source.read(path, size)
        files = _source.Files(path, include_path, _source.finder(includes), size)
        failure: Error
        try:
            return cls._parsed(source, files.find, limit, text_limit)
        except Error as error:
            failure = files.told(error)
        raise failure

    @classmethod
    def _parsed(
        cls,
        source: bytes,
        find: _source.Finder | None,
        limit: int | None,
        text_limit: int | None,
    ) -> Self:
        most = 0 if limit is None else whole("limit", limit, "1..2^63, or None", 1, 2**63)
        return cls._of(circuits.parse(source, find, most, _source.check_limit(text_limit)), ())

    def to_qasm(self) -> str:
        """Write the circuit as an OpenQASM 2 text.

        Returns
        -------
        str
            A text that `from_qasm` reads as an equal circuit: numbers are exact.

        Raises
        ------
        GateError
            For what such a text cannot say, with its number: matrices, further controls that make
            no named gate, open parameters, conditions on anything but a whole register, fences.

        Examples
        --------
        >>> print(ketch.Circuit(2, 2).h(0).cx(0, 1).measure(0, 0).to_qasm())
        OPENQASM 2.0;
        include "qelib1.inc";
        qreg q[2];
        creg c[2];
        h q[0];
        cx q[0],q[1];
        measure q[0] -> c[0];
        <BLANKLINE>
        """
        return circuits.qasm(self._build())

    # ---- pictures

    @overload
    def draw(
        self,
        output: Literal["text"] | None = None,
        *,
        width: int | None = None,
        ascii: bool = False,
    ) -> str: ...
    @overload
    def draw(
        self, output: Literal["mpl"], *, width: int | None = None, ax: Axes | None = None
    ) -> Figure: ...
    def draw(
        self,
        output: Literal["text", "mpl"] | None = None,
        *,
        width: int | None = None,
        ascii: bool = False,
        ax: Axes | None = None,
    ) -> str | Figure | SubFigure:
        """Draw the circuit.

        Parameters
        ----------
        output : str, optional
            "mpl" for a picture by matplotlib. None or "text": in characters.
        width : int, optional
            Columns of characters, or of gates where matplotlib draws; a wider circuit is folded.
            0: not folded. None: as wide as the terminal; 25 gates.
        ascii : bool
            Nothing but ASCII. Where standard output cannot show other characters it is always so.
        ax : matplotlib.axes.Axes, optional
            Where matplotlib draws. None: in a new figure.

        Returns
        -------
        str or matplotlib.figure.Figure
            An interactive session shows the picture.

        Raises
        ------
        RangeError
            For another output, or a width that is not allowed.
        ImportError
            Where matplotlib is not installed: ``pip install ketch[plot]``.
        """
        if output == "mpl":
            from . import _draw_mpl

            return _draw_mpl.draw(self, fold=width, ax=ax)
        if output not in (None, "text"):
            raise out_of_range("output", output, "text, mpl or None")
        columns = _drawing.columns(width)
        plain = bool(ascii) or not _drawing.shows_boxes()
        return _drawing.Drawing(circuits.draw(self._build(), columns, plain, self.parameters))

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
    def steps(self) -> int:
        """How many gates, measurements and resets it has, which is what progress counts."""
        others = sum(operation.name not in NO_STEPS for operation in self._operations)
        return self._counts[0] + others

    def __repr__(self) -> str:
        return f"Circuit({self._qubits} qubits, {self._bits} bits, {self.steps} steps)"

    def _repr_html_(self) -> str:
        """For notebooks: the drawing, not folded; of long circuits the first instructions."""
        from . import _html

        drawn = self if len(self) <= _html.DRAWN_MAX else self[: _html.DRAWN_MAX]
        rest = len(self) - len(drawn)
        more = [_html.note(f"and {rest} more instructions")] if rest else []
        return "".join([_html.drawing(drawn.draw(width=0)), *more])

    # ---- copies

    def bind(self, values: Values) -> Self:
        """Put numbers in place of parameters: of all, or of some, while the others stay open.

        The new circuit is planned anew. For many values, run or prepare this one, and give the
        values to the runs: that plans once.

        Parameters
        ----------
        values : mapping, sequence of float or float
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
        text = stored.get("text")  # what a circuit began with in the first form
        if text:
            limits = {"limit": text[2] or None, "text_limit": _source.MOST}
            began = Circuit.from_qasm(text[0], includes=text[1], **limits)
        else:
            began = Circuit(*stored["shape"][:2])
        self.__dict__.update(began.__dict__)
        self._record(began._qubits, began._gates, began._wires, began._angles)
        _stored.restore(self, stored)

    def _plan_anew(
        self, key: tuple[str, int, int | None, object], precision: int, arena: int
    ) -> Planned:
        planned: Planned | None = self._plans.get(key)
        if planned is None or planned.version != self._version:
            _, kernels, every, costs = key
            version, recorded = self._version, self._recorded()
            chosen = precision, kernels, every or 0, costs_choice(costs)
            program, randomness = programs.create(self._draft(recorded), *chosen, arena=arena)
            planned = Planned(program, randomness, version, recorded)
            keep_plan(self, key, planned)
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
        planned: Planned | None = circuit._plans.get(key)
        if planned and planned.version == len(circuit._gates) + len(circuit._operations):
            return planned
    except TypeError:  # not hashable, and refused below
        pass
    number = precision_number(precision)
    every = hook_every
    if every is not None:
        every = whole("hook_every", every, "1..2^62, or None", 1, 2**62)
    costs_choice(costs)  # refuses what cannot be a key
    planned = circuit._plan_anew((precision_name(number), kernels, every, costs), number, arena)
    circuit._plans[key] = planned
    return planned


def begin_plan(circuit: Circuit) -> tuple[Planned, Draft]:
    """A circuit as it stands, with an empty place for the program, and the C circuit to plan."""
    version, recorded = circuit._version, circuit._recorded()
    draft = circuit._draft(recorded)
    draft.whole()
    return Planned(programs.new_place(), RANDOMNESS[0], version, recorded), draft


def keep_plan(circuit: Circuit, key: tuple[str, int, int | None, object], planned: Planned) -> None:
    """Keeps a program for the circuit's next run. key: precision, kernel set, steps between fences,
    costs."""
    if len(circuit._plans) >= 16:
        circuit._plans.clear()
    circuit._plans[key] = planned


def _total(name: str, given: int | Mapping[str, int], allowed: str) -> int:
    """How many qubits or bits: a number, or sizes of registers by their names."""
    if not isinstance(given, Mapping):
        return whole(name, given, allowed)
    for register in given:
        if not isinstance(register, str):
            raise wrong_type(f"a name in {name}", register, "str")
    total = sum(whole(f"a size in {name}", size, "1..2^31 - 1", 1) for size in given.values())
    return whole(name, total, allowed)
