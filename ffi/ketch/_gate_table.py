"""The gates, once: `Circuit` and `ket` get their methods from this table, and the type checker a
stub that is written from it. A test compares it with C's table."""

from __future__ import annotations

from typing import NamedTuple


class Gate(NamedTuple):
    """A row: the name, the names of angles (radians) and of qubits, controls first, and what the
    gate is."""

    name: str
    angles: tuple[str, ...]
    qubits: tuple[str, ...]
    meaning: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """What its methods take, in order."""
        return self.angles + self.qubits

    @property
    def ket_name(self) -> str:
        """The name of ket's method."""
        return self.name.upper().replace("DG", "dg")


_ROWS = (
    ("id", "", "qubit", "The identity."),
    ("x", "", "qubit", "Pauli X."),
    ("y", "", "qubit", "Pauli Y."),
    ("z", "", "qubit", "Pauli Z."),
    ("h", "", "qubit", "Hadamard."),
    ("s", "", "qubit", "diag(1, i)."),
    ("sdg", "", "qubit", "diag(1, -i)."),
    ("t", "", "qubit", "diag(1, e^(i pi/4))."),
    ("tdg", "", "qubit", "diag(1, e^(-i pi/4))."),
    ("sx", "", "qubit", "The square root of X."),
    ("sxdg", "", "qubit", "The inverse of sx."),
    ("u0", "gamma", "qubit", "The identity, for a time that simulators do not count."),
    ("u1", "lam", "qubit", "diag(1, e^(i lam)); same as p."),
    ("u2", "phi lam", "qubit", "u(pi/2, phi, lam)."),
    ("u3", "theta phi lam", "qubit", "Same as u."),
    ("u", "theta phi lam", "qubit", "The general one-qubit gate, in Qiskit's angles."),
    ("p", "lam", "qubit", "diag(1, e^(i lam))."),
    ("rx", "theta", "qubit", "exp(-i theta X/2)."),
    ("ry", "theta", "qubit", "exp(-i theta Y/2)."),
    ("rz", "theta", "qubit", "exp(-i theta Z/2)."),
    ("cx", "", "control target", "Controlled X."),
    ("cy", "", "control target", "Controlled Y."),
    ("cz", "", "control target", "Controlled Z."),
    ("ch", "", "control target", "Controlled Hadamard."),
    ("cs", "", "control target", "Controlled s."),
    ("csdg", "", "control target", "Controlled sdg."),
    ("csx", "", "control target", "Controlled sx."),
    ("crx", "theta", "control target", "Controlled rx."),
    ("cry", "theta", "control target", "Controlled ry."),
    ("crz", "theta", "control target", "Controlled rz."),
    ("cu1", "lam", "control target", "Controlled u1; same as cp."),
    ("cp", "lam", "control target", "Controlled p."),
    ("cu3", "theta phi lam", "control target", "Controlled u3, with Qiskit's phase."),
    ("cu", "theta phi lam gamma", "control target", "Controlled e^(i gamma) u(theta, phi, lam)."),
    ("swap", "", "a b", "Exchanges two qubits."),
    ("cswap", "", "control a b", "Controlled swap."),
    ("iswap", "", "a b", "Swap with a factor i on |01> and |10>."),
    ("ccx", "", "control1 control2 target", "X under two controls."),
    ("ccz", "", "control1 control2 target", "Z under two controls."),
    ("rccx", "", "control1 control2 target", "ccx up to relative phases."),
    ("rc3x", "", "control1 control2 control3 target", "c3x up to relative phases."),
    ("c3x", "", "control1 control2 control3 target", "X under three controls."),
    ("c3sqrtx", "", "control1 control2 control3 target", "sx under three controls."),
    ("c4x", "", "control1 control2 control3 control4 target", "X under four controls."),
    ("rxx", "theta", "a b", "exp(-i theta XX/2)."),
    ("ryy", "theta", "a b", "exp(-i theta YY/2)."),
    ("rzz", "theta", "a b", "exp(-i theta ZZ/2)."),
    ("rzx", "theta", "a b", "exp(-i theta ZX/2): Z on a, X on b."),
    ("ecr", "", "a b", "The echoed cross resonance gate."),
    ("gphase", "angle", "", "The phase e^(i angle) of the whole state."),
)
GATES = tuple(
    Gate(name, tuple(angles.split()), tuple(qubits.split()), meaning)
    for name, angles, qubits, meaning in _ROWS
)
# Further names of ket's methods.
KET_ALIASES = {"CNOT": "CX", "CPHASE": "CZ"}
# And of Circuit's.
CIRCUIT_ALIASES = {
    "i": "id",
    "not_": "x",
    "hadamard": "h",
    "v": "sx",
    "vdg": "sxdg",
    "phase": "p",
    "cnot": "cx",
    "cphase": "cp",
    "toffoli": "ccx",
    "ccnot": "ccx",
    "fredkin": "cswap",
    "global_phase": "gphase",
}
