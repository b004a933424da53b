"""ketch and its rivals with one interface.

A rival gets what its users would: the setting that suits the circuit best, tried out before, and
where it has several interfaces the fastest. Translating a circuit is never timed. `first` is what a
new circuit costs: planning or optimising, and memory. `again` is the same circuit once more. First
runs of one circuit after the other keep what a user would: an engine, a backend, a state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from cmath import exp
from collections.abc import Callable
from importlib import import_module, metadata
from math import cos, pi, sin, sqrt
from typing import Any, ClassVar

import circuits

QUBITS = 20
PAIRS = tuple((qubit, (qubit + 1) % QUBITS) for qubit in range(QUBITS)) * 50


def recorded() -> circuits.Circuit:
    """The gates that recording is measured with: h, rz and cx for each of PAIRS."""
    made = circuits.Circuit("recorded", QUBITS)
    for one, other in PAIRS:
        made.add("h", one)
        made.add("rz", one, angles=(0.3,))
        made.add("cx", one, other)
    return made


def record(made: Any) -> Any:
    """Adds them to a circuit whose methods have these names."""
    for one, other in PAIRS:
        made.h(one)
        made.rz(0.3, one)
        made.cx(one, other)
    return made


class Rival(ABC):
    """One circuit in one simulator. Translating happens in translate, which begin calls."""

    package = ""
    precisions: ClassVar[tuple[str, ...]] = ("double",)
    settings: ClassVar[tuple[str, ...]] = ("default",)
    timed = ""  # what a call is: first; again

    def __init__(self, circuit: circuits.Circuit, precision: str, threads: int) -> None:
        self.circuit = circuit
        self.precision = precision
        self.threads = threads

    def begin(self, setting: str) -> None:
        """Starts over, so that the next call is a first call."""
        self.open(setting)
        self.translate()

    def renew(self, circuit: circuits.Circuit) -> None:
        """Goes on with another circuit of as many qubits, so that the next call is a first call."""
        self.circuit = circuit
        self.translate()

    @abstractmethod
    def open(self, setting: str) -> None:
        """Makes anew what serves one circuit after the other."""

    @abstractmethod
    def translate(self) -> None:
        """Makes the simulator's own circuit."""

    @abstractmethod
    def call(self) -> None:
        """The call that is timed."""

    @abstractmethod
    def state(self) -> Any:
        """The amplitudes after a call."""

    def facts(self) -> dict[str, Any]:
        """Further facts about the last call."""
        return {}

    @staticmethod
    def ways() -> dict[str, Callable[[], object]]:
        """By name, calls that record the gates of `recorded`, none of which is carried out."""
        return {}


class Ketch(Rival):
    package = "ketch"
    precisions = ("double", "single")
    timed = "engine.run(circuit): planning, memory, run; again: the plan and the memory are reused"

    def open(self, setting: str) -> None:
        import ketch

        self.result: ketch.Result | None = None
        self.engine = ketch.Engine(threads=self.threads)

    def translate(self) -> None:
        import ketch

        self.result = None
        self.ours = ketch.Circuit(self.circuit.qubits)
        for name, angles, qubits in self.circuit.gates:
            getattr(self.ours, name)(*angles, *qubits)

    def call(self) -> None:
        self.result = None
        self.result = self.engine.run(self.ours, precision=self.precision)

    def state(self) -> Any:
        assert self.result
        return self.result.state

    def facts(self) -> dict[str, Any]:
        assert self.result
        plan = self.engine.prepare(self.ours, precision=self.precision).info
        return {"passes": plan["passes"], "operations": plan["operations"]} | {
            "bytes": self.result.report.bytes,
            "kernels": self.result.report.kernels,
        }

    @staticmethod
    def ways() -> dict[str, Callable[[], object]]:
        import ketch

        def fluent() -> object:
            made = ketch.ket("0" * QUBITS)
            for one, other in PAIRS:
                made.H(one).RZ(0.3, one).CNOT(one, other)
            return made

        text = recorded().qasm()
        return {
            "Circuit.h(...)": lambda: record(ketch.Circuit(QUBITS)),
            "ket.H(...)": fluent,
            "Circuit.from_qasm": lambda: ketch.Circuit.from_qasm(text),
        }


class Prism(Rival):
    package = "prism-q"
    settings = ("run", "state_vector")
    timed = "simulate(circuit).backend(statevector).run() or .state_vector(); no reuse"

    def open(self, setting: str) -> None:
        self.module = import_module("prism_q")
        self.setting = setting
        backend = self.module.BackendKind.statevector
        self.backend = backend() if callable(backend) else backend

    def translate(self) -> None:
        self.theirs = self.module.parse_qasm(self.circuit.qasm().replace("cu1(", "cp("))

    def _simulation(self) -> Any:
        return self.module.simulate(self.theirs).backend(self.backend).seed(42)

    def call(self) -> None:
        getattr(self._simulation(), self.setting)()

    def state(self) -> Any:
        return self._simulation().state_vector()

    @staticmethod
    def ways() -> dict[str, Callable[[], object]]:
        module, text = import_module("prism_q"), recorded().qasm()
        return {
            "CircuitBuilder.h(...)": lambda: record(module.CircuitBuilder(QUBITS)).build(),
            "parse_qasm": lambda: module.parse_qasm(text),
        }


