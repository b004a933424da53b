"""ketch and its rivals with one interface, and the process that each of them is measured in.

A rival gets what its users would: the setting that suits the circuit best, tried out before, and
where it has several interfaces the fastest. Translating a circuit is never timed. `first` is what a
new circuit costs: planning or optimising, and memory. `again` is the same circuit once more.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
from abc import ABC, abstractmethod
from cmath import exp
from importlib import import_module, metadata
from math import ceil, cos, pi, sin, sqrt
from typing import Any, ClassVar, TextIO

import circuits


class Rival(ABC):
    """One circuit in one simulator. Translating happens in the constructor and in begin."""

    package = ""
    precisions: ClassVar[tuple[str, ...]] = ("double",)
    settings: ClassVar[tuple[str, ...]] = ("default",)
    timed = ""  # what a call is: first; again

    def __init__(self, circuit: circuits.Circuit, precision: str, threads: int) -> None:
        self.circuit = circuit
        self.precision = precision
        self.threads = threads

    @abstractmethod
    def begin(self, setting: str) -> None:
        """Starts over, so that the next call is a first call."""

    @abstractmethod
    def call(self) -> None:
        """The call that is timed."""

    @abstractmethod
    def state(self) -> Any:
        """The amplitudes after a call."""

    def facts(self) -> dict[str, Any]:
        """Further facts about the last call."""
        return {}


class Ketch(Rival):
    package = "ketch"
    precisions = ("double", "single")
    timed = "engine.run(circuit): planning, memory, run; again: the plan and the memory are reused"

    def begin(self, setting: str) -> None:
        import ketch

        self.result: ketch.Result | None = None
        self.engine = ketch.Engine(threads=self.threads)
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


class Prism(Rival):
    package = "prism-q"
    settings = ("run", "state_vector")
    timed = "simulate(circuit).backend(statevector).run() or .state_vector(); no reuse"

    def begin(self, setting: str) -> None:
        self.module = import_module("prism_q")
        self.setting = setting
        self.theirs = self.module.parse_qasm(self.circuit.qasm().replace("cu1(", "cp("))
        backend = self.module.BackendKind.statevector
        self.backend = backend() if callable(backend) else backend

    def _simulation(self) -> Any:
        return self.module.simulate(self.theirs).backend(self.backend).seed(42)

    def call(self) -> None:
        getattr(self._simulation(), self.setting)()

    def state(self) -> Any:
        return self._simulation().state_vector()


class Qulacs(Rival):
    package = "qulacs"
    settings = ("light", "heavy2", "plain", "heavy3", "heavy4")
    timed = (
        "optimiser, QuantumState(n), circuit.update_quantum_state(state); "
        "again: state.set_zero_state() and update_quantum_state, state and optimised circuit kept"
    )

    def begin(self, setting: str) -> None:
        self.module = import_module("qulacs")
        self.setting = setting
        self.theirs = self.module.QuantumCircuit(self.circuit.qubits)
        self.kept: Any = None
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
        if self.kept is None:
            optimizer = self.module.circuit.QuantumCircuitOptimizer()
            if self.setting == "light":
                optimizer.optimize_light(self.theirs)
            elif self.setting != "plain":
                optimizer.optimize(self.theirs, int(self.setting[-1]))
            self.kept = self.module.QuantumState(self.circuit.qubits)
        else:
            self.kept.set_zero_state()
        self.theirs.update_quantum_state(self.kept)

    def state(self) -> Any:
        return self.kept.get_vector()


class Aer(Rival):
    package = "qiskit-aer"
    precisions = ("double", "single")
    settings = ("fusion", "fusion4", "fusion2", "fusion3", "fusion6")
    timed = "backend.run(circuit).result() with save_statevector; no reuse"

    def begin(self, setting: str) -> None:
        self.theirs = import_module("qiskit").QuantumCircuit(self.circuit.qubits)
        alias = {"u3": "u", "cu1": "cp"}
        for name, angles, qubits in self.circuit.gates:
            getattr(self.theirs, alias.get(name, name))(*angles, *qubits)
        aer = import_module("qiskit_aer")  # gives circuits their save_statevector
        self.theirs.save_statevector()
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


class Qsim(Rival):
    package = "qsimcirq"
    precisions = ("single",)
    settings = ("fuse4", "fuse3", "fuse2", "fuse5")
    timed = "one C++ call on a translated circuit, qsim_simulate of one amplitude; no reuse"

    def begin(self, setting: str) -> None:
        self.module = import_module("qsimcirq").qsim
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
        self.options = {"c": self.theirs, "f": int(setting[-1]), "t": self.threads, "v": 0}
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
        "StateVector(n) and one bound C++ method a gate, without PennyLane above it; "
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

    def begin(self, setting: str) -> None:
        self.module = import_module("pennylane_lightning.lightning_qubit_ops")
        self.kept: Any = None
        self.theirs = []
        for name, angles, qubits in self.circuit.gates:
            given = [angles[2], angles[0], angles[1]] if name == "u3" else list(angles)
            wires = [self.circuit.qubits - 1 - qubit for qubit in qubits]
            self.theirs.append((self.names.get(name, name.upper()), wires, given))

    def call(self) -> None:
        if self.kept is None:
            number = "C128" if self.precision == "double" else "C64"
            self.kept = getattr(self.module, "StateVector" + number)(self.circuit.qubits)
            self.bound = [(getattr(self.kept, name), *rest) for name, *rest in self.theirs]
        else:
            self.kept.resetStateVector()
        for method, wires, angles in self.bound:
            method(wires, False, angles)

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


# ---- the process of one rival


def environment(threads: int) -> dict[str, str]:
    """The environment of a rival's process: every variable that sets a number of threads."""
    number = str(threads)
    counts = ("OMP_NUM_THREADS", "QULACS_NUM_THREADS", "RAYON_NUM_THREADS")
    single = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    more = {"OMP_PROC_BIND": "false", "PRISM_AVX512": "1"}
    return os.environ | dict.fromkeys(counts, number) | dict.fromkeys(single, "1") | more


