"""The fluent register: gates are recorded, and run in one call when someone looks."""

from __future__ import annotations

import threading
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from ._arguments import indices, whole
from ._circuit import Circuit
from ._engine import seed_number
from ._errors import failed, out_of_range, wrong_type
from ._pool import pool
from ._state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy
    from numpy.typing import NDArray

    from ._engine import Engine

TERMS_MAX = 64  # terms in the text of a register
SMALL = 1e-8  # amplitudes and parts of them below it are not shown
CLOSE = 1e-5  # isclose's tolerance
ZERO = 1e-10  # norms up to it are no state's


class ket:
    """A register of qubits, from a string of 0 1 + - with the highest qubit leftmost.

    Gates act in place and return the register, so that calls chain. They are recorded, and run when
    an amplitude, a text or a measurement is asked for. One register may be used from several
    threads: each call holds its lock. seed makes measurements repeatable.
    """

    def __init__(self, s: str = "0", *, seed: int | None = None) -> None:
        if not isinstance(s, str):
            raise wrong_type("s", s, "str of 0 1 + -")
        for position, character in enumerate(s):
            if character not in "01+-":
                given = f"{character!r} at position {position}"
                raise out_of_range("ket character", given, "0 1 + -")
        if not s:
            raise out_of_range("ket", s, "one of 0 1 + - a qubit, at least one")
        self._set(Circuit(len(s)), s, seed)

    def _set(self, circuit: Circuit, start: str | State, seed: int | None) -> None:
        self._circuit = circuit
        self._start = start
        self._seed = seed_number(seed)
        self._measured = 0
        self._lock = threading.RLock()

    @classmethod
    def _from(cls, amplitudes: NDArray[Any], seed: int | None = None) -> ket:
        """A register with these amplitudes, normalised."""
        with pool().engine() as engine:
            state = engine.state(amplitudes.size.bit_length() - 1)
        state.set_amplitudes(amplitudes, normalise=True)
        register = cls.__new__(cls)
        register._set(Circuit(state.qubits), state, seed)
        return register

    def _state(self, engine: Engine) -> State:
        """The state with all gates done; under the lock."""
        if isinstance(self._start, str):
            self._start = engine.state(self._start)
        if len(self._circuit):
            circuit, self._circuit = self._circuit, Circuit(self._circuit.qubits)
            try:
                engine.apply(circuit, self._start)
            except BaseException:
                self._circuit = circuit
                raise
        return self._start

    # ---- gates

    def X(self, qubit: int) -> ket:
        """Pauli X."""
        with self._lock:
            self._circuit.x(qubit)
        return self

    def Y(self, qubit: int) -> ket:
        """Pauli Y."""
        with self._lock:
            self._circuit.y(qubit)
        return self

    def Z(self, qubit: int) -> ket:
        """Pauli Z."""
        with self._lock:
            self._circuit.z(qubit)
        return self

    def H(self, qubit: int) -> ket:
        """Hadamard."""
        with self._lock:
            self._circuit.h(qubit)
        return self

    def S(self, qubit: int) -> ket:
        """diag(1, i)."""
        with self._lock:
            self._circuit.s(qubit)
        return self

    def Sdg(self, qubit: int) -> ket:
        """diag(1, -i)."""
        with self._lock:
            self._circuit.sdg(qubit)
        return self

    def T(self, qubit: int) -> ket:
        """diag(1, e^(i pi/4))."""
        with self._lock:
            self._circuit.t(qubit)
        return self

    def Tdg(self, qubit: int) -> ket:
        """diag(1, e^(-i pi/4))."""
        with self._lock:
            self._circuit.tdg(qubit)
        return self

    def SX(self, qubit: int) -> ket:
        """The square root of X."""
        with self._lock:
            self._circuit.sx(qubit)
        return self

    def SXdg(self, qubit: int) -> ket:
        """The inverse of sx."""
        with self._lock:
            self._circuit.sxdg(qubit)
        return self

    def U(self, theta: float, phi: float, lam: float, qubit: int) -> ket:
        """The general one-qubit gate, in Qiskit's angles."""
        with self._lock:
            self._circuit.u(theta, phi, lam, qubit)
        return self

    def P(self, lam: float, qubit: int) -> ket:
        """diag(1, e^(i lam))."""
        with self._lock:
            self._circuit.p(lam, qubit)
        return self

    def RX(self, theta: float, qubit: int) -> ket:
        """exp(-i theta X/2)."""
        with self._lock:
            self._circuit.rx(theta, qubit)
        return self

    def RY(self, theta: float, qubit: int) -> ket:
        """exp(-i theta Y/2)."""
        with self._lock:
            self._circuit.ry(theta, qubit)
        return self

    def RZ(self, theta: float, qubit: int) -> ket:
        """exp(-i theta Z/2)."""
        with self._lock:
            self._circuit.rz(theta, qubit)
        return self

    def CX(self, control: int, target: int) -> ket:
        """Controlled X."""
        with self._lock:
            self._circuit.cx(control, target)
        return self

    CNOT = CX

    def CY(self, control: int, target: int) -> ket:
        """Controlled Y."""
        with self._lock:
            self._circuit.cy(control, target)
        return self

    def CZ(self, control: int, target: int) -> ket:
        """Controlled Z."""
        with self._lock:
            self._circuit.cz(control, target)
        return self

    CPHASE = CZ

    def CH(self, control: int, target: int) -> ket:
        """Controlled Hadamard."""
        with self._lock:
            self._circuit.ch(control, target)
        return self

    def CS(self, control: int, target: int) -> ket:
        """Controlled s."""
        with self._lock:
            self._circuit.cs(control, target)
        return self

    def CSX(self, control: int, target: int) -> ket:
        """Controlled sx."""
        with self._lock:
            self._circuit.csx(control, target)
        return self

    def CRX(self, theta: float, control: int, target: int) -> ket:
        """Controlled rx."""
        with self._lock:
            self._circuit.crx(theta, control, target)
        return self

    def CRY(self, theta: float, control: int, target: int) -> ket:
        """Controlled ry."""
        with self._lock:
            self._circuit.cry(theta, control, target)
        return self

    def CRZ(self, theta: float, control: int, target: int) -> ket:
        """Controlled rz."""
        with self._lock:
            self._circuit.crz(theta, control, target)
        return self

    def CP(self, lam: float, control: int, target: int) -> ket:
        """Controlled p."""
        with self._lock:
            self._circuit.cp(lam, control, target)
        return self

    def CU(
        self, theta: float, phi: float, lam: float, gamma: float, control: int, target: int
    ) -> ket:
        """Controlled e^(i gamma) u(theta, phi, lam)."""
        with self._lock:
            self._circuit.cu(theta, phi, lam, gamma, control, target)
        return self

    def SWAP(self, a: int, b: int) -> ket:
        """Exchanges two qubits."""
        with self._lock:
            self._circuit.swap(a, b)
        return self

    def CSWAP(self, control: int, a: int, b: int) -> ket:
        """Controlled swap."""
        with self._lock:
            self._circuit.cswap(control, a, b)
        return self

    def ISWAP(self, a: int, b: int) -> ket:
        """Swap with a factor i on |01> and |10>."""
        with self._lock:
            self._circuit.iswap(a, b)
        return self

    def CCX(self, control1: int, control2: int, target: int) -> ket:
        """X under two controls."""
        with self._lock:
            self._circuit.ccx(control1, control2, target)
        return self

    def CCZ(self, control1: int, control2: int, target: int) -> ket:
        """Z under two controls."""
        with self._lock:
            self._circuit.ccz(control1, control2, target)
        return self

    def RXX(self, theta: float, a: int, b: int) -> ket:
        """exp(-i theta XX/2)."""
        with self._lock:
            self._circuit.rxx(theta, a, b)
        return self

    def RYY(self, theta: float, a: int, b: int) -> ket:
        """exp(-i theta YY/2)."""
        with self._lock:
            self._circuit.ryy(theta, a, b)
        return self

    def RZZ(self, theta: float, a: int, b: int) -> ket:
        """exp(-i theta ZZ/2)."""
        with self._lock:
            self._circuit.rzz(theta, a, b)
        return self

    def RZX(self, theta: float, a: int, b: int) -> ket:
        """exp(-i theta ZX/2): Z on a, X on b."""
        with self._lock:
            self._circuit.rzx(theta, a, b)
        return self

    def ECR(self, a: int, b: int) -> ket:
        """The echoed cross resonance gate."""
        with self._lock:
            self._circuit.ecr(a, b)
        return self

    # ---- looking

    @property
    def n(self) -> int:
        """How many qubits it has."""
        return self._circuit.qubits

    @property
    def amplitudes(self) -> NDArray[numpy.complexfloating[Any, Any]]:
        """The amplitudes, read-only and without a copy; an array taken once never changes."""
        with self._lock, pool().engine() as engine:
            return self._state(engine).amplitudes()

    @property
    def norm(self) -> float:
        """The L2 norm."""
        with self._lock, pool().engine() as engine:
            return self._state(engine).norm()

    def M(self, i: int, ntimes: int = 1) -> list[int]:
        """Measures qubit i, which collapses the register: a list of 0 or 1. The outcomes after the
        first repeat it."""
        (qubit,) = indices("qubit", (i,), self.n)
        if not 0 <= qubit < self.n:
            self._circuit.copy().x(qubit)  # raises, and says the range
        times = whole("ntimes", ntimes, "1..2^31 - 1", 1)
        with self._lock, pool().engine() as engine:
            state = self._state(engine)
            outcome = state.measure(qubit, self._seed, count=self._measured)
            self._measured += 1
        return [outcome] * times

    def isclose(self, other: ket | list[float] | list[complex]) -> bool:
        """Whether every amplitude is within 1e-5 of the other's; no tolerance for a global
        phase."""
        import numpy

        if isinstance(other, ket):
            theirs: NDArray[Any] = other.amplitudes
        elif isinstance(other, list | tuple | numpy.ndarray):
            theirs = numpy.asarray(other)
        else:
            raise wrong_type("other", other, "ket or a list of numbers")
        if theirs.dtype.kind not in "iufc":
            raise wrong_type("other", theirs.flat[0], "ket or a list of numbers")
        mine = self.amplitudes
        return theirs.shape == mine.shape and bool((abs(mine - theirs) <= CLOSE).all())

    def __add__(self, other: ket) -> ket:
        return self._combine(other, 1)

    def __sub__(self, other: ket) -> ket:
        return self._combine(other, -1)

    def __mul__(self, other: ket) -> ket:
        """The tensor product; this register gets the higher qubits."""
        import numpy

        if not isinstance(other, ket):
            return NotImplemented
        return ket._from(numpy.kron(self.amplitudes, other.amplitudes))

    def _combine(self, other: ket, sign: int) -> ket:
        if not isinstance(other, ket):
            return NotImplemented
        if self.n != other.n:
            raise failed("MISMATCH", "other", other.n, self.n, "registers of different size")
        sum_ = (self.amplitudes + sign * other.amplitudes) / 2**0.5
        norm = float((abs(sum_) ** 2).sum() ** 0.5)
        if norm <= ZERO:
            raise failed("NORM", "other", f"norm {norm!r}", f"above {ZERO!r}", "the result is zero")
        return ket._from(sum_)

    # ---- text

    def terms(self, limit: int | None = None) -> list[str]:
        """The terms of the text form: `coefficient|bits>` for every amplitude above 1e-8, in the
        order of the index; at most limit of them."""
        most = None if limit is None else whole("limit", limit, "0..2^31 - 1", 0)
        amplitudes = self.amplitudes
        return list(islice(self._texts(amplitudes, _shown(amplitudes)), most))

    def __str__(self) -> str:
        amplitudes = self.amplitudes
        shown = _shown(amplitudes)
        words = list(islice(self._texts(amplitudes, shown), TERMS_MAX))
        rest = len(shown) - len(words)
        return " ".join([*words, f"... and {rest} more terms"] if rest else words)

    __repr__ = __str__

    def _texts(self, amplitudes: NDArray[Any], shown: NDArray[Any]) -> Iterator[str]:
        for index in shown:
            yield f"{_coefficient(complex(amplitudes[index]))}|{int(index):0{self.n}b}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ket cannot be pickled: pickle its amplitudes, or a Circuit")


def _shown(amplitudes: NDArray[Any]) -> NDArray[Any]:
    """The indices of the amplitudes that the text form shows."""
    import numpy

    return numpy.flatnonzero(abs(amplitudes) > SMALL)


def _coefficient(value: complex) -> str:
    if abs(value.imag) < SMALL:
        return _decimal(value.real)
    sign = "-" if value.imag < 0 else "+"
    return f"{_decimal(value.real)}{sign}{_decimal(abs(value.imag))}i"


def _decimal(value: float) -> str:
    """15 significant digits, always with a decimal point."""
    text = f"{value if abs(value) >= SMALL else 0.0:.15g}"
    digits, exponent, power = text.partition("e")
    return text if "." in text else f"{digits}.0{exponent}{power}"
