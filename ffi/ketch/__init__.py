"""Quantum circuits on state vectors, with progress and a working Ctrl-C.

A circuit is recorded in Python and run in C, without the interpreter lock. Angles come first, then
qubits:

>>> c = ketch.Circuit(2, 2).h(0).cx(0, 1).rz(0.3, 1).measure([0, 1], [0, 1])
>>> sorted(ketch.run(c, shots=1000, seed=7).counts)
['00', '11']

A run without shots leaves the state. Qubit 0 is the lowest bit of an index and the rightmost
character of a ket:

>>> bell = ketch.Circuit(2).h(0).cx(0, 1)
>>> ketch.run(bell).state.real.round(3)
array([0.707, 0.   , 0.   , 0.707])

Observables are asked of the final state: "norm", qubits for the probabilities of their outcomes, or
sums of Pauli strings for their expectations:

>>> norm, outcomes, energy = ketch.run(bell, observe=["norm", [0], {"XX": 0.5, "ZZ": -1}]).observed
>>> outcomes, round(energy, 12)
(array([0.5, 0.5]), -0.5)

Parameters are left open. A circuit is planned once and run with many values:

>>> a = ketch.Parameter("a")
>>> prepared = ketch.Engine().prepare(ketch.Circuit(1).rx(a, 0))
>>> [f"{abs(prepared.run(x).state[1]) ** 2:.3f}" for x in (0.0, 1.0, 2.0)]
['0.000', '0.230', '0.708']

A register of qubits whose gates act at once:

>>> ketch.ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
0.707106781186548|000> 0.707106781186548|111>

Where to look further
    Circuit       gates, matrices, measurements, conditions, OpenQASM 2, drawings
    Engine        threads and memory; run, prepare, apply, resume, load; states; Pool: a queue
    RunOptions    every keyword of a run: shots, seed, observe, hook, timeout, stop, save, ...
    Result        state, counts, outcomes, observed values; report; save; whether it was stopped
    State         amplitudes that live on: probabilities, expectation, sample, measure
    PauliSum      sums of Pauli strings; Parameter, Parameters: open angles
    glia          networks of spiking neurons: files, ticks, training
    Error         what calls raise; each subclass is a built-in exception too

Types in signatures
    Qubits, Controls, Angles, Values, Numbers, Array    one number or several, NumPy's arrays too
    Observable, Terms, PauliString                      what is observed
    Seed, Start, Precision, Hook, Progress, CostsLike   see RunOptions
    Includes                                            see Circuit.from_qasm
"""

import typing as _typing

from ._arena import Arena, ArenaStats
from ._arguments import Array, Qubits
from ._circuit import Circuit, Includes
from ._costs import Costs, CostsLike
from ._engine import Engine
from ._errors import (
    BadIndexError,
    BusyError,
    Error,
    FileError,
    GateError,
    HandleError,
    MissingFileError,
    OutOfMemoryError,
    QasmError,
    RangeError,
    SuspendedError,
    TextError,
)
from ._gate_methods import Angles
from ._hooks import Hook, Step
from ._instructions import Instruction
from ._ket import ket
from ._names import move as _move
from ._native.core import version as _version
from ._observe import Norm, Observable, Probabilities, Terms, Variance
from ._operations import Condition, Controls
from ._options import ApplyOptions, PreparedOptions, ResumeOptions, RunOptions
from ._parameter import Numbers, Parameter, ParameterExpression, Parameters, Values
from ._pauli import PauliString, PauliSum
from ._pool import Pool
from ._position import Position
from ._precision import Precision
from ._prepared import Prepared
from ._progress import Progress
from ._report import Report
from ._result import Result
from ._result_data import ResultData
from ._run import arun, run
from ._saved import Saved, saved
from ._seeds import Seed
from ._state import Start, State
from ._stop import Stop

if _typing.TYPE_CHECKING:
    from . import glia as glia

__version__ = _version()

__all__ = [
    "Angles",
    "ApplyOptions",
    "Arena",
    "ArenaStats",
    "Array",
    "BadIndexError",
    "BusyError",
    "Circuit",
    "Condition",
    "Controls",
    "Costs",
    "CostsLike",
    "Engine",
    "Error",
    "FileError",
    "GateError",
    "HandleError",
    "Hook",
    "Includes",
    "Instruction",
    "MissingFileError",
    "Norm",
    "Numbers",
    "Observable",
    "OutOfMemoryError",
    "Parameter",
    "ParameterExpression",
    "Parameters",
    "PauliString",
    "PauliSum",
    "Pool",
    "Position",
    "Precision",
    "Prepared",
    "PreparedOptions",
    "Probabilities",
    "Progress",
    "QasmError",
    "Qubits",
    "RangeError",
    "Report",
    "Result",
    "ResultData",
    "ResumeOptions",
    "RunOptions",
    "Saved",
    "Seed",
    "Start",
    "State",
    "Step",
    "Stop",
    "SuspendedError",
    "Terms",
    "TextError",
    "Values",
    "Variance",
    "__version__",
    "arun",
    "ket",
    "run",
    "saved",
]


def __getattr__(name: str) -> _typing.Any:
    """ketch.glia is imported when it is first asked for."""
    if name != "glia":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module(".glia", __name__)


for _name in __all__:
    _move(_name, globals()[_name], __name__)
