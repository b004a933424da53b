"""What pyproject.toml cannot say: the version is in configure.ac, the C code in CFFI's module, its
sources are compiled side by side, and the wheel is for all Pythons whose interface it uses."""

import os
import re
import sysconfig
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_ext import build_ext

configure = (Path(__file__).parent / "configure.ac").read_text()
version = re.search(r"^AC_INIT\(\[ketch\], \[([^]]+)\]", configure, re.MULTILINE)
assert version, "configure.ac has no AC_INIT line"


class BuildSideBySide(build_ext):
    """Compiles a source on each core: setuptools compiles one after the other."""

    def build_extensions(self) -> None:
        compile_some = self.compiler.compile

        def compile_all(sources: list[str], **keywords: Any) -> list[str]:
            with ThreadPool(len(os.sched_getaffinity(0))) as pool:
                made = pool.map(lambda one: compile_some([one], **keywords), sources, chunksize=1)
            return [path for paths in made for path in paths]

        self.compiler.compile = compile_all
        super().build_extensions()


# As in ffi/build_ketch.py: a Python without the global lock gets a wheel of its own.
stable = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    version=version[1],
    cffi_modules=["ffi/build_ketch.py:ffibuilder"],
    cmdclass={"build_ext": BuildSideBySide},
    options={"bdist_wheel": {"py_limited_api": "cp310"}} if stable else {},
)
