#!/usr/bin/env python3
"""Prints what tests reached of the library, by room: one line for each bound, and what is left.

Use: tests/coverage.py BUILD    (a folder of setup_coverage, in tests/setup.sh, with its profiles)
"""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Files and folders of a room.
ROOMS = {
    "validators": (
        "engine/job.c",
        "engine/run_options.c",
        "engine/ket/circuit/add.c",
        "engine/ket/circuit/add_many.c",
        "engine/ket/circuit/add_matrix.c",
        "engine/ket/circuit/checks.c",
        "engine/ket/circuit/checks.h",
        "engine/ket/state/checks.c",
    ),
    "the parser": ("engine/ket/qasm",),
    "saved runs": (
        "engine/fields.h",
        "engine/file.c",
        "engine/format.c",
        "engine/load.c",
        "engine/replace.c",
        "engine/result_save.c",
        "engine/save.c",
        "engine/saved.c",
        "engine/saved_core.c",
        "engine/ket/run/load.c",
        "engine/ket/run/request.c",
        "engine/ket/run/saved_run.c",
    ),
    "the pool": ("engine/workers.c",),
    "the library": ("arena", "engine"),
}
# Percent of a room's lines and of its branches; None: no bound.
BOUNDS = dict.fromkeys(ROOMS, (100, 95)) | {"the library": (90, None)}


class Place(NamedTuple):
    """A line (branch 0) or a way that a branch may take, and how often it was reached."""

    file: Path
    line: int
    branch: int
    count: int


def tool(name: str) -> str:
    """llvm's tool of the same version as clang."""
    version = subprocess.run(["clang", "-dumpversion"], capture_output=True, text=True, check=True)
    return f"llvm-{name}-{version.stdout.partition('.')[0]}"


def exported(build: Path) -> str:
    """What all test programs of the build reached, as lcov has it."""
    profile = build / "tests.profdata"
    profiles = sorted(build.glob("profiles/*.profraw"))
    subprocess.run([tool("profdata"), "merge", "-o", profile, *profiles], check=True)
    programs = [p for p in sorted(build.glob("tests/*/*_*")) if not p.suffix and p.is_file()]
    objects = [word for program in programs for word in ("-object", str(program))][1:]
    command = [tool("cov"), "export", "-format=lcov", f"-instr-profile={profile}", *objects]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def places(lcov: str) -> Iterator[Place]:
    """The lines and branches of the library."""
    file, branches = Path(), 0
    for text in lcov.splitlines():
        kind, _, rest = text.partition(":")
        if kind == "SF":
            path = Path(rest).resolve()
            file = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        elif kind == "DA":
            line, count = map(int, rest.split(","))
            yield Place(file, line, 0, count)
        elif kind == "BRDA":
            line, _, _, taken = rest.split(",")
            branches += 1
            yield Place(file, int(line), branches, 0 if taken == "-" else int(taken))


def rooms_of(file: Path) -> list[str]:
    """The rooms that a file belongs to."""
    return [name for name, paths in ROOMS.items() if any(file.is_relative_to(p) for p in paths)]


def missed(found: list[Place]) -> Iterator[str]:
    """The places that were not reached: "file: 12 15-17"."""
    lines = defaultdict(set)
    for place in found:
        if place.count == 0:
            lines[place.file].add(place.line)
    for file, numbers in sorted(lines.items()):
        yield f"{file}: {' '.join(map(str, sorted(numbers)))}"


def judge(room: str, what: str, bound: int | None, found: list[Place]) -> bool:
    """Prints the figure of a room's lines or branches; false where it misses its bound."""
    percent = 100 * sum(place.count > 0 for place in found) / max(len(found), 1)
    text = f"{what} of {room} that tests reach"
    if bound is not None:
        text += f", at least {bound} %"
    good = bound is None or percent >= bound
    print(f"# tests/coverage.py: figure P37: {text} = {percent:.4g} %")
    if bound is not None:
        print(f"{'PASS' if good else 'FAIL'}: tests/coverage.py - {text}")
    if room != "the library":
        for each in missed(found):
            print(f"    not reached: {each}")
    return good


def main(build: Path) -> bool:
    found = list(places(exported(build)))
    good = True
    for room, bounds in BOUNDS.items():
        here = [place for place in found if room in rooms_of(place.file)]
        lines = [place for place in here if place.branch == 0]
        branches = [place for place in here if place.branch != 0]
        good &= judge(room, "lines", bounds[0], lines)
        good &= judge(room, "branches", bounds[1], branches)
    return good


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(not main(Path(sys.argv[1])))