class Qulacs(Rival):
    package = "qulacs"
    settings: ClassVar[tuple[str, ...]] = ("light", "heavy2", "plain", "heavy3", "heavy4")
    timed = (
        "optimiser, QuantumState(n), circuit.update_quantum_state(state); "
        "again: state.set_zero_state() and update_quantum_state, state and optimised circuit kept"
    )

    def open(self, setting: str) -> None:
        self.module = import_module("qulacs")
        self.setting = setting
        self.kept: Any = None

    def translate(self) -> None:
        self.theirs = self.module.QuantumCircuit(self.circuit.qubits)
        self.is_new = True
        add = self.theirs
        names = {"h": "H", "s": "S", "t": "T", "cx": "CNOT", "cz": "CZ", "swap": "SWAP", "u3": "U3"}
        for name, angles, qubits in self.circuit.gates:
            if name == "cu1":
                control, target = qubits
                gate = self.module.gate.to_matrix_gate(self.module.gate.U1(target, *angles))
                gate.add_control_qubit(control, 1)
                add.add_gate(gate)
            else:
                word = names.get(name) or f"Rot{name[1].upper()}"
                getattr(add, f"add_{word}_gate")(*qubits, *angles)

    def call(self) -> None:
        if self.is_new and self.setting != "plain":
            optimizer = self.module.circuit.QuantumCircuitOptimizer()
            if self.setting == "light":
                optimizer.optimize_light(self.theirs)
            else:
                optimizer.optimize(self.theirs, int(self.setting[-1]))
        self.is_new = False
        if self.kept is None:
            self.kept = self.module.QuantumState(self.circuit.qubits)
        else:
            self.kept.set_zero_state()
        self.theirs.update_quantum_state(self.kept)

    def state(self) -> Any:
        return self.kept.get_vector()

    @staticmethod
    def ways() -> dict[str, Callable[[], object]]:
        module = import_module("qulacs")

        def methods() -> object:
            made = module.QuantumCircuit(QUBITS)
            for one, other in PAIRS:
                made.add_H_gate(one)
                made.add_RotZ_gate(one, 0.3)
                made.add_CNOT_gate(one, other)
            return made

        return {"QuantumCircuit.add_H_gate(...)": methods}


class Aer(Rival):
    package = "qiskit-aer"
    precisions = ("double", "single")
    settings: ClassVar[tuple[str, ...]] = ("fusion", "fusion4", "fusion2", "fusion3", "fusion6")
    timed = "backend.run(circuit).result() with save_statevector; no reuse"

    def open(self, setting: str) -> None:
        aer = import_module("qiskit_aer")  # gives circuits their save_statevector
        options: dict[str, Any] = {"blocking_enable": False, "fusion_enable": True}
        if setting != "fusion":
            options["fusion_max_qubit"] = int(setting[-1])
            options["fusion_threshold"] = 1  # its default leaves fusion off for small circuits
        self.backend = aer.AerSimulator(
            method="statevector",
            precision=self.precision,
            max_parallel_threads=self.threads,
            **options,
        )

    def translate(self) -> None:
        self.theirs = import_module("qiskit").QuantumCircuit(self.circuit.qubits)
        alias = {"u3": "u", "cu1": "cp"}
        for name, angles, qubits in self.circuit.gates:
            getattr(self.theirs, alias.get(name, name))(*angles, *qubits)
        self.theirs.save_statevector()
        self.result: Any = None

    def call(self) -> None:
        self.result = None
        self.result = self.backend.run(self.theirs, shots=1).result()
        if not self.result.success:
            raise RuntimeError(self.result.status)

    def state(self) -> Any:
        return import_module("numpy").asarray(self.result.data(0)["statevector"])

    def facts(self) -> dict[str, Any]:
        return {"inside": self.result.results[0].time_taken}

    @staticmethod
    def ways() -> dict[str, Callable[[], object]]:
        circuit, text = import_module("qiskit").QuantumCircuit, recorded().qasm()
        loads = import_module("qiskit.qasm2").loads
        return {
            "QuantumCircuit.h(...)": lambda: record(circuit(QUBITS)),
            "qasm2.loads": lambda: loads(text),
        }


