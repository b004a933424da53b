"""What the files of this package share: texts, structs, calls that fail, places for handles."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, TypeAlias

from .. import _errors as errors
from .._ketch import ffi, lib
from .handles import NULL

Pointer: TypeAlias = ffi.CData


def text(chars: Pointer) -> str:
    """A C string."""
    return str(ffi.string(chars).decode("utf-8", "replace"))


def optional_text(chars: Pointer) -> str | None:
    """A C string, or None for NULL."""
    return text(chars) if chars else None


def address_of(place: Pointer) -> int:
    """Where it is."""
    return int(ffi.cast(_ADDRESS, place))


_ADDRESS = ffi.typeof("uintptr_t")

# ---- structs that begin with their size

_kinds: dict[str, tuple[Any, int]] = {}


def struct(kind: str) -> Pointer:
    """A zeroed struct with its size set."""
    known = _kinds.get(kind)
    if known is None:
        known = _kinds[kind] = ffi.typeof(kind + " *"), ffi.sizeof(kind)
    made: Pointer = ffi.new(known[0])
    made.size = known[1]
    return made


def fields(struct: Pointer) -> dict[str, Any]:
    """The struct's fields after its size, by name."""
    names = [name for name, _ in ffi.typeof(struct).item.fields if name != "size"]
    return {name: getattr(struct, name) for name in names}


# ---- failures


def status_name(status: int) -> str:
    """The word for a status, as "RANGE"; "?" for a number that is none."""
    return text(lib.ketch_status_name(status))


# What is said of an include that was not given.
NOT_GIVEN = "`includes` has no such file"

# What Python calls otherwise than C: arguments, of any function or of one, and words in texts.
_FIT = "ketch_glia_fit_run."
_ARGUMENTS = {
    **{_FIT + name: name for name in ("adam_beta1", "adam_beta2", "adam_eps")},
    **{_FIT + name: name for name in ("optimizer", "temperature")},
    _FIT + "batch": "batch_size",
    _FIT + "net": "network",
    "angles": "angle",
    "b": "other",
    "control_count": "controls",
    "count": "",
    "fence_every": "hook_every",
    "observable_count": "observe",
    "observables": "observe",
    "params": "angles",
    "qubit_count": "qubits",
    "save_path": "save",
    "save_seconds": "save_every",
    **{name: f"grad.{name}" for name in ("adam_beta1", "adam_beta2", "adam_eps")},
    **{name: f"grad.{name}" for name in ("clip_grad_norm", "optimizer", "temperature")},
    "default_id": "detector.default_id",
    "detector_alpha": "detector.alpha",
    "detector_threshold": "detector.threshold",
    "tick_seconds": "hook_seconds",
    "train_count": "train_data",
    "validation_count": "val_data",
    "which": "",
    "ketch_circuit_initialize.amplitudes": "state",
    "ketch_circuit_measure.bit": "bits",
    "ketch_circuit_measure.qubit": "qubits",
    "ketch_circuit_reset.qubit": "qubits",
    "ketch_engine_resume.path": "save",
    "ketch_glia_inject.amounts": "amount",
    "ketch_glia_evolve.path": "save",
    "ketch_glia_run.path": "save",
    "ketch_glia_train.path": "save",
    "ketch_program_run.path": "save",
    "ketch_program_run.qubits": "observe",
}
_WORDS = {
    "number of params": "number of angles",
    "params[": "angles[",
    "other includes need a resolver": "texts of other includes are given by `includes`",
    "the resolver has no such include": NOT_GIVEN,
    "allowed 0 or 1": "allowed None or 1",
    "(ketch_state_set_amplitudes can normalise them)": "(State.set_amplitudes can normalise them)",
    "does not fit the program": "does not fit the circuit",
}


def failure(status: int, error: Pointer) -> errors.Error:
    """The exception for a status and the struct that tells more of it, in Python's words."""
    if status == lib.KETCH_PY_ENDED:
        given, allowed = "a call while Python ends", "calls before that"
        return errors.failed("HANDLE", "process", given, allowed, "Python ends: nothing begins now")
    word = status_name(status)
    names = "function", "given", "allowed"
    parts: dict[str, Any] = {name: text(getattr(error, name)) for name in names}
    cls = errors.class_of(word, error.system, parts["function"], error.line)
    argument, message = text(error.argument), text(error.message)
    named = f"{parts['function']}.{argument}"
    parts["argument"] = _ARGUMENTS.get(named) or _ARGUMENTS.get(argument, argument)
    if error.line:
        parts |= {"line": error.line, "column": error.column}
    if error.system:
        parts["errno"] = error.system
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    is_glia = parts["function"].startswith("ketch_glia_")
    if is_glia and not error.line and not issubclass(cls, errors.FileError):
        message = _naming(str(parts["argument"]), message)
    return cls(message, word, **parts)


def _naming(argument: str, message: str) -> str:
    """A message that says which argument it is about: a config has many."""
    return f"{argument}: {message}" if argument and argument not in message else message


_spare: list[Pointer] = []  # error structs, taken and given by atomic steps


def call(function: Callable[..., int], *arguments: object) -> None:
    """Calls a C function whose last parameter is the error; raises its failure."""
    try:
        error = _spare.pop()
    except IndexError:
        error = struct("ketch_error")
    status = function(*arguments, error)
    if status < 0:
        raise failure(status, error)
    _spare.append(error)


def whole_text(write: Callable[..., int], *arguments: object) -> str:
    """The text that a C function writes to a buffer, whose size and the text's length are the
    arguments before these."""
    length = ffi.new("size_t *")
    call(write, NULL, 0, length, *arguments)
    buffer = ffi.new("char[]", length[0] + 1)
    call(write, buffer, len(buffer), NULL, *arguments)
    return text(buffer)


def locked(name: str, answer: Any) -> Any:
    """A function of glue.c without arguments, as one that keeps the interpreter lock."""
    address = int(ffi.cast("uintptr_t", ffi.addressof(lib, name)))
    return ctypes.PYFUNCTYPE(answer)(address)


# ---- places for handles


def places(kind: str) -> Callable[[], Any]:
    """A maker of places for C to put a new handle in: owned before it exists, so that an interrupt
    between the call and its bookkeeping loses nothing. What is in a place ends with it, by a C
    function: in a finalizer of Python code an interrupt would be lost, and the object with it."""
    pointer = ffi.typeof(f"ketch_{kind} **")
    end = getattr(lib, f"ketch_py_end_{kind}")
    return lambda: ffi.gc(ffi.new(pointer), end)
