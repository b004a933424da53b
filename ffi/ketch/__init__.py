"""ketch: quantum circuits on state vectors, fast, with progress, a working Ctrl-C, and the
interpreter lock released.

    from ketch import ket, Circuit, Engine, run

    print(ket("000").H(0).CNOT(0, 1).CNOT(1, 2))
    print(run(Circuit(2, 2).h(0).cx(0, 1).measure_all(), shots=1000).counts)
"""

from . import _native
from ._arena import Arena, ArenaStats
from ._circuit import Circuit
from ._engine import Engine, Prepared, Stop
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
from ._hooks import Step
from ._ket import ket
from ._parameter import Parameter
from ._pool import run
from ._result import Position, Report, Result
from ._state import State

__version__ = _native.version()

__all__ = [
    "Arena",
    "ArenaStats",
    "BadIndexError",
    "BusyError",
    "Circuit",
    "Engine",
    "Error",
    "FileError",
    "GateError",
    "HandleError",
    "OutOfMemoryError",
    "Parameter",
    "Position",
    "Prepared",
    "QasmError",
    "RangeError",
    "Report",
    "Result",
    "State",
    "Step",
    "Stop",
    "SuspendedError",
    "__version__",
    "ket",
    "run",
]