class Qsim(Rival):
    package = "qsimcirq"
    precisions = ("single",)
    settings: ClassVar[tuple[str, ...]] = ("fuse4", "fuse3", "fuse2", "fuse5")
    timed = "one C++ call on a translated circuit, qsim_simulate of one amplitude; no reuse"

    def open(self, setting: str) -> None:
        self.module = import_module("qsimcirq").qsim
        self.fused = int(setting[-1])

    def translate(self) -> None:
        self.theirs = self.module.Circuit()
        self.theirs.num_qubits = self.circuit.qubits
        moments = [0] * self.circuit.qubits
        placed = []
        for gate in self.circuit.gates:
            moment = max(moments[qubit] for qubit in gate.qubits)
            for qubit in gate.qubits:
                moments[qubit] = moment + 1
            placed.append((moment, gate))
        for moment, gate in sorted(placed, key=lambda place: place[0]):
            self._add(moment, *gate)
        self.options = {"c": self.theirs, "f": self.fused, "t": self.threads, "v": 0}
        self.options |= {"r": 1, "s": 1, "z": False, "g": False}
        self.options |= {"gmode": 0, "gsst": 512, "gdb": 16, "i": "0" * self.circuit.qubits + "\n"}

    def _add(
        self, moment: int, name: str, angles: tuple[float, ...], qubits: tuple[int, ...]
    ) -> None:
        if len(qubits) == 1:
            parts = [part for z in matrix(name, *angles) for part in (z.real, z.imag)]
            self.module.add_matrix_gate(moment, list(qubits), parts, self.theirs)
            return
        kind = {"cx": "kCX", "cz": "kCZ", "swap": "kSWAP", "cu1": "kCZPowGate"}[name]
        power = {"exponent": angles[0] / pi if angles else 1.0, "global_shift": 0.0}
        kind = getattr(self.module, kind)
        self.module.add_gate(kind, moment, list(qubits), power, self.theirs)

    def call(self) -> None:
        self.module.qsim_simulate(self.options)

    def state(self) -> Any:
        return self.module.qsim_simulate_fullstate(self.options, 0).view("complex64")


class Lightning(Rival):
    package = "pennylane-lightning"
    precisions = ("double", "single")
    timed = (
        "StateVector(n) and one C++ method a gate, without PennyLane above it; "
        "again: resetStateVector() and the methods, state kept"
    )
    names: ClassVar[dict[str, str]] = {
        "h": "Hadamard",
        "s": "S",
        "t": "T",
        "cx": "CNOT",
        "cz": "CZ",
        "swap": "SWAP",
        "cu1": "ControlledPhaseShift",
        "u3": "Rot",
    }

    def open(self, setting: str) -> None:
        number = "C128" if self.precision == "double" else "C64"
        module = import_module("pennylane_lightning.lightning_qubit_ops")
        self.kind: Any = getattr(module, "StateVector" + number)
        self.kept: Any = None

    def translate(self) -> None:
        self.theirs = []
        for name, angles, qubits in self.circuit.gates:
            given = [angles[2], angles[0], angles[1]] if name == "u3" else list(angles)
            wires = [self.circuit.qubits - 1 - qubit for qubit in qubits]
            method = getattr(self.kind, self.names.get(name, name.upper()))
            self.theirs.append((method, wires, given))

    def call(self) -> None:
        if self.kept is None:
            self.kept = self.kind(self.circuit.qubits)
        else:
            self.kept.resetStateVector()
        for method, wires, angles in self.theirs:
            method(self.kept, wires, False, angles)

    def state(self) -> Any:
        kind = "complex128" if self.precision == "double" else "complex64"
        amplitudes = import_module("numpy").zeros(2**self.circuit.qubits, kind)
        self.kept.getState(amplitudes)
        return amplitudes


RIVALS: dict[str, type[Rival]] = {
    "ketch": Ketch,
    "prism-q": Prism,
    "qulacs": Qulacs,
    "qsim": Qsim,
    "Aer": Aer,
    "Lightning": Lightning,
}


def matrix(name: str, *angles: float) -> list[complex]:
    """The four elements of a gate on one qubit, row by row."""
    if name == "h":
        return [sqrt(0.5), sqrt(0.5), sqrt(0.5), -sqrt(0.5)]
    if name in ("s", "t", "rz"):
        angle = {"s": pi / 2, "t": pi / 4}.get(name) or angles[0]
        first = exp(-0.5j * angle) if name == "rz" else 1.0
        return [first, 0.0, 0.0, first * exp(1j * angle)]
    turn, phi, lam = {"rx": (*angles, -pi / 2, pi / 2), "ry": (*angles, 0, 0)}.get(name, angles)
    c, s = cos(turn / 2), sin(turn / 2)
    return [c, -exp(1j * lam) * s, exp(1j * phi) * s, exp(1j * (phi + lam)) * c]


def version(package: str) -> str | None:
    """The installed version of a package; None: it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
