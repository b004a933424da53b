"""Sums of Pauli strings whose expectation values are measured, by name, and how each simulator
computes them. The state is that of a circuit of random gates. Making the simulator's own sum is not
timed.

chain-N        ZZ on neighbours and X on every qubit: 2 N - 1 terms
weight4-N-T    T random strings: a letter or none on each of four random qubits
full-N-T       T random strings with a letter on every qubit
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import circuits
from rivals import Aer, Ketch, Lightning, Qsim, Qulacs, Rival

ROWS = ("chain-20", "weight4-20-1000", "full-20-100")
Term = tuple[float, dict[int, str]]


class Sum(circuits.Circuit):
    """A sum of terms, and the circuit that makes the state."""

    def __init__(self, name: str, qubits: int) -> None:
        super().__init__(name, qubits)
        self.terms: list[Term] = []
        for qubit in range(qubits):
            self.add_u3(qubit)
        for qubit in range(qubits - 1):
            self.add("cz", qubit, qubit + 1)
        for qubit in range(qubits):
            self.add_u3(qubit)

    def weight(self) -> float:
        """What the value is at most: the sum of the coefficients' magnitudes."""
        return sum(abs(number) for number, _ in self.terms)

    def draw(self, qubits: list[int], letters: str) -> None:
        """Appends a term with random letters on these qubits."""
        drawn = {qubit: self.random.choice(letters) for qubit in qubits}
        term = {qubit: letter for qubit, letter in drawn.items() if letter != "I"}
        self.terms.append((self.random.uniform(-1, 1), term))


def build(name: str) -> Sum:
    """The sum of a name."""
    family, qubits, *count = name.split("-")
    made = Sum(name, int(qubits))
    everywhere = range(made.qubits)
    if family == "chain":
        made.terms += [(1.0, {qubit: "Z", qubit + 1: "Z"}) for qubit in everywhere[1:-1]]
        made.terms += [(1.0, {0: "Z", 1: "Z"})] + [(0.5, {qubit: "X"}) for qubit in everywhere]
    for _ in range(int(count[0]) if count else 0):
        chosen = made.random.sample(everywhere, 4) if family == "weight4" else list(everywhere)
        made.draw(chosen, "IXYZ" if family == "weight4" else "XYZ")
    return made


def operations(made: Sum) -> float:
    """Floating point operations that the value needs at least: the squares of all amplitudes, and
    half of a product for each pair that an X mask connects, twice where the number of Y is both odd
    and even."""
    groups = set()
    for _, term in made.terms:
        x = frozenset(qubit for qubit, letter in term.items() if letter in "XY")
        groups.add((x, bool(x) and sum(letter == "Y" for letter in term.values()) % 2))
    pairs = sum(0.5 if x else 1.0 for x, _ in groups)
    return 4 * pairs * 2.0**made.qubits


class Observer(Rival):
    """A simulator that has the state, and computes the sum's value."""

    circuit: Sum
    value = 0.0

    def facts(self) -> dict[str, Any]:
        return {}


class KetchObserver(Observer, Ketch):
    timed = "state.expectation(sum)"

    def translate(self) -> None:
        import ketch

        super().translate()
        self.kept = self.engine.state(self.circuit.qubits, precision=self.precision)
        self.engine.apply(self.ours, self.kept)
        terms = [(tuple(term.items()), number) for number, term in self.circuit.terms]
        self.sum = ketch.PauliSum(terms)

    def call(self) -> None:
        self.value = self.kept.expectation(self.sum)


class QulacsObserver(Observer, Qulacs):
    settings = ("plain",)
    timed = "observable.get_expectation_value(state)"

    def translate(self) -> None:
        super().translate()
        Qulacs.call(self)
        self.sum = self.module.Observable(self.circuit.qubits)
        for number, term in self.circuit.terms:
            self.sum.add_operator(number, " ".join(f"{it} {qubit}" for qubit, it in term.items()))

    def call(self) -> None:
        self.value = self.sum.get_expectation_value(self.kept)


class LightningObserver(Observer, Lightning):
    settings = ("Hamiltonian", "terms")
    timed = "Measurements(state).expval of a Hamiltonian, or of one tensor product after the other"

    def open(self, setting: str) -> None:
        super().open(setting)
        self.setting = setting
        number = "C128" if self.precision == "double" else "C64"
        module = import_module("pennylane_lightning.lightning_qubit_ops")
        self.measurements = getattr(module, "Measurements" + number)
        self.parts = [
            getattr(module.observables, kind + number)
            for kind in ("NamedObs", "TensorProdObs", "Hamiltonian")
        ]

    def product(self, term: dict[int, str]) -> Any:
        """The tensor product of a term."""
        named, tensor, _ = self.parts
        names = {"X": "PauliX", "Y": "PauliY", "Z": "PauliZ"}
        found = [
            named(names[letter], [self.circuit.qubits - 1 - qubit])
            for qubit, letter in term.items()
        ]
        return tensor(found) if len(found) > 1 else (found or [named("Identity", [0])])[0]

    def translate(self) -> None:
        super().translate()
        Lightning.call(self)
        numpy = import_module("numpy")
        kind = "float64" if self.precision == "double" else "float32"
        self.numbers = numpy.array([number for number, _ in self.circuit.terms], kind)
        self.products = [self.product(term) for _, term in self.circuit.terms]
        self.sum = self.parts[2](self.numbers, self.products)

    def call(self) -> None:
        measure = self.measurements(self.kept)
        if self.setting == "Hamiltonian":
            self.value = measure.expval(self.sum)
        else:
            values = [measure.expval(product) for product in self.products]
            products = zip(self.numbers, values, strict=True)
            self.value = float(sum(number * value for number, value in products))


class AerObserver(Observer, Aer):
    settings = ("fusion",)
    timed = "backend.run(circuit).result() with save_expectation_value; it makes the state, too"

    def translate(self) -> None:
        super().translate()
        info = import_module("qiskit.quantum_info")
        qubits = self.circuit.qubits
        terms = [
            ("".join(term.values()), list(term), number) for number, term in self.circuit.terms
        ]
        operator = info.SparsePauliOp.from_sparse_list(terms, num_qubits=qubits)
        self.theirs.data.pop()  # the saved state
        self.theirs.save_expectation_value(operator, list(range(qubits)))

    def call(self) -> None:
        super().call()
        self.value = float(self.result.data(0)["expectation_value"].real)


class QsimObserver(Observer, Qsim):
    settings = ("fuse4",)
    timed = "qsim_simulate_expectation_values of a translated circuit; it makes the state, too"

    def translate(self) -> None:
        super().translate()
        kinds = {letter: getattr(self.module, "k" + letter) for letter in "XYZ"}
        self.sum = []
        for number, term in self.circuit.terms:
            string = self.module.OpString()
            string.weight = number
            for qubit, letter in term.items():
                self.module.add_gate_to_opstring(kinds[letter], [qubit], string)
            self.sum.append(string)

    def call(self) -> None:
        found = self.module.qsim_simulate_expectation_values(
            self.options, [(self.sum, self.circuit.qubits)], 0
        )
        self.value = float(found[0].real)


OBSERVERS: dict[str, type[Observer]] = {
    "ketch": KetchObserver,
    "qulacs": QulacsObserver,
    "qsim": QsimObserver,
    "Aer": AerObserver,
    "Lightning": LightningObserver,
}
