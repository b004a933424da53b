"""Gates that are given by numbers: matrices, permutations, multiplexers, Pauli strings, states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from ._arguments import Qubits, check_ket, complex_pairs, real, sequence, whole
from ._errors import Error, failed, out_of_range, wrong_type
from ._native import circuits
from ._native.handles import CircuitHandle
from ._operations import Controls, Operations
from ._parameter import ParameterExpression, angles, turn_of
from ._reading import read_records

if TYPE_CHECKING:
    from typing_extensions import Self


class Unitaries(Operations):
    """The methods that add them."""

    def unitary(
        self,
        matrix: Any,
        qubits: Qubits,
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
            Its 1 to 6 qubits; qubits[0] is the lowest bit of row and column.
        controls : int, sequence of int, or mapping
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
        qubits: Qubits,
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

    def permutation(self, table: Any, qubits: Qubits, *, controls: Controls = ()) -> Self:
        """Add a permutation of basis states.

        Parameters
        ----------
        table : sequence of int, 2**k
            State i goes to state table[i].
        qubits : int or sequence of int
            Its 1 to 10 qubits; qubits[0] is the lowest bit of a state's number.
        controls : int, sequence of int, or mapping
            As for `controlled`.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        RangeError
            For a table that is no permutation, or of a wrong length.
        BadIndexError
            For qubits that there are not.

        Examples
        --------
        >>> add_one = ketch.Circuit(2).permutation([1, 2, 3, 0], [0, 1])
        >>> ketch.run(add_one + add_one).state.real
        array([0., 0., 1., 0.])
        """
        wires = self._at("qubit", sequence(qubits))
        count = 2 ** min(len(wires), 62)
        given = list(sequence(table))
        if len(given) != count:
            raise failed("SHAPE", "table", len(given), f"{count} numbers", "wrong length of table")
        numbers = [whole("table", number, f"0..{count - 1}", 0, count) for number in given]
        return self._add("permutation", (wires, numbers, *self._controls(controls)))

    def multiplexer(
        self,
        matrices: Any,
        target: int,
        selects: Qubits,
        *,
        controls: Controls = (),
        tolerance: float = 1e-10,
    ) -> Self:
        """Add a choice of one-qubit matrices: other qubits select which of them acts.

        Parameters
        ----------
        matrices : array_like, shape (2**s, 2, 2)
            Unitary matrices.
        target : int
            The qubit on which they act.
        selects : int or sequence of int
            The 1 to 9 qubits that select; selects[0] is the lowest bit of a matrix's number.
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

        Examples
        --------
        >>> one, flip = [[1, 0], [0, 1]], [[0, 1], [1, 0]]
        >>> ketch.run(ketch.Circuit(2).x(1).multiplexer([one, flip], 0, 1)).state.real
        array([0., 0., 0., 1.])
        """
        wires = self._at("qubit", [target, *sequence(selects)])
        shape = 2 ** min(len(wires) - 1, 62), 2, 2
        numbers = complex_pairs("matrices", matrices, shape)
        most = _tolerance(tolerance)
        return self._add("multiplexer", (wires, numbers, most, *self._controls(controls)))

    def pauli_rotation(
        self,
        angle: float | ParameterExpression,
        letters: str,
        qubits: Qubits,
        *,
        controls: Controls = (),
    ) -> Self:
        """Add exp(-i angle/2 P) of a product P of Pauli matrices. One that has a name, such as rzz,
        is added as that gate.

        Parameters
        ----------
        angle : float or ParameterExpression
            In radians.
        letters : str
            X, Y, Z or I for each qubit, in the order of `qubits`.
        qubits : int or sequence of int
            Letter i acts on qubits[i].
        controls : int, sequence of int, or mapping
            As for `controlled`.

        Returns
        -------
        Circuit
            Itself.

        Raises
        ------
        RangeError
            For other letters, or as many as there are not qubits.
        BadIndexError
            For qubits that there are not.

        Examples
        --------
        >>> ketch.Circuit(3).pauli_rotation(0.5, "XZY", [0, 1, 2])[0]
        Instruction('pauli_rotation', angles=(0.5,), qubits=(0, 1, 2), letters=XZY)
        """
        if not isinstance(letters, str):
            raise wrong_type("letters", letters, "str")
        for letter in letters:
            if letter not in "IXYZ":
                raise out_of_range("letter", letter, "X, Y, Z or I")
        wires = self._at("qubit", sequence(qubits))
        if len(letters) != len(wires):
            allowed = f"{len(wires)}, one for each qubit"
            raise failed("SHAPE", "letters", len(letters), allowed, "wrong number of letters")
        (turn,) = angles("angle", (angle,))
        names: dict[str, int] = {}
        arguments = wires, letters, turn_of(turn, names), *self._controls(controls)
        return self._add("pauli_rotation", arguments, list(names))

    def initialize(self, state: Any, qubits: Qubits | None = None) -> Self:
        """Reset qubits and prepare a state of them.

        Parameters
        ----------
        state : array_like, shape (2**k,), or str
            Amplitudes of norm 1; or one of 0 1 + - for each qubit, the leftmost for the last one.
        qubits : int or sequence of int, optional
            Which; qubits[0] is the lowest bit of the index. At most 10 for amplitudes. None: all.

        Returns
        -------
        Circuit
            Itself: with resets, which cost nothing where a circuit begins with them, and for
            amplitudes multiplexers.

        Raises
        ------
        RangeError
            For amplitudes that are no state, of a wrong number, or other characters.
        BadIndexError
            For qubits that there are not.

        Examples
        --------
        >>> ketch.run(ketch.Circuit(2).initialize([0.6, 0, 0, 0.8])).state.real.round(12)
        array([0.6, 0. , 0. , 0.8])
        """
        chosen = range(self._qubits) if qubits is None else sequence(qubits)
        wires = self._at("qubit", chosen)
        if isinstance(state, str):
            _check_ket(state, len(wires))
            return self._take_in(lambda circuit: circuits.initialize_ket(circuit, wires, state))
        pairs = complex_pairs("state", state, (2 ** min(len(wires), 62),))
        return self._take_in(lambda circuit: circuits.initialize(circuit, wires, pairs))

    # ---- inside

    def _matrix(
        self,
        kind: str,
        axes: int,
        values: Any,
        qubits: Qubits,
        controls: Controls,
        tolerance: float,
    ) -> Self:
        wires = self._at("qubit", sequence(qubits))
        name = "matrix" if kind == "unitary" else kind
        numbers = complex_pairs(name, values, (2 ** min(len(wires), 62),) * axes)
        most = _tolerance(tolerance)
        return self._operate(kind, wires, numbers, most, *self._controls(controls))

    def _add(self, name: str, arguments: tuple[Any, ...], names: Sequence[str] = ()) -> Self:
        """Adds an operation, which C may record as other gates. names: of its parameters."""
        return self._take_in(
            lambda circuit: circuits.add_operation(circuit, name, arguments), names
        )

    def _take_in(self, add: Callable[[CircuitHandle], None], names: Sequence[str] = ()) -> Self:
        """Records what a function adds to a C circuit of the same size, all or nothing. Its
        parameters have these names."""
        part = self._checked(add, len(names))
        fresh = [name for name in names if name not in self._parameters]
        numbers = self._parameters
        if fresh:
            numbers = numbers | {name: i for i, name in enumerate(fresh, len(numbers))}
        made = type(self).__new__(type(self))
        made._begin(self._qubits, self._bits)
        read_records(made, part, [numbers[name] for name in names])
        conditions = any(operation.name == "condition" for operation in made._operations)
        if conditions and self._conditional:
            raise failed("RANGE", "condition", "2 at once", "1", "a condition inside a condition")
        before = self._counts
        added = [operation.after(before) for operation in made._operations]
        self._parameters = numbers
        return self._merge(made._gates, made._wires, made._angles, self._operations, added)

    def _checked(self, add: Callable[[CircuitHandle], None], parameters: int) -> CircuitHandle:
        """An empty C circuit of the same size with what the function adds. Where that is refused,
        the circuit itself refuses it, so that the text names the gate's number."""
        part = circuits.create(self._qubits, self._bits)
        circuits.add_parameters(part, parameters)
        try:
            add(part)
            return part
        except Error:
            pass
        whole = self._build()
        circuits.add_parameters(whole, parameters)
        add(whole)
        raise RuntimeError("what a circuit took, an empty one refused")


def _check_ket(ket: str, count: int) -> None:
    """Refuses what is no ket of so many qubits."""
    if len(check_ket("state", ket)) != count:
        raise failed("SHAPE", "state", len(ket), f"{count} characters", "wrong length of a ket")


def _tolerance(tolerance: float) -> float:
    most = real("tolerance", tolerance)
    if not 0.0 < most < inf:
        raise out_of_range("tolerance", tolerance, "a finite number above 0")
    return most
