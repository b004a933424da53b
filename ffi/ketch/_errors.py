"""One class a kind of failure: each is a ketch.Error and also the built-in that a user expects."""

from __future__ import annotations


class Error(Exception):
    """Where and why a call failed. The text says all of it; the attributes say it in parts.

    status: its kind, as "RANGE". function, argument: which C call and argument. given, allowed:
    the offending value and what would have been right. line, column: of a circuit text, from 1.
    """

    status = "ERROR"

    def __init__(
        self,
        message: str,
        function: str = "",
        argument: str = "",
        given: str = "",
        allowed: str = "",
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.function = function
        self.argument = argument
        self.given = given
        self.allowed = allowed
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type[Error], tuple[object, ...]]:
        fields = (self.message, self.function, self.argument, self.given, self.allowed)
        return type(self), (*fields, self.line, self.column)


class RangeError(Error, ValueError):
    """A count or number outside its limits."""

    status = "RANGE"


class BadIndexError(Error, IndexError):
    """A qubit or classical bit that does not exist."""

    status = "INDEX"


class DuplicateError(Error, ValueError):
    """The same qubit twice in one gate."""

    status = "DUPLICATE"


class GateError(Error, ValueError):
    """No such gate."""

    status = "GATE"


class ArityError(Error, ValueError):
    """Wrong number of qubits or parameters for a gate."""

    status = "ARITY"


class NonfiniteError(Error, ValueError):
    """A parameter that is nan or infinite."""

    status = "NONFINITE"


class UnitaryError(Error, ValueError):
    """A matrix that is not unitary."""

    status = "UNITARY"


class ShapeError(Error, ValueError):
    """Wrong shape or layout of an array."""

    status = "SHAPE"


class TooSmallError(Error, ValueError):
    """A buffer too small, misaligned or overlapping."""

    status = "BUFFER"


class NormError(Error, ValueError):
    """Amplitudes that are not a state."""

    status = "NORM"


class HandleError(Error, RuntimeError):
    """An object that was ended."""

    status = "HANDLE"


class ClosedError(HandleError, ValueError):
    """A method of a closed engine or arena."""


class ForkedError(Error, RuntimeError):
    """An object made in another process."""

    status = "FORKED"


class BusyError(Error, RuntimeError):
    """One run at a time an engine."""

    status = "BUSY"


class SuspendedError(Error, RuntimeError):
    """A state between two fences: resume its run first."""

    status = "SUSPENDED"


class QasmError(Error, ValueError):
    """A circuit text that does not follow the grammar; line and column say where."""

    status = "SYNTAX"


class LiteralError(QasmError):
    """A number in text that cannot be represented."""

    status = "LITERAL"


class DepthError(QasmError):
    """Text nested too deeply."""

    status = "DEPTH"


class LimitError(QasmError):
    """Text that expands to too many operations."""

    status = "LIMIT"


class OffError(QasmError):
    """A feature that is off unless asked for."""

    status = "OFF"


class OutOfMemoryError(Error, MemoryError):
    """More memory than allowed or available."""

    status = "MEMORY"


class HookError(Error, RuntimeError):
    """A hook asked the run to fail."""

    status = "HOOK"


class MismatchError(Error, ValueError):
    """Objects that do not fit each other: precision, qubit count, kernel set."""

    status = "MISMATCH"


class FileError(Error, OSError):
    """A file could not be read or written."""

    status = "IO"


class WrongTypeError(Error, TypeError):
    """An argument or a hook's answer of a wrong type."""

    status = "TYPE"


def _subclasses(cls: type[Error]) -> list[type[Error]]:
    return [sub for child in cls.__subclasses__() for sub in (child, *_subclasses(child))]


# Where two classes share a status the first stands for it.
BY_STATUS: dict[str, type[Error]] = {
    cls.status: cls for cls in reversed(_subclasses(Error)) if cls is not ClosedError
}


def wrong_type(argument: str, given: object, allowed: str) -> WrongTypeError:
    """The error for a value of a wrong type."""
    kind = type(given).__name__
    message = f"{argument} of a wrong type: given {kind}, allowed {allowed}"
    return WrongTypeError(message, argument=argument, given=kind, allowed=allowed)


def out_of_range(argument: str, given: object, allowed: str) -> RangeError:
    """The error for a value outside its limits."""
    text = repr(given)
    text = text if len(text) <= 90 else text[:87] + "..."
    message = f"{argument} out of range: given {text}, allowed {allowed}"
    return RangeError(message, argument=argument, given=text, allowed=allowed)
