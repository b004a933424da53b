"""Writes the Python page of the reference: the public names by kind, for autodoc. Use: names.py
FILE."""

import inspect
import sys
from pathlib import Path

import ketch

TITLE = "The Python package"
DIRECTIVES = {
    "Functions": "autofunction",
    "Classes": "autoclass",
    "Options of runs": "autoclass",
    "Exceptions": "autoexception",
    "Types in signatures": "autodata",
}


def kind(thing: object) -> str:
    """The section that a public name belongs to."""
    if inspect.isfunction(thing):
        return "Functions"
    if not isinstance(thing, type):
        return "Types in signatures"
    if issubclass(thing, BaseException):
        return "Exceptions"
    return "Options of runs" if issubclass(thing, dict) else "Classes"


def section(title: str, names: list[str]) -> str:
    members = "   :members:\n" if title == "Classes" else ""
    entries = [f".. {DIRECTIVES[title]}:: {name}\n{members}" for name in names]
    return "\n".join([title, "-" * len(title), "", *entries, ""])


def main(page: Path) -> None:
    names = [name for name in ketch.__all__ if not name.startswith("__")]
    sections = [
        section(title, [name for name in names if kind(getattr(ketch, name)) == title])
        for title in DIRECTIVES
    ]
    head = [TITLE, "=" * len(TITLE), "", ".. automodule:: ketch", "   :no-members:", ""]
    page.write_text("\n".join([*head, ".. currentmodule:: ketch", "", *sections]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
