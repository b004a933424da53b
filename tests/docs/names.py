"""Writes the Python page of the reference: the public names by kind, for autodoc. Use: names.py
FILE."""

import inspect
import sys
from pathlib import Path

import ketch
from ketch import glia

TITLE = "The Python package"
PACKAGES = {"ketch": ketch, "ketch.glia": glia, "ketch.glia.viz": glia.viz}
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


def package(name: str) -> str:
    """What a package says of itself, and its public names."""
    home = PACKAGES[name]
    names = [each for each in home.__all__ if not each.startswith("__")]
    sections = [
        section(title, found)
        for title in DIRECTIVES
        if (found := [each for each in names if kind(getattr(home, each)) == title])
    ]
    head = [f".. automodule:: {name}", "   :no-members:", "", f".. currentmodule:: {name}", ""]
    return "\n".join([*head, *sections])


def main(page: Path) -> None:
    page.write_text("\n".join([TITLE, "=" * len(TITLE), "", *map(package, PACKAGES)]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
