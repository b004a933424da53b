"""The cookbook: each block of Python runs by itself, prints the text below it, and passes mypy."""

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "examples" / "cookbook.md").read_text()
MIGRATION = (ROOT / "examples" / "from_gliagl.md").read_text()
TASK = re.compile(r"^## ([^\n]*)\n(.*?)(?=^##? |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Task(NamedTuple):
    """A task of the page: its program, and what that prints."""

    name: str
    language: str
    program: str
    printed: str


def _tasks(text: str) -> list[Task]:
    tasks = []
    for name, body in TASK.findall(text):
        (language, program), (kind, printed) = BLOCK.findall(body)
        assert kind == "text", name
        tasks.append(Task(name, language, program, printed))
    return tasks


TASKS = _tasks(TEXT)
IN_PYTHON = [task for task in [*TASKS, *_tasks(MIGRATION)] if task.language == "python"]


def test_there_are_ten_tasks_in_python_and_five_in_c() -> None:
    assert [task.language for task in TASKS] == ["python"] * 10 + ["c"] * 5


def test_the_table_links_to_each_task() -> None:
    links = re.findall(r"\[([^\]]+)\]\(#([^)]+)\)", TEXT)
    assert sorted(name for name, _ in links) == sorted(task.name for task in TASKS)
    for name, anchor in links:
        assert anchor == re.sub(r"[^\w -]", "", name).lower().replace(" ", "-")


@pytest.mark.parametrize("task", IN_PYTHON, ids=lambda task: task.name)
def test_a_task_prints_what_the_page_says(task: Task, tmp_path: Path) -> None:
    if "scipy" in task.program:
        pytest.importorskip("scipy", reason="SciPy is not installed")
    command = [sys.executable, "-c", task.program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert _lines(done.stdout) == _lines(task.printed)


def _lines(text: str) -> list[str]:
    """The lines of a text, without blanks at their ends and empty ones at the end."""
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_the_tasks_pass_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy", reason="mypy, which checks types, is not installed")
    for number, task in enumerate(IN_PYTHON):
        (tmp_path / f"task_{number}.py").write_text(task.program)
    # SciPy has no types of its own.
    command = [sys.executable, "-m", "mypy", "--strict", "--disable-error-code=import-untyped"]
    files = [str(path) for path in sorted(tmp_path.glob("*.py"))]
    said = subprocess.run([*command, *files], cwd=ROOT, capture_output=True, text=True).stdout
    count = len(IN_PYTHON)
    assert said.startswith(f"Success: no issues found in {count} source files"), said
