"""The twelve exception classes. Each is a ketch.Error and the built-in exception that a user
expects; `status` tells kinds of one class apart."""

from __future__ import annotations

from errno import ENOENT
from typing import Any


class Error(Exception):
    """A call that failed. The text says all there is to say; the attributes hold its parts.

    Parameters
    ----------
    message : str
        One sentence: what is wrong, what was given, what is allowed.
    status : str
        The kind of failure in one word, such as "RANGE".
    **parts
        Any of the attributes below.

    Attributes
    ----------
    message, status : str
        As given.
    function, argument : str
        The function of the C library that refused the call, for reports of bugs, and the argument
        of the Python method; may be empty.
    given, allowed : str
        The offending value, and what would have been right; may be empty.
    line, column : int or None
        Where in a text, from 1, the column in bytes.
    result : Result or None
        The run that failed, where `Engine.resume` can carry it on.

    Examples
    --------
    >>> try:
    ...     ketch.Circuit(1).unitary([[1, 1], [0, 1]], 0)
    ... except ketch.Error as error:
    ...     print(type(error).__name__, error.status)
    GateError UNITARY
    """

    def __init__(self, message: str, status: str = "ERROR", **parts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.function: str = parts.get("function", "")
        self.argument: str = parts.get("argument", "")
        self.given: str = parts.get("given", "")
        self.allowed: str = parts.get("allowed", "")
        self.line: int | None = parts.get("line")
        self.column: int | None = parts.get("column")
        self.result: Any = None  # no module above this one may be named here

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[type[Error], tuple[str, str], dict[str, object]]:
        return type(self), (self.message, self.status), self.__dict__


class RangeError(Error, ValueError):
    """A value that is not allowed: out of its limits (status RANGE), given twice (DUPLICATE), too
    few or too many (ARITY; of a network LIMIT), not finite (NONFINITE), an array of a wrong shape
    (SHAPE) or size (BUFFER), amplitudes that are no state (NORM), objects that do not fit each
    other (MISMATCH)."""


class BadIndexError(Error, IndexError):
    """A qubit, classical bit or neuron that does not exist (status INDEX)."""


class GateError(Error, ValueError):
    """No such gate (status GATE), or a matrix that is not unitary (UNITARY)."""


class QasmError(Error, ValueError):
    """A circuit text that cannot be read: it breaks the grammar (status SYNTAX), has a number that
    cannot be represented (LITERAL), is nested too deeply (DEPTH), expands to too many gates (LIMIT)
    or includes a file that the caller did not provide (OFF). `line` and `column` say where."""


class TextError(Error, ValueError):
    """A text of a network or a sequence of injections that cannot be read: it breaks the grammar
    (status SYNTAX), has a number that cannot be represented (LITERAL), or is larger than allowed
    (LIMIT). `line` and `column` say where."""


class HandleError(Error, RuntimeError, ValueError):
    """An engine or arena that was closed (status HANDLE), or that was made in another process
    (FORKED). Also a ValueError, as for a closed file."""


class BusyError(Error, RuntimeError):
    """The object is in use: an engine carries one run at a time (status BUSY)."""


class SuspendedError(Error, RuntimeError):
    """A state between two fences, which cannot be read: resume its run first (status SUSPENDED)."""


class OutOfMemoryError(Error, MemoryError):
    """More memory than is allowed or available (status MEMORY)."""


class FileError(Error, OSError, ValueError):
    """A file that could not be read or written (status IO, with `errno`), or whose contents are
    not what they should be: another format (FORMAT), written by a newer version (VERSION), damaged
    (CORRUPT)."""

    def __init__(self, message: str, status: str = "IO", **parts: Any) -> None:
        super().__init__(message, status, **parts)
        self.errno = parts.get("errno")

    def __reduce__(self) -> tuple[type[Error], tuple[str, str], dict[str, object]]:
        return type(self), (self.message, self.status), {**self.__dict__, "errno": self.errno}


class MissingFileError(FileError, FileNotFoundError):
    """A FileError where there is no file of that name, or no folder for it (status IO, ENOENT)."""


_STATUSES: dict[type[Error], str] = {
    RangeError: "RANGE DUPLICATE ARITY NONFINITE SHAPE BUFFER NORM MISMATCH",
    BadIndexError: "INDEX",
    GateError: "GATE UNITARY",
    QasmError: "SYNTAX LITERAL DEPTH LIMIT OFF",
    HandleError: "HANDLE FORKED",
    BusyError: "BUSY",
    SuspendedError: "SUSPENDED",
    OutOfMemoryError: "MEMORY",
    FileError: "IO FORMAT VERSION CORRUPT",
    Error: "HOOK",
}
# The class for every status that C has.
BY_STATUS = {status: cls for cls, words in _STATUSES.items() for status in words.split()}


def class_of(status: str, system: object = 0, function: str = "", line: int = 0) -> type[Error]:
    """The class for a failure. system: the system's number of it, or 0. function: C's that failed.
    line: 0 where it is not about a text."""
    cls = BY_STATUS.get(status, Error)
    if cls is FileError and system == ENOENT:
        return MissingFileError
    if cls is QasmError and function.startswith("ketch_glia_"):
        return TextError if line else RangeError
    return cls


def failed(
    status: str, argument: str, given: object, allowed: object, what: str, **more: object
) -> Error:
    """The error of that status: what is wrong with an argument, what was given, what is allowed."""
    message = f"{what}: given {given}, allowed {allowed}"
    parts = {"argument": argument, "given": str(given), "allowed": str(allowed), **more}
    return class_of(status, more.get("errno"))(message, status, **parts)


def reword(error: Error, message: str) -> None:
    """Gives an error another message."""
    error.message, error.args = message, (message,)


def out_of_range(argument: str, given: object, allowed: object) -> Error:
    """The error for a value outside its limits."""
    return failed("RANGE", argument, short(given), allowed, f"{argument} out of range")


def short(given: object) -> str:
    """How a value is shown."""
    text = repr(given)
    return text if len(text) <= 90 else text[:87] + "..."


def nonfinite(argument: str, given: complex) -> Error:
    """The error for a number that is nan or infinite."""
    return failed("NONFINITE", argument, repr(given), "finite numbers", f"{argument} is not finite")


def wrong_type(argument: str, given: object, allowed: str) -> TypeError:
    """The error for a value of a wrong type: Python's own."""
    kind = type(given).__name__
    return TypeError(f"{argument} of a wrong type: given {kind}, allowed {allowed}")
