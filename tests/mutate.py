#!/usr/bin/env python3
"""Changes the validators one place at a time, and says which changes no test notices.

Use: tests/mutate.py [FILE...]    (by default all validators; works in build/mutate, on copies)
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "engine/run_options.c",
    "engine/ket/circuit/add.c",
    "engine/ket/circuit/add_many.c",
    "engine/ket/circuit/checks.c",
    "engine/ket/circuit/checks.h",
    "engine/ket/state/checks.c",
)
# The quick ones first: they see most changes.
TESTS = ("test_circuit", "test_launch", "test_state", "test_errors", "test_limits", "test_observe")
FLAGS = ["-std=c11", "-O1", "-w", "-fPIC", "-pthread", "-D_GNU_SOURCE", "-DKETCH_DEBUG"]
LIBRARIES = ["-lcheck", "-lsubunit", "-lrt", "-lm"]
SECONDS = 60

# What stands for what: patterns and their replacements.
CHANGES = [
    (r" < ", " <= "),
    (r" < ", " >= "),
    (r" <= ", " < "),
    (r" > ", " >= "),
    (r" > ", " <= "),
    (r" >= ", " > "),
    (r" == ", " != "),
    (r" != ", " == "),
    (r" && ", " || "),
    (r" \|\| ", " && "),
    (r" \+ 1\b", " + 2"),
    (r" - 1\b", " - 0"),
    (r"\bKT_TRY\(", "(void)("),
    (r"\bif \(", "if (0 && "),
    (r"(?<= )0(?=[;,)])", "1"),
    (r"(?<= )1(?=[;,)])", "2"),
]


class Mutation(NamedTuple):
    file: str
    line: int
    text: str
    whole: str


def listed(name: str) -> list[str]:
    """The files of a list in Makefile.am."""
    found = re.search(rf"^{name} = (.*?)\n\n", (ROOT / "Makefile.am").read_text(), re.S | re.M)
    assert found, name
    return re.findall(r"\S+\.[ch]\b", found[1])


def mutations(file: str) -> Iterator[Mutation]:
    """Every change of the file's code; comments, asserts and includes stay as they are."""
    source = (ROOT / file).read_text()
    skipped = [
        m.span() for m in re.finditer(r"/\*.*?\*/|\bassert\(.*?;|^#.*?$", source, re.S | re.M)
    ]
    for pattern, replacement in CHANGES:
        for found in re.finditer(pattern, source):
            begin, end = found.span()
            if any(low <= begin < high for low, high in skipped):
                continue
            whole = source[:begin] + replacement + source[end:]
            line = source.count("\n", 0, begin) + 1
            yield Mutation(file, line, whole.splitlines()[line - 1].strip(), whole)


class Bench:
    """A copy of the sources, the objects of the unchanged ones, and tests with the library."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        for part in ("arena", "engine", "examples", "tests/c"):
            shutil.copytree(ROOT / part, folder / part)
        self.core = listed("core_sources")
        shared = [file for file in listed("tests_c_libreference_a_SOURCES") if file.endswith(".c")]
        tests = [f"tests/c/{name}.c" for name in TESTS]
        if not (self.compile([*self.core, *shared, *tests]) and self.link()):
            sys.exit("the library does not build")
        for name in TESTS:
            objects = [f"{file}.o" for file in (f"tests/c/{name}.c", *shared)]
            self.gcc(["-o", name, *objects, "./libcore.so", *LIBRARIES])

    def gcc(self, arguments: list[str]) -> bool:
        command = ["gcc", *FLAGS, *arguments]
        return subprocess.run(command, cwd=self.folder, stderr=subprocess.DEVNULL).returncode == 0

    def compile(self, files: list[str]) -> bool:
        """Makes the objects of files, beside them."""
        places = ["-Iarena", "-Iengine", "-Itests/c", '-DBUILD_CFLAGS=""']
        return all(self.gcc([*places, "-c", file, "-o", f"{file}.o"]) for file in files)

    def link(self) -> bool:
        objects = [f"{file}.o" for file in self.core]
        return self.gcc(["-shared", "-o", "libcore.so", *objects, "-lm"])

    def users(self, file: str) -> list[str]:
        """What has to be compiled when a file changes."""
        included = f'"{file.removeprefix("engine/")}"'
        users = [file] if file in self.core else self.core
        return [each for each in users if each == file or self.includes(each, included)]

    def includes(self, file: str, included: str) -> bool:
        return included in (self.folder / file).read_text()

    def passes(self, name: str) -> bool:
        environment = {"abs_srcdir": str(ROOT), "abs_builddir": str(self.folder), "CK_FORK": "no"}
        command = ["timeout", str(SECONDS), f"./{name}"]
        quiet = subprocess.DEVNULL
        done = subprocess.run(command, cwd=self.folder, env=environment, stdout=quiet, stderr=quiet)
        return done.returncode == 0

    def survives(self, mutation: Mutation) -> bool | None:
        """Whether no test notices the change; None for what does not compile."""
        path = self.folder / mutation.file
        unchanged = path.read_text()
        path.write_text(mutation.whole)
        users = self.users(mutation.file)
        try:
            if self.compile(users) and self.link():
                return all(map(self.passes, TESTS))
            return None
        finally:
            path.write_text(unchanged)
            self.compile(users)


def main(files: list[str]) -> bool:
    bench = Bench(ROOT / "build/mutate")
    if not all(map(bench.passes, TESTS)):
        sys.exit("the tests fail without a change")
    made = [mutation for file in files for mutation in mutations(file)]
    answers = []
    for mutation in made:
        answers.append(bench.survives(mutation))
        if answers[-1]:
            print(f"    survived: {mutation.file}:{mutation.line}: {mutation.text}", flush=True)
    killed, survived = answers.count(False), answers.count(True)
    percent = 100 * killed / max(killed + survived, 1)
    text = "changes of validators that tests notice, at least 95 %"
    print(f"# tests/mutate.py: figure P37: {text} = {percent:.4g} %")
    print(f"{'PASS' if percent >= 95 else 'FAIL'}: tests/mutate.py - {text}: {killed} noticed")
    return percent >= 95


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("files", nargs="*", default=FILES)
    sys.exit(not main(parser.parse_args().files))
