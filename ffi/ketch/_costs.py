"""Costs of kernels, by which circuits are planned."""

from __future__ import annotations

from os import PathLike
from typing import TypeAlias

from ._arguments import path_bytes
from ._errors import failed, out_of_range, wrong_type
from ._native import costs as native
from ._native.handles import CostsHandle


class Costs:
    """A table of what kernels cost on one machine, to plan circuits for it.

    The command measures the machine that it runs on, in about 20 seconds: ``ketch costs > FILE``.
    Plans, and so the bits of results, depend on the table: the same one gives the same bits on any
    machine. A table equals another one of the same text, and pickles.

    Parameters
    ----------
    path : str or path
        The file.

    Raises
    ------
    FileError
        Where the file cannot be read (an OSError with errno), or is no table of costs: `line` and
        `column` say where. VERSION: a newer version wrote it.
    RangeError
        For a table that has a kernel set twice, or one that this build does not have.

    Examples
    --------
    >>> ketch.run(circuit, costs=ketch.Costs("here.costs"))  # doctest: +SKIP
    """

    __slots__ = ("_handle", "_text")

    def __init__(self, path: str | PathLike[str]) -> None:
        name = path_bytes("path", path)
        try:
            with open(name, "rb") as file:
                source = file.read()
        except OSError as error:
            what = f"{name.decode(errors='surrogateescape')} cannot be read"
            raise failed("IO", "path", error.strerror, "a file", what, errno=error.errno) from None
        self._set(source)

    @classmethod
    def parse(cls, text: str | bytes) -> Costs:
        """Read a table from a text.

        Parameters
        ----------
        text : str or bytes
            What ``ketch costs`` wrote.

        Returns
        -------
        Costs

        Raises
        ------
        FileError, RangeError
            As for a file.
        """
        if not isinstance(text, str | bytes):
            raise wrong_type("text", text, "str or bytes")
        costs = cls.__new__(cls)
        costs._set(text if isinstance(text, bytes) else text.encode(errors="surrogateescape"))
        return costs

    def _set(self, source: bytes) -> None:
        self._handle = native.parse(source)
        self._text = native.write(self._handle)

    @property
    def text(self) -> str:
        """The table as a text, as in its file."""
        return self._text

    @property
    def family(self) -> str:
        """The family of the processor that it was measured on; "other" where it has no name."""
        return self._text.split("\n", 2)[1].partition(" ")[2]

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Costs) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return f"Costs({self.family})"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Costs.parse, (self._text,)


# What keywords take: None is the library's default.
CostsLike: TypeAlias = "str | Costs | None"


def costs_choice(costs: object) -> tuple[int, CostsHandle | None]:
    """C's number for costs, and the table."""
    if costs is None:
        return 0, None
    if isinstance(costs, Costs):
        return 0, costs._handle
    allowed = ", ".join(f'"{name}"' for name in native.NAMES)
    if not isinstance(costs, str):
        raise wrong_type("costs", costs, f"Costs, None, or one of {allowed}")
    if costs not in native.NAMES:
        raise out_of_range("costs", costs, f"None, a ketch.Costs, {allowed}")
    return native.NAMES[costs], None
