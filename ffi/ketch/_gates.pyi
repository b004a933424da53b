"""Written by ffi/gate_stubs.py from _gate_table.py."""

from typing_extensions import Self

from ._arguments import Qubits
from ._gate_methods import Angles
from ._native.circuits import Recorder

class CircuitGates(Recorder):
    def id(self, qubit: Qubits) -> Self:
        """The identity."""

    def x(self, qubit: Qubits) -> Self:
        """Pauli X."""

    def y(self, qubit: Qubits) -> Self:
        """Pauli Y."""

    def z(self, qubit: Qubits) -> Self:
        """Pauli Z."""

    def h(self, qubit: Qubits) -> Self:
        """Hadamard."""

    def s(self, qubit: Qubits) -> Self:
        """diag(1, i)."""

    def sdg(self, qubit: Qubits) -> Self:
        """diag(1, -i)."""

    def t(self, qubit: Qubits) -> Self:
        """diag(1, e^(i pi/4))."""

    def tdg(self, qubit: Qubits) -> Self:
        """diag(1, e^(-i pi/4))."""

    def sx(self, qubit: Qubits) -> Self:
        """The square root of X."""

    def sxdg(self, qubit: Qubits) -> Self:
        """The inverse of sx."""

    def u0(self, gamma: Angles, qubit: Qubits) -> Self:
        """The identity, for a time that simulators do not count."""

    def u1(self, lam: Angles, qubit: Qubits) -> Self:
        """diag(1, e^(i lam)); same as p."""

    def u2(self, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """u(pi/2, phi, lam)."""

    def u3(self, theta: Angles, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """Same as u."""

    def u(self, theta: Angles, phi: Angles, lam: Angles, qubit: Qubits) -> Self:
        """The general one-qubit gate, in Qiskit's angles."""

    def p(self, lam: Angles, qubit: Qubits) -> Self:
        """diag(1, e^(i lam))."""

    def rx(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta X/2)."""

    def ry(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta Y/2)."""

    def rz(self, theta: Angles, qubit: Qubits) -> Self:
        """exp(-i theta Z/2)."""

    def cx(self, control: Qubits, target: Qubits) -> Self:
        """Controlled X."""

    def cy(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Y."""

    def cz(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Z."""

    def ch(self, control: Qubits, target: Qubits) -> Self:
        """Controlled Hadamard."""

    def cs(self, control: Qubits, target: Qubits) -> Self:
        """Controlled s."""

    def csdg(self, control: Qubits, target: Qubits) -> Self:
        """Controlled sdg."""

    def csx(self, control: Qubits, target: Qubits) -> Self:
        """Controlled sx."""

    def crx(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled rx."""

    def cry(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled ry."""

    def crz(self, theta: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled rz."""

    def cu1(self, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled u1; same as cp."""

    def cp(self, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled p."""

    def cu3(self, theta: Angles, phi: Angles, lam: Angles, control: Qubits, target: Qubits) -> Self:
        """Controlled u3, with Qiskit's phase."""

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

    def swap(self, a: Qubits, b: Qubits) -> Self:
        """Exchanges two qubits."""

    def cswap(self, control: Qubits, a: Qubits, b: Qubits) -> Self:
        """Controlled swap."""

    def iswap(self, a: Qubits, b: Qubits) -> Self:
        """Swap with a factor i on |01> and |10>."""

    def ccx(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """X under two controls."""

    def ccz(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """Z under two controls."""

    def rccx(self, control1: Qubits, control2: Qubits, target: Qubits) -> Self:
        """ccx up to relative phases."""

    def rc3x(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """c3x up to relative phases."""

    def c3x(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """X under three controls."""

    def c3sqrtx(self, control1: Qubits, control2: Qubits, control3: Qubits, target: Qubits) -> Self:
        """sx under three controls."""

    def c4x(
        self, control1: Qubits, control2: Qubits, control3: Qubits, control4: Qubits, target: Qubits
    ) -> Self:
        """X under four controls."""

    def rxx(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta XX/2)."""

    def ryy(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta YY/2)."""

    def rzz(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta ZZ/2)."""

    def rzx(self, theta: Angles, a: Qubits, b: Qubits) -> Self:
        """exp(-i theta ZX/2): Z on a, X on b."""

    def ecr(self, a: Qubits, b: Qubits) -> Self:
        """The echoed cross resonance gate."""

    def gphase(self, angle: Angles) -> Self:
        """The phase e^(i angle) of the whole state."""

    i = id
    not_ = x
    hadamard = h
    v = sx
    vdg = sxdg
    phase = p
    cnot = cx
    cphase = cp
    toffoli = ccx
    ccnot = ccx
    fredkin = cswap
    global_phase = gphase

class KetGates(Recorder):
    def ID(self, qubit: int) -> Self:
        """The identity."""

    def X(self, qubit: int) -> Self:
        """Pauli X."""

    def Y(self, qubit: int) -> Self:
        """Pauli Y."""

    def Z(self, qubit: int) -> Self:
        """Pauli Z."""

    def H(self, qubit: int) -> Self:
        """Hadamard."""

    def S(self, qubit: int) -> Self:
        """diag(1, i)."""

    def Sdg(self, qubit: int) -> Self:
        """diag(1, -i)."""

    def T(self, qubit: int) -> Self:
        """diag(1, e^(i pi/4))."""

    def Tdg(self, qubit: int) -> Self:
        """diag(1, e^(-i pi/4))."""

    def SX(self, qubit: int) -> Self:
        """The square root of X."""

    def SXdg(self, qubit: int) -> Self:
        """The inverse of sx."""

    def U0(self, gamma: float, qubit: int) -> Self:
        """The identity, for a time that simulators do not count."""

    def U1(self, lam: float, qubit: int) -> Self:
        """diag(1, e^(i lam)); same as p."""

    def U2(self, phi: float, lam: float, qubit: int) -> Self:
        """u(pi/2, phi, lam)."""

    def U3(self, theta: float, phi: float, lam: float, qubit: int) -> Self:
        """Same as u."""

    def U(self, theta: float, phi: float, lam: float, qubit: int) -> Self:
        """The general one-qubit gate, in Qiskit's angles."""

    def P(self, lam: float, qubit: int) -> Self:
        """diag(1, e^(i lam))."""

    def RX(self, theta: float, qubit: int) -> Self:
        """exp(-i theta X/2)."""

    def RY(self, theta: float, qubit: int) -> Self:
        """exp(-i theta Y/2)."""

    def RZ(self, theta: float, qubit: int) -> Self:
        """exp(-i theta Z/2)."""

    def CX(self, control: int, target: int) -> Self:
        """Controlled X."""

    def CY(self, control: int, target: int) -> Self:
        """Controlled Y."""

    def CZ(self, control: int, target: int) -> Self:
        """Controlled Z."""

    def CH(self, control: int, target: int) -> Self:
        """Controlled Hadamard."""

    def CS(self, control: int, target: int) -> Self:
        """Controlled s."""

    def CSdg(self, control: int, target: int) -> Self:
        """Controlled sdg."""

    def CSX(self, control: int, target: int) -> Self:
        """Controlled sx."""

    def CRX(self, theta: float, control: int, target: int) -> Self:
        """Controlled rx."""

    def CRY(self, theta: float, control: int, target: int) -> Self:
        """Controlled ry."""

    def CRZ(self, theta: float, control: int, target: int) -> Self:
        """Controlled rz."""

    def CU1(self, lam: float, control: int, target: int) -> Self:
        """Controlled u1; same as cp."""

    def CP(self, lam: float, control: int, target: int) -> Self:
        """Controlled p."""

    def CU3(self, theta: float, phi: float, lam: float, control: int, target: int) -> Self:
        """Controlled u3, with Qiskit's phase."""

    def CU(
        self, theta: float, phi: float, lam: float, gamma: float, control: int, target: int
    ) -> Self:
        """Controlled e^(i gamma) u(theta, phi, lam)."""

    def SWAP(self, a: int, b: int) -> Self:
        """Exchanges two qubits."""

    def CSWAP(self, control: int, a: int, b: int) -> Self:
        """Controlled swap."""

    def ISWAP(self, a: int, b: int) -> Self:
        """Swap with a factor i on |01> and |10>."""

    def CCX(self, control1: int, control2: int, target: int) -> Self:
        """X under two controls."""

    def CCZ(self, control1: int, control2: int, target: int) -> Self:
        """Z under two controls."""

    def RCCX(self, control1: int, control2: int, target: int) -> Self:
        """ccx up to relative phases."""

    def RC3X(self, control1: int, control2: int, control3: int, target: int) -> Self:
        """c3x up to relative phases."""

    def C3X(self, control1: int, control2: int, control3: int, target: int) -> Self:
        """X under three controls."""

    def C3SQRTX(self, control1: int, control2: int, control3: int, target: int) -> Self:
        """sx under three controls."""

    def C4X(self, control1: int, control2: int, control3: int, control4: int, target: int) -> Self:
        """X under four controls."""

    def RXX(self, theta: float, a: int, b: int) -> Self:
        """exp(-i theta XX/2)."""

    def RYY(self, theta: float, a: int, b: int) -> Self:
        """exp(-i theta YY/2)."""

    def RZZ(self, theta: float, a: int, b: int) -> Self:
        """exp(-i theta ZZ/2)."""

    def RZX(self, theta: float, a: int, b: int) -> Self:
        """exp(-i theta ZX/2): Z on a, X on b."""

    def ECR(self, a: int, b: int) -> Self:
        """The echoed cross resonance gate."""

    def GPHASE(self, angle: float) -> Self:
        """The phase e^(i angle) of the whole state."""

    CNOT = CX
    CPHASE = CZ
