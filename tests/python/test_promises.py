"""The table of promises that tests/promises.py makes of the logs of a run."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "promises.py"
LOGS = {
    "release": """\
# tests/c/test_program: figure P25: drift of the norm, at most 1e-11 = 2e-15
PASS: tests/c/test_program 7 - /x/reference.c:one thread:deep_and_back: scalar: Passed
# tests/c/test_program: figure P25: drift of the norm, at most 1e-11 = 4e-15
PASS: tests/c/test_program 8 - /x/reference.c:one thread:deep_and_back: avx2: Passed
SKIP: tests/c/test_program 9 - /x/a.c:one thread:deep_and_back # SKIP no neon here: Passed
SKIP: tests/c/test_faults - needs a build with --enable-debug
FAIL: tests/c/test_quiet 1 - /x/test_quiet.c:all:nothing_is_printed: Assertion failed
""",
    "house": """\
PASS: tests/sh/symbols.sh 6 - no writable data
# tests/sh/symbols.sh: figure P31: entries of writable data = 0
PASS: tests/sh/laws.sh 9 - gcc: the header as C11
PASS: tests/sh/laws.sh 10 - clang: the header as C11
""",
    "python": """\
figure P18: import, at most 50 ms = 31.4 ms
PASSED tests/python/test_process.py::test_import_is_quick
SKIPPED tests/python/test_process.py::test_import_leaves_a_missing_lock_missing - Skipped: locked
""",
    "tsan": "# tests/c/test_program: figure P25: drift of the norm, at most 1e-11 = 9 \n",
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The table of these logs, and of a long run of one stage."""
    folder = tmp_path_factory.mktemp("logs")
    for stage, text in LOGS.items():
        (folder / f"{stage}.log").write_text(text)
    long = tmp_path_factory.mktemp("long")
    (long / "house.log").write_text(LOGS["house"])
    command = [sys.executable, SCRIPT, folder, long]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    "cell",
    [
        "`tests/c/test_program.c: deep_and_back`: 2 passed in release | drift",
        "| drift of the norm, at most 1e-11: 2e-15 to 4e-15 |  |",
        "every_allocation_fails_once`: skipped: needs a build with --enable-debug<br>",
        "nothing_is_printed`: **failed** in release<br>",
        "no writable data`: 1 passed in house; long form: 1 passed in house | entries",
        "| entries of writable data: 0 | entries of writable data: 0 |",
        "the header as C11`: 2 passed in house; long form: 2 passed in house<br>",
        "test_import_is_quick`: 1 passed in python<br>",
        "| import, at most 50 ms: 31.4 ms |",
        "missing_lock_missing`: skipped: locked |",
        "matrix_is_the_textbooks`: not run<br>",
    ],
)
def test_the_table_tells_how_tests_ended_and_what_they_measured(cell: str, table: str) -> None:
    assert cell in table