def clock(rival: Rival, calls: int = 1) -> float:
    """Seconds a call takes."""
    begun = time.perf_counter()
    for _ in range(calls):
        rival.call()
    return (time.perf_counter() - begun) / calls


def peak() -> int:
    """The peak memory of this process in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def tune(rival: Rival, limit: float) -> dict[str, float]:
    """Seconds that a call takes, by setting; short calls are repeated. Settings that exceed the
    limit are left out."""
    found: dict[str, float] = {}
    begun = time.perf_counter()
    for setting in rival.settings:
        rival.begin(setting)
        found[setting] = clock(rival)
        if found[setting] < limit / 20:
            calls = ceil(0.005 / found[setting])
            found[setting] = min(clock(rival, calls) for _ in range(2))
        rival.begin(setting)  # lets its memory go
        if time.perf_counter() - begun > limit / 2:
            break
    return found


def samples(rival: Rival, setting: str, seconds: float) -> dict[str, Any]:
    """A first call, and repeated ones for some seconds. A sample of a short call is of many
    calls, so that the clock's resolution does not matter."""
    rival.begin(setting)
    gc.collect()
    first = clock(rival)
    again = clock(rival)
    calls = ceil(0.005 / again)
    begun = time.perf_counter()
    repeats = [again] if calls == 1 else []
    while not repeats or (time.perf_counter() - begun + again < seconds and len(repeats) < 12):
        repeats.append(clock(rival, calls))
    facts = rival.facts()
    rival.begin(setting)  # lets its memory go: the others have their turn now
    return {"first": first, "again": repeats, "facts": facts}


def fidelities(rival_class: type[Rival], precision: str, threads: int) -> dict[str, float]:
    """By circuit, how far the fidelity with ketch's state and the norm are from 1 at most."""
    import numpy

    found = {}
    for row in SMALL_ROWS:
        circuit = circuits.build(row)
        own = Ketch(circuit, "double", 1)
        own.begin("default")
        own.call()
        expected = own.state()
        rival = rival_class(circuit, precision, threads)
        worst = 0.0
        for setting in rival.settings:
            rival.begin(setting)
            rival.call()
            state = numpy.asarray(rival.state(), complex)
            overlap = abs(numpy.vdot(expected, state)) ** 2
            worst = max(worst, abs(1 - overlap), abs(1 - numpy.vdot(state, state).real))
        found[row] = worst
    return found


SMALL_ROWS = (
    *("ghz-7", "qft-8", "qft-8+prep", "rcz-8-5", "rcx-9-6", "ansatz-7-3", "ising-7-3", "qv-7"),
    *("small-4-164", "small-8-200", "rcz-15-3+prep", "rcx-15-3+prep"),
)


def serve(order: dict[str, Any], rival_class: type[Rival], spec: dict[str, Any]) -> dict[str, Any]:
    """Answers one request."""
    if order["do"] == "check":
        return {"check": fidelities(rival_class, spec["precision"], spec["threads"])}
    if order["do"] == "tune":
        return {"tuned": tune(spec["rival"], order["limit"])}
    return samples(spec["rival"], order["setting"], order["seconds"]) | {"peak": peak()}


def main(argument: str, out: TextIO) -> None:
    """Answers requests, a line of JSON each, until there are no more."""
    spec = json.loads(argument)
    rival_class = RIVALS[spec["name"]]
    try:
        if spec["row"]:
            circuit = circuits.build(spec["row"])
            spec["rival"] = rival_class(circuit, spec["precision"], spec["threads"])
            spec["rival"].begin(rival_class.settings[0])
        answer: dict[str, Any] = {"ready": peak()}
        print(json.dumps(answer), file=out, flush=True)
        for line in sys.stdin:
            print(json.dumps(serve(json.loads(line), rival_class, spec)), file=out, flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), file=out, flush=True)


if __name__ == "__main__":
    # Rivals may print: what they say goes to standard error.
    own = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    main(sys.argv[1], own)
