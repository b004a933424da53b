"""Saved runs: the note that Python keeps in their files, and what a file tells."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, NamedTuple

from ._arguments import path_bytes
from ._circuit import Circuit
from ._errors import failed
from ._native import saves
from ._recording import Recorded
from ._stored import describe

FORMAT = 1
_COMMAND = b"ketch run 1\n"  # how a note of the command begins


class Note(NamedTuple):
    """What is kept with a saved run. circuit: None where the file has none that can be read."""

    circuit: Circuit | None
    shots: int
    seed: int
    asked: Sequence[int]


def note_of(circuit: Recorded, shots: int, seed: int, asked: Sequence[int]) -> bytes:
    """The note of a run: a JSON text."""
    import json

    parts = {"circuit": describe(circuit), "shots": shots, "seed": seed, "asked": list(asked)}
    return json.dumps({"ketch": FORMAT, **parts}, separators=(",", ":")).encode()


def read_note(note: bytes) -> Note:
    """The parts of a note of Python or of the command; of others, nothing."""
    if note.startswith(_COMMAND):
        return _read_command(note)
    if not note.startswith(b'{"ketch":'):
        return Note(None, 0, 0, ())
    import json

    try:
        return _read(json.loads(note))
    except (KeyError, IndexError, TypeError, json.JSONDecodeError):
        pass
    raise failed("CORRUPT", "note", "a note without them", "a circuit, shots, seed", "a wrong note")


def _read(parts: dict[str, Any]) -> Note:
    if parts["ketch"] != FORMAT:
        what = "a note in a form that this version does not know"
        raise failed("VERSION", "note", parts["ketch"], FORMAT, what)
    circuit = Circuit.__new__(Circuit)
    circuit.__setstate__(parts["circuit"])
    return Note(circuit, parts["shots"], parts["seed"], parts["asked"])


def _read_command(note: bytes) -> Note:
    """Of the command: lines "NAME VALUE" up to an empty one, then the circuit's text."""
    head, _, text = note.partition(b"\n\n")
    lines = [line.partition(b" ") for line in head.split(b"\n")]
    numbers = {name: int(value) for name, _, value in lines if name in (b"shots", b"seed")}
    return Note(Circuit.from_qasm(text), numbers[b"shots"], numbers[b"seed"], ())


class Saved(NamedTuple):
    """What a file with a saved run tells.

    Attributes
    ----------
    type : str
        What was run: "ketch.circuit" for circuits.
    done : int
        Steps that were retired.
    total : int or None
        All of them; None: unknown.
    ended : bool
        Whether the run had ended.
    bytes : int
        The size of the file.
    library : str
        The version that wrote it.
    circuit : Circuit or None
        The circuit; None where neither Python nor the command saved it.
    """

    type: str
    done: int
    total: int | None
    ended: bool
    bytes: int
    library: str
    circuit: Circuit | None


def saved(path: str | PathLike[str]) -> Saved:
    """Look at a saved run without loading it.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    Saved

    Raises
    ------
    FileError
        Where it cannot be read (an OSError with errno), or is no saved run.
    """
    handle = saves.open_saved(path_bytes("path", path))
    found = saves.info(handle)
    shown = {name: found[name] for name in ("type", "done", "total", "bytes", "library")}
    circuit = read_note(saves.note(handle)).circuit
    return Saved(**shown, ended=bool(found["ended"]), circuit=circuit)
