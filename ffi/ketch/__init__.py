"""Quantum circuits on state vectors, fast, with progress, a working Ctrl-C, and the interpreter
lock released.

Circuits are recorded in Python and run in C:

>>> ketch.run(ketch.Circuit(2, 2).x(0).cx(0, 1).measure_all(), shots=1000).counts
{'11': 1000}

A register of qubits whose gates act at once:

>>> ketch.ket("000").H(0).CNOT(0, 1).CNOT(1, 2)
0.707106781186548|000> 0.707106781186548|111>

`Engine` has threads and memory of its own, calls hooks, stops and goes on. `RunOptions` tells of
all keywords that runs take.
"""

from ._arena import Arena, ArenaStats
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
    OutOfMemoryError,
    QasmError,
    RangeError,
    SuspendedError,
)
from ._gate_methods import Angles, Qubits
from ._hooks import Hook, Step
from ._instructions import Instruction
from ._ket import ket
from ._native.core import version as _version
from ._observe import Norm, Observable, Probabilities, Terms, Variance
from ._operations import Condition, Controls
from ._options import ApplyOptions, PreparedOptions, ResumeOptions, RunOptions
from ._parameter import Parameter, ParameterExpression, Parameters, Values
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

__version__ = _version()

__all__ = [
    "Angles",
    "ApplyOptions",
    "Arena",
    "ArenaStats",
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
    "Norm",
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
    "Values",
    "Variance",
    "__version__",
    "arun",
    "ket",
    "run",
    "saved",
]

# Public names live here, whatever file they are in: in pickles, in help and in tracebacks.
for _name in __all__:
    _public = globals()[_name]
    if getattr(_public, "__module__", "").startswith(f"{__name__}._"):
        _public.__module__ = __name__
