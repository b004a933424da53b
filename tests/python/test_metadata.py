"""What an installer knows of the package, and for which Pythons its C code is."""

import subprocess
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest

PACKAGE = distribution("ketch")
ROOT = Path(__file__).parents[2]


def test_the_wheel_is_for_python_3_10_and_later() -> None:
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        pytest.skip("a Python without the global lock gets a wheel of its own")
    assert "\nTag: cp310-abi3-" in (PACKAGE.read_text("WHEEL") or "")
    assert PACKAGE.metadata["Requires-Python"] == ">=3.10"


def test_licence_and_versions_are_told() -> None:
    assert PACKAGE.metadata["License-Expression"] == "MIT"
    classifiers = PACKAGE.metadata.get_all("Classifier") or []
    for version in ("3.10", "3.11", "3.12", "3.13"):
        assert f"Programming Language :: Python :: {version}" in classifiers
    assert "Typing :: Typed" in classifiers
    assert PACKAGE.metadata["Keywords"]


def test_the_extra_all_is_the_others_together() -> None:
    extras = set(PACKAGE.metadata.get_all("Provides-Extra") or [])
    assert extras == {"all", "cma", "plot", "progress"}
    (whole,) = [need for need in PACKAGE.requires or [] if 'extra == "all"' in need]
    named = whole.split("[")[1].split("]")[0]
    assert {"all", *named.split(",")} == extras


# A Python without the global lock refuses the stable interface.
@pytest.mark.parametrize("interface", ["-DPy_LIMITED_API=0x030A0000", "-UPy_LIMITED_API"])
@pytest.mark.parametrize("file", ["owner.c", "recorder.c"])
def test_the_c_code_is_for_the_stable_interface_and_for_none(file: str, interface: str) -> None:
    python = f"-I{sysconfig.get_paths()['include']}"
    command = ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", interface]
    command += [python, f"-I{ROOT / 'engine'}", str(ROOT / "ffi" / file)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
