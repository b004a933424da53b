"""Texts of circuits: how long they may be, where they and what they include are read from."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from errno import EINVAL, ENOTDIR
from typing import Any, TypeAlias

from ._arguments import path_bytes, whole
from ._errors import Error, reword, wrong_type
from ._native.base import NOT_GIVEN

# No text in memory is longer.
MOST = 2**62
_DEFAULT = 2**30

# The text of an included file by its name; None where there is none.
Finder: TypeAlias = Callable[[str], "bytes | None"]
Path: TypeAlias = "str | os.PathLike[str]"


def check_limit(limit: int | None) -> int:
    """The most bytes that a text may have."""
    if limit is None:
        return _DEFAULT
    return whole("text_limit", limit, "1..2^62, or None", 1, MOST + 1)


def read(path: Path, limit: int) -> bytes:
    """The bytes of a circuit's file, but no more than one beyond the limit."""
    return read_regular(path, limit + 1, "; give its text to from_qasm")


def read_regular(path: Path, most: int = -1, advice: str = "") -> bytes:
    """The bytes of a regular file, but no more than `most`. advice: for what is no regular file."""
    path_bytes("path", path)  # refuses numbers, which open takes for descriptors

    def open_at_once(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)  # a pipe's other end is not waited for

    with open(path, "rb", opener=open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(EINVAL, f"Not a regular file{advice}", os.fspath(path))
        return file.read(most)


# ---- includes


def finder(includes: Any) -> Finder | None:
    """What looks into a caller's mapping, or asks a caller's function."""
    if includes is None:
        return None
    if not isinstance(includes, Mapping) and not callable(includes):
        raise wrong_type("includes", includes, "a mapping from names to texts, a function, or None")

    def find(name: str) -> bytes | None:
        found = includes.get(name) if isinstance(includes, Mapping) else includes(name)
        if found is None or isinstance(found, bytes):
            return found
        if not isinstance(found, str):
            raise wrong_type(f"text of the include {name!r}", found, "str, bytes or None")
        return found.encode()

    return find


class Files:
    """The files that a file may include: those in its own folder and in folders that the caller
    names, and below them."""

    def __init__(
        self, path: Path, include_path: Path | Sequence[Path], given: Finder | None, limit: int
    ) -> None:
        self._name = os.fsdecode(path)
        self._given = given
        self._limit = limit
        self._folders = [os.path.dirname(self._name) or ".", *_folders(include_path)]
        self._refusal = ""  # why the last file was not read

    def find(self, name: str) -> bytes | None:
        """The text of a file: what the caller gave, or of the first folder that has it."""
        found = None if self._given is None else self._given(name)
        return self._read(name) if found is None else found

    def _read(self, name: str) -> bytes | None:
        roots = [os.path.realpath(folder) for folder in self._folders]
        self._refusal = f"no such file in {self._listed()}"
        for folder in roots:
            place = os.path.realpath(os.path.join(folder, name))
            if os.path.isabs(name) or not any(_is_below(place, root) for root in roots):
                self._refusal = f"a file outside of {self._listed()}"
            elif os.path.isfile(place):
                return read(place, self._limit)
        return None

    def _listed(self) -> str:
        return ", ".join(repr(folder) for folder in self._folders)

    def told(self, error: Error) -> Error:
        """The error of a parse, which begins with the file's name and says which include was not
        read and why."""
        message = error.message
        if error.status == "OFF":
            message = message.replace(NOT_GIVEN, self._refusal)
            error.allowed = f"files in {self._listed()}, by relative names"
        reword(error, f"{self._name}:{message}")
        return error


def _folders(given: Path | Sequence[Path]) -> list[str]:
    several = [given] if isinstance(given, str | os.PathLike) else given
    if not isinstance(several, Sequence):
        raise wrong_type("include_path", given, "a path, or a sequence of paths")
    return [_folder(os.fsdecode(path_bytes("include_path", folder))) for folder in several]


def _folder(name: str) -> str:
    """OSError for what is no folder, as for a folder that is listed."""
    if not stat.S_ISDIR(os.stat(name).st_mode):
        raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR), name)
    return name


def _is_below(place: str, folder: str) -> bool:
    """Whether a place is in a folder, both without links."""
    return os.path.commonpath([place, folder]) == folder
