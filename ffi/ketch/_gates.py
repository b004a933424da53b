"""A method for every gate of the C table: angles (radians) first, then qubits, controls first among
them. An argument may be a sequence: then the gate is applied once for each of its elements, and
single values go with every one of them.

Recording touches only Python lists, by statements without calls between them: neither a signal nor
another thread can come between a gate and its qubits.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from . import _native

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._parameter import Parameter

Qubits: TypeAlias = "int | Sequence[int]"
Angles: TypeAlias = "float | Parameter | Sequence[float | Parameter]"
Code: TypeAlias = tuple[int]


def _code(name: str) -> Code:
    number = _native.gate_number(name)
    assert number >= 0, name
    return (number,)


_ID = _code("id")
_X = _code("x")
_Y = _code("y")
_Z = _code("z")
_H = _code("h")
_S = _code("s")
_SDG = _code("sdg")
_T = _code("t")
_TDG = _code("tdg")
_SX = _code("sx")
_SXDG = _code("sxdg")
_U0 = _code("u0")
_U1 = _code("u1")
_U2 = _code("u2")
_U3 = _code("u3")
_U = _code("u")
_P = _code("p")
_RX = _code("rx")
_RY = _code("ry")
_RZ = _code("rz")
_CX = _code("cx")
_CY = _code("cy")
_CZ = _code("cz")
_CH = _code("ch")
_CS = _code("cs")
_CSDG = _code("csdg")
_CSX = _code("csx")
_CRX = _code("crx")
_CRY = _code("cry")
_CRZ = _code("crz")
_CU1 = _code("cu1")
_CP = _code("cp")
_CU3 = _code("cu3")
_CU = _code("cu")
_SWAP = _code("swap")
_CSWAP = _code("cswap")
_ISWAP = _code("iswap")
_CCX = _code("ccx")
_CCZ = _code("ccz")
_RCCX = _code("rccx")
_RC3X = _code("rc3x")
_C3X = _code("c3x")
_C3SQRTX = _code("c3sqrtx")
_C4X = _code("c4x")
_RXX = _code("rxx")
_RYY = _code("ryy")
_RZZ = _code("rzz")
_RZX = _code("rzx")
_ECR = _code("ecr")


class Gates:
    """The gate methods of a circuit."""

    _qubits: int
    _gates: list[int]
    _wires: list[int]
    _angles: list[float]

    def _many(self, code: Code, angles: Sequence[Angles], qubits: Sequence[Qubits]) -> None:
        """One gate of any shape, or a sequence of it; refuses what is wrong."""
        raise NotImplementedError

    def _one(self, code: Code, qubit: Qubits) -> Self:
        if type(qubit) is int and 0 <= qubit < self._qubits:
            self._wires += (qubit,)
            self._gates += code
        else:
            self._many(code, (), (qubit,))
        return self

    def _turn(self, code: Code, angle: Angles, qubit: Qubits) -> Self:
        if (
            type(qubit) is int
            and 0 <= qubit < self._qubits
            and type(angle) is float
            and isfinite(angle)
        ):
            self._angles += (angle,)
            self._wires += (qubit,)
            self._gates += code
        else:
            self._many(code, (angle,), (qubit,))
        return self

    def _two(self, code: Code, a: Qubits, b: Qubits) -> Self:
        if type(a) is int and type(b) is int and 0 <= a < self._qubits > b >= 0 and a != b:
            self._wires += (a, b)
            self._gates += code
        else:
            self._many(code, (), (a, b))
        return self

    def _turn_two(self, code: Code, angle: Angles, a: Qubits, b: Qubits) -> Self:
        if (
            type(a) is type(b) is int
            and 0 <= a < self._qubits > b >= 0
            and a != b
            and type(angle) is float
            and isfinite(angle)
        ):
            self._angles += (angle,)
            self._wires += (a, b)
            self._gates += code
        else:
            self._many(code, (angle,), (a, b))
        return self

    def _three(self, code: Code, a: Qubits, b: Qubits, c: Qubits) -> Self:
        if (
            type(a) is type(b) is type(c) is int
            and 0 <= a < self._qubits > b >= 0 <= c < self._qubits
            and a != b != c != a
        ):
            self._wires += (a, b, c)
            self._gates += code
        else:
            self._many(code, (), (a, b, c))
        return self

    def _turns(self, code: Code, a: Angles, b: Angles, c: Angles, qubit: Qubits) -> Self:
        if (
            type(qubit) is int
            and 0 <= qubit < self._qubits
            and type(a) is type(b) is type(c) is float
            and isfinite(a + b + c)
        ):
            self._angles += (a, b, c)
            self._wires += (qubit,)
            self._gates += code
        else:
            self._many(code, (a, b, c), (qubit,))
        return self

    def id(self, qubit: Qubits) -> Self:
        """The identity."""
        return self._one(_ID, qubit)

    def x(self, qubit: Qubits) -> Self:
        """Pauli X."""
        return self._one(_X, qubit)

    def y(self, qubit: Qubits) -> Self:
        """Pauli Y."""
        return self._one(_Y, qubit)

    def z(self, qubit: Qubits) -> Self:
        """Pauli Z."""
        return self._one(_Z, qubit)

    def h(self, qubit: Qubits) -> Self:
        """Hadamard."""
        return self._one(_H, qubit)

    def s(self, qubit: Qubits) -> Self:
        """diag(1, i)."""
        return self._one(_S, qubit)

    def sdg(self, qubit: Qubits) -> Self:
        """diag(1, -i)."""
        return self._one(_SDG, qubit)

    def t(self, qubit: Qubits) -> Self:
        """diag(1, e^(i pi/4))."""
        return self._one(_T, qubit)

    def tdg(self, qubit: Qubits) -> Self:
        """diag(1, e^(-i pi/4))."""
        return self._one(_TDG, qubit)

    def sx(self, qubit: Qubits) -> Self:
        """The square root of X."""
        return self._one(_SX, qubit)

    def sxdg(self, qubit: Qubits) -> Self:
        """The inverse of sx."""
        return self._one(_SXDG, qubit)

    def u0(self, gamma: Angles, qubit: Qubits) -> Self:
        """The identity, for a time that simulators do not count."""
        return self._turn(_U0, gamma, qubit)

    def u1(self, lam: Angles, qubit: Qubits) -> Self:
        """diag(1, e^(i lam)); same as p."""
        return self._turn(_U1, lam, qubit)

    def u2(self, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """u(pi/2, phi, lam)."""
        self._many(_U2, (phi, lam), (qubit,))
        return self

    def u3(self, theta: Angles, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """Same as u."""
        return self._turns(_U3, theta, phi, lam, qubit)

    def u(self, theta: Angles, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """The general one-qubit gate, in Qiskit's angles."""
        return self._turns(_U, theta, phi, lam, qubit)

    def p(self, lam: Angles, qubit: Qubits) -> Self:
        """diag(1, e^(i lam))."""
        return self._turn(_P, lam, qubit)

    def rx(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta X/2)."""
        return self._turn(_RX, theta, qubit)

    def ry(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta Y/2)."""
        return self._turn(_RY, theta, qubit)

    def rz(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta Z/2)."""
        return self._turn(_RZ, theta, qubit)

    def cx(self, control: Qubits, target: Qubits) -> Self:
        """Controlled X."""
        return self._two(_CX, control, target)

    def cy(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Y."""
        return self._two(_CY, control, target)

    def cz(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Z."""
        return self._two(_CZ, control, target)

    def ch(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Hadamard."""
        return self._two(_CH, control, target)

    def cs(self, control: Qubits, target: Qubits) -> Self:
        """Controlled s."""
        return self._two(_CS, control, target)

    def csdg(self, control: Qubits, target: Qubits) -> Self:
        """Controlled sdg."""
        return self._two(_CSDG, control, target)

    def csx(self, control: Qubits, target: Qubits) -> Self:
        """Controlled sx."""
        return self._two(_CSX, control, target)

    def crx(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled rx."""
        return self._turn_two(_CRX, theta, control, target)

    def cry(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled ry."""
        return self._turn_two(_CRY, theta, control, target)

    def crz(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled rz."""
        return self._turn_two(_CRZ, theta, control, target)

    def cu1(self, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled u1; same as cp."""
        return self._turn_two(_CU1, lam, control, target)

    def cp(self, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled p."""
        return self._turn_two(_CP, lam, control, target)

    def cu3(self, theta: Angles, phi: Angles, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled u3, with Qiskit's phase."""
        self._many(_CU3, (theta, phi, lam), (control, target))
        return self

    def cu(
        self,
        theta: Angles,
        phi: Angles,
        lam: Angles,
        gamma: Angles,
        control: Qubits,
        target: Qubits,
    ) -> Self:
        """Controlled e^(i gamma) u(theta, phi, lam)."""
        self._many(_CU, (theta, phi, lam, gamma), (control, target))
        return self

    def swap(self, a: Qubits, b: Qubits) -> Self:
        """Exchanges two qubits."""
        return self._two(_SWAP, a, b)

    def cswap(self, control: Qubits, a: Qubits, b: Qubits) -> Self:
        """Controlled swap."""
        return self._three(_CSWAP, control, a, b)

    def iswap(self, a: Qubits, b: Qubits) -> Self:
        """Swap with a factor i on |01> and |10>."""
        return self._two(_ISWAP, a, b)

    def ccx(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """X under two controls."""
        return self._three(_CCX, control1, control2, target)

    def ccz(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """Z under two controls."""
        return self._three(_CCZ, control1, control2, target)

    def rccx(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """ccx up to relative phases."""
        return self._three(_RCCX, control1, control2, target)

    def rc3x(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """c3x up to relative phases."""
        self._many(_RC3X, (), (control1, control2, control3, target))
        return self

    def c3x(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """X under three controls."""
        self._many(_C3X, (), (control1, control2, control3, target))
        return self

    def c3sqrtx(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """sx under three controls."""
        self._many(_C3SQRTX, (), (control1, control2, control3, target))
        return self

    def c4x(
        self, control1: Qubits, control2: Qubits, control3: Qubits, control4: Qubits, target: Qubits
    ) -> Self:
        """X under four controls."""
        self._many(_C4X, (), (control1, control2, control3, control4, target))
        return self

    def rxx(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta XX/2)."""
        return self._turn_two(_RXX, theta, a, b)

    def ryy(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta YY/2)."""
        return self._turn_two(_RYY, theta, a, b)

    def rzz(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta ZZ/2)."""
        return self._turn_two(_RZZ, theta, a, b)

    def rzx(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta ZX/2): Z on a, X on b."""
        return self._turn_two(_RZX, theta, a, b)

    def ecr(self, a: Qubits, b: Qubits) -> Self:
        """The echoed cross resonance gate."""
        return self._two(_ECR, a, b)
