#!/usr/bin/env python3
"""Prints the table of promises: the tests of tests/promises.txt, how they ended, their figures.

Use: tests/promises.py LOGS [LOGS OF A LONG RUN]    (folders that tests/run.sh --long wrote or not)
"""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Neither debugging nor sanitizers slow these stages down: figures come from them where there are.
PLAIN = ("release", "house", "python")
MAKE = re.compile(r"(PASS|FAIL|ERROR|SKIP): (tests/\S+?)(?:\.sh)?(?: \d+)? - (.*)")
CHECK = re.compile(r"[^:]*:[^:]*:(\w+)")
PYTEST = re.compile(r"(PASS|FAIL|ERROR|SKIP)(?:P?ED)? (tests/python/\w+\.py)::(\w+)(?:.*? - (.*))?")
FIGURE = re.compile(r"(?:# (tests/\S+): )?figure (P\d+): (.*) = (\S+) ?(.*)")


class Promise(NamedTuple):
    """tests: (file, name). missing: what no test shows, and why."""

    name: str
    text: str
    tests: list[tuple[str, str]]
    missing: list[str]


class Ending(NamedTuple):
    """How one case of a test ended. reason: of a skipped one."""

    stage: str
    file: str
    name: str
    how: str
    reason: str


class Figure(NamedTuple):
    promise: str
    what: str
    value: float
    unit: str


def promises(text: str) -> Iterator[Promise]:
    """The promises in the order of the file."""
    for entry in re.split(r"^(?=P\d)", text, flags=re.M)[1:]:
        head, *lines = filter(None, map(str.strip, entry.splitlines()))
        name, _, sentence = head.partition(" ")
        missing = [line for line in lines if line.startswith("no test yet: ")]
        tests = [line.partition(": ")[::2] for line in lines if line not in missing]
        yield Promise(name, sentence, tests, missing)


def lines(folder: Path) -> Iterator[tuple[str, str]]:
    """The stages' names and the lines of their logs, those first whose figures count."""
    for log in sorted(folder.glob("*.log"), key=lambda log: (log.stem not in PLAIN, log.stem)):
        for line in log.read_text(errors="replace").splitlines():
            yield log.stem, line


def endings(folder: Path) -> Iterator[Ending]:
    """What the logs say of every case of every test."""
    for stage, line in lines(folder):
        if found := MAKE.match(line):
            how, program, rest = found.groups()
            in_c = program.startswith("tests/c/")
            name, _, reason = rest.partition(" # SKIP ")
            if in_c and (case := CHECK.match(rest)):
                name = case[1]
            elif how == "ERROR" or (how == "SKIP" and not reason):  # the whole program
                name, reason = "*", rest
            file = program + (".c" if in_c else ".sh")
            yield Ending(stage, file, name, how, reason.removesuffix(": Passed"))
        elif found := PYTEST.match(line):
            how, file, name, reason = found.groups()
            yield Ending(stage, file, name, how, (reason or "").removeprefix("Skipped: "))


def figures(folder: Path) -> Iterator[Figure]:
    """Every figure that a test printed, from the first stage that it ran in."""
    first: dict[tuple[str | None, str], str] = {}
    for stage, line in lines(folder):
        if found := FIGURE.match(line):
            program, promise, what, value, unit = found.groups()
            if first.setdefault((program, promise), stage) == stage:
                yield Figure(promise, what, float(value), unit)


def belongs(ending: Ending, file: str, name: str) -> bool:
    """Whether it is a case of that test. Names of shell tests may begin or end with a variable."""
    if file == "tests/run.sh":
        return ending.stage == name
    fixed = re.sub(r"\$\w+", "", name)
    in_shell = file.endswith(".sh")
    same = fixed in ending.name if in_shell else ending.name == name
    return ending.file == file and (same or ending.name == "*")


def outcome(cases: list[Ending]) -> str:
    """How the cases of one test ended, and in which stages."""
    failed = sorted({case.stage for case in cases if case.how in ("FAIL", "ERROR")})
    passed = Counter(case.stage for case in cases if case.how == "PASS")
    if failed:
        return f"**failed** in {', '.join(failed)}"
    if passed:
        return f"{max(passed.values())} passed in {', '.join(passed)}"
    reasons = sorted({case.reason for case in cases})
    return f"skipped: {'; '.join(reasons)}" if cases else "not run"


def short(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.3g}"


def measured(folder: Path) -> dict[str, list[str]]:
    """The figures of each promise; those of one kind as a range."""
    kinds: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for figure in figures(folder):
        kinds[figure.promise, figure.what, figure.unit].append(figure.value)
    found = defaultdict(list)
    for (promise, what, unit), values in kinds.items():
        least, most = short(min(values)), short(max(values))
        span = least if least == most else f"{least} to {most}"
        found[promise].append(f"{what}: {span} {unit}".strip())
    return found


def told(promise: Promise, short_run: list[Ending], long_run: list[Ending]) -> Iterator[str]:
    """How each test of a promise ended, in the long run too where it was in it."""
    for file, name in promise.tests:
        cases = [ending for ending in short_run if belongs(ending, file, name)]
        more = [ending for ending in long_run if belongs(ending, file, name)]
        text = f"`{file}: {name}`: {outcome(cases)}"
        yield f"{text}; long form: {outcome(more)}" if more else text
    yield from promise.missing


def rows(listed: list[Promise], folders: list[Path]) -> Iterator[list[str]]:
    """The cells of each promise: itself, its tests, its figures in each folder."""
    ended = [list(endings(folder)) for folder in folders] + [[]]
    seen = [measured(folder) for folder in folders]
    for promise in listed:
        tests = told(promise, ended[0], ended[1])
        numbers = ("<br>".join(found[promise.name]) for found in seen)
        yield [f"{promise.name}. {promise.text}", "<br>".join(tests), *numbers]


def main(folders: list[Path]) -> None:
    listed = list(promises((Path(__file__).parent / "promises.txt").read_text()))
    heads = ["Promise", "Tests", "Figures", "Figures of the long form"][: 2 + len(folders)]
    print("# What ketch promises, the tests that show it, and what they measured\n")
    print(
        "Written by `tests/promises.py` from the logs of `tests/run.sh` and `tests/promises.txt`.\n"
    )
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for cells in rows(listed, folders):
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
