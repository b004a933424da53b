"""What pyproject.toml cannot say: the version is in configure.ac, the C code in CFFI's module."""

import re
from pathlib import Path

from setuptools import setup

configure = (Path(__file__).parent / "configure.ac").read_text()
version = re.search(r"^AC_INIT\(\[ketch\], \[([^]]+)\]", configure, re.MULTILINE)
assert version, "configure.ac has no AC_INIT line"

setup(version=version[1], cffi_modules=["ffi/build_ketch.py:ffibuilder"])
