"""What the Python tests share."""

import gc
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import ketch


@pytest.fixture
def engine() -> Iterator[ketch.Engine]:
    """An engine on two threads, closed at the end."""
    with ketch.Engine(threads=2) as engine:
        yield engine
        gc.collect()


@pytest.fixture(scope="module")
def kernel_engine(request: pytest.FixtureRequest) -> ketch.Engine:
    """An engine on the kernel set that a test names; skips sets that this machine does not run."""
    try:
        return ketch.Engine(kernels=request.param, threads=2)
    except ketch.RangeError as error:
        assert request.param not in ("auto", "scalar")
        pytest.skip(str(error))


@pytest.fixture
def script() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program of its own and returns how it ended; a hang is a failure."""

    def run(text: str, *, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            # From 3.12 on Python warns of forks where there are threads: the tests mean them.
            [sys.executable, "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(text)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=os.environ.copy(),
        )

    return run


@pytest.fixture
def pyplot() -> Iterator[Any]:
    """matplotlib's pyplot, without a screen."""
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib, which plots, is missing")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    yield pyplot
    pyplot.close("all")


def figure(promise: str, what: str, value: float, unit: str = "") -> None:
    """A figure of a promise, for the table of tests/promises.py."""
    number = f"{value:.0f}" if value == int(value) else f"{value:.3g}"
    print(f"figure {promise}: {what} = {number} {unit}")


def trials(quick: int, long: int) -> int:
    """How often to try: KETCH_LONG=1 asks for the long form, KETCH_QUICK=1 for a third."""
    if os.environ.get("KETCH_QUICK"):
        return max(2, quick // 3)
    return long if os.environ.get("KETCH_LONG") else quick
